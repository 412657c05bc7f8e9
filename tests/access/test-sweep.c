/* SPDX-License-Identifier: Apache-2.0 */
/* src/access/sweep.c: what has run out goes, the rest stays. */

#include "src/access/sweep.h"

#include "src/access/sessions.h"
#include "tests/support/expect-log.h"
#include "tests/support/fixture.h"

/* Times count back and forth from now. */
static void
add_session (HjFixture *f, const char *account, const char *hash, gint64 seen, gint64 expires)
{
  g_autofree char *sql = g_strdup_printf (
      "INSERT INTO session (token_hash, account, created_at_us, seen_at_us, expires_at_us) VALUES "
      "('%s', :id, 0, %" G_GINT64_FORMAT ", %" G_GINT64_FORMAT ")",
      hash, HJ_FIXTURE_NOW_US + seen, HJ_FIXTURE_NOW_US + expires);

  hj_fixture_sql (f, sql, account);
}

static void
sweep (HjFixture *f)
{
  g_autoptr (GError) error = NULL;

  hj_sweep (f->store, HJ_FIXTURE_NOW_US, &error);
  g_assert_no_error (error);
}

static void
sessions_that_ended_go (HjFixture *f, gconstpointer data)
{
  const char *account = hj_fixture_account (f, HJ_ROLE_SUPERVISOR, NULL, NULL, "sun");

  add_session (f, account, "idle", -HJ_SESSION_IDLE_US, 1);
  add_session (f, account, "old", 0, 0);
  add_session (f, account, "good", 1 - HJ_SESSION_IDLE_US, 1);
  sweep (f);
  g_assert_cmpint (hj_fixture_count (f, "SELECT COUNT (*) FROM session", NULL), ==, 1);
  g_assert_cmpstr (hj_fixture_text (f, "SELECT token_hash FROM session", NULL), ==, "good");
}

static void
add_rows (HjFixture *f, const char *table_and_values, gint64 at)
{
  g_autofree char *sql = g_strdup_printf (
      "INSERT INTO %s %" G_GINT64_FORMAT ")", table_and_values, HJ_FIXTURE_NOW_US + at);

  hj_fixture_sql (f, sql, NULL);
}

static void
answers_failures_and_tickets_go_in_time (HjFixture *f, gconstpointer data)
{
  const char *account = hj_fixture_account (f, HJ_ROLE_SUPERVISOR, NULL, NULL, "sun");

  add_rows (f, "inbox VALUES ('a', 'old', 'h', '{}',", -HJ_DAY_US);
  add_rows (f, "inbox VALUES ('a', 'new', 'h', '{}',", 1 - HJ_DAY_US);
  add_rows (f, "login_failure VALUES ('old', 1,", -HJ_DAY_US);
  add_rows (f, "login_failure VALUES ('new', 1,", 1 - HJ_DAY_US);
  hj_fixture_sql (f, "INSERT INTO ticket VALUES ('old', :id, 'follow', NULL, 1)", account);
  sweep (f);
  g_assert_cmpstr (hj_fixture_text (f, "SELECT key FROM inbox", NULL), ==, "new");
  g_assert_cmpstr (hj_fixture_text (f, "SELECT subject FROM login_failure", NULL), ==, "new");
  g_assert_cmpint (hj_fixture_count (f, "SELECT COUNT (*) FROM ticket", NULL), ==, 0);
}

static gpointer
on_worker_count (HjStore *store, gpointer input, GError **error)
{
  hj_store_query_int (store, "SELECT COUNT (*) FROM inbox", HJ_NO_BINDS, input, error);
  return NULL;
}

static void
control_sweeps_without_waiting (HjFixture *f, gconstpointer data)
{
  gint64 count = -1;

  add_rows (f, "inbox VALUES ('a', 'old', 'h', '{}',", -HJ_DAY_US);
  hj_sweep_async (f->acts);
  hj_store_call_async (f->store, on_worker_count, &count, NULL, NULL, NULL, NULL);
  hj_store_drain (f->store);
  g_assert_cmpint (count, ==, 0);
}

#define FIXTURE(NAME, TEST)                                                                        \
  g_test_add ("/access/sweep/" NAME, HjFixture, NULL, hj_fixture_set_up, TEST, hj_fixture_tear_down)

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  FIXTURE ("sessions that ended go", sessions_that_ended_go);
  FIXTURE ("answers, failures and tickets go in time", answers_failures_and_tickets_go_in_time);
  FIXTURE ("control sweeps without waiting", control_sweeps_without_waiting);
  return g_test_run ();
}
