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

static gint64
now (HjHost *self)
{
  return hj_time_now (hj_acts_get_time (self->acts));
}

static void
sit_down (HjHost *self, HjSeat *seat, HjPeer *peer)
{
  if (seat->peer != NULL && seat->peer != peer)
    seat->peer->interface->send_away (seat->peer, "taken-over");
  seat->peer = peer;
  seat->dropped_at_us = 0;
  seat->restored = FALSE;
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
  sit_down (ask->host, seat, ask->peer);
  hj_event ("seat.joined", hj_meeting_get_id (meeting), seat->id, "a %s joined", seat->role);
  if (!ask->answered (answer, NULL, NULL, ask->user_data))
    hj_host_disconnected (ask->host, ask->peer, seat->id);
  hj_host_settle (ask->host, meeting);
  hj_host_refresh_assignments (ask->host);
}

/* The peer must stay valid until answered() is called; when that returns FALSE, it is forgotten. */
void
hj_host_join (HjHost *self, HjPeer *peer, HjActor *actor, const char *booking,
    HjHostAnswered answered, gpointer user_data)
{
  hj_acts_run_async (self->acts, &hj_act_join, actor, json_pack ("{s:s}", "booking", booking), NULL,
      joined, ask_new (self, peer, NULL, answered, user_data));
}

/* description: the answer of hj_seat_resume_finish(): the peer has proved that the seat is its own. */
void
hj_host_resume (HjHost *self, HjPeer *peer, const json_t *description)
{
  HjMeeting *meeting = hj_host_reach_meeting (self, description);
  HjSeat *seat = hj_meeting_add_seat (meeting, description);

  sit_down (self, seat, peer);
  hj_event ("seat.resumed", hj_meeting_get_id (meeting), seat->id, "a %s resumed", seat->role);
  if (seat->media == HJ_SEAT_MEDIA_NONE)
    peer->interface->tell (peer, json_pack ("{s:s, s:s}", "verb", "notice", "kind", "media-lost"));
  hj_host_settle (self, meeting);
}

/* Passes the SDP on unread. answered: NULL answer with the refusal "not-found" or "unavailable", or the relay's code. */
void
hj_host_offer (HjHost *self, HjPeer *peer, const char *id, const char *sdp, gboolean cm,
    HjMediaAnswered answered, gpointer user_data)
{
  HjSeat *seat = hj_host_find_seat (self, id);
  const char *room;

  if (seat == NULL || seat->peer != peer)
    {
      answered (NULL, "not-found", user_data);
      return;
    }
  if (!hj_host_media_is_up (self))
    {
      answered (NULL, "unavailable", user_data);
      return;
    }
  room = hj_meeting_get_id (seat->meeting);
  seat->media = HJ_SEAT_MEDIA_NONE;
  self->port->interface->open_room (self->port, room);
  self->port->interface->add_leg (
      self->port, room, seat->id, seat->number, sdp, cm, answered, user_data);
}

static void
left (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Ask) ask = data;
  g_autoptr (json_t) problem = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) answer = hj_acts_run_finish (result, &problem, &error);

  ask->answered (answer, problem, error, ask->user_data);
}

/* The seat goes for good; the meeting waits for whoever comes, or for its end. What follows stands in hear_of_act(). */
void
hj_host_leave (
    HjHost *self, HjActor *actor, const char *seat, HjHostAnswered answered, gpointer user_data)
{
  hj_acts_run_async (self->acts, &hj_act_leave, actor, json_pack ("{s:s}", "seat", seat), NULL,
      left, ask_new (self, NULL, seat, answered, user_data));
}

/* A person ends the meeting of the seat. */
void
hj_host_end (HjHost *self, HjActor *actor, const char *seat, const char *reason,
    HjHostAnswered answered, gpointer user_data)
{
  HjSeat *found = hj_host_find_seat (self, seat);
  g_autoptr (GError) error = NULL;

  if (found == NULL)
    {
      hj_refuse (&error, HJ_REFUSAL_NOT_FOUND, "seat");
      answered (NULL, NULL, error, user_data);
      return;
    }
  hj_acts_run_async (self->acts, &hj_act_end, actor,
      json_pack ("{s:s, s:s}", "meeting", hj_meeting_get_id (found->meeting), "reason", reason),
      NULL, left, ask_new (self, NULL, seat, answered, user_data));
}

/* level: 1 poor, 2 fair, 3 good. */
void
hj_host_quality (HjHost *self, const char *seat, gint64 level)
{
  HjSeat *found = hj_host_find_seat (self, seat);

  if (found == NULL)
    return;
  hj_host_note (
      self, &hj_act_quality, json_pack ("{s:s, s:I}", "seat", seat, "level", (json_int_t)level));
  hj_host_touch (self, hj_meeting_get_id (found->meeting));
}

/* The peer's socket is gone. The seat keeps its place; its media may still flow. */
void
hj_host_disconnected (HjHost *self, HjPeer *peer, const char *id)
{
  HjSeat *seat = id != NULL ? hj_host_find_seat (self, id) : NULL;

  if (seat == NULL || seat->peer != peer)
    return;
  seat->peer = NULL;
  seat->dropped_at_us = now (self);
  hj_event (
      "seat.dropped", hj_meeting_get_id (seat->meeting), seat->id, "a %s dropped", seat->role);
  hj_host_note (self, &hj_act_drop,
      json_pack ("{s:s, s:I}", "seat", seat->id, "at_us", (json_int_t)seat->dropped_at_us));
  hj_host_settle (self, seat->meeting);
}
