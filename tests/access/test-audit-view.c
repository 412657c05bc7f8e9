/* SPDX-License-Identifier: Apache-2.0 */
/* src/access/audit-view.c: who sees which entries of the record, page by page. */

#include "src/access/audit-view.h"

#include "src/audit/log.h"
#include "tests/support/expect-log.h"
#include "tests/support/fixture.h"

typedef struct
{
  HjFixture f;
  const char *centre;
  const char *other;
  const char *booking;
  const char *others_booking;
  HjActor *supervisor;
  HjActor *all;
} Fixture;

static const char *
add_booking (Fixture *f, const char *centre)
{
  const char *lawyer = hj_fixture_lawyer (&f->f);
  const char *authority = hj_fixture_authority (&f->f, lawyer, hj_fixture_detainee (&f->f, centre));

  return hj_fixture_booking (&f->f, authority, NULL, 0, "ASKED");
}

static void
set_up (Fixture *f, gconstpointer data)
{
  hj_fixture_set_up (&f->f, NULL);
  f->centre = hj_fixture_centre (&f->f);
  f->other = hj_fixture_centre (&f->f);
  f->booking = add_booking (f, f->centre);
  f->others_booking = add_booking (f, f->other);
  f->supervisor = hj_fixture_actor (&f->f, HJ_ROLE_SUPERVISOR, NULL, f->centre);
  f->all = hj_fixture_actor (&f->f, HJ_ROLE_SUPERVISOR, NULL, NULL);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  hj_fixture_tear_down (&f->f, NULL);
}

static void
add_entry (Fixture *f, const char *actor, const char *object, const char *booking)
{
  HjAuditEntry entry = { .at_us = 1,
    .actor = actor,
    .role = "lawyer",
    .act = "join",
    .object = object,
    .booking = booking };
  g_autoptr (GError) error = NULL;

  hj_audit_append (f->f.store, &entry, &error);
  g_assert_no_error (error);
}

static json_t *
list (Fixture *f, HjActor *actor, json_t *input)
{
  return hj_fixture_act (&f->f, &hj_act_list_audit, actor, input);
}

static gsize
count (Fixture *f, HjActor *actor, const char *act)
{
  g_autoptr (json_t) answer = list (f, actor, json_pack ("{s:i}", "limit", 200));
  gsize n = 0;
  gsize i;
  json_t *entry;

  json_array_foreach (json_object_get (answer, "entries"), i, entry) n
      += g_str_equal (json_string_value (json_object_get (entry, "act")), act);
  return n;
}

static void
a_supervisor_sees_the_own_jurisdiction (Fixture *f, gconstpointer data)
{
  g_autofree char *centre = g_strconcat ("centre:", f->centre, NULL);
  g_autofree char *other = g_strconcat ("centre:", f->other, NULL);

  add_entry (f, "somebody", "meeting:m", f->booking);
  add_entry (f, "somebody", centre, NULL);
  add_entry (f, "somebody", "meeting:m", f->others_booking);
  add_entry (f, "somebody", other, NULL);
  add_entry (f, "somebody", NULL, NULL);
  g_assert_cmpuint (count (f, f->supervisor, "join"), ==, 2);
  g_assert_cmpuint (count (f, f->all, "join"), ==, 5);
}

static void
everybody_sees_the_own_acts (Fixture *f, gconstpointer data)
{
  const char *me = hj_actor_get_id (f->supervisor);
  g_autofree char *account = g_strconcat ("account:", me, NULL);

  add_entry (f, me, "meeting:m", f->others_booking);
  add_entry (f, "nobody", account, NULL);
  g_assert_cmpuint (count (f, f->supervisor, "join"), ==, 2);
  /* Each look is recorded, and is one's own act. */
  g_assert_cmpuint (count (f, f->supervisor, "list-audit"), ==, 1);
}

static void
pages_follow_each_other (Fixture *f, gconstpointer data)
{
  g_autofree char *object = g_strconcat ("booking:", f->booking, NULL);
  json_int_t before = 0;
  gsize seen = 0;

  for (int i = 0; i < 7; i++)
    add_entry (f, "somebody", object, f->booking);
  do
    {
      g_autoptr (json_t) answer = list (f, f->supervisor,
          before == 0
              ? json_pack ("{s:i, s:s}", "limit", 3, "object", object)
              : json_pack ("{s:i, s:s, s:I}", "limit", 3, "object", object, "before", before));
      const json_t *entries = json_object_get (answer, "entries");

      for (gsize i = 0; i < json_array_size (entries); i++)
        {
          json_int_t seq
              = json_integer_value (json_object_get (json_array_get (entries, i), "seq"));

          g_assert_true (before == 0 || seq < before);
          before = seq;
        }
      seen += json_array_size (entries);
      before = json_integer_value (json_object_get (answer, "next"));
    }
  while (before != 0);
  g_assert_cmpuint (seen, ==, 7);
}

static void
wrong_questions_are_refused (Fixture *f, gconstpointer data)
{
  HjActor *desk = hj_fixture_actor (&f->f, HJ_ROLE_DESK, NULL, f->centre);
  const HjActKind *kind = &hj_act_list_audit;

  hj_fixture_refused (
      &f->f, kind, f->supervisor, json_pack ("{s:i}", "limit", 201), HJ_REFUSAL_INVALID);
  hj_fixture_refused (
      &f->f, kind, f->supervisor, json_pack ("{s:i}", "limit", 0), HJ_REFUSAL_INVALID);
  hj_fixture_refused (
      &f->f, kind, f->supervisor, json_pack ("{s:s}", "before", "1"), HJ_REFUSAL_INVALID);
  hj_fixture_refused (
      &f->f, kind, f->supervisor, json_pack ("{s:i}", "object", 1), HJ_REFUSAL_INVALID);
  hj_fixture_refused (&f->f, kind, desk, NULL, HJ_REFUSAL_NOT_FOUND);
}

#define FIXTURE(NAME, TEST)                                                                        \
  g_test_add ("/access/audit-view/" NAME, Fixture, NULL, set_up, TEST, tear_down)

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  FIXTURE ("a supervisor sees the own jurisdiction", a_supervisor_sees_the_own_jurisdiction);
  FIXTURE ("everybody sees the own acts", everybody_sees_the_own_acts);
  FIXTURE ("pages follow each other", pages_follow_each_other);
  FIXTURE ("wrong questions are refused", wrong_questions_are_refused);
  return g_test_run ();
}
