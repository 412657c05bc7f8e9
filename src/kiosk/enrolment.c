/* SPDX-License-Identifier: Apache-2.0 */
/* Who this kiosk is: the server's answer to enrolment, kept in state_dir/enrolment.json (mode 0600). The origin in it is
 * what every later signature covers, so a peer with another origin gets a signature that is of no use elsewhere
 * (docs/protocol.md sections 1 and 2). */

#include "src/kiosk/enrolment.h"

#include <string.h>

#include "src/base/ids.h"
#include "src/base/json.h"
#include "src/kiosk/error.h"
#include "src/kiosk/session.h"

#define MAX_NAME_BYTES 400

struct _HjEnrolment
{
  json_t *answer;
  const char *kiosk; /* not owned: lives in answer */
  char *origin;
  json_t *name;
  json_t *room;
};

/* A name is a text, {zh, en}, or an object that has such a name. Returns: (transfer full): {zh, en} or null. */
static json_t *
read_name (const json_t *value)
{
  const char *text = json_string_value (value);
  const char *zh = NULL;
  const char *en = NULL;

  if (text != NULL)
    return *text == '\0' || strlen (text) > MAX_NAME_BYTES || hj_id_is_valid (text)
               ? json_null ()
               : hj_json_zh_en (text, text);
  zh = json_string_value (json_object_get (value, "zh"));
  en = json_string_value (json_object_get (value, "en"));
  if (zh != NULL && en != NULL && strlen (zh) <= MAX_NAME_BYTES && strlen (en) <= MAX_NAME_BYTES)
    return hj_json_zh_en (zh, en);
  return json_is_object (json_object_get (value, "name"))
                 || json_is_string (json_object_get (value, "name"))
             ? read_name (json_object_get (value, "name"))
             : json_null ();
}

/* An origin as RFC 6454 section 6.2 writes it: scheme, host, port when it is not the scheme's own, no slash. */
static gboolean
read_origin (const json_t *answer, char **ret)
{
  const char *text = json_string_value (json_object_get (answer, "origin"));
  g_autoptr (GUri) uri = text != NULL ? g_uri_parse (text, G_URI_FLAGS_NONE, NULL) : NULL;

  if (uri == NULL || strlen (text) > 300
      || !(g_str_equal (g_uri_get_scheme (uri), "https")
           || g_str_equal (g_uri_get_scheme (uri), "http"))
      || g_uri_get_host (uri) == NULL || *g_uri_get_host (uri) == '\0'
      || *g_uri_get_path (uri) != '\0' || g_uri_get_query (uri) != NULL
      || g_uri_get_fragment (uri) != NULL || g_uri_get_userinfo (uri) != NULL)
    return FALSE;
  *ret = g_strdup (text);
  return TRUE;
}

/* Returns: (transfer full) (nullable). */
HjEnrolment *
hj_enrolment_parse (const char *text, gsize size, GError **error)
{
  g_autoptr (HjEnrolment) self = g_new0 (HjEnrolment, 1);

  self->answer = hj_json_parse (text, size, HJ_MAX_MESSAGE_BYTES, error);
  if (self->answer == NULL || !hj_json_read_id (self->answer, "kiosk", &self->kiosk, error))
    return NULL;
  if (!read_origin (self->answer, &self->origin))
    {
      g_set_error (error, HJ_KIOSK_ERROR, HJ_KIOSK_ERROR_ANSWER, "origin");
      return NULL;
    }
  self->name = read_name (json_object_get (self->answer, "name"));
  self->room = read_name (json_object_get (self->answer, "room"));
  return g_steal_pointer (&self);
}

/* Returns: (transfer full) (nullable). */
HjEnrolment *
hj_enrolment_load (const HjKioskConfig *config, GError **error)
{
  g_autofree char *path = hj_kiosk_config_state_path (config, "enrolment.json");
  g_autofree char *text = NULL;
  gsize size = 0;
  HjEnrolment *self = NULL;

  if (!g_file_get_contents (path, &text, &size, NULL))
    {
      g_set_error (error, HJ_KIOSK_ERROR, HJ_KIOSK_ERROR_NOT_ENROLLED,
          "this kiosk is not enrolled; run: huijian-kiosk enrol --config FILE --token TOKEN");
      return NULL;
    }
  self = hj_enrolment_parse (text, size, error);
  if (self == NULL)
    g_prefix_error (error, "%s is damaged: ", path);
  return self;
}

void
hj_enrolment_free (HjEnrolment *self)
{
  if (self == NULL)
    return;
  json_decref (self->answer);
  json_decref (self->name);
  json_decref (self->room);
  g_free (self->origin);
  g_free (self);
}

const char *
hj_enrolment_get_kiosk (const HjEnrolment *self)
{
  return self->kiosk;
}

const char *
hj_enrolment_get_origin (const HjEnrolment *self)
{
  return self->origin;
}

/* Returns: (transfer none): {zh, en} or null. */
json_t *
hj_enrolment_get_name (const HjEnrolment *self)
{
  return self->name;
}

/* Returns: (transfer none): {zh, en} or null. */
json_t *
hj_enrolment_get_room (const HjEnrolment *self)
{
  return self->room;
}
