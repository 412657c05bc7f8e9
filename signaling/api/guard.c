/* SPDX-License-Identifier: Apache-2.0 */
/* What a request must carry before anybody looks into it: a known origin and our header on every write, so that no other page
 * can make a browser write here (SECURITY.md section 5); and where its session token is. On control. */

#include <string.h>

#include "signaling/api/request-private.h"
#include "src/access/kiosks.h"

#define MAX_KEY 128

static gboolean
is_from_elsewhere (const char *site)
{
  return site != NULL && !g_str_equal (site, "same-origin") && !g_str_equal (site, "none");
}

/* Returns: (transfer none) (nullable): the code of the refusal, NULL when the request may go on. A kiosk that enrols is no
 * browser and has no origin. */
const char *
hj_guard_refuses (HjApi *api, SoupServerMessage *message, const HjActKind *kind)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  const char *origin = soup_message_headers_get_one (headers, "Origin");
  gboolean writes = !g_str_equal (soup_server_message_get_method (message), "GET");

  if (is_from_elsewhere (soup_message_headers_get_one (headers, "Sec-Fetch-Site")))
    return "origin";
  if (origin != NULL && !g_strv_contains (api->origins, origin))
    return "origin";
  if (!writes)
    return NULL;
  if (g_strcmp0 (soup_message_headers_get_one (headers, "X-Huijian"), "1") != 0)
    return "origin";
  return origin == NULL && kind != &hj_act_enrol_kiosk ? "origin" : NULL;
}

/* Whether its Idempotency-Key can be kept: a caller that relies on it must know when it cannot. */
gboolean
hj_guard_key_is_valid (SoupServerMessage *message)
{
  const char *key = soup_message_headers_get_one (
      soup_server_message_get_request_headers (message), "Idempotency-Key");
  gsize length = key != NULL ? strlen (key) : 0;

  if (key == NULL)
    return TRUE;
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isgraph (key[i]))
      return FALSE;
  return length > 0 && length <= MAX_KEY;
}

/* Returns: (transfer full) (nullable): the session token of the cookie. */
char *
hj_guard_get_token (SoupServerMessage *message)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  g_autofree char *cookies = g_strdup (soup_message_headers_get_list (headers, "Cookie"));
  g_auto (GStrv) parts = cookies != NULL ? g_strsplit (cookies, ";", 64) : NULL;

  for (char **part = parts; part != NULL && *part != NULL; part++)
    if (g_str_has_prefix (g_strstrip (*part), HJ_COOKIE "="))
      return g_strdup (*part + strlen (HJ_COOKIE "="));
  return NULL;
}
