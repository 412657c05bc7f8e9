/* SPDX-License-Identifier: Apache-2.0 */
/* verify: the person at this end compared the security code. `different` ends the meeting; every seat hears of that. */

#include "signaling/client-private.h"
#include "src/base/json.h"

static gboolean
verified (const json_t *answer, const json_t *problem, const GError *error, gpointer data)
{
  g_autoptr (HjQuestion) question = data;

  if (answer == NULL)
    hj_client_refuse_error (question->client, question->re, error, problem);
  else
    hj_client_answer (question->client, question->re, json_pack ("{s:s}", "verb", "verify"));
  return TRUE;
}

/* verify {epoch, result}: same or different */
void
hj_verb_verify (HjClient *client, const json_t *message, gint64 re)
{
  const char *result = NULL;
  gint64 epoch = 0;
  g_autoptr (GError) error = NULL;

  if (!hj_json_read_int (message, "epoch", 1, G_MAXUINT32, &epoch, &error)
      || !hj_json_read_string (message, "result", 16, &result, &error))
    hj_client_refuse_error (client, re, error, NULL);
  else if (client->seat == NULL)
    hj_client_refuse (client, re, "state", "no seat", NULL);
  else
    hj_host_verify (client->clients->host, &client->peer, client->actor, client->seat, epoch,
        result, verified, hj_question_new (client, re));
}
