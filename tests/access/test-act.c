/* SPDX-License-Identifier: Apache-2.0 */
/* src/access/act.c: right, rule, entry and idempotency in one transaction, or nothing. */

#include "src/access/act.h"

#include "src/base/time.h"
#include "tests/support/expect-log.h"
#include "tests/support/fixture.h"

/* Acts borrow names from the table of rights: "book" writes, "list-bookings" reads. A rule that counts itself as a policy
 * row of the centre, so that a test sees whether its work was kept. */
static const char WORK[] = "INSERT INTO policy (centre, version, effective_from_us, document) "
                           "SELECT id, 1 + (SELECT COUNT (*) FROM policy), 0, '{}' FROM centre";
static const char COUNT_WORK[] = "SELECT COUNT (*) FROM policy";

static gboolean
work (HjAct *act, GError **error)
{
  return hj_store_run (act->store, WORK, HJ_NO_BINDS, error);
}

static json_t *
run_good (HjAct *act, GError **error)
{
  if (!work (act, error))
    return NULL;
  hj_act_about_booking (act, "booking-1");
  hj_act_note (act, "number", json_integer (7));
  return json_pack ("{s:s, s:s}", "done", "yes", "token", "secret");
}

static json_t *
run_refused (HjAct *act, GError **error)
{
  if (!work (act, error))
    return NULL;
  hj_act_about (act, "room", "room-1");
  hj_act_explain (act, "alternatives", json_pack ("[i]", 1));
  hj_refuse (error, HJ_REFUSAL_SLOT_TAKEN, "room");
  return NULL;
}

static gboolean
refused_too (HjAct *act, GError **error)
{
  return work (act, error);
}

static json_t *
run_broken (HjAct *act, GError **error)
{
  if (!work (act, error))
    return NULL;
  hj_store_run (act->store, "UPDATE audit_entry SET act = 'nothing'", HJ_NO_BINDS, error);
  hj_store_run (act->store, "DELETE FROM centre", HJ_NO_BINDS, error);
  return NULL;
}

static const HjActKind GOOD = { .name = "book", .flags = HJ_ACT_WRITES, .run = run_good };
static const HjActKind OTHER = { .name = "device-check", .flags = HJ_ACT_WRITES, .run = run_good };
static const HjActKind REFUSED = { .name = "book", .flags = HJ_ACT_WRITES, .run = run_refused };
static const HjActKind COUNTED
    = { .name = "book", .flags = HJ_ACT_WRITES, .run = run_refused, .refused = refused_too };
static const HjActKind BROKEN = { .name = "book", .flags = HJ_ACT_WRITES, .run = run_broken };
static const HjActKind READS = { .name = "list-bookings", .flags = HJ_ACT_READS, .run = run_good };
static const HjActKind LOOKS = { .name = "list-bookings", .flags = HJ_ACT_LOOKS, .run = run_good };
static const HjActKind READS_REFUSED
    = { .name = "list-bookings", .flags = HJ_ACT_READS, .run = run_refused };

typedef struct
{
  HjFixture f;
  HjActor *lawyer;
  HjActor *desk;
  HjActor *nobody;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  const char *centre;

  hj_fixture_set_up (&f->f, NULL);
  centre = hj_fixture_centre (&f->f);
  f->lawyer = hj_fixture_actor (&f->f, HJ_ROLE_LAWYER, hj_fixture_lawyer (&f->f), NULL);
  f->desk = hj_fixture_actor (&f->f, HJ_ROLE_DESK, NULL, centre);
  f->nobody = hj_fixture_actor (&f->f, HJ_ROLE_NOBODY, NULL, NULL);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  hj_fixture_tear_down (&f->f, NULL);
}

static gint64
count (Fixture *f, const char *sql)
{
  return hj_fixture_count (&f->f, sql, NULL);
}

static void
an_act_is_done_and_recorded (Fixture *f, gconstpointer data)
{
  g_autoptr (json_t) answer = hj_fixture_act (&f->f, &GOOD, f->lawyer, NULL);

  g_assert_cmpint (count (f, COUNT_WORK), ==, 1);
  g_assert_cmpint (
      count (f, "SELECT COUNT (*) FROM audit_entry WHERE act = 'book' AND role = 'lawyer' AND "
                "booking = 'booking-1' AND object = 'booking:booking-1' AND result = 'done' AND "
                "reason IS NULL AND detail = '{\"number\":7}'"),
      ==, 1);
}

static void
a_refusal_leaves_its_entry_alone (Fixture *f, gconstpointer data)
{
  g_autoptr (json_t) problem = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) answer
      = hj_acts_run (f->f.acts, &REFUSED, f->lawyer, NULL, NULL, &problem, &error);

  g_assert_null (answer);
  g_assert_error (error, HJ_REFUSAL, HJ_REFUSAL_SLOT_TAKEN);
  g_assert_cmpint (
      json_integer_value (json_array_get (json_object_get (problem, "alternatives"), 0)), ==, 1);
  g_assert_cmpint (count (f, COUNT_WORK), ==, 0);
  g_assert_cmpint (
      count (f, "SELECT COUNT (*) FROM audit_entry WHERE result = 'refused' AND reason = "
                "'slot-taken' AND object = 'room:room-1'"),
      ==, 1);
}

static void
what_a_refusal_does_is_kept_with_its_entry (Fixture *f, gconstpointer data)
{
  hj_fixture_refused (&f->f, &COUNTED, f->lawyer, NULL, HJ_REFUSAL_SLOT_TAKEN);
  g_assert_cmpint (count (f, COUNT_WORK), ==, 1);
  g_assert_cmpint (hj_fixture_entries (&f->f, "book", "refused"), ==, 1);
}

static void
whoever_may_not_is_recorded_too (Fixture *f, gconstpointer data)
{
  hj_fixture_refused (&f->f, &GOOD, f->desk, NULL, HJ_REFUSAL_NOT_FOUND);
  g_assert_cmpint (count (f, COUNT_WORK), ==, 0);
  g_assert_cmpint (
      count (f, "SELECT COUNT (*) FROM audit_entry WHERE role = 'desk' AND reason = 'not-found'"),
      ==, 1);
}

static void
who_is_not_signed_in_leaves_no_entry (Fixture *f, gconstpointer data)
{
  hj_fixture_refused (&f->f, &GOOD, f->nobody, NULL, HJ_REFUSAL_SIGN_IN);
  g_assert_cmpint (count (f, "SELECT COUNT (*) FROM audit_entry"), ==, 0);
}

static void
what_breaks_is_no_refusal (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) answer = hj_acts_run (f->f.acts, &BROKEN, f->lawyer, NULL, NULL, NULL, &error);

  g_assert_null (answer);
  g_assert_error (error, HJ_STORE_ERROR, HJ_STORE_ERROR_REFERENCE);
  g_assert_cmpint (count (f, COUNT_WORK), ==, 0);
  g_assert_cmpint (count (f, "SELECT COUNT (*) FROM audit_entry"), ==, 0);
}

static void
reading_is_recorded_when_it_is_personal (Fixture *f, gconstpointer data)
{
  g_autoptr (json_t) read = hj_fixture_act (&f->f, &READS, f->lawyer, NULL);
  g_autoptr (json_t) looked = NULL;

  hj_fixture_refused (&f->f, &READS_REFUSED, f->lawyer, NULL, HJ_REFUSAL_SLOT_TAKEN);
  g_assert_cmpint (count (f, "SELECT COUNT (*) FROM audit_entry"), ==, 0);
  looked = hj_fixture_act (&f->f, &LOOKS, f->lawyer, NULL);
  g_assert_cmpint (hj_fixture_entries (&f->f, "list-bookings", "done"), ==, 1);
}

static void
look (Fixture *f, HjActor *actor)
{
  g_autoptr (json_t) answer = hj_fixture_act (&f->f, &LOOKS, actor, NULL);
}

static void
a_repeated_look_is_one_entry_a_minute (Fixture *f, gconstpointer data)
{
  gint64 now_us = hj_time_now (f->f.time);

  look (f, f->lawyer);
  hj_time_set (f->f.time, now_us + HJ_MINUTE_US - 1);
  look (f, f->lawyer);
  g_assert_cmpint (hj_fixture_entries (&f->f, "list-bookings", "done"), ==, 1);
  look (f, f->desk);
  g_assert_cmpint (hj_fixture_entries (&f->f, "list-bookings", "done"), ==, 2);
  hj_time_set (f->f.time, now_us + HJ_MINUTE_US);
  look (f, f->lawyer);
  g_assert_cmpint (hj_fixture_entries (&f->f, "list-bookings", "done"), ==, 3);
}

/* Nothing that is not recorded may happen. */
static void
without_its_entry_no_act (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) answer = NULL;

  hj_fixture_sql (&f->f,
      "CREATE TRIGGER full BEFORE INSERT ON audit_entry BEGIN SELECT RAISE (ABORT, 'full'); END",
      NULL);
  answer = hj_acts_run (f->f.acts, &GOOD, f->lawyer, NULL, NULL, NULL, &error);
  g_assert_null (answer);
  g_assert_error (error, HJ_STORE_ERROR, HJ_STORE_ERROR_RULE);
  g_assert_cmpint (count (f, COUNT_WORK), ==, 0);
}

static void
a_refusal_that_cannot_be_recorded_is_told_to_the_operator (Fixture *f, gconstpointer data)
{
  hj_fixture_sql (&f->f,
      "CREATE TRIGGER full BEFORE INSERT ON audit_entry BEGIN SELECT RAISE (ABORT, 'full'); END",
      NULL);
  hj_expect_log (G_LOG_LEVEL_WARNING, "refusal of book was not recorded*");
  hj_fixture_refused (&f->f, &REFUSED, f->lawyer, NULL, HJ_REFUSAL_SLOT_TAKEN);
  hj_assert_expected_logs ();
}

static json_t *
run_keyed (Fixture *f, const HjActKind *kind, HjActor *actor, const char *text, const char *key,
    GError **error)
{
  g_autoptr (json_t) input = json_pack ("{s:s}", "text", text);

  return hj_acts_run (f->f.acts, kind, actor, input, key, NULL, error);
}

static void
the_same_key_is_the_same_act (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) first = run_keyed (f, &GOOD, f->lawyer, "a", "key", &error);
  g_autoptr (json_t) second = run_keyed (f, &GOOD, f->lawyer, "a", "key", &error);

  g_assert_no_error (error);
  g_assert_cmpint (count (f, COUNT_WORK), ==, 1);
  g_assert_cmpstr (json_string_value (json_object_get (second, "done")), ==, "yes");
  /* What is shown once is shown once. */
  g_assert_nonnull (json_object_get (first, "token"));
  g_assert_null (json_object_get (second, "token"));
  g_assert_cmpint (count (f, "SELECT COUNT (*) FROM inbox WHERE answer LIKE '%secret%'"), ==, 0);
  g_assert_cmpint (hj_fixture_entries (&f->f, "book", "done"), ==, 1);
}

static void
a_key_is_for_one_request_of_one_account (Fixture *f, gconstpointer data)
{
  HjActor *other = hj_fixture_actor (&f->f, HJ_ROLE_LAWYER, hj_fixture_lawyer (&f->f), NULL);
  g_autoptr (GError) changed = NULL;
  g_autoptr (GError) another_act = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) first = run_keyed (f, &GOOD, f->lawyer, "a", "key", &error);
  g_autoptr (json_t) theirs = run_keyed (f, &GOOD, other, "a", "key", &error);

  g_assert_no_error (error);
  g_assert_null (run_keyed (f, &GOOD, f->lawyer, "b", "key", &changed));
  g_assert_error (changed, HJ_REFUSAL, HJ_REFUSAL_EXISTS);
  g_assert_null (run_keyed (f, &OTHER, f->lawyer, "a", "key", &another_act));
  g_assert_error (another_act, HJ_REFUSAL, HJ_REFUSAL_EXISTS);
  g_assert_cmpint (count (f, COUNT_WORK), ==, 2);
}

static void
a_refused_key_may_be_tried_again (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) refusal = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) second = NULL;

  g_assert_null (run_keyed (f, &REFUSED, f->lawyer, "a", "key", &refusal));
  g_assert_error (refusal, HJ_REFUSAL, HJ_REFUSAL_SLOT_TAKEN);
  second = run_keyed (f, &GOOD, f->lawyer, "a", "key", &error);
  g_assert_no_error (error);
}

typedef struct
{
  int heard;
  gboolean done;
  GError *error;
  json_t *answer;
  json_t *problem;
} Listener;

static void
hear (const HjActKind *kind, const HjActor *actor, const json_t *input, const json_t *answer,
    gpointer data)
{
  Listener *self = data;

  g_assert_cmpstr (json_string_value (json_object_get (answer, "done")), ==, "yes");
  self->heard++;
}

static void
came_home (GObject *source, GAsyncResult *result, gpointer data)
{
  Listener *self = data;

  self->answer = hj_acts_run_finish (result, &self->problem, &self->error);
  self->done = TRUE;
}

static void
run_async (Fixture *f, const HjActKind *kind, Listener *listener)
{
  g_clear_pointer (&listener->answer, json_decref);
  g_clear_pointer (&listener->problem, json_decref);
  g_clear_error (&listener->error);
  listener->done = FALSE;
  hj_acts_run_async (f->f.acts, kind, f->lawyer, NULL, NULL, came_home, listener);
  while (!listener->done)
    g_main_context_iteration (NULL, TRUE);
}

static void
watchers_hear_of_what_was_done (Fixture *f, gconstpointer data)
{
  Listener listener = { 0 };

  hj_acts_watch (f->f.acts, hear, &listener);
  run_async (f, &GOOD, &listener);
  g_assert_no_error (listener.error);
  g_assert_cmpint (listener.heard, ==, 1);
  run_async (f, &REFUSED, &listener);
  g_assert_error (listener.error, HJ_REFUSAL, HJ_REFUSAL_SLOT_TAKEN);
  g_assert_nonnull (json_object_get (listener.problem, "alternatives"));
  run_async (f, &READS, &listener);
  run_async (f, &LOOKS, &listener);
  g_assert_no_error (listener.error);
  g_assert_cmpint (listener.heard, ==, 1);
  json_decref (listener.answer);
}

#define FIXTURE(NAME, TEST) g_test_add ("/access/act/" NAME, Fixture, NULL, set_up, TEST, tear_down)

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  FIXTURE ("an act is done and recorded", an_act_is_done_and_recorded);
  FIXTURE ("a refusal leaves its entry alone", a_refusal_leaves_its_entry_alone);
  FIXTURE (
      "what a refusal does is kept with its entry", what_a_refusal_does_is_kept_with_its_entry);
  FIXTURE ("whoever may not is recorded too", whoever_may_not_is_recorded_too);
  FIXTURE ("who is not signed in leaves no entry", who_is_not_signed_in_leaves_no_entry);
  FIXTURE ("what breaks is no refusal", what_breaks_is_no_refusal);
  FIXTURE ("reading is recorded when it is personal", reading_is_recorded_when_it_is_personal);
  FIXTURE ("a repeated look is one entry a minute", a_repeated_look_is_one_entry_a_minute);
  FIXTURE ("without its entry no act", without_its_entry_no_act);
  FIXTURE ("a refusal that cannot be recorded is told to the operator",
      a_refusal_that_cannot_be_recorded_is_told_to_the_operator);
  FIXTURE ("the same key is the same act", the_same_key_is_the_same_act);
  FIXTURE ("a key is for one request of one account", a_key_is_for_one_request_of_one_account);
  FIXTURE ("a refused key may be tried again", a_refused_key_may_be_tried_again);
  FIXTURE ("watchers hear of what was done", watchers_hear_of_what_was_done);
  return g_test_run ();
}
