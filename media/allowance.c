/* SPDX-License-Identifier: Apache-2.0 */
/* Bounds what one authenticated peer may make the relay do (OWASP ASVS 5.0 V17.2.5). A camera and a microphone at their best
 * send some 250 packets a second; repairs and probes double that for moments. */

#include "media/allowance.h"

#define PER_SECOND 2000
#define BURST_US (500 * G_TIME_SPAN_MILLISECOND)
#define EACH_US (G_TIME_SPAN_SECOND / PER_SECOND)

/* One packet more. FALSE when the peer sends more than 2,000 a second, after 1,000 at once. now_us: monotonic. */
gboolean
hj_allowance_take (HjAllowance *self, gint64 now_us)
{
  gint64 until_us = MAX (self->spent_until_us, now_us);

  if (until_us - now_us >= BURST_US)
    return FALSE;
  self->spent_until_us = until_us + EACH_US;
  return TRUE;
}
