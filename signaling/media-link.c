/* SPDX-License-Identifier: Apache-2.0 */
/* The control link to huijian-media, which dials us (docs/protocol.md section 3): HjMediaPort for the host, over any number of
 * relay nodes. A room is opened on the least loaded and stays there; when its relay dies, on another. On control. A relay
 * keeps forwarding while its link or this process is away. Which relay has which room is media-nodes.c's. */

#include "signaling/media-link.h"

#include <string.h>

#include "signaling/media-nodes-private.h"
#include "src/base/json.h"
#include "src/base/link.h"

#define ANSWER_WITHIN_MS 5000
#define DEAD_AFTER_MS 2500 /* a relay that lives dials again within 2 s */

struct _HjMediaLink
{
  HjMediaPort port; /* first: the host has this */
  HjHost *host;     /* not owned: the server owns it */
  HjMediaNodes nodes;
  gint64 next_id;
  guint answer_within_ms;
  guint dead_after_ms;
  GHashTable *asked;   /* id -> Asked: requests that want an answer */
  GHashTable *opening; /* id -> Opening: rooms whose relay has not agreed yet */
};

typedef struct
{
  HjMediaLink *link;
  HjMediaNode *node;
  gint64 id;
  HjMediaAnswered answered;
  gpointer user_data;
  guint timeout;
} Asked;

typedef struct
{
  gint64 id;
  HjMediaNode *node;
  gboolean again; /* another relay refused it before */
  char *room;
} Opening;

typedef struct
{
  HjMediaLink *link;
  HjWsConnection *connection;
} Session;

static void
free_opening (gpointer data)
{
  Opening *opening = data;

  g_free (opening->room);
  g_free (opening);
}

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
refuse_all (HjMediaLink *self, const HjMediaNode *node)
{
  g_autoptr (GList) all = g_hash_table_get_values (self->asked);

  for (GList *item = all; item != NULL; item = item->next)
    if (((Asked *)item->data)->node == node)
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

/* node: (nullable): then nobody hears it. message: (transfer full). */
static void
send_message (HjMediaNode *node, HjLinkMessage *message)
{
  g_autoptr (HjLinkMessage) owned = message;

  if (node == NULL || node->connection == NULL)
    return;
  if (hj_link_is_request (message->verb))
    message->id = ++node->link->next_id;
  hj_ws_connection_send (node->connection, hj_link_encode (message));
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
  return hj_media_nodes_is_up (&((HjMediaLink *)port)->nodes);
}

/* A room that nobody has claimed may be anywhere. */
static gboolean
is_at (HjMediaPort *port, const char *room, const char *name)
{
  const HjMediaNode *node = hj_media_nodes_find_room (&((HjMediaLink *)port)->nodes, room);

  return node == NULL || g_str_equal (node->name, name);
}

static void
open_at (HjMediaLink *self, const char *room, HjMediaNode *node, gboolean again)
{
  Opening *opening = NULL;

  hj_media_nodes_put_room (&self->nodes, room, node);
  if (node == NULL || node->connection == NULL)
    return;
  send_message (node, about_room (HJ_LINK_OPEN_ROOM, room));
  opening = g_new (Opening, 1);
  *opening = (Opening){ self->next_id, node, again, g_strdup (room) };
  g_hash_table_replace (self->opening, &opening->id, opening);
}

/* A relay can be full before its load tells: the room opens on the next best, once; the offers for it come again. */
static void
take_opened (HjMediaLink *self, const HjLinkMessage *message)
{
  Opening *opening = g_hash_table_lookup (self->opening, &message->re);

  if (opening == NULL)
    return;
  if (!message->ok && hj_media_nodes_find_room (&self->nodes, opening->room) == opening->node)
    open_at (self, opening->room,
        opening->again ? NULL : hj_media_nodes_choose_but (&self->nodes, opening->node), TRUE);
  g_hash_table_remove (self->opening, &message->re);
}

/* Where the room is, unless that relay is dead: then on another. A relay whose link is away for a moment is waited for. */
static void
open_room (HjMediaPort *port, const char *room)
{
  HjMediaLink *self = (HjMediaLink *)port;
  HjMediaNode *node = hj_media_nodes_find_room (&self->nodes, room);

  if (node == NULL || node->dead)
    node = hj_media_nodes_choose (&self->nodes);
  open_at (self, room, node, FALSE);
}

static void
close_room (HjMediaPort *port, const char *room)
{
  HjMediaLink *self = (HjMediaLink *)port;

  for (guint i = 0; i < self->nodes.all->len; i++)
    if (hj_media_nodes_find_room (&self->nodes, room) == NULL
        || hj_media_nodes_find_room (&self->nodes, room) == self->nodes.all->pdata[i])
      send_message (self->nodes.all->pdata[i], about_room (HJ_LINK_CLOSE_ROOM, room));
  hj_media_nodes_put_room (&self->nodes, room, NULL);
}

static void
add_leg (HjMediaPort *port, const char *room, const char *seat, int number, const char *offer,
    gboolean cm, HjMediaAnswered answered, gpointer user_data)
{
  HjMediaLink *self = (HjMediaLink *)port;
  HjMediaNode *node = hj_media_nodes_find_room (&self->nodes, room);
  HjLinkMessage *message;
  Asked *asked;

  if (node == NULL || node->connection == NULL)
    {
      answered (NULL, node == NULL && is_up (port) ? "full" : "unavailable", user_data);
      return;
    }
  message = about_room (HJ_LINK_ADD_LEG, room);
  message->seat = g_strdup (seat);
  message->number = number;
  message->offer = g_strdup (offer);
  message->cm = cm;
  send_message (node, message);
  asked = g_new (Asked, 1);
  *asked = (Asked){ self, node, self->next_id, answered, user_data, 0 };
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
  send_message (hj_media_nodes_find_room (&((HjMediaLink *)port)->nodes, room), message);
}

static void
remove_leg (HjMediaPort *port, const char *room, const char *seat)
{
  HjLinkMessage *message = about_room (HJ_LINK_REMOVE_LEG, room);

  message->seat = g_strdup (seat);
  send_message (hj_media_nodes_find_room (&((HjMediaLink *)port)->nodes, room), message);
}

static void
acknowledge (HjMediaPort *port, const char *node, gint64 n)
{
  HjLinkMessage *message = hj_link_message_new (HJ_LINK_ACK);

  message->n = n;
  send_message (hj_media_nodes_find (&((HjMediaLink *)port)->nodes, node), message);
}

static void
welcome (HjMediaPort *port, const char *node, gint64 last_event)
{
  HjLinkMessage *message = hj_link_message_new (HJ_LINK_WELCOME);

  message->last_event = last_event;
  send_message (hj_media_nodes_find (&((HjMediaLink *)port)->nodes, node), message);
}

/* Those that have been away for too long have no rooms, as soon as there is another relay to open them on. */
static void
bury_the_dead (HjMediaLink *self)
{
  for (guint i = self->nodes.all->len; i > 0 && hj_media_nodes_choose (&self->nodes) != NULL; i--)
    {
      HjMediaNode *node = self->nodes.all->pdata[i - 1];

      if (node->dead && node->n_rooms > 0)
        hj_host_media_dead (self->host, node->name);
    }
}

static gboolean
node_is_dead (gpointer data)
{
  HjMediaNode *node = data;

  node->dead_source = 0;
  node->dead = TRUE;
  bury_the_dead (node->link);
  return G_SOURCE_REMOVE;
}

static gboolean
is_opening_at (gpointer id, gpointer opening, gpointer node)
{
  return ((Opening *)opening)->node == node;
}

/* The link is as good as gone: what still comes on this connection is not heard. */
static void
lose (HjMediaNode *node)
{
  HjMediaLink *self = node->link;

  node->connection = NULL;
  refuse_all (self, node);
  g_hash_table_foreach_remove (self->opening, is_opening_at, node);
  g_clear_handle_id (&node->dead_source, g_source_remove);
  node->dead_source = g_timeout_add (self->dead_after_ms, node_is_dead, node);
  hj_host_media_lost (self->host);
}

static void
hang_up (HjMediaPort *port)
{
  HjMediaLink *self = (HjMediaLink *)port;

  for (guint i = 0; i < self->nodes.all->len; i++)
    {
      HjMediaNode *node = self->nodes.all->pdata[i];

      if (node->connection == NULL)
        continue;
      hj_ws_connection_close (node->connection, 1013, "try again later");
      lose (node);
    }
}

static const HjMediaPortInterface PORT = { .is_up = is_up,
  .is_at = is_at,
  .open_room = open_room,
  .add_leg = add_leg,
  .admit = admit,
  .remove_leg = remove_leg,
  .close_room = close_room,
  .acknowledge = acknowledge,
  .welcome = welcome,
  .hang_up = hang_up };

/* Takes up what the relay carries. Returns: (transfer full): what is its own of it. */
static json_t *
take_rooms (HjMediaNode *node, const HjLinkMessage *message)
{
  json_t *rooms = json_array ();

  for (guint i = 0; i < message->rooms->len; i++)
    {
      const HjLinkRoom *room = &g_array_index (message->rooms, HjLinkRoom, i);
      json_t *seats = NULL;

      if (hj_media_nodes_is_elsewhere (&node->link->nodes, node, room->room))
        {
          send_message (node, about_room (HJ_LINK_CLOSE_ROOM, room->room));
          continue;
        }
      hj_media_nodes_put_room (&node->link->nodes, room->room, node);
      seats = json_array ();
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

/* A name belongs to the one that registered last. */
static void
on_register (Session *session, const HjLinkMessage *message)
{
  HjMediaLink *self = session->link;
  HjMediaNode *node = hj_media_nodes_know (&self->nodes, self, message->node);
  g_autoptr (json_t) rooms = NULL;

  if (node->connection != NULL && node->connection != session->connection)
    {
      hj_ws_connection_close (node->connection, 4409, "another relay registered");
      lose (node);
    }
  g_clear_handle_id (&node->dead_source, g_source_remove);
  node->connection = session->connection;
  node->capacity = MAX (1, message->capacity);
  node->draining = message->draining;
  node->dead = FALSE;
  g_free (node->boot);
  node->boot = g_strdup (message->boot);
  rooms = take_rooms (node, message);
  hj_host_media_registered (self->host, node->name, node->boot, rooms);
  bury_the_dead (self);
}

static void
on_event (HjMediaNode *node, const HjLinkMessage *message)
{
  HjMediaEvent event = { .node = node->name,
    .boot = node->boot,
    .n = message->n,
    .at_us = message->at_us,
    .kind = hj_link_event_to_string (message->kind),
    .room = message->room,
    .seat = message->seat };

  hj_host_media_event (node->link->host, &event);
}

static void
on_draining (HjMediaNode *node)
{
  g_message ("relay %s is draining", node->name);
  node->draining = TRUE;
}

static void
on_reply (HjMediaLink *self, const HjLinkMessage *message)
{
  if (!message->ok)
    g_message ("relay refused request %" G_GINT64_FORMAT ": %s, %s", message->re,
        hj_link_code_to_string (message->code), message->detail);
  take_opened (self, message);
  answer (self, message->re, message->ok ? message->answer : NULL,
      message->ok ? NULL : hj_link_code_to_string (message->code));
}

static void
on_statistics (HjMediaNode *node, const HjLinkMessage *message)
{
  node->packets_in = message->packets_in;
  node->packets_out = message->packets_out;
  node->n_legs = message->legs->len;
}

static void
take_message (HjMediaNode *node, const HjLinkMessage *message)
{
  if (message->verb == HJ_LINK_EVENT)
    on_event (node, message);
  else if (message->verb == HJ_LINK_REPLY)
    on_reply (node->link, message);
  else if (message->verb == HJ_LINK_STATISTICS)
    on_statistics (node, message);
  else if (message->verb == HJ_LINK_DRAINING)
    on_draining (node);
}

static void
received (gpointer data, const char *text, gsize size)
{
  Session *session = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (HjLinkMessage) message = hj_link_decode (text, size, HJ_LINK_FROM_MEDIA, NULL, &error);
  HjMediaNode *node = hj_media_nodes_find_connection (&session->link->nodes, session->connection);

  if (message == NULL)
    g_warning ("relay sent what is no message: %s", error->message);
  else if (message->verb == HJ_LINK_REGISTER)
    on_register (session, message);
  else if (node == NULL)
    g_info ("a relay that is not registered speaks");
  else
    take_message (node, message);
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
  HjMediaNode *node = hj_media_nodes_find_connection (&session->link->nodes, session->connection);

  if (node != NULL)
    lose (node);
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
  self->dead_after_ms = DEAD_AFTER_MS;
  hj_media_nodes_init (&self->nodes);
  self->asked = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, free_asked);
  self->opening = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, free_opening);
  hj_host_set_media_port (host, &self->port);
  return self;
}

/* How long an offer waits for the relay: for tests. */
void
hj_media_link_set_answer_within (HjMediaLink *self, guint within_ms)
{
  self->answer_within_ms = within_ms;
}

/* How long a relay may be away before its rooms open on another: for tests. */
void
hj_media_link_set_dead_after (HjMediaLink *self, guint after_ms)
{
  self->dead_after_ms = after_ms;
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
  return hj_media_nodes_describe (&self->nodes);
}

/* The HjWs must be gone. */
void
hj_media_link_free (HjMediaLink *self)
{
  if (self == NULL)
    return;
  hj_host_set_media_port (self->host, NULL);
  g_hash_table_unref (self->asked);
  g_hash_table_unref (self->opening);
  hj_media_nodes_clear (&self->nodes);
  g_free (self);
}
