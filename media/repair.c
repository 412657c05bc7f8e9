/* SPDX-License-Identifier: Apache-2.0 */
/* Lost video, repaired on each hop: what a sender's packets lack is asked for at the relay's own pace, what a receiver asks
 * for comes from the backlog of its source as RTX (RFC 4588), once in a round trip. A peer that negotiated no RTX only gets
 * what the source sends again. On the relay thread. */

#include <string.h>

#include "media/packet.h"
#include "media/rooms-private.h"

#define MAX_NACKS 128
#define REPAIRS_PER_TICK                                                                           \
  64 /* a receiver that asks for more than 4 MB/s again is not helped by it */
#define LEAST_RTT_US (20 * G_TIME_SPAN_MILLISECOND)
#define USUAL_RTT_US (50 * G_TIME_SPAN_MILLISECOND) /* as long as none was measured */
/* On a path that slow, a packet that was lost that long ago comes after its frame should have been shown. */
#define LATE_RTT_US (300 * G_TIME_SPAN_MILLISECOND)
#define LATE_AGE_US (300 * G_TIME_SPAN_MILLISECOND)

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

  if (view->payload_len <= HJ_OSN_LENGTH)
    return FALSE;
  view->seq = hj_be16 (data + view->header_len);
  view->header_len += HJ_OSN_LENGTH;
  view->payload_len -= HJ_OSN_LENGTH;
  view->ssrc = video->ssrc;
  view->payload_type = video->payload_type;
  return TRUE;
}

/* Whether that packet was forwarded already: a sender that tries out its path repeats what nobody lacks (RFC 4588 is all the
 * padding that some have). */
gboolean
hj_leg_has_video (const HjLeg *self, guint16 seq, gint64 now_us)
{
  const HjBacklog *backlog = self->tracks_in[HJ_VIDEO].backlog;
  HjKept kept;

  return backlog != NULL && hj_backlog_find (backlog, seq, now_us, &kept);
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
  HjKept packet = { .seq = view->seq,
    .timestamp = view->timestamp,
    .marker = view->marker,
    .payload = payload,
    .length = view->payload_len };

  if (video->backlog == NULL)
    video->backlog = hj_backlog_new ();
  hj_backlog_add (video->backlog, &packet, now_us);
}

/* How long an answer takes, and a little for what delays it. */
static gint64
again_us (const HjLeg *self)
{
  gint64 rtt_us = self->rtt_us > 0 ? self->rtt_us : USUAL_RTT_US;

  return MAX (rtt_us + rtt_us / 8, LEAST_RTT_US);
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
  n = hj_gaps_take_due (&video->gaps, again_us (self), now_us, seqs, G_N_ELEMENTS (seqs));
  if (n > 0)
    hj_leg_send_nack (self, video->ssrc, seqs, n);
}

/* A packet that is under way already, or would come too late to be shown, helps nobody. */
static gboolean
is_worth_repeating (const HjLeg *self, HjTrackOut *out, const HjKept *kept, gint64 now_us)
{
  guint at = kept->seq & (HJ_REPEATS - 1);
  gint64 rtt_us = MAX (self->rtt_us, LEAST_RTT_US);
  gint64 last_us = out->repeats.seqs[at] == kept->seq ? out->repeats.at_us[at] : 0;

  if (last_us != 0 && now_us - last_us < rtt_us)
    return FALSE;
  return rtt_us <= LATE_RTT_US || now_us - kept->at_us <= LATE_AGE_US;
}

static void
send_again (HjLeg *self, guint slot, const HjKept *kept, gint64 now_us)
{
  HjTrackOut *out = &self->tracks_out[slot][HJ_VIDEO];
  guint at = kept->seq & (HJ_REPEATS - 1);

  if (out->rtx_type < 0 || self->repairs == 0 || !is_worth_repeating (self, out, kept, now_us))
    return;
  self->repairs--;
  out->repeats.seqs[at] = kept->seq;
  out->repeats.at_us[at] = now_us;
  hj_leg_repeat (self, slot, kept, now_us);
}

/* What the backlog has is sent again. What it lacks the relay asks for by itself, and nobody else makes it. */
void
hj_leg_take_nack (HjLeg *self, const HjRtcpPacket *packet, gint64 now_us)
{
  HjMediaKind kind = HJ_AUDIO;
  HjLeg *source = NULL;
  HjTrackOut *out = hj_leg_find_out (self, packet->media_ssrc, &kind, &source);
  guint slot = source != NULL ? hj_slot_of (source->seat, self->seat) : 0;
  guint16 seqs[MAX_NACKS];
  gsize n_asked = 0;

  if (!hj_track_is_about (out, source, kind))
    return;
  n_asked = hj_rtcp_read_nack (packet, seqs, G_N_ELEMENTS (seqs));
  hj_leg_count (self, HJ_COUNT_NACKS_IN, n_asked);
  for (gsize i = 0; i < n_asked; i++)
    {
      const HjBacklog *backlog = source->tracks_in[kind].backlog;
      HjKept kept;

      if (backlog != NULL && (gint16)(seqs[i] - out->first_seq) >= 0
          && hj_backlog_find (backlog, (guint16)(seqs[i] - out->seq_delta), now_us, &kept))
        send_again (self, slot, &kept, now_us);
    }
}
