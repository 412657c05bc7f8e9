/* SPDX-License-Identifier: Apache-2.0 */
/* signaling/problem.c: what people are told, in their language, and what they are not. */

#include <gio/gio.h>
#include <string.h>

#include "signaling/problem.h"
#include "src/base/json.h"
#include "tests/support/expect-log.h"

static const char *
text (const json_t *object, const char *key)
{
  return json_string_value (json_object_get (object, key));
}

static void
each_refusal_has_words_of_its_own_and_a_status (void)
{
  for (int code = 0; code < HJ_REFUSAL_N; code++)
    {
      const char *word = hj_refusal_word ((HjRefusal)code);
      g_autoptr (GError) error = g_error_new_literal (HJ_REFUSAL, code, "x");

      for (HjLanguage language = HJ_LANGUAGE_ZH; language <= HJ_LANGUAGE_EN; language++)
        g_assert_cmpstr (
            hj_problem_title (word, language), !=, hj_problem_title ("failed", language));
      g_assert_cmpstr (
          hj_problem_title (word, HJ_LANGUAGE_ZH), !=, hj_problem_title (word, HJ_LANGUAGE_EN));
      g_assert_cmpuint (hj_problem_status (error), >=, 400);
      g_assert_cmpuint (hj_problem_status (error), <, 600);
      g_assert_cmpstr (hj_problem_code (error), ==, word);
    }
}

static void
what_is_broken_here_is_not_told (void)
{
  g_autoptr (GError) error
      = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "/var/lib/huijian: disk is full");
  g_autoptr (json_t) problem = hj_problem_new (error, NULL, HJ_LANGUAGE_EN);
  g_autofree char *dump = hj_json_dump (problem);

  g_assert_cmpstr (text (problem, "code"), ==, "failed");
  g_assert_cmpint (json_integer_value (json_object_get (problem, "status")), ==, 500);
  g_assert_null (strstr (dump, "disk"));
}

static void
what_is_forbidden_says_no_more_than_what_is_unknown (void)
{
  g_autoptr (GError) unknown
      = g_error_new_literal (HJ_REFUSAL, HJ_REFUSAL_NOT_FOUND, "no such row");
  g_autoptr (GError) forbidden
      = g_error_new_literal (HJ_REFUSAL, HJ_REFUSAL_NOT_FOUND, "another kiosk's meeting");
  g_autoptr (json_t) first = hj_problem_new (unknown, NULL, HJ_LANGUAGE_ZH);
  g_autoptr (json_t) second = hj_problem_new (forbidden, NULL, HJ_LANGUAGE_ZH);

  g_assert_true (json_equal (first, second));
}

static void
what_is_wrong_is_named (void)
{
  g_autoptr (GError) error = g_error_new_literal (HJ_REFUSAL, HJ_REFUSAL_INVALID, "starts_at_us");
  g_autoptr (json_t) problem = hj_problem_new (error, NULL, HJ_LANGUAGE_EN);

  g_assert_cmpstr (text (problem, "detail"), ==, "starts_at_us");
  g_assert_cmpstr (text (problem, "type"), ==, "urn:huijian:problem:invalid");
}

static void
members_are_added_and_change_nothing (void)
{
  g_autoptr (GError) error = g_error_new_literal (HJ_REFUSAL, HJ_REFUSAL_SLOT_TAKEN, "x");
  g_autoptr (json_t) members = json_pack ("{s:[], s:i}", "alternatives", "status", 200);
  g_autoptr (json_t) problem = hj_problem_new (error, members, HJ_LANGUAGE_EN);

  g_assert_nonnull (json_object_get (problem, "alternatives"));
  g_assert_cmpint (json_integer_value (json_object_get (problem, "status")), ==, 409);
}

static void
english_is_for_those_who_ask_for_it_first (void)
{
  static const struct
  {
    const char *asked;
    HjLanguage language;
  } CASES[] = {
    { "en", HJ_LANGUAGE_EN },
    { "en-GB,en;q=0.9", HJ_LANGUAGE_EN },
    { "EN-us", HJ_LANGUAGE_EN },
    { "zh-CN,zh;q=0.9,en;q=0.8", HJ_LANGUAGE_ZH },
    { "fr, en", HJ_LANGUAGE_ZH },
    { "", HJ_LANGUAGE_ZH },
    { NULL, HJ_LANGUAGE_ZH },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (CASES); i++)
    g_assert_cmpint ((int)hj_language_from_text (CASES[i].asked), ==, (int)CASES[i].language);
}

static void
an_unknown_code_is_a_failure_of_ours (void)
{
  g_assert_cmpstr (hj_problem_title ("no-such-code", HJ_LANGUAGE_EN), ==,
      hj_problem_title ("failed", HJ_LANGUAGE_EN));
}

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  g_test_add_func ("/problem/each", each_refusal_has_words_of_its_own_and_a_status);
  g_test_add_func ("/problem/broken", what_is_broken_here_is_not_told);
  g_test_add_func ("/problem/forbidden", what_is_forbidden_says_no_more_than_what_is_unknown);
  g_test_add_func ("/problem/wrong", what_is_wrong_is_named);
  g_test_add_func ("/problem/members", members_are_added_and_change_nothing);
  g_test_add_func ("/problem/language", english_is_for_those_who_ask_for_it_first);
  g_test_add_func ("/problem/unknown", an_unknown_code_is_a_failure_of_ours);
  return g_test_run ();
}
