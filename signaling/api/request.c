/* SPDX-License-Identifier: Apache-2.0 */
/* One request on its way to its act and back. On control; the message is paused meanwhile. */

#include <string.h>

#include "signaling/api/request-private.h"
#include "src/access/sessions.h"
#include "src/base/json.h"

static void
hung_up (SoupServerMessage *message, gpointer data)
{
  HjRequest *self = data;

  self->gone = TRUE;
}

/* input: (transfer full). Pauses the message. Returns: (transfer full). */
HjRequest *
hj_request_new (
    HjApi *api, SoupServerMessage *message, const HjActKind *kind, guint status, json_t *input)
{
  HjRequest *self = g_new0 (HjRequest, 1);

  self->api = api;
  self->message = g_object_ref (message);
  self->kind = kind;
  self->status = status;
  self->input = input;
  self->language = hj_reply_language (message);
  self->disconnected = g_signal_connect (message, "disconnected", G_CALLBACK (hung_up), self);
  soup_server_message_pause (message);
  return self;
}

static void
finish (HjRequest *self)
{
  g_signal_handler_disconnect (self->message, self->disconnected);
  if (!self->gone)
    soup_server_message_unpause (self->message);
  g_object_unref (self->message);
  json_decref (self->input);
  g_free (self);
}

static void
set_cookie (SoupServerMessage *message, const char *token)
{
  g_autofree char *cookie
      = g_strdup_printf (HJ_COOKIE "=%s; Path=/; Secure; HttpOnly; SameSite=Strict%s", token,
          *token == '\0' ? "; Max-Age=0" : "");

  soup_message_headers_append (
      soup_server_message_get_response_headers (message), "Set-Cookie", cookie);
}

static void
succeed (HjRequest *self, const json_t *answer)
{
  if (self->kind == &hj_act_login)
    {
      set_cookie (self->message, json_string_value (json_object_get (answer, "token")));
      answer = json_object_get (answer, "me");
    }
  else if (self->kind == &hj_act_logout)
    set_cookie (self->message, "");
  hj_reply_json (self->message, self->status, answer);
}

static void
acted (GObject *source, GAsyncResult *result, gpointer data)
{
  HjRequest *self = data;
  g_autoptr (json_t) problem = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) answer = hj_acts_run_finish (result, &problem, &error);

  if (answer != NULL)
    succeed (self, answer);
  else
    hj_request_refuse (self, error, problem);
  finish (self);
}

static const char *
get_idempotency_key (HjRequest *self, HjActor *actor)
{
  const char *key = soup_message_headers_get_one (
      soup_server_message_get_request_headers (self->message), "Idempotency-Key");

  if (self->status != SOUP_STATUS_CREATED)
    return NULL;
  return hj_actor_get_role (actor) == HJ_ROLE_NOBODY ? NULL : key;
}

static void
act (HjRequest *self, HjActor *actor)
{
  hj_acts_run_async (self->api->acts, self->kind, actor, json_incref (self->input),
      get_idempotency_key (self, actor), acted, self);
}

static void
session_found (GObject *source, GAsyncResult *result, gpointer data)
{
  HjRequest *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (HjSession) session = hj_session_find_finish (result, &error);

  if (session != NULL)
    act (self, session->actor);
  else if (hj_access_may (HJ_ROLE_NOBODY, self->kind->name))
    act (self, self->api->nobody);
  else
    {
      hj_request_refuse (self, error, NULL);
      finish (self);
    }
}

/* actor: (nullable): NULL: whoever the cookie says; login and enrolment are for those who are nobody yet. Takes self. */
void
hj_request_run (HjRequest *self, HjActor *actor)
{
  g_autofree char *token = actor == NULL ? hj_guard_get_token (self->message) : NULL;

  if (actor != NULL)
    act (self, actor);
  else if (token == NULL || hj_access_may (HJ_ROLE_NOBODY, self->kind->name))
    act (self, self->api->nobody);
  else
    hj_session_find_async (self->api->acts, token, session_found, self);
}
