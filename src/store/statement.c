/* SPDX-License-Identifier: Apache-2.0 */
/* Prepared statements: run, query, and rows as JSON. On the store's worker. Statements are kept by their text, so callers
 * write queries as static strings and never build them. */

#include "src/store/store-private.h"

#include <string.h>

#include "src/base/json.h"

struct _HjRows
{
  HjStore *store; /* not owned: rows live shorter than the call that made them */
  sqlite3_stmt *statement;
  gboolean owned; /* a second use of a statement that was busy */
};

static sqlite3_stmt *
prepare (HjStore *self, const char *sql, GError **error)
{
  sqlite3_stmt *statement = NULL;

  if (sqlite3_prepare_v3 (self->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL)
      == SQLITE_OK)
    return statement;
  hj_store_set_error (self, error);
  g_critical ("SQL does not prepare: %s", sqlite3_errmsg (self->db));
  return NULL;
}

static sqlite3_stmt *
get_statement (HjStore *self, const char *sql, gboolean *ret_owned, GError **error)
{
  sqlite3_stmt *statement = g_hash_table_lookup (self->statements, sql);

  hj_store_assert_here (self);
  *ret_owned = statement != NULL && sqlite3_stmt_busy (statement);
  if (*ret_owned)
    return prepare (self, sql, error);
  if (statement != NULL)
    return statement;
  statement = prepare (self, sql, error);
  if (statement != NULL)
    g_hash_table_insert (self->statements, g_strdup (sql), statement);
  return statement;
}

static void
bind (sqlite3_stmt *statement, const HjBind *binds)
{
  for (; binds->name != NULL; binds++)
    {
      int index = sqlite3_bind_parameter_index (statement, binds->name);

      if (index == 0)
        g_error ("%s is no parameter of: %s", binds->name, sqlite3_sql (statement));
      if (binds->kind == HJ_BIND_INT)
        sqlite3_bind_int64 (statement, index, binds->number);
      else if (binds->kind == HJ_BIND_TEXT && binds->text != NULL)
        sqlite3_bind_text (statement, index, binds->text, -1, SQLITE_TRANSIENT);
      else if (binds->kind == HJ_BIND_BLOB)
        sqlite3_bind_blob64 (statement, index, binds->blob, binds->size, SQLITE_TRANSIENT);
      else
        sqlite3_bind_null (statement, index);
    }
}

/* Returns: (transfer full) (nullable): rows to walk with hj_rows_next(). */
HjRows *
hj_store_query (HjStore *self, const char *sql, const HjBind *binds, GError **error)
{
  gboolean owned = FALSE;
  sqlite3_stmt *statement = get_statement (self, sql, &owned, error);
  HjRows *rows = NULL;

  if (statement == NULL)
    return NULL;
  bind (statement, binds);
  rows = g_new0 (HjRows, 1);
  rows->store = self;
  rows->statement = statement;
  rows->owned = owned;
  return rows;
}

void
hj_rows_free (HjRows *self)
{
  if (self == NULL)
    return;
  sqlite3_reset (self->statement);
  sqlite3_clear_bindings (self->statement);
  if (self->owned)
    sqlite3_finalize (self->statement);
  g_free (self);
}

/* TRUE: a row is there. FALSE without error: no more rows. */
gboolean
hj_rows_next (HjRows *self, GError **error)
{
  int code = sqlite3_step (self->statement);

  if (code == SQLITE_ROW)
    return TRUE;
  if (code != SQLITE_DONE)
    hj_store_set_error (self->store, error);
  return FALSE;
}

/* Runs a statement to its end. */
gboolean
hj_store_run (HjStore *self, const char *sql, const HjBind *binds, GError **error)
{
  g_autoptr (HjRows) rows = hj_store_query (self, sql, binds, error);
  g_autoptr (GError) failure = NULL;

  if (rows == NULL)
    return FALSE;
  while (hj_rows_next (rows, &failure))
    ;
  if (failure == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

/* How many rows the last hj_store_run() changed. */
gint64
hj_store_changes (HjStore *self)
{
  return sqlite3_changes64 (self->db);
}

/* Returns: (transfer none) (nullable): valid until the next step. */
const char *
hj_rows_text (HjRows *self, int column)
{
  return (const char *)sqlite3_column_text (self->statement, column);
}

gint64
hj_rows_int (HjRows *self, int column)
{
  return sqlite3_column_int64 (self->statement, column);
}

gboolean
hj_rows_is_null (HjRows *self, int column)
{
  return sqlite3_column_type (self->statement, column) == SQLITE_NULL;
}

/* Returns: (transfer none) (nullable): valid until the next step. */
gconstpointer
hj_rows_blob (HjRows *self, int column, gsize *ret_size)
{
  gconstpointer blob = sqlite3_column_blob (self->statement, column);

  *ret_size = sqlite3_column_bytes (self->statement, column);
  return blob;
}

static json_t *
column_value (HjRows *self, int column, gboolean is_boolean)
{
  if (hj_rows_is_null (self, column))
    return json_null ();
  if (is_boolean)
    return json_boolean (hj_rows_int (self, column) != 0);
  if (sqlite3_column_type (self->statement, column) == SQLITE_INTEGER)
    return json_integer (hj_rows_int (self, column));
  return json_string (hj_rows_text (self, column));
}

/* Walks to the object that the part of the name before the last dot names, and makes it on the way. */
static json_t *
reach_parent (json_t *row, const char *name, const char **ret_key)
{
  const char *dot;

  while ((dot = strchr (name, '.')) != NULL)
    {
      g_autofree char *key = g_strndup (name, dot - name);
      json_t *child = json_object_get (row, key);

      if (child == NULL)
        {
          child = json_object ();
          json_object_set_new (row, key, child);
        }
      row = child;
      name = dot + 1;
    }
  *ret_key = name;
  return row;
}

/* An outer join that found nothing: an object whose id is null is null. */
static void
collapse_missing (json_t *row)
{
  const char *key;
  json_t *value;
  void *next;

  json_object_foreach_safe (row, next, key, value)
  {
    if (!json_is_object (value))
      continue;
    if (json_is_null (json_object_get (value, "id")))
      json_object_set_new (row, key, json_null ());
    else
      collapse_missing (value);
  }
}

/* The row as an object. A column named "a.b" becomes a member b of the object a; a name that ends in '?' is a boolean; an
 * object whose member "id" is NULL becomes null. Returns: (transfer full). */
json_t *
hj_rows_json (HjRows *self)
{
  json_t *row = json_object ();

  for (int column = 0; column < sqlite3_column_count (self->statement); column++)
    {
      g_autofree char *name = g_strdup (sqlite3_column_name (self->statement, column));
      gboolean is_boolean = g_str_has_suffix (name, "?");
      const char *key = NULL;
      json_t *parent;

      if (is_boolean)
        name[strlen (name) - 1] = '\0';
      parent = reach_parent (row, name, &key);
      json_object_set_new (parent, key, column_value (self, column, is_boolean));
    }
  collapse_missing (row);
  return row;
}

/* Returns: (transfer full) (nullable): an array of hj_rows_json(). */
json_t *
hj_store_query_json (HjStore *self, const char *sql, const HjBind *binds, GError **error)
{
  g_autoptr (HjRows) rows = hj_store_query (self, sql, binds, error);
  g_autoptr (json_t) array = json_array ();
  g_autoptr (GError) failure = NULL;

  if (rows == NULL)
    return NULL;
  while (hj_rows_next (rows, &failure))
    json_array_append_new (array, hj_rows_json (rows));
  if (failure == NULL)
    return g_steal_pointer (&array);
  g_propagate_error (error, g_steal_pointer (&failure));
  return NULL;
}

/* Returns: (transfer full) (nullable): the first row, or NULL with HJ_REFUSAL_NOT_FOUND when there is none. */
json_t *
hj_store_query_one (HjStore *self, const char *sql, const HjBind *binds, GError **error)
{
  g_autoptr (json_t) array = hj_store_query_json (self, sql, binds, error);

  if (array == NULL)
    return NULL;
  if (json_array_size (array) == 0)
    {
      hj_refuse (error, HJ_REFUSAL_NOT_FOUND, "no such row");
      return NULL;
    }
  return json_incref (json_array_get (array, 0));
}

/* The first column of the first row. FALSE with HJ_REFUSAL_NOT_FOUND when there is none. */
gboolean
hj_store_query_int (
    HjStore *self, const char *sql, const HjBind *binds, gint64 *ret, GError **error)
{
  g_autoptr (HjRows) rows = hj_store_query (self, sql, binds, error);
  g_autoptr (GError) failure = NULL;

  if (rows == NULL)
    return FALSE;
  if (hj_rows_next (rows, &failure))
    {
      *ret = hj_rows_int (rows, 0);
      return TRUE;
    }
  if (failure != NULL)
    g_propagate_error (error, g_steal_pointer (&failure));
  else
    hj_refuse (error, HJ_REFUSAL_NOT_FOUND, "no such row");
  return FALSE;
}
