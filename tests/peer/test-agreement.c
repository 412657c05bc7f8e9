/* SPDX-License-Identifier: Apache-2.0 */
/* The native end's key agreement between two and three ends: joins, leaves, reloads, losses (docs/e2ee.md section 3). */

#include "tests/peer/agreement-net.h"

#include <string.h>

static Net *
two (void)
{
  Net *net = net_new ();

  net_join (net, 0);
  net_join (net, 1);
  net_run (net);
  return net;
}

static void
two_ends_agree_on_keys_and_a_code (void)
{
  g_autoptr (Net) net = two ();

  net_assert_agreed (net);
  g_assert_cmpuint (net->ends[0].epoch.epoch, ==, 1);
  g_assert_cmpuint (net->ends[0].epoch.suite, ==, 2);
  g_assert_cmpuint (net->ends[0].n_alone, ==, 1);
  g_assert_cmpuint (strspn (net->ends[0].epoch.code, "0123456789"), ==, 6);
  g_assert_true (memcmp (net->ends[0].epoch.own_key, net->ends[1].epoch.own_key, 32) != 0);
  for (guint i = 0; i < 2; i++)
    g_assert_cmpuint (hj_agreement_refused (net->ends[i].agreement), ==, 0);
}

static void
an_end_with_p256_alone_is_met_with_p256 (void)
{
  g_autoptr (Net) net = two ();

  hj_agreement_offer (net->ends[1].agreement, 1);
  net_join (net, 2);
  net_run (net);
  net_assert_agreed (net);
  g_assert_cmpuint (net->ends[0].epoch.suite, ==, 1);
}

static void
a_third_joins_and_leaves_and_the_code_changes_each_time (void)
{
  g_autoptr (Net) net = two ();
  HjAgreementEpoch first = net->ends[0].epoch;
  HjAgreementEpoch second;

  net_join (net, 2);
  net_run (net);
  net_assert_agreed (net);
  second = net->ends[0].epoch;
  g_assert_cmpuint (second.epoch, ==, 2);
  g_assert_cmpuint (second.n_members, ==, 2);
  g_assert_cmpstr (second.code, !=, first.code);
  g_assert_true (memcmp (second.own_key, first.own_key, 32) != 0);
  net_leave (net, 2);
  g_assert_cmpuint (net->ends[0].gone, ==, 1 << 2);
  net_run (net);
  net_assert_agreed (net);
  g_assert_cmpuint (net->ends[1].epoch.epoch, ==, 3);
  g_assert_cmpuint (net->ends[1].epoch.n_members, ==, 1);
  g_assert_cmpstr (net->ends[1].epoch.code, !=, second.code);
  g_assert_cmpuint (net->ends[2].epoch.epoch, ==, 2); /* who left has nothing of the third */
}

static void
five_ends_agree (void)
{
  g_autoptr (Net) net = net_new ();

  for (guint i = 0; i < NET_ENDS; i++)
    net_join (net, i);
  net_run (net);
  net_assert_agreed (net);
  g_assert_cmpuint (net->ends[3].epoch.n_members, ==, 4);
}

static void
who_is_alone_has_no_keys_and_sends_nothing (void)
{
  g_autoptr (Net) net = two ();
  guint sent = net->ends[0].n_sent;

  net_leave (net, 1);
  net_wait (net, 5 * G_USEC_PER_SEC);
  g_assert_cmpuint (net->ends[0].n_alone, ==, 2);
  g_assert_cmpuint (net->ends[0].n_sent, ==, sent);
  g_assert_cmpuint (hj_agreement_round (net->ends[0].agreement), ==, 0);
}

static void
a_reload_leads_to_a_new_epoch (void)
{
  g_autoptr (Net) net = two ();

  net_reload (net, 1);
  net_run (net);
  net_assert_agreed (net);
  g_assert_cmpuint (net->ends[1].epoch.epoch, ==, 2);
  net_reload (net, 0);
  net_run (net);
  net_assert_agreed (net);
  g_assert_cmpuint (net->ends[1].epoch.epoch, ==, 3);
  g_assert_cmpuint (net->ends[1].gone, ==, 0);
}

static void
rosters_that_come_at_different_times_meet_in_one_epoch (void)
{
  g_autoptr (Net) net = two ();

  net_join (net, 2);
  net_run (net);
  net->ends[2].present = FALSE;
  g_assert_true (net_give_roster (net, 0));
  net_run (net); /* its commit comes to 1 before the roster does */
  g_assert_cmpuint (net->ends[1].n_epochs, ==, 2);
  g_assert_true (net_give_roster (net, 1));
  net_run (net);
  net_assert_agreed (net);
  g_assert_cmpuint (net->ends[0].epoch.epoch, ==, 3);
  g_assert_cmpuint (hj_agreement_refused (net->ends[1].agreement), ==, 0);
}

static void
the_same_roster_begins_nothing (void)
{
  g_autoptr (Net) net = two ();

  net_give_rosters (net);
  net_run (net);
  g_assert_cmpuint (net->ends[0].n_epochs, ==, 1);
  g_assert_cmpuint (net->ends[0].epoch.epoch, ==, 1);
}

/* In no rhythm, so that a message sent again is not lost again for ever; the same in every run. */
static guint
draw (Net *net)
{
  net->count = net->count * 1103515245u + 12345u;
  return net->count >> 16 & 0xff;
}

static gboolean
every_other_is_lost (Net *net, NetMessage *message, guint to)
{
  return draw (net) < 128;
}

static gboolean
two_of_three_are_lost (Net *net, NetMessage *message, guint to)
{
  return draw (net) < 85;
}

static void
what_is_lost_is_sent_again (void)
{
  const NetFilter filters[] = { every_other_is_lost, two_of_three_are_lost };

  for (guint i = 0; i < G_N_ELEMENTS (filters); i++)
    {
      g_autoptr (Net) net = net_new ();

      net->filter = filters[i];
      for (guint n = 0; n < 3; n++)
        net_join (net, n);
      net_run (net);
      net_wait (net, 120 * G_USEC_PER_SEC);
      net_assert_agreed (net);
    }
}

static gboolean
nothing_passes (Net *net, NetMessage *message, guint to)
{
  return FALSE;
}

static void
an_open_round_is_sent_again_every_two_seconds_and_a_complete_one_is_not (void)
{
  g_autoptr (Net) net = net_new ();

  net->filter = nothing_passes;
  net_join (net, 0);
  net_join (net, 1);
  net_run (net);
  g_assert_cmpuint (net->ends[0].n_sent, ==, 1);
  net_wait (net, 10 * G_USEC_PER_SEC);
  g_assert_cmpuint (net->ends[0].n_sent, ==, 6);
  net->filter = NULL;
  net_wait (net, 3 * G_USEC_PER_SEC);
  net_assert_agreed (net);
  net->ends[0].n_sent = 0;
  net_wait (net, 60 * G_USEC_PER_SEC);
  g_assert_cmpuint (net->ends[0].n_sent, ==, 0);
}

/* Loses the key to 1 once: 0 is complete, 1 is not, and asks by sending its own again. */
static gboolean
one_key_is_lost (Net *net, NetMessage *message, guint to)
{
  return !(message->data[1] == 3 && to == 1 && net->count++ == 0);
}

static void
who_is_complete_answers_who_is_not (void)
{
  g_autoptr (Net) net = net_new ();

  net->filter = one_key_is_lost;
  net_join (net, 0);
  net_join (net, 1);
  net_run (net);
  g_assert_true (hj_agreement_is_complete (net->ends[0].agreement));
  g_assert_false (hj_agreement_is_complete (net->ends[1].agreement));
  net_wait (net, 3 * G_USEC_PER_SEC);
  net_assert_agreed (net);
}

static void
the_keys_of_a_round_that_is_given_up_are_never_an_epoch (void)
{
  g_autoptr (Net) net = net_new ();

  net->filter = one_key_is_lost;
  net_join (net, 0);
  net_join (net, 1);
  net_run (net);
  net_reload (net, 0);
  net_run (net);
  net_assert_agreed (net);
  g_assert_cmpuint (net->ends[1].n_epochs, ==, 1);
}

static void
twenty_rounds_in_ten_minutes_and_no_more (void)
{
  g_autoptr (Net) net = two ();

  for (guint i = 0; i < 19; i++)
    {
      net_reload (net, 1);
      net_run (net);
      net_assert_agreed (net);
    }
  g_assert_cmpstr (net->ends[0].stopped, ==, "");
  net_reload (net, 1);
  net_run (net);
  g_assert_cmpstr (net->ends[0].stopped, ==, "disturbed");
  g_assert_false (net_give_roster (net, 0));
  net_reload (net, 1);
  net_wait (net, 1200 * G_USEC_PER_SEC);
  g_assert_cmpuint (net->ends[0].n_epochs, ==, 20);
}

static void
twenty_rounds_in_a_longer_time_are_fine (void)
{
  g_autoptr (Net) net = two ();

  for (guint i = 0; i < 60; i++)
    {
      net_wait (net, 31 * G_USEC_PER_SEC);
      net_reload (net, 1);
      net_run (net);
      net_assert_agreed (net);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define T(name) g_test_add_func ("/peer/agreement/" #name, name)
  T (two_ends_agree_on_keys_and_a_code);
  T (an_end_with_p256_alone_is_met_with_p256);
  T (a_third_joins_and_leaves_and_the_code_changes_each_time);
  T (five_ends_agree);
  T (who_is_alone_has_no_keys_and_sends_nothing);
  T (a_reload_leads_to_a_new_epoch);
  T (rosters_that_come_at_different_times_meet_in_one_epoch);
  T (the_same_roster_begins_nothing);
  T (what_is_lost_is_sent_again);
  T (an_open_round_is_sent_again_every_two_seconds_and_a_complete_one_is_not);
  T (who_is_complete_answers_who_is_not);
  T (the_keys_of_a_round_that_is_given_up_are_never_an_epoch);
  T (twenty_rounds_in_ten_minutes_and_no_more);
  T (twenty_rounds_in_a_longer_time_are_fine);
  return g_test_run ();
}
