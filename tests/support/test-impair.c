/* SPDX-License-Identifier: Apache-2.0 */
/* The bad link of the browser tests does what it is told, and the same thing each time. */
#include "tests/support/impair.h"

#include <gio/gio.h>

#define PACKETS 20000

static void
set (HjImpairWay *way, const char *what, const char *value)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (hj_impair_way_set (way, what, value, &error));
  g_assert_no_error (error);
}

/* A line of fates and times that two runs can be compared by. */
static char *
run (guint32 seed)
{
  g_autoptr (GString) line = g_string_new (NULL);
  HjImpairWay way;

  hj_impair_way_init (&way, seed);
  set (&way, "loss", "5%");
  set (&way, "delay", "50ms");
  set (&way, "jitter", "10ms");
  set (&way, "reorder", "2");
  for (gint64 i = 0; i < 500; i++)
    {
      gint64 leave_us = 0;
      HjImpairFate fate = hj_impair_way_take (&way, 1000, i * 1000, &leave_us);

      g_string_append_printf (line, "%d@%" G_GINT64_FORMAT " ", fate, leave_us);
    }
  hj_impair_way_clear (&way);
  return g_string_free (g_steal_pointer (&line), FALSE);
}

static void
the_same_seed_gives_the_same_decisions (void)
{
  g_autofree char *one = run (7), *again = run (7), *other = run (8);

  g_assert_cmpstr (one, ==, again);
  g_assert_cmpstr (one, !=, other);
}

static void
a_changed_rule_moves_no_other_chance (void)
{
  HjImpairWay plain, changed;
  gint64 leave_us = 0;
  guint differ = 0;

  hj_impair_way_init (&plain, 3);
  hj_impair_way_init (&changed, 3);
  set (&plain, "loss", "5");
  set (&changed, "loss", "5");
  changed.rule.cut = TRUE;
  for (gint64 i = 0; i < 1000; i++)
    {
      changed.rule.cut = i < 100;
      differ += (hj_impair_way_take (&plain, 100, i, &leave_us)
                    != hj_impair_way_take (&changed, 100, i, &leave_us))
                && i >= 100;
    }
  g_assert_cmpuint (differ, ==, 0);
  hj_impair_way_clear (&plain);
  hj_impair_way_clear (&changed);
}

static void
as_many_are_lost_as_was_asked (void)
{
  HjImpairWay way;
  gint64 leave_us = 0;
  guint runs = 0, longest = 0;

  hj_impair_way_init (&way, 11);
  set (&way, "loss", "5");
  for (gint64 i = 0; i < PACKETS; i++)
    {
      runs = hj_impair_way_take (&way, 1000, i, &leave_us) == HJ_IMPAIR_LOST ? runs + 1 : 0;
      longest = MAX (longest, runs);
    }
  g_assert_cmpfloat_with_epsilon ((double)way.fates[HJ_IMPAIR_LOST] / PACKETS, 0.05, 0.005);
  g_assert_cmpuint (longest, <, 8);
  g_assert_cmpuint (way.fates[HJ_IMPAIR_FULL] + way.fates[HJ_IMPAIR_CUT], ==, 0);
  hj_impair_way_clear (&way);
}

static void
a_rate_passes_what_it_says_and_its_queue_is_bounded (void)
{
  HjImpairWay way;
  gint64 leave_us = 0, longest_us = 0;

  hj_impair_way_init (&way, 1);
  set (&way, "rate", "300000");
  set (&way, "queue", "200ms");
  /* 10 s at twice the rate: 1000 bytes with headers each 1000 × 8 / 600000 s. */
  for (gint64 i = 0; i < 750; i++)
    {
      gint64 now_us = i * 13333;

      if (hj_impair_way_take (&way, 972, now_us, &leave_us) == HJ_IMPAIR_PASSED)
        longest_us = MAX (longest_us, leave_us - now_us);
    }
  g_assert_cmpfloat_with_epsilon ((double)way.bytes * 8 / 10, 300000, 10000);
  g_assert_cmpint (longest_us, >=, 200000);
  g_assert_cmpint (longest_us, <, 230000);
  g_assert_cmpuint (way.fates[HJ_IMPAIR_FULL], >, 300);
  hj_impair_way_clear (&way);
}

static void
jitter_keeps_the_order_and_reordering_does_not (void)
{
  HjImpairWay way;
  gint64 last_us = 0, leave_us = 0;
  guint overtaken = 0;

  hj_impair_way_init (&way, 5);
  set (&way, "delay", "50");
  set (&way, "jitter", "30");
  for (gint64 i = 0; i < 1000; i++, last_us = leave_us)
    {
      g_assert_cmpint (hj_impair_way_take (&way, 100, i * 1000, &leave_us), ==, HJ_IMPAIR_PASSED);
      g_assert_cmpint (leave_us, >=, last_us);
      g_assert_cmpint (leave_us - i * 1000, >=, 50000);
      g_assert_cmpint (leave_us - i * 1000, <=, 80000);
    }
  set (&way, "reorder", "10");
  for (gint64 i = 1000; i < 2000; i++, last_us = leave_us)
    {
      g_assert_cmpint (hj_impair_way_take (&way, 100, i * 1000, &leave_us), ==, HJ_IMPAIR_PASSED);
      overtaken += leave_us < last_us;
    }
  g_assert_cmpuint (way.reordered, >, 70);
  g_assert_cmpuint (way.reordered, <, 130);
  g_assert_cmpuint (overtaken, >, 50);
  hj_impair_way_clear (&way);
}

static void
a_cut_passes_nothing (void)
{
  HjImpairWay way;
  gint64 leave_us = 0;

  hj_impair_way_init (&way, 5);
  way.rule.cut = TRUE;
  for (gint64 i = 0; i < 100; i++)
    g_assert_cmpint (hj_impair_way_take (&way, 100, i, &leave_us), ==, HJ_IMPAIR_CUT);
  hj_impair_way_clear (&way);
}

static void
rules_that_make_no_sense_are_refused (void)
{
  static const char *wrong[][2] = { { "loss", "101" }, { "loss", "-1" }, { "loss", "five" },
    { "loss", "" }, { "loss", "nan" }, { "delay", "50s" }, { "rate", "1e30" }, { "hunger", "1" } };
  HjImpairWay way;

  hj_impair_way_init (&way, 5);
  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (hj_impair_way_set (&way, wrong[i][0], wrong[i][1], &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
    }
  g_assert_cmpfloat (way.rule.loss, ==, 0);
  g_assert_cmpint (way.rule.rate_bps, ==, 0);
  hj_impair_way_clear (&way);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func (
      "/impair/the same seed gives the same decisions", the_same_seed_gives_the_same_decisions);
  g_test_add_func (
      "/impair/a changed rule moves no other chance", a_changed_rule_moves_no_other_chance);
  g_test_add_func ("/impair/as many are lost as was asked", as_many_are_lost_as_was_asked);
  g_test_add_func ("/impair/a rate passes what it says and its queue is bounded",
      a_rate_passes_what_it_says_and_its_queue_is_bounded);
  g_test_add_func ("/impair/jitter keeps the order and reordering does not",
      jitter_keeps_the_order_and_reordering_does_not);
  g_test_add_func ("/impair/a cut passes nothing", a_cut_passes_nothing);
  g_test_add_func (
      "/impair/rules that make no sense are refused", rules_that_make_no_sense_are_refused);
  return g_test_run ();
}
