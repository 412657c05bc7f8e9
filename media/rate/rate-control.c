/* SPDX-License-Identifier: Apache-2.0 */
/* The delay-based rate: up by 8 % a second far from the path's known capacity, by about a packet per
 * response time near it, down to 85 % of what arrives when the queue grows (70 % when it is long)
 * (draft-ietf-rmcat-gcc-02 5.5). Plain values, used by the leg's thread. */
#include "media/rate/rate-control.h"

#include <math.h>

#include "media/rate/bandwidth.h"

#define BETA 0.85
#define DRAINING_BETA 0.7 /* 0.85 takes seconds to drain a queue that voice cannot wait for */
#define LONG_QUEUE_MS 100.0
#define GROWTH_PER_S 1.08
#define LEAST_GROWTH_BPS 1000.0
#define LEAST_STEP_BPS_PER_S 4000.0
#define FRAMES_PER_S 30.0
#define PACKET_BITS (1200 * 8.0)
#define REACTION_US 100000 /* of the detector, on top of the round trip */
#define HEADROOM 1.5
#define MARGIN_BPS 10000
#define LEAST_PAUSE_US 10000
#define MOST_PAUSE_US 200000
#define CAPACITY_WEIGHT 0.05
#define PROBE_WEIGHT 0.5

static void
set_bps (HjRateControl *self, double bps, gint64 now_us)
{
  self->bps = (guint64)CLAMP (bps, HJ_BANDWIDTH_MIN_BPS, HJ_BANDWIDTH_MAX_BPS);
  self->changed_us = now_us;
}

void
hj_rate_control_start (HjRateControl *self, guint64 bps, gint64 now_us)
{
  *self = (HjRateControl){ .state = HJ_RATE_HOLD };
  set_bps (self, (double)bps, now_us);
}

/* Three standard deviations, in kbit/s. */
static double
capacity_slack (const HjRateControl *self)
{
  return 3 * sqrt (self->deviation * self->capacity_kbps);
}

static void
note_capacity (HjRateControl *self, double kbps, double weight)
{
  double error_kbps, variance;

  if (self->capacity_kbps <= 0)
    {
      self->capacity_kbps = kbps;
      self->deviation = 0.4;
      return;
    }
  error_kbps = self->capacity_kbps - kbps;
  self->capacity_kbps = (1 - weight) * self->capacity_kbps + weight * kbps;
  variance = error_kbps * error_kbps / MAX (self->capacity_kbps, 1.0);
  self->deviation = CLAMP ((1 - weight) * self->deviation + weight * variance, 0.4, 2.5);
}

/* Near the capacity: one packet more per response time, doubled because the filter smooths. */
static double
additive_bps_per_s (const HjRateControl *self, gint64 rtt_us)
{
  double frame_bits = (double)self->bps / FRAMES_PER_S;
  double packet_bits = frame_bits / ceil (frame_bits / PACKET_BITS);
  double response_s = 2 * (double)(rtt_us + REACTION_US) / G_USEC_PER_SEC;

  return MAX (packet_bits / response_s, LEAST_STEP_BPS_PER_S);
}

static void
increase (HjRateControl *self, const HjPathView *view, gint64 now_us)
{
  double passed_s = CLAMP ((double)(now_us - self->changed_us) / G_USEC_PER_SEC, 0, 1);
  double limit_bps = HEADROOM * (double)view->acked_bps + MARGIN_BPS;
  double bps = (double)self->bps;

  if (self->capacity_kbps > 0
      && (double)view->acked_bps / 1000 > self->capacity_kbps + capacity_slack (self))
    self->capacity_kbps = 0; /* it got wider */
  /* What is not used says nothing about what could be (application-limited). */
  if (view->acked_bps == 0 || bps >= limit_bps)
    {
      self->changed_us = now_us;
      return;
    }
  if (self->capacity_kbps > 0)
    bps += additive_bps_per_s (self, view->rtt_us) * passed_s;
  else
    bps += MAX (bps * (pow (GROWTH_PER_S, passed_s) - 1), LEAST_GROWTH_BPS * passed_s);
  set_bps (self, MIN (bps, limit_bps), now_us);
}

/* Once per round trip: a decrease shows only then. Sooner when far too much is sent. */
static gboolean
may_decrease (const HjRateControl *self, guint64 bps, gint64 rtt_us, gint64 now_us)
{
  return self->decreased_us == 0
         || now_us - self->decreased_us >= CLAMP (rtt_us, LEAST_PAUSE_US, MOST_PAUSE_US)
         || bps < self->bps / 2;
}

static void
decrease (HjRateControl *self, const HjPathView *view, gint64 now_us)
{
  /* While a queue stands, what arrives is what the path carries: the shorter window sees a path
   * that just got narrow first. */
  guint64 arriving_bps
      = view->recent_bps > 0 ? MIN (view->recent_bps, view->acked_bps) : view->acked_bps;
  double beta = view->queue_ms > LONG_QUEUE_MS ? DRAINING_BETA : BETA;
  double bps = beta * (double)arriving_bps;

  if (!may_decrease (self, arriving_bps, view->rtt_us, now_us))
    return;
  if (arriving_bps == 0)
    bps = (double)self->bps / 2;
  else if (!view->app_limited)
    {
      if ((double)arriving_bps / 1000 < self->capacity_kbps - capacity_slack (self))
        self->capacity_kbps = 0; /* it got narrower */
      note_capacity (self, (double)arriving_bps / 1000, CAPACITY_WEIGHT);
    }
  if (view->app_limited) /* little arrives because little was sent */
    bps = MAX (bps, BETA * (double)self->bps);
  self->decreased_us = now_us;
  set_bps (self, MIN (bps, (double)self->bps), now_us);
}

void
hj_rate_control_update (HjRateControl *self, const HjPathView *view, gint64 now_us)
{
  switch (view->usage)
    {
    case HJ_USAGE_OVER:
      self->state = HJ_RATE_HOLD;
      decrease (self, view, now_us);
      return;
    case HJ_USAGE_UNDER:
      self->state = HJ_RATE_HOLD; /* let the queue drain */
      return;
    case HJ_USAGE_NORMAL:
      break;
    }
  if (self->state == HJ_RATE_INCREASE)
    increase (self, view, now_us);
  else
    self->changed_us = now_us; /* growth counts from here */
  self->state = HJ_RATE_INCREASE;
}

/* What a probe found. */
void
hj_rate_control_set (HjRateControl *self, guint64 bps, gint64 now_us)
{
  if (self->capacity_kbps > 0)
    note_capacity (self, (double)bps / 1000, PROBE_WEIGHT);
  set_bps (self, (double)bps, now_us);
}
