/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/base/types.h"

G_BEGIN_DECLS

/* What a meeting needs of whoever sits in it or follows it: a way to be told. signaling/client.c implements it. */
typedef struct _HjPeer HjPeer;

typedef struct
{
  void (*tell) (
      HjPeer *self, json_t *message); /* message: (transfer full): an object with a verb */
  void (*unseat) (
      HjPeer *self, const char *seat); /* the seat is not its own any more; the peer stays */
  void (*send_away) (HjPeer *self, const char *reason); /* another one took over: close */
} HjPeerInterface;

struct _HjPeer
{
  const HjPeerInterface *interface;
};

G_END_DECLS
