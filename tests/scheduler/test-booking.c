/* SPDX-License-Identifier: Apache-2.0 */
/* The states of a booking, and what meetings and kiosks are told of it. */

#include "src/base/ids.h"
#include "tests/scheduler/support.h"
#include "tests/support/expect-log.h"

#define NEXT (HJ_FIXTURE_NOW_US + PLACE_SLOT_US)

/* The picture of docs/states.md. */
static const char *const MOVES[] = {
  "ASKED REVIEW",
  "ASKED CONFIRMED",
  "ASKED CANCELLED",
  "REVIEW CONFIRMED",
  "REVIEW NOT_HELD",
  "REVIEW CANCELLED",
  "CONFIRMED CHECKED_IN",
  "CONFIRMED NOT_HELD",
  "CONFIRMED CANCELLED",
  "CHECKED_IN HELD",
  "CHECKED_IN NOT_HELD",
  "CHECKED_IN CANCELLED",
  NULL,
};

static void
try_move (Place *p, HjBookingState from, HjBookingState to)
{
  g_autofree char *move
      = g_strdup_printf ("%s %s", hj_booking_state_word (from), hj_booking_state_word (to));
  gboolean expected = g_strv_contains (MOVES, move);
  const char *id
      = hj_fixture_booking (&p->f, p->authority, p->room, NEXT, hj_booking_state_word (from));
  g_autoptr (GError) error = NULL;
  gboolean moved = hj_booking_move (p->f.store, id, to, &error);

  g_test_message ("%s", move);
  g_assert_true (moved == expected);
  g_assert_true (hj_booking_may_become (from, to) == expected);
  g_assert_cmpstr (place_state (p, id), ==, hj_booking_state_word (expected ? to : from));
  if (!expected)
    g_assert_error (error, HJ_REFUSAL, HJ_REFUSAL_STATE);
  /* The next pair begins anew. */
  hj_fixture_sql (&p->f, "DELETE FROM booking_slot WHERE booking = :id", id);
}

static void
only_the_moves_of_the_picture_are_made (Place *p, gconstpointer data)
{
  for (int from = 0; from < HJ_BOOKING_N_STATES; from++)
    for (int to = 0; to < HJ_BOOKING_N_STATES; to++)
      try_move (p, (HjBookingState)from, (HjBookingState)to);
}

static void
words_and_states_match (void)
{
  for (int state = 0; state < HJ_BOOKING_N_STATES; state++)
    g_assert_cmpint (
        hj_booking_state_from_word (hj_booking_state_word ((HjBookingState)state)), ==, state);
  g_assert_cmpint (hj_booking_state_from_word ("asked"), ==, HJ_BOOKING_N_STATES);
  g_assert_cmpint (hj_booking_state_from_word (NULL), ==, HJ_BOOKING_N_STATES);
}

static void
an_unknown_booking_does_not_move (Place *p, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) second = NULL;
  g_autofree char *id = hj_id_new ();

  g_assert_false (hj_booking_move (p->f.store, id, HJ_BOOKING_CONFIRMED, &error));
  g_assert_error (error, HJ_REFUSAL, HJ_REFUSAL_NOT_FOUND);
  g_assert_null (hj_booking_load (p->f.store, id, &second));
  g_assert_error (second, HJ_REFUSAL, HJ_REFUSAL_NOT_FOUND);
}

static void
a_booking_that_is_over_lets_go_of_its_slot (Place *p, gconstpointer data)
{
  static const struct
  {
    gboolean held;
    const char *state;
  } ENDS[] = { { TRUE, "HELD" }, { FALSE, "NOT_HELD" } };

  for (gsize i = 0; i < G_N_ELEMENTS (ENDS); i++)
    {
      g_autoptr (GError) error = NULL;
      const char *id = hj_fixture_booking (&p->f, p->authority, p->room, NEXT, "CHECKED_IN");

      g_assert_true (hj_booking_close (p->f.store, id, ENDS[i].held, HJ_FIXTURE_NOW_US, &error));
      g_assert_no_error (error);
      g_assert_cmpstr (place_state (p, id), ==, ENDS[i].state);
      g_assert_cmpint (hj_fixture_count (&p->f, "SELECT count (*) FROM booking_slot", NULL), ==, 0);
    }
}

static void
a_booking_is_not_closed_twice (Place *p, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  const char *id = hj_fixture_booking (&p->f, p->authority, p->room, NEXT, "HELD");

  g_assert_false (hj_booking_close (p->f.store, id, FALSE, HJ_FIXTURE_NOW_US, &error));
  g_assert_error (error, HJ_REFUSAL, HJ_REFUSAL_STATE);
}

static void
a_meeting_learns_what_it_needs (Place *p, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  const char *id = hj_fixture_booking (&p->f, p->authority, p->room, NEXT, "CONFIRMED");
  g_autoptr (HjBooking) booking = hj_booking_load (p->f.store, id, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (booking->id, ==, id);
  g_assert_cmpstr (booking->authority, ==, p->authority);
  g_assert_cmpstr (booking->lawyer, ==, p->lawyer);
  g_assert_cmpstr (booking->detainee, ==, p->detainee);
  g_assert_cmpstr (booking->centre, ==, p->centre);
  g_assert_cmpstr (booking->room, ==, p->room);
  g_assert_cmpstr (booking->kiosk, ==, p->kiosk);
  g_assert_cmpstr (booking->lawyer_name, ==,
      hj_fixture_text (&p->f, "SELECT name FROM lawyer WHERE id = :id", p->lawyer));
  g_assert_cmpstr (booking->firm, ==,
      hj_fixture_text (&p->f,
          "SELECT f.name FROM firm f JOIN lawyer l ON l.firm = f.id WHERE l.id = :id", p->lawyer));
  g_assert_cmpstr (booking->detainee_code, ==,
      hj_fixture_text (&p->f, "SELECT code FROM detainee WHERE id = :id", p->detainee));
  g_assert_cmpint (booking->starts_at_us, ==, NEXT);
  g_assert_cmpint (booking->ends_at_us, ==, NEXT + PLACE_SLOT_US);
  g_assert_cmpint (booking->checked_in_at_us, ==, -1);
  g_assert_cmpstr (booking->state, ==, "CONFIRMED");
}

static void
a_request_without_a_slot_has_no_room (Place *p, gconstpointer data)
{
  const char *id = hj_fixture_booking (&p->f, p->authority, NULL, 0, "ASKED");
  g_autoptr (HjBooking) booking = hj_booking_load (p->f.store, id, NULL);

  g_assert_null (booking->room);
  g_assert_null (booking->kiosk);
  g_assert_cmpint (booking->starts_at_us, ==, -1);
  g_assert_false (hj_booking_is_open_for_join (booking, HJ_FIXTURE_NOW_US));
}

static void
it_is_open_from_an_hour_before_until_its_end (void)
{
  HjBooking booking = {
    .state = (char *)"CONFIRMED", .starts_at_us = 10 * HJ_HOUR_US, .ends_at_us = 11 * HJ_HOUR_US
  };

  g_assert_false (hj_booking_is_open_for_join (&booking, 9 * HJ_HOUR_US - 1));
  g_assert_true (hj_booking_is_open_for_join (&booking, 9 * HJ_HOUR_US));
  g_assert_true (hj_booking_is_open_for_join (&booking, 11 * HJ_HOUR_US - 1));
  g_assert_false (hj_booking_is_open_for_join (&booking, 11 * HJ_HOUR_US));
  booking.state = (char *)"CHECKED_IN";
  g_assert_true (hj_booking_is_open_for_join (&booking, 10 * HJ_HOUR_US));
  for (int state = 0; state < HJ_BOOKING_N_STATES; state++)
    {
      booking.state = (char *)hj_booking_state_word ((HjBookingState)state);
      g_assert_true (hj_booking_is_open_for_join (&booking, 10 * HJ_HOUR_US)
                     == (state == HJ_BOOKING_CONFIRMED || state == HJ_BOOKING_CHECKED_IN));
    }
}

/* The id of the booking that the kiosk shows; "" for none. */
static const char *
shown (Place *p, gint64 now_us)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) next = hj_booking_next_for_kiosk (p->f.store, p->kiosk, now_us, &error);
  const char *id = json_string_value (json_object_get (next, "booking"));

  g_assert_no_error (error);
  return id != NULL ? g_string_chunk_insert (p->f.texts, id) : "";
}

static void
a_kiosk_shows_who_comes_within_the_hour (Place *p, gconstpointer data)
{
  gint64 later = NEXT + 2 * HJ_HOUR_US;
  const char *first = hj_fixture_booking (&p->f, p->authority, p->room, NEXT, "CHECKED_IN");
  const char *second = hj_fixture_booking (&p->f, p->authority, p->room, later, "CONFIRMED");
  const char *review
      = hj_fixture_booking (&p->f, p->authority, p->room, later + HJ_HOUR_US, "REVIEW");

  g_assert_nonnull (review);
  g_assert_cmpstr (shown (p, NEXT - HJ_HOUR_US - 1), ==, "");
  g_assert_cmpstr (shown (p, NEXT - HJ_HOUR_US), ==, first);
  g_assert_cmpstr (shown (p, NEXT + PLACE_SLOT_US - 1), ==, first);
  g_assert_cmpstr (shown (p, NEXT + PLACE_SLOT_US), ==, "");
  g_assert_cmpstr (shown (p, later - HJ_HOUR_US), ==, second);
  g_assert_cmpstr (shown (p, later + HJ_HOUR_US), ==, "");
}

static void
an_assignment_names_the_two_and_whether_they_are_checked_in (Place *p, gconstpointer data)
{
  const char *id = hj_fixture_booking (&p->f, p->authority, p->room, NEXT, "CHECKED_IN");
  g_autoptr (json_t) next
      = hj_booking_next_for_kiosk (p->f.store, p->kiosk, HJ_FIXTURE_NOW_US, NULL);

  g_assert_cmpstr (json_string_value (json_object_get (next, "booking")), ==, id);
  g_assert_cmpstr (json_string_value (json_object_get (next, "state")), ==, "CHECKED_IN");
  g_assert_true (json_is_true (json_object_get (next, "checked_in")));
  g_assert_nonnull (json_object_get (json_object_get (next, "lawyer"), "name"));
  g_assert_nonnull (json_object_get (json_object_get (next, "lawyer"), "firm"));
  g_assert_nonnull (json_object_get (json_object_get (next, "detainee"), "name"));
  /* Ids and numbers are no business of a screen in a room. */
  g_assert_null (json_object_get (json_object_get (next, "detainee"), "code"));
  g_assert_cmpint (json_integer_value (json_object_get (next, "starts_at_us")), ==, NEXT);
  g_assert_cmpint (
      json_integer_value (json_object_get (next, "ends_at_us")), ==, NEXT + PLACE_SLOT_US);
}

static void
a_kiosk_that_is_retired_or_elsewhere_shows_nothing (Place *p, gconstpointer data)
{
  const char *room = hj_fixture_room (&p->f, p->centre);
  const char *other = hj_fixture_kiosk (&p->f, room, TRUE);
  const char *id = hj_fixture_booking (&p->f, p->authority, p->room, NEXT, "CONFIRMED");
  g_autoptr (json_t) nothing
      = hj_booking_next_for_kiosk (p->f.store, other, HJ_FIXTURE_NOW_US, NULL);

  g_assert_true (json_is_null (nothing));
  g_assert_cmpstr (shown (p, HJ_FIXTURE_NOW_US), ==, id);
  hj_fixture_sql (&p->f, "UPDATE kiosk SET state = 'retired' WHERE id = :id", p->kiosk);
  g_assert_cmpstr (shown (p, HJ_FIXTURE_NOW_US), ==, "");
}

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  g_test_add_func ("/booking/words", words_and_states_match);
  PLACE_TEST ("/booking/moves", only_the_moves_of_the_picture_are_made);
  PLACE_TEST ("/booking/unknown", an_unknown_booking_does_not_move);
  PLACE_TEST ("/booking/lets-go", a_booking_that_is_over_lets_go_of_its_slot);
  PLACE_TEST ("/booking/closed-twice", a_booking_is_not_closed_twice);
  PLACE_TEST ("/booking/load", a_meeting_learns_what_it_needs);
  PLACE_TEST ("/booking/load-asked", a_request_without_a_slot_has_no_room);
  g_test_add_func ("/booking/open-for-join", it_is_open_from_an_hour_before_until_its_end);
  PLACE_TEST ("/booking/kiosk/hour", a_kiosk_shows_who_comes_within_the_hour);
  PLACE_TEST (
      "/booking/kiosk/assignment", an_assignment_names_the_two_and_whether_they_are_checked_in);
  PLACE_TEST ("/booking/kiosk/nothing", a_kiosk_that_is_retired_or_elsewhere_shows_nothing);
  return g_test_run ();
}
