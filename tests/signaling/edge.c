/* SPDX-License-Identifier: Apache-2.0 */
/* Signalling and the relay's link on real sockets, spoken to by libsoup. */

#include "tests/signaling/edge.h"

#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <string.h>

#include "src/access/tickets.h"
#include "src/base/ids.h"
#include "src/base/link.h"

static const char *const ORIGINS[] = { EDGE_ORIGIN, EDGE_OTHER_ORIGIN, NULL };

static void
free_socket (gpointer data)
{
  Socket *self = data;

  if (self->connection != NULL)
    g_signal_handlers_disconnect_by_data (self->connection, self);
  g_clear_object (&self->connection);
  g_clear_object (&self->session);
  g_queue_clear_full (&self->messages, (GDestroyNotify)json_decref);
  g_free (self);
}

static void
give_kiosk_a_key (Edge *e)
{
  EVP_PKEY *key = EVP_EC_gen ("P-256");
  unsigned char *der = NULL;
  int size = i2d_PUBKEY (key, &der);
  g_autoptr (GString) hex = g_string_new ("UPDATE kiosk SET public_key = x'");

  for (int i = 0; i < size; i++)
    g_string_append_printf (hex, "%02x", der[i]);
  g_string_append (hex, "' WHERE id = :id");
  hj_fixture_sql (&e->p.f, hex->str, e->p.kiosk);
  OPENSSL_free (der);
  e->key = key;
}

void
edge_set_up (Edge *e, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  hj_meeting_place_set_up (&e->p, data);
  give_kiosk_a_key (e);
  e->folder = g_dir_make_tmp ("hj-edge-XXXXXX", NULL);
  e->page_path = g_build_filename (e->folder, "page", NULL);
  e->link_path = g_build_filename (e->folder, "link", NULL);
  e->sockets = g_ptr_array_new_with_free_func (free_socket);
  e->ws = hj_ws_new ();
  e->host = hj_host_new (e->p.f.acts, 60 * HJ_SECOND_US);
  e->link = hj_media_link_new (e->host);
  e->clients = hj_clients_new (e->host, e->p.f.acts, ORIGINS);
  g_assert_true (hj_media_link_listen (e->link, e->ws, e->link_path, &error));
  g_assert_true (hj_clients_listen (e->clients, e->ws, e->page_path, &error));
  g_assert_no_error (error);
}

/* Until nothing is under way in the database. What is on a socket is not waited for: ask something there. */
void
edge_quiet (Edge *e)
{
  hj_run_until_quiet (e->p.f.store);
}

void
edge_tear_down (Edge *e, gconstpointer data)
{
  g_ptr_array_unref (e->sockets);
  g_clear_pointer (&e->ws, hj_ws_free);
  edge_quiet (e);
  g_clear_pointer (&e->clients, hj_clients_free);
  g_clear_pointer (&e->link, hj_media_link_free);
  g_clear_pointer (&e->host, hj_host_free);
  g_unlink (e->page_path);
  g_unlink (e->link_path);
  g_rmdir (e->folder);
  g_free (e->page_path);
  g_free (e->link_path);
  g_free (e->folder);
  EVP_PKEY_free (e->key);
  hj_meeting_place_tear_down (&e->p, data);
}

static void
on_message (Socket *self, int type, GBytes *bytes)
{
  gsize size;
  const char *text = g_bytes_get_data (bytes, &size);
  json_t *message = json_loadb (text, size, JSON_REJECT_DUPLICATES, NULL);

  g_assert_nonnull (message);
  g_queue_push_tail (&self->messages, message);
}

static void
on_closed (Socket *self)
{
  self->closed = TRUE;
}

static void
connected (GObject *session, GAsyncResult *result, gpointer data)
{
  Socket *self = data;

  self->connection = soup_session_websocket_connect_finish (SOUP_SESSION (session), result, NULL);
  self->done = TRUE;
  if (self->connection == NULL)
    return;
  soup_websocket_connection_set_max_incoming_payload_size (self->connection, 0);
  g_signal_connect_swapped (self->connection, "message", G_CALLBACK (on_message), self);
  g_signal_connect_swapped (self->connection, "closed", G_CALLBACK (on_closed), self);
}

static Socket *
dial (Edge *e, const char *path, const char *url, const char *origin, const char *protocol)
{
  Socket *self = g_new0 (Socket, 1);
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);
  g_autoptr (SoupMessage) message = soup_message_new ("GET", url);
  char *protocols[] = { (char *)protocol, NULL };

  g_ptr_array_add (e->sockets, self);
  self->session = soup_session_new_with_options ("remote-connectable", address, NULL);
  soup_session_websocket_connect_async (
      self->session, message, origin, protocols, G_PRIORITY_DEFAULT, NULL, connected, self);
  HJ_WAIT_UNTIL (self->done);
  g_assert_nonnull (self->connection);
  return self;
}

/* Returns: (transfer none): open, nothing said yet. */
Socket *
edge_open (Edge *e)
{
  return dial (e, e->page_path, "ws://huijian/ws", EDGE_ORIGIN, "huijian.v1");
}

/* Returns: (transfer none): a relay that has not registered. */
Socket *
edge_open_link (Edge *e)
{
  return dial (e, e->link_path, "ws://huijiand/link", NULL, HJ_LINK_SUBPROTOCOL);
}

void
socket_send_text (Socket *self, const char *text)
{
  soup_websocket_connection_send_text (self->connection, text);
}

/* message: (transfer full). */
void
socket_send (Socket *self, json_t *message)
{
  g_autofree char *text = hj_json_dump (message);

  socket_send_text (self, text);
  json_decref (message);
}

static GList *
find (Socket *self, const char *verb, gint64 re)
{
  for (GList *item = self->messages.head; item != NULL; item = item->next)
    if (verb != NULL
            ? g_strcmp0 (json_string_value (json_object_get (item->data, "verb")), verb) == 0
            : json_integer_value (json_object_get (item->data, "re")) == re)
      return item;
  return NULL;
}

/* Whether a message of this verb has come and was not taken. */
gboolean
socket_has (Socket *self, const char *verb)
{
  return find (self, verb, 0) != NULL;
}

static json_t *
take (Socket *self, GList *item)
{
  json_t *message = item->data;

  g_queue_delete_link (&self->messages, item);
  return message;
}

/* Waits for the next message of this verb. Returns: (transfer full). */
json_t *
socket_next (Socket *self, const char *verb)
{
  HJ_WAIT_UNTIL (find (self, verb, 0) != NULL);
  return take (self, find (self, verb, 0));
}

/* Gives the message an id and waits for its answer. message: (transfer full). Returns: (transfer full). */
json_t *
socket_ask (Socket *self, json_t *message)
{
  int id = ++self->ids;

  json_object_set_new (message, "id", json_integer (id));
  socket_send (self, message);
  HJ_WAIT_UNTIL (find (self, NULL, id) != NULL);
  return take (self, find (self, NULL, id));
}

/* message: (transfer full): must be refused. Returns: (transfer none): the code of the error. */
const char *
socket_ask_code (Edge *e, Socket *self, json_t *message)
{
  g_autoptr (json_t) answer = socket_ask (self, message);

  g_assert_cmpstr (json_string_value (json_object_get (answer, "verb")), ==, "error");
  g_assert_nonnull (json_object_get (answer, "title"));
  return hj_text_of (&e->p, answer, "code");
}

/* Waits until the server closes. Returns: its close code. */
int
socket_wait_closed (Socket *self)
{
  HJ_WAIT_UNTIL (self->closed);
  return soup_websocket_connection_get_close_code (self->connection);
}

void
socket_close (Socket *self)
{
  soup_websocket_connection_close (self->connection, SOUP_WEBSOCKET_CLOSE_NORMAL, NULL);
  HJ_WAIT_UNTIL (self->closed);
}

/* Returns: (transfer none): of the place's lawyer to join its booking, or of its supervisor to follow. */
const char *
edge_ticket (Edge *e, const char *purpose)
{
  gboolean joins = g_str_equal (purpose, "join");
  json_t *input = hj_about ("purpose", purpose);
  g_autoptr (json_t) answer = NULL;

  if (joins)
    json_object_set_new (input, "booking", json_string (e->p.booking));
  answer = hj_there_act (&e->p.f, &hj_act_ticket, joins ? e->p.counsel : e->p.supervisor, input);
  return hj_text_of (&e->p, answer, "ticket");
}

/* Returns: (transfer none): a lawyer ("join") or a supervisor ("follow") who has said hello. */
Socket *
edge_enter (Edge *e, const char *purpose)
{
  const char *ticket = edge_ticket (e, purpose);
  Socket *socket = edge_open (e);
  g_autoptr (json_t) first = socket_next (socket, "hello");
  g_autoptr (json_t) hello = socket_ask (
      socket, json_pack ("{s:s, s:i, s:s}", "verb", "hello", "v", 1, "ticket", ticket));

  g_assert_cmpstr (json_string_value (json_object_get (hello, "verb")), ==, "hello");
  return socket;
}

/* What a kiosk signs, written down once more from docs/protocol.md. Returns: (transfer full): base64url of r and s. */
char *
edge_sign (Edge *e, const json_t *hello, const char *kiosk, const char *origin)
{
  gsize nonce_size = 0;
  g_autofree guint8 *nonce
      = hj_base64url_decode (json_string_value (json_object_get (hello, "nonce")), &nonce_size);
  g_autoptr (GByteArray) text = g_byte_array_new ();
  EVP_MD_CTX *context = EVP_MD_CTX_new ();
  guint8 der[128], raw[64];
  const guint8 *at = der;
  size_t size = sizeof der;
  ECDSA_SIG *signature;

  g_assert_cmpuint (nonce_size, ==, 32);
  g_byte_array_append (text, (const guint8 *)"huijian-kiosk-hello-v1", 23);
  g_byte_array_append (text, nonce, 32);
  g_byte_array_append (text, (const guint8 *)kiosk, (guint)strlen (kiosk) + 1);
  g_byte_array_append (text, (const guint8 *)origin, (guint)strlen (origin));
  g_assert_cmpint (EVP_DigestSignInit (context, NULL, EVP_sha256 (), NULL, e->key), ==, 1);
  g_assert_cmpint (EVP_DigestSign (context, der, &size, text->data, text->len), ==, 1);
  signature = d2i_ECDSA_SIG (NULL, &at, (long)size);
  BN_bn2binpad (ECDSA_SIG_get0_r (signature), raw, 32);
  BN_bn2binpad (ECDSA_SIG_get0_s (signature), raw + 32, 32);
  ECDSA_SIG_free (signature);
  EVP_MD_CTX_free (context);
  return hj_base64url (raw, sizeof raw);
}

/* Returns: (transfer none): the place's kiosk, which has proved itself. */
Socket *
edge_enter_kiosk (Edge *e)
{
  Socket *socket = edge_open (e);
  g_autoptr (json_t) first = socket_next (socket, "hello");
  g_autofree char *signature = edge_sign (e, first, e->p.kiosk, EDGE_ORIGIN);
  g_autoptr (json_t) hello
      = socket_ask (socket, json_pack ("{s:s, s:i, s:s, s:s}", "verb", "hello", "v", 1, "kiosk",
                                e->p.kiosk, "signature", signature));

  g_assert_cmpstr (json_string_value (json_object_get (hello, "verb")), ==, "hello");
  return socket;
}

/* Returns: (transfer full): join of the place's booking, from the lawyer's registered browser; a kiosk names none. */
json_t *
edge_join_message (Edge *e, const char *booking)
{
  return json_pack ("{s:s, s:s, s:s}", "verb", "join", "booking", booking, "device",
      hj_actor_get_id (e->p.counsel));
}

/* Returns: (transfer none): the seat's token. */
const char *
edge_join (Edge *e, Socket *socket)
{
  g_autoptr (json_t) answer = socket_ask (socket, edge_join_message (e, e->p.booking));

  g_assert_cmpstr (json_string_value (json_object_get (answer, "verb")), ==, "join");
  return hj_text_of (&e->p, answer, "token");
}
