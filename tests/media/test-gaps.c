/* SPDX-License-Identifier: Apache-2.0 */
/* The two tables that repair stands on: what is missing of a source, and what is kept of it. */

#include <string.h>

#include "media/backlog.h"
#include "media/gaps.h"

static void
gaps_are_asked_for_until_they_are_filled (void)
{
  HjGaps gaps = { 0 };
  guint16 seqs[8];

  g_assert_true (hj_gaps_receive (&gaps, 65534, 0));
  g_assert_cmpuint (hj_gaps_take_due (&gaps, 60000, 0, seqs, 8), ==, 0);
  g_assert_true (hj_gaps_receive (&gaps, 1, 0));
  g_assert_cmpuint (hj_gaps_take_due (&gaps, 60000, 20000, seqs, 8), ==, 2);
  g_assert_cmpuint (seqs[0], ==, 65535);
  g_assert_cmpuint (seqs[1], ==, 0);
  g_assert_cmpuint (hj_gaps_take_due (&gaps, 60000, 30000, seqs, 8), ==, 0);
  g_assert_cmpuint (hj_gaps_take_due (&gaps, 60000, 40000, seqs, 8), ==, 2); /* twice at once */
  g_assert_true (hj_gaps_receive (&gaps, 65535, 50000));
  g_assert_false (hj_gaps_has (&gaps, 65535));
  g_assert_true (hj_gaps_has (&gaps, 0));
  g_assert_cmpuint (hj_gaps_take_due (&gaps, 60000, 60000, seqs, 8), ==, 0);
  g_assert_cmpuint (hj_gaps_take_due (&gaps, 60000, 80000, seqs, 8), ==, 1);
  g_assert_cmpuint (seqs[0], ==, 0);
  g_assert_cmpuint (hj_gaps_take_due (&gaps, 60000, 100000, seqs, 8), ==, 1);
  g_assert_cmpuint (hj_gaps_take_due (&gaps, 60000, 120000, seqs, 8), ==, 0);
  g_assert_cmpuint (hj_gaps_take_due (&gaps, 60000, 900000, seqs, 8), ==, 0);
  g_assert_cmpuint (gaps.n, ==, 0);
}

static void
an_outage_is_not_asked_for (void)
{
  HjGaps gaps = { 0 };
  guint16 seqs[HJ_GAPS_MAX];

  g_assert_true (hj_gaps_receive (&gaps, 1, 0));
  g_assert_true (hj_gaps_receive (&gaps, 2 + HJ_GAPS_MAX, 0));
  g_assert_cmpuint (hj_gaps_take_due (&gaps, 60000, 1, seqs, HJ_GAPS_MAX), ==, HJ_GAPS_MAX);
  g_assert_false (hj_gaps_receive (&gaps, 4 + HJ_GAPS_MAX, 0));
  g_assert_cmpuint (hj_gaps_take_due (&gaps, 60000, 1, seqs, HJ_GAPS_MAX), ==, 0);
  g_assert_true (hj_gaps_receive (&gaps, 5 + HJ_GAPS_MAX, 0));
}

/* Of a peer without NACK nobody takes what is due. */
static void
losses_that_nobody_asks_for_are_forgotten (void)
{
  HjGaps gaps = { 0 };

  for (guint16 i = 0; i < 200; i++)
    g_assert_true (hj_gaps_receive (&gaps, (guint16)(2 * i), i * 100 * G_TIME_SPAN_MILLISECOND));
  g_assert_false (hj_gaps_has (&gaps, 201));
  g_assert_true (hj_gaps_has (&gaps, 397));
}

static void
a_backlog_keeps_a_second_and_no_more_than_it_has_room_for (void)
{
  g_autoptr (HjBacklog) backlog = hj_backlog_new ();
  guint8 payload[1200];
  HjKept packet = { .payload = payload, .length = sizeof payload };
  HjKept found;

  for (guint i = 0; i < 400; i++)
    {
      memset (payload, (int)(i & 0xff), sizeof payload);
      packet.seq = (guint16)(65400 + i);
      hj_backlog_add (backlog, &packet, 1000);
    }
  g_assert_false (hj_backlog_find (backlog, 65400, 1000, &found)); /* written over */
  for (guint i = 200; i < 400; i++)
    {
      g_assert_true (hj_backlog_find (backlog, (guint16)(65400 + i), 1000, &found));
      g_assert_cmpuint (found.length, ==, sizeof payload);
      g_assert_cmpuint (found.payload[0], ==, i & 0xff);
      g_assert_cmpuint (found.payload[1199], ==, i & 0xff);
    }
  g_assert_false (hj_backlog_find (backlog, 7000, 1000, &found));
  g_assert_false (hj_backlog_find (backlog, (guint16)(65400 + 399), 2000000, &found));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func (
      "/gaps/are-asked-for-until-they-are-filled", gaps_are_asked_for_until_they_are_filled);
  g_test_add_func ("/gaps/an-outage-is-not-asked-for", an_outage_is_not_asked_for);
  g_test_add_func (
      "/gaps/losses-that-nobody-asks-for-are-forgotten", losses_that_nobody_asks_for_are_forgotten);
  g_test_add_func ("/backlog/keeps-a-second-and-no-more-than-it-has-room-for",
      a_backlog_keeps_a_second_and_no_more_than_it_has_room_for);
  return g_test_run ();
}
