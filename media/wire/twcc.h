/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>
#include "media/wire/rtcp.h"

G_BEGIN_DECLS

/* Transport-wide congestion control feedback,
 * draft-holmer-rmcat-transport-wide-cc-extensions-01. */

/* One arrival for the builder; `seq` is unwrapped (hj_seq_unwrap). */
typedef struct
{
  gint64 seq;
  gint64 arrival_us;
} HjTwccArrival;

/* One packet's fate, as a feedback tells it. */
typedef struct
{
  guint16 seq;
  gboolean received;
  gint64 arrival_us; /* on the receiver's clock, modulo 2^24 * 64 ms; 0 when lost */
} HjTwccStatus;

gsize hj_twcc_write (guint8 *out, gsize size, guint32 sender_ssrc, guint32 media_ssrc,
    guint8 feedback_count, gint64 base_seq, const HjTwccArrival *arrivals, gsize n_arrivals,
    gsize *n_used);
gboolean hj_twcc_read (const HjRtcpPacket *packet, guint8 *feedback_count, HjTwccStatus *out,
    gsize max, gsize *n_out) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
