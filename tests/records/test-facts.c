/* SPDX-License-Identifier: Apache-2.0 */
/* What eligibility is told: each fact, at the moment that is asked for. */

#include "src/records/facts.h"
#include "tests/support/expect-log.h"
#include "tests/support/fixture.h"

typedef struct
{
  HjFixture base;
  const char *centre;
  const char *lawyer;
  const char *detainee;
  const char *authority;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  hj_fixture_set_up (&f->base, data);
  f->centre = hj_fixture_centre (&f->base);
  f->lawyer = hj_fixture_lawyer (&f->base);
  f->detainee = hj_fixture_detainee (&f->base, f->centre);
  f->authority = hj_fixture_authority (&f->base, f->lawyer, f->detainee);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  hj_fixture_tear_down (&f->base, data);
}

static HjFacts *
load_at (Fixture *f, const char *centre, gint64 at_us)
{
  g_autoptr (GError) error = NULL;
  HjFacts *facts = hj_facts_load (f->base.store, f->authority, centre, at_us, &error);

  g_assert_no_error (error);
  return facts;
}

static HjFacts *
load (Fixture *f)
{
  return load_at (f, NULL, hj_time_now (f->base.time));
}

static void
an_ordinary_authority_is_told_whole (Fixture *f, gconstpointer data)
{
  g_autoptr (HjFacts) facts = load (f);

  g_assert_cmpstr (facts->authority.id, ==, f->authority);
  g_assert_cmpstr (facts->authority.kind, ==, "retained_by_self");
  g_assert_true (facts->authority.active);
  g_assert_cmpint (facts->authority.revoked_at_us, ==, -1);
  g_assert_cmpuint (facts->authority.stages, ==, 1u << HJ_STAGE_INVESTIGATION);
  g_assert_true (facts->papers[HJ_PAPER_LICENCE].present);
  g_assert_true (facts->papers[HJ_PAPER_POWER_OF_ATTORNEY].present);
  g_assert_false (facts->papers[HJ_PAPER_LEGAL_AID_LETTER].present);
  g_assert_null (facts->papers[HJ_PAPER_LEGAL_AID_LETTER].issued_on);
  g_assert_cmpstr (facts->papers[HJ_PAPER_FIRM_LETTER].issued_on, ==, "2026-01-05");
  g_assert_null (facts->papers[HJ_PAPER_FIRM_LETTER].valid_to);
  g_assert_cmpstr (facts->lawyer.id, ==, f->lawyer);
  g_assert_cmpstr (facts->lawyer.status, ==, "practising");
  g_assert_nonnull (facts->firm.name);
  g_assert_cmpint (facts->case_file.stage, ==, HJ_STAGE_INVESTIGATION);
  g_assert_false (facts->case_file.permission_required);
  g_assert_true (facts->case_file.names_person);
  g_assert_cmpuint (facts->case_file.n_active_lawyers, ==, 1);
  g_assert_cmpuint (facts->case_file.n_active_legal_aid, ==, 0);
  g_assert_nonnull (facts->case_file.number);
  g_assert_null (facts->permission);
  g_assert_cmpstr (facts->detainee.id, ==, f->detainee);
  g_assert_cmpstr (facts->detainee.state, ==, "in_custody");
  g_assert_cmpstr (facts->detainee.centre, ==, f->centre);
  g_assert_cmpstr (facts->detainee.case_file, ==, facts->case_file.id);
  g_assert_null (facts->detainee.last_event);
  g_assert_cmpuint (facts->other_defendants->len, ==, 0);
}

static void
an_unknown_authority_is_not_found (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HjFacts) facts = hj_facts_load (f->base.store, f->lawyer, NULL, 0, &error);

  g_assert_null (facts);
  g_assert_error (error, HJ_REFUSAL, HJ_REFUSAL_NOT_FOUND);
}

static void
assert_status (Fixture *f, gint64 at_us, const char *status)
{
  g_autoptr (HjFacts) facts = load_at (f, NULL, at_us);

  g_assert_cmpstr (facts->lawyer.status, ==, status);
}

static void
a_suspension_holds_from_its_first_to_before_its_last_moment (Fixture *f, gconstpointer data)
{
  hj_fixture_sql (&f->base,
      "INSERT INTO lawyer_status (lawyer, status, from_us, to_us) VALUES (:id, 'suspended', 1000, "
      "2000)",
      f->lawyer);
  assert_status (f, 999, "practising");
  assert_status (f, 1000, "suspended");
  assert_status (f, 1999, "suspended");
  assert_status (f, 2000, "practising");
}

static void
of_two_statuses_that_began_together_the_worse_holds (Fixture *f, gconstpointer data)
{
  hj_fixture_sql (&f->base,
      "INSERT INTO lawyer_status (lawyer, status, from_us) VALUES (:id, 'suspended', 0)",
      f->lawyer);
  assert_status (f, 5, "suspended");
}

static void
a_lawyer_without_a_status_has_none (Fixture *f, gconstpointer data)
{
  g_autoptr (HjFacts) facts = NULL;

  hj_fixture_sql (&f->base, "DELETE FROM lawyer_status WHERE lawyer = :id", f->lawyer);
  facts = load (f);
  g_assert_null (facts->lawyer.status);
  g_assert_cmpint (facts->lawyer.status_to_us, ==, -1);
}

static void
an_authority_is_active_from_signature_to_revocation (Fixture *f, gconstpointer data)
{
  static const gint64 TIMES[] = { 99, 100, 199, 200 };
  static const gboolean ACTIVE[] = { FALSE, TRUE, TRUE, FALSE };

  hj_fixture_sql (&f->base,
      "UPDATE authority SET signed_at_us = 100, revoked_at_us = 200 WHERE id = :id", f->authority);
  for (gsize i = 0; i < G_N_ELEMENTS (TIMES); i++)
    {
      g_autoptr (HjFacts) facts = load_at (f, NULL, TIMES[i]);

      g_assert_cmpint (facts->authority.active, ==, ACTIVE[i]);
      g_assert_cmpuint (facts->case_file.n_active_lawyers, ==, ACTIVE[i] ? 1 : 0);
    }
}

static void
lawyers_of_one_client_are_counted_once_and_duty_lawyers_not_at_all (Fixture *f, gconstpointer data)
{
  const char *aid = hj_fixture_authority (&f->base, hj_fixture_lawyer (&f->base), f->detainee);
  const char *duty = hj_fixture_authority (&f->base, hj_fixture_lawyer (&f->base), f->detainee);
  const char *gone = hj_fixture_authority (&f->base, hj_fixture_lawyer (&f->base), f->detainee);
  const char *again = hj_fixture_authority (&f->base, f->lawyer, f->detainee);
  g_autoptr (HjFacts) facts = NULL;

  hj_fixture_sql (&f->base, "UPDATE authority SET kind = 'legal_aid' WHERE id = :id", aid);
  hj_fixture_sql (&f->base, "UPDATE authority SET kind = 'duty' WHERE id = :id", duty);
  hj_fixture_sql (&f->base, "UPDATE authority SET revoked_at_us = 1 WHERE id = :id", gone);
  g_assert_nonnull (again);
  facts = load (f);
  g_assert_cmpuint (facts->case_file.n_active_lawyers, ==, 2);
  g_assert_cmpuint (facts->case_file.n_active_legal_aid, ==, 1);
}

static void
add_permission (Fixture *f, const char *state, const char *at)
{
  g_autofree char *sql = g_strdup_printf (
      "INSERT INTO permission (id, key, lawyer, person, case_file, state, at_us) SELECT "
      "'%s', '%s', lawyer, person, case_file, '%s', %s FROM authority WHERE id = :id",
      at, at, state, at);

  hj_fixture_sql (&f->base, sql, f->authority);
}

static void
the_newest_permission_at_the_moment_counts (Fixture *f, gconstpointer data)
{
  g_autoptr (HjFacts) early = NULL;
  g_autoptr (HjFacts) late = NULL;

  add_permission (f, "granted", "300");
  add_permission (f, "requested", "100");
  add_permission (f, "refused", "200");
  early = load_at (f, NULL, 250);
  late = load_at (f, NULL, 300);
  g_assert_cmpstr (early->permission, ==, "refused");
  g_assert_cmpstr (late->permission, ==, "granted");
  g_assert_cmpint (late->permission_at_us, ==, 300);
}

static const char *
add_stay (Fixture *f, const char *centre, const char *code, const char *state, const char *admitted)
{
  g_autofree char *sql = g_strdup_printf (
      "INSERT INTO detainee (id, code, person, centre, case_file, state, admitted_at_us) SELECT "
      "'%s', '%s', person, '%s', case_file, '%s', %s FROM detainee WHERE id = :id",
      code, code, centre, state, admitted);

  hj_fixture_sql (&f->base, sql, f->detainee);
  return code;
}

static void
the_stay_in_custody_counts_before_a_newer_one_that_ended (Fixture *f, gconstpointer data)
{
  g_autoptr (HjFacts) facts = NULL;

  add_stay (f, f->centre, "440", "released", "900");
  facts = load (f);
  g_assert_cmpstr (facts->detainee.id, ==, f->detainee);
}

static void
the_newest_stay_counts_when_all_ended (Fixture *f, gconstpointer data)
{
  g_autoptr (HjFacts) facts = NULL;

  hj_fixture_sql (
      &f->base, "UPDATE detainee SET state = 'transferred' WHERE id = :id", f->detainee);
  add_stay (f, f->centre, "440", "released", "900");
  facts = load (f);
  g_assert_cmpstr (facts->detainee.state, ==, "released");
}

/* A person can be held under two codes by mistake (DOMAIN.md 5.9, 16). */
static void
of_two_stays_in_custody_the_one_at_the_centre_counts (Fixture *f, gconstpointer data)
{
  const char *second = hj_fixture_centre (&f->base);
  g_autoptr (HjFacts) here = NULL;
  g_autoptr (HjFacts) there = NULL;
  g_autoptr (HjFacts) anywhere = NULL;

  add_stay (f, second, "440", "in_custody", "900");
  here = load_at (f, f->centre, 1);
  there = load_at (f, second, 1);
  anywhere = load (f);
  g_assert_cmpstr (here->detainee.centre, ==, f->centre);
  g_assert_cmpstr (there->detainee.centre, ==, second);
  g_assert_cmpstr (there->centre, ==, second);
  g_assert_cmpstr (anywhere->detainee.centre, ==, second);
}

static void
a_person_who_was_never_admitted_has_no_stay (Fixture *f, gconstpointer data)
{
  g_autoptr (HjFacts) facts = NULL;

  hj_fixture_sql (&f->base, "DELETE FROM detainee WHERE id = :id", f->detainee);
  facts = load (f);
  g_assert_null (facts->detainee.id);
  g_assert_null (facts->detainee.state);
  g_assert_nonnull (facts->person.name);
}

static void
the_newest_event_is_told_but_not_one_taken_back (Fixture *f, gconstpointer data)
{
  g_autoptr (HjFacts) facts = NULL;

  hj_fixture_sql (&f->base,
      "INSERT INTO custody_event (id, key, detainee, kind, at_us) VALUES ('1', '1', :id, "
      "'MEDICAL_ISOLATION', 5), "
      "('2', '2', :id, 'WITHDRAWN', 9), ('3', '3', :id, 'CELL_MOVED', 4)",
      f->detainee);
  facts = load (f);
  g_assert_cmpstr (facts->detainee.last_event, ==, "MEDICAL_ISOLATION");
  g_assert_cmpint (facts->detainee.last_event_at_us, ==, 5);
}

static void
the_number_is_that_of_the_latest_stage (Fixture *f, gconstpointer data)
{
  g_autoptr (HjFacts) facts = NULL;

  hj_fixture_sql (&f->base,
      "INSERT INTO case_identifier (case_file, kind, number) SELECT case_file, 'first_instance', "
      "'一审号' FROM authority WHERE id = :id",
      f->authority);
  hj_fixture_sql (&f->base,
      "INSERT INTO case_identifier (case_file, kind, number) SELECT case_file, 'procuratorate', "
      "'检诉号' FROM authority WHERE id = :id",
      f->authority);
  facts = load (f);
  g_assert_cmpstr (facts->case_file.number, ==, "一审号");
}

static const char SAME_CASE[] = "UPDATE authority SET case_file = (SELECT case_file FROM authority "
                                "WHERE id = :mine) WHERE id = :other";
static const char LINKED_CASE[] = "INSERT INTO case_link (case_file, related) SELECT a.case_file, "
                                  "b.case_file FROM authority a, "
                                  "authority b WHERE a.id = :mine AND b.id = :other";

/* A lawyer's authority for another person, whose case is made the same or linked. sql: (nullable): it stays another case. */
static const char *
defend_another (Fixture *f, const char *lawyer, const char *sql)
{
  const char *detainee = hj_fixture_detainee (&f->base, f->centre);
  const char *other = hj_fixture_authority (&f->base, lawyer, detainee);
  g_autoptr (GError) error = NULL;

  if (sql != NULL)
    hj_store_run (f->base.store, sql,
        HJ_BINDS (HJ_TEXT (":mine", f->authority), HJ_TEXT (":other", other)), &error);
  g_assert_no_error (error);
  return other;
}

static const HjOtherDefendant *
get_only_other (HjFacts *facts)
{
  g_assert_cmpuint (facts->other_defendants->len, ==, 1);
  return facts->other_defendants->pdata[0];
}

static void
another_defendant_of_the_same_case_is_told (Fixture *f, gconstpointer data)
{
  const char *other = defend_another (f, f->lawyer, SAME_CASE);
  g_autoptr (HjFacts) facts = load (f);
  g_autoptr (HjFacts) later = NULL;

  g_assert_cmpstr (get_only_other (facts)->authority, ==, other);
  g_assert_false (get_only_other (facts)->linked);
  g_assert_true (get_only_other (facts)->active);
  hj_fixture_sql (&f->base, "UPDATE authority SET revoked_at_us = 1 WHERE id = :id", other);
  later = load (f);
  g_assert_false (get_only_other (later)->active);
}

static void
a_defendant_of_a_linked_case_is_told (Fixture *f, gconstpointer data)
{
  g_autoptr (HjFacts) facts = NULL;

  defend_another (f, f->lawyer, LINKED_CASE);
  facts = load (f);
  g_assert_true (get_only_other (facts)->linked);
}

static void
other_cases_other_lawyers_and_the_same_client_are_no_conflict (Fixture *f, gconstpointer data)
{
  g_autoptr (HjFacts) facts = NULL;

  defend_another (f, f->lawyer, NULL);
  defend_another (f, hj_fixture_lawyer (&f->base), SAME_CASE);
  g_assert_nonnull (hj_fixture_authority (&f->base, f->lawyer, f->detainee));
  facts = load (f);
  g_assert_cmpuint (facts->other_defendants->len, ==, 0);
}

/* A duty lawyer advises whoever asks and defends nobody. */
static void
advice_as_duty_lawyer_is_no_conflict (Fixture *f, gconstpointer data)
{
  const char *other = defend_another (f, f->lawyer, SAME_CASE);
  g_autoptr (HjFacts) facts = NULL;

  hj_fixture_sql (&f->base, "UPDATE authority SET kind = 'duty' WHERE id = :id", other);
  facts = load (f);
  g_assert_cmpuint (facts->other_defendants->len, ==, 0);
}

static void
words_of_stages_and_papers_come_back (void)
{
  for (int i = 0; i < HJ_STAGE_N; i++)
    g_assert_cmpint (hj_stage_from_word (hj_stage_word ((HjStage)i)), ==, i);
  for (int i = 0; i < HJ_PAPER_N; i++)
    g_assert_cmpint (hj_paper_kind_from_word (hj_paper_kind_word ((HjPaperKind)i)), ==, i);
  g_assert_cmpint (hj_stage_from_word ("appeal"), ==, HJ_STAGE_N);
  g_assert_cmpint (hj_paper_kind_from_word (NULL), ==, HJ_PAPER_N);
}

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
#define TEST(NAME) g_test_add ("/records/facts/" #NAME, Fixture, NULL, set_up, NAME, tear_down)
  TEST (an_ordinary_authority_is_told_whole);
  TEST (an_unknown_authority_is_not_found);
  TEST (a_suspension_holds_from_its_first_to_before_its_last_moment);
  TEST (of_two_statuses_that_began_together_the_worse_holds);
  TEST (a_lawyer_without_a_status_has_none);
  TEST (an_authority_is_active_from_signature_to_revocation);
  TEST (lawyers_of_one_client_are_counted_once_and_duty_lawyers_not_at_all);
  TEST (the_newest_permission_at_the_moment_counts);
  TEST (the_stay_in_custody_counts_before_a_newer_one_that_ended);
  TEST (the_newest_stay_counts_when_all_ended);
  TEST (of_two_stays_in_custody_the_one_at_the_centre_counts);
  TEST (a_person_who_was_never_admitted_has_no_stay);
  TEST (the_newest_event_is_told_but_not_one_taken_back);
  TEST (the_number_is_that_of_the_latest_stage);
  TEST (another_defendant_of_the_same_case_is_told);
  TEST (a_defendant_of_a_linked_case_is_told);
  TEST (advice_as_duty_lawyer_is_no_conflict);
  TEST (other_cases_other_lawyers_and_the_same_client_are_no_conflict);
  g_test_add_func (
      "/records/facts/words_of_stages_and_papers_come_back", words_of_stages_and_papers_come_back);
  return g_test_run ();
}
