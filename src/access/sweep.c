/* SPDX-License-Identifier: Apache-2.0 */
/* Takes away what has run out: sessions, tickets, tokens of kiosks, counted failures, kept answers. Nothing relies on it,
 * since whoever reads such a row asks its time; it keeps the tables small. Every few minutes, from control. */

#include "src/access/sweep.h"

#include <string.h>

#include "src/access/sessions.h"
#include "src/base/time.h"

static const char *const SWEEPS[] = {
  "DELETE FROM session WHERE expires_at_us <= :now OR seen_at_us <= :now - :idle",
  "DELETE FROM ticket WHERE expires_at_us <= :now",
  "DELETE FROM login_failure WHERE last_at_us <= :now - :day",
  "DELETE FROM inbox WHERE created_at_us <= :now - :day",
  "UPDATE kiosk SET token_hash = NULL WHERE token_hash IS NOT NULL AND token_expires_at_us <= "
  ":now",
};

static gboolean
sweep_one (HjStore *store, const char *sql, gint64 now_us, GError **error)
{
  HjBind binds[3] = { HJ_INT (":now", now_us), { 0 }, { 0 } };

  if (strstr (sql, ":idle") != NULL)
    binds[1] = HJ_INT (":idle", HJ_SESSION_IDLE_US);
  if (strstr (sql, ":day") != NULL)
    binds[1] = HJ_INT (":day", HJ_DAY_US);
  return hj_store_run (store, sql, binds, error);
}

/* On the store's worker. */
gboolean
hj_sweep (HjStore *store, gint64 now_us, GError **error)
{
  if (!hj_store_begin (store, error))
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (SWEEPS); i++)
    if (!sweep_one (store, SWEEPS[i], now_us, error))
      {
        hj_store_rollback (store);
        return FALSE;
      }
  if (hj_store_commit (store, error))
    return TRUE;
  hj_store_rollback (store);
  return FALSE;
}

static gpointer
on_worker_sweep (HjStore *store, gpointer input, GError **error)
{
  hj_sweep (store, *(gint64 *)input, error);
  return NULL;
}

static void
swept (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;

  hj_store_call_finish (result, &error);
  if (error != NULL)
    g_warning ("expired rows were not taken away: %s", error->message);
}

/* From control; nobody waits for it. */
void
hj_sweep_async (HjActs *acts)
{
  gint64 *now_us = g_new (gint64, 1);

  *now_us = hj_time_now (hj_acts_get_time (acts));
  hj_store_call_async (
      hj_acts_get_store (acts), on_worker_sweep, now_us, g_free, NULL, swept, NULL);
}
