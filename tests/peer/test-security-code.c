/* SPDX-License-Identifier: Apache-2.0 */
/* The security code in C (docs/e2ee.md section 3): against values computed elsewhere, and how often two codes are the same for
 * somebody in the middle, who has two transcripts and cannot choose them. */

#include "tests/peer/agreement-private.h"

#include <string.h>

static void
the_code_is_the_one_that_other_programs_compute (void)
{
  /* python3: "%06d" % (int.from_bytes(sha256(b"huijian-e2ee-v1 code\0" + bytes([i]) * 32).digest()[:8], "big") % 10**6) */
  static const char *const CODES[]
      = { "983732", "138793", "313231", "449817", "289360", "819171", "658675", "587098" };

  for (guint8 i = 0; i < G_N_ELEMENTS (CODES); i++)
    {
      guint8 transcript[HJ_HASH_SIZE];
      char code[7];

      memset (transcript, i, sizeof transcript);
      hj_security_code (transcript, code);
      g_assert_cmpstr (code, ==, CODES[i]);
    }
}

/* Both transcripts of attempt i, the same in every run. */
static void
make_transcript (guint64 i, guint side, guint8 *transcript)
{
  g_autoptr (GByteArray) data = g_byte_array_sized_new (16);

  hj_put_number (data, i, 8);
  hj_put_number (data, side, 1);
  hj_hash (data, transcript);
}

static void
two_codes_are_the_same_at_most_5_times_in_a_million (void)
{
  guint same = 0;

  for (guint64 i = 0; i < 1000000; i++)
    {
      guint8 transcript[HJ_HASH_SIZE];
      char codes[2][7];

      for (guint side = 0; side < 2; side++)
        {
          make_transcript (i, side, transcript);
          hj_security_code (transcript, codes[side]);
        }
      same += strcmp (codes[0], codes[1]) == 0;
    }
  g_test_message ("%u of 1000000", same);
  g_assert_cmpuint (same, <=, 5);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define T(name) g_test_add_func ("/peer/security-code/" #name, name)
  T (the_code_is_the_one_that_other_programs_compute);
  T (two_codes_are_the_same_at_most_5_times_in_a_million);
  return g_test_run ();
}
