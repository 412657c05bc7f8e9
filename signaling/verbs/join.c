/* SPDX-License-Identifier: Apache-2.0 */
/* join: a lawyer with the ticket for this booking, or its kiosk, takes a seat. */

#include "signaling/client-private.h"
#include "src/base/ids.h"
#include "src/base/json.h"

static gboolean
joined (const json_t *answer, const json_t *problem, const GError *error, gpointer data)
{
  g_autoptr (HjQuestion) question = data;
  HjClient *client = question->client;
  json_t *message;

  client->joining = FALSE;
  if (answer == NULL)
    {
      hj_client_refuse_error (client, question->re, error, problem);
      return FALSE;
    }
  if (!hj_client_is_here (client))
    return FALSE;
  g_free (client->seat);
  client->seat = g_strdup (json_string_value (json_object_get (answer, "seat")));
  message = json_pack ("{s:s, s:O, s:O, s:O, s:O, s:O, s:O, s:O, s:O, s:O}", "verb", "join",
      "meeting", json_object_get (answer, "meeting"), "booking",
      json_object_get (answer, "booking"), "seat", json_object_get (answer, "seat"), "number",
      json_object_get (answer, "number"), "role", json_object_get (answer, "role"), "token",
      json_object_get (answer, "token"), "state", json_object_get (answer, "state"), "starts_at_us",
      json_object_get (answer, "starts_at_us"), "ends_at_us",
      json_object_get (answer, "ends_at_us"));
  hj_client_add_ice_servers (client, message);
  hj_client_answer (client, question->re, message);
  return TRUE;
}

/* join {booking, device?}: a lawyer names the registered device of this browser. */
void
hj_verb_join (HjClient *client, const json_t *message, gint64 re)
{
  const char *booking = NULL, *device = NULL;
  g_autoptr (GError) error = NULL;

  if (!hj_json_read_id (message, "booking", &booking, &error)
      || !hj_json_read_optional_string (message, "device", HJ_ID_LENGTH, &device, &error))
    hj_client_refuse_error (client, re, error, NULL);
  else if (client->seat != NULL || client->joining)
    hj_client_refuse (client, re, "state", "has a seat", NULL);
  else if (g_strcmp0 (client->purpose, "kiosk") != 0 && g_strcmp0 (client->booking, booking) != 0)
    hj_client_refuse (client, re, "not-found", NULL, NULL);
  else
    {
      client->joining = TRUE;
      hj_host_join (client->clients->host, &client->peer, client->actor, booking, device, joined,
          hj_question_new (client, re));
    }
}
