/* SPDX-License-Identifier: Apache-2.0 */
/* The only owner of the database connection: one connection, exclusive lock, WAL, synchronous=FULL (two connections would
 * meet the WAL-reset bug of SQLite before 3.51.3). All SQL runs on the store's worker; control reaches it by
 * hj_store_call_async(). STYLE section 9. */

#include "src/store/store-private.h"

#include <string.h>

#include "src/base/worker.h"
#include "src/store/migrate.h"

G_DEFINE_QUARK (hj_store_error, hj_store_error)

static const char PRAGMAS[] = "PRAGMA locking_mode = EXCLUSIVE;"
                              "PRAGMA journal_mode = WAL;"
                              "PRAGMA synchronous = FULL;"
                              "PRAGMA mmap_size = 0;"
                              "PRAGMA cache_size = -65536;"
                              "PRAGMA trusted_schema = OFF;"
                              "PRAGMA foreign_keys = ON;";

/* Turns SQLite's last error into ours, in terms of what the caller can do. */
void
hj_store_set_error (HjStore *self, GError **error)
{
  int code = sqlite3_extended_errcode (self->db);
  HjStoreError ours = HJ_STORE_ERROR_FAILED;

  if (code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY
      || code == SQLITE_CONSTRAINT_ROWID)
    ours = HJ_STORE_ERROR_TAKEN;
  else if (code == SQLITE_CONSTRAINT_FOREIGNKEY)
    ours = HJ_STORE_ERROR_REFERENCE;
  else if ((code & 0xff) == SQLITE_CONSTRAINT)
    ours = HJ_STORE_ERROR_RULE;
  else if ((code & 0xff) == SQLITE_FULL)
    ours = HJ_STORE_ERROR_FULL;
  else if ((code & 0xff) == SQLITE_BUSY || (code & 0xff) == SQLITE_LOCKED)
    ours = HJ_STORE_ERROR_LOCKED;
  g_set_error_literal (error, HJ_STORE_ERROR, (int)ours, sqlite3_errmsg (self->db));
}

gboolean
hj_store_exec (HjStore *self, const char *sql, GError **error)
{
  if (sqlite3_exec (self->db, sql, NULL, NULL, NULL) == SQLITE_OK)
    return TRUE;
  hj_store_set_error (self, error);
  return FALSE;
}

static gboolean
check_integrity (HjStore *self, GError **error)
{
  g_autoptr (HjRows) rows = hj_store_query (self, "PRAGMA quick_check(1)", HJ_NO_BINDS, error);

  if (rows == NULL || !hj_rows_next (rows, error))
    return FALSE;
  if (g_strcmp0 (hj_rows_text (rows, 0), "ok") == 0)
    return TRUE;
  g_set_error (error, HJ_STORE_ERROR, HJ_STORE_ERROR_FAILED, "database is damaged: %s",
      hj_rows_text (rows, 0));
  return FALSE;
}

static void
free_statement (gpointer statement)
{
  sqlite3_finalize (statement);
}

/* path: a file, or ":memory:". Opens, locks, checks and migrates. Returns: (transfer full) (nullable). */
HjStore *
hj_store_open (const char *path, GError **error)
{
  g_autoptr (HjStore) self = g_new0 (HjStore, 1);

  self->statements = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_statement);
  if (sqlite3_open_v2 (
          path, &self->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL)
      != SQLITE_OK)
    {
      hj_store_set_error (self, error);
      g_prefix_error (error, "%s: ", path);
      return NULL;
    }
  sqlite3_extended_result_codes (self->db, 1);
  if (!hj_store_exec (self, PRAGMAS, error) || !check_integrity (self, error)
      || !hj_migrate (self, error))
    {
      g_prefix_error (error, "%s: ", path);
      return NULL;
    }
  return g_steal_pointer (&self);
}

void
hj_store_close (HjStore *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->worker, hj_worker_free);
  g_clear_pointer (&self->statements, g_hash_table_unref);
  if (self->db != NULL)
    sqlite3_close (self->db);
  g_free (self);
}

/* Returns: (transfer none): the worker, started at the first call. From then on only it touches the database. */
HjWorker *
hj_store_get_worker (HjStore *self)
{
  if (self->worker == NULL)
    self->worker = hj_worker_new ("store");
  return self->worker;
}

static void
drained (gpointer flag)
{
  *(gboolean *)flag = TRUE;
}

static void
on_worker_nothing (gpointer flag)
{
}

/* From control, at the end: runs the default context until every call that was made has been answered there. An answer may
 * make another call; two rounds see those home too. */
void
hj_store_drain (HjStore *self)
{
  for (int round = 0; round < 3; round++)
    {
      gboolean done = FALSE;

      hj_worker_run (hj_store_get_worker (self), on_worker_nothing, drained, &done);
      while (!done)
        g_main_context_iteration (NULL, TRUE);
    }
}

void
hj_store_assert_here (HjStore *self)
{
  g_assert (self->worker == NULL || hj_worker_is_current (self->worker));
}

gboolean
hj_store_begin (HjStore *self, GError **error)
{
  hj_store_assert_here (self);
  return hj_store_exec (self, "BEGIN IMMEDIATE", error);
}

gboolean
hj_store_commit (HjStore *self, GError **error)
{
  return hj_store_exec (self, "COMMIT", error);
}

/* Also right after a failed commit; then nothing of it is kept. */
void
hj_store_rollback (HjStore *self)
{
  if (!sqlite3_get_autocommit (self->db))
    hj_store_exec (self, "ROLLBACK", NULL);
}

/* A savepoint inside a transaction, one at a time: a line of an import that fails takes nothing else with it. */
gboolean
hj_store_savepoint (HjStore *self, GError **error)
{
  return hj_store_exec (self, "SAVEPOINT part", error);
}

gboolean
hj_store_release (HjStore *self, GError **error)
{
  return hj_store_exec (self, "RELEASE part", error);
}

void
hj_store_rollback_to_savepoint (HjStore *self)
{
  hj_store_exec (self, "ROLLBACK TO part", NULL);
  hj_store_exec (self, "RELEASE part", NULL);
}

typedef struct
{
  HjStore *store;
  HjStoreCall call;
  gpointer input;
  GDestroyNotify free_input;
  gpointer result;
  GDestroyNotify free_result;
  GError *error;
  GTask *task;
} Call;

static void
on_worker_call (gpointer message)
{
  Call *call = message;

  call->result = call->call (call->store, call->input, &call->error);
}

static void
called (gpointer message)
{
  g_autofree Call *call = message;
  g_autoptr (GTask) task = call->task;

  if (call->error != NULL)
    g_task_return_error (task, call->error);
  else
    g_task_return_pointer (task, call->result, call->free_result);
  if (call->free_input != NULL)
    call->free_input (call->input);
}

/* input: (transfer full): freed on control with free_input. The callback runs on control. */
void
hj_store_call_async (HjStore *self, HjStoreCall call, gpointer input, GDestroyNotify free_input,
    GDestroyNotify free_result, GAsyncReadyCallback callback, gpointer user_data)
{
  Call *message = g_new0 (Call, 1);

  message->store = self;
  message->call = call;
  message->input = input;
  message->free_input = free_input;
  message->free_result = free_result;
  message->task = g_task_new (NULL, NULL, callback, user_data);
  hj_worker_run (hj_store_get_worker (self), on_worker_call, called, message);
}

/* Returns: (transfer full): what the call returned. */
gpointer
hj_store_call_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
