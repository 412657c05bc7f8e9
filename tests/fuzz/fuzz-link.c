/* SPDX-License-Identifier: Apache-2.0 */
/* Control-link messages of both sides: what reads is written again as something that reads the same. */

#include <string.h>

#include "src/base/link.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize len);

static void
go_there_and_back (const guint8 *data, gsize len, HjLinkSide from)
{
  g_autoptr (HjLinkMessage) message = hj_link_decode ((const char *)data, len, from, NULL, NULL);
  g_autoptr (HjLinkMessage) copy = NULL;
  g_autofree char *text = NULL;
  g_autofree char *again = NULL;

  if (message == NULL)
    return;
  text = hj_link_encode (message);
  copy = hj_link_decode (text, strlen (text), from, NULL, NULL);
  g_assert_nonnull (copy);
  again = hj_link_encode (copy);
  g_assert_cmpstr (again, ==, text);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize len)
{
  go_there_and_back (data, len, HJ_LINK_FROM_MEDIA);
  go_there_and_back (data, len, HJ_LINK_FROM_HUIJIAND);
  return 0;
}
