/* SPDX-License-Identifier: Apache-2.0 */
/* From arrival times to the spread between groups of packets: draft-ietf-rmcat-gcc-02 5.2
 * (pre-filtering) and 5.3, and libwebrtc's rules for bursts and for clocks that jump. Plain values,
 * used by the leg's thread. */
#include "media/rate/arrival.h"

#define GROUP_US 5000
#define BURST_US 5000
#define LONGEST_BURST_US 100000
#define JUMP_US (3 * G_USEC_PER_SEC)
#define MAX_BACKWARDS 3
#define WRAP_US ((gint64)1 << 24) * 64000 /* of the reference time, hj_twcc_read() */
#define ORIGIN_US ((gint64)1 << 50)       /* so that the clock never gets negative */

/* The receiver's clock without its wrap (every 12 days). */
gint64
hj_arrivals_unwrap (HjArrivals *self, gint64 raw_us)
{
  const gint64 wrap_us = WRAP_US;
  gint64 step_us = self->has_clock ? (raw_us - self->raw_us) % wrap_us : 0;

  if (step_us > wrap_us / 2)
    step_us -= wrap_us;
  else if (step_us < -wrap_us / 2)
    step_us += wrap_us;
  self->clock_us = self->has_clock ? self->clock_us + step_us : ORIGIN_US;
  self->raw_us = raw_us;
  self->has_clock = TRUE;
  return self->clock_us;
}

static void
begin_group (HjArrivals *self, gint64 sent_us, gint64 arrival_us, gint64 now_us)
{
  self->has_current = TRUE;
  self->current = (HjGroup){
    .first_sent_us = sent_us,
    .last_sent_us = sent_us,
    .first_arrival_us = arrival_us,
    .last_arrival_us = arrival_us,
    .told_us = now_us,
  };
}

/* A queue somewhere let them go at once: then they say nothing about the path's own pace. Much
 * earlier than the last is no burst but a clock set back. */
static gboolean
is_burst (const HjGroup *group, gint64 sent_us, gint64 arrival_us)
{
  gint64 behind_us = arrival_us - group->last_arrival_us;

  return behind_us - (sent_us - group->last_sent_us) < 0 && behind_us <= BURST_US
         && behind_us > -LONGEST_BURST_US
         && arrival_us - group->first_arrival_us < LONGEST_BURST_US;
}

static gboolean
belongs (const HjGroup *group, gint64 sent_us, gint64 arrival_us)
{
  return sent_us - group->first_sent_us <= GROUP_US || is_burst (group, sent_us, arrival_us);
}

static HjArrivalNews
compare (HjArrivals *self, HjSpread *out)
{
  gint64 told_us = self->current.told_us - self->previous.told_us;

  out->sent_us = self->current.last_sent_us - self->previous.last_sent_us;
  out->arrival_us = self->current.last_arrival_us - self->previous.last_arrival_us;
  out->at_us = self->current.last_arrival_us;
  if (out->arrival_us - told_us >= JUMP_US)
    return HJ_ARRIVAL_BROKEN;
  if (out->arrival_us < 0)
    return ++self->n_backwards >= MAX_BACKWARDS ? HJ_ARRIVAL_BROKEN : HJ_ARRIVAL_NOTHING;
  self->n_backwards = 0;
  return HJ_ARRIVAL_SPREAD;
}

/**
 * hj_arrivals_add:
 * @arrival_us: from hj_arrivals_unwrap()
 * @out: (out): set with HJ_ARRIVAL_SPREAD, when the packet begins a group and two lie behind it
 */
HjArrivalNews
hj_arrivals_add (HjArrivals *self, gint64 sent_us, gint64 arrival_us, gint64 now_us, HjSpread *out)
{
  HjArrivalNews news = HJ_ARRIVAL_NOTHING;

  if (self->has_current && sent_us < self->current.first_sent_us)
    return HJ_ARRIVAL_NOTHING; /* told late, of a group already weighed */
  if (self->has_current && belongs (&self->current, sent_us, arrival_us))
    {
      self->current.last_sent_us = MAX (self->current.last_sent_us, sent_us);
      self->current.last_arrival_us = MAX (self->current.last_arrival_us, arrival_us);
      self->current.told_us = now_us;
      return HJ_ARRIVAL_NOTHING;
    }
  if (self->has_current && self->has_previous)
    news = compare (self, out);
  if (news == HJ_ARRIVAL_BROKEN)
    hj_arrivals_forget_groups (self);
  self->has_previous = self->has_current;
  self->previous = self->current;
  begin_group (self, sent_us, arrival_us, now_us);
  return news;
}

void
hj_arrivals_forget_groups (HjArrivals *self)
{
  self->has_current = self->has_previous = FALSE;
  self->n_backwards = 0;
}
