/* SPDX-License-Identifier: Apache-2.0 */
/* src/meeting/leave.c: seats that drop, return and leave, and whose word it takes. */

#include "src/base/ids.h"
#include "src/meeting/acts.h"
#include "tests/support/expect-log.h"
#include "tests/support/meeting-place.h"

static const char STATE[] = "SELECT state FROM seat WHERE id = :id";
static const char LEFT_AT[] = "SELECT left_at_us FROM seat WHERE id = :id";
static const char HAS_TOKEN[]
    = "SELECT COUNT (*) FROM seat WHERE id = :id AND token_hash IS NOT NULL";
static const char DROPS[]
    = "SELECT COUNT (*) FROM seat_event WHERE seat = :id AND kind = 'dropped'";
static const char DETAIL[] = "SELECT detail FROM audit_entry WHERE act = 'leave' AND booking = :id"
                             " AND result = 'done'";

static const char *
join (HjMeetingPlace *p, HjActor *actor)
{
  g_autoptr (json_t) answer = hj_meeting_place_join (p, actor);

  return hj_text_of (p, answer, "seat");
}

static void
act (HjMeetingPlace *p, const HjActKind *kind, HjActor *actor, json_t *input)
{
  json_decref (hj_fixture_act (&p->f, kind, actor, input));
}

static void
a_seat_leaves_by_itself_and_takes_its_token_along (HjMeetingPlace *p, gconstpointer data)
{
  const char *seat = join (p, p->counsel);

  hj_fixture_advance (&p->f, HJ_MINUTE_US);
  act (p, &hj_act_leave, p->counsel, hj_about ("seat", seat));
  g_assert_cmpstr (hj_fixture_text (&p->f, STATE, seat), ==, "left");
  g_assert_cmpint (hj_fixture_count (&p->f, LEFT_AT, seat), ==, HJ_FIXTURE_NOW_US + HJ_MINUTE_US);
  g_assert_cmpint (hj_fixture_count (&p->f, HAS_TOKEN, seat), ==, 0);
  g_assert_nonnull (strstr (hj_fixture_text (&p->f, DETAIL, p->booking), seat));
  hj_fixture_refused (&p->f, &hj_act_leave, p->counsel, hj_about ("seat", seat), HJ_REFUSAL_STATE);
}

static void
nobody_leaves_for_another (HjMeetingPlace *p, gconstpointer data)
{
  const char *seat = join (p, p->counsel);

  hj_fixture_refused (&p->f, &hj_act_leave, p->box, hj_about ("seat", seat), HJ_REFUSAL_NOT_FOUND);
  hj_fixture_refused (&p->f, &hj_act_leave, p->desk, hj_about ("seat", seat), HJ_REFUSAL_NOT_FOUND);
  g_assert_cmpstr (hj_fixture_text (&p->f, STATE, seat), ==, "waiting");
}

static void
an_unknown_seat_is_not_found (HjMeetingPlace *p, gconstpointer data)
{
  g_autofree char *nothing = hj_id_new ();

  hj_fixture_refused (
      &p->f, &hj_act_leave, p->counsel, hj_about ("seat", nothing), HJ_REFUSAL_NOT_FOUND);
  hj_fixture_refused (
      &p->f, &hj_act_drop, p->machine, hj_about ("seat", nothing), HJ_REFUSAL_NOT_FOUND);
  hj_fixture_refused (&p->f, &hj_act_leave, p->counsel, NULL, HJ_REFUSAL_INVALID);
}

static void
a_dropped_seat_may_return_until_the_machine_gives_it_up (HjMeetingPlace *p, gconstpointer data)
{
  const char *seat = join (p, p->counsel);
  gint64 dropped_us = HJ_FIXTURE_NOW_US + HJ_MINUTE_US;

  hj_fixture_advance (&p->f, 2 * HJ_MINUTE_US);
  act (p, &hj_act_drop, p->machine,
      json_pack ("{s:s, s:I}", "seat", seat, "at_us", (json_int_t)dropped_us));
  g_assert_cmpstr (hj_fixture_text (&p->f, STATE, seat), ==, "dropped");
  g_assert_cmpint (hj_fixture_count (&p->f, HAS_TOKEN, seat), ==, 1);
  act (p, &hj_act_leave, p->machine,
      json_pack (
          "{s:s, s:I, s:s}", "seat", seat, "at_us", (json_int_t)dropped_us, "cause", "dropped"));
  g_assert_cmpint (hj_fixture_count (&p->f, LEFT_AT, seat), ==, dropped_us);
  g_assert_nonnull (strstr (hj_fixture_text (&p->f, DETAIL, p->booking), "\"cause\":\"dropped\""));
  hj_fixture_refused (&p->f, &hj_act_drop, p->machine, hj_about ("seat", seat), HJ_REFUSAL_STATE);
}

static void
the_machine_does_not_take_a_seat_from_whoever_resumed_it (HjMeetingPlace *p, gconstpointer data)
{
  const char *seat = join (p, p->counsel);

  act (p, &hj_act_drop, p->machine, hj_about ("seat", seat));
  act (p, &hj_act_resume, p->counsel, hj_about ("seat", seat));
  hj_fixture_refused (&p->f, &hj_act_leave, p->machine, hj_about ("seat", seat), HJ_REFUSAL_STATE);
  g_assert_cmpstr (hj_fixture_text (&p->f, STATE, seat), ==, "waiting");
}

static void
dropping_twice_says_nothing_new (HjMeetingPlace *p, gconstpointer data)
{
  const char *seat = join (p, p->counsel);

  act (p, &hj_act_drop, p->machine, hj_about ("seat", seat));
  hj_fixture_advance (&p->f, HJ_MINUTE_US);
  act (p, &hj_act_drop, p->machine, hj_about ("seat", seat));
  g_assert_cmpint (hj_fixture_count (&p->f, DROPS, seat), ==, 1);
}

static void
a_drop_that_nobody_saw_has_no_time (HjMeetingPlace *p, gconstpointer data)
{
  const char *seat = join (p, p->counsel);

  act (p, &hj_act_drop, p->machine, json_pack ("{s:s, s:b}", "seat", seat, "unseen", 1));
  g_assert_cmpstr (hj_fixture_text (&p->f, STATE, seat), ==, "dropped");
  g_assert_cmpint (hj_fixture_count (&p->f, DROPS, seat), ==, 0);
  g_assert_cmpint (hj_fixture_entries (&p->f, "drop", "done"), ==, 1);
}

static void
nobody_leaves_in_the_future (HjMeetingPlace *p, gconstpointer data)
{
  const char *seat = join (p, p->counsel);

  hj_fixture_refused (&p->f, &hj_act_leave, p->counsel,
      json_pack ("{s:s, s:I}", "seat", seat, "at_us", (json_int_t)HJ_FIXTURE_NOW_US + 1),
      HJ_REFUSAL_INVALID);
}

static void
the_last_quality_is_kept_and_no_history (HjMeetingPlace *p, gconstpointer data)
{
  const char *seat = join (p, p->counsel);

  act (p, &hj_act_quality, p->machine, json_pack ("{s:s, s:i}", "seat", seat, "level", 3));
  act (p, &hj_act_quality, p->machine, json_pack ("{s:s, s:i}", "seat", seat, "level", 1));
  g_assert_cmpint (
      hj_fixture_count (&p->f, "SELECT quality FROM seat WHERE id = :id", seat), ==, 1);
  for (int level = 0; level <= 4; level += 4)
    hj_fixture_refused (&p->f, &hj_act_quality, p->machine,
        json_pack ("{s:s, s:i}", "seat", seat, "level", level), HJ_REFUSAL_INVALID);
}

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  HJ_MEETING_TEST ("/meeting/leave/own", a_seat_leaves_by_itself_and_takes_its_token_along);
  HJ_MEETING_TEST ("/meeting/leave/others", nobody_leaves_for_another);
  HJ_MEETING_TEST ("/meeting/leave/unknown", an_unknown_seat_is_not_found);
  HJ_MEETING_TEST (
      "/meeting/leave/dropped", a_dropped_seat_may_return_until_the_machine_gives_it_up);
  HJ_MEETING_TEST (
      "/meeting/leave/resumed", the_machine_does_not_take_a_seat_from_whoever_resumed_it);
  HJ_MEETING_TEST ("/meeting/leave/twice", dropping_twice_says_nothing_new);
  HJ_MEETING_TEST ("/meeting/leave/unseen", a_drop_that_nobody_saw_has_no_time);
  HJ_MEETING_TEST ("/meeting/leave/future", nobody_leaves_in_the_future);
  HJ_MEETING_TEST ("/meeting/leave/quality", the_last_quality_is_kept_and_no_history);
  return g_test_run ();
}
