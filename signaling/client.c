/* SPDX-License-Identifier: Apache-2.0 */
/* One signalling socket: reads messages, finds their verb, tells answers and news. On control. A message that is refused is
 * answered with an error and the seat lives on; ten errors close the socket (docs/protocol.md section 1). */

#include <string.h>

#include "signaling/client-private.h"
#include "src/access/kiosks.h"
#include "src/base/ids.h"
#include "src/base/json.h"
#include "src/base/time.h"

#define SUBPROTOCOL "huijian.v1"
#define MAX_MESSAGE 65536
#define MAX_ERRORS 10
#define HELLO_WITHIN_MS 10000
/* So many messages at once, and then one each time that this passes. */
#define MAX_PATIENCE 100
#define PATIENCE_EVERY_US 50000

static const struct
{
  const char *word;
  HjVerb verb;
} VERBS[] = {
  { "hello", hj_verb_hello },
  { "join", hj_verb_join },
  { "offer", hj_verb_offer },
  { "key", hj_verb_key },
  { "secured", hj_verb_secured },
  { "verify", hj_verb_verify },
  { "quality", hj_verb_quality },
  { "leave", hj_verb_leave },
  { "end", hj_verb_end },
  { "follow", hj_verb_follow },
};

HjClient *
hj_client_ref (HjClient *self)
{
  self->references++;
  return self;
}

void
hj_client_unref (HjClient *self)
{
  if (--self->references > 0)
    return;
  hj_actor_unref (self->actor);
  g_free (self->purpose);
  g_free (self->booking);
  g_free (self->seat);
  g_free (self);
}

/* Whether its socket is still open. */
gboolean
hj_client_is_here (HjClient *self)
{
  return self->connection != NULL;
}

/* message: (transfer full). Dropped when the socket is gone. */
void
hj_client_tell (HjClient *self, json_t *message)
{
  g_autoptr (json_t) owned = message;

  if (self->connection != NULL)
    hj_ws_connection_send (self->connection, hj_json_dump (message));
}

/* Adds the TURN servers with fresh credentials of the client's seat, if there are any. Whoever has no seat gets none. */
void
hj_client_add_ice_servers (HjClient *self, json_t *message)
{
  HjTurn *turn = self->clients->turn;

  if (turn != NULL && self->seat != NULL)
    json_object_set_new (message, "ice_servers",
        hj_turn_describe (turn, self->seat, hj_time_now (hj_acts_get_time (self->clients->acts))));
}

/* message: (transfer full). re: -1: the question had no id. */
void
hj_client_answer (HjClient *self, gint64 re, json_t *message)
{
  if (re >= 0)
    json_object_set_new (message, "re", json_integer (re));
  hj_client_tell (self, message);
}

/* detail, members: (nullable) (transfer none). */
void
hj_client_refuse (
    HjClient *self, gint64 re, const char *code, const char *detail, const json_t *members)
{
  json_t *message = json_pack ("{s:s, s:s, s:s}", "verb", "error", "code", code, "title",
      hj_problem_title (code, self->language));

  if (detail != NULL)
    json_object_set_new (message, "detail", json_string (detail));
  if (members != NULL)
    json_object_update_missing (message, (json_t *)members);
  hj_client_answer (self, re, message);
  if (++self->errors >= MAX_ERRORS && self->connection != NULL)
    hj_ws_connection_close (self->connection, 4400, "too many errors");
}

void
hj_client_refuse_error (HjClient *self, gint64 re, const GError *error, const json_t *members)
{
  g_autoptr (json_t) problem = hj_problem_new (error, members, self->language);

  if (error->domain != HJ_REFUSAL)
    g_warning ("a verb failed: %s", error->message);
  hj_client_refuse (self, re, hj_problem_code (error),
      json_string_value (json_object_get (problem, "detail")), members);
}

/* Returns: (transfer full). */
HjQuestion *
hj_question_new (HjClient *client, gint64 re)
{
  HjQuestion *self = g_new (HjQuestion, 1);

  *self = (HjQuestion){ hj_client_ref (client), re };
  return self;
}

void
hj_question_free (HjQuestion *self)
{
  hj_client_unref (self->client);
  g_free (self);
}

static void
tell_peer (HjPeer *peer, json_t *message)
{
  hj_client_tell ((HjClient *)peer, message);
}

/* A kiosk goes on to its next meeting on the same socket. */
static void
unseat_peer (HjPeer *peer, const char *seat)
{
  HjClient *self = (HjClient *)peer;

  if (g_strcmp0 (self->seat, seat) == 0)
    g_clear_pointer (&self->seat, g_free);
}

static void
send_peer_away (HjPeer *peer, const char *reason)
{
  HjClient *self = (HjClient *)peer;

  if (self->connection != NULL)
    hj_ws_connection_close (self->connection, 4409, reason);
}

static const HjPeerInterface PEER = { tell_peer, unseat_peer, send_peer_away };

static gboolean
hello_is_late (gpointer data)
{
  HjClient *self = data;

  self->hello_timeout = 0;
  if (self->state != HJ_CLIENT_IN && self->connection != NULL)
    hj_ws_connection_close (self->connection, 4401, "no hello");
  return G_SOURCE_REMOVE;
}

static gpointer
opened (HjWsConnection *connection, gpointer data)
{
  HjClient *self = g_new0 (HjClient, 1);
  g_autofree char *nonce = NULL;

  self->peer.interface = &PEER;
  self->clients = data;
  self->connection = connection;
  g_ptr_array_add (self->clients->all, self);
  self->references = 1;
  self->patience = MAX_PATIENCE;
  self->patience_at_us = g_get_monotonic_time ();
  hj_random (self->nonce, sizeof self->nonce);
  nonce = hj_base64url (self->nonce, sizeof self->nonce);
  self->hello_timeout = g_timeout_add (self->clients->hello_within_ms, hello_is_late, self);
  hj_client_tell (self, json_pack ("{s:s, s:i, s:s, s:s}", "verb", "hello", "v", 1, "nonce", nonce,
                            "origin", self->clients->origin));
  return self;
}

static void
dispatch (HjClient *self, const json_t *message)
{
  const char *word = json_string_value (json_object_get (message, "verb"));
  const json_t *id = json_object_get (message, "id");
  gint64 re = json_is_integer (id) && json_integer_value (id) >= 0 ? json_integer_value (id) : -1;

  if (word == NULL || (id != NULL && re < 0))
    {
      hj_client_refuse (self, -1, "invalid", word == NULL ? "verb" : "id", NULL);
      return;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (VERBS); i++)
    {
      if (!g_str_equal (VERBS[i].word, word))
        continue;
      if (VERBS[i].verb == hj_verb_hello ? self->state != HJ_CLIENT_NEW
                                         : self->state != HJ_CLIENT_IN)
        hj_client_refuse (self, re, "state", "hello first, and once", NULL);
      else
        VERBS[i].verb (self, message, re);
      return;
    }
  hj_client_refuse (self, re, "unknown-verb", NULL, NULL);
}

/* A page sends a few messages and then a figure now and then; whoever sends without end writes our disk full. */
static gboolean
is_flood (HjClient *self)
{
  gint64 now_us = g_get_monotonic_time ();
  gint64 earned = (now_us - self->patience_at_us) / PATIENCE_EVERY_US;

  if (earned > 0)
    {
      self->patience = (int)MIN (MAX_PATIENCE, self->patience + earned);
      self->patience_at_us = now_us;
    }
  if (self->patience == 0)
    return TRUE;
  self->patience--;
  return FALSE;
}

static void
received (gpointer data, const char *text, gsize size)
{
  HjClient *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) message = NULL;

  if (is_flood (self))
    {
      hj_client_refuse (self, -1, "too-many", NULL, NULL);
      return;
    }
  message = hj_json_parse (text, size, MAX_MESSAGE, &error);
  if (message == NULL)
    hj_client_refuse_error (self, -1, error, NULL);
  else
    dispatch (self, message);
}

static void
closed (gpointer data)
{
  HjClient *self = data;

  self->connection = NULL;
  g_ptr_array_remove_fast (self->clients->all, self);
  g_clear_handle_id (&self->hello_timeout, g_source_remove);
  hj_host_disconnected (self->clients->host, &self->peer);
  hj_host_remove_follower (self->clients->host, &self->peer);
  if (hj_host_remove_kiosk (self->clients->host, &self->peer))
    hj_kiosk_set_online_async (self->clients->acts, hj_actor_get_id (self->actor), FALSE);
  hj_client_unref (self);
}

static const HjWsHandler HANDLER = { opened, received, closed };

/* Whether the act takes somebody's right to be here away: a disabled account, other
 * centres, a new password, a retired kiosk. */
static gboolean
takes_away (const HjActKind *kind, const json_t *input, const json_t *answer)
{
  const char *state = json_string_value (json_object_get (answer, "state"));

  if (g_str_equal (kind->name, "update-account"))
    return g_strcmp0 (state, "disabled") == 0 || json_object_get (input, "centres") != NULL;
  if (g_str_equal (kind->name, "update-kiosk"))
    return g_strcmp0 (state, "retired") == 0;
  return g_str_equal (kind->name, "set-password");
}

/* Whether the act takes this client out of the meeting of its booking. */
static gboolean
takes_out (const HjClient *client, const HjActKind *kind, const json_t *input)
{
  const char *booking = json_string_value (json_object_get (input, "booking"));
  const char *lawyer = json_string_value (json_object_get (input, "lawyer"));

  return g_str_equal (kind->name, "remove-participant") && client->booking != NULL
         && g_strcmp0 (client->booking, booking) == 0
         && g_strcmp0 (hj_actor_get_lawyer (client->actor), lawyer) == 0;
}

/* HjActWatch: what was taken away ends at once, not when the socket happens to close. */
static void
hear_of_act (const HjActKind *kind, const HjActor *actor, const json_t *input, const json_t *answer,
    gpointer data)
{
  HjClients *self = data;
  const char *id = json_string_value (json_object_get (input, "id"));
  gboolean away = id != NULL && takes_away (kind, input, answer);

  for (guint i = 0; i < self->all->len; i++)
    {
      HjClient *client = g_ptr_array_index (self->all, i);

      if (client->actor != NULL
          && ((away && g_strcmp0 (hj_actor_get_id (client->actor), id) == 0)
              || takes_out (client, kind, input)))
        hj_ws_connection_close (client->connection, 4403, "not allowed any more");
    }
}

/* origins: (transfer none): what browsers may come from; the first is the one that kiosks sign. Returns: (transfer full). */
HjClients *
hj_clients_new (HjHost *host, HjActs *acts, const char *const *origins)
{
  HjClients *self = g_new0 (HjClients, 1);

  *self = (HjClients){ .host = host,
    .acts = acts,
    .origins = origins,
    .origin = origins[0],
    .hello_within_ms = HELLO_WITHIN_MS,
    .all = g_ptr_array_new () };
  hj_acts_watch (acts, hear_of_act, self);
  return self;
}

/* How long a socket may stay without a hello: for tests. */
void
hj_clients_set_hello_within (HjClients *self, guint within_ms)
{
  self->hello_within_ms = within_ms;
}

/* turn: (transfer none): must outlive the clients; what seats are told of from now on. */
void
hj_clients_set_turn (HjClients *self, HjTurn *turn)
{
  self->turn = turn;
}

gboolean
hj_clients_listen (HjClients *self, HjWs *ws, const char *socket_path, GError **error)
{
  HjWsListener listener = { .socket_path = socket_path,
    .mode = 0660,
    .subprotocol = SUBPROTOCOL,
    .max_message = MAX_MESSAGE,
    .origins = self->origins,
    .handler = &HANDLER,
    .data = self };

  return hj_ws_listen (ws, &listener, error);
}

/* The HjWs must be gone, and the loop must have run until every question is answered. */
void
hj_clients_free (HjClients *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->all);
  g_free (self);
}
