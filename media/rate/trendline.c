/* SPDX-License-Identifier: Apache-2.0 */
/* Does the path's queue grow: the slope of the smoothed delay over the last groups, held against a
 * threshold that adapts, so that a greedy TCP beside it does not starve the call
 * (draft-ietf-rmcat-gcc-02 5.4, and the trendline that libwebrtc has in place of the Kalman filter).
 * Plain values, used by the leg's thread. */
#include "media/rate/trendline.h"

#include <math.h>

#define SMOOTHING 0.9
#define GAIN 4.0
#define MAX_SPREADS 60
#define FIRST_THRESHOLD_MS 12.5
#define LEAST_THRESHOLD_MS 6.0
#define MOST_THRESHOLD_MS 600.0
#define K_UP 0.0087
#define K_DOWN 0.039
#define OUTLIER_MS 15.0 /* a sudden spike is no reason to get used to it */
#define LONGEST_ADAPT_MS 100.0
#define OVER_MS 10.0
#define SPAN_US (5 * G_USEC_PER_SEC) /* in two, a queue runs empty once or the path got longer */

void
hj_trendline_reset (HjTrendline *self)
{
  *self = (HjTrendline){ .threshold_ms = FIRST_THRESHOLD_MS, .over_ms = -1 };
}

/* Least squares. Returns: ms of delay per ms, 0 when all points stand on one moment */
static double
slope (const HjTrendline *self)
{
  double x = 0, y = 0, above = 0, below = 0;

  for (guint i = 0; i < HJ_TRENDLINE_WINDOW; i++)
    {
      x += self->points[i].at_ms / HJ_TRENDLINE_WINDOW;
      y += self->points[i].delay_ms / HJ_TRENDLINE_WINDOW;
    }
  for (guint i = 0; i < HJ_TRENDLINE_WINDOW; i++)
    {
      above += (self->points[i].at_ms - x) * (self->points[i].delay_ms - y);
      below += (self->points[i].at_ms - x) * (self->points[i].at_ms - x);
    }
  return below > 0 ? above / below : 0;
}

static void
adapt (HjTrendline *self, double level_ms, gint64 at_us)
{
  double distance_ms = fabs (level_ms) - self->threshold_ms;
  double passed_ms = CLAMP ((double)(at_us - self->adapted_us) / 1000, 0, LONGEST_ADAPT_MS);

  self->adapted_us = at_us;
  if (distance_ms > OUTLIER_MS)
    return;
  self->threshold_ms += (distance_ms < 0 ? K_DOWN : K_UP) * distance_ms * passed_ms;
  self->threshold_ms = CLAMP (self->threshold_ms, LEAST_THRESHOLD_MS, MOST_THRESHOLD_MS);
}

/* Over only after 10 ms and two groups, and only while the slope does not flatten. */
static void
judge (HjTrendline *self, double level_ms, double trend, double sent_ms)
{
  if (level_ms <= self->threshold_ms)
    {
      self->over_ms = -1;
      self->n_over = 0;
      self->usage = level_ms < -self->threshold_ms ? HJ_USAGE_UNDER : HJ_USAGE_NORMAL;
      return;
    }
  self->over_ms = self->over_ms < 0 ? sent_ms / 2 : self->over_ms + sent_ms;
  self->n_over++;
  if (self->over_ms > OVER_MS && self->n_over > 1 && trend >= self->trend)
    {
      self->over_ms = 0;
      self->n_over = 0;
      self->usage = HJ_USAGE_OVER;
    }
}

static void
note_least (HjTrendline *self, gint64 at_us)
{
  if (at_us - self->span_us > SPAN_US)
    {
      self->least_ms[1] = self->least_ms[0];
      self->least_ms[0] = self->smoothed_ms;
      self->span_us = at_us;
    }
  self->least_ms[0] = MIN (self->least_ms[0], self->smoothed_ms);
}

void
hj_trendline_add (HjTrendline *self, const HjSpread *spread)
{
  double trend, level_ms;

  if (self->n_spreads == 0)
    self->origin_us = self->adapted_us = self->span_us = spread->at_us;
  self->n_spreads = MIN (self->n_spreads + 1, MAX_SPREADS);
  self->sum_ms += (double)(spread->arrival_us - spread->sent_us) / 1000;
  self->smoothed_ms = SMOOTHING * self->smoothed_ms + (1 - SMOOTHING) * self->sum_ms;
  note_least (self, spread->at_us);
  self->points[self->next] = (HjTrendPoint){
    .at_ms = (double)(spread->at_us - self->origin_us) / 1000,
    .delay_ms = self->smoothed_ms,
  };
  self->next = (self->next + 1) % HJ_TRENDLINE_WINDOW;
  self->n_points = MIN (self->n_points + 1, HJ_TRENDLINE_WINDOW);
  trend = self->n_points == HJ_TRENDLINE_WINDOW ? slope (self) : self->trend;
  level_ms = self->n_spreads < 2 ? 0 : self->n_spreads * trend * GAIN;
  judge (self, level_ms, trend, (double)spread->sent_us / 1000);
  self->trend = trend;
  adapt (self, level_ms, spread->at_us);
}

/* How long the queue is that stands on the path, by what was seen of its delay. */
double
hj_trendline_get_queue_ms (const HjTrendline *self)
{
  return self->smoothed_ms - MIN (self->least_ms[0], self->least_ms[1]);
}
