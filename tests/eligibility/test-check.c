/* SPDX-License-Identifier: Apache-2.0 */
/* Eligibility from the records in the store, and the act that shows it to the lawyer. */

#include "src/eligibility/check.h"
#include "tests/support/expect-log.h"
#include "tests/support/fixture.h"

typedef struct
{
  HjFixture f;
  const char *centre;
  const char *lawyer;
  const char *detainee;
  const char *authority;
  HjActor *self;
} Place;

static void
set_up (Place *p, gconstpointer data)
{
  hj_fixture_set_up (&p->f, data);
  p->centre = hj_fixture_centre (&p->f);
  p->lawyer = hj_fixture_lawyer (&p->f);
  p->detainee = hj_fixture_detainee (&p->f, p->centre);
  p->authority = hj_fixture_authority (&p->f, p->lawyer, p->detainee);
  p->self = hj_fixture_actor (&p->f, HJ_ROLE_LAWYER, p->lawyer, NULL);
}

static void
tear_down (Place *p, gconstpointer data)
{
  hj_fixture_tear_down (&p->f, data);
}

static json_t *
about (const char *authority)
{
  return json_pack ("{s:s}", "authority", authority);
}

/* The code of the only finding; "" when there is none. */
static const char *
only_finding (Place *p, const char *centre, gboolean *ret_allowed)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) findings = hj_eligibility_check (
      p->f.store, p->authority, centre, HJ_FIXTURE_NOW_US, ret_allowed, &error);
  const char *code;

  g_assert_no_error (error);
  g_assert_cmpuint (json_array_size (findings), <=, 1);
  code = json_string_value (json_object_get (json_array_get (findings, 0), "code"));
  return code != NULL ? g_string_chunk_insert (p->f.texts, code) : "";
}

static void
a_lawyer_with_everything_is_allowed (Place *p, gconstpointer data)
{
  gboolean allowed = FALSE;

  g_assert_cmpstr (only_finding (p, p->centre, &allowed), ==, "");
  g_assert_true (allowed);
}

static void
a_change_of_the_records_is_seen_at_once (Place *p, gconstpointer data)
{
  gboolean allowed = TRUE;

  hj_fixture_sql (
      &p->f, "DELETE FROM paper WHERE authority = :id AND kind = 'firm_letter'", p->authority);
  g_assert_cmpstr (only_finding (p, p->centre, &allowed), ==, "paper-firm-letter-missing");
  g_assert_false (allowed);
}

static void
another_centre_is_told_where_the_client_is_not (Place *p, gconstpointer data)
{
  gboolean allowed = TRUE;

  g_assert_cmpstr (
      only_finding (p, hj_fixture_centre (&p->f), &allowed), ==, "elsewhere-in-custody");
  g_assert_false (allowed);
  g_assert_cmpstr (only_finding (p, NULL, &allowed), ==, "");
}

/* A paper that ends today in Los Angeles has ended in China, where it is 09:00 of the next day. */
static void
a_paper_ends_with_the_day_of_the_clients_centre (Place *p, gconstpointer data)
{
  gboolean allowed = TRUE;

  hj_fixture_sql (&p->f,
      "UPDATE paper SET valid_to = '2026-03-01' WHERE authority = :id AND kind = 'firm_letter'",
      p->authority);
  g_assert_cmpstr (only_finding (p, NULL, &allowed), ==, "paper-firm-letter-expired");
  hj_fixture_sql (
      &p->f, "UPDATE centre SET zone = 'America/Los_Angeles' WHERE id = :id", p->centre);
  g_assert_cmpstr (only_finding (p, NULL, &allowed), ==, "");
  g_assert_true (allowed);
}

static void
an_unknown_authority_is_not_found (Place *p, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) findings
      = hj_eligibility_check (p->f.store, p->lawyer, NULL, HJ_FIXTURE_NOW_US, NULL, &error);

  g_assert_null (findings);
  g_assert_error (error, HJ_REFUSAL, HJ_REFUSAL_NOT_FOUND);
}

static void
the_lawyer_sees_the_findings_and_that_is_recorded (Place *p, gconstpointer data)
{
  g_autoptr (json_t) answer = NULL;
  const json_t *finding;

  hj_fixture_sql (
      &p->f, "UPDATE lawyer_status SET status = 'suspended' WHERE lawyer = :id", p->lawyer);
  answer = hj_fixture_act (&p->f, &hj_act_check_eligibility, p->self, about (p->authority));
  finding = json_array_get (json_object_get (answer, "findings"), 0);
  g_assert_true (json_is_false (json_object_get (answer, "allowed")));
  g_assert_cmpint (
      json_integer_value (json_object_get (answer, "checked_at_us")), ==, HJ_FIXTURE_NOW_US);
  g_assert_cmpstr (json_string_value (json_object_get (finding, "code")), ==, "licence-suspended");
  g_assert_cmpstr (json_string_value (json_object_get (finding, "severity")), ==, "deny");
  g_assert_cmpint (hj_fixture_entries (&p->f, "check-eligibility", "done"), ==, 1);
}

static void
another_lawyers_authority_is_not_found (Place *p, gconstpointer data)
{
  const char *other = hj_fixture_lawyer (&p->f);
  HjActor *stranger = hj_fixture_actor (&p->f, HJ_ROLE_LAWYER, other, NULL);

  hj_fixture_refused (
      &p->f, &hj_act_check_eligibility, stranger, about (p->authority), HJ_REFUSAL_NOT_FOUND);
  hj_fixture_refused (
      &p->f, &hj_act_check_eligibility, p->self, about (p->lawyer), HJ_REFUSAL_NOT_FOUND);
  g_assert_cmpint (hj_fixture_entries (&p->f, "check-eligibility", "refused"), ==, 2);
}

static void
a_malformed_request_is_invalid (Place *p, gconstpointer data)
{
  hj_fixture_refused (
      &p->f, &hj_act_check_eligibility, p->self, json_object (), HJ_REFUSAL_INVALID);
  hj_fixture_refused (&p->f, &hj_act_check_eligibility, p->self, about ("x"), HJ_REFUSAL_INVALID);
}

static void
the_desk_does_not_ask_for_a_lawyer (Place *p, gconstpointer data)
{
  HjActor *desk = hj_fixture_actor (&p->f, HJ_ROLE_DESK, NULL, p->centre);

  hj_fixture_refused (
      &p->f, &hj_act_check_eligibility, desk, about (p->authority), HJ_REFUSAL_NOT_FOUND);
}

#define TEST(PATH, FUNCTION) g_test_add (PATH, Place, NULL, set_up, FUNCTION, tear_down)

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  TEST ("/check/allowed", a_lawyer_with_everything_is_allowed);
  TEST ("/check/records-change", a_change_of_the_records_is_seen_at_once);
  TEST ("/check/another-centre", another_centre_is_told_where_the_client_is_not);
  TEST ("/check/zone", a_paper_ends_with_the_day_of_the_clients_centre);
  TEST ("/check/unknown", an_unknown_authority_is_not_found);
  TEST ("/check/act/findings", the_lawyer_sees_the_findings_and_that_is_recorded);
  TEST ("/check/act/not-own", another_lawyers_authority_is_not_found);
  TEST ("/check/act/invalid", a_malformed_request_is_invalid);
  TEST ("/check/act/desk", the_desk_does_not_ask_for_a_lawyer);
  return g_test_run ();
}
