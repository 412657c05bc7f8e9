/* SPDX-License-Identifier: Apache-2.0 */
/* src/meeting/record.c: who met whom, when and how long, and who may see that. Never content. */

#include "src/base/ids.h"
#include "src/meeting/acts.h"
#include "tests/support/expect-log.h"
#include "tests/support/meeting-place.h"

static const char *
text (const json_t *object, const char *key, const char *inner)
{
  const json_t *value = json_object_get (object, key);

  return json_string_value (inner != NULL ? json_object_get (value, inner) : value);
}

static void
act (HjMeetingPlace *p, const HjActKind *kind, HjActor *actor, json_t *input)
{
  json_decref (hj_fixture_act (&p->f, kind, actor, input));
}

/* Both join, are admitted after a minute and go on. Returns: (transfer none): the meeting. */
static const char *
hold (HjMeetingPlace *p)
{
  g_autoptr (json_t) counsel = hj_meeting_place_join (p, p->counsel);
  g_autoptr (json_t) box = hj_meeting_place_join (p, p->box);
  const char *meeting = hj_text_of (p, box, "meeting");

  hj_fixture_advance (&p->f, HJ_MINUTE_US);
  act (p, &hj_act_admit, p->machine,
      json_pack ("{s:s, s:[s, s]}", "meeting", meeting, "seats", text (counsel, "seat", NULL),
          text (box, "seat", NULL)));
  return meeting;
}

static void
end (HjMeetingPlace *p, const char *meeting)
{
  act (p, &hj_act_end, p->counsel, json_pack ("{s:s, s:s}", "meeting", meeting, "reason", "done"));
}

static json_t *
show (HjMeetingPlace *p, HjActor *actor, const char *meeting)
{
  return hj_fixture_act (&p->f, &hj_act_show_meeting, actor, hj_about ("id", meeting));
}

static gsize
count_listed (HjMeetingPlace *p, HjActor *actor, json_t *input)
{
  g_autoptr (json_t) answer = hj_fixture_act (&p->f, &hj_act_list_meetings, actor, input);

  return json_array_size (json_object_get (answer, "meetings"));
}

static void
a_meeting_tells_who_when_and_how_long (HjMeetingPlace *p, gconstpointer data)
{
  const char *meeting = hold (p);
  g_autoptr (json_t) live = NULL;
  g_autoptr (json_t) ended = NULL;

  hj_fixture_advance (&p->f, 5 * HJ_MINUTE_US);
  live = show (p, p->supervisor, meeting);
  g_assert_cmpint (
      json_integer_value (json_object_get (live, "delivered_us")), ==, 5 * HJ_MINUTE_US);
  end (p, meeting);
  hj_fixture_advance (&p->f, HJ_HOUR_US);
  ended = show (p, p->supervisor, meeting);
  g_assert_cmpstr (text (ended, "booking", NULL), ==, p->booking);
  g_assert_cmpstr (text (ended, "state", NULL), ==, "ended");
  g_assert_cmpstr (text (ended, "centre", "id"), ==, p->centre);
  g_assert_cmpstr (text (ended, "room", "id"), ==, p->room);
  g_assert_nonnull (text (ended, "lawyer", "licence"));
  g_assert_nonnull (text (ended, "lawyer", "firm"));
  g_assert_nonnull (text (ended, "detainee", "code"));
  g_assert_cmpstr (text (ended, "clock", "state"), ==, "met");
  g_assert_cmpstr (text (ended, "end_reason", NULL), ==, "done");
  g_assert_cmpstr (text (ended, "ended_by", NULL), ==, "lawyer");
  g_assert_cmpint (json_integer_value (json_object_get (ended, "admitted_at_us")), ==,
      HJ_FIXTURE_NOW_US + HJ_MINUTE_US);
  g_assert_cmpint (
      json_integer_value (json_object_get (ended, "delivered_us")), ==, 5 * HJ_MINUTE_US);
  g_assert_cmpuint (json_array_size (json_object_get (ended, "seats")), ==, 2);
}

static void
a_meeting_that_is_cut_off_delivers_nothing_meanwhile (HjMeetingPlace *p, gconstpointer data)
{
  const char *meeting = hold (p);
  g_autoptr (json_t) seen = NULL;

  hj_fixture_advance (&p->f, 2 * HJ_MINUTE_US);
  act (p, &hj_act_cut_off, p->machine, hj_about ("meeting", meeting));
  hj_fixture_advance (&p->f, 3 * HJ_MINUTE_US);
  seen = show (p, p->supervisor, meeting);
  g_assert_cmpint (
      json_integer_value (json_object_get (seen, "delivered_us")), ==, 2 * HJ_MINUTE_US);
  g_assert_cmpint (json_integer_value (json_object_get (seen, "lost_us")), ==, 3 * HJ_MINUTE_US);
}

static void
the_record_is_every_act_in_order_and_no_name (HjMeetingPlace *p, gconstpointer data)
{
  static const char *const ACTS[] = { "join", "secured", "join", "secured", "admit", "end" };
  const char *meeting = hold (p);
  g_autoptr (json_t) seen = NULL;
  g_autofree char *dump = NULL;
  gint64 before_us = 0;
  const json_t *record;
  size_t index;
  json_t *entry;

  end (p, meeting);
  hj_fixture_refused (&p->f, &hj_act_join, p->counsel,
      hj_meeting_place_join_input (p->booking, p->counsel), HJ_REFUSAL_STATE);
  seen = show (p, p->supervisor, meeting);
  record = json_object_get (seen, "record");
  g_assert_cmpuint (json_array_size (record), ==, 7);
  json_array_foreach (record, index, entry)
  {
    gint64 at_us = json_integer_value (json_object_get (entry, "at_us"));

    if (index < G_N_ELEMENTS (ACTS))
      g_assert_cmpstr (text (entry, "act", NULL), ==, ACTS[index]);
    g_assert_cmpint (at_us, >=, before_us);
    before_us = at_us;
  }
  g_assert_cmpstr (text (json_array_get (record, 6), "result", NULL), ==, "refused");
  g_assert_cmpstr (text (json_array_get (record, 6), "reason", NULL), ==, "state");
  g_assert_cmpstr (text (json_array_get (record, 4), "role", NULL), ==, "machine");
  dump = hj_json_dump (record);
  g_assert_null (strstr (dump, text (seen, "lawyer", "name")));
  g_assert_null (strstr (dump, text (seen, "detainee", "name")));
}

static void
a_look_is_recorded_but_not_in_the_meetings_record (HjMeetingPlace *p, gconstpointer data)
{
  const char *meeting = hold (p);
  g_autoptr (json_t) first = show (p, p->supervisor, meeting);
  g_autoptr (json_t) second = NULL;

  hj_fixture_advance (&p->f, HJ_MINUTE_US);
  second = show (p, p->supervisor, meeting);
  g_assert_cmpint (hj_fixture_entries (&p->f, "show-meeting", "done"), ==, 2);
  g_assert_cmpuint (json_array_size (json_object_get (second, "record")), ==, 5);
  g_assert_cmpint (
      hj_fixture_count (&p->f,
          "SELECT COUNT (*) FROM audit_entry WHERE object = 'meeting:' || :id AND act ="
          " 'show-meeting'",
          meeting),
      ==, 2);
}

static void
nobody_sees_beyond_the_jurisdiction (HjMeetingPlace *p, gconstpointer data)
{
  const char *meeting = hold (p);
  const char *elsewhere = hj_fixture_centre (&p->f);
  HjActor *others[] = { hj_fixture_actor (&p->f, HJ_ROLE_SUPERVISOR, NULL, elsewhere),
    hj_fixture_actor (&p->f, HJ_ROLE_DESK, NULL, elsewhere) };

  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    {
      hj_fixture_refused (
          &p->f, &hj_act_show_meeting, others[i], hj_about ("id", meeting), HJ_REFUSAL_NOT_FOUND);
      g_assert_cmpuint (count_listed (p, others[i], NULL), ==, 0);
    }
  hj_fixture_refused (
      &p->f, &hj_act_show_meeting, p->counsel, hj_about ("id", meeting), HJ_REFUSAL_NOT_FOUND);
  hj_fixture_refused (
      &p->f, &hj_act_show_meeting, p->box, hj_about ("id", meeting), HJ_REFUSAL_NOT_FOUND);
  g_assert_cmpuint (count_listed (p, p->desk, NULL), ==, 1);
  g_assert_cmpuint (count_listed (p, p->supervisor, NULL), ==, 1);
  g_assert_cmpuint (
      count_listed (p, hj_fixture_actor (&p->f, HJ_ROLE_SUPERVISOR, NULL, NULL), NULL), ==, 1);
  g_assert_cmpint (
      hj_fixture_count (&p->f,
          "SELECT COUNT (*) FROM audit_entry WHERE act = 'show-meeting' AND result = 'refused' AND"
          " object = 'meeting:' || :id",
          meeting),
      ==, 2);
}

static void
live_and_ended_are_two_lists (HjMeetingPlace *p, gconstpointer data)
{
  const char *meeting = hold (p);
  gint64 ended_us = HJ_FIXTURE_NOW_US + 2 * HJ_MINUTE_US;

  g_assert_cmpuint (count_listed (p, p->supervisor, hj_about ("state", "live")), ==, 1);
  g_assert_cmpuint (count_listed (p, p->supervisor, hj_about ("state", "ended")), ==, 0);
  hj_fixture_advance (&p->f, HJ_MINUTE_US);
  end (p, meeting);
  g_assert_cmpuint (count_listed (p, p->supervisor, NULL), ==, 0);
  g_assert_cmpuint (count_listed (p, p->supervisor,
                        json_pack ("{s:s, s:I, s:I}", "state", "ended", "from_us",
                            (json_int_t)ended_us, "to_us", (json_int_t)ended_us + 1)),
      ==, 1);
  g_assert_cmpuint (
      count_listed (p, p->supervisor,
          json_pack ("{s:s, s:I}", "state", "ended", "from_us", (json_int_t)ended_us + 1)),
      ==, 0);
  g_assert_cmpuint (count_listed (p, p->supervisor,
                        json_pack ("{s:s, s:I}", "state", "ended", "to_us", (json_int_t)ended_us)),
      ==, 0);
  hj_fixture_refused (&p->f, &hj_act_list_meetings, p->supervisor, hj_about ("state", "paused"),
      HJ_REFUSAL_INVALID);
}

static void
many_meetings_elsewhere_do_not_push_ones_own_off_the_list (HjMeetingPlace *p, gconstpointer data)
{
  const char *meeting = hold (p);
  const char *elsewhere = hj_fixture_centre (&p->f);

  hj_fixture_sql (&p->f,
      "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1001) INSERT INTO"
      " booking (id, state, authority, lawyer, detainee, centre, asked_at_us, asked_by) SELECT"
      " 'b' || i, 'CHECKED_IN', b.authority, b.lawyer, b.detainee, :id, 0, 'x' FROM n, booking b",
      elsewhere);
  hj_fixture_sql (&p->f,
      "INSERT INTO meeting (id, booking, state, opened_at_us) SELECT 'm' || id, id, 'live', 0 FROM"
      " booking WHERE centre = :id",
      elsewhere);
  g_assert_cmpuint (count_listed (p, p->supervisor, NULL), ==, 1);
  g_assert_nonnull (meeting);
}

static void
following_is_a_look_and_answers_the_snapshot (HjMeetingPlace *p, gconstpointer data)
{
  const char *meeting = hold (p);
  g_autoptr (json_t) answer = hj_fixture_act (&p->f, &hj_act_follow, p->supervisor, NULL);

  g_assert_cmpstr (
      text (json_array_get (json_object_get (answer, "meetings"), 0), "id", NULL), ==, meeting);
  g_assert_cmpint (hj_fixture_entries (&p->f, "follow", "done"), ==, 1);
  hj_fixture_refused (&p->f, &hj_act_follow, p->desk, NULL, HJ_REFUSAL_NOT_FOUND);
  hj_fixture_refused (&p->f, &hj_act_follow, p->counsel, NULL, HJ_REFUSAL_NOT_FOUND);
}

static void
a_restart_finds_who_was_admitted_and_when_they_dropped (HjMeetingPlace *p, gconstpointer data)
{
  const char *meeting = hold (p);
  g_autoptr (json_t) running = NULL;
  const json_t *found, *seats;

  hj_fixture_advance (&p->f, HJ_MINUTE_US);
  act (p, &hj_act_drop, p->machine,
      hj_about (
          "seat", hj_fixture_text (&p->f, "SELECT id FROM seat WHERE actor = :id", p->kiosk)));
  hj_fixture_sql (&p->f,
      "INSERT INTO seat (id, meeting, number, role, actor, name, state, joined_at_us, identity) "
      "VALUES"
      " ('late', :id, 2, 'lawyer', 'x', 'x', 'waiting', 0, 'x')",
      meeting);
  running = hj_fixture_act (&p->f, &hj_act_list_running, p->machine, NULL);
  found = json_array_get (json_object_get (running, "meetings"), 0);
  seats = json_object_get (found, "seats");
  g_assert_cmpstr (text (found, "meeting", NULL), ==, meeting);
  g_assert_cmpuint (json_array_size (seats), ==, 3);
  g_assert_true (json_is_true (json_object_get (json_array_get (seats, 0), "admitted")));
  g_assert_true (json_is_null (json_object_get (json_array_get (seats, 0), "last_there_us")));
  g_assert_cmpint (
      json_integer_value (json_object_get (json_array_get (seats, 1), "last_there_us")), ==,
      HJ_FIXTURE_NOW_US + 2 * HJ_MINUTE_US);
  g_assert_true (json_is_false (json_object_get (json_array_get (seats, 2), "admitted")));
}

static void
a_kiosk_is_told_what_it_expects (HjMeetingPlace *p, gconstpointer data)
{
  g_autoptr (json_t) before
      = hj_fixture_act (&p->f, &hj_act_assign, p->machine, hj_about ("kiosk", p->kiosk));
  const json_t *assignment = json_object_get (before, "assignment");
  const char *meeting;
  g_autoptr (json_t) after = NULL;
  g_autoptr (json_t) none = NULL;

  g_assert_cmpstr (text (assignment, "booking", NULL), ==, p->booking);
  g_assert_true (json_is_null (json_object_get (assignment, "meeting")));
  g_assert_true (json_is_false (json_object_get (assignment, "lawyer_waiting")));
  g_assert_true (json_is_true (json_object_get (assignment, "checked_in")));
  g_assert_nonnull (text (assignment, "lawyer", "firm"));
  meeting = hold (p);
  after = hj_fixture_act (&p->f, &hj_act_assign, p->machine, hj_about ("kiosk", p->kiosk));
  assignment = json_object_get (after, "assignment");
  g_assert_cmpstr (text (assignment, "meeting", NULL), ==, meeting);
  g_assert_true (json_is_true (json_object_get (assignment, "lawyer_waiting")));
  end (p, meeting);
  none = hj_fixture_act (&p->f, &hj_act_assign, p->machine, hj_about ("kiosk", p->kiosk));
  g_assert_true (json_is_null (json_object_get (none, "assignment")));
  hj_fixture_refused (
      &p->f, &hj_act_assign, p->box, hj_about ("kiosk", p->kiosk), HJ_REFUSAL_NOT_FOUND);
}

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  HJ_MEETING_TEST ("/meeting/record/whole", a_meeting_tells_who_when_and_how_long);
  HJ_MEETING_TEST ("/meeting/record/cut-off", a_meeting_that_is_cut_off_delivers_nothing_meanwhile);
  HJ_MEETING_TEST ("/meeting/record/order", the_record_is_every_act_in_order_and_no_name);
  HJ_MEETING_TEST ("/meeting/record/look", a_look_is_recorded_but_not_in_the_meetings_record);
  HJ_MEETING_TEST ("/meeting/record/jurisdiction", nobody_sees_beyond_the_jurisdiction);
  HJ_MEETING_TEST ("/meeting/record/lists", live_and_ended_are_two_lists);
  HJ_MEETING_TEST (
      "/meeting/record/many", many_meetings_elsewhere_do_not_push_ones_own_off_the_list);
  HJ_MEETING_TEST ("/meeting/record/follow", following_is_a_look_and_answers_the_snapshot);
  HJ_MEETING_TEST (
      "/meeting/record/running", a_restart_finds_who_was_admitted_and_when_they_dropped);
  HJ_MEETING_TEST ("/meeting/record/assign", a_kiosk_is_told_what_it_expects);
  return g_test_run ();
}
