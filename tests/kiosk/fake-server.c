/* SPDX-License-Identifier: Apache-2.0 */
/* The server as a kiosk sees it: enrolment and signalling, with the signature verified by code of its own. */

#include "tests/kiosk/fake-server.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <string.h>

#include "src/base/ids.h"
#include "src/base/json.h"

/* Whether the signature (r and s, base64url) is the enrolled key's over these bytes. */
gboolean
fake_server_verifies (FakeServer *self, const guint8 *bytes, gsize bytes_size, const char *text)
{
  gsize key_size = 0;
  gsize size = 0;
  g_autofree guint8 *der = g_base64_decode (self->seen_key, &key_size);
  g_autofree guint8 *raw = hj_base64url_decode (text, &size);
  const guint8 *at = der;
  EVP_PKEY *key = d2i_PUBKEY (NULL, &at, (long)key_size);
  ECDSA_SIG *pair = ECDSA_SIG_new ();
  EVP_MD_CTX *context = EVP_MD_CTX_new ();
  guint8 *pair_der = NULL;
  int pair_size = 0;
  gboolean good = FALSE;

  g_assert_nonnull (key);
  g_assert_cmpuint (size, ==, 64);
  ECDSA_SIG_set0 (pair, BN_bin2bn (raw, 32, NULL), BN_bin2bn (raw + 32, 32, NULL));
  pair_size = i2d_ECDSA_SIG (pair, &pair_der);
  EVP_DigestVerifyInit (context, NULL, EVP_sha256 (), NULL, key);
  good = EVP_DigestVerify (context, pair_der, (size_t)pair_size, bytes, bytes_size) == 1;
  OPENSSL_free (pair_der);
  ECDSA_SIG_free (pair);
  EVP_MD_CTX_free (context);
  EVP_PKEY_free (key);
  return good;
}

static gboolean
signature_is_good (FakeServer *self, const char *text)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  g_byte_array_append (bytes, (const guint8 *)"huijian-kiosk-hello-v1\0", 23);
  g_byte_array_append (bytes, self->nonce, 32);
  g_byte_array_append (bytes, (const guint8 *)FAKE_KIOSK "\0", 27);
  g_byte_array_append (bytes, (const guint8 *)FAKE_ORIGIN, strlen (FAKE_ORIGIN));
  return fake_server_verifies (self, bytes->data, bytes->len, text);
}

void
fake_server_send_text (FakeServer *self, const char *text)
{
  soup_websocket_connection_send_text (self->socket, text);
}

/* message: (transfer full). */
void
fake_server_send (FakeServer *self, json_t *message)
{
  g_autofree char *text = hj_json_dump (message);

  g_assert_nonnull (self->socket);
  fake_server_send_text (self, text);
  json_decref (message);
}

static void
answer_hello (FakeServer *self, const json_t *message)
{
  json_int_t id = json_integer_value (json_object_get (message, "id"));
  const char *resume = json_string_value (json_object_get (message, "resume"));
  const char *signature = json_string_value (json_object_get (message, "signature"));
  gboolean good = FALSE;

  if (signature != NULL)
    good = self->signature_good = signature_is_good (self, signature);
  else
    good = g_strcmp0 (resume, self->resume) == 0;
  if (good && self->refusals == 0)
    fake_server_send (self,
        json_pack ("{s:s, s:i, s:I, s:{s:s, s:s, s:s}, s:b}", "verb", "hello", "v", 1, "re", id,
            "you", "kind", "kiosk", "id", FAKE_KIOSK, "name", "k", "resumed", resume != NULL));
  else
    {
      self->refusals -= self->refusals > 0 ? 1 : 0;
      fake_server_send (self, json_pack ("{s:s, s:I, s:s, s:s}", "verb", "error", "re", id, "code",
                                  self->refusal, "title", "no"));
    }
}

static void
on_message (FakeServer *self, int type, GBytes *bytes, SoupWebsocketConnection *socket)
{
  gsize size = 0;
  const char *data = g_bytes_get_data (bytes, &size);
  json_t *message = json_loadb (data, size, JSON_REJECT_DUPLICATES, NULL);

  g_assert_nonnull (message);
  if (g_strcmp0 (json_string_value (json_object_get (message, "verb")), "hello") == 0)
    {
      answer_hello (self, message);
      json_decref (message);
    }
  else
    g_queue_push_tail (&self->got, message);
}

static void
on_closed (FakeServer *self, SoupWebsocketConnection *socket)
{
  if (self->socket == socket)
    g_clear_object (&self->socket);
}

static void
on_socket (SoupServer *soup, SoupServerMessage *message, const char *path,
    SoupWebsocketConnection *socket, gpointer data)
{
  FakeServer *self = data;
  g_autofree char *nonce = NULL;

  g_free (self->seen_origin);
  self->seen_origin = g_strdup (
      soup_message_headers_get_one (soup_server_message_get_request_headers (message), "Origin"));
  g_set_object (&self->socket, socket);
  self->connections++;
  g_signal_connect_swapped (socket, "message", G_CALLBACK (on_message), self);
  g_signal_connect_swapped (socket, "closed", G_CALLBACK (on_closed), self);
  RAND_bytes (self->nonce, sizeof self->nonce);
  nonce = hj_base64url (self->nonce, sizeof self->nonce);
  if (!self->silent)
    fake_server_send (self, json_pack ("{s:s, s:i, s:s, s:s}", "verb", "hello", "v", 1, "nonce",
                                nonce, "origin", self->origin));
}

static void
on_enrol (SoupServer *soup, SoupServerMessage *message, const char *path, GHashTable *query,
    gpointer data)
{
  FakeServer *self = data;
  SoupMessageBody *body = soup_server_message_get_request_body (message);
  g_autoptr (GBytes) bytes = soup_message_body_flatten (body);
  gsize size = 0;
  const char *text = g_bytes_get_data (bytes, &size);
  json_t *request = json_loadb (text, size, 0, NULL);

  self->enrolments++;
  g_free (self->seen_token);
  g_free (self->seen_key);
  g_free (self->seen_header);
  self->seen_token = g_strdup (json_string_value (json_object_get (request, "token")));
  self->seen_key = g_strdup (json_string_value (json_object_get (request, "public_key")));
  self->seen_header = g_strdup (soup_message_headers_get_one (
      soup_server_message_get_request_headers (message), "X-Huijian"));
  json_decref (request);
  soup_server_message_set_status (message, self->enrol_status, NULL);
  if (self->enrol_status == SOUP_STATUS_FOUND)
    soup_message_headers_replace (
        soup_server_message_get_response_headers (message), "Location", "/api/kiosks/enrol?again");
  soup_server_message_set_response (
      message, "application/json", SOUP_MEMORY_COPY, self->enrol_body, strlen (self->enrol_body));
}

/* certificate: (nullable): NULL for http. */
FakeServer *
fake_server_new (GTlsCertificate *certificate)
{
  FakeServer *self = g_new0 (FakeServer, 1);
  const char *protocols[] = { "huijian.v1", NULL };
  g_autoptr (GError) error = NULL;
  GSList *uris = NULL;

  self->soup = soup_server_new ("tls-certificate", certificate, NULL);
  self->origin = FAKE_ORIGIN;
  self->refusal = "token";
  self->enrol_status = SOUP_STATUS_CREATED;
  self->enrol_body
      = g_strdup ("{\"kiosk\":\"" FAKE_KIOSK "\",\"name\":{\"zh\":\"一号机\",\"en\":\"Kiosk 1\"},"
                  "\"room\":{\"zh\":\"一号会见室\",\"en\":\"Room "
                  "1\"},\"centre\":\"x\",\"origin\":\"" FAKE_ORIGIN "\"}");
  soup_server_add_handler (self->soup, "/api/kiosks/enrol", on_enrol, self, NULL);
  soup_server_add_websocket_handler (
      self->soup, "/ws", NULL, (char **)protocols, on_socket, self, NULL);
  soup_server_listen_local (self->soup, 0,
      SOUP_SERVER_LISTEN_IPV4_ONLY | (certificate != NULL ? SOUP_SERVER_LISTEN_HTTPS : 0), &error);
  g_assert_no_error (error);
  uris = soup_server_get_uris (self->soup);
  self->url = g_strdup_printf (
      "%s://127.0.0.1:%d", certificate != NULL ? "https" : "http", g_uri_get_port (uris->data));
  g_slist_free_full (uris, (GDestroyNotify)g_uri_unref);
  return self;
}

void
fake_server_drop (FakeServer *self)
{
  g_autoptr (SoupWebsocketConnection) socket = g_steal_pointer (&self->socket);

  if (socket == NULL)
    return;
  g_signal_handlers_disconnect_by_data (socket, self);
  g_io_stream_close (soup_websocket_connection_get_io_stream (socket), NULL, NULL);
}

void
fake_server_free (FakeServer *self)
{
  if (self == NULL)
    return;
  fake_server_drop (self);
  soup_server_disconnect (self->soup);
  g_object_unref (self->soup);
  g_queue_clear_full (&self->got, (GDestroyNotify)json_decref);
  g_free (self->url);
  g_free (self->enrol_body);
  g_free (self->seen_token);
  g_free (self->seen_key);
  g_free (self->seen_header);
  g_free (self->seen_origin);
  g_free (self);
}

/* Waits for the next message, which must be of that verb. Returns: (transfer full). */
json_t *
fake_server_next (FakeServer *self, const char *verb)
{
  json_t *message = NULL;

  AWAIT (!g_queue_is_empty (&self->got));
  message = g_queue_pop_head (&self->got);
  g_assert_cmpstr (json_string_value (json_object_get (message, "verb")), ==, verb);
  return message;
}

void
fake_server_assign (FakeServer *self, gboolean checked_in)
{
  fake_server_send (self,
      json_pack ("{s:s, s:{s:s, s:n, s:s, s:{s:s, s:s}, s:{s:s}, s:I, s:I, s:b, s:b}}", "verb",
          "assign", "assignment", "booking", FAKE_BOOKING, "meeting", "state", "waiting", "lawyer",
          "name", "李", "firm", "所", "detainee", "name", "张", "starts_at_us", (json_int_t)1,
          "ends_at_us", (json_int_t)2, "lawyer_waiting", 1, "checked_in", checked_in));
}

/* join: (transfer full): the kiosk's message, answered with the seat and its token. */
void
fake_server_seat (FakeServer *self, json_t *join, const char *token)
{
  g_assert_cmpstr (json_string_value (json_object_get (join, "booking")), ==, FAKE_BOOKING);
  fake_server_send (self,
      json_pack ("{s:s, s:O, s:s, s:s, s:s, s:i, s:s, s:s, s:s}", "verb", "join", "re",
          json_object_get (join, "id"), "meeting", FAKE_MEETING, "booking", FAKE_BOOKING, "seat",
          FAKE_SEAT, "number", 1, "role", "kiosk", "token", token, "state", "waiting"));
  json_decref (join);
}
