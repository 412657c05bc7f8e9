/* SPDX-License-Identifier: Apache-2.0 */
/* The list of what to ask a sender for again (RFC 4585 6.2.1). Asked at the next tick, so that packets that were only
 * overtaken are mostly there by then, and once more right after, because a request is lost as easily as a packet; asked again
 * until they come or are of no use any more, with growing pauses: what a full queue has dropped does not come sooner for it. */

#include "media/gaps.h"

#include <string.h>

#define GIVE_UP_US (800 * G_TIME_SPAN_MILLISECOND)
#define MAX_ASKED 20
#define TWICE_US (20 * G_TIME_SPAN_MILLISECOND)

static void
remove_at (HjGaps *self, guint index)
{
  self->n--;
  memmove (&self->missing[index], &self->missing[index + 1],
      (self->n - index) * sizeof self->missing[0]);
}

static void
fill (HjGaps *self, guint16 seq)
{
  for (guint i = 0; i < self->n; i++)
    if (self->missing[i].seq == seq)
      {
        remove_at (self, i);
        return;
      }
}

static void
forget_old (HjGaps *self, gint64 now_us)
{
  while (self->n > 0 && now_us - self->missing[0].since_us > GIVE_UP_US)
    remove_at (self, 0);
}

/* Notes that a packet came, and which ones before it did not.
 * Returns: FALSE when so much is missing that only a keyframe helps; the list is empty then. */
gboolean
hj_gaps_receive (HjGaps *self, guint16 seq, gint64 now_us)
{
  gint16 ahead = (gint16)(seq - self->highest);

  if (!self->started || ahead > 0)
    {
      guint n_new = self->started ? (guint)ahead - 1 : 0;

      self->started = TRUE;
      if (self->n + n_new > HJ_GAPS_MAX)
        forget_old (self, now_us); /* of a peer without NACK nobody takes them */
      if (self->n + n_new > HJ_GAPS_MAX)
        {
          self->n = 0;
          self->highest = seq;
          return FALSE;
        }
      for (guint16 lost = (guint16)(self->highest + 1); n_new > 0; lost++, n_new--)
        {
          self->missing[self->n].seq = lost;
          self->missing[self->n].n_asked = 0;
          self->missing[self->n].since_us = now_us;
          self->missing[self->n++].due_us = now_us;
        }
      self->highest = seq;
    }
  else if (ahead < 0)
    fill (self, seq);
  return TRUE;
}

/* Whether it is missing and will be asked for. */
gboolean
hj_gaps_has (const HjGaps *self, guint16 seq)
{
  for (guint i = 0; i < self->n; i++)
    if (self->missing[i].seq == seq)
      return TRUE;
  return FALSE;
}

/* What to ask for now, in order; it counts as asked. again_us: how long an answer may take, not less than the round trip.
 * Returns: how many there are in seqs. */
gsize
hj_gaps_take_due (HjGaps *self, gint64 again_us, gint64 now_us, guint16 *seqs, gsize max)
{
  gsize n = 0;

  for (guint i = 0; i < self->n && n < max;)
    {
      if (now_us - self->missing[i].since_us > GIVE_UP_US || self->missing[i].n_asked >= MAX_ASKED)
        {
          remove_at (self, i);
          continue;
        }
      if (now_us >= self->missing[i].due_us)
        {
          guint round = self->missing[i].n_asked / 2;
          gboolean first = self->missing[i].n_asked++ % 2 == 0;
          gint64 wait_us = again_us + again_us / 2 * round;

          self->missing[i].due_us
              = now_us + (first ? TWICE_US : MAX (wait_us - TWICE_US, TWICE_US));
          seqs[n++] = self->missing[i].seq;
        }
      i++;
    }
  return n;
}
