/* SPDX-License-Identifier: Apache-2.0 */
/* What the relay brings: its registration, its numbered events, its loss. On control. An event is acknowledged when it is on
 * disk, so that a leave during an outage of this process is not lost (docs/protocol.md section 3). */

#include <string.h>

#include "src/base/json.h"
#include "src/base/log.h"
#include "src/meeting/host-private.h"

typedef struct
{
  HjHost *host;
  gint64 n;
  gint64 at_us;
  char *kind;
  char *seat;
} News;

static void
news_free (News *news)
{
  g_free (news->kind);
  g_free (news->seat);
  g_free (news);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (News, news_free)

/* port: (nullable) (transfer none): NULL when there is no relay any more. */
void
hj_host_set_media_port (HjHost *self, HjMediaPort *port)
{
  self->port = port;
}

static void
tell_media_lost (HjSeat *seat)
{
  if (seat->peer != NULL)
    seat->peer->interface->tell (
        seat->peer, json_pack ("{s:s, s:s}", "verb", "notice", "kind", "media-lost"));
}

static void
apply_news (HjSeat *seat, const News *news)
{
  if (g_str_equal (news->kind, "silent"))
    {
      seat->media = HJ_SEAT_MEDIA_SILENT;
      seat->media_gone_us = news->at_us;
    }
  else if (g_str_equal (news->kind, "gone"))
    {
      seat->media = HJ_SEAT_MEDIA_NONE;
      seat->media_gone_us = news->at_us;
      tell_media_lost (seat);
    }
  else
    {
      seat->media = HJ_SEAT_MEDIA_UP;
      seat->media_gone_us = 0;
    }
}

/* A relay that was restarted knows nobody's admission: a seat that was admitted and is connected anew is let in again. */
static void
admit_again (HjHost *self, HjSeat *seat, const News *news)
{
  GPtrArray *seats = hj_meeting_get_seats (seat->meeting);
  g_autoptr (GPtrArray) ids = g_ptr_array_new ();

  if (!seat->admitted || !g_str_equal (news->kind, "connected") || !hj_host_media_is_up (self))
    return;
  for (guint i = 0; i < seats->len; i++)
    {
      HjSeat *other = g_ptr_array_index (seats, i);

      if (other->admitted && other->media != HJ_SEAT_MEDIA_NONE)
        g_ptr_array_add (ids, other->id);
    }
  self->port->interface->admit (self->port, hj_meeting_get_id (seat->meeting), ids);
}

static void
event_is_on_disk (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (News) news = data;
  HjHost *self = news->host;
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) answer = hj_acts_run_finish (result, NULL, &error);
  HjSeat *seat;

  if (answer == NULL)
    {
      g_warning ("relay event %" G_GINT64_FORMAT " was not recorded: %s", news->n, error->message);
      return;
    }
  if (hj_host_media_is_up (self))
    self->port->interface->acknowledge (self->port, news->n);
  seat = hj_host_find_seat (self, news->seat);
  if (seat == NULL || !json_is_true (json_object_get (answer, "fresh")))
    return;
  apply_news (seat, news);
  admit_again (self, seat, news);
  hj_host_settle (self, seat->meeting);
}

/* event: (transfer none). */
void
hj_host_media_event (HjHost *self, const HjMediaEvent *event)
{
  News *news = g_new (News, 1);

  *news = (News){ self, event->n, event->at_us, g_strdup (event->kind), g_strdup (event->seat) };
  hj_host_run (self, &hj_act_media_event,
      json_pack ("{s:s, s:s, s:s, s:s, s:I, s:I}", "node", event->node, "boot", event->boot, "kind",
          event->kind, "seat", event->seat, "n", (json_int_t)event->n, "at_us",
          (json_int_t)event->at_us),
      event_is_on_disk, news);
}

static void
welcome (GObject *source, GAsyncResult *result, gpointer data)
{
  HjHost *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) answer = hj_acts_run_finish (result, NULL, &error);

  if (answer == NULL)
    g_warning ("relay cannot be welcomed: %s", error->message);
  else if (self->port != NULL)
    self->port->interface->welcome (
        self->port, json_integer_value (json_object_get (answer, "last_event")));
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

static void
take_report (HjHost *self, HjMeeting *meeting, const json_t *rooms)
{
  GPtrArray *seats = hj_meeting_get_seats (meeting);

  for (guint i = 0; i < seats->len; i++)
    {
      HjSeat *seat = g_ptr_array_index (seats, i);
      const json_t *report = find_report (rooms, hj_meeting_get_id (meeting), seat->id);
      gboolean up = json_is_true (json_object_get (report, "connected"));

      if (!up && seat->media != HJ_SEAT_MEDIA_NONE)
        tell_media_lost (seat);
      seat->media = up ? HJ_SEAT_MEDIA_UP : HJ_SEAT_MEDIA_NONE;
    }
  hj_host_settle (self, meeting);
}

static void
close_unknown_rooms (HjHost *self, const json_t *rooms)
{
  size_t index;
  json_t *room;

  json_array_foreach (rooms, index, room)
  {
    const char *id = json_string_value (json_object_get (room, "room"));

    if (hj_host_find_meeting (self, id) == NULL)
      self->port->interface->close_room (self->port, id);
  }
}

/* The relay has dialled. rooms: what it carries, [{room, seats:[{seat, connected}]}]. */
void
hj_host_media_registered (HjHost *self, const char *node, const char *boot, const json_t *rooms)
{
  g_autoptr (GList) meetings = g_hash_table_get_values (self->meetings);

  hj_event ("relay.registered", NULL, node, "relay is here");
  close_unknown_rooms (self, rooms);
  for (GList *item = meetings; item != NULL; item = item->next)
    take_report (self, item->data, rooms);
  hj_host_run (self, &hj_act_media_register, json_pack ("{s:s, s:s}", "node", node, "boot", boot),
      welcome, self);
}

/* The link is gone. The relay goes on forwarding, so nothing changes for anybody. */
void
hj_host_media_lost (HjHost *self)
{
  hj_event ("relay.lost", NULL, NULL, "relay's link is gone");
}
