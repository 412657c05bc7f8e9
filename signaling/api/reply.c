/* SPDX-License-Identifier: Apache-2.0 */
/* Answers: JSON, problems (RFC 9457), never cached. On control. */

#include <string.h>

#include "signaling/api/request-private.h"
#include "src/base/json.h"

HjLanguage
hj_reply_language (SoupServerMessage *message)
{
  return hj_language_from_text (soup_message_headers_get_list (
      soup_server_message_get_request_headers (message), "Accept-Language"));
}

static void
reply (SoupServerMessage *message, guint status, const char *type, const json_t *body)
{
  g_autofree char *text = hj_json_dump (body);

  soup_message_headers_replace (
      soup_server_message_get_response_headers (message), "Cache-Control", "no-store");
  soup_server_message_set_status (message, status, NULL);
  soup_server_message_set_response (message, type, SOUP_MEMORY_COPY, text, strlen (text));
}

/* answer: (transfer none): nothing is sent with 204. */
void
hj_reply_json (SoupServerMessage *message, guint status, const json_t *answer)
{
  if (status == SOUP_STATUS_NO_CONTENT)
    soup_server_message_set_status (message, status, NULL);
  else
    reply (message, status, "application/json", answer);
}

/* detail: (nullable). */
void
hj_reply_problem (SoupServerMessage *message, guint status, const char *code, const char *detail)
{
  g_autofree char *type = g_strconcat ("urn:huijian:problem:", code, NULL);
  g_autoptr (json_t) problem = json_pack ("{s:s, s:s, s:i, s:s}", "type", type, "title",
      hj_problem_title (code, hj_reply_language (message)), "status", (int)status, "code", code);

  if (detail != NULL)
    json_object_set_new (problem, "detail", json_string (detail));
  reply (message, status, "application/problem+json", problem);
}

/* allowed: the methods that would do. */
void
hj_reply_not_allowed (SoupServerMessage *message, const char *allowed)
{
  soup_message_headers_replace (
      soup_server_message_get_response_headers (message), "Allow", allowed);
  hj_reply_problem (message, SOUP_STATUS_METHOD_NOT_ALLOWED, "method", NULL);
}

/* members: (nullable): of the answer: findings, alternatives, fields. */
void
hj_request_refuse (HjRequest *self, const GError *error, const json_t *members)
{
  g_autoptr (json_t) problem = hj_problem_new (error, members, self->language);

  if (error->domain != HJ_REFUSAL)
    g_warning ("%s failed: %s", self->kind->name, error->message);
  reply (self->message, hj_problem_status (error), "application/problem+json", problem);
}
