/* SPDX-License-Identifier: Apache-2.0 */
/* The REST interface, by libsoup on two unix sockets: the api behind nginx, and huijianctl's own (docs/protocol.md section 2).
 * On control. libsoup must not face the network: nginx buffers bodies, limits sizes and times. */

#include "signaling/api/server.h"

#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "signaling/api/request-private.h"
#include "src/access/kiosks.h"
#include "src/access/sessions.h"
#include "src/base/json.h"

/* Members of a query that are numbers; everything else is text. */
static gboolean
is_number (const char *key)
{
  return g_str_has_suffix (key, "_us") || g_str_equal (key, "limit") || g_str_equal (key, "before");
}

static void
add_query (json_t *input, GHashTable *query)
{
  GHashTableIter iter;
  gpointer key, value;

  if (query == NULL)
    return;
  g_hash_table_iter_init (&iter, query);
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      gint64 number;

      if (!g_utf8_validate (key, -1, NULL) || !g_utf8_validate (value, -1, NULL))
        continue;
      if (is_number (key) && g_ascii_string_to_signed (value, 10, 0, G_MAXINT64, &number, NULL))
        json_object_set_new (input, key, json_integer (number));
      else
        json_object_set_new (input, key, json_string (value));
    }
}

/* Returns: (transfer full) (nullable): the body as an object; an empty one for a message without. */
static json_t *
read_body (SoupServerMessage *message, gsize max_size, GError **error)
{
  SoupMessageBody *body = soup_server_message_get_request_body (message);
  g_autoptr (GBytes) bytes = soup_message_body_flatten (body);
  gsize size = 0;
  const char *data = g_bytes_get_data (bytes, &size);

  return size == 0 ? json_object () : hj_json_parse (data, size, max_size, error);
}

static const char *
get_address (SoupServerMessage *message)
{
  const char *address = soup_message_headers_get_one (
      soup_server_message_get_request_headers (message), "X-Real-IP");

  return address != NULL && g_utf8_validate (address, -1, NULL) ? address : "local";
}

/* What only the edge knows; whatever the body said instead is replaced. */
static void
add_surroundings (HjApi *self, SoupServerMessage *message, const HjActKind *kind, json_t *input)
{
  if (kind == &hj_act_login)
    json_object_set_new (input, "address", json_string (get_address (message)));
  else if (kind == &hj_act_enrol_kiosk)
    json_object_set_new (input, "origin", json_string (self->origins[0]));
}

static void
answer_health (HjApi *self, SoupServerMessage *message)
{
  g_autoptr (json_t) health = self->health (self->health_data);
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);

  /* nginx names whom it serves: outsiders hear that we are well, not when somebody meets. */
  if (soup_message_headers_get_one (headers, "X-Real-IP") != NULL)
    {
      json_t *media = json_object_get (health, "media");

      json_object_del (health, "meetings");
      json_object_del (media, "packets_in");
      json_object_del (media, "packets_out");
    }
  hj_reply_json (message, SOUP_STATUS_OK, health);
}

/* Body first, then query, then path: a later one wins. Returns: (transfer full) (nullable). */
static json_t *
read_input (
    SoupServerMessage *message, GHashTable *query, const json_t *path_members, GError **error)
{
  json_t *input = read_body (message, HJ_API_MAX_BODY, error);

  if (input == NULL)
    return NULL;
  add_query (input, query);
  json_object_update (input, (json_t *)path_members);
  return input;
}

static void
on_api (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query,
    gpointer data)
{
  HjApi *self = data;
  const char *method = soup_server_message_get_method (message);
  g_autoptr (json_t) path_members = json_object ();
  g_autoptr (json_t) input = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *allowed = NULL;
  const char *below = g_str_has_prefix (path, "/api/") ? path + strlen ("/api/") : "";
  const HjRoute *route = hj_route_find (method, below, path_members, &allowed);
  const char *refusal = route != NULL ? hj_guard_refuses (self, message, route->kind) : NULL;

  if (g_str_equal (below, "healthz") && g_str_equal (method, "GET"))
    answer_health (self, message);
  else if (allowed != NULL)
    hj_reply_not_allowed (message, allowed);
  else if (route == NULL)
    hj_reply_problem (message, 404, "not-found", NULL);
  else if (refusal != NULL)
    hj_reply_problem (message, 403, refusal, NULL);
  else if (!hj_guard_key_is_valid (message))
    hj_reply_problem (message, 400, "invalid", "Idempotency-Key");
  else if ((input = read_input (message, query, path_members, &error)) == NULL)
    hj_reply_problem (message, 400, "invalid", error->message);
  else
    {
      add_surroundings (self, message, route->kind, input);
      hj_request_run (
          hj_request_new (self, message, route->kind, route->status, g_steal_pointer (&input)),
          NULL);
    }
}

/* Whoever runs huijianctl must be root or run as we do. */
static gboolean
peer_is_operator (SoupServerMessage *message)
{
  GSocket *socket = soup_server_message_get_socket (message);
  g_autoptr (GCredentials) credentials
      = socket != NULL ? g_socket_get_credentials (socket, NULL) : NULL;
  uid_t uid = credentials != NULL ? g_credentials_get_unix_user (credentials, NULL) : (uid_t)-1;

  return credentials != NULL && (uid == 0 || uid == geteuid ());
}

static void
on_ctl (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query,
    gpointer data)
{
  static const char PREFIX[] = "/ctl/act/";
  HjApi *self = data;
  const HjActKind *kind
      = g_str_has_prefix (path, PREFIX) ? hj_route_find_kind (path + strlen (PREFIX)) : NULL;
  g_autoptr (json_t) input = NULL;
  g_autoptr (GError) error = NULL;

  if (!peer_is_operator (message) || kind == NULL || !hj_access_may (HJ_ROLE_OPERATOR, kind->name))
    hj_reply_problem (message, 404, "not-found", NULL);
  else if (!g_str_equal (soup_server_message_get_method (message), "POST"))
    hj_reply_not_allowed (message, "POST");
  else if ((input = read_body (message, HJ_CTL_MAX_BODY, &error)) == NULL)
    hj_reply_problem (message, 400, "invalid", error->message);
  else
    hj_request_run (hj_request_new (self, message, kind, SOUP_STATUS_OK, g_steal_pointer (&input)),
        self->operator);
}

/* origins: (transfer none). health: called for GET healthz. Returns: (transfer full). */
HjApi *
hj_api_new (HjActs *acts, const char *const *origins, HjApiHealth health, gpointer user_data)
{
  HjApi *self = g_new0 (HjApi, 1);

  self->acts = acts;
  self->origins = origins;
  self->health = health;
  self->health_data = user_data;
  self->nobody = hj_actor_new ("nobody", HJ_ROLE_NOBODY, NULL, NULL, FALSE);
  self->operator= hj_actor_new ("operator", HJ_ROLE_OPERATOR, NULL, NULL, TRUE);
  return self;
}

static SoupServer *
listen_on (const char *path, int mode, GError **error)
{
  g_autoptr (SoupServer) server = soup_server_new (NULL, NULL);
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);
  g_autoptr (GSocket) socket
      = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, error);

  g_unlink (path);
  if (socket == NULL || !g_socket_bind (socket, address, FALSE, error) || g_chmod (path, mode) != 0
      || !g_socket_listen (socket, error) || !soup_server_listen_socket (server, socket, 0, error))
    {
      g_prefix_error (error, "%s: ", path);
      return NULL;
    }
  return g_steal_pointer (&server);
}

gboolean
hj_api_listen (HjApi *self, const char *api_socket, const char *ctl_socket, GError **error)
{
  self->api = listen_on (api_socket, 0660, error);
  self->ctl = self->api != NULL ? listen_on (ctl_socket, 0600, error) : NULL;
  if (self->ctl == NULL)
    return FALSE;
  soup_server_add_handler (self->api, "/api", on_api, self, NULL);
  soup_server_add_handler (self->ctl, "/ctl", on_ctl, self, NULL);
  return TRUE;
}

/* No request may be under way. */
void
hj_api_free (HjApi *self)
{
  if (self == NULL)
    return;
  g_clear_object (&self->api);
  g_clear_object (&self->ctl);
  hj_actor_unref (self->nobody);
  hj_actor_unref (self->operator);
  g_free (self);
}
