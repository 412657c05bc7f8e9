/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define HJ_GAPS_MAX 64 /* missing at once; more is an outage, not loss */

/* Which packets of one source are missing, and when they were asked for. Plain data; all zeros is a good start. */
typedef struct
{
  gboolean started;
  guint16 highest;
  guint n;
  struct
  {
    guint16 seq;
    guint8 n_asked;
    gint64 since_us;
    gint64 due_us; /* to be asked for */
  } missing[HJ_GAPS_MAX];
} HjGaps;

gboolean hj_gaps_receive (HjGaps *self, guint16 seq, gint64 now_us);
gboolean hj_gaps_has (const HjGaps *self, guint16 seq);
gsize hj_gaps_take_due (HjGaps *self, gint64 again_us, gint64 now_us, guint16 *seqs, gsize max);

G_END_DECLS
