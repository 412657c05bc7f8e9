/* SPDX-License-Identifier: Apache-2.0 */
/* The demo data of tests/demo goes in whole, without a warning, twice, and the next day again. */

#include <glib/gstdio.h>

#include "src/records/facts.h"
#include "src/records/records.h"
#include "tests/records/importing.h"
#include "tests/support/expect-log.h"

static char *generator;

/* (transfer full): what the generator writes for this day. */
static char *
make_demo (const char *today)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("hj-demo-XXXXXX", &error);
  g_autofree char *path = g_build_filename (folder, "demo.jsonl", NULL);
  g_autofree char *people = g_build_filename (folder, "demo.accounts.json", NULL);
  const char *arguments[] = { "python3", generator, path, "--today", today, NULL };
  char *text = NULL;
  int status = 0;

  g_spawn_sync (
      NULL, (char **)arguments, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, &status, &error);
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, 0);
  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_unlink (path) + g_unlink (people) + g_rmdir (folder), ==, 0);
  return text;
}

static void
it_is_applied_whole_and_without_a_warning (HjFixture *f, gconstpointer data)
{
  g_autofree char *text = make_demo ("2026-03-02");
  g_autoptr (json_t) answer = import_text (f, "demo", 1, text, TRUE);
  g_autofree char *problems = hj_json_dump (json_object_get (answer, "problems"));

  g_assert_cmpstr (problems, ==, "[]");
  assert_counts (answer, (int)json_integer_value (json_object_get (answer, "lines_done")), 0, 0);
  g_assert_cmpint (hj_fixture_count (f, "SELECT COUNT (*) FROM centre", NULL), ==, 2);
  g_assert_cmpint (hj_fixture_count (f, "SELECT COUNT (*) FROM lawyer", NULL), ==, 11);
  g_assert_cmpint (hj_fixture_count (f, "SELECT COUNT (*) FROM case_file", NULL), ==, 20);
}

static void
a_second_time_changes_nothing_and_the_next_day_is_no_conflict (HjFixture *f, gconstpointer data)
{
  g_autofree char *text = make_demo ("2026-03-02");
  g_autofree char *tomorrow = make_demo ("2026-03-03");
  g_autoptr (json_t) first = import_text (f, "demo", 1, text, TRUE);
  g_autoptr (json_t) second = import_text (f, "demo", 1, text, TRUE);
  g_autoptr (json_t) third = NULL;

  assert_counts (second, 0, (int)json_integer_value (json_object_get (first, "applied")), 0);
  hj_fixture_advance (f, HJ_DAY_US);
  third = import_text (f, "tomorrow", 1, tomorrow, TRUE);
  g_assert_cmpint (json_integer_value (json_object_get (third, "refused")), ==, 0);
  g_assert_cmpint (hj_fixture_count (f, "SELECT COUNT (*) FROM detainee", NULL), ==, 23);
}

static HjFacts *
load (HjFixture *f, const char *lawyer, const char *person)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *sql = g_strdup_printf ("SELECT a.id FROM authority a JOIN lawyer l ON l.id = "
                                          "a.lawyer JOIN person p ON p.id = a.person "
                                          "WHERE l.name = '%s' AND p.name = '%s'",
      lawyer, person);
  HjFacts *facts = hj_facts_load (
      f->store, hj_fixture_text (f, sql, NULL), NULL, hj_time_now (f->time), &error);

  g_assert_no_error (error);
  return facts;
}

/* docs/demo.md promises these. */
static void
each_persona_shows_what_the_documentation_says (HjFixture *f, gconstpointer data)
{
  g_autofree char *text = make_demo ("2026-03-02");
  g_autoptr (json_t) answer = import_text (f, "demo", 1, text, TRUE);
  g_autoptr (HjFacts) ordinary = load (f, "陈甲", "张三");
  g_autoptr (HjFacts) suspended = load (f, "林乙", "王五");
  g_autoptr (HjFacts) revoked = load (f, "何丙", "赵六");
  g_autoptr (HjFacts) letterless = load (f, "黄丁", "钱七");
  g_autoptr (HjFacts) late = load (f, "梁戊", "孙八");
  g_autoptr (HjFacts) conflicted = load (f, "罗己", "周九");
  g_autoptr (HjFacts) linked = load (f, "谢庚", "冯十二");
  g_autoptr (HjFacts) secret = load (f, "冯辛", "陈十三");
  g_autoptr (HjFacts) released = load (f, "邓壬", "卫十五");
  g_autoptr (HjFacts) out = load (f, "邓壬", "蒋十六");
  g_autoptr (HjFacts) chosen = load (f, "曾癸", "沈十七");
  g_autoptr (HjFacts) second = load (f, "周子", "张三");
  g_autoptr (HjFacts) moved = load (f, "罗己", "朱二十");

  g_assert_cmpstr (ordinary->lawyer.status, ==, "practising");
  g_assert_true (ordinary->papers[HJ_PAPER_FIRM_LETTER].present);
  g_assert_cmpstr (ordinary->detainee.state, ==, "in_custody");
  g_assert_cmpuint (ordinary->other_defendants->len, ==, 0);
  g_assert_cmpstr (suspended->lawyer.status, ==, "suspended");
  g_assert_false (revoked->authority.active);
  g_assert_false (letterless->papers[HJ_PAPER_FIRM_LETTER].present);
  g_assert_cmpuint (late->authority.stages >> late->case_file.stage & 1, ==, 0);
  g_assert_cmpuint (conflicted->other_defendants->len, ==, 1);
  g_assert_true (((HjOtherDefendant *)linked->other_defendants->pdata[0])->linked);
  g_assert_true (secret->case_file.permission_required && secret->permission == NULL);
  g_assert_cmpstr (released->detainee.state, ==, "released");
  g_assert_cmpstr (out->detainee.state, ==, "temporarily_out");
  g_assert_cmpuint (chosen->case_file.n_active_lawyers, ==, 2);
  g_assert_cmpuint (chosen->case_file.n_active_legal_aid, ==, 1);
  g_assert_true (second->authority.active);
  g_assert_cmpuint (second->case_file.n_active_lawyers, ==, 2);
  g_assert_cmpstr (moved->detainee.centre_name_zh, ==, "广州市示范第二看守所（虚构）");
}

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  g_assert_cmpint (argc, ==, 2);
  generator = argv[1];
#define TEST(NAME)                                                                                 \
  g_test_add (                                                                                     \
      "/records/demo/" #NAME, HjFixture, NULL, hj_fixture_set_up, NAME, hj_fixture_tear_down)
  TEST (it_is_applied_whole_and_without_a_warning);
  TEST (a_second_time_changes_nothing_and_the_next_day_is_no_conflict);
  TEST (each_persona_shows_what_the_documentation_says);
  return g_test_run ();
}
