/* SPDX-License-Identifier: Apache-2.0 */
/* src/meeting/admit.c: the machine admits, cuts off and restores. The statutory clock is met by the admission and by nothing
 * else. */

#include "src/meeting/acts.h"
#include "tests/support/expect-log.h"
#include "tests/support/meeting-place.h"

static const char CLOCK[] = "SELECT state FROM clock WHERE booking = :id";
static const char MET_AT[] = "SELECT COALESCE (met_at_us, 0) FROM clock WHERE booking = :id";
static const char ADMITTED_AT[]
    = "SELECT COALESCE (admitted_at_us, 0) FROM meeting WHERE booking = :id";
static const char STATE[] = "SELECT state FROM meeting WHERE booking = :id";
static const char LOST[] = "SELECT lost_us FROM meeting WHERE booking = :id";
static const char SEAT_STATE[] = "SELECT state FROM seat WHERE id = :id";

typedef struct
{
  HjMeetingPlace p; /* first */
  const char *meeting, *counsel, *box;
} Room;

static void
set_up (Room *r, gconstpointer data)
{
  HjMeetingPlace *p = &r->p;
  g_autoptr (json_t) counsel = NULL;
  g_autoptr (json_t) box = NULL;

  hj_meeting_place_set_up (p, data);
  counsel = hj_meeting_place_join (p, p->counsel);
  box = hj_meeting_place_join (p, p->box);
  r->meeting = hj_text_of (p, box, "meeting");
  r->counsel = hj_text_of (p, counsel, "seat");
  r->box = hj_text_of (p, box, "seat");
  hj_fixture_advance (&p->f, HJ_MINUTE_US);
}

static void
tear_down (Room *r, gconstpointer data)
{
  hj_meeting_place_tear_down (&r->p, data);
}

#define ROOM_TEST(PATH, FUNCTION) g_test_add (PATH, Room, NULL, set_up, FUNCTION, tear_down)

static json_t *
both (Room *r)
{
  return json_pack ("{s:s, s:[s, s]}", "meeting", r->meeting, "seats", r->counsel, r->box);
}

static void
admit (Room *r)
{
  json_decref (hj_fixture_act (&r->p.f, &hj_act_admit, r->p.machine, both (r)));
}

static void
move (Room *r, const HjActKind *kind, gint64 at_us)
{
  json_decref (hj_fixture_act (&r->p.f, kind, r->p.machine,
      json_pack ("{s:s, s:I}", "meeting", r->meeting, "at_us", (json_int_t)at_us)));
}

static void
only_the_admission_meets_the_clock (Room *r, gconstpointer data)
{
  HjFixture *f = &r->p.f;

  g_assert_cmpstr (hj_fixture_text (f, CLOCK, r->p.booking), ==, "running");
  admit (r);
  g_assert_cmpstr (hj_fixture_text (f, CLOCK, r->p.booking), ==, "met");
  g_assert_cmpint (
      hj_fixture_count (f, MET_AT, r->p.booking), ==, HJ_FIXTURE_NOW_US + HJ_MINUTE_US);
  g_assert_cmpint (
      hj_fixture_count (f, ADMITTED_AT, r->p.booking), ==, HJ_FIXTURE_NOW_US + HJ_MINUTE_US);
  g_assert_cmpstr (hj_fixture_text (f, STATE, r->p.booking), ==, "live");
  g_assert_cmpstr (hj_fixture_text (f, SEAT_STATE, r->counsel), ==, "admitted");
  g_assert_cmpint (hj_fixture_entries (f, "admit", "done"), ==, 1);
}

static void
a_second_admission_moves_no_time (Room *r, gconstpointer data)
{
  HjFixture *f = &r->p.f;

  admit (r);
  hj_fixture_advance (f, HJ_MINUTE_US);
  admit (r);
  g_assert_cmpint (
      hj_fixture_count (f, MET_AT, r->p.booking), ==, HJ_FIXTURE_NOW_US + HJ_MINUTE_US);
  g_assert_cmpint (
      hj_fixture_count (f, ADMITTED_AT, r->p.booking), ==, HJ_FIXTURE_NOW_US + HJ_MINUTE_US);
}

static void
whoever_lost_the_licence_is_not_admitted_and_that_is_recorded (Room *r, gconstpointer data)
{
  HjFixture *f = &r->p.f;
  g_autoptr (json_t) input = both (r);
  g_autoptr (json_t) problem = NULL;
  g_autoptr (json_t) answer = NULL;
  g_autoptr (GError) error = NULL;

  hj_fixture_sql (f,
      "INSERT INTO lawyer_status (lawyer, status, from_us) VALUES (:id, 'revoked', 1)",
      r->p.lawyer);
  answer = hj_acts_run (f->acts, &hj_act_admit, r->p.machine, input, NULL, &problem, &error);
  g_assert_error (error, HJ_REFUSAL, HJ_REFUSAL_NOT_ELIGIBLE);
  g_assert_cmpuint (json_array_size (json_object_get (problem, "findings")), >, 0);
  g_assert_cmpstr (hj_fixture_text (f, CLOCK, r->p.booking), ==, "running");
  g_assert_cmpstr (hj_fixture_text (f, STATE, r->p.booking), ==, "waiting");
  g_assert_cmpint (hj_fixture_count (f,
                       "SELECT COUNT (*) FROM audit_entry WHERE act = 'admit' AND result = "
                       "'refused' AND reason ="
                       " 'not-eligible' AND booking = :id",
                       r->p.booking),
      ==, 1);
}

static void
nobody_is_admitted_before_the_check_in_or_after_a_cancellation (Room *r, gconstpointer data)
{
  HjFixture *f = &r->p.f;

  hj_fixture_sql (f, "UPDATE booking SET state = 'CONFIRMED' WHERE id = :id", r->p.booking);
  hj_fixture_refused (f, &hj_act_admit, r->p.machine, both (r), HJ_REFUSAL_STATE);
  hj_fixture_sql (f, "UPDATE booking SET state = 'CANCELLED' WHERE id = :id", r->p.booking);
  hj_fixture_refused (f, &hj_act_admit, r->p.machine, both (r), HJ_REFUSAL_STATE);
  g_assert_cmpstr (hj_fixture_text (f, CLOCK, r->p.booking), ==, "running");
}

static void
a_seat_that_left_is_not_brought_back (Room *r, gconstpointer data)
{
  HjFixture *f = &r->p.f;

  json_decref (hj_fixture_act (f, &hj_act_leave, r->p.counsel, hj_about ("seat", r->counsel)));
  hj_fixture_refused (f, &hj_act_admit, r->p.machine, both (r), HJ_REFUSAL_STATE);
  g_assert_cmpstr (hj_fixture_text (f, SEAT_STATE, r->counsel), ==, "left");
  g_assert_cmpstr (hj_fixture_text (f, SEAT_STATE, r->box), ==, "waiting");
  g_assert_cmpstr (hj_fixture_text (f, CLOCK, r->p.booking), ==, "running");
}

static void
another_meetings_seat_is_not_admitted (Room *r, gconstpointer data)
{
  HjFixture *f = &r->p.f;
  const char *other
      = hj_meeting_place_book (&r->p, HJ_FIXTURE_NOW_US + 30 * HJ_MINUTE_US, "CHECKED_IN");
  g_autoptr (json_t) seat = hj_fixture_act (
      f, &hj_act_join, r->p.counsel, hj_meeting_place_join_input (other, r->p.counsel));

  hj_fixture_refused (f, &hj_act_admit, r->p.machine,
      json_pack ("{s:s, s:[s]}", "meeting", r->meeting, "seats", hj_text_of (&r->p, seat, "seat")),
      HJ_REFUSAL_NOT_FOUND);
}

static void
an_ended_meeting_admits_nobody (Room *r, gconstpointer data)
{
  hj_fixture_sql (&r->p.f, "UPDATE meeting SET state = 'ended'", NULL);
  hj_fixture_refused (&r->p.f, &hj_act_admit, r->p.machine, both (r), HJ_REFUSAL_STATE);
}

static void
nobody_but_the_machine_admits (Room *r, gconstpointer data)
{
  hj_fixture_refused (&r->p.f, &hj_act_admit, r->p.desk, both (r), HJ_REFUSAL_NOT_FOUND);
  hj_fixture_refused (&r->p.f, &hj_act_admit, r->p.counsel, both (r), HJ_REFUSAL_NOT_FOUND);
}

static void
what_was_cut_off_is_not_counted_as_delivered (Room *r, gconstpointer data)
{
  HjFixture *f = &r->p.f;
  gint64 start_us = HJ_FIXTURE_NOW_US + HJ_MINUTE_US;

  admit (r);
  hj_fixture_advance (f, 10 * HJ_MINUTE_US);
  move (r, &hj_act_cut_off, start_us + 8 * HJ_MINUTE_US);
  g_assert_cmpstr (hj_fixture_text (f, STATE, r->p.booking), ==, "cut_off");
  move (r, &hj_act_restore, start_us + 10 * HJ_MINUTE_US);
  g_assert_cmpint (hj_fixture_count (f, LOST, r->p.booking), ==, 2 * HJ_MINUTE_US);
  hj_fixture_refused (
      f, &hj_act_restore, r->p.machine, hj_about ("meeting", r->meeting), HJ_REFUSAL_STATE);
}

static void
a_cut_does_not_begin_before_the_admission (Room *r, gconstpointer data)
{
  admit (r);
  hj_fixture_advance (&r->p.f, HJ_MINUTE_US);
  move (r, &hj_act_cut_off, HJ_FIXTURE_NOW_US - HJ_HOUR_US);
  move (r, &hj_act_restore, HJ_FIXTURE_NOW_US + 2 * HJ_MINUTE_US);
  g_assert_cmpint (hj_fixture_count (&r->p.f, LOST, r->p.booking), ==, HJ_MINUTE_US);
}

static void
a_third_person_does_not_restore_what_is_cut_off (Room *r, gconstpointer data)
{
  admit (r);
  move (r, &hj_act_cut_off, HJ_FIXTURE_NOW_US + HJ_MINUTE_US);
  hj_fixture_advance (&r->p.f, HJ_MINUTE_US);
  admit (r);
  g_assert_cmpstr (hj_fixture_text (&r->p.f, STATE, r->p.booking), ==, "cut_off");
}

static void
a_waiting_meeting_is_not_cut_off (Room *r, gconstpointer data)
{
  hj_fixture_refused (
      &r->p.f, &hj_act_cut_off, r->p.machine, hj_about ("meeting", r->meeting), HJ_REFUSAL_STATE);
}

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  ROOM_TEST ("/meeting/admit/clock", only_the_admission_meets_the_clock);
  ROOM_TEST ("/meeting/admit/twice", a_second_admission_moves_no_time);
  ROOM_TEST (
      "/meeting/admit/not-eligible", whoever_lost_the_licence_is_not_admitted_and_that_is_recorded);
  ROOM_TEST (
      "/meeting/admit/booking", nobody_is_admitted_before_the_check_in_or_after_a_cancellation);
  ROOM_TEST ("/meeting/admit/left", a_seat_that_left_is_not_brought_back);
  ROOM_TEST ("/meeting/admit/other", another_meetings_seat_is_not_admitted);
  ROOM_TEST ("/meeting/admit/ended", an_ended_meeting_admits_nobody);
  ROOM_TEST ("/meeting/admit/who", nobody_but_the_machine_admits);
  ROOM_TEST ("/meeting/cut-off/lost", what_was_cut_off_is_not_counted_as_delivered);
  ROOM_TEST ("/meeting/cut-off/begin", a_cut_does_not_begin_before_the_admission);
  ROOM_TEST ("/meeting/cut-off/third", a_third_person_does_not_restore_what_is_cut_off);
  ROOM_TEST ("/meeting/cut-off/waiting", a_waiting_meeting_is_not_cut_off);
  return g_test_run ();
}
