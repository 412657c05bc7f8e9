/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions: made by login, found by their token at each request, gone after 30 idle minutes, 12 hours, logout, a new password
 * or when the account is disabled. Only the token's hash is stored. On the store's worker, but for the _async calls. */

#include "src/access/sessions.h"

#include "src/access/credentials.h"
#include "src/access/delays.h"
#include "src/access/identity.h"
#include "src/base/ids.h"
#include "src/base/json.h"
#include "src/base/secret.h"
#include "src/base/time.h"

#define MAX_NAME 128

static const char FIND_ACCOUNT[]
    = "SELECT id, password_hash FROM account WHERE name = :name AND state = 'active'";
static const char FIND_ACCOUNT_ID[] = "SELECT id FROM account WHERE name = :name";
static const char ADD[] = "INSERT INTO session (token_hash, account, created_at_us, seen_at_us,"
                          " expires_at_us) VALUES (:hash, :account, :now, :now, :expires)";
static const char FIND[]
    = "SELECT s.account, s.seen_at_us, s.expires_at_us, a.display_name FROM session s"
      " JOIN account a ON a.id = s.account WHERE s.token_hash = :hash AND a.state = 'active'"
      " AND s.expires_at_us > :now AND s.seen_at_us > :idle_since";
static const char FIND_END[]
    = "SELECT seen_at_us, expires_at_us FROM session WHERE token_hash = :hash";
static const char TOUCH[] = "UPDATE session SET seen_at_us = :now WHERE token_hash = :hash";
static const char REMOVE[] = "DELETE FROM session WHERE token_hash = :hash";
static const char KILL[] = "DELETE FROM session WHERE account = :account AND token_hash <> :except";
static const char KILL_SEAT_TOKENS[]
    = "UPDATE seat SET token_hash = NULL WHERE actor = :account AND token_hash IS NOT NULL";
static const char KILL_TICKETS[] = "DELETE FROM ticket WHERE account = :account";

/* Every session of the account ends, and its tickets and seat tokens with them. except: (nullable): hash of the token that
 * may stay. */
gboolean
hj_sessions_kill (HjStore *store, const char *account, const char *except, GError **error)
{
  return hj_store_run (store, KILL,
             HJ_BINDS (
                 HJ_TEXT (":account", account), HJ_TEXT (":except", except != NULL ? except : "")),
             error)
         && hj_store_run (store, KILL_TICKETS, HJ_BINDS (HJ_TEXT (":account", account)), error)
         && hj_store_run (store, KILL_SEAT_TOKENS, HJ_BINDS (HJ_TEXT (":account", account)), error);
}

static json_t *
describe_me (HjStore *store, const HjActor *actor, gint64 seen_us, gint64 expires_us, gint64 now_us,
    GError **error)
{
  json_t *account = hj_identity_describe (store, hj_actor_get_id (actor), error);

  if (account == NULL)
    return NULL;
  return json_pack ("{s:o, s:o, s:I, s:I}", "account", account, "rights",
      hj_access_list (hj_actor_get_role (actor)), "now_us", (json_int_t)now_us, "expires_at_us",
      (json_int_t)MIN (seen_us + HJ_SESSION_IDLE_US, expires_us));
}

/* Returns: (transfer full) (nullable): the token. */
static char *
add_session (HjAct *act, const char *account, char **ret_hash, GError **error)
{
  g_autofree char *token = hj_token_new ();

  *ret_hash = hj_sha256_hex (token);
  if (!hj_store_run (act->store, ADD,
          HJ_BINDS (HJ_TEXT (":hash", *ret_hash), HJ_TEXT (":account", account),
              HJ_INT (":now", act->now_us), HJ_INT (":expires", act->now_us + HJ_SESSION_LIFE_US)),
          error))
    return NULL;
  return g_steal_pointer (&token);
}

/* Returns: (transfer full) (nullable): the account whose password was given; every other case is the same refusal. */
static char *
find_verified (HjAct *act, const char *name, GError **error)
{
  const HjCredential *credential = act->credential;
  g_autoptr (HjRows) rows
      = hj_store_query (act->store, FIND_ACCOUNT, HJ_BINDS (HJ_TEXT (":name", name)), error);
  g_autoptr (GError) failure = NULL;

  if (rows == NULL)
    return NULL;
  if (hj_rows_next (rows, &failure) && credential != NULL && credential->verified
      && g_str_equal (hj_rows_text (rows, 1), credential->checked_hash))
    return g_strdup (hj_rows_text (rows, 0));
  if (failure == NULL)
    hj_refuse (error, HJ_REFUSAL_LOGIN_FAILED, "account or password");
  else
    g_propagate_error (error, g_steal_pointer (&failure));
  return NULL;
}

/* For the audit: whose account it is, where there is one. The name that was typed is not kept: it may be a password. */
static gboolean
note_account (HjAct *act, const char *name, GError **error)
{
  g_autoptr (HjRows) rows
      = hj_store_query (act->store, FIND_ACCOUNT_ID, HJ_BINDS (HJ_TEXT (":name", name)), error);
  g_autoptr (GError) failure = NULL;

  if (rows == NULL)
    return FALSE;
  if (hj_rows_next (rows, &failure))
    hj_act_about (act, "account", hj_rows_text (rows, 0));
  if (failure == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

static gboolean
check_delay (HjAct *act, const char *name, const char *address, GError **error)
{
  gint64 wait_us = 0;

  if (!hj_delay_get (act->store, name, address, act->now_us, &wait_us, error))
    return FALSE;
  if (wait_us == 0)
    return TRUE;
  hj_act_explain (act, "retry_after_s", json_integer ((wait_us + HJ_SECOND_US - 1) / HJ_SECOND_US));
  hj_refuse (error, HJ_REFUSAL_LOGIN_DELAYED, "wait");
  return FALSE;
}

static gboolean
read_login (const HjAct *act, char **ret_name, const char **ret_address, GError **error)
{
  const char *name = NULL;

  if (!hj_json_read_string (act->input, "account", MAX_NAME, &name, error)
      || !hj_json_read_string (act->input, "address", 64, ret_address, error))
    return FALSE;
  *ret_name = g_ascii_strdown (name, -1);
  return TRUE;
}

/* The delay is asked again: many attempts may have been sent at once. */
static json_t *
run_login (HjAct *act, GError **error)
{
  g_autofree char *name = NULL;
  const char *address = NULL;
  g_autofree char *account = NULL;
  g_autofree char *token = NULL;
  g_autofree char *hash = NULL;
  g_autoptr (HjActor) actor = NULL;
  json_t *me = NULL;

  if (!read_login (act, &name, &address, error) || !note_account (act, name, error)
      || !check_delay (act, name, address, error)
      || (account = find_verified (act, name, error)) == NULL
      || !hj_delay_clear_account (act->store, name, error)
      || (token = add_session (act, account, &hash, error)) == NULL
      || (actor = hj_identity_load_actor (act->store, account, hash, error)) == NULL
      || (me = describe_me (
              act->store, actor, act->now_us, act->now_us + HJ_SESSION_LIFE_US, act->now_us, error))
             == NULL)
    return NULL;
  return json_pack ("{s:s, s:o}", "token", token, "me", me);
}

/* A wrong password counts; an attempt during the delay does not. */
static gboolean
login_refused (HjAct *act, GError **error)
{
  g_autofree char *name = NULL;
  const char *address = NULL;
  gint64 wait_us = 0;

  if (!read_login (act, &name, &address, NULL))
    return TRUE;
  return hj_delay_get (act->store, name, address, act->now_us, &wait_us, error)
         && (wait_us > 0 || hj_delay_add_failure (act->store, name, address, act->now_us, error));
}

/* input: {account, password, address}. Answers {token, me}: the token is for the cookie, me for the reader. */
const HjActKind hj_act_login
    = { "login", HJ_ACT_WRITES, run_login, login_refused, hj_credentials_prepare_login };

static json_t *
run_logout (HjAct *act, GError **error)
{
  const char *session = hj_actor_get_session (act->actor);

  hj_act_about (act, "account", hj_actor_get_id (act->actor));
  if (session != NULL
      && !hj_store_run (act->store, REMOVE, HJ_BINDS (HJ_TEXT (":hash", session)), error))
    return NULL;
  return json_object ();
}

const HjActKind hj_act_logout = { .name = "logout", .flags = HJ_ACT_WRITES, .run = run_logout };

static json_t *
run_me (HjAct *act, GError **error)
{
  const char *session = hj_actor_get_session (act->actor);
  g_autoptr (HjRows) rows = NULL;
  g_autoptr (GError) failure = NULL;

  rows = hj_store_query (
      act->store, FIND_END, HJ_BINDS (HJ_TEXT (":hash", session != NULL ? session : "")), error);
  if (rows == NULL)
    return NULL;
  if (hj_rows_next (rows, &failure))
    return describe_me (
        act->store, act->actor, hj_rows_int (rows, 0), hj_rows_int (rows, 1), act->now_us, error);
  if (failure == NULL)
    hj_refuse (error, HJ_REFUSAL_SIGN_IN, "session");
  else
    g_propagate_error (error, g_steal_pointer (&failure));
  return NULL;
}

/* One's own account only, so there is nothing to record. */
const HjActKind hj_act_me = { .name = "me", .flags = HJ_ACT_READS, .run = run_me };

void
hj_session_free (HjSession *self)
{
  if (self == NULL)
    return;
  hj_actor_unref (self->actor);
  g_free (self->display_name);
  g_free (self);
}

/* Written at most once a minute: each write is a wait for the disk. */
static gboolean
touch (HjStore *store, const char *hash, gint64 *seen_us, gint64 now_us, GError **error)
{
  if (now_us - *seen_us < HJ_MINUTE_US)
    return TRUE;
  *seen_us = now_us;
  return hj_store_run (
      store, TOUCH, HJ_BINDS (HJ_INT (":now", now_us), HJ_TEXT (":hash", hash)), error);
}

static HjSession *
session_from_row (HjStore *store, HjRows *row, const char *hash, gint64 now_us, GError **error)
{
  g_autoptr (HjSession) self = g_new0 (HjSession, 1);
  gint64 seen_us = hj_rows_int (row, 1);

  self->actor = hj_identity_load_actor (store, hj_rows_text (row, 0), hash, error);
  self->display_name = g_strdup (hj_rows_text (row, 3));
  if (self->actor == NULL || !touch (store, hash, &seen_us, now_us, error))
    return NULL;
  self->expires_at_us = MIN (seen_us + HJ_SESSION_IDLE_US, hj_rows_int (row, 2));
  return g_steal_pointer (&self);
}

/* Whose token is it? Anything but a session that holds is HJ_REFUSAL_SIGN_IN. Returns: (transfer full) (nullable). */
HjSession *
hj_session_find (HjStore *store, const char *token, gint64 now_us, GError **error)
{
  g_autofree char *hash = hj_sha256_hex (token);
  g_autoptr (HjRows) rows = hj_store_query (store, FIND,
      HJ_BINDS (HJ_TEXT (":hash", hash), HJ_INT (":now", now_us),
          HJ_INT (":idle_since", now_us - HJ_SESSION_IDLE_US)),
      error);
  g_autoptr (GError) failure = NULL;

  if (rows == NULL)
    return NULL;
  if (hj_rows_next (rows, &failure))
    return session_from_row (store, rows, hash, now_us, error);
  if (failure == NULL)
    hj_refuse (error, HJ_REFUSAL_SIGN_IN, "session");
  else
    g_propagate_error (error, g_steal_pointer (&failure));
  return NULL;
}

typedef struct
{
  char *token;
  gint64 now_us;
} Search;

static void
free_search (gpointer data)
{
  Search *search = data;

  hj_text_wipe (search->token);
  g_free (search->token);
  g_free (search);
}

static gpointer
on_worker_find (HjStore *store, gpointer input, GError **error)
{
  Search *search = input;

  return hj_session_find (store, search->token, search->now_us, error);
}

/* From control; answers there. */
void
hj_session_find_async (
    HjActs *acts, const char *token, GAsyncReadyCallback callback, gpointer user_data)
{
  Search *search = g_new (Search, 1);

  *search = (Search){ g_strdup (token), hj_time_now (hj_acts_get_time (acts)) };
  hj_store_call_async (hj_acts_get_store (acts), on_worker_find, search, free_search,
      (GDestroyNotify)hj_session_free, callback, user_data);
}

/* Returns: (transfer full) (nullable). */
HjSession *
hj_session_find_finish (GAsyncResult *result, GError **error)
{
  return hj_store_call_finish (result, error);
}
