/* SPDX-License-Identifier: Apache-2.0 */
/* What lawyers and desks see of bookings and clients, and what they do not. */

#include "tests/scheduler/support.h"
#include "tests/support/expect-log.h"

#define NEXT (HJ_FIXTURE_NOW_US + PLACE_SLOT_US)

static const char *
text_of (const json_t *object, const char *key)
{
  return json_string_value (json_object_get (object, key));
}

static json_t *
show (Place *p, const HjActor *actor, const char *booking)
{
  return hj_fixture_act (&p->f, &hj_act_show_booking, actor, place_about (booking));
}

/* input: (transfer full) (nullable). */
static gsize
n_listed (Place *p, const HjActor *actor, json_t *input)
{
  g_autoptr (json_t) answer = hj_fixture_act (&p->f, &hj_act_list_bookings, actor, input);

  return json_array_size (json_object_get (answer, "bookings"));
}

static json_t *
range (gint64 from, gint64 to)
{
  return json_pack ("{s:I, s:I}", "from_us", (json_int_t)from, "to_us", (json_int_t)to);
}

static void
a_booking_has_every_member (Place *p, gconstpointer data)
{
  static const char *const MEMBERS[] = { "id", "state", "authority", "lawyer", "detainee", "centre",
    "room", "starts_at_us", "ends_at_us", "asked_at_us", "clock", "checked_in_at_us",
    "device_check", "cancelled", "participants", "meeting", "can" };
  g_autoptr (json_t) booked = place_book (p, NEXT);
  g_autoptr (json_t) booking = show (p, p->self, place_id (p, booked));

  for (gsize i = 0; i < G_N_ELEMENTS (MEMBERS); i++)
    g_assert_nonnull (json_object_get (booking, MEMBERS[i]));
  g_assert_cmpuint (json_object_size (booking), ==, G_N_ELEMENTS (MEMBERS));
  g_assert_nonnull (text_of (json_object_get (booking, "lawyer"), "licence"));
  g_assert_nonnull (text_of (json_object_get (booking, "lawyer"), "firm"));
  g_assert_nonnull (text_of (json_object_get (booking, "detainee"), "code"));
  g_assert_nonnull (text_of (json_object_get (json_object_get (booking, "centre"), "name"), "zh"));
  g_assert_true (json_is_null (json_object_get (booking, "meeting")));
  g_assert_true (json_is_null (json_object_get (booking, "device_check")));
  g_assert_true (json_is_null (json_object_get (booking, "cancelled")));
  g_assert_true (json_equal (booked, booking));
}

/* The words that an actor is told they can do, joined. */
static const char *
can (Place *p, const HjActor *actor, const char *booking)
{
  g_autoptr (json_t) view = show (p, actor, booking);
  g_autoptr (GString) words = g_string_new (NULL);
  json_t *word;
  gsize i;

  json_array_foreach (json_object_get (view, "can"), i, word)
      g_string_append_printf (words, "%s%s", i > 0 ? " " : "", json_string_value (word));
  return g_string_chunk_insert (p->f.texts, words->str);
}

static void
pages_are_told_what_can_be_done (Place *p, gconstpointer data)
{
  HjActor *administrator = hj_fixture_actor (&p->f, HJ_ROLE_ADMINISTRATOR, NULL, p->centre);
  const char *later
      = hj_fixture_booking (&p->f, p->authority, p->room, NEXT + 5 * HJ_HOUR_US, "CONFIRMED");
  const char *soon = hj_fixture_booking (&p->f, p->authority, p->room, NEXT, "CONFIRMED");

  g_assert_cmpstr (can (p, p->self, later), ==, "cancel add-participant");
  g_assert_cmpstr (can (p, p->desk, later), ==, "cancel");
  g_assert_cmpstr (can (p, p->self, soon), ==, "join cancel add-participant");
  g_assert_cmpstr (can (p, p->desk, soon), ==, "cancel check-in");
  g_assert_cmpstr (can (p, administrator, soon), ==, "");
  hj_fixture_sql (&p->f, "UPDATE booking SET state = 'REVIEW' WHERE id = :id", later);
  g_assert_cmpstr (can (p, p->desk, later), ==, "cancel confirm");
  g_assert_cmpstr (can (p, p->self, later), ==, "cancel add-participant");
  place_check_in (p, soon);
  g_assert_cmpstr (can (p, p->desk, soon), ==, "cancel");
  hj_fixture_sql (&p->f,
      "INSERT INTO meeting (id, booking, state, opened_at_us) VALUES (:id, :id, 'waiting', 0)",
      soon);
  g_assert_cmpstr (can (p, p->self, soon), ==, "join cancel end add-participant");
  hj_fixture_sql (&p->f, "UPDATE meeting SET state = 'live' WHERE id = :id", soon);
  g_assert_cmpstr (can (p, p->self, soon), ==, "join end add-participant");
  g_assert_cmpstr (can (p, p->desk, soon), ==, "end");
  hj_fixture_sql (&p->f, "UPDATE meeting SET state = 'ended' WHERE id = :id", soon);
  hj_fixture_sql (&p->f, "UPDATE booking SET state = 'HELD' WHERE id = :id", soon);
  g_assert_cmpstr (can (p, p->self, soon), ==, "");
  g_assert_cmpstr (can (p, p->desk, soon), ==, "");
}

static void
a_booking_is_shown_to_its_own_people (Place *p, gconstpointer data)
{
  const char *id = hj_fixture_booking (&p->f, p->authority, p->room, NEXT, "CONFIRMED");
  HjActor *stranger = hj_fixture_actor (&p->f, HJ_ROLE_LAWYER, hj_fixture_lawyer (&p->f), NULL);
  HjActor *elsewhere = hj_fixture_actor (&p->f, HJ_ROLE_DESK, NULL, hj_fixture_centre (&p->f));
  HjActor *supervisor = hj_fixture_actor (&p->f, HJ_ROLE_SUPERVISOR, NULL, NULL);

  hj_fixture_refused (
      &p->f, &hj_act_show_booking, stranger, place_about (id), HJ_REFUSAL_NOT_FOUND);
  hj_fixture_refused (
      &p->f, &hj_act_show_booking, elsewhere, place_about (id), HJ_REFUSAL_NOT_FOUND);
  hj_fixture_refused (
      &p->f, &hj_act_show_booking, supervisor, place_about (id), HJ_REFUSAL_NOT_FOUND);
  hj_fixture_refused (
      &p->f, &hj_act_show_booking, p->self, place_about (p->lawyer), HJ_REFUSAL_NOT_FOUND);
  hj_fixture_refused (&p->f, &hj_act_show_booking, p->self, place_about ("x"), HJ_REFUSAL_INVALID);
}

static void
a_list_holds_what_is_ones_own (Place *p, gconstpointer data)
{
  const char *lawyer = hj_fixture_lawyer (&p->f);
  const char *elsewhere = hj_fixture_centre (&p->f);
  const char *room = hj_fixture_room (&p->f, elsewhere);
  const char *theirs = hj_fixture_authority (&p->f, lawyer, hj_fixture_detainee (&p->f, elsewhere));
  HjActor *everywhere = hj_fixture_actor (&p->f, HJ_ROLE_ADMINISTRATOR, NULL, NULL);

  hj_fixture_booking (&p->f, p->authority, p->room, NEXT, "CONFIRMED");
  hj_fixture_booking (&p->f, theirs, room, NEXT, "CONFIRMED");
  g_assert_cmpuint (n_listed (p, p->self, NULL), ==, 1);
  g_assert_cmpuint (n_listed (p, p->desk, NULL), ==, 1);
  g_assert_cmpuint (n_listed (p, everywhere, NULL), ==, 2);
  g_assert_cmpuint (n_listed (p, everywhere, json_pack ("{s:s}", "centre", elsewhere)), ==, 1);
  hj_fixture_refused (&p->f, &hj_act_list_bookings, p->desk,
      json_pack ("{s:s}", "centre", elsewhere), HJ_REFUSAL_NOT_FOUND);
}

static void
a_list_holds_what_touches_its_range (Place *p, gconstpointer data)
{
  gint64 end = NEXT + PLACE_SLOT_US;

  hj_fixture_booking (&p->f, p->authority, p->room, NEXT, "CONFIRMED");
  g_assert_cmpuint (n_listed (p, p->desk, range (NEXT, end)), ==, 1);
  g_assert_cmpuint (n_listed (p, p->desk, range (end - 1, end)), ==, 1);
  g_assert_cmpuint (n_listed (p, p->desk, range (end, end + HJ_DAY_US)), ==, 0);
  g_assert_cmpuint (n_listed (p, p->desk, range (NEXT - HJ_DAY_US, NEXT)), ==, 0);
}

static void
a_request_that_waits_is_in_every_list (Place *p, gconstpointer data)
{
  const char *id = hj_fixture_booking (&p->f, p->authority, NULL, 0, "ASKED");

  hj_fixture_advance (&p->f, 10 * HJ_DAY_US);
  g_assert_cmpuint (
      n_listed (p, p->desk, range (hj_time_now (p->f.time), hj_time_now (p->f.time) + HJ_DAY_US)),
      ==, 1);
  hj_fixture_sql (&p->f, "UPDATE booking SET state = 'CANCELLED' WHERE id = :id", id);
  g_assert_cmpuint (n_listed (p, p->desk, NULL), ==, 0);
  g_assert_cmpuint (n_listed (p, p->self, NULL), ==, 1);
}

static void
a_wrong_range_is_invalid (Place *p, gconstpointer data)
{
  hj_fixture_refused (
      &p->f, &hj_act_list_bookings, p->desk, range (NEXT, NEXT - 1), HJ_REFUSAL_INVALID);
  hj_fixture_refused (&p->f, &hj_act_list_bookings, p->desk, range (-1, 0), HJ_REFUSAL_INVALID);
  hj_fixture_refused (&p->f, &hj_act_list_bookings, p->desk,
      range (NEXT, NEXT + 366 * HJ_DAY_US + 1), HJ_REFUSAL_INVALID);
  hj_fixture_refused (
      &p->f, &hj_act_list_bookings, p->desk, json_pack ("{s:i}", "centre", 7), HJ_REFUSAL_INVALID);
}

static void
a_client_is_listed_with_what_can_be_done (Place *p, gconstpointer data)
{
  g_autoptr (json_t) before = hj_fixture_act (&p->f, &hj_act_list_cases, p->self, NULL);
  g_autoptr (json_t) after = NULL;
  const json_t *client = json_array_get (json_object_get (before, "clients"), 0);

  g_assert_cmpuint (json_array_size (json_object_get (before, "clients")), ==, 1);
  g_assert_cmpstr (text_of (client, "authority"), ==, p->authority);
  g_assert_true (json_is_true (json_object_get (client, "allowed")));
  g_assert_true (json_is_null (json_object_get (client, "next_booking")));
  hj_fixture_booking (&p->f, p->authority, NULL, 0, "ASKED");
  hj_fixture_booking (&p->f, p->authority, p->room, NEXT + HJ_DAY_US, "CONFIRMED");
  hj_fixture_booking (&p->f, p->authority, p->room, NEXT, "CONFIRMED");
  hj_fixture_booking (&p->f, p->authority, p->room, HJ_FIXTURE_NOW_US - HJ_DAY_US, "CONFIRMED");
  hj_fixture_sql (
      &p->f, "UPDATE lawyer_status SET status = 'suspended' WHERE lawyer = :id", p->lawyer);
  after = hj_fixture_act (&p->f, &hj_act_list_cases, p->self, NULL);
  client = json_array_get (json_object_get (after, "clients"), 0);
  g_assert_true (json_is_false (json_object_get (client, "allowed")));
  g_assert_cmpint (json_integer_value (
                       json_object_get (json_object_get (client, "next_booking"), "starts_at_us")),
      ==, NEXT);
}

static void
cases_are_the_lawyers_own (Place *p, gconstpointer data)
{
  HjActor *stranger = hj_fixture_actor (&p->f, HJ_ROLE_LAWYER, hj_fixture_lawyer (&p->f), NULL);
  g_autoptr (json_t) theirs = hj_fixture_act (&p->f, &hj_act_list_cases, stranger, NULL);

  g_assert_cmpuint (json_array_size (json_object_get (theirs, "clients")), ==, 0);
  hj_fixture_refused (&p->f, &hj_act_list_cases, p->desk, NULL, HJ_REFUSAL_NOT_FOUND);
  g_assert_cmpint (hj_fixture_entries (&p->f, "list-cases", "done"), ==, 1);
}

static void
looking_is_recorded (Place *p, gconstpointer data)
{
  const char *id = hj_fixture_booking (&p->f, p->authority, p->room, NEXT, "CONFIRMED");

  json_decref (show (p, p->desk, id));
  n_listed (p, p->desk, NULL);
  g_assert_cmpint (hj_fixture_entries (&p->f, "show-booking", "done"), ==, 1);
  g_assert_cmpint (hj_fixture_entries (&p->f, "list-bookings", "done"), ==, 1);
}

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  PLACE_TEST ("/view/members", a_booking_has_every_member);
  PLACE_TEST ("/view/can", pages_are_told_what_can_be_done);
  PLACE_TEST ("/view/not-found", a_booking_is_shown_to_its_own_people);
  PLACE_TEST ("/view/list/own", a_list_holds_what_is_ones_own);
  PLACE_TEST ("/view/list/range", a_list_holds_what_touches_its_range);
  PLACE_TEST ("/view/list/asked", a_request_that_waits_is_in_every_list);
  PLACE_TEST ("/view/list/invalid", a_wrong_range_is_invalid);
  PLACE_TEST ("/view/cases/complete", a_client_is_listed_with_what_can_be_done);
  PLACE_TEST ("/view/cases/own", cases_are_the_lawyers_own);
  PLACE_TEST ("/view/recorded", looking_is_recorded);
  return g_test_run ();
}
