/* SPDX-License-Identifier: Apache-2.0 */
/* What a person calls a thing -> its id: a centre by its code or name, a room by its name, an account by its name, a lawyer by
 * the licence. What fits two things fits none. */

#include "src/ctl/find.h"

#include "src/base/ids.h"
#include "src/base/json.h"

/* The list that an act answers, and the members by which a row of it is called. */
typedef struct
{
  const char *act;
  const char *member;
  const char *what;
  const char *const *names;
} List;

static gboolean
is_called (const json_t *row, const char *name, const char *text)
{
  const json_t *value = json_object_get (row, name);

  if (json_is_object (value))
    return is_called (value, "zh", text) || is_called (value, "en", text);
  return g_strcmp0 (json_string_value (value), text) == 0;
}

static gboolean
fits (const json_t *row, const List *list, const char *text)
{
  if (g_strcmp0 (json_string_value (json_object_get (row, "state")), "retired") == 0)
    return is_called (row, "id", text);
  for (const char *const *name = list->names; *name != NULL; name++)
    if (is_called (row, *name, text))
      return TRUE;
  return is_called (row, "id", text);
}

/* input: (transfer full) (nullable). Returns: (transfer full) (nullable): the id. */
static char *
find (HjCtl *ctl, const List *list, json_t *input, const char *text, GError **error)
{
  g_autoptr (json_t) answer = hj_ctl_client_act (ctl->client, list->act, input, error);
  const char *found = NULL;
  gsize i;
  json_t *row;

  if (answer == NULL)
    return NULL;
  json_array_foreach (json_object_get (answer, list->member), i, row)
  {
    if (!fits (row, list, text))
      continue;
    if (found != NULL)
      {
        g_set_error (error, HJ_CTL_ERROR, HJ_CTL_ERROR_USAGE,
            "more than one %s is called %s: give its id", list->what, text);
        return NULL;
      }
    found = json_string_value (json_object_get (row, "id"));
  }
  if (found == NULL)
    g_set_error (error, HJ_CTL_ERROR, HJ_CTL_ERROR_USAGE, "there is no %s %s", list->what, text);
  return g_strdup (found);
}

/* text: id, code or name. Returns: (transfer full) (nullable): the id. */
char *
hj_ctl_find_centre (HjCtl *ctl, const char *text, GError **error)
{
  static const char *const NAMES[] = { "code", "name", NULL };
  static const List LIST = { "list-centres", "centres", "centre", NAMES };

  return find (ctl, &LIST, NULL, text, error);
}

/* text: id or name. Returns: (transfer full) (nullable): the id. */
char *
hj_ctl_find_room (HjCtl *ctl, const char *text, GError **error)
{
  static const char *const NAMES[] = { "name", NULL };
  static const List LIST = { "list-rooms", "rooms", "room", NAMES };

  return find (ctl, &LIST, NULL, text, error);
}

/* text: id or name; retired ones by their id alone. Returns: (transfer full) (nullable): the id. */
char *
hj_ctl_find_kiosk (HjCtl *ctl, const char *text, GError **error)
{
  static const char *const NAMES[] = { "name", NULL };
  static const List LIST = { "list-kiosks", "kiosks", "kiosk", NAMES };

  return find (ctl, &LIST, NULL, text, error);
}

/* text: id or account name. Returns: (transfer full) (nullable): the id. */
char *
hj_ctl_find_account (HjCtl *ctl, const char *text, GError **error)
{
  static const char *const NAMES[] = { "name", NULL };
  static const List LIST = { "list-accounts", "accounts", "account", NAMES };

  return find (ctl, &LIST, NULL, text, error);
}

/* text: id or licence. Returns: (transfer full) (nullable): the id. */
char *
hj_ctl_find_lawyer (HjCtl *ctl, const char *text, GError **error)
{
  static const char *const NAMES[] = { "licence", NULL };
  static const List LIST = { "list-lawyers", "lawyers", "lawyer", NAMES };

  if (hj_id_is_valid (text))
    return g_strdup (text);
  return find (ctl, &LIST, json_pack ("{s:s}", "q", text), text, error);
}
