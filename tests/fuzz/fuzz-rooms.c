/* SPDX-License-Identifier: Apache-2.0 */
/* A peer that is who it says it is and then sends rubbish: media and reports that open, and raw datagrams from its address.
 * The other peer, which checks all that it is sent, must never be sent rubbish. First byte: 0 RTP, 1 RTCP, 2 raw. */

#include <string.h>

#include "tests/media/room-fixture.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize len);

static void
send_rtp (Fixture *f, const guint8 *data, gsize len)
{
  static guint16 seq = 0;
  guint8 packet[1400];

  if (len < HJ_RTP_MIN_HEADER || len > sizeof packet)
    return;
  memcpy (packet, data, len);
  packet[0] = (guint8)((packet[0] & 0x3f) | 0x80);
  if (hj_rtp_is_rtcp (packet, len))
    return;
  hj_put_be32 (packet + 8, f->peers[0].ssrcs[HJ_VIDEO] + (packet[11] & 3));
  hj_put_be16 (packet + 2, seq++);
  peer_try_rtp (&f->peers[0], packet, len);
}

static void
send_rtcp (Fixture *f, const guint8 *data, gsize len, gboolean whole)
{
  guint32 ssrcs[] = { slot_ssrc (f, 0, 1, HJ_VIDEO), f->peers[0].ssrcs[HJ_VIDEO] };
  guint8 packet[1400];

  if (len < 8 || len > sizeof packet)
    return;
  len &= ~(gsize)3;
  memcpy (packet, data, len);
  if (whole)
    hj_put_be16 (packet + 2, (guint16)(len / 4 - 1));
  packet[0] = (guint8)((packet[0] & 0x3f) | 0x80);
  packet[1] = (guint8)(192 + packet[1] % 32);
  hj_put_be32 (packet + 4, ssrcs[1]); /* or the contexts would fill with sources */
  /* Where a media source is in the first or mostly in the second packet: make it one that exists. */
  if (whole && len >= 12)
    hj_put_be32 (packet + 8, ssrcs[packet[8] & 1]);
  else if (len >= 20)
    hj_put_be32 (packet + 16, ssrcs[packet[16] & 1]);
  peer_send_rtcp (&f->peers[0], packet, len);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize len)
{
  static Fixture fixture;
  static guint runs = 0;
  Fixture *f = &fixture;

  if (runs++ % 2000 == 0)
    {
      if (f->rooms != NULL)
        tear_down (f, NULL);
      memset (f, 0, sizeof *f);
      set_up (f, NULL);
      two_admitted (f);
    }
  if (len < 1)
    return 0;
  if (data[0] % 3 == 0)
    send_rtp (f, data + 1, len - 1);
  else if (data[0] % 3 == 1)
    send_rtcp (f, data + 1, len - 1, (data[0] & 0x40) != 0);
  else if (len - 1 <= HJ_DATAGRAM_MAX)
    to_relay (f, &f->peers[0].address, data + 1, len - 1);
  if (runs % 50 == 0)
    peer_check (&f->peers[1], TRUE);
  advance (f, 20000);
  peer_forget (&f->peers[0]);
  peer_forget (&f->peers[1]);
  return 0;
}
