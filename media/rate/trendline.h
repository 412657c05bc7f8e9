/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>
#include "media/rate/arrival.h"

G_BEGIN_DECLS

#define HJ_TRENDLINE_WINDOW 20

typedef enum
{
  HJ_USAGE_NORMAL,
  HJ_USAGE_OVER,  /* a queue grows */
  HJ_USAGE_UNDER, /* a queue drains */
} HjUsage;

typedef struct
{
  double at_ms;
  double delay_ms; /* smoothed */
} HjTrendPoint;

typedef struct
{
  HjTrendPoint points[HJ_TRENDLINE_WINDOW];
  guint n_points;
  guint next;
  guint n_spreads;
  gint64 origin_us;
  double sum_ms; /* delay since the first group */
  double smoothed_ms;
  double least_ms[2]; /* smoothed delay, least of this span of time and of the one before */
  gint64 span_us;     /* the begin of this span */
  double trend;
  double threshold_ms;
  double over_ms; /* for how long the trend has been over; negative: it is not */
  guint n_over;
  gint64 adapted_us;
  HjUsage usage;
} HjTrendline;

void hj_trendline_reset (HjTrendline *self);
void hj_trendline_add (HjTrendline *self, const HjSpread *spread);
double hj_trendline_get_queue_ms (const HjTrendline *self);

G_END_DECLS
