/* SPDX-License-Identifier: Apache-2.0 */
/* A huijiand that tests can hold in one hand: accepts huijian-media's control link, records what it says, asks what the
 * test wants asked. Uses the same src/base/link.[ch] as the real one, so the wire is the real one. */

#include "tests/media/link-server.h"

#include <gio/gunixsocketaddress.h>
#include <libsoup/soup.h>

struct _LinkServer
{
  SoupServer *server;
  SoupWebsocketConnection *connection;
  guint n_registers;
  guint n_drainings;
  gint64 next_id;
  HjLinkMessage *registered;
  HjLinkMessage *reply;
  HjLinkMessage *statistics;
  GPtrArray *events; /* HjLinkMessage * */
};

static gboolean
tick (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

gboolean
wait_until (gboolean (*check) (gpointer data), gpointer data, guint timeout_ms)
{
  gint64 end = g_get_monotonic_time () + timeout_ms * G_TIME_SPAN_MILLISECOND;
  guint source = g_timeout_add (10, tick, NULL);
  gboolean done = check (data);

  while (!done && g_get_monotonic_time () < end)
    {
      g_main_context_iteration (NULL, TRUE);
      done = check (data);
    }
  g_source_remove (source);
  return done;
}

static void
take_message (LinkServer *self, HjLinkMessage *message)
{
  HjLinkMessage **place = NULL;

  if (message->verb == HJ_LINK_DRAINING)
    {
      self->n_drainings++;
      hj_link_message_free (message);
      return;
    }
  if (message->verb == HJ_LINK_EVENT)
    {
      g_ptr_array_add (self->events, message);
      return;
    }
  if (message->verb == HJ_LINK_REGISTER)
    {
      self->n_registers++;
      place = &self->registered;
    }
  else
    place = message->verb == HJ_LINK_REPLY ? &self->reply : &self->statistics;
  hj_link_message_free (*place);
  *place = message;
}

static void
on_message (SoupWebsocketConnection *connection, int type, GBytes *bytes, gpointer data)
{
  g_autoptr (GError) error = NULL;
  gsize size = 0;
  const char *text = g_bytes_get_data (bytes, &size);
  HjLinkMessage *message = hj_link_decode (text, size, HJ_LINK_FROM_MEDIA, NULL, &error);

  g_assert_no_error (error);
  take_message (data, message);
}

static void
on_connection (SoupServer *server, SoupServerMessage *message, const char *path,
    SoupWebsocketConnection *connection, gpointer data)
{
  LinkServer *self = data;

  g_assert_cmpstr (path, ==, HJ_LINK_PATH);
  g_assert_cmpstr (soup_websocket_connection_get_protocol (connection), ==, HJ_LINK_SUBPROTOCOL);
  g_clear_object (&self->connection);
  self->connection = g_object_ref (connection);
  soup_websocket_connection_set_max_incoming_payload_size (connection, HJ_LINK_MAX_BYTES);
  g_signal_connect (connection, "message", G_CALLBACK (on_message), self);
}

static void
free_message (gpointer message)
{
  hj_link_message_free (message);
}

LinkServer *
link_server_new (const char *socket_path)
{
  static char *protocols[] = { (char *)HJ_LINK_SUBPROTOCOL, NULL };
  LinkServer *self = g_new0 (LinkServer, 1);
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (socket_path);
  g_autoptr (GError) error = NULL;

  self->server = soup_server_new (NULL, NULL);
  self->events = g_ptr_array_new_with_free_func (free_message);
  soup_server_add_websocket_handler (
      self->server, HJ_LINK_PATH, NULL, protocols, on_connection, self, NULL);
  soup_server_listen (self->server, address, 0, &error);
  g_assert_no_error (error);
  return self;
}

void
link_server_free (LinkServer *self)
{
  if (self == NULL)
    return;
  if (self->connection != NULL)
    g_signal_handlers_disconnect_by_data (self->connection, self);
  g_clear_object (&self->connection);
  soup_server_disconnect (self->server);
  g_object_unref (self->server);
  g_ptr_array_unref (self->events);
  hj_link_message_free (self->registered);
  hj_link_message_free (self->reply);
  hj_link_message_free (self->statistics);
  g_free (self);
}

typedef struct
{
  LinkServer *server;
  guint count;
  const char *seat;
  HjLinkEventKind kind;
} Wanted;

static gboolean
has_registers (gpointer data)
{
  Wanted *wanted = data;

  return wanted->server->n_registers >= wanted->count;
}

void
link_server_wait_register (LinkServer *self, guint n_registers)
{
  Wanted wanted = { .server = self, .count = n_registers };

  g_assert_true (wait_until (has_registers, &wanted, WAIT_MS));
}

const HjLinkMessage *
link_server_get_register (LinkServer *self)
{
  return self->registered;
}

void
link_server_send_text (LinkServer *self, const char *text)
{
  soup_websocket_connection_send_text (self->connection, text);
}

static void
send_message (LinkServer *self, const HjLinkMessage *message)
{
  g_autofree char *text = hj_link_encode (message);

  link_server_send_text (self, text);
}

static gboolean
has_reply (gpointer data)
{
  return ((LinkServer *)data)->reply != NULL;
}

/* Returns: (transfer full). */
HjLinkMessage *
link_server_wait_reply (LinkServer *self)
{
  g_assert_true (wait_until (has_reply, self, WAIT_MS));
  return g_steal_pointer (&self->reply);
}

/* request: (transfer full): gets an id here. Returns: (transfer full): the reply to it. */
HjLinkMessage *
link_server_ask (LinkServer *self, HjLinkMessage *request)
{
  g_autoptr (HjLinkMessage) owned = request;
  HjLinkMessage *reply = NULL;

  owned->id = ++self->next_id;
  send_message (self, owned);
  reply = link_server_wait_reply (self);
  g_assert_cmpint (reply->re, ==, owned->id);
  return reply;
}

void
link_server_welcome (LinkServer *self, gint64 last_event)
{
  g_autoptr (HjLinkMessage) message = hj_link_message_new (HJ_LINK_WELCOME);

  message->last_event = last_event;
  send_message (self, message);
}

void
link_server_acknowledge (LinkServer *self, gint64 n)
{
  g_autoptr (HjLinkMessage) message = hj_link_message_new (HJ_LINK_ACK);

  message->n = n;
  send_message (self, message);
}

/* Ends the connection as a crash would: without a close frame. */
void
link_server_hang_up (LinkServer *self)
{
  g_io_stream_close (soup_websocket_connection_get_io_stream (self->connection), NULL, NULL);
  g_clear_object (&self->connection);
}

static gboolean
has_event (gpointer data)
{
  Wanted *wanted = data;

  for (guint i = 0; i < wanted->server->events->len; i++)
    {
      const HjLinkMessage *event = wanted->server->events->pdata[i];

      if (event->kind == wanted->kind && g_str_equal (event->seat, wanted->seat))
        return TRUE;
    }
  return FALSE;
}

gboolean
link_server_wait_event (LinkServer *self, const char *seat, HjLinkEventKind kind)
{
  Wanted wanted = { self, 0, seat, kind };

  return wait_until (has_event, &wanted, WAIT_MS);
}

static gboolean
has_drainings (gpointer data)
{
  return ((LinkServer *)data)->n_drainings > 0;
}

void
link_server_wait_draining (LinkServer *self)
{
  g_assert_true (wait_until (has_drainings, self, WAIT_MS));
}

guint
link_server_get_n_events (LinkServer *self)
{
  return self->events->len;
}

const HjLinkMessage *
link_server_get_event (LinkServer *self, guint index)
{
  return self->events->pdata[index];
}

/* Returns: (transfer none) (nullable): the newest. */
const HjLinkMessage *
link_server_get_statistics (LinkServer *self)
{
  return self->statistics;
}
