/* SPDX-License-Identifier: Apache-2.0 */
/* The acts import and import-progress: batches, resuming, versions, sources, hostile lines. */

#include <string.h>

#include "src/base/ids.h"
#include "src/records/import.h"
#include "tests/records/importing.h"
#include "tests/support/expect-log.h"

#define CENTRE_LINE                                                                                \
  "{\"kind\":\"centre\",\"key\":\"440100111\",\"source\":\"s\",\"version\":1,\"data\":" DATA "}"
#define DATA "{\"name\":{\"zh\":\"一所\",\"en\":\"One\"}}"

static HjActor *
get_operator (HjFixture *f)
{
  return hj_fixture_actor (f, HJ_ROLE_OPERATOR, NULL, NULL);
}

static json_t *
progress_of (HjFixture *f, const char *file)
{
  g_autofree char *hash = hj_sha256_hex (file);

  return hj_fixture_act (
      f, &hj_act_import_progress, get_operator (f), json_pack ("{s:s}", "file_hash", hash));
}

static gint64
get_int (json_t *answer, const char *member)
{
  g_assert_true (json_is_integer (json_object_get (answer, member)));
  return json_integer_value (json_object_get (answer, member));
}

/* (transfer full): a centre of this number, version and name. */
static char *
centre (int number, const char *source, int version, const char *name)
{
  return g_strdup_printf (
      "{\"kind\":\"centre\",\"key\":\"4401%05d\",\"source\":\"%s\",\"version\":%d,"
      "\"data\":{\"name\":{\"zh\":\"%s\",\"en\":\"Centre\"}}}\n",
      number, source, version, name);
}

static void
the_same_file_twice_changes_nothing (HjFixture *f, gconstpointer data)
{
  g_autofree char *line = centre (1, "s", 1, "一所");
  g_autoptr (json_t) first = import_text (f, "file", 1, line, TRUE);
  g_autoptr (json_t) second = NULL;

  assert_counts (first, 1, 0, 0);
  hj_fixture_advance (f, HJ_HOUR_US);
  second = import_text (f, "file", 1, line, TRUE);
  assert_counts (second, 0, 1, 0);
  g_assert_cmpuint (json_array_size (json_object_get (second, "problems")), ==, 0);
  g_assert_cmpint (
      hj_fixture_count (f, "SELECT at_us FROM record_version", NULL), ==, HJ_FIXTURE_NOW_US);
}

static void
other_spacing_and_order_say_the_same (HjFixture *f, gconstpointer data)
{
  g_autoptr (json_t) first = import_text (f, "a", 1, CENTRE_LINE "\n", TRUE);
  g_autoptr (json_t) second = import_text (f, "b", 1,
      "{ \"data\": {\"name\":{\"en\":\"One\", \"zh\":\"\\u4e00所\"}}, \"version\":1, "
      "\"source\":\"s\","
      " \"key\":\"440100111\", \"kind\":\"centre\"}\r\n",
      TRUE);

  assert_counts (first, 1, 0, 0);
  assert_counts (second, 0, 1, 0);
}

static void
an_older_version_changes_nothing_and_is_noted (HjFixture *f, gconstpointer data)
{
  g_autofree char *newer = centre (1, "s", 7, "新");
  g_autofree char *older = centre (1, "s", 6, "旧");
  g_autoptr (json_t) first = import_text (f, "a", 1, newer, TRUE);
  g_autoptr (json_t) second = import_text (f, "b", 1, older, TRUE);

  assert_counts (second, 0, 1, 0);
  assert_problem (second, 0, 1, "note", "stale", "version");
  g_assert_cmpstr (hj_fixture_text (f, "SELECT name_zh FROM centre", NULL), ==, "新");
  g_assert_cmpint (hj_fixture_count (f,
                       "SELECT COUNT (*) FROM audit_entry WHERE act = 'import' AND detail LIKE "
                       "'%\"stale\":1%'",
                       NULL),
      ==, 1);
  g_assert_nonnull (first);
}

static void
a_newer_version_that_says_the_same_keeps_its_number (HjFixture *f, gconstpointer data)
{
  g_autofree char *old = centre (1, "s", 1, "一所");
  g_autofree char *again = centre (1, "s", 5, "一所");
  g_autofree char *late = centre (1, "s", 4, "旧");
  g_autoptr (json_t) first = import_text (f, "a", 1, old, TRUE);
  g_autoptr (json_t) second = import_text (f, "b", 1, again, TRUE);
  g_autoptr (json_t) third = import_text (f, "c", 1, late, TRUE);

  assert_counts (first, 1, 0, 0);
  assert_counts (second, 0, 1, 0);
  assert_counts (third, 0, 1, 0);
  g_assert_cmpint (hj_fixture_count (f, "SELECT version FROM record_version", NULL), ==, 5);
}

static void
the_same_version_with_other_content_is_refused (HjFixture *f, gconstpointer data)
{
  g_autofree char *one = centre (1, "s", 1, "一所");
  g_autofree char *other = centre (1, "s", 1, "二所");
  g_autofree char *foreign = centre (1, "t", 2, "二所");
  g_autoptr (json_t) first = import_text (f, "a", 1, one, TRUE);

  assert_counts (first, 1, 0, 0);
  refuse (f, other, "version-again", "version");
  refuse (f, foreign, "other-source", "source");
}

static void
a_bad_line_takes_nothing_else_with_it (HjFixture *f, gconstpointer data)
{
  g_autofree char *one = centre (1, "s", 1, "一所");
  g_autofree char *two = centre (2, "s", 1, "二所");
  g_autofree char *text = g_strconcat (one, "{\"kind\":\n", "\n", two, NULL);
  g_autoptr (json_t) answer = import_text (f, "a", 1, text, TRUE);

  assert_counts (answer, 2, 0, 1);
  assert_problem (answer, 0, 2, "refused", "json", "");
  g_assert_cmpint (get_int (answer, "lines_done"), ==, 4);
  g_assert_cmpint (hj_fixture_count (f, "SELECT COUNT (*) FROM centre", NULL), ==, 2);
}

/* Reading finds what the schema would refuse; should it not, the schema's refusal takes that line alone. */
static void
what_only_the_schema_refuses_takes_its_line_alone (HjFixture *f, gconstpointer data)
{
  g_autofree char *one = centre (1, "s", 1, "一所");
  g_autofree char *two = centre (2, "s", 1, "二所");
  g_autofree char *text = g_strconcat (one, two, NULL);
  g_autoptr (json_t) answer = NULL;

  hj_fixture_sql (f,
      "CREATE TRIGGER no_first BEFORE INSERT ON centre WHEN new.code = '440100001' BEGIN SELECT "
      "RAISE (ABORT, 'no'); END",
      NULL);
  answer = import_text (f, "a", 1, text, TRUE);
  assert_counts (answer, 1, 0, 1);
  assert_problem (answer, 0, 1, "refused", "rule", "data");
  g_assert_cmpint (hj_fixture_count (f, "SELECT COUNT (*) FROM record_version", NULL), ==, 1);
}

static void
a_record_of_many_rows_is_applied_whole_or_not_at_all (HjFixture *f, gconstpointer data)
{
  g_autofree char *line = record ("lawyer", "14401200911900002", 1,
      "{'name':'林乙','firm':'" FIRM
      "','kind':'full_time','statuses':[{'status':'practising','from_us':1},"
      "{'status':'revoked','from_us':2}]}");

  take_world (f);
  hj_fixture_sql (f,
      "CREATE TRIGGER none_revoked BEFORE INSERT ON lawyer_status WHEN new.status = 'revoked' "
      "BEGIN "
      "SELECT RAISE (ABORT, 'no'); END",
      NULL);
  refuse (f, line, "rule", "data");
}

static void
an_interrupted_file_goes_on_where_it_stopped (HjFixture *f, gconstpointer data)
{
  g_autofree char *one = centre (1, "s", 1, "一所");
  g_autofree char *two = centre (2, "s", 1, "二所");
  g_autofree char *three = centre (3, "s", 1, "三所");
  g_autofree char *head = g_strconcat (one, two, NULL);
  g_autoptr (json_t) before = progress_of (f, "file");
  g_autoptr (json_t) first = import_text (f, "file", 1, head, FALSE);
  g_autoptr (json_t) middle = progress_of (f, "file");
  g_autoptr (json_t) last = import_text (f, "file", 3, three, TRUE);
  g_autoptr (json_t) after = progress_of (f, "file");

  g_assert_cmpint (get_int (before, "lines_done"), ==, 0);
  g_assert_cmpint (get_int (before, "next_line"), ==, 1);
  g_assert_false (json_is_true (json_object_get (first, "finished")));
  g_assert_cmpint (get_int (middle, "lines_done"), ==, 2);
  g_assert_cmpint (get_int (middle, "next_line"), ==, 3);
  assert_counts (last, 3, 0, 0);
  g_assert_true (json_is_true (json_object_get (after, "finished")));
  g_assert_cmpint (get_int (after, "lines_done"), ==, 3);
  g_assert_cmpint (get_int (after, "next_line"), ==, 1);
  g_assert_cmpint (hj_fixture_entries (f, "import", "done"), ==, 2);
}

static void
lines_out_of_turn_are_refused_and_the_next_is_named (HjFixture *f, gconstpointer data)
{
  g_autofree char *one = centre (1, "s", 1, "一所");
  g_autofree char *hash = hj_sha256_hex ("file");
  g_autoptr (json_t) first = import_text (f, "file", 1, one, FALSE);
  g_autoptr (json_t) input = json_pack (
      "{s:s, s:i, s:[], s:b}", "file_hash", hash, "first_line", 3, "lines", "last", TRUE);
  g_autoptr (json_t) problem = NULL;
  g_autoptr (json_t) answer = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (first);
  answer = hj_acts_run (f->acts, &hj_act_import, get_operator (f), input, NULL, &problem, &error);
  g_assert_null (answer);
  g_assert_error (error, HJ_REFUSAL, HJ_REFUSAL_STATE);
  g_assert_cmpint (get_int (problem, "next_line"), ==, 2);
}

static void
a_finished_file_begins_anew_with_its_first_line_only (HjFixture *f, gconstpointer data)
{
  g_autofree char *one = centre (1, "s", 1, "一所");
  g_autofree char *hash = hj_sha256_hex ("file");
  g_autoptr (json_t) first = import_text (f, "file", 1, one, TRUE);
  g_autoptr (json_t) again = NULL;
  g_autoptr (json_t) third = NULL;

  hj_fixture_refused (f, &hj_act_import, get_operator (f),
      json_pack (
          "{s:s, s:i, s:[], s:b}", "file_hash", hash, "first_line", 2, "lines", "last", TRUE),
      HJ_REFUSAL_STATE);
  again = import_text (f, "file", 1, one, TRUE);
  third = import_text (f, "file", 1, one, FALSE);
  assert_counts (first, 1, 0, 0);
  assert_counts (again, 0, 1, 0);
  assert_counts (third, 0, 1, 0);
  g_assert_cmpint (get_int (third, "lines_done"), ==, 1);
  g_assert_true (json_is_true (json_object_get (again, "finished")));
  g_assert_false (json_is_true (json_object_get (third, "finished")));
}

/* A line that failed for a missing reference is applied when the file comes again after the one that brought it. */
static void
a_refused_line_has_another_chance (HjFixture *f, gconstpointer data)
{
  static const char ROOM[]
      = "{\"kind\":\"room\",\"key\":\"r\",\"source\":\"s\",\"version\":1,\"data\":"
        "{\"centre\":\"440100001\",\"name\":{\"zh\":\"一室\",\"en\":\"1\"}}}\n";
  g_autofree char *one = centre (1, "s", 1, "一所");
  g_autoptr (json_t) first = import_text (f, "rooms", 1, ROOM, TRUE);
  g_autoptr (json_t) second = import_text (f, "centres", 1, one, TRUE);
  g_autoptr (json_t) third = import_text (f, "rooms", 1, ROOM, TRUE);

  assert_problem (first, 0, 1, "refused", "unknown-reference", "centre");
  assert_counts (second, 1, 0, 0);
  assert_counts (third, 1, 0, 0);
}

static void
an_envelope_is_checked_whole (HjFixture *f, gconstpointer data)
{
  static const struct
  {
    const char *line;
    const char *code;
    const char *field;
  } WRONG[] = {
    { "{}", "required", "kind" },
    { "{\"kind\":\"kiosk\",\"key\":\"k\",\"source\":\"s\",\"version\":1,\"data\":{}}",
        "unknown-word", "kind" },
    { "{\"kind\":7,\"key\":\"k\",\"source\":\"s\",\"version\":1,\"data\":{}}", "type", "kind" },
    { "{\"kind\":\"centre\",\"source\":\"s\",\"version\":1,\"data\":" DATA "}", "required", "key" },
    { "{\"kind\":\"centre\",\"key\":\"\",\"source\":\"s\",\"version\":1,\"data\":" DATA "}",
        "required", "key" },
    { "{\"kind\":\"centre\",\"key\":\"440100111\",\"version\":1,\"data\":" DATA "}", "required",
        "source" },
    { "{\"kind\":\"centre\",\"key\":\"440100111\",\"source\":\"s\",\"data\":" DATA "}", "required",
        "version" },
    { "{\"kind\":\"centre\",\"key\":\"440100111\",\"source\":\"s\",\"version\":\"1\",\"data\":" DATA
      "}",
        "type", "version" },
    { "{\"kind\":\"centre\",\"key\":\"440100111\",\"source\":\"s\",\"version\":-1,\"data\":" DATA
      "}",
        "range", "version" },
    { "{\"kind\":\"centre\",\"key\":\"440100111\",\"source\":\"s\",\"version\":1}", "required",
        "data" },
    { "{\"kind\":\"centre\",\"key\":\"440100111\",\"source\":\"s\",\"version\":1,\"data\":[]}",
        "type", "data" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (WRONG); i++)
    {
      g_autoptr (json_t) answer = import_line (f, WRONG[i].line);

      assert_problem (answer, 0, 1, "refused", WRONG[i].code, WRONG[i].field);
      assert_counts (answer, 0, 0, 1);
    }
  g_assert_cmpint (hj_fixture_count (f, "SELECT COUNT (*) FROM centre", NULL), ==, 0);
}

static void
an_unknown_member_of_the_envelope_warns (HjFixture *f, gconstpointer data)
{
  warn (f,
      "{\"kind\":\"centre\",\"key\":\"440100111\",\"source\":\"s\",\"version\":1,\"sent_by\":\"x\","
      "\"data\":" DATA "}",
      "unknown-member", "sent_by");
}

static void
only_so_many_problems_of_a_line_are_named (HjFixture *f, gconstpointer data)
{
  g_autoptr (GString) text = g_string_new (CENTRE_LINE);
  g_autoptr (json_t) answer = NULL;

  g_string_truncate (text, text->len - 2);
  for (int i = 0; i < 20; i++)
    g_string_append_printf (text, ",\"m%d\":1", i);
  g_string_append (text, "}}");
  answer = import_line (f, text->str);
  assert_counts (answer, 1, 0, 0);
  g_assert_cmpuint (json_array_size (json_object_get (answer, "problems")), ==, 8);
}

static void
hostile_lines_are_named_and_leave_nothing (HjFixture *f, gconstpointer data)
{
  g_autofree char *deep = g_strnfill (20000, '[');
  g_autofree char *braces = g_strdup_printf ("{\"kind\":%s", deep);
  g_autofree char *long_key = g_strnfill (65, 'k');
  g_autofree char *keyed = g_strdup_printf (
      "{\"kind\":\"centre\",\"key\":\"%s\",\"source\":\"s\",\"version\":1,\"data\":" DATA "}",
      long_key);
  g_autofree char *filler = g_strnfill (HJ_IMPORT_MAX_LINE_BYTES, 'x');
  g_autofree char *oversize = g_strdup_printf ("{\"a\":\"%s\"}", filler);

  refuse (f, "not JSON", "json", "");
  refuse (f, "[1,2]", "json", "");
  refuse (f, "\"text\"", "json", "");
  refuse (f, deep, "json", "");
  refuse (f, braces, "json", "");
  refuse (f, "{\"kind\":\"centre\",\"kind\":\"room\"}", "json", "");
  refuse (f, CENTRE_LINE " trailing", "json", "");
  refuse (f, "{\"kind\":\"centre\\ud800\"}", "json", "");
  refuse (f, "{\"version\":99999999999999999999}", "json", "");
  refuse (f, oversize, "too-long", "");
  refuse (f, keyed, "too-long", "key");
}

static void
a_byte_order_mark_may_begin_the_file_only (HjFixture *f, gconstpointer data)
{
  g_autoptr (json_t) answer
      = import_text (f, "a", 1, "\xef\xbb\xbf" CENTRE_LINE "\n\xef\xbb\xbf" CENTRE_LINE "\n", TRUE);

  assert_counts (answer, 1, 0, 1);
  assert_problem (answer, 0, 2, "refused", "json", "");
}

static void
a_line_that_could_not_be_read_is_null_and_named (HjFixture *f, gconstpointer data)
{
  g_autofree char *hash = hj_sha256_hex ("file");
  g_autoptr (json_t) answer = hj_fixture_act (f, &hj_act_import, get_operator (f),
      json_pack ("{s:s, s:i, s:[n, s], s:b}", "file_hash", hash, "first_line", 1, "lines",
          CENTRE_LINE, "last", TRUE));

  assert_counts (answer, 1, 0, 1);
  assert_problem (answer, 0, 1, "refused", "unreadable", "");
}

static void
a_wrong_batch_is_refused_whole (HjFixture *f, gconstpointer data)
{
  g_autofree char *hash = hj_sha256_hex ("file");
  json_t *many = json_array ();

  for (int i = 0; i <= HJ_IMPORT_MAX_LINES; i++)
    json_array_append_new (many, json_string (CENTRE_LINE));
  hj_fixture_refused (f, &hj_act_import, get_operator (f),
      json_pack (
          "{s:s, s:i, s:o, s:b}", "file_hash", hash, "first_line", 1, "lines", many, "last", TRUE),
      HJ_REFUSAL_INVALID);
  hj_fixture_refused (f, &hj_act_import, get_operator (f),
      json_pack (
          "{s:s, s:i, s:[], s:b}", "file_hash", hash, "first_line", 0, "lines", "last", TRUE),
      HJ_REFUSAL_INVALID);
  hj_fixture_refused (f, &hj_act_import, get_operator (f),
      json_pack (
          "{s:s, s:i, s:[], s:b}", "file_hash", "abc", "first_line", 1, "lines", "last", TRUE),
      HJ_REFUSAL_INVALID);
  hj_fixture_refused (f, &hj_act_import, get_operator (f),
      json_pack ("{s:s, s:i, s:[]}", "file_hash", hash, "first_line", 1, "lines"),
      HJ_REFUSAL_INVALID);
  hj_fixture_refused (
      f, &hj_act_import_progress, get_operator (f), json_object (), HJ_REFUSAL_INVALID);
  g_assert_cmpint (hj_fixture_count (f, "SELECT COUNT (*) FROM import", NULL), ==, 0);
}

static void
nobody_but_the_operator_imports (HjFixture *f, gconstpointer data)
{
  for (HjRole role = HJ_ROLE_NOBODY; role < HJ_ROLE_N; role++)
    {
      const char *lawyer = role == HJ_ROLE_LAWYER ? hj_fixture_lawyer (f) : NULL;
      HjRefusal refusal = role == HJ_ROLE_NOBODY ? HJ_REFUSAL_SIGN_IN : HJ_REFUSAL_NOT_FOUND;
      HjActor *actor;

      if (role == HJ_ROLE_OPERATOR)
        continue;
      actor = hj_fixture_actor (f, role, lawyer, NULL);
      hj_fixture_refused (f, &hj_act_import, actor, NULL, refusal);
      hj_fixture_refused (f, &hj_act_import_progress, actor, NULL, refusal);
    }
}

static void
the_audit_tells_how_many_and_never_who (HjFixture *f, gconstpointer data)
{
  const char *detail;

  take_world (f);
  g_assert_cmpint (hj_fixture_entries (f, "import", "done"), ==, 6);
  detail = hj_fixture_text (
      f, "SELECT group_concat (detail || coalesce (object, '')) FROM audit_entry", NULL);
  g_assert_nonnull (strstr (detail, "\"applied\":1"));
  g_assert_null (strstr (detail, "张三"));
  g_assert_null (strstr (detail, CARD));
  g_assert_null (strstr (detail, LICENCE));
  g_assert_null (strstr (detail, STAY));
}

/* Bytes of a right line changed at random: each is applied, unchanged or named, and the counts add up. */
static void
mutated_lines_never_break_anything (HjFixture *f, gconstpointer data)
{
  static const char NOISE[] = "\"{}[]:,0a\\\x01-e. ";
  int total = 2000;
  gint64 seen = 0;

  for (int i = 0; i < total; i++)
    {
      char line[] = CENTRE_LINE;
      g_autoptr (json_t) answer = NULL;

      for (int n = g_test_rand_int_range (1, 4); n > 0; n--)
        {
          gsize place = (gsize)g_test_rand_int_range (0, (gint32)strlen (line));

          if ((line[place] & 0x80) == 0)
            line[place] = NOISE[g_test_rand_int_range (0, sizeof NOISE - 1)];
        }
      answer = import_line (f, line);
      seen += get_int (answer, "applied") + get_int (answer, "unchanged")
              + get_int (answer, "refused");
    }
  g_assert_cmpint (seen, ==, total);
}

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
#define TEST(NAME)                                                                                 \
  g_test_add (                                                                                     \
      "/records/import/" #NAME, HjFixture, NULL, hj_fixture_set_up, NAME, hj_fixture_tear_down)
  TEST (the_same_file_twice_changes_nothing);
  TEST (other_spacing_and_order_say_the_same);
  TEST (an_older_version_changes_nothing_and_is_noted);
  TEST (a_newer_version_that_says_the_same_keeps_its_number);
  TEST (the_same_version_with_other_content_is_refused);
  TEST (a_bad_line_takes_nothing_else_with_it);
  TEST (what_only_the_schema_refuses_takes_its_line_alone);
  TEST (a_record_of_many_rows_is_applied_whole_or_not_at_all);
  TEST (an_interrupted_file_goes_on_where_it_stopped);
  TEST (lines_out_of_turn_are_refused_and_the_next_is_named);
  TEST (a_finished_file_begins_anew_with_its_first_line_only);
  TEST (a_refused_line_has_another_chance);
  TEST (an_envelope_is_checked_whole);
  TEST (an_unknown_member_of_the_envelope_warns);
  TEST (only_so_many_problems_of_a_line_are_named);
  TEST (hostile_lines_are_named_and_leave_nothing);
  TEST (a_byte_order_mark_may_begin_the_file_only);
  TEST (a_line_that_could_not_be_read_is_null_and_named);
  TEST (a_wrong_batch_is_refused_whole);
  TEST (nobody_but_the_operator_imports);
  TEST (the_audit_tells_how_many_and_never_who);
  TEST (mutated_lines_never_break_anything);
  return g_test_run ();
}
