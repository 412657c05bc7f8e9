/* SPDX-License-Identifier: Apache-2.0 */
/* What the relay reads of packets, both as they come from the wire and as a peer made them. */
#include "media/wire/rtcp.h"
#include "media/wire/rtp.h"
#include "media/wire/srtp.h"
#include "media/wire/twcc.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize len);

static void
read_rtcp (guint8 *data, gsize len)
{
  HjRtcpPacket packet;
  HjRtcpIter iter;

  hj_rtcp_iter_init (&iter, data, len);
  while (hj_rtcp_next (&iter, &packet))
    {
      HjRtcpReport reports[31];
      HjTwccStatus statuses[256];
      HjRtcpSenderInfo info;
      HjRtcpFir firs[8];
      guint16 seqs[64];
      guint32 ssrcs[4];
      guint64 bitrate;
      guint8 count;
      gsize n;

      g_assert_true (packet.body + packet.body_len == packet.packet + packet.packet_len);
      hj_rtcp_read_reports (&packet, reports, G_N_ELEMENTS (reports));
      hj_rtcp_read_sender_info (&packet, &info);
      hj_rtcp_read_nack (&packet, seqs, G_N_ELEMENTS (seqs));
      hj_rtcp_read_fir (&packet, firs, G_N_ELEMENTS (firs));
      hj_rtcp_read_remb (&packet, &bitrate, ssrcs, G_N_ELEMENTS (ssrcs), &n);
      if (hj_twcc_read (&packet, &count, statuses, G_N_ELEMENTS (statuses), &n))
        g_assert_cmpuint (n, <=, G_N_ELEMENTS (statuses));
      hj_rtcp_set_sender_ssrc (&packet, 1);
      hj_rtcp_set_media_ssrc (&packet, 2);
    }
  hj_rtcp_is_valid (data, len);
}

static void
read_rtp (guint8 *data, gsize len)
{
  HjRtpView view;
  gsize n;

  if (!hj_rtp_parse (data, len, &view))
    return;
  g_assert_cmpuint (view.header_len + view.payload_len + view.padding_len, ==, len);
  for (guint id = 0; id < 256; id++)
    {
      const guint8 *value = hj_rtp_find_extension (data, &view, (guint8)id, &n);

      if (value)
        g_assert_true (value + n <= data + view.header_len);
    }
  hj_rtp_write_extension (data, &view, 3, (const guint8 *)"\1\2", 2);
  hj_rtp_blank_extension (data, &view, 1);
}

static void
unprotect (HjSrtpProfile profile, const guint8 *data, gsize len)
{
  HjSrtpKeys keys = { "fuzz", "fuzz" };
  g_autoptr (HjSrtp) srtp = hj_srtp_new (profile, &keys, NULL);
  g_autofree guint8 *copy = g_malloc (MAX (len, 1));
  gsize n;

  if (len > 0)
    memcpy (copy, data, len);
  hj_srtp_unprotect (srtp, copy, len, &n);
  hj_srtp_unprotect_rtcp (srtp, copy, len, &n);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize len)
{
  g_autofree guint8 *copy = NULL;

  unprotect (HJ_SRTP_AEAD_AES_128_GCM, data, len);
  unprotect (HJ_SRTP_AES128_CM_SHA1_80, data, len);
  copy = g_malloc (MAX (len, 1));
  if (len > 0)
    memcpy (copy, data, len);
  if (hj_rtp_is_rtcp (copy, len))
    read_rtcp (copy, len);
  else
    read_rtp (copy, len);
  return 0;
}
