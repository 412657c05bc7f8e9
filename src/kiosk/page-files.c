/* SPDX-License-Identifier: Apache-2.0 */
/* The built page, read into memory once at the start. A request is a look-up in this table, so no request can name a path
 * on the disk, and the page cannot change under a meeting. Symbolic links and hidden files are left out. Control thread. */

#include "src/kiosk/page-files.h"

#include <gio/gio.h>
#include <string.h>

#include "src/kiosk/error.h"

#define MAX_FILES 256
#define MAX_TOTAL_BYTES (16 * 1024 * 1024)
#define MAX_DEPTH 4

struct _HjPageFiles
{
  GHashTable *by_path; /* "/assets/x.js" -> GBytes */
  gsize total;
};

static const struct
{
  const char *suffix;
  const char *type;
} TYPES[] = {
  { ".html", "text/html; charset=utf-8" },
  { ".js", "text/javascript; charset=utf-8" },
  { ".css", "text/css; charset=utf-8" },
  { ".json", "application/json" },
  { ".svg", "image/svg+xml" },
  { ".png", "image/png" },
  { ".woff2", "font/woff2" },
  { ".wav", "audio/wav" },
  { ".ogg", "audio/ogg" },
};

static gboolean
too_much (const char *path, GError **error)
{
  g_set_error (
      error, HJ_KIOSK_ERROR, HJ_KIOSK_ERROR_PAGE, "%s: more than a page should hold", path);
  return FALSE;
}

static gboolean
read_file (HjPageFiles *self, const char *path, const char *name, GError **error)
{
  char *text = NULL;
  gsize size = 0;

  if (!g_file_get_contents (path, &text, &size, error))
    return FALSE;
  g_hash_table_insert (self->by_path, g_strdup (name), g_bytes_new_take (text, size));
  self->total += size;
  return (self->total <= MAX_TOTAL_BYTES && g_hash_table_size (self->by_path) <= MAX_FILES)
         || too_much (path, error);
}

/* prefix: the folder's path as the browser names it, "" for the top. */
static gboolean
read_folder (HjPageFiles *self, const char *folder, const char *prefix, guint depth, GError **error)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, error);
  const char *entry = NULL;

  if (dir == NULL)
    return FALSE;
  if (depth > MAX_DEPTH)
    return too_much (folder, error);
  while ((entry = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, entry, NULL);
      g_autofree char *name = g_strconcat (prefix, "/", entry, NULL);

      if (*entry == '.' || g_file_test (path, G_FILE_TEST_IS_SYMLINK))
        continue;
      if (g_file_test (path, G_FILE_TEST_IS_DIR) ? !read_folder (self, path, name, depth + 1, error)
                                                 : !read_file (self, path, name, error))
        return FALSE;
    }
  return TRUE;
}

/* folder: must hold an index.html. Returns: (transfer full) (nullable). */
HjPageFiles *
hj_page_files_load (const char *folder, GError **error)
{
  g_autoptr (HjPageFiles) self = g_new0 (HjPageFiles, 1);

  self->by_path
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_bytes_unref);
  if (!read_folder (self, folder, "", 0, error))
    {
      g_prefix_error (error, "page_dir: ");
      return NULL;
    }
  if (!g_hash_table_contains (self->by_path, "/index.html"))
    {
      g_set_error (
          error, HJ_KIOSK_ERROR, HJ_KIOSK_ERROR_PAGE, "page_dir %s holds no index.html", folder);
      return NULL;
    }
  return g_steal_pointer (&self);
}

void
hj_page_files_free (HjPageFiles *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->by_path);
  g_free (self);
}

/* path: as requested; "/" is index.html. ret_type: (transfer none). Returns: (transfer none) (nullable). */
GBytes *
hj_page_files_find (const HjPageFiles *self, const char *path, const char **ret_type)
{
  const char *name = g_str_equal (path, "/") ? "/index.html" : path;

  *ret_type = "application/octet-stream";
  for (guint i = 0; i < G_N_ELEMENTS (TYPES); i++)
    if (g_str_has_suffix (name, TYPES[i].suffix))
      *ret_type = TYPES[i].type;
  return g_hash_table_lookup (self->by_path, name);
}
