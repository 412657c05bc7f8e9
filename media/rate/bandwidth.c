/* SPDX-License-Identifier: Apache-2.0 */
/* The estimate of one receiving leg: takes what was sent and what the receiver told of it, feeds the
 * delay-based and the loss-based rate and the probes, and gives their least
 * (draft-ietf-rmcat-gcc-02 3). Used by the leg's thread; allocates once, in hj_bandwidth_new().
 *
 * Starts at 300 kbit/s, what a call can be begun with on any access that carries it, for probes find
 * more within two round trips; never below 50 kbit/s, which voice needs; never above 10 Mbit/s,
 * which the history holds for four seconds. */
#include "media/rate/bandwidth.h"

#include "media/rate/arrival.h"
#include "media/rate/loss-control.h"
#include "media/rate/meter.h"
#include "media/rate/probes.h"
#include "media/rate/rate-control.h"
#include "media/rate/sent-history.h"
#include "media/rate/trendline.h"

#define RECENT_BUCKETS 4 /* 200 ms */
#define FIRST_RTT_US 200000
#define LONGEST_RTT_US (10 * G_USEC_PER_SEC)
#define SILENCE_US G_USEC_PER_SEC     /* of the receiver, while it is sent to */
#define STALE_US (2 * G_USEC_PER_SEC) /* delays from before so long a silence say nothing */
#define LIMITED_PERCENT 65            /* sends less of the target than this: limited by itself */
#define CALM_LOSS_256 26

struct HjBandwidth
{
  HjSentHistory history;
  HjMeter sent;
  HjMeter acked;
  HjArrivals arrivals;
  HjTrendline trendline;
  HjRateControl rate;
  HjLossControl loss;
  HjProbes probes;
  guint64 cap_bps;    /* 0: none */
  gint64 rtt_us;      /* told; 0: not yet */
  gint64 own_rtt_us;  /* from feedback, which takes its time; 0: not yet */
  gint64 now_us;      /* never goes back */
  gint64 sent_us;     /* the last packet */
  gint64 feedback_us; /* the last one that told something; 0: none */
  gint64 shrunk_us;   /* the last time for want of feedback */
};

/* What one feedback sums up to. */
typedef struct
{
  guint n_received;
  guint n_late; /* of them, called lost before */
  guint n_lost;
  gint64 newest_sent_us;
} Told;

/* Returns: (transfer full) */
HjBandwidth *
hj_bandwidth_new (gint64 now_us)
{
  HjBandwidth *self = g_new0 (HjBandwidth, 1);

  self->now_us = now_us;
  hj_trendline_reset (&self->trendline);
  hj_rate_control_start (&self->rate, HJ_BANDWIDTH_START_BPS, now_us);
  hj_loss_control_start (&self->loss);
  return self;
}

void
hj_bandwidth_free (HjBandwidth *self)
{
  g_free (self);
}

static gint64
turn_clock (HjBandwidth *self, gint64 now_us)
{
  self->now_us = MAX (self->now_us, now_us);
  return self->now_us;
}

/* Returns: the number that the next hj_bandwidth_send() will give, for a packet that may yet be refused */
guint16
hj_bandwidth_get_next_seq (const HjBandwidth *self)
{
  return (guint16)self->history.n_sent;
}

/**
 * hj_bandwidth_send:
 * @bytes: on the wire, with all headers that the path carries
 * @probe: the id of the cluster that the packet is part of, or -1
 *
 * Returns: the transport-wide sequence number that the packet shall carry
 */
guint16
hj_bandwidth_send (HjBandwidth *self, guint bytes, int probe, gint64 now_us)
{
  now_us = turn_clock (self, now_us);
  /* After a pause the want of feedback counts from here. */
  if (now_us - self->sent_us > SILENCE_US)
    self->shrunk_us = now_us;
  self->sent_us = now_us;
  hj_meter_add (&self->sent, now_us, bytes);
  hj_probes_begin (&self->probes, HJ_BANDWIDTH_START_BPS);
  return hj_sent_history_add (&self->history, bytes, MAX (probe, -1), now_us);
}

static void
take_received (HjBandwidth *self, HjSent *sent, gint64 raw_us, gint64 now_us, Told *told)
{
  gint64 arrival_us = hj_arrivals_unwrap (&self->arrivals, raw_us);
  HjSpread spread;

  told->n_received++;
  told->n_late += sent->fate == HJ_FATE_LOST;
  told->newest_sent_us = MAX (told->newest_sent_us, sent->sent_us);
  sent->fate = HJ_FATE_RECEIVED;
  hj_meter_add (&self->acked, arrival_us, sent->bytes);
  hj_probes_take_received (&self->probes, sent, arrival_us);
  switch (hj_arrivals_add (&self->arrivals, sent->sent_us, arrival_us, now_us, &spread))
    {
    case HJ_ARRIVAL_SPREAD:
      hj_trendline_add (&self->trendline, &spread);
      break;
    case HJ_ARRIVAL_BROKEN:
      hj_trendline_reset (&self->trendline);
      break;
    case HJ_ARRIVAL_NOTHING:
      break;
    }
}

static Told
take_statuses (HjBandwidth *self, const HjTwccStatus *statuses, gsize n, gint64 now_us)
{
  Told told = { 0 };

  for (gsize i = 0; i < n; i++)
    {
      HjSent *sent = hj_sent_history_find (&self->history, statuses[i].seq);

      if (sent == NULL || sent->fate == HJ_FATE_RECEIVED)
        continue;
      if (statuses[i].received)
        take_received (self, sent, statuses[i].arrival_us, now_us, &told);
      else if (sent->fate == HJ_FATE_UNKNOWN)
        {
          sent->fate = HJ_FATE_LOST;
          hj_probes_take_lost (&self->probes, sent);
          told.n_lost++;
        }
    }
  return told;
}

static void
note_own_rtt (HjBandwidth *self, gint64 sample_us)
{
  if (self->own_rtt_us == 0)
    self->own_rtt_us = sample_us;
  self->own_rtt_us += (sample_us - self->own_rtt_us) / 8;
}

static gint64
get_rtt_us (const HjBandwidth *self)
{
  return self->rtt_us > 0 ? self->rtt_us : self->own_rtt_us;
}

static gboolean
is_app_limited (const HjBandwidth *self)
{
  guint64 sent_bps = hj_meter_get_bps (&self->sent, HJ_METER_WHOLE);

  return sent_bps > 0 && sent_bps * 100 < hj_bandwidth_get_target_bps (self) * LIMITED_PERCENT;
}

static gboolean
is_starved (const HjBandwidth *self)
{
  return hj_meter_get_bps (&self->sent, HJ_METER_WHOLE) > hj_bandwidth_get_target_bps (self);
}

/* A result below the rate counts only when the burst filled the path, and never pulls below what
 * arrives anyway. */
static void
apply_probe (HjBandwidth *self, gint64 now_us)
{
  guint64 acked_bps = hj_meter_get_bps (&self->acked, HJ_METER_WHOLE);
  HjProbeResult result;

  if (!hj_probes_get_result (&self->probes, now_us, &result)
      || self->trendline.usage == HJ_USAGE_OVER)
    return;
  result.bps = MAX (result.bps, acked_bps);
  if (result.bps > self->rate.bps || (result.full && acked_bps > 0))
    hj_rate_control_set (&self->rate, result.bps, now_us);
  hj_loss_control_set (&self->loss, result.bps);
}

static void
update_rates (HjBandwidth *self, gint64 now_us)
{
  gint64 rtt_us = get_rtt_us (self);
  HjPathView view = {
    .usage = self->trendline.usage,
    .queue_ms = hj_trendline_get_queue_ms (&self->trendline),
    .acked_bps = hj_meter_get_bps (&self->acked, HJ_METER_WHOLE),
    .recent_bps = hj_meter_get_steady_bps (&self->acked, RECENT_BUCKETS),
    .app_limited = is_app_limited (self),
    .rtt_us = rtt_us > 0 ? rtt_us : FIRST_RTT_US,
  };
  guint64 before_bps = MIN (self->rate.bps, self->loss.bps);
  guint64 after_bps;

  hj_rate_control_update (&self->rate, &view, now_us);
  apply_probe (self, now_us);
  (void)hj_loss_control_update (
      &self->loss, hj_bandwidth_get_target_bps (self), view.acked_bps, now_us);
  after_bps = MIN (self->rate.bps, self->loss.bps);
  hj_probes_note_drop (&self->probes, before_bps, after_bps, now_us);
}

/**
 * hj_bandwidth_take_feedback:
 * @statuses: as hj_twcc_read() gives them; what they tell of packets never sent, forgotten or told
 *   before is passed over, and a feedback of nothing else changes nothing
 */
void
hj_bandwidth_take_feedback (HjBandwidth *self, const HjTwccStatus *statuses, gsize n, gint64 now_us)
{
  Told told;

  now_us = turn_clock (self, now_us);
  if (self->feedback_us != 0 && now_us - self->feedback_us > STALE_US)
    {
      hj_arrivals_forget_groups (&self->arrivals);
      hj_trendline_reset (&self->trendline);
    }
  told = take_statuses (self, statuses, n, now_us);
  if (told.n_received + told.n_lost == 0)
    return;
  self->feedback_us = now_us;
  if (told.n_received > told.n_late)
    note_own_rtt (self, now_us - told.newest_sent_us);
  hj_loss_control_take (&self->loss, told.n_received, told.n_lost, told.n_late);
  update_rates (self, now_us);
}

/* From receiver reports or checks; without one, the feedback's own delay stands in. */
void
hj_bandwidth_take_rtt (HjBandwidth *self, gint64 rtt_us)
{
  if (rtt_us > 0 && rtt_us <= LONGEST_RTT_US)
    self->rtt_us = rtt_us;
}

/* @bps: the most that the peer wants, 0 for no such wish. The floor stands above it. */
void
hj_bandwidth_cap (HjBandwidth *self, guint64 bps)
{
  self->cap_bps = bps;
}

/**
 * hj_bandwidth_next_probe:
 * @out: (out): set with TRUE; ask each tick, each answer is given once
 *
 * Returns: TRUE when a cluster shall be sent now
 */
gboolean
hj_bandwidth_next_probe (HjBandwidth *self, gint64 now_us, HjProbe *out)
{
  HjProbeView view = {
    .target_bps = hj_bandwidth_get_target_bps (self),
    .calm = self->trendline.usage != HJ_USAGE_OVER && self->loss.loss_256 <= CALM_LOSS_256,
    .app_limited = is_app_limited (self),
    .starved = is_starved (self),
  };

  now_us = turn_clock (self, now_us);
  /* Nobody to probe: nothing is sent, or nobody tells what arrives. */
  if (now_us - self->sent_us > SILENCE_US
      || (self->feedback_us == 0 ? self->probes.asked_us != 0
                                 : now_us - self->feedback_us > SILENCE_US))
    return FALSE;
  if (self->cap_bps != 0 && self->cap_bps <= view.target_bps)
    return FALSE;
  return hj_probes_next (&self->probes, &view, now_us, out);
}

/* Falls by a fifth each second (or round trip) in which packets leave and nothing is told: the path
 * is cut, or so full that feedback drowns. */
void
hj_bandwidth_tick (HjBandwidth *self, gint64 now_us)
{
  gint64 wait_us = MAX (SILENCE_US, 2 * get_rtt_us (self));
  guint64 before_bps = self->rate.bps;

  now_us = turn_clock (self, now_us);
  if (self->feedback_us == 0 || now_us - self->sent_us > SILENCE_US
      || now_us - MAX (self->feedback_us, self->shrunk_us) < wait_us)
    return;
  self->shrunk_us = now_us;
  self->acked = (HjMeter){ 0 };
  hj_rate_control_set (&self->rate, before_bps / 5 * 4, now_us);
  hj_probes_note_drop (&self->probes, before_bps, self->rate.bps, now_us);
}

/* Returns: what may be sent, retransmissions and all, in bit/s */
guint64
hj_bandwidth_get_target_bps (const HjBandwidth *self)
{
  guint64 bps = MIN (self->rate.bps, self->loss.bps);

  if (self->cap_bps != 0)
    bps = MIN (bps, self->cap_bps);
  return CLAMP (bps, HJ_BANDWIDTH_MIN_BPS, HJ_BANDWIDTH_MAX_BPS);
}

/* @out: (out caller-allocates) */
void
hj_bandwidth_get_stats (const HjBandwidth *self, HjBandwidthStats *out)
{
  *out = (HjBandwidthStats){
    .target_bps = hj_bandwidth_get_target_bps (self),
    .delay_bps = self->rate.bps,
    .loss_bps = self->loss.bps,
    .acked_bps = hj_meter_get_bps (&self->acked, HJ_METER_WHOLE),
    .rtt_us = get_rtt_us (self),
    .loss_256 = self->loss.loss_256,
    .overuse = self->trendline.usage == HJ_USAGE_OVER,
  };
}
