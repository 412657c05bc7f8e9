/* SPDX-License-Identifier: Apache-2.0 */
/* The acts `import` and `import-progress`: a file comes in batches, each one transaction with its audit entry and with how far
 * the file got, so that a broken import goes on where it stopped and never keeps a join waiting. On the store's worker.
 * docs/records.md describes file, answer and codes. */

#include "src/records/import.h"

#include <string.h>

#include "src/base/json.h"
#include "src/records/import-line-private.h"

static const char FIND_IMPORT[] = "SELECT lines_done, applied, unchanged, refused, warned, "
                                  "finished_at_us FROM import WHERE file_hash = :file";
static const char START_IMPORT[] = "INSERT INTO import (file_hash, lines_done, applied, unchanged, "
                                   "refused, warned, started_at_us, seen_at_us) "
                                   "VALUES (:file, 0, 0, 0, 0, 0, :at, :at) ON CONFLICT "
                                   "(file_hash) DO UPDATE SET lines_done = 0, applied = 0, "
                                   "unchanged = 0, refused = 0, warned = 0, started_at_us = "
                                   "excluded.started_at_us, seen_at_us = excluded.seen_at_us";
static const char ADD_TO_IMPORT[]
    = "UPDATE import SET lines_done = lines_done + :lines, applied = applied + :applied, unchanged "
      "= unchanged + :unchanged, "
      "refused = refused + :refused, warned = warned + :warned, seen_at_us = :at, "
      "finished_at_us = CASE WHEN :last = 1 THEN :at ELSE NULL END WHERE file_hash = :file";

static gboolean
read_file_hash (const json_t *input, const char **ret, GError **error)
{
  if (!hj_json_read_string (input, "file_hash", 64, ret, error))
    return FALSE;
  if (strspn (*ret, "0123456789abcdef") == 64)
    return TRUE;
  hj_refuse (error, HJ_REFUSAL_INVALID, "file_hash");
  return FALSE;
}

/* Returns: (transfer full) (nullable): {file_hash, lines_done, applied, unchanged, refused, warned, finished, next_line}; all
 * zero for a file that was never seen. */
static json_t *
get_progress (HjStore *store, const char *file_hash, GError **error)
{
  g_autoptr (HjRows) rows
      = hj_store_query (store, FIND_IMPORT, HJ_BINDS (HJ_TEXT (":file", file_hash)), error);
  g_autoptr (GError) failure = NULL;
  gint64 n[5] = { 0 };
  gboolean finished = FALSE;

  if (rows == NULL)
    return NULL;
  if (hj_rows_next (rows, &failure))
    {
      for (int i = 0; i < 5; i++)
        n[i] = hj_rows_int (rows, i);
      finished = !hj_rows_is_null (rows, 5);
    }
  if (failure != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return NULL;
    }
  return json_pack ("{s:s, s:I, s:I, s:I, s:I, s:I, s:b, s:I}", "file_hash", file_hash,
      "lines_done", (json_int_t)n[0], "applied", (json_int_t)n[1], "unchanged", (json_int_t)n[2],
      "refused", (json_int_t)n[3], "warned", (json_int_t)n[4], "finished", finished, "next_line",
      (json_int_t)(finished ? 1 : n[0] + 1));
}

/* Line 1 always begins anew, which is harmless: what is known already stays unchanged. Any other line must be the next. */
static gboolean
take_place (HjAct *act, const char *file_hash, gint64 first_line, GError **error)
{
  g_autoptr (json_t) progress = NULL;
  gint64 next;

  if (first_line == 1)
    return hj_store_run (act->store, START_IMPORT,
        HJ_BINDS (HJ_TEXT (":file", file_hash), HJ_INT (":at", act->now_us)), error);
  progress = get_progress (act->store, file_hash, error);
  if (progress == NULL)
    return FALSE;
  next = json_integer_value (json_object_get (progress, "next_line"));
  if (next == first_line)
    return TRUE;
  hj_act_explain (act, "next_line", json_integer (next));
  hj_refuse (error, HJ_REFUSAL_STATE, "first_line");
  return FALSE;
}

static gboolean
take_lines (HjImportBatch *batch, gint64 first_line, const json_t *lines, GError **error)
{
  const json_t *line;
  gsize i;

  json_array_foreach (lines, i,
      line) if (!hj_import_line (batch, first_line + (gint64)i, line, error)) return FALSE;
  return TRUE;
}

static gboolean
keep_progress (HjAct *act, const HjImportBatch *batch, const char *file_hash, gsize n_lines,
    gboolean last, GError **error)
{
  return hj_store_run (act->store, ADD_TO_IMPORT,
      HJ_BINDS (HJ_TEXT (":file", file_hash), HJ_INT (":lines", (gint64)n_lines),
          HJ_INT (":applied", batch->n[HJ_LINE_APPLIED]),
          HJ_INT (":unchanged", batch->n[HJ_LINE_UNCHANGED]),
          HJ_INT (":refused", batch->n[HJ_LINE_REFUSED]), HJ_INT (":warned", batch->n_warned),
          HJ_INT (":at", act->now_us), HJ_INT (":last", last)),
      error);
}

static void
note_batch (HjAct *act, const HjImportBatch *batch, gint64 first_line, gsize n_lines)
{
  hj_act_note (act, "first_line", json_integer (first_line));
  hj_act_note (act, "lines", json_integer ((json_int_t)n_lines));
  hj_act_note (act, "applied", json_integer (batch->n[HJ_LINE_APPLIED]));
  hj_act_note (act, "unchanged", json_integer (batch->n[HJ_LINE_UNCHANGED]));
  hj_act_note (act, "refused", json_integer (batch->n[HJ_LINE_REFUSED]));
  hj_act_note (act, "warned", json_integer (batch->n_warned));
  hj_act_note (act, "stale", json_integer (batch->n_stale));
}

static void
clear_batch (HjImportBatch *batch)
{
  g_string_chunk_free (batch->texts);
  json_decref (batch->problems);
  json_decref (batch->kinds);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (HjImportBatch, clear_batch)

static json_t *
import_batch (HjAct *act, const char *file_hash, gint64 first_line, const json_t *lines,
    gboolean last, GError **error)
{
  g_auto (HjImportBatch) batch = { .store = act->store,
    .texts = g_string_chunk_new (4096),
    .problems = json_array (),
    .kinds = json_object (),
    .now_us = act->now_us };
  json_t *answer = NULL;

  if (!take_place (act, file_hash, first_line, error)
      || !take_lines (&batch, first_line, lines, error)
      || !keep_progress (act, &batch, file_hash, json_array_size (lines), last, error))
    return NULL;
  note_batch (act, &batch, first_line, json_array_size (lines));
  answer = get_progress (act->store, file_hash, error);
  if (answer == NULL)
    return NULL;
  json_object_set (answer, "problems", batch.problems);
  json_object_set (answer, "kinds", batch.kinds);
  return answer;
}

/* Input {file_hash, first_line, lines:[text], last}; a line that could not be read is null. Answer: the file's progress, and of
 * this batch `problems` and `kinds` (how many of each kind were applied). */
static json_t *
run_import (HjAct *act, GError **error)
{
  const char *file_hash;
  gint64 first_line = 0;
  json_t *lines;
  gboolean last = FALSE;

  if (!read_file_hash (act->input, &file_hash, error)
      || !hj_json_read_int (act->input, "first_line", 1, G_MAXINT32, &first_line, error)
      || !hj_json_read_array (act->input, "lines", HJ_IMPORT_MAX_LINES, &lines, error)
      || !hj_json_read_bool (act->input, "last", &last, error))
    return NULL;
  hj_act_about (act, "import", file_hash);
  return import_batch (act, file_hash, first_line, lines, last, error);
}

/* Input {file_hash}. */
static json_t *
run_import_progress (HjAct *act, GError **error)
{
  const char *file_hash;

  if (!read_file_hash (act->input, &file_hash, error))
    return NULL;
  return get_progress (act->store, file_hash, error);
}

const HjActKind hj_act_import = { .name = "import", .flags = HJ_ACT_WRITES, .run = run_import };
const HjActKind hj_act_import_progress
    = { .name = "import-progress", .flags = HJ_ACT_READS, .run = run_import_progress };
