/* SPDX-License-Identifier: Apache-2.0 */
/* src/base/json.c and refusal.c: what comes from outside is read strictly, and every refusal names its member. */

#include "src/base/json.h"

#include <string.h>

#include "tests/support/expect-log.h"

static json_t *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  json_t *value = hj_json_parse (text, strlen (text), 4096, &error);

  if (value == NULL)
    g_assert_error (error, HJ_REFUSAL, HJ_REFUSAL_INVALID);
  else
    g_assert_no_error (error);
  return value;
}

static void
objects_alone_are_messages (void)
{
  static const char *const WRONG[] = { "", " ", "null", "1", "\"x\"", "[]", "[{}]", "{", "}",
    "{}{}", "{} x", "{'a':1}", "{a:1}", "{\"a\":1,}", "{\"a\":01}", "{\"a\":NaN}", "{\"a\":tru}" };
  g_autoptr (json_t) empty = parse (" {} ");

  g_assert_true (json_is_object (empty));
  for (gsize i = 0; i < G_N_ELEMENTS (WRONG); i++)
    g_assert_null (parse (WRONG[i]));
}

static void
a_key_comes_once (void)
{
  g_assert_null (parse ("{\"a\":1,\"a\":1}"));
  g_assert_null (parse ("{\"x\":{\"a\":1,\"a\":2}}"));
  g_assert_null (parse ("{\"a\":1,\"\\u0061\":2}"));
}

static void
text_is_utf8_without_nul (void)
{
  static const char NUL[] = "{\"a\":\"x\0y\"}";
  g_autoptr (json_t) escaped = NULL;

  g_assert_null (parse ("{\"a\":\"\xff\"}"));
  g_assert_null (parse ("{\"a\":\"\xed\xa0\x80\"}"));
  g_assert_null (parse ("{\"a\":\"\\ud800\"}"));
  g_assert_null (hj_json_parse (NUL, sizeof NUL - 1, 4096, NULL));
  g_assert_null (parse ("{\"a\\u0000b\":1}"));
  /* jansson refuses an escaped NUL as well. */
  escaped = parse ("{\"a\":\"x\\u0000y\"}");
  g_assert_null (escaped);
}

static void
size_is_bounded_before_reading (void)
{
  g_autofree char *spaces = g_strnfill (4097, ' ');
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) fits = NULL;

  memcpy (spaces, "{}", 2);
  g_assert_null (hj_json_parse (spaces, 4097, 4096, &error));
  g_assert_error (error, HJ_REFUSAL, HJ_REFUSAL_INVALID);
  fits = hj_json_parse (spaces, 4096, 4096, NULL);
  g_assert_nonnull (fits);
}

/* Returns: (transfer full): {"a":{"a":...}} or {"a":[[...]]}. */
static char *
nest (int depth, gboolean arrays)
{
  GString *text = g_string_new ("{\"a\":");

  for (int i = 1; i < depth; i++)
    g_string_append (text, arrays ? "[" : "{\"a\":");
  g_string_append (text, "1");
  for (int i = 1; i < depth; i++)
    g_string_append (text, arrays ? "]" : "}");
  g_string_append_c (text, '}');
  return g_string_free (text, FALSE);
}

static void
nesting_ends_at_sixteen (void)
{
  for (int arrays = 0; arrays < 2; arrays++)
    {
      g_autofree char *deep = nest (HJ_JSON_MAX_DEPTH, arrays);
      g_autofree char *deeper = nest (HJ_JSON_MAX_DEPTH + 1, arrays);
      g_autoptr (json_t) value = parse (deep);

      g_assert_nonnull (value);
      g_assert_null (parse (deeper));
    }
}

static void
braces_in_a_text_are_no_nesting (void)
{
  g_autoptr (json_t) value
      = parse ("{\"a\":\"[[[[[[[[[[[[[[[[[[[[[[[[ \\\" {{{{{{{{{{{{{{{{{{{{{{\\\\\"}");

  g_assert_nonnull (value);
}

/* The reading, which sets `error`, is refused and names the member. */
#define NAMED(READING, MEMBER)                                                                     \
  do                                                                                               \
    {                                                                                              \
      g_autoptr (GError) error = NULL;                                                             \
                                                                                                   \
      g_assert_false (READING);                                                                    \
      g_assert_error (error, HJ_REFUSAL, HJ_REFUSAL_INVALID);                                      \
      g_assert_cmpstr (error->message, ==, MEMBER);                                                \
    }                                                                                              \
  while (0)

static void
strings_are_read_within_their_length (void)
{
  g_autoptr (json_t) object = parse ("{\"s\":\"中文\",\"e\":\"\",\"n\":null,\"i\":1}");
  const char *text = NULL;

  g_assert_true (hj_json_read_string (object, "s", 6, &text, NULL));
  g_assert_cmpstr (text, ==, "中文");
  NAMED (hj_json_read_string (object, "s", 5, &text, &error), "s");
  NAMED (hj_json_read_string (object, "e", 5, &text, &error), "e");
  NAMED (hj_json_read_string (object, "n", 5, &text, &error), "n");
  NAMED (hj_json_read_string (object, "i", 5, &text, &error), "i");
  NAMED (hj_json_read_string (object, "none", 5, &text, &error), "none");
  NAMED (hj_json_read_string (NULL, "none", 5, &text, &error), "none");
}

static void
optional_strings_may_be_missing (void)
{
  g_autoptr (json_t) object = parse ("{\"s\":\"x\",\"n\":null,\"i\":1}");
  const char *text = "before";

  g_assert_true (hj_json_read_optional_string (object, "none", 5, &text, NULL));
  g_assert_null (text);
  g_assert_true (hj_json_read_optional_string (object, "n", 5, &text, NULL));
  g_assert_null (text);
  g_assert_true (hj_json_read_optional_string (object, "s", 5, &text, NULL));
  g_assert_cmpstr (text, ==, "x");
  NAMED (hj_json_read_optional_string (object, "i", 5, &text, &error), "i");
}

static void
a_text_with_a_nul_inside_is_refused (void)
{
  g_autoptr (json_t) object = json_object ();
  const char *text = NULL;

  json_object_set_new (object, "s", json_stringn ("x\0y", 3));
  g_assert_false (hj_json_read_string (object, "s", 10, &text, NULL));
}

static void
numbers_are_whole_and_within_bounds (void)
{
  g_autoptr (json_t) object = parse ("{\"i\":5,\"r\":5.0,\"s\":\"5\",\"n\":null}");
  gint64 number = 77;

  g_assert_true (hj_json_read_int (object, "i", 5, 5, &number, NULL));
  g_assert_cmpint (number, ==, 5);
  NAMED (hj_json_read_int (object, "i", 6, 9, &number, &error), "i");
  NAMED (hj_json_read_int (object, "i", 0, 4, &number, &error), "i");
  NAMED (hj_json_read_int (object, "r", 0, 9, &number, &error), "r");
  NAMED (hj_json_read_int (object, "s", 0, 9, &number, &error), "s");
  NAMED (hj_json_read_int (object, "n", 0, 9, &number, &error), "n");
  number = 77;
  g_assert_true (hj_json_read_optional_int (object, "n", 0, 9, &number, NULL));
  g_assert_true (hj_json_read_optional_int (object, "none", 0, 9, &number, NULL));
  g_assert_cmpint (number, ==, 77);
  g_assert_false (hj_json_read_optional_int (object, "r", 0, 9, &number, NULL));
}

static void
the_other_types_are_themselves (void)
{
  g_autoptr (json_t) object
      = parse ("{\"b\":false,\"o\":{},\"a\":[1,2],\"id\":\"abcdefghijklmnopqrstuvwxyz\",\"z\":0}");
  gboolean flag = TRUE;
  json_t *value = NULL;
  const char *id = NULL;

  g_assert_true (hj_json_read_bool (object, "b", &flag, NULL));
  g_assert_false (flag);
  g_assert_false (hj_json_read_bool (object, "z", &flag, NULL));
  g_assert_false (hj_json_read_bool (object, "none", &flag, NULL));
  g_assert_true (hj_json_read_object (object, "o", &value, NULL));
  g_assert_false (hj_json_read_object (object, "a", &value, NULL));
  g_assert_true (hj_json_read_array (object, "a", 2, &value, NULL));
  g_assert_false (hj_json_read_array (object, "a", 1, &value, NULL));
  g_assert_false (hj_json_read_array (object, "o", 1, &value, NULL));
  g_assert_true (hj_json_read_id (object, "id", &id, NULL));
  g_assert_false (hj_json_read_id (object, "z", &id, NULL));
  g_assert_false (hj_json_read_id (object, "none", &id, NULL));
}

static void
what_is_written_keeps_its_order (void)
{
  g_autoptr (json_t) object = json_pack ("{s:i, s:o, s:o}", "b", 1, "a", hj_json_zh_en ("中", "en"),
      "n", hj_json_string_or_null (NULL));
  g_autofree char *text = hj_json_dump (object);

  g_assert_cmpstr (text, ==, "{\"b\":1,\"a\":{\"zh\":\"中\",\"en\":\"en\"},\"n\":null}");
}

static void
every_refusal_has_a_word_of_its_own (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (int code = 0; code < HJ_REFUSAL_N; code++)
    {
      const char *word = hj_refusal_word ((HjRefusal)code);

      g_assert_nonnull (word);
      g_assert_true (g_hash_table_add (seen, (gpointer)word));
    }
}

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  g_test_add_func ("/base/json/objects alone are messages", objects_alone_are_messages);
  g_test_add_func ("/base/json/a key comes once", a_key_comes_once);
  g_test_add_func ("/base/json/text is UTF-8 without NUL", text_is_utf8_without_nul);
  g_test_add_func ("/base/json/size is bounded before reading", size_is_bounded_before_reading);
  g_test_add_func ("/base/json/nesting ends at sixteen", nesting_ends_at_sixteen);
  g_test_add_func ("/base/json/braces in a text are no nesting", braces_in_a_text_are_no_nesting);
  g_test_add_func (
      "/base/json/strings are read within their length", strings_are_read_within_their_length);
  g_test_add_func ("/base/json/optional strings may be missing", optional_strings_may_be_missing);
  g_test_add_func (
      "/base/json/a text with a NUL inside is refused", a_text_with_a_nul_inside_is_refused);
  g_test_add_func (
      "/base/json/numbers are whole and within bounds", numbers_are_whole_and_within_bounds);
  g_test_add_func ("/base/json/the other types are themselves", the_other_types_are_themselves);
  g_test_add_func ("/base/json/what is written keeps its order", what_is_written_keeps_its_order);
  g_test_add_func (
      "/base/refusal/every refusal has a word of its own", every_refusal_has_a_word_of_its_own);
  return g_test_run ();
}
