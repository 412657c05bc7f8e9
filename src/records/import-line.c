/* SPDX-License-Identifier: Apache-2.0 */
/* One line of an import: JSON, envelope, version, then the kind's own reading. A line is applied whole, or named with its
 * problems and leaves nothing. On the store's worker. docs/records.md. */

#include "src/records/import-line-private.h"

#include <string.h>

#include "src/base/ids.h"
#include "src/base/json.h"
#include "src/records/import.h"
#include "src/records/intake-private.h"

/* Some editors begin a file so. */
#define BYTE_ORDER_MARK "\xef\xbb\xbf"

static const HjIntakeKind KINDS[] = {
  { "centre", hj_take_centre, HJ_FIND_CENTRE },
  { "room", hj_take_room, NULL },
  { "firm", hj_take_firm, NULL },
  { "lawyer", hj_take_lawyer, NULL },
  { "person", hj_take_person, NULL },
  { "case", hj_take_case, NULL },
  { "detainee", hj_take_detainee, NULL },
  { "custody_event", hj_take_custody_event, NULL },
  { "authority", hj_take_authority, NULL },
  { "permission", hj_take_permission, NULL },
};

static const char FIND_VERSION[]
    = "SELECT source, version, hash, id FROM record_version WHERE kind = :kind AND key = :key";
static const char KEEP_VERSION[]
    = "INSERT INTO record_version (kind, key, source, version, hash, id, at_us) "
      "VALUES (:kind, :key, :source, :version, :hash, :id, :at) ON CONFLICT (kind, key) DO UPDATE "
      "SET "
      "version = excluded.version, hash = excluded.hash, at_us = excluded.at_us";

typedef enum
{
  NEWER,
  RENUMBERED, /* a newer version that says the same */
  SAME,
  STALE,
  UNUSABLE
} Standing;

static const HjIntakeKind *
find_kind (const char *word)
{
  for (gsize i = 0; i < G_N_ELEMENTS (KINDS); i++)
    if (g_strcmp0 (KINDS[i].kind, word) == 0)
      return &KINDS[i];
  return NULL;
}

/* Keys stand in messages and in other records: short, and readable. */
static const char *
read_envelope_text (HjIntake *in, const json_t *object, const char *member, gsize max_bytes)
{
  in->object = object;
  return hj_intake_text (in, member, max_bytes);
}

static const HjIntakeKind *
read_envelope (HjIntake *in, const json_t *object)
{
  static const char *const MEMBERS[] = { "kind", "key", "source", "version", "data", NULL };
  const json_t *version = json_object_get (object, "version");
  const HjIntakeKind *kind;

  in->kind = read_envelope_text (in, object, "kind", 32);
  in->key = read_envelope_text (in, object, "key", 64);
  in->source = read_envelope_text (in, object, "source", 64);
  in->version = json_integer_value (version);
  kind = find_kind (in->kind);
  if (in->kind != NULL && kind == NULL)
    hj_intake_refuse (in, "unknown-word", "kind");
  if (version == NULL)
    hj_intake_refuse (in, "required", "version");
  else if (!json_is_integer (version) || in->version < 0)
    hj_intake_refuse (in, json_is_integer (version) ? "range" : "type", "version");
  hj_intake_know (in, MEMBERS);
  in->data = json_object_get (object, "data");
  if (!json_is_object (in->data))
    hj_intake_refuse (in, in->data == NULL ? "required" : "type", "data");
  in->object = in->data;
  return in->is_refused ? NULL : kind;
}

static char *
hash_data (const json_t *data)
{
  char *text = json_dumps (data, JSON_COMPACT | JSON_SORT_KEYS);
  char *hash = hj_sha256_hex (text);

  free (text);
  return hash;
}

static Standing
compare_versions (HjIntake *in, HjRows *known, const char *hash)
{
  gint64 version = hj_rows_int (known, 1);

  if (g_strcmp0 (hj_rows_text (known, 0), in->source) != 0)
    {
      hj_intake_refuse (in, "other-source", "source");
      return UNUSABLE;
    }
  if (g_str_equal (hj_rows_text (known, 2), hash))
    return in->version > version ? RENUMBERED : SAME;
  if (in->version < version)
    {
      hj_intake_remark (in, "stale", "version");
      return STALE;
    }
  if (in->version > version)
    return NEWER;
  hj_intake_refuse (in, "version-again", "version");
  return UNUSABLE;
}

/* Finds what the source said last of this record, and our id of it, or makes one. */
static Standing
find_standing (HjIntake *in, const HjIntakeKind *kind, const char *hash)
{
  g_autoptr (HjRows) known = hj_store_query (in->store, FIND_VERSION,
      HJ_BINDS (HJ_TEXT (":kind", in->kind), HJ_TEXT (":key", in->key)), &in->failure);

  if (known != NULL && hj_rows_next (known, &in->failure))
    {
      in->id = g_string_chunk_insert (in->texts, hj_rows_text (known, 3));
      return compare_versions (in, known, hash);
    }
  if (in->failure != NULL)
    return UNUSABLE;
  in->id = kind->find_by_key != NULL ? hj_intake_find (in, kind->find_by_key, in->key) : NULL;
  in->is_new = in->id == NULL;
  if (in->is_new)
    {
      g_autofree char *id = hj_id_new ();

      in->id = g_string_chunk_insert (in->texts, id);
    }
  return NEWER;
}

static void
keep_version (HjIntake *in, const char *hash)
{
  hj_intake_run (in, KEEP_VERSION,
      HJ_BINDS (HJ_TEXT (":kind", in->kind), HJ_TEXT (":key", in->key),
          HJ_TEXT (":source", in->source), HJ_INT (":version", in->version),
          HJ_TEXT (":hash", hash), HJ_TEXT (":id", in->id), HJ_INT (":at", in->now_us)));
}

/* What the schema refuses although reading found nothing wrong is refused all the same; what the disk refuses is not ours to
 * judge. */
static void
close_savepoint (HjIntake *in)
{
  if (in->failure == NULL)
    {
      hj_store_release (in->store, &in->failure);
      return;
    }
  if (g_error_matches (in->failure, HJ_STORE_ERROR, HJ_STORE_ERROR_TAKEN))
    hj_intake_refuse (in, "taken", "data");
  else if (g_error_matches (in->failure, HJ_STORE_ERROR, HJ_STORE_ERROR_REFERENCE))
    hj_intake_refuse (in, "unknown-reference", "data");
  else if (g_error_matches (in->failure, HJ_STORE_ERROR, HJ_STORE_ERROR_RULE))
    hj_intake_refuse (in, "rule", "data");
  else
    return;
  hj_store_rollback_to_savepoint (in->store);
  g_clear_error (&in->failure);
}

static void
apply (HjIntake *in, const HjIntakeKind *kind, const char *hash)
{
  kind->take (in);
  if (!in->is_open)
    return;
  keep_version (in, hash);
  close_savepoint (in);
}

static void
count_kind (HjImportBatch *batch, const char *kind)
{
  json_int_t n = json_integer_value (json_object_get (batch->kinds, kind));

  json_object_set_new (batch->kinds, kind, json_integer (n + 1));
}

static HjLineResult
take_record (HjImportBatch *batch, HjIntake *in, const json_t *object)
{
  const HjIntakeKind *kind = read_envelope (in, object);
  g_autofree char *hash = kind != NULL ? hash_data (in->data) : NULL;
  Standing standing = kind != NULL ? find_standing (in, kind, hash) : UNUSABLE;

  if (standing == NEWER)
    apply (in, kind, hash);
  else if (standing == RENUMBERED)
    keep_version (in, hash);
  if (in->failure != NULL)
    return HJ_LINE_FAILED;
  if (in->is_refused)
    return HJ_LINE_REFUSED;
  if (standing == STALE)
    batch->n_stale++;
  if (standing != NEWER)
    return HJ_LINE_UNCHANGED;
  count_kind (batch, in->kind);
  return HJ_LINE_APPLIED;
}

static gboolean
is_blank (const char *text)
{
  return text[strspn (text, " \t\r\n")] == '\0';
}

static HjLineResult
take_line (HjImportBatch *batch, HjIntake *in, const json_t *item)
{
  const char *text = json_string_value (item);
  gsize size = json_string_length (item);
  g_autoptr (json_t) object = NULL;
  g_autoptr (GError) error = NULL;
  HjLineResult result = HJ_LINE_REFUSED;

  if (text != NULL && in->line == 1 && g_str_has_prefix (text, BYTE_ORDER_MARK))
    {
      text += strlen (BYTE_ORDER_MARK);
      size -= strlen (BYTE_ORDER_MARK);
    }
  if (text != NULL && size == strlen (text) && is_blank (text))
    return HJ_LINE_BLANK;
  if (text == NULL)
    hj_intake_refuse (in, "unreadable", "");
  else if (size > HJ_IMPORT_MAX_LINE_BYTES)
    hj_intake_refuse (in, "too-long", "");
  else if ((object = hj_json_parse (text, size, HJ_IMPORT_MAX_LINE_BYTES, &error)) == NULL)
    hj_intake_refuse (in, "json", "");
  else
    result = take_record (batch, in, object);
  return result;
}

/* item: the line's text; anything else stands for a line that could not be read (not UTF-8, or too long to send). FALSE: the
 * store failed, and the batch must not be kept. */
gboolean
hj_import_line (HjImportBatch *batch, gint64 line, const json_t *item, GError **error)
{
  HjIntake in = { .store = batch->store,
    .texts = batch->texts,
    .problems = batch->problems,
    .now_us = batch->now_us,
    .line = line };
  HjLineResult result = take_line (batch, &in, item);

  if (result == HJ_LINE_FAILED)
    {
      g_propagate_error (error, in.failure);
      return FALSE;
    }
  batch->n[result]++;
  if (result == HJ_LINE_APPLIED && in.is_warned)
    batch->n_warned++;
  return TRUE;
}
