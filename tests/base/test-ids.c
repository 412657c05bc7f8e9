/* SPDX-License-Identifier: Apache-2.0 */
/* src/base/ids.c and secret.c: ids, tokens, base64url, and secrets that are compared and wiped. */

#include "src/base/ids.h"

#include <string.h>

#include "src/base/secret.h"
#include "tests/support/expect-log.h"

static void
ids_are_26_characters_and_all_different (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (int i = 0; i < 10000; i++)
    {
      char *id = hj_id_new ();

      g_assert_true (hj_id_is_valid (id));
      g_assert_true (g_hash_table_add (seen, id));
    }
}

/* 128 bits in 26 characters of 5 bits: every bit must be random, but the last two, which are zero. */
static void
every_character_of_an_id_takes_every_value (void)
{
  gboolean seen[HJ_ID_LENGTH][128] = { 0 };

  for (int i = 0; i < 4000; i++)
    {
      g_autofree char *id = hj_id_new ();

      for (int at = 0; at < HJ_ID_LENGTH; at++)
        seen[at][(guint8)id[at] & 127] = TRUE;
    }
  for (int at = 0; at < HJ_ID_LENGTH; at++)
    {
      int values = 0;

      for (int c = 0; c < 128; c++)
        values += seen[at][c];
      g_assert_cmpint (values, ==, at == HJ_ID_LENGTH - 1 ? 8 : 32);
    }
}

static void
what_is_no_id_is_seen (void)
{
  static const char *const WRONG[] = { "", "a", "aaaaaaaaaaaaaaaaaaaaaaaaa",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaa", "Aaaaaaaaaaaaaaaaaaaaaaaaaa", "1aaaaaaaaaaaaaaaaaaaaaaaaa",
    "a aaaaaaaaaaaaaaaaaaaaaaaa", "../../../../../../../../..", "中文中文中文中文a" };

  g_assert_true (hj_id_is_valid ("abcdefghijklmnopqrstuvwxyz"));
  g_assert_true (hj_id_is_valid ("22345672345672345672345672"));
  g_assert_false (hj_id_is_valid (NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (WRONG); i++)
    g_assert_false (hj_id_is_valid (WRONG[i]));
}

static void
tokens_are_256_bits_and_all_different (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (int i = 0; i < 1000; i++)
    {
      char *token = hj_token_new ();
      gsize size = 0;
      g_autofree guint8 *raw = hj_base64url_decode (token, &size);

      g_assert_cmpuint (size, ==, 32);
      g_assert_true (g_hash_table_add (seen, token));
    }
}

static void
base64url_comes_back (void)
{
  guint8 bytes[70];

  for (gsize i = 0; i < sizeof bytes; i++)
    bytes[i] = (guint8)(i * 37 + 250);
  for (gsize size = 1; size < sizeof bytes; size++)
    {
      g_autofree char *text = hj_base64url (bytes, size);
      gsize back = 0;
      g_autofree guint8 *decoded = hj_base64url_decode (text, &back);

      g_assert_null (strpbrk (text, "+/="));
      g_assert_cmpmem (decoded, back, bytes, size);
    }
}

static void
what_is_no_base64url_is_refused (void)
{
  static const char *const WRONG[]
      = { "a", "abcde", "ab+d", "ab/d", "ab==", "ab d", "ab\nd", "中文" };
  gsize size;

  for (gsize i = 0; i < G_N_ELEMENTS (WRONG); i++)
    g_assert_null (hj_base64url_decode (WRONG[i], &size));
}

static void
sha256_is_the_one_of_fips_180 (void)
{
  g_autofree char *hash = hj_sha256_hex ("abc");

  g_assert_cmpstr (hash, ==, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void
secrets_equal_themselves_alone (void)
{
  g_autoptr (HjSecret) secret = hj_secret_new ("s\0cret", 6);
  gsize size = 0;
  const guint8 *bytes = hj_secret_get (secret, &size);

  g_assert_cmpmem (bytes, size, "s\0cret", 6);
  g_assert_true (hj_secret_equal (secret, "s\0cret", 6));
  g_assert_false (hj_secret_equal (secret, "s\0creT", 6));
  g_assert_false (hj_secret_equal (secret, "s\0cre", 5));
  g_assert_false (hj_secret_equal (secret, "s\0crets", 7));
  hj_secret_free (NULL);
}

static void
texts_are_compared_and_wiped (void)
{
  char text[] = "password";

  g_assert_true (hj_text_equal_constant_time ("abc", "abc"));
  g_assert_true (hj_text_equal_constant_time ("", ""));
  g_assert_false (hj_text_equal_constant_time ("abc", "abd"));
  g_assert_false (hj_text_equal_constant_time ("abc", "abcd"));
  g_assert_false (hj_text_equal_constant_time ("abc", ""));
  hj_text_wipe (text);
  g_assert_cmpmem (text, sizeof text, "\0\0\0\0\0\0\0\0\0", sizeof text);
  hj_text_wipe (NULL);
}

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  g_test_add_func (
      "/base/ids/ids are 26 characters and all different", ids_are_26_characters_and_all_different);
  g_test_add_func ("/base/ids/every character of an id takes every value",
      every_character_of_an_id_takes_every_value);
  g_test_add_func ("/base/ids/what is no id is seen", what_is_no_id_is_seen);
  g_test_add_func (
      "/base/ids/tokens are 256 bits and all different", tokens_are_256_bits_and_all_different);
  g_test_add_func ("/base/ids/base64url comes back", base64url_comes_back);
  g_test_add_func ("/base/ids/what is no base64url is refused", what_is_no_base64url_is_refused);
  g_test_add_func ("/base/ids/SHA-256 is the one of FIPS 180", sha256_is_the_one_of_fips_180);
  g_test_add_func ("/base/secret/secrets equal themselves alone", secrets_equal_themselves_alone);
  g_test_add_func ("/base/secret/texts are compared and wiped", texts_are_compared_and_wiped);
  return g_test_run ();
}
