/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of JSON objects as columns on a terminal, where a Chinese character is two cells wide. Control characters in what
 * comes from outside are shown as '?': a name must not move the cursor. */

#include "src/ctl/table.h"

#include "src/base/json.h"

#define GAP 2

void
hj_ctl_print_json (const json_t *value)
{
  char *text = json_dumps (value, JSON_INDENT (2));

  g_print ("%s\n", text);
  free (text);
}

static const json_t *
reach (const json_t *row, const char *path)
{
  g_auto (GStrv) keys = g_strsplit (path, ".", -1);

  for (char **key = keys; *key != NULL; key++)
    row = json_object_get (row, *key);
  return row;
}

static void
append (GString *cell, const json_t *value)
{
  const json_t *zh = json_object_get (value, "zh");
  gsize i;
  json_t *item;

  if (json_is_string (value))
    g_string_append (cell, json_string_value (value));
  else if (json_is_integer (value))
    g_string_append_printf (cell, "%" JSON_INTEGER_FORMAT, json_integer_value (value));
  else if (json_is_boolean (value))
    g_string_append (cell, json_is_true (value) ? "yes" : "no");
  else if (zh != NULL)
    append (cell, zh);
  else if (json_is_object (value))
    append (cell, json_object_get (value, "name"));
  json_array_foreach ((json_t *)value, i, item)
  {
    g_string_append (cell, i > 0 ? ", " : "");
    append (cell, item);
  }
}

static char *
without_controls (const char *text)
{
  GString *clean = g_string_new (NULL);

  for (; *text != '\0'; text = g_utf8_next_char (text))
    {
      gunichar character = g_utf8_get_char (text);

      g_string_append_unichar (clean, g_unichar_isprint (character) ? character : '?');
    }
  return g_string_free (clean, FALSE);
}

/* path: "name" or "lawyer.name"; a name in two languages is shown in Chinese. Returns: (transfer full). */
char *
hj_ctl_cell (const json_t *row, const char *path)
{
  g_autoptr (GString) cell = g_string_new (NULL);

  append (cell, reach (row, path));
  return without_controls (cell->str);
}

static gsize
width_of (const char *text)
{
  gsize width = 0;

  for (; *text != '\0'; text = g_utf8_next_char (text))
    width += g_unichar_iswide (g_utf8_get_char (text)) ? 2 : 1;
  return width;
}

static void
print_cell (const char *text, gsize width, gboolean last)
{
  g_print ("%s", text);
  if (last)
    g_print ("\n");
  for (gsize at = width_of (text); !last && at < width + GAP; at++)
    g_print (" ");
}

/* columns: paths of hj_ctl_cell(), NULL-terminated; their names head the table. */
void
hj_ctl_print_table (const json_t *rows, const char *const *columns)
{
  guint n = g_strv_length ((char **)columns);
  g_autofree gsize *widths = g_new0 (gsize, n);
  gsize i;
  json_t *row;

  for (guint column = 0; column < n; column++)
    {
      widths[column] = width_of (columns[column]);
      json_array_foreach ((json_t *)rows, i, row)
      {
        g_autofree char *cell = hj_ctl_cell (row, columns[column]);

        widths[column] = MAX (widths[column], width_of (cell));
      }
    }
  for (guint column = 0; column < n; column++)
    print_cell (columns[column], widths[column], column + 1 == n);
  json_array_foreach ((json_t *)rows, i, row)
  {
    for (guint column = 0; column < n; column++)
      {
        g_autofree char *cell = hj_ctl_cell (row, columns[column]);

        print_cell (cell, widths[column], column + 1 == n);
      }
  }
}
