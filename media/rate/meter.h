/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define HJ_METER_BUCKETS 11 /* ten whole ones and the one that fills */
#define HJ_METER_WHOLE (HJ_METER_BUCKETS - 1)

/* Zeroed is empty. */
typedef struct
{
  guint32 bytes[HJ_METER_BUCKETS];
  gint64 first;  /* the bucket in which measuring began */
  gint64 newest; /* the bucket that fills */
  gboolean running;
} HjMeter;

void hj_meter_add (HjMeter *self, gint64 at_us, guint bytes);
guint64 hj_meter_get_bps (const HjMeter *self, guint max_buckets);
guint64 hj_meter_get_steady_bps (const HjMeter *self, guint n_buckets);

G_END_DECLS
