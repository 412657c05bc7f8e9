/* SPDX-License-Identifier: Apache-2.0 */
/* What a receiver remembers to report: per source for RTCP reports (RFC 3550 A.1, A.3, A.8), per leg
 * for transport-wide congestion control. Plain data inside the relay's tables, touched only by the
 * thread that owns them; no allocation. Counts authentic packets only, SRTP comes before. */
#include "media/reception.h"

#include <string.h>

#include "media/wire/rtp.h"

#define MAX_DROPOUT 3000
#define MAX_MISORDER 100
#define NO_BAD_SEQ 0x10000u
#define RING_MASK (HJ_TWCC_RING - 1)

G_STATIC_ASSERT ((HJ_TWCC_RING & RING_MASK) == 0);

/**
 * hj_reception_init:
 * @clock_rate: of the payload, in Hz; what jitter is counted in
 */
void
hj_reception_init (HjReception *self, guint32 ssrc, guint32 clock_rate)
{
  memset (self, 0, sizeof *self);
  self->ssrc = ssrc;
  self->clock_rate = clock_rate;
}

static void
start_at (HjReception *self, guint16 seq)
{
  self->started = TRUE;
  self->base_seq = seq;
  self->max_seq = seq;
  self->bad_seq = NO_BAD_SEQ;
  self->cycles = 0;
  self->received = 0;
  self->received_prior = 0;
  self->expected_prior = 0;
  self->has_transit = FALSE;
}

/* RFC 3550 A.1, without probation: a forged packet does not come this far. FALSE: does not count. */
static gboolean
update_seq (HjReception *self, guint16 seq)
{
  guint16 ahead = (guint16)(seq - self->max_seq);

  if (!self->started)
    start_at (self, seq);
  else if (ahead < MAX_DROPOUT)
    {
      if (seq < self->max_seq)
        self->cycles += 0x10000;
      self->max_seq = seq;
    }
  else if (ahead <= 0x10000 - MAX_MISORDER)
    {
      if (seq != self->bad_seq)
        {
          self->bad_seq = (seq + 1u) & 0xffff;
          return FALSE;
        }
      start_at (self, seq); /* two in a row after a jump: the source began anew */
    }
  self->received++;
  return TRUE;
}

static void
update_jitter (HjReception *self, guint32 timestamp, gint64 arrival_us)
{
  gint64 arrival = arrival_us / G_USEC_PER_SEC * self->clock_rate
                   + arrival_us % G_USEC_PER_SEC * self->clock_rate / G_USEC_PER_SEC;
  guint32 transit = (guint32)arrival - timestamp;
  guint32 d = transit - self->transit;

  if (self->has_transit)
    {
      if ((gint32)d < 0)
        d = -d;
      self->jitter_q4 += d - ((self->jitter_q4 + 8) >> 4);
    }
  self->transit = transit;
  self->has_transit = TRUE;
}

/**
 * hj_reception_add:
 *
 * Counts one packet. Repairs (RTX) do not count: loss is told as the network made it.
 */
void
hj_reception_add (HjReception *self, guint16 seq, guint32 timestamp, gint64 arrival_us)
{
  if (update_seq (self, seq))
    update_jitter (self, timestamp, arrival_us);
}

/**
 * hj_reception_add_sr:
 * @ntp: of the sender report, for LSR and DLSR
 */
void
hj_reception_add_sr (HjReception *self, guint64 ntp, gint64 arrival_us)
{
  self->lsr = (guint32)(ntp >> 16);
  self->sr_arrival_us = arrival_us;
}

guint32
hj_reception_get_highest_seq (const HjReception *self)
{
  return self->cycles + self->max_seq;
}

/* Loss since the last report, of 256 (RFC 3550 A.3). */
static guint8
take_fraction (HjReception *self, guint32 expected)
{
  guint32 expected_interval = expected - self->expected_prior;
  guint32 received_interval = self->received - self->received_prior;
  gint64 lost_interval = (gint64)expected_interval - received_interval;

  self->expected_prior = expected;
  self->received_prior = self->received;
  if (expected_interval == 0 || lost_interval <= 0)
    return 0;
  return (guint8)MIN ((lost_interval << 8) / expected_interval, 255);
}

/**
 * hj_reception_report:
 * @out: (out caller-allocates): all zeros but the SSRC before the first packet
 *
 * Fills a report block and begins the next interval of the loss fraction.
 */
void
hj_reception_report (HjReception *self, gint64 now_us, HjRtcpReport *out)
{
  guint32 expected;
  gint64 lost;

  memset (out, 0, sizeof *out);
  out->ssrc = self->ssrc;
  if (self->lsr != 0)
    {
      out->lsr = self->lsr;
      out->dlsr = (guint32)(MAX (now_us - self->sr_arrival_us, 0) * 0x10000 / G_USEC_PER_SEC);
    }
  if (!self->started)
    return;
  out->highest_seq = hj_reception_get_highest_seq (self);
  expected = out->highest_seq - self->base_seq + 1;
  lost = (gint64)expected - self->received;
  out->lost = (gint32)CLAMP (lost, -0x800000, 0x7fffff);
  out->fraction_lost = take_fraction (self, expected);
  out->jitter = self->jitter_q4 >> 4;
}

void
hj_twcc_recorder_init (HjTwccRecorder *self)
{
  memset (self, 0, sizeof *self);
  self->highest = -1;
}

static void
forget_all (HjTwccRecorder *self, gint64 seq)
{
  for (gsize i = 0; i < HJ_TWCC_RING; i++)
    self->arrival_us[i] = -1;
  self->highest = seq;
  self->next_base = seq;
}

/* Makes `seq` the highest; the numbers skipped count as not arrived. */
static void
advance (HjTwccRecorder *self, gint64 seq)
{
  if (seq - self->highest >= HJ_TWCC_RING)
    {
      forget_all (self, seq); /* a jump, not a loss; nobody gains from a thousand zeros */
      return;
    }
  while (self->highest < seq)
    self->arrival_us[++self->highest & RING_MASK] = -1;
  self->next_base = MAX (self->next_base, seq - HJ_TWCC_RING + 1);
}

/**
 * hj_twcc_recorder_add:
 * @seq: from the packet's transport-wide sequence number extension
 * @arrival_us: on a monotonic clock, not negative
 *
 * A packet that comes after the feedback that told its loss is told with the next one. Doubles and
 * what is more than HJ_TWCC_RING behind are ignored.
 */
void
hj_twcc_recorder_add (HjTwccRecorder *self, guint16 seq, gint64 arrival_us)
{
  gint64 full;

  if (self->highest < 0)
    forget_all (self, 0x10000 + (gint64)seq); /* room below for the reordered first packets */
  full = hj_seq_unwrap (self->highest, seq);
  if (full > self->highest)
    advance (self, full);
  if (full <= self->highest - HJ_TWCC_RING || self->arrival_us[full & RING_MASK] >= 0)
    return;
  self->arrival_us[full & RING_MASK] = arrival_us;
  self->next_base = MIN (self->next_base, full);
}

/**
 * hj_twcc_recorder_is_due:
 * @interval_us: 50 to 100 ms
 *
 * Returns: TRUE when there is something to tell and the last feedback is @interval_us ago
 */
gboolean
hj_twcc_recorder_is_due (const HjTwccRecorder *self, gint64 now_us, gint64 interval_us)
{
  return self->highest >= 0 && self->next_base <= self->highest
         && now_us - self->last_feedback_us >= interval_us;
}

/**
 * hj_twcc_recorder_write:
 *
 * Writes one feedback of what was not told yet. Call until it returns 0; mostly the first says all.
 */
gsize
hj_twcc_recorder_write (HjTwccRecorder *self, gint64 now_us, guint32 sender_ssrc,
    guint32 media_ssrc, guint8 *out, gsize size)
{
  HjTwccArrival arrivals[HJ_TWCC_RING];
  gsize n = 0, n_used, len;

  if (self->highest < 0)
    return 0;
  for (gint64 seq = self->next_base; seq <= self->highest; seq++)
    {
      if (self->arrival_us[seq & RING_MASK] >= 0)
        arrivals[n++] = (HjTwccArrival){ seq, self->arrival_us[seq & RING_MASK] };
    }
  len = hj_twcc_write (out, size, sender_ssrc, media_ssrc, self->feedback_count, self->next_base,
      arrivals, n, &n_used);
  if (len == 0)
    return 0;
  self->next_base = arrivals[n_used - 1].seq + 1;
  self->feedback_count++;
  self->last_feedback_us = now_us;
  return len;
}
