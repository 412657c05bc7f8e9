/* SPDX-License-Identifier: Apache-2.0 */
/* src/access/credentials.c and hasher.c: a password's way from the request to its act, over all three threads. */

#include "src/access/credentials.h"

#include "src/access/accounts.h"
#include "src/access/delays.h"
#include "src/access/hasher.h"
#include "src/access/password.h"
#include "src/access/sessions.h"
#include "tests/support/expect-log.h"
#include "tests/support/fixture.h"

#define PASSWORD "correct horse battery"

typedef struct
{
  gboolean done;
  json_t *answer;
  json_t *problem;
  GError *error;
} Outcome;

static void
clear_outcome (Outcome *self)
{
  json_decref (self->answer);
  json_decref (self->problem);
  g_clear_error (&self->error);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Outcome, clear_outcome)

static void
acted (GObject *source, GAsyncResult *result, gpointer data)
{
  Outcome *self = data;

  self->answer = hj_acts_run_finish (result, &self->problem, &self->error);
  self->done = TRUE;
}

static void
wait_for (gboolean *done)
{
  while (!*done)
    g_main_context_iteration (NULL, TRUE);
}

/* input: (transfer full). */
static void
run (HjFixture *f, const HjActKind *kind, HjActor *actor, json_t *input, const char *key,
    Outcome *ret)
{
  *ret = (Outcome){ 0 };
  hj_acts_run_async (f->acts, kind, actor, input, key, acted, ret);
  wait_for (&ret->done);
}

static json_t *
login_input (const char *name, const char *password)
{
  return json_pack (
      "{s:s, s:s, s:s}", "account", name, "password", password, "address", "192.0.2.7");
}

static const char *
add_account (HjFixture *f, const char *name)
{
  const char *id = hj_fixture_account (f, HJ_ROLE_ADMINISTRATOR, NULL, NULL, name);
  g_autofree char *hash = hj_password_hash (PASSWORD);
  g_autofree char *sql
      = g_strdup_printf ("UPDATE account SET password_hash = '%s' WHERE id = :id", hash);

  hj_fixture_sql (f, sql, id);
  return id;
}

static void
expect (const Outcome *outcome, HjRefusal refusal)
{
  g_assert_error (outcome->error, HJ_REFUSAL, (int)refusal);
  g_assert_null (outcome->answer);
}

static void
the_right_password_signs_in (HjFixture *f, gconstpointer data)
{
  g_autoptr (HjActor) nobody = hj_actor_new_nobody ();
  g_auto (Outcome) outcome = { 0 };
  g_auto (Outcome) wrong = { 0 };
  g_auto (Outcome) unknown = { 0 };
  g_auto (Outcome) none = { 0 };

  add_account (f, "admin");
  run (f, &hj_act_login, nobody, login_input ("Admin", PASSWORD), NULL, &outcome);
  g_assert_no_error (outcome.error);
  g_assert_nonnull (json_object_get (outcome.answer, "token"));
  run (f, &hj_act_login, nobody, login_input ("admin", PASSWORD "!"), NULL, &wrong);
  expect (&wrong, HJ_REFUSAL_LOGIN_FAILED);
  run (f, &hj_act_login, nobody, login_input ("nobody", PASSWORD), NULL, &unknown);
  expect (&unknown, HJ_REFUSAL_LOGIN_FAILED);
  run (f, &hj_act_login, nobody, json_pack ("{s:s, s:s}", "account", "admin", "address", "::1"),
      NULL, &none);
  expect (&none, HJ_REFUSAL_LOGIN_FAILED);
}

static void
a_password_leaves_no_trace_in_the_input (HjFixture *f, gconstpointer data)
{
  g_autoptr (HjActor) nobody = hj_actor_new_nobody ();
  g_autoptr (json_t) input = login_input ("admin", PASSWORD);
  g_autoptr (json_t) password = json_incref (json_object_get (input, "password"));
  g_auto (Outcome) outcome = { 0 };

  run (f, &hj_act_login, nobody, json_incref (input), NULL, &outcome);
  g_assert_null (json_object_get (input, "password"));
  g_assert_cmpmem (json_string_value (password), 4, "\0\0\0\0", 4);
}

static void
many_attempts_at_once_gain_nothing (HjFixture *f, gconstpointer data)
{
  g_autoptr (HjActor) nobody = hj_actor_new_nobody ();
  Outcome outcomes[HJ_DELAY_FREE_PER_ACCOUNT + 3] = { 0 };
  int failed = 0;
  int delayed = 0;

  add_account (f, "admin");
  for (gsize i = 0; i < G_N_ELEMENTS (outcomes); i++)
    hj_acts_run_async (f->acts, &hj_act_login, nobody,
        login_input ("admin", i + 1 < G_N_ELEMENTS (outcomes) ? "a wrong guess" : PASSWORD), NULL,
        acted, &outcomes[i]);
  for (gsize i = 0; i < G_N_ELEMENTS (outcomes); i++)
    {
      wait_for (&outcomes[i].done);
      failed += g_error_matches (outcomes[i].error, HJ_REFUSAL, HJ_REFUSAL_LOGIN_FAILED);
      delayed += g_error_matches (outcomes[i].error, HJ_REFUSAL, HJ_REFUSAL_LOGIN_DELAYED);
      clear_outcome (&outcomes[i]);
    }
  g_assert_cmpint (failed, ==, HJ_DELAY_FREE_PER_ACCOUNT);
  g_assert_cmpint (delayed, ==, 3);
}

static void
a_queue_that_is_full_refuses_at_once (HjFixture *f, gconstpointer data)
{
  g_autoptr (HjActor) nobody = hj_actor_new_nobody ();
  g_autofree Outcome *outcomes = g_new0 (Outcome, HJ_HASHER_MAX_WAITING + 8);
  int unavailable = 0;

  for (int i = 0; i < HJ_HASHER_MAX_WAITING + 8; i++)
    {
      g_autofree char *name = g_strdup_printf ("name-%d", i);
      g_autofree char *address = g_strdup_printf ("192.0.2.%d", i);

      hj_acts_run_async (f->acts, &hj_act_login, nobody,
          json_pack (
              "{s:s, s:s, s:s}", "account", name, "password", "a wrong guess", "address", address),
          NULL, acted, &outcomes[i]);
    }
  for (int i = 0; i < HJ_HASHER_MAX_WAITING + 8; i++)
    {
      wait_for (&outcomes[i].done);
      unavailable += g_error_matches (outcomes[i].error, HJ_REFUSAL, HJ_REFUSAL_UNAVAILABLE);
      clear_outcome (&outcomes[i]);
    }
  g_assert_cmpint (unavailable, >, 0);
}

static json_t *
account_input (const char *password)
{
  return json_pack ("{s:s, s:s, s:s, s:s, s:s}", "name", "sunjie", "display_name", "孙洁", "role",
      "supervisor", "scope", "all", "password", password);
}

static void
an_account_gets_the_password_it_was_made_with (HjFixture *f, gconstpointer data)
{
  HjActor *administrator = hj_fixture_actor (f, HJ_ROLE_ADMINISTRATOR, NULL, NULL);
  g_autoptr (HjActor) nobody = hj_actor_new_nobody ();
  g_auto (Outcome) made = { 0 };
  g_auto (Outcome) again = { 0 };
  g_auto (Outcome) other = { 0 };
  g_auto (Outcome) signed_in = { 0 };

  run (f, &hj_act_create_account, administrator, account_input (PASSWORD), "key-1", &made);
  g_assert_no_error (made.error);
  /* A repeated request is the first one, although its salt is new. */
  run (f, &hj_act_create_account, administrator, account_input (PASSWORD), "key-1", &again);
  g_assert_no_error (again.error);
  g_assert_true (json_equal (made.answer, again.answer));
  run (f, &hj_act_create_account, administrator, account_input (PASSWORD), "key-2", &other);
  expect (&other, HJ_REFUSAL_EXISTS);
  run (f, &hj_act_login, nobody, login_input ("sunjie", PASSWORD), NULL, &signed_in);
  g_assert_no_error (signed_in.error);
}

static void
weak_passwords_make_no_account (HjFixture *f, gconstpointer data)
{
  static const char *const WEAK[] = { "short", "password123", "sunjie12345", "" };
  HjActor *administrator = hj_fixture_actor (f, HJ_ROLE_ADMINISTRATOR, NULL, NULL);
  g_autofree char *longest = g_strnfill (HJ_PASSWORD_MAX_BYTES + 1, 'x');
  g_auto (Outcome) too_long = { 0 };

  for (gsize i = 0; i < G_N_ELEMENTS (WEAK); i++)
    {
      g_auto (Outcome) outcome = { 0 };

      run (f, &hj_act_create_account, administrator, account_input (WEAK[i]), NULL, &outcome);
      expect (&outcome, HJ_REFUSAL_PASSWORD_WEAK);
    }
  run (f, &hj_act_create_account, administrator, account_input (longest), NULL, &too_long);
  expect (&too_long, HJ_REFUSAL_PASSWORD_WEAK);
}

static void
changing_needs_the_current_password (HjFixture *f, gconstpointer data)
{
  const char *id = add_account (f, "admin");
  g_autoptr (HjActor) actor = hj_actor_new (id, HJ_ROLE_ADMINISTRATOR, NULL, NULL, TRUE);
  g_autoptr (HjActor) nobody = hj_actor_new_nobody ();
  g_auto (Outcome) wrong = { 0 };
  g_auto (Outcome) weak = { 0 };
  g_auto (Outcome) changed = { 0 };
  g_auto (Outcome) before = { 0 };
  g_auto (Outcome) after = { 0 };

  run (f, &hj_act_change_password, actor,
      json_pack ("{s:s, s:s}", "current", "a wrong guess", "new", "staple the horse"), NULL,
      &wrong);
  expect (&wrong, HJ_REFUSAL_LOGIN_FAILED);
  run (f, &hj_act_change_password, actor,
      json_pack ("{s:s, s:s}", "current", PASSWORD, "new", "admin12345"), NULL, &weak);
  expect (&weak, HJ_REFUSAL_PASSWORD_WEAK);
  run (f, &hj_act_change_password, actor,
      json_pack ("{s:s, s:s}", "current", PASSWORD, "new", "staple the horse"), NULL, &changed);
  g_assert_no_error (changed.error);
  run (f, &hj_act_login, nobody, login_input ("admin", PASSWORD), NULL, &before);
  expect (&before, HJ_REFUSAL_LOGIN_FAILED);
  run (f, &hj_act_login, nobody, login_input ("admin", "staple the horse"), NULL, &after);
  g_assert_no_error (after.error);
}

static void
an_administrator_sets_a_password (HjFixture *f, gconstpointer data)
{
  HjActor *administrator = hj_fixture_actor (f, HJ_ROLE_ADMINISTRATOR, NULL, NULL);
  g_autoptr (HjActor) nobody = hj_actor_new_nobody ();
  const char *id = add_account (f, "sunjie");
  g_auto (Outcome) weak = { 0 };
  g_auto (Outcome) set = { 0 };
  g_auto (Outcome) missing = { 0 };
  g_auto (Outcome) signed_in = { 0 };

  run (f, &hj_act_set_password, administrator,
      json_pack ("{s:s, s:s}", "id", id, "new", "sunjie12345"), NULL, &weak);
  expect (&weak, HJ_REFUSAL_PASSWORD_WEAK);
  run (f, &hj_act_set_password, administrator, json_pack ("{s:s}", "id", id), NULL, &missing);
  expect (&missing, HJ_REFUSAL_PASSWORD_WEAK);
  run (f, &hj_act_set_password, administrator,
      json_pack ("{s:s, s:s}", "id", id, "new", "staple the horse"), NULL, &set);
  g_assert_no_error (set.error);
  run (f, &hj_act_login, nobody, login_input ("sunjie", "staple the horse"), NULL, &signed_in);
  g_assert_no_error (signed_in.error);
}

static void
who_may_not_is_refused_whatever_the_password (HjFixture *f, gconstpointer data)
{
  HjActor *desk = hj_fixture_actor (f, HJ_ROLE_DESK, NULL, hj_fixture_centre (f));
  g_auto (Outcome) strong = { 0 };
  g_auto (Outcome) weak = { 0 };

  run (f, &hj_act_create_account, desk, account_input (PASSWORD), NULL, &strong);
  expect (&strong, HJ_REFUSAL_NOT_FOUND);
  run (f, &hj_act_create_account, desk, account_input ("weak"), NULL, &weak);
  expect (&weak, HJ_REFUSAL_NOT_FOUND);
}

static void
found (GObject *source, GAsyncResult *result, gpointer data)
{
  HjSession **session = data;
  g_autoptr (GError) error = NULL;

  *session = hj_session_find_finish (result, &error);
  g_assert_no_error (error);
}

static void
a_session_is_found_from_control (HjFixture *f, gconstpointer data)
{
  g_autoptr (HjActor) nobody = hj_actor_new_nobody ();
  const char *id = add_account (f, "admin");
  g_autoptr (HjSession) session = NULL;
  g_auto (Outcome) outcome = { 0 };

  run (f, &hj_act_login, nobody, login_input ("admin", PASSWORD), NULL, &outcome);
  hj_session_find_async (
      f->acts, json_string_value (json_object_get (outcome.answer, "token")), found, &session);
  while (session == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (hj_actor_get_id (session->actor), ==, id);
}

#define FIXTURE(NAME, TEST)                                                                        \
  g_test_add (                                                                                     \
      "/access/credentials/" NAME, HjFixture, NULL, hj_fixture_set_up, TEST, hj_fixture_tear_down)

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  FIXTURE ("the right password signs in", the_right_password_signs_in);
  FIXTURE ("a password leaves no trace in the input", a_password_leaves_no_trace_in_the_input);
  FIXTURE ("many attempts at once gain nothing", many_attempts_at_once_gain_nothing);
  FIXTURE ("a queue that is full refuses at once", a_queue_that_is_full_refuses_at_once);
  FIXTURE ("an account gets the password it was made with",
      an_account_gets_the_password_it_was_made_with);
  FIXTURE ("weak passwords make no account", weak_passwords_make_no_account);
  FIXTURE ("changing needs the current password", changing_needs_the_current_password);
  FIXTURE ("an administrator sets a password", an_administrator_sets_a_password);
  FIXTURE (
      "who may not is refused whatever the password", who_may_not_is_refused_whatever_the_password);
  FIXTURE ("a session is found from control", a_session_is_found_from_control);
  return g_test_run ();
}
