/* SPDX-License-Identifier: Apache-2.0 */
/* Which rosters the native end refuses, and that it fails closed then: whoever holds keys is in the roster that was told last
 * (docs/e2ee.md section 2). */

#include "tests/peer/agreement-net.h"

#include <string.h>

typedef struct
{
  const char *name;
  const char *reason;
  void (*change) (HjAgreementSeat *seats, guint *n, const Net *net);
} BadRoster;

static void
own_missing (HjAgreementSeat *seats, guint *n, const Net *net)
{
  seats[0] = seats[--*n];
}

static void
own_role (HjAgreementSeat *seats, guint *n, const Net *net)
{
  seats[0].role = "lawyer";
}

static void
own_number (HjAgreementSeat *seats, guint *n, const Net *net)
{
  seats[0].number = 3;
}

static void
own_identity (HjAgreementSeat *seats, guint *n, const Net *net)
{
  seats[0].identity = hj_identity_public (net->ends[4].identity);
}

static void
number_twice (HjAgreementSeat *seats, guint *n, const Net *net)
{
  seats[1].number = 0;
}

static void
seat_twice (HjAgreementSeat *seats, guint *n, const Net *net)
{
  seats[1].seat = seats[0].seat;
}

static void
identity_twice (HjAgreementSeat *seats, guint *n, const Net *net)
{
  seats[1].identity = seats[0].identity;
}

static void
no_identity (HjAgreementSeat *seats, guint *n, const Net *net)
{
  seats[1].identity = NULL;
}

static void
identity_with_letters_more (HjAgreementSeat *seats, guint *n, const Net *net)
{
  static char text[256];

  g_snprintf (text, sizeof text, " %s", seats[1].identity);
  seats[1].identity = text;
}

static void
identity_off_the_curve (HjAgreementSeat *seats, guint *n, const Net *net)
{
  static char text[256];

  g_strlcpy (text, seats[1].identity, sizeof text);
  text[100] = text[100] == 'A' ? 'B' : 'A';
  seats[1].identity = text;
}

static void
number_five (HjAgreementSeat *seats, guint *n, const Net *net)
{
  seats[1].number = 5;
}

static void
six_seats (HjAgreementSeat *seats, guint *n, const Net *net)
{
  *n = 6;
  for (guint i = 2; i < 6; i++)
    seats[i] = seats[1];
}

static void
no_role (HjAgreementSeat *seats, guint *n, const Net *net)
{
  seats[1].role = "";
}

static const BadRoster BAD_ROSTERS[] = {
  { "we are not in it", "own", own_missing },
  { "we have another role", "own", own_role },
  { "we have another number", "own", own_number },
  { "we have another identity", "own", own_identity },
  { "a number twice", "twice", number_twice },
  { "a seat twice", "twice", seat_twice },
  { "an identity twice", "twice", identity_twice },
  { "no identity", "identity", no_identity },
  { "an identity with letters that base64 does not need", "identity", identity_with_letters_more },
  { "an identity that is no point", "identity", identity_off_the_curve },
  { "number 5", "number", number_five },
  { "six seats", "too-many", six_seats },
  { "no role", "roster", no_role },
};

/* Says a roster of two to the kiosk: changed, its second seat a device that was not there before. */
static void
give_bad_roster (Net *net, const BadRoster *bad)
{
  HjAgreementSeat seats[6]
      = { { net_seat (0), 0, "kiosk", hj_identity_public (net->ends[0].identity) },
          { net_seat (2), 1, "lawyer", hj_identity_public (net->ends[2].identity) } };
  guint n = 2;

  bad->change (seats, &n, net);
  g_assert_false (hj_agreement_set_roster (
      net->ends[0].agreement, "meeting", net_seat (0), 0, seats, n, net->now_us));
  g_assert_cmpstr (net->ends[0].last_refusal, ==, bad->reason);
}

static void
assert_holds_none (Net *net, guint number, guint gone)
{
  NetEnd *end = &net->ends[number];
  guint sent = end->n_sent;
  guint epochs = end->n_epochs;

  g_assert_cmpuint (end->gone, ==, gone);
  net_wait (net, 5 * G_USEC_PER_SEC);
  g_assert_cmpuint (hj_agreement_round (end->agreement), ==, 0);
  g_assert_cmpuint (end->n_sent, ==, sent);
  g_assert_cmpuint (end->n_epochs, ==, epochs);
}

static void
a_refused_roster_ends_an_open_round_until_a_sound_one_comes (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (BAD_ROSTERS); i++)
    {
      g_autoptr (Net) net = net_new ();

      g_test_message ("%s", BAD_ROSTERS[i].name);
      net_join (net, 0);
      net_join (net, 1);
      give_bad_roster (net, &BAD_ROSTERS[i]);
      assert_holds_none (net, 0, 1 << 1);
      g_assert_true (net_give_roster (net, 0));
      net_run (net);
      net_assert_agreed (net);
      g_assert_cmpuint (net->ends[0].epoch.epoch, ==, 2);
    }
}

static void
a_refused_roster_ends_an_epoch_until_a_sound_one_comes (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (BAD_ROSTERS); i++)
    {
      g_autoptr (Net) net = net_new ();

      g_test_message ("%s", BAD_ROSTERS[i].name);
      net_join (net, 0);
      net_join (net, 1);
      net_run (net);
      net_assert_agreed (net);
      give_bad_roster (net, &BAD_ROSTERS[i]);
      assert_holds_none (net, 0, 1 << 1);
      g_assert_true (net_give_roster (net, 0));
      net_run (net);
      net_assert_agreed (net);
      g_assert_cmpuint (net->ends[0].epoch.epoch, ==, 2);
      g_assert_cmpuint (net->ends[0].n_alone, ==, 1);
    }
}

/* The seats of the first two, who are not told of the third; the reader's own role is wrong. */
static void
hide_third (Net *net, guint reader)
{
  HjAgreementSeat seats[]
      = { { net_seat (0), 0, "kiosk", hj_identity_public (net->ends[0].identity) },
          { net_seat (1), 1, "lawyer", hj_identity_public (net->ends[1].identity) } };

  seats[reader].role = "supervisor";
  g_assert_false (hj_agreement_set_roster (
      net->ends[reader].agreement, "meeting", net_seat (reader), reader, seats, 2, net->now_us));
}

static void
a_refused_roster_does_not_hide_a_third_end_that_holds_keys (void)
{
  g_autoptr (Net) net = net_new ();

  for (guint i = 0; i < 3; i++)
    net_join (net, i);
  net_run (net);
  net_assert_agreed (net);
  hide_third (net, 0);
  hide_third (net, 1);
  assert_holds_none (net, 0, 1 << 1 | 1 << 2);
  assert_holds_none (net, 1, 1 << 0 | 1 << 2);
  net_give_rosters (net);
  net_run (net);
  net_assert_agreed (net);
  g_assert_cmpuint (net->ends[0].epoch.epoch, ==, 3);
}

static void
a_sound_roster_without_the_third_leaves_it_without_keys (void)
{
  g_autoptr (Net) net = net_new ();

  for (guint i = 0; i < 3; i++)
    net_join (net, i);
  net_run (net);
  hide_third (net, 0);
  hide_third (net, 1);
  net_leave (net, 2);
  net_run (net);
  net_assert_agreed (net);
  g_assert_cmpuint (net->ends[0].epoch.n_members, ==, 1);
  g_assert_cmpuint (net->ends[2].epoch.epoch, ==, 2);
}

static void
a_second_refused_roster_tells_nobody_gone_again (void)
{
  g_autoptr (Net) net = net_new ();

  for (guint i = 0; i < 3; i++)
    net_join (net, i);
  hide_third (net, 0);
  net->ends[0].gone = 0;
  hide_third (net, 0);
  g_assert_cmpuint (net->ends[0].gone, ==, 0);
  g_assert_cmpuint (hj_agreement_refused (net->ends[0].agreement), ==, 2);
}

/* As from seats that are not in the roster: a commit waits for the next one, the rest is refused, our own echo too. */
static void
without_a_roster_commits_wait_and_the_rest_is_refused (void)
{
  g_autoptr (Net) net = net_new ();
  guint8 message[7 + 11 + 64] = { 1, 2, 0, 0, 0, 9, 11 };

  net_join (net, 0);
  net_join (net, 1);
  net_run (net);
  give_bad_roster (net, &BAD_ROSTERS[0]);
  memcpy (message + 7, net_seat (1), 11);
  net_put (net, 1, 0, message, sizeof message);
  g_assert_cmpstr (net->ends[0].last_refusal, ==, "stranger");
  net->ends[0].last_refusal[0] = '\0';
  net_put (net, 0, 0, message, sizeof message);
  g_assert_cmpstr (net->ends[0].last_refusal, ==, "stranger");
  g_assert_cmpuint (hj_agreement_refused (net->ends[0].agreement), ==, 3);
  /* The other is loaded anew: its commit waits. */
  net_reload (net, 1);
  net_run (net);
  g_assert_cmpuint (hj_agreement_refused (net->ends[0].agreement), ==, 3);
  g_assert_cmpuint (hj_agreement_round (net->ends[0].agreement), ==, 0);
  g_assert_true (net_give_roster (net, 0));
  net_run (net);
  net_assert_agreed (net);
  g_assert_cmpuint (net->ends[0].epoch.epoch, ==, 2);
}

static void
another_identity_of_a_seat_tells_that_it_has_gone (void)
{
  g_autoptr (Net) net = net_new ();

  net_join (net, 0);
  net_join (net, 1);
  net_run (net);
  hj_identity_free (net->ends[1].identity);
  net->ends[1].identity = hj_identity_new ();
  net_join (net, 1);
  g_assert_cmpuint (net->ends[0].gone, ==, 1 << 1);
  net_run (net);
  net_assert_agreed (net);
  g_assert_cmpuint (net->ends[0].epoch.epoch, ==, 2);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define T(name) g_test_add_func ("/peer/rosters/" #name, name)
  T (a_refused_roster_ends_an_open_round_until_a_sound_one_comes);
  T (a_refused_roster_ends_an_epoch_until_a_sound_one_comes);
  T (a_refused_roster_does_not_hide_a_third_end_that_holds_keys);
  T (a_sound_roster_without_the_third_leaves_it_without_keys);
  T (a_second_refused_roster_tells_nobody_gone_again);
  T (without_a_roster_commits_wait_and_the_rest_is_refused);
  T (another_identity_of_a_seat_tells_that_it_has_gone);
  return g_test_run ();
}
