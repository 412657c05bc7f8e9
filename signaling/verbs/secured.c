/* SPDX-License-Identifier: Apache-2.0 */
/* secured: this end has the keys of everybody in the roster. The machine admits only seats that have said so. */

#include "signaling/client-private.h"
#include "src/base/json.h"

static gboolean
said (const json_t *answer, const json_t *problem, const GError *error, gpointer data)
{
  g_autoptr (HjQuestion) question = data;

  if (answer == NULL)
    hj_client_refuse_error (question->client, question->re, error, problem);
  return TRUE;
}

/* secured {epoch}: not answered. */
void
hj_verb_secured (HjClient *client, const json_t *message, gint64 re)
{
  gint64 epoch = 0;
  g_autoptr (GError) error = NULL;

  if (!hj_json_read_int (message, "epoch", 1, G_MAXUINT32, &epoch, &error))
    hj_client_refuse_error (client, re, error, NULL);
  else if (client->seat == NULL)
    hj_client_refuse (client, re, "state", "no seat", NULL);
  else
    hj_host_secured (client->clients->host, &client->peer, client->actor, client->seat, epoch, said,
        hj_question_new (client, re));
}
