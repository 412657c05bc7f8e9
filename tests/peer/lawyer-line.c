/* SPDX-License-Identifier: Apache-2.0 */
/* This end as a lawyer's browser: signs in over REST, registers its device key, gets a ticket, and signals over a WebSocket
 * of its own. Main thread; REST is asked synchronously, as nothing else waits in a test. docs/protocol.md 1 and 2. */

#include "tests/peer/line.h"

#include <libsoup/soup.h>
#include <string.h>

#include "src/base/ids.h"
#include "src/base/json.h"
#include "src/kiosk/session.h"
#include "tests/peer/identity.h"
#include "tests/peer/talk.h"

#define SUBPROTOCOL "huijian.v1"
#define PROOF_LABEL "huijian-device-v1"
#define AGAIN_MS 500
#define MAX_ANSWER (1024 * 1024)

typedef struct
{
  Line base;
  const HjKioskConfig *config; /* not owned: main's; its server and CA */
  char *account;
  char *password;
  char *booking;
  SoupSession *session;
  HjIdentity *identity;
  char *device;
  char *resume; /* the seat's token, (nullable) */
  SoupWebsocketConnection *socket;
  GCancellable *connecting;
  guint again_timer;
  gint64 last_id;
  gint64 hello_id;
  gboolean online;
  gboolean with_resume;
} LawyerLine;

static void connect_now (LawyerLine *self);

/* Returns: (transfer full) (nullable): the answer; what is not 2xx is an error */
static json_t *
ask (LawyerLine *self, const char *method, const char *path, json_t *body, GError **error)
{
  g_autofree char *url = g_strconcat (self->config->server, "/api/", path, NULL);
  g_autoptr (SoupMessage) message = soup_message_new (method, url);
  g_autoptr (json_t) owned = body;
  g_autoptr (GBytes) answer = NULL;
  SoupMessageHeaders *headers = soup_message_get_request_headers (message);

  soup_message_headers_replace (headers, "X-Huijian", "1");
  soup_message_headers_replace (headers, "Origin", self->config->origin);
  if (owned != NULL)
    {
      g_autofree char *text = hj_json_dump (owned);
      g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));

      soup_message_set_request_body_from_bytes (message, "application/json", bytes);
    }
  answer = soup_session_send_and_read (self->session, message, NULL, error);
  if (answer == NULL)
    return NULL;
  if (!SOUP_STATUS_IS_SUCCESSFUL (soup_message_get_status (message)))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "%s %s: %u %.*s", method, path,
          soup_message_get_status (message), (int)MIN (g_bytes_get_size (answer), 300),
          (const char *)g_bytes_get_data (answer, NULL));
      return NULL;
    }
  return hj_json_parse (
      g_bytes_get_data (answer, NULL), g_bytes_get_size (answer), MAX_ANSWER, error);
}

/* Returns: (transfer full): label 0 account 0 SPKI, signed, in base64url */
static char *
make_proof (LawyerLine *self, const char *account)
{
  g_autoptr (GByteArray) statement = g_byte_array_new ();
  guint8 signature[64];
  gsize size = 0;
  g_autofree guint8 *spki = g_base64_decode (hj_identity_public (self->identity), &size);

  g_byte_array_append (statement, (const guint8 *)PROOF_LABEL, sizeof PROOF_LABEL);
  g_byte_array_append (statement, (const guint8 *)account, (guint)strlen (account) + 1);
  g_byte_array_append (statement, spki, (guint)size);
  g_assert_true (hj_identity_sign (self->identity, statement->data, statement->len, signature));
  return hj_base64url (signature, sizeof signature);
}

static gboolean
sign_in (LawyerLine *self, GError **error)
{
  g_autoptr (json_t) me = ask (self, "POST", "login",
      json_pack ("{s:s, s:s}", "account", self->account, "password", self->password), error);
  const char *account = json_string_value (json_object_get (json_object_get (me, "account"), "id"));
  g_autofree char *proof = account != NULL ? make_proof (self, account) : NULL;
  g_autoptr (json_t) device = NULL;

  if (proof == NULL)
    return FALSE;
  device = ask (self, "POST", "me/devices",
      json_pack ("{s:s, s:s, s:s}", "name", "huijian-peer", "public_key",
          hj_identity_public (self->identity), "proof", proof),
      error);
  self->device = g_strdup (json_string_value (json_object_get (device, "id")));
  return self->device != NULL;
}

static void
forget_socket (LawyerLine *self)
{
  g_cancellable_cancel (self->connecting);
  g_clear_object (&self->connecting);
  if (self->socket == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->socket, self);
  hj_websocket_close (g_steal_pointer (&self->socket), SOUP_WEBSOCKET_CLOSE_GOING_AWAY, NULL);
}

static gboolean
on_again (gpointer data)
{
  LawyerLine *self = data;

  self->again_timer = 0;
  connect_now (self);
  return G_SOURCE_REMOVE;
}

static void
lose (LawyerLine *self)
{
  forget_socket (self);
  if (self->online)
    self->base.port->offline (self->base.user);
  self->online = FALSE;
  if (self->again_timer == 0)
    self->again_timer = g_timeout_add (AGAIN_MS, on_again, self);
}

static gint64
send_now (LawyerLine *self, json_t *message)
{
  g_autofree char *text = NULL;

  json_object_set_new (message, "id", json_integer (++self->last_id));
  text = hj_json_dump (message);
  soup_websocket_connection_send_text (self->socket, text);
  return self->last_id;
}

static void
greet (LawyerLine *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) hello = json_pack ("{s:s, s:i, s:s}", "verb", "hello", "v", 1, "locale", "en");
  g_autoptr (json_t) ticket = NULL;

  self->with_resume = self->resume != NULL;
  if (self->with_resume)
    json_object_set_new (hello, "resume", json_string (self->resume));
  else
    {
      ticket = ask (self, "POST", "tickets",
          json_pack ("{s:s, s:s}", "purpose", "join", "booking", self->booking), &error);
      if (ticket == NULL)
        {
          self->base.port->failed (error->message, self->base.user);
          return;
        }
      json_object_set (hello, "ticket", json_object_get (ticket, "ticket"));
    }
  self->hello_id = send_now (self, hello);
}

static void
on_message (LawyerLine *self, int type, GBytes *bytes)
{
  g_autoptr (json_t) message
      = hj_json_parse (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), MAX_ANSWER, NULL);
  const char *verb = json_string_value (json_object_get (message, "verb"));

  if (verb == NULL)
    return;
  if (g_str_equal (verb, "hello") && self->hello_id == 0)
    greet (self);
  else if (!self->online && g_str_equal (verb, "hello"))
    {
      self->online = TRUE;
      self->base.port->online (
          self->with_resume && json_is_true (json_object_get (message, "resumed")),
          self->base.user);
    }
  else if (!self->online && g_str_equal (verb, "error") && self->with_resume)
    {
      g_clear_pointer (&self->resume, g_free);
      greet (self);
    }
  else
    self->base.port->message (message, self->base.user);
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  SoupWebsocketConnection *socket
      = soup_session_websocket_connect_finish (SOUP_SESSION (source), result, &error);
  LawyerLine *self = data;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (socket == NULL)
    {
      lose (self);
      return;
    }
  g_clear_object (&self->connecting);
  self->socket = socket;
  self->hello_id = 0;
  soup_websocket_connection_set_max_incoming_payload_size (socket, MAX_ANSWER);
  g_signal_connect_swapped (socket, "message", G_CALLBACK (on_message), self);
  g_signal_connect_swapped (socket, "closed", G_CALLBACK (lose), self);
}

static void
connect_now (LawyerLine *self)
{
  const char *protocols[] = { SUBPROTOCOL, NULL };
  g_autofree char *url = g_strconcat ("ws", self->config->server + strlen ("http"), "/ws", NULL);
  g_autoptr (SoupMessage) message = soup_message_new (SOUP_METHOD_GET, url);

  self->connecting = g_cancellable_new ();
  soup_session_websocket_connect_async (self->session, message, self->config->origin,
      (char **)protocols, G_PRIORITY_DEFAULT, self->connecting, on_connected, self);
}

static void
start (Line *line)
{
  LawyerLine *self = (LawyerLine *)line;
  g_autoptr (GError) error = NULL;

  self->session = hj_server_session_new (self->config, &error);
  if (self->session != NULL)
    soup_session_add_feature_by_type (self->session, SOUP_TYPE_COOKIE_JAR);
  if (self->session == NULL || !sign_in (self, &error))
    {
      self->base.port->failed (error != NULL ? error->message : "sign-in", self->base.user);
      return;
    }
  connect_now (self);
}

static void
line_free (Line *line)
{
  LawyerLine *self = (LawyerLine *)line;

  g_clear_handle_id (&self->again_timer, g_source_remove);
  forget_socket (self);
  g_clear_object (&self->session);
  hj_identity_free (self->identity);
  g_free (self->account);
  g_free (self->password);
  g_free (self->booking);
  g_free (self->device);
  g_free (self->resume);
  g_free (self);
}

static gint64
send (Line *line, json_t *message)
{
  LawyerLine *self = (LawyerLine *)line;

  return self->online ? send_now (self, message) : 0;
}

static void
set_resume (Line *line, const char *token)
{
  LawyerLine *self = (LawyerLine *)line;

  g_free (self->resume);
  self->resume = g_strdup (token);
}

static void
drop (Line *line)
{
  lose ((LawyerLine *)line);
}

static const char *
get_identity (Line *line)
{
  return hj_identity_public (((LawyerLine *)line)->identity);
}

static gboolean
sign (Line *line, const guint8 *statement, gsize size, guint8 *signature)
{
  return hj_identity_sign (((LawyerLine *)line)->identity, statement, size, signature);
}

static const char *
get_device (Line *line)
{
  return ((LawyerLine *)line)->device;
}

static const LineClass CLASS
    = { "lawyer", start, line_free, send, set_resume, drop, get_identity, sign, get_device };

/* config: (transfer none): must outlive it. Returns: (transfer full) */
Line *
lawyer_line_new (const HjKioskConfig *config, const char *account, const char *password,
    const char *booking, const LinePort *port, gpointer user)
{
  LawyerLine *self = g_new0 (LawyerLine, 1);

  self->base = (Line){ &CLASS, port, user };
  self->config = config;
  self->account = g_strdup (account);
  self->password = g_strdup (password);
  self->booking = g_strdup (booking);
  self->identity = hj_identity_new ();
  return &self->base;
}
