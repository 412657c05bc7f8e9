/* SPDX-License-Identifier: Apache-2.0 */
/* huijianctl import: sends a file in batches of lines that huijiand applies one transaction each, goes on where an earlier run
 * stopped, and names every line that was refused. Memory is one batch. docs/records.md describes the lines. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "src/base/json.h"
#include "src/ctl/command.h"
#include "src/ctl/table.h"
#include "src/records/import.h"

#define BATCH_LINES 500
#define BATCH_BYTES (8 * 1024 * 1024)

typedef struct
{
  HjCtl *ctl;
  const char *path;
  FILE *file;
  char *line; /* (owned) (nullable): getline's */
  size_t line_size;
  char *hash;
  gint64 next_line; /* of the file, from 1 */
  gboolean at_end;
  json_t *answer; /* (owned) (nullable): the last batch's */
} Import;

static void
clear_import (Import *self)
{
  if (self->file != NULL)
    fclose (self->file);
  free (self->line);
  g_free (self->hash);
  json_decref (self->answer);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Import, clear_import)

static gboolean
fail (Import *self, GError **error)
{
  g_set_error (error, HJ_CTL_ERROR, HJ_CTL_ERROR_INPUT, "%s: %s", self->path, g_strerror (errno));
  return FALSE;
}

/* The file is known by its content, wherever it lies. */
static gboolean
hash_file (Import *self, GError **error)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  guint8 block[65536];
  size_t size;

  self->file = fopen (self->path, "re");
  if (self->file == NULL)
    return fail (self, error);
  while ((size = fread (block, 1, sizeof block, self->file)) > 0)
    g_checksum_update (checksum, block, (gssize)size);
  if (ferror (self->file) || fseeko (self->file, 0, SEEK_SET) != 0)
    return fail (self, error);
  self->hash = g_strdup (g_checksum_get_string (checksum));
  return TRUE;
}

/* FALSE without error: the file has ended. ret_size: without the newline. */
static gboolean
read_line (Import *self, gsize *ret_size, GError **error)
{
  ssize_t size = getline (&self->line, &self->line_size, self->file);

  if (size < 0)
    {
      self->at_end = !ferror (self->file);
      if (!self->at_end)
        fail (self, error);
      return FALSE;
    }
  while (size > 0 && (self->line[size - 1] == '\n' || self->line[size - 1] == '\r'))
    size--;
  *ret_size = (gsize)size;
  return TRUE;
}

static gboolean
skip_to (Import *self, gint64 first_line, GError **error)
{
  g_autoptr (GError) failure = NULL;
  gsize size;

  for (gint64 line = 1; line < first_line; line++)
    if (!read_line (self, &size, &failure))
      break;
  self->next_line = first_line;
  if (failure == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

/* A line that is no UTF-8, holds a NUL or is too long is sent as null: huijiand counts and names it. */
static json_t *
encode (const char *line, gsize size)
{
  if (size > HJ_IMPORT_MAX_LINE_BYTES || memchr (line, '\0', size) != NULL)
    return json_null ();
  return g_utf8_validate (line, (gssize)size, NULL) ? json_stringn (line, size) : json_null ();
}

/* Returns: (transfer full) (nullable): the next lines; an empty array at the end. */
static json_t *
read_batch (Import *self, GError **error)
{
  g_autoptr (json_t) lines = json_array ();
  g_autoptr (GError) failure = NULL;
  gsize bytes = 0;
  gsize size = 0;

  while (json_array_size (lines) < BATCH_LINES && bytes < BATCH_BYTES
         && read_line (self, &size, &failure))
    {
      json_array_append_new (lines, encode (self->line, size));
      bytes += size;
    }
  if (failure == NULL)
    return g_steal_pointer (&lines);
  g_propagate_error (error, g_steal_pointer (&failure));
  return NULL;
}

/* "line 12: refused: checksum (id_number)" */
static void
print_problem (const json_t *problem)
{
  g_autofree char *line = hj_ctl_cell (problem, "line");
  g_autofree char *severity = hj_ctl_cell (problem, "severity");
  g_autofree char *code = hj_ctl_cell (problem, "code");
  g_autofree char *field = hj_ctl_cell (problem, "field");
  g_autofree char *kind = hj_ctl_cell (problem, "kind");
  g_autofree char *key = hj_ctl_cell (problem, "key");
  gboolean has_field = *field != '\0';

  g_print ("line %s: %s: %s%s%s%s", line, severity, code, has_field ? " (" : "", field,
      has_field ? ")" : "");
  g_print ("%s%s %s\n", *kind != '\0' ? " in " : "", kind, key);
}

static gboolean
send_batch (Import *self, json_t *lines, GError **error)
{
  gint64 n_lines = (gint64)json_array_size (lines);
  gsize i;
  json_t *problem;

  json_decref (self->answer);
  self->answer = hj_ctl_client_act (self->ctl->client, "import",
      json_pack ("{s:s, s:I, s:o, s:b}", "file_hash", self->hash, "first_line",
          (json_int_t)self->next_line, "lines", lines, "last", self->at_end),
      error);
  if (self->answer == NULL)
    {
      g_prefix_error (error, "lines %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT ": ",
          self->next_line, self->next_line + n_lines - 1);
      return FALSE;
    }
  self->next_line += n_lines;
  json_array_foreach (json_object_get (self->answer, "problems"), i, problem)
  {
    if (self->ctl->json)
      json_dumpf (problem, stdout, JSON_COMPACT), putchar ('\n');
    else
      print_problem (problem);
  }
  return TRUE;
}

static gint64
count (const Import *self, const char *member)
{
  return json_integer_value (json_object_get (self->answer, member));
}

static void
print_totals (Import *self)
{
  json_object_del (self->answer, "problems");
  json_object_del (self->answer, "kinds");
  if (self->ctl->json)
    json_dumpf (self->answer, stdout, JSON_COMPACT), putchar ('\n');
  else
    g_print ("%" G_GINT64_FORMAT " lines: %" G_GINT64_FORMAT " applied (%" G_GINT64_FORMAT
             " with a warning), %" G_GINT64_FORMAT " unchanged, %" G_GINT64_FORMAT " refused\n",
        count (self, "lines_done"), count (self, "applied"), count (self, "warned"),
        count (self, "unchanged"), count (self, "refused"));
}

static gboolean
start (Import *self, GError **error)
{
  g_autoptr (json_t) progress = NULL;
  gint64 next;

  if (!hash_file (self, error)
      || (progress = hj_ctl_client_act (self->ctl->client, "import-progress",
              json_pack ("{s:s}", "file_hash", self->hash), error))
             == NULL)
    return FALSE;
  next = MAX (1, json_integer_value (json_object_get (progress, "next_line")));
  if (next > 1)
    g_printerr ("This file was begun before: going on with line %" G_GINT64_FORMAT ".\n", next);
  return skip_to (self, next, error);
}

gboolean
hj_ctl_import (HjCtl *ctl, GError **error)
{
  g_auto (Import) self = { .ctl = ctl, .path = ctl->arguments[0] };

  if (!start (&self, error))
    return FALSE;
  do
    {
      json_t *lines = read_batch (&self, error);

      if (lines == NULL || !send_batch (&self, lines, error))
        return FALSE;
    }
  while (!self.at_end);
  print_totals (&self);
  if (count (&self, "refused") == 0)
    return TRUE;
  g_set_error (error, HJ_CTL_ERROR, HJ_CTL_ERROR_REFUSED,
      "%" G_GINT64_FORMAT " lines were refused; correct them and import again",
      count (&self, "refused"));
  return FALSE;
}
