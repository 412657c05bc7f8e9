/* SPDX-License-Identifier: Apache-2.0 */
/* What a relay worker has counted, gathered for whoever watches the node (docs/operations.md, Metrics). The counters are
 * plain numbers in the worker's tables; hj_rooms_tally() runs in its thread. */

#include "media/tally.h"

#include <string.h>
#include <time.h>

#include "media/rooms-private.h"

static const char *const STATES[HJ_TALLY_STATES]
    = { "new", "checked", "connected", "silent", "gone" };

G_STATIC_ASSERT (HJ_TALLY_STATES == HJ_LEG_N_STATES);

const char *
hj_tally_state_to_string (guint state)
{
  return STATES[state];
}

static gint64
thread_time (void)
{
  struct timespec spent;

  if (clock_gettime (CLOCK_THREAD_CPUTIME_ID, &spent) != 0)
    return 0;
  return spent.tv_sec * G_TIME_SPAN_SECOND + spent.tv_nsec / 1000;
}

/* Notes that n datagrams came with one wake-up. */
void
hj_rooms_note_batch (HjRooms *self, guint n)
{
  guint bucket = n > 1 ? g_bit_storage (n - 1) : 0;

  self->batches[MIN (bucket, HJ_TALLY_BATCHES - 1)]++;
  self->batched += n;
}

/* On the worker's thread: its time is read too. out: overwritten. */
void
hj_rooms_tally (const HjRooms *self, HjTally *out)
{
  *out = (HjTally){ .packets_in = self->packets_in,
    .packets_out = self->packets_out,
    .batched = self->batched,
    .cpu_us = thread_time (),
    .rooms = g_hash_table_size (self->rooms),
    .seats = self->n_seats };
  memcpy (out->counts, self->counts, sizeof out->counts);
  memcpy (out->dropped, self->dropped, sizeof out->dropped);
  memcpy (out->batches, self->batches, sizeof out->batches);
  for (guint i = 0; i < self->legs->len; i++)
    out->legs[((const HjLeg *)self->legs->pdata[i])->state]++;
}

/* What a leg tells huijiand of itself besides its packets. */
void
hj_leg_describe (const HjLeg *self, HjLinkLeg *entry)
{
  static const HjLinkLegNumber OF[HJ_COUNT_N] = { [HJ_COUNT_BYTES_IN] = HJ_LINK_LEG_BYTES_IN,
    [HJ_COUNT_BYTES_OUT] = HJ_LINK_LEG_BYTES_OUT,
    [HJ_COUNT_NACKS_IN] = HJ_LINK_LEG_NACKS_IN,
    [HJ_COUNT_NACKS_OUT] = HJ_LINK_LEG_NACKS_OUT,
    [HJ_COUNT_RTX_IN] = HJ_LINK_LEG_N_NUMBERS,
    [HJ_COUNT_RTX_OUT] = HJ_LINK_LEG_N_NUMBERS,
    [HJ_COUNT_PLIS_IN] = HJ_LINK_LEG_PLIS_IN,
    [HJ_COUNT_PLIS_OUT] = HJ_LINK_LEG_PLIS_OUT };

  for (guint i = 0; i < HJ_COUNT_N; i++)
    if (OF[i] != HJ_LINK_LEG_N_NUMBERS)
      entry->numbers[OF[i]] = (gint64)self->counts[i];
  entry->numbers[HJ_LINK_LEG_RTT_US] = self->rtt_us;
  if (self->bandwidth != NULL)
    entry->numbers[HJ_LINK_LEG_TARGET_BPS] = (gint64)hj_bandwidth_get_target_bps (self->bandwidth);
}
