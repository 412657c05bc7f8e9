/* SPDX-License-Identifier: Apache-2.0 */
/* Lost video, repaired on each hop: what a sender's packets lack is asked for at the relay's own pace, what a receiver asks
 * for comes from the backlog of its source as RTX (RFC 4588). A packet is never sealed twice under one number, because
 * that would give GCM's key away; a peer that negotiated no RTX only gets what the source sends again. On the relay
 * thread. */

#include <string.h>

#include "media/packet.h"
#include "media/rooms-private.h"

#define MAX_NACKS 128
#define REPAIRS_PER_TICK                                                                           \
  64                 /* a receiver that asks for more than 4 MB/s again is not helped by it */
#define OSN_LENGTH 2 /* original sequence number, before the payload of an RTX packet */

gboolean
hj_leg_is_rtx (const HjLeg *self, const HjRtpView *view)
{
  const HjTrackIn *video = &self->tracks_in[HJ_VIDEO];

  return video->open && video->started && video->rtx_type == view->payload_type;
}

/* Makes the view that of the packet which was lost. FALSE when there is none in it. */
gboolean
hj_leg_unwrap_rtx (const HjLeg *self, const guint8 *data, HjRtpView *view)
{
  const HjTrackIn *video = &self->tracks_in[HJ_VIDEO];

  if (view->payload_len <= OSN_LENGTH)
    return FALSE;
  view->seq = hj_be16 (data + view->header_len);
  view->header_len += OSN_LENGTH;
  view->payload_len -= OSN_LENGTH;
  view->ssrc = video->ssrc;
  view->payload_type = video->payload_type;
  return TRUE;
}

/* Called for each packet of video, repaired or not. */
void
hj_leg_note_gaps (HjLeg *self, guint16 seq, gint64 now_us)
{
  if (!hj_gaps_receive (&self->tracks_in[HJ_VIDEO].gaps, seq, now_us)
      && hj_leg_seat (self)->admitted)
    hj_leg_want_key (self, now_us);
}

/* Keeps a packet of video that was forwarded. */
void
hj_leg_keep (HjLeg *self, const guint8 *payload, const HjRtpView *view, gint64 now_us)
{
  HjTrackIn *video = &self->tracks_in[HJ_VIDEO];
  HjKept packet = { view->seq, view->timestamp, view->marker, payload, view->payload_len };

  if (video->backlog == NULL)
    video->backlog = hj_backlog_new ();
  hj_backlog_add (video->backlog, &packet, now_us);
}

void
hj_leg_tick_repair (HjLeg *self, gint64 now_us)
{
  HjTrackIn *video = &self->tracks_in[HJ_VIDEO];
  guint16 seqs[HJ_GAPS_MAX];
  gsize n = 0;

  self->repairs = REPAIRS_PER_TICK;
  if (!video->started || (video->feedback & HJ_SDP_FEEDBACK_NACK) == 0)
    return;
  n = hj_gaps_take_due (&video->gaps, now_us, seqs, G_N_ELEMENTS (seqs));
  if (n > 0)
    hj_leg_send_nack (self, video->ssrc, seqs, n);
}

static void
send_again (HjLeg *self, HjTrackOut *out, const HjKept *kept, gint64 now_us)
{
  HjOutbox *outbox = self->rooms->outbox;
  guint8 packet[HJ_PACKET_HEADROOM + OSN_LENGTH + HJ_DATAGRAM_MAX];
  guint8 *payload = packet + HJ_PACKET_HEADROOM;
  HjRtpView view = { .marker = kept->marker, .timestamp = kept->timestamp };
  guint8 *start = NULL;
  gsize length = 0;
  gsize sealed = 0;

  if (kept->length > HJ_DATAGRAM_MAX - HJ_PACKET_HEADROOM - OSN_LENGTH - HJ_SRTP_MAX_TRAILER)
    return;
  start = hj_track_write_header (
      payload, out, (guint8)out->rtx_type, out->rtx_seq++, out->rtx_ssrc, &view, now_us);
  hj_put_be16 (payload, (guint16)(kept->seq + out->seq_delta));
  memcpy (payload + OSN_LENGTH, kept->payload, kept->length);
  length = (gsize)(payload - start) + OSN_LENGTH + kept->length;
  sealed = hj_srtp_protect (self->out, start, length, outbox->reserve (outbox), HJ_DATAGRAM_MAX);
  if (sealed == 0)
    return;
  outbox->send (outbox, sealed, &self->addresses[self->address]);
  self->n_bytes += sealed;
  hj_leg_count (self, HJ_COUNT_BYTES_OUT, sealed);
  hj_leg_count (self, HJ_COUNT_RTX_OUT, 1);
  self->packets_out++;
  self->rooms->packets_out++;
}

/* What the backlog has is sent again; what it lacks is asked of the source, in the source's numbers. */
void
hj_leg_take_nack (HjLeg *self, const HjRtcpPacket *packet, gint64 now_us)
{
  HjMediaKind kind = HJ_AUDIO;
  HjLeg *source = NULL;
  HjTrackOut *out = hj_leg_find_out (self, packet->media_ssrc, &kind, &source);
  guint16 seqs[MAX_NACKS];
  gsize n_asked = 0;
  gsize n_lacking = 0;

  if (!hj_track_is_about (out, source, kind))
    return;
  n_asked = hj_rtcp_read_nack (packet, seqs, G_N_ELEMENTS (seqs));
  hj_leg_count (self, HJ_COUNT_NACKS_IN, n_asked);
  for (gsize i = 0; i < n_asked; i++)
    {
      const HjBacklog *backlog = source->tracks_in[kind].backlog;
      guint16 seq = (guint16)(seqs[i] - out->seq_delta);
      HjKept kept;

      if (backlog == NULL || !hj_backlog_find (backlog, seq, now_us, &kept))
        seqs[n_lacking++] = seq;
      else if (out->rtx_type >= 0 && self->repairs > 0)
        {
          self->repairs--;
          send_again (self, out, &kept, now_us);
        }
    }
  if (n_lacking > 0)
    hj_leg_send_nack (source, source->tracks_in[kind].ssrc, seqs, n_lacking);
}
