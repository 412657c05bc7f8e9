/* SPDX-License-Identifier: Apache-2.0 */
/* offer: the SDP of a seat, passed on unread; huijian-media answers. */

#include "signaling/client-private.h"
#include "src/base/json.h"

#define MAX_SDP 49152

/* The relay's own words that a client can do something about; a room that is not there could not be opened. */
static const char *
code_of (const char *refusal)
{
  static const char *const TOLD[]
      = { "bad-offer", "full", "unavailable", "not-found", "too-many", NULL };

  if (g_str_equal (refusal, "no-room"))
    return "full";
  return g_strv_contains (TOLD, refusal) ? refusal : "unavailable";
}

static void
answered (const char *sdp, const char *refusal, gpointer data)
{
  g_autoptr (HjQuestion) question = data;
  json_t *message;

  if (sdp == NULL)
    {
      hj_client_refuse (question->client, question->re, code_of (refusal), NULL, NULL);
      return;
    }
  message = json_pack ("{s:s, s:s}", "verb", "answer", "sdp", sdp);
  /* For the next offer: what `join` brought may have expired by then. */
  hj_client_add_ice_servers (question->client, message);
  hj_client_answer (question->client, question->re, message);
}

/* offer {sdp, srtp?} */
void
hj_verb_offer (HjClient *client, const json_t *message, gint64 re)
{
  const char *sdp = NULL, *srtp = NULL;
  g_autoptr (GError) error = NULL;

  if (!hj_json_read_string (message, "sdp", MAX_SDP, &sdp, &error)
      || !hj_json_read_optional_string (message, "srtp", 8, &srtp, &error))
    hj_client_refuse_error (client, re, error, NULL);
  else if (srtp != NULL && g_strcmp0 (srtp, "cm") != 0)
    hj_client_refuse (client, re, "invalid", "srtp", NULL);
  else if (client->seat == NULL)
    hj_client_refuse (client, re, "state", "no seat", NULL);
  else
    hj_host_offer (client->clients->host, &client->peer, client->seat, sdp, srtp != NULL, answered,
        hj_question_new (client, re));
}
