/* SPDX-License-Identifier: Apache-2.0 */
/* What happens to a password between the request and its act: taken out of the input on control, looked up on the store's
 * worker, hashed on the hasher, wiped. The act sees the outcome only, so no password reaches a rule, the audit or a log. */

#include "src/access/credentials.h"

#include <openssl/crypto.h>
#include <string.h>

#include "src/access/delays.h"
#include "src/access/hasher.h"
#include "src/access/password.h"
#include "src/base/json.h"
#include "src/base/secret.h"
#include "src/base/time.h"

typedef struct
{
  HjActs *acts;
  HjActPrepared prepared;
  gpointer call;
  const char *find; /* SQL with :key: the account's name and hash; of an active account */
  char *key;        /* (nullable): account id or name */
  char *address;    /* (nullable): login alone is delayed */
  gint64 now_us;
  char *given;  /* (nullable): the password to verify; wiped */
  char *wanted; /* (nullable): the new one; wiped */
  gboolean verifies;
  gboolean hashes;
  gboolean delayed;
  gboolean no_memory;
  char *name; /* (nullable): the account's */
  HjCredential *credential;
} Request;

static const char FIND_BY_NAME[]
    = "SELECT name, password_hash FROM account WHERE name = :key AND state = 'active'";
static const char FIND_BY_ID[]
    = "SELECT name, password_hash FROM account WHERE id = :key AND state = 'active'";
static const char FIND_ANY_BY_ID[] = "SELECT name, password_hash FROM account WHERE id = :key";

void
hj_credential_free (HjCredential *self)
{
  if (self == NULL)
    return;
  g_free (self->checked_hash);
  g_free (self->new_hash);
  g_free (self);
}

static void
free_request (Request *self)
{
  hj_text_wipe (self->given);
  hj_text_wipe (self->wanted);
  g_free (self->given);
  g_free (self->wanted);
  g_free (self->key);
  g_free (self->address);
  g_free (self->name);
  hj_credential_free (self->credential);
  g_free (self);
}

/* Returns: (transfer full) (nullable): the member as it was, NULL for what is no password of any account. The request's own
 * copy is wiped. */
static char *
take_password (json_t *input, const char *key)
{
  json_t *value = json_object_get (input, key);
  const char *text = json_string_value (value);
  char *password = NULL;

  if (text != NULL && strlen (text) == json_string_length (value)
      && json_string_length (value) <= HJ_PASSWORD_MAX_BYTES)
    password = g_strdup (text);
  if (text != NULL)
    OPENSSL_cleanse ((char *)text, json_string_length (value));
  json_object_del (input, key);
  return password;
}

static char *
copy_member (const json_t *input, const char *key)
{
  return g_strdup (json_string_value (json_object_get (input, key)));
}

static void
come_home (Request *self, GError *error)
{
  HjActPrepared prepared = self->prepared;
  gpointer call = self->call;
  HjCredential *credential = g_steal_pointer (&self->credential);

  free_request (self);
  prepared (call, credential, error);
}

static void
on_worker_hash (gpointer data)
{
  Request *self = data;

  if (self->verifies)
    self->credential->verified = hj_password_verify (self->credential->checked_hash, self->given);
  if (!self->hashes || self->wanted == NULL || (self->verifies && !self->credential->verified)
      || hj_password_is_weak (self->wanted, self->name != NULL ? self->name : ""))
    return;
  self->credential->new_hash = hj_password_hash (self->wanted);
  self->no_memory = self->credential->new_hash == NULL;
}

static void
hashed (gpointer data)
{
  Request *self = data;
  GError *error = NULL;

  if (self->no_memory)
    hj_refuse (&error, HJ_REFUSAL_UNAVAILABLE, "no memory to hash a password");
  come_home (self, error);
}

static gboolean
find_account (HjStore *store, Request *self, GError **error)
{
  g_autoptr (HjRows) rows
      = hj_store_query (store, self->find, HJ_BINDS (HJ_TEXT (":key", self->key)), error);
  g_autoptr (GError) failure = NULL;

  if (rows == NULL)
    return FALSE;
  if (hj_rows_next (rows, &failure))
    {
      self->name = g_strdup (hj_rows_text (rows, 0));
      self->credential->checked_hash = g_strdup (hj_rows_text (rows, 1));
    }
  if (failure == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

static gpointer
on_worker_look_up (HjStore *store, gpointer input, GError **error)
{
  Request *self = input;
  gint64 wait_us = 0;

  if (self->find != NULL && !find_account (store, self, error))
    return NULL;
  if (self->address != NULL
      && hj_delay_get (store, self->key, self->address, self->now_us, &wait_us, error))
    self->delayed = wait_us > 0;
  return NULL;
}

static void
looked_up (GObject *source, GAsyncResult *result, gpointer data)
{
  Request *self = data;
  GError *error = NULL;

  hj_store_call_finish (result, &error);
  if (error == NULL && !self->delayed
      && hj_hasher_run (hj_acts_get_hasher (self->acts), on_worker_hash, hashed, self, &error))
    return;
  come_home (self, error);
}

/* Who may not do the act at all costs no hashing; the act itself then refuses. */
static void
start (Request *self, HjActs *acts, gboolean may, HjActPrepared prepared, gpointer call)
{
  self->acts = acts;
  self->prepared = prepared;
  self->call = call;
  self->now_us = hj_time_now (hj_acts_get_time (acts));
  self->credential = g_new0 (HjCredential, 1);
  if (may)
    hj_store_call_async (
        hj_acts_get_store (acts), on_worker_look_up, self, NULL, NULL, looked_up, self);
  else
    come_home (self, NULL);
}

/* input: {account, password, address}; the edge puts the address there. Unknown accounts take the same time. */
void
hj_credentials_prepare_login (
    HjActs *acts, const HjActor *actor, json_t *input, HjActPrepared prepared, gpointer call)
{
  Request *self = g_new0 (Request, 1);
  g_autofree char *name = copy_member (input, "account");

  self->given = take_password (input, "password");
  self->key = g_ascii_strdown (name != NULL ? name : "", -1);
  self->address = copy_member (input, "address");
  self->find = FIND_BY_NAME;
  self->verifies = TRUE;
  start (self, acts, hj_access_may (hj_actor_get_role (actor), "login"), prepared, call);
}

/* input: {current, new}. */
void
hj_credentials_prepare_change_password (
    HjActs *acts, const HjActor *actor, json_t *input, HjActPrepared prepared, gpointer call)
{
  Request *self = g_new0 (Request, 1);

  self->given = take_password (input, "current");
  self->wanted = take_password (input, "new");
  self->key = g_strdup (hj_actor_get_id (actor));
  self->find = FIND_BY_ID;
  self->verifies = TRUE;
  self->hashes = TRUE;
  start (self, acts, hj_access_may (hj_actor_get_role (actor), "change-password"), prepared, call);
}

/* input: {id, new}. */
void
hj_credentials_prepare_set_password (
    HjActs *acts, const HjActor *actor, json_t *input, HjActPrepared prepared, gpointer call)
{
  Request *self = g_new0 (Request, 1);

  self->wanted = take_password (input, "new");
  self->key = copy_member (input, "id");
  self->find = FIND_ANY_BY_ID;
  self->hashes = TRUE;
  start (self, acts, hj_access_may (hj_actor_get_role (actor), "set-password"), prepared, call);
}

/* input: {name, password, ...}. */
void
hj_credentials_prepare_create_account (
    HjActs *acts, const HjActor *actor, json_t *input, HjActPrepared prepared, gpointer call)
{
  Request *self = g_new0 (Request, 1);

  self->wanted = take_password (input, "password");
  self->name = copy_member (input, "name");
  self->hashes = TRUE;
  start (self, acts, hj_access_may (hj_actor_get_role (actor), "create-account"), prepared, call);
}
