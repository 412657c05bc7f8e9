/* SPDX-License-Identifier: Apache-2.0 */
/* The 48-hour clock and what time itself does: nothing but the meeting meets it. */

#include "scheduler/sweep.h"
#include "tests/scheduler/support.h"
#include "tests/support/expect-log.h"

#define NEXT (HJ_FIXTURE_NOW_US + PLACE_SLOT_US)
#define DUE (HJ_FIXTURE_NOW_US + 48 * HJ_HOUR_US)

static const char *
clock_state (Place *p, const char *booking)
{
  return hj_fixture_text (&p->f, "SELECT state FROM clock WHERE booking = :id", booking);
}

/* The kinds of the clock's events, in order. */
static const char *
events (Place *p, const char *booking)
{
  return hj_fixture_text (&p->f,
      "SELECT group_concat (kind, ' ') FROM (SELECT e.kind FROM clock_event e JOIN clock c ON c.id"
      " = e.clock WHERE c.booking = :id ORDER BY e.rowid)",
      booking);
}

static const char *
booked (Place *p, gint64 starts_at_us)
{
  g_autoptr (json_t) booking = place_book (p, starts_at_us);

  return place_id (p, booking);
}

static void
meet (Place *p, const char *booking, gint64 at_us)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (hj_clock_meet (p->f.store, booking, at_us, &error));
  g_assert_no_error (error);
}

static void
reopen (Place *p, const char *booking, gint64 at_us)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (hj_clock_reopen (p->f.store, booking, at_us, "code-different", &error));
  g_assert_no_error (error);
}

/* Returns: how many bookings the sweep names under the key. */
static gsize
sweep (Place *p, gint64 now_us, const char *key)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) changed = hj_scheduler_sweep (p->f.store, now_us, &error);

  g_assert_no_error (error);
  return json_array_size (json_object_get (changed, key));
}

static void
nothing_but_the_meeting_meets_the_clock (Place *p, gconstpointer data)
{
  const char *id = booked (p, NEXT);

  g_assert_cmpstr (clock_state (p, id), ==, "running");
  place_check_in (p, id);
  g_assert_cmpstr (clock_state (p, id), ==, "running");
  meet (p, id, NEXT);
  g_assert_cmpstr (clock_state (p, id), ==, "met");
  g_assert_cmpint (
      hj_fixture_count (&p->f, "SELECT met_at_us FROM clock WHERE booking = :id", id), ==, NEXT);
  g_assert_cmpstr (events (p, id), ==, "started met");
}

static void
a_clock_is_met_once (Place *p, gconstpointer data)
{
  const char *id = booked (p, NEXT);

  meet (p, id, NEXT);
  meet (p, id, NEXT + HJ_MINUTE_US);
  g_assert_cmpint (
      hj_fixture_count (&p->f, "SELECT met_at_us FROM clock WHERE booking = :id", id), ==, NEXT);
  g_assert_cmpstr (events (p, id), ==, "started met");
}

static void
a_booking_without_a_clock_has_nothing_to_meet (Place *p, gconstpointer data)
{
  const char *id = hj_fixture_booking (&p->f, p->authority, p->room, NEXT, "CHECKED_IN");

  meet (p, id, NEXT);
  reopen (p, id, NEXT);
}

static void
forty_eight_hours_are_strict (Place *p, gconstpointer data)
{
  const char *id = booked (p, NEXT);

  g_assert_cmpuint (sweep (p, DUE, "overdue"), ==, 0);
  g_assert_cmpstr (clock_state (p, id), ==, "running");
  g_assert_cmpuint (sweep (p, DUE + 1, "overdue"), ==, 1);
  g_assert_cmpstr (clock_state (p, id), ==, "overdue");
  g_assert_cmpstr (events (p, id), ==, "started overdue");
  g_assert_cmpint (hj_fixture_entries (&p->f, "overdue", "done"), ==, 1);
  g_assert_cmpstr (
      hj_fixture_text (&p->f, "SELECT actor FROM audit_entry WHERE act = 'overdue'", NULL), ==,
      "machine");
}

static void
a_meeting_that_comes_late_was_late (Place *p, gconstpointer data)
{
  const char *swept = booked (p, NEXT);

  sweep (p, DUE + 1, "overdue");
  meet (p, swept, DUE + HJ_HOUR_US);
  g_assert_cmpstr (clock_state (p, swept), ==, "overdue");
  g_assert_cmpint (
      hj_fixture_count (&p->f, "SELECT met_at_us FROM clock WHERE booking = :id", swept), ==,
      DUE + HJ_HOUR_US);
}

/* The sweep comes every few seconds; a meeting may begin in between. */
static void
a_meeting_that_comes_late_was_late_though_nobody_looked (Place *p, gconstpointer data)
{
  const char *id = booked (p, NEXT);
  const char *on_time = NULL;

  meet (p, id, DUE + 1);
  g_assert_cmpstr (clock_state (p, id), ==, "overdue");
  on_time = booked (p, NEXT + PLACE_SLOT_US);
  meet (p, on_time, DUE);
  g_assert_cmpstr (clock_state (p, on_time), ==, "met");
}

static void
a_clock_that_was_overdue_stays_so_when_the_request_is_withdrawn (Place *p, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  const char *id = booked (p, NEXT);

  sweep (p, DUE + 1, "overdue");
  g_assert_true (hj_clock_stop (p->f.store, id, DUE + 2, "withdrawn", &error));
  g_assert_cmpstr (clock_state (p, id), ==, "overdue");
  g_assert_cmpstr (events (p, id), ==, "started overdue stopped");
}

static void
a_stopped_clock_does_not_run_out (Place *p, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  const char *id = booked (p, NEXT);

  g_assert_true (hj_clock_stop (p->f.store, id, NEXT, "withdrawn", &error));
  g_assert_true (hj_clock_stop (p->f.store, id, NEXT, "withdrawn", &error));
  g_assert_cmpuint (sweep (p, DUE + 1, "overdue"), ==, 0);
  meet (p, id, NEXT);
  g_assert_cmpstr (clock_state (p, id), ==, "stopped");
  g_assert_cmpstr (events (p, id), ==, "started stopped");
}

static void
assert_not_met (Place *p, const char *booking, const char *state)
{
  g_assert_cmpstr (clock_state (p, booking), ==, state);
  g_assert_cmpint (
      hj_fixture_count (
          &p->f, "SELECT COUNT (*) FROM clock WHERE booking = :id AND met_at_us IS NULL", booking),
      ==, 1);
  g_assert_cmpint (
      hj_fixture_count (&p->f, "SELECT due_at_us FROM clock WHERE booking = :id", booking), ==,
      DUE);
}

static void
a_clock_that_is_taken_back_runs_on_to_its_time (Place *p, gconstpointer data)
{
  const char *id = booked (p, NEXT);

  meet (p, id, NEXT);
  reopen (p, id, DUE);
  assert_not_met (p, id, "running");
  g_assert_cmpstr (events (p, id), ==, "started met reopened");
  g_assert_cmpstr (
      hj_fixture_text (
          &p->f, "SELECT reason || ' ' || at_us FROM clock_event WHERE kind = 'reopened'", NULL),
      ==, hj_fixture_text (&p->f, "SELECT 'code-different ' || due_at_us FROM clock", NULL));
  g_assert_cmpuint (sweep (p, DUE, "overdue"), ==, 0);
  g_assert_cmpuint (sweep (p, DUE + 1, "overdue"), ==, 1);
}

static void
a_clock_that_is_taken_back_may_be_met_again (Place *p, gconstpointer data)
{
  const char *id = booked (p, NEXT);

  meet (p, id, NEXT);
  reopen (p, id, NEXT + HJ_MINUTE_US);
  meet (p, id, NEXT + HJ_HOUR_US);
  g_assert_cmpstr (clock_state (p, id), ==, "met");
  g_assert_cmpstr (events (p, id), ==, "started met reopened met");
}

static void
a_clock_that_is_taken_back_past_its_time_is_overdue (Place *p, gconstpointer data)
{
  const char *id = booked (p, NEXT);

  meet (p, id, DUE);
  reopen (p, id, DUE + 1);
  assert_not_met (p, id, "overdue");
  g_assert_cmpstr (events (p, id), ==, "started met reopened overdue");
  g_assert_cmpuint (sweep (p, DUE + 2, "overdue"), ==, 0);
}

static void
a_clock_that_was_overdue_stays_so_when_it_is_taken_back (Place *p, gconstpointer data)
{
  const char *id = booked (p, NEXT);

  sweep (p, DUE + 1, "overdue");
  meet (p, id, DUE + HJ_HOUR_US);
  reopen (p, id, DUE + 2 * HJ_HOUR_US);
  assert_not_met (p, id, "overdue");
  g_assert_cmpstr (events (p, id), ==, "started overdue met reopened");
}

static void
a_clock_that_was_not_met_is_not_taken_back (Place *p, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  const char *id = booked (p, NEXT);

  reopen (p, id, NEXT);
  g_assert_cmpstr (events (p, id), ==, "started");
  g_assert_true (hj_clock_stop (p->f.store, id, NEXT, "withdrawn", &error));
  reopen (p, id, NEXT);
  g_assert_cmpstr (clock_state (p, id), ==, "stopped");
  g_assert_cmpstr (events (p, id), ==, "started stopped");
}

/* The centre has cancelled: the law's 48 hours go on. */
static void
a_clock_runs_out_though_the_centre_cancelled (Place *p, gconstpointer data)
{
  const char *id = booked (p, NEXT);

  json_decref (hj_fixture_act (&p->f, &hj_act_cancel, p->desk,
      json_pack ("{s:s, s:s}", "booking", id, "reason", "no escort")));
  g_assert_cmpuint (sweep (p, DUE + 1, "overdue"), ==, 1);
}

static void
sweeping_twice_changes_nothing (Place *p, gconstpointer data)
{
  booked (p, NEXT);
  g_assert_cmpuint (sweep (p, DUE + 1, "overdue"), ==, 1);
  g_assert_cmpuint (sweep (p, DUE + 1, "overdue"), ==, 0);
  g_assert_cmpuint (sweep (p, DUE + 1, "not_held"), ==, 0);
  g_assert_cmpint (hj_fixture_entries (&p->f, "overdue", "done"), ==, 1);
  g_assert_cmpint (hj_fixture_entries (&p->f, "not-held", "done"), ==, 1);
}

static void
a_booking_whose_time_has_passed_was_not_held (Place *p, gconstpointer data)
{
  static const char *const STATES[] = { "REVIEW", "CONFIRMED", "CHECKED_IN" };

  for (gsize i = 0; i < G_N_ELEMENTS (STATES); i++)
    {
      const char *id = hj_fixture_booking (&p->f, p->authority, p->room, NEXT, STATES[i]);

      g_assert_cmpuint (sweep (p, NEXT + PLACE_SLOT_US - 1, "not_held"), ==, 0);
      g_assert_cmpstr (place_state (p, id), ==, STATES[i]);
      g_assert_cmpuint (sweep (p, NEXT + PLACE_SLOT_US, "not_held"), ==, 1);
      g_assert_cmpstr (place_state (p, id), ==, "NOT_HELD");
      g_assert_cmpint (hj_fixture_count (&p->f,
                           "SELECT count (*) FROM audit_entry WHERE act = 'not-held' AND booking ="
                           " :id",
                           id),
          ==, 1);
    }
}

static void
a_booking_whose_meeting_is_open_is_left_to_the_meeting (Place *p, gconstpointer data)
{
  const char *id = hj_fixture_booking (&p->f, p->authority, p->room, NEXT, "CHECKED_IN");

  hj_fixture_sql (&p->f,
      "INSERT INTO meeting (id, booking, state, opened_at_us) VALUES (:id, :id, 'live', 0)", id);
  g_assert_cmpuint (sweep (p, NEXT + HJ_DAY_US, "not_held"), ==, 0);
  hj_fixture_sql (&p->f, "UPDATE meeting SET state = 'ended' WHERE id = :id", id);
  g_assert_cmpuint (sweep (p, NEXT + HJ_DAY_US, "not_held"), ==, 1);
}

static void
a_request_without_a_slot_waits_on (Place *p, gconstpointer data)
{
  g_autoptr (json_t) asked
      = hj_fixture_act (&p->f, &hj_act_book, p->self, place_request (p->authority, NULL, 0));

  g_assert_cmpuint (sweep (p, DUE + HJ_DAY_US, "not_held"), ==, 0);
  g_assert_cmpstr (place_state (p, place_id (p, asked)), ==, "ASKED");
  g_assert_cmpstr (clock_state (p, place_id (p, asked)), ==, "overdue");
}

static gsize
n_clocks (Place *p, const HjActor *actor)
{
  g_autoptr (json_t) answer = hj_fixture_act (&p->f, &hj_act_list_clocks, actor, NULL);

  return json_array_size (json_object_get (answer, "clocks"));
}

static void
clocks_are_listed_to_those_whose_centre_it_is (Place *p, gconstpointer data)
{
  const char *elsewhere = hj_fixture_centre (&p->f);
  HjActor *everywhere = hj_fixture_actor (&p->f, HJ_ROLE_SUPERVISOR, NULL, NULL);
  HjActor *other = hj_fixture_actor (&p->f, HJ_ROLE_SUPERVISOR, NULL, elsewhere);
  HjActor *administrator = hj_fixture_actor (&p->f, HJ_ROLE_ADMINISTRATOR, NULL, p->centre);

  booked (p, NEXT);
  g_assert_cmpuint (n_clocks (p, p->desk), ==, 1);
  g_assert_cmpuint (n_clocks (p, administrator), ==, 1);
  g_assert_cmpuint (n_clocks (p, everywhere), ==, 1);
  g_assert_cmpuint (n_clocks (p, other), ==, 0);
  hj_fixture_refused (&p->f, &hj_act_list_clocks, p->self, NULL, HJ_REFUSAL_NOT_FOUND);
  g_assert_cmpint (hj_fixture_entries (&p->f, "list-clocks", "done"), ==, 4);
}

static void
old_clocks_leave_the_list_and_running_ones_stay (Place *p, gconstpointer data)
{
  const char *met = booked (p, NEXT);

  meet (p, met, NEXT);
  booked (p, NEXT + PLACE_SLOT_US);
  hj_fixture_advance (&p->f, 40 * HJ_DAY_US);
  g_assert_cmpuint (n_clocks (p, p->desk), ==, 1);
}

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  PLACE_TEST ("/clock/met", nothing_but_the_meeting_meets_the_clock);
  PLACE_TEST ("/clock/met-once", a_clock_is_met_once);
  PLACE_TEST ("/clock/none", a_booking_without_a_clock_has_nothing_to_meet);
  PLACE_TEST ("/clock/strict", forty_eight_hours_are_strict);
  PLACE_TEST ("/clock/late", a_meeting_that_comes_late_was_late);
  PLACE_TEST ("/clock/late-unseen", a_meeting_that_comes_late_was_late_though_nobody_looked);
  PLACE_TEST (
      "/clock/overdue-withdrawn", a_clock_that_was_overdue_stays_so_when_the_request_is_withdrawn);
  PLACE_TEST ("/clock/stopped", a_stopped_clock_does_not_run_out);
  PLACE_TEST ("/clock/reopened", a_clock_that_is_taken_back_runs_on_to_its_time);
  PLACE_TEST ("/clock/reopened/met", a_clock_that_is_taken_back_may_be_met_again);
  PLACE_TEST ("/clock/reopened/late", a_clock_that_is_taken_back_past_its_time_is_overdue);
  PLACE_TEST ("/clock/reopened/overdue", a_clock_that_was_overdue_stays_so_when_it_is_taken_back);
  PLACE_TEST ("/clock/reopened/not-met", a_clock_that_was_not_met_is_not_taken_back);
  PLACE_TEST ("/clock/centre-cancelled", a_clock_runs_out_though_the_centre_cancelled);
  PLACE_TEST ("/sweep/twice", sweeping_twice_changes_nothing);
  PLACE_TEST ("/sweep/not-held", a_booking_whose_time_has_passed_was_not_held);
  PLACE_TEST ("/sweep/open-meeting", a_booking_whose_meeting_is_open_is_left_to_the_meeting);
  PLACE_TEST ("/sweep/asked", a_request_without_a_slot_waits_on);
  PLACE_TEST ("/list-clocks/centre", clocks_are_listed_to_those_whose_centre_it_is);
  PLACE_TEST ("/list-clocks/old", old_clocks_leave_the_list_and_running_ones_stay);
  return g_test_run ();
}
