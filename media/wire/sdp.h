/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "media/wire/address.h"

G_BEGIN_DECLS

#define HJ_SDP_MAX_SECTIONS 16
#define HJ_SDP_MAX_SSRCS 4
#define HJ_SDP_MAX_MID 16 /* what a one-byte header extension carries */
#define HJ_SLOTS 4        /* seats that one leg hears and sees */
#define HJ_SEATS (HJ_SLOTS + 1)
#define HJ_ICE_UFRAG 8 /* characters of ours */
#define HJ_ICE_PWD 26

typedef enum
{
  HJ_AUDIO,
  HJ_VIDEO,
  HJ_N_KINDS,
} HjMediaKind;

/* One m-line of an offer, as far as the relay takes part in it. */
typedef struct
{
  HjMediaKind kind;
  gboolean usable; /* FALSE: answered with port 0 */
  int slot;        /* 0 … HJ_SLOTS - 1, -1 when not usable */
  char media[32];  /* the first word of the m-line and */
  char protocol[32];
  char mid[HJ_SDP_MAX_MID + 1];
  gboolean peer_sends;
  gboolean peer_receives;
  guint8 payload_type; /* of Opus or VP8 */
  int rtx_type;        /* payload type of its retransmissions (RFC 4588), -1: not offered */
  int red_type;        /* of Opus: with the frame before it once more (RFC 2198), -1: not offered */
  guint8 mid_id;       /* header extension ids, 0: not offered */
  guint8 twcc_id;
  guint8 send_time_id;
  gboolean rtcp_rsize;
  guint feedback; /* HJ_SDP_FEEDBACK_… */
  guint32 ssrcs[HJ_SDP_MAX_SSRCS];
  guint n_ssrcs;
  guint32 rtx_ssrc; /* of ssrcs[0], 0: none */
} HjSdpSection;

enum
{
  HJ_SDP_FEEDBACK_NACK = 1 << 0,
  HJ_SDP_FEEDBACK_PLI = 1 << 1,
  HJ_SDP_FEEDBACK_FIR = 1 << 2,
  HJ_SDP_FEEDBACK_TWCC = 1 << 3,
  HJ_SDP_FEEDBACK_REMB = 1 << 4,
};

/* A checked offer. Plain data. */
typedef struct
{
  char session[32]; /* sess-id of the o-line: the same in each offer of one peer connection */
  char ufrag[257];
  char pwd[257];
  char fingerprint[96]; /* 32 bytes in upper-case hexadecimal with colons: a=fingerprint:sha-256 */
  HjSdpSection sections[HJ_SDP_MAX_SECTIONS];
  guint n_sections;
} HjSdpOffer;

/* What the relay says of itself in an answer. */
typedef struct
{
  guint64 session;
  guint version;
  char ufrag[HJ_ICE_UFRAG + 1];
  char pwd[HJ_ICE_PWD + 1];
  guint32 ssrcs[HJ_SLOTS][HJ_N_KINDS];
  guint32 rtx_ssrcs[HJ_SLOTS]; /* of the video tracks' retransmissions */
  char cname[17];
  gboolean red_first; /* the peer shall send RED; else it takes it, but what it sends is dropped */
} HjSdpLocal;

gboolean
hj_sdp_parse_offer (const char *text, HjSdpOffer *offer, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void hj_sdp_local_init (HjSdpLocal *self);
void hj_sdp_local_renew_ice (HjSdpLocal *self);
char *hj_sdp_write_answer (const HjSdpOffer *offer, const HjSdpLocal *local,
    const char *fingerprint, const HjAddress *candidates, guint n_candidates);

G_END_DECLS
