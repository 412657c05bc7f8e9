/* SPDX-License-Identifier: Apache-2.0 */
/* Media from one leg to the others of its room. The hop's encryption is taken off in place; send.c puts each receiver's
 * on. What is inside the payload nobody here can read, but for the VP8 bit that tells a keyframe (DESIGN section 7). On
 * the relay thread. */

#include <openssl/rand.h>
#include <string.h>

#include "media/packet.h"
#include "media/rooms-private.h"

#define AUDIO_RATE 48000
#define VIDEO_RATE 90000

static guint32
clock_rate (HjMediaKind kind)
{
  return kind == HJ_AUDIO ? AUDIO_RATE : VIDEO_RATE;
}

static gboolean
mid_is (const HjLeg *leg, const guint8 *mid, gsize length, HjMediaKind kind)
{
  for (guint i = 0; i < leg->offer.n_sections; i++)
    {
      const HjSdpSection *section = &leg->offer.sections[i];

      if (section->usable && section->slot == 0 && section->kind == kind)
        return strlen (section->mid) == length && memcmp (section->mid, mid, length) == 0;
    }
  return FALSE;
}

static gboolean
ssrc_is (const HjLeg *leg, guint32 ssrc, HjMediaKind kind)
{
  for (guint i = 0; i < leg->offer.n_sections; i++)
    {
      const HjSdpSection *section = &leg->offer.sections[i];

      if (!section->usable || section->slot != 0 || section->kind != kind)
        continue;
      for (guint k = 0; k < section->n_ssrcs; k++)
        if (section->ssrcs[k] == ssrc)
          return TRUE;
    }
  return FALSE;
}

static gboolean
is_type_of (const HjLeg *self, HjMediaKind kind, guint8 payload_type)
{
  const HjTrackIn *track = &self->tracks_in[kind];

  return track->payload_type == payload_type
         || (kind == HJ_AUDIO && self->local.red_first && track->red_type == payload_type);
}

/* Which track a packet belongs to (RFC 8843 9.2): the one whose source is known already, else by mid, by the SSRC in the
 * offer, by payload type. A payload type that was not negotiated for the track is refused. Returns: (nullable). */
static HjTrackIn *
find_track (HjLeg *self, const guint8 *data, const HjRtpView *view, HjMediaKind *kind)
{
  gsize length = 0;
  const guint8 *mid
      = self->mid_id != 0 ? hj_rtp_find_extension (data, view, self->mid_id, &length) : NULL;

  for (int by = 0; by < 4; by++)
    for (*kind = 0; *kind < HJ_N_KINDS; (*kind)++)
      {
        HjTrackIn *track = &self->tracks_in[*kind];
        gboolean found = FALSE;

        if (!track->open || !is_type_of (self, *kind, view->payload_type))
          continue;
        if (by == 0)
          found = mid != NULL && mid_is (self, mid, length, *kind);
        else if (by == 1)
          found = track->started && track->ssrc == view->ssrc;
        else if (by == 2)
          found = ssrc_is (self, view->ssrc, *kind);
        else
          found = mid == NULL;
        if (found)
          return track;
      }
  return NULL;
}

/* VP8 payload descriptor (RFC 7741 4.2), then the P bit of the frame's first byte. */
static gboolean
begins_keyframe (const guint8 *payload, gsize length)
{
  gsize at = 1;

  if (length < 2 || (payload[0] & 0x10) == 0 || (payload[0] & 0x07) != 0)
    return FALSE;
  if (payload[0] & 0x80)
    {
      guint8 extension = payload[at++];

      if ((extension & 0x80) != 0 && at < length)
        at += (payload[at] & 0x80) != 0 ? 2 : 1;
      at += (extension & 0x40) != 0 ? 1 : 0;
      at += (extension & 0x30) != 0 ? 1 : 0;
    }
  return at < length && (payload[at] & 0x01) == 0;
}

/* The first packet of a source continues the numbers of the one before it, as much later as it came. One that comes back
 * keeps its clock, which its sender reports go on telling of. */
static void
map_source (
    HjTrackOut *out, const HjLeg *from, const HjRtpView *view, HjMediaKind kind, gint64 now_us)
{
  guint16 seq = (guint16)(out->last_seq + 1);
  guint32 time = out->last_time;
  gboolean same = out->source_serial == from->serial && out->source_ssrc == view->ssrc;

  if (out->n_packets == 0)
    {
      g_assert (RAND_bytes ((guint8 *)&seq, sizeof seq) == 1);
      g_assert (RAND_bytes ((guint8 *)&time, sizeof time) == 1);
      seq &= 0x7fff; /* so that the SRTP index does not wrap soon (RFC 3711 3.3.1) */
    }
  else if (same)
    time = view->timestamp + out->time_delta;
  else
    time += (guint32)MAX (1, (now_us - out->last_us) * clock_rate (kind) / G_TIME_SPAN_SECOND);
  out->mapped = TRUE;
  out->source_serial = from->serial;
  out->source_ssrc = view->ssrc;
  out->seq_delta = (guint16)(seq - view->seq);
  out->time_delta = time - view->timestamp;
  out->first_seq = seq;
  out->last_seq = (guint16)(seq - 1);
}

static gboolean
is_mapped (const HjTrackOut *out, const HjLeg *from, guint32 ssrc)
{
  return out->mapped && out->source_serial == from->serial && out->source_ssrc == ssrc;
}

/* The route to one other seat is open when both are admitted; a video route begins with a keyframe. */
static gboolean
forward_to (HjLeg *self, HjMediaKind kind, HjSeat *seat, guint8 *payload, const HjRtpView *view,
    gint64 now_us)
{
  HjRtpView moved = *view;
  HjTrackOut *out = NULL;
  guint slot = 0;

  if (!seat->admitted || !hj_leg_is_up (seat->leg))
    return FALSE;
  slot = hj_slot_of (self->seat, seat->leg->seat);
  out = &seat->leg->tracks_out[slot][kind];
  if (!out->open)
    return FALSE;
  if (kind == HJ_AUDIO && view->payload_type != self->tracks_in[kind].payload_type
      && out->red_type < 0)
    return FALSE;
  if (kind == HJ_VIDEO && seat->leg->video_cut)
    {
      hj_rooms_drop (self->rooms, HJ_DROP_CONGESTED);
      return TRUE;
    }
  if (!is_mapped (out, self, view->ssrc))
    {
      if (kind == HJ_VIDEO && !begins_keyframe (payload, view->payload_len))
        {
          hj_rooms_drop (self->rooms, HJ_DROP_NO_KEYFRAME);
          hj_leg_want_key (self, now_us);
          return TRUE;
        }
      map_source (out, self, view, kind, now_us);
    }
  if ((gint16)(view->seq + out->seq_delta - out->first_seq) < 0)
    {
      hj_rooms_drop (self->rooms, HJ_DROP_LATE);
      return TRUE;
    }
  moved.payload_type = view->payload_type == self->tracks_in[kind].payload_type
                           ? out->payload_type
                           : (guint8)out->red_type;
  hj_leg_send_media (seat->leg, slot, kind, payload, &moved, now_us);
  return TRUE;
}

static void
forward (HjLeg *self, HjMediaKind kind, guint8 *data, const HjRtpView *view, gint64 now_us)
{
  gboolean routed = FALSE;

  if (!hj_leg_seat (self)->admitted)
    {
      hj_rooms_drop (self->rooms, HJ_DROP_NOT_ADMITTED);
      return;
    }
  if (kind == HJ_VIDEO)
    hj_leg_keep (self, data + view->header_len, view, now_us);
  for (guint i = 0; i < HJ_SEATS; i++)
    if (i != self->seat
        && forward_to (self, kind, &self->room->seats[i], data + view->header_len, view, now_us))
      routed = TRUE;
  if (!routed)
    hj_rooms_drop (self->rooms, HJ_DROP_NO_ROUTE);
}

static void
note_transport (HjLeg *self, const guint8 *data, const HjRtpView *view, gint64 now_us)
{
  gsize length = 0;
  const guint8 *twcc
      = self->twcc_id != 0 ? hj_rtp_find_extension (data, view, self->twcc_id, &length) : NULL;

  if (twcc != NULL && length >= 2)
    hj_twcc_recorder_add (&self->twcc, hj_be16 (twcc), now_us);
}

static void
note_received (HjLeg *self, HjTrackIn *track, HjMediaKind kind, const HjRtpView *view,
    gboolean repaired, gint64 now_us)
{
  if (!track->started || track->ssrc != view->ssrc)
    {
      track->started = TRUE;
      track->ssrc = view->ssrc;
      track->gaps = (HjGaps){ 0 };
      track->report_us = 0;
      hj_reception_init (&track->reception, view->ssrc, clock_rate (kind));
    }
  if (!repaired)
    hj_reception_add (&track->reception, view->seq, view->timestamp, now_us);
  if (kind == HJ_VIDEO)
    hj_leg_note_gaps (self, view->seq, now_us);
  if (!self->flowing)
    {
      self->flowing = TRUE;
      hj_leg_tell (self, HJ_LINK_FLOWING, 0);
    }
}

static HjDrop
drop_reason (HjSrtpStatus status)
{
  switch (status)
    {
    case HJ_SRTP_REPLAY:
      return HJ_DROP_SRTP_REPLAY;
    case HJ_SRTP_FULL:
      return HJ_DROP_SRTP_FULL;
    case HJ_SRTP_TOO_SHORT:
      return HJ_DROP_SRTP_SHORT;
    default:
      return HJ_DROP_SRTP_AUTH;
    }
}

/* data: an SRTP packet with HJ_PACKET_HEADROOM before it; overwritten. */
void
hj_leg_take_srtp (HjLeg *self, guint8 *data, gsize length, const HjAddress *from, gint64 now_us)
{
  HjSrtpStatus status = hj_srtp_unprotect (self->in, data, length, &length);
  HjMediaKind kind = HJ_AUDIO;
  HjTrackIn *track = NULL;
  gboolean repaired = FALSE;
  HjRtpView view;

  if (status != HJ_SRTP_OK)
    {
      hj_rooms_drop (self->rooms, drop_reason (status));
      return;
    }
  hj_leg_heard (self, from, now_us);
  if (!hj_allowance_take (&self->allowance, now_us))
    {
      hj_rooms_drop (self->rooms, HJ_DROP_FLOOD);
      return;
    }
  self->packets_in++;
  hj_leg_count (self, HJ_COUNT_BYTES_IN, length);
  if (!hj_rtp_parse (data, length, &view))
    {
      hj_rooms_drop (self->rooms, HJ_DROP_RTP_MALFORMED);
      return;
    }
  note_transport (self, data, &view, now_us);
  repaired = hj_leg_is_rtx (self, &view);
  hj_leg_count (self, HJ_COUNT_RTX_IN, repaired);
  if (repaired
      && (!hj_leg_unwrap_rtx (self, data, &view) || hj_leg_has_video (self, view.seq, now_us)))
    return; /* padding, or a packet that is there: a probe for bandwidth */
  track = find_track (self, data, &view, &kind);
  if (track == NULL)
    {
      hj_rooms_drop (self->rooms, HJ_DROP_RTP_UNMAPPED);
      return;
    }
  note_received (self, track, kind, &view, repaired, now_us);
  if (kind == HJ_VIDEO && begins_keyframe (data + view.header_len, view.payload_len))
    track->key_wanted = FALSE;
  forward (self, kind, data, &view, now_us);
}
