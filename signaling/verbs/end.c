/* SPDX-License-Identifier: Apache-2.0 */
/* end: a person ends the meeting, with a reason. Every seat hears of it. */

#include "signaling/client-private.h"
#include "src/base/json.h"

static gboolean
ended (const json_t *answer, const json_t *problem, const GError *error, gpointer data)
{
  g_autoptr (HjQuestion) question = data;

  if (answer == NULL)
    hj_client_refuse_error (question->client, question->re, error, problem);
  return TRUE;
}

/* end {reason}: done, help, fault, identity or other */
void
hj_verb_end (HjClient *client, const json_t *message, gint64 re)
{
  const char *reason = NULL;
  g_autoptr (GError) error = NULL;

  if (!hj_json_read_string (message, "reason", 20, &reason, &error))
    hj_client_refuse_error (client, re, error, NULL);
  else if (client->seat == NULL)
    hj_client_refuse (client, re, "state", "no seat", NULL);
  else
    hj_host_end (client->clients->host, &client->peer, client->actor, client->seat, reason, ended,
        hj_question_new (client, re));
}
