/* SPDX-License-Identifier: Apache-2.0 */
/* Offers: whatever reads can be answered, and the answer is text. */

#include "media/wire/sdp.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize len);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize len)
{
  g_autofree char *text = g_strndup ((const char *)data, len);
  g_autofree char *answer = NULL;
  HjAddress candidate;
  HjSdpOffer offer;
  HjSdpLocal local;

  if (!hj_sdp_parse_offer (text, &offer, NULL))
    return 0;
  g_assert_cmpuint (strlen (offer.ufrag), >=, 4);
  g_assert_cmpuint (strlen (offer.pwd), >=, 22);
  g_assert_cmpuint (strlen (offer.fingerprint), ==, 95);
  g_assert_true (hj_address_parse (&candidate, "127.0.0.1", 9));
  hj_sdp_local_init (&local);
  answer = hj_sdp_write_answer (&offer, &local, offer.fingerprint, &candidate, 1);
  g_assert_true (g_str_has_prefix (answer, "v=0\r\n"));
  g_assert_nonnull (strstr (answer, "a=setup:active\r\n"));
  return 0;
}
