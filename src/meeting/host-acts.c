/* SPDX-License-Identifier: Apache-2.0 */
/* What follows from acts that were done, whoever did them: a seat left, a meeting ended, the desk checked somebody in; and the
 * moves that the machine makes itself: admit, cut off, restore. On control. */

#include <string.h>

#include "src/base/json.h"
#include "src/base/log.h"
#include "src/base/time.h"
#include "src/meeting/host-private.h"

/* An admission that was refused is tried again after these. */
#define ASK_AGAIN_US HJ_MINUTE_US
#define RETRY_US (5 * HJ_SECOND_US)

typedef struct
{
  HjHost *host;
  char *meeting;
  json_t *seats;
} Move;

static Move *
move_new (HjHost *host, HjMeeting *meeting, json_t *seats)
{
  Move *move = g_new (Move, 1);

  *move = (Move){ host, g_strdup (hj_meeting_get_id (meeting)), json_incref (seats) };
  return move;
}

static void
move_free (Move *move)
{
  json_decref (move->seats);
  g_free (move->meeting);
  g_free (move);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Move, move_free)

/* Between all who were let in and whose media is there. Once more does no harm. */
void
hj_host_open_routes (HjHost *self, HjMeeting *meeting)
{
  GPtrArray *seats = hj_meeting_get_seats (meeting);
  g_autoptr (GPtrArray) admitted = g_ptr_array_new ();

  for (guint i = 0; i < seats->len; i++)
    {
      HjSeat *seat = g_ptr_array_index (seats, i);

      if (seat->admitted && seat->media != HJ_SEAT_MEDIA_NONE)
        g_ptr_array_add (admitted, seat->id);
    }
  if (hj_host_media_is_up (self) && admitted->len > 0)
    self->port->interface->admit (self->port, hj_meeting_get_id (meeting), admitted);
}

static void
tell_admitted (HjMeeting *meeting, const json_t *seats, gint64 at_us)
{
  size_t index;
  json_t *id;

  json_array_foreach (seats, index, id)
  {
    HjSeat *seat = hj_meeting_find_seat (meeting, json_string_value (id));

    if (seat == NULL)
      continue;
    seat->admitted = TRUE;
    if (seat->peer != NULL)
      seat->peer->interface->tell (
          seat->peer, json_pack ("{s:s, s:s, s:I}", "verb", "admit", "meeting",
                          hj_meeting_get_id (meeting), "at_us", (json_int_t)at_us));
  }
}

/* Eligibility no longer holds at the door: both sides are told, the desk sees it in its list, nobody is cut. A participant's own
 * findings are told to the participant alone. seat: (nullable): of a participant. */
static void
tell_not_eligible (HjMeeting *meeting, HjSeat *seat, const json_t *problem)
{
  g_autoptr (json_t) notice = json_pack ("{s:s, s:s}", "verb", "notice", "kind", "record-changed");
  json_t *findings = json_object_get (problem, "findings");

  if (findings != NULL)
    json_object_set (notice, "findings", findings);
  if (seat == NULL)
    hj_meeting_tell (meeting, notice);
  else if (seat->peer != NULL)
    seat->peer->interface->tell (seat->peer, json_incref (notice));
}

static void
set_admitting (HjMeeting *meeting, const json_t *seats, gboolean admitting)
{
  size_t index;
  json_t *id;

  json_array_foreach (seats, index, id)
  {
    HjSeat *seat = hj_meeting_find_seat (meeting, json_string_value (id));

    if (seat != NULL)
      seat->admitting = admitting;
  }
}

/* What keeps them out may pass: it is tried again after a while, or when the desk checks in. A participant is kept out alone: the
 * others are let in without. */
static void
not_admitted (
    HjHost *self, HjMeeting *meeting, const GError *error, const json_t *problem, gint64 now_us)
{
  gboolean not_eligible = g_error_matches (error, HJ_REFUSAL, HJ_REFUSAL_NOT_ELIGIBLE);
  HjSeat *seat
      = hj_meeting_find_seat (meeting, json_string_value (json_object_get (problem, "seat")));

  if (not_eligible && seat != NULL)
    {
      seat->kept_out_until_us = now_us + ASK_AGAIN_US;
      tell_not_eligible (meeting, seat, problem);
      hj_host_try_admit (self, meeting);
      return;
    }
  hj_meeting_hold_admission (meeting, now_us + (not_eligible ? ASK_AGAIN_US : RETRY_US));
  if (not_eligible)
    tell_not_eligible (meeting, NULL, problem);
  else if (error->domain == HJ_REFUSAL)
    g_message ("not admitted: %s", error->message);
  else
    g_warning ("not admitted: %s", error->message);
}

static void
admitted (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Move) move = data;
  g_autoptr (json_t) problem = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) answer = hj_acts_run_finish (result, &problem, &error);
  HjMeeting *meeting = hj_host_find_meeting (move->host, move->meeting);

  if (meeting == NULL)
    return;
  set_admitting (meeting, move->seats, FALSE);
  if (answer == NULL)
    {
      not_admitted (move->host, meeting, error, problem, hj_host_now (move->host));
      return;
    }
  if (hj_meeting_get_state (meeting) == HJ_MEETING_WAITING)
    hj_meeting_move (meeting, HJ_MEETING_LIVE, NULL);
  tell_admitted (meeting, move->seats, json_integer_value (json_object_get (answer, "at_us")));
  hj_host_open_routes (move->host, meeting);
  hj_host_settle (move->host, meeting);
}

/* Returns: (transfer full): the ids of the seats whose media is up, that have the keys and are not admitted yet. */
static json_t *
list_to_admit (HjMeeting *meeting)
{
  GPtrArray *seats = hj_meeting_get_seats (meeting);
  json_t *ids = json_array ();

  for (guint i = 0; i < seats->len; i++)
    {
      const HjSeat *seat = g_ptr_array_index (seats, i);

      if (seat->media == HJ_SEAT_MEDIA_UP && seat->epoch != 0 && !seat->admitted && !seat->admitting
          && !seat->leaving && seat->kept_out_until_us == 0)
        json_array_append_new (ids, json_string (seat->id));
    }
  return ids;
}

static void
ask_again (HjMeeting *meeting, gint64 now_us)
{
  GPtrArray *seats = hj_meeting_get_seats (meeting);

  for (guint i = 0; i < seats->len; i++)
    {
      HjSeat *seat = g_ptr_array_index (seats, i);

      if (seat->kept_out_until_us <= now_us)
        seat->kept_out_until_us = 0;
    }
}

/* Asks for the admission of whoever may be let in now. */
void
hj_host_try_admit (HjHost *self, HjMeeting *meeting)
{
  g_autoptr (json_t) seats = NULL;

  ask_again (meeting, hj_host_now (self));
  seats = list_to_admit (meeting);
  if (json_array_size (seats) == 0 || !hj_meeting_is_ready (meeting)
      || !hj_meeting_may_try_admission (meeting, hj_host_now (self)))
    return;
  set_admitting (meeting, seats, TRUE);
  hj_host_run (self, &hj_act_admit,
      json_pack ("{s:s, s:O}", "meeting", hj_meeting_get_id (meeting), "seats", seats), admitted,
      move_new (self, meeting, seats));
}

static void
moved (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Move) move = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) answer = hj_acts_run_finish (result, NULL, &error);

  if (answer == NULL)
    g_info ("not moved: %s", error->message);
}

/* When the last packet came from whoever is missing; 0 when nobody can say. */
static gint64
cut_off_since_us (HjMeeting *meeting)
{
  GPtrArray *seats = hj_meeting_get_seats (meeting);
  gint64 since_us = 0;

  for (guint i = 0; i < seats->len; i++)
    {
      const HjSeat *seat = g_ptr_array_index (seats, i);

      if (seat->admitted && seat->media != HJ_SEAT_MEDIA_UP)
        since_us = MAX (since_us, seat->media_gone_us);
    }
  return since_us;
}

/* The meeting moves at once, its row follows: no person is refused anything by it. While the relay's link is down nobody can
 * say who is present, and nobody is cut off by that. */
static void
follow_presence (HjHost *self, HjMeeting *meeting)
{
  HjMeetingState state = hj_meeting_get_state (meeting);
  gboolean present = hj_meeting_both_present (meeting);
  gboolean cut = state == HJ_MEETING_LIVE && !present;
  json_t *input;

  if (!hj_host_media_is_up (self) || (!cut && !(state == HJ_MEETING_CUT_OFF && present)))
    return;
  input = json_pack ("{s:s}", "meeting", hj_meeting_get_id (meeting));
  if (cut && cut_off_since_us (meeting) > 0)
    json_object_set_new (input, "at_us", json_integer (cut_off_since_us (meeting)));
  hj_meeting_move (meeting, cut ? HJ_MEETING_CUT_OFF : HJ_MEETING_LIVE, NULL);
  hj_host_run (
      self, cut ? &hj_act_cut_off : &hj_act_restore, input, moved, move_new (self, meeting, NULL));
}

/* After any news of a meeting: admit who may be, note who is present, tell everybody. */
void
hj_host_settle (HjHost *self, HjMeeting *meeting)
{
  follow_presence (self, meeting);
  hj_host_try_admit (self, meeting);
  hj_meeting_tell_seats (meeting);
  hj_host_touch (self, hj_meeting_get_id (meeting));
}

static void
remove_seat (HjHost *self, const json_t *answer)
{
  HjMeeting *meeting
      = hj_host_find_meeting (self, json_string_value (json_object_get (answer, "meeting")));
  HjSeat *seat = meeting != NULL ? hj_meeting_find_seat (
                     meeting, json_string_value (json_object_get (answer, "seat")))
                                 : NULL;

  if (seat == NULL)
    return;
  hj_event ("seat.left", hj_meeting_get_id (meeting), seat->id, "a %s left", seat->role);
  if (hj_host_media_is_up (self))
    self->port->interface->remove_leg (self->port, hj_meeting_get_id (meeting), seat->id);
  if (seat->peer != NULL)
    seat->peer->interface->unseat (seat->peer, seat->id);
  hj_meeting_remove_seat (meeting, seat);
  hj_host_settle (self, meeting);
}

/* Whoever sat there may go on to another meeting, as a kiosk does. */
static void
unseat_all (HjMeeting *meeting)
{
  GPtrArray *seats = hj_meeting_get_seats (meeting);

  for (guint i = 0; i < seats->len; i++)
    {
      HjSeat *seat = g_ptr_array_index (seats, i);

      if (seat->peer != NULL)
        seat->peer->interface->unseat (seat->peer, seat->id);
    }
}

static void
end_meeting (HjHost *self, const json_t *answer)
{
  const char *id = json_string_value (json_object_get (answer, "meeting"));
  HjMeeting *meeting = hj_host_find_meeting (self, id);
  g_autoptr (json_t) message = NULL;

  if (meeting == NULL)
    return;
  hj_meeting_move (meeting, HJ_MEETING_ENDED, NULL);
  message = json_pack ("{s:s, s:s, s:O, s:O, s:O}", "verb", "end", "meeting", id, "reason",
      json_object_get (answer, "reason"), "by", json_object_get (answer, "by"), "at_us",
      json_object_get (answer, "at_us"));
  hj_meeting_tell (meeting, message);
  unseat_all (meeting);
  if (hj_host_media_is_up (self))
    self->port->interface->close_room (self->port, id);
  hj_host_touch (self, id);
  g_hash_table_remove (self->meetings, id);
}

/* Returns: (transfer none) (nullable): the running meeting of the booking. */
static HjMeeting *
find_by_booking (HjHost *self, const char *booking)
{
  GHashTableIter iter;
  gpointer meeting;

  g_hash_table_iter_init (&iter, self->meetings);
  while (g_hash_table_iter_next (&iter, NULL, &meeting))
    if (g_strcmp0 (hj_meeting_get_booking (meeting), booking) == 0)
      return meeting;
  return NULL;
}

static void
check_in (HjHost *self, HjMeeting *meeting)
{
  hj_meeting_check_in (meeting);
  hj_host_settle (self, meeting);
}

/* Whoever waits already is told, and the room is closed. */
static void
cancel (HjHost *self, HjMeeting *meeting)
{
  hj_host_run (self, &hj_act_end,
      json_pack ("{s:s, s:s}", "meeting", hj_meeting_get_id (meeting), "reason", "cancelled"),
      moved, move_new (self, meeting, NULL));
}

/* Whether the act may change what a kiosk is to expect. */
static gboolean
moves_assignments (const char *act)
{
  static const char *const ACTS[] = { "book", "confirm", "cancel", "check-in", "join", "drop",
    "leave", "end", "verify", "update-kiosk", "import", NULL };

  return g_strv_contains (ACTS, act);
}

/* A participant was taken out, or stepped out: the same as below, for the seat in this meeting. */
static void
revoke_lawyer (HjMeeting *meeting, const char *lawyer)
{
  GPtrArray *seats = hj_meeting_get_seats (meeting);

  for (guint i = 0; i < seats->len; i++)
    {
      HjSeat *seat = g_ptr_array_index (seats, i);

      seat->revoked
          = seat->revoked || (seat->lawyer != NULL && g_strcmp0 (seat->lawyer, lawyer) == 0);
    }
}

/* The account was disabled or the kiosk retired by a person: its sockets close, and its seats are empty then, whatever a
 * page that does not obey still sends. */
static void
revoke_seats (HjHost *self, const char *actor)
{
  GHashTableIter iter;
  gpointer meeting;

  g_hash_table_iter_init (&iter, self->meetings);
  while (g_hash_table_iter_next (&iter, NULL, &meeting))
    {
      GPtrArray *seats = hj_meeting_get_seats (meeting);

      for (guint i = 0; i < seats->len; i++)
        {
          HjSeat *seat = g_ptr_array_index (seats, i);

          seat->revoked = seat->revoked || g_strcmp0 (seat->actor, actor) == 0;
        }
    }
}

static gboolean
is_revocation (const HjActKind *kind, const json_t *answer)
{
  const char *state = json_string_value (json_object_get (answer, "state"));

  return (g_str_equal (kind->name, "update-account") && g_strcmp0 (state, "disabled") == 0)
         || (g_str_equal (kind->name, "update-kiosk") && g_strcmp0 (state, "retired") == 0);
}

/* The codes that two people read to each other differ: that has ended the meeting. */
static gboolean
is_difference (const HjActKind *kind, const json_t *answer)
{
  return g_str_equal (kind->name, "verify") && json_object_get (answer, "reason") != NULL;
}

/* HjActWatch: every act that was done comes by here, the desk's as well as a seat's. */
void
hj_host_hear_of_act (const HjActKind *kind, const HjActor *actor, const json_t *input,
    const json_t *answer, gpointer user_data)
{
  HjHost *self = user_data;
  HjMeeting *meeting
      = find_by_booking (self, json_string_value (json_object_get (input, "booking")));

  if (g_str_equal (kind->name, "leave"))
    remove_seat (self, answer);
  else if (g_str_equal (kind->name, "end") || is_difference (kind, answer))
    end_meeting (self, answer);
  else if (meeting != NULL && g_str_equal (kind->name, "check-in"))
    check_in (self, meeting);
  else if (meeting != NULL && g_str_equal (kind->name, "cancel"))
    cancel (self, meeting);
  else if (meeting != NULL && g_str_equal (kind->name, "remove-participant"))
    revoke_lawyer (meeting, json_string_value (json_object_get (input, "lawyer")));
  else if (is_revocation (kind, answer))
    revoke_seats (self, json_string_value (json_object_get (input, "id")));
  if (moves_assignments (kind->name))
    hj_host_refresh_assignments (self);
}
