/* SPDX-License-Identifier: Apache-2.0 */
/* Reads compound RTCP packets (RFC 3550 6, RFC 4585, RFC 5104, REMB of draft-alvestrand-rmcat-remb)
 * after SRTCP took its wrapping off. Pure functions on what a peer sent; authenticated does not
 * mean well-formed, so each length is checked. */
#include "media/wire/rtcp.h"

#include <string.h>

#include "media/wire/rtp.h"

#define HEADER 4
#define REPORT_LEN 24
#define SENDER_INFO_LEN 20

void
hj_rtcp_iter_init (HjRtcpIter *iter, guint8 *data, gsize len)
{
  iter->data = data;
  iter->len = len;
}

/* How many SSRCs open a packet of this type: the sender's, and the media source's. */
static gsize
count_ssrcs (guint8 type)
{
  switch (type)
    {
    case HJ_RTCP_SR:
    case HJ_RTCP_RR:
    case HJ_RTCP_APP:
    case HJ_RTCP_XR:
      return 1;
    case HJ_RTCP_RTPFB:
    case HJ_RTCP_PSFB:
      return 2;
    default:
      return 0; /* SDES and BYE: as many as fmt says, they are left in the body */
    }
}

/**
 * hj_rtcp_next:
 * @out: (out caller-allocates): points into the data of @iter
 *
 * Steps to the next packet of the compound. Ends at the first that does not fit; what came before
 * stays good.
 *
 * Returns: FALSE at the end
 */
gboolean
hj_rtcp_next (HjRtcpIter *iter, HjRtcpPacket *out)
{
  gsize len, n_ssrcs;

  memset (out, 0, sizeof *out);
  if (!hj_rtp_is_rtcp (iter->data, iter->len))
    return FALSE;
  len = ((gsize)hj_be16 (iter->data + 2) + 1) * 4;
  if (len > iter->len)
    return FALSE;
  out->packet = iter->data;
  out->packet_len = len;
  out->type = iter->data[1];
  out->fmt = iter->data[0] & 0x1f;
  if (iter->data[0] & 0x20)
    {
      guint8 padding = iter->data[len - 1];

      /* RFC 3550 wants multiples of four; libwebrtc's transport-cc feedback has 1 to 3. */
      if (padding == 0 || padding > len - HEADER)
        return FALSE;
      out->packet_len -= padding;
    }
  n_ssrcs = count_ssrcs (out->type);
  if (out->packet_len < HEADER + 4 * n_ssrcs)
    return FALSE;
  if (n_ssrcs > 0)
    out->sender_ssrc = hj_be32 (out->packet + 4);
  if (n_ssrcs > 1)
    out->media_ssrc = hj_be32 (out->packet + 8);
  out->body = out->packet + HEADER + 4 * n_ssrcs;
  out->body_len = out->packet_len - HEADER - 4 * n_ssrcs;
  iter->data += len;
  iter->len -= len;
  return TRUE;
}

/**
 * hj_rtcp_is_valid:
 *
 * Returns: TRUE when @data is one or more whole packets and nothing else
 */
gboolean
hj_rtcp_is_valid (const guint8 *data, gsize len)
{
  HjRtcpPacket packet;
  HjRtcpIter iter;

  if (len == 0)
    return FALSE;
  hj_rtcp_iter_init (&iter, (guint8 *)data, len); /* nothing is written */
  while (hj_rtcp_next (&iter, &packet))
    ;
  return iter.len == 0;
}

/**
 * hj_rtcp_report_at:
 *
 * Returns: (transfer none) (nullable): report block @index of an SR or RR, which begins with the
 *   SSRC it speaks of; NULL past the last
 */
guint8 *
hj_rtcp_report_at (const HjRtcpPacket *packet, gsize index)
{
  gsize skip = packet->type == HJ_RTCP_SR ? SENDER_INFO_LEN : 0;

  if (packet->type != HJ_RTCP_SR && packet->type != HJ_RTCP_RR)
    return NULL;
  if (index >= packet->fmt || packet->body_len < skip + (index + 1) * REPORT_LEN)
    return NULL;
  return packet->body + skip + index * REPORT_LEN;
}

static void
read_report (const guint8 *block, HjRtcpReport *out)
{
  gint32 lost = (gint32)hj_be24 (block + 5);

  out->ssrc = hj_be32 (block);
  out->fraction_lost = block[4];
  out->lost = lost & 0x800000 ? lost - 0x1000000 : lost;
  out->highest_seq = hj_be32 (block + 8);
  out->jitter = hj_be32 (block + 12);
  out->lsr = hj_be32 (block + 16);
  out->dlsr = hj_be32 (block + 20);
}

/**
 * hj_rtcp_read_reports:
 *
 * Returns: how many report blocks of an SR or RR are in @out, at most @max
 */
gsize
hj_rtcp_read_reports (const HjRtcpPacket *packet, HjRtcpReport *out, gsize max)
{
  const guint8 *block;
  gsize n = 0;

  while (n < max && (block = hj_rtcp_report_at (packet, n)))
    read_report (block, &out[n++]);
  return n;
}

/**
 * hj_rtcp_read_sender_info:
 *
 * Returns: FALSE when @packet is not a whole SR
 */
gboolean
hj_rtcp_read_sender_info (const HjRtcpPacket *packet, HjRtcpSenderInfo *out)
{
  const guint8 *body = packet->body;

  if (packet->type != HJ_RTCP_SR || packet->body_len < SENDER_INFO_LEN)
    return FALSE;
  out->ntp = ((guint64)hj_be32 (body) << 32) | hj_be32 (body + 4);
  out->rtp_timestamp = hj_be32 (body + 8);
  out->n_packets = hj_be32 (body + 12);
  out->n_bytes = hj_be32 (body + 16);
  return TRUE;
}

static gboolean
is_feedback (const HjRtcpPacket *packet, guint8 type, guint8 fmt)
{
  return packet->type == type && packet->fmt == fmt;
}

/**
 * hj_rtcp_read_nack:
 * @seqs: (out caller-allocates): the sequence numbers asked for, in the order they are named
 *
 * Returns: how many there are in @seqs, at most @max; 0 when @packet is not a generic NACK
 */
gsize
hj_rtcp_read_nack (const HjRtcpPacket *packet, guint16 *seqs, gsize max)
{
  gsize n = 0;

  if (!is_feedback (packet, HJ_RTCP_RTPFB, HJ_RTPFB_NACK))
    return 0;
  for (gsize at = 0; at + 4 <= packet->body_len; at += 4)
    {
      guint16 pid = hj_be16 (packet->body + at);
      guint32 mask = ((guint32)hj_be16 (packet->body + at + 2) << 1) | 1;

      for (guint16 i = 0; i <= 16; i++)
        {
          if (!((mask >> i) & 1))
            continue;
          if (n == max)
            return n;
          seqs[n++] = (guint16)(pid + i);
        }
    }
  return n;
}

/**
 * hj_rtcp_read_fir:
 *
 * Returns: how many targets of a full intra request (RFC 5104 4.3.1) are in @out
 */
gsize
hj_rtcp_read_fir (const HjRtcpPacket *packet, HjRtcpFir *out, gsize max)
{
  gsize n = 0;

  if (!is_feedback (packet, HJ_RTCP_PSFB, HJ_PSFB_FIR))
    return 0;
  for (gsize at = 0; at + 8 <= packet->body_len && n < max; at += 8)
    out[n++] = (HjRtcpFir){ hj_be32 (packet->body + at), packet->body[at + 4] };
  return n;
}

/**
 * hj_rtcp_read_remb:
 * @bitrate_bps: (out): what the receiver believes to fit
 * @ssrcs: (out caller-allocates): the sources it speaks of, at most @max
 *
 * Returns: FALSE when @packet is not a whole REMB
 */
gboolean
hj_rtcp_read_remb (
    const HjRtcpPacket *packet, guint64 *bitrate_bps, guint32 *ssrcs, gsize max, gsize *n_ssrcs)
{
  const guint8 *body = packet->body;
  guint64 mantissa;
  guint exponent;
  gsize n;

  if (!is_feedback (packet, HJ_RTCP_PSFB, HJ_PSFB_AFB) || packet->body_len < 8
      || memcmp (body, "REMB", 4) != 0)
    return FALSE;
  n = body[4];
  if (packet->body_len < 8 + 4 * n)
    return FALSE;
  exponent = body[5] >> 2;
  mantissa = hj_be24 (body + 5) & 0x3ffff;
  if (exponent > 45 && mantissa >> (63 - exponent) != 0)
    *bitrate_bps = G_MAXINT64; /* no link has it; do not overflow */
  else
    *bitrate_bps = mantissa << exponent;
  *n_ssrcs = MIN (n, max);
  for (gsize i = 0; i < *n_ssrcs; i++)
    ssrcs[i] = hj_be32 (body + 8 + 4 * i);
  return TRUE;
}

/* Of SR, RR, feedback, APP and XR. */
void
hj_rtcp_set_sender_ssrc (const HjRtcpPacket *packet, guint32 ssrc)
{
  if (count_ssrcs (packet->type) > 0)
    hj_put_be32 (packet->packet + 4, ssrc);
}

/* Of feedback. */
void
hj_rtcp_set_media_ssrc (const HjRtcpPacket *packet, guint32 ssrc)
{
  if (count_ssrcs (packet->type) > 1)
    hj_put_be32 (packet->packet + 8, ssrc);
}
