/* SPDX-License-Identifier: Apache-2.0 */
/* What a client of the fleet sends and how its arrival is counted: sound every 20 ms, 30 frames a second of four packets, a
 * key frame of twelve every three seconds or when it is asked for. A frame leaves as one UDP_SEGMENT message. One thread. */

#include "tests/bench/fleet/traffic.h"

#include <string.h>

#include "media/wire/rtp.h"

#define MAGIC 0x48754a69u
#define FRAMES_BETWEEN_KEYS 90
#define FRAME_PACKETS 4
#define KEY_PACKETS 12
#define MAX_HEADER 48

/* Returns: bytes of the header. */
static gsize
write_header (Client *client, guint kind, gboolean marker, guint8 *out)
{
  gsize mid = strlen (client->terms.mids[kind]);
  guint8 *p = out + HJ_RTP_MIN_HEADER + 4;

  if (client->terms.twcc_id != 0)
    {
      *p++ = (guint8)(client->terms.twcc_id << 4 | 1);
      hj_put_be16 (p, client->twcc_seq++);
      p += 2;
    }
  if (client->terms.mid_id != 0 && mid > 0)
    {
      *p++ = (guint8)(client->terms.mid_id << 4 | (mid - 1));
      memcpy (p, client->terms.mids[kind], mid);
      p += mid;
    }
  while ((p - out) % 4 != 0)
    *p++ = 0;
  out[0] = 0x90;
  out[1] = (guint8)((marker ? 0x80 : 0) | client->terms.payload_types[kind]);
  hj_put_be16 (out + 2, client->seqs[kind]++);
  hj_put_be32 (out + 4, client->times[kind]);
  hj_put_be32 (out + 8, client->terms.ssrcs[kind]);
  hj_put_be16 (out + 12, 0xbede);
  hj_put_be16 (out + 14, (guint16)((p - out - HJ_RTP_MIN_HEADER - 4) / 4));
  return (gsize)(p - out);
}

/* VP8 payload descriptor with a picture number (RFC 7741 4.2), then the frame's first bytes (RFC 6386 9.1). */
static void
write_vp8 (guint8 *payload, gboolean first, gboolean key, guint16 picture)
{
  static const guint8 key_header[] = { 0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0, 0x01 };

  payload[0] = first ? 0x90 : 0x80;
  payload[1] = 0x80;
  hj_put_be16 (payload + 2, (guint16)(0x8000 | picture));
  payload[4] = 0x11;
  if (first && key)
    memcpy (payload + 4, key_header, sizeof key_header);
}

static void
write_stamp (guint8 *payload, gint64 now_ns)
{
  memcpy (payload + STAMP_AT, &now_ns, sizeof now_ns);
  hj_put_be32 (payload + STAMP_AT + 8, MAGIC);
}

static void
send_packets (Traffic *self, Client *client, guint kind, guint n, gboolean key)
{
  guint8 slab[KEY_PACKETS * (MAX_HEADER + VIDEO_PAYLOAD + HJ_SRTP_MAX_TRAILER)];
  gsize payload_length = kind == VIDEO ? VIDEO_PAYLOAD : AUDIO_PAYLOAD;
  gint64 now_ns = fleet_now_ns ();
  gsize segment = 0;
  gsize length = 0;

  for (guint i = 0; i < n; i++)
    {
      guint8 packet[MAX_HEADER + VIDEO_PAYLOAD] = { 0 };
      gsize header = write_header (client, kind, kind == VIDEO && i == n - 1, packet);

      if (kind == VIDEO)
        write_vp8 (packet + header, i == 0, key, (guint16)(client->times[VIDEO] / 3000 & 0x7fff));
      write_stamp (packet + header, now_ns);
      segment = hj_srtp_protect (
          client->out, packet, header + payload_length, slab + length, sizeof slab - length);
      length += segment;
    }
  fleet_net_send (client->net, client->index, &client->terms.remote, slab, length, segment);
  client->n_packets[kind] += n;
  client->n_bytes[kind] += (guint32)(n * payload_length);
  if (now_ns >= self->from_ns && now_ns < self->to_ns)
    self->sent += n;
}

void
traffic_send_audio (Traffic *self, Client *client)
{
  client->times[AUDIO] += 960;
  send_packets (self, client, AUDIO, 1, FALSE);
}

void
traffic_send_video (Traffic *self, Client *client)
{
  gboolean key = client->frames_to_key == 0;

  client->times[VIDEO] += 3000;
  client->frames_to_key = key ? FRAMES_BETWEEN_KEYS - 1 : client->frames_to_key - 1;
  self->keys += key;
  send_packets (self, client, VIDEO, key ? KEY_PACKETS : FRAME_PACKETS, key);
}

/* packet: RTP in the clear. Padding, probes and retransmissions of the server's own are not what was sent. */
void
traffic_take (Traffic *self, Client *client, const guint8 *packet, gsize length, gint64 arrival_ns)
{
  HjRtpView view;
  const guint8 *stamp = NULL;
  gint64 sent_ns = 0;

  if (!hj_rtp_parse (packet, length, &view))
    return;
  client_note_arrival (client, packet, &view, arrival_ns);
  if (view.payload_len < STAMP_AT + 12)
    return;
  stamp = packet + view.header_len + STAMP_AT;
  if (hj_be32 (stamp + 8) != MAGIC)
    return;
  client_note_heard (client, &view, view.payload_len == VIDEO_PAYLOAD ? VIDEO : AUDIO);
  memcpy (&sent_ns, stamp, sizeof sent_ns);
  if (sent_ns < self->from_ns || sent_ns >= self->to_ns)
    return;
  self->received++;
  self->delays[CLAMP ((arrival_ns - sent_ns) / 1000, 0, TRAFFIC_MAX_US - 1)]++;
}

guint
traffic_get_delay_us (const Traffic *self, double share)
{
  guint64 wanted = (guint64)(share * (double)self->received);
  guint64 seen = 0;

  for (guint us = 0; us < TRAFFIC_MAX_US; us++)
    if ((seen += self->delays[us]) > wanted)
      return us;
  return TRAFFIC_MAX_US;
}
