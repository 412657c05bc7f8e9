/* SPDX-License-Identifier: Apache-2.0 */
/* huijianctl kiosk: invite, list, retire. */

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
  g_printerr ("On the kiosk, within 10 minutes and once: huijian-kiosk enrol --token TOKEN\n");
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
  static const char *const COLUMNS[] = { "name", "state", "online", "room", "id", NULL };
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
