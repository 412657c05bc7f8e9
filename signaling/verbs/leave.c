/* SPDX-License-Identifier: Apache-2.0 */
/* leave: a seat goes for good; the meeting waits for whoever comes, or for its end. */

#include "signaling/client-private.h"
#include "src/base/json.h"

static gboolean
left (const json_t *answer, const json_t *problem, const GError *error, gpointer data)
{
  g_autoptr (HjQuestion) question = data;

  if (answer == NULL)
    {
      hj_client_refuse_error (question->client, question->re, error, problem);
      return TRUE;
    }
  hj_client_answer (question->client, question->re, json_pack ("{s:s}", "verb", "leave"));
  return TRUE;
}

/* leave {} */
void
hj_verb_leave (HjClient *client, const json_t *message, gint64 re)
{
  if (client->seat == NULL)
    hj_client_refuse (client, re, "state", "no seat", NULL);
  else
    hj_host_leave (client->clients->host, &client->peer, client->actor, client->seat, left,
        hj_question_new (client, re));
}
