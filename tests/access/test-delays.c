/* SPDX-License-Identifier: Apache-2.0 */
/* src/access/delays.c: guessing gets slower, nobody is locked out for long, and a success clears the account. */

#include "src/access/delays.h"

#include "src/access/credentials.h"
#include "src/access/sessions.h"
#include "src/access/sweep.h"
#include "tests/support/expect-log.h"
#include "tests/support/fixture.h"

#define HERE "192.0.2.7"

static gint64
get_wait (HjFixture *f, const char *account, const char *address)
{
  g_autoptr (GError) error = NULL;
  gint64 wait_us = -1;

  hj_delay_get (f->store, account, address, hj_time_now (f->time), &wait_us, &error);
  g_assert_no_error (error);
  return wait_us;
}

static void
fail (HjFixture *f, const char *account, const char *address)
{
  g_autoptr (GError) error = NULL;

  hj_delay_add_failure (f->store, account, address, hj_time_now (f->time), &error);
  g_assert_no_error (error);
}

static void
five_failures_are_free_then_it_doubles (HjFixture *f, gconstpointer data)
{
  for (int i = 0; i < HJ_DELAY_FREE_PER_ACCOUNT; i++)
    {
      g_assert_cmpint (get_wait (f, "sun", HERE), ==, 0);
      fail (f, "sun", HERE);
    }
  for (gint64 wait_us = HJ_SECOND_US; wait_us < 15 * HJ_MINUTE_US; wait_us *= 2)
    {
      g_assert_cmpint (get_wait (f, "sun", HERE), ==, wait_us);
      hj_fixture_advance (f, wait_us - 1);
      g_assert_cmpint (get_wait (f, "sun", HERE), ==, 1);
      hj_fixture_advance (f, 1);
      g_assert_cmpint (get_wait (f, "sun", HERE), ==, 0);
      fail (f, "sun", HERE);
    }
  g_assert_cmpint (get_wait (f, "sun", HERE), ==, 15 * HJ_MINUTE_US);
}

static void
a_delay_is_never_longer_than_a_quarter_of_an_hour (HjFixture *f, gconstpointer data)
{
  for (int i = 0; i < 200; i++)
    fail (f, "sun", HERE);
  g_assert_cmpint (get_wait (f, "sun", "192.0.2.8"), ==, 15 * HJ_MINUTE_US);
}

static void
another_account_waits_for_its_address_only (HjFixture *f, gconstpointer data)
{
  for (int i = 0; i < HJ_DELAY_FREE_PER_ADDRESS; i++)
    {
      g_assert_cmpint (get_wait (f, "wang", HERE), ==, 0);
      fail (f, "sun", HERE);
    }
  g_assert_cmpint (get_wait (f, "wang", HERE), ==, HJ_SECOND_US);
  g_assert_cmpint (get_wait (f, "wang", "192.0.2.8"), ==, 0);
}

static void
a_network_of_ipv6_is_one_address (HjFixture *f, gconstpointer data)
{
  for (int i = 0; i < HJ_DELAY_FREE_PER_ADDRESS; i++)
    {
      g_autofree char *address = g_strdup_printf ("2001:db8:1:2::%x", i + 1);
      g_autofree char *account = g_strdup_printf ("account-%d", i);

      fail (f, account, address);
    }
  g_assert_cmpint (get_wait (f, "wang", "2001:db8:1:2:ffff::9"), ==, HJ_SECOND_US);
  g_assert_cmpint (get_wait (f, "wang", "2001:db8:1:3::1"), ==, 0);
}

static void
a_day_later_all_is_forgotten (HjFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < 200; i++)
    fail (f, "sun", HERE);
  hj_fixture_advance (f, HJ_DAY_US);
  fail (f, "sun", HERE);
  g_assert_cmpint (get_wait (f, "sun", HERE), ==, 0);
  hj_fixture_advance (f, HJ_DAY_US);
  hj_sweep (f->store, hj_time_now (f->time), &error);
  g_assert_no_error (error);
  g_assert_cmpint (hj_fixture_count (f, "SELECT COUNT (*) FROM login_failure", NULL), ==, 0);
}

static void
names_and_addresses_are_not_stored (HjFixture *f, gconstpointer data)
{
  fail (f, "sun", HERE);
  g_assert_cmpint (hj_fixture_count (f,
                       "SELECT COUNT (*) FROM login_failure WHERE length (subject) = 64 AND "
                       "subject NOT LIKE '%sun%'",
                       NULL),
      ==, 2);
}

/* Returns: the refusal's code, or -1 for a success. */
static int
login (HjFixture *f, gboolean right, gint64 *ret_retry_after_s)
{
  const HjCredential credential = { .verified = right, .checked_hash = (char *)"-" };
  g_autoptr (HjActor) nobody = hj_actor_new_nobody ();
  g_autoptr (json_t) input = json_pack ("{s:s, s:s}", "account", "sun", "address", HERE);
  g_autoptr (json_t) problem = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) answer = hj_acts_run_with (
      f->acts, &hj_act_login, nobody, input, NULL, &credential, &problem, &error);

  *ret_retry_after_s = json_integer_value (json_object_get (problem, "retry_after_s"));
  return answer != NULL ? -1 : error->code;
}

static void
an_attempt_during_the_delay_counts_for_nothing (HjFixture *f, gconstpointer data)
{
  gint64 retry_after_s = 0;

  hj_fixture_account (f, HJ_ROLE_SUPERVISOR, NULL, NULL, "sun");
  for (int i = 0; i < HJ_DELAY_FREE_PER_ACCOUNT; i++)
    g_assert_cmpint (login (f, FALSE, &retry_after_s), ==, HJ_REFUSAL_LOGIN_FAILED);
  /* Even the right password waits: otherwise the delay would tell which one it is. */
  for (int i = 0; i < 50; i++)
    {
      g_assert_cmpint (login (f, i % 2 == 0, &retry_after_s), ==, HJ_REFUSAL_LOGIN_DELAYED);
      g_assert_cmpint (retry_after_s, ==, 1);
    }
  hj_fixture_advance (f, HJ_SECOND_US);
  g_assert_cmpint (login (f, TRUE, &retry_after_s), ==, -1);
}

static void
a_success_clears_the_account (HjFixture *f, gconstpointer data)
{
  gint64 retry_after_s = 0;

  hj_fixture_account (f, HJ_ROLE_SUPERVISOR, NULL, NULL, "sun");
  for (int round = 0; round < 3; round++)
    {
      for (int i = 0; i < HJ_DELAY_FREE_PER_ACCOUNT - 1; i++)
        g_assert_cmpint (login (f, FALSE, &retry_after_s), ==, HJ_REFUSAL_LOGIN_FAILED);
      g_assert_cmpint (login (f, TRUE, &retry_after_s), ==, -1);
    }
}

#define FIXTURE(NAME, TEST)                                                                        \
  g_test_add (                                                                                     \
      "/access/delays/" NAME, HjFixture, NULL, hj_fixture_set_up, TEST, hj_fixture_tear_down)

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  FIXTURE ("five failures are free, then it doubles", five_failures_are_free_then_it_doubles);
  FIXTURE ("a delay is never longer than a quarter of an hour",
      a_delay_is_never_longer_than_a_quarter_of_an_hour);
  FIXTURE (
      "another account waits for its address only", another_account_waits_for_its_address_only);
  FIXTURE ("a network of IPv6 is one address", a_network_of_ipv6_is_one_address);
  FIXTURE ("a day later all is forgotten", a_day_later_all_is_forgotten);
  FIXTURE ("names and addresses are not stored", names_and_addresses_are_not_stored);
  FIXTURE ("an attempt during the delay counts for nothing",
      an_attempt_during_the_delay_counts_for_nothing);
  FIXTURE ("a success clears the account", a_success_clears_the_account);
  return g_test_run ();
}
