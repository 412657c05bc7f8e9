/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define HJ_RTP_MIN_HEADER 12

/* Where things are in one packet (RFC 3550 5.1). All offsets count from the packet's start. */
typedef struct
{
  gboolean marker;
  gboolean padding;
  guint8 payload_type;
  guint8 n_csrcs;
  guint16 seq;
  guint32 timestamp;
  guint32 ssrc;
  gboolean has_extension;
  guint16 extension_profile; /* 0xBEDE one-byte, 0x100x two-byte elements (RFC 8285) */
  gsize extension_offset;    /* of the elements, after the 4-byte extension header */
  gsize extension_len;
  gsize header_len;  /* = offset of the payload */
  gsize payload_len; /* without padding; with it where only the header was parsed */
  guint8 padding_len;
} HjRtpView;

gboolean hj_rtp_is_rtcp (const guint8 *data, gsize len);
gboolean hj_rtp_parse (const guint8 *data, gsize len, HjRtpView *out);
gboolean hj_rtp_parse_header (const guint8 *data, gsize len, HjRtpView *out);

const guint8 *
hj_rtp_find_extension (const guint8 *data, const HjRtpView *view, guint8 id, gsize *len);
gboolean hj_rtp_write_extension (
    guint8 *data, const HjRtpView *view, guint8 id, const guint8 *value, gsize len);
gboolean hj_rtp_blank_extension (guint8 *data, const HjRtpView *view, guint8 id);

void hj_rtp_set_payload_type (guint8 *data, guint8 payload_type);
void hj_rtp_set_marker (guint8 *data, gboolean marker);
void hj_rtp_set_seq (guint8 *data, guint16 seq);
void hj_rtp_set_timestamp (guint8 *data, guint32 timestamp);
void hj_rtp_set_ssrc (guint8 *data, guint32 ssrc);

/* Unaligned big-endian access, for everybody who reads or writes packets. */
static inline guint16
hj_be16 (const guint8 *p)
{
  return (guint16)((p[0] << 8) | p[1]);
}

static inline guint32
hj_be24 (const guint8 *p)
{
  return ((guint32)p[0] << 16) | ((guint32)p[1] << 8) | p[2];
}

static inline guint32
hj_be32 (const guint8 *p)
{
  return ((guint32)p[0] << 24) | ((guint32)p[1] << 16) | ((guint32)p[2] << 8) | p[3];
}

static inline void
hj_put_be16 (guint8 *p, guint16 value)
{
  p[0] = (guint8)(value >> 8);
  p[1] = (guint8)value;
}

static inline void
hj_put_be24 (guint8 *p, guint32 value)
{
  p[0] = (guint8)(value >> 16);
  p[1] = (guint8)(value >> 8);
  p[2] = (guint8)value;
}

static inline void
hj_put_be32 (guint8 *p, guint32 value)
{
  p[0] = (guint8)(value >> 24);
  p[1] = (guint8)(value >> 16);
  p[2] = (guint8)(value >> 8);
  p[3] = (guint8)value;
}

/* The 64-bit number nearest to `last` whose low 16 bits are `seq`; `last` < 0: none yet. */
static inline gint64
hj_seq_unwrap (gint64 last, guint16 seq)
{
  return last < 0 ? seq : last + (gint16)(guint16)(seq - (guint16)last);
}

G_END_DECLS
