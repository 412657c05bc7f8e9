/* SPDX-License-Identifier: Apache-2.0 */
/* The RTCP of one client of the fleet: sender and receiver reports once a second, transport-wide feedback every 100 ms where
 * the server numbers its packets, and a key frame for each PLI or FIR. NACK is not asked for: a lost packet stays lost. */

#include "media/wire/rtcp.h"

#include "media/wire/rtp.h"
#include "tests/bench/fleet/client.h"

#define SECOND_NS G_GINT64_CONSTANT (1000000000)
#define NTP_1970 G_GUINT64_CONSTANT (2208988800)

void
client_send_rtcp (Client *self, const guint8 *bytes, gsize length)
{
  guint8 sealed[FLEET_MTU + HJ_SRTCP_MAX_TRAILER];
  gsize n = length > 0 ? hj_srtp_protect_rtcp (self->out, bytes, length, sealed, sizeof sealed) : 0;

  if (n > 0)
    fleet_net_send (self->net, self->index, &self->terms.remote, sealed, n, 0);
}

void
client_take_rtcp (Client *self, guint8 *data, gsize length)
{
  HjRtcpIter iter;
  HjRtcpPacket packet;

  hj_rtcp_iter_init (&iter, data, length);
  while (hj_rtcp_next (&iter, &packet))
    if (packet.type == HJ_RTCP_PSFB && (packet.fmt == HJ_PSFB_PLI || packet.fmt == HJ_PSFB_FIR))
      self->frames_to_key = 0;
}

/* Of every packet that opens: one that is not told counts as lost, repairs and probes too. */
void
client_note_arrival (Client *self, const guint8 *packet, const HjRtpView *view, gint64 arrival_ns)
{
  gsize size = 0;
  const guint8 *number = NULL;

  if (self->terms.twcc_id == 0 || self->n_arrivals == CLIENT_ARRIVALS)
    return;
  number = hj_rtp_find_extension (packet, view, (guint8)self->terms.twcc_id, &size);
  if (number == NULL || size < 2)
    return;
  self->last_twcc = hj_seq_unwrap (self->last_twcc, hj_be16 (number));
  /* The writer wants them ascending; loopback does not reorder. */
  if (self->n_arrivals > 0 && self->last_twcc <= self->arrivals[self->n_arrivals - 1].seq)
    return;
  self->arrivals[self->n_arrivals++] = (HjTwccArrival){ self->last_twcc, arrival_ns / 1000 };
}

void
client_note_heard (Client *self, const HjRtpView *view, guint kind)
{
  self->heard_ssrcs[kind] = view->ssrc;
  self->heard_seqs[kind] = (guint32)hj_seq_unwrap (self->heard_seqs[kind], view->seq);
}

void
client_give_feedback (Client *self)
{
  guint8 bytes[FLEET_MTU];
  gsize used = 0;
  gsize length = 0;

  if (self->n_arrivals == 0)
    return;
  length = hj_twcc_write (bytes, 1200, 1, self->heard_ssrcs[VIDEO], self->n_feedbacks++,
      self->next_twcc > 0 ? MIN (self->next_twcc, self->arrivals[0].seq) : self->arrivals[0].seq,
      self->arrivals, self->n_arrivals, &used);
  client_send_rtcp (self, bytes, length);
  if (used > 0)
    self->next_twcc = self->arrivals[used - 1].seq + 1;
  self->n_arrivals = 0;
}

static gsize
write_report (Client *self, guint kind, gint64 now_ns, guint8 *out, gsize size)
{
  HjRtcpSenderInfo info = { .ntp = ((NTP_1970 + (guint64)(now_ns / SECOND_NS)) << 32)
                                   | (guint64)((now_ns % SECOND_NS << 32) / SECOND_NS),
    .rtp_timestamp = self->times[kind],
    .n_packets = self->n_packets[kind],
    .n_bytes = self->n_bytes[kind] };
  HjRtcpReport block = { .ssrc = self->heard_ssrcs[kind], .highest_seq = self->heard_seqs[kind] };
  gsize n = self->heard_ssrcs[kind] != 0;

  if (self->terms.publishes)
    return hj_rtcp_write_sr (out, size, self->terms.ssrcs[kind], &info, &block, n);
  return hj_rtcp_write_rr (out, size, 1, &block, n);
}

void
client_report (Client *self, gint64 now_ns)
{
  guint8 bytes[FLEET_MTU];
  gsize length = 0;

  if (now_ns < self->next_report_ns)
    return;
  self->next_report_ns = now_ns + SECOND_NS;
  for (guint kind = 0; kind < N_KINDS; kind++)
    length += write_report (self, kind, now_ns, bytes + length, sizeof bytes - length);
  client_send_rtcp (self, bytes, length);
}
