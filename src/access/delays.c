/* SPDX-License-Identifier: Apache-2.0 */
/* Guessing passwords gets slower and slower: failures are counted per account name, known or not, and per address. A refused
 * attempt during a delay counts for nothing, so nobody can keep a person out for longer than the delay. On the store's
 * worker. ASVS 5.0 6.1.1. */

#include "src/access/delays.h"

#include <gio/gio.h>

#include "src/base/ids.h"
#include "src/base/time.h"
#include "src/store/store.h"

#define LONGEST_US (15 * HJ_MINUTE_US)
#define FORGOTTEN_AFTER_US HJ_DAY_US

static const char FIND[]
    = "SELECT failures, last_at_us FROM login_failure WHERE subject = :subject AND last_at_us > "
      ":since";
static const char COUNT[]
    = "INSERT INTO login_failure (subject, failures, last_at_us) VALUES (:subject, 1, :at)"
      " ON CONFLICT (subject) DO UPDATE SET failures = CASE WHEN login_failure.last_at_us > :since"
      " THEN login_failure.failures + 1 ELSE 1 END, last_at_us = excluded.last_at_us";
static const char CLEAR[] = "DELETE FROM login_failure WHERE subject = :subject";

/* Returns: (transfer full): names and addresses are stored as hashes only. */
static char *
account_subject (const char *account)
{
  g_autofree char *text = g_strconcat ("account:", account, NULL);

  return hj_sha256_hex (text);
}

/* One household or company has a whole /64 of IPv6. Returns: (transfer full). */
static char *
address_subject (const char *address)
{
  g_autoptr (GInetAddress) parsed = g_inet_address_new_from_string (address);
  g_autofree char *text = NULL;

  if (parsed != NULL && g_inet_address_get_family (parsed) == G_SOCKET_FAMILY_IPV6)
    {
      g_autofree char *prefix = g_base64_encode (g_inet_address_to_bytes (parsed), 8);

      text = g_strconcat ("address:", prefix, NULL);
    }
  else
    text = g_strconcat ("address:", address, NULL);
  return hj_sha256_hex (text);
}

static gint64
span_after (gint64 failures, gint64 free_failures)
{
  gint64 steps = failures - free_failures;

  if (steps < 0)
    return 0;
  return steps > 10 ? LONGEST_US : MIN (HJ_SECOND_US << steps, LONGEST_US);
}

static gboolean
get_wait (HjStore *store, const char *subject, gint64 free_failures, gint64 now_us, gint64 *ret,
    GError **error)
{
  g_autoptr (HjRows) rows = hj_store_query (store, FIND,
      HJ_BINDS (HJ_TEXT (":subject", subject), HJ_INT (":since", now_us - FORGOTTEN_AFTER_US)),
      error);
  g_autoptr (GError) failure = NULL;

  *ret = 0;
  if (rows == NULL)
    return FALSE;
  if (hj_rows_next (rows, &failure))
    *ret = MAX (
        0, hj_rows_int (rows, 1) + span_after (hj_rows_int (rows, 0), free_failures) - now_us);
  if (failure == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

/* How long the next attempt has to wait, 0 for not at all. account: the name as given. */
gboolean
hj_delay_get (HjStore *store, const char *account, const char *address, gint64 now_us,
    gint64 *ret_wait_us, GError **error)
{
  g_autofree char *by_account = account_subject (account);
  g_autofree char *by_address = address_subject (address);
  gint64 account_us = 0;
  gint64 address_us = 0;

  if (!get_wait (store, by_account, HJ_DELAY_FREE_PER_ACCOUNT, now_us, &account_us, error)
      || !get_wait (store, by_address, HJ_DELAY_FREE_PER_ADDRESS, now_us, &address_us, error))
    return FALSE;
  *ret_wait_us = MAX (account_us, address_us);
  return TRUE;
}

static gboolean
count (HjStore *store, const char *subject, gint64 now_us, GError **error)
{
  return hj_store_run (store, COUNT,
      HJ_BINDS (HJ_TEXT (":subject", subject), HJ_INT (":at", now_us),
          HJ_INT (":since", now_us - FORGOTTEN_AFTER_US)),
      error);
}

gboolean
hj_delay_add_failure (
    HjStore *store, const char *account, const char *address, gint64 now_us, GError **error)
{
  g_autofree char *by_account = account_subject (account);
  g_autofree char *by_address = address_subject (address);

  return count (store, by_account, now_us, error) && count (store, by_address, now_us, error);
}

/* After a success. The address keeps its count: one known password must not pay for guessing others. */
gboolean
hj_delay_clear_account (HjStore *store, const char *account, GError **error)
{
  g_autofree char *subject = account_subject (account);

  return hj_store_run (store, CLEAR, HJ_BINDS (HJ_TEXT (":subject", subject)), error);
}
