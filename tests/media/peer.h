/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "media/wire/address.h"
#include "media/wire/dtls.h"
#include "media/wire/rtcp.h"
#include "media/wire/rtp.h"
#include "media/wire/sdp.h"

G_BEGIN_DECLS

#define PEER_MAX_SECTIONS 8

/* How a browser would offer; what a test changes of it. */
typedef struct
{
  guint n_sections;   /* 2: one pair, 8: with three receiving pairs */
  gboolean no_camera; /* the first video section only receives */
  guint8 opus;        /* payload types */
  guint8 vp8;
  guint8 rtx; /* 0: not offered */
  guint8 red; /* 0: not offered */
  const char *mid_prefix;
  const char *fingerprint; /* NULL: the right one */
  gboolean cm;
} PeerStyle;

/* One datagram in the clear that the relay sent. */
typedef struct
{
  gboolean rtcp;
  HjRtpView view; /* of RTP */
  guint8 data[1600];
  gsize length;
} PeerPacket;

/* What a browser does, with the relay's own protocol pieces in the other role. */
typedef struct
{
  PeerStyle style;
  HjAddress address;
  void (*send) (gpointer data, const HjAddress *from, const guint8 *bytes, gsize length);
  gpointer send_data;
  HjDtlsIdentity *identity;
  guint64 session;
  char ufrag[16];
  char pwd[32];
  guint32 ssrcs[HJ_N_KINDS];
  char *remote_ufrag;
  char *remote_pwd;
  char *remote_fingerprint;
  guint32 slot_ssrcs[HJ_SLOTS][HJ_N_KINDS];
  guint32 slot_rtx_ssrcs[HJ_SLOTS];
  HjDtls *dtls;
  HjSrtp *in;
  HjSrtp *out;
  guint n_stun_success;
  guint n_stun_error;
  int stun_error;
  GPtrArray *packets; /* PeerPacket * */
} Peer;

extern const PeerStyle PEER_BROWSER;

void peer_init (Peer *self, const PeerStyle *style, const char *address, guint16 port);
void peer_clear (Peer *self);
void peer_restart_ice (Peer *self);
char *peer_make_offer (const Peer *self);
void peer_take_answer (Peer *self, const char *answer);
void peer_check (Peer *self, gboolean use_candidate);
void peer_check_with (Peer *self, const char *username, const char *password, gboolean controlling);
void peer_take (Peer *self, const guint8 *data, gsize length);
gboolean peer_is_connected (const Peer *self);
void peer_close (Peer *self);

void peer_send_audio (Peer *self, guint16 seq, guint32 timestamp);
void peer_send_video (Peer *self, guint16 seq, guint32 timestamp, gboolean keyframe);
gboolean peer_try_rtp (Peer *self, const guint8 *packet, gsize length);
void peer_send_rtp (Peer *self, const guint8 *packet, gsize length);
void peer_send_rtcp (Peer *self, const guint8 *packet, gsize length);
gsize peer_write_rtp (const Peer *self, HjMediaKind kind, guint16 seq, guint32 timestamp,
    const guint8 *payload, gsize payload_length, guint8 *out);
guint peer_count (const Peer *self, guint32 ssrc);
const PeerPacket *peer_find (const Peer *self, guint32 ssrc, guint index);
gboolean peer_find_rtcp (const Peer *self, guint8 type, int fmt, HjRtcpPacket *out);
void peer_forget (Peer *self);

G_END_DECLS
