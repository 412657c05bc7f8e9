/* SPDX-License-Identifier: Apache-2.0 */
/* What time itself does: clocks become overdue, bookings whose time has passed were not held. On the store's worker, called
 * every few seconds; one transaction, with an audit entry for each change; doing it twice changes nothing. */

#include "scheduler/sweep.h"

#include "scheduler/booking.h"
#include "scheduler/clock.h"
#include "src/access/actor.h"
#include "src/audit/log.h"
#include "src/base/json.h"
#include "src/store/store.h"

/* A booking with an open meeting is closed by that meeting. At most 500 in one go, so that a join never waits long. */
static const char LIST_PAST[]
    = "SELECT b.id AS \"id\" FROM booking_slot s JOIN booking b ON b.id = s.booking"
      " WHERE b.ends_at_us <= :now AND b.state IN ('REVIEW', 'CONFIRMED', 'CHECKED_IN')"
      " AND NOT EXISTS (SELECT 1 FROM meeting m WHERE m.booking = b.id AND m.state <> 'ended')"
      " ORDER BY b.ends_at_us LIMIT 500";

static const char *
text_of (const json_t *row, const char *key)
{
  return json_string_value (json_object_get (row, key));
}

static gboolean
record (HjStore *store, gint64 now_us, const char *act, const char *kind, const char *id,
    const char *booking, GError **error)
{
  g_autofree char *object = g_strdup_printf ("%s:%s", kind, id);
  const HjAuditEntry entry = { .at_us = now_us,
    .actor = "machine",
    .role = hj_role_word (HJ_ROLE_MACHINE),
    .act = act,
    .object = object,
    .booking = booking };

  return hj_audit_append (store, &entry, error);
}

static gboolean
sweep_clocks (HjStore *store, gint64 now_us, json_t *ret, GError **error)
{
  g_autoptr (json_t) clocks = hj_clock_list_expired (store, now_us, error);
  json_t *clock;
  gsize i;

  if (clocks == NULL)
    return FALSE;
  json_array_foreach (clocks, i, clock)
  {
    const char *id = text_of (clock, "id");
    const char *booking = text_of (clock, "booking");

    if (!hj_clock_expire (store, id, now_us, error)
        || !record (store, now_us, "overdue", "clock", id, booking, error))
      return FALSE;
    json_array_append_new (ret, json_string (booking));
  }
  return TRUE;
}

static gboolean
sweep_bookings (HjStore *store, gint64 now_us, json_t *ret, GError **error)
{
  g_autoptr (json_t) bookings
      = hj_store_query_json (store, LIST_PAST, HJ_BINDS (HJ_INT (":now", now_us)), error);
  json_t *booking;
  gsize i;

  if (bookings == NULL)
    return FALSE;
  json_array_foreach (bookings, i, booking)
  {
    const char *id = text_of (booking, "id");

    if (!hj_booking_close (store, id, FALSE, now_us, error)
        || !record (store, now_us, "not-held", "booking", id, id, error))
      return FALSE;
    json_array_append_new (ret, json_string (id));
  }
  return TRUE;
}

/* Begins and commits its own transaction. Returns: (transfer full) (nullable): {overdue:[booking], not_held:[booking]}, what
 * changed. */
json_t *
hj_scheduler_sweep (HjStore *store, gint64 now_us, GError **error)
{
  g_autoptr (json_t) overdue = json_array ();
  g_autoptr (json_t) not_held = json_array ();

  if (!hj_store_begin (store, error))
    return NULL;
  if (sweep_clocks (store, now_us, overdue, error)
      && sweep_bookings (store, now_us, not_held, error) && hj_store_commit (store, error))
    return json_pack ("{s:O, s:O}", "overdue", overdue, "not_held", not_held);
  hj_store_rollback (store);
  return NULL;
}
