/* SPDX-License-Identifier: Apache-2.0 */
/* huijianctl kiosk: invite, list, approve, retire. */

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "src/base/json.h"
#include "src/ctl/find.h"
#include "src/ctl/table.h"

/* The token is alone on stdout, so that it can be handed on to `huijian-kiosk enrol --token -`. */
gboolean
hj_ctl_kiosk_invite (HjCtl *ctl, GError **error)
{
  const char *room = hj_ctl_require (ctl, "room", error);
  const char *name = room != NULL ? hj_ctl_require (ctl, "name", error) : NULL;
  g_autofree char *id = name != NULL ? hj_ctl_find_room (ctl, room, error) : NULL;
  g_autoptr (json_t) answer = NULL;

  if (id == NULL)
    return FALSE;
  answer = hj_ctl_client_act (
      ctl->client, "create-kiosk", json_pack ("{s:s, s:s}", "room", id, "name", name), error);
  if (answer == NULL)
    return FALSE;
  if (ctl->json)
    {
      hj_ctl_print_json (answer);
      return TRUE;
    }
  g_print ("%s\n", json_string_value (json_object_get (answer, "token")));
  g_printerr ("On the kiosk, within 10 minutes and once: huijian-kiosk enrol --token TOKEN\n"
              "It prints a fingerprint; then here: huijianctl kiosk approve KIOSK\n");
  return TRUE;
}

/* People know a room by its name. */
static gboolean
name_rooms (HjCtl *ctl, json_t *kiosks, GError **error)
{
  g_autoptr (json_t) answer = hj_ctl_client_act (ctl->client, "list-rooms", NULL, error);
  const json_t *rooms = json_object_get (answer, "rooms");
  gsize i, n;
  json_t *kiosk, *room;

  json_array_foreach (kiosks, i, kiosk)
  {
    json_array_foreach (rooms, n, room)
    {
      if (json_equal (json_object_get (kiosk, "room"), json_object_get (room, "id")))
        {
          json_object_set (kiosk, "room", json_object_get (room, "name"));
          break;
        }
    }
  }
  return answer != NULL;
}

gboolean
hj_ctl_kiosk_list (HjCtl *ctl, GError **error)
{
  static const char *const COLUMNS[]
      = { "name", "state", "online", "room", "fingerprint", "id", NULL };
  g_autoptr (json_t) answer = hj_ctl_client_act (ctl->client, "list-kiosks", NULL, error);

  if (answer == NULL)
    return FALSE;
  if (ctl->json)
    hj_ctl_print_json (answer);
  else if (!name_rooms (ctl, json_object_get (answer, "kiosks"), error))
    return FALSE;
  else
    hj_ctl_print_table (json_object_get (answer, "kiosks"), COLUMNS);
  return TRUE;
}

/* Returns: (transfer full) (nullable): the fingerprint of the kiosk's key as the server has it; NULL while it has none. */
static char *
get_fingerprint (HjCtl *ctl, const char *id, GError **error)
{
  g_autoptr (json_t) answer = hj_ctl_client_act (ctl->client, "list-kiosks", NULL, error);
  const char *fingerprint = NULL;
  gsize i;
  json_t *kiosk;

  if (answer == NULL)
    return NULL;
  json_array_foreach (json_object_get (answer, "kiosks"), i, kiosk)
  {
    if (g_strcmp0 (json_string_value (json_object_get (kiosk, "id")), id) == 0)
      fingerprint = json_string_value (json_object_get (kiosk, "fingerprint"));
  }
  if (fingerprint == NULL)
    g_set_error_literal (error, HJ_CTL_ERROR, HJ_CTL_ERROR_STATE,
        "this kiosk has not enrolled yet: there is no key to approve");
  return g_strdup (fingerprint);
}

/* Asks the person at the terminal. Nobody there to compare: nothing is approved. Returns: (transfer full) (nullable). */
static char *
compare_fingerprint (HjCtl *ctl, const char *id, GError **error)
{
  g_autofree char *fingerprint = NULL;
  char line[16] = "";

  if (!isatty (STDIN_FILENO))
    {
      g_set_error_literal (error, HJ_CTL_ERROR, HJ_CTL_ERROR_USAGE,
          "give the FINGERPRINT that the kiosk itself shows: nobody is here to compare it");
      return NULL;
    }
  fingerprint = get_fingerprint (ctl, id, error);
  if (fingerprint == NULL)
    return NULL;
  g_print ("The server has this key for the kiosk:\n\n  %s\n\nDoes the kiosk itself show exactly "
           "this fingerprint? Type yes if it does: ",
      fingerprint);
  if (fgets (line, sizeof line, stdin) != NULL && g_str_equal (g_strstrip (line), "yes"))
    return g_steal_pointer (&fingerprint);
  g_set_error_literal (error, HJ_CTL_ERROR, HJ_CTL_ERROR_STATE,
      "not approved. If the kiosk shows another fingerprint, retire it and find out who enrolled");
  return NULL;
}

gboolean
hj_ctl_kiosk_approve (HjCtl *ctl, GError **error)
{
  g_autofree char *id = hj_ctl_find_kiosk (ctl, ctl->arguments[0], error);
  g_autofree char *fingerprint = NULL;
  g_autoptr (json_t) answer = NULL;

  if (id == NULL)
    return FALSE;
  fingerprint = ctl->arguments[1] != NULL ? g_strdup (ctl->arguments[1])
                                          : compare_fingerprint (ctl, id, error);
  if (fingerprint == NULL)
    return FALSE;
  answer = hj_ctl_client_act (ctl->client, "update-kiosk",
      json_pack ("{s:s, s:s, s:s}", "id", id, "state", "approved", "fingerprint", fingerprint),
      error);
  if (answer == NULL)
    return FALSE;
  if (ctl->json)
    hj_ctl_print_json (answer);
  else
    g_print (
        "Kiosk %s is approved; it comes online by itself within a minute.\n", ctl->arguments[0]);
  return TRUE;
}

gboolean
hj_ctl_kiosk_retire (HjCtl *ctl, GError **error)
{
  g_autofree char *id = hj_ctl_find_kiosk (ctl, ctl->arguments[0], error);
  g_autoptr (json_t) answer = NULL;

  if (id == NULL)
    return FALSE;
  answer = hj_ctl_client_act (
      ctl->client, "update-kiosk", json_pack ("{s:s, s:s}", "id", id, "state", "retired"), error);
  if (answer == NULL)
    return FALSE;
  if (ctl->json)
    hj_ctl_print_json (answer);
  else
    g_print ("Kiosk %s is retired; its room can have another one.\n", ctl->arguments[0]);
  return TRUE;
}
