/* SPDX-License-Identifier: Apache-2.0 */
/* src/meeting/leave.c: the numbered events of a relay, each once. */

#include "src/base/ids.h"
#include "src/meeting/acts.h"
#include "tests/support/expect-log.h"
#include "tests/support/meeting-place.h"

static const char STATE[] = "SELECT state FROM seat WHERE id = :id";
static const char EVENTS[] = "SELECT COUNT (*) FROM seat_event WHERE seat = :id AND kind NOT IN"
                             " ('joined', 'admitted', 'left')";

static const char *
join (HjMeetingPlace *p)
{
  g_autoptr (json_t) answer = hj_fixture_act (
      &p->f, &hj_act_join, p->counsel, hj_meeting_place_join_input (p->booking, p->counsel));

  return hj_text_of (p, answer, "seat");
}

static json_t *
event (const char *boot, gint64 n, const char *kind, const char *seat)
{
  return json_pack ("{s:s, s:s, s:I, s:I, s:s, s:s}", "node", "node-1", "boot", boot, "n",
      (json_int_t)n, "at_us", (json_int_t)(HJ_FIXTURE_NOW_US - n), "kind", kind, "seat", seat);
}

static gboolean
take (HjMeetingPlace *p, const char *boot, gint64 n, const char *kind, const char *seat)
{
  g_autoptr (json_t) answer
      = hj_fixture_act (&p->f, &hj_act_media_event, p->machine, event (boot, n, kind, seat));

  return json_is_true (json_object_get (answer, "fresh"));
}

static gint64
last_event (HjMeetingPlace *p, const char *boot)
{
  g_autoptr (json_t) answer = hj_fixture_act (&p->f, &hj_act_media_register, p->machine,
      json_pack ("{s:s, s:s}", "node", "node-1", "boot", boot));

  return json_integer_value (json_object_get (answer, "last_event"));
}

static void
an_event_twice_changes_nothing (HjMeetingPlace *p, gconstpointer data)
{
  const char *seat = join (p);

  g_assert_true (take (p, "boot-1", 1, "connected", seat));
  g_assert_cmpstr (hj_fixture_text (&p->f, STATE, seat), ==, "connected");
  g_assert_true (take (p, "boot-1", 2, "gone", seat));
  g_assert_false (take (p, "boot-1", 1, "connected", seat));
  g_assert_false (take (p, "boot-1", 2, "gone", seat));
  g_assert_cmpint (hj_fixture_count (&p->f, EVENTS, seat), ==, 2);
  g_assert_cmpint (last_event (p, "boot-1"), ==, 2);
}

static void
a_new_run_begins_at_one_again (HjMeetingPlace *p, gconstpointer data)
{
  const char *seat = join (p);

  g_assert_true (take (p, "boot-1", 7, "connected", seat));
  g_assert_cmpint (last_event (p, "boot-2"), ==, 0);
  g_assert_true (take (p, "boot-2", 1, "connected", seat));
  g_assert_cmpint (last_event (p, "boot-2"), ==, 1);
  g_assert_cmpint (last_event (p, "boot-1"), ==, 0);
}

static void
an_event_of_an_unknown_seat_is_kept_as_seen (HjMeetingPlace *p, gconstpointer data)
{
  g_autofree char *nothing = hj_id_new ();

  g_assert_true (take (p, "boot-1", 1, "gone", nothing));
  g_assert_false (take (p, "boot-1", 1, "gone", nothing));
  g_assert_cmpint (last_event (p, "boot-1"), ==, 1);
  g_assert_cmpint (hj_fixture_count (&p->f, "SELECT COUNT (*) FROM seat_event", NULL), ==, 0);
}

static void
an_event_after_the_leave_is_seen_and_not_written (HjMeetingPlace *p, gconstpointer data)
{
  const char *seat = join (p);

  json_decref (hj_fixture_act (&p->f, &hj_act_leave, p->counsel, hj_about ("seat", seat)));
  g_assert_true (take (p, "boot-1", 1, "connected", seat));
  g_assert_cmpstr (hj_fixture_text (&p->f, STATE, seat), ==, "left");
  g_assert_cmpint (hj_fixture_count (&p->f, EVENTS, seat), ==, 0);
}

static void
connected_does_not_take_an_admission_back (HjMeetingPlace *p, gconstpointer data)
{
  const char *seat = join (p);

  hj_fixture_sql (&p->f, "UPDATE seat SET state = 'admitted' WHERE id = :id", seat);
  g_assert_true (take (p, "boot-1", 1, "connected", seat));
  g_assert_cmpstr (hj_fixture_text (&p->f, STATE, seat), ==, "admitted");
}

static void
flowing_is_no_news_for_the_record (HjMeetingPlace *p, gconstpointer data)
{
  const char *seat = join (p);

  g_assert_true (take (p, "boot-1", 1, "flowing", seat));
  g_assert_cmpint (hj_fixture_count (&p->f, EVENTS, seat), ==, 0);
  g_assert_cmpint (last_event (p, "boot-1"), ==, 1);
}

static void
another_machines_watch_may_be_ahead_but_the_record_is_not (HjMeetingPlace *p, gconstpointer data)
{
  const char *seat = join (p);
  json_t *ahead = event ("boot-1", 1, "gone", seat);

  json_object_set_new (ahead, "at_us", json_integer (HJ_FIXTURE_NOW_US + HJ_HOUR_US));
  json_decref (hj_fixture_act (&p->f, &hj_act_media_event, p->machine, ahead));
  g_assert_cmpint (
      hj_fixture_count (
          &p->f, "SELECT MAX (at_us) FROM seat_event WHERE seat = :id AND kind = 'gone'", seat),
      ==, HJ_FIXTURE_NOW_US);
}

static void
what_is_no_event_is_refused_and_nothing_is_counted (HjMeetingPlace *p, gconstpointer data)
{
  const char *seat = join (p);
  static const char *const MEMBERS[] = { "node", "boot", "n", "at_us", "kind", "seat" };

  hj_fixture_refused (&p->f, &hj_act_media_event, p->machine, event ("boot-1", 0, "gone", seat),
      HJ_REFUSAL_INVALID);
  hj_fixture_refused (&p->f, &hj_act_media_event, p->machine, event ("boot-1", 1, "left", seat),
      HJ_REFUSAL_INVALID);
  for (gsize i = 0; i < G_N_ELEMENTS (MEMBERS); i++)
    {
      json_t *without = event ("boot-1", 1, "gone", seat);

      json_object_del (without, MEMBERS[i]);
      hj_fixture_refused (&p->f, &hj_act_media_event, p->machine, without, HJ_REFUSAL_INVALID);
    }
  g_assert_cmpint (last_event (p, "boot-1"), ==, 0);
}

static void
no_person_speaks_for_the_relay (HjMeetingPlace *p, gconstpointer data)
{
  const char *seat = join (p);

  hj_fixture_refused (&p->f, &hj_act_media_event, p->counsel, event ("boot-1", 1, "gone", seat),
      HJ_REFUSAL_NOT_FOUND);
}

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  HJ_MEETING_TEST ("/meeting/media-event/twice", an_event_twice_changes_nothing);
  HJ_MEETING_TEST ("/meeting/media-event/boot", a_new_run_begins_at_one_again);
  HJ_MEETING_TEST ("/meeting/media-event/unknown", an_event_of_an_unknown_seat_is_kept_as_seen);
  HJ_MEETING_TEST ("/meeting/media-event/left", an_event_after_the_leave_is_seen_and_not_written);
  HJ_MEETING_TEST ("/meeting/media-event/admitted", connected_does_not_take_an_admission_back);
  HJ_MEETING_TEST ("/meeting/media-event/flowing", flowing_is_no_news_for_the_record);
  HJ_MEETING_TEST (
      "/meeting/media-event/ahead", another_machines_watch_may_be_ahead_but_the_record_is_not);
  HJ_MEETING_TEST (
      "/meeting/media-event/invalid", what_is_no_event_is_refused_and_nothing_is_counted);
  HJ_MEETING_TEST ("/meeting/media-event/who", no_person_speaks_for_the_relay);
  return g_test_run ();
}
