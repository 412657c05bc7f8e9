/* SPDX-License-Identifier: Apache-2.0 */
/* Media from one leg to the others of its room. The hop's encryption is taken off in place, the header is written anew
 * for each receiver right before the payload, and sealing is the only copy. What is inside the payload nobody here can
 * read, but for the VP8 bit that tells a keyframe (DESIGN section 7). On the relay thread. */

#include <openssl/rand.h>
#include <string.h>

#include "media/packet.h"
#include "media/rooms-private.h"

#define AUDIO_RATE 48000
#define VIDEO_RATE 90000
#define ONE_BYTE_PROFILE 0xbede
#define MAX_HEADER (HJ_RTP_MIN_HEADER + 4 + 24)

G_STATIC_ASSERT (MAX_HEADER <= HJ_PACKET_HEADROOM + HJ_RTP_MIN_HEADER);

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

        if (!track->open || track->payload_type != view->payload_type)
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

/* The first packet of a source continues the numbers of the one before it, as much later as it came. */
static void
map_source (
    HjTrackOut *out, const HjLeg *from, const HjRtpView *view, HjMediaKind kind, gint64 now_us)
{
  guint16 seq = (guint16)(out->last_seq + 1);
  guint32 time = out->last_time;

  if (out->n_packets == 0)
    {
      g_assert (RAND_bytes ((guint8 *)&seq, sizeof seq) == 1);
      g_assert (RAND_bytes ((guint8 *)&time, sizeof time) == 1);
      seq &= 0x7fff; /* so that the SRTP index does not wrap soon (RFC 3711 3.3.1) */
    }
  else
    time += (guint32)MAX (1, (now_us - out->last_us) * clock_rate (kind) / G_TIME_SPAN_SECOND);
  out->mapped = TRUE;
  out->source_serial = from->serial;
  out->source_ssrc = view->ssrc;
  out->seq_delta = (guint16)(seq - view->seq);
  out->time_delta = time - view->timestamp;
  out->last_seq = (guint16)(seq - 1);
}

static gboolean
is_mapped (const HjTrackOut *out, const HjLeg *from, guint32 ssrc)
{
  return out->mapped && out->source_serial == from->serial && out->source_ssrc == ssrc;
}

/* Writes one-byte elements: mid, and the time of sending as 6.18 s. Returns: bytes, a multiple of 4. */
static gsize
write_extensions (guint8 *at, const HjTrackOut *out, gint64 now_us)
{
  gsize mid_length = strlen (out->mid);
  guint8 *p = at + 4;

  if (out->send_time_id != 0)
    {
      *p = (guint8)(out->send_time_id << 4 | 2);
      hj_put_be24 (p + 1, (guint32)((now_us << 18) / G_TIME_SPAN_SECOND) & 0xffffff);
      p += 4;
    }
  if (out->mid_id != 0)
    {
      *p = (guint8)(out->mid_id << 4 | (mid_length - 1));
      memcpy (p + 1, out->mid, mid_length);
      p += 1 + mid_length;
    }
  while ((p - at) % 4 != 0)
    *p++ = 0;
  hj_put_be16 (at, ONE_BYTE_PROFILE);
  hj_put_be16 (at + 2, (guint16)((p - at) / 4 - 1));
  return p - at > 4 ? (gsize)(p - at) : 0;
}

/* Writes the receiver's header so that it ends where the payload begins; HJ_PACKET_HEADROOM is always room enough.
 * view: gives marker, padding and the source's timestamp. Returns: the header's first byte. */
guint8 *
hj_track_write_header (guint8 *payload, const HjTrackOut *out, guint8 payload_type, guint16 seq,
    guint32 ssrc, const HjRtpView *view, gint64 now_us)
{
  guint8 header[MAX_HEADER];
  gsize extensions = write_extensions (header + HJ_RTP_MIN_HEADER, out, now_us);
  gsize length = HJ_RTP_MIN_HEADER + extensions;

  header[0] = (guint8)(0x80 | (view->padding_len > 0 ? 0x20 : 0) | (extensions > 0 ? 0x10 : 0));
  header[1] = (guint8)((view->marker ? 0x80 : 0) | payload_type);
  hj_put_be16 (header + 2, seq);
  hj_put_be32 (header + 4, view->timestamp + out->time_delta);
  hj_put_be32 (header + 8, ssrc);
  memcpy (payload - length, header, length);
  return payload - length;
}

static void
note_sent (HjTrackOut *out, const HjRtpView *view, gint64 now_us)
{
  guint16 seq = (guint16)(view->seq + out->seq_delta);

  if ((gint16)(seq - out->last_seq) > 0)
    {
      out->last_seq = seq;
      out->last_time = view->timestamp + out->time_delta;
      out->last_us = now_us;
    }
  out->n_packets++;
  out->n_bytes += (guint32)view->payload_len;
}

static void
send_copy (HjLeg *to, HjTrackOut *out, guint8 *payload, const HjRtpView *view, gint64 now_us)
{
  HjOutbox *outbox = to->rooms->outbox;
  guint8 *start = hj_track_write_header (payload, out, out->payload_type,
      (guint16)(view->seq + out->seq_delta), out->ssrc, view, now_us);
  gsize length = (gsize)(payload - start) + view->payload_len + view->padding_len;
  gsize sealed = 0;

  if (length + HJ_SRTP_MAX_TRAILER > HJ_DATAGRAM_MAX)
    {
      hj_rooms_drop (to->rooms, HJ_DROP_TOO_LONG);
      return;
    }
  sealed = hj_srtp_protect (to->out, start, length, outbox->reserve (outbox), HJ_DATAGRAM_MAX);
  if (sealed == 0)
    return;
  outbox->send (outbox, sealed, &to->addresses[to->address]);
  note_sent (out, view, now_us);
  to->packets_out++;
  to->n_bytes += sealed;
  hj_leg_count (to, HJ_COUNT_BYTES_OUT, sealed);
  to->rooms->packets_out++;
}

/* The route to one other seat is open when both are admitted; a video route begins with a keyframe. */
static gboolean
forward_to (HjLeg *self, HjMediaKind kind, HjSeat *seat, guint8 *payload, const HjRtpView *view,
    gint64 now_us)
{
  HjTrackOut *out = NULL;

  if (!seat->admitted || !hj_leg_is_up (seat->leg))
    return FALSE;
  out = &seat->leg->tracks_out[hj_slot_of (self->seat, seat->leg->seat)][kind];
  if (!out->open)
    return FALSE;
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
  send_copy (seat->leg, out, payload, view, now_us);
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
  if (repaired && !hj_leg_unwrap_rtx (self, data, &view))
    return; /* padding alone: a probe for bandwidth */
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
