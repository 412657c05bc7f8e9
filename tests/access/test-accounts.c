/* SPDX-License-Identifier: Apache-2.0 */
/* src/access/accounts.c and account-passwords.c: who manages whom, and what an account can be. */

#include "src/access/accounts.h"

#include "src/access/credentials.h"
#include "src/access/sessions.h"
#include "src/base/ids.h"
#include "tests/support/expect-log.h"
#include "tests/support/fixture.h"

typedef struct
{
  HjFixture f;
  const char *centre;
  const char *other;
  HjActor *all;  /* an administrator of everything */
  HjActor *mine; /* of the centre alone */
} Fixture;

static const HjCredential STRONG = { .new_hash = (char *)"-" };
static const HjCredential WEAK = { 0 };

static void
set_up (Fixture *f, gconstpointer data)
{
  hj_fixture_set_up (&f->f, NULL);
  f->centre = hj_fixture_centre (&f->f);
  f->other = hj_fixture_centre (&f->f);
  f->all = hj_fixture_actor (&f->f, HJ_ROLE_ADMINISTRATOR, NULL, NULL);
  f->mine = hj_fixture_actor (&f->f, HJ_ROLE_ADMINISTRATOR, NULL, f->centre);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  hj_fixture_tear_down (&f->f, NULL);
}

/* input: (transfer full). Returns: (transfer full) (nullable): the answer; refusal: -1 for none. */
static json_t *
run (Fixture *f, const HjActKind *kind, HjActor *actor, json_t *input,
    const HjCredential *credential, int refusal)
{
  g_autoptr (json_t) owned = input;
  g_autoptr (GError) error = NULL;
  json_t *answer = hj_acts_run_with (f->f.acts, kind, actor, owned, NULL, credential, NULL, &error);

  if (refusal < 0)
    g_assert_no_error (error);
  else
    g_assert_error (error, HJ_REFUSAL, refusal);
  return answer;
}

static void
refused (Fixture *f, HjActor *actor, json_t *input, HjRefusal refusal)
{
  g_autoptr (json_t) answer = run (f, &hj_act_create_account, actor, input, &STRONG, (int)refusal);

  g_assert_null (answer);
}

static json_t *
staff (const char *name, const char *role, const char *centre)
{
  json_t *input = json_pack ("{s:s, s:s, s:s}", "name", name, "display_name", "李明", "role", role);

  if (centre != NULL)
    json_object_set_new (input, "centres", json_pack ("[s]", centre));
  else
    json_object_set_new (input, "scope", json_string ("all"));
  return input;
}

static json_t *
with (json_t *input, const char *key, json_t *value)
{
  json_object_set_new (input, key, value);
  return input;
}

static char *
create (Fixture *f, HjActor *actor, json_t *input)
{
  g_autoptr (json_t) answer = run (f, &hj_act_create_account, actor, input, &STRONG, -1);

  return g_strdup (json_string_value (json_object_get (answer, "id")));
}

static json_t *
update (Fixture *f, HjActor *actor, const char *id, const char *key, json_t *value, int refusal)
{
  return run (f, &hj_act_update_account, actor, with (json_pack ("{s:s}", "id", id), key, value),
      NULL, refusal);
}

static void
not_updated (
    Fixture *f, HjActor *actor, const char *id, const char *key, json_t *value, HjRefusal refusal)
{
  g_autoptr (json_t) answer = update (f, actor, id, key, value, (int)refusal);

  g_assert_null (answer);
}

static gboolean
sees (Fixture *f, HjActor *actor, const char *id)
{
  g_autoptr (json_t) answer = hj_fixture_act (&f->f, &hj_act_list_accounts, actor, NULL);
  gsize i;
  json_t *account;

  json_array_foreach (json_object_get (answer, "accounts"), i, account)
  {
    g_assert_null (json_object_get (account, "password_hash"));
    if (g_str_equal (json_string_value (json_object_get (account, "id")), id))
      return TRUE;
  }
  return FALSE;
}

static void
an_account_is_answered_as_it_was_made (Fixture *f, gconstpointer data)
{
  g_autoptr (json_t) answer
      = run (f, &hj_act_create_account, f->all, staff ("liming", "desk", f->centre), &STRONG, -1);
  const json_t *centre = json_array_get (json_object_get (answer, "centres"), 0);

  g_assert_cmpstr (json_string_value (json_object_get (answer, "name")), ==, "liming");
  g_assert_cmpstr (json_string_value (json_object_get (answer, "display_name")), ==, "李明");
  g_assert_cmpstr (json_string_value (json_object_get (answer, "role")), ==, "desk");
  g_assert_cmpstr (json_string_value (json_object_get (answer, "scope")), ==, "centres");
  g_assert_cmpstr (json_string_value (json_object_get (answer, "state")), ==, "active");
  g_assert_true (json_is_null (json_object_get (answer, "lawyer")));
  g_assert_cmpstr (json_string_value (json_object_get (centre, "id")), ==, f->centre);
  g_assert_cmpint (hj_fixture_entries (&f->f, "create-account", "done"), ==, 1);
}

static void
members_must_be_right (Fixture *f, gconstpointer data)
{
  static const char *const NAMES[] = { "x", "李明", "Liming", "li ming", "-liming", ".x", "" };
  static const char *const ROLES[] = { "janitor", "kiosk", "operator", "machine", "nobody" };

  for (gsize i = 0; i < G_N_ELEMENTS (NAMES); i++)
    refused (f, f->all, staff (NAMES[i], "desk", f->centre), HJ_REFUSAL_INVALID);
  for (gsize i = 0; i < G_N_ELEMENTS (ROLES); i++)
    refused (f, f->all, staff ("liming", ROLES[i], f->centre), HJ_REFUSAL_INVALID);
  refused (f, f->all, staff ("liming", "desk", NULL), HJ_REFUSAL_INVALID);
  refused (f, f->all, staff ("liming", "desk", "x"), HJ_REFUSAL_INVALID);
  refused (f, f->all, staff ("liming", "desk", "aaaaaaaaaaaaaaaaaaaaaaaaaa"), HJ_REFUSAL_NOT_FOUND);
  refused (f, f->all, with (staff ("liming", "desk", f->centre), "centres", json_array ()),
      HJ_REFUSAL_INVALID);
  refused (f, f->all,
      with (staff ("liming", "desk", f->centre), "centres",
          json_pack ("[s, s]", f->centre, f->centre)),
      HJ_REFUSAL_INVALID);
  refused (f, f->all, with (staff ("liming", "desk", f->centre), "scope", json_string ("some")),
      HJ_REFUSAL_INVALID);
  refused (f, f->all, with (staff ("liming", "desk", f->centre), "display_name", json_null ()),
      HJ_REFUSAL_INVALID);
  refused (f, f->all, staff ("liming", "lawyer", f->centre), HJ_REFUSAL_INVALID);
}

static void
a_weak_password_makes_no_account (Fixture *f, gconstpointer data)
{
  g_autoptr (json_t) weak = run (f, &hj_act_create_account, f->all,
      staff ("liming", "desk", f->centre), &WEAK, HJ_REFUSAL_PASSWORD_WEAK);
  g_autoptr (json_t) none = run (f, &hj_act_create_account, f->all,
      staff ("liming", "desk", f->centre), NULL, HJ_REFUSAL_PASSWORD_WEAK);
}

static void
a_name_and_a_lawyer_have_one_account (Fixture *f, gconstpointer data)
{
  const char *lawyer = hj_fixture_lawyer (&f->f);
  g_autofree char *first = create (f, f->all, staff ("liming", "desk", f->centre));
  json_t *input = json_pack ("{s:s, s:s, s:s, s:s}", "name", "chen", "display_name", "陈甲", "role",
      "lawyer", "lawyer", lawyer);
  g_autofree char *of_lawyer = create (f, f->all, json_incref (input));

  refused (f, f->all, staff ("liming", "supervisor", f->centre), HJ_REFUSAL_EXISTS);
  refused (f, f->all, with (input, "name", json_string ("chen2")), HJ_REFUSAL_EXISTS);
  refused (f, f->all,
      json_pack ("{s:s, s:s, s:s, s:s}", "name", "wang", "display_name", "王", "role", "lawyer",
          "lawyer", "aaaaaaaaaaaaaaaaaaaaaaaaaa"),
      HJ_REFUSAL_INVALID);
}

static void
who_sees_one_centre_makes_nobody_beyond (Fixture *f, gconstpointer data)
{
  g_autofree char *desk = create (f, f->mine, staff ("desk", "desk", f->centre));
  g_autofree char *administrator
      = create (f, f->mine, staff ("admin2", "administrator", f->centre));

  refused (f, f->mine, staff ("liming", "desk", f->other), HJ_REFUSAL_NOT_FOUND);
  refused (f, f->mine, staff ("liming", "administrator", NULL), HJ_REFUSAL_NOT_FOUND);
  refused (f, f->mine, staff ("liming", "supervisor", NULL), HJ_REFUSAL_NOT_FOUND);
  refused (f, f->mine,
      with (staff ("liming", "desk", f->centre), "centres",
          json_pack ("[s, s]", f->centre, f->other)),
      HJ_REFUSAL_NOT_FOUND);
}

/* Everyone that an administrator of one centre may meet: {role, centres} -> managed or not. */
static void
jurisdiction_is_a_subset_of_one_s_own (Fixture *f, gconstpointer data)
{
  const char *lawyer
      = hj_fixture_account (&f->f, HJ_ROLE_LAWYER, hj_fixture_lawyer (&f->f), NULL, NULL);
  const char *mine = hj_fixture_account (&f->f, HJ_ROLE_DESK, NULL, f->centre, NULL);
  const char *others = hj_fixture_account (&f->f, HJ_ROLE_DESK, NULL, f->other, NULL);
  const char *everywhere = hj_fixture_account (&f->f, HJ_ROLE_SUPERVISOR, NULL, NULL, NULL);
  g_autofree char *both = create (f, f->all,
      with (staff ("both", "supervisor", f->centre), "centres",
          json_pack ("[s, s]", f->centre, f->other)));
  const struct
  {
    const char *id;
    gboolean managed;
  } rows[] = { { lawyer, TRUE }, { mine, TRUE }, { others, FALSE }, { everywhere, FALSE },
    { both, FALSE }, { "aaaaaaaaaaaaaaaaaaaaaaaaaa", FALSE } };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      int refusal = rows[i].managed ? -1 : (int)HJ_REFUSAL_NOT_FOUND;
      g_autoptr (json_t) updated
          = update (f, f->mine, rows[i].id, "state", json_string ("disabled"), refusal);
      g_autoptr (json_t) set = run (f, &hj_act_set_password, f->mine,
          json_pack ("{s:s}", "id", rows[i].id), &STRONG, refusal);

      g_assert_true (sees (f, f->mine, rows[i].id) == rows[i].managed);
    }
  for (gsize i = 0; i + 1 < G_N_ELEMENTS (rows); i++)
    g_assert_true (sees (f, f->all, rows[i].id));
}

static void
nobody_disables_oneself (Fixture *f, gconstpointer data)
{
  const char *id = hj_actor_get_id (f->all);
  g_autoptr (json_t) renamed = update (f, f->all, id, "display_name", json_string ("新名"), -1);
  g_autoptr (json_t) own = NULL;

  g_assert_cmpstr (json_string_value (json_object_get (renamed, "display_name")), ==, "新名");
  not_updated (f, f->all, id, "state", json_string ("disabled"), HJ_REFUSAL_STATE);
  own = run (
      f, &hj_act_set_password, f->all, json_pack ("{s:s}", "id", id), &STRONG, HJ_REFUSAL_STATE);
}

static void
wrong_updates_are_refused (Fixture *f, gconstpointer data)
{
  const char *desk = hj_fixture_account (&f->f, HJ_ROLE_DESK, NULL, f->centre, NULL);
  const char *lawyer
      = hj_fixture_account (&f->f, HJ_ROLE_LAWYER, hj_fixture_lawyer (&f->f), NULL, NULL);
  const char *everywhere = hj_fixture_account (&f->f, HJ_ROLE_SUPERVISOR, NULL, NULL, NULL);

  not_updated (f, f->all, desk, "state", json_string ("asleep"), HJ_REFUSAL_INVALID);
  not_updated (f, f->all, desk, "state", json_integer (1), HJ_REFUSAL_INVALID);
  not_updated (f, f->all, desk, "display_name", json_string (""), HJ_REFUSAL_INVALID);
  not_updated (f, f->all, desk, "centres", json_array (), HJ_REFUSAL_INVALID);
  not_updated (f, f->all, lawyer, "centres", json_pack ("[s]", f->centre), HJ_REFUSAL_INVALID);
  not_updated (f, f->all, everywhere, "centres", json_pack ("[s]", f->centre), HJ_REFUSAL_INVALID);
  not_updated (f, f->mine, desk, "centres", json_pack ("[s]", f->other), HJ_REFUSAL_NOT_FOUND);
  not_updated (f, f->all, "x", "state", json_string ("active"), HJ_REFUSAL_INVALID);
}

static void
add_session (Fixture *f, const char *account, const char *hash)
{
  g_autofree char *sql = g_strdup_printf (
      "INSERT INTO session (token_hash, account, created_at_us,"
      " seen_at_us, expires_at_us) VALUES ('%s', :id, 0, 0, %" G_GINT64_FORMAT ")",
      hash, G_MAXINT64);

  hj_fixture_sql (&f->f, sql, account);
}

static gint64
count_sessions (Fixture *f, const char *account)
{
  return hj_fixture_count (&f->f, "SELECT COUNT (*) FROM session WHERE account = :id", account);
}

static void
moving_to_another_centre_ends_sessions (Fixture *f, gconstpointer data)
{
  const char *desk = hj_fixture_account (&f->f, HJ_ROLE_DESK, NULL, f->centre, NULL);
  g_autoptr (json_t) moved = NULL;

  add_session (f, desk, "hash");
  moved = update (f, f->all, desk, "centres", json_pack ("[s]", f->other), -1);
  g_assert_cmpint (count_sessions (f, desk), ==, 0);
  g_assert_false (sees (f, f->mine, desk));
}

static void
disabling_and_enabling (Fixture *f, gconstpointer data)
{
  const char *desk = hj_fixture_account (&f->f, HJ_ROLE_DESK, NULL, f->centre, NULL);
  g_autoptr (json_t) disabled = NULL;
  g_autoptr (json_t) enabled = NULL;

  add_session (f, desk, "hash");
  disabled = update (f, f->mine, desk, "state", json_string ("disabled"), -1);
  g_assert_cmpstr (json_string_value (json_object_get (disabled, "state")), ==, "disabled");
  g_assert_cmpint (count_sessions (f, desk), ==, 0);
  enabled = update (f, f->mine, desk, "state", json_string ("active"), -1);
  g_assert_cmpstr (json_string_value (json_object_get (enabled, "state")), ==, "active");
  g_assert_cmpint (hj_fixture_entries (&f->f, "update-account", "done"), ==, 2);
}

static void
a_password_that_was_set_ends_every_session (Fixture *f, gconstpointer data)
{
  const char *desk = hj_fixture_account (&f->f, HJ_ROLE_DESK, NULL, f->centre, NULL);
  g_autoptr (json_t) set = NULL;
  g_autoptr (json_t) weak = NULL;

  add_session (f, desk, "hash");
  weak = run (f, &hj_act_set_password, f->mine, json_pack ("{s:s}", "id", desk), &WEAK,
      HJ_REFUSAL_PASSWORD_WEAK);
  g_assert_cmpint (count_sessions (f, desk), ==, 1);
  set = run (f, &hj_act_set_password, f->mine, json_pack ("{s:s}", "id", desk), &STRONG, -1);
  g_assert_cmpint (count_sessions (f, desk), ==, 0);
}

static void
a_changed_password_ends_the_other_sessions (Fixture *f, gconstpointer data)
{
  const char *id = hj_fixture_account (&f->f, HJ_ROLE_DESK, NULL, f->centre, NULL);
  const char *const centres[] = { f->centre, NULL };
  g_autoptr (HjActor) actor
      = hj_actor_new_signed_in (id, HJ_ROLE_DESK, NULL, centres, FALSE, "here");
  const HjCredential right
      = { .verified = TRUE, .checked_hash = (char *)"-", .new_hash = (char *)"new" };
  const HjCredential wrong = { .checked_hash = (char *)"-", .new_hash = (char *)"new" };
  const HjCredential outdated
      = { .verified = TRUE, .checked_hash = (char *)"older", .new_hash = (char *)"new" };
  const HjCredential weak = { .verified = TRUE, .checked_hash = (char *)"-" };
  const HjActKind *kind = &hj_act_change_password;
  g_autoptr (json_t) changed = NULL;

  add_session (f, id, "here");
  add_session (f, id, "there");
  g_assert_null (run (f, kind, actor, NULL, &wrong, HJ_REFUSAL_LOGIN_FAILED));
  g_assert_null (run (f, kind, actor, NULL, &outdated, HJ_REFUSAL_LOGIN_FAILED));
  g_assert_null (run (f, kind, actor, NULL, &weak, HJ_REFUSAL_PASSWORD_WEAK));
  g_assert_null (run (f, kind, actor, NULL, NULL, HJ_REFUSAL_LOGIN_FAILED));
  g_assert_cmpint (count_sessions (f, id), ==, 2);
  changed = run (f, kind, actor, NULL, &right, -1);
  g_assert_cmpint (count_sessions (f, id), ==, 1);
  g_assert_cmpstr (hj_fixture_text (&f->f, "SELECT token_hash FROM session", NULL), ==, "here");
  g_assert_cmpstr (
      hj_fixture_text (&f->f, "SELECT password_hash FROM account WHERE id = :id", id), ==, "new");
}

static gsize
count_lawyers (Fixture *f, const char *q)
{
  g_autoptr (json_t) answer = hj_fixture_act (
      &f->f, &hj_act_list_lawyers, f->mine, q != NULL ? json_pack ("{s:s}", "q", q) : NULL);

  return json_array_size (json_object_get (answer, "lawyers"));
}

static void
lawyers_are_found_by_name_and_licence (Fixture *f, gconstpointer data)
{
  const char *first = hj_fixture_lawyer (&f->f);
  const char *licence = hj_fixture_text (&f->f, "SELECT licence FROM lawyer WHERE id = :id", first);
  g_autofree char *beginning = g_strndup (licence, 5);

  hj_fixture_lawyer (&f->f);
  hj_fixture_sql (&f->f, "UPDATE lawyer SET name = '陈甲' WHERE id = :id", first);
  g_assert_cmpuint (count_lawyers (f, NULL), ==, 2);
  g_assert_cmpuint (count_lawyers (f, "甲"), ==, 1);
  g_assert_cmpuint (count_lawyers (f, licence), ==, 1);
  g_assert_cmpuint (count_lawyers (f, beginning), ==, 2);
  g_assert_cmpuint (count_lawyers (f, "nobody"), ==, 0);
  /* Signs of the pattern language are letters like others. */
  g_assert_cmpuint (count_lawyers (f, "%"), ==, 0);
  g_assert_cmpuint (count_lawyers (f, "_"), ==, 0);
  g_assert_cmpuint (count_lawyers (f, "!"), ==, 0);
}

static void
looking_at_people_is_recorded (Fixture *f, gconstpointer data)
{
  g_autoptr (json_t) accounts = hj_fixture_act (&f->f, &hj_act_list_accounts, f->mine, NULL);

  count_lawyers (f, NULL);
  g_assert_cmpint (hj_fixture_entries (&f->f, "list-accounts", "done"), ==, 1);
  g_assert_cmpint (hj_fixture_entries (&f->f, "list-lawyers", "done"), ==, 1);
}

#define FIXTURE(NAME, TEST)                                                                        \
  g_test_add ("/access/accounts/" NAME, Fixture, NULL, set_up, TEST, tear_down)

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  FIXTURE ("an account is answered as it was made", an_account_is_answered_as_it_was_made);
  FIXTURE ("members must be right", members_must_be_right);
  FIXTURE ("a weak password makes no account", a_weak_password_makes_no_account);
  FIXTURE ("a name and a lawyer have one account", a_name_and_a_lawyer_have_one_account);
  FIXTURE ("who sees one centre makes nobody beyond", who_sees_one_centre_makes_nobody_beyond);
  FIXTURE ("jurisdiction is a subset of one's own", jurisdiction_is_a_subset_of_one_s_own);
  FIXTURE ("nobody disables oneself", nobody_disables_oneself);
  FIXTURE ("wrong updates are refused", wrong_updates_are_refused);
  FIXTURE ("moving to another centre ends sessions", moving_to_another_centre_ends_sessions);
  FIXTURE ("disabling and enabling", disabling_and_enabling);
  FIXTURE (
      "a password that was set ends every session", a_password_that_was_set_ends_every_session);
  FIXTURE (
      "a changed password ends the other sessions", a_changed_password_ends_the_other_sessions);
  FIXTURE ("lawyers are found by name and licence", lawyers_are_found_by_name_and_licence);
  FIXTURE ("looking at people is recorded", looking_at_people_is_recorded);
  return g_test_run ();
}
