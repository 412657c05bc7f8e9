/* SPDX-License-Identifier: Apache-2.0 */
/* src/meeting/secure.c: an end says that it holds the keys of an epoch, and what came of comparing the security code. */

#include "src/base/ids.h"
#include "src/meeting/acts.h"
#include "tests/support/expect-log.h"
#include "tests/support/meeting-place.h"

#define MAX_A_MINUTE 12

static const char EPOCH[] = "SELECT COALESCE (epoch, 0) FROM seat WHERE id = :id";
static const char CODE[] = "SELECT code FROM seat WHERE id = :id";
static const char SECURED[] = "SELECT COUNT (*) FROM seat_event WHERE seat = :id AND kind = "
                              "'secured'";
static const char SAME[]
    = "SELECT COUNT (*) FROM seat_event WHERE seat = :id AND kind = 'code-same'";
static const char LAST_EVENT[] = "SELECT kind FROM seat_event WHERE seat = :id AND kind <> 'left'"
                                 " ORDER BY rowid DESC LIMIT 1";
static const char LAST_ENTRY[] = "SELECT act || ' ' || result || ' ' || COALESCE (reason, '-') ||"
                                 " ' ' || role FROM audit_entry WHERE booking = :id ORDER BY seq"
                                 " DESC LIMIT 1";
static const char LAST_DETAIL[] = "SELECT detail FROM audit_entry WHERE booking = :id ORDER BY seq"
                                  " DESC LIMIT 1";
static const char MEETING[] = "SELECT state || ' ' || COALESCE (end_reason, '-') || ' ' || COALESCE"
                              " (ended_by, '-') FROM meeting WHERE booking = :id";
static const char BOOKING[] = "SELECT state FROM booking WHERE id = :id";
/* State, when it was met, what happened to it. */
static const char CLOCK[]
    = "SELECT k.state || ' ' || COALESCE (k.met_at_us, '-') || ' ' || (SELECT"
      " COALESCE (group_concat (kind, ' '), '') FROM (SELECT kind FROM clock_event WHERE"
      " clock = k.id ORDER BY rowid)) FROM clock k WHERE k.booking = :id";
static const char DUE_AT[] = "SELECT due_at_us FROM clock WHERE booking = :id";

typedef struct
{
  HjMeetingPlace p; /* first */
  const char *meeting, *counsel, *box;
} Room;

static const char *
join (HjMeetingPlace *p, HjActor *actor)
{
  g_autoptr (json_t) seat = hj_fixture_act (
      &p->f, &hj_act_join, actor, hj_meeting_place_join_input (p->booking, actor));

  return hj_text_of (p, seat, "seat");
}

/* Both sit there, neither has keys. */
static void
set_up (Room *r, gconstpointer data)
{
  hj_meeting_place_set_up (&r->p, data);
  r->counsel = join (&r->p, r->p.counsel);
  r->box = join (&r->p, r->p.box);
  r->meeting = hj_fixture_text (&r->p.f, "SELECT id FROM meeting", NULL);
}

static void
tear_down (Room *r, gconstpointer data)
{
  hj_meeting_place_tear_down (&r->p, data);
}

#define ROOM_TEST(PATH, FUNCTION) g_test_add (PATH, Room, NULL, set_up, FUNCTION, tear_down)

static json_t *
secured_input (Room *r, const char *seat, gint64 epoch)
{
  const char *identity
      = hj_fixture_text (&r->p.f, "SELECT identity FROM seat WHERE id = :id", seat);

  return json_pack (
      "{s:s, s:I, s:s*}", "seat", seat, "epoch", (json_int_t)epoch, "identity", identity);
}

static void
secured (Room *r, HjActor *actor, const char *seat, gint64 epoch)
{
  json_decref (hj_fixture_act (&r->p.f, &hj_act_secured, actor, secured_input (r, seat, epoch)));
}

static json_t *
verify_input (const char *seat, gint64 epoch, const char *result)
{
  return json_pack ("{s:s, s:I, s:s}", "seat", seat, "epoch", (json_int_t)epoch, "result", result);
}

static json_t *
verify (Room *r, HjActor *actor, const char *seat, gint64 epoch, const char *result)
{
  return hj_fixture_act (&r->p.f, &hj_act_verify, actor, verify_input (seat, epoch, result));
}

/* The refusal stands in the record, and the seat is as it was. */
static void
refused (Room *r, const HjActKind *kind, HjActor *actor, json_t *input, HjRefusal refusal)
{
  const char *seat = r->counsel;
  gint64 epoch = hj_fixture_count (&r->p.f, EPOCH, seat);
  const char *code = hj_fixture_text (&r->p.f, CODE, seat);

  hj_fixture_refused (&r->p.f, kind, actor, input, refusal);
  g_assert_cmpint (hj_fixture_entries (&r->p.f, kind->name, "refused"), >, 0);
  g_assert_cmpint (hj_fixture_count (&r->p.f, EPOCH, seat), ==, epoch);
  g_assert_cmpstr (hj_fixture_text (&r->p.f, CODE, seat), ==, code);
}

static void
the_epoch_is_kept_with_the_seat_and_stands_in_the_record (Room *r, gconstpointer data)
{
  const char *detail;

  g_assert_cmpint (hj_fixture_count (&r->p.f, EPOCH, r->counsel), ==, 0);
  secured (r, r->p.counsel, r->counsel, 3);
  g_assert_cmpint (hj_fixture_count (&r->p.f, EPOCH, r->counsel), ==, 3);
  g_assert_cmpint (hj_fixture_count (&r->p.f, EPOCH, r->box), ==, 0);
  g_assert_cmpstr (
      hj_fixture_text (&r->p.f, LAST_ENTRY, r->p.booking), ==, "secured done - lawyer");
  detail = hj_fixture_text (&r->p.f, LAST_DETAIL, r->p.booking);
  g_assert_nonnull (strstr (detail, "\"epoch\":3"));
  g_assert_nonnull (strstr (detail, r->counsel));
  g_assert_null (strstr (detail, "identity"));
  secured (r, r->p.counsel, r->counsel, G_MAXUINT32);
  g_assert_cmpint (hj_fixture_count (&r->p.f, SECURED, r->counsel), ==, 2);
}

static void
the_same_epoch_again_is_no_event (Room *r, gconstpointer data)
{
  secured (r, r->p.box, r->box, 1);
  secured (r, r->p.box, r->box, 1);
  g_assert_cmpint (hj_fixture_count (&r->p.f, SECURED, r->box), ==, 1);
}

/* Both ends lost their state: they count from 1 again, and are as secured as before. */
static void
a_lower_epoch_is_a_new_one (Room *r, gconstpointer data)
{
  secured (r, r->p.counsel, r->counsel, 7);
  json_decref (verify (r, r->p.counsel, r->counsel, 7, "same"));
  secured (r, r->p.counsel, r->counsel, 1);
  g_assert_cmpint (hj_fixture_count (&r->p.f, EPOCH, r->counsel), ==, 1);
  g_assert_null (hj_fixture_text (&r->p.f, CODE, r->counsel));
  g_assert_cmpint (hj_fixture_count (&r->p.f, SECURED, r->counsel), ==, 2);
}

static void
twelve_epochs_a_minute_and_no_more (Room *r, gconstpointer data)
{
  for (int epoch = 1; epoch <= MAX_A_MINUTE; epoch++)
    secured (r, r->p.counsel, r->counsel, epoch);
  refused (
      r, &hj_act_secured, r->p.counsel, secured_input (r, r->counsel, 13), HJ_REFUSAL_TOO_MANY);
  secured (r, r->p.box, r->box, 13);
  hj_fixture_advance (&r->p.f, HJ_MINUTE_US - 1);
  refused (
      r, &hj_act_secured, r->p.counsel, secured_input (r, r->counsel, 13), HJ_REFUSAL_TOO_MANY);
  hj_fixture_advance (&r->p.f, 1);
  secured (r, r->p.counsel, r->counsel, 13);
}

static void
an_epoch_is_a_number_of_thirty_two_bits (Room *r, gconstpointer data)
{
  static const gint64 WRONG[] = { 0, -1, (gint64)G_MAXUINT32 + 1 };

  for (gsize i = 0; i < G_N_ELEMENTS (WRONG); i++)
    {
      refused (r, &hj_act_secured, r->p.counsel, secured_input (r, r->counsel, WRONG[i]),
          HJ_REFUSAL_INVALID);
      refused (r, &hj_act_verify, r->p.counsel, verify_input (r->counsel, WRONG[i], "different"),
          HJ_REFUSAL_INVALID);
    }
  refused (r, &hj_act_secured, r->p.counsel, hj_about ("seat", r->counsel), HJ_REFUSAL_INVALID);
  refused (r, &hj_act_secured, r->p.counsel, json_pack ("{s:i}", "epoch", 1), HJ_REFUSAL_INVALID);
  refused (r, &hj_act_secured, r->p.counsel,
      json_pack ("{s:s, s:i}", "seat", r->counsel, "epoch", 1), HJ_REFUSAL_INVALID);
}

static void
what_another_device_said_is_not_this_one_s_word (Room *r, gconstpointer data)
{
  refused (r, &hj_act_secured, r->p.counsel,
      json_pack ("{s:s, s:i, s:s}", "seat", r->counsel, "epoch", 1, "identity", "another"),
      HJ_REFUSAL_STATE);
}

static void
nobody_speaks_for_another_seat (Room *r, gconstpointer data)
{
  HjActor *other = hj_fixture_actor (&r->p.f, HJ_ROLE_LAWYER, hj_fixture_lawyer (&r->p.f), NULL);
  HjActor *strangers[] = { r->p.box, other, r->p.desk, r->p.supervisor, r->p.machine };
  g_autofree char *nothing = hj_id_new ();

  secured (r, r->p.counsel, r->counsel, 1);
  for (gsize i = 0; i < G_N_ELEMENTS (strangers); i++)
    {
      refused (
          r, &hj_act_secured, strangers[i], secured_input (r, r->counsel, 2), HJ_REFUSAL_NOT_FOUND);
      refused (r, &hj_act_verify, strangers[i], verify_input (r->counsel, 1, "same"),
          HJ_REFUSAL_NOT_FOUND);
      refused (r, &hj_act_verify, strangers[i], verify_input (r->counsel, 1, "different"),
          HJ_REFUSAL_NOT_FOUND);
    }
  refused (
      r, &hj_act_verify, r->p.counsel, verify_input (nothing, 1, "same"), HJ_REFUSAL_NOT_FOUND);
  g_assert_cmpstr (hj_fixture_text (&r->p.f, MEETING, r->p.booking), ==, "waiting - -");
}

static void
a_seat_that_left_and_a_meeting_that_ended_say_nothing (Room *r, gconstpointer data)
{
  secured (r, r->p.counsel, r->counsel, 1);
  json_decref (hj_fixture_act (&r->p.f, &hj_act_leave, r->p.box, hj_about ("seat", r->box)));
  refused (r, &hj_act_secured, r->p.box, secured_input (r, r->box, 1), HJ_REFUSAL_STATE);
  refused (r, &hj_act_verify, r->p.box, verify_input (r->box, 1, "different"), HJ_REFUSAL_STATE);
  json_decref (verify (r, r->p.counsel, r->counsel, 1, "different"));
  refused (r, &hj_act_secured, r->p.counsel, secured_input (r, r->counsel, 2), HJ_REFUSAL_STATE);
  refused (
      r, &hj_act_verify, r->p.counsel, verify_input (r->counsel, 1, "different"), HJ_REFUSAL_STATE);
  /* A meeting whose seats are not emptied yet is over all the same. */
  hj_fixture_sql (&r->p.f, "UPDATE seat SET state = 'waiting' WHERE id = :id", r->counsel);
  refused (r, &hj_act_verify, r->p.counsel, verify_input (r->counsel, 1, "same"), HJ_REFUSAL_STATE);
}

static void
the_same_code_is_kept_for_its_epoch (Room *r, gconstpointer data)
{
  g_autoptr (json_t) answer = NULL;

  secured (r, r->p.counsel, r->counsel, 1);
  answer = verify (r, r->p.counsel, r->counsel, 1, "same");
  g_assert_null (json_object_get (answer, "reason"));
  g_assert_cmpstr (hj_fixture_text (&r->p.f, CODE, r->counsel), ==, "same");
  g_assert_cmpstr (hj_fixture_text (&r->p.f, LAST_EVENT, r->counsel), ==, "code-same");
  g_assert_cmpstr (hj_fixture_text (&r->p.f, LAST_ENTRY, r->p.booking), ==, "verify done - lawyer");
  g_assert_nonnull (
      strstr (hj_fixture_text (&r->p.f, LAST_DETAIL, r->p.booking), "\"result\":\"same\""));
  secured (r, r->p.counsel, r->counsel, 2);
  g_assert_null (hj_fixture_text (&r->p.f, CODE, r->counsel));
  json_decref (verify (r, r->p.counsel, r->counsel, 2, "same"));
  g_assert_cmpint (hj_fixture_count (&r->p.f, SAME, r->counsel), ==, 2);
  g_assert_cmpstr (hj_fixture_text (&r->p.f, MEETING, r->p.booking), ==, "waiting - -");
}

static void
a_tick_is_for_the_epoch_that_the_seat_holds (Room *r, gconstpointer data)
{
  refused (r, &hj_act_verify, r->p.counsel, verify_input (r->counsel, 1, "same"), HJ_REFUSAL_STATE);
  secured (r, r->p.counsel, r->counsel, 2);
  refused (r, &hj_act_verify, r->p.counsel, verify_input (r->counsel, 1, "same"), HJ_REFUSAL_STATE);
  refused (r, &hj_act_verify, r->p.counsel, verify_input (r->counsel, 3, "same"), HJ_REFUSAL_STATE);
}

static void
a_result_is_one_of_two (Room *r, gconstpointer data)
{
  secured (r, r->p.counsel, r->counsel, 1);
  refused (
      r, &hj_act_verify, r->p.counsel, verify_input (r->counsel, 1, "similar"), HJ_REFUSAL_INVALID);
  refused (r, &hj_act_verify, r->p.counsel,
      json_pack ("{s:s, s:i}", "seat", r->counsel, "epoch", 1), HJ_REFUSAL_INVALID);
}

static void
twelve_ticks_a_minute_but_a_difference_always (Room *r, gconstpointer data)
{
  secured (r, r->p.counsel, r->counsel, 1);
  for (int i = 0; i < MAX_A_MINUTE; i++)
    json_decref (verify (r, r->p.counsel, r->counsel, 1, "same"));
  refused (
      r, &hj_act_verify, r->p.counsel, verify_input (r->counsel, 1, "same"), HJ_REFUSAL_TOO_MANY);
  json_decref (verify (r, r->p.counsel, r->counsel, 1, "different"));
}

static void
admit (Room *r)
{
  secured (r, r->p.counsel, r->counsel, 1);
  secured (r, r->p.box, r->box, 1);
  json_decref (hj_fixture_act (&r->p.f, &hj_act_admit, r->p.machine,
      json_pack ("{s:s, s:[s, s]}", "meeting", r->meeting, "seats", r->counsel, r->box)));
}

/* Somebody may have listened: that was not the meeting that the law wants. */
static void
a_difference_ends_the_meeting_which_was_not_held (Room *r, gconstpointer data)
{
  g_autoptr (json_t) answer = NULL;
  gint64 due_us;

  admit (r);
  due_us = hj_fixture_count (&r->p.f, DUE_AT, r->p.booking);
  hj_fixture_advance (&r->p.f, HJ_MINUTE_US);
  answer = verify (r, r->p.box, r->box, 1, "different");
  g_assert_cmpstr (hj_text_of (&r->p, answer, "reason"), ==, "code-different");
  g_assert_cmpstr (hj_text_of (&r->p, answer, "by"), ==, "kiosk");
  g_assert_cmpstr (hj_text_of (&r->p, answer, "meeting"), ==, r->meeting);
  g_assert_cmpstr (
      hj_fixture_text (&r->p.f, MEETING, r->p.booking), ==, "ended code-different kiosk");
  g_assert_cmpstr (hj_fixture_text (&r->p.f, BOOKING, r->p.booking), ==, "NOT_HELD");
  g_assert_cmpstr (hj_fixture_text (&r->p.f, CLOCK, r->p.booking), ==, "running - met reopened");
  g_assert_cmpint (hj_fixture_count (&r->p.f, DUE_AT, r->p.booking), ==, due_us);
  g_assert_cmpstr (hj_fixture_text (&r->p.f, CODE, r->box), ==, "different");
  g_assert_cmpstr (hj_fixture_text (&r->p.f, LAST_EVENT, r->box), ==, "code-different");
  g_assert_cmpstr (hj_fixture_text (&r->p.f, LAST_ENTRY, r->p.booking), ==, "verify done - kiosk");
  g_assert_nonnull (
      strstr (hj_fixture_text (&r->p.f, LAST_DETAIL, r->p.booking), "\"result\":\"different\""));
  g_assert_nonnull (
      strstr (hj_fixture_text (&r->p.f, LAST_DETAIL, r->p.booking), "\"clock\":\"reopened\""));
  g_assert_cmpint (
      hj_fixture_count (&r->p.f, "SELECT COUNT (*) FROM seat WHERE state <> 'left'", NULL), ==, 0);
}

static void
a_difference_past_the_time_leaves_the_clock_overdue (Room *r, gconstpointer data)
{
  admit (r);
  hj_fixture_advance (&r->p.f, 3 * HJ_DAY_US);
  json_decref (verify (r, r->p.box, r->box, 1, "different"));
  g_assert_cmpstr (hj_fixture_text (&r->p.f, BOOKING, r->p.booking), ==, "NOT_HELD");
  g_assert_cmpstr (
      hj_fixture_text (&r->p.f, CLOCK, r->p.booking), ==, "overdue - met reopened overdue");
}

/* Nobody met anybody: the centre still owes the meeting. Whatever epoch the page is in, a difference counts. */
static void
a_difference_before_the_admission_is_no_meeting_held (Room *r, gconstpointer data)
{
  json_decref (verify (r, r->p.counsel, r->counsel, 9, "different"));
  g_assert_cmpstr (
      hj_fixture_text (&r->p.f, MEETING, r->p.booking), ==, "ended code-different lawyer");
  g_assert_cmpstr (hj_fixture_text (&r->p.f, BOOKING, r->p.booking), ==, "NOT_HELD");
  g_assert_cmpstr (hj_fixture_text (&r->p.f, CLOCK, r->p.booking), ==, "running - ");
  g_assert_null (strstr (hj_fixture_text (&r->p.f, LAST_DETAIL, r->p.booking), "reopened"));
}

static void
nobody_ends_a_meeting_for_its_code_by_end (Room *r, gconstpointer data)
{
  HjActor *people[] = { r->p.counsel, r->p.box, r->p.desk, r->p.machine };

  hj_fixture_sql (&r->p.f, "UPDATE meeting SET state = 'live', admitted_at_us = 1", NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (people); i++)
    refused (r, &hj_act_end, people[i],
        json_pack ("{s:s, s:s}", "meeting", r->meeting, "reason", "code-different"),
        HJ_REFUSAL_INVALID);
}

static void
only_who_has_the_keys_is_admitted (Room *r, gconstpointer data)
{
  json_t *both = json_pack ("{s:s, s:[s, s]}", "meeting", r->meeting, "seats", r->counsel, r->box);

  secured (r, r->p.counsel, r->counsel, 1);
  refused (r, &hj_act_admit, r->p.machine, json_incref (both), HJ_REFUSAL_STATE);
  g_assert_cmpstr (hj_fixture_text (&r->p.f, MEETING, r->p.booking), ==, "waiting - -");
  secured (r, r->p.box, r->box, 1);
  json_decref (hj_fixture_act (&r->p.f, &hj_act_admit, r->p.machine, both));
}

static const json_t *
seat_of (const json_t *meeting, const char *seat)
{
  size_t index;
  json_t *entry;

  json_array_foreach (json_object_get (meeting, "seats"), index, entry)
  {
    if (g_strcmp0 (json_string_value (json_object_get (entry, "seat")), seat) == 0)
      return entry;
  }
  g_assert_not_reached ();
}

static void
the_record_shows_the_code_and_all_that_was_said (Room *r, gconstpointer data)
{
  static const char *const KINDS[] = { "joined", "secured", "code-same", "secured" };
  g_autoptr (json_t) seen = NULL;
  g_autoptr (json_t) glance = NULL;
  const json_t *seat, *event;
  size_t index;

  secured (r, r->p.counsel, r->counsel, 1);
  hj_fixture_advance (&r->p.f, 1);
  json_decref (verify (r, r->p.counsel, r->counsel, 1, "same"));
  seen = hj_fixture_act (
      &r->p.f, &hj_act_show_meeting, r->p.supervisor, hj_about ("id", r->meeting));
  seat = seat_of (seen, r->counsel);
  g_assert_cmpstr (json_string_value (json_object_get (seat, "code")), ==, "same");
  g_assert_true (json_is_true (json_object_get (seat, "secured")));
  g_assert_true (json_is_false (json_object_get (seat_of (seen, r->box), "secured")));
  g_assert_true (json_is_null (json_object_get (seat_of (seen, r->box), "code")));
  json_decref (seen);
  hj_fixture_advance (&r->p.f, HJ_MINUTE_US);
  secured (r, r->p.counsel, r->counsel, 2);
  seen = hj_fixture_act (
      &r->p.f, &hj_act_show_meeting, r->p.supervisor, hj_about ("id", r->meeting));
  seat = seat_of (seen, r->counsel);
  g_assert_true (json_is_null (json_object_get (seat, "code")));
  g_assert_cmpuint (json_array_size (json_object_get (seat, "events")), ==, G_N_ELEMENTS (KINDS));
  json_array_foreach (json_object_get (seat, "events"), index, event)
  {
    g_assert_cmpstr (json_string_value (json_object_get (event, "kind")), ==, KINDS[index]);
  }
  glance
      = hj_fixture_act (&r->p.f, &hj_act_glance_meeting, r->p.machine, hj_about ("id", r->meeting));
  g_assert_true (json_is_true (json_object_get (seat_of (glance, r->counsel), "secured")));
  g_assert_null (json_object_get (seat_of (glance, r->counsel), "code"));
}

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  ROOM_TEST ("/secure/secured", the_epoch_is_kept_with_the_seat_and_stands_in_the_record);
  ROOM_TEST ("/secure/secured/again", the_same_epoch_again_is_no_event);
  ROOM_TEST ("/secure/secured/lower", a_lower_epoch_is_a_new_one);
  ROOM_TEST ("/secure/secured/pace", twelve_epochs_a_minute_and_no_more);
  ROOM_TEST ("/secure/secured/number", an_epoch_is_a_number_of_thirty_two_bits);
  ROOM_TEST ("/secure/secured/device", what_another_device_said_is_not_this_one_s_word);
  ROOM_TEST ("/secure/own-seat", nobody_speaks_for_another_seat);
  ROOM_TEST ("/secure/over", a_seat_that_left_and_a_meeting_that_ended_say_nothing);
  ROOM_TEST ("/secure/verify/same", the_same_code_is_kept_for_its_epoch);
  ROOM_TEST ("/secure/verify/epoch", a_tick_is_for_the_epoch_that_the_seat_holds);
  ROOM_TEST ("/secure/verify/result", a_result_is_one_of_two);
  ROOM_TEST ("/secure/verify/pace", twelve_ticks_a_minute_but_a_difference_always);
  ROOM_TEST ("/secure/verify/different", a_difference_ends_the_meeting_which_was_not_held);
  ROOM_TEST ("/secure/verify/different-late", a_difference_past_the_time_leaves_the_clock_overdue);
  ROOM_TEST (
      "/secure/verify/different-early", a_difference_before_the_admission_is_no_meeting_held);
  ROOM_TEST ("/secure/end", nobody_ends_a_meeting_for_its_code_by_end);
  ROOM_TEST ("/secure/admit", only_who_has_the_keys_is_admitted);
  ROOM_TEST ("/secure/record", the_record_shows_the_code_and_all_that_was_said);
  return g_test_run ();
}
