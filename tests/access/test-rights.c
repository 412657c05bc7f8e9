/* SPDX-License-Identifier: Apache-2.0 */
/* src/access/rights.c: role x act x own, other and none. The expectation is written down a second time, on purpose: whoever
 * changes the table says it twice. */

#include "src/access/rights.h"

#include <string.h>

#include "src/base/json.h"
#include "tests/support/expect-log.h"

/* n nobody, l lawyer, d desk, a administrator, s supervisor, k kiosk, o operator, m machine: the order of HjRole. */
static const char LETTERS[] = "nldaskom";

/* clang-format off */
static const struct { const char *act; const char *roles; } EXPECTED[] = {
  { "login", "n" },              { "logout", "ldas" },          { "me", "ldas" },
  { "change-password", "ldas" }, { "ticket", "ls" },            { "list-cases", "l" },
  { "check-eligibility", "l" },  { "list-slots", "l" },         { "book", "l" },
  { "add-participant", "l" },    { "remove-participant", "l" },
  { "list-bookings", "lda" },    { "show-booking", "lda" },     { "cancel", "ld" },
  { "confirm", "d" },            { "check-in", "d" },           { "device-check", "l" },
  { "hello", "lsk" },            { "join", "lk" },              { "leave", "lkm" },
  { "secured", "lk" },           { "verify", "lk" },
  { "drop", "m" },               { "resume", "lk" },            { "media-event", "m" },
  { "media-register", "m" },     { "quality", "lkm" },          { "assign", "m" },
  { "glance-meeting", "m" },     { "list-running", "m" },       { "admit", "m" },
  { "cut-off", "m" },            { "restore", "m" },            { "end", "ldkm" },
  { "follow", "s" },             { "list-meetings", "das" },    { "show-meeting", "das" },
  { "list-clocks", "das" },      { "list-centres", "ldaso" },   { "create-centre", "ao" },
  { "update-centre", "ao" },     { "list-policies", "ao" },     { "update-policy", "ao" },
  { "list-rooms", "dao" },       { "create-room", "ao" },       { "update-room", "ao" },
  { "list-kiosks", "dao" },      { "create-kiosk", "ao" },      { "update-kiosk", "ao" },
  { "enrol-kiosk", "n" },        { "list-accounts", "ao" },     { "create-account", "ao" },
  { "update-account", "ao" },    { "set-password", "ao" },      { "list-lawyers", "ao" },
  { "list-audit", "s" },         { "import", "o" },             { "import-progress", "o" },
  { "list-devices", "l" },       { "add-device", "l" },         { "remove-device", "l" },
};
/* clang-format on */

static const char *
find_expected (const char *act)
{
  for (gsize i = 0; i < G_N_ELEMENTS (EXPECTED); i++)
    if (g_str_equal (EXPECTED[i].act, act))
      return EXPECTED[i].roles;
  return NULL;
}

static gboolean
is_expected (const char *act, int role)
{
  return strchr (find_expected (act), LETTERS[role]) != NULL;
}

static void
check (const HjActor *actor, const char *act, const HjSubject *subject, gboolean allowed)
{
  g_autoptr (GError) error = NULL;
  HjRefusal refusal
      = hj_actor_get_role (actor) == HJ_ROLE_NOBODY ? HJ_REFUSAL_SIGN_IN : HJ_REFUSAL_NOT_FOUND;

  if (hj_access_check (actor, act, subject, &error) != allowed)
    g_error ("%s may%s %s", hj_role_word (hj_actor_get_role (actor)), allowed ? " not" : "", act);
  if (!allowed)
    g_assert_error (error, HJ_REFUSAL, (int)refusal);
  else
    g_assert_no_error (error);
}

/* One actor of the role: of the lawyer "me" or of the centre "mine". */
static void
walk_subjects (int role, const char *act)
{
  static const char *const CENTRES[] = { "mine", NULL };
  const HjSubject own_lawyer = { .lawyer = "me" };
  const HjSubject other_lawyer = { .lawyer = "other" };
  const HjSubject own_centre = { .centre = "mine" };
  const HjSubject other_centre = { .centre = "other" };
  const HjSubject nothing = { 0 };
  gboolean is_lawyer = role == HJ_ROLE_LAWYER;
  gboolean reaches_all = role == HJ_ROLE_OPERATOR || role == HJ_ROLE_MACHINE;
  gboolean may = is_expected (act, role);
  g_autoptr (HjActor) actor
      = hj_actor_new ("id", (HjRole)role, is_lawyer ? "me" : NULL, CENTRES, FALSE);
  g_autoptr (HjActor) stranger = hj_actor_new ("id", (HjRole)role, NULL, NULL, FALSE);
  g_autoptr (HjActor) everywhere = hj_actor_new ("id", (HjRole)role, NULL, NULL, TRUE);

  check (actor, act, NULL, may);
  check (actor, act, &nothing, may);
  check (actor, act, &own_lawyer, may);
  check (actor, act, &other_lawyer, may && !is_lawyer);
  check (actor, act, &own_centre, may);
  check (actor, act, &other_centre, may && (is_lawyer || reaches_all));
  check (stranger, act, &own_centre, may && (is_lawyer || reaches_all));
  check (stranger, act, &own_lawyer, may && !is_lawyer);
  check (everywhere, act, &other_centre, may);
}

static void
every_role_every_act_every_subject (void)
{
  const char *act;

  for (guint n = 0; (act = hj_access_nth_act (n)) != NULL; n++)
    {
      if (find_expected (act) == NULL)
        g_error ("%s stands in the table of rights, but this test does not say who may", act);
      for (int role = 0; role < HJ_ROLE_N; role++)
        {
          g_assert_true (hj_access_may ((HjRole)role, act) == is_expected (act, role));
          walk_subjects (role, act);
        }
    }
}

static void
the_table_names_each_act_once (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  const char *act;

  for (guint n = 0; (act = hj_access_nth_act (n)) != NULL; n++)
    g_assert_true (g_hash_table_add (seen, (gpointer)act));
  g_assert_cmpuint (g_hash_table_size (seen), ==, G_N_ELEMENTS (EXPECTED));
}

static void
an_act_without_a_line_is_nobody_s (void)
{
  static const HjSubject NOTHING = { 0 };

  for (int role = 0; role < HJ_ROLE_N; role++)
    {
      g_autoptr (HjActor) actor = hj_actor_new ("id", (HjRole)role, NULL, NULL, TRUE);

      g_assert_false (hj_access_may ((HjRole)role, "listen"));
      g_assert_false (hj_access_check (actor, "listen", &NOTHING, NULL));
    }
}

static void
the_list_for_a_page_is_the_table_s (void)
{
  for (int role = 0; role < HJ_ROLE_N; role++)
    {
      g_autoptr (json_t) acts = hj_access_list ((HjRole)role);
      gsize expected = 0;
      gsize i;
      json_t *act;

      json_array_foreach (acts, i, act) g_assert_true (is_expected (json_string_value (act), role));
      for (i = 0; i < G_N_ELEMENTS (EXPECTED); i++)
        expected += is_expected (EXPECTED[i].act, role);
      g_assert_cmpuint (json_array_size (acts), ==, expected);
    }
}

static void
roles_have_words (void)
{
  for (int role = 0; role < HJ_ROLE_N; role++)
    g_assert_cmpint (hj_role_from_word (hj_role_word ((HjRole)role)), ==, role);
  g_assert_cmpint (hj_role_from_word ("janitor"), ==, HJ_ROLE_NOBODY);
  g_assert_cmpint (hj_role_from_word (NULL), ==, HJ_ROLE_NOBODY);
}

static void
an_actor_is_what_it_was_made (void)
{
  static const char *const CENTRES[] = { "one", "two", NULL };
  g_autoptr (HjActor) actor
      = hj_actor_new_signed_in ("id", HJ_ROLE_DESK, NULL, CENTRES, FALSE, "session");
  g_autoptr (HjActor) again = hj_actor_ref (actor);
  g_autoptr (HjActor) machine = hj_actor_new_machine ();
  g_autoptr (HjActor) operator= hj_actor_new_operator ();
  g_autoptr (HjActor) nobody = hj_actor_new_nobody ();

  g_assert_cmpstr (hj_actor_get_id (again), ==, "id");
  g_assert_cmpstr (hj_actor_get_session (again), ==, "session");
  g_assert_cmpstr (hj_actor_get_centres (again)[1], ==, "two");
  g_assert_true (hj_actor_has_centre (again, "two"));
  g_assert_false (hj_actor_has_centre (again, "three"));
  g_assert_false (hj_actor_has_centre (again, NULL));
  g_assert_false (hj_actor_is_everywhere (again));
  g_assert_true (hj_actor_is_everywhere (machine));
  g_assert_false (hj_actor_has_centre (machine, NULL));
  g_assert_cmpint (hj_actor_get_role (operator), ==, HJ_ROLE_OPERATOR);
  g_assert_null (hj_actor_get_session (operator));
  g_assert_cmpint (hj_actor_get_role (nobody), ==, HJ_ROLE_NOBODY);
  g_assert_null (hj_actor_get_lawyer (nobody));
}

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  g_test_add_func (
      "/access/rights/every role, every act, every subject", every_role_every_act_every_subject);
  g_test_add_func ("/access/rights/the table names each act once", the_table_names_each_act_once);
  g_test_add_func (
      "/access/rights/an act without a line is nobody's", an_act_without_a_line_is_nobody_s);
  g_test_add_func (
      "/access/rights/the list for a page is the table's", the_list_for_a_page_is_the_table_s);
  g_test_add_func ("/access/rights/roles have words", roles_have_words);
  g_test_add_func ("/access/rights/an actor is what it was made", an_actor_is_what_it_was_made);
  return g_test_run ();
}
