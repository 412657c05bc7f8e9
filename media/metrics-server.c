/* SPDX-License-Identifier: Apache-2.0 */
/* GET /metrics for Prometheus, on a unix socket and on a port of 127.0.0.1 (docs/operations.md, Metrics). Nothing of it faces
 * the network. Everything else is refused by its headers alone: no body is read. Control thread. */

#include "media/metrics-server.h"

#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <libsoup/soup.h>
#include <string.h>

#include "media/metrics.h"

#define PATH "/metrics"

struct _HjMetricsServer
{
  SoupServer *server;
  HjMetricsGather gather;
  gpointer data;
  char *socket_path; /* (nullable): removed at the end */
};

struct _HjScrape
{
  SoupServerMessage *message;
};

static void
refuse (SoupServerMessage *message, guint status)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);

  if (status == SOUP_STATUS_METHOD_NOT_ALLOWED)
    soup_message_headers_replace (headers, "Allow", "GET");
  soup_message_headers_replace (headers, "Connection", "close");
  soup_server_message_set_status (message, status, NULL);
}

/* libsoup would read the body before it answers: the connection is taken from it. What cannot be written at once is not. */
static void
refuse_body (SoupServerMessage *message)
{
  static const char ANSWER[] = "HTTP/1.1 413 Request Entity Too Large\r\nConnection: close\r\n"
                               "Content-Length: 0\r\n\r\n";
  g_autoptr (GIOStream) stream = soup_server_message_steal_connection (message);

  if (stream == NULL)
    return;
  g_output_stream_write (
      g_io_stream_get_output_stream (stream), ANSWER, sizeof ANSWER - 1, NULL, NULL);
  g_io_stream_close (stream, NULL, NULL);
}

/* The headers are here, a body may follow. What is answered now is answered without reading it. */
static void
on_headers (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query,
    gpointer data)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  SoupEncoding encoding = soup_message_headers_get_encoding (headers);
  gboolean body = encoding == SOUP_ENCODING_CHUNKED
                  || (encoding == SOUP_ENCODING_CONTENT_LENGTH
                      && soup_message_headers_get_content_length (headers) > 0);

  if (body)
    refuse_body (message);
  else if (!g_str_equal (path, PATH))
    refuse (message, SOUP_STATUS_NOT_FOUND);
  else if (soup_server_message_get_method (message) != SOUP_METHOD_GET)
    refuse (message, SOUP_STATUS_METHOD_NOT_ALLOWED);
}

static void
on_scrape (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query,
    gpointer data)
{
  HjMetricsServer *self = data;
  HjScrape *scrape = NULL;

  if (soup_server_message_get_status (message) != 0)
    return;
  scrape = g_new (HjScrape, 1);
  scrape->message = g_object_ref (message);
  soup_server_message_pause (message);
  self->gather (self->data, scrape);
}

/* text: (transfer full) (nullable): NULL when the node is ending. Frees the scrape. */
void
hj_scrape_answer (HjScrape *scrape, char *text)
{
  if (text != NULL)
    {
      soup_server_message_set_status (scrape->message, SOUP_STATUS_OK, NULL);
      soup_server_message_set_response (
          scrape->message, HJ_METRICS_TYPE, SOUP_MEMORY_TAKE, text, strlen (text));
    }
  else
    soup_server_message_set_status (scrape->message, SOUP_STATUS_SERVICE_UNAVAILABLE, NULL);
  soup_server_message_unpause (scrape->message);
  g_object_unref (scrape->message);
  g_free (scrape);
}

/* Returns: (transfer full): a server that listens nowhere yet. gather (data, scrape) is called for each scrape. */
HjMetricsServer *
hj_metrics_server_new (HjMetricsGather gather, gpointer data)
{
  HjMetricsServer *self = g_new0 (HjMetricsServer, 1);

  self->server = soup_server_new (NULL, NULL);
  self->gather = gather;
  self->data = data;
  soup_server_add_early_handler (self->server, NULL, on_headers, self, NULL);
  soup_server_add_handler (self->server, NULL, on_scrape, self, NULL);
  return self;
}

/* What stands there is taken away when it is a socket: it is that of an earlier run. */
static gboolean
remove_old (const char *path, GError **error)
{
  GStatBuf about;

  if (g_lstat (path, &about) != 0)
    return TRUE;
  if (!S_ISSOCK (about.st_mode))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS, "%s is no socket", path);
      return FALSE;
    }
  g_unlink (path);
  return TRUE;
}

/* Mode 0660: for the group, as nginx's sockets. */
gboolean
hj_metrics_server_listen_unix (HjMetricsServer *self, const char *path, GError **error)
{
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);

  if (!remove_old (path, error) || !soup_server_listen (self->server, address, 0, error))
    {
      g_prefix_error (error, "metrics_socket: ");
      return FALSE;
    }
  self->socket_path = g_strdup (path);
  g_chmod (path, 0660);
  return TRUE;
}

/* On 127.0.0.1 alone. */
gboolean
hj_metrics_server_listen_local (HjMetricsServer *self, guint port, GError **error)
{
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new_from_string ("127.0.0.1", port);

  if (soup_server_listen (self->server, address, 0, error))
    return TRUE;
  g_prefix_error (error, "metrics_port: ");
  return FALSE;
}

/* Every scrape must have been answered. */
void
hj_metrics_server_free (HjMetricsServer *self)
{
  if (self == NULL)
    return;
  soup_server_disconnect (self->server);
  g_object_unref (self->server);
  if (self->socket_path != NULL)
    g_unlink (self->socket_path);
  g_free (self->socket_path);
  g_free (self);
}
