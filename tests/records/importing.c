/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of an import for tests, and what is said of them. All people are fictional. */

#include "tests/records/importing.h"

#include "src/base/ids.h"
#include "src/records/import.h"

static HjActor *
get_operator (HjFixture *f)
{
  return hj_fixture_actor (f, HJ_ROLE_OPERATOR, NULL, NULL);
}

/* file: any text that names the file. text: lines, each with its line feed. */
json_t *
import_text (HjFixture *f, const char *file, gint64 first_line, const char *text, gboolean last)
{
  g_autofree char *hash = hj_sha256_hex (file);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  json_t *array = json_array ();

  for (int i = 0; lines[i] != NULL && lines[i + 1] != NULL; i++)
    json_array_append_new (array, json_string (lines[i]));
  return hj_fixture_act (f, &hj_act_import, get_operator (f),
      json_pack ("{s:s, s:I, s:o, s:b}", "file_hash", hash, "first_line", (json_int_t)first_line,
          "lines", array, "last", last));
}

/* lines: ends with NULL. */
json_t *
import_lines (HjFixture *f, const char *const *lines)
{
  g_autofree char *joined = g_strjoinv ("\n", (char **)lines);
  g_autofree char *text = g_strconcat (joined, "\n", NULL);
  g_autofree char *file = hj_id_new ();

  return import_text (f, file, 1, text, TRUE);
}

json_t *
import_line (HjFixture *f, const char *line)
{
  return import_lines (f, (const char *const[]){ line, NULL });
}

/* The line must be applied, without a warning. */
void
take (HjFixture *f, const char *line)
{
  g_autoptr (json_t) answer = import_line (f, line);
  g_autofree char *problems = hj_json_dump (json_object_get (answer, "problems"));

  g_assert_cmpstr (problems, ==, "[]");
  assert_counts (answer, 1, 0, 0);
}

/* (transfer full): the text of a line. data: JSON, with ' for ". */
char *
record (const char *kind, const char *key, int version, const char *data)
{
  g_autoptr (GString) text = g_string_new (NULL);

  g_string_append_printf (text,
      "{\"kind\":\"%s\",\"key\":\"%s\",\"source\":\"test\",\"version\":%d,\"data\":%s}", kind, key,
      version, data);
  g_string_replace (text, "'", "\"", 0);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
take_record (HjFixture *f, const char *kind, const char *key, const char *data)
{
  g_autofree char *line = record (kind, key, 1, data);

  take (f, line);
}

/* One of each kind that others refer to: a centre, a firm, a lawyer, a person charged in a case, a stay. */
void
take_world (HjFixture *f)
{
  take_record (f, "centre", CENTRE, "{'name':{'zh':'一所','en':'One'}}");
  take_record (f, "firm", FIRM, "{'name':'示例律师事务所'}");
  take_record (f, "lawyer", LICENCE,
      "{'name':'陈甲','firm':'" FIRM "','kind':'full_time',"
      "'statuses':[{'status':'practising','from_us':1246377600000000}]}");
  take_record (f, "person", "p1", "{'name':'张三','id_kind':'id_card','id_number':'" CARD "'}");
  take_record (f, "case", "c1",
      "{'charge':'盗窃罪','stage':'investigation','identifiers':"
      "[{'kind':'police','number':'A4401010000002026030001'}],'persons':['p1']}");
  take_record (f, "detainee", STAY,
      "{'person':'p1','centre':'" CENTRE "','case':'c1','admitted_at_us':1759300000000000}");
}

static gint64
get_count (json_t *answer, const char *member)
{
  return json_integer_value (json_object_get (answer, member));
}

void
assert_counts (json_t *answer, int applied, int unchanged, int refused)
{
  g_assert_cmpint (get_count (answer, "applied"), ==, applied);
  g_assert_cmpint (get_count (answer, "unchanged"), ==, unchanged);
  g_assert_cmpint (get_count (answer, "refused"), ==, refused);
}

void
assert_problem (json_t *answer, gsize index, gint64 line, const char *severity, const char *code,
    const char *field)
{
  json_t *problem = json_array_get (json_object_get (answer, "problems"), index);

  g_assert_nonnull (problem);
  g_assert_cmpstr (json_string_value (json_object_get (problem, "code")), ==, code);
  g_assert_cmpstr (json_string_value (json_object_get (problem, "field")), ==, field);
  g_assert_cmpstr (json_string_value (json_object_get (problem, "severity")), ==, severity);
  g_assert_cmpint (json_integer_value (json_object_get (problem, "line")), ==, line);
}

static gint64
count_rows (HjFixture *f)
{
  return hj_fixture_count (f,
      "SELECT (SELECT COUNT (*) FROM record_version) + (SELECT COUNT (*) FROM centre) + (SELECT "
      "COUNT (*) FROM room) + "
      "(SELECT COUNT (*) FROM firm) + (SELECT COUNT (*) FROM lawyer) + (SELECT COUNT (*) FROM "
      "lawyer_status) + "
      "(SELECT COUNT (*) FROM person) + (SELECT COUNT (*) FROM case_file) + (SELECT COUNT (*) FROM "
      "case_identifier) + "
      "(SELECT COUNT (*) FROM case_person) + (SELECT COUNT (*) FROM case_link) + (SELECT COUNT (*) "
      "FROM detainee) + "
      "(SELECT COUNT (*) FROM custody_event) + (SELECT COUNT (*) FROM authority) + (SELECT COUNT "
      "(*) FROM authority_stage) + "
      "(SELECT COUNT (*) FROM paper) + (SELECT COUNT (*) FROM permission)",
      NULL);
}

/* The line must be refused for this and nothing else, and leave nothing behind. */
void
refuse (HjFixture *f, const char *line, const char *code, const char *field)
{
  gint64 before = count_rows (f);
  g_autoptr (json_t) answer = import_line (f, line);

  assert_problem (answer, 0, 1, "refused", code, field);
  g_assert_cmpuint (json_array_size (json_object_get (answer, "problems")), ==, 1);
  assert_counts (answer, 0, 0, 1);
  g_assert_cmpint (count_rows (f), ==, before);
}

/* The line must be applied, with this warning and no other. */
void
warn (HjFixture *f, const char *line, const char *code, const char *field)
{
  g_autoptr (json_t) answer = import_line (f, line);

  assert_problem (answer, 0, 1, "warning", code, field);
  g_assert_cmpuint (json_array_size (json_object_get (answer, "problems")), ==, 1);
  assert_counts (answer, 1, 0, 0);
  g_assert_cmpint (get_count (answer, "warned"), ==, 1);
}
