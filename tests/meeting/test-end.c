/* SPDX-License-Identifier: Apache-2.0 */
/* src/meeting/admit.c: who may end a meeting, when, and what that makes of its booking. */

#include "src/base/ids.h"
#include "src/meeting/acts.h"
#include "tests/support/expect-log.h"
#include "tests/support/meeting-place.h"

static const char BOOKING[] = "SELECT state FROM booking WHERE id = :id";
static const char CLOCK[] = "SELECT state FROM clock WHERE booking = :id";
static const char MEETING[] = "SELECT state || ' ' || end_reason || ' ' || ended_by FROM meeting"
                              " WHERE booking = :id";
static const char LEFT_AT[] = "SELECT left_at_us FROM seat WHERE id = :id AND state = 'left'";

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
}

static void
tear_down (Room *r, gconstpointer data)
{
  hj_meeting_place_tear_down (&r->p, data);
}

#define ROOM_TEST(PATH, FUNCTION) g_test_add (PATH, Room, NULL, set_up, FUNCTION, tear_down)

static void
admit (Room *r)
{
  json_decref (hj_fixture_act (&r->p.f, &hj_act_admit, r->p.machine,
      json_pack ("{s:s, s:[s, s]}", "meeting", r->meeting, "seats", r->counsel, r->box)));
}

static json_t *
reason (Room *r, const char *word)
{
  return json_pack ("{s:s, s:s}", "meeting", r->meeting, "reason", word);
}

static void
end (Room *r, HjActor *actor, const char *word)
{
  json_decref (hj_fixture_act (&r->p.f, &hj_act_end, actor, reason (r, word)));
}

static void
refused (Room *r, HjActor *actor, const char *word, HjRefusal refusal)
{
  hj_fixture_refused (&r->p.f, &hj_act_end, actor, reason (r, word), refusal);
}

static void
a_meeting_that_began_was_held (Room *r, gconstpointer data)
{
  HjFixture *f = &r->p.f;

  admit (r);
  hj_fixture_advance (f, HJ_MINUTE_US);
  end (r, r->p.counsel, "done");
  g_assert_cmpstr (hj_fixture_text (f, MEETING, r->p.booking), ==, "ended done lawyer");
  g_assert_cmpstr (hj_fixture_text (f, BOOKING, r->p.booking), ==, "HELD");
  g_assert_cmpstr (hj_fixture_text (f, CLOCK, r->p.booking), ==, "met");
  g_assert_cmpint (hj_fixture_count (f, LEFT_AT, r->counsel), ==, HJ_FIXTURE_NOW_US + HJ_MINUTE_US);
  g_assert_cmpint (hj_fixture_count (f, LEFT_AT, r->box), ==, HJ_FIXTURE_NOW_US + HJ_MINUTE_US);
}

/* Whoever else ends it, for whatever reason: they met. */
static void
no_other_reason_takes_the_clock_back (Room *r, gconstpointer data)
{
  static const char *const REASONS[] = { "done", "help", "fault", "identity", "other" };
  HjFixture *f = &r->p.f;

  for (gsize i = 0; i < G_N_ELEMENTS (REASONS); i++)
    {
      admit (r);
      end (r, r->p.desk, REASONS[i]);
      g_assert_cmpstr (hj_fixture_text (f, BOOKING, r->p.booking), ==, "HELD");
      g_assert_cmpstr (hj_fixture_text (f, CLOCK, r->p.booking), ==, "met");
      hj_fixture_sql (f, "UPDATE booking SET state = 'CHECKED_IN'", NULL);
      hj_fixture_sql (f, "UPDATE meeting SET state = 'live'", NULL);
      hj_fixture_sql (f, "UPDATE seat SET state = 'admitted'", NULL);
    }
}

/* The machine hears that somebody is gone while a person ends it: nothing of that stands in the record. */
static void
a_cut_that_comes_after_the_end_leaves_no_trace (Room *r, gconstpointer data)
{
  const HjActKind *late[] = { &hj_act_cut_off, &hj_act_restore };
  HjFixture *f = &r->p.f;

  admit (r);
  end (r, r->p.counsel, "done");
  for (gsize i = 0; i < G_N_ELEMENTS (late); i++)
    {
      g_autoptr (json_t) input = hj_about ("meeting", r->meeting);
      g_autoptr (GError) error = NULL;

      g_assert_null (hj_acts_run (f->acts, late[i], r->p.machine, input, NULL, NULL, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
      g_assert_cmpint (hj_fixture_entries (f, late[i]->name, "refused"), ==, 0);
    }
  g_assert_cmpstr (hj_fixture_text (f, MEETING, r->p.booking), ==, "ended done lawyer");
}

static void
a_meeting_that_never_began_was_not_held_and_its_clock_runs_on (Room *r, gconstpointer data)
{
  HjFixture *f = &r->p.f;

  end (r, r->p.desk, "fault");
  g_assert_cmpstr (hj_fixture_text (f, MEETING, r->p.booking), ==, "ended fault desk");
  g_assert_cmpstr (hj_fixture_text (f, BOOKING, r->p.booking), ==, "NOT_HELD");
  g_assert_cmpstr (hj_fixture_text (f, CLOCK, r->p.booking), ==, "running");
}

static void
a_seat_that_had_dropped_left_when_it_was_last_there (Room *r, gconstpointer data)
{
  HjFixture *f = &r->p.f;
  gint64 last_packet_us = HJ_FIXTURE_NOW_US + 2 * HJ_MINUTE_US;

  admit (r);
  hj_fixture_advance (f, HJ_MINUTE_US);
  json_decref (hj_fixture_act (f, &hj_act_drop, r->p.machine, hj_about ("seat", r->counsel)));
  json_decref (hj_fixture_act (f, &hj_act_drop, r->p.machine, hj_about ("seat", r->box)));
  hj_fixture_advance (f, 5 * HJ_MINUTE_US);
  json_decref (hj_fixture_act (f, &hj_act_media_event, r->p.machine,
      json_pack ("{s:s, s:s, s:i, s:I, s:s, s:s}", "node", "n", "boot", "b", "n", 1, "at_us",
          (json_int_t)last_packet_us, "kind", "gone", "seat", r->counsel)));
  end (r, r->p.desk, "other");
  g_assert_cmpint (hj_fixture_count (f, LEFT_AT, r->counsel), ==, last_packet_us);
  g_assert_cmpint (hj_fixture_count (f, LEFT_AT, r->box), ==, HJ_FIXTURE_NOW_US + HJ_MINUTE_US);
}

static void
before_it_begins_only_the_desk_ends_it (Room *r, gconstpointer data)
{
  refused (r, r->p.counsel, "done", HJ_REFUSAL_STATE);
  refused (r, r->p.box, "done", HJ_REFUSAL_STATE);
  end (r, r->p.desk, "other");
}

static void
the_kiosk_ends_it_when_it_runs (Room *r, gconstpointer data)
{
  admit (r);
  end (r, r->p.box, "help");
  g_assert_cmpstr (hj_fixture_text (&r->p.f, MEETING, r->p.booking), ==, "ended help kiosk");
}

static void
strangers_find_no_meeting_to_end (Room *r, gconstpointer data)
{
  HjMeetingPlace *p = &r->p;
  const char *elsewhere = hj_fixture_centre (&p->f);
  const char *room = hj_fixture_room (&p->f, p->centre);
  const char *kiosk = hj_fixture_kiosk (&p->f, room, TRUE);

  admit (r);
  refused (r, hj_fixture_actor (&p->f, HJ_ROLE_LAWYER, hj_fixture_lawyer (&p->f), NULL), "done",
      HJ_REFUSAL_NOT_FOUND);
  refused (
      r, hj_fixture_actor (&p->f, HJ_ROLE_DESK, NULL, elsewhere), "done", HJ_REFUSAL_NOT_FOUND);
  refused (r, hj_meeting_place_kiosk_actor (p, kiosk, p->centre), "done", HJ_REFUSAL_NOT_FOUND);
  refused (r, p->supervisor, "done", HJ_REFUSAL_NOT_FOUND);
  g_assert_cmpstr (
      hj_fixture_text (&p->f, "SELECT state FROM meeting WHERE id = :id", r->meeting), ==, "live");
}

static void
a_reason_is_one_of_a_persons_or_one_of_the_machines (Room *r, gconstpointer data)
{
  admit (r);
  refused (r, r->p.desk, "because", HJ_REFUSAL_INVALID);
  refused (r, r->p.desk, "abandoned", HJ_REFUSAL_INVALID);
  refused (r, r->p.desk, "", HJ_REFUSAL_INVALID);
  hj_fixture_refused (
      &r->p.f, &hj_act_end, r->p.desk, hj_about ("meeting", r->meeting), HJ_REFUSAL_INVALID);
  refused (r, r->p.machine, "done", HJ_REFUSAL_INVALID);
  end (r, r->p.machine, "abandoned");
}

static void
an_end_comes_once (Room *r, gconstpointer data)
{
  admit (r);
  end (r, r->p.desk, "done");
  refused (r, r->p.counsel, "help", HJ_REFUSAL_STATE);
  g_assert_cmpstr (hj_fixture_text (&r->p.f, MEETING, r->p.booking), ==, "ended done desk");
}

static void
the_booking_of_the_path_counts_and_not_another_in_the_body (Room *r, gconstpointer data)
{
  HjMeetingPlace *p = &r->p;
  const char *other
      = hj_meeting_place_book (p, HJ_FIXTURE_NOW_US + 30 * HJ_MINUTE_US, "CHECKED_IN");
  g_autoptr (json_t) seat = hj_fixture_act (
      &p->f, &hj_act_join, p->counsel, hj_meeting_place_join_input (other, p->counsel));

  json_decref (hj_fixture_act (&p->f, &hj_act_end, p->desk,
      json_pack ("{s:s, s:s, s:s}", "booking", other, "meeting", r->meeting, "reason", "other")));
  g_assert_cmpstr (hj_fixture_text (&p->f, MEETING, other), ==, "ended other desk");
  g_assert_cmpstr (hj_fixture_text (&p->f, "SELECT state FROM meeting WHERE id = :id", r->meeting),
      ==, "waiting");
}

static void
the_room_of_a_cancelled_booking_can_be_closed (Room *r, gconstpointer data)
{
  hj_fixture_sql (&r->p.f, "UPDATE booking SET state = 'CANCELLED' WHERE id = :id", r->p.booking);
  end (r, r->p.machine, "cancelled");
  g_assert_cmpstr (hj_fixture_text (&r->p.f, BOOKING, r->p.booking), ==, "CANCELLED");
}

static void
what_is_not_there_is_not_found (Room *r, gconstpointer data)
{
  g_autofree char *nothing = hj_id_new ();

  hj_fixture_refused (&r->p.f, &hj_act_end, r->p.desk,
      json_pack ("{s:s, s:s}", "booking", nothing, "reason", "done"), HJ_REFUSAL_NOT_FOUND);
  hj_fixture_refused (
      &r->p.f, &hj_act_end, r->p.desk, hj_about ("reason", "done"), HJ_REFUSAL_NOT_FOUND);
}

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  ROOM_TEST ("/meeting/end/held", a_meeting_that_began_was_held);
  ROOM_TEST ("/meeting/end/reasons", no_other_reason_takes_the_clock_back);
  ROOM_TEST ("/meeting/end/cut-off", a_cut_that_comes_after_the_end_leaves_no_trace);
  ROOM_TEST (
      "/meeting/end/not-held", a_meeting_that_never_began_was_not_held_and_its_clock_runs_on);
  ROOM_TEST ("/meeting/end/dropped", a_seat_that_had_dropped_left_when_it_was_last_there);
  ROOM_TEST ("/meeting/end/before", before_it_begins_only_the_desk_ends_it);
  ROOM_TEST ("/meeting/end/kiosk", the_kiosk_ends_it_when_it_runs);
  ROOM_TEST ("/meeting/end/strangers", strangers_find_no_meeting_to_end);
  ROOM_TEST ("/meeting/end/reason", a_reason_is_one_of_a_persons_or_one_of_the_machines);
  ROOM_TEST ("/meeting/end/once", an_end_comes_once);
  ROOM_TEST ("/meeting/end/path", the_booking_of_the_path_counts_and_not_another_in_the_body);
  ROOM_TEST ("/meeting/end/cancelled", the_room_of_a_cancelled_booking_can_be_closed);
  ROOM_TEST ("/meeting/end/unknown", what_is_not_there_is_not_found);
  return g_test_run ();
}
