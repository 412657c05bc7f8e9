/* SPDX-License-Identifier: Apache-2.0 */
/* hello: who is it? A ticket, a kiosk's signature over our nonce, or the token of a seat that dropped. */

#include "signaling/client-private.h"
#include "src/access/kiosks.h"
#include "src/access/tickets.h"
#include "src/base/json.h"
#include "src/meeting/acts.h"

static const char *
kind_of (const HjClient *client)
{
  if (hj_actor_get_role (client->actor) == HJ_ROLE_KIOSK)
    return "kiosk";
  return g_strcmp0 (client->purpose, "follow") == 0 ? "follower" : "lawyer";
}

static void
greet (HjClient *client, gint64 re, const char *name, gboolean is_resumed)
{
  json_t *message = json_pack ("{s:s, s:i, s:b, s:{s:s, s:s, s:s}}", "verb", "hello", "v", 1,
      "resumed", is_resumed, "you", "kind", kind_of (client), "id", hj_actor_get_id (client->actor),
      "name", name);

  client->state = HJ_CLIENT_IN;
  g_clear_handle_id (&client->hello_timeout, g_source_remove);
  /* A page that was loaded again has a seat and knows nothing. */
  hj_client_add_ice_servers (client, message);
  hj_client_answer (client, re, message);
}

static void
become_kiosk (HjClient *client)
{
  const char *id = hj_actor_get_id (client->actor);

  g_free (client->purpose);
  client->purpose = g_strdup ("kiosk");
  hj_kiosk_set_online_async (client->clients->acts, id, TRUE);
  hj_host_add_kiosk (client->clients->host, &client->peer, id);
}

/* Whoever said hello may have hung up meanwhile. Whoever failed may try again on this socket: first the token of a seat that is
 * gone, then a ticket. Ten errors close it. */
static gboolean
is_welcome (HjQuestion *question, const GError *error)
{
  if (!hj_client_is_here (question->client))
    return FALSE;
  if (error == NULL)
    return TRUE;
  question->client->state = HJ_CLIENT_NEW;
  hj_client_refuse_error (question->client, question->re, error, NULL);
  return FALSE;
}

static void
enter (HjQuestion *question, HjCaller *caller)
{
  HjClient *client = question->client;

  client->actor = hj_actor_ref (caller->actor);
  client->purpose = g_strdup (caller->purpose);
  client->booking = g_strdup (caller->booking);
  greet (client, question->re, caller->name, FALSE);
  if (hj_actor_get_role (client->actor) == HJ_ROLE_KIOSK)
    become_kiosk (client);
}

static void
ticket_taken (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (HjQuestion) question = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (HjCaller) caller = hj_ticket_take_finish (result, &error);

  if (is_welcome (question, error))
    enter (question, caller);
}

static void
kiosk_proved (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (HjQuestion) question = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (HjCaller) caller = hj_kiosk_prove_finish (result, &error);

  if (is_welcome (question, error))
    enter (question, caller);
}

static void
seat_resumed (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (HjQuestion) question = data;
  HjClient *client = question->client;
  g_autoptr (GError) error = NULL;
  g_autoptr (HjActor) actor = NULL;
  g_autoptr (json_t) seat = hj_seat_resume_finish (result, &actor, &error);

  if (!is_welcome (question, error))
    return;
  client->actor = g_steal_pointer (&actor);
  client->purpose = g_strdup ("join");
  client->booking = g_strdup (json_string_value (json_object_get (seat, "booking")));
  client->seat = g_strdup (json_string_value (json_object_get (seat, "seat")));
  greet (client, question->re, json_string_value (json_object_get (seat, "name")), TRUE);
  /* The seat first: a kiosk whose old socket still seems to be there takes over from it, and nothing dropped. */
  hj_host_resume (client->clients->host, &client->peer, seat);
  if (hj_actor_get_role (client->actor) == HJ_ROLE_KIOSK)
    become_kiosk (client);
}

static void
check_kiosk (HjClient *client, const json_t *message, gint64 re)
{
  const char *kiosk = NULL, *signature = NULL;
  g_autoptr (GError) error = NULL;

  if (!hj_json_read_id (message, "kiosk", &kiosk, &error)
      || !hj_json_read_string (message, "signature", 128, &signature, &error))
    {
      client->state = HJ_CLIENT_NEW;
      hj_client_refuse_error (client, re, error, NULL);
      return;
    }
  hj_kiosk_prove_async (client->clients->acts, kiosk, client->nonce, signature,
      client->clients->origin, kiosk_proved, hj_question_new (client, re));
}

/* hello {v:1, locale?, ticket | kiosk + signature | resume} */
void
hj_verb_hello (HjClient *client, const json_t *message, gint64 re)
{
  HjActs *acts = client->clients->acts;
  const char *ticket = NULL, *resume = NULL, *locale = NULL;
  gint64 version = 0;
  g_autoptr (GError) error = NULL;

  if (!hj_json_read_int (message, "v", 1, 1, &version, &error)
      || !hj_json_read_optional_string (message, "locale", 20, &locale, &error)
      || !hj_json_read_optional_string (message, "ticket", 128, &ticket, &error)
      || !hj_json_read_optional_string (message, "resume", 128, &resume, &error))
    {
      hj_client_refuse_error (client, re, error, NULL);
      return;
    }
  client->language = hj_language_from_text (locale);
  client->state = HJ_CLIENT_ENTERING;
  if (ticket != NULL)
    hj_ticket_take_async (acts, ticket, ticket_taken, hj_question_new (client, re));
  else if (resume != NULL)
    hj_seat_resume_async (acts, resume, seat_resumed, hj_question_new (client, re));
  else
    check_kiosk (client, message, re);
}
