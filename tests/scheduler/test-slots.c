/* SPDX-License-Identifier: Apache-2.0 */
/* Slots: when a centre offers them, in its own zone, and which of them are free. */

#include "scheduler/slots.h"
#include "tests/scheduler/support.h"
#include "tests/support/expect-log.h"

#define HOURS(DAY) PLACE_POLICY ("false", "false", DAY)
#define WEEK(MONDAY, TUESDAY)                                                                      \
  HOURS ("\"mon\":[" MONDAY "],\"tue\":[" TUESDAY                                                  \
         "],\"wed\":[],\"thu\":[],\"fri\":[],\"sat\":[],\"sun\":[]")

/* Returns: (transfer full): the times of a policy as "MM-DD HH:MM" in the zone. */
static char *
times_of (const char *document, const char *zone_name, gint64 from, gint64 to, gint64 now)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HjPolicy) policy = hj_policy_parse (document, &error);
  g_autoptr (GTimeZone) zone = g_time_zone_new_identifier (zone_name);
  g_autoptr (GArray) times = NULL;
  g_autoptr (GString) text = g_string_new (NULL);

  g_assert_no_error (error);
  g_assert_nonnull (zone);
  times = hj_slots_get_times (policy, zone, from, to, now);
  for (guint i = 0; i < times->len; i++)
    {
      const HjSlotTime *time = &g_array_index (times, HjSlotTime, i);
      g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (time->starts_at_us / HJ_SECOND_US);
      g_autoptr (GDateTime) here = g_date_time_to_timezone (utc, zone);
      g_autofree char *one = g_date_time_format (here, "%m-%d %H:%M");

      g_assert_cmpint (time->ends_at_us - time->starts_at_us, ==, policy->slot_us);
      if (i > 0)
        g_assert_cmpint (
            g_array_index (times, HjSlotTime, i - 1).ends_at_us, <=, time->starts_at_us);
      g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", one);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static gint64
moment (const char *iso)
{
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();
  g_autoptr (GDateTime) at = g_date_time_new_from_iso8601 (iso, utc);

  g_assert_nonnull (at);
  return g_date_time_to_unix (at) * HJ_SECOND_US;
}

static void
hours_are_those_of_the_centres_day (void)
{
  gint64 now = moment ("2026-03-01T12:00:00Z");
  g_autofree char *times = times_of (WEEK ("[\"08:30\",\"10:15\"],[\"14:00\",\"14:30\"]", ""),
      "Asia/Shanghai", moment ("2026-03-01T16:00:00Z"), moment ("2026-03-03T16:00:00Z"), now);

  /* What is left of a span at its end is too short for a slot. */
  g_assert_cmpstr (times, ==, "03-02 08:30, 03-02 09:00, 03-02 09:30, 03-02 14:00");
}

static void
an_evening_goes_on_across_midnight (void)
{
  gint64 now = moment ("2026-03-02T00:00:00Z");
  g_autofree char *times = times_of (WEEK ("[\"23:00\",\"24:00\"]", "[\"00:00\",\"01:00\"]"),
      "Asia/Shanghai", moment ("2026-03-02T15:30:00Z"), moment ("2026-03-02T17:00:00Z"), now);

  /* 15:30 UTC is 23:30 there. */
  g_assert_cmpstr (times, ==, "03-02 23:30, 03-03 00:00, 03-03 00:30");
}

static void
summer_time_neither_repeats_nor_overlaps_a_slot (void)
{
  /* In Berlin 2026-03-29 has no 02:00 to 03:00, and 2026-10-25 has it twice. */
  g_autofree char *spring = times_of (PLACE_POLICY ("true", "false", PLACE_NO_HOURS),
      "Europe/Berlin", moment ("2026-03-29T00:00:00Z"), moment ("2026-03-29T02:00:00Z"),
      moment ("2026-03-28T00:00:00Z"));
  g_autofree char *autumn = times_of (PLACE_POLICY ("true", "false", PLACE_NO_HOURS),
      "Europe/Berlin", moment ("2026-10-25T00:00:00Z"), moment ("2026-10-25T02:00:00Z"),
      moment ("2026-10-24T00:00:00Z"));

  g_assert_cmpstr (spring, ==, "03-29 01:00, 03-29 01:30, 03-29 03:00, 03-29 03:30");
  g_assert_cmpstr (autumn, ==, "10-25 02:00, 10-25 02:30, 10-25 02:00, 10-25 02:30");
}

static void
around_the_clock_counts_from_midnight (void)
{
  gint64 now = moment ("2026-03-02T01:00:00Z");
  g_autofree char *times = times_of (PLACE_POLICY ("true", "false", PLACE_NO_HOURS),
      "Asia/Shanghai", now, now + 90 * HJ_MINUTE_US, now);

  g_assert_cmpstr (times, ==, "03-02 09:00, 03-02 09:30, 03-02 10:00");
}

static void
the_policy_says_how_far_ahead (void)
{
  static const char DOCUMENT[]
      = "{\"slot_minutes\":60,\"open\":{\"mon\":[[\"08:00\",\"18:00\"]],\"tue\":[],\"wed\":[],"
        "\"thu\":[],\"fri\":[],\"sat\":[],\"sun\":[]},\"book_ahead_hours\":3,"
        "\"book_until_hours\":5,\"late_minutes\":10,\"review\":false,\"always_open\":false}";
  gint64 now = HJ_FIXTURE_NOW_US;
  g_autofree char *times
      = times_of (DOCUMENT, "Asia/Shanghai", now - HJ_DAY_US, now + HJ_DAY_US, now);

  /* It is nine: from twelve until two. The running slot needs no time ahead, so there is none here. */
  g_assert_cmpstr (times, ==, "03-02 12:00, 03-02 13:00, 03-02 14:00");
}

static void
a_range_that_is_over_has_no_times (void)
{
  g_autofree char *times = times_of (PLACE_POLICY ("true", "false", PLACE_NO_HOURS),
      "Asia/Shanghai", 0, HJ_FIXTURE_NOW_US, HJ_FIXTURE_NOW_US);
  g_autofree char *far = times_of (PLACE_POLICY ("true", "false", PLACE_NO_HOURS), "Asia/Shanghai",
      HJ_MOMENT_MAX_US, HJ_MOMENT_MAX_US + HJ_DAY_US, HJ_FIXTURE_NOW_US);

  g_assert_cmpstr (times, ==, "");
  g_assert_cmpstr (far, ==, "");
}

static json_t *
ask (const char *authority, gint64 from, gint64 to)
{
  return json_pack ("{s:s, s:I, s:I}", "authority", authority, "from_us", (json_int_t)from, "to_us",
      (json_int_t)to);
}

/* How many slots are listed within the next hours. */
static gsize
n_free (Place *p, int hours)
{
  g_autoptr (json_t) answer = hj_fixture_act (&p->f, &hj_act_list_slots, p->self,
      ask (p->authority, HJ_FIXTURE_NOW_US, HJ_FIXTURE_NOW_US + hours * HJ_HOUR_US));

  return json_array_size (json_object_get (answer, "slots"));
}

static void
the_clients_centre_is_listed (Place *p, gconstpointer data)
{
  g_autoptr (json_t) answer = hj_fixture_act (&p->f, &hj_act_list_slots, p->self,
      ask (p->authority, HJ_FIXTURE_NOW_US, HJ_FIXTURE_NOW_US + HJ_HOUR_US));
  const json_t *slots = json_object_get (answer, "slots");
  const json_t *first = json_array_get (slots, 0);

  g_assert_cmpuint (json_array_size (slots), ==, 2);
  g_assert_cmpint (json_integer_value (json_object_get (answer, "minutes")), ==, 30);
  g_assert_true (json_is_false (json_object_get (answer, "more")));
  g_assert_cmpstr (json_string_value (json_object_get (first, "room")), ==, p->room);
  g_assert_cmpstr (json_string_value (json_object_get (first, "centre")), ==, p->centre);
  g_assert_cmpint (
      json_integer_value (json_object_get (first, "starts_at_us")), ==, HJ_FIXTURE_NOW_US);
  g_assert_nonnull (json_object_get (json_object_get (first, "room_name"), "zh"));
}

static void
only_rooms_with_a_kiosk_that_is_there_are_listed (Place *p, gconstpointer data)
{
  const char *bare = hj_fixture_room (&p->f, p->centre);
  const char *away = hj_fixture_room (&p->f, p->centre);

  g_assert_nonnull (bare);
  hj_fixture_kiosk (&p->f, away, FALSE);
  g_assert_cmpuint (n_free (p, 1), ==, 2);
  hj_fixture_sql (&p->f, "UPDATE kiosk SET online = 1 WHERE room = :id", away);
  g_assert_cmpuint (n_free (p, 1), ==, 4);
  hj_fixture_sql (&p->f, "UPDATE room SET open = 0 WHERE id = :id", away);
  g_assert_cmpuint (n_free (p, 1), ==, 2);
  hj_fixture_sql (&p->f, "UPDATE kiosk SET state = 'retired' WHERE id = :id", p->kiosk);
  g_assert_cmpuint (n_free (p, 1), ==, 0);
}

static void
what_is_taken_is_not_listed_and_comes_back (Place *p, gconstpointer data)
{
  g_autoptr (json_t) booking = place_book (p, HJ_FIXTURE_NOW_US + PLACE_SLOT_US);
  json_t *request = place_about (place_id (p, booking));

  g_assert_cmpuint (n_free (p, 2), ==, 3);
  json_object_set_new (request, "reason", json_string ("changed"));
  json_decref (hj_fixture_act (&p->f, &hj_act_cancel, p->self, request));
  g_assert_cmpuint (n_free (p, 2), ==, 4);
}

/* A second room is free, but neither the lawyer nor the client is. */
static void
nobody_is_offered_a_time_at_which_they_are_elsewhere (Place *p, gconstpointer data)
{
  const char *room = hj_fixture_room (&p->f, p->centre);
  const char *other = hj_fixture_lawyer (&p->f);
  const char *authority = hj_fixture_authority (&p->f, other, p->detainee);

  hj_fixture_kiosk (&p->f, room, TRUE);
  g_assert_cmpuint (n_free (p, 1), ==, 4);
  hj_fixture_booking (&p->f, authority, room, HJ_FIXTURE_NOW_US, "CONFIRMED");
  g_assert_cmpuint (n_free (p, 1), ==, 2);
}

/* Half past nine to ten is taken by a booking of an older grid, from a quarter past to a quarter to. */
static void
an_overlap_is_not_listed (Place *p, gconstpointer data)
{
  hj_fixture_booking (
      &p->f, p->authority, p->room, HJ_FIXTURE_NOW_US + 15 * HJ_MINUTE_US, "CONFIRMED");
  g_assert_cmpuint (n_free (p, 2), ==, 2);
}

static void
a_client_who_is_nowhere_has_no_slots (Place *p, gconstpointer data)
{
  hj_fixture_sql (&p->f, "DELETE FROM detainee WHERE id = :id", p->detainee);
  g_assert_cmpuint (n_free (p, 1), ==, 0);
}

static void
a_long_list_says_that_there_is_more (Place *p, gconstpointer data)
{
  g_autoptr (json_t) answer = hj_fixture_act (&p->f, &hj_act_list_slots, p->self,
      ask (p->authority, HJ_FIXTURE_NOW_US, HJ_FIXTURE_NOW_US + 14 * HJ_DAY_US));

  g_assert_cmpuint (json_array_size (json_object_get (answer, "slots")), ==, HJ_SLOTS_MAX);
  g_assert_true (json_is_true (json_object_get (answer, "more")));
}

static void
a_week_is_listed_when_no_range_is_given (Place *p, gconstpointer data)
{
  g_autoptr (json_t) answer = hj_fixture_act (
      &p->f, &hj_act_list_slots, p->self, json_pack ("{s:s}", "authority", p->authority));

  g_assert_cmpuint (json_array_size (json_object_get (answer, "slots")), ==, 7 * 48);
}

static void
a_wrong_range_is_invalid (Place *p, gconstpointer data)
{
  hj_fixture_refused (&p->f, &hj_act_list_slots, p->self,
      ask (p->authority, HJ_FIXTURE_NOW_US, HJ_FIXTURE_NOW_US - 1), HJ_REFUSAL_INVALID);
  hj_fixture_refused (&p->f, &hj_act_list_slots, p->self,
      ask (p->authority, HJ_FIXTURE_NOW_US, HJ_FIXTURE_NOW_US + 15 * HJ_DAY_US + 1),
      HJ_REFUSAL_INVALID);
  hj_fixture_refused (
      &p->f, &hj_act_list_slots, p->self, ask (p->authority, -1, 0), HJ_REFUSAL_INVALID);
  hj_fixture_refused (&p->f, &hj_act_list_slots, p->self, json_object (), HJ_REFUSAL_INVALID);
}

static void
another_lawyers_client_is_not_found (Place *p, gconstpointer data)
{
  HjActor *stranger = hj_fixture_actor (&p->f, HJ_ROLE_LAWYER, hj_fixture_lawyer (&p->f), NULL);

  hj_fixture_refused (
      &p->f, &hj_act_list_slots, stranger, ask (p->authority, 0, HJ_DAY_US), HJ_REFUSAL_NOT_FOUND);
  hj_fixture_refused (
      &p->f, &hj_act_list_slots, p->self, ask (p->lawyer, 0, HJ_DAY_US), HJ_REFUSAL_NOT_FOUND);
  hj_fixture_refused (
      &p->f, &hj_act_list_slots, p->desk, ask (p->authority, 0, HJ_DAY_US), HJ_REFUSAL_NOT_FOUND);
}

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  g_test_add_func ("/slots/hours", hours_are_those_of_the_centres_day);
  g_test_add_func ("/slots/midnight", an_evening_goes_on_across_midnight);
  g_test_add_func ("/slots/summer-time", summer_time_neither_repeats_nor_overlaps_a_slot);
  g_test_add_func ("/slots/always-open", around_the_clock_counts_from_midnight);
  g_test_add_func ("/slots/ahead", the_policy_says_how_far_ahead);
  g_test_add_func ("/slots/over", a_range_that_is_over_has_no_times);
  PLACE_TEST ("/slots/list", the_clients_centre_is_listed);
  PLACE_TEST ("/slots/kiosk", only_rooms_with_a_kiosk_that_is_there_are_listed);
  PLACE_TEST ("/slots/taken", what_is_taken_is_not_listed_and_comes_back);
  PLACE_TEST ("/slots/people", nobody_is_offered_a_time_at_which_they_are_elsewhere);
  PLACE_TEST ("/slots/overlap", an_overlap_is_not_listed);
  PLACE_TEST ("/slots/nowhere", a_client_who_is_nowhere_has_no_slots);
  PLACE_TEST ("/slots/more", a_long_list_says_that_there_is_more);
  PLACE_TEST ("/slots/week", a_week_is_listed_when_no_range_is_given);
  PLACE_TEST ("/slots/range", a_wrong_range_is_invalid);
  PLACE_TEST ("/slots/not-own", another_lawyers_client_is_not_found);
  return g_test_run ();
}
