/* SPDX-License-Identifier: Apache-2.0 */
/* huijianctl centre, room and policy. */

#include "src/base/json.h"
#include "src/ctl/find.h"
#include "src/ctl/table.h"

#define MAX_POLICY 8192

static gboolean
show (HjCtl *ctl, const json_t *answer, const char *what)
{
  if (answer == NULL)
    return FALSE;
  if (ctl->json)
    hj_ctl_print_json (answer);
  else
    g_print ("%s %s\n", what, json_string_value (json_object_get (answer, "id")));
  return TRUE;
}

static gboolean
list (HjCtl *ctl, const char *act, json_t *input, const char *member, const char *const *columns,
    GError **error)
{
  g_autoptr (json_t) answer = hj_ctl_client_act (ctl->client, act, input, error);

  if (answer == NULL)
    return FALSE;
  if (ctl->json)
    hj_ctl_print_json (answer);
  else
    hj_ctl_print_table (json_object_get (answer, member), columns);
  return TRUE;
}

/* Returns: (transfer full): {zh, en}; English is the same as Chinese when nobody says otherwise. */
static json_t *
read_name (HjCtl *ctl, const char *zh)
{
  const char *en = hj_ctl_option (ctl, "name-en");

  return hj_json_zh_en (zh, en != NULL ? en : zh);
}

gboolean
hj_ctl_centre_add (HjCtl *ctl, GError **error)
{
  const char *name = hj_ctl_require (ctl, "name", error);
  const char *zone = hj_ctl_option (ctl, "zone");
  g_autoptr (json_t) answer = NULL;

  if (name == NULL)
    return FALSE;
  answer = hj_ctl_client_act (ctl->client, "create-centre",
      json_pack ("{s:s, s:o, s:s}", "code", ctl->arguments[0], "name", read_name (ctl, name),
          "zone", zone != NULL ? zone : "Asia/Shanghai"),
      error);
  return show (ctl, answer, "Centre");
}

gboolean
hj_ctl_centre_list (HjCtl *ctl, GError **error)
{
  static const char *const COLUMNS[] = { "code", "name", "zone", "id", NULL };

  return list (ctl, "list-centres", NULL, "centres", COLUMNS, error);
}

gboolean
hj_ctl_room_add (HjCtl *ctl, GError **error)
{
  const char *centre = hj_ctl_require (ctl, "centre", error);
  g_autofree char *id = centre != NULL ? hj_ctl_find_centre (ctl, centre, error) : NULL;
  g_autoptr (json_t) answer = NULL;

  if (id == NULL)
    return FALSE;
  answer = hj_ctl_client_act (ctl->client, "create-room",
      json_pack ("{s:s, s:o}", "centre", id, "name", read_name (ctl, ctl->arguments[0])), error);
  return show (ctl, answer, "Room");
}

gboolean
hj_ctl_room_list (HjCtl *ctl, GError **error)
{
  static const char *const COLUMNS[] = { "name", "name.en", "open", "kiosk", "id", NULL };
  const char *centre = hj_ctl_option (ctl, "centre");
  g_autofree char *id = NULL;

  if (centre != NULL && (id = hj_ctl_find_centre (ctl, centre, error)) == NULL)
    return FALSE;
  return list (ctl, "list-rooms", json_pack ("{s:s?}", "centre", id), "rooms", COLUMNS, error);
}

static json_t *
read_document (const char *path, GError **error)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) failure = NULL;
  json_t *document = NULL;
  gsize size = 0;

  if (g_file_get_contents (path, &text, &size, &failure))
    document = hj_json_parse (text, size, MAX_POLICY, &failure);
  if (document == NULL)
    g_set_error (error, HJ_CTL_ERROR, HJ_CTL_ERROR_INPUT, "%s: %s", path, failure->message);
  return document;
}

gboolean
hj_ctl_policy_set (HjCtl *ctl, GError **error)
{
  g_autoptr (json_t) document = read_document (ctl->arguments[1], error);
  g_autofree char *id
      = document != NULL ? hj_ctl_find_centre (ctl, ctl->arguments[0], error) : NULL;
  g_autoptr (json_t) answer = NULL;

  if (id == NULL)
    return FALSE;
  answer = hj_ctl_client_act (ctl->client, "update-policy",
      json_pack ("{s:s, s:O}", "centre", id, "document", document), error);
  if (answer == NULL)
    return FALSE;
  if (ctl->json)
    hj_ctl_print_json (answer);
  else
    g_print ("Version %" JSON_INTEGER_FORMAT " holds from now on.\n",
        json_integer_value (json_object_get (answer, "version")));
  return TRUE;
}

/* The document as `policy set` takes it. */
gboolean
hj_ctl_policy_show (HjCtl *ctl, GError **error)
{
  g_autofree char *id = hj_ctl_find_centre (ctl, ctl->arguments[0], error);
  g_autoptr (json_t) answer = NULL;
  const json_t *newest;

  if (id == NULL
      || (answer = hj_ctl_client_act (
              ctl->client, "list-policies", json_pack ("{s:s}", "centre", id), error))
             == NULL)
    return FALSE;
  newest = json_array_get (json_object_get (answer, "policies"), 0);
  if (newest == NULL)
    {
      g_set_error (error, HJ_CTL_ERROR, HJ_CTL_ERROR_STATE,
          "centre %s has no policy of its own: office hours hold", ctl->arguments[0]);
      return FALSE;
    }
  hj_ctl_print_json (ctl->json ? newest : json_object_get (newest, "document"));
  return TRUE;
}
