/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of the bandwidth estimate, each alone: history, meter, groups, trend, the two rates. */
#include "media/rate/arrival.h"
#include "media/rate/loss-control.h"
#include "media/rate/meter.h"
#include "media/rate/probes.h"
#include "media/rate/rate-control.h"
#include "media/rate/sent-history.h"
#include "media/rate/trendline.h"

#define START_US (100 * (gint64)G_USEC_PER_SEC)

static void
the_history_forgets_the_oldest (void)
{
  g_autofree HjSentHistory *history = g_new0 (HjSentHistory, 1);

  g_assert_null (hj_sent_history_find (history, 0));
  g_assert_null (hj_sent_history_find (history, 65535));
  for (guint i = 0; i < 66000; i++)
    g_assert_cmpuint (hj_sent_history_add (history, i % 1000, -1, i), ==, i % 65536);
  g_assert_cmpint (hj_sent_history_find (history, (guint16)65999)->sent_us, ==, 65999);
  g_assert_cmpint (hj_sent_history_find (history, (guint16)(66000 - HJ_SENT_HISTORY_LEN))->sent_us,
      ==, 66000 - HJ_SENT_HISTORY_LEN);
  g_assert_null (hj_sent_history_find (history, (guint16)(65999 - HJ_SENT_HISTORY_LEN)));
  g_assert_null (hj_sent_history_find (history, (guint16)66000));
}

static void
the_meter_measures_half_a_second (void)
{
  HjMeter meter = { 0 };

  g_assert_cmpuint (hj_meter_get_bps (&meter, 10), ==, 0);
  for (guint i = 0; i < 200; i++)
    hj_meter_add (&meter, START_US + i * 10000, 1250);
  g_assert_cmpuint (hj_meter_get_bps (&meter, 10), ==, 1000000);
  for (guint i = 0; i < 25; i++)
    hj_meter_add (&meter, START_US + 2000000 + i * 10000, 125);
  g_assert_cmpuint (hj_meter_get_steady_bps (&meter, 4), ==, 100000);
  g_assert_cmpuint (hj_meter_get_bps (&meter, 10), ==, 640000);
  hj_meter_add (&meter, START_US + 2400000, 125);
  g_assert_cmpuint (hj_meter_get_steady_bps (&meter, 4), ==, 0);
  hj_meter_add (&meter, START_US + 9000000, 125);
  g_assert_cmpuint (hj_meter_get_bps (&meter, 10), ==, 0);
}

static void
the_meter_starts_anew_when_its_clock_is_set_back (void)
{
  HjMeter meter = { 0 };

  for (guint i = 0; i < 200; i++)
    hj_meter_add (&meter, START_US + i * 10000, 1250);
  for (guint i = 0; i < 200; i++)
    hj_meter_add (&meter, START_US / 2 + i * 10000, 125);
  g_assert_cmpuint (hj_meter_get_bps (&meter, 10), ==, 100000);
}

static void
a_growing_queue_is_overuse_and_a_steady_one_is_not (void)
{
  HjTrendline trendline;
  HjSpread spread = { .sent_us = 20000, .arrival_us = 20000, .at_us = START_US };

  hj_trendline_reset (&trendline);
  for (guint i = 0; i < 100; i++, spread.at_us += spread.arrival_us)
    {
      hj_trendline_add (&trendline, &spread);
      g_assert_cmpint (trendline.usage, ==, HJ_USAGE_NORMAL);
    }
  spread.arrival_us = 25000;
  for (guint i = 0; i < 15; i++, spread.at_us += spread.arrival_us)
    hj_trendline_add (&trendline, &spread);
  g_assert_cmpint (trendline.usage, ==, HJ_USAGE_OVER);
  spread.arrival_us = 15000;
  for (guint i = 0; i < 20; i++, spread.at_us += spread.arrival_us)
    hj_trendline_add (&trendline, &spread);
  g_assert_cmpint (trendline.usage, ==, HJ_USAGE_UNDER);
}

static void
a_trend_that_stays_is_got_used_to (void)
{
  HjTrendline trendline;
  HjSpread spread = { .sent_us = 20000, .at_us = START_US };
  double before_ms;

  hj_trendline_reset (&trendline);
  before_ms = trendline.threshold_ms;
  /* A competitor fills the queue by a little, on and on: 10 % over for 10 s. */
  for (guint i = 0; i < 500; i++)
    {
      spread.arrival_us = 22000;
      spread.at_us += spread.arrival_us;
      hj_trendline_add (&trendline, &spread);
    }
  g_assert_cmpfloat (trendline.threshold_ms, >, before_ms + 5);
  for (guint i = 0; i < 500; i++)
    {
      spread.arrival_us = 20000;
      spread.at_us += spread.arrival_us;
      hj_trendline_add (&trendline, &spread);
    }
  g_assert_cmpfloat (trendline.threshold_ms, <, before_ms);
}

static void
the_arrival_clock_unwraps_both_ways (void)
{
  const gint64 wrap_us = ((gint64)1 << 24) * 64000;
  HjArrivals arrivals = { 0 };
  gint64 first_us = hj_arrivals_unwrap (&arrivals, wrap_us / 2 - 1000);

  /* hj_twcc_read() gives the reference time signed. */
  g_assert_cmpint (hj_arrivals_unwrap (&arrivals, -wrap_us / 2 + 1000), ==, first_us + 2000);
  g_assert_cmpint (hj_arrivals_unwrap (&arrivals, wrap_us / 2 - 3000), ==, first_us - 2000);
}

static void
a_clock_that_jumps_breaks_the_groups (void)
{
  HjArrivals arrivals = { 0 };
  HjSpread spread;
  gint64 jump_us = 0;
  guint n_broken = 0;

  for (guint i = 0; i < 20; i++)
    {
      gint64 at_us = START_US + i * 20000;

      jump_us += i == 10 ? 5 * (gint64)G_USEC_PER_SEC : 0;
      switch (hj_arrivals_add (&arrivals, at_us, at_us + jump_us, at_us, &spread))
        {
        case HJ_ARRIVAL_SPREAD:
          g_assert_cmpint (spread.arrival_us, ==, spread.sent_us);
          break;
        case HJ_ARRIVAL_BROKEN:
          n_broken++;
          break;
        case HJ_ARRIVAL_NOTHING:
          break;
        }
    }
  g_assert_cmpuint (n_broken, ==, 1);
}

static guint64
decrease_from_1_mbps (double queue_ms, gboolean app_limited)
{
  HjRateControl rate;
  HjPathView view = { .usage = HJ_USAGE_OVER,
    .queue_ms = queue_ms,
    .acked_bps = 800000,
    .recent_bps = 600000,
    .app_limited = app_limited,
    .rtt_us = 100000 };

  hj_rate_control_start (&rate, 1000000, START_US);
  hj_rate_control_update (&rate, &view, START_US + 1000);
  return rate.bps;
}

static void
a_decrease_goes_below_what_arrives (void)
{
  g_assert_cmpuint (decrease_from_1_mbps (20, FALSE), ==, 510000);
  g_assert_cmpuint (decrease_from_1_mbps (200, FALSE), ==, 420000);
  /* It arrives slowly because it was sent slowly. */
  g_assert_cmpuint (decrease_from_1_mbps (20, TRUE), ==, 850000);
}

static void
a_decrease_waits_for_the_one_before_to_show (void)
{
  HjRateControl rate;
  HjPathView view = { .usage = HJ_USAGE_OVER, .acked_bps = 900000, .rtt_us = 100000 };

  hj_rate_control_start (&rate, 1000000, START_US);
  hj_rate_control_update (&rate, &view, START_US + 1000);
  g_assert_cmpuint (rate.bps, ==, 765000);
  view.acked_bps = 700000;
  hj_rate_control_update (&rate, &view, START_US + 100000);
  g_assert_cmpuint (rate.bps, ==, 765000);
  hj_rate_control_update (&rate, &view, START_US + 102000);
  g_assert_cmpuint (rate.bps, ==, 595000);
}

static void
a_burst_is_one_group (void)
{
  HjArrivals arrivals = { 0 };
  HjSpread spread;
  guint n_spreads = 0;

  for (guint i = 0; i < 50; i++)
    for (guint j = 0; j < 4; j++)
      n_spreads += hj_arrivals_add (&arrivals, START_US + i * 33000 + j * 1000,
                       START_US + i * 33000 + j * 2000, START_US + i * 33000, &spread)
                   == HJ_ARRIVAL_SPREAD;
  g_assert_cmpuint (n_spreads, ==, 48);
  g_assert_cmpint (spread.sent_us, ==, 33000);
  g_assert_cmpint (spread.arrival_us, ==, 33000);
}

static void
loss_between_2_and_10_percent_holds (void)
{
  static const struct
  {
    guint n_lost;
    double factor;
  } cases[] = { { 0, 1.05 }, { 1, 1.05 }, { 3, 1 }, { 10, 1 }, { 20, 0.9 }, { 50, 0.75 } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      HjLossControl loss;

      hj_loss_control_start (&loss);
      loss.bps = 1000000;
      hj_loss_control_update (&loss, 1000000, 0, START_US);
      hj_loss_control_take (&loss, 100 - cases[i].n_lost, cases[i].n_lost, 0);
      hj_loss_control_update (&loss, 1000000, 0, START_US + G_USEC_PER_SEC);
      g_assert_cmpfloat_with_epsilon ((double)loss.bps, 1000000 * cases[i].factor, 2000);
    }
}

static void
loss_does_not_take_what_arrives (void)
{
  static const struct
  {
    guint64 acked_bps, want_bps;
  } cases[] = { { 0, 750000 }, { 600000, 750000 }, { 1000000, 850000 }, { 5000000, 1000000 } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      HjLossControl loss;

      hj_loss_control_start (&loss);
      hj_loss_control_update (&loss, 1000000, cases[i].acked_bps, START_US);
      hj_loss_control_take (&loss, 50, 50, 0);
      hj_loss_control_update (&loss, 1000000, cases[i].acked_bps, START_US + G_USEC_PER_SEC);
      g_assert_cmpfloat_with_epsilon ((double)loss.bps, (double)cases[i].want_bps, 2000);
    }
}

/* Asks from since_us on until something is to be probed; gives up after a minute. Returns: how long that took. */
static gint64
wait_for_probe (HjProbes *probes, guint64 target_bps, gint64 since_us)
{
  HjProbeView view = { .target_bps = target_bps, .calm = TRUE };
  HjProbe probe;
  gint64 now_us = since_us;

  while (now_us - since_us < 60 * (gint64)G_USEC_PER_SEC
         && !hj_probes_next (probes, &view, now_us, &probe))
    now_us += 20000;
  return now_us - since_us;
}

static void
a_deeper_fall_is_asked_about_soon (void)
{
  HjProbes probes = { .started = TRUE };
  gint64 now_us = START_US;
  gint64 waited_us = 0;

  hj_probes_note_drop (&probes, 3000000, 1800000, now_us);
  for (guint i = 0; i < 40 && waited_us < 10 * (gint64)G_USEC_PER_SEC; i++, now_us += waited_us)
    waited_us = wait_for_probe (&probes, 1800000, now_us);
  hj_probes_note_drop (&probes, 1800000, 1700000, now_us);
  waited_us = wait_for_probe (&probes, 1700000, now_us);
  g_assert_cmpint (waited_us, >, 10 * (gint64)G_USEC_PER_SEC);
  now_us += waited_us;
  hj_probes_note_drop (&probes, 1700000, 200000, now_us);
  g_assert_cmpint (wait_for_probe (&probes, 200000, now_us), <=, 3 * (gint64)G_USEC_PER_SEC);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define PART(name) g_test_add_func ("/rate-parts/" #name, name)
  PART (the_history_forgets_the_oldest);
  PART (the_meter_measures_half_a_second);
  PART (a_growing_queue_is_overuse_and_a_steady_one_is_not);
  PART (the_meter_starts_anew_when_its_clock_is_set_back);
  PART (a_trend_that_stays_is_got_used_to);
  PART (the_arrival_clock_unwraps_both_ways);
  PART (a_clock_that_jumps_breaks_the_groups);
  PART (a_decrease_goes_below_what_arrives);
  PART (a_decrease_waits_for_the_one_before_to_show);
  PART (a_burst_is_one_group);
  PART (loss_between_2_and_10_percent_holds);
  PART (loss_does_not_take_what_arrives);
  PART (a_deeper_fall_is_asked_about_soon);
  return g_test_run ();
}
