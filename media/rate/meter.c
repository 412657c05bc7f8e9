/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes per time over a sliding half second: of what the receiver got (on its clock) and of what
 * was sent (on ours). Plain values, used by the leg's thread. The "incoming bitrate" of
 * draft-ietf-rmcat-gcc-02 5.5, R_hat. */
#include "media/rate/meter.h"

#define BUCKET_US 50000
#define LEAST_BUCKETS 3        /* a rate from less says nothing */
#define TURNED_BACK_US 3000000 /* no packet is late by so much: the clock was set back */

static void
restart (HjMeter *self, gint64 bucket)
{
  *self = (HjMeter){ .first = bucket, .newest = bucket, .running = TRUE };
}

static void
advance (HjMeter *self, gint64 bucket)
{
  while (self->newest < bucket)
    self->bytes[++self->newest % HJ_METER_BUCKETS] = 0;
}

/* @at_us: never negative. A pause longer than the window starts anew: silence of the sender is not
 * narrowness of the path. */
void
hj_meter_add (HjMeter *self, gint64 at_us, guint bytes)
{
  gint64 bucket = MAX (at_us, 0) / BUCKET_US;

  if (!self->running || bucket > self->newest + HJ_METER_WHOLE
      || bucket < self->newest - TURNED_BACK_US / BUCKET_US)
    restart (self, bucket);
  advance (self, bucket);
  if (bucket > self->newest - HJ_METER_BUCKETS)
    self->bytes[bucket % HJ_METER_BUCKETS] += bytes;
}

/* Over the newest @max_buckets whole buckets of 50 ms. Returns: 0 when not known yet */
guint64
hj_meter_get_bps (const HjMeter *self, guint max_buckets)
{
  gint64 from = MAX (self->first + 1, self->newest - MIN (max_buckets, HJ_METER_WHOLE));
  gint64 n = self->newest - from;
  guint64 bytes = 0;

  if (!self->running || n < LEAST_BUCKETS)
    return 0;
  for (gint64 i = from; i < self->newest; i++)
    bytes += self->bytes[i % HJ_METER_BUCKETS];
  return bytes * 8 * G_USEC_PER_SEC / ((guint64)n * BUCKET_US);
}

/* The same over all of the newest @n_buckets, provided that something arrived in each: a gap is a
 * path that stood still or got longer, not one that got narrow. Returns: 0 when not known */
guint64
hj_meter_get_steady_bps (const HjMeter *self, guint n_buckets)
{
  if (!self->running || self->newest - self->first <= n_buckets)
    return 0;
  for (gint64 i = self->newest - n_buckets; i < self->newest; i++)
    if (self->bytes[i % HJ_METER_BUCKETS] == 0)
      return 0;
  return hj_meter_get_bps (self, n_buckets);
}
