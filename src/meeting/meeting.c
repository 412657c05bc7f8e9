/* SPDX-License-Identifier: Apache-2.0 */
/* One running meeting: its state, its seats and what they are told. On control. It decides nothing by itself: host.c runs the
 * acts and moves it after their rows are written (docs/architecture.md). */

#include "src/meeting/meeting.h"

#include "src/base/json.h"
#include "src/base/log.h"
#include "src/base/time.h"

struct _HjMeeting
{
  char *id;
  char *booking;
  char *centre;
  HjMeetingState state;
  gboolean checked_in;
  gboolean ending; /* the machine's end is on the way to the database */
  gint64 admit_not_before_us;
  gint64 ends_at_us;
  int notices_given; /* how many of NOTICE_MINUTES */
  GPtrArray *seats;  /* HjSeat */
};

static const int NOTICE_MINUTES[] = { 10, 5, 1, 0 };
/* A notice that is later than this would tell a wrong number. */
#define NOTICE_LATE_US (30 * HJ_SECOND_US)

static void
free_seat (gpointer data)
{
  HjSeat *seat = data;

  g_free (seat->id);
  g_free (seat->actor);
  g_free (seat->lawyer);
  g_free (seat->role);
  g_free (seat->name);
  g_free (seat->identity);
  json_decref (seat->told);
  g_free (seat);
}

static char *
dup_member (const json_t *object, const char *key)
{
  return g_strdup (json_string_value (json_object_get (object, key)));
}

/* description: the answer of join, resume or list-running. Returns: (transfer full). */
HjMeeting *
hj_meeting_new (const json_t *description)
{
  HjMeeting *self = g_new0 (HjMeeting, 1);

  self->id = dup_member (description, "meeting");
  self->booking = dup_member (description, "booking");
  self->centre = dup_member (description, "centre");
  self->state
      = hj_meeting_state_from_word (json_string_value (json_object_get (description, "state")));
  self->checked_in = json_is_integer (json_object_get (description, "checked_in_at_us"));
  self->ends_at_us = json_integer_value (json_object_get (description, "ends_at_us"));
  self->seats = g_ptr_array_new_with_free_func (free_seat);
  return self;
}

void
hj_meeting_free (HjMeeting *self)
{
  if (self == NULL)
    return;
  g_free (self->id);
  g_free (self->booking);
  g_free (self->centre);
  g_ptr_array_unref (self->seats);
  g_free (self);
}

const char *
hj_meeting_get_id (const HjMeeting *self)
{
  return self->id;
}

const char *
hj_meeting_get_booking (const HjMeeting *self)
{
  return self->booking;
}

const char *
hj_meeting_get_centre (const HjMeeting *self)
{
  return self->centre;
}

HjMeetingState
hj_meeting_get_state (const HjMeeting *self)
{
  return self->state;
}

gint64
hj_meeting_get_ends_at_us (const HjMeeting *self)
{
  return self->ends_at_us;
}

/* The only writer of the state, after its row is written. A move that the table does not know is refused. */
gboolean
hj_meeting_move (HjMeeting *self, HjMeetingState to, GError **error)
{
  if (!hj_meeting_may_become (self->state, to))
    {
      hj_refuse (error, HJ_REFUSAL_STATE, "%s", hj_meeting_state_word (self->state));
      return FALSE;
    }
  hj_event ("meeting.moved", self->id, NULL, "%s to %s", hj_meeting_state_word (self->state),
      hj_meeting_state_word (to));
  self->state = to;
  return TRUE;
}

/* The desk has brought the detainee. */
void
hj_meeting_check_in (HjMeeting *self)
{
  self->checked_in = TRUE;
  self->admit_not_before_us = 0;
}

/* An admission was refused: trying again at once would only fill the record. */
void
hj_meeting_hold_admission (HjMeeting *self, gint64 until_us)
{
  self->admit_not_before_us = until_us;
}

gboolean
hj_meeting_may_try_admission (const HjMeeting *self, gint64 now_us)
{
  return now_us >= self->admit_not_before_us;
}

/* FALSE when the machine's end is under way already. */
gboolean
hj_meeting_begin_end (HjMeeting *self)
{
  gboolean first = !self->ending;

  self->ending = TRUE;
  return first;
}

void
hj_meeting_give_up_end (HjMeeting *self)
{
  self->ending = FALSE;
}

/* description: {seat, number, role, name, identity, epoch}. A seat that is there already is returned as it is. Returns: (transfer
 * none): lives until hj_meeting_remove_seat(). */
HjSeat *
hj_meeting_add_seat (HjMeeting *self, const json_t *description)
{
  HjSeat *seat
      = hj_meeting_find_seat (self, json_string_value (json_object_get (description, "seat")));

  if (seat != NULL)
    return seat;
  seat = g_new0 (HjSeat, 1);
  seat->meeting = self;
  seat->id = dup_member (description, "seat");
  seat->actor = dup_member (description, "actor");
  seat->lawyer = dup_member (description, "lawyer");
  seat->role = dup_member (description, "role");
  seat->name = dup_member (description, "name");
  seat->identity = dup_member (description, "identity");
  seat->number = (int)json_integer_value (json_object_get (description, "number"));
  seat->epoch = json_integer_value (json_object_get (description, "epoch"));
  g_ptr_array_add (self->seats, seat);
  return seat;
}

/* Whoever joined again may have done so from another device, which has none of the keys. One that was let in stays so. */
void
hj_seat_change_device (HjSeat *seat, const json_t *description)
{
  const char *identity = json_string_value (json_object_get (description, "identity"));

  if (g_strcmp0 (seat->identity, identity) == 0)
    return;
  g_free (seat->identity);
  seat->identity = g_strdup (identity);
  seat->securing = 0;
  seat->epoch = json_integer_value (json_object_get (description, "epoch"));
}

/* Returns: (transfer none) (nullable). */
HjSeat *
hj_meeting_find_seat (HjMeeting *self, const char *id)
{
  for (guint i = 0; i < self->seats->len; i++)
    {
      HjSeat *seat = g_ptr_array_index (self->seats, i);

      if (g_strcmp0 (seat->id, id) == 0)
        return seat;
    }
  return NULL;
}

void
hj_meeting_remove_seat (HjMeeting *self, HjSeat *seat)
{
  g_ptr_array_remove (self->seats, seat);
}

/* Returns: (transfer none) (element-type HjSeat). */
GPtrArray *
hj_meeting_get_seats (HjMeeting *self)
{
  return self->seats;
}

/* admitted_only: otherwise whoever may be let in counts as well. */
static gboolean
has_role_with_media (HjMeeting *self, const char *role, gboolean admitted_only)
{
  for (guint i = 0; i < self->seats->len; i++)
    {
      const HjSeat *seat = g_ptr_array_index (self->seats, i);

      if (g_str_equal (seat->role, role) && seat->media == HJ_SEAT_MEDIA_UP
          && (seat->admitted
              || (!admitted_only && seat->epoch != 0 && seat->kept_out_until_us == 0)))
        return TRUE;
    }
  return FALSE;
}

/* Whether the machine may ask to admit: checked in, and both sides have their media up and the keys of one another. */
gboolean
hj_meeting_is_ready (HjMeeting *self)
{
  return self->checked_in && self->state != HJ_MEETING_ENDED
         && has_role_with_media (self, "lawyer", FALSE)
         && has_role_with_media (self, "kiosk", FALSE);
}

/* Whether lawyer and client can hear each other now. */
gboolean
hj_meeting_both_present (HjMeeting *self)
{
  return has_role_with_media (self, "lawyer", TRUE) && has_role_with_media (self, "kiosk", TRUE);
}

/* Whether everybody has left. A seat that dropped may return, and its media may still flow. */
gboolean
hj_meeting_is_empty (HjMeeting *self)
{
  return self->seats->len == 0;
}

/* Minutes left if a notice is due now, once each for 10, 5, 1 and 0; -1 otherwise. A meeting that begins late, or that a
 * restart took up, hears the next one only. */
int
hj_meeting_next_notice (HjMeeting *self, gint64 now_us)
{
  int due = -1;

  if (self->state != HJ_MEETING_LIVE)
    return -1;
  while (self->notices_given < (int)G_N_ELEMENTS (NOTICE_MINUTES))
    {
      int minutes = NOTICE_MINUTES[self->notices_given];
      gint64 late_us = now_us - (self->ends_at_us - minutes * HJ_MINUTE_US);

      if (late_us < 0)
        break;
      due = late_us <= NOTICE_LATE_US ? minutes : -1;
      self->notices_given++;
    }
  return due;
}

/* Tells every seat that listens. message: (transfer none). */
void
hj_meeting_tell (HjMeeting *self, const json_t *message)
{
  for (guint i = 0; i < self->seats->len; i++)
    {
      HjSeat *seat = g_ptr_array_index (self->seats, i);

      if (seat->peer != NULL)
        seat->peer->interface->tell (seat->peer, json_deep_copy (message));
    }
}

static const char *
seat_state (const HjSeat *seat)
{
  if (seat->peer == NULL)
    return "dropped";
  if (seat->media == HJ_SEAT_MEDIA_NONE)
    return seat->admitted ? "dropped" : "waiting";
  if (seat->media == HJ_SEAT_MEDIA_SILENT)
    return "dropped";
  return seat->admitted ? "admitted" : "connected";
}

/* The pair of m-lines in which the reader receives the seat: slot k is mids 2k and 2k + 1 (docs/protocol.md). */
static json_t *
mids_for (const HjSeat *reader, const HjSeat *seat)
{
  g_autofree char *audio = NULL;
  g_autofree char *video = NULL;
  int slot = seat->number < reader->number ? seat->number : seat->number - 1;

  if (reader == seat)
    return json_null ();
  audio = g_strdup_printf ("%d", 2 * slot);
  video = g_strdup_printf ("%d", 2 * slot + 1);
  return json_pack ("[s, s]", audio, video);
}

static json_t *
seats_message (HjMeeting *self, const HjSeat *reader)
{
  json_t *list = json_array ();

  for (guint i = 0; i < self->seats->len; i++)
    {
      const HjSeat *seat = g_ptr_array_index (self->seats, i);

      json_array_append_new (list,
          json_pack ("{s:s, s:i, s:s, s:s, s:s, s:s, s:o}", "seat", seat->id, "number",
              seat->number, "role", seat->role, "name", seat->name, "state", seat_state (seat),
              "identity", seat->identity, "mids", mids_for (reader, seat)));
    }
  return json_pack ("{s:s, s:s, s:s, s:o}", "verb", "seats", "meeting", self->id, "state",
      hj_meeting_state_word (self->state), "seats", list);
}

/* Tells every seat who is there, each with its own m-lines, where that changed. */
void
hj_meeting_tell_seats (HjMeeting *self)
{
  for (guint i = 0; i < self->seats->len; i++)
    {
      HjSeat *reader = g_ptr_array_index (self->seats, i);
      g_autoptr (json_t) message = NULL;

      if (reader->peer == NULL)
        continue;
      message = seats_message (self, reader);
      if (reader->told != NULL && json_equal (reader->told, message))
        continue;
      json_decref (reader->told);
      reader->told = json_incref (message);
      reader->peer->interface->tell (reader->peer, json_deep_copy (message));
    }
}
