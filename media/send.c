/* SPDX-License-Identifier: Apache-2.0 */
/* One RTP packet to one receiver: its header is written anew right before the payload and sealing is the only copy. It is
 * sealed when it leaves, so that its transport-wide number and its time are those of the sending; never twice under one
 * number, because that would give GCM's key away. On the relay thread. */

#include <string.h>

#include "media/packet.h"
#include "media/rooms-private.h"

#define ONE_BYTE_PROFILE 0xbede
#define LONG_AGO                                                                                   \
  0x2000 /* packets: more than any backlog holds, less than makes numbers ambiguous */
#define MAX_HEADER (HJ_RTP_MIN_HEADER + 4 + 24)

G_STATIC_ASSERT (MAX_HEADER <= HJ_PACKET_HEADROOM);

/* Writes one-byte elements: the time of sending as 6.18 s, the transport-wide number, mid. Returns: bytes, a multiple of
 * 4. */
static gsize
write_extensions (guint8 *at, const HjTrackOut *out, guint16 transport_seq, gint64 now_us)
{
  gsize mid_length = strlen (out->mid);
  guint8 *p = at + 4;

  if (out->send_time_id != 0)
    {
      *p = (guint8)(out->send_time_id << 4 | 2);
      hj_put_be24 (p + 1, (guint32)((now_us << 18) / G_TIME_SPAN_SECOND) & 0xffffff);
      p += 4;
    }
  if (out->twcc_id != 0)
    {
      *p = (guint8)(out->twcc_id << 4 | 1);
      hj_put_be16 (p + 1, transport_seq);
      p += 3;
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

/* Returns: bytes of the header. */
static gsize
write_header (
    guint8 *at, const HjTrackOut *out, const HjRtpHead *head, guint16 transport_seq, gint64 now_us)
{
  gsize extensions = write_extensions (at + HJ_RTP_MIN_HEADER, out, transport_seq, now_us);

  at[0] = (guint8)(0x80 | (head->padding ? 0x20 : 0) | (extensions > 0 ? 0x10 : 0));
  at[1] = (guint8)((head->marker ? 0x80 : 0) | head->payload_type);
  hj_put_be16 (at + 2, head->seq);
  hj_put_be32 (at + 4, head->timestamp);
  hj_put_be32 (at + 8, head->ssrc);
  return HJ_RTP_MIN_HEADER + extensions;
}

/* The number under which the receiver tells of this packet. It is not taken before the packet is sealed: one that never left
 * would count as lost. */
static guint16
next_transport_seq (HjLeg *self, const HjTrackOut *out, gint64 now_us)
{
  if (out->twcc_id == 0)
    return 0;
  if (self->bandwidth == NULL)
    self->bandwidth = hj_bandwidth_new (now_us);
  return hj_bandwidth_get_next_seq (self->bandwidth);
}

static void
take_transport_seq (HjLeg *self, const HjTrackOut *out, gsize length, gint64 now_us)
{
  if (out->twcc_id != 0)
    hj_bandwidth_send (self->bandwidth, (guint)(length + HJ_SRTP_MAX_TRAILER),
        self->probing.active ? self->probing.probe.id : -1, now_us);
}

static void
note_sent (HjLeg *self, const HjTrackOut *out, HjMediaKind kind, gsize sealed, gint64 now_us)
{
  self->packets_out++;
  self->n_bytes += sealed;
  self->rooms->packets_out++;
  hj_leg_count (self, HJ_COUNT_BYTES_OUT, sealed);
  if (kind == HJ_AUDIO)
    self->audio_bytes += sealed;
  else
    hj_pacer_sent (&self->pacer, sealed, now_us);
  if (self->probing.active && out->twcc_id != 0) /* else nobody tells of it */
    {
      self->probing.bytes += sealed;
      self->probing.packets++;
    }
}

/* Sends at once. payload: with HJ_PACKET_HEADROOM bytes before it, which are overwritten; its padding, where the head has
 * the bit, is part of `length`. Returns: FALSE when nothing left. */
gboolean
hj_leg_send_rtp (HjLeg *self, const HjTrackOut *out, HjMediaKind kind, const HjRtpHead *head,
    guint8 *payload, gsize length, gint64 now_us)
{
  HjOutbox *outbox = self->rooms->outbox;
  guint8 header[MAX_HEADER];
  gsize header_length = 0;
  gsize sealed = 0;

  if (self->n_addresses == 0)
    return FALSE;
  if (MAX_HEADER + length + HJ_SRTP_MAX_TRAILER > HJ_DATAGRAM_MAX)
    {
      hj_rooms_drop (self->rooms, HJ_DROP_TOO_LONG);
      return FALSE;
    }
  header_length = write_header (header, out, head, next_transport_seq (self, out, now_us), now_us);
  memcpy (payload - header_length, header, header_length);
  sealed = hj_srtp_protect (self->out, payload - header_length, header_length + length,
      outbox->reserve (outbox), HJ_DATAGRAM_MAX);
  if (sealed == 0)
    return FALSE;
  take_transport_seq (self, out, HJ_RTP_MIN_HEADER + length, now_us);
  outbox->send (outbox, sealed, &self->addresses[self->address]);
  note_sent (self, out, kind, sealed, now_us);
  return TRUE;
}

/* A packet of the source that the track shows, as the receiver numbers it. view: the source's, but with the receiver's payload
 * type; what is in `payload` belongs to it. */
void
hj_leg_send_copy (HjLeg *self, HjTrackOut *out, HjMediaKind kind, guint8 *payload,
    const HjRtpView *view, gint64 now_us)
{
  HjRtpHead head = { .payload_type = view->payload_type,
    .ssrc = out->ssrc,
    .seq = (guint16)(view->seq + out->seq_delta),
    .timestamp = view->timestamp + out->time_delta,
    .marker = view->marker,
    .padding = view->padding_len > 0 };

  if (!hj_leg_send_rtp (
          self, out, kind, &head, payload, view->payload_len + view->padding_len, now_us))
    return;
  if ((gint16)(head.seq - out->last_seq) > 0)
    {
      out->last_seq = head.seq;
      out->last_time = head.timestamp;
      out->last_us = now_us;
      if ((guint16)(head.seq - out->first_seq) > 2 * LONG_AGO)
        out->first_seq = (guint16)(head.seq - LONG_AGO);
    }
  out->n_packets++;
  out->n_bytes += (guint32)view->payload_len;
  if (view->marker && kind == HJ_VIDEO)
    hj_leg_ride (self, now_us);
}

/* A packet of the source's backlog as RTX (RFC 4588 4). */
void
hj_leg_send_again (HjLeg *self, HjTrackOut *out, const HjKept *kept, gint64 now_us)
{
  guint8 packet[HJ_PACKET_HEADROOM + HJ_DATAGRAM_MAX];
  guint8 *payload = packet + HJ_PACKET_HEADROOM;
  HjRtpHead head = { .payload_type = (guint8)out->rtx_type,
    .ssrc = out->rtx_ssrc,
    .seq = out->rtx_seq,
    .timestamp = kept->timestamp + out->time_delta,
    .marker = kept->marker };

  if (kept->length > HJ_DATAGRAM_MAX - HJ_OSN_LENGTH)
    return;
  hj_put_be16 (payload, (guint16)(kept->seq + out->seq_delta));
  memcpy (payload + HJ_OSN_LENGTH, kept->payload, kept->length);
  if (!hj_leg_send_rtp (self, out, HJ_VIDEO, &head, payload, HJ_OSN_LENGTH + kept->length, now_us))
    return;
  out->rtx_seq++;
  hj_leg_count (self, HJ_COUNT_RTX_OUT, 1);
}

/* Padding alone, on the stream of repairs: of use to nobody but the estimate. */
void
hj_leg_send_padding (HjLeg *self, HjTrackOut *out, gint64 now_us)
{
  guint8 packet[HJ_PACKET_HEADROOM + G_MAXUINT8] = { 0 };
  HjRtpHead head = { .payload_type = (guint8)out->rtx_type,
    .ssrc = out->rtx_ssrc,
    .seq = out->rtx_seq,
    .timestamp = out->last_time,
    .padding = TRUE };

  packet[sizeof packet - 1] = G_MAXUINT8;
  if (hj_leg_send_rtp (self, out, HJ_VIDEO, &head, packet + HJ_PACKET_HEADROOM, G_MAXUINT8, now_us))
    out->rtx_seq++;
}
