/* SPDX-License-Identifier: Apache-2.0 */
/* A booking: its states, what a meeting and a kiosk need to know of it, and its end. hj_booking_move() is the only writer of
 * booking.state. On the store's worker, inside the caller's transaction. The states: docs/states.md. */

#include "scheduler/booking.h"

#include "src/base/json.h"
#include "src/base/time.h"
#include "src/store/store.h"

#define TO(state) (1u << HJ_BOOKING_##state)
/* clang-format off */
static const struct { const char *word; guint may_become; } STATES[HJ_BOOKING_N_STATES] = {
  [HJ_BOOKING_ASKED]      = { "ASKED",      TO (REVIEW) | TO (CONFIRMED) | TO (CANCELLED) },
  [HJ_BOOKING_REVIEW]     = { "REVIEW",     TO (CONFIRMED) | TO (NOT_HELD) | TO (CANCELLED) },
  [HJ_BOOKING_CONFIRMED]  = { "CONFIRMED",  TO (CHECKED_IN) | TO (NOT_HELD) | TO (CANCELLED) },
  [HJ_BOOKING_CHECKED_IN] = { "CHECKED_IN", TO (HELD) | TO (NOT_HELD) | TO (CANCELLED) },
  [HJ_BOOKING_HELD]       = { "HELD",       0 },
  [HJ_BOOKING_NOT_HELD]   = { "NOT_HELD",   0 },
  [HJ_BOOKING_CANCELLED]  = { "CANCELLED",  0 },
};
/* clang-format on */

static const char LOAD[]
    = "SELECT b.id, b.authority, b.lawyer, l.name, f.name, b.detainee, p.name, d.code, b.centre,"
      " b.room, k.id, b.starts_at_us, b.ends_at_us, b.state, b.asked_at_us, b.checked_in_at_us"
      " FROM booking b JOIN lawyer l ON l.id = b.lawyer JOIN firm f ON f.id = l.firm"
      " JOIN detainee d ON d.id = b.detainee JOIN person p ON p.id = d.person"
      " LEFT JOIN kiosk k ON k.room = b.room AND k.state = 'approved' WHERE b.id = :id";

static const char NEXT_FOR_KIOSK[]
    = "SELECT b.id AS \"booking\", b.state AS \"state\", l.name AS \"lawyer.name\","
      " f.name AS \"lawyer.firm\", p.name AS \"detainee.name\","
      " b.starts_at_us AS \"starts_at_us\", b.ends_at_us AS \"ends_at_us\","
      " b.state = 'CHECKED_IN' AS \"checked_in?\""
      " FROM kiosk k JOIN booking b ON b.room = k.room"
      " JOIN lawyer l ON l.id = b.lawyer JOIN firm f ON f.id = l.firm"
      " JOIN detainee d ON d.id = b.detainee JOIN person p ON p.id = d.person"
      " WHERE k.id = :kiosk AND k.state = 'approved' AND b.state IN ('CONFIRMED', 'CHECKED_IN')"
      " AND b.starts_at_us > :since AND b.starts_at_us <= :until AND b.ends_at_us > :now"
      " ORDER BY b.starts_at_us LIMIT 1";

static const char GET_STATE[] = "SELECT state FROM booking WHERE id = :id";
static const char SET_STATE[] = "UPDATE booking SET state = :state WHERE id = :id";
static const char FREE_SLOT[] = "DELETE FROM booking_slot WHERE booking = :id";

/* Returns: (transfer none): the word in the store and on the wire. */
const char *
hj_booking_state_word (HjBookingState state)
{
  g_return_val_if_fail (state < HJ_BOOKING_N_STATES, "");
  return STATES[state].word;
}

/* HJ_BOOKING_N_STATES for an unknown word. */
HjBookingState
hj_booking_state_from_word (const char *word)
{
  int state = 0;

  while (state < HJ_BOOKING_N_STATES && g_strcmp0 (STATES[state].word, word) != 0)
    state++;
  return (HjBookingState)state;
}

gboolean
hj_booking_may_become (HjBookingState from, HjBookingState to)
{
  g_return_val_if_fail (from < HJ_BOOKING_N_STATES && to < HJ_BOOKING_N_STATES, FALSE);
  return (STATES[from].may_become >> to & 1) != 0;
}

void
hj_booking_free (HjBooking *self)
{
  if (self == NULL)
    return;
  g_free (self->id);
  g_free (self->authority);
  g_free (self->lawyer);
  g_free (self->lawyer_name);
  g_free (self->firm);
  g_free (self->detainee);
  g_free (self->detainee_name);
  g_free (self->detainee_code);
  g_free (self->centre);
  g_free (self->room);
  g_free (self->kiosk);
  g_free (self->state);
  g_free (self);
}

static gint64
time_or_none (HjRows *rows, int column)
{
  return hj_rows_is_null (rows, column) ? -1 : hj_rows_int (rows, column);
}

static HjBooking *
booking_from_rows (HjRows *rows)
{
  HjBooking *self = g_new0 (HjBooking, 1);
  char **const texts[] = { &self->id, &self->authority, &self->lawyer, &self->lawyer_name,
    &self->firm, &self->detainee, &self->detainee_name, &self->detainee_code, &self->centre,
    &self->room, &self->kiosk };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    *texts[i] = g_strdup (hj_rows_text (rows, (int)i));
  self->starts_at_us = time_or_none (rows, 11);
  self->ends_at_us = time_or_none (rows, 12);
  self->state = g_strdup (hj_rows_text (rows, 13));
  self->asked_at_us = hj_rows_int (rows, 14);
  self->checked_in_at_us = time_or_none (rows, 15);
  return self;
}

/* Returns: (transfer full) (nullable): NULL with HJ_REFUSAL_NOT_FOUND when there is none. */
HjBooking *
hj_booking_load (HjStore *store, const char *id, GError **error)
{
  g_autoptr (HjRows) rows = hj_store_query (store, LOAD, HJ_BINDS (HJ_TEXT (":id", id)), error);
  g_autoptr (GError) failure = NULL;

  if (rows == NULL)
    return NULL;
  if (hj_rows_next (rows, &failure))
    return booking_from_rows (rows);
  if (failure != NULL)
    g_propagate_error (error, g_steal_pointer (&failure));
  else
    hj_refuse (error, HJ_REFUSAL_NOT_FOUND, "booking");
  return NULL;
}

/* Whether its time has come: confirmed, and from an hour before its start until its end. */
gboolean
hj_booking_is_open_for_join (const HjBooking *self, gint64 now_us)
{
  HjBookingState state = hj_booking_state_from_word (self->state);

  return (state == HJ_BOOKING_CONFIRMED || state == HJ_BOOKING_CHECKED_IN)
         && now_us >= self->starts_at_us - HJ_BOOKING_JOIN_AHEAD_US && now_us < self->ends_at_us;
}

/* What the kiosk shows: the booking in its room that runs, or begins within the hour.
 * Returns: (transfer full) (nullable): {booking, state, lawyer:{name, firm}, detainee:{name}, starts_at_us, ends_at_us,
 * checked_in}, or JSON null; NULL with error set. */
json_t *
hj_booking_next_for_kiosk (HjStore *store, const char *kiosk, gint64 now_us, GError **error)
{
  g_autoptr (json_t) rows = hj_store_query_json (store, NEXT_FOR_KIOSK,
      HJ_BINDS (HJ_TEXT (":kiosk", kiosk), HJ_INT (":now", now_us),
          HJ_INT (":since", now_us - HJ_DAY_US),
          HJ_INT (":until", now_us + HJ_BOOKING_JOIN_AHEAD_US)),
      error);

  if (rows == NULL)
    return NULL;
  return json_array_size (rows) > 0 ? json_incref (json_array_get (rows, 0)) : json_null ();
}

static gboolean
get_state (HjStore *store, const char *booking, HjBookingState *ret, GError **error)
{
  g_autoptr (HjRows) rows
      = hj_store_query (store, GET_STATE, HJ_BINDS (HJ_TEXT (":id", booking)), error);
  g_autoptr (GError) failure = NULL;

  if (rows == NULL)
    return FALSE;
  if (hj_rows_next (rows, &failure))
    {
      *ret = hj_booking_state_from_word (hj_rows_text (rows, 0));
      return TRUE;
    }
  if (failure != NULL)
    g_propagate_error (error, g_steal_pointer (&failure));
  else
    hj_refuse (error, HJ_REFUSAL_NOT_FOUND, "booking");
  return FALSE;
}

/* Moves a booking to another state; the only writer of booking.state after the INSERT. A booking that has come to its end lets
 * go of its slot. FALSE with HJ_REFUSAL_STATE when the table does not know the move. */
gboolean
hj_booking_move (HjStore *store, const char *booking, HjBookingState to, GError **error)
{
  HjBookingState from = HJ_BOOKING_N_STATES;

  if (!get_state (store, booking, &from, error))
    return FALSE;
  if (!hj_booking_may_become (from, to))
    {
      hj_refuse (
          error, HJ_REFUSAL_STATE, "booking is %s, not %s", STATES[from].word, STATES[to].word);
      return FALSE;
    }
  if (!hj_store_run (store, SET_STATE,
          HJ_BINDS (HJ_TEXT (":state", STATES[to].word), HJ_TEXT (":id", booking)), error))
    return FALSE;
  return STATES[to].may_become != 0
         || hj_store_run (store, FREE_SLOT, HJ_BINDS (HJ_TEXT (":id", booking)), error);
}

/* The meeting is over, or will not be. held: it had begun, and nobody may have listened. The statutory clock is not touched: it
 * is met when a meeting begins, and otherwise goes on. */
gboolean
hj_booking_close (HjStore *store, const char *booking, gboolean held, gint64 at_us, GError **error)
{
  return hj_booking_move (store, booking, held ? HJ_BOOKING_HELD : HJ_BOOKING_NOT_HELD, error);
}
