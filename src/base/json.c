/* SPDX-License-Identifier: Apache-2.0 */
/* Reading JSON from outside: jansson with duplicate keys refused, a bound on size and nesting, and typed members. Every
 * refusal is HJ_REFUSAL_INVALID with the member's name as its text. Any thread. */

#include "src/base/json.h"

#include <string.h>

#include "src/base/ids.h"

/* jansson bounds nesting at 2048; ours is far less, so that later code may recurse. */
static gboolean
nests_too_deep (const char *data, gsize size)
{
  int depth = 0;
  gboolean in_string = FALSE;

  for (gsize i = 0; i < size; i++)
    {
      if (in_string && data[i] == '\\')
        i++;
      else if (data[i] == '"')
        in_string = !in_string;
      else if (!in_string && (data[i] == '{' || data[i] == '['))
        depth++;
      else if (!in_string && (data[i] == '}' || data[i] == ']'))
        depth--;
      if (depth > HJ_JSON_MAX_DEPTH)
        return TRUE;
    }
  return FALSE;
}

/* data: size bytes, need not end in NUL. Returns: (transfer full) (nullable): an object, never another type. */
json_t *
hj_json_parse (const char *data, gsize size, gsize max_size, GError **error)
{
  json_error_t problem;
  json_t *value = NULL;

  if (size > max_size)
    {
      hj_refuse (
          error, HJ_REFUSAL_INVALID, "message longer than %" G_GSIZE_FORMAT " bytes", max_size);
      return NULL;
    }
  if (nests_too_deep (data, size))
    {
      hj_refuse (error, HJ_REFUSAL_INVALID, "message nested deeper than %d", HJ_JSON_MAX_DEPTH);
      return NULL;
    }
  value = json_loadb (data, size, JSON_REJECT_DUPLICATES, &problem);
  if (value == NULL)
    {
      hj_refuse (
          error, HJ_REFUSAL_INVALID, "JSON, line %d column %d", problem.line, problem.column);
      return NULL;
    }
  if (!json_is_object (value))
    {
      json_decref (value);
      hj_refuse (error, HJ_REFUSAL_INVALID, "message is not an object");
      return NULL;
    }
  return value;
}

/* Returns: (transfer full): compact text, to be freed with g_free(). Members keep the order in which they were set. */
char *
hj_json_dump (const json_t *value)
{
  char *text = json_dumps (value, JSON_COMPACT);
  char *copy = g_strdup (text);

  free (text);
  return copy;
}

static gboolean
wrong (const char *key, GError **error)
{
  hj_refuse (error, HJ_REFUSAL_INVALID, "%s", key);
  return FALSE;
}

/* ret: (transfer none) (nullable): NULL when the member is absent or null. */
gboolean
hj_json_read_optional_string (
    const json_t *object, const char *key, gsize max_bytes, const char **ret, GError **error)
{
  json_t *value = json_object_get (object, key);

  *ret = NULL;
  if (value == NULL || json_is_null (value))
    return TRUE;
  if (!json_is_string (value) || json_string_length (value) > max_bytes
      || strlen (json_string_value (value)) != json_string_length (value))
    return wrong (key, error);
  *ret = json_string_value (value);
  return TRUE;
}

/* A member that must be there and not empty. ret: (transfer none): lives as long as the object. */
gboolean
hj_json_read_string (
    const json_t *object, const char *key, gsize max_bytes, const char **ret, GError **error)
{
  if (!hj_json_read_optional_string (object, key, max_bytes, ret, error))
    return FALSE;
  return (*ret != NULL && **ret != '\0') || wrong (key, error);
}

gboolean
hj_json_read_id (const json_t *object, const char *key, const char **ret, GError **error)
{
  const json_t *value = json_object_get (object, key);

  *ret = json_string_value (value);
  return hj_id_is_valid (*ret) || wrong (key, error);
}

gboolean
hj_json_read_int (
    const json_t *object, const char *key, gint64 min, gint64 max, gint64 *ret, GError **error)
{
  const json_t *value = json_object_get (object, key);

  if (!json_is_integer (value) || json_integer_value (value) < min
      || json_integer_value (value) > max)
    return wrong (key, error);
  *ret = json_integer_value (value);
  return TRUE;
}

/* Leaves *ret untouched when the member is absent or null. */
gboolean
hj_json_read_optional_int (
    const json_t *object, const char *key, gint64 min, gint64 max, gint64 *ret, GError **error)
{
  const json_t *value = json_object_get (object, key);

  if (value == NULL || json_is_null (value))
    return TRUE;
  return hj_json_read_int (object, key, min, max, ret, error);
}

gboolean
hj_json_read_bool (const json_t *object, const char *key, gboolean *ret, GError **error)
{
  const json_t *value = json_object_get (object, key);

  if (!json_is_boolean (value))
    return wrong (key, error);
  *ret = json_is_true (value);
  return TRUE;
}

/* ret: (transfer none). */
gboolean
hj_json_read_object (const json_t *object, const char *key, json_t **ret, GError **error)
{
  *ret = json_object_get (object, key);
  return json_is_object (*ret) || wrong (key, error);
}

/* ret: (transfer none). */
gboolean
hj_json_read_array (
    const json_t *object, const char *key, gsize max_items, json_t **ret, GError **error)
{
  *ret = json_object_get (object, key);
  return (json_is_array (*ret) && json_array_size (*ret) <= max_items) || wrong (key, error);
}

/* Returns: (transfer full): a text that people read, {zh, en}. */
json_t *
hj_json_zh_en (const char *zh, const char *en)
{
  return json_pack ("{s:s, s:s}", "zh", zh, "en", en);
}

/* Returns: (transfer full). */
json_t *
hj_json_string_or_null (const char *text)
{
  return text != NULL ? json_string (text) : json_null ();
}
