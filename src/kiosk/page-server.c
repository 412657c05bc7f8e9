/* SPDX-License-Identifier: Apache-2.0 */
/* Serves the kiosk's page on 127.0.0.1 and lets one kind of visitor through to the agent: a page of this origin that knows
 * the launch token. The Host header is checked (a name that a stranger made point to 127.0.0.1 has another), so is Origin
 * at the upgrade. Control thread. docs/threats.md, kiosk. */

#include "src/kiosk/page-server.h"

#include <libsoup/soup.h>

#include "src/base/ids.h"
#include "src/base/secret.h"
#include "src/kiosk/error.h"
#include "src/kiosk/session.h"

#define AGENT_PATH "/agent"

struct _HjPageServer
{
  SoupServer *server;
  HjPageFiles *files;
  char *hosts[3]; /* as the Host header names us; NULL at the end */
  char *token;
  char *policy;
  HjPageAccept accept;
  gpointer data;
};

static const char *const FIXED_HEADERS[][2] = {
  { "Cache-Control", "no-store" },
  { "X-Content-Type-Options", "nosniff" },
  { "Referrer-Policy", "no-referrer" },
  { "Cross-Origin-Opener-Policy", "same-origin" },
  { "Cross-Origin-Resource-Policy", "same-origin" },
  { "Cross-Origin-Embedder-Policy", "require-corp" },
  { "Permissions-Policy", "camera=(self), microphone=(self), autoplay=(self), display-capture=(), "
                          "geolocation=(), usb=(), serial=(), hid=()" },
};

static void
refuse (SoupServerMessage *message, guint status)
{
  const char *phrase = soup_status_get_phrase (status);

  soup_server_message_set_status (message, status, NULL);
  soup_server_message_set_response (
      message, "text/plain; charset=utf-8", SOUP_MEMORY_COPY, phrase, strlen (phrase));
}

/* The one Host header, NULL when there is none or several. */
static const char *
single_header (SoupServerMessage *message, const char *name)
{
  const char *list
      = soup_message_headers_get_list (soup_server_message_get_request_headers (message), name);

  return list != NULL && strchr (list, ',') == NULL ? list : NULL;
}

static gboolean
host_is_ours (const HjPageServer *self, SoupServerMessage *message)
{
  const char *host = single_header (message, "Host");

  return host != NULL && g_strv_contains ((const char *const *)self->hosts, host);
}

/* The page and its socket must be the same origin, scheme, host and port. */
static gboolean
origin_is_ours (const HjPageServer *self, SoupServerMessage *message)
{
  const char *origin = single_header (message, "Origin");
  const char *host = single_header (message, "Host");
  g_autofree char *expected = g_strconcat ("http://", host, NULL);

  return origin != NULL && g_str_equal (origin, expected);
}

static void
set_headers (HjPageServer *self, SoupServerMessage *message)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);

  for (guint i = 0; i < G_N_ELEMENTS (FIXED_HEADERS); i++)
    soup_message_headers_replace (headers, FIXED_HEADERS[i][0], FIXED_HEADERS[i][1]);
  soup_message_headers_replace (headers, "Content-Security-Policy", self->policy);
}

/* Runs before a body is read, so that a refused request costs nothing. */
static void
check_request (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query,
    gpointer data)
{
  HjPageServer *self = data;
  const char *method = soup_server_message_get_method (message);
  const char *token = query != NULL ? g_hash_table_lookup (query, "token") : NULL;

  set_headers (self, message);
  if (!host_is_ours (self, message))
    refuse (message, SOUP_STATUS_MISDIRECTED_REQUEST);
  else if (method != SOUP_METHOD_GET && method != SOUP_METHOD_HEAD)
    refuse (message, SOUP_STATUS_METHOD_NOT_ALLOWED);
  else if (soup_message_headers_get_encoding (soup_server_message_get_request_headers (message))
           != SOUP_ENCODING_NONE)
    refuse (message, SOUP_STATUS_BAD_REQUEST);
  else if (g_str_has_prefix (path, AGENT_PATH)
           && (!g_str_equal (path, AGENT_PATH) || !origin_is_ours (self, message) || token == NULL
               || !hj_text_equal_constant_time (self->token, token)))
    refuse (message, SOUP_STATUS_FORBIDDEN);
}

static void
serve_file (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query,
    gpointer data)
{
  HjPageServer *self = data;
  const char *type = NULL;
  GBytes *bytes = hj_page_files_find (self->files, path, &type);
  gsize size = 0;
  const char *text = NULL;

  if (bytes == NULL)
    {
      refuse (message, SOUP_STATUS_NOT_FOUND);
      return;
    }
  text = g_bytes_get_data (bytes, &size);
  soup_server_message_set_status (message, SOUP_STATUS_OK, NULL);
  soup_server_message_set_response (message, type, SOUP_MEMORY_COPY, text, size);
}

static void
accept_page (SoupServer *server, SoupServerMessage *message, const char *path,
    SoupWebsocketConnection *socket, gpointer data)
{
  HjPageServer *self = data;

  self->accept (socket, self->data);
}

static gboolean
listen_on_loopback (HjPageServer *self, guint16 port, GError **error)
{
  g_autoptr (GUri) uri = NULL;
  GSList *uris = NULL;

  if (!soup_server_listen_local (self->server, port, SOUP_SERVER_LISTEN_IPV4_ONLY, error))
    {
      g_prefix_error (error, "listening on 127.0.0.1:%u: ", port);
      return FALSE;
    }
  uris = soup_server_get_uris (self->server);
  uri = g_uri_ref (uris->data);
  g_slist_free_full (uris, (GDestroyNotify)g_uri_unref);
  self->hosts[0] = g_strdup_printf ("127.0.0.1:%d", g_uri_get_port (uri));
  self->hosts[1] = g_strdup_printf ("localhost:%d", g_uri_get_port (uri));
  return TRUE;
}

/* Scripts come from strings by two ways alone, which the page's own code has to name: Lit's templates, and the worker that
 * encrypts (web/kiosk/worker.ts). */
static char *
content_policy (const HjPageServer *self)
{
  return g_strdup_printf (
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
      "media-src 'self'; "
      "worker-src 'self'; connect-src 'self' ws://%s ws://%s; base-uri 'none'; form-action 'none'; "
      "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types lit-html "
      "huijian-worker",
      self->hosts[0], self->hosts[1]);
}

/* files: (transfer full). port: 0 lets the kernel choose. accept: gets (transfer none) each socket that passed. Returns:
 * (transfer full) (nullable). */
HjPageServer *
hj_page_server_new (
    HjPageFiles *files, guint16 port, HjPageAccept accept, gpointer data, GError **error)
{
  g_autoptr (HjPageServer) self = g_new0 (HjPageServer, 1);

  self->files = files;
  self->server = soup_server_new (NULL, NULL);
  self->accept = accept;
  self->data = data;
  self->token = hj_token_new ();
  if (!listen_on_loopback (self, port, error))
    return NULL;
  self->policy = content_policy (self);
  soup_server_remove_websocket_extension (self->server, SOUP_TYPE_WEBSOCKET_EXTENSION_DEFLATE);
  soup_server_add_early_handler (self->server, "/", check_request, self, NULL);
  soup_server_add_handler (self->server, "/", serve_file, self, NULL);
  soup_server_add_early_handler (self->server, AGENT_PATH, check_request, self, NULL);
  soup_server_add_websocket_handler (self->server, AGENT_PATH, NULL, NULL, accept_page, self, NULL);
  return g_steal_pointer (&self);
}

void
hj_page_server_free (HjPageServer *self)
{
  if (self == NULL)
    return;
  soup_server_disconnect (self->server);
  g_object_unref (self->server);
  hj_page_files_free (self->files);
  g_free (self->hosts[0]);
  g_free (self->hosts[1]);
  hj_text_wipe (self->token);
  g_free (self->token);
  g_free (self->policy);
  g_free (self);
}

/* Returns: (transfer full): the page's address with the launch token; a secret. */
char *
hj_page_server_url (const HjPageServer *self)
{
  return g_strdup_printf ("http://%s/?token=%s", self->hosts[0], self->token);
}
