/* SPDX-License-Identifier: Apache-2.0 */
/* Spreads what a receiver gets over time, so that a keyframe does not fill the queue of a thin link and make the audio
 * behind it late. Repairs leave before new video; audio never comes here. On the relay thread; pace.c drives it. */

#include "media/pacer.h"

/* So much may leave at once after a pause: an ordinary frame is never held up (DESIGN section 13, relay delay). */
#define BURST_US (40 * G_TIME_SPAN_MILLISECOND)
#define BURST_BYTES 6000
#define LONGEST_US (500 * G_TIME_SPAN_MILLISECOND)

static gint64
time_of (const HjPacer *self, guint64 bytes)
{
  return self->rate_bps > 0 ? (gint64)(bytes * 8 * G_TIME_SPAN_SECOND / self->rate_bps) : 0;
}

static gint64
burst_us (const HjPacer *self)
{
  return MAX (BURST_US, time_of (self, BURST_BYTES));
}

/* When the next packet may leave; in the past where it may at once. */
gint64
hj_pacer_due_us (const HjPacer *self)
{
  return self->rate_bps > 0 ? self->free_us - burst_us (self) : 0;
}

/* Whether a packet that comes now needs not wait. */
gboolean
hj_pacer_may_pass (const HjPacer *self, gint64 now_us)
{
  return hj_pacer_is_empty (self) && hj_pacer_due_us (self) <= now_us;
}

/* Notes what left, whether it waited or not. bytes: of the whole datagram. */
void
hj_pacer_sent (HjPacer *self, gsize bytes, gint64 now_us)
{
  self->free_us = MAX (self->free_us, now_us) + time_of (self, bytes);
}

static HjPaced *
ring_of (HjPacer *self, gboolean again, guint *size)
{
  *size = again ? HJ_PACER_REPAIRS : HJ_PACER_MEDIA;
  return again ? self->repairs : self->media;
}

/* packet: copied. Returns: FALSE when it would wait for more than half a second, or too many do already. */
gboolean
hj_pacer_push (HjPacer *self, const HjPaced *packet)
{
  guint size = 0;
  HjPaced *ring = ring_of (self, packet->again, &size);
  guint *n = &self->n[packet->again];

  if (*n == size || time_of (self, self->bytes + packet->length) > LONGEST_US)
    return FALSE;
  ring[(self->first[packet->again] + (*n)++) & (size - 1)] = *packet;
  self->bytes += packet->length;
  return TRUE;
}

/* Takes the next off the queue, due or not. FALSE when nothing waits. */
gboolean
hj_pacer_pop (HjPacer *self, HjPaced *out)
{
  gboolean again = self->n[TRUE] > 0;
  guint size = 0;
  HjPaced *ring = ring_of (self, again, &size);

  if (self->n[again] == 0)
    return FALSE;
  *out = ring[self->first[again]++ & (size - 1)];
  self->n[again]--;
  self->bytes -= out->length;
  return TRUE;
}
