/* SPDX-License-Identifier: Apache-2.0 */
/* What the relay brings: its registration, its numbered events, its loss. On control. An event is acknowledged when it is on
 * disk, so that a leave during an outage of this process is not lost (docs/protocol.md section 3). */

#include <string.h>

#include "src/base/json.h"
#include "src/base/log.h"
#include "src/base/time.h"
#include "src/meeting/host-private.h"

/* How long after a relay's registration its older events may take to arrive. */
#define CATCH_UP_US (5 * HJ_SECOND_US)

typedef struct
{
  char *node;
  char *boot;
  gint64 n;
  gint64 at_us;
  char *kind;
  char *seat;
  gboolean of_old_leg; /* came while a new leg was asked for: see hj_host_lose_media() */
} News;

static void
news_free (News *news)
{
  g_free (news->node);
  g_free (news->boot);
  g_free (news->kind);
  g_free (news->seat);
  g_free (news);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (News, news_free)

void
hj_host_init_media (HjHost *self)
{
  g_queue_init (&self->events);
}

static void
forget_events (HjHost *self)
{
  News *news;

  while ((news = g_queue_pop_head (&self->events)) != NULL)
    news_free (news);
}

void
hj_host_clear_media (HjHost *self)
{
  forget_events (self);
}

/* port: (nullable) (transfer none): NULL when there is no relay any more. */
void
hj_host_set_media_port (HjHost *self, HjMediaPort *port)
{
  self->port = port;
}

static void
tell_media (HjSeat *seat, gboolean lost)
{
  if (seat->media_lost == lost)
    return;
  seat->media_lost = lost;
  if (seat->peer != NULL)
    seat->peer->interface->tell (seat->peer,
        json_pack ("{s:s, s:s}", "verb", "notice", "kind", lost ? "media-lost" : "media-back"));
}

/* The seat has no media any more and its peer is to offer anew. Also when an offer came to nothing whose old leg had ended
 * meanwhile: had the offer been answered, the new leg would speak for itself. at_us: of the last packet; 0: nobody knows. */
void
hj_host_lose_media (HjHost *self, HjSeat *seat, gint64 at_us)
{
  seat->media = HJ_SEAT_MEDIA_NONE;
  seat->media_gone_us = at_us;
  seat->media_lost = FALSE;
  tell_media (seat, TRUE);
  hj_host_settle (self, seat->meeting);
}

/* "flowing" says nothing that "connected" has not said. */
static void
apply_news (HjSeat *seat, const News *news)
{
  gboolean gone = g_str_equal (news->kind, "gone");
  gboolean there = !gone && !g_str_equal (news->kind, "silent");

  seat->media = gone ? HJ_SEAT_MEDIA_NONE : there ? HJ_SEAT_MEDIA_UP : HJ_SEAT_MEDIA_SILENT;
  seat->media_gone_us = there ? 0 : news->at_us;
  seat->media_unknown = FALSE;
  if (gone || there)
    tell_media (seat, gone);
}

static void store_next_event (HjHost *self);

/* A relay that was restarted knows nobody's admission: a seat that was admitted and is connected anew is let in again. */
static void
take_news (HjHost *self, const News *news)
{
  HjSeat *seat = hj_host_find_seat (self, news->seat);

  if (seat == NULL || news->of_old_leg)
    return;
  apply_news (seat, news);
  if (seat->admitted && g_str_equal (news->kind, "connected"))
    hj_host_open_routes (self, seat->meeting);
  hj_host_settle (self, seat->meeting);
}

/* An event that could not be written must not be skipped: the relay sends it, and what came after it, again. */
static void
event_is_on_disk (GObject *source, GAsyncResult *result, gpointer data)
{
  HjHost *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) answer = hj_acts_run_finish (result, NULL, &error);
  g_autoptr (News) news = g_queue_pop_head (&self->events);

  if (answer == NULL)
    {
      g_warning ("relay event %" G_GINT64_FORMAT " was not recorded: %s", news->n, error->message);
      forget_events (self);
      if (hj_host_media_is_up (self))
        self->port->interface->hang_up (self->port);
      return;
    }
  if (hj_host_media_is_up (self))
    self->port->interface->acknowledge (self->port, news->node, news->n);
  if (json_is_true (json_object_get (answer, "fresh")))
    {
      news->at_us = json_integer_value (json_object_get (answer, "at_us"));
      take_news (self, news);
    }
  store_next_event (self);
}

static void
store_next_event (HjHost *self)
{
  const News *news = g_queue_peek_head (&self->events);

  if (news != NULL)
    hj_host_run (self, &hj_act_media_event,
        json_pack ("{s:s, s:s, s:s, s:s, s:I, s:I}", "node", news->node, "boot", news->boot, "kind",
            news->kind, "seat", news->seat, "n", (json_int_t)news->n, "at_us",
            (json_int_t)news->at_us),
        event_is_on_disk, self);
}

/* One after the other, in the order of their numbers. event: (transfer none). */
void
hj_host_media_event (HjHost *self, const HjMediaEvent *event)
{
  News *news = g_new (News, 1);
  HjSeat *seat = hj_host_find_seat (self, event->seat);
  gboolean of_old_leg = seat != NULL && seat->offering && g_str_equal (event->kind, "gone");
  /* The seat may have found another relay while this one's link was away. */
  gboolean elsewhere
      = self->port != NULL && !self->port->interface->is_at (self->port, event->room, event->node);

  *news = (News){ g_strdup (event->node), g_strdup (event->boot), event->n, event->at_us,
    g_strdup (event->kind), g_strdup (event->seat), of_old_leg || elsewhere };
  if (of_old_leg)
    seat->old_leg_gone_us = event->at_us;
  g_queue_push_tail (&self->events, news);
  if (g_queue_get_length (&self->events) == 1)
    store_next_event (self);
}

/* Who registered, until the database has said what it knows of it. */
typedef struct
{
  HjHost *host;
  char *node;
} Registered;

static void
welcome (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autofree Registered *registered = data;
  g_autofree char *node = registered->node;
  HjHost *self = registered->host;
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) answer = hj_acts_run_finish (result, NULL, &error);

  if (answer == NULL)
    g_warning ("relay cannot be welcomed: %s", error->message);
  else if (self->port != NULL)
    self->port->interface->welcome (
        self->port, node, json_integer_value (json_object_get (answer, "last_event")));
}

/* Returns: (transfer none) (nullable): the relay's report of a seat. */
static const json_t *
find_report (const json_t *rooms, const char *meeting, const char *seat)
{
  size_t i, k;
  json_t *room, *entry;

  json_array_foreach (rooms, i, room)
  {
    if (g_strcmp0 (json_string_value (json_object_get (room, "room")), meeting) != 0)
      continue;
    json_array_foreach (json_object_get (room, "seats"), k, entry)
    {
      if (g_strcmp0 (json_string_value (json_object_get (entry, "seat")), seat) == 0)
        return entry;
    }
  }
  return NULL;
}

/* What the relay says of a seat. A seat that is silent stays so until it says otherwise. */
static void
take_seat_report (HjHost *self, HjSeat *seat, const json_t *report)
{
  gboolean up = json_is_true (json_object_get (report, "connected"));
  gint64 leaves_after_us = hj_host_now (self) - self->resume_us + CATCH_UP_US;

  if (!up && (seat->media != HJ_SEAT_MEDIA_NONE || seat->media_unknown))
    tell_media (seat, TRUE);
  seat->media_unknown = FALSE;
  if (!up)
    seat->media = HJ_SEAT_MEDIA_NONE;
  else if (seat->media == HJ_SEAT_MEDIA_NONE)
    seat->media = HJ_SEAT_MEDIA_UP;
  if (seat->peer == NULL)
    seat->dropped_at_us = MAX (seat->dropped_at_us, leaves_after_us);
}

/* An order to let somebody in may have been lost with the link. */
static void
take_report (HjHost *self, HjMeeting *meeting, const json_t *rooms)
{
  GPtrArray *seats = hj_meeting_get_seats (meeting);

  for (guint i = 0; i < seats->len; i++)
    {
      HjSeat *seat = g_ptr_array_index (seats, i);

      take_seat_report (self, seat, find_report (rooms, hj_meeting_get_id (meeting), seat->id));
    }
  hj_host_open_routes (self, meeting);
  hj_host_settle (self, meeting);
}

/* Whoever left while the link was down still has a leg, and may hear. */
static void
remove_unknown_legs (HjHost *self, HjMeeting *meeting, const json_t *room)
{
  size_t index;
  json_t *entry;

  json_array_foreach (json_object_get (room, "seats"), index, entry)
  {
    const char *seat = json_string_value (json_object_get (entry, "seat"));

    if (hj_meeting_find_seat (meeting, seat) == NULL)
      self->port->interface->remove_leg (self->port, hj_meeting_get_id (meeting), seat);
  }
}

static void
close_what_is_unknown (HjHost *self, const json_t *rooms)
{
  size_t index;
  json_t *room;

  json_array_foreach (rooms, index, room)
  {
    const char *id = json_string_value (json_object_get (room, "room"));
    HjMeeting *meeting = hj_host_find_meeting (self, id);

    if (meeting == NULL)
      self->port->interface->close_room (self->port, id);
    else
      remove_unknown_legs (self, meeting, room);
  }
}

static gboolean
is_at (HjHost *self, HjMeeting *meeting, const char *node)
{
  return self->port != NULL
         && self->port->interface->is_at (self->port, hj_meeting_get_id (meeting), node);
}

/* A relay has dialled. rooms: what it carries, [{room, seats:[{seat, connected}]}]. */
void
hj_host_media_registered (HjHost *self, const char *node, const char *boot, const json_t *rooms)
{
  g_autoptr (GList) meetings = g_hash_table_get_values (self->meetings);
  Registered *registered = NULL;

  hj_event ("relay.registered", NULL, node, "relay is here");
  close_what_is_unknown (self, rooms);
  for (GList *item = meetings; item != NULL; item = item->next)
    if (is_at (self, item->data, node))
      take_report (self, item->data, rooms);
  registered = g_new (Registered, 1);
  *registered = (Registered){ self, g_strdup (node) };
  hj_host_run (self, &hj_act_media_register, json_pack ("{s:s, s:s}", "node", node, "boot", boot),
      welcome, registered);
}

/* The relay has been away for too long and there is another: whoever sat on it offers anew. */
void
hj_host_media_dead (HjHost *self, const char *node)
{
  g_autoptr (GList) meetings = g_hash_table_get_values (self->meetings);
  g_autoptr (json_t) nothing = json_array ();

  hj_event ("relay.dead", NULL, node, "relay does not come back");
  for (GList *item = meetings; item != NULL; item = item->next)
    if (is_at (self, item->data, node))
      take_report (self, item->data, nothing);
}

/* The link is gone. The relay goes on forwarding, so nothing changes for anybody. */
void
hj_host_media_lost (HjHost *self)
{
  hj_event ("relay.lost", NULL, NULL, "relay's link is gone");
}
