/* SPDX-License-Identifier: Apache-2.0 */
/* The first bytes that a stranger can make the relay read. */
#include "media/wire/stun.h"

#include <netinet/in.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize len);

static void
answer (const HjStunMessage *request)
{
  struct sockaddr_in in = { .sin_family = AF_INET };
  guint8 out[HJ_STUN_MAX_MESSAGE];
  HjStunMessage message;
  gsize len;

  len = hj_stun_write_binding_error (out, sizeof out, request, 420, "Unknown Attribute", NULL);
  g_assert_true (hj_stun_parse (out, len, &message, NULL));
  len = hj_stun_write_binding_success (
      out, sizeof out, request, (const struct sockaddr *)&in, "password");
  g_assert_true (hj_stun_parse (out, len, &message, NULL));
  g_assert_true (hj_stun_check_integrity (out, len, &message, "password"));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize len)
{
  HjStunMessage message;
  const char *local;
  gsize local_len;

  if (!hj_stun_parse (data, len, &message, NULL))
    return 0;
  g_assert_true (hj_stun_is_message (data, len));
  if (hj_stun_check_integrity (data, len, &message, "VOkJxbRl1RmTxUk/WvJxBt"))
    g_assert_true (message.has_integrity);
  hj_stun_username_is (&message, "evtj", "h6vY");
  if (hj_stun_username_local (&message, &local, &local_len))
    g_assert_cmpuint (local_len, <, message.username_len);
  answer (&message);
  return 0;
}
