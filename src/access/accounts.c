/* SPDX-License-Identifier: Apache-2.0 */
/* Accounts: who an administrator may see and change. One with scope 'all' manages everybody; one with scope 'centres' manages
 * lawyers and whoever works in no other centre than the administrator's own. On the store's worker. */

#include "src/access/accounts.h"

#include <string.h>

#include "src/access/accounts-private.h"
#include "src/access/credentials.h"
#include "src/access/identity.h"
#include "src/access/places.h"
#include "src/access/sessions.h"
#include "src/base/ids.h"
#include "src/base/json.h"

#define MIN_NAME 2
#define MAX_NAME 64
#define MAX_DISPLAY_NAME 200
#define MAX_CENTRES 1000

static const char LIST[] = "SELECT id FROM account ORDER BY name";
static const char ADD[]
    = "INSERT INTO account (id, name, display_name, role, scope, lawyer, password_hash,"
      " created_at_us, password_at_us)"
      " VALUES (:id, :name, :display_name, :role, :scope, :lawyer, :hash, :now, :now)";
static const char ADD_CENTRE[]
    = "INSERT INTO account_centre (account, centre) VALUES (:account, :centre)";
static const char REMOVE_CENTRES[] = "DELETE FROM account_centre WHERE account = :account";
static const char FIND_LAWYER[] = "SELECT 1 FROM lawyer WHERE id = :lawyer";
static const char CHANGE[]
    = "UPDATE account SET state = :state, display_name = :display_name WHERE id = :id";

/* account: an object of hj_identity_describe(). */
gboolean
hj_accounts_may_manage (const HjActor *actor, const json_t *account)
{
  const json_t *centres = json_object_get (account, "centres");

  if (hj_actor_is_everywhere (actor))
    return TRUE;
  if (g_strcmp0 (json_string_value (json_object_get (account, "scope")), "all") == 0)
    return FALSE;
  for (gsize i = 0; i < json_array_size (centres); i++)
    {
      const json_t *centre = json_object_get (json_array_get (centres, i), "id");

      if (!hj_actor_has_centre (actor, json_string_value (centre)))
        return FALSE;
    }
  /* Staff without any centre belong to nobody in particular. */
  return json_array_size (centres) > 0
         || g_strcmp0 (json_string_value (json_object_get (account, "role")), "lawyer") == 0;
}

/* Returns: (transfer full) (nullable): the account as hj_identity_describe(); unknown and out of reach are the same. */
json_t *
hj_accounts_find_managed (HjAct *act, const char *account, GError **error)
{
  g_autoptr (json_t) found = hj_identity_describe (act->store, account, error);

  if (found == NULL)
    return NULL;
  if (hj_accounts_may_manage (act->actor, found))
    return g_steal_pointer (&found);
  hj_refuse (error, HJ_REFUSAL_NOT_FOUND, "account");
  return NULL;
}

static json_t *
run_list (HjAct *act, GError **error)
{
  g_autoptr (json_t) ids = hj_store_query_json (act->store, LIST, HJ_NO_BINDS, error);
  g_autoptr (json_t) accounts = json_array ();

  for (gsize i = 0; i < json_array_size (ids); i++)
    {
      const char *id = json_string_value (json_object_get (json_array_get (ids, i), "id"));
      g_autoptr (json_t) account = hj_identity_describe (act->store, id, error);

      if (account == NULL)
        return NULL;
      if (hj_accounts_may_manage (act->actor, account))
        json_array_append (accounts, account);
    }
  return ids != NULL ? json_pack ("{s:O}", "accounts", accounts) : NULL;
}

/* input: none. Answers {accounts: [Account]}. */
const HjActKind hj_act_list_accounts
    = { .name = "list-accounts", .flags = HJ_ACT_LOOKS, .run = run_list };

typedef struct
{
  const char *name, *display_name, *role, *scope;
  const char *lawyer; /* (nullable) */
  json_t *centres;    /* (nullable) */
} Wanted;

static gboolean
refuse (const char *field, GError **error)
{
  hj_refuse (error, HJ_REFUSAL_INVALID, "%s", field);
  return FALSE;
}

static gboolean
name_is_plain (const char *name)
{
  static const char SET[] = "abcdefghijklmnopqrstuvwxyz0123456789._@-";
  gsize length = strlen (name);

  return length >= MIN_NAME && strspn (name, SET) == length && g_ascii_isalnum (name[0]);
}

/* The centres exist, are the administrator's own, and there is at least one. */
static gboolean
check_centres (HjAct *act, const char *word, const json_t *centres, GError **error)
{
  if (!json_is_array (centres) || json_array_size (centres) == 0
      || json_array_size (centres) > MAX_CENTRES)
    return refuse ("centres", error);
  for (gsize i = 0; i < json_array_size (centres); i++)
    {
      const char *centre = json_string_value (json_array_get (centres, i));

      if (!hj_id_is_valid (centre))
        return refuse ("centres", error);
      if (!hj_places_check_centre (act, word, centre, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
check_lawyer (HjAct *act, Wanted *wanted, GError **error)
{
  gint64 one;
  g_autoptr (GError) failure = NULL;

  if (!hj_json_read_id (act->input, "lawyer", &wanted->lawyer, error))
    return FALSE;
  wanted->scope = "centres";
  if (hj_store_query_int (
          act->store, FIND_LAWYER, HJ_BINDS (HJ_TEXT (":lawyer", wanted->lawyer)), &one, &failure))
    return TRUE;
  if (failure->domain == HJ_REFUSAL)
    return refuse ("lawyer", error);
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

/* Staff work in centres; who sees them all is made by one who does. */
static gboolean
check_reach (HjAct *act, Wanted *wanted, GError **error)
{
  if (!hj_json_read_optional_string (act->input, "scope", 16, &wanted->scope, error))
    return FALSE;
  wanted->scope = wanted->scope != NULL ? wanted->scope : "centres";
  if (g_str_equal (wanted->scope, "all"))
    {
      if (hj_actor_is_everywhere (act->actor))
        return g_str_equal (wanted->role, "desk") ? refuse ("scope", error) : TRUE;
      hj_refuse (error, HJ_REFUSAL_NOT_FOUND, "scope");
      return FALSE;
    }
  if (!g_str_equal (wanted->scope, "centres"))
    return refuse ("scope", error);
  wanted->centres = json_object_get (act->input, "centres");
  return check_centres (act, "create-account", wanted->centres, error);
}

static gboolean
read_wanted (HjAct *act, Wanted *wanted, GError **error)
{
  HjRole role;

  if (!hj_json_read_string (act->input, "name", MAX_NAME, &wanted->name, error)
      || !hj_json_read_string (
          act->input, "display_name", MAX_DISPLAY_NAME, &wanted->display_name, error)
      || !hj_json_read_string (act->input, "role", 16, &wanted->role, error))
    return FALSE;
  if (!name_is_plain (wanted->name))
    return refuse ("name", error);
  role = hj_role_from_word (wanted->role);
  if (role < HJ_ROLE_LAWYER || role > HJ_ROLE_SUPERVISOR)
    return refuse ("role", error);
  return role == HJ_ROLE_LAWYER ? check_lawyer (act, wanted, error)
                                : check_reach (act, wanted, error);
}

static gboolean
add_centres (HjAct *act, const char *account, const json_t *centres, GError **error)
{
  for (gsize i = 0; i < json_array_size (centres); i++)
    {
      const char *centre = json_string_value (json_array_get (centres, i));
      g_autoptr (GError) failure = NULL;

      if (hj_store_run (act->store, ADD_CENTRE,
              HJ_BINDS (HJ_TEXT (":account", account), HJ_TEXT (":centre", centre)), &failure))
        continue;
      if (g_error_matches (failure, HJ_STORE_ERROR, HJ_STORE_ERROR_TAKEN))
        return refuse ("centres", error);
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  return TRUE;
}

/* A name or a lawyer that has an account already. */
static gboolean
add (HjAct *act, const char *id, const Wanted *wanted, GError **error)
{
  g_autoptr (GError) failure = NULL;

  if (hj_store_run (act->store, ADD,
          HJ_BINDS (HJ_TEXT (":id", id), HJ_TEXT (":name", wanted->name),
              HJ_TEXT (":display_name", wanted->display_name), HJ_TEXT (":role", wanted->role),
              HJ_TEXT (":scope", wanted->scope), HJ_TEXT (":lawyer", wanted->lawyer),
              HJ_TEXT (":hash", act->credential->new_hash), HJ_INT (":now", act->now_us)),
          &failure))
    return add_centres (act, id, wanted->centres, error);
  if (g_error_matches (failure, HJ_STORE_ERROR, HJ_STORE_ERROR_TAKEN))
    hj_refuse (error, HJ_REFUSAL_EXISTS,
        strstr (failure->message, "account.lawyer") != NULL ? "lawyer" : "name");
  else
    g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

static json_t *
run_create (HjAct *act, GError **error)
{
  g_autofree char *id = hj_id_new ();
  Wanted wanted = { 0 };

  if (!read_wanted (act, &wanted, error))
    return NULL;
  if (act->credential == NULL || act->credential->new_hash == NULL)
    {
      hj_refuse (error, HJ_REFUSAL_PASSWORD_WEAK, "password");
      return NULL;
    }
  if (!add (act, id, &wanted, error))
    return NULL;
  hj_act_about (act, "account", id);
  hj_act_note (act, "role", json_string (wanted.role));
  return hj_identity_describe (act->store, id, error);
}

/* input: {name, display_name, role, password, lawyer? | centres? | scope: "all"}. Answers Account. */
const HjActKind hj_act_create_account = { .name = "create-account",
  .flags = HJ_ACT_WRITES,
  .run = run_create,
  .prepare = hj_credentials_prepare_create_account };

/* Nobody locks out the account that they sit in: the last administrator could not be let in again. */
static gboolean
check_state (HjAct *act, const char *id, const char *state, GError **error)
{
  if (!g_str_equal (state, "active") && !g_str_equal (state, "disabled"))
    return refuse ("state", error);
  if (g_str_equal (state, "active") || !g_str_equal (id, hj_actor_get_id (act->actor)))
    return TRUE;
  hj_refuse (error, HJ_REFUSAL_STATE, "own account");
  return FALSE;
}

/* Centres of staff are replaced as a whole; rights change at once, so sessions end. */
static gboolean
change_centres (HjAct *act, const char *id, const json_t *account, GError **error)
{
  const json_t *centres = json_object_get (act->input, "centres");

  if (centres == NULL)
    return TRUE;
  if (g_strcmp0 (json_string_value (json_object_get (account, "role")), "lawyer") == 0
      || g_strcmp0 (json_string_value (json_object_get (account, "scope")), "all") == 0)
    return refuse ("centres", error);
  return check_centres (act, "update-account", centres, error)
         && hj_store_run (act->store, REMOVE_CENTRES, HJ_BINDS (HJ_TEXT (":account", id)), error)
         && add_centres (act, id, centres, error)
         && hj_sessions_kill (act->store, id, hj_actor_get_session (act->actor), error);
}

static gboolean
change (HjAct *act, const char *id, const json_t *account, GError **error)
{
  const char *state = NULL;
  const char *display_name = NULL;

  if (!hj_json_read_optional_string (act->input, "state", 16, &state, error)
      || !hj_json_read_optional_string (
          act->input, "display_name", MAX_DISPLAY_NAME, &display_name, error))
    return FALSE;
  if (display_name != NULL && *display_name == '\0')
    return refuse ("display_name", error);
  if (state == NULL)
    state = json_string_value (json_object_get (account, "state"));
  if (display_name == NULL)
    display_name = json_string_value (json_object_get (account, "display_name"));
  hj_act_note (act, "state", json_string (state));
  return check_state (act, id, state, error)
         && hj_store_run (act->store, CHANGE,
             HJ_BINDS (HJ_TEXT (":state", state), HJ_TEXT (":display_name", display_name),
                 HJ_TEXT (":id", id)),
             error)
         && (g_str_equal (state, "active") || hj_sessions_kill (act->store, id, NULL, error));
}

static json_t *
run_update (HjAct *act, GError **error)
{
  const char *id = NULL;
  g_autoptr (json_t) account = NULL;

  if (!hj_json_read_id (act->input, "id", &id, error))
    return NULL;
  hj_act_about (act, "account", id);
  if ((account = hj_accounts_find_managed (act, id, error)) == NULL
      || !change (act, id, account, error) || !change_centres (act, id, account, error))
    return NULL;
  return hj_identity_describe (act->store, id, error);
}

/* input: {id, state?: "active" or "disabled", display_name?, centres?}. Disabling ends every session at once; sockets that
 * are open must then be closed: see hj_acts_watch(). Answers Account. */
const HjActKind hj_act_update_account
    = { .name = "update-account", .flags = HJ_ACT_WRITES, .run = run_update };
