/* SPDX-License-Identifier: Apache-2.0 */
/* What peers bring: join, resume, offer, leave, end, and the socket that drops. On control. */

#include "src/base/json.h"
#include "src/base/log.h"
#include "src/base/time.h"
#include "src/meeting/host-private.h"

typedef struct
{
  HjHost *host;
  HjPeer *peer;
  char *seat;
  HjHostAnswered answered;
  gpointer user_data;
} Ask;

static Ask *
ask_new (HjHost *host, HjPeer *peer, const char *seat, HjHostAnswered answered, gpointer user_data)
{
  Ask *ask = g_new (Ask, 1);

  *ask = (Ask){ host, peer, g_strdup (seat), answered, user_data };
  return ask;
}

static void
ask_free (Ask *ask)
{
  g_free (ask->seat);
  g_free (ask);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Ask, ask_free)

/* The peer that sits there already is told so before another one takes over: it must not speak for the seat any more. */
static void
sit_down (HjHost *self, HjSeat *seat, HjPeer *peer)
{
  HjPeer *before = seat->peer;

  seat->peer = peer;
  seat->dropped_at_us = 0;
  seat->there_us = 0;
  g_clear_pointer (&seat->told, json_decref);
  if (before == NULL || before == peer)
    return;
  before->interface->unseat (before, seat->id);
  before->interface->send_away (before, "taken-over");
}

/* Returns: (transfer none) (nullable): the seat, if this peer sits there. */
HjSeat *
hj_host_find_own_seat (HjHost *self, HjPeer *peer, const char *id)
{
  HjSeat *seat = hj_host_find_seat (self, id);

  return seat != NULL && seat->peer == peer ? seat : NULL;
}

/* The peer does not sit there. */
void
hj_host_refuse_stranger (HjHostAnswered answered, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  hj_refuse (&error, HJ_REFUSAL_NOT_FOUND, "seat");
  answered (NULL, NULL, error, user_data);
}

static void
joined (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Ask) ask = data;
  g_autoptr (json_t) problem = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) answer = hj_acts_run_finish (result, &problem, &error);
  HjMeeting *meeting;
  HjSeat *seat;

  if (answer == NULL)
    {
      ask->answered (NULL, problem, error, ask->user_data);
      return;
    }
  meeting = hj_host_reach_meeting (ask->host, answer);
  seat = hj_meeting_add_seat (meeting, answer);
  hj_seat_change_device (seat, answer);
  sit_down (ask->host, seat, ask->peer);
  hj_event ("seat.joined", hj_meeting_get_id (meeting), seat->id, "a %s joined", seat->role);
  if (!ask->answered (answer, NULL, NULL, ask->user_data))
    hj_host_disconnected (ask->host, ask->peer);
  hj_host_settle (ask->host, meeting);
}

/* device: (nullable): the registered one of a lawyer's browser. The peer must stay valid until answered() is called; when that
 * returns FALSE, it is forgotten. */
void
hj_host_join (HjHost *self, HjPeer *peer, HjActor *actor, const char *booking, const char *device,
    HjHostAnswered answered, gpointer user_data)
{
  json_t *input = json_pack ("{s:s}", "booking", booking);

  if (device != NULL)
    json_object_set_new (input, "device", json_string (device));
  hj_acts_run_async (self->acts, &hj_act_join, actor, input, NULL, joined,
      ask_new (self, peer, NULL, answered, user_data));
}

/* description: the answer of hj_seat_resume_finish(): the peer has proved that the seat is its own. */
void
hj_host_resume (HjHost *self, HjPeer *peer, const json_t *description)
{
  HjMeeting *meeting = hj_host_reach_meeting (self, description);
  HjSeat *seat = hj_meeting_add_seat (meeting, description);

  sit_down (self, seat, peer);
  hj_event ("seat.resumed", hj_meeting_get_id (meeting), seat->id, "a %s resumed", seat->role);
  if (seat->media == HJ_SEAT_MEDIA_NONE && !seat->media_unknown)
    hj_host_lose_media (self, seat, seat->media_gone_us);
  hj_host_settle (self, meeting);
  hj_host_refresh_assignments (self);
}

typedef struct
{
  HjHost *host;
  char *seat;
  HjMediaAnswered answered;
  gpointer user_data;
} Offer;

static void
offer_answered (const char *answer, const char *refusal, gpointer data)
{
  g_autofree Offer *offer = data;
  g_autofree char *id = offer->seat;
  HjSeat *seat = hj_host_find_seat (offer->host, id);

  if (seat != NULL)
    {
      gint64 gone_us = seat->old_leg_gone_us;

      seat->offering = FALSE;
      seat->old_leg_gone_us = 0;
      if (answer == NULL && gone_us != 0)
        hj_host_lose_media (offer->host, seat, gone_us);
    }
  offer->answered (answer, refusal, offer->user_data);
}

/* Passes the SDP on unread. What the seat's media does stays as it is: the relay says when the new leg is connected, and an
 * offer that only restarts ICE keeps the leg. answered: NULL answer with the refusal "not-found", "unavailable" or "too-many",
 * or the relay's code. */
void
hj_host_offer (HjHost *self, HjPeer *peer, const char *id, const char *sdp, gboolean cm,
    HjMediaAnswered answered, gpointer user_data)
{
  HjSeat *seat = hj_host_find_own_seat (self, peer, id);
  Offer *offer;
  const char *room;

  if (seat == NULL || seat->offering || !hj_host_media_is_up (self))
    {
      answered (NULL,
          seat == NULL     ? "not-found"
          : seat->offering ? "too-many"
                           : "unavailable",
          user_data);
      return;
    }
  seat->offering = TRUE;
  offer = g_new (Offer, 1);
  *offer = (Offer){ self, g_strdup (id), answered, user_data };
  room = hj_meeting_get_id (seat->meeting);
  self->port->interface->open_room (self->port, room);
  self->port->interface->add_leg (
      self->port, room, seat->id, seat->number, sdp, cm, offer_answered, offer);
}

static void
left (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Ask) ask = data;
  g_autoptr (json_t) problem = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) answer = hj_acts_run_finish (result, &problem, &error);
  HjSeat *seat = hj_host_find_seat (ask->host, ask->seat);

  if (seat != NULL)
    seat->leaving = FALSE;
  ask->answered (answer, problem, error, ask->user_data);
}

/* The seat goes for good; the meeting waits for whoever comes, or for its end. What follows stands in hear_of_act(). */
void
hj_host_leave (HjHost *self, HjPeer *peer, HjActor *actor, const char *id, HjHostAnswered answered,
    gpointer user_data)
{
  HjSeat *seat = hj_host_find_own_seat (self, peer, id);

  if (seat == NULL)
    {
      hj_host_refuse_stranger (answered, user_data);
      return;
    }
  seat->leaving = TRUE;
  hj_acts_run_async (self->acts, &hj_act_leave, actor, json_pack ("{s:s}", "seat", id), NULL, left,
      ask_new (self, peer, id, answered, user_data));
}

static void
ended (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Ask) ask = data;
  g_autoptr (json_t) problem = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) answer = hj_acts_run_finish (result, &problem, &error);

  ask->answered (answer, problem, error, ask->user_data);
}

/* A person ends the meeting of the seat. */
void
hj_host_end (HjHost *self, HjPeer *peer, HjActor *actor, const char *id, const char *reason,
    HjHostAnswered answered, gpointer user_data)
{
  HjSeat *seat = hj_host_find_own_seat (self, peer, id);

  if (seat == NULL)
    {
      hj_host_refuse_stranger (answered, user_data);
      return;
    }
  hj_acts_run_async (self->acts, &hj_act_end, actor,
      json_pack ("{s:s, s:s}", "meeting", hj_meeting_get_id (seat->meeting), "reason", reason),
      NULL, ended, ask_new (self, peer, id, answered, user_data));
}

/* level: 1 poor, 2 fair, 3 good. */
void
hj_host_quality (HjHost *self, HjPeer *peer, const char *id, gint64 level)
{
  HjSeat *seat = hj_host_find_own_seat (self, peer, id);

  if (seat != NULL)
    seat->quality = level;
}

/* Records that the seat's peer is gone: one that is leaving is not dropped as well. Nobody saw when, if this process was away. */
void
hj_host_drop_seat (HjHost *self, HjSeat *seat)
{
  if (seat->leaving)
    return;
  if (seat->there_us != 0)
    hj_host_note (self, &hj_act_drop,
        json_pack ("{s:s, s:I}", "seat", seat->id, "at_us", (json_int_t)seat->there_us));
  else
    hj_host_note (self, &hj_act_drop, json_pack ("{s:s, s:b}", "seat", seat->id, "unseen", 1));
}

/* Returns: (transfer none) (nullable): the first seat in which the peer sits. */
static HjSeat *
find_seat_of_peer (HjHost *self, HjPeer *peer)
{
  GHashTableIter iter;
  gpointer meeting;

  g_hash_table_iter_init (&iter, self->meetings);
  while (g_hash_table_iter_next (&iter, NULL, &meeting))
    {
      GPtrArray *seats = hj_meeting_get_seats (meeting);

      for (guint i = 0; i < seats->len; i++)
        if (((HjSeat *)g_ptr_array_index (seats, i))->peer == peer)
          return g_ptr_array_index (seats, i);
    }
  return NULL;
}

/* The peer is gone: nobody may tell it anything any more. Its seats keep their places; their media may still flow. */
void
hj_host_disconnected (HjHost *self, HjPeer *peer)
{
  HjSeat *seat;

  while ((seat = find_seat_of_peer (self, peer)) != NULL)
    {
      seat->peer = NULL;
      seat->dropped_at_us = seat->there_us = hj_host_now (self);
      hj_event (
          "seat.dropped", hj_meeting_get_id (seat->meeting), seat->id, "a %s dropped", seat->role);
      hj_host_drop_seat (self, seat);
      hj_host_settle (self, seat->meeting);
    }
}
