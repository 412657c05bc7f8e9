/* SPDX-License-Identifier: Apache-2.0 */
/* src/base/fingerprint.c, against a digest of FIPS 180-4. */

#include "src/base/fingerprint.h"

#include <string.h>

#include "tests/support/expect-log.h"

/* SHA-256 of "abc", FIPS 180-4: ba7816bf 8f01cfea 414140de 5dae2223 … */
#define ABC "BA78 16BF 8F01 CFEA 4141 40DE 5DAE 2223"

static void
it_is_the_first_half_of_the_digest (void)
{
  g_autofree char *text = hj_fingerprint_new ("abc", 3);

  g_assert_cmpstr (text, ==, ABC);
  g_assert_cmpuint (strlen (text), ==, HJ_FINGERPRINT_LENGTH);
}

static void
is_read_as (const char *typed, const char *expected)
{
  g_autofree char *text = hj_fingerprint_read (typed);

  g_assert_cmpstr (text, ==, expected);
}

static void
it_is_read_as_people_type_it (void)
{
  is_read_as (ABC, ABC);
  is_read_as ("ba7816bf8f01cfea414140de5dae2223", ABC);
  is_read_as ("ba78-16bf-8f01-cfea-4141-40de-5dae-2223\n", ABC);
  is_read_as (" BA7816BF 8F01CFEA 414140DE 5DAE2223 ", ABC);
}

static void
what_is_none_is_not_read (void)
{
  is_read_as ("", NULL);
  is_read_as ("BA78 16BF 8F01 CFEA 4141 40DE 5DAE 222", NULL);
  is_read_as (ABC "4", NULL);
  is_read_as ("BA78:16BF:8F01:CFEA:4141:40DE:5DAE:2223", NULL);
  is_read_as ("BA78 16BF 8F01 CFEA 4141 40DE 5DAE 222G", NULL);
}

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  g_test_add_func (
      "/base/fingerprint/it is the first half of the digest", it_is_the_first_half_of_the_digest);
  g_test_add_func ("/base/fingerprint/it is read as people type it", it_is_read_as_people_type_it);
  g_test_add_func ("/base/fingerprint/what is none is not read", what_is_none_is_not_read);
  return g_test_run ();
}
