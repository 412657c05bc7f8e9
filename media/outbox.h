/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "media/wire/address.h"

G_BEGIN_DECLS

#define HJ_DATAGRAM_MAX 1500 /* bytes of UDP payload that the relay sends or takes at most */

/* Where rooms put the datagrams that they want sent: a list of pooled buffers in the relay, an array in tests. */
typedef struct _HjOutbox HjOutbox;

struct _HjOutbox
{
  guint8 *(*reserve) (HjOutbox *self); /* HJ_DATAGRAM_MAX bytes to write into; never NULL */
  void (*send) (HjOutbox *self, gsize length, const HjAddress *to); /* what was reserved last */
};

G_END_DECLS
