/* SPDX-License-Identifier: Apache-2.0 */
/* key: what the ends agree on among themselves (docs/e2ee.md), passed on unread: it is neither kept nor logged, and no act. */

#include <string.h>

#include "signaling/client-private.h"
#include "src/base/json.h"

#define MAX_BODY 2048

/* RFC 4648 section 5, without padding. */
static gboolean
is_base64url (const char *text)
{
  static const char SET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

  return strspn (text, SET) == strlen (text);
}

/* key {to?, body}: to one seat of the same meeting, or to all others. Not answered. */
void
hj_verb_key (HjClient *client, const json_t *message, gint64 re)
{
  const json_t *to = json_object_get (message, "to");
  gboolean is_to_all = to == NULL || json_is_null (to);
  const char *seat = NULL, *body = NULL;
  g_autoptr (GError) error = NULL;

  if ((!is_to_all && !hj_json_read_id (message, "to", &seat, &error))
      || !hj_json_read_string (message, "body", MAX_BODY, &body, &error))
    hj_client_refuse_error (client, re, error, NULL);
  else if (!is_base64url (body))
    hj_client_refuse (client, re, "invalid", "body", NULL);
  else if (client->seat == NULL)
    hj_client_refuse (client, re, "state", "no seat", NULL);
  else if (!hj_host_key (client->clients->host, &client->peer, client->seat, seat, body, &error))
    hj_client_refuse_error (client, re, error, NULL);
}
