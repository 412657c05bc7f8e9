/* SPDX-License-Identifier: Apache-2.0 */
/* New passwords, and the lawyers that an account can be made for. A new password ends every other session of the account.
 * On the store's worker; what the password is like was found out before (credentials.c). */

#include "src/access/accounts.h"

#include "src/access/accounts-private.h"
#include "src/access/credentials.h"
#include "src/access/sessions.h"
#include "src/base/json.h"

static const char SET[]
    = "UPDATE account SET password_hash = :hash, password_at_us = :now WHERE id = :id";
static const char FIND_HASH[]
    = "SELECT 1 FROM account WHERE id = :id AND password_hash = :hash AND state = 'active'";
static const char LIST_LAWYERS[]
    = "SELECT l.id AS \"id\", l.name AS \"name\", l.licence AS \"licence\", f.name AS \"firm\","
      " (SELECT s.status FROM lawyer_status s WHERE s.lawyer = l.id AND s.from_us <= :now"
      " AND (s.to_us IS NULL OR s.to_us > :now) ORDER BY s.from_us DESC LIMIT 1) AS \"status\""
      " FROM lawyer l JOIN firm f ON f.id = l.firm"
      " WHERE l.licence LIKE :prefix ESCAPE '!' OR l.name LIKE :part ESCAPE '!'"
      " ORDER BY l.name, l.licence LIMIT 50";

static gboolean
set (HjAct *act, const char *id, const char *except, GError **error)
{
  if (act->credential == NULL || act->credential->new_hash == NULL)
    {
      hj_refuse (error, HJ_REFUSAL_PASSWORD_WEAK, "new");
      return FALSE;
    }
  return hj_store_run (act->store, SET,
             HJ_BINDS (HJ_TEXT (":hash", act->credential->new_hash), HJ_INT (":now", act->now_us),
                 HJ_TEXT (":id", id)),
             error)
         && hj_sessions_kill (act->store, id, except, error);
}

static json_t *
run_set_password (HjAct *act, GError **error)
{
  const char *id = NULL;
  g_autoptr (json_t) account = NULL;

  if (!hj_json_read_id (act->input, "id", &id, error))
    return NULL;
  hj_act_about (act, "account", id);
  if ((account = hj_accounts_find_managed (act, id, error)) == NULL)
    return NULL;
  /* One's own needs the current one: whoever finds a screen left open must not take the account over. */
  if (g_str_equal (id, hj_actor_get_id (act->actor)))
    {
      hj_refuse (error, HJ_REFUSAL_STATE, "own account");
      return NULL;
    }
  return set (act, id, NULL, error) ? json_object () : NULL;
}

/* input: {id, new}. Answers {}. */
const HjActKind hj_act_set_password = { .name = "set-password",
  .flags = HJ_ACT_WRITES,
  .run = run_set_password,
  .prepare = hj_credentials_prepare_set_password };

/* The password that was checked must still be the account's. */
static gboolean
check_current (HjAct *act, GError **error)
{
  const HjCredential *credential = act->credential;
  g_autoptr (GError) failure = NULL;
  gint64 one;

  if (credential != NULL && credential->verified
      && hj_store_query_int (act->store, FIND_HASH,
          HJ_BINDS (HJ_TEXT (":id", hj_actor_get_id (act->actor)),
              HJ_TEXT (":hash", credential->checked_hash)),
          &one, &failure))
    return TRUE;
  if (failure != NULL && failure->domain != HJ_REFUSAL)
    g_propagate_error (error, g_steal_pointer (&failure));
  else
    hj_refuse (error, HJ_REFUSAL_LOGIN_FAILED, "current");
  return FALSE;
}

static json_t *
run_change_password (HjAct *act, GError **error)
{
  const char *id = hj_actor_get_id (act->actor);

  hj_act_about (act, "account", id);
  return check_current (act, error) && set (act, id, hj_actor_get_session (act->actor), error)
             ? json_object ()
             : NULL;
}

/* input: {current, new}. Answers {}. */
const HjActKind hj_act_change_password = { .name = "change-password",
  .flags = HJ_ACT_WRITES,
  .run = run_change_password,
  .prepare = hj_credentials_prepare_change_password };

/* Returns: (transfer full): a pattern for LIKE ... ESCAPE '!' that finds the text itself. */
static char *
escape (const char *before, const char *text)
{
  GString *pattern = g_string_new (text);

  g_string_replace (pattern, "!", "!!", 0);
  g_string_replace (pattern, "%", "!%", 0);
  g_string_replace (pattern, "_", "!_", 0);
  g_string_prepend (pattern, before);
  g_string_append_c (pattern, '%');
  return g_string_free (pattern, FALSE);
}

static json_t *
run_list_lawyers (HjAct *act, GError **error)
{
  const char *q = NULL;
  g_autofree char *part = NULL;
  g_autofree char *prefix = NULL;
  json_t *lawyers = NULL;

  if (!hj_json_read_optional_string (act->input, "q", 64, &q, error))
    return NULL;
  part = escape ("%", q != NULL ? q : "");
  prefix = escape ("", q != NULL ? q : "");
  lawyers = hj_store_query_json (act->store, LIST_LAWYERS,
      HJ_BINDS (HJ_INT (":now", act->now_us), HJ_TEXT (":prefix", prefix), HJ_TEXT (":part", part)),
      error);
  return lawyers != NULL ? json_pack ("{s:o}", "lawyers", lawyers) : NULL;
}

/* input: {q?}: the beginning of a licence number or a part of a name. Answers {lawyers}, at most 50. */
const HjActKind hj_act_list_lawyers
    = { .name = "list-lawyers", .flags = HJ_ACT_LOOKS, .run = run_list_lawyers };
