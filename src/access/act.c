/* SPDX-License-Identifier: Apache-2.0 */
/* Every act of every actor goes through here: right, rule, audit entry and idempotency in one transaction on the store's
 * worker; the answer comes home to control, where watchers hear of it. Rule functions are plain synchronous functions. */

#include "src/access/act.h"

#include "src/access/credentials.h"
#include "src/access/hasher.h"
#include "src/audit/log.h"
#include "src/base/ids.h"
#include "src/base/json.h"
#include "src/base/time.h"

#define MAX_LOOKS 20000

struct _HjActs
{
  HjStore *store; /* not owned: the server owns both */
  HjTime *time;   /* not owned */
  HjHasher *hasher;
  GArray *watches;
  GHashTable *
      looks; /* "actor act object" -> when it was recorded last; touched on the store's worker only */
};

typedef struct
{
  HjActWatch watch;
  gpointer user_data;
} Watch;

static const char FIND_SESSION[]
    = "SELECT s.expires_at_us FROM session s JOIN account a ON a.id = s.account"
      " WHERE s.token_hash = :session AND a.state = 'active' AND s.expires_at_us > :now";
static const char FIND_ANSWER[]
    = "SELECT request_hash, answer FROM inbox WHERE account = :account AND key = :key";
static const char KEEP_ANSWER[] = "INSERT INTO inbox (account, key, request_hash, answer, "
                                  "created_at_us) VALUES (:account, :key, :hash, :answer, :at)";

/* Returns: (transfer full). store, time: (transfer none): must outlive it. */
HjActs *
hj_acts_new (HjStore *store, HjTime *time)
{
  HjActs *self = g_new0 (HjActs, 1);

  self->store = store;
  self->time = time;
  self->hasher = hj_hasher_new ();
  self->looks = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->watches = g_array_new (FALSE, FALSE, sizeof (Watch));
  return self;
}

void
hj_acts_free (HjActs *self)
{
  if (self == NULL)
    return;
  hj_hasher_free (self->hasher);
  g_array_unref (self->watches);
  g_hash_table_unref (self->looks);
  g_free (self);
}

HjStore *
hj_acts_get_store (HjActs *self)
{
  return self->store;
}

HjTime *
hj_acts_get_time (HjActs *self)
{
  return self->time;
}

/* Returns: (transfer none). */
HjHasher *
hj_acts_get_hasher (HjActs *self)
{
  return self->hasher;
}

/* watch runs on control after each act that was done through hj_acts_run_async(), reads excepted. */
void
hj_acts_watch (HjActs *self, HjActWatch watch, gpointer user_data)
{
  Watch entry = { watch, user_data };

  g_array_append_val (self->watches, entry);
}

/* For the audit: what the act is about. */
void
hj_act_about (HjAct *act, const char *kind, const char *id)
{
  g_free (act->object);
  act->object = g_strdup_printf ("%s:%s", kind, id);
}

/* For the audit: the act belongs to the record of this booking. */
void
hj_act_about_booking (HjAct *act, const char *booking)
{
  g_free (act->booking);
  act->booking = g_strdup (booking);
  if (act->object == NULL)
    hj_act_about (act, "booking", booking);
}

/* value: (transfer full): an id, a code, a time or a number for the audit's detail; never personal data. */
void
hj_act_note (HjAct *act, const char *key, json_t *value)
{
  if (act->detail == NULL)
    act->detail = json_object ();
  json_object_set_new (act->detail, key, value);
}

/* value: (transfer full): a member of the answer that refuses: findings, alternatives, fields. */
void
hj_act_explain (HjAct *act, const char *key, json_t *value)
{
  if (act->problem == NULL)
    act->problem = json_object ();
  json_object_set_new (act->problem, key, value);
}

static void
clear_act (HjAct *act)
{
  g_clear_pointer (&act->problem, json_decref);
  g_clear_pointer (&act->detail, json_decref);
  g_clear_pointer (&act->object, g_free);
  g_clear_pointer (&act->booking, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (HjAct, clear_act)

/* A page that is open asks again every few seconds: the same look of the same actor is one entry a minute. */
static gboolean
is_repeated_look (HjAct *act, const HjActKind *kind, GHashTable *looks)
{
  g_autofree char *key = g_strdup_printf (
      "%s %s %s", hj_actor_get_id (act->actor), kind->name, act->object != NULL ? act->object : "");
  const gint64 *last_us = g_hash_table_lookup (looks, key);
  gint64 *now_us = NULL;

  if ((kind->flags & HJ_ACT_LOOKS) == 0)
    return FALSE;
  if (last_us != NULL && act->now_us - *last_us < HJ_MINUTE_US && act->now_us >= *last_us)
    return TRUE;
  if (g_hash_table_size (looks) >= MAX_LOOKS)
    g_hash_table_remove_all (looks);
  now_us = g_new (gint64, 1);
  *now_us = act->now_us;
  g_hash_table_replace (looks, g_steal_pointer (&key), now_us);
  return FALSE;
}

static gboolean
record (HjAct *act, const HjActKind *kind, const char *refusal, GError **error)
{
  HjAuditEntry entry = {
    .at_us = act->now_us,
    .actor = hj_actor_get_id (act->actor),
    .role = hj_role_word (hj_actor_get_role (act->actor)),
    .act = kind->name,
    .object = act->object,
    .booking = act->booking,
    .refusal = refusal,
    .detail = act->detail,
  };

  return hj_audit_append (act->store, &entry, error);
}

/* A refusal is recorded in a transaction of its own, since its act left nothing behind. Whoever is not signed in was not
 * asked anything yet, and a page that was left open must not fill the record. */
static void
record_refusal (HjAct *act, const HjActKind *kind, const GError *refusal)
{
  g_autoptr (GError) error = NULL;

  if (refusal->domain != HJ_REFUSAL || refusal->code == HJ_REFUSAL_SIGN_IN
      || (kind->flags & HJ_ACT_READS) != 0)
    return;
  if (hj_store_begin (act->store, &error) && (kind->refused == NULL || kind->refused (act, &error))
      && record (act, kind, hj_refusal_word ((HjRefusal)refusal->code), &error)
      && hj_store_commit (act->store, &error))
    return;
  hj_store_rollback (act->store);
  g_warning ("refusal of %s was not recorded: %s", kind->name, error->message);
}

static char *
hash_request (const HjActKind *kind, const json_t *input)
{
  char *dump = json_dumps (input, JSON_COMPACT | JSON_SORT_KEYS);
  g_autofree char *text = g_strconcat (kind->name, " ", dump, NULL);

  free (dump);
  return hj_sha256_hex (text);
}

/* Returns: (transfer full) (nullable): the first outcome of the same key; NULL without error when the key is new. */
static json_t *
find_answer (HjAct *act, const char *key, const char *hash, GError **error)
{
  g_autoptr (HjRows) rows = hj_store_query (act->store, FIND_ANSWER,
      HJ_BINDS (HJ_TEXT (":account", hj_actor_get_id (act->actor)), HJ_TEXT (":key", key)), error);

  if (rows == NULL || !hj_rows_next (rows, error))
    return NULL;
  if (g_strcmp0 (hj_rows_text (rows, 0), hash) == 0)
    return json_loads (hj_rows_text (rows, 1), JSON_REJECT_DUPLICATES, NULL);
  hj_refuse (error, HJ_REFUSAL_EXISTS, "Idempotency-Key");
  return NULL;
}

/* What is shown once is not kept: who asks again gets the rest. */
static gboolean
keep_answer (HjAct *act, const char *key, const char *hash, const json_t *answer, GError **error)
{
  g_autoptr (json_t) kept = json_copy ((json_t *)answer);
  g_autofree char *text = NULL;

  json_object_del (kept, "token");
  json_object_del (kept, "ticket");
  text = hj_json_dump (kept);

  return hj_store_run (act->store, KEEP_ANSWER,
      HJ_BINDS (HJ_TEXT (":account", hj_actor_get_id (act->actor)), HJ_TEXT (":key", key),
          HJ_TEXT (":hash", hash), HJ_TEXT (":answer", text), HJ_INT (":at", act->now_us)),
      error);
}

static json_t *
run_once (HjAct *act, const HjActKind *kind, const char *key, GHashTable *looks, GError **error)
{
  g_autofree char *hash = key != NULL ? hash_request (kind, act->input) : NULL;
  g_autoptr (json_t) answer = NULL;
  g_autoptr (GError) failure = NULL;

  if (key != NULL && (answer = find_answer (act, key, hash, &failure)) != NULL)
    return g_steal_pointer (&answer);
  if (failure == NULL)
    answer = kind->run (act, &failure);
  if (failure != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return NULL;
    }
  if ((kind->flags & HJ_ACT_READS) == 0 && !is_repeated_look (act, kind, looks)
      && !record (act, kind, NULL, error))
    return NULL;
  if (key != NULL && !keep_answer (act, key, hash, answer, error))
    return NULL;
  return g_steal_pointer (&answer);
}

/* Signing out, disabling and a new password end a session at once, also for an act that is already on its way. */
static gboolean
session_holds (HjAct *act, GError **error)
{
  const char *session = hj_actor_get_session (act->actor);
  g_autoptr (GError) failure = NULL;
  gint64 expires;

  if (session == NULL
      || hj_store_query_int (act->store, FIND_SESSION,
          HJ_BINDS (HJ_TEXT (":session", session), HJ_INT (":now", act->now_us)), &expires,
          &failure))
    return TRUE;
  if (failure->domain == HJ_REFUSAL)
    hj_refuse (error, HJ_REFUSAL_SIGN_IN, "session");
  else
    g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

static json_t *
run_in_transaction (
    HjAct *act, const HjActKind *kind, const char *key, GHashTable *looks, GError **error)
{
  g_autoptr (json_t) answer = NULL;

  if (!hj_store_begin (act->store, error))
    return NULL;
  if (session_holds (act, error))
    answer = run_once (act, kind, key, looks, error);
  if (answer != NULL && hj_store_commit (act->store, error))
    return g_steal_pointer (&answer);
  hj_store_rollback (act->store);
  return NULL;
}

/* As hj_acts_run(). credential: (nullable) (transfer none): what kind->prepare() found out. */
json_t *
hj_acts_run_with (HjActs *self, const HjActKind *kind, const HjActor *actor, const json_t *input,
    const char *idempotency_key, const HjCredential *credential, json_t **ret_problem,
    GError **error)
{
  g_autoptr (json_t) empty = json_object ();
  g_auto (HjAct) act = { .store = self->store,
    .actor = actor,
    .input = input != NULL ? input : empty,
    .now_us = hj_time_now (self->time),
    .credential = credential };
  g_autoptr (json_t) answer = NULL;
  g_autoptr (GError) refusal = NULL;

  if (hj_access_check (actor, kind->name, NULL, &refusal))
    answer = run_in_transaction (&act, kind, idempotency_key, self->looks, &refusal);
  if (answer != NULL)
    return g_steal_pointer (&answer);
  g_assert (refusal != NULL);
  record_refusal (&act, kind, refusal);
  if (ret_problem != NULL)
    *ret_problem = g_steal_pointer (&act.problem);
  g_propagate_error (error, g_steal_pointer (&refusal));
  return NULL;
}

/* Runs an act here and now: on the store's worker, or in a test. input: (nullable): none. idempotency_key: (nullable).
 * ret_problem: (out) (transfer full) (nullable) (optional): members for the answer of a refusal. An act that needs a
 * password is refused here. Returns: (transfer full) (nullable): the answer. */
json_t *
hj_acts_run (HjActs *self, const HjActKind *kind, const HjActor *actor, const json_t *input,
    const char *idempotency_key, json_t **ret_problem, GError **error)
{
  return hj_acts_run_with (self, kind, actor, input, idempotency_key, NULL, ret_problem, error);
}

typedef struct
{
  HjActs *acts;
  const HjActKind *kind;
  HjActor *actor;
  json_t *input;
  char *key;
  HjCredential *credential; /* (nullable) */
  json_t *answer;
  json_t *problem;
  GTask *task;
} Call;

static void
free_call (gpointer data)
{
  Call *call = data;

  hj_actor_unref (call->actor);
  json_decref (call->input);
  json_decref (call->answer);
  json_decref (call->problem);
  hj_credential_free (call->credential);
  g_free (call->key);
  g_free (call);
}

static gpointer
on_worker_act (HjStore *store, gpointer input, GError **error)
{
  Call *call = input;

  call->answer = hj_acts_run_with (call->acts, call->kind, call->actor, call->input, call->key,
      call->credential, &call->problem, error);
  return NULL;
}

static void
tell_watches (Call *call)
{
  for (guint i = 0; i < call->acts->watches->len; i++)
    {
      Watch *entry = &g_array_index (call->acts->watches, Watch, i);

      entry->watch (call->kind, call->actor, call->input, call->answer, entry->user_data);
    }
}

static void
act_came_home (GObject *source, GAsyncResult *result, gpointer data)
{
  Call *call = data;
  g_autoptr (GTask) task = call->task;
  g_autoptr (GError) error = NULL;

  hj_store_call_finish (result, &error);
  if (error == NULL && call->kind->flags == HJ_ACT_WRITES)
    tell_watches (call);
  if (error != NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_pointer (task, json_incref (call->answer), (GDestroyNotify)json_decref);
}

static void
send_to_store (Call *call)
{
  hj_store_call_async (call->acts->store, on_worker_act, call, NULL, NULL, act_came_home, call);
}

static void
prepared (gpointer data, HjCredential *credential, GError *error)
{
  Call *call = data;

  call->credential = credential;
  if (error == NULL)
    {
      send_to_store (call);
      return;
    }
  g_task_return_error (call->task, error);
  g_object_unref (call->task);
}

/* From control. input: (transfer full) (nullable). The callback runs on control; see hj_acts_run_finish(). Passwords in the
 * input are taken out of it and hashed beforehand, on a thread of their own. */
void
hj_acts_run_async (HjActs *self, const HjActKind *kind, HjActor *actor, json_t *input,
    const char *idempotency_key, GAsyncReadyCallback callback, gpointer user_data)
{
  Call *call = g_new0 (Call, 1);

  call->acts = self;
  call->kind = kind;
  call->actor = hj_actor_ref (actor);
  call->input = input != NULL ? input : json_object ();
  call->key = g_strdup (idempotency_key);
  call->task = g_task_new (NULL, NULL, callback, user_data);
  g_task_set_task_data (call->task, call, free_call);
  if (kind->prepare != NULL)
    kind->prepare (self, call->actor, call->input, prepared, call);
  else
    send_to_store (call);
}

/* Returns: (transfer full) (nullable): the answer. ret_problem: as hj_acts_run(). */
json_t *
hj_acts_run_finish (GAsyncResult *result, json_t **ret_problem, GError **error)
{
  Call *call = g_task_get_task_data (G_TASK (result));

  if (ret_problem != NULL)
    *ret_problem = json_incref (call->problem);
  return g_task_propagate_pointer (G_TASK (result), error);
}
