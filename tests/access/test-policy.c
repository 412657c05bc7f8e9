/* SPDX-License-Identifier: Apache-2.0 */
/* src/access/policy.c: the document is read strictly, and the version that holds at a time is found. */

#include "src/access/policy.h"

#include "tests/support/expect-log.h"
#include "tests/support/fixture.h"

static json_t *
document (void)
{
  return json_loads (hj_policy_get_default (), 0, NULL);
}

static void
refused (json_t *changed, const char *field)
{
  g_autoptr (json_t) owned = changed;
  g_autoptr (GError) error = NULL;
  g_autoptr (HjPolicy) policy = hj_policy_read (owned, &error);

  g_assert_error (error, HJ_REFUSAL, HJ_REFUSAL_INVALID);
  g_assert_cmpstr (error->message, ==, field);
  g_assert_null (policy);
}

static void
with (const char *field, json_t *value)
{
  json_t *changed = document ();

  json_object_set_new (changed, field, value);
  refused (changed, field);
}

static void
monday (const char *spans)
{
  json_t *changed = document ();
  json_t *value = json_loads (spans, JSON_DECODE_ANY, NULL);

  g_assert_nonnull (value);
  json_object_set_new (json_object_get (changed, "open"), "mon", value);
  refused (changed, "mon");
}

static void
the_document_becomes_a_struct (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HjPolicy) policy = hj_policy_parse (hj_policy_get_default (), &error);

  g_assert_no_error (error);
  g_assert_cmpint (policy->slot_us, ==, 30 * HJ_MINUTE_US);
  g_assert_cmpint (policy->book_ahead_us, ==, 0);
  g_assert_cmpint (policy->book_until_us, ==, 14 * HJ_DAY_US);
  g_assert_cmpint (policy->late_us, ==, 10 * HJ_MINUTE_US);
  g_assert_false (policy->review);
  g_assert_false (policy->always_open);
  g_assert_cmpint (policy->n_open[0], ==, 2);
  g_assert_cmpint (policy->open[0][0].from_minute, ==, 8 * 60 + 30);
  g_assert_cmpint (policy->open[4][1].to_minute, ==, 17 * 60 + 30);
  g_assert_cmpint (policy->n_open[5], ==, 0);
}

static void
a_wrong_or_missing_member_is_named (void)
{
  static const char *const MEMBERS[] = { "slot_minutes", "open", "book_ahead_hours",
    "book_until_hours", "late_minutes", "review", "always_open" };

  for (gsize i = 0; i < G_N_ELEMENTS (MEMBERS); i++)
    {
      json_t *without = document ();

      json_object_del (without, MEMBERS[i]);
      refused (without, MEMBERS[i]);
      with (MEMBERS[i], json_string ("30"));
    }
  with ("slot_minutes", json_integer (4));
  with ("slot_minutes", json_integer (35));
  with ("book_ahead_hours", json_integer (-1));
  with ("late_minutes", json_integer (31));
  with ("book_until_hours", json_integer (0));
  with ("book_until", json_integer (336));
}

static void
a_booking_window_that_is_never_open_is_refused (void)
{
  json_t *changed = document ();

  json_object_set_new (changed, "book_ahead_hours", json_integer (336));
  refused (changed, "book_until_hours");
}

static void
hours_must_be_hours_in_order (void)
{
  json_t *changed = document ();

  monday ("null");
  monday ("[[\"08:30\"]]");
  monday ("[[\"08:30\",\"8:40\"]]");
  monday ("[[\"08:60\",\"09:30\"]]");
  monday ("[[\"0x:30\",\"09:30\"]]");
  monday ("[[\"08:30\",\"24:01\"]]");
  monday ("[[\"08:30\",\"08:30\"]]");
  monday ("[[\"10:30\",\"08:30\"]]");
  monday ("[[\"08:30\",\"10:30\"],[\"10:00\",\"12:00\"]]");
  monday ("[[\"01:00\",\"02:00\"],[\"03:00\",\"04:00\"],[\"05:00\",\"06:00\"],"
          "[\"07:00\",\"08:00\"],[\"09:00\",\"10:00\"]]");
  json_object_set_new (json_object_get (changed, "open"), "someday", json_array ());
  refused (changed, "someday");
}

static void
a_day_may_end_at_midnight (void)
{
  g_autoptr (json_t) changed = document ();
  g_autoptr (GError) error = NULL;
  g_autoptr (HjPolicy) policy = NULL;

  json_object_set_new (
      json_object_get (changed, "open"), "sun", json_pack ("[[s, s]]", "00:00", "24:00"));
  policy = hj_policy_read (changed, &error);
  g_assert_no_error (error);
  g_assert_cmpint (policy->open[6][0].to_minute, ==, 1440);
}

static void
a_text_that_is_no_document_is_refused (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HjPolicy) policy
      = hj_policy_parse ("{\"slot_minutes\":30,\"slot_minutes\":30}", &error);

  g_assert_error (error, HJ_REFUSAL, HJ_REFUSAL_INVALID);
  g_assert_null (policy);
}

static void
the_newest_version_in_effect_holds (HjFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  const char *centre = hj_fixture_centre (f);
  g_autoptr (json_t) changed = document ();
  g_autofree char *text = NULL;
  g_autoptr (HjPolicy) none = hj_policy_get (f->store, centre, HJ_FIXTURE_NOW_US, &error);
  g_autoptr (HjPolicy) first = NULL;
  g_autoptr (HjPolicy) second = NULL;

  g_assert_no_error (error);
  g_assert_cmpint (none->version, ==, 0);
  hj_fixture_policy (f, centre, hj_policy_get_default ());
  json_object_set_new (changed, "slot_minutes", json_integer (60));
  text = hj_json_dump (changed);
  hj_fixture_policy (f, centre, text);
  hj_fixture_sql (
      f, "UPDATE policy SET effective_from_us = 1000 WHERE centre = :id AND version = 2", centre);
  first = hj_policy_get (f->store, centre, 999, &error);
  g_assert_no_error (error);
  second = hj_policy_get (f->store, centre, 1000, &error);
  g_assert_no_error (error);
  g_assert_cmpint (first->version, ==, 1);
  g_assert_cmpint (second->version, ==, 2);
  g_assert_cmpint (second->slot_us, ==, 60 * HJ_MINUTE_US);
}

static void
the_fixture_makes_a_confirmed_booking (HjFixture *f, gconstpointer data)
{
  const char *centre = hj_fixture_centre (f);
  const char *room = hj_fixture_room (f, centre);
  const char *lawyer = hj_fixture_lawyer (f);
  const char *authority = hj_fixture_authority (f, lawyer, hj_fixture_detainee (f, centre));
  const char *booking = hj_fixture_booking (f, authority, room, HJ_FIXTURE_NOW_US, "CONFIRMED");

  hj_fixture_kiosk (f, room, TRUE);
  hj_fixture_actor (f, HJ_ROLE_LAWYER, lawyer, NULL);
  g_assert_cmpint (
      hj_fixture_count (f, "SELECT COUNT (*) FROM booking_slot WHERE booking = :id", booking), ==,
      1);
}

#define FIXTURE(NAME, TEST)                                                                        \
  g_test_add (                                                                                     \
      "/access/policy/" NAME, HjFixture, NULL, hj_fixture_set_up, TEST, hj_fixture_tear_down)

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  g_test_add_func ("/access/policy/the document becomes a struct", the_document_becomes_a_struct);
  g_test_add_func (
      "/access/policy/a wrong or missing member is named", a_wrong_or_missing_member_is_named);
  g_test_add_func ("/access/policy/a booking window that is never open is refused",
      a_booking_window_that_is_never_open_is_refused);
  g_test_add_func ("/access/policy/hours must be hours in order", hours_must_be_hours_in_order);
  g_test_add_func ("/access/policy/a day may end at midnight", a_day_may_end_at_midnight);
  g_test_add_func ("/access/policy/a text that is no document is refused",
      a_text_that_is_no_document_is_refused);
  FIXTURE ("the newest version in effect holds", the_newest_version_in_effect_holds);
  FIXTURE ("the fixture makes a confirmed booking", the_fixture_makes_a_confirmed_booking);
  return g_test_run ();
}
