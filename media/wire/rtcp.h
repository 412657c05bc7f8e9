/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  HJ_RTCP_SR = 200,
  HJ_RTCP_RR = 201,
  HJ_RTCP_SDES = 202,
  HJ_RTCP_BYE = 203,
  HJ_RTCP_APP = 204,
  HJ_RTCP_RTPFB = 205, /* RFC 4585 */
  HJ_RTCP_PSFB = 206,  /* RFC 4585 */
  HJ_RTCP_XR = 207,
} HjRtcpType;

enum
{
  HJ_RTPFB_NACK = 1,
  HJ_RTPFB_TWCC = 15,
  HJ_PSFB_PLI = 1,
  HJ_PSFB_FIR = 4,
  HJ_PSFB_AFB = 15, /* application layer; REMB when it says so */
};

typedef struct
{
  guint8 *data;
  gsize len;
} HjRtcpIter;

/* One packet of a compound; points into it, so that SSRCs can be rewritten in place. */
typedef struct
{
  guint8 type;
  guint8 fmt;          /* FMT of feedback, count of reports/sources/chunks otherwise */
  guint32 sender_ssrc; /* first SSRC, 0 when the packet has none */
  guint32 media_ssrc;  /* of feedback packets, else 0 */
  guint8 *packet;      /* from its header on */
  gsize packet_len;    /* without padding */
  guint8 *body;        /* after the SSRCs: report blocks, SR's sender info, FCI */
  gsize body_len;
} HjRtcpPacket;

typedef struct
{
  guint32 ssrc;
  guint8 fraction_lost; /* of 256 */
  gint32 lost;          /* cumulative, 24 bits signed */
  guint32 highest_seq;  /* extended */
  guint32 jitter;       /* in the source's clock */
  guint32 lsr;
  guint32 dlsr; /* 1/65536 s */
} HjRtcpReport;

typedef struct
{
  guint64 ntp;
  guint32 rtp_timestamp;
  guint32 n_packets;
  guint32 n_bytes;
} HjRtcpSenderInfo;

typedef struct
{
  guint32 ssrc;
  guint8 seq;
} HjRtcpFir;

/* Reading */
void hj_rtcp_iter_init (HjRtcpIter *iter, guint8 *data, gsize len);
gboolean hj_rtcp_next (HjRtcpIter *iter, HjRtcpPacket *out);
gboolean hj_rtcp_is_valid (const guint8 *data, gsize len);
gsize hj_rtcp_read_reports (const HjRtcpPacket *packet, HjRtcpReport *out, gsize max);
guint8 *hj_rtcp_report_at (const HjRtcpPacket *packet, gsize index);
gboolean hj_rtcp_read_sender_info (const HjRtcpPacket *packet, HjRtcpSenderInfo *out);
gsize hj_rtcp_read_nack (const HjRtcpPacket *packet, guint16 *seqs, gsize max);
gsize hj_rtcp_read_fir (const HjRtcpPacket *packet, HjRtcpFir *out, gsize max);
gboolean hj_rtcp_read_remb (
    const HjRtcpPacket *packet, guint64 *bitrate_bps, guint32 *ssrcs, gsize max, gsize *n_ssrcs);
void hj_rtcp_set_sender_ssrc (const HjRtcpPacket *packet, guint32 ssrc);
void hj_rtcp_set_media_ssrc (const HjRtcpPacket *packet, guint32 ssrc);

/* Writing: each returns the bytes written, 0 when `size` is too small. Put them one after another
 * to make a compound; the first must be SR or RR (unless reduced size was negotiated). */
gsize hj_rtcp_write_sr (guint8 *out, gsize size, guint32 sender_ssrc, const HjRtcpSenderInfo *info,
    const HjRtcpReport *reports, gsize n_reports);
gsize hj_rtcp_write_rr (
    guint8 *out, gsize size, guint32 sender_ssrc, const HjRtcpReport *reports, gsize n_reports);
gsize hj_rtcp_write_sdes (guint8 *out, gsize size, guint32 ssrc, const char *cname);
gsize hj_rtcp_write_bye (guint8 *out, gsize size, guint32 ssrc);
gsize hj_rtcp_write_pli (guint8 *out, gsize size, guint32 sender_ssrc, guint32 media_ssrc);
gsize hj_rtcp_write_fir (
    guint8 *out, gsize size, guint32 sender_ssrc, const HjRtcpFir *targets, gsize n_targets);
gsize hj_rtcp_write_nack (guint8 *out, gsize size, guint32 sender_ssrc, guint32 media_ssrc,
    const guint16 *seqs, gsize n_seqs);
gsize hj_rtcp_write_remb (guint8 *out, gsize size, guint32 sender_ssrc, guint64 bitrate_bps,
    const guint32 *ssrcs, gsize n_ssrcs);

G_END_DECLS
