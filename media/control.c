/* SPDX-License-Identifier: Apache-2.0 */
/* The control link to huijiand (docs/protocol.md section 3): a WebSocket client over a unix socket that dials again for
 * ever, since the relay goes on forwarding without huijiand. Orders go to the relay worker of their room and the reply comes
 * back; events are numbered and kept until huijiand has them on disk. Control thread. */

#include "media/control.h"

#include <libsoup/soup.h>
#include <gio/gunixsocketaddress.h>

#include "src/base/ids.h"
#include "media/events.h"

#define FIRST_RETRY_MS 200
#define LAST_RETRY_MS 2000
#define STATISTICS_MS 2000
#define KEEPALIVE_S 10

struct _HjControl
{
  gatomicrefcount refs; /* each errand on its way to a worker holds one */
  char *node;
  char *boot;
  guint capacity;
  GPtrArray *relays; /* HjRelay * */
  HjEvents *events;
  SoupSession *session;
  GCancellable *cancellable;
  SoupWebsocketConnection *connection; /* NULL while huijiand is away */
  guint dial;                          /* counts connections: a late reply belongs to none */
  gboolean welcomed;
  gboolean draining;
  gboolean counting; /* statistics are under way */
  guint retry_ms;
  guint retry_source;
  guint statistics_source;
};

/* An order, or a question to all workers, on its way. */
typedef struct
{
  HjControl *control;
  guint dial;
  HjLinkMessage *request; /* NULL for a question */
  HjLinkMessage *reply;   /* filled by the workers */
  guint next_relay;       /* whom to ask next */
} Errand;

static void dial (HjControl *self);
static void ask_next (Errand *errand);

/* Returns: (transfer full): dials when started. socket_path: of huijiand's link socket. */
HjControl *
hj_control_new (const char *socket_path, const char *node, guint capacity)
{
  HjControl *self = g_new0 (HjControl, 1);
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (socket_path);

  g_atomic_ref_count_init (&self->refs);
  self->node = g_strdup (node);
  self->boot = hj_id_new ();
  self->capacity = capacity;
  self->relays = g_ptr_array_new_with_free_func (g_object_unref);
  self->events = hj_events_new ();
  self->session = soup_session_new_with_options ("remote-connectable", address, NULL);
  self->cancellable = g_cancellable_new ();
  self->retry_ms = FIRST_RETRY_MS;
  return self;
}

static void
unref (HjControl *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  g_ptr_array_unref (self->relays);
  hj_events_free (self->events);
  g_object_unref (self->session);
  g_object_unref (self->cancellable);
  g_free (self->node);
  g_free (self->boot);
  g_free (self);
}

static void
forget_connection (HjControl *self)
{
  self->welcomed = FALSE;
  g_clear_handle_id (&self->statistics_source, g_source_remove);
  if (self->connection != NULL)
    g_signal_handlers_disconnect_by_data (self->connection, self);
  g_clear_object (&self->connection);
}

/* Hangs up. What is still on its way to a worker comes home to nobody. */
void
hj_control_free (HjControl *self)
{
  if (self == NULL)
    return;
  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->retry_source, g_source_remove);
  if (self->connection != NULL
      && soup_websocket_connection_get_state (self->connection) == SOUP_WEBSOCKET_STATE_OPEN)
    soup_websocket_connection_close (self->connection, SOUP_WEBSOCKET_CLOSE_GOING_AWAY, NULL);
  forget_connection (self);
  unref (self);
}

/* relay: a reference is taken. The order of calls decides which room lives where, so it must not change. */
void
hj_control_add_relay (HjControl *self, HjRelay *relay)
{
  g_ptr_array_add (self->relays, g_object_ref (relay));
}

static void
send_message (HjControl *self, const HjLinkMessage *message)
{
  g_autofree char *text = hj_link_encode (message);

  if (self->connection != NULL
      && soup_websocket_connection_get_state (self->connection) == SOUP_WEBSOCKET_STATE_OPEN)
    soup_websocket_connection_send_text (self->connection, text);
}

static Errand *
errand_new (HjControl *self)
{
  Errand *errand = g_new0 (Errand, 1);

  g_atomic_ref_count_inc (&self->refs);
  errand->control = self;
  errand->dial = self->dial;
  return errand;
}

static void
errand_free (Errand *errand)
{
  unref (errand->control);
  hj_link_message_free (errand->request);
  hj_link_message_free (errand->reply);
  g_free (errand);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Errand, errand_free)

/* A room lives on one worker for good: the one that its id falls on. */
static HjRelay *
relay_of (HjControl *self, const char *room)
{
  return self->relays->pdata[g_str_hash (room) % self->relays->len];
}

static void
on_worker_obey (HjRooms *rooms, gint64 now_us, gpointer message)
{
  Errand *errand = message;

  if (rooms != NULL)
    errand->reply = hj_rooms_obey (rooms, errand->request, now_us);
}

static void
send_reply (gpointer message)
{
  g_autoptr (Errand) errand = message;

  if (errand->reply == NULL)
    errand->reply
        = hj_link_reply_refused (errand->request->id, HJ_LINK_FULL, "the relay is stopping");
  if (errand->dial == errand->control->dial)
    send_message (errand->control, errand->reply);
}

static void
on_worker_ask (HjRooms *rooms, gint64 now_us, gpointer message)
{
  Errand *errand = message;

  if (rooms == NULL)
    return;
  if (errand->reply->verb == HJ_LINK_REGISTER)
    hj_rooms_list (rooms, errand->reply);
  else
    hj_rooms_count (rooms, errand->reply);
}

static void
asked (gpointer message)
{
  ask_next (message);
}

/* Goes from worker to worker and sends what they filled in. (transfer full) */
static void
ask_next (Errand *errand)
{
  HjControl *self = errand->control;

  if (errand->next_relay < self->relays->len)
    {
      hj_relay_run (self->relays->pdata[errand->next_relay++], on_worker_ask, asked, errand);
      return;
    }
  if (errand->dial == self->dial)
    send_message (self, errand->reply);
  if (errand->reply->verb == HJ_LINK_STATISTICS)
    self->counting = FALSE;
  errand_free (errand);
}

static void
ask (HjControl *self, HjLinkMessage *message)
{
  Errand *errand = errand_new (self);

  errand->reply = message;
  ask_next (errand);
}

static void
send_register (HjControl *self)
{
  HjLinkMessage *message = hj_link_message_new (HJ_LINK_REGISTER);

  message->node = g_strdup (self->node);
  message->boot = g_strdup (self->boot);
  message->capacity = self->capacity;
  message->draining = self->draining;
  message->next_event = hj_events_get_next (self->events);
  ask (self, message);
}

/* Asks the workers and tells huijiand, unless they have not answered the last time yet. For tests, which do not wait for the
 * timer. */
void
hj_control_send_statistics (HjControl *self)
{
  if (self->counting)
    return;
  self->counting = TRUE;
  ask (self, hj_link_message_new (HJ_LINK_STATISTICS));
}

static gboolean
send_statistics (gpointer data)
{
  hj_control_send_statistics (data);
  return G_SOURCE_CONTINUE;
}

static void
send_event (gpointer data, const HjLinkMessage *event)
{
  send_message (data, event);
}

/* huijiand knows this boot up to last_event; the rest is sent again, in order. */
static void
take_welcome (HjControl *self, gint64 last_event)
{
  if (self->welcomed)
    return;
  self->welcomed = TRUE;
  self->retry_ms = FIRST_RETRY_MS;
  hj_events_acknowledge (self->events, last_event);
  hj_events_each (self->events, send_event, self);
  self->statistics_source = g_timeout_add (STATISTICS_MS, send_statistics, self);
  g_message ("Control link is up");
}

static void
take_message (HjControl *self, HjLinkMessage *message)
{
  Errand *errand = NULL;
  HjRelay *relay = NULL;

  if (message->verb == HJ_LINK_WELCOME)
    take_welcome (self, message->last_event);
  else if (message->verb == HJ_LINK_ACK)
    hj_events_acknowledge (self->events, message->n);
  if (!hj_link_is_request (message->verb))
    {
      hj_link_message_free (message);
      return;
    }
  relay = relay_of (self, message->room);
  errand = errand_new (self);
  errand->request = message;
  hj_relay_run (relay, on_worker_obey, send_reply, errand);
}

/* A message that does not read is answered where it can be, and the link lives on. */
static void
on_message (SoupWebsocketConnection *connection, int type, GBytes *bytes, gpointer data)
{
  HjControl *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (HjLinkMessage) refusal = NULL;
  HjLinkMessage *message = NULL;
  gint64 id = 0;
  gsize size = 0;
  const char *text = g_bytes_get_data (bytes, &size);

  message = hj_link_decode (text != NULL ? text : "", size, HJ_LINK_FROM_HUIJIAND, &id, &error);
  if (message != NULL)
    {
      take_message (self, message);
      return;
    }
  g_warning ("Control link: message refused: %s", error->message);
  if (id > 0)
    {
      refusal = hj_link_reply_refused (id, HJ_LINK_BAD_MESSAGE, error->message);
      send_message (self, refusal);
    }
}

static gboolean
retry (gpointer data)
{
  HjControl *self = data;

  self->retry_source = 0;
  dial (self);
  return G_SOURCE_REMOVE;
}

static void
retry_later (HjControl *self)
{
  forget_connection (self);
  if (self->retry_source == 0)
    self->retry_source = g_timeout_add (self->retry_ms, retry, self);
  self->retry_ms = MIN (self->retry_ms * 2, LAST_RETRY_MS);
}

static void
on_closed (SoupWebsocketConnection *connection, gpointer data)
{
  g_message ("Control link is down; media goes on");
  retry_later (data);
}

static void
dialled (GObject *session, GAsyncResult *result, gpointer data)
{
  HjControl *self = data;
  g_autoptr (GError) error = NULL;
  SoupWebsocketConnection *connection
      = soup_session_websocket_connect_finish (SOUP_SESSION (session), result, &error);

  if (connection == NULL)
    {
      if (!g_cancellable_is_cancelled (self->cancellable))
        {
          g_debug ("Control link: %s", error->message);
          retry_later (self);
        }
      unref (self);
      return;
    }
  if (g_cancellable_is_cancelled (self->cancellable))
    {
      g_object_unref (connection);
      unref (self);
      return;
    }
  self->connection = connection;
  soup_websocket_connection_set_max_incoming_payload_size (connection, HJ_LINK_MAX_BYTES);
  soup_websocket_connection_set_keepalive_interval (connection, KEEPALIVE_S);
  g_signal_connect (connection, "message", G_CALLBACK (on_message), self);
  g_signal_connect (connection, "closed", G_CALLBACK (on_closed), self);
  send_register (self);
  unref (self);
}

static void
dial (HjControl *self)
{
  static char *protocols[] = { (char *)HJ_LINK_SUBPROTOCOL, NULL };
  g_autoptr (SoupMessage) message
      = soup_message_new (SOUP_METHOD_GET, "ws://huijiand" HJ_LINK_PATH);

  self->dial++;
  g_atomic_ref_count_inc (&self->refs);
  soup_session_websocket_connect_async (self->session, message, NULL, protocols, G_PRIORITY_DEFAULT,
      self->cancellable, dialled, self);
}

/* Dials now, and again until hj_control_free(). */
void
hj_control_start (HjControl *self)
{
  g_return_if_fail (self->relays->len > 0);
  dial (self);
}

/* Tells huijiand, now and whenever it is dialled again, to open no new room here. */
void
hj_control_drain (HjControl *self)
{
  g_autoptr (HjLinkMessage) message = hj_link_message_new (HJ_LINK_DRAINING);

  self->draining = TRUE;
  send_message (self, message);
}

/* Whether huijiand is there and has answered the registration. */
gboolean
hj_control_is_welcome (const HjControl *self)
{
  return self->welcomed;
}

guint
hj_control_get_events_kept (const HjControl *self)
{
  return hj_events_get_kept (self->events);
}

/* Something happened to a leg: numbered, kept, and told as soon as huijiand listens. at_us: UTC. */
void
hj_control_take_event (
    HjControl *self, HjLinkEventKind kind, const char *room, const char *seat, gint64 at_us)
{
  const HjLinkMessage *event = hj_events_add (self->events, kind, room, seat, at_us);

  g_message ("Seat %s: %s", seat, hj_link_event_to_string (kind));
  if (self->welcomed)
    send_message (self, event);
}
