/* SPDX-License-Identifier: Apache-2.0 */
/* Numbered schema changes, migrations/NNNN-what.sql, compiled in and applied in order, each in one transaction with
 * PRAGMA user_version. On the thread that opens the store. A released file is never edited. */

#include "src/store/migrate.h"

#include <stdlib.h>

#include "src/store/hj-migrations.h"
#include "src/store/store-private.h"

static const char FOLDER[] = "/huijian/migrations";

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return g_strcmp0 (*(const char *const *)a, *(const char *const *)b);
}

static char **
list_migrations (void)
{
  /* Named, so that the linker keeps the resource and its registration. */
  char **names = g_resource_enumerate_children (
      hj_migrations_get_resource (), FOLDER, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);

  g_assert (names != NULL);
  qsort (names, g_strv_length (names), sizeof *names, compare_names);
  return names;
}

static gboolean
apply (HjStore *store, const char *name, int version, GError **error)
{
  g_autofree char *path = g_build_filename (FOLDER, name, NULL);
  g_autoptr (GBytes) sql = g_resources_lookup_data (path, G_RESOURCE_LOOKUP_FLAGS_NONE, error);
  g_autofree char *set_version = g_strdup_printf ("PRAGMA user_version = %d", version);

  if (sql == NULL || !hj_store_begin (store, error))
    return FALSE;
  if (hj_store_exec (store, g_bytes_get_data (sql, NULL), error)
      && hj_store_exec (store, set_version, error) && hj_store_commit (store, error))
    return TRUE;
  hj_store_rollback (store);
  g_prefix_error (error, "%s: ", name);
  return FALSE;
}

/* Brings the database to the newest schema. A database newer than this program is refused untouched. */
gboolean
hj_migrate (HjStore *store, GError **error)
{
  g_auto (GStrv) names = list_migrations ();
  gint64 version = 0;

  if (!hj_store_query_int (store, "PRAGMA user_version", HJ_NO_BINDS, &version, error))
    return FALSE;
  if (version > (gint64)g_strv_length (names))
    {
      g_set_error (error, HJ_STORE_ERROR, HJ_STORE_ERROR_NEWER,
          "schema %" G_GINT64_FORMAT " is newer than this program", version);
      return FALSE;
    }
  for (int i = (int)version; names[i] != NULL; i++)
    if (!apply (store, names[i], i + 1, error))
      return FALSE;
  return TRUE;
}
