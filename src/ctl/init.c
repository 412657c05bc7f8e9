/* SPDX-License-Identifier: Apache-2.0 */
/* huijianctl init: makes state_dir, opens the database itself while huijiand is not running, and creates the first
 * administrator. The only command that touches the database file. */

#include <errno.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/access/accounts.h"
#include "src/access/credentials.h"
#include "src/access/password.h"
#include "src/base/json.h"
#include "src/base/keys.h"
#include "src/base/secret.h"
#include "src/base/time.h"
#include "src/ctl/command.h"
#include "src/ctl/table.h"

static const char FIND_ADMINISTRATOR[]
    = "SELECT COUNT (*) FROM account WHERE role = 'administrator' AND scope = 'all'";

static gboolean
fail (const char *what, const char *why, GError **error)
{
  g_set_error (error, HJ_CTL_ERROR, HJ_CTL_ERROR_INPUT, "%s: %s", what, why);
  return FALSE;
}

/* Root must not leave files that huijiand cannot open: from here on we are the owner of state_dir. */
static gboolean
become_owner (const char *state_dir, GError **error)
{
  struct stat about;

  if (stat (state_dir, &about) != 0)
    return fail (state_dir, g_strerror (errno), error);
  if (geteuid () != 0 || about.st_uid == 0)
    return TRUE;
  if (setegid (about.st_gid) != 0 || seteuid (about.st_uid) != 0)
    return fail (state_dir, g_strerror (errno), error);
  return TRUE;
}

/* Returns: (transfer full) (nullable): the database, made where there is none. */
static HjStore *
open_store (HjCtl *ctl, GError **error)
{
  const char *state_dir = hj_config_get (ctl->config, "state_dir");
  g_autofree char *path = hj_huijiand_database (ctl->config);
  g_autoptr (GError) failure = NULL;
  HjStore *store = NULL;

  umask (077);
  if (g_mkdir_with_parents (state_dir, 0700) != 0)
    {
      fail (state_dir, g_strerror (errno), error);
      return NULL;
    }
  if (!become_owner (state_dir, error))
    return NULL;
  store = hj_store_open (path, &failure);
  if (g_error_matches (failure, HJ_STORE_ERROR, HJ_STORE_ERROR_LOCKED))
    g_set_error (error, HJ_CTL_ERROR, HJ_CTL_ERROR_STATE,
        "%s is in use: huijiand is running; stop it first", path);
  else if (failure != NULL)
    g_propagate_error (error, g_steal_pointer (&failure));
  return store;
}

static gboolean
check_first (HjStore *store, GError **error)
{
  gint64 count = 0;

  if (!hj_store_query_int (store, FIND_ADMINISTRATOR, HJ_NO_BINDS, &count, error))
    return FALSE;
  if (count == 0)
    return TRUE;
  g_set_error_literal (error, HJ_CTL_ERROR, HJ_CTL_ERROR_STATE,
      "there is an administrator of everything already; nothing was changed");
  return FALSE;
}

static json_t *
create (HjStore *store, const char *name, const char *display_name, const char *password,
    GError **error)
{
  g_autoptr (HjTime) time = hj_time_new ();
  g_autoptr (HjActs) acts = hj_acts_new (store, time);
  g_autoptr (HjActor) operator= hj_actor_new_operator ();
  g_autoptr (HjCredential) credential = g_new0 (HjCredential, 1);
  g_autoptr (json_t) input = json_pack ("{s:s, s:s, s:s, s:s}", "name", name, "display_name",
      display_name, "role", "administrator", "scope", "all");

  if (hj_password_is_weak (password, name))
    {
      g_set_error (error, HJ_CTL_ERROR, HJ_CTL_ERROR_INPUT,
          "the password is too weak: at least %d characters, not a common one, not the name",
          HJ_PASSWORD_MIN_CHARACTERS);
      return NULL;
    }
  credential->new_hash = hj_password_hash (password);
  return hj_acts_run_with (
      acts, &hj_act_create_account, operator, input, NULL, credential, NULL, error);
}

static void
report (HjCtl *ctl, json_t *answer, const char *name, const char *password, gboolean generated)
{
  if (ctl->json)
    {
      if (generated)
        json_object_set_new (answer, "password", json_string (password));
      hj_ctl_print_json (answer);
      return;
    }
  if (generated)
    g_print ("%s\n", password);
  g_printerr ("Administrator %s was made%s. Now start huijiand.\n", name,
      generated ? "; the password above is shown this once" : "");
}

gboolean
hj_ctl_init (HjCtl *ctl, GError **error)
{
  const char *name = hj_ctl_option (ctl, "name");
  const char *display_name = hj_ctl_option (ctl, "display-name");
  gboolean generated = FALSE;
  g_autofree char *password = NULL;
  g_autoptr (HjStore) store = NULL;
  g_autoptr (json_t) answer = NULL;

  name = name != NULL ? name : "admin";
  display_name = display_name != NULL ? display_name : name;
  if ((password = hj_ctl_read_password (ctl, &generated, error)) == NULL
      || (store = open_store (ctl, error)) == NULL || !check_first (store, error))
    return FALSE;
  answer = create (store, name, display_name, password, error);
  if (answer != NULL)
    report (ctl, answer, name, password, generated);
  else
    g_prefix_error (error, "no administrator was made, refused: ");
  hj_text_wipe (password);
  return answer != NULL;
}
