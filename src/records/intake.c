/* SPDX-License-Identifier: Apache-2.0 */
/* Reading one imported record: typed members with their sizes, words, dates, times and references, every problem named with
 * its field; and the savepoint in which its rows are written. On the store's worker. docs/records.md lists the codes. */

#include "src/records/intake-private.h"

#include <string.h>

#include "src/base/json.h"
#include "src/base/time.h"

/* More about one line helps nobody. */
#define MAX_PROBLEMS 8
/* 2200 */
#define MAX_TIME_US (G_GINT64_CONSTANT (7258118400) * HJ_SECOND_US)

const char HJ_FIND_CENTRE[] = "SELECT id FROM centre WHERE code = :key";
const char HJ_FIND_FIRM[] = "SELECT id FROM firm WHERE code = :key";
const char HJ_FIND_LAWYER[] = "SELECT id FROM lawyer WHERE licence = :key";
const char HJ_FIND_PERSON[] = "SELECT id FROM record_version WHERE kind = 'person' AND key = :key";
const char HJ_FIND_CASE[] = "SELECT id FROM case_file WHERE key = :key";
const char HJ_FIND_DETAINEE[] = "SELECT id FROM detainee WHERE code = :key";

const char *const HJ_STAGE_WORDS[] = { "investigation", "prosecution", "first_instance",
  "second_instance", "death_review", "execution", NULL };

static void
add_problem (HjIntake *in, const char *severity, const char *code, const char *member)
{
  g_autofree char *field = g_strconcat (in->place, member, NULL);

  if (in->n_problems++ >= MAX_PROBLEMS)
    return;
  json_array_append_new (in->problems,
      json_pack ("{s:I, s:s, s:s, s:s, s:s?, s:s?}", "line", (json_int_t)in->line, "severity",
          severity, "code", code, "field", field, "kind", in->kind, "key", in->key));
}

/* The record will not be applied. member: of the object that is being read; "" for the object itself. */
void
hj_intake_refuse (HjIntake *in, const char *code, const char *member)
{
  in->is_refused = TRUE;
  add_problem (in, "refused", code, member);
}

/* The record is applied all the same; somebody should look. */
void
hj_intake_warn (HjIntake *in, const char *code, const char *member)
{
  in->is_warned = TRUE;
  add_problem (in, "warning", code, member);
}

/* Nothing is wrong; whoever imports may want to know. */
void
hj_intake_remark (HjIntake *in, const char *code, const char *member)
{
  add_problem (in, "note", code, member);
}

static gboolean
enter (HjIntake *in, const json_t *object, const char *place)
{
  if (!json_is_object (object))
    {
      hj_intake_refuse (in, object == NULL ? "required" : "type", place);
      return FALSE;
    }
  g_snprintf (in->place, sizeof in->place, "%s.", place);
  in->object = object;
  return TRUE;
}

/* From here on members are those of this item of an array in data, until hj_intake_leave(). FALSE: it is no object. */
gboolean
hj_intake_enter (HjIntake *in, const char *member, gsize index, const json_t *item)
{
  char place[48];

  g_snprintf (place, sizeof place, "%s[%" G_GSIZE_FORMAT "]", member, index);
  return enter (in, item, place);
}

/* The same for an object in data. */
gboolean
hj_intake_enter_object (HjIntake *in, const char *member)
{
  return enter (in, json_object_get (in->data, member), member);
}

void
hj_intake_leave (HjIntake *in)
{
  in->object = in->data;
  in->place[0] = '\0';
}

/* A member that we do not know is a misspelt one more often than a new one: `revoked_at` must not pass unseen. */
void
hj_intake_know (HjIntake *in, const char *const *members)
{
  const char *member;
  json_t *value;

  json_object_foreach ((json_t *)in->object, member, value) if (!g_strv_contains (members, member))
      hj_intake_warn (in, "unknown-member", strlen (member) <= 64 ? member : "");
}

/* Names and numbers are shown to people and compared by them: no control characters, none that turn the direction of writing,
 * not blank. */
static gboolean
is_readable (const char *text)
{
  gboolean is_blank = TRUE;

  for (; *text != '\0'; text = g_utf8_next_char (text))
    {
      gunichar character = g_utf8_get_char (text);

      if (g_unichar_iscntrl (character) || g_unichar_type (character) == G_UNICODE_FORMAT
          || character == 0x2028 || character == 0x2029)
        return FALSE;
      is_blank = is_blank && g_unichar_isspace (character);
    }
  return !is_blank;
}

static const json_t *
get (const HjIntake *in, const char *member)
{
  const json_t *value = json_object_get (in->object, member);

  return json_is_null (value) ? NULL : value;
}

/* Returns: (transfer none) (nullable): NULL and a problem when it is wrong. */
static const char *
check_text (HjIntake *in, const char *member, const json_t *value, gsize max_bytes)
{
  const char *text = json_string_value (value);

  if (text == NULL)
    hj_intake_refuse (in, "type", member);
  else if (json_string_length (value) > max_bytes)
    hj_intake_refuse (in, "too-long", member);
  else if (strlen (text) != json_string_length (value) || !is_readable (text))
    hj_intake_refuse (in, *text == '\0' ? "required" : "characters", member);
  else
    return text;
  return NULL;
}

/* Returns: (transfer none) (nullable): lives as long as the line; NULL without a problem: the member is absent or null. */
const char *
hj_intake_optional_text (HjIntake *in, const char *member, gsize max_bytes)
{
  const json_t *value = get (in, member);

  return value != NULL ? check_text (in, member, value, max_bytes) : NULL;
}

const char *
hj_intake_text (HjIntake *in, const char *member, gsize max_bytes)
{
  const json_t *value = get (in, member);

  if (value != NULL)
    return check_text (in, member, value, max_bytes);
  hj_intake_refuse (in, "required", member);
  return NULL;
}

/* One text of an array in data. */
const char *
hj_intake_item (HjIntake *in, const char *member, gsize index, const json_t *item)
{
  char place[48];

  g_snprintf (place, sizeof place, "%s[%" G_GSIZE_FORMAT "]", member, index);
  return check_text (in, place, item, 64);
}

static const char *
check_word (HjIntake *in, const char *member, const char *word, const char *const *words)
{
  if (word == NULL || g_strv_contains (words, word))
    return word;
  hj_intake_refuse (in, "unknown-word", member);
  return NULL;
}

/* words: ends with NULL. */
const char *
hj_intake_word (HjIntake *in, const char *member, const char *const *words)
{
  return check_word (in, member, hj_intake_text (in, member, 64), words);
}

const char *
hj_intake_optional_word (HjIntake *in, const char *member, const char *const *words)
{
  return check_word (in, member, hj_intake_optional_text (in, member, 64), words);
}

static const char *
check_date (HjIntake *in, const char *member, const char *date)
{
  if (date == NULL || hj_date_is_valid (date))
    return date;
  hj_intake_refuse (in, "date", member);
  return NULL;
}

const char *
hj_intake_date (HjIntake *in, const char *member)
{
  return check_date (in, member, hj_intake_text (in, member, 10));
}

const char *
hj_intake_optional_date (HjIntake *in, const char *member)
{
  return check_date (in, member, hj_intake_optional_text (in, member, 10));
}

/* Returns: microseconds; -1 when absent or wrong (before 1970 is out of range: nothing here is so old). */
gint64
hj_intake_optional_time (HjIntake *in, const char *member)
{
  const json_t *value = get (in, member);
  gint64 time_us = json_integer_value (value);

  if (value == NULL)
    return -1;
  if (json_is_integer (value) && time_us >= 0 && time_us <= MAX_TIME_US)
    return time_us;
  hj_intake_refuse (in, json_is_integer (value) ? "range" : "type", member);
  return -1;
}

gint64
hj_intake_time (HjIntake *in, const char *member)
{
  if (get (in, member) == NULL)
    hj_intake_refuse (in, "required", member);
  return hj_intake_optional_time (in, member);
}

gboolean
hj_intake_boolean (HjIntake *in, const char *member, gboolean fallback)
{
  const json_t *value = get (in, member);

  if (value == NULL)
    return fallback;
  if (!json_is_boolean (value))
    hj_intake_refuse (in, "type", member);
  return json_is_true (value);
}

/* Returns: (transfer none) (nullable): an array that may be empty; NULL when the member is absent or wrong. */
const json_t *
hj_intake_array (HjIntake *in, const char *member, gsize max_items)
{
  const json_t *value = get (in, member);

  if (value == NULL)
    return NULL;
  if (json_is_array (value) && json_array_size (value) <= max_items)
    return value;
  hj_intake_refuse (in, json_is_array (value) ? "too-many" : "type", member);
  return NULL;
}

/* Asks a validator. text: (nullable): nothing to ask. */
void
hj_intake_check (HjIntake *in, const char *member, const char *text, HjValidator validator)
{
  const char *reason = NULL;
  HjValidity validity = text != NULL ? validator (text, &reason) : HJ_VALIDITY_VALID;

  if (validity == HJ_VALIDITY_INVALID)
    hj_intake_refuse (in, reason, member);
  else if (validity == HJ_VALIDITY_WARNING)
    hj_intake_warn (in, reason, member);
}

/* Returns: (transfer none) (nullable): our id of the row that has this key; lives as long as the batch. */
const char *
hj_intake_find (HjIntake *in, const char *sql, const char *key)
{
  g_autoptr (HjRows) rows = NULL;

  if (in->failure != NULL || key == NULL)
    return NULL;
  rows = hj_store_query (in->store, sql, HJ_BINDS (HJ_TEXT (":key", key)), &in->failure);
  if (rows == NULL || !hj_rows_next (rows, &in->failure))
    return NULL;
  return g_string_chunk_insert (in->texts, hj_rows_text (rows, 0));
}

/* A member that is the key of another record, which must be there. */
const char *
hj_intake_reference (HjIntake *in, const char *member, const char *sql)
{
  const char *key = hj_intake_text (in, member, 64);
  const char *id = hj_intake_find (in, sql, key);

  if (key != NULL && id == NULL)
    hj_intake_refuse (in, "unknown-reference", member);
  return id;
}

/* The end of reading. TRUE: nothing is wrong, rows may be written; they stay or go together. */
gboolean
hj_intake_accept (HjIntake *in)
{
  if (in->is_refused || in->failure != NULL)
    return FALSE;
  in->is_open = hj_store_savepoint (in->store, &in->failure);
  return in->is_open;
}

/* Writes, unless something failed already. */
void
hj_intake_run (HjIntake *in, const char *sql, const HjBind *binds)
{
  if (in->failure == NULL)
    hj_store_run (in->store, sql, binds, &in->failure);
}
