/* SPDX-License-Identifier: Apache-2.0 */
/* RTCP of a leg. What comes is taken apart here and never passed on as it is: sender reports are written anew for each
 * receiver, keyframe requests go to the source, what arrived goes to the estimate; NACK is repair.c's, what a sender may send
 * cap.c's. What the relay itself says: receiver reports, transport-wide feedback. On the relay thread. */

#include "media/rooms-private.h"

#define REPORT_US (1 * G_TIME_SPAN_SECOND)
#define TWCC_US (110 * G_TIME_SPAN_MILLISECOND) /* between two feedbacks, at most */
#define TWCC_RIDE_US                                                                               \
  (70 * G_TIME_SPAN_MILLISECOND) /* sooner where it costs no datagram of its own */
#define SENDER_REPORT_US (200 * G_TIME_SPAN_MILLISECOND) /* of one source, at least */
#define KEY_US (500 * G_TIME_SPAN_MILLISECOND)           /* between two requests to one source */
#define MAX_COMPOUND 1200
#define MAX_STATUSES 1024 /* of one feedback; more than a second of any path */
#define MAX_RTT_US (10 * G_TIME_SPAN_SECOND)

/* A compound being written. Each begins with a receiver report, so that reduced size need not be negotiated. */
typedef struct
{
  guint8 data[MAX_COMPOUND];
  gsize length;
} Compound;

static guint32
own_ssrc (const HjLeg *self)
{
  return self->local.ssrcs[0][HJ_AUDIO];
}

static void
begin (Compound *compound, const HjLeg *self)
{
  compound->length
      = hj_rtcp_write_rr (compound->data, sizeof compound->data, own_ssrc (self), NULL, 0);
}

#define REST(compound)                                                                             \
  (compound)->data + (compound)->length, sizeof (compound)->data - (compound)->length

static void
send_key_request (HjLeg *self, HjTrackIn *track, gint64 now_us)
{
  Compound compound;

  begin (&compound, self);
  compound.length += hj_rtcp_write_pli (REST (&compound), own_ssrc (self), track->ssrc);
  hj_leg_send_rtcp (self, compound.data, compound.length);
  hj_leg_count (self, HJ_COUNT_PLIS_OUT, 1);
  track->key_asked_us = now_us;
}

/* Asks the leg's video source for a keyframe: at once, or as soon as the last request is KEY_US ago, and again until one
 * comes. */
void
hj_leg_want_key (HjLeg *self, gint64 now_us)
{
  HjTrackIn *track = &self->tracks_in[HJ_VIDEO];

  if (!track->open)
    return;
  track->key_wanted = TRUE;
  if (track->started && now_us - track->key_asked_us >= KEY_US)
    send_key_request (self, track, now_us);
}

/* The outgoing track with that SSRC, and who fills it. Returns: (nullable). */
HjTrackOut *
hj_leg_find_out (HjLeg *self, guint32 ssrc, HjMediaKind *kind, HjLeg **source)
{
  for (guint slot = 0; slot < HJ_SLOTS; slot++)
    for (*kind = 0; *kind < HJ_N_KINDS; (*kind)++)
      if (self->tracks_out[slot][*kind].open && self->tracks_out[slot][*kind].ssrc == ssrc)
        {
          *source = self->room->seats[slot < self->seat ? slot : slot + 1].leg;
          return &self->tracks_out[slot][*kind];
        }
  return NULL;
}

/* A request about a track that shows nothing of the source that is there now has nobody to go to. */
gboolean
hj_track_is_about (const HjTrackOut *out, const HjLeg *source, HjMediaKind kind)
{
  return out != NULL && hj_leg_is_up (source) && out->mapped && out->source_serial == source->serial
         && source->tracks_in[kind].started && out->source_ssrc == source->tracks_in[kind].ssrc;
}

/* Asks the peer for packets of its source again. */
void
hj_leg_send_nack (HjLeg *self, guint32 media_ssrc, const guint16 *seqs, gsize n)
{
  Compound compound;

  begin (&compound, self);
  compound.length += hj_rtcp_write_nack (REST (&compound), own_ssrc (self), media_ssrc, seqs, n);
  hj_leg_count (self, HJ_COUNT_NACKS_OUT, n);
  hj_leg_send_rtcp (self, compound.data, compound.length);
}

/* Tells the peer how much video it may send. */
void
hj_leg_send_remb (HjLeg *self, guint64 bps)
{
  Compound compound;

  begin (&compound, self);
  compound.length += hj_rtcp_write_remb (
      REST (&compound), own_ssrc (self), bps, &self->tracks_in[HJ_VIDEO].ssrc, 1);
  hj_leg_send_rtcp (self, compound.data, compound.length);
}

static void
pass_key_request (HjLeg *self, guint32 ssrc, gint64 now_us)
{
  HjMediaKind kind = HJ_AUDIO;
  HjLeg *source = NULL;
  HjTrackOut *out = hj_leg_find_out (self, ssrc, &kind, &source);

  hj_leg_count (self, HJ_COUNT_PLIS_IN, 1);
  if (kind == HJ_VIDEO && hj_track_is_about (out, source, kind))
    hj_leg_want_key (source, now_us);
}

static void
take_payload_feedback (HjLeg *self, const HjRtcpPacket *packet, gint64 now_us)
{
  HjRtcpFir targets[8];
  guint32 ssrcs[8];
  gsize n = 0;
  guint64 bps = 0;

  if (packet->fmt == HJ_PSFB_PLI)
    pass_key_request (self, packet->media_ssrc, now_us);
  else if (packet->fmt == HJ_PSFB_FIR)
    {
      n = hj_rtcp_read_fir (packet, targets, G_N_ELEMENTS (targets));
      for (gsize i = 0; i < n; i++)
        pass_key_request (self, targets[i].ssrc, now_us);
    }
  else if (packet->fmt == HJ_PSFB_AFB
           && hj_rtcp_read_remb (packet, &bps, ssrcs, G_N_ELEMENTS (ssrcs), &n))
    {
      self->remb_bps = bps;
      self->remb_us = now_us;
    }
}

/* The source's clock stays; only its timestamps are moved, so audio and video of one seat keep their common time. */
static void
pass_sender_report (HjLeg *to, HjTrackOut *out, const HjRtcpSenderInfo *info, gint64 now_us)
{
  HjRtcpSenderInfo moved = *info;
  Compound compound = { .length = 0 };

  out->report_id = (guint32)(info->ntp >> 16);
  out->report_us = now_us;
  moved.rtp_timestamp += out->time_delta;
  moved.n_packets = out->n_packets;
  moved.n_bytes = out->n_bytes;
  compound.length = hj_rtcp_write_sr (REST (&compound), out->ssrc, &moved, NULL, 0);
  compound.length += hj_rtcp_write_sdes (REST (&compound), out->ssrc, to->local.cname);
  hj_leg_send_rtcp (to, compound.data, compound.length);
}

static void
take_sender_report (HjLeg *self, const HjRtcpPacket *packet, gint64 now_us)
{
  HjRtcpSenderInfo info;

  if (!hj_rtcp_read_sender_info (packet, &info))
    return;
  for (guint kind = 0; kind < HJ_N_KINDS; kind++)
    {
      HjTrackIn *track = &self->tracks_in[kind];

      if (!track->started || track->ssrc != packet->sender_ssrc)
        continue;
      if (track->report_us != 0 && now_us - track->report_us < SENDER_REPORT_US)
        return;
      track->report_us = now_us;
      hj_reception_add_sr (&track->reception, info.ntp, now_us);
      for (guint i = 0; i < HJ_SEATS; i++)
        {
          HjLeg *to = self->room->seats[i].leg;
          HjTrackOut *out = NULL;

          if (i == self->seat || !hj_leg_is_up (to))
            continue;
          out = &to->tracks_out[hj_slot_of (self->seat, i)][kind];
          if (hj_track_is_about (out, self, kind))
            pass_sender_report (to, out, &info, now_us);
        }
    }
}

/* How long the way there and back is (RFC 3550 6.4.1): the report that a receiver names is the one we sent last. */
static void
take_round_trip (HjLeg *self, const HjRtcpReport *report, gint64 now_us)
{
  HjMediaKind kind = HJ_AUDIO;
  HjLeg *source = NULL;
  const HjTrackOut *out = hj_leg_find_out (self, report->ssrc, &kind, &source);
  gint64 rtt_us = 0;

  if (out == NULL || out->report_us == 0 || report->lsr != out->report_id)
    return;
  rtt_us = now_us - out->report_us - (gint64)report->dlsr * G_TIME_SPAN_SECOND / 65536;
  if (rtt_us < 0 || rtt_us > MAX_RTT_US)
    return;
  rtt_us = MAX (rtt_us, 1);
  self->rtt_us = self->rtt_us > 0 ? (3 * self->rtt_us + rtt_us) / 4 : rtt_us;
  if (self->bandwidth != NULL)
    hj_bandwidth_take_rtt (self->bandwidth, rtt_us);
}

static void
take_reports (HjLeg *self, const HjRtcpPacket *packet, gint64 now_us)
{
  HjRtcpReport reports[31];
  gsize n = hj_rtcp_read_reports (packet, reports, G_N_ELEMENTS (reports));

  for (gsize i = 0; i < n; i++)
    take_round_trip (self, &reports[i], now_us);
}

/* What arrived of all that went to the peer. */
static void
take_transport_feedback (HjLeg *self, const HjRtcpPacket *packet, gint64 now_us)
{
  HjTwccStatus statuses[MAX_STATUSES];
  guint8 count = 0;
  gsize n = 0;

  if (self->bandwidth == NULL
      || !hj_twcc_read (packet, &count, statuses, G_N_ELEMENTS (statuses), &n))
    return;
  self->estimated = TRUE;
  hj_bandwidth_take_feedback (self->bandwidth, statuses, n, now_us);
}

static void
take_packet (HjLeg *self, const HjRtcpPacket *packet, gint64 now_us)
{
  if (packet->type == HJ_RTCP_SR)
    take_sender_report (self, packet, now_us);
  if (packet->type == HJ_RTCP_SR || packet->type == HJ_RTCP_RR)
    take_reports (self, packet, now_us);
  else if (packet->type == HJ_RTCP_RTPFB && packet->fmt == HJ_RTPFB_TWCC)
    take_transport_feedback (self, packet, now_us);
  else if (packet->type == HJ_RTCP_RTPFB && packet->fmt == HJ_RTPFB_NACK)
    hj_leg_take_nack (self, packet, now_us);
  else if (packet->type == HJ_RTCP_PSFB)
    take_payload_feedback (self, packet, now_us);
}

void
hj_leg_take_srtcp (HjLeg *self, guint8 *data, gsize length, const HjAddress *from, gint64 now_us)
{
  HjSrtpStatus status = hj_srtp_unprotect_rtcp (self->in, data, length, &length);
  HjRtcpIter iter;
  HjRtcpPacket packet;

  if (status != HJ_SRTP_OK)
    {
      hj_rooms_drop (
          self->rooms, status == HJ_SRTP_REPLAY ? HJ_DROP_SRTP_REPLAY : HJ_DROP_SRTP_AUTH);
      return;
    }
  hj_leg_heard (self, from, now_us);
  if (!hj_rtcp_is_valid (data, length))
    {
      hj_rooms_drop (self->rooms, HJ_DROP_RTCP_MALFORMED);
      return;
    }
  hj_rtcp_iter_init (&iter, data, length);
  while (hj_rtcp_next (&iter, &packet))
    {
      if (!hj_allowance_take (&self->allowance, now_us))
        {
          hj_rooms_drop (self->rooms, HJ_DROP_FLOOD);
          return;
        }
      take_packet (self, &packet, now_us);
    }
}

static void
send_reports (HjLeg *self, gint64 now_us)
{
  gint64 span_us = MAX (1, now_us - self->reported_us);
  HjRtcpReport reports[HJ_N_KINDS];
  Compound compound = { .length = 0 };
  gsize n = 0;

  for (guint kind = 0; kind < HJ_N_KINDS; kind++)
    if (self->tracks_in[kind].started)
      hj_reception_report (&self->tracks_in[kind].reception, now_us, &reports[n++]);
  compound.length = hj_rtcp_write_rr (REST (&compound), own_ssrc (self), reports, n);
  compound.length += hj_rtcp_write_sdes (REST (&compound), own_ssrc (self), self->local.cname);
  hj_leg_send_rtcp (self, compound.data, compound.length);
  self->rate_bps = self->n_bytes * 8 * G_TIME_SPAN_SECOND / (guint64)span_us;
  self->audio_bps = self->audio_bytes * 8 * G_TIME_SPAN_SECOND / (guint64)span_us;
  self->n_bytes = 0;
  self->audio_bytes = 0;
  self->reported_us = now_us;
}

static void
send_twcc (HjLeg *self, gint64 now_us)
{
  const HjTrackIn *video = &self->tracks_in[HJ_VIDEO];
  guint32 about = video->started ? video->ssrc : self->tracks_in[HJ_AUDIO].ssrc;
  Compound compound;
  gsize length = 0;

  do
    {
      begin (&compound, self);
      length
          = hj_twcc_recorder_write (&self->twcc, now_us, own_ssrc (self), about, REST (&compound));
      if (length > 0)
        hj_leg_send_rtcp (self, compound.data, compound.length + length);
    }
  while (length > 0);
}

/* A frame for the peer ends here: what is to be told leaves as the short end of its train (UDP_SEGMENT). */
void
hj_leg_ride (HjLeg *self, gint64 now_us)
{
  if (hj_twcc_recorder_is_due (&self->twcc, now_us, TWCC_RIDE_US))
    send_twcc (self, now_us);
}

void
hj_leg_tick_feedback (HjLeg *self, gint64 now_us)
{
  HjTrackIn *video = &self->tracks_in[HJ_VIDEO];

  if (hj_twcc_recorder_is_due (&self->twcc, now_us, TWCC_US))
    send_twcc (self, now_us);
  if (now_us - self->reported_us >= REPORT_US)
    send_reports (self, now_us);
  if (video->key_wanted && video->started && now_us - video->key_asked_us >= KEY_US)
    send_key_request (self, video, now_us);
}
