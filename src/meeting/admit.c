/* SPDX-License-Identifier: Apache-2.0 */
/* The machine admits, the meeting is cut off and restored, a person ends it. On the store's worker. The statutory clock is
 * met here and nowhere else: lawyer and client actually meet (MPS Procedure Rules 2020 art. 53, 会见到). */

#include "scheduler/booking.h"
#include "scheduler/clock.h"
#include "src/base/json.h"
#include "src/eligibility/check.h"
#include "src/meeting/acts.h"

static const char FIND[] = "SELECT id, booking, state, admitted_at_us FROM meeting WHERE id = "
                           ":meeting OR booking = :booking";
static const char ADMIT[] = "UPDATE meeting SET state = 'live', admitted_at_us = COALESCE "
                            "(admitted_at_us, :at) WHERE id = :meeting";
static const char SET_STATE[] = "UPDATE meeting SET state = :state WHERE id = :meeting";
static const char END[]
    = "UPDATE meeting SET state = 'ended', ended_at_us = :at, end_reason = :reason, ended_by = :by"
      " WHERE id = :meeting";
static const char LIST_SEATS[]
    = "SELECT id AS \"id\" FROM seat WHERE meeting = :meeting AND state <> 'left'";

typedef struct
{
  char *id;
  char *booking;
  char *state;
  gboolean admitted;
} Row;

static void
clear_row (Row *row)
{
  g_free (row->id);
  g_free (row->booking);
  g_free (row->state);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Row, clear_row)

/* Finds the meeting by {meeting} or {booking} of the input. */
static gboolean
read_meeting (HjAct *act, Row *ret, GError **error)
{
  const char *meeting = json_string_value (json_object_get (act->input, "meeting"));
  const char *booking = json_string_value (json_object_get (act->input, "booking"));
  g_autoptr (HjRows) rows = hj_store_query (act->store, FIND,
      HJ_BINDS (HJ_TEXT (":meeting", meeting), HJ_TEXT (":booking", booking)), error);

  if (rows == NULL)
    return FALSE;
  if (!hj_rows_next (rows, NULL))
    {
      hj_refuse (error, HJ_REFUSAL_NOT_FOUND, "meeting");
      return FALSE;
    }
  ret->id = g_strdup (hj_rows_text (rows, 0));
  ret->booking = g_strdup (hj_rows_text (rows, 1));
  ret->state = g_strdup (hj_rows_text (rows, 2));
  ret->admitted = !hj_rows_is_null (rows, 3);
  hj_act_about_booking (act, ret->booking);
  hj_act_about (act, "meeting", ret->id);
  return TRUE;
}

static gboolean
require_not_ended (const Row *row, GError **error)
{
  if (g_strcmp0 (row->state, "ended") != 0)
    return TRUE;
  hj_refuse (error, HJ_REFUSAL_STATE, "ended");
  return FALSE;
}

static gboolean
check_eligibility (HjAct *act, const char *id, GError **error)
{
  g_autoptr (HjBooking) booking = hj_booking_load (act->store, id, error);
  g_autoptr (json_t) findings = NULL;
  gboolean allowed = FALSE;

  if (booking == NULL)
    return FALSE;
  findings = hj_eligibility_check (
      act->store, booking->authority, booking->centre, act->now_us, &allowed, error);
  if (findings == NULL || allowed)
    return findings != NULL;
  hj_act_explain (act, "findings", g_steal_pointer (&findings));
  hj_refuse (error, HJ_REFUSAL_NOT_ELIGIBLE, "admit");
  return FALSE;
}

static gboolean
admit_seats (HjAct *act, const json_t *seats, GError **error)
{
  size_t index;
  json_t *seat;

  json_array_foreach (seats, index, seat)
  {
    if (!hj_seat_row_move (
            act->store, json_string_value (seat), "admitted", "admitted", act->now_us, error))
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
      || !require_not_ended (&row, error) || !check_eligibility (act, row.booking, error))
    return NULL;
  if (!row.admitted && !hj_clock_meet (act->store, row.booking, act->now_us, error))
    return NULL;
  if (!hj_store_run (act->store, ADMIT,
          HJ_BINDS (HJ_INT (":at", act->now_us), HJ_TEXT (":meeting", row.id)), error)
      || !admit_seats (act, seats, error))
    return NULL;
  hj_act_note (act, "seats", json_incref (seats));
  return json_pack ("{s:s, s:s, s:I, s:b}", "meeting", row.id, "booking", row.booking, "at_us",
      (json_int_t)act->now_us, "first", !row.admitted);
}

static json_t *
set_state (HjAct *act, const char *from, const char *to, GError **error)
{
  g_auto (Row) row = { 0 };

  if (!read_meeting (act, &row, error))
    return NULL;
  if (g_strcmp0 (row.state, from) != 0)
    {
      hj_refuse (error, HJ_REFUSAL_STATE, "%s", row.state);
      return NULL;
    }
  if (!hj_store_run (act->store, SET_STATE,
          HJ_BINDS (HJ_TEXT (":state", to), HJ_TEXT (":meeting", row.id)), error))
    return NULL;
  return json_pack ("{s:s}", "meeting", row.id);
}

static json_t *
cut_off (HjAct *act, GError **error)
{
  return set_state (act, "live", "cut_off", error);
}

static json_t *
restore (HjAct *act, GError **error)
{
  return set_state (act, "cut_off", "live", error);
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

    if (!hj_seat_row_move (act->store, id, "left", "left", act->now_us, error))
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

/* Input {meeting or booking, reason}. Answers {meeting, booking, reason, by, at_us}. A meeting that was never admitted was
 * not held: then its clock runs on. The machine ends what everybody has left after its time (abandoned), and a waiting room
 * whose booking was cancelled, which is closed already. */
static json_t *
end (HjAct *act, GError **error)
{
  g_auto (Row) row = { 0 };
  const char *reason = NULL;
  const char *by = hj_role_word (hj_actor_get_role (act->actor));

  if (!read_meeting (act, &row, error) || !check_who_ends (act, &row, error)
      || !read_reason (act, &reason, error) || !require_not_ended (&row, error))
    return NULL;
  if (!hj_store_run (act->store, END,
          HJ_BINDS (HJ_INT (":at", act->now_us), HJ_TEXT (":reason", reason), HJ_TEXT (":by", by),
              HJ_TEXT (":meeting", row.id)),
          error)
      || !empty_seats (act, row.id, error)
      || (g_strcmp0 (reason, "cancelled") != 0
          && !hj_booking_close (act->store, row.booking, row.admitted, act->now_us, error)))
    return NULL;
  hj_act_note (act, "reason", json_string (reason));
  return json_pack ("{s:s, s:s, s:s, s:s, s:I}", "meeting", row.id, "booking", row.booking,
      "reason", reason, "by", by, "at_us", (json_int_t)act->now_us);
}

const HjActKind hj_act_admit = { .name = "admit", .run = admit };
const HjActKind hj_act_cut_off = { .name = "cut-off", .run = cut_off };
const HjActKind hj_act_restore = { .name = "restore", .run = restore };
const HjActKind hj_act_end = { .name = "end", .run = end };
