/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>
#include "media/rate/trendline.h"

G_BEGIN_DECLS

/* What the last feedback says, for hj_rate_control_update(). */
typedef struct
{
  HjUsage usage;
  double queue_ms;    /* that stands on the path */
  guint64 acked_bps;  /* over half a second; 0 when not known */
  guint64 recent_bps; /* over 200 ms without a gap; 0 when not known */
  gboolean app_limited;
  gint64 rtt_us;
} HjPathView;

typedef enum
{
  HJ_RATE_HOLD,
  HJ_RATE_INCREASE,
} HjRateState;

typedef struct
{
  guint64 bps;
  HjRateState state;
  gint64 changed_us;
  gint64 decreased_us;  /* 0: never */
  double capacity_kbps; /* of the path, as seen when it was full; 0 when not known */
  double deviation;     /* of it, squared and by capacity */
} HjRateControl;

void hj_rate_control_start (HjRateControl *self, guint64 bps, gint64 now_us);
void hj_rate_control_update (HjRateControl *self, const HjPathView *view, gint64 now_us);
void hj_rate_control_set (HjRateControl *self, guint64 bps, gint64 now_us);

G_END_DECLS
