/* SPDX-License-Identifier: Apache-2.0 */
/* WebSocket listeners on unix sockets, by libwebsockets on the GLib main loop (docs/architecture.md). On control. No lws
 * name leaves this folder. HTTP/1.1 only; no extensions; pings find dead peers. */

#include "signaling/ws/server.h"

#include <errno.h>
#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <libwebsockets.h>
#include <string.h>
#include <sys/socket.h>

#define MAX_BACKLOG (4 * 1024 * 1024) /* bytes that a slow reader may owe us before it is closed */
#define CLOSE_WITHIN_S 5
#define ACCEPT_AGAIN_MS 200

struct _HjWs
{
  GMainLoop *loop; /* what libwebsockets calls a foreign loop: only its context is used */
  void *foreign_loops[1];
  GPtrArray *listeners; /* Listener */
};

/* A context of its own for each socket: within one context libwebsockets chooses the virtual host by the Host header, which
 * would let a browser reach the control link. */
typedef struct
{
  HjWsListener listener;
  struct lws_protocols protocols[2];
  struct lws_context *context;
  GSocket *socket;
  guint source;
} Listener;

struct _HjWsConnection
{
  struct lws *wsi;
  Listener *listener;
  GString *received;
  GQueue outgoing; /* char * */
  gsize backlog;
  guint16 close_code;
  char *close_reason;
  gpointer data;
};

G_DEFINE_QUARK (hj_ws_error, hj_ws_error)

static const lws_retry_bo_t KEEP_ALIVE
    = { .secs_since_valid_ping = 15, .secs_since_valid_hangup = 35 };

/* Without the header libwebsockets takes its first protocol as meant. */
static gboolean
names_protocol (struct lws *wsi)
{
  return lws_hdr_total_length (wsi, WSI_TOKEN_PROTOCOL) > 0;
}

/* Whether the handshake carries an origin of the list. */
static gboolean
origin_is_known (struct lws *wsi, const char *const *origins)
{
  char origin[256];

  if (origins == NULL)
    return TRUE;
  return lws_hdr_copy (wsi, origin, sizeof origin, WSI_TOKEN_ORIGIN) > 0
         && g_strv_contains (origins, origin);
}

static void
open_connection (HjWsConnection *connection, struct lws *wsi, Listener *listener)
{
  connection->wsi = wsi;
  connection->listener = listener;
  connection->received = g_string_new (NULL);
  g_queue_init (&connection->outgoing);
  connection->data = listener->listener.handler->opened (connection, listener->listener.data);
}

static void
close_connection (HjWsConnection *connection)
{
  if (connection->listener == NULL)
    return;
  connection->listener->listener.handler->closed (connection->data);
  g_queue_clear_full (&connection->outgoing, g_free);
  g_string_free (connection->received, TRUE);
  g_free (connection->close_reason);
  memset (connection, 0, sizeof *connection);
}

/* Returns non-zero to let libwebsockets close the connection. */
static int
receive (HjWsConnection *connection, const char *data, gsize size)
{
  struct lws *wsi = connection->wsi;

  /* Whoever is being closed is not heard any more. */
  if (connection->close_code != 0)
    return 0;
  if (connection->received->len + size > connection->listener->listener.max_message)
    {
      lws_close_reason (wsi, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE, NULL, 0);
      return -1;
    }
  if (lws_frame_is_binary (wsi))
    {
      lws_close_reason (wsi, LWS_CLOSE_STATUS_UNACCEPTABLE_OPCODE, NULL, 0);
      return -1;
    }
  g_string_append_len (connection->received, data, (gssize)size);
  if (!lws_is_final_fragment (wsi) || lws_remaining_packet_payload (wsi) != 0)
    return 0;
  connection->listener->listener.handler->received (
      connection->data, connection->received->str, connection->received->len);
  g_string_truncate (connection->received, 0);
  return 0;
}

static int
write_next (HjWsConnection *connection)
{
  g_autofree char *text = g_queue_pop_head (&connection->outgoing);
  g_autofree guchar *frame = NULL;
  gsize size;

  if (text == NULL && connection->close_code != 0)
    {
      const char *reason = connection->close_reason;

      lws_close_reason (connection->wsi, connection->close_code, (guchar *)reason, strlen (reason));
      return -1;
    }
  if (text == NULL)
    return 0;
  size = strlen (text);
  frame = g_malloc (LWS_PRE + size);
  memcpy (frame + LWS_PRE, text, size);
  connection->backlog -= size;
  if (lws_write (connection->wsi, frame + LWS_PRE, size, LWS_WRITE_TEXT) < (int)size)
    return -1;
  if (!g_queue_is_empty (&connection->outgoing) || connection->close_code != 0)
    lws_callback_on_writable (connection->wsi);
  return 0;
}

static int
on_lws (struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t size)
{
  const struct lws_protocols *protocol = lws_get_protocol (wsi);
  Listener *listener = protocol != NULL ? protocol->user : NULL;

  switch (reason)
    {
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
      return names_protocol (wsi) && origin_is_known (wsi, listener->listener.origins) ? 0 : -1;
    case LWS_CALLBACK_ESTABLISHED:
      open_connection (user, wsi, listener);
      return 0;
    case LWS_CALLBACK_RECEIVE:
      return receive (user, in, size);
    case LWS_CALLBACK_SERVER_WRITEABLE:
      return write_next (user);
    case LWS_CALLBACK_CLOSED:
      close_connection (user);
      return 0;
    case LWS_CALLBACK_HTTP:
      return -1; /* not a WebSocket: nothing here for it */
    default:
      return 0;
    }
}

static void
fired (lws_sorted_usec_list_t *timer)
{
  gboolean *flag = *(gboolean **)(timer + 1);

  *flag = TRUE;
}

/* A context can be non-NULL although the GLib plug-in is missing, and would then never serve anybody: see a timer of it
 * fire on our loop before we believe it. */
static gboolean
loop_is_glib (struct lws_context *context)
{
  struct
  {
    lws_sorted_usec_list_t timer;
    gboolean *flag;
  } probe = { 0 };
  gboolean done = FALSE;
  gint64 deadline = g_get_monotonic_time () + G_USEC_PER_SEC;

  probe.flag = &done;
  lws_sul_schedule (context, 0, &probe.timer, fired, 1000);
  while (!done && g_get_monotonic_time () < deadline)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (500);
  if (!done)
    lws_sul_schedule (context, 0, &probe.timer, NULL, LWS_SET_TIMER_USEC_CANCEL);
  return done;
}

static void
log_lws (int level, const char *line)
{
  g_autofree char *text = g_strchomp (g_strdup (line));

  if ((level & LLL_ERR) != 0)
    g_message ("libwebsockets: %s", text);
  else
    g_debug ("libwebsockets: %s", text);
}

/* Returns: (nullable): a context that runs on our loop. */
static struct lws_context *
make_context (HjWs *self, const Listener *listener, GError **error)
{
  struct lws_context_creation_info info = { 0 };
  struct lws_context *context;

  info.port = CONTEXT_PORT_NO_LISTEN_SERVER;
  info.options = LWS_SERVER_OPTION_GLIB;
  info.foreign_loops = self->foreign_loops;
  info.gid = (gid_t)-1;
  info.uid = (uid_t)-1;
  info.protocols = listener->protocols;
  info.retry_and_idle_policy = &KEEP_ALIVE;
  info.max_http_header_data = 16384;
  info.timeout_secs = 10;
  context = lws_create_context (&info);
  if (context != NULL && loop_is_glib (context))
    return context;
  if (context != NULL)
    lws_context_destroy (context);
  g_set_error_literal (error, HJ_WS_ERROR, HJ_WS_ERROR_EVENT_LOOP,
      "libwebsockets does not run on the GLib loop: is libwebsockets-evlib-glib installed?");
  return NULL;
}

static void
free_listener (gpointer data)
{
  Listener *listener = data;

  g_clear_handle_id (&listener->source, g_source_remove);
  if (listener->context != NULL)
    lws_context_destroy (listener->context);
  g_clear_object (&listener->socket);
  g_free (listener);
}

/* Returns: (transfer full): no listener yet. */
HjWs *
hj_ws_new (void)
{
  HjWs *self = g_new0 (HjWs, 1);

  lws_set_log_level (LLL_ERR | LLL_WARN, log_lws);
  self->listeners = g_ptr_array_new_with_free_func (free_listener);
  self->loop = g_main_loop_new (NULL, FALSE);
  self->foreign_loops[0] = self->loop;
  return self;
}

static gboolean accept_next (int fd, GIOCondition condition, gpointer data);

static gboolean
accept_again (gpointer data)
{
  Listener *listener = data;

  listener->source
      = g_unix_fd_add (g_socket_get_fd (listener->socket), G_IO_IN, accept_next, listener);
  return G_SOURCE_REMOVE;
}

/* Whoever cannot be taken for lack of descriptors or memory waits, and we do not turn in circles meanwhile. */
static gboolean
accept_next (int fd, GIOCondition condition, gpointer data)
{
  Listener *listener = data;
  int accepted = accept4 (fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  int problem = accepted < 0 ? errno : 0;

  if (accepted >= 0)
    lws_adopt_socket (listener->context, accepted); /* closes it on failure */
  if (problem == 0 || problem == EAGAIN || problem == EINTR || problem == ECONNABORTED)
    return G_SOURCE_CONTINUE;
  g_warning ("cannot take a connection: %s", g_strerror (problem));
  listener->source = g_timeout_add (ACCEPT_AGAIN_MS, accept_again, listener);
  return G_SOURCE_REMOVE;
}

static GSocket *
bind_unix_socket (const char *path, guint mode, GError **error)
{
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);
  g_autoptr (GSocket) socket
      = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, error);

  g_unlink (path);
  if (socket == NULL || !g_socket_bind (socket, address, FALSE, error))
    return NULL;
  if (g_chmod (path, (int)mode) != 0 || !g_socket_listen (socket, error))
    return NULL;
  return g_steal_pointer (&socket);
}

/* wanted: copied. We accept, and libwebsockets adopts: its own listening on unix sockets has no permissions to set. */
gboolean
hj_ws_listen (HjWs *self, const HjWsListener *wanted, GError **error)
{
  Listener *listener = g_new0 (Listener, 1);

  g_ptr_array_add (self->listeners, listener);
  listener->listener = *wanted;
  listener->protocols[0] = (struct lws_protocols){ .name = wanted->subprotocol,
    .callback = on_lws,
    .per_session_data_size = sizeof (HjWsConnection),
    .rx_buffer_size = 16384,
    .user = listener };
  listener->context = make_context (self, listener, error);
  if (listener->context != NULL)
    listener->socket = bind_unix_socket (wanted->socket_path, wanted->mode, error);
  if (listener->socket == NULL)
    {
      if (error != NULL && *error == NULL)
        g_set_error_literal (error, HJ_WS_ERROR, HJ_WS_ERROR_LISTEN, "cannot listen");
      g_prefix_error (error, "%s: ", wanted->socket_path);
      return FALSE;
    }
  accept_again (listener);
  return TRUE;
}

/* Closes every connection: each handler hears closed() before this returns. */
void
hj_ws_free (HjWs *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->listeners, g_ptr_array_unref);
  g_clear_pointer (&self->loop, g_main_loop_unref);
  g_free (self);
}

/* text: (transfer full). A reader that owes too much is closed; one that is being closed is told nothing more. */
void
hj_ws_connection_send (HjWsConnection *connection, char *text)
{
  if (connection->close_code != 0)
    {
      g_free (text);
      return;
    }
  connection->backlog += strlen (text);
  g_queue_push_tail (&connection->outgoing, text);
  if (connection->backlog > MAX_BACKLOG)
    hj_ws_connection_close (connection, 4408, "too slow");
  lws_callback_on_writable (connection->wsi);
}

/* Closes after what was sent before, if that is read soon; a reader that is too slow loses it. */
void
hj_ws_connection_close (HjWsConnection *connection, guint16 code, const char *reason)
{
  gboolean too_slow = connection->backlog > MAX_BACKLOG;

  if (connection->close_code != 0)
    return;
  lws_set_timeout (
      connection->wsi, PENDING_TIMEOUT_CLOSE_SEND, too_slow ? LWS_TO_KILL_ASYNC : CLOSE_WITHIN_S);
  if (too_slow)
    g_queue_clear_full (&connection->outgoing, g_free);
  connection->close_code = code;
  connection->close_reason = g_strdup (reason);
  lws_callback_on_writable (connection->wsi);
}

gsize
hj_ws_connection_get_backlog (HjWsConnection *connection)
{
  return connection->backlog;
}
