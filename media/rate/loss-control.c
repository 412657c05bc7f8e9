/* SPDX-License-Identifier: Apache-2.0 */
/* The loss-based rate: over 10 % of packets lost it falls, under 2 % it grows, between it holds, so that
 * the noise of a radio link alone takes nothing away (draft-ietf-rmcat-gcc-02 6). It falls to 85 % of
 * what arrives and no further: a link that got narrow drops half of what is sent until the sender has
 * heard of it, and still carries the other half. Plain values, used by the leg's thread. */
#include "media/rate/loss-control.h"

#include "media/rate/bandwidth.h"

#define WINDOW_US G_USEC_PER_SEC
#define HASTE_US 300000 /* when losses are heavy */
#define HEAVY_256 64    /* a quarter */
#define HIGH_256 26     /* 10 % */
#define LOW_256 5       /* 2 % */
#define LEAST_PACKETS 20
#define GROWTH 1.05
#define ACKED_SHARE 0.85

void
hj_loss_control_start (HjLossControl *self)
{
  *self = (HjLossControl){ .bps = HJ_BANDWIDTH_MAX_BPS };
}

/* @n_late: of the received, those that an earlier feedback called lost */
void
hj_loss_control_take (HjLossControl *self, guint n_received, guint n_lost, guint n_late)
{
  self->n_told += n_received - MIN (n_late, n_received) + n_lost;
  self->n_lost += n_lost;
  self->n_lost -= MIN (n_late, self->n_lost);
}

static gboolean
window_is_whole (HjLossControl *self, gint64 now_us)
{
  gint64 passed_us = now_us - self->since_us;

  if (self->since_us == 0 || passed_us < 0)
    {
      self->since_us = now_us;
      return FALSE;
    }
  if (self->n_told < LEAST_PACKETS)
    return FALSE;
  return passed_us >= WINDOW_US
         || (passed_us >= HASTE_US && self->n_lost * 256 > self->n_told * HEAVY_256);
}

/* @target_bps: what is being sent to
 * @acked_bps: what arrives of it, 0: not known
 * Returns: TRUE when the rate fell */
gboolean
hj_loss_control_update (HjLossControl *self, guint64 target_bps, guint64 acked_bps, gint64 now_us)
{
  double bps = (double)self->bps;
  gboolean fell = FALSE;

  if (!window_is_whole (self, now_us))
    return FALSE;
  self->loss_256 = self->n_lost * 256 / self->n_told;
  if (self->loss_256 > HIGH_256)
    {
      bps = (double)MIN (self->bps, target_bps);
      bps = MIN (
          bps, MAX (bps * (1 - 0.5 * self->loss_256 / 256), ACKED_SHARE * (double)acked_bps));
      fell = TRUE;
    }
  else if (self->loss_256 < LOW_256)
    bps *= GROWTH;
  self->bps = (guint64)CLAMP (bps, HJ_BANDWIDTH_MIN_BPS, HJ_BANDWIDTH_MAX_BPS);
  self->since_us = now_us;
  self->n_told = self->n_lost = 0;
  return fell;
}

/* A probe got through: losses of before tell no more. */
void
hj_loss_control_set (HjLossControl *self, guint64 bps)
{
  if (self->loss_256 <= HIGH_256)
    self->bps = MAX (self->bps, MIN (bps, HJ_BANDWIDTH_MAX_BPS));
}
