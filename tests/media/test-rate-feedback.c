/* SPDX-License-Identifier: Apache-2.0 */
/* The estimate against feedback that is lost, late, repeated, false or absent: nothing that a receiver
 * says moves the rate but the fate of packets that were sent to it. And what probes find. */
#include "media/rate/bandwidth.h"

#define START_US (100 * (gint64)G_USEC_PER_SEC)
#define PACKET_US 10000
#define PACKET_BYTES 1000

/* A sender of 800 kbit/s on a path without a queue; 40 ms each way. */
typedef struct
{
  HjBandwidth *bandwidth;
  gint64 now_us;
  guint16 first; /* of those not told yet */
  guint n;
} Fixture;

static void
setup (Fixture *f, gconstpointer data)
{
  f->now_us = START_US;
  f->bandwidth = hj_bandwidth_new (f->now_us);
}

static void
teardown (Fixture *f, gconstpointer data)
{
  hj_bandwidth_free (f->bandwidth);
}

static void
send_packets (Fixture *f, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      guint16 seq = hj_bandwidth_send (f->bandwidth, PACKET_BYTES, -1, f->now_us);

      f->first = f->n == 0 ? seq : f->first;
      f->n++;
      f->now_us += PACKET_US;
    }
}

static void
fill (const Fixture *f, HjTwccStatus *statuses)
{
  for (guint i = 0; i < f->n; i++)
    statuses[i] = (HjTwccStatus){
      .seq = (guint16)(f->first + i),
      .received = TRUE,
      .arrival_us = f->now_us - (gint64)(f->n - i) * PACKET_US + 40000,
    };
}

static void
tell (Fixture *f)
{
  HjTwccStatus statuses[100];

  g_assert_cmpuint (f->n, <=, G_N_ELEMENTS (statuses));
  fill (f, statuses);
  hj_bandwidth_take_feedback (f->bandwidth, statuses, f->n, f->now_us + 80000);
  f->n = 0;
}

static void
send_and_tell (Fixture *f, guint seconds)
{
  for (guint i = 0; i < seconds * 10; i++)
    {
      send_packets (f, 10);
      tell (f);
    }
}

static HjBandwidthStats
get_stats (Fixture *f)
{
  HjBandwidthStats stats;

  hj_bandwidth_get_stats (f->bandwidth, &stats);
  return stats;
}

static void
numbers_follow_each_other_and_wrap (Fixture *f, gconstpointer data)
{
  for (guint i = 0; i < 70000; i++)
    g_assert_cmpuint (hj_bandwidth_send (f->bandwidth, 100, -1, f->now_us), ==, i % 65536);
}

static void
it_starts_where_the_header_says (Fixture *f, gconstpointer data)
{
  HjBandwidthStats stats = get_stats (f);

  g_assert_cmpuint (stats.target_bps, ==, HJ_BANDWIDTH_START_BPS);
  g_assert_cmpuint (stats.acked_bps, ==, 0);
  g_assert_cmpint (stats.rtt_us, ==, 0);
  g_assert_cmpuint (stats.loss_256, ==, 0);
  g_assert_false (stats.overuse);
}

static void
without_feedback_nothing_grows (Fixture *f, gconstpointer data)
{
  HjProbe probe;
  guint n_probes = 0;

  for (guint i = 0; i < 3000; i++)
    {
      send_packets (f, 1);
      hj_bandwidth_tick (f->bandwidth, f->now_us);
      n_probes += hj_bandwidth_next_probe (f->bandwidth, f->now_us, &probe);
      g_assert_cmpuint (hj_bandwidth_get_target_bps (f->bandwidth), <=, HJ_BANDWIDTH_START_BPS);
    }
  g_assert_cmpuint (n_probes, <=, 1);
}

static void
with_feedback_it_grows_to_what_is_sent (Fixture *f, gconstpointer data)
{
  send_and_tell (f, 30);
  /* 800 kbit/s arrive: more than half as much again is not believed. */
  g_assert_cmpuint (hj_bandwidth_get_target_bps (f->bandwidth), >, 1000000);
  g_assert_cmpuint (hj_bandwidth_get_target_bps (f->bandwidth), <=, 1250000);
  g_assert_cmpuint (get_stats (f).acked_bps, >, 750000);
  g_assert_cmpuint (get_stats (f).acked_bps, <, 850000);
}

static void
feedback_that_stops_makes_it_fall (Fixture *f, gconstpointer data)
{
  guint64 before_bps;

  send_and_tell (f, 10);
  before_bps = hj_bandwidth_get_target_bps (f->bandwidth);
  for (guint i = 0; i < 90; i++)
    {
      send_packets (f, 1);
      hj_bandwidth_tick (f->bandwidth, f->now_us);
    }
  g_assert_cmpuint (hj_bandwidth_get_target_bps (f->bandwidth), ==, before_bps);
  for (guint i = 0; i < 3000; i++)
    {
      send_packets (f, 1);
      hj_bandwidth_tick (f->bandwidth, f->now_us);
    }
  g_assert_cmpuint (hj_bandwidth_get_target_bps (f->bandwidth), ==, HJ_BANDWIDTH_MIN_BPS);
}

static void
a_pause_of_the_sender_costs_nothing (Fixture *f, gconstpointer data)
{
  guint64 before_bps;

  send_and_tell (f, 10);
  before_bps = hj_bandwidth_get_target_bps (f->bandwidth);
  for (guint i = 0; i < 600; i++)
    {
      f->now_us += 100000;
      hj_bandwidth_tick (f->bandwidth, f->now_us);
    }
  send_packets (f, 10);
  hj_bandwidth_tick (f->bandwidth, f->now_us);
  g_assert_cmpuint (hj_bandwidth_get_target_bps (f->bandwidth), ==, before_bps);
}

static void
feedback_of_packets_never_sent_changes_nothing (Fixture *f, gconstpointer data)
{
  HjTwccStatus statuses[100];
  HjBandwidthStats before, after;

  send_and_tell (f, 5);
  before = get_stats (f);
  for (guint round = 0; round < 200; round++)
    {
      /* The next hundred numbers, which nobody sent, arriving slower and slower, or lost. */
      for (guint i = 0; i < G_N_ELEMENTS (statuses); i++)
        statuses[i] = (HjTwccStatus){
          .seq = (guint16)(f->first + 10 + i + round * 100),
          .received = i % 3 != 0,
          .arrival_us = f->now_us + i * i * 1000,
        };
      hj_bandwidth_take_feedback (f->bandwidth, statuses, G_N_ELEMENTS (statuses), f->now_us);
    }
  hj_bandwidth_take_feedback (f->bandwidth, NULL, 0, f->now_us);
  after = get_stats (f);
  g_assert_cmpmem (&before, sizeof before, &after, sizeof after);
}

static void
feedback_said_twice_counts_once (Fixture *f, gconstpointer data)
{
  HjTwccStatus statuses[100];
  HjBandwidthStats before, after;

  send_and_tell (f, 5);
  send_packets (f, 10);
  fill (f, statuses);
  hj_bandwidth_take_feedback (f->bandwidth, statuses, 10, f->now_us);
  before = get_stats (f);
  for (guint i = 0; i < 10; i++)
    {
      statuses[i].arrival_us += 500000;
      statuses[i].received = i % 2;
    }
  for (guint i = 0; i < 100; i++)
    hj_bandwidth_take_feedback (f->bandwidth, statuses, 10, f->now_us + i * 100000);
  after = get_stats (f);
  g_assert_cmpmem (&before, sizeof before, &after, sizeof after);
}

static void
random_feedback_keeps_it_within_its_bounds (Fixture *f, gconstpointer data)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (9);
  HjTwccStatus statuses[100];
  HjProbe probe;

  for (guint round = 0; round < 5000; round++)
    {
      send_packets (f, (guint)g_rand_int_range (rand, 0, 30));
      f->n = 0;
      for (guint i = 0; i < G_N_ELEMENTS (statuses); i++)
        statuses[i] = (HjTwccStatus){
          .seq = (guint16)g_rand_int (rand),
          .received = g_rand_boolean (rand),
          .arrival_us = (gint64)g_rand_int (rand) * g_rand_int_range (rand, -1000000, 1000000),
        };
      hj_bandwidth_take_feedback (f->bandwidth, statuses, G_N_ELEMENTS (statuses),
          f->now_us + g_rand_int_range (rand, -1000000, 1000000));
      hj_bandwidth_take_rtt (f->bandwidth, (gint32)g_rand_int (rand));
      (void)hj_bandwidth_next_probe (f->bandwidth, f->now_us, &probe);
      hj_bandwidth_tick (f->bandwidth, f->now_us);
      g_assert_cmpuint (get_stats (f).target_bps, >=, HJ_BANDWIDTH_MIN_BPS);
      g_assert_cmpuint (get_stats (f).target_bps, <=, HJ_BANDWIDTH_MAX_BPS);
      g_assert_cmpuint (get_stats (f).loss_256, <=, 256);
    }
}

static void
packets_called_lost_that_turn_up_are_no_loss (Fixture *f, gconstpointer data)
{
  for (guint round = 0; round < 100; round++)
    {
      HjTwccStatus statuses[100];

      send_packets (f, 10);
      fill (f, statuses);
      for (guint i = 5; i < 10; i++)
        statuses[i].received = FALSE;
      hj_bandwidth_take_feedback (f->bandwidth, statuses, 10, f->now_us);
      fill (f, statuses);
      hj_bandwidth_take_feedback (f->bandwidth, statuses, 10, f->now_us + 1000);
      f->n = 0;
    }
  g_assert_cmpuint (get_stats (f).loss_256, <, 26);
  g_assert_cmpuint (get_stats (f).loss_bps, ==, HJ_BANDWIDTH_MAX_BPS);
}

static void
the_peers_cap_holds (Fixture *f, gconstpointer data)
{
  HjProbe probe;

  send_and_tell (f, 10);
  g_assert_cmpuint (hj_bandwidth_get_target_bps (f->bandwidth), >, 200000);
  hj_bandwidth_cap (f->bandwidth, 200000);
  g_assert_cmpuint (hj_bandwidth_get_target_bps (f->bandwidth), ==, 200000);
  for (guint i = 0; i < 100; i++)
    {
      send_and_tell (f, 1);
      g_assert_false (hj_bandwidth_next_probe (f->bandwidth, f->now_us, &probe));
    }
  hj_bandwidth_cap (f->bandwidth, 1);
  g_assert_cmpuint (hj_bandwidth_get_target_bps (f->bandwidth), ==, HJ_BANDWIDTH_MIN_BPS);
  hj_bandwidth_cap (f->bandwidth, 0);
  g_assert_cmpuint (hj_bandwidth_get_target_bps (f->bandwidth), >, 200000);
}

static void
nonsense_for_a_round_trip_is_not_taken (Fixture *f, gconstpointer data)
{
  hj_bandwidth_take_rtt (f->bandwidth, 50000);
  hj_bandwidth_take_rtt (f->bandwidth, -1);
  hj_bandwidth_take_rtt (f->bandwidth, 0);
  hj_bandwidth_take_rtt (f->bandwidth, G_MAXINT64);
  g_assert_cmpint (get_stats (f).rtt_us, ==, 50000);
}

static void
the_first_packet_asks_for_one_probe (Fixture *f, gconstpointer data)
{
  HjProbe probe;

  g_assert_false (hj_bandwidth_next_probe (f->bandwidth, f->now_us, &probe));
  send_packets (f, 1);
  g_assert_true (hj_bandwidth_next_probe (f->bandwidth, f->now_us, &probe));
  g_assert_cmpint (probe.id, >=, 0);
  g_assert_cmpuint (probe.bps, ==, 3 * HJ_BANDWIDTH_START_BPS);
  g_assert_cmpuint (probe.min_packets, ==, 5);
  g_assert_cmpint (probe.duration_us, ==, 15000);
  for (guint i = 0; i < 100; i++)
    {
      send_packets (f, 1);
      g_assert_false (hj_bandwidth_next_probe (f->bandwidth, f->now_us, &probe));
    }
}

/* Five packets at 900 kbit/s, of which all but `n_lost` arrive `apart_us` apart. */
static guint64
probe_with (Fixture *f, gint64 apart_us, guint n_lost)
{
  HjTwccStatus statuses[5];
  HjProbe probe;

  send_packets (f, 1);
  g_assert_true (hj_bandwidth_next_probe (f->bandwidth, f->now_us, &probe));
  for (guint i = 0; i < 5; i++)
    statuses[i] = (HjTwccStatus){
      .seq = hj_bandwidth_send (f->bandwidth, 1125, probe.id, f->now_us + i * 10000),
      .received = i >= n_lost,
      .arrival_us = i >= n_lost ? f->now_us + 40000 + i * apart_us : 0,
    };
  hj_bandwidth_take_feedback (f->bandwidth, statuses, 5, f->now_us + 140000);
  return hj_bandwidth_get_target_bps (f->bandwidth);
}

static void
a_probe_that_gets_through_is_the_new_rate (Fixture *f, gconstpointer data)
{
  g_assert_cmpuint (probe_with (f, 10000, 0), ==, 900000);
}

static void
a_probe_that_fills_the_path_gives_what_arrived (Fixture *f, gconstpointer data)
{
  g_assert_cmpuint (probe_with (f, 20000, 0), ==, 450000 / 100 * 95);
}

static void
a_probe_that_gets_lost_changes_nothing (Fixture *f, gconstpointer data)
{
  g_assert_cmpuint (probe_with (f, 10000, 3), ==, HJ_BANDWIDTH_START_BPS);
}

/* Feedback of everything but the probes comes, as from a peer that lost them. */
static void
a_probe_that_nobody_tells_of_is_sent_again (Fixture *f, gconstpointer data)
{
  HjProbe probe;
  guint n = 0;

  for (guint i = 0; i < 45; i++)
    {
      send_packets (f, 10);
      tell (f);
      if (!hj_bandwidth_next_probe (f->bandwidth, f->now_us, &probe))
        continue;
      g_assert_cmpuint (probe.bps, ==, 3 * HJ_BANDWIDTH_START_BPS);
      n++;
    }
  g_assert_cmpuint (n, ==, 4);
}

/* 800 kbit/s get through, but the estimate knows of no more than 420. */
static void
a_target_below_what_is_sent_is_probed_after_a_while (Fixture *f, gconstpointer data)
{
  HjProbe probe;
  gboolean asked = FALSE;

  probe_with (f, 20000, 0);
  f->now_us += 500000;
  for (guint i = 0; i < 100 && !asked; i++)
    {
      send_packets (f, 10);
      tell (f);
      asked = hj_bandwidth_next_probe (f->bandwidth, f->now_us, &probe);
    }
  g_assert_true (asked);
  g_assert_cmpuint (probe.bps, ==, 2 * hj_bandwidth_get_target_bps (f->bandwidth));
}

static void
a_probe_never_finds_more_than_it_sent (Fixture *f, gconstpointer data)
{
  g_assert_cmpuint (probe_with (f, 250, 0), ==, 900000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define TEST(name) g_test_add ("/rate-feedback/" #name, Fixture, NULL, setup, name, teardown)
  TEST (numbers_follow_each_other_and_wrap);
  TEST (it_starts_where_the_header_says);
  TEST (without_feedback_nothing_grows);
  TEST (with_feedback_it_grows_to_what_is_sent);
  TEST (feedback_that_stops_makes_it_fall);
  TEST (a_pause_of_the_sender_costs_nothing);
  TEST (feedback_of_packets_never_sent_changes_nothing);
  TEST (feedback_said_twice_counts_once);
  TEST (random_feedback_keeps_it_within_its_bounds);
  TEST (packets_called_lost_that_turn_up_are_no_loss);
  TEST (the_peers_cap_holds);
  TEST (nonsense_for_a_round_trip_is_not_taken);
  TEST (the_first_packet_asks_for_one_probe);
  TEST (a_probe_that_gets_through_is_the_new_rate);
  TEST (a_probe_that_fills_the_path_gives_what_arrived);
  TEST (a_probe_that_gets_lost_changes_nothing);
  TEST (a_probe_that_nobody_tells_of_is_sent_again);
  TEST (a_target_below_what_is_sent_is_probed_after_a_while);
  TEST (a_probe_never_finds_more_than_it_sent);
  return g_test_run ();
}
