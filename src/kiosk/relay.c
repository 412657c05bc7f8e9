/* SPDX-License-Identifier: Apache-2.0 */
/* What may pass between the page and the server: two lists of verbs (docs/protocol.md section 1). Towards the server a new
 * message is built from the members that the verb has, so nothing else can ride along. Pure functions, any thread. */

#include "src/kiosk/relay.h"

#include <string.h>

#include "src/base/ids.h"
#include "src/base/json.h"

#define MAX_SDP_BYTES (48 * 1024)
#define MAX_KEY_BODY 2048

typedef gboolean (*Fill) (const json_t *in, json_t *out, GError **error);

static const char *const FOR_PAGE[] = { "assign", "join", "seats", "answer", "admit", "notice",
  "leave", "end", "key", "verify", "error", NULL };

static const char *const END_REASONS[] = { "done", "help", "fault", "identity", "other", NULL };

/* Returns: (transfer none) (nullable): the verb, if it looks like one. */
const char *
hj_relay_verb (const json_t *message)
{
  const char *verb = json_string_value (json_object_get (message, "verb"));
  gsize size = verb != NULL ? strlen (verb) : 0;

  return size > 0 && size <= 32 && strspn (verb, "abcdefghijklmnopqrstuvwxyz-") == size ? verb
                                                                                        : NULL;
}

gboolean
hj_relay_is_for_page (const char *verb)
{
  return g_strv_contains (FOR_PAGE, verb);
}

/* Returns: (transfer full): the server's message without what the page has no use for. The seat's token stays with the
 * agent: whoever has it can take the seat. */
json_t *
hj_relay_to_page (const json_t *message)
{
  json_t *copy = json_copy ((json_t *)message);

  json_object_del (copy, "token");
  json_object_del (copy, "re");
  return copy;
}

static gboolean
fill_nothing (const json_t *in, json_t *out, GError **error)
{
  return TRUE;
}

static gboolean
fill_join (const json_t *in, json_t *out, GError **error)
{
  const char *booking = NULL;

  return hj_json_read_id (in, "booking", &booking, error)
         && json_object_set_new (out, "booking", json_string (booking)) == 0;
}

static gboolean
fill_offer (const json_t *in, json_t *out, GError **error)
{
  const char *sdp = NULL;
  const char *srtp = NULL;

  if (!hj_json_read_string (in, "sdp", MAX_SDP_BYTES, &sdp, error)
      || !hj_json_read_optional_string (in, "srtp", 8, &srtp, error))
    return FALSE;
  if (srtp != NULL && !g_str_equal (srtp, "cm"))
    {
      hj_refuse (error, HJ_REFUSAL_INVALID, "srtp");
      return FALSE;
    }
  json_object_set_new (out, "sdp", json_string (sdp));
  if (srtp != NULL)
    json_object_set_new (out, "srtp", json_string (srtp));
  return TRUE;
}

static gboolean
read_body (const json_t *in, const char **ret, GError **error)
{
  static const char SET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

  if (!hj_json_read_string (in, "body", MAX_KEY_BODY, ret, error))
    return FALSE;
  if (strspn (*ret, SET) == strlen (*ret))
    return TRUE;
  hj_refuse (error, HJ_REFUSAL_INVALID, "body");
  return FALSE;
}

/* Whether a `key` of the server is one: from a seat, and with a body that could be one. What it says is the page's matter. */
gboolean
hj_relay_key_fits (const json_t *message)
{
  const char *from = NULL;
  const char *body = NULL;

  return hj_json_read_id (message, "from", &from, NULL) && read_body (message, &body, NULL);
}

static gboolean
fill_key (const json_t *in, json_t *out, GError **error)
{
  const char *to = NULL;
  const char *body = NULL;

  if (!read_body (in, &body, error)
      || !hj_json_read_optional_string (in, "to", HJ_ID_LENGTH, &to, error))
    return FALSE;
  if (to != NULL && !hj_id_is_valid (to))
    {
      hj_refuse (error, HJ_REFUSAL_INVALID, "to");
      return FALSE;
    }
  if (to != NULL)
    json_object_set_new (out, "to", json_string (to));
  return json_object_set_new (out, "body", json_string (body)) == 0;
}

static gboolean
fill_secured (const json_t *in, json_t *out, GError **error)
{
  gint64 epoch = 0;

  return hj_json_read_int (in, "epoch", 1, G_MAXUINT32, &epoch, error)
         && json_object_set_new (out, "epoch", json_integer (epoch)) == 0;
}

static gboolean
fill_verify (const json_t *in, json_t *out, GError **error)
{
  const char *result = NULL;

  if (!fill_secured (in, out, error) || !hj_json_read_string (in, "result", 16, &result, error))
    return FALSE;
  if (!g_str_equal (result, "same") && !g_str_equal (result, "different"))
    {
      hj_refuse (error, HJ_REFUSAL_INVALID, "result");
      return FALSE;
    }
  return json_object_set_new (out, "result", json_string (result)) == 0;
}

static gboolean
fill_end (const json_t *in, json_t *out, GError **error)
{
  const char *reason = NULL;

  if (!hj_json_read_string (in, "reason", 16, &reason, error))
    return FALSE;
  if (!g_strv_contains (END_REASONS, reason))
    {
      hj_refuse (error, HJ_REFUSAL_INVALID, "reason");
      return FALSE;
    }
  return json_object_set_new (out, "reason", json_string (reason)) == 0;
}

static gboolean
fill_quality (const json_t *in, json_t *out, GError **error)
{
  gint64 level = 0;

  return hj_json_read_int (in, "level", 1, 3, &level, error)
         && json_object_set_new (out, "level", json_integer (level)) == 0;
}

static const struct
{
  const char *verb;
  Fill fill;
} FROM_PAGE[] = {
  { "join", fill_join },
  { "offer", fill_offer },
  { "leave", fill_nothing },
  { "end", fill_end },
  { "quality", fill_quality },
  { "key", fill_key },
  { "secured", fill_secured },
  { "verify", fill_verify },
};

/* message: one that the page sent. Returns: (transfer full) (nullable): what the server gets, without an id. */
json_t *
hj_relay_to_server (const json_t *message, GError **error)
{
  const char *verb = hj_relay_verb (message);
  g_autoptr (json_t) out = NULL;

  for (guint i = 0; verb != NULL && i < G_N_ELEMENTS (FROM_PAGE); i++)
    if (g_str_equal (FROM_PAGE[i].verb, verb))
      {
        out = json_pack ("{s:s}", "verb", verb);
        return FROM_PAGE[i].fill (message, out, error) ? g_steal_pointer (&out) : NULL;
      }
  hj_refuse (error, HJ_REFUSAL_INVALID, "verb");
  return NULL;
}

/* message: one for the server. Returns: whether a person has called the security code different. */
gboolean
hj_relay_says_different (const json_t *message)
{
  return g_str_equal (hj_relay_verb (message), "verify")
         && g_strcmp0 (json_string_value (json_object_get (message, "result")), "different") == 0;
}
