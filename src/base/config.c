/* SPDX-License-Identifier: Apache-2.0 */
/* One group of a key file, read once and never changed. A program names the keys that it knows; any other key in its group
 * stops the start. Secrets are given as file paths. Any thread after it was read. */

#include "src/base/config.h"

struct _HjConfig
{
  char *group;
  GHashTable *values; /* key -> text */
};

G_DEFINE_QUARK (hj_config_error, hj_config_error)

static gboolean
is_known (const HjConfigKey *keys, const char *key)
{
  for (; keys->key != NULL; keys++)
    if (g_str_equal (keys->key, key))
      return TRUE;
  return FALSE;
}

static gboolean
refuse_unknown_keys (GKeyFile *file, const char *group, const HjConfigKey *keys, GError **error)
{
  g_auto (GStrv) present = g_key_file_get_keys (file, group, NULL, NULL);

  for (char **key = present; key != NULL && *key != NULL; key++)
    if (!is_known (keys, *key))
      {
        g_set_error (error, HJ_CONFIG_ERROR, HJ_CONFIG_ERROR_UNKNOWN_KEY,
            "[%s] has the unknown key %s", group, *key);
        return FALSE;
      }
  return TRUE;
}

/* keys: ends with a NULL key; must outlive the config. Returns: (transfer full) (nullable). */
HjConfig *
hj_config_new_from_file (
    const char *path, const char *group, const HjConfigKey *keys, GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (HjConfig) self = g_new0 (HjConfig, 1);

  self->group = g_strdup (group);
  self->values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  if (!g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, error))
    {
      g_prefix_error (error, "%s: ", path);
      return NULL;
    }
  if (!refuse_unknown_keys (file, group, keys, error))
    return NULL;
  for (; keys->key != NULL; keys++)
    {
      char *value = g_key_file_get_string (file, group, keys->key, NULL);

      if (value == NULL && keys->fallback == NULL)
        {
          g_set_error (error, HJ_CONFIG_ERROR, HJ_CONFIG_ERROR_VALUE, "[%s] lacks the key %s",
              group, keys->key);
          return NULL;
        }
      g_hash_table_insert (
          self->values, g_strdup (keys->key), value != NULL ? value : g_strdup (keys->fallback));
    }
  return g_steal_pointer (&self);
}

void
hj_config_free (HjConfig *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->values, g_hash_table_unref);
  g_free (self->group);
  g_free (self);
}

/* Returns: (transfer none): never NULL; asking for a key that was not named is a bug. */
const char *
hj_config_get (const HjConfig *self, const char *key)
{
  const char *value = g_hash_table_lookup (self->values, key);

  g_assert (value != NULL);
  return value;
}

/* The value as a number; check it at the start with hj_config_check_int(). */
gint64
hj_config_get_int (const HjConfig *self, const char *key)
{
  return g_ascii_strtoll (hj_config_get (self, key), NULL, 10);
}

/* Returns: (transfer full): the parts between semicolons, without white space around them and without empty ones. */
char **
hj_config_get_list (const HjConfig *self, const char *key)
{
  g_auto (GStrv) parts = g_strsplit (hj_config_get (self, key), ";", -1);
  g_autoptr (GPtrArray) list = g_ptr_array_new ();

  for (char **part = parts; *part != NULL; part++)
    if (*g_strstrip (*part) != '\0')
      g_ptr_array_add (list, g_strdup (*part));
  g_ptr_array_add (list, NULL);
  return (char **)g_ptr_array_free (g_steal_pointer (&list), FALSE);
}

gboolean
hj_config_check_int (const HjConfig *self, const char *key, gint64 min, gint64 max, GError **error)
{
  gint64 value;

  if (g_ascii_string_to_signed (hj_config_get (self, key), 10, min, max, &value, NULL))
    return TRUE;
  g_set_error (error, HJ_CONFIG_ERROR, HJ_CONFIG_ERROR_VALUE,
      "[%s] %s must be a whole number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT, self->group,
      key, min, max);
  return FALSE;
}
