/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>
#include "media/drop.h"

G_BEGIN_DECLS

/* What a leg and its worker count, for good and together (media/tally.c). Bytes are those of media packets with their SRTP
 * trailer, audio and video as one: who speaks must not show (RFC 6562). */
typedef enum
{
  HJ_COUNT_BYTES_IN,
  HJ_COUNT_BYTES_OUT,
  HJ_COUNT_NACKS_IN,  /* packets that the peer asked for again */
  HJ_COUNT_NACKS_OUT, /* packets that the peer was asked for again */
  HJ_COUNT_RTX_IN,
  HJ_COUNT_RTX_OUT,
  HJ_COUNT_PLIS_IN, /* FIR too */
  HJ_COUNT_PLIS_OUT,
  HJ_COUNT_N
} HjCount;

#define HJ_TALLY_STATES 5  /* of legs, in the order of hj_tally_state_to_string() */
#define HJ_TALLY_BATCHES 8 /* buckets: up to 1, 2, 4 … 64 datagrams in one batch, and more */

/* Everything that one worker has counted since it started, and what it holds now. Plain data: filled by the worker, read by
 * control when it has come home. */
typedef struct
{
  guint64 packets_in; /* datagrams */
  guint64 packets_out;
  guint64 counts[HJ_COUNT_N];
  guint64 dropped[HJ_DROP_N];
  guint64 batches[HJ_TALLY_BATCHES];
  guint64 batched; /* datagrams in all batches */
  gint64 cpu_us;   /* of the worker's thread */
  guint rooms;
  guint seats;
  guint legs[HJ_TALLY_STATES];
} HjTally;

const char *hj_tally_state_to_string (guint state);

G_END_DECLS
