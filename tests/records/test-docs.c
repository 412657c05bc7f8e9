/* SPDX-License-Identifier: Apache-2.0 */
/* docs/records.md is true: every line that it shows is imported without a word, and there is one of each kind. */

#include "tests/records/importing.h"
#include "tests/support/expect-log.h"

static char *document;

static void
every_example_is_imported_as_it_stands (HjFixture *f, gconstpointer data)
{
  static const char *const KINDS[] = { "centre", "room", "firm", "lawyer", "person", "case",
    "detainee", "custody_event", "authority", "permission" };
  g_autoptr (GString) examples = g_string_new (NULL);
  g_auto (GStrv) lines = g_strsplit (document, "\n", -1);
  g_autoptr (json_t) answer = NULL;
  g_autofree char *problems = NULL;

  for (int i = 0; lines[i] != NULL; i++)
    if (g_str_has_prefix (lines[i], "{\"kind\":\""))
      g_string_append_printf (examples, "%s\n", lines[i]);
  answer = import_text (f, "docs", 1, examples->str, TRUE);
  problems = hj_json_dump (json_object_get (answer, "problems"));
  g_assert_cmpstr (problems, ==, "[]");
  for (gsize i = 0; i < G_N_ELEMENTS (KINDS); i++)
    g_assert_cmpint (
        json_integer_value (json_object_get (json_object_get (answer, "kinds"), KINDS[i])), ==, 1);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  int result;

  hj_test_init (&argc, &argv);
  g_assert_cmpint (argc, ==, 2);
  g_file_get_contents (argv[1], &document, NULL, &error);
  g_assert_no_error (error);
  g_test_add ("/records/docs/every_example_is_imported_as_it_stands", HjFixture, NULL,
      hj_fixture_set_up, every_example_is_imported_as_it_stands, hj_fixture_tear_down);
  result = g_test_run ();
  g_free (document);
  return result;
}
