/* SPDX-License-Identifier: Apache-2.0 */
/* What a receiver reports: loss and jitter per source, arrivals per leg (transport-cc). */
#include "media/reception.h"

#include <string.h>

#define NOW G_GINT64_CONSTANT (5000000)

static void
add_each_20_ms (HjReception *r, guint32 from, guint32 n)
{
  for (guint32 i = 0; i < n; i++)
    hj_reception_add (r, (guint16)(from + i), (from + i) * 960, NOW + (from + i) * 20000);
}

static void
a_perfect_source_lost_nothing (void)
{
  HjRtcpReport report;
  HjReception r;

  hj_reception_init (&r, 7, 48000);
  add_each_20_ms (&r, 100, 50);
  hj_reception_report (&r, NOW, &report);
  g_assert_cmpuint (report.ssrc, ==, 7);
  g_assert_cmpint (report.lost, ==, 0);
  g_assert_cmpint (report.fraction_lost, ==, 0);
  g_assert_cmpuint (report.highest_seq, ==, 149);
  g_assert_cmpuint (report.jitter, ==, 0);
  g_assert_cmpuint (report.lsr, ==, 0);
  g_assert_cmpuint (report.dlsr, ==, 0);
}

static void
loss_is_told_for_the_interval_and_in_total (void)
{
  HjRtcpReport report;
  HjReception r;

  hj_reception_init (&r, 7, 48000);
  add_each_20_ms (&r, 0, 75);
  add_each_20_ms (&r, 100, 1); /* 25 of 101 are missing */
  hj_reception_report (&r, NOW, &report);
  g_assert_cmpint (report.lost, ==, 25);
  g_assert_cmpint (report.fraction_lost, ==, 25 * 256 / 101);
  add_each_20_ms (&r, 101, 99);
  hj_reception_report (&r, NOW, &report);
  g_assert_cmpint (report.lost, ==, 25);
  g_assert_cmpint (report.fraction_lost, ==, 0);
  hj_reception_report (&r, NOW, &report); /* nothing came since */
  g_assert_cmpint (report.fraction_lost, ==, 0);
}

static void
packets_out_of_order_are_not_lost (void)
{
  HjRtcpReport report;
  HjReception r;

  hj_reception_init (&r, 7, 48000);
  add_each_20_ms (&r, 0, 10);
  add_each_20_ms (&r, 12, 1);
  add_each_20_ms (&r, 11, 1);
  add_each_20_ms (&r, 10, 1);
  hj_reception_report (&r, NOW, &report);
  g_assert_cmpint (report.lost, ==, 0);
  g_assert_cmpuint (report.highest_seq, ==, 12);
}

static void
the_highest_number_counts_the_wraps (void)
{
  HjRtcpReport report;
  HjReception r;

  hj_reception_init (&r, 7, 48000);
  add_each_20_ms (&r, 65000, 2 * 65536);
  hj_reception_report (&r, NOW, &report);
  g_assert_cmpuint (report.highest_seq, ==, 65000 + 2 * 65536 - 1);
  g_assert_cmpint (report.lost, ==, 0);
}

static void
a_jump_of_one_packet_is_ignored_and_of_two_is_a_new_beginning (void)
{
  HjRtcpReport report;
  HjReception r;

  hj_reception_init (&r, 7, 48000);
  add_each_20_ms (&r, 0, 10);
  add_each_20_ms (&r, 30000, 1);
  hj_reception_report (&r, NOW, &report);
  g_assert_cmpuint (report.highest_seq, ==, 9);
  add_each_20_ms (&r, 30001, 10);
  hj_reception_report (&r, NOW, &report);
  g_assert_cmpuint (report.highest_seq, ==, 30010);
  g_assert_cmpint (report.lost, ==, 0);
}

static void
jitter_is_smoothed_by_a_sixteenth (void)
{
  HjRtcpReport report;
  HjReception r;

  hj_reception_init (&r, 7, 90000);
  hj_reception_add (&r, 1, 0, NOW);
  hj_reception_add (&r, 2, 0, NOW + 16000); /* 1440 ticks late: 1440 / 16 = 90 */
  hj_reception_report (&r, NOW, &report);
  g_assert_cmpuint (report.jitter, ==, 90);
  hj_reception_add (&r, 3, 1440, NOW + 16000); /* and 1440 early again */
  hj_reception_report (&r, NOW, &report);
  g_assert_cmpuint (report.jitter, ==, 174); /* 90 + (1440 - 90) / 16 */
}

static void
the_last_sender_report_is_told_with_its_age (void)
{
  HjRtcpReport report;
  HjReception r;

  hj_reception_init (&r, 7, 48000);
  hj_reception_add_sr (&r, G_GUINT64_CONSTANT (0x1122334455667788), NOW);
  hj_reception_report (&r, NOW + 2500000, &report);
  g_assert_cmphex (report.lsr, ==, 0x33445566);
  g_assert_cmpuint (report.dlsr, ==, 0x28000); /* 2.5 s */
  g_assert_cmpuint (report.highest_seq, ==, 0);
}

static HjRtcpPacket
as_packet (guint8 *data, gsize len)
{
  HjRtcpPacket packet;
  HjRtcpIter iter;

  g_assert_true (hj_rtcp_is_valid (data, len));
  hj_rtcp_iter_init (&iter, data, len);
  g_assert_true (hj_rtcp_next (&iter, &packet));
  g_assert_cmpint (packet.type, ==, HJ_RTCP_RTPFB);
  g_assert_cmpint (packet.fmt, ==, HJ_RTPFB_TWCC);
  return packet;
}

static void
a_feedback_of_chromium_is_read (void)
{
  guint8 data[] = { 0xaf, 0xcd, 0x00, 0x05, 0xfa, 0x17, 0xfa, 0x17, 0x43, 0x03, 0x2f, 0xa0, 0x00,
    0x99, 0x00, 0x01, 0x3d, 0xe8, 0x02, 0x17, 0x20, 0x01, 0x94, 0x01 };
  HjRtcpPacket packet = as_packet (data, sizeof data);
  HjTwccStatus statuses[4];
  guint8 count;
  gsize n;

  g_assert_true (hj_twcc_read (&packet, &count, statuses, 4, &n));
  g_assert_cmpint (count, ==, 23);
  g_assert_cmpuint (n, ==, 1);
  g_assert_cmpint (statuses[0].seq, ==, 153);
  g_assert_true (statuses[0].received);
  g_assert_cmpint (statuses[0].arrival_us, ==, G_GINT64_CONSTANT (4057090) * 64000 + 37000);
}

static void
a_feedback_is_written_as_the_draft_draws_it (void)
{
  /* 3 arrived after 1 ms, 4 lost, 5 after 70 ms (large), 6 just before it (large, negative) */
  static const HjTwccArrival arrivals[]
      = { { 65539, 64000 * 5 + 1000 }, { 65541, 64000 * 5 + 71000 }, { 65542, 64000 * 5 + 70000 } };
  static const guint8 expected[]
      = { 0x8f, 205, 0, 6, 0, 0, 0, 1, 0, 0, 0, 2, 0, 3, 0, 4, 0, 0, 5, 9,
          /* 01 00 10 10 */ 0xd2, 0x80, 4, 1, 0x18, 0xff, 0xfc, 0 };
  guint8 data[64];
  gsize used;
  gsize len = hj_twcc_write (data, sizeof data, 1, 2, 9, 65539, arrivals, 3, &used);

  g_assert_cmpuint (used, ==, 3);
  g_assert_cmpmem (data, len, expected, sizeof expected);
}

/* Arrivals with losses, bursts and disorder. Returns how many. */
static gsize
make_arrivals (GRand *rand, HjTwccArrival *out, gsize max, guint loss_percent)
{
  gint64 seq = 70000, now_us = g_rand_int_range (rand, 0, 1 << 30);
  gsize n = 0;

  while (n < max)
    {
      gint64 jitter_us
          = g_rand_int_range (rand, 0, 20) == 0 ? g_rand_int_range (rand, 0, 300000) : 0;

      now_us += g_rand_int_range (rand, 0, 3) == 0 ? g_rand_int_range (rand, 0, 40000) : 200;
      if ((guint)g_rand_int_range (rand, 0, 100) >= loss_percent)
        out[n++] = (HjTwccArrival){ seq, now_us + jitter_us };
      seq++;
    }
  return n;
}

/* Reads `len` bytes and compares them with what was to be told. */
static void
assert_told (guint8 *data, gsize len, gint64 base, const HjTwccArrival *arrivals, gsize n_arrivals)
{
  HjRtcpPacket packet = as_packet (data, len);
  HjTwccStatus statuses[2048];
  gsize n, next = 0;
  guint8 count;

  g_assert_true (hj_twcc_read (&packet, &count, statuses, G_N_ELEMENTS (statuses), &n));
  g_assert_cmpuint (n, ==, arrivals[n_arrivals - 1].seq - base + 1);
  for (gsize i = 0; i < n; i++)
    {
      g_assert_cmpint (statuses[i].seq, ==, (guint16)(base + (gint64)i));
      if (!statuses[i].received)
        continue;
      g_assert_cmpint (arrivals[next].seq, ==, base + (gint64)i);
      g_assert_cmpint (statuses[i].arrival_us, ==, arrivals[next].arrival_us / 250 * 250);
      next++;
    }
  g_assert_cmpuint (next, ==, n_arrivals);
}

static void
every_arrival_is_told_whatever_the_pattern (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (42);

  for (guint round = 0; round < 2000; round++)
    {
      HjTwccArrival arrivals[300];
      gsize n
          = make_arrivals (rand, arrivals, (gsize)g_rand_int_range (rand, 1, 300), round % 10 * 10);
      gsize size = (gsize)g_rand_int_range (rand, 28, 1200);
      g_autofree guint8 *data = g_malloc (size);
      gint64 base = arrivals[0].seq;
      gsize done = 0;

      while (done < n)
        {
          gsize used, len;

          /* a gap that is too long for the buffer is skipped, as the recorder's ring would */
          len = hj_twcc_write (data, size, 1, 2, 3, base, arrivals + done, n - done, &used);
          if (used == 0)
            {
              base = arrivals[done].seq;
              continue;
            }
          g_assert_cmpuint (len, <=, size);
          assert_told (data, len, base, arrivals + done, used);
          done += used;
          base = arrivals[done - 1].seq + 1;
        }
    }
}

static void
a_pause_too_long_for_a_delta_begins_another_feedback (void)
{
  static const HjTwccArrival arrivals[] = { { 1, 1000 }, { 2, 9001000 }, { 3, 9002000 } };
  guint8 data[64];
  gsize used;
  gsize len = hj_twcc_write (data, sizeof data, 1, 2, 0, 1, arrivals, 3, &used);

  g_assert_cmpuint (used, ==, 1);
  assert_told (data, len, 1, arrivals, 1);
  len = hj_twcc_write (data, sizeof data, 1, 2, 1, 2, arrivals + 1, 2, &used);
  g_assert_cmpuint (used, ==, 2);
  assert_told (data, len, 2, arrivals + 1, 2);
}

static void
long_runs_take_few_bytes (void)
{
  HjTwccArrival arrivals[1000];
  guint8 data[1400];
  gsize used, len;

  for (gsize i = 0; i < 1000; i++)
    arrivals[i] = (HjTwccArrival){ (gint64)i, 64000 + (gint64)i * 250 };
  len = hj_twcc_write (data, sizeof data, 1, 2, 0, 0, arrivals, 1000, &used);
  g_assert_cmpuint (used, ==, 1000);
  g_assert_cmpuint (len, ==, 20 + 2 + 1000 + 2); /* one run, then deltas */
  assert_told (data, len, 0, arrivals, 1000);
}

static void
damaged_feedback_is_refused (void)
{
  static const HjTwccArrival arrivals[] = { { 3, 1000 }, { 5, 71000 }, { 6, 70000 } };
  HjTwccStatus statuses[16];
  HjRtcpPacket packet;
  guint8 data[64], count;
  gsize n, used;
  gsize len = hj_twcc_write (data, sizeof data, 1, 2, 9, 3, arrivals, 3, &used);

  packet = as_packet (data, len);
  g_assert_true (hj_twcc_read (&packet, &count, statuses, 16, &n));
  for (gsize body_len = 0; body_len < 15; body_len++)
    {
      packet.body_len = body_len; /* 8 fixed, 2 chunk, 5 deltas */
      g_assert_false (hj_twcc_read (&packet, &count, statuses, 16, &n));
      g_assert_cmpuint (n, ==, 0);
    }
  packet.body_len = len - 12;
  data[20] = 0xf0; /* the reserved symbol */
  g_assert_false (hj_twcc_read (&packet, &count, statuses, 16, &n));
  data[20] = data[21] = 0; /* a run of none would never end */
  g_assert_false (hj_twcc_read (&packet, &count, statuses, 16, &n));
  data[20] = 0x20;
  data[21] = 2; /* a good run of two, then such a run of none in what were deltas */
  data[22] = data[23] = 0;
  memset (statuses, 0, sizeof statuses);
  g_assert_false (hj_twcc_read (&packet, &count, statuses, 16, &n));
  data[20] = 0xd2;
  data[21] = 0x80;
  data[22] = 4;
  data[23] = 1;
  data[14] = 0xff; /* 65284 statuses in one chunk */
  g_assert_false (hj_twcc_read (&packet, &count, statuses, 16, &n));
  data[14] = data[15] = 0;
  g_assert_false (hj_twcc_read (&packet, &count, statuses, 16, &n));
}

static void
more_statuses_than_asked_for_are_left_out (void)
{
  HjTwccStatus statuses[2];
  static const HjTwccArrival arrivals[] = { { 3, 1000 }, { 4, 2000 }, { 5, 3000 } };
  HjRtcpPacket packet;
  guint8 data[64], count;
  gsize n, used;

  packet = as_packet (data, hj_twcc_write (data, sizeof data, 1, 2, 9, 3, arrivals, 3, &used));
  g_assert_true (hj_twcc_read (&packet, &count, statuses, 2, &n));
  g_assert_cmpuint (n, ==, 2);
  g_assert_cmpint (statuses[1].arrival_us, ==, 2000);
}

typedef struct
{
  HjTwccRecorder recorder;
  guint8 data[1200];
} Recording;

/* Writes the next feedback and reads it back. Returns how many statuses it has. */
static gsize
told (Recording *r, gint64 now_us, HjTwccStatus *statuses, gsize max)
{
  gsize len = hj_twcc_recorder_write (&r->recorder, now_us, 1, 2, r->data, sizeof r->data);
  HjRtcpPacket packet;
  guint8 count;
  gsize n;

  if (len == 0)
    return 0;
  packet = as_packet (r->data, len);
  g_assert_true (hj_twcc_read (&packet, &count, statuses, max, &n));
  g_assert_cmpint (count, ==, (guint8)(r->recorder.feedback_count - 1));
  return n;
}

static void
what_arrived_is_told_once (void)
{
  g_autofree Recording *r = g_new (Recording, 1);
  HjTwccStatus statuses[100];

  hj_twcc_recorder_init (&r->recorder);
  g_assert_false (hj_twcc_recorder_is_due (&r->recorder, NOW, 50000));
  g_assert_cmpuint (told (r, NOW, statuses, 100), ==, 0);
  for (guint i = 0; i < 10; i++)
    if (i != 4)
      hj_twcc_recorder_add (&r->recorder, (guint16)(65530 + i), NOW + i * 1000);
  g_assert_true (hj_twcc_recorder_is_due (&r->recorder, NOW, 50000));
  g_assert_cmpuint (told (r, NOW, statuses, 100), ==, 10);
  g_assert_cmpint (statuses[0].seq, ==, 65530);
  g_assert_cmpint (statuses[9].seq, ==, 3);
  g_assert_false (statuses[4].received);
  g_assert_true (statuses[5].received);
  g_assert_cmpuint (told (r, NOW, statuses, 100), ==, 0);
  g_assert_false (hj_twcc_recorder_is_due (&r->recorder, NOW + 50000, 50000));
  hj_twcc_recorder_add (&r->recorder, 4, NOW + 20000);
  g_assert_false (hj_twcc_recorder_is_due (&r->recorder, NOW + 49000, 50000));
  g_assert_true (hj_twcc_recorder_is_due (&r->recorder, NOW + 50000, 50000));
  g_assert_cmpuint (told (r, NOW + 50000, statuses, 100), ==, 1);
  g_assert_cmpint (statuses[0].seq, ==, 4);
}

static void
losses_at_the_edge_are_told_with_the_next_arrival (void)
{
  g_autofree Recording *r = g_new (Recording, 1);
  HjTwccStatus statuses[100];

  hj_twcc_recorder_init (&r->recorder);
  hj_twcc_recorder_add (&r->recorder, 1, NOW);
  g_assert_cmpuint (told (r, NOW, statuses, 100), ==, 1);
  hj_twcc_recorder_add (&r->recorder, 5, NOW);
  g_assert_cmpuint (told (r, NOW, statuses, 100), ==, 4);
  g_assert_cmpint (statuses[0].seq, ==, 2);
  g_assert_false (statuses[2].received);
  g_assert_true (statuses[3].received);
}

static void
a_late_packet_is_told_again_as_arrived (void)
{
  g_autofree Recording *r = g_new (Recording, 1);
  HjTwccStatus statuses[100];

  hj_twcc_recorder_init (&r->recorder);
  hj_twcc_recorder_add (&r->recorder, 1, NOW);
  hj_twcc_recorder_add (&r->recorder, 3, NOW);
  g_assert_cmpuint (told (r, NOW, statuses, 100), ==, 3);
  g_assert_false (statuses[1].received);
  hj_twcc_recorder_add (&r->recorder, 2, NOW + 1000);
  hj_twcc_recorder_add (&r->recorder, 2, NOW + 2000); /* a double: the first counts */
  g_assert_cmpuint (told (r, NOW, statuses, 100), ==, 2);
  g_assert_cmpint (statuses[0].seq, ==, 2);
  g_assert_true (statuses[0].received);
  g_assert_cmpint (statuses[0].arrival_us % 64000, ==, (NOW + 1000) % 64000);
}

static void
first_packets_out_of_order_are_told_in_order (void)
{
  g_autofree Recording *r = g_new (Recording, 1);
  HjTwccStatus statuses[100];

  hj_twcc_recorder_init (&r->recorder);
  hj_twcc_recorder_add (&r->recorder, 2, NOW);
  hj_twcc_recorder_add (&r->recorder, 65534, NOW + 500);
  g_assert_cmpuint (told (r, NOW, statuses, 100), ==, 5);
  g_assert_cmpint (statuses[0].seq, ==, 65534);
  g_assert_true (statuses[0].received);
  g_assert_true (statuses[4].received);
}

static void
a_jump_beyond_the_ring_begins_anew (void)
{
  g_autofree Recording *r = g_new (Recording, 1);
  HjTwccStatus statuses[100];

  hj_twcc_recorder_init (&r->recorder);
  hj_twcc_recorder_add (&r->recorder, 1, NOW);
  hj_twcc_recorder_add (&r->recorder, 20000, NOW + 1000);
  hj_twcc_recorder_add (&r->recorder, 18000, NOW + 1500); /* too far behind to matter */
  g_assert_cmpuint (told (r, NOW, statuses, 100), ==, 1);
  g_assert_cmpint (statuses[0].seq, ==, 20000);
}

static void
a_recorder_that_nobody_asks_forgets_the_oldest (void)
{
  g_autofree Recording *r = g_new (Recording, 1);
  HjTwccStatus statuses[2048];
  gsize total = 0, n;

  hj_twcc_recorder_init (&r->recorder);
  for (guint i = 0; i < 3000; i++)
    hj_twcc_recorder_add (&r->recorder, (guint16)(64000 + i), NOW + i * 300);
  while ((n = told (r, NOW, statuses, 2048)) > 0)
    total += n;
  g_assert_cmpuint (total, ==, HJ_TWCC_RING);
  g_assert_cmpint (r->recorder.next_base, ==, r->recorder.highest + 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add_func ("/media/reception/" #name, name)
  ADD (a_perfect_source_lost_nothing);
  ADD (loss_is_told_for_the_interval_and_in_total);
  ADD (packets_out_of_order_are_not_lost);
  ADD (the_highest_number_counts_the_wraps);
  ADD (a_jump_of_one_packet_is_ignored_and_of_two_is_a_new_beginning);
  ADD (jitter_is_smoothed_by_a_sixteenth);
  ADD (the_last_sender_report_is_told_with_its_age);
  ADD (a_feedback_of_chromium_is_read);
  ADD (a_feedback_is_written_as_the_draft_draws_it);
  ADD (every_arrival_is_told_whatever_the_pattern);
  ADD (a_pause_too_long_for_a_delta_begins_another_feedback);
  ADD (long_runs_take_few_bytes);
  ADD (damaged_feedback_is_refused);
  ADD (more_statuses_than_asked_for_are_left_out);
  ADD (what_arrived_is_told_once);
  ADD (losses_at_the_edge_are_told_with_the_next_arrival);
  ADD (a_late_packet_is_told_again_as_arrived);
  ADD (first_packets_out_of_order_are_told_in_order);
  ADD (a_jump_beyond_the_ring_begins_anew);
  ADD (a_recorder_that_nobody_asks_forgets_the_oldest);
  return g_test_run ();
}
