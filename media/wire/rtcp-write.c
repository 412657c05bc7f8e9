/* SPDX-License-Identifier: Apache-2.0 */
/* Writes RTCP packets (RFC 3550 6, RFC 4585, RFC 5104, REMB), one after another for a compound. Pure
 * functions, no allocation. */
#include "media/wire/rtcp.h"

#include <string.h>

#include "media/wire/rtp.h"

#define MAX_COUNT 31
#define REPORT_LEN 24
#define MAX_REMB_MANTISSA 0x3ffffu

/* Writes header and SSRC; returns where the rest goes, NULL when `len` does not fit. */
static guint8 *
begin (guint8 *out, gsize size, gsize len, guint8 type, guint8 fmt, guint32 ssrc)
{
  if (size < len)
    return NULL;
  out[0] = (guint8)(0x80 | fmt);
  out[1] = type;
  hj_put_be16 (out + 2, (guint16)(len / 4 - 1));
  hj_put_be32 (out + 4, ssrc);
  return out + 8;
}

static void
write_reports (guint8 *at, const HjRtcpReport *reports, gsize n_reports)
{
  for (gsize i = 0; i < n_reports; i++, at += REPORT_LEN)
    {
      const HjRtcpReport *r = &reports[i];

      hj_put_be32 (at, r->ssrc);
      at[4] = r->fraction_lost;
      hj_put_be24 (at + 5, (guint32)CLAMP (r->lost, -0x800000, 0x7fffff) & 0xffffff);
      hj_put_be32 (at + 8, r->highest_seq);
      hj_put_be32 (at + 12, r->jitter);
      hj_put_be32 (at + 16, r->lsr);
      hj_put_be32 (at + 20, r->dlsr);
    }
}

/**
 * hj_rtcp_write_sr:
 *
 * Writes a sender report with at most 31 report blocks (RFC 3550 6.4.1).
 */
gsize
hj_rtcp_write_sr (guint8 *out, gsize size, guint32 sender_ssrc, const HjRtcpSenderInfo *info,
    const HjRtcpReport *reports, gsize n_reports)
{
  gsize n = MIN (n_reports, MAX_COUNT);
  gsize len = 28 + n * REPORT_LEN;
  guint8 *at = begin (out, size, len, HJ_RTCP_SR, (guint8)n, sender_ssrc);

  if (!at)
    return 0;
  hj_put_be32 (at, (guint32)(info->ntp >> 32));
  hj_put_be32 (at + 4, (guint32)info->ntp);
  hj_put_be32 (at + 8, info->rtp_timestamp);
  hj_put_be32 (at + 12, info->n_packets);
  hj_put_be32 (at + 16, info->n_bytes);
  write_reports (at + 20, reports, n);
  return len;
}

/**
 * hj_rtcp_write_rr:
 *
 * Writes a receiver report with at most 31 report blocks, or none (RFC 3550 6.4.2).
 */
gsize
hj_rtcp_write_rr (
    guint8 *out, gsize size, guint32 sender_ssrc, const HjRtcpReport *reports, gsize n_reports)
{
  gsize n = MIN (n_reports, MAX_COUNT);
  gsize len = 8 + n * REPORT_LEN;
  guint8 *at = begin (out, size, len, HJ_RTCP_RR, (guint8)n, sender_ssrc);

  if (!at)
    return 0;
  write_reports (at, reports, n);
  return len;
}

/**
 * hj_rtcp_write_sdes:
 * @cname: at most 255 bytes are sent; a random one, since it links streams (RFC 7022)
 *
 * Writes one chunk with a CNAME (RFC 3550 6.5).
 */
gsize
hj_rtcp_write_sdes (guint8 *out, gsize size, guint32 ssrc, const char *cname)
{
  gsize n = MIN (strlen (cname), 255);
  gsize len = (8 + 2 + n + 1 + 3) & ~(gsize)3; /* at least one zero ends the list */
  guint8 *at = begin (out, size, len, HJ_RTCP_SDES, 1, ssrc);

  if (!at)
    return 0;
  memset (at, 0, len - 8);
  at[0] = 1; /* CNAME */
  at[1] = (guint8)n;
  memcpy (at + 2, cname, n);
  return len;
}

/**
 * hj_rtcp_write_bye:
 */
gsize
hj_rtcp_write_bye (guint8 *out, gsize size, guint32 ssrc)
{
  return begin (out, size, 8, HJ_RTCP_BYE, 1, ssrc) ? 8 : 0;
}

/**
 * hj_rtcp_write_pli:
 *
 * Asks for a key frame (RFC 4585 6.3.1).
 */
gsize
hj_rtcp_write_pli (guint8 *out, gsize size, guint32 sender_ssrc, guint32 media_ssrc)
{
  guint8 *at = begin (out, size, 12, HJ_RTCP_PSFB, HJ_PSFB_PLI, sender_ssrc);

  if (!at)
    return 0;
  hj_put_be32 (at, media_ssrc);
  return 12;
}

/**
 * hj_rtcp_write_fir:
 *
 * Asks for key frames (RFC 5104 4.3.1); the `seq` of a target goes up by one per new request.
 */
gsize
hj_rtcp_write_fir (
    guint8 *out, gsize size, guint32 sender_ssrc, const HjRtcpFir *targets, gsize n_targets)
{
  gsize len = 12 + 8 * n_targets;
  guint8 *at = begin (out, size, len, HJ_RTCP_PSFB, HJ_PSFB_FIR, sender_ssrc);

  if (!at)
    return 0;
  memset (at, 0, len - 8); /* the media SSRC is 0, the targets name theirs */
  for (gsize i = 0; i < n_targets; i++)
    {
      hj_put_be32 (at + 4 + 8 * i, targets[i].ssrc);
      at[8 + 8 * i] = targets[i].seq;
    }
  return len;
}

/**
 * hj_rtcp_write_nack:
 * @seqs: what is missing, ascending (with wrap)
 *
 * Writes a generic NACK (RFC 4585 6.2.1), sixteen followers to each word.
 *
 * Returns: bytes written; 0 when there is nothing to ask for or not everything fits
 */
gsize
hj_rtcp_write_nack (guint8 *out, gsize size, guint32 sender_ssrc, guint32 media_ssrc,
    const guint16 *seqs, gsize n_seqs)
{
  gsize len = 12;
  gsize i = 0;

  if (n_seqs == 0)
    return 0;
  while (i < n_seqs)
    {
      guint16 pid = seqs[i++];
      guint16 mask = 0, ahead;

      if (len + 4 > size)
        return 0;
      for (; i < n_seqs && (ahead = (guint16)(seqs[i] - pid)) <= 16; i++)
        mask |= ahead > 0 ? (guint16)(1u << (ahead - 1)) : 0;
      hj_put_be16 (out + len, pid);
      hj_put_be16 (out + len + 2, mask);
      len += 4;
    }
  hj_put_be32 (begin (out, size, len, HJ_RTCP_RTPFB, HJ_RTPFB_NACK, sender_ssrc), media_ssrc);
  return len;
}

/**
 * hj_rtcp_write_remb:
 * @bitrate_bps: rounded down to 18 significant bits
 * @n_ssrcs: at most 255
 *
 * Tells a sender how much it may send (draft-alvestrand-rmcat-remb-03 2.2).
 */
gsize
hj_rtcp_write_remb (guint8 *out, gsize size, guint32 sender_ssrc, guint64 bitrate_bps,
    const guint32 *ssrcs, gsize n_ssrcs)
{
  gsize n = MIN (n_ssrcs, 255);
  gsize len = 20 + 4 * n;
  guint8 *at = begin (out, size, len, HJ_RTCP_PSFB, HJ_PSFB_AFB, sender_ssrc);
  guint8 exponent = 0;

  if (!at)
    return 0;
  for (; bitrate_bps > MAX_REMB_MANTISSA; bitrate_bps >>= 1)
    exponent++;
  hj_put_be32 (at, 0);
  memcpy (at + 4, "REMB", 4);
  at[8] = (guint8)n;
  hj_put_be24 (at + 9, ((guint32)exponent << 18) | (guint32)bitrate_bps);
  for (gsize i = 0; i < n; i++)
    hj_put_be32 (at + 12 + 4 * i, ssrcs[i]);
  return len;
}
