/* SPDX-License-Identifier: Apache-2.0 */
/* huijianctl account: add, disable, enable, list, set-password. */

#include "src/base/json.h"
#include "src/base/secret.h"
#include "src/ctl/find.h"
#include "src/ctl/table.h"

static void
say (HjCtl *ctl, const json_t *answer, const char *name, const char *outcome)
{
  if (ctl->json)
    hj_ctl_print_json (answer);
  else
    g_printerr ("Account %s %s.\n", name, outcome);
}

/* A generated password is shown once, alone on stdout, so that a script can take it. */
static void
show_generated (HjCtl *ctl, json_t *answer, const char *password, gboolean generated)
{
  if (generated && ctl->json)
    json_object_set_new (answer, "password", json_string (password));
  else if (generated)
    g_print ("%s\n", password);
}

/* Who works where: --centre once or more, or --all; --lawyer for a lawyer. */
static gboolean
add_reach (HjCtl *ctl, json_t *input, GError **error)
{
  GPtrArray *names = g_hash_table_lookup (ctl->options, "centre");
  const char *lawyer = hj_ctl_option (ctl, "lawyer");
  json_t *centres;

  if (lawyer != NULL)
    {
      g_autofree char *id = hj_ctl_find_lawyer (ctl, lawyer, error);

      json_object_set_new (input, "lawyer", hj_json_string_or_null (id));
      return id != NULL;
    }
  if (hj_ctl_option (ctl, "all") != NULL)
    return json_object_set_new (input, "scope", json_string ("all")) == 0;
  centres = json_array ();
  json_object_set_new (input, "centres", centres);
  for (guint i = 0; names != NULL && i < names->len; i++)
    {
      g_autofree char *id = hj_ctl_find_centre (ctl, g_ptr_array_index (names, i), error);

      if (id == NULL)
        return FALSE;
      json_array_append_new (centres, json_string (id));
    }
  return TRUE;
}

gboolean
hj_ctl_account_add (HjCtl *ctl, GError **error)
{
  const char *name = ctl->arguments[0];
  const char *role = hj_ctl_require (ctl, "role", error);
  const char *display_name = hj_ctl_option (ctl, "display-name");
  gboolean generated = FALSE;
  g_autofree char *password = NULL;
  g_autoptr (json_t) input = NULL;
  g_autoptr (json_t) answer = NULL;

  if (role == NULL || (password = hj_ctl_read_password (ctl, &generated, error)) == NULL)
    return FALSE;
  input = json_pack ("{s:s, s:s, s:s, s:s}", "name", name, "display_name",
      display_name != NULL ? display_name : name, "role", role, "password", password);
  if (add_reach (ctl, input, error))
    answer = hj_ctl_client_act (ctl->client, "create-account", g_steal_pointer (&input), error);
  if (answer != NULL)
    {
      show_generated (ctl, answer, password, generated);
      say (ctl, answer, name, "was made");
    }
  hj_text_wipe (password);
  return answer != NULL;
}

static gboolean
set_state (HjCtl *ctl, const char *state, const char *outcome, GError **error)
{
  const char *name = ctl->arguments[0];
  g_autofree char *id = hj_ctl_find_account (ctl, name, error);
  g_autoptr (json_t) answer = NULL;

  if (id == NULL)
    return FALSE;
  answer = hj_ctl_client_act (
      ctl->client, "update-account", json_pack ("{s:s, s:s}", "id", id, "state", state), error);
  if (answer != NULL)
    say (ctl, answer, name, outcome);
  return answer != NULL;
}

gboolean
hj_ctl_account_disable (HjCtl *ctl, GError **error)
{
  return set_state (ctl, "disabled", "is disabled; its sessions have ended", error);
}

gboolean
hj_ctl_account_enable (HjCtl *ctl, GError **error)
{
  return set_state (ctl, "active", "may sign in again", error);
}

gboolean
hj_ctl_account_set_password (HjCtl *ctl, GError **error)
{
  const char *name = ctl->arguments[0];
  g_autofree char *id = hj_ctl_find_account (ctl, name, error);
  gboolean generated = FALSE;
  g_autofree char *password = NULL;
  g_autoptr (json_t) answer = NULL;

  if (id == NULL || (password = hj_ctl_read_password (ctl, &generated, error)) == NULL)
    return FALSE;
  answer = hj_ctl_client_act (
      ctl->client, "set-password", json_pack ("{s:s, s:s}", "id", id, "new", password), error);
  if (answer != NULL)
    {
      show_generated (ctl, answer, password, generated);
      say (ctl, answer, name, "has a new password; its sessions have ended");
    }
  hj_text_wipe (password);
  return answer != NULL;
}

gboolean
hj_ctl_account_list (HjCtl *ctl, GError **error)
{
  static const char *const COLUMNS[]
      = { "name", "display_name", "role", "scope", "state", "lawyer.licence", "centres", NULL };
  g_autoptr (json_t) answer = hj_ctl_client_act (ctl->client, "list-accounts", NULL, error);

  if (answer == NULL)
    return FALSE;
  if (ctl->json)
    hj_ctl_print_json (answer);
  else
    hj_ctl_print_table (json_object_get (answer, "accounts"), COLUMNS);
  return TRUE;
}
