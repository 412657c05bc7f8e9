/* SPDX-License-Identifier: Apache-2.0 */
/* follow: a supervisor sees the metadata of the meetings of the jurisdiction, live. There is no picture and no sound to give. */

#include "signaling/client-private.h"
#include "src/base/json.h"
#include "src/meeting/acts.h"

static void
followed (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (HjQuestion) question = data;
  HjClient *client = question->client;
  g_autoptr (json_t) problem = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) answer = hj_acts_run_finish (result, &problem, &error);

  if (answer == NULL)
    {
      hj_client_refuse_error (client, question->re, error, problem);
      return;
    }
  if (!hj_client_is_here (client))
    return;
  hj_host_add_follower (client->clients->host, &client->peer, client->actor);
  hj_client_answer (client, question->re,
      json_pack ("{s:s, s:O}", "verb", "follow", "meetings", json_object_get (answer, "meetings")));
}

/* follow {} */
void
hj_verb_follow (HjClient *client, const json_t *message, gint64 re)
{
  if (g_strcmp0 (client->purpose, "follow") != 0)
    hj_client_refuse (client, re, "not-found", NULL, NULL);
  else
    hj_acts_run_async (client->clients->acts, &hj_act_follow, client->actor, NULL, NULL, followed,
        hj_question_new (client, re));
}
