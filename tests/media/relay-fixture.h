/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "tests/media/link-server.h"
#include "tests/media/media-program.h"
#include "tests/media/peer.h"

G_BEGIN_DECLS

typedef struct
{
  Peer peer;
  int fd;
  GSource *source;
  const char *host; /* loopback, IPv4 or IPv6 */
  HjAddress relay;
} NetPeer;

typedef struct
{
  MediaProgram media;
  LinkServer *server;
  char *room;
  char *seats[2];
  NetPeer peers[2];
} RelayFixture;

void relay_set_up (RelayFixture *f, const char *program, const char *config);
void relay_tear_down (RelayFixture *f);
void relay_invite (RelayFixture *f);
void relay_dismiss (RelayFixture *f);
void relay_renew (RelayFixture *f, guint number);
HjLinkMessage *relay_request_new (RelayFixture *f, HjLinkVerb verb);
void relay_rehouse (RelayFixture *f, guint number, const char *host);
void relay_join (RelayFixture *f, guint number);
void relay_meet (RelayFixture *f);
void relay_assert_media_flows (RelayFixture *f, guint16 seq);

G_END_DECLS
