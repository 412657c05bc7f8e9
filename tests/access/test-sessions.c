/* SPDX-License-Identifier: Apache-2.0 */
/* src/access/sessions.c: signing in, staying in, and every way out. */

#include "src/access/sessions.h"

#include "src/access/accounts.h"
#include "src/access/credentials.h"
#include "src/access/delays.h"
#include "src/base/ids.h"
#include "tests/support/expect-log.h"
#include "tests/support/fixture.h"

#define ADDRESS "192.0.2.7"

/* The hash in these tests is a word: hashing itself is another test's matter. */
static const HjCredential RIGHT = { .verified = TRUE, .checked_hash = (char *)"-" };
static const HjCredential WRONG = { .verified = FALSE, .checked_hash = (char *)"-" };
static const HjCredential OUTDATED = { .verified = TRUE, .checked_hash = (char *)"older" };

static json_t *
try_login (HjFixture *f, const char *name, const char *address, const HjCredential *credential,
    json_t **problem, GError **error)
{
  g_autoptr (HjActor) nobody = hj_actor_new_nobody ();
  g_autoptr (json_t) input = json_pack ("{s:s, s:s}", "account", name, "address", address);

  return hj_acts_run_with (f->acts, &hj_act_login, nobody, input, NULL, credential, problem, error);
}

static void
refused (HjFixture *f, const char *name, const HjCredential *credential, HjRefusal refusal)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) answer = try_login (f, name, ADDRESS, credential, NULL, &error);

  g_assert_error (error, HJ_REFUSAL, (int)refusal);
  g_assert_null (answer);
}

/* Returns: (transfer full): the token. */
static char *
login (HjFixture *f, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) answer = try_login (f, name, ADDRESS, &RIGHT, NULL, &error);

  g_assert_no_error (error);
  return g_strdup (json_string_value (json_object_get (answer, "token")));
}

static HjSession *
find (HjFixture *f, const char *token)
{
  g_autoptr (GError) error = NULL;
  HjSession *session = hj_session_find (f->store, token, hj_time_now (f->time), &error);

  if (session == NULL)
    g_assert_error (error, HJ_REFUSAL, HJ_REFUSAL_SIGN_IN);
  return session;
}

static gboolean
holds (HjFixture *f, const char *token)
{
  g_autoptr (HjSession) session = find (f, token);

  return session != NULL;
}

static void
login_makes_a_session_and_says_who_one_is (HjFixture *f, gconstpointer data)
{
  const char *lawyer = hj_fixture_lawyer (f);
  const char *account = hj_fixture_account (f, HJ_ROLE_LAWYER, lawyer, NULL, "wang");
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) answer = try_login (f, "WANG", ADDRESS, &RIGHT, NULL, &error);
  const char *token = json_string_value (json_object_get (answer, "token"));
  json_t *me = json_object_get (answer, "me");
  json_t *described = json_object_get (me, "account");
  g_autoptr (HjSession) session = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (json_string_value (json_object_get (described, "id")), ==, account);
  g_assert_cmpstr (json_string_value (json_object_get (described, "role")), ==, "lawyer");
  g_assert_cmpstr (
      json_string_value (json_object_get (json_object_get (described, "lawyer"), "id")), ==,
      lawyer);
  g_assert_null (json_object_get (described, "password_hash"));
  g_assert_cmpuint (json_array_size (json_object_get (me, "rights")), >, 5);
  g_assert_cmpint (json_integer_value (json_object_get (me, "expires_at_us")), ==,
      HJ_FIXTURE_NOW_US + HJ_SESSION_IDLE_US);
  session = find (f, token);
  g_assert_cmpstr (hj_actor_get_id (session->actor), ==, account);
  g_assert_cmpstr (hj_actor_get_lawyer (session->actor), ==, lawyer);
  g_assert_cmpstr (session->display_name, ==, "wang");
  g_assert_cmpint (hj_fixture_entries (f, "login", "done"), ==, 1);
}

static void
staff_come_with_their_centres (HjFixture *f, gconstpointer data)
{
  const char *mine = hj_fixture_centre (f);
  const char *other = hj_fixture_centre (f);
  g_autofree char *desk = NULL;
  g_autofree char *everywhere = NULL;
  g_autoptr (HjSession) session = NULL;
  g_autoptr (HjSession) all = NULL;
  g_autoptr (json_t) me = NULL;

  hj_fixture_account (f, HJ_ROLE_DESK, NULL, mine, "desk");
  hj_fixture_account (f, HJ_ROLE_SUPERVISOR, NULL, NULL, "everywhere");
  desk = login (f, "desk");
  everywhere = login (f, "everywhere");
  session = find (f, desk);
  all = find (f, everywhere);
  g_assert_true (hj_actor_has_centre (session->actor, mine));
  g_assert_false (hj_actor_has_centre (session->actor, other));
  g_assert_true (hj_actor_has_centre (all->actor, other));
  me = hj_fixture_act (f, &hj_act_me, all->actor, NULL);
  g_assert_cmpuint (
      json_array_size (json_object_get (json_object_get (me, "account"), "centres")), ==, 2);
}

static void
only_the_hash_of_a_token_is_stored (HjFixture *f, gconstpointer data)
{
  g_autofree char *token = NULL;
  g_autofree char *hash = NULL;

  hj_fixture_account (f, HJ_ROLE_SUPERVISOR, NULL, NULL, "sun");
  token = login (f, "sun");
  hash = hj_sha256_hex (token);
  g_assert_cmpuint (strlen (token), ==, 43);
  g_assert_cmpstr (hj_fixture_text (f, "SELECT token_hash FROM session", NULL), ==, hash);
}

static void
unknown_wrong_disabled_and_outdated_are_one_answer (HjFixture *f, gconstpointer data)
{
  g_autoptr (HjActor) nobody = hj_actor_new_nobody ();

  hj_fixture_account (f, HJ_ROLE_SUPERVISOR, NULL, NULL, "sun");
  hj_fixture_sql (f, "UPDATE account SET state = 'disabled' WHERE id = :id",
      hj_fixture_account (f, HJ_ROLE_SUPERVISOR, NULL, NULL, "gone"));
  refused (f, "nobody-here", &RIGHT, HJ_REFUSAL_LOGIN_FAILED);
  refused (f, "sun", &WRONG, HJ_REFUSAL_LOGIN_FAILED);
  refused (f, "gone", &RIGHT, HJ_REFUSAL_LOGIN_FAILED);
  refused (f, "sun", &OUTDATED, HJ_REFUSAL_LOGIN_FAILED);
  refused (f, "sun", NULL, HJ_REFUSAL_LOGIN_FAILED);
  /* What a request says about its own password is nothing. */
  hj_fixture_refused (f, &hj_act_login, nobody,
      json_pack ("{s:s, s:s, s:b, s:s}", "account", "sun", "address", ADDRESS, "verified", 1,
          "checked_hash", "-"),
      HJ_REFUSAL_LOGIN_FAILED);
  g_assert_cmpint (hj_fixture_entries (f, "login", "refused"), ==, 6);
  g_assert_cmpint (hj_fixture_count (f, "SELECT COUNT (*) FROM session", NULL), ==, 0);
}

static void
the_audit_knows_the_account_but_no_typed_name (HjFixture *f, gconstpointer data)
{
  const char *account = hj_fixture_account (f, HJ_ROLE_SUPERVISOR, NULL, NULL, "sun");

  refused (f, "my-password-by-mistake", &WRONG, HJ_REFUSAL_LOGIN_FAILED);
  refused (f, "sun", &WRONG, HJ_REFUSAL_LOGIN_FAILED);
  g_assert_cmpint (hj_fixture_count (f,
                       "SELECT COUNT (*) FROM audit_entry WHERE object LIKE '%mistake%' OR detail "
                       "LIKE '%mistake%'",
                       NULL),
      ==, 0);
  g_assert_cmpint (
      hj_fixture_count (
          f, "SELECT COUNT (*) FROM audit_entry WHERE object = 'account:' || :id", account),
      ==, 1);
}

static void
a_login_lacks_a_member (HjFixture *f, gconstpointer data)
{
  g_autoptr (HjActor) nobody = hj_actor_new_nobody ();

  hj_fixture_refused (f, &hj_act_login, nobody, NULL, HJ_REFUSAL_INVALID);
  hj_fixture_refused (
      f, &hj_act_login, nobody, json_pack ("{s:s}", "account", "sun"), HJ_REFUSAL_INVALID);
  hj_fixture_refused (f, &hj_act_login, nobody,
      json_pack ("{s:i, s:s}", "account", 5, "address", ADDRESS), HJ_REFUSAL_INVALID);
}

static void
a_session_ends_after_idle_minutes (HjFixture *f, gconstpointer data)
{
  g_autofree char *token = NULL;

  hj_fixture_account (f, HJ_ROLE_SUPERVISOR, NULL, NULL, "sun");
  token = login (f, "sun");
  hj_fixture_advance (f, HJ_SESSION_IDLE_US - 1);
  g_assert_true (holds (f, token));
  hj_fixture_advance (f, HJ_SESSION_IDLE_US - 1);
  g_assert_true (holds (f, token));
  hj_fixture_advance (f, HJ_SESSION_IDLE_US);
  g_assert_false (holds (f, token));
}

static void
a_session_ends_after_its_life (HjFixture *f, gconstpointer data)
{
  g_autofree char *token = NULL;
  gint64 end = HJ_FIXTURE_NOW_US + HJ_SESSION_LIFE_US;

  hj_fixture_account (f, HJ_ROLE_SUPERVISOR, NULL, NULL, "sun");
  token = login (f, "sun");
  while (hj_time_now (f->time) < end - 20 * HJ_MINUTE_US)
    {
      hj_fixture_advance (f, 20 * HJ_MINUTE_US);
      g_assert_true (holds (f, token));
    }
  hj_time_set (f->time, end - 1);
  g_assert_true (holds (f, token));
  hj_time_set (f->time, end);
  g_assert_false (holds (f, token));
}

static void
being_seen_is_written_once_a_minute (HjFixture *f, gconstpointer data)
{
  static const char SEEN[] = "SELECT seen_at_us FROM session";
  g_autofree char *token = NULL;

  hj_fixture_account (f, HJ_ROLE_SUPERVISOR, NULL, NULL, "sun");
  token = login (f, "sun");
  hj_fixture_advance (f, HJ_MINUTE_US - 1);
  g_assert_true (holds (f, token));
  g_assert_cmpint (hj_fixture_count (f, SEEN, NULL), ==, HJ_FIXTURE_NOW_US);
  hj_fixture_advance (f, 1);
  g_assert_true (holds (f, token));
  g_assert_cmpint (hj_fixture_count (f, SEEN, NULL), ==, HJ_FIXTURE_NOW_US + HJ_MINUTE_US);
}

static void
unknown_tokens_are_nobodys (HjFixture *f, gconstpointer data)
{
  g_assert_false (holds (f, ""));
  g_assert_false (holds (f, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"));
}

static void
logout_ends_this_session_alone (HjFixture *f, gconstpointer data)
{
  g_autofree char *here = NULL;
  g_autofree char *there = NULL;
  g_autoptr (HjSession) session = NULL;
  g_autoptr (json_t) answer = NULL;

  hj_fixture_account (f, HJ_ROLE_SUPERVISOR, NULL, NULL, "sun");
  here = login (f, "sun");
  there = login (f, "sun");
  session = find (f, here);
  answer = hj_fixture_act (f, &hj_act_logout, session->actor, NULL);
  g_assert_false (holds (f, here));
  g_assert_true (holds (f, there));
  g_assert_cmpint (hj_fixture_entries (f, "logout", "done"), ==, 1);
  /* The act was on its way when the session ended. */
  hj_fixture_refused (f, &hj_act_me, session->actor, NULL, HJ_REFUSAL_SIGN_IN);
  g_assert_cmpint (hj_fixture_entries (f, "me", "refused"), ==, 0);
}

static void
disabling_ends_every_session_at_once (HjFixture *f, gconstpointer data)
{
  HjActor *administrator = hj_fixture_actor (f, HJ_ROLE_ADMINISTRATOR, NULL, NULL);
  const char *account = hj_fixture_account (f, HJ_ROLE_SUPERVISOR, NULL, NULL, "sun");
  g_autofree char *first = login (f, "sun");
  g_autofree char *second = login (f, "sun");
  g_autoptr (HjSession) session = find (f, first);
  g_autoptr (json_t) answer = NULL;

  answer = hj_fixture_act (f, &hj_act_update_account, administrator,
      json_pack ("{s:s, s:s}", "id", account, "state", "disabled"));
  g_assert_false (holds (f, first));
  g_assert_false (holds (f, second));
  hj_fixture_refused (f, &hj_act_me, session->actor, NULL, HJ_REFUSAL_SIGN_IN);
  refused (f, "sun", &RIGHT, HJ_REFUSAL_LOGIN_FAILED);
}

/* As the test above, but the row is still there: the account's state alone decides. */
static void
a_session_of_a_disabled_account_does_not_hold (HjFixture *f, gconstpointer data)
{
  const char *account = hj_fixture_account (f, HJ_ROLE_SUPERVISOR, NULL, NULL, "sun");
  g_autofree char *token = login (f, "sun");
  g_autoptr (HjSession) session = find (f, token);

  hj_fixture_sql (f, "UPDATE account SET state = 'disabled' WHERE id = :id", account);
  g_assert_false (holds (f, token));
  hj_fixture_refused (f, &hj_act_me, session->actor, NULL, HJ_REFUSAL_SIGN_IN);
}

#define FIXTURE(NAME, TEST)                                                                        \
  g_test_add (                                                                                     \
      "/access/sessions/" NAME, HjFixture, NULL, hj_fixture_set_up, TEST, hj_fixture_tear_down)

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  FIXTURE ("login makes a session and says who one is", login_makes_a_session_and_says_who_one_is);
  FIXTURE ("staff come with their centres", staff_come_with_their_centres);
  FIXTURE ("only the hash of a token is stored", only_the_hash_of_a_token_is_stored);
  FIXTURE ("unknown, wrong, disabled and outdated are one answer",
      unknown_wrong_disabled_and_outdated_are_one_answer);
  FIXTURE ("the audit knows the account but no typed name",
      the_audit_knows_the_account_but_no_typed_name);
  FIXTURE ("a login that lacks a member is refused", a_login_lacks_a_member);
  FIXTURE ("a session ends after idle minutes", a_session_ends_after_idle_minutes);
  FIXTURE ("a session ends after its life", a_session_ends_after_its_life);
  FIXTURE ("being seen is written once a minute", being_seen_is_written_once_a_minute);
  FIXTURE ("unknown tokens are nobody's", unknown_tokens_are_nobodys);
  FIXTURE ("logout ends this session alone", logout_ends_this_session_alone);
  FIXTURE ("disabling ends every session at once", disabling_ends_every_session_at_once);
  FIXTURE ("a session of a disabled account does not hold",
      a_session_of_a_disabled_account_does_not_hold);
  return g_test_run ();
}
