/* SPDX-License-Identifier: Apache-2.0 */
/* Does the estimate follow the path: a simulated bottleneck with what real networks do to packets.
 * All in simulated time with seeds; the bounds are promises, the runs are the same every time. */
#include "tests/media/rate-link.h"

#define KBPS 1000.0
#define MBPS 1000000.0

static void
target_is_between (HjRateLink *link, double least, double most)
{
  g_test_message ("target %.0f of %.0f kbit/s, delivered %.0f, queue %.0f ms",
      link->mean_target_bps / KBPS, link->capacity_bps / KBPS, link->delivered_bps / KBPS,
      link->worst_queue_ms);
  g_assert_cmpfloat (link->mean_target_bps, >=, least * link->capacity_bps);
  g_assert_cmpfloat (link->mean_target_bps, <=, most * link->capacity_bps);
}

static void
it_finds_the_capacity_and_stays_there (gconstpointer data)
{
  static const double capacities[] = { 150 * KBPS, 500 * KBPS, 1 * MBPS, 3 * MBPS, 8 * MBPS };

  for (guint i = 0; i < G_N_ELEMENTS (capacities); i++)
    {
      g_autoptr (HjRateLink) link = hj_rate_link_new (capacities[i], 1);

      hj_rate_link_run (link, 20);
      hj_rate_link_run (link, 30);
      target_is_between (link, 0.7, 1.05);
      g_assert_cmpfloat (link->worst_queue_ms, <, 300);
    }
}

static void
a_wide_path_is_found_within_two_seconds (gconstpointer data)
{
  g_autoptr (HjRateLink) link = hj_rate_link_new (3 * MBPS, 1);

  hj_rate_link_run (link, 2);
  g_assert_cmpuint (hj_rate_link_get_target_bps (link, 0), >=, 2 * MBPS);
  g_assert_cmpuint (link->n_probes, >=, 2);
}

static void
a_narrower_path_keeps_its_queue_short (gconstpointer data)
{
  g_autoptr (HjRateLink) link = hj_rate_link_new (1 * MBPS, 1);

  hj_rate_link_run (link, 30);
  link->capacity_bps = 300 * KBPS;
  hj_rate_link_run (link, 2);
  hj_rate_link_run (link, 18);
  g_assert_cmpfloat (link->worst_queue_ms, <, 300);
  target_is_between (link, 0.7, 1.05);
}

static void
a_path_that_widens_again_is_used_within_15_seconds (gconstpointer data)
{
  g_autoptr (HjRateLink) link = hj_rate_link_new (1 * MBPS, 1);

  hj_rate_link_run (link, 20);
  link->capacity_bps = 300 * KBPS;
  hj_rate_link_run (link, 20);
  link->capacity_bps = 1 * MBPS;
  hj_rate_link_run (link, 15);
  g_assert_cmpuint (hj_rate_link_get_target_bps (link, 0), >=, 800 * KBPS);
  hj_rate_link_run (link, 10);
  target_is_between (link, 0.7, 1.05);
}

static void
random_loss_of_5_percent_takes_little_away (gconstpointer data)
{
  g_autoptr (HjRateLink) link = hj_rate_link_new (1 * MBPS, 1);

  link->loss = 0.05;
  hj_rate_link_run (link, 20);
  hj_rate_link_run (link, 60);
  target_is_between (link, 0.7, 1.08);
  g_assert_cmpfloat (link->least_target_bps, >, 600 * KBPS);
}

static void
loss_of_30_percent_makes_it_fall (gconstpointer data)
{
  g_autoptr (HjRateLink) link = hj_rate_link_new (1 * MBPS, 1);
  HjBandwidthStats stats;

  hj_rate_link_run (link, 10);
  link->loss = 0.3;
  hj_rate_link_run (link, 10);
  hj_bandwidth_get_stats (hj_rate_link_get_bandwidth (link, 0), &stats);
  g_assert_cmpuint (stats.loss_bps, <, 400 * KBPS);
  g_assert_cmpuint (stats.target_bps, ==, MIN (stats.loss_bps, stats.delay_bps));
  g_assert_cmpuint (stats.loss_256, >, 40);
}

static void
a_queue_that_drops_early_is_not_overrun (gconstpointer data)
{
  g_autoptr (HjRateLink) link = hj_rate_link_new (500 * KBPS, 1);

  link->queue_ms = 50;
  hj_rate_link_run (link, 10);
  hj_rate_link_run (link, 30);
  target_is_between (link, 0.7, 1.05);
}

static void
jitter_is_not_taken_for_a_queue (gconstpointer data)
{
  for (int reorders = 0; reorders <= 1; reorders++)
    {
      g_autoptr (HjRateLink) link = hj_rate_link_new (1 * MBPS, 1);

      link->jitter_us = 20000;
      link->reorders = reorders;
      hj_rate_link_run (link, 20);
      hj_rate_link_run (link, 30);
      target_is_between (link, 0.7, 1.05);
    }
}

static void
traffic_of_others_gets_its_room (gconstpointer data)
{
  g_autoptr (HjRateLink) link = hj_rate_link_new (1 * MBPS, 1);

  link->cross_bps = 400 * KBPS;
  hj_rate_link_run (link, 20);
  hj_rate_link_run (link, 30);
  g_assert_cmpfloat (link->mean_target_bps, >=, 0.7 * 600 * KBPS);
  g_assert_cmpfloat (link->mean_target_bps, <=, 1.05 * 600 * KBPS);
  g_assert_cmpfloat (link->worst_queue_ms, <, 300);
}

static void
two_calls_share_a_path (gconstpointer data)
{
  g_autoptr (HjRateLink) link = hj_rate_link_new (1 * MBPS, 2);

  hj_rate_link_run (link, 60);
  g_assert_cmpuint (hj_rate_link_get_target_bps (link, 0), >=, 300 * KBPS);
  g_assert_cmpuint (hj_rate_link_get_target_bps (link, 1), >=, 300 * KBPS);
  g_assert_cmpfloat (link->delivered_bps, >=, 800 * KBPS);
}

static void
lost_feedback_and_a_long_path_do_no_harm (gconstpointer data)
{
  g_autoptr (HjRateLink) link = hj_rate_link_new (1 * MBPS, 1);

  link->one_way_us = 100000;
  link->loss = 0.05;
  link->feedback_loss = 0.2;
  hj_rate_link_run (link, 30);
  hj_rate_link_run (link, 30);
  target_is_between (link, 0.7, 1.08);
}

static void
a_cut_of_30_seconds_is_survived (gconstpointer data)
{
  g_autoptr (HjRateLink) link = hj_rate_link_new (1 * MBPS, 1);

  hj_rate_link_run (link, 10);
  link->cut = TRUE;
  hj_rate_link_run (link, 30);
  g_assert_cmpuint (hj_rate_link_get_target_bps (link, 0), ==, HJ_BANDWIDTH_MIN_BPS);
  link->cut = FALSE;
  hj_rate_link_run (link, 5);
  g_assert_cmpuint (hj_rate_link_get_target_bps (link, 0), >=, 700 * KBPS);
}

static void
a_sender_with_little_to_send_learns_of_room_by_probes (gconstpointer data)
{
  g_autoptr (HjRateLink) link = hj_rate_link_new (500 * KBPS, 1);

  link->app_bps = 150 * KBPS;
  hj_rate_link_run (link, 20);
  g_assert_cmpuint (hj_rate_link_get_target_bps (link, 0), <=, 1.05 * 500 * KBPS);
  link->capacity_bps = 3 * MBPS;
  hj_rate_link_run (link, 20);
  g_assert_cmpuint (hj_rate_link_get_target_bps (link, 0), >=, 2 * MBPS);
}

static void
the_receivers_clock_may_wrap (gconstpointer data)
{
  g_autoptr (HjRateLink) link = hj_rate_link_new (1 * MBPS, 1);

  /* The reference time counts 24 bits of 64 ms; it wraps 15 s from here. */
  link->receiver_clock_us = ((gint64)1 << 24) * 64000 - link->now_us - 15 * G_USEC_PER_SEC;
  hj_rate_link_run (link, 14);
  hj_rate_link_run (link, 4);
  g_assert_cmpfloat (link->least_target_bps, >, 700 * KBPS);
  hj_rate_link_run (link, 20);
  target_is_between (link, 0.7, 1.05);
}

static void
the_receivers_clock_may_jump (gconstpointer data)
{
  static const double jumps_s[] = { 3600, -3600, 10, -2, -0.2, -0.05 };

  for (guint i = 0; i < G_N_ELEMENTS (jumps_s); i++)
    {
      g_autoptr (HjRateLink) link = hj_rate_link_new (1 * MBPS, 1);

      link->receiver_clock_us = 7200 * (gint64)G_USEC_PER_SEC;
      hj_rate_link_run (link, 10);
      link->receiver_clock_us += (gint64)(jumps_s[i] * G_USEC_PER_SEC);
      hj_rate_link_run (link, 5);
      g_assert_cmpfloat (link->least_target_bps, >, 400 * KBPS);
      hj_rate_link_run (link, 10);
      target_is_between (link, 0.7, 1.05);
    }
}

static void
a_path_that_gets_longer_is_not_mistaken_for_long (gconstpointer data)
{
  g_autoptr (HjRateLink) link = hj_rate_link_new (1 * MBPS, 1);

  hj_rate_link_run (link, 10);
  link->one_way_us += 200000;
  hj_rate_link_run (link, 10);
  g_assert_cmpfloat (link->least_target_bps, >, 300 * KBPS);
  hj_rate_link_run (link, 20);
  target_is_between (link, 0.7, 1.05);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define TEST(name) g_test_add_data_func ("/rate/" #name, NULL, name)
  TEST (it_finds_the_capacity_and_stays_there);
  TEST (a_wide_path_is_found_within_two_seconds);
  TEST (a_narrower_path_keeps_its_queue_short);
  TEST (a_path_that_widens_again_is_used_within_15_seconds);
  TEST (random_loss_of_5_percent_takes_little_away);
  TEST (loss_of_30_percent_makes_it_fall);
  TEST (a_queue_that_drops_early_is_not_overrun);
  TEST (jitter_is_not_taken_for_a_queue);
  TEST (traffic_of_others_gets_its_room);
  TEST (two_calls_share_a_path);
  TEST (lost_feedback_and_a_long_path_do_no_harm);
  TEST (a_cut_of_30_seconds_is_survived);
  TEST (a_sender_with_little_to_send_learns_of_room_by_probes);
  TEST (the_receivers_clock_may_wrap);
  TEST (the_receivers_clock_may_jump);
  TEST (a_path_that_gets_longer_is_not_mistaken_for_long);
  return g_test_run ();
}
