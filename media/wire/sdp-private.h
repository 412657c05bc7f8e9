/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "media/wire/sdp.h"

G_BEGIN_DECLS

/* What sdp-offer.c (lines and sections) and sdp-attribute.c (a-lines) share while one offer is read. */

#define HJ_SDP_MAX_FORMATS 64

typedef enum
{
  HJ_SDP_CODEC_UNKNOWN,
  HJ_SDP_CODEC_OPUS,
  HJ_SDP_CODEC_VP8,
  HJ_SDP_CODEC_RTX,
  HJ_SDP_CODEC_RED,
} HjSdpCodec;

/* What ICE and DTLS need; may stand in the session part, in each section, or in both. */
typedef struct
{
  char ufrag[257];
  char pwd[257];
  char fingerprint[96];
  char setup[12];
} HjSdpTransport;

typedef struct
{
  HjSdpOffer *offer;
  HjSdpSection *section; /* NULL in the session part */
  HjSdpTransport session;
  HjSdpTransport sections[HJ_SDP_MAX_SECTIONS];
  char bundle[HJ_SDP_MAX_SECTIONS][HJ_SDP_MAX_MID + 1];
  guint n_bundle;
  /* of the section being read */
  gboolean rejected;
  gboolean rtcp_mux;
  gboolean secure;
  guint8 formats[HJ_SDP_MAX_FORMATS];
  guint n_formats;
  HjSdpCodec codecs[128];
  int apt[128]; /* of RTX and RED: the type that they carry, -1: none */
  guint feedback[128];
  guint feedback_all;
  const char *problem; /* set by whoever finds one */
} HjSdpParser;

gboolean hj_sdp_refuse (HjSdpParser *parser, const char *problem);
gboolean hj_sdp_read_number (const char **text, guint64 max, guint64 *ret);
gboolean hj_sdp_read_payload_type (const char **text, guint8 *ret);
gboolean hj_sdp_read_word (const char **text, char *word, gsize size);
gboolean hj_sdp_read_attribute (HjSdpParser *parser, const char *text);

G_END_DECLS
