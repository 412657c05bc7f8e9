/* SPDX-License-Identifier: Apache-2.0 */
/* Importing cases: their numbers by stage, the persons who are charged, and the links between separately handled cases. On the
 * store's worker. docs/records.md shows a line. */

#include "src/records/intake-private.h"

static const char KEEP_CASE[]
    = "INSERT INTO case_file (id, key, charge, stage, unit, permission_required) "
      "VALUES (:id, :key, :charge, :stage, :unit, :permission) ON CONFLICT (id) DO UPDATE SET "
      "charge = excluded.charge, "
      "stage = excluded.stage, unit = excluded.unit, permission_required = "
      "excluded.permission_required";
static const char DROP_NUMBERS[] = "DELETE FROM case_identifier WHERE case_file = :case_file";
static const char ADD_NUMBER[] = "INSERT INTO case_identifier (case_file, kind, number, org) "
                                 "VALUES (:case_file, :kind, :number, :org) "
                                 "ON CONFLICT DO NOTHING";
static const char DROP_PERSONS[] = "DELETE FROM case_person WHERE case_file = :case_file";
static const char ADD_PERSON[] = "INSERT INTO case_person (case_file, person) VALUES (:case_file, "
                                 ":person) ON CONFLICT DO NOTHING";
/* A link holds in both directions as long as one of the two cases says so. */
static const char DROP_SAID[] = "DELETE FROM case_link_said WHERE case_file = :case_file";
static const char ADD_SAID[] = "INSERT INTO case_link_said (case_file, related) VALUES "
                               "(:case_file, :related) ON CONFLICT DO NOTHING";
static const char DROP_LINKS_FROM[]
    = "DELETE FROM case_link WHERE case_file = :case_file AND NOT EXISTS "
      "(SELECT 1 FROM case_link_said s WHERE s.case_file = case_link.related AND s.related = "
      ":case_file)";
static const char DROP_LINKS_TO[]
    = "DELETE FROM case_link WHERE related = :case_file AND case_file IN "
      "(SELECT t.related FROM case_link_said t WHERE t.case_file = :case_file) AND NOT EXISTS "
      "(SELECT 1 FROM case_link_said s WHERE s.case_file = case_link.case_file AND s.related = "
      ":case_file)";
static const char ADD_LINK[] = "INSERT INTO case_link (case_file, related) VALUES (:case_file, "
                               ":related) ON CONFLICT DO NOTHING";

static const char *const NUMBER_KINDS[]
    = { "police", "procuratorate", "first_instance", "second_instance", "review", "remand", NULL };

typedef struct
{
  const char *kind;
  const char *number;
  const char *org;
} Number;

static HjValidator
validator_of (const char *kind)
{
  if (g_str_equal (kind, "police"))
    return hj_validate_police_number;
  if (g_str_equal (kind, "procuratorate"))
    return hj_validate_procuratorate_number;
  return hj_validate_court_number;
}

static void
read_number (HjIntake *in, gsize index, const json_t *item, GArray *numbers)
{
  static const char *const MEMBERS[] = { "kind", "number", "org", NULL };
  Number number;

  if (!hj_intake_enter (in, "identifiers", index, item))
    return;
  number.kind = hj_intake_word (in, "kind", NUMBER_KINDS);
  number.number = hj_intake_text (in, "number", 192);
  number.org = hj_intake_optional_text (in, "org", 200);
  if (number.kind != NULL)
    hj_intake_check (in, "number", number.number, validator_of (number.kind));
  g_array_append_val (numbers, number);
  hj_intake_know (in, MEMBERS);
  hj_intake_leave (in);
}

/* (transfer full) */
static GArray *
read_numbers (HjIntake *in)
{
  GArray *numbers = g_array_new (FALSE, FALSE, sizeof (Number));
  const json_t *array = hj_intake_array (in, "identifiers", 32);
  const json_t *item;
  gsize i;

  json_array_foreach (array, i, item) read_number (in, i, item, numbers);
  if (json_array_size (array) == 0 && !in->is_refused)
    hj_intake_warn (in, "required", "identifiers");
  return numbers;
}

/* An array of keys. (transfer full): our ids of those that are known; the others are refused. */
static GPtrArray *
read_keys (HjIntake *in, const char *member, const char *sql)
{
  GPtrArray *ids = g_ptr_array_new ();
  const json_t *array = hj_intake_array (in, member, 200);
  const json_t *item;
  gsize i;

  json_array_foreach (array, i, item)
  {
    const char *key = hj_intake_item (in, member, i, item);
    const char *id = hj_intake_find (in, sql, key);
    g_autofree char *place = g_strdup_printf ("%s[%" G_GSIZE_FORMAT "]", member, i);

    if (key != NULL && id == NULL)
      hj_intake_refuse (in, "unknown-reference", place);
    else if (id != NULL)
      g_ptr_array_add (ids, (gpointer)id);
  }
  return ids;
}

static void
write_numbers (HjIntake *in, const GArray *numbers)
{
  if (!in->is_new)
    hj_intake_run (in, DROP_NUMBERS, HJ_BINDS (HJ_TEXT (":case_file", in->id)));
  for (guint i = 0; i < numbers->len; i++)
    {
      const Number *number = &g_array_index (numbers, Number, i);

      hj_intake_run (in, ADD_NUMBER,
          HJ_BINDS (HJ_TEXT (":case_file", in->id), HJ_TEXT (":kind", number->kind),
              HJ_TEXT (":number", number->number), HJ_TEXT (":org", number->org)));
    }
}

static void
write_persons (HjIntake *in, const GPtrArray *persons)
{
  if (!in->is_new)
    hj_intake_run (in, DROP_PERSONS, HJ_BINDS (HJ_TEXT (":case_file", in->id)));
  for (guint i = 0; i < persons->len; i++)
    hj_intake_run (in, ADD_PERSON,
        HJ_BINDS (HJ_TEXT (":case_file", in->id), HJ_TEXT (":person", persons->pdata[i])));
}

static void
write_links (HjIntake *in, const GPtrArray *related)
{
  if (!in->is_new)
    {
      hj_intake_run (in, DROP_LINKS_TO, HJ_BINDS (HJ_TEXT (":case_file", in->id)));
      hj_intake_run (in, DROP_LINKS_FROM, HJ_BINDS (HJ_TEXT (":case_file", in->id)));
      hj_intake_run (in, DROP_SAID, HJ_BINDS (HJ_TEXT (":case_file", in->id)));
    }
  for (guint i = 0; i < related->len; i++)
    {
      const char *other = related->pdata[i];

      hj_intake_run (
          in, ADD_SAID, HJ_BINDS (HJ_TEXT (":case_file", in->id), HJ_TEXT (":related", other)));
      hj_intake_run (
          in, ADD_LINK, HJ_BINDS (HJ_TEXT (":case_file", in->id), HJ_TEXT (":related", other)));
      hj_intake_run (
          in, ADD_LINK, HJ_BINDS (HJ_TEXT (":case_file", other), HJ_TEXT (":related", in->id)));
    }
}

static void
refuse_own_link (HjIntake *in, const GPtrArray *related)
{
  for (guint i = 0; i < related->len; i++)
    if (g_strcmp0 (related->pdata[i], in->id) == 0)
      hj_intake_refuse (in, "own-key", "links");
}

void
hj_take_case (HjIntake *in)
{
  static const char *const MEMBERS[] = { "charge", "stage", "unit", "permission_required",
    "identifiers", "persons", "links", NULL };
  const char *charge = hj_intake_text (in, "charge", 300);
  const char *stage = hj_intake_word (in, "stage", HJ_STAGE_WORDS);
  const char *unit = hj_intake_optional_text (in, "unit", 200);
  gboolean permission = hj_intake_boolean (in, "permission_required", FALSE);
  g_autoptr (GArray) numbers = read_numbers (in);
  g_autoptr (GPtrArray) persons = read_keys (in, "persons", HJ_FIND_PERSON);
  g_autoptr (GPtrArray) related = read_keys (in, "links", HJ_FIND_CASE);

  if (persons->len == 0 && !in->is_refused)
    hj_intake_refuse (in, "required", "persons");
  refuse_own_link (in, related);
  hj_intake_know (in, MEMBERS);
  if (!hj_intake_accept (in))
    return;
  hj_intake_run (in, KEEP_CASE,
      HJ_BINDS (HJ_TEXT (":id", in->id), HJ_TEXT (":key", in->key), HJ_TEXT (":charge", charge),
          HJ_TEXT (":stage", stage), HJ_TEXT (":unit", unit), HJ_INT (":permission", permission)));
  write_numbers (in, numbers);
  write_persons (in, persons);
  write_links (in, related);
}
