/* SPDX-License-Identifier: Apache-2.0 */
/* What tells the time: microseconds since 1970 UTC. One seam, so that tests set it. Any thread. The word *clock* is kept
 * for statutory clocks (docs/glossary.md). */

#include "src/base/time.h"

struct _HjTime
{
  gboolean fake;
  gint64 now_us; /* atomic by being set before threads start, or by a test in between */
};

/* Returns: (transfer full): the system's time. */
HjTime *
hj_time_new (void)
{
  return g_new0 (HjTime, 1);
}

/* Returns: (transfer full): a time that stands still until hj_time_set(). */
HjTime *
hj_time_new_fake (gint64 now_us)
{
  HjTime *self = hj_time_new ();

  self->fake = TRUE;
  self->now_us = now_us;
  return self;
}

void
hj_time_set (HjTime *self, gint64 now_us)
{
  g_assert (self->fake);
  self->now_us = now_us;
}

void
hj_time_free (HjTime *self)
{
  g_free (self);
}

gint64
hj_time_now (HjTime *self)
{
  return self->fake ? self->now_us : g_get_real_time ();
}
