/* SPDX-License-Identifier: Apache-2.0 */
/* The machine admits, the meeting is cut off and restored, a person ends it. On the store's worker. The statutory clock is
 * met here and nowhere else: lawyer and client actually meet (MPS Procedure Rules 2020 art. 53, 会见到); and taken back when
 * somebody may have listened (Criminal Procedure Law art. 39). */

#include "scheduler/booking.h"
#include "scheduler/clock.h"
#include "src/base/json.h"
#include "src/eligibility/check.h"
#include "src/meeting/acts.h"

static const char FIND[]
    = "SELECT id, booking, state, admitted_at_us FROM meeting WHERE id = :meeting";
static const char FIND_BY_BOOKING[]
    = "SELECT id, booking, state, admitted_at_us FROM meeting WHERE booking = :booking";
/* A meeting that is cut off stays so: a third person who is let in does not restore it. */
static const char ADMIT[]
    = "UPDATE meeting SET state = CASE WHEN state = 'waiting' THEN 'live' ELSE state END,"
      " admitted_at_us = COALESCE (admitted_at_us, :at) WHERE id = :meeting";
static const char CUT_OFF[]
    = "UPDATE meeting SET state = 'cut_off', cut_off_at_us = :at WHERE id = :meeting";
static const char RESTORE[] = "UPDATE meeting SET state = 'live', cut_off_at_us = NULL,"
                              " lost_us = lost_us + CASE WHEN :at > cut_off_at_us THEN :at - "
                              "cut_off_at_us ELSE 0 END WHERE id = :meeting";
static const char END[]
    = "UPDATE meeting SET state = 'ended', ended_at_us = :at, end_reason = :reason, ended_by = :by,"
      " lost_us = lost_us + CASE WHEN :at > cut_off_at_us THEN :at - cut_off_at_us ELSE 0 END,"
      " cut_off_at_us = NULL WHERE id = :meeting";
/* A seat that dropped was last there at that time, or when its last packet came. */
static const char LIST_SEATS[]
    = "SELECT s.id AS \"id\", CASE WHEN s.state = 'dropped' THEN (SELECT MAX (e.at_us) FROM"
      " seat_event e WHERE e.seat = s.id AND e.kind IN ('dropped', 'gone') AND e.at_us >= (SELECT"
      " MAX (l.at_us) FROM seat_event l WHERE l.seat = s.id AND l.kind IN ('joined', 'resumed')))"
      " END AS \"last_there_us\" FROM seat s WHERE s.meeting = :meeting AND s.state <> 'left'";

/* For the seat of a lawyer whose booking it is not: the own authority, NULL for who does not take part any more. */
static const char FIND_PARTICIPANT[]
    = "SELECT p.authority, b.centre FROM seat s JOIN account a ON a.id = s.actor"
      " JOIN meeting m ON m.id = s.meeting JOIN booking b ON b.id = m.booking"
      " LEFT JOIN booking_participant p ON p.booking = b.id AND p.lawyer = a.lawyer"
      " WHERE s.id = :seat AND a.lawyer <> b.lawyer";

typedef struct
{
  char *id;
  char *booking;
  char *state;
  gboolean admitted;
  gint64 admitted_at_us; /* 0: not yet */
} Row;

static void
clear_row (Row *row)
{
  g_free (row->id);
  g_free (row->booking);
  g_free (row->state);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Row, clear_row)

/* booking, meeting: one of them may be NULL. */
static gboolean
load_meeting (HjAct *act, const char *booking, const char *meeting, Row *ret, GError **error)
{
  g_autoptr (HjRows) rows = booking != NULL ? hj_store_query (act->store, FIND_BY_BOOKING,
                                HJ_BINDS (HJ_TEXT (":booking", booking)), error)
                                            : hj_store_query (act->store, FIND,
                                                HJ_BINDS (HJ_TEXT (":meeting", meeting)), error);
  g_autoptr (GError) failure = NULL;

  if (rows == NULL)
    return FALSE;
  if (!hj_rows_next (rows, &failure))
    {
      if (failure != NULL)
        g_propagate_error (error, g_steal_pointer (&failure));
      else
        hj_refuse (error, HJ_REFUSAL_NOT_FOUND, "meeting");
      return FALSE;
    }
  ret->id = g_strdup (hj_rows_text (rows, 0));
  ret->booking = g_strdup (hj_rows_text (rows, 1));
  ret->state = g_strdup (hj_rows_text (rows, 2));
  ret->admitted = !hj_rows_is_null (rows, 3);
  ret->admitted_at_us = hj_rows_int (rows, 3);
  hj_act_about_booking (act, ret->booking);
  hj_act_about (act, "meeting", ret->id);
  return TRUE;
}

/* By {booking} of the input, which may come from a path, or else by {meeting}. */
static gboolean
read_meeting (HjAct *act, Row *ret, GError **error)
{
  return load_meeting (act, json_string_value (json_object_get (act->input, "booking")),
      json_string_value (json_object_get (act->input, "meeting")), ret, error);
}

static gboolean
require_not_ended (const Row *row, GError **error)
{
  if (g_strcmp0 (row->state, "ended") != 0)
    return TRUE;
  hj_refuse (error, HJ_REFUSAL_STATE, "ended");
  return FALSE;
}

/* The desk has brought the detainee, nobody has cancelled, and eligibility still holds. */
static gboolean
check_booking (HjAct *act, const char *id, GError **error)
{
  g_autoptr (HjBooking) booking = hj_booking_load (act->store, id, error);

  if (booking == NULL)
    return FALSE;
  if (hj_booking_state_from_word (booking->state) != HJ_BOOKING_CHECKED_IN)
    {
      hj_refuse (error, HJ_REFUSAL_STATE, "booking is %s", booking->state);
      return FALSE;
    }
  return hj_eligibility_require (act, booking->authority, booking->centre, error);
}

/* The booking stands on its lawyer's authority; a participant sits on an own one beside it (docs/adr/0012). A refusal names the
 * seat, so that the others are let in without it. */
static gboolean
check_participant (HjAct *act, const char *seat, GError **error)
{
  g_autoptr (HjRows) rows
      = hj_store_query (act->store, FIND_PARTICIPANT, HJ_BINDS (HJ_TEXT (":seat", seat)), error);
  g_autoptr (GError) failure = NULL;
  g_autofree char *authority = NULL, *centre = NULL;

  if (rows == NULL)
    return FALSE;
  if (!hj_rows_next (rows, &failure))
    {
      if (failure == NULL)
        return TRUE;
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  authority = g_strdup (hj_rows_text (rows, 0));
  centre = g_strdup (hj_rows_text (rows, 1));
  g_clear_pointer (&rows, hj_rows_free);
  if (authority != NULL && hj_eligibility_require (act, authority, centre, error))
    return TRUE;
  if (authority == NULL)
    hj_refuse (error, HJ_REFUSAL_NOT_ELIGIBLE, "takes no part any more");
  hj_act_explain (act, "seat", json_string (seat));
  return FALSE;
}

/* A seat that left while this act was on its way is not brought back, and one whose device changed has no keys. */
static gboolean
admit_seat (HjAct *act, const char *meeting, const char *seat, GError **error)
{
  g_autoptr (HjSeatRow) row = hj_seat_row_load (act->store, seat, error);

  if (row == NULL)
    return FALSE;
  if (g_strcmp0 (row->meeting, meeting) != 0)
    hj_refuse (error, HJ_REFUSAL_NOT_FOUND, "seat");
  else if (g_strcmp0 (row->state, "left") == 0)
    hj_refuse (error, HJ_REFUSAL_STATE, "left");
  else if (row->epoch == 0)
    hj_refuse (error, HJ_REFUSAL_STATE, "not secured");
  else
    return check_participant (act, seat, error)
           && hj_seat_row_move (act->store, seat, "admitted", "admitted", act->now_us, error);
  return FALSE;
}

static gboolean
admit_seats (HjAct *act, const char *meeting, const json_t *seats, GError **error)
{
  size_t index;
  json_t *seat;

  json_array_foreach (seats, index, seat)
  {
    if (!admit_seat (act, meeting, json_string_value (seat), error))
      return FALSE;
  }
  return TRUE;
}

/* Input {meeting, seats:[…]}. Answers {meeting, booking, at_us, first}. */
static json_t *
admit (HjAct *act, GError **error)
{
  g_auto (Row) row = { 0 };
  json_t *seats = NULL;

  if (!read_meeting (act, &row, error)
      || !hj_json_read_array (act->input, "seats", HJ_MEETING_SEATS, &seats, error)
      || !require_not_ended (&row, error) || !check_booking (act, row.booking, error))
    return NULL;
  if (!row.admitted && !hj_clock_meet (act->store, row.booking, act->now_us, error))
    return NULL;
  if (!hj_store_run (act->store, ADMIT,
          HJ_BINDS (HJ_INT (":at", act->now_us), HJ_TEXT (":meeting", row.id)), error)
      || !admit_seats (act, row.id, seats, error))
    return NULL;
  hj_act_note (act, "seats", json_incref (seats));
  return json_pack ("{s:s, s:s, s:I, s:b}", "meeting", row.id, "booking", row.booking, "at_us",
      (json_int_t)act->now_us, "first", !row.admitted);
}

/* Input {meeting, at_us?}: at_us is when it happened, now by default; never before the admission. The machine may hear of it
 * while the meeting ends: that is nobody's mistake, so it is no refusal that would stand in the record. */
static json_t *
set_state (HjAct *act, const char *from, const char *sql, GError **error)
{
  g_auto (Row) row = { 0 };
  gint64 at_us = act->now_us;

  if (!read_meeting (act, &row, error)
      || !hj_json_read_optional_int (act->input, "at_us", 0, act->now_us, &at_us, error))
    return NULL;
  if (g_strcmp0 (row.state, "ended") == 0)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CLOSED, "the meeting is over");
      return NULL;
    }
  if (g_strcmp0 (row.state, from) != 0)
    {
      hj_refuse (error, HJ_REFUSAL_STATE, "%s", row.state);
      return NULL;
    }
  if (!hj_store_run (act->store, sql,
          HJ_BINDS (HJ_INT (":at", MAX (at_us, row.admitted_at_us)), HJ_TEXT (":meeting", row.id)),
          error))
    return NULL;
  hj_act_note (act, "at_us", json_integer (at_us));
  return json_pack ("{s:s}", "meeting", row.id);
}

static json_t *
cut_off (HjAct *act, GError **error)
{
  return set_state (act, "live", CUT_OFF, error);
}

static json_t *
restore (HjAct *act, GError **error)
{
  return set_state (act, "cut_off", RESTORE, error);
}

static gboolean
check_who_ends (HjAct *act, const Row *row, GError **error)
{
  g_autoptr (HjBooking) booking = hj_booking_load (act->store, row->booking, error);
  HjRole role = hj_actor_get_role (act->actor);
  HjSubject subject = { 0 };

  if (booking == NULL)
    return FALSE;
  subject = (HjSubject){ .lawyer = booking->lawyer, .centre = booking->centre };
  if (!hj_access_check (act->actor, "end", &subject, error))
    return FALSE;
  if (role == HJ_ROLE_KIOSK && g_strcmp0 (booking->kiosk, hj_actor_get_id (act->actor)) != 0)
    {
      hj_refuse (error, HJ_REFUSAL_NOT_FOUND, "another kiosk's meeting");
      return FALSE;
    }
  if ((role == HJ_ROLE_LAWYER || role == HJ_ROLE_KIOSK) && !row->admitted)
    {
      hj_refuse (error, HJ_REFUSAL_STATE, "not begun: leave instead");
      return FALSE;
    }
  return TRUE;
}

static gboolean
empty_seats (HjAct *act, const char *meeting, GError **error)
{
  g_autoptr (json_t) seats = hj_store_query_json (
      act->store, LIST_SEATS, HJ_BINDS (HJ_TEXT (":meeting", meeting)), error);
  size_t index;
  json_t *seat;

  if (seats == NULL)
    return FALSE;
  json_array_foreach (seats, index, seat)
  {
    const char *id = json_string_value (json_object_get (seat, "id"));
    const json_t *last_there = json_object_get (seat, "last_there_us");
    gint64 left_us = json_is_integer (last_there) ? json_integer_value (last_there) : act->now_us;

    if (!hj_seat_row_move (act->store, id, "left", "left", left_us, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
read_reason (HjAct *act, const char **ret, GError **error)
{
  static const char *const PEOPLES[] = { "done", "help", "fault", "identity", "other", NULL };
  static const char *const MACHINES[] = { "abandoned", "cancelled", NULL };
  gboolean is_machine = hj_actor_get_role (act->actor) == HJ_ROLE_MACHINE;

  if (!hj_json_read_string (act->input, "reason", 20, ret, error))
    return FALSE;
  if (g_strv_contains (is_machine ? MACHINES : PEOPLES, *ret))
    return TRUE;
  hj_refuse (error, HJ_REFUSAL_INVALID, "reason");
  return FALSE;
}

/* A booking that was cancelled meanwhile is closed already. */
static gboolean
close_booking (HjAct *act, const Row *row, gboolean held, GError **error)
{
  g_autoptr (HjBooking) booking = hj_booking_load (act->store, row->booking, error);
  HjBookingState to = held ? HJ_BOOKING_HELD : HJ_BOOKING_NOT_HELD;

  if (booking == NULL)
    return FALSE;
  return !hj_booking_may_become (hj_booking_state_from_word (booking->state), to)
         || hj_booking_close (act->store, row->booking, held, act->now_us, error);
}

/* A meeting that was never admitted was not held, nor was one whose codes differ: the law wants a meeting that is not
 * monitored (Criminal Procedure Law art. 39). Then its clock runs on, although it was met. */
static gboolean
settle_booking (HjAct *act, const Row *row, const char *reason, GError **error)
{
  gboolean undone = row->admitted && g_str_equal (reason, "code-different");

  if (undone)
    hj_act_note (act, "clock", json_string ("reopened"));
  return close_booking (act, row, row->admitted && !undone, error)
         && (!undone || hj_clock_reopen (act->store, row->booking, act->now_us, reason, error));
}

/* Returns: (transfer full) (nullable): what `end` tells everybody: {meeting, booking, reason, by, at_us}. */
static json_t *
finish (HjAct *act, const Row *row, const char *reason, GError **error)
{
  const char *by = hj_role_word (hj_actor_get_role (act->actor));

  if (!require_not_ended (row, error)
      || !hj_store_run (act->store, END,
          HJ_BINDS (HJ_INT (":at", act->now_us), HJ_TEXT (":reason", reason), HJ_TEXT (":by", by),
              HJ_TEXT (":meeting", row->id)),
          error)
      || !empty_seats (act, row->id, error) || !settle_booking (act, row, reason, error))
    return NULL;
  hj_act_note (act, "reason", json_string (reason));
  return json_pack ("{s:s, s:s, s:s, s:s, s:I}", "meeting", row->id, "booking", row->booking,
      "reason", reason, "by", by, "at_us", (json_int_t)act->now_us);
}

/* For an act that ends the meeting by what it is, as `verify` does; whether its actor may is asked there. Answers as end. */
json_t *
hj_meeting_row_end (HjAct *act, const char *meeting, const char *reason, GError **error)
{
  g_auto (Row) row = { 0 };

  return load_meeting (act, NULL, meeting, &row, error) ? finish (act, &row, reason, error) : NULL;
}

/* Input {meeting or booking, reason}. Answers {meeting, booking, reason, by, at_us}. The machine ends what everybody has left
 * after its time (abandoned), and a waiting room whose booking was cancelled, which is closed already. */
static json_t *
end (HjAct *act, GError **error)
{
  g_auto (Row) row = { 0 };
  const char *reason = NULL;

  if (!read_meeting (act, &row, error) || !check_who_ends (act, &row, error)
      || !read_reason (act, &reason, error))
    return NULL;
  return finish (act, &row, reason, error);
}

const HjActKind hj_act_admit = { .name = "admit", .run = admit };
const HjActKind hj_act_cut_off = { .name = "cut-off", .run = cut_off };
const HjActKind hj_act_restore = { .name = "restore", .run = restore };
const HjActKind hj_act_end = { .name = "end", .run = end };
