/* SPDX-License-Identifier: Apache-2.0 */
/* Booking: who gets a slot, who does not, and what they are told. */

#include "tests/scheduler/support.h"
#include "tests/support/expect-log.h"

#define NEXT (HJ_FIXTURE_NOW_US + PLACE_SLOT_US)

static const char *
text_of (const json_t *object, const char *key)
{
  return json_string_value (json_object_get (object, key));
}

static gint64
number_of (const json_t *object, const char *key)
{
  return json_integer_value (json_object_get (object, key));
}

static gint64
count (Place *p, const char *sql)
{
  return hj_fixture_count (&p->f, sql, NULL);
}

/* Nothing of a refused booking stays behind but its audit entry. */
static void
assert_nothing_left (Place *p, gint64 n_bookings)
{
  g_assert_cmpint (count (p, "SELECT count (*) FROM booking"), ==, n_bookings);
  g_assert_cmpint (count (p, "SELECT count (*) FROM clock"), ==, n_bookings);
  g_assert_cmpint (count (p, "SELECT count (*) FROM booking_slot"), <=, n_bookings);
}

static json_t *
refused (Place *p, const char *room, gint64 starts_at_us, HjRefusal refusal)
{
  return place_explain (
      p, &hj_act_book, p->self, place_request (p->authority, room, starts_at_us), refusal);
}

typedef struct
{
  const char *lawyer;
  const char *authority;
  HjActor *self;
} Other;

/* Another lawyer; detainee: (nullable): a client of their own. */
static Other
another_lawyer (Place *p, const char *detainee)
{
  Other other = { .lawyer = hj_fixture_lawyer (&p->f) };

  if (detainee == NULL)
    detainee = hj_fixture_detainee (&p->f, p->centre);
  other.authority = hj_fixture_authority (&p->f, other.lawyer, detainee);
  other.self = hj_fixture_actor (&p->f, HJ_ROLE_LAWYER, other.lawyer, NULL);
  return other;
}

static void
a_booking_takes_its_slot_and_starts_the_clock (Place *p, gconstpointer data)
{
  g_autoptr (json_t) booking = place_book (p, NEXT);
  const json_t *clock = json_object_get (booking, "clock");
  const char *id = place_id (p, booking);

  g_assert_cmpstr (text_of (booking, "state"), ==, "CONFIRMED");
  g_assert_cmpint (number_of (booking, "starts_at_us"), ==, NEXT);
  g_assert_cmpint (number_of (booking, "ends_at_us"), ==, NEXT + PLACE_SLOT_US);
  g_assert_cmpstr (text_of (json_object_get (booking, "room"), "id"), ==, p->room);
  g_assert_cmpstr (text_of (clock, "state"), ==, "running");
  g_assert_cmpint (number_of (clock, "started_at_us"), ==, HJ_FIXTURE_NOW_US);
  g_assert_cmpint (number_of (clock, "due_at_us"), ==, HJ_FIXTURE_NOW_US + 48 * HJ_HOUR_US);
  g_assert_cmpint (
      hj_fixture_count (&p->f, "SELECT count (*) FROM booking_slot WHERE booking = :id", id), ==,
      1);
  g_assert_cmpint (hj_fixture_entries (&p->f, "book", "done"), ==, 1);
  g_assert_cmpint (
      hj_fixture_count (&p->f, "SELECT count (*) FROM audit_entry WHERE booking = :id", id), ==, 1);
  g_assert_cmpstr (hj_fixture_text (&p->f, "SELECT kind FROM clock_event", NULL), ==, "started");
}

static void
a_centre_that_reviews_confirms_later (Place *p, gconstpointer data)
{
  g_autoptr (json_t) booking = NULL;

  hj_fixture_policy (&p->f, p->centre, PLACE_POLICY ("true", "true", PLACE_NO_HOURS));
  booking = place_book (p, NEXT);
  g_assert_cmpstr (text_of (booking, "state"), ==, "REVIEW");
  g_assert_cmpint (count (p, "SELECT count (*) FROM booking_slot"), ==, 1);
}

static void
one_slot_goes_to_one_lawyer (Place *p, gconstpointer data)
{
  Other other = another_lawyer (p, NULL);
  const char *second_room = hj_fixture_room (&p->f, p->centre);
  g_autoptr (json_t) first = place_book (p, NEXT);
  g_autoptr (json_t) problem = NULL;
  const json_t *alternatives;

  hj_fixture_kiosk (&p->f, second_room, TRUE);
  problem = place_explain (p, &hj_act_book, other.self,
      place_request (other.authority, p->room, NEXT), HJ_REFUSAL_SLOT_TAKEN);
  g_assert_cmpstr (text_of (problem, "taken"), ==, "room");
  alternatives = json_object_get (problem, "alternatives");
  g_assert_cmpuint (json_array_size (alternatives), ==, 5);
  g_assert_cmpstr (text_of (json_array_get (alternatives, 0), "room"), ==, second_room);
  g_assert_cmpint (number_of (json_array_get (alternatives, 0), "starts_at_us"), ==, NEXT);
  assert_nothing_left (p, 1);
  g_assert_cmpint (hj_fixture_entries (&p->f, "book", "refused"), ==, 1);
  g_assert_cmpstr (
      hj_fixture_text (&p->f, "SELECT reason FROM audit_entry WHERE result = 'refused'", NULL), ==,
      "slot-taken");
}

static void
an_alternative_can_be_booked (Place *p, gconstpointer data)
{
  Other other = another_lawyer (p, NULL);
  g_autoptr (json_t) first = place_book (p, NEXT);
  g_autoptr (json_t) problem = place_explain (p, &hj_act_book, other.self,
      place_request (other.authority, p->room, NEXT), HJ_REFUSAL_SLOT_TAKEN);
  const json_t *alternative = json_array_get (json_object_get (problem, "alternatives"), 0);
  g_autoptr (json_t) second = hj_fixture_act (&p->f, &hj_act_book, other.self,
      place_request (
          other.authority, text_of (alternative, "room"), number_of (alternative, "starts_at_us")));

  g_assert_cmpstr (text_of (second, "state"), ==, "CONFIRMED");
}

static void
a_lawyer_is_not_in_two_rooms (Place *p, gconstpointer data)
{
  const char *second_room = hj_fixture_room (&p->f, p->centre);
  const char *second_client = hj_fixture_detainee (&p->f, p->centre);
  const char *second = hj_fixture_authority (&p->f, p->lawyer, second_client);
  g_autoptr (json_t) first = place_book (p, NEXT);
  g_autoptr (json_t) problem = NULL;
  json_t *slot;
  gsize i;

  hj_fixture_kiosk (&p->f, second_room, TRUE);
  problem = place_explain (
      p, &hj_act_book, p->self, place_request (second, second_room, NEXT), HJ_REFUSAL_SLOT_TAKEN);
  g_assert_cmpstr (text_of (problem, "taken"), ==, "lawyer");
  json_array_foreach (json_object_get (problem, "alternatives"), i, slot)
      g_assert_cmpint (number_of (slot, "starts_at_us"), !=, NEXT);
}

static void
a_client_is_not_in_two_rooms (Place *p, gconstpointer data)
{
  Other other = another_lawyer (p, p->detainee);
  const char *second_room = hj_fixture_room (&p->f, p->centre);
  g_autoptr (json_t) first = place_book (p, NEXT);
  g_autoptr (json_t) problem = NULL;

  hj_fixture_kiosk (&p->f, second_room, TRUE);
  problem = place_explain (p, &hj_act_book, other.self,
      place_request (other.authority, second_room, NEXT), HJ_REFUSAL_SLOT_TAKEN);
  g_assert_cmpstr (text_of (problem, "taken"), ==, "detainee");
}

static void
slots_of_different_grids_do_not_overlap (Place *p, gconstpointer data)
{
  Other other = another_lawyer (p, NULL);
  g_autoptr (json_t) first = place_book (p, NEXT);
  g_autoptr (json_t) problem = NULL;

  /* From a quarter past: an hour over the half hour that is taken. */
  hj_fixture_policy (&p->f, p->centre,
      "{\"slot_minutes\":60,\"open\":{\"mon\":[[\"09:15\",\"11:15\"]],\"tue\":[],\"wed\":[],"
      "\"thu\":[],\"fri\":[],\"sat\":[],\"sun\":[]},\"book_ahead_hours\":0,"
      "\"book_until_hours\":336,\"late_minutes\":10,\"review\":false,\"always_open\":false}");
  problem = place_explain (p, &hj_act_book, other.self,
      place_request (other.authority, p->room, HJ_FIXTURE_NOW_US + 15 * HJ_MINUTE_US),
      HJ_REFUSAL_SLOT_TAKEN);
  g_assert_cmpstr (text_of (problem, "taken"), ==, "room");
  assert_nothing_left (p, 1);
}

static void
the_running_slot_can_be_booked_while_a_third_is_left (Place *p, gconstpointer data)
{
  g_autoptr (json_t) booking = NULL;

  hj_fixture_advance (&p->f, 20 * HJ_MINUTE_US);
  booking = place_book (p, HJ_FIXTURE_NOW_US);
  g_assert_cmpint (number_of (booking, "starts_at_us"), ==, HJ_FIXTURE_NOW_US);
}

static void
the_running_slot_is_closed_when_less_is_left (Place *p, gconstpointer data)
{
  hj_fixture_advance (&p->f, 20 * HJ_MINUTE_US + 1);
  json_decref (refused (p, p->room, HJ_FIXTURE_NOW_US, HJ_REFUSAL_SLOT_CLOSED));
}

static void
what_is_not_offered_is_closed (Place *p, gconstpointer data)
{
  const char *elsewhere = hj_fixture_centre (&p->f);
  const char *far_room = hj_fixture_room (&p->f, elsewhere);
  g_autoptr (json_t) problem = NULL;

  hj_fixture_kiosk (&p->f, far_room, TRUE);
  /* not a start; past; too far ahead; no such room */
  json_decref (refused (p, p->room, NEXT + 1, HJ_REFUSAL_SLOT_CLOSED));
  json_decref (refused (p, p->room, NEXT - HJ_DAY_US, HJ_REFUSAL_SLOT_CLOSED));
  json_decref (refused (p, p->room, NEXT + 15 * HJ_DAY_US, HJ_REFUSAL_SLOT_CLOSED));
  json_decref (refused (p, p->lawyer, NEXT, HJ_REFUSAL_SLOT_CLOSED));
  json_decref (refused (p, p->room, HJ_MOMENT_MAX_US, HJ_REFUSAL_SLOT_CLOSED));
  /* a room of a centre where the client is not */
  problem = refused (p, far_room, NEXT, HJ_REFUSAL_NOT_ELIGIBLE);
  g_assert_cmpstr (text_of (json_array_get (json_object_get (problem, "findings"), 0), "code"), ==,
      "elsewhere-in-custody");
  assert_nothing_left (p, 0);
}

static void
a_closed_room_takes_no_booking (Place *p, gconstpointer data)
{
  hj_fixture_sql (&p->f, "UPDATE room SET open = 0 WHERE id = :id", p->room);
  json_decref (refused (p, p->room, NEXT, HJ_REFUSAL_SLOT_CLOSED));
}

static void
a_room_whose_kiosk_is_away_takes_no_booking (Place *p, gconstpointer data)
{
  g_autoptr (json_t) problem = NULL;
  const char *second_room = hj_fixture_room (&p->f, p->centre);

  hj_fixture_kiosk (&p->f, second_room, TRUE);
  hj_fixture_sql (&p->f, "UPDATE kiosk SET online = 0 WHERE id = :id", p->kiosk);
  problem = refused (p, p->room, NEXT, HJ_REFUSAL_SLOT_CLOSED);
  /* The nearest in the other room come along. */
  g_assert_cmpuint (json_array_size (json_object_get (problem, "alternatives")), ==, 5);
}

static void
a_retired_kiosk_serves_no_room (Place *p, gconstpointer data)
{
  hj_fixture_sql (&p->f, "UPDATE kiosk SET state = 'retired' WHERE id = :id", p->kiosk);
  json_decref (refused (p, p->room, NEXT, HJ_REFUSAL_SLOT_CLOSED));
}

static void
who_is_not_eligible_learns_why (Place *p, gconstpointer data)
{
  g_autoptr (json_t) problem = NULL;
  const json_t *finding;

  hj_fixture_sql (
      &p->f, "UPDATE lawyer_status SET status = 'suspended' WHERE lawyer = :id", p->lawyer);
  problem = refused (p, p->room, NEXT, HJ_REFUSAL_NOT_ELIGIBLE);
  finding = json_array_get (json_object_get (problem, "findings"), 0);
  g_assert_cmpstr (text_of (finding, "code"), ==, "licence-suspended");
  json_decref (refused (p, NULL, 0, HJ_REFUSAL_NOT_ELIGIBLE));
  assert_nothing_left (p, 0);
}

/* Suspended from tomorrow, and asked for a meeting the day after; and the other way round. */
static void
eligibility_is_that_of_the_day_of_the_meeting (Place *p, gconstpointer data)
{
  g_autofree char *from_tomorrow
      = g_strdup_printf ("INSERT INTO lawyer_status (lawyer, status, from_us, to_us) VALUES (:id, "
                         "'suspended', %" G_GINT64_FORMAT ", %" G_GINT64_FORMAT ")",
          HJ_FIXTURE_NOW_US + HJ_DAY_US, HJ_FIXTURE_NOW_US + 3 * HJ_DAY_US);

  hj_fixture_sql (&p->f, from_tomorrow, p->lawyer);
  json_decref (refused (p, p->room, NEXT + 2 * HJ_DAY_US, HJ_REFUSAL_NOT_ELIGIBLE));
  json_decref (place_book (p, NEXT));
  json_decref (place_book (p, NEXT + 4 * HJ_DAY_US));
}

static void
a_client_who_is_nowhere_in_custody_is_not_booked (Place *p, gconstpointer data)
{
  hj_fixture_sql (&p->f, "UPDATE detainee SET state = 'released' WHERE id = :id", p->detainee);
  json_decref (refused (p, p->room, NEXT, HJ_REFUSAL_NOT_ELIGIBLE));
  hj_fixture_sql (&p->f, "DELETE FROM detainee WHERE id = :id", p->detainee);
  json_decref (refused (p, p->room, NEXT, HJ_REFUSAL_NOT_ELIGIBLE));
  json_decref (refused (p, NULL, 0, HJ_REFUSAL_NOT_ELIGIBLE));
}

static void
another_lawyers_authority_books_nothing (Place *p, gconstpointer data)
{
  Other other = another_lawyer (p, NULL);

  hj_fixture_refused (&p->f, &hj_act_book, other.self, place_request (p->authority, p->room, NEXT),
      HJ_REFUSAL_NOT_FOUND);
  hj_fixture_refused (&p->f, &hj_act_book, other.self, place_request (p->lawyer, p->room, NEXT),
      HJ_REFUSAL_NOT_FOUND);
  hj_fixture_refused (&p->f, &hj_act_book, p->desk, place_request (p->authority, p->room, NEXT),
      HJ_REFUSAL_NOT_FOUND);
  assert_nothing_left (p, 0);
}

static void
a_malformed_request_is_invalid (Place *p, gconstpointer data)
{
  static const char *const BODIES[] = {
    "{}",
    "{\"authority\":7,\"slot\":null}",
    "{\"authority\":\"x\",\"slot\":null}",
    "{\"authority\":\"@\"}",
    "{\"authority\":\"@\",\"slot\":\"now\"}",
    "{\"authority\":\"@\",\"slot\":{}}",
    "{\"authority\":\"@\",\"slot\":{\"room\":\"@\"}}",
    "{\"authority\":\"@\",\"slot\":{\"room\":\"@\",\"starts_at_us\":\"9\"}}",
    "{\"authority\":\"@\",\"slot\":{\"room\":\"@\",\"starts_at_us\":-1}}",
    "{\"authority\":\"@\",\"slot\":{\"room\":\"@\",\"starts_at_us\":9223372036854775807}}",
    "{\"authority\":\"@\",\"slot\":null,\"booking\":\"x\"}",
    "{\"authority\":\"@\",\"slot\":null,\"booking\":7}",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (BODIES); i++)
    {
      g_auto (GStrv) parts = g_strsplit (BODIES[i], "@", -1);
      g_autofree char *body = g_strjoinv (p->authority, parts);

      hj_fixture_refused (
          &p->f, &hj_act_book, p->self, json_loads (body, 0, NULL), HJ_REFUSAL_INVALID);
    }
  assert_nothing_left (p, 0);
}

static void
a_request_without_a_slot_starts_the_clock (Place *p, gconstpointer data)
{
  g_autoptr (json_t) booking
      = hj_fixture_act (&p->f, &hj_act_book, p->self, place_request (p->authority, NULL, 0));

  g_assert_cmpstr (text_of (booking, "state"), ==, "ASKED");
  g_assert_true (json_is_null (json_object_get (booking, "room")));
  g_assert_true (json_is_null (json_object_get (booking, "starts_at_us")));
  g_assert_cmpstr (text_of (json_object_get (booking, "clock"), "state"), ==, "running");
}

static void
a_second_request_without_a_slot_is_there_already (Place *p, gconstpointer data)
{
  json_decref (
      hj_fixture_act (&p->f, &hj_act_book, p->self, place_request (p->authority, NULL, 0)));
  json_decref (refused (p, NULL, 0, HJ_REFUSAL_EXISTS));
  assert_nothing_left (p, 1);
}

/* named: whether the lawyer says which request gets the slot. */
static void
give_a_slot (Place *p, gboolean named)
{
  g_autoptr (json_t) asked
      = hj_fixture_act (&p->f, &hj_act_book, p->self, place_request (p->authority, NULL, 0));
  json_t *request = place_request (p->authority, p->room, NEXT + HJ_HOUR_US);
  g_autoptr (json_t) booking = NULL;

  if (named)
    json_object_set (request, "booking", json_object_get (asked, "id"));
  hj_fixture_advance (&p->f, HJ_HOUR_US);
  booking = hj_fixture_act (&p->f, &hj_act_book, p->self, request);
  g_assert_cmpstr (text_of (booking, "id"), ==, text_of (asked, "id"));
  g_assert_cmpstr (text_of (booking, "state"), ==, "CONFIRMED");
  g_assert_cmpint (
      number_of (json_object_get (booking, "clock"), "started_at_us"), ==, HJ_FIXTURE_NOW_US);
  assert_nothing_left (p, 1);
}

static void
a_request_gets_its_slot_and_keeps_its_clock (Place *p, gconstpointer data)
{
  give_a_slot (p, TRUE);
}

static void
a_request_gets_the_slot_though_it_is_not_named (Place *p, gconstpointer data)
{
  give_a_slot (p, FALSE);
}

static json_t *
naming (const char *authority, const char *room, const char *booking)
{
  json_t *request = place_request (authority, room, NEXT + HJ_HOUR_US);

  json_object_set_new (request, "booking", json_string (booking));
  return request;
}

static void
only_a_waiting_request_of_ones_own_gets_a_slot (Place *p, gconstpointer data)
{
  Other other = another_lawyer (p, NULL);
  g_autoptr (json_t) theirs
      = hj_fixture_act (&p->f, &hj_act_book, other.self, place_request (other.authority, NULL, 0));
  g_autoptr (json_t) booked = place_book (p, NEXT);

  hj_fixture_refused (&p->f, &hj_act_book, p->self,
      naming (p->authority, p->room, place_id (p, theirs)), HJ_REFUSAL_NOT_FOUND);
  hj_fixture_refused (&p->f, &hj_act_book, p->self, naming (p->authority, p->room, p->lawyer),
      HJ_REFUSAL_NOT_FOUND);
  hj_fixture_refused (&p->f, &hj_act_book, p->self,
      naming (p->authority, p->room, place_id (p, booked)), HJ_REFUSAL_STATE);
  hj_fixture_refused (&p->f, &hj_act_book, other.self,
      naming (other.authority, NULL, place_id (p, theirs)), HJ_REFUSAL_STATE);
  assert_nothing_left (p, 2);
}

static json_t *
book_with_key (Place *p, const char *key, gint64 starts_at_us, GError **error)
{
  g_autoptr (json_t) request = place_request (p->authority, p->room, starts_at_us);

  return hj_acts_run (p->f.acts, &hj_act_book, p->self, request, key, NULL, error);
}

static void
the_same_key_answers_with_the_first_outcome (Place *p, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) first = book_with_key (p, "key-1", NEXT, NULL);
  g_autoptr (json_t) again = book_with_key (p, "key-1", NEXT, NULL);
  g_autoptr (json_t) other = book_with_key (p, "key-1", NEXT + PLACE_SLOT_US, &error);

  g_assert_nonnull (first);
  g_assert_true (json_equal (first, again));
  assert_nothing_left (p, 1);
  g_assert_null (other);
  g_assert_error (error, HJ_REFUSAL, HJ_REFUSAL_EXISTS);
}

/* The schema itself refuses, whoever writes. */
static void
the_schema_refuses_a_second_row (Place *p, gconstpointer data)
{
  Other other = another_lawyer (p, NULL);
  const char *first = hj_fixture_booking (&p->f, p->authority, p->room, NEXT, "CONFIRMED");
  const char *asked = hj_fixture_booking (&p->f, other.authority, NULL, 0, "ASKED");
  static const char INSERT[]
      = "INSERT INTO booking_slot (booking, room, starts_at_us, lawyer, detainee)"
        " SELECT :id, s.room, s.starts_at_us + :later, b.lawyer, b.detainee"
        " FROM booking_slot s JOIN booking b ON b.id = :id WHERE s.booking = :first";
  static const char SET_TIME[]
      = "UPDATE booking SET room = :room, starts_at_us = :starts, ends_at_us = :ends"
        " WHERE id = :id";
  static const struct
  {
    gint64 later;
    HjStoreError code;
  } TRIES[] = { { 0, HJ_STORE_ERROR_RULE }, { 10 * HJ_MINUTE_US, HJ_STORE_ERROR_RULE },
    { -10 * HJ_MINUTE_US, HJ_STORE_ERROR_RULE } };

  for (gsize i = 0; i < G_N_ELEMENTS (TRIES); i++)
    {
      g_autoptr (GError) error = NULL;

      hj_store_run (p->f.store, SET_TIME,
          HJ_BINDS (HJ_TEXT (":id", asked), HJ_TEXT (":room", p->room),
              HJ_INT (":starts", NEXT + TRIES[i].later),
              HJ_INT (":ends", NEXT + TRIES[i].later + PLACE_SLOT_US)),
          &error);
      g_assert_no_error (error);
      hj_store_run (p->f.store, INSERT,
          HJ_BINDS (
              HJ_TEXT (":id", asked), HJ_TEXT (":first", first), HJ_INT (":later", TRIES[i].later)),
          &error);
      g_assert_error (error, HJ_STORE_ERROR, (int)TRIES[i].code);
    }
}

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  PLACE_TEST ("/booking-desk/takes-slot", a_booking_takes_its_slot_and_starts_the_clock);
  PLACE_TEST ("/booking-desk/review", a_centre_that_reviews_confirms_later);
  PLACE_TEST ("/booking-desk/one-slot", one_slot_goes_to_one_lawyer);
  PLACE_TEST ("/booking-desk/alternative", an_alternative_can_be_booked);
  PLACE_TEST ("/booking-desk/lawyer-twice", a_lawyer_is_not_in_two_rooms);
  PLACE_TEST ("/booking-desk/client-twice", a_client_is_not_in_two_rooms);
  PLACE_TEST ("/booking-desk/overlap", slots_of_different_grids_do_not_overlap);
  PLACE_TEST ("/booking-desk/running", the_running_slot_can_be_booked_while_a_third_is_left);
  PLACE_TEST ("/booking-desk/running-late", the_running_slot_is_closed_when_less_is_left);
  PLACE_TEST ("/booking-desk/not-offered", what_is_not_offered_is_closed);
  PLACE_TEST ("/booking-desk/room-closed", a_closed_room_takes_no_booking);
  PLACE_TEST ("/booking-desk/kiosk-away", a_room_whose_kiosk_is_away_takes_no_booking);
  PLACE_TEST ("/booking-desk/kiosk-retired", a_retired_kiosk_serves_no_room);
  PLACE_TEST ("/booking-desk/not-eligible", who_is_not_eligible_learns_why);
  PLACE_TEST ("/booking-desk/day-of-meeting", eligibility_is_that_of_the_day_of_the_meeting);
  PLACE_TEST ("/booking-desk/not-in-custody", a_client_who_is_nowhere_in_custody_is_not_booked);
  PLACE_TEST ("/booking-desk/not-own", another_lawyers_authority_books_nothing);
  PLACE_TEST ("/booking-desk/invalid", a_malformed_request_is_invalid);
  PLACE_TEST ("/booking-desk/asked", a_request_without_a_slot_starts_the_clock);
  PLACE_TEST ("/booking-desk/asked-twice", a_second_request_without_a_slot_is_there_already);
  PLACE_TEST ("/booking-desk/asked-named", a_request_gets_its_slot_and_keeps_its_clock);
  PLACE_TEST ("/booking-desk/asked-unnamed", a_request_gets_the_slot_though_it_is_not_named);
  PLACE_TEST ("/booking-desk/named-wrongly", only_a_waiting_request_of_ones_own_gets_a_slot);
  PLACE_TEST ("/booking-desk/idempotency", the_same_key_answers_with_the_first_outcome);
  PLACE_TEST ("/booking-desk/schema", the_schema_refuses_a_second_row);
  return g_test_run ();
}
