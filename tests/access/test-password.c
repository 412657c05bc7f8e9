/* SPDX-License-Identifier: Apache-2.0 */
/* src/access/password.c: argon2id at its floor, and which passwords are too weak. */

#include "src/access/password.h"

#include <string.h>

#include "tests/support/expect-log.h"

static void
a_password_fits_its_own_hash_alone (void)
{
  g_autofree char *hash = hj_password_hash ("correct horse battery");
  g_autofree char *of_nothing = hj_password_hash ("");

  g_assert_false (hj_password_verify (of_nothing, NULL));
  g_assert_true (hj_password_verify (hash, "correct horse battery"));
  g_assert_false (hj_password_verify (hash, "correct horse batterx"));
  g_assert_false (hj_password_verify (hash, "correct horse battery "));
  g_assert_false (hj_password_verify (hash, ""));
  g_assert_false (hj_password_verify (hash, NULL));
}

static void
the_hash_says_argon2id_at_its_floor (void)
{
  g_autofree char *first = hj_password_hash ("correct horse battery");
  g_autofree char *second = hj_password_hash ("correct horse battery");

  g_assert_true (g_str_has_prefix (first, "$argon2id$v=19$m=19456,t=2,p=1$"));
  g_assert_cmpstr (first, !=, second);
}

static void
an_unknown_account_has_no_password (void)
{
  g_assert_false (hj_password_verify (NULL, "correct horse battery"));
  g_assert_false (hj_password_verify (NULL, ""));
  g_assert_false (hj_password_verify (NULL, NULL));
  g_assert_false (hj_password_verify ("-", "correct horse battery"));
  g_assert_false (hj_password_verify ("", ""));
}

/* The dummy must be hashed, not refused at its parsing: then it would cost nothing and tell who has an account. */
static void
an_unknown_account_takes_the_same_time (void)
{
  g_autofree char *hash = hj_password_hash ("correct horse battery");
  gint64 known = G_MAXINT64;
  gint64 unknown = G_MAXINT64;

  for (int i = 0; i < 3; i++)
    {
      gint64 start = g_get_monotonic_time ();

      g_assert_false (hj_password_verify (hash, "wrong"));
      known = MIN (known, g_get_monotonic_time () - start);
      start = g_get_monotonic_time ();
      g_assert_false (hj_password_verify (NULL, "wrong"));
      unknown = MIN (unknown, g_get_monotonic_time () - start);
    }
  /* Not hashed is a thousand times faster; a busy machine is not. */
  g_assert_cmpint (unknown * 8, >, known);
  g_assert_cmpint (known * 8, >, unknown);
}

static void
weak_passwords_are_seen (void)
{
  static const char *const WEAK[]
      = { "", "short-one", "aaaaaaaaaaaa", "121212121212", "Password123", "1234567890",
          "zhangwei12", "zhangwei-2026", "ZHANGWEI9999", "\xff\xfe okay okay" };
  g_autofree char *longest = g_strnfill (HJ_PASSWORD_MAX_BYTES + 1, 'x');

  for (gsize i = 0; i < G_N_ELEMENTS (WEAK); i++)
    g_assert_true (hj_password_is_weak (WEAK[i], "zhangwei"));
  g_assert_true (hj_password_is_weak (longest, "zhangwei"));
}

static void
good_passwords_pass (void)
{
  static const char *const GOOD[] = { "correct horse battery", "ten-chars!", "广州看守所会见室的门",
    "zhangwei likes mountains" };

  for (gsize i = 0; i < G_N_ELEMENTS (GOOD); i++)
    g_assert_false (hj_password_is_weak (GOOD[i], "zhangwei"));
  g_assert_false (hj_password_is_weak ("ten-chars!", ""));
}

static void
a_generated_password_is_strong_and_new (void)
{
  g_autofree char *first = hj_password_generate ();
  g_autofree char *second = hj_password_generate ();

  g_assert_false (hj_password_is_weak (first, "admin"));
  g_assert_cmpuint (strlen (first), ==, 30);
  g_assert_cmpstr (first, !=, second);
}

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  g_test_add_func (
      "/access/password/a password fits its own hash alone", a_password_fits_its_own_hash_alone);
  g_test_add_func (
      "/access/password/the hash says argon2id at its floor", the_hash_says_argon2id_at_its_floor);
  g_test_add_func (
      "/access/password/an unknown account has no password", an_unknown_account_has_no_password);
  g_test_add_func ("/access/password/an unknown account takes the same time",
      an_unknown_account_takes_the_same_time);
  g_test_add_func ("/access/password/weak passwords are seen", weak_passwords_are_seen);
  g_test_add_func ("/access/password/good passwords pass", good_passwords_pass);
  g_test_add_func ("/access/password/a generated password is strong and new",
      a_generated_password_is_strong_and_new);
  return g_test_run ();
}
