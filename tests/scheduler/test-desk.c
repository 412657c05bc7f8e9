/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of a booking: check-in, cancellation and device check, and who may do them. */

#include "tests/scheduler/support.h"
#include "tests/support/expect-log.h"

#define NEXT (HJ_FIXTURE_NOW_US + PLACE_SLOT_US)

static const char *
text_of (const json_t *object, const char *key)
{
  return json_string_value (json_object_get (object, key));
}

static const char *
confirmed (Place *p, gint64 starts_at_us)
{
  return hj_fixture_booking (&p->f, p->authority, p->room, starts_at_us, "CONFIRMED");
}

static HjActor *
stranger (Place *p)
{
  return hj_fixture_actor (&p->f, HJ_ROLE_LAWYER, hj_fixture_lawyer (&p->f), NULL);
}

static HjActor *
desk_elsewhere (Place *p)
{
  return hj_fixture_actor (&p->f, HJ_ROLE_DESK, NULL, hj_fixture_centre (&p->f));
}

static const char *
clock_state (Place *p, const char *booking)
{
  return hj_fixture_text (&p->f, "SELECT state FROM clock WHERE booking = :id", booking);
}

/* --- check-in --- */

static json_t *
arrival (const char *booking)
{
  return json_pack ("{s:s, s:b}", "booking", booking, "identity_confirmed", 1);
}

static json_t *
arrival_at (const char *booking, gint64 taken_out, gint64 arrived)
{
  return json_pack ("{s:s, s:b, s:I, s:I}", "booking", booking, "identity_confirmed", 1,
      "taken_out_at_us", (json_int_t)taken_out, "arrived_at_us", (json_int_t)arrived);
}

static void
the_desk_checks_the_client_in (Place *p, gconstpointer data)
{
  const char *id = confirmed (p, NEXT);
  gint64 taken_out = HJ_FIXTURE_NOW_US - 9 * HJ_MINUTE_US;
  gint64 arrived = HJ_FIXTURE_NOW_US - HJ_MINUTE_US;
  g_autoptr (json_t) booking
      = hj_fixture_act (&p->f, &hj_act_check_in, p->desk, arrival_at (id, taken_out, arrived));

  g_assert_cmpstr (text_of (booking, "state"), ==, "CHECKED_IN");
  g_assert_cmpint (
      json_integer_value (json_object_get (booking, "checked_in_at_us")), ==, HJ_FIXTURE_NOW_US);
  g_assert_cmpint (
      hj_fixture_count (&p->f, "SELECT taken_out_at_us FROM booking WHERE id = :id", id), ==,
      taken_out);
  g_assert_cmpint (hj_fixture_count (&p->f, "SELECT arrived_at_us FROM booking WHERE id = :id", id),
      ==, arrived);
  g_assert_cmpstr (hj_fixture_text (&p->f, "SELECT checked_in_by FROM booking WHERE id = :id", id),
      ==, hj_actor_get_id (p->desk));
  g_assert_cmpint (
      hj_fixture_count (
          &p->f, "SELECT count (*) FROM audit_entry WHERE act = 'check-in' AND booking = :id", id),
      ==, 1);
}

static void
the_times_of_the_custody_leg_may_be_missing (Place *p, gconstpointer data)
{
  const char *id = confirmed (p, NEXT);

  place_check_in (p, id);
  g_assert_cmpint (
      hj_fixture_count (&p->f, "SELECT taken_out_at_us IS NULL FROM booking WHERE id = :id", id),
      ==, 1);
}

static void
only_a_confirmed_booking_is_checked_in (Place *p, gconstpointer data)
{
  for (int state = 0; state < HJ_BOOKING_N_STATES; state++)
    {
      const char *id
          = hj_fixture_booking (&p->f, p->authority, state == HJ_BOOKING_ASKED ? NULL : p->room,
              NEXT, hj_booking_state_word ((HjBookingState)state));

      if (state != HJ_BOOKING_CONFIRMED)
        hj_fixture_refused (&p->f, &hj_act_check_in, p->desk, arrival (id), HJ_REFUSAL_STATE);
      hj_fixture_sql (&p->f, "DELETE FROM booking_slot WHERE booking = :id", id);
    }
}

static void
nobody_is_checked_in_too_early_or_too_late (Place *p, gconstpointer data)
{
  const char *early = confirmed (p, HJ_FIXTURE_NOW_US + HJ_HOUR_US + 1);
  const char *late = confirmed (p, HJ_FIXTURE_NOW_US - PLACE_SLOT_US);
  const char *just = NULL;
  g_autoptr (json_t) problem
      = place_explain (p, &hj_act_check_in, p->desk, arrival (early), HJ_REFUSAL_STATE);

  g_assert_cmpint (
      json_integer_value (json_object_get (problem, "from_us")), ==, HJ_FIXTURE_NOW_US + 1);
  hj_fixture_refused (&p->f, &hj_act_check_in, p->desk, arrival (late), HJ_REFUSAL_STATE);
  hj_fixture_sql (&p->f, "DELETE FROM booking_slot WHERE booking = :id", late);
  just = confirmed (p, HJ_FIXTURE_NOW_US - PLACE_SLOT_US + 1);
  place_check_in (p, just);
  hj_fixture_advance (&p->f, 1);
  place_check_in (p, early);
}

static void
records_that_changed_since_are_seen_at_check_in (Place *p, gconstpointer data)
{
  const char *id = confirmed (p, NEXT);
  g_autoptr (json_t) problem = NULL;

  hj_fixture_sql (&p->f, "UPDATE authority SET revoked_at_us = 1 WHERE id = :id", p->authority);
  problem = place_explain (p, &hj_act_check_in, p->desk, arrival (id), HJ_REFUSAL_NOT_ELIGIBLE);
  g_assert_cmpstr (text_of (json_array_get (json_object_get (problem, "findings"), 0), "code"), ==,
      "authority-revoked");
  g_assert_cmpstr (place_state (p, id), ==, "CONFIRMED");
}

static void
a_client_who_was_transferred_is_not_checked_in (Place *p, gconstpointer data)
{
  const char *id = confirmed (p, NEXT);
  const char *elsewhere = hj_fixture_centre (&p->f);
  const char *there = hj_fixture_detainee (&p->f, elsewhere);

  hj_fixture_sql (&p->f, "UPDATE detainee SET state = 'transferred' WHERE id = :id", p->detainee);
  hj_fixture_sql (&p->f,
      "UPDATE detainee SET person = (SELECT person FROM authority LIMIT 1) WHERE id = :id", there);
  json_decref (place_explain (p, &hj_act_check_in, p->desk, arrival (id), HJ_REFUSAL_NOT_ELIGIBLE));
}

static void
a_check_in_that_says_nonsense_is_invalid (Place *p, gconstpointer data)
{
  const char *id = confirmed (p, NEXT);
  gint64 now = HJ_FIXTURE_NOW_US;
  json_t *const inputs[] = {
    json_object (), place_about ("x"), place_about (id),
    json_pack ("{s:s, s:b}", "booking", id, "identity_confirmed", 0),
    json_pack ("{s:s, s:s}", "booking", id, "identity_confirmed", "yes"),
    arrival_at (id, now - HJ_MINUTE_US, now - 2 * HJ_MINUTE_US), /* arrived before taken out */
    arrival_at (id, now, now + HJ_HOUR_US),                      /* not yet */
    arrival_at (id, now - 2 * HJ_DAY_US, now),                   /* days ago */
  };

  for (gsize i = 0; i < G_N_ELEMENTS (inputs); i++)
    hj_fixture_refused (&p->f, &hj_act_check_in, p->desk, inputs[i], HJ_REFUSAL_INVALID);
  g_assert_cmpstr (place_state (p, id), ==, "CONFIRMED");
}

static void
only_the_desk_of_the_centre_checks_in (Place *p, gconstpointer data)
{
  const char *id = confirmed (p, NEXT);

  hj_fixture_refused (
      &p->f, &hj_act_check_in, desk_elsewhere (p), arrival (id), HJ_REFUSAL_NOT_FOUND);
  hj_fixture_refused (&p->f, &hj_act_check_in, p->self, arrival (id), HJ_REFUSAL_NOT_FOUND);
  hj_fixture_refused (&p->f, &hj_act_check_in, p->desk, arrival (p->lawyer), HJ_REFUSAL_NOT_FOUND);
}

/* --- confirm --- */

static const char *
reviewed (Place *p)
{
  return hj_fixture_booking (&p->f, p->authority, p->room, NEXT, "REVIEW");
}

static void
the_desk_confirms_what_its_centre_reviews (Place *p, gconstpointer data)
{
  const char *id = reviewed (p);
  g_autoptr (json_t) booking = hj_fixture_act (&p->f, &hj_act_confirm, p->desk, place_about (id));

  g_assert_cmpstr (text_of (booking, "state"), ==, "CONFIRMED");
  g_assert_cmpint (hj_fixture_entries (&p->f, "confirm", "done"), ==, 1);
}

static void
only_what_is_reviewed_is_confirmed (Place *p, gconstpointer data)
{
  const char *id = NULL;

  for (int state = 0; state < HJ_BOOKING_N_STATES; state++)
    {
      id = hj_fixture_booking (&p->f, p->authority, state == HJ_BOOKING_ASKED ? NULL : p->room,
          NEXT, hj_booking_state_word ((HjBookingState)state));
      if (state != HJ_BOOKING_REVIEW)
        hj_fixture_refused (&p->f, &hj_act_confirm, p->desk, place_about (id), HJ_REFUSAL_STATE);
      hj_fixture_sql (&p->f, "DELETE FROM booking_slot WHERE booking = :id", id);
    }
  id = reviewed (p);
  hj_fixture_advance (&p->f, 2 * PLACE_SLOT_US);
  hj_fixture_refused (&p->f, &hj_act_confirm, p->desk, place_about (id), HJ_REFUSAL_STATE);
  hj_fixture_refused (&p->f, &hj_act_confirm, p->desk, place_about ("x"), HJ_REFUSAL_INVALID);
}

static void
only_the_desk_of_the_centre_confirms (Place *p, gconstpointer data)
{
  const char *id = reviewed (p);

  hj_fixture_refused (
      &p->f, &hj_act_confirm, desk_elsewhere (p), place_about (id), HJ_REFUSAL_NOT_FOUND);
  hj_fixture_refused (&p->f, &hj_act_confirm, p->self, place_about (id), HJ_REFUSAL_NOT_FOUND);
  hj_fixture_refused (
      &p->f, &hj_act_confirm, p->desk, place_about (p->lawyer), HJ_REFUSAL_NOT_FOUND);
}

/* --- cancel --- */

static json_t *
withdrawal (const char *booking)
{
  return json_pack ("{s:s, s:s}", "booking", booking, "reason", "hearing moved");
}

static void
a_lawyer_who_withdraws_stops_the_clock (Place *p, gconstpointer data)
{
  g_autoptr (json_t) booked = place_book (p, NEXT);
  const char *id = place_id (p, booked);
  g_autoptr (json_t) booking = hj_fixture_act (&p->f, &hj_act_cancel, p->self, withdrawal (id));

  g_assert_cmpstr (text_of (booking, "state"), ==, "CANCELLED");
  g_assert_cmpstr (text_of (json_object_get (booking, "cancelled"), "by"), ==, "lawyer");
  g_assert_cmpstr (text_of (json_object_get (booking, "cancelled"), "reason"), ==, "hearing moved");
  g_assert_cmpstr (clock_state (p, id), ==, "stopped");
  g_assert_cmpint (hj_fixture_count (&p->f, "SELECT count (*) FROM booking_slot", NULL), ==, 0);
  /* What people wrote is not in the audit. */
  g_assert_null (
      hj_fixture_text (&p->f, "SELECT seq FROM audit_entry WHERE detail LIKE '%hearing%'", NULL));
}

static void
a_centre_that_cancels_still_owes_the_meeting (Place *p, gconstpointer data)
{
  g_autoptr (json_t) booked = place_book (p, NEXT);
  const char *id = place_id (p, booked);
  g_autoptr (json_t) booking = hj_fixture_act (&p->f, &hj_act_cancel, p->desk, withdrawal (id));

  g_assert_cmpstr (text_of (booking, "state"), ==, "CANCELLED");
  g_assert_cmpstr (text_of (json_object_get (booking, "cancelled"), "by"), ==, "desk");
  g_assert_cmpstr (clock_state (p, id), ==, "running");
}

static void
what_is_not_over_can_be_cancelled (Place *p, gconstpointer data)
{
  for (int state = 0; state < HJ_BOOKING_N_STATES; state++)
    {
      const char *id
          = hj_fixture_booking (&p->f, p->authority, state == HJ_BOOKING_ASKED ? NULL : p->room,
              NEXT, hj_booking_state_word ((HjBookingState)state));

      if (state <= HJ_BOOKING_CHECKED_IN)
        json_decref (hj_fixture_act (&p->f, &hj_act_cancel, p->self, withdrawal (id)));
      else
        hj_fixture_refused (&p->f, &hj_act_cancel, p->self, withdrawal (id), HJ_REFUSAL_STATE);
    }
}

static const char *
meeting_of (Place *p, const char *booking, const char *state)
{
  static const char ADD[] = "INSERT INTO meeting (id, booking, state, opened_at_us)"
                            " VALUES (:booking, :booking, :state, 0)";
  g_autoptr (GError) error = NULL;

  hj_store_run (
      p->f.store, ADD, HJ_BINDS (HJ_TEXT (":booking", booking), HJ_TEXT (":state", state)), &error);
  g_assert_no_error (error);
  return booking;
}

static void
a_live_meeting_is_ended_and_not_cancelled (Place *p, gconstpointer data)
{
  const char *id = meeting_of (
      p, hj_fixture_booking (&p->f, p->authority, p->room, NEXT, "CHECKED_IN"), "live");

  hj_fixture_refused (&p->f, &hj_act_cancel, p->self, withdrawal (id), HJ_REFUSAL_STATE);
  hj_fixture_sql (&p->f, "UPDATE meeting SET state = 'cut_off' WHERE id = :id", id);
  hj_fixture_refused (&p->f, &hj_act_cancel, p->desk, withdrawal (id), HJ_REFUSAL_STATE);
  hj_fixture_sql (&p->f, "UPDATE meeting SET state = 'waiting' WHERE id = :id", id);
  json_decref (hj_fixture_act (&p->f, &hj_act_cancel, p->desk, withdrawal (id)));
}

static void
a_cancellation_has_a_reason (Place *p, gconstpointer data)
{
  const char *id = confirmed (p, NEXT);
  g_autofree char *long_text = g_strnfill (301, 'x');
  json_t *const inputs[] = {
    place_about (id),
    json_pack ("{s:s, s:s}", "booking", id, "reason", ""),
    json_pack ("{s:s, s:i}", "booking", id, "reason", 7),
    json_pack ("{s:s, s:s}", "booking", id, "reason", long_text),
    json_pack ("{s:s, s:s}", "booking", "x", "reason", "r"),
  };

  for (gsize i = 0; i < G_N_ELEMENTS (inputs); i++)
    hj_fixture_refused (&p->f, &hj_act_cancel, p->self, inputs[i], HJ_REFUSAL_INVALID);
}

static void
nobody_cancels_what_is_not_theirs (Place *p, gconstpointer data)
{
  const char *id = confirmed (p, NEXT);
  HjActor *administrator = hj_fixture_actor (&p->f, HJ_ROLE_ADMINISTRATOR, NULL, p->centre);

  hj_fixture_refused (&p->f, &hj_act_cancel, stranger (p), withdrawal (id), HJ_REFUSAL_NOT_FOUND);
  hj_fixture_refused (
      &p->f, &hj_act_cancel, desk_elsewhere (p), withdrawal (id), HJ_REFUSAL_NOT_FOUND);
  hj_fixture_refused (&p->f, &hj_act_cancel, administrator, withdrawal (id), HJ_REFUSAL_NOT_FOUND);
  hj_fixture_refused (&p->f, &hj_act_cancel, p->self, withdrawal (p->lawyer), HJ_REFUSAL_NOT_FOUND);
  g_assert_cmpstr (place_state (p, id), ==, "CONFIRMED");
}

/* --- device check --- */

static json_t *
check_of (const char *booking, const char *camera)
{
  return json_pack ("{s:s, s:s, s:s, s:s, s:s, s:s}", "booking", booking, "camera", camera,
      "microphone", "ok", "speaker", "skipped", "connection", "failed", "browser", "Chromium 120");
}

static void
the_desk_sees_the_device_check (Place *p, gconstpointer data)
{
  const char *id = confirmed (p, NEXT);
  g_autoptr (json_t) booking = NULL;
  const json_t *check;

  json_decref (hj_fixture_act (&p->f, &hj_act_device_check, p->self, check_of (id, "none")));
  booking = hj_fixture_act (&p->f, &hj_act_show_booking, p->desk, place_about (id));
  check = json_object_get (booking, "device_check");
  g_assert_cmpstr (text_of (check, "camera"), ==, "none");
  g_assert_cmpstr (text_of (check, "connection"), ==, "failed");
  g_assert_cmpstr (text_of (check, "browser"), ==, "Chromium 120");
}

static void
a_device_check_knows_four_words (Place *p, gconstpointer data)
{
  const char *id = confirmed (p, NEXT);
  g_autofree char *long_text = g_strnfill (65, 'x');
  json_t *no_speaker = check_of (id, "ok");
  json_t *long_browser = check_of (id, "ok");

  json_object_del (no_speaker, "speaker");
  json_object_set_new (long_browser, "browser", json_string (long_text));
  hj_fixture_refused (
      &p->f, &hj_act_device_check, p->self, check_of (id, "broken"), HJ_REFUSAL_INVALID);
  hj_fixture_refused (&p->f, &hj_act_device_check, p->self, no_speaker, HJ_REFUSAL_INVALID);
  hj_fixture_refused (&p->f, &hj_act_device_check, p->self, long_browser, HJ_REFUSAL_INVALID);
}

static void
a_device_check_is_the_lawyers_own_and_before_the_end (Place *p, gconstpointer data)
{
  const char *id = confirmed (p, NEXT);
  const char *over = hj_fixture_booking (&p->f, p->authority, p->room, NEXT, "HELD");

  hj_fixture_refused (
      &p->f, &hj_act_device_check, stranger (p), check_of (id, "ok"), HJ_REFUSAL_NOT_FOUND);
  hj_fixture_refused (
      &p->f, &hj_act_device_check, p->desk, check_of (id, "ok"), HJ_REFUSAL_NOT_FOUND);
  hj_fixture_refused (
      &p->f, &hj_act_device_check, p->self, check_of (p->lawyer, "ok"), HJ_REFUSAL_NOT_FOUND);
  hj_fixture_refused (
      &p->f, &hj_act_device_check, p->self, check_of (over, "ok"), HJ_REFUSAL_STATE);
}

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  PLACE_TEST ("/check-in/done", the_desk_checks_the_client_in);
  PLACE_TEST ("/check-in/without-times", the_times_of_the_custody_leg_may_be_missing);
  PLACE_TEST ("/check-in/state", only_a_confirmed_booking_is_checked_in);
  PLACE_TEST ("/check-in/time", nobody_is_checked_in_too_early_or_too_late);
  PLACE_TEST ("/check-in/eligible", records_that_changed_since_are_seen_at_check_in);
  PLACE_TEST ("/check-in/transferred", a_client_who_was_transferred_is_not_checked_in);
  PLACE_TEST ("/check-in/invalid", a_check_in_that_says_nonsense_is_invalid);
  PLACE_TEST ("/check-in/not-found", only_the_desk_of_the_centre_checks_in);
  PLACE_TEST ("/confirm/done", the_desk_confirms_what_its_centre_reviews);
  PLACE_TEST ("/confirm/state", only_what_is_reviewed_is_confirmed);
  PLACE_TEST ("/confirm/not-found", only_the_desk_of_the_centre_confirms);
  PLACE_TEST ("/cancel/lawyer", a_lawyer_who_withdraws_stops_the_clock);
  PLACE_TEST ("/cancel/desk", a_centre_that_cancels_still_owes_the_meeting);
  PLACE_TEST ("/cancel/state", what_is_not_over_can_be_cancelled);
  PLACE_TEST ("/cancel/live", a_live_meeting_is_ended_and_not_cancelled);
  PLACE_TEST ("/cancel/invalid", a_cancellation_has_a_reason);
  PLACE_TEST ("/cancel/not-found", nobody_cancels_what_is_not_theirs);
  PLACE_TEST ("/device-check/done", the_desk_sees_the_device_check);
  PLACE_TEST ("/device-check/invalid", a_device_check_knows_four_words);
  PLACE_TEST ("/device-check/not-found", a_device_check_is_the_lawyers_own_and_before_the_end);
  return g_test_run ();
}
