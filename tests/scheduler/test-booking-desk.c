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
}

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  PLACE_TEST ("/booking-desk/takes-slot", a_booking_takes_its_slot_and_starts_the_clock);
  return g_test_run ();
}
