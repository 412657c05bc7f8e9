/* SPDX-License-Identifier: Apache-2.0 */
/* A centre's rules for bookings: the policy document, read strictly, and which version holds at a time. Parsing on any
 * thread, looking up on the store's worker. The document's shape: docs/protocol.md section 2, Policy. */

#include "src/access/policy.h"

#include <string.h>

#include "src/base/json.h"
#include "src/base/time.h"
#include "src/store/store.h"

#define MAX_DOCUMENT 8192

static const char *const DAYS[7] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun" };

/* What holds for a centre that has said nothing: office hours on working days. */
static const char DEFAULT[]
    = "{\"slot_minutes\":30,\"open\":{\"mon\":[[\"08:30\",\"11:30\"],[\"14:00\",\"17:30\"]],"
      "\"tue\":[[\"08:30\",\"11:30\"],[\"14:00\",\"17:30\"]],"
      "\"wed\":[[\"08:30\",\"11:30\"],[\"14:00\",\"17:30\"]],"
      "\"thu\":[[\"08:30\",\"11:30\"],[\"14:00\",\"17:30\"]],"
      "\"fri\":[[\"08:30\",\"11:30\"],[\"14:00\",\"17:30\"]],\"sat\":[],\"sun\":[]},"
      "\"book_ahead_hours\":0,\"book_until_hours\":336,\"late_minutes\":10,\"review\":false,"
      "\"always_open\":false}";

static const char FIND[]
    = "SELECT document, version FROM policy WHERE centre = :centre AND effective_from_us <= :at"
      " ORDER BY version DESC LIMIT 1";

void
hj_policy_free (HjPolicy *self)
{
  g_free (self);
}

/* Returns: (transfer none): the document that holds for a centre without one of its own. */
const char *
hj_policy_get_default (void)
{
  return DEFAULT;
}

static gboolean
refuse (const char *field, GError **error)
{
  hj_refuse (error, HJ_REFUSAL_INVALID, "%s", field);
  return FALSE;
}

/* "HH:MM", from 00:00 to 24:00. */
static gboolean
read_minute (const json_t *value, int *ret)
{
  const char *text = json_string_value (value);
  int hours, minutes;

  if (text == NULL || json_string_length (value) != 5 || text[2] != ':'
      || strspn (text, "0123456789") != 2 || strspn (text + 3, "0123456789") != 2)
    return FALSE;
  hours = (text[0] - '0') * 10 + text[1] - '0';
  minutes = (text[3] - '0') * 10 + text[4] - '0';
  *ret = hours * 60 + minutes;
  return minutes < 60 && *ret <= 24 * 60;
}

static gboolean
read_span (const json_t *value, HjPolicySpan *ret)
{
  return json_is_array (value) && json_array_size (value) == 2
         && read_minute (json_array_get (value, 0), &ret->from_minute)
         && read_minute (json_array_get (value, 1), &ret->to_minute)
         && ret->from_minute < ret->to_minute;
}

/* Spans of a day are in order and do not overlap. */
static gboolean
read_day (HjPolicy *self, const json_t *open, int day, GError **error)
{
  const json_t *spans = json_object_get (open, DAYS[day]);
  int end = 0;

  if (!json_is_array (spans) || json_array_size (spans) > HJ_POLICY_MAX_SPANS)
    return refuse (DAYS[day], error);
  for (gsize i = 0; i < json_array_size (spans); i++)
    {
      HjPolicySpan *span = &self->open[day][i];

      if (!read_span (json_array_get (spans, i), span) || span->from_minute < end)
        return refuse (DAYS[day], error);
      end = span->to_minute;
    }
  self->n_open[day] = (int)json_array_size (spans);
  return TRUE;
}

/* A misspelt rule must not be silently no rule. */
static gboolean
refuse_unknown (const json_t *document, const char *const *known, GError **error)
{
  const char *key;
  json_t *value;

  json_object_foreach ((json_t *)document, key, value)
  {
    if (!g_strv_contains (known, key))
      return refuse (key, error);
  }
  return TRUE;
}

static gboolean
read_open (HjPolicy *self, const json_t *document, GError **error)
{
  static const char *const KNOWN[] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun", NULL };
  json_t *open = NULL;

  if (!hj_json_read_object (document, "open", &open, error) || !refuse_unknown (open, KNOWN, error))
    return FALSE;
  for (int day = 0; day < 7; day++)
    if (!read_day (self, open, day, error))
      return FALSE;
  return TRUE;
}

static gboolean
read_spans_of_time (HjPolicy *self, const json_t *document, GError **error)
{
  gint64 slot, ahead, until, late;

  if (!hj_json_read_int (document, "slot_minutes", 5, 240, &slot, error)
      || !hj_json_read_int (document, "book_ahead_hours", 0, 24 * 30, &ahead, error)
      || !hj_json_read_int (document, "book_until_hours", 1, 24 * 366, &until, error)
      || !hj_json_read_int (document, "late_minutes", 0, 240, &late, error))
    return FALSE;
  /* Slots are counted from midnight: the last one of a day must end there. */
  if (24 * 60 % slot != 0)
    return refuse ("slot_minutes", error);
  if (until <= ahead)
    return refuse ("book_until_hours", error);
  if (late > slot)
    return refuse ("late_minutes", error);
  self->slot_us = slot * HJ_MINUTE_US;
  self->book_ahead_us = ahead * HJ_HOUR_US;
  self->book_until_us = until * HJ_HOUR_US;
  self->late_us = late * HJ_MINUTE_US;
  return TRUE;
}

/* Returns: (transfer full) (nullable): the document as a struct; every member must be there and none that is not known. */
HjPolicy *
hj_policy_read (const json_t *document, GError **error)
{
  static const char *const KNOWN[] = { "slot_minutes", "open", "book_ahead_hours",
    "book_until_hours", "late_minutes", "review", "always_open", NULL };
  g_autoptr (HjPolicy) self = g_new0 (HjPolicy, 1);

  if (!refuse_unknown (document, KNOWN, error) || !read_spans_of_time (self, document, error)
      || !hj_json_read_bool (document, "review", &self->review, error)
      || !hj_json_read_bool (document, "always_open", &self->always_open, error)
      || !read_open (self, document, error))
    return NULL;
  return g_steal_pointer (&self);
}

/* Returns: (transfer full) (nullable): as hj_policy_read(). */
HjPolicy *
hj_policy_parse (const char *json, GError **error)
{
  g_autoptr (json_t) document = hj_json_parse (json, strlen (json), MAX_DOCUMENT, error);

  return document != NULL ? hj_policy_read (document, error) : NULL;
}

/* The version that holds at a time; the default one when the centre has none yet. Returns: (transfer full) (nullable). */
HjPolicy *
hj_policy_get (HjStore *store, const char *centre, gint64 at_us, GError **error)
{
  g_autoptr (HjRows) rows = hj_store_query (
      store, FIND, HJ_BINDS (HJ_TEXT (":centre", centre), HJ_INT (":at", at_us)), error);
  g_autoptr (GError) failure = NULL;
  HjPolicy *self = NULL;

  if (rows == NULL)
    return NULL;
  if (hj_rows_next (rows, &failure))
    {
      self = hj_policy_parse (hj_rows_text (rows, 0), error);
      if (self != NULL)
        self->version = hj_rows_int (rows, 1);
      return self;
    }
  if (failure == NULL)
    return hj_policy_parse (DEFAULT, error);
  g_propagate_error (error, g_steal_pointer (&failure));
  return NULL;
}
