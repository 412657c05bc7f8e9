/* SPDX-License-Identifier: Apache-2.0 */
/* src/meeting/join.c: who takes a seat, who is refused and why, and who takes it again. */

#include "src/base/ids.h"
#include "src/meeting/acts.h"
#include "tests/support/expect-log.h"
#include "tests/support/loop.h"
#include "tests/support/meeting-place.h"

static const char SUSPEND[] = "INSERT INTO lawyer_status (lawyer, status, from_us) VALUES (:id,"
                              " 'suspended', 1)";
static const char COUNT_RECORD[] = "SELECT COUNT (*) FROM audit_entry WHERE booking = :id";
static const char LAST_RESULT[] = "SELECT result || ' ' || COALESCE (reason, '-') FROM audit_entry"
                                  " WHERE booking = :id AND act = 'join' ORDER BY seq DESC";
static const char TOKEN_HASH[] = "SELECT token_hash FROM seat WHERE id = :id";
static const char STATE[] = "SELECT state FROM seat WHERE id = :id";

static json_t *
join (HjMeetingPlace *p, HjActor *actor)
{
  return hj_fixture_act (
      &p->f, &hj_act_join, actor, hj_meeting_place_join_input (p->booking, actor));
}

/* The refusal must stand in the record of the booking. */
static void
refused (HjMeetingPlace *p, HjActor *actor, const char *booking, HjRefusal refusal)
{
  g_autofree char *result = g_strconcat ("refused ", hj_refusal_word (refusal), NULL);
  gint64 before = hj_fixture_count (&p->f, COUNT_RECORD, booking);

  hj_fixture_refused (
      &p->f, &hj_act_join, actor, hj_meeting_place_join_input (booking, actor), refusal);
  g_assert_cmpint (hj_fixture_count (&p->f, COUNT_RECORD, booking), ==, before + 1);
  g_assert_cmpstr (hj_fixture_text (&p->f, LAST_RESULT, booking), ==, result);
}

static void
lawyer_and_kiosk_each_take_a_seat (HjMeetingPlace *p, gconstpointer data)
{
  g_autoptr (json_t) counsel = join (p, p->counsel);
  g_autoptr (json_t) box = join (p, p->box);

  g_assert_cmpstr (json_string_value (json_object_get (counsel, "role")), ==, "lawyer");
  g_assert_cmpstr (json_string_value (json_object_get (box, "role")), ==, "kiosk");
  g_assert_cmpint (json_integer_value (json_object_get (counsel, "number")), ==, 0);
  g_assert_cmpint (json_integer_value (json_object_get (box, "number")), ==, 1);
  g_assert_cmpstr (json_string_value (json_object_get (counsel, "meeting")), ==,
      json_string_value (json_object_get (box, "meeting")));
  g_assert_cmpstr (json_string_value (json_object_get (box, "state")), ==, "waiting");
  g_assert_cmpint (json_integer_value (json_object_get (box, "ends_at_us")), ==,
      HJ_FIXTURE_NOW_US + 30 * HJ_MINUTE_US);
  g_assert_cmpstr (json_string_value (json_object_get (box, "name")), ==,
      hj_fixture_text (&p->f,
          "SELECT p.name FROM detainee d JOIN person p ON p.id = d.person WHERE d.id = :id",
          p->detainee));
  g_assert_cmpint (hj_fixture_entries (&p->f, "join", "done"), ==, 2);
  g_assert_cmpstr (hj_fixture_text (&p->f, LAST_RESULT, p->booking), ==, "done -");
}

static void
a_lawyer_may_wait_before_the_desk_checks_in_but_a_kiosk_may_not (
    HjMeetingPlace *p, gconstpointer data)
{
  g_autoptr (json_t) answer = NULL;

  hj_fixture_sql (&p->f,
      "UPDATE booking SET state = 'CONFIRMED', checked_in_at_us = NULL WHERE id = :id", p->booking);
  answer = join (p, p->counsel);
  refused (p, p->box, p->booking, HJ_REFUSAL_STATE);
}

static void
another_lawyers_booking_is_not_found (HjMeetingPlace *p, gconstpointer data)
{
  HjActor *other = hj_fixture_actor (&p->f, HJ_ROLE_LAWYER, hj_fixture_lawyer (&p->f), NULL);

  refused (p, other, p->booking, HJ_REFUSAL_NOT_FOUND);
}

static void
an_unknown_booking_is_not_found (HjMeetingPlace *p, gconstpointer data)
{
  g_autofree char *nothing = hj_id_new ();

  hj_fixture_refused (&p->f, &hj_act_join, p->counsel,
      hj_meeting_place_join_input (nothing, p->counsel), HJ_REFUSAL_NOT_FOUND);
  hj_fixture_refused (&p->f, &hj_act_join, p->counsel,
      hj_meeting_place_join_input ("no id", p->counsel), HJ_REFUSAL_INVALID);
}

static void
a_kiosk_joins_in_its_own_room_only (HjMeetingPlace *p, gconstpointer data)
{
  const char *room = hj_fixture_room (&p->f, p->centre);
  const char *kiosk = hj_fixture_kiosk (&p->f, room, TRUE);
  const char *elsewhere = hj_fixture_centre (&p->f);

  refused (p, hj_meeting_place_kiosk_actor (p, kiosk, p->centre), p->booking, HJ_REFUSAL_NOT_FOUND);
  refused (
      p, hj_meeting_place_kiosk_actor (p, p->kiosk, elsewhere), p->booking, HJ_REFUSAL_NOT_FOUND);
}

static void
a_retired_kiosk_does_not_join (HjMeetingPlace *p, gconstpointer data)
{
  hj_fixture_sql (&p->f, "UPDATE kiosk SET state = 'retired' WHERE id = :id", p->kiosk);
  refused (p, p->box, p->booking, HJ_REFUSAL_NOT_FOUND);
}

static void
the_desk_and_the_supervisor_have_no_seat (HjMeetingPlace *p, gconstpointer data)
{
  hj_fixture_refused (&p->f, &hj_act_join, p->desk,
      hj_meeting_place_join_input (p->booking, p->desk), HJ_REFUSAL_NOT_FOUND);
  hj_fixture_refused (&p->f, &hj_act_join, p->supervisor,
      hj_meeting_place_join_input (p->booking, p->supervisor), HJ_REFUSAL_NOT_FOUND);
}

static void
the_door_opens_an_hour_before_and_closes_at_the_end (HjMeetingPlace *p, gconstpointer data)
{
  const char *tomorrow = hj_meeting_place_book (p, HJ_FIXTURE_NOW_US + HJ_DAY_US, "CONFIRMED");
  g_autoptr (json_t) first = NULL;

  hj_time_set (p->f.time, HJ_FIXTURE_NOW_US + HJ_DAY_US - HJ_HOUR_US - 1);
  refused (p, p->counsel, tomorrow, HJ_REFUSAL_STATE);
  hj_fixture_advance (&p->f, 1);
  first = hj_fixture_act (
      &p->f, &hj_act_join, p->counsel, hj_meeting_place_join_input (tomorrow, p->counsel));
  hj_time_set (p->f.time, HJ_FIXTURE_NOW_US + HJ_DAY_US + 30 * HJ_MINUTE_US);
  refused (p, p->counsel, tomorrow, HJ_REFUSAL_STATE);
}

static void
a_cancelled_booking_is_not_joined (HjMeetingPlace *p, gconstpointer data)
{
  hj_fixture_sql (&p->f, "UPDATE booking SET state = 'CANCELLED' WHERE id = :id", p->booking);
  refused (p, p->counsel, p->booking, HJ_REFUSAL_STATE);
}

static void
a_suspended_lawyer_is_told_the_findings (HjMeetingPlace *p, gconstpointer data)
{
  g_autoptr (json_t) input = hj_meeting_place_join_input (p->booking, p->counsel);
  g_autoptr (json_t) problem = NULL;
  g_autoptr (json_t) answer = NULL;
  g_autoptr (GError) error = NULL;
  const json_t *finding;

  hj_fixture_sql (&p->f, SUSPEND, p->lawyer);
  answer = hj_acts_run (p->f.acts, &hj_act_join, p->counsel, input, NULL, &problem, &error);
  g_assert_error (error, HJ_REFUSAL, HJ_REFUSAL_NOT_ELIGIBLE);
  finding = json_array_get (json_object_get (problem, "findings"), 0);
  g_assert_cmpstr (json_string_value (json_object_get (finding, "severity")), ==, "deny");
  g_assert_nonnull (json_object_get (finding, "basis"));
  refused (p, p->box, p->booking, HJ_REFUSAL_NOT_ELIGIBLE);
  g_assert_cmpint (hj_fixture_count (&p->f, "SELECT COUNT (*) FROM meeting", NULL), ==, 0);
}

static void
five_seats_and_no_more (HjMeetingPlace *p, gconstpointer data)
{
  HjActor *sixth = NULL;

  for (int i = 0; i < HJ_MEETING_SEATS; i++)
    {
      g_autofree char *id = hj_id_new ();
      HjActor *actor = hj_actor_new (id, HJ_ROLE_LAWYER, p->lawyer, NULL, FALSE);
      g_autoptr (json_t) seat = NULL;

      g_ptr_array_add (p->f.actors, actor);
      hj_meeting_place_add_device (p, actor, hj_fixture_sql);
      seat = join (p, actor);
      g_assert_cmpint (json_integer_value (json_object_get (seat, "number")), ==, i);
    }
  sixth = p->counsel;
  refused (p, sixth, p->booking, HJ_REFUSAL_TOO_MANY);
}

static void
the_number_of_a_seat_that_left_is_given_again (HjMeetingPlace *p, gconstpointer data)
{
  g_autoptr (json_t) counsel = join (p, p->counsel);
  g_autoptr (json_t) box = join (p, p->box);
  const char *seat = hj_text_of (p, counsel, "seat");
  g_autoptr (json_t) again = NULL;

  json_decref (hj_fixture_act (&p->f, &hj_act_leave, p->counsel, hj_about ("seat", seat)));
  again = join (p, p->counsel);
  g_assert_cmpint (json_integer_value (json_object_get (again, "number")), ==, 0);
  g_assert_cmpstr (json_string_value (json_object_get (again, "seat")), !=, seat);
}

static void
an_ended_meeting_is_not_joined (HjMeetingPlace *p, gconstpointer data)
{
  g_autoptr (json_t) counsel = join (p, p->counsel);

  hj_fixture_sql (&p->f, "UPDATE meeting SET state = 'ended'", NULL);
  refused (p, p->counsel, p->booking, HJ_REFUSAL_STATE);
}

static json_t *
with_device (HjMeetingPlace *p, const char *device)
{
  return json_pack ("{s:s, s:s*}", "booking", p->booking, "device", device);
}

static void
refused_device (HjMeetingPlace *p, HjActor *actor, const char *device)
{
  hj_fixture_refused (&p->f, &hj_act_join, actor, with_device (p, device), HJ_REFUSAL_DEVICE);
  g_assert_cmpstr (hj_fixture_text (&p->f, LAST_RESULT, p->booking), ==, "refused device");
  g_assert_cmpint (hj_fixture_count (&p->f, "SELECT COUNT (*) FROM meeting", NULL), ==, 0);
}

static void
a_lawyer_joins_from_a_registered_browser_only (HjMeetingPlace *p, gconstpointer data)
{
  HjActor *other = hj_fixture_actor (&p->f, HJ_ROLE_LAWYER, hj_fixture_lawyer (&p->f), NULL);
  const char *mine = hj_actor_get_id (p->counsel);
  g_autofree char *nothing = hj_id_new ();

  hj_meeting_place_add_device (p, other, hj_fixture_sql);
  refused_device (p, p->counsel, NULL);
  refused_device (p, p->counsel, "");
  refused_device (p, p->counsel, nothing);
  refused_device (p, p->counsel, hj_actor_get_id (other));
  hj_fixture_sql (
      &p->f, "UPDATE device SET state = 'removed', removed_at_us = 1 WHERE id = :id", mine);
  refused_device (p, p->counsel, mine);
  hj_fixture_refused (&p->f, &hj_act_join, p->counsel,
      with_device (p, "aaaaaaaaaaaaaaaaaaaaaaaaaaa"), HJ_REFUSAL_INVALID);
  hj_fixture_refused (&p->f, &hj_act_join, p->counsel,
      json_pack ("{s:s, s:i}", "booking", p->booking, "device", 1), HJ_REFUSAL_INVALID);
}

static void
each_end_is_known_by_its_key (HjMeetingPlace *p, gconstpointer data)
{
  const char *mine = hj_actor_get_id (p->counsel);
  g_autoptr (json_t) counsel = join (p, p->counsel);
  g_autoptr (json_t) box = hj_fixture_act (&p->f, &hj_act_join, p->box, with_device (p, mine));

  g_assert_cmpstr (json_string_value (json_object_get (counsel, "identity")), ==,
      hj_meeting_place_identity (p, mine));
  g_assert_cmpstr (json_string_value (json_object_get (box, "identity")), ==,
      hj_meeting_place_identity (p, p->kiosk));
  g_assert_true (json_is_null (json_object_get (box, "epoch")));
  g_assert_null (hj_fixture_text (
      &p->f, "SELECT device FROM seat WHERE id = :id", hj_text_of (p, box, "seat")));
  g_assert_cmpint (
      hj_fixture_count (&p->f, "SELECT COUNT (seen_at_us) FROM device WHERE id = :id", mine), ==,
      1);
  g_assert_nonnull (
      strstr (hj_fixture_text (&p->f,
                  "SELECT detail FROM audit_entry WHERE act = 'join' AND role = 'lawyer'", NULL),
          mine));
}

static void
a_kiosk_without_a_key_that_was_approved_does_not_join (HjMeetingPlace *p, gconstpointer data)
{
  hj_fixture_sql (&p->f, "UPDATE kiosk SET public_key = NULL WHERE id = :id", p->kiosk);
  refused (p, p->box, p->booking, HJ_REFUSAL_DEVICE);
  hj_fixture_sql (&p->f, "UPDATE kiosk SET state = 'enrolled' WHERE id = :id", p->kiosk);
  refused (p, p->box, p->booking, HJ_REFUSAL_NOT_FOUND);
}

static void
another_device_of_the_lawyer_has_no_keys_yet (HjMeetingPlace *p, gconstpointer data)
{
  const char *second = hj_fixture_device (&p->f, hj_actor_get_id (p->counsel));
  g_autoptr (json_t) first = hj_meeting_place_join (p, p->counsel);
  const char *seat = hj_text_of (p, first, "seat");
  g_autoptr (json_t) same = NULL;
  g_autoptr (json_t) other = NULL;

  hj_fixture_sql (&p->f, "UPDATE seat SET code = 'same' WHERE id = :id", seat);
  same = join (p, p->counsel);
  g_assert_cmpint (json_integer_value (json_object_get (same, "epoch")), ==, 1);
  g_assert_cmpstr (
      hj_fixture_text (&p->f, "SELECT code FROM seat WHERE id = :id", seat), ==, "same");
  other = hj_fixture_act (&p->f, &hj_act_join, p->counsel, with_device (p, second));
  g_assert_cmpstr (hj_text_of (p, other, "seat"), ==, seat);
  g_assert_cmpstr (hj_text_of (p, other, "identity"), ==, hj_meeting_place_identity (p, second));
  g_assert_true (json_is_null (json_object_get (other, "epoch")));
  g_assert_null (hj_fixture_text (&p->f, "SELECT code FROM seat WHERE id = :id", seat));
}

typedef struct
{
  GAsyncResult *result;
} Waiting;

static void
resumed (GObject *source, GAsyncResult *result, gpointer data)
{
  ((Waiting *)data)->result = g_object_ref (result);
}

static json_t *
resume (HjMeetingPlace *p, const char *token, HjActor **ret_actor, GError **error)
{
  Waiting waiting = { 0 };
  g_autoptr (GAsyncResult) result = NULL;

  hj_seat_resume_async (p->f.acts, token, resumed, &waiting);
  HJ_WAIT_UNTIL (waiting.result != NULL);
  result = waiting.result;
  return hj_seat_resume_finish (result, ret_actor, error);
}

static void
does_not_resume (HjMeetingPlace *p, const char *token)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HjActor) actor = NULL;
  g_autoptr (json_t) seat = resume (p, token, &actor, &error);

  g_assert_error (error, HJ_REFUSAL, HJ_REFUSAL_TOKEN);
  g_assert_null (seat);
}

static void
joining_again_keeps_the_seat_and_changes_the_token (HjMeetingPlace *p, gconstpointer data)
{
  g_autoptr (json_t) first = join (p, p->counsel);
  g_autoptr (json_t) second = join (p, p->counsel);
  const char *old = json_string_value (json_object_get (first, "token"));
  const char *new = json_string_value (json_object_get (second, "token"));
  const char *seat = hj_text_of (p, first, "seat");
  g_autofree char *hash = hj_sha256_hex (new);
  g_autoptr (HjActor) actor = NULL;
  g_autoptr (json_t) again = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (json_string_value (json_object_get (second, "seat")), ==, seat);
  g_assert_cmpstr (old, !=, new);
  g_assert_cmpstr (hj_fixture_text (&p->f, TOKEN_HASH, seat), ==, hash);
  does_not_resume (p, old);
  again = resume (p, new, &actor, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (json_string_value (json_object_get (again, "seat")), ==, seat);
  g_assert_null (json_object_get (again, "token"));
  g_assert_cmpstr (hj_actor_get_id (actor), ==, hj_actor_get_id (p->counsel));
  g_assert_cmpstr (hj_actor_get_lawyer (actor), ==, p->lawyer);
  g_assert_cmpint (hj_there_entries (&p->f, "resume", "done"), ==, 1);
}

static void
a_browser_that_was_removed_does_not_resume (HjMeetingPlace *p, gconstpointer data)
{
  g_autoptr (json_t) counsel = join (p, p->counsel);

  hj_fixture_device (&p->f, hj_actor_get_id (p->counsel));
  hj_fixture_sql (&p->f, "UPDATE device SET state = 'removed', removed_at_us = 1 WHERE id = :id",
      hj_actor_get_id (p->counsel));
  does_not_resume (p, json_string_value (json_object_get (counsel, "token")));
}

static void
whoever_was_admitted_comes_back_admitted (HjMeetingPlace *p, gconstpointer data)
{
  g_autoptr (json_t) counsel = hj_meeting_place_join (p, p->counsel);
  g_autoptr (json_t) box = join (p, p->box);
  const char *seat = hj_text_of (p, counsel, "seat");
  const char *waiting = hj_text_of (p, box, "seat");
  g_autoptr (HjActor) actor = NULL;
  g_autoptr (json_t) again = NULL;
  g_autoptr (json_t) third = NULL;

  json_decref (hj_fixture_act (&p->f, &hj_act_admit, p->machine,
      json_pack ("{s:s, s:[s]}", "meeting", hj_text_of (p, counsel, "meeting"), "seats", seat)));
  json_decref (hj_fixture_act (&p->f, &hj_act_drop, p->machine, hj_about ("seat", seat)));
  json_decref (hj_fixture_act (&p->f, &hj_act_drop, p->machine, hj_about ("seat", waiting)));
  again = join (p, p->counsel);
  third = join (p, p->box);
  g_assert_cmpstr (hj_fixture_text (&p->f, STATE, seat), ==, "admitted");
  g_assert_cmpstr (hj_fixture_text (&p->f, STATE, waiting), ==, "waiting");
  json_decref (hj_fixture_act (&p->f, &hj_act_drop, p->machine, hj_about ("seat", seat)));
  json_decref (resume (p, json_string_value (json_object_get (again, "token")), &actor, NULL));
  g_assert_cmpstr (hj_there_text (&p->f, STATE, seat), ==, "admitted");
}

static void
a_token_ends_with_its_seat_its_meeting_and_its_account (HjMeetingPlace *p, gconstpointer data)
{
  g_autoptr (json_t) counsel = join (p, p->counsel);
  g_autoptr (json_t) box = join (p, p->box);
  const char *token = json_string_value (json_object_get (counsel, "token"));
  const char *box_token = json_string_value (json_object_get (box, "token"));

  does_not_resume (p, "no such token");
  hj_there_sql (
      &p->f, "UPDATE account SET state = 'disabled' WHERE id = :id", hj_actor_get_id (p->counsel));
  does_not_resume (p, token);
  hj_there_sql (&p->f, "UPDATE kiosk SET state = 'retired' WHERE id = :id", p->kiosk);
  does_not_resume (p, box_token);
  hj_there_sql (&p->f, "UPDATE kiosk SET state = 'approved' WHERE id = :id", p->kiosk);
  hj_there_sql (&p->f, "UPDATE meeting SET state = 'ended'", NULL);
  does_not_resume (p, box_token);
  hj_there_sql (&p->f, "UPDATE meeting SET state = 'waiting'", NULL);
  json_decref (
      hj_there_act (&p->f, &hj_act_leave, p->box, hj_about ("seat", hj_text_of (p, box, "seat"))));
  does_not_resume (p, box_token);
}

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  HJ_MEETING_TEST ("/meeting/join/both", lawyer_and_kiosk_each_take_a_seat);
  HJ_MEETING_TEST ("/meeting/join/before-check-in",
      a_lawyer_may_wait_before_the_desk_checks_in_but_a_kiosk_may_not);
  HJ_MEETING_TEST ("/meeting/join/other-lawyer", another_lawyers_booking_is_not_found);
  HJ_MEETING_TEST ("/meeting/join/unknown", an_unknown_booking_is_not_found);
  HJ_MEETING_TEST ("/meeting/join/other-kiosk", a_kiosk_joins_in_its_own_room_only);
  HJ_MEETING_TEST ("/meeting/join/retired", a_retired_kiosk_does_not_join);
  HJ_MEETING_TEST ("/meeting/join/staff", the_desk_and_the_supervisor_have_no_seat);
  HJ_MEETING_TEST ("/meeting/join/time", the_door_opens_an_hour_before_and_closes_at_the_end);
  HJ_MEETING_TEST ("/meeting/join/cancelled", a_cancelled_booking_is_not_joined);
  HJ_MEETING_TEST ("/meeting/join/not-eligible", a_suspended_lawyer_is_told_the_findings);
  HJ_MEETING_TEST ("/meeting/join/full", five_seats_and_no_more);
  HJ_MEETING_TEST ("/meeting/join/number-again", the_number_of_a_seat_that_left_is_given_again);
  HJ_MEETING_TEST ("/meeting/join/ended", an_ended_meeting_is_not_joined);
  HJ_MEETING_TEST ("/meeting/join/device", a_lawyer_joins_from_a_registered_browser_only);
  HJ_MEETING_TEST ("/meeting/join/identity", each_end_is_known_by_its_key);
  HJ_MEETING_TEST (
      "/meeting/join/unapproved", a_kiosk_without_a_key_that_was_approved_does_not_join);
  HJ_MEETING_TEST ("/meeting/join/device-again", another_device_of_the_lawyer_has_no_keys_yet);
  HJ_MEETING_TEST ("/meeting/join/device-removed", a_browser_that_was_removed_does_not_resume);
  HJ_MEETING_TEST ("/meeting/join/again", joining_again_keeps_the_seat_and_changes_the_token);
  HJ_MEETING_TEST ("/meeting/join/admitted-again", whoever_was_admitted_comes_back_admitted);
  HJ_MEETING_TEST (
      "/meeting/join/token-ends", a_token_ends_with_its_seat_its_meeting_and_its_account);
  return g_test_run ();
}
