/* SPDX-License-Identifier: Apache-2.0 */
/* src/access/tickets.c: a ticket is for one's own booking, once, for a minute. */

#include "src/access/tickets.h"

#include "tests/support/expect-log.h"
#include "tests/support/fixture.h"

typedef struct
{
  HjFixture f;
  const char *lawyer;
  const char *booking;
  HjActor *actor;
  HjActor *supervisor;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  const char *centre;
  const char *authority;

  hj_fixture_set_up (&f->f, NULL);
  centre = hj_fixture_centre (&f->f);
  f->lawyer = hj_fixture_lawyer (&f->f);
  authority = hj_fixture_authority (&f->f, f->lawyer, hj_fixture_detainee (&f->f, centre));
  f->booking = hj_fixture_booking (
      &f->f, authority, hj_fixture_room (&f->f, centre), HJ_FIXTURE_NOW_US, "CONFIRMED");
  f->actor = hj_fixture_actor (&f->f, HJ_ROLE_LAWYER, f->lawyer, NULL);
  f->supervisor = hj_fixture_actor (&f->f, HJ_ROLE_SUPERVISOR, NULL, centre);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  hj_fixture_tear_down (&f->f, NULL);
}

/* Returns: (transfer full): the ticket. */
static char *
ask (Fixture *f, HjActor *actor, json_t *input)
{
  g_autoptr (json_t) answer = hj_fixture_act (&f->f, &hj_act_ticket, actor, input);

  g_assert_cmpint (json_integer_value (json_object_get (answer, "expires_at_us")), ==,
      hj_time_now (f->f.time) + HJ_TICKET_LIFE_US);
  return g_strdup (json_string_value (json_object_get (answer, "ticket")));
}

static char *
ask_to_join (Fixture *f)
{
  return ask (f, f->actor, json_pack ("{s:s, s:s}", "purpose", "join", "booking", f->booking));
}

static HjCaller *
take (Fixture *f, const char *ticket)
{
  g_autoptr (GError) error = NULL;
  HjCaller *caller = hj_ticket_take (f->f.store, ticket, hj_time_now (f->f.time), &error);

  if (caller == NULL)
    g_assert_error (error, HJ_REFUSAL, HJ_REFUSAL_TOKEN);
  return caller;
}

static void
not_taken (Fixture *f, const char *ticket)
{
  g_autoptr (HjCaller) caller = take (f, ticket);

  g_assert_null (caller);
}

static void
a_lawyer_joins_once (Fixture *f, gconstpointer data)
{
  g_autofree char *ticket = ask_to_join (f);
  g_autoptr (HjCaller) caller = take (f, ticket);

  g_assert_cmpstr (hj_actor_get_id (caller->actor), ==, hj_actor_get_id (f->actor));
  g_assert_cmpstr (hj_actor_get_lawyer (caller->actor), ==, f->lawyer);
  g_assert_cmpstr (caller->purpose, ==, "join");
  g_assert_cmpstr (caller->booking, ==, f->booking);
  g_assert_nonnull (caller->name);
  not_taken (f, ticket);
}

static void
a_supervisor_follows (Fixture *f, gconstpointer data)
{
  g_autofree char *ticket = ask (f, f->supervisor, json_pack ("{s:s}", "purpose", "follow"));
  g_autoptr (HjCaller) caller = take (f, ticket);

  g_assert_cmpint (hj_actor_get_role (caller->actor), ==, HJ_ROLE_SUPERVISOR);
  g_assert_cmpstr (caller->purpose, ==, "follow");
  g_assert_null (caller->booking);
}

static void
anothers_booking_is_as_unknown_as_none (Fixture *f, gconstpointer data)
{
  HjActor *other = hj_fixture_actor (&f->f, HJ_ROLE_LAWYER, hj_fixture_lawyer (&f->f), NULL);

  hj_fixture_refused (&f->f, &hj_act_ticket, other,
      json_pack ("{s:s, s:s}", "purpose", "join", "booking", f->booking), HJ_REFUSAL_NOT_FOUND);
  hj_fixture_refused (&f->f, &hj_act_ticket, other,
      json_pack ("{s:s, s:s}", "purpose", "join", "booking", "aaaaaaaaaaaaaaaaaaaaaaaaaa"),
      HJ_REFUSAL_NOT_FOUND);
  /* The attempt stands in the booking's record. */
  g_assert_cmpint (hj_fixture_count (&f->f,
                       "SELECT COUNT (*) FROM audit_entry WHERE booking = :id AND act = 'ticket' "
                       "AND result = 'refused'",
                       f->booking),
      ==, 1);
}

static void
purposes_belong_to_roles (Fixture *f, gconstpointer data)
{
  HjActor *desk = hj_fixture_actor (&f->f, HJ_ROLE_DESK, NULL, hj_fixture_centre (&f->f));
  const HjActKind *kind = &hj_act_ticket;

  hj_fixture_refused (
      &f->f, kind, f->actor, json_pack ("{s:s}", "purpose", "follow"), HJ_REFUSAL_INVALID);
  hj_fixture_refused (&f->f, kind, f->supervisor,
      json_pack ("{s:s, s:s}", "purpose", "join", "booking", f->booking), HJ_REFUSAL_INVALID);
  hj_fixture_refused (
      &f->f, kind, f->actor, json_pack ("{s:s}", "purpose", "listen"), HJ_REFUSAL_INVALID);
  hj_fixture_refused (
      &f->f, kind, f->actor, json_pack ("{s:s}", "purpose", "join"), HJ_REFUSAL_INVALID);
  hj_fixture_refused (&f->f, kind, f->actor, NULL, HJ_REFUSAL_INVALID);
  hj_fixture_refused (
      &f->f, kind, desk, json_pack ("{s:s}", "purpose", "follow"), HJ_REFUSAL_NOT_FOUND);
}

static void
a_ticket_lives_for_a_minute (Fixture *f, gconstpointer data)
{
  g_autofree char *first = ask_to_join (f);
  g_autofree char *second = ask_to_join (f);
  g_autoptr (HjCaller) caller = NULL;

  hj_fixture_advance (&f->f, HJ_TICKET_LIFE_US - 1);
  caller = take (f, first);
  g_assert_nonnull (caller);
  hj_fixture_advance (&f->f, 1);
  not_taken (f, second);
}

static void
disabled_and_unknown_are_one_answer (Fixture *f, gconstpointer data)
{
  g_autofree char *ticket = ask_to_join (f);

  hj_fixture_sql (
      &f->f, "UPDATE account SET state = 'disabled' WHERE id = :id", hj_actor_get_id (f->actor));
  not_taken (f, ticket);
  not_taken (f, "");
  not_taken (f, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
}

static void
only_the_hash_is_stored (Fixture *f, gconstpointer data)
{
  g_autofree char *ticket = ask_to_join (f);

  g_assert_cmpint (
      hj_fixture_count (&f->f, "SELECT COUNT (*) FROM ticket WHERE token_hash = :id", ticket), ==,
      0);
  g_assert_cmpint (hj_fixture_count (&f->f, "SELECT COUNT (*) FROM ticket", NULL), ==, 1);
}

static void
taking_is_recorded_as_hello (Fixture *f, gconstpointer data)
{
  g_autofree char *ticket = ask_to_join (f);
  g_autoptr (HjCaller) caller = take (f, ticket);

  g_assert_cmpint (hj_fixture_entries (&f->f, "ticket", "done"), ==, 1);
  g_assert_cmpint (hj_fixture_count (&f->f,
                       "SELECT COUNT (*) FROM audit_entry WHERE act = 'hello' AND actor = :id",
                       hj_actor_get_id (f->actor)),
      ==, 1);
}

/* The answer that is kept for a repeated request must not hold the ticket. */
static void
a_repeated_request_gets_no_second_ticket (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) input = json_pack ("{s:s, s:s}", "purpose", "join", "booking", f->booking);
  g_autoptr (json_t) first
      = hj_acts_run (f->f.acts, &hj_act_ticket, f->actor, input, "key", NULL, &error);
  g_autoptr (json_t) second = NULL;

  g_assert_no_error (error);
  second = hj_acts_run (f->f.acts, &hj_act_ticket, f->actor, input, "key", NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (json_object_get (first, "ticket"));
  g_assert_null (json_object_get (second, "ticket"));
  g_assert_cmpint (hj_fixture_count (&f->f, "SELECT COUNT (*) FROM ticket", NULL), ==, 1);
}

static void
taken (GObject *source, GAsyncResult *result, gpointer data)
{
  HjCaller **caller = data;
  g_autoptr (GError) error = NULL;

  *caller = hj_ticket_take_finish (result, &error);
  if (*caller == NULL)
    g_assert_error (error, HJ_REFUSAL, HJ_REFUSAL_TOKEN);
}

static void
a_ticket_is_taken_from_control (Fixture *f, gconstpointer data)
{
  g_autofree char *ticket = ask_to_join (f);
  g_autoptr (HjCaller) first = NULL;
  g_autoptr (HjCaller) second = NULL;

  hj_ticket_take_async (f->f.acts, ticket, taken, &first);
  hj_ticket_take_async (f->f.acts, ticket, taken, &second);
  hj_store_drain (f->f.store);
  g_assert_cmpstr (first->booking, ==, f->booking);
  g_assert_null (second);
}

#define FIXTURE(NAME, TEST)                                                                        \
  g_test_add ("/access/tickets/" NAME, Fixture, NULL, set_up, TEST, tear_down)

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  FIXTURE ("a lawyer joins once", a_lawyer_joins_once);
  FIXTURE ("a supervisor follows", a_supervisor_follows);
  FIXTURE ("another's booking is as unknown as none", anothers_booking_is_as_unknown_as_none);
  FIXTURE ("purposes belong to roles", purposes_belong_to_roles);
  FIXTURE ("a ticket lives for a minute", a_ticket_lives_for_a_minute);
  FIXTURE ("disabled and unknown are one answer", disabled_and_unknown_are_one_answer);
  FIXTURE ("only the hash is stored", only_the_hash_is_stored);
  FIXTURE ("taking is recorded as hello", taking_is_recorded_as_hello);
  FIXTURE ("a repeated request gets no second ticket", a_repeated_request_gets_no_second_ticket);
  FIXTURE ("a ticket is taken from control", a_ticket_is_taken_from_control);
  return g_test_run ();
}
