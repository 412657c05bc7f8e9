/* SPDX-License-Identifier: Apache-2.0 */
/* quality: how the connection feels at a seat, in three steps; no speech activity, no figures. */

#include "signaling/client-private.h"
#include "src/base/json.h"

/* quality {level}: not answered. */
void
hj_verb_quality (HjClient *client, const json_t *message, gint64 re)
{
  gint64 level = 0;
  g_autoptr (GError) error = NULL;

  if (!hj_json_read_int (message, "level", 1, 3, &level, &error))
    hj_client_refuse_error (client, re, error, NULL);
  else if (client->seat == NULL)
    hj_client_refuse (client, re, "state", "no seat", NULL);
  else
    hj_host_quality (client->clients->host, &client->peer, client->seat, level);
}
