/* SPDX-License-Identifier: Apache-2.0 */
/* The control link to huijian-media, which dials us (docs/protocol.md section 3): HjMediaPort for the host, one relay node at a
 * time. On control. The relay keeps forwarding while this link or this process is away. */

#include "signaling/media-link.h"

#include <string.h>

#include "src/base/json.h"
#include "src/base/link.h"

#define ANSWER_WITHIN_MS 5000

struct _HjMediaLink
{
  HjMediaPort port;           /* first: the host has this */
  HjHost *host;               /* not owned: the server owns it */
  HjWsConnection *connection; /* (nullable), not owned: the relay that registered */
  char *node;
  char *boot;
  gint64 packets_in; /* of the last statistics */
  gint64 packets_out;
  gint64 next_id;
  guint answer_within_ms;
  GHashTable *asked; /* id -> Asked: requests that want an answer */
};

typedef struct
{
  HjMediaLink *link;
  gint64 id;
  HjMediaAnswered answered;
  gpointer user_data;
  guint timeout;
} Asked;

/* One connection; a second relay takes over from the first. */
typedef struct
{
  HjMediaLink *link;
  HjWsConnection *connection;
} Session;

static void
free_asked (gpointer data)
{
  Asked *asked = data;

  g_clear_handle_id (&asked->timeout, g_source_remove);
  g_free (asked);
}

static void
answer (HjMediaLink *self, gint64 id, const char *sdp, const char *refusal)
{
  Asked *asked = g_hash_table_lookup (self->asked, &id);

  if (asked == NULL)
    return;
  g_hash_table_steal (self->asked, &id);
  asked->answered (sdp, refusal, asked->user_data);
  free_asked (asked);
}

static void
refuse_all (HjMediaLink *self)
{
  g_autoptr (GList) all = g_hash_table_get_values (self->asked);

  for (GList *item = all; item != NULL; item = item->next)
    answer (self, ((Asked *)item->data)->id, NULL, "unavailable");
}

static gboolean
give_up (gpointer data)
{
  Asked *asked = data;

  asked->timeout = 0;
  g_warning ("relay did not answer in time");
  answer (asked->link, asked->id, NULL, "unavailable");
  return G_SOURCE_REMOVE;
}

/* message: (transfer full). */
static void
send_message (HjMediaLink *self, HjLinkMessage *message)
{
  g_autoptr (HjLinkMessage) owned = message;

  if (self->connection == NULL)
    return;
  if (hj_link_is_request (message->verb))
    message->id = ++self->next_id;
  hj_ws_connection_send (self->connection, hj_link_encode (message));
}

static HjLinkMessage *
about_room (HjLinkVerb verb, const char *room)
{
  HjLinkMessage *message = hj_link_message_new (verb);

  message->room = g_strdup (room);
  return message;
}

static gboolean
is_up (HjMediaPort *port)
{
  return ((HjMediaLink *)port)->connection != NULL;
}

static void
open_room (HjMediaPort *port, const char *room)
{
  send_message ((HjMediaLink *)port, about_room (HJ_LINK_OPEN_ROOM, room));
}

static void
close_room (HjMediaPort *port, const char *room)
{
  send_message ((HjMediaLink *)port, about_room (HJ_LINK_CLOSE_ROOM, room));
}

static void
add_leg (HjMediaPort *port, const char *room, const char *seat, int number, const char *offer,
    gboolean cm, HjMediaAnswered answered, gpointer user_data)
{
  HjMediaLink *self = (HjMediaLink *)port;
  HjLinkMessage *message;
  Asked *asked;

  if (self->connection == NULL)
    {
      answered (NULL, "unavailable", user_data);
      return;
    }
  message = about_room (HJ_LINK_ADD_LEG, room);
  message->seat = g_strdup (seat);
  message->number = number;
  message->offer = g_strdup (offer);
  message->cm = cm;
  send_message (self, message);
  asked = g_new (Asked, 1);
  *asked = (Asked){ self, self->next_id, answered, user_data, 0 };
  asked->timeout = g_timeout_add (self->answer_within_ms, give_up, asked);
  g_hash_table_insert (self->asked, &asked->id, asked);
}

static void
admit (HjMediaPort *port, const char *room, const GPtrArray *seats)
{
  HjLinkMessage *message = about_room (HJ_LINK_ADMIT, room);

  if (message->seats == NULL)
    message->seats = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < seats->len; i++)
    g_ptr_array_add (message->seats, g_strdup (g_ptr_array_index (seats, i)));
  send_message ((HjMediaLink *)port, message);
}

static void
remove_leg (HjMediaPort *port, const char *room, const char *seat)
{
  HjLinkMessage *message = about_room (HJ_LINK_REMOVE_LEG, room);

  message->seat = g_strdup (seat);
  send_message ((HjMediaLink *)port, message);
}

static void
acknowledge (HjMediaPort *port, gint64 n)
{
  HjLinkMessage *message = hj_link_message_new (HJ_LINK_ACK);

  message->n = n;
  send_message ((HjMediaLink *)port, message);
}

static void
welcome (HjMediaPort *port, gint64 last_event)
{
  HjLinkMessage *message = hj_link_message_new (HJ_LINK_WELCOME);

  message->last_event = last_event;
  send_message ((HjMediaLink *)port, message);
}

/* The link is as good as gone: what still comes on this connection is not heard. */
static void
lose (HjMediaLink *self)
{
  self->connection = NULL;
  refuse_all (self);
  hj_host_media_lost (self->host);
}

static void
hang_up (HjMediaPort *port)
{
  HjMediaLink *self = (HjMediaLink *)port;

  hj_ws_connection_close (self->connection, 1013, "try again later");
  lose (self);
}

static const HjMediaPortInterface PORT = { .is_up = is_up,
  .open_room = open_room,
  .add_leg = add_leg,
  .admit = admit,
  .remove_leg = remove_leg,
  .close_room = close_room,
  .acknowledge = acknowledge,
  .welcome = welcome,
  .hang_up = hang_up };

static json_t *
describe_rooms (const HjLinkMessage *message)
{
  json_t *rooms = json_array ();

  for (guint i = 0; i < message->rooms->len; i++)
    {
      const HjLinkRoom *room = &g_array_index (message->rooms, HjLinkRoom, i);
      json_t *seats = json_array ();

      for (guint k = 0; k < room->seats->len; k++)
        {
          const HjLinkSeat *seat = &g_array_index (room->seats, HjLinkSeat, k);

          json_array_append_new (
              seats, json_pack ("{s:s, s:b, s:b}", "seat", seat->seat, "connected", seat->connected,
                         "admitted", seat->admitted));
        }
      json_array_append_new (rooms, json_pack ("{s:s, s:o}", "room", room->room, "seats", seats));
    }
  return rooms;
}

static void
on_register (Session *session, const HjLinkMessage *message)
{
  HjMediaLink *self = session->link;
  g_autoptr (json_t) rooms = describe_rooms (message);

  if (self->connection != NULL && self->connection != session->connection)
    {
      hj_ws_connection_close (self->connection, 4409, "another relay registered");
      lose (self);
    }
  self->connection = session->connection;
  g_free (self->node);
  g_free (self->boot);
  self->node = g_strdup (message->node);
  self->boot = g_strdup (message->boot);
  hj_host_media_registered (self->host, self->node, self->boot, rooms);
}

static void
on_event (HjMediaLink *self, const HjLinkMessage *message)
{
  HjMediaEvent event = { .node = self->node,
    .boot = self->boot,
    .n = message->n,
    .at_us = message->at_us,
    .kind = hj_link_event_to_string (message->kind),
    .room = message->room,
    .seat = message->seat };

  hj_host_media_event (self->host, &event);
}

static void
on_reply (HjMediaLink *self, const HjLinkMessage *message)
{
  if (!message->ok)
    g_message ("relay refused request %" G_GINT64_FORMAT ": %s, %s", message->re,
        hj_link_code_to_string (message->code), message->detail);
  answer (self, message->re, message->ok ? message->answer : NULL,
      message->ok ? NULL : hj_link_code_to_string (message->code));
}

static void
on_statistics (HjMediaLink *self, const HjLinkMessage *message)
{
  self->packets_in = message->packets_in;
  self->packets_out = message->packets_out;
}

static void
received (gpointer data, const char *text, gsize size)
{
  Session *session = data;
  HjMediaLink *self = session->link;
  g_autoptr (GError) error = NULL;
  g_autoptr (HjLinkMessage) message = hj_link_decode (text, size, HJ_LINK_FROM_MEDIA, NULL, &error);

  if (message == NULL)
    g_warning ("relay sent what is no message: %s", error->message);
  else if (message->verb == HJ_LINK_REGISTER)
    on_register (session, message);
  else if (self->connection != session->connection)
    g_info ("a relay that is not registered speaks");
  else if (message->verb == HJ_LINK_EVENT)
    on_event (self, message);
  else if (message->verb == HJ_LINK_REPLY)
    on_reply (self, message);
  else if (message->verb == HJ_LINK_STATISTICS)
    on_statistics (self, message);
}

static gpointer
opened (HjWsConnection *connection, gpointer data)
{
  Session *session = g_new (Session, 1);

  *session = (Session){ data, connection };
  return session;
}

static void
closed (gpointer data)
{
  g_autofree Session *session = data;
  HjMediaLink *self = session->link;

  if (self->connection == session->connection)
    lose (self);
}

static const HjWsHandler HANDLER = { opened, received, closed };

/* Returns: (transfer full). host: (transfer none): must outlive it. */
HjMediaLink *
hj_media_link_new (HjHost *host)
{
  HjMediaLink *self = g_new0 (HjMediaLink, 1);

  self->port.interface = &PORT;
  self->host = host;
  self->answer_within_ms = ANSWER_WITHIN_MS;
  self->asked = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, free_asked);
  hj_host_set_media_port (host, &self->port);
  return self;
}

/* How long an offer waits for the relay: for tests. */
void
hj_media_link_set_answer_within (HjMediaLink *self, guint within_ms)
{
  self->answer_within_ms = within_ms;
}

/* The file permissions of the socket decide who may be a relay. */
gboolean
hj_media_link_listen (HjMediaLink *self, HjWs *ws, const char *socket_path, GError **error)
{
  HjWsListener listener = { .socket_path = socket_path,
    .mode = 0600,
    .subprotocol = HJ_LINK_SUBPROTOCOL,
    .max_message = HJ_LINK_MAX_BYTES,
    .handler = &HANDLER,
    .data = self };

  return hj_ws_listen (ws, &listener, error);
}

/* Returns: (transfer full): {nodes, packets_in, packets_out}: the relays that are registered and what they last told. */
json_t *
hj_media_link_describe (HjMediaLink *self)
{
  return json_pack ("{s:i, s:I, s:I}", "nodes", self->connection != NULL ? 1 : 0, "packets_in",
      (json_int_t)self->packets_in, "packets_out", (json_int_t)self->packets_out);
}

/* The HjWs must be gone. */
void
hj_media_link_free (HjMediaLink *self)
{
  if (self == NULL)
    return;
  hj_host_set_media_port (self->host, NULL);
  g_hash_table_unref (self->asked);
  g_free (self->node);
  g_free (self->boot);
  g_free (self);
}
