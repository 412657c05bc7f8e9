/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <jansson.h>

#include "src/meeting/peer.h"

G_BEGIN_DECLS

/* Somebody at the other end of a socket who notes what they are told. */
typedef struct
{
  HjPeer peer; /* first */
  json_t *told;
  char *seat; /* (nullable): what the test put there; let go when the meeting says so */
  char *sent_away;
} HjFakePeer;

HjFakePeer *hj_fake_peer_new (void);
void hj_fake_peer_free (HjFakePeer *self);
guint hj_fake_peer_count (const HjFakePeer *self, const char *verb, const char *kind);
const json_t *hj_fake_peer_last (const HjFakePeer *self, const char *verb);
const json_t *hj_fake_peer_last_seat (const HjFakePeer *self, const char *seat);
const char *hj_fake_peer_seat_state (const HjFakePeer *self, const char *seat);
void hj_fake_peer_forget (HjFakePeer *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HjFakePeer, hj_fake_peer_free)

G_END_DECLS
