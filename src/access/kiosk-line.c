/* SPDX-License-Identifier: Apache-2.0 */
/* A kiosk's line to the server: the proof that it holds the enrolled key, and whether it is there. Slots are offered only in
 * rooms whose kiosk is. On the store's worker, but for the _async calls. docs/protocol.md section 1. */

#include "src/access/kiosks.h"

#include <string.h>

#include "src/access/device-key.h"
#include "src/audit/log.h"
#include "src/base/time.h"

static const char FIND[]
    = "SELECT k.name, k.room, r.centre, k.public_key, k.state = 'approved' FROM kiosk k"
      " JOIN room r ON r.id = k.room WHERE k.id = :kiosk AND k.state IN ('enrolled', 'approved')";
static const char SET_ONLINE[]
    = "UPDATE kiosk SET online = :online, seen_at_us = :now WHERE id = :kiosk AND state = "
      "'approved'";
static const char ALL_OFFLINE[] = "UPDATE kiosk SET online = 0 WHERE online = 1";

static HjCaller *
caller_from_row (HjRows *row, const char *kiosk)
{
  HjCaller *self = g_new0 (HjCaller, 1);
  const char *const centres[] = { hj_rows_text (row, 2), NULL };

  self->actor = hj_actor_new (kiosk, HJ_ROLE_KIOSK, NULL, centres, FALSE);
  self->name = g_strdup (hj_rows_text (row, 0));
  self->room = g_strdup (hj_rows_text (row, 1));
  self->centre = g_strdup (hj_rows_text (row, 2));
  return self;
}

/* Returns: (transfer full) (nullable): unknown, retired and not the key's own signature are the same refusal. Only who holds
 * the key hears that nobody has compared it yet. */
static HjCaller *
check (HjStore *store, const char *kiosk, GBytes *message, const char *signature,
    gboolean *ret_forged, GError **error)
{
  g_autoptr (HjRows) rows
      = hj_store_query (store, FIND, HJ_BINDS (HJ_TEXT (":kiosk", kiosk)), error);
  g_autoptr (GError) failure = NULL;
  gconstpointer key;
  gsize size;

  *ret_forged = FALSE;
  if (rows == NULL)
    return NULL;
  if (hj_rows_next (rows, &failure))
    {
      *ret_forged = TRUE;
      key = hj_rows_blob (rows, 3, &size);
      if (hj_device_key_verify (key, size, message, signature))
        {
          *ret_forged = FALSE;
          if (hj_rows_int (rows, 4) != 0)
            return caller_from_row (rows, kiosk);
          hj_refuse (&failure, HJ_REFUSAL_UNAPPROVED, "kiosk");
        }
    }
  if (failure == NULL)
    hj_refuse (error, HJ_REFUSAL_TOKEN, "signature");
  else
    g_propagate_error (error, g_steal_pointer (&failure));
  return NULL;
}

/* Somebody holds a kiosk's id but not its key: an operator should know. */
static void
record_refusal (HjStore *store, const char *kiosk, gint64 now_us)
{
  g_autofree char *object = g_strconcat ("kiosk:", kiosk, NULL);
  g_autoptr (GError) error = NULL;
  HjAuditEntry entry = {
    .at_us = now_us,
    .actor = "nobody",
    .role = hj_role_word (HJ_ROLE_NOBODY),
    .act = "hello",
    .object = object,
    .refusal = hj_refusal_word (HJ_REFUSAL_TOKEN),
  };

  if (!hj_audit_append (store, &entry, &error))
    g_warning ("refusal of hello was not recorded: %s", error->message);
}

/* Who signs this nonce is that kiosk. nonce: HJ_NONCE_BYTES, sent on this very socket and never again. origin: the server's
 * own. Records the hello. Returns: (transfer full) (nullable): NULL with HJ_REFUSAL_TOKEN, or with HJ_REFUSAL_UNAPPROVED while
 * an administrator has not approved its key. */
HjCaller *
hj_kiosk_prove (HjStore *store, const char *kiosk, const guint8 *nonce, const char *signature,
    const char *origin, gint64 now_us, GError **error)
{
  g_autoptr (GBytes) message = hj_device_key_build_hello (nonce, kiosk, origin);
  gboolean forged = FALSE;
  g_autoptr (HjCaller) self = check (store, kiosk, message, signature, &forged, error);

  if (self == NULL && forged)
    record_refusal (store, kiosk, now_us);
  if (self == NULL || !hj_caller_record (store, self->actor, NULL, now_us, error))
    return NULL;
  return g_steal_pointer (&self);
}

/* A kiosk that was retired meanwhile stays as it is. */
gboolean
hj_kiosk_set_online (
    HjStore *store, const char *kiosk, gboolean online, gint64 now_us, GError **error)
{
  return hj_store_run (store, SET_ONLINE,
      HJ_BINDS (
          HJ_INT (":online", online ? 1 : 0), HJ_INT (":now", now_us), HJ_TEXT (":kiosk", kiosk)),
      error);
}

/* At the start: no kiosk has said hello yet. */
gboolean
hj_kiosks_all_offline (HjStore *store, GError **error)
{
  return hj_store_run (store, ALL_OFFLINE, HJ_NO_BINDS, error);
}

typedef struct
{
  char *kiosk;
  guint8 nonce[HJ_NONCE_BYTES];
  char *signature; /* (nullable) */
  char *origin;    /* (nullable) */
  gboolean online;
  gint64 now_us;
} Line;

static void
free_line (gpointer data)
{
  Line *line = data;

  g_free (line->kiosk);
  g_free (line->signature);
  g_free (line->origin);
  g_free (line);
}

static Line *
new_line (HjActs *acts, const char *kiosk)
{
  Line *line = g_new0 (Line, 1);

  line->kiosk = g_strdup (kiosk);
  line->now_us = hj_time_now (hj_acts_get_time (acts));
  return line;
}

static gpointer
on_worker_prove (HjStore *store, gpointer input, GError **error)
{
  Line *line = input;

  return hj_kiosk_prove (
      store, line->kiosk, line->nonce, line->signature, line->origin, line->now_us, error);
}

/* From control; answers there. */
void
hj_kiosk_prove_async (HjActs *acts, const char *kiosk, const guint8 *nonce, const char *signature,
    const char *origin, GAsyncReadyCallback callback, gpointer user_data)
{
  Line *line = new_line (acts, kiosk);

  memcpy (line->nonce, nonce, HJ_NONCE_BYTES);
  line->signature = g_strdup (signature);
  line->origin = g_strdup (origin);
  hj_store_call_async (hj_acts_get_store (acts), on_worker_prove, line, free_line,
      (GDestroyNotify)hj_caller_free, callback, user_data);
}

/* Returns: (transfer full) (nullable). */
HjCaller *
hj_kiosk_prove_finish (GAsyncResult *result, GError **error)
{
  return hj_store_call_finish (result, error);
}

static gpointer
on_worker_set_online (HjStore *store, gpointer input, GError **error)
{
  Line *line = input;

  hj_kiosk_set_online (store, line->kiosk, line->online, line->now_us, error);
  return NULL;
}

static void
online_was_set (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;

  hj_store_call_finish (result, &error);
  if (error != NULL)
    g_warning ("a kiosk's line was not noted: %s", error->message);
}

/* From control; nobody waits for it. */
void
hj_kiosk_set_online_async (HjActs *acts, const char *kiosk, gboolean online)
{
  Line *line = new_line (acts, kiosk);

  line->online = online;
  hj_store_call_async (
      hj_acts_get_store (acts), on_worker_set_online, line, free_line, NULL, online_was_set, NULL);
}
