/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>
#include "media/wire/rtcp.h"
#include "media/wire/twcc.h"

G_BEGIN_DECLS

/* What one receiver knows of one source (RFC 3550 A.1, A.3, A.8). Plain data: lives inside the
 * owner's table. Read its counters, write through the functions only. */
typedef struct
{
  guint32 ssrc;
  guint32 clock_rate;
  gboolean started;
  guint16 max_seq;
  guint32 cycles; /* in units of 65536 already shifted */
  guint32 base_seq;
  guint32 bad_seq;
  guint32 received;
  guint32 expected_prior;
  guint32 received_prior;
  gboolean has_transit;
  guint32 transit;
  guint32 jitter_q4; /* the estimate times 16, as in A.8 */
  guint32 lsr;       /* middle 32 bits of the last SR's NTP time, 0: none */
  gint64 sr_arrival_us;
} HjReception;

void hj_reception_init (HjReception *self, guint32 ssrc, guint32 clock_rate);
void hj_reception_add (HjReception *self, guint16 seq, guint32 timestamp, gint64 arrival_us);
void hj_reception_add_sr (HjReception *self, guint64 ntp, gint64 arrival_us);
guint32 hj_reception_get_highest_seq (const HjReception *self);
void hj_reception_report (HjReception *self, gint64 now_us, HjRtcpReport *out);

/* When each transport-wide sequence number of one leg arrived. Plain data, about 16 KiB. */
#define HJ_TWCC_RING 1024 /* a power of two */

typedef struct
{
  gint64 highest;   /* unwrapped; < 0: nothing arrived yet */
  gint64 next_base; /* first number that the next feedback speaks of */
  guint8 feedback_count;
  gint64 last_feedback_us;
  gint64 arrival_us[HJ_TWCC_RING]; /* by seq % HJ_TWCC_RING; < 0: not arrived */
} HjTwccRecorder;

void hj_twcc_recorder_init (HjTwccRecorder *self);
void hj_twcc_recorder_add (HjTwccRecorder *self, guint16 seq, gint64 arrival_us);
gboolean hj_twcc_recorder_is_due (const HjTwccRecorder *self, gint64 now_us, gint64 interval_us);
gsize hj_twcc_recorder_write (HjTwccRecorder *self, gint64 now_us, guint32 sender_ssrc,
    guint32 media_ssrc, guint8 *out, gsize size);

G_END_DECLS
