/* SPDX-License-Identifier: Apache-2.0 */
/* Each rule of eligibility against facts made by hand: one case that it finds and one next to it that it does not. */

#include <string.h>

#include "src/base/json.h"
#include "src/base/time.h"
#include "src/eligibility/check.h"
#include "src/eligibility/rules.h"
#include "tests/support/expect-log.h"

/* Monday 2 March 2026, 09:00 in Asia/Shanghai. */
#define NOW_US (G_GINT64_CONSTANT (1772413200) * HJ_SECOND_US)

static void
set (char **field, const char *text)
{
  g_free (*field);
  *field = g_strdup (text);
}

static void
give_paper (HjFacts *facts, HjPaperKind kind, const char *valid_to)
{
  facts->papers[kind].present = TRUE;
  set (&facts->papers[kind].issued_on, "2026-01-05");
  set (&facts->papers[kind].valid_to, valid_to);
}

static void
take_paper (HjFacts *facts, HjPaperKind kind)
{
  facts->papers[kind].present = FALSE;
}

static void
free_other (gpointer data)
{
  HjOtherDefendant *other = data;

  g_free (other->authority);
  g_free (other->person);
  g_free (other->case_file);
  g_free (other);
}

static void
add_other (HjFacts *facts, gboolean linked, gboolean active)
{
  HjOtherDefendant *other = g_new0 (HjOtherDefendant, 1);

  other->linked = linked;
  other->active = active;
  g_ptr_array_add (facts->other_defendants, other);
}

/* A lawyer who was retained for the investigation and has everything; nothing stands against the meeting. */
static HjFacts *
good_facts (void)
{
  HjFacts *facts = g_new0 (HjFacts, 1);

  facts->at_us = NOW_US;
  set (&facts->authority.kind, "retained_by_self");
  facts->authority.signed_at_us = NOW_US - HJ_DAY_US;
  facts->authority.revoked_at_us = -1;
  facts->authority.active = TRUE;
  facts->authority.stages = 1u << HJ_STAGE_INVESTIGATION;
  give_paper (facts, HJ_PAPER_LICENCE, NULL);
  give_paper (facts, HJ_PAPER_FIRM_LETTER, "2026-03-02");
  give_paper (facts, HJ_PAPER_POWER_OF_ATTORNEY, "2026-03-02");
  set (&facts->lawyer.status, "practising");
  facts->lawyer.status_to_us = -1;
  facts->case_file.names_person = TRUE;
  facts->case_file.n_active_lawyers = 1;
  set (&facts->detainee.id, "stay");
  set (&facts->detainee.state, "in_custody");
  set (&facts->detainee.centre, "centre");
  set (&facts->centre, "centre");
  facts->other_defendants = g_ptr_array_new_with_free_func (free_other);
  return facts;
}

static void
licence_is_suspended (HjFacts *facts)
{
  set (&facts->lawyer.status, "suspended");
  facts->lawyer.status_from_us = NOW_US - HJ_DAY_US;
  facts->lawyer.status_to_us = NOW_US + HJ_DAY_US;
}

static void
licence_is_cancelled (HjFacts *facts)
{
  set (&facts->lawyer.status, "cancelled");
}

static void
licence_is_revoked (HjFacts *facts)
{
  set (&facts->lawyer.status, "revoked");
}

static void
lawyer_is_transferring (HjFacts *facts)
{
  set (&facts->lawyer.status, "transferring");
}

static void
licence_has_no_record (HjFacts *facts)
{
  set (&facts->lawyer.status, NULL);
}

static void
no_licence (HjFacts *facts)
{
  take_paper (facts, HJ_PAPER_LICENCE);
}

static void
licence_ended_yesterday (HjFacts *facts)
{
  give_paper (facts, HJ_PAPER_LICENCE, "2026-03-01");
}

static void
licence_ends_today (HjFacts *facts)
{
  give_paper (facts, HJ_PAPER_LICENCE, "2026-03-02");
}

static void
no_firm_letter (HjFacts *facts)
{
  take_paper (facts, HJ_PAPER_FIRM_LETTER);
}

static void
duty_lawyer (HjFacts *facts)
{
  set (&facts->authority.kind, "duty");
  facts->authority.stages = 0;
  take_paper (facts, HJ_PAPER_FIRM_LETTER);
  take_paper (facts, HJ_PAPER_POWER_OF_ATTORNEY);
}

static void
firm_letter_ended_yesterday (HjFacts *facts)
{
  give_paper (facts, HJ_PAPER_FIRM_LETTER, "2026-03-01");
}

static void
no_power_of_attorney (HjFacts *facts)
{
  take_paper (facts, HJ_PAPER_POWER_OF_ATTORNEY);
}

static void
legal_aid_letter_instead (HjFacts *facts)
{
  take_paper (facts, HJ_PAPER_POWER_OF_ATTORNEY);
  give_paper (facts, HJ_PAPER_LEGAL_AID_LETTER, NULL);
}

static void
power_of_attorney_ended_yesterday (HjFacts *facts)
{
  give_paper (facts, HJ_PAPER_POWER_OF_ATTORNEY, "2026-03-01");
}

static void
power_of_attorney_ended_but_legal_aid_holds (HjFacts *facts)
{
  power_of_attorney_ended_yesterday (facts);
  give_paper (facts, HJ_PAPER_LEGAL_AID_LETTER, NULL);
}

static void
assigned_without_letter (HjFacts *facts)
{
  set (&facts->authority.kind, "legal_aid");
  take_paper (facts, HJ_PAPER_POWER_OF_ATTORNEY);
}

static void
assigned_with_letter (HjFacts *facts)
{
  assigned_without_letter (facts);
  give_paper (facts, HJ_PAPER_LEGAL_AID_LETTER, "2026-03-02");
}

static void
assigned_with_letter_of_yesterday (HjFacts *facts)
{
  assigned_without_letter (facts);
  give_paper (facts, HJ_PAPER_LEGAL_AID_LETTER, "2026-03-01");
}

static void
case_has_gone_to_the_procuratorate (HjFacts *facts)
{
  facts->case_file.stage = HJ_STAGE_PROSECUTION;
}

static void
authority_covers_the_procuratorate (HjFacts *facts)
{
  case_has_gone_to_the_procuratorate (facts);
  facts->authority.stages |= 1u << HJ_STAGE_PROSECUTION;
}

static void
authority_names_no_stage (HjFacts *facts)
{
  facts->authority.stages = 0;
}

static void
authority_ended_now (HjFacts *facts)
{
  facts->authority.revoked_at_us = NOW_US;
}

static void
authority_ends_tomorrow (HjFacts *facts)
{
  facts->authority.revoked_at_us = NOW_US + HJ_DAY_US;
}

static void
authority_begins_tomorrow (HjFacts *facts)
{
  facts->authority.signed_at_us = NOW_US + HJ_DAY_US;
}

static void
authority_begins_now (HjFacts *facts)
{
  facts->authority.signed_at_us = NOW_US;
}

static void
case_names_others (HjFacts *facts)
{
  facts->case_file.names_person = FALSE;
}

static void
never_admitted (HjFacts *facts)
{
  set (&facts->detainee.id, NULL);
  set (&facts->detainee.state, NULL);
  set (&facts->detainee.centre, NULL);
}

static void
released (HjFacts *facts)
{
  set (&facts->detainee.state, "released");
}

static void
escaped (HjFacts *facts)
{
  set (&facts->detainee.state, "escaped");
}

static void
moved_away (HjFacts *facts)
{
  set (&facts->detainee.state, "transferred");
}

static void
held_elsewhere (HjFacts *facts)
{
  set (&facts->detainee.centre, "another");
}

static void
held_anywhere (HjFacts *facts)
{
  held_elsewhere (facts);
  set (&facts->centre, NULL);
}

static void
out_for_a_time (HjFacts *facts)
{
  set (&facts->detainee.state, "temporarily_out");
}

static void
in_medical_isolation (HjFacts *facts)
{
  set (&facts->detainee.last_event, "MEDICAL_ISOLATION");
}

static void
held_alone (HjFacts *facts)
{
  set (&facts->detainee.last_event, "SOLITARY");
}

static void
moved_to_another_cell (HjFacts *facts)
{
  set (&facts->detainee.last_event, "CELL_MOVED");
}

static void
case_needs_permission (HjFacts *facts)
{
  facts->case_file.permission_required = TRUE;
}

static void
permission_is_requested (HjFacts *facts)
{
  case_needs_permission (facts);
  set (&facts->permission, "requested");
  facts->permission_at_us = NOW_US - HJ_DAY_US;
}

static void
permission_is_refused (HjFacts *facts)
{
  permission_is_requested (facts);
  set (&facts->permission, "refused");
}

static void
permission_is_granted (HjFacts *facts)
{
  permission_is_requested (facts);
  set (&facts->permission, "granted");
}

static void
permission_was_needed_before (HjFacts *facts)
{
  permission_is_refused (facts);
  authority_covers_the_procuratorate (facts);
}

static void
defends_a_co_defendant (HjFacts *facts)
{
  add_other (facts, FALSE, TRUE);
}

static void
defends_a_related_defendant (HjFacts *facts)
{
  add_other (facts, TRUE, TRUE);
}

static void
defended_a_co_defendant_once (HjFacts *facts)
{
  add_other (facts, FALSE, FALSE);
}

static void
defended_a_related_defendant_once (HjFacts *facts)
{
  add_other (facts, TRUE, FALSE);
}

static void
duty_lawyer_of_two (HjFacts *facts)
{
  duty_lawyer (facts);
  add_other (facts, FALSE, TRUE);
  add_other (facts, TRUE, TRUE);
}

static void
legal_aid_and_retained (HjFacts *facts)
{
  facts->case_file.n_active_lawyers = 2;
  facts->case_file.n_active_legal_aid = 1;
}

static void
legal_aid_alone (HjFacts *facts)
{
  facts->case_file.n_active_lawyers = 1;
  facts->case_file.n_active_legal_aid = 1;
}

static void
three_defenders (HjFacts *facts)
{
  facts->case_file.n_active_lawyers = 3;
}

static void
two_defenders (HjFacts *facts)
{
  facts->case_file.n_active_lawyers = 2;
}

static void
as_it_is (HjFacts *facts)
{
}

typedef struct
{
  const char *code;
  HjSeverity severity;
  void (*found) (HjFacts *facts);
  void (*not_found) (HjFacts *facts);
} Case;

/* clang-format off */
static const Case CASES[] = {
  { "licence-suspended", HJ_SEVERITY_DENY, licence_is_suspended, as_it_is },
  { "licence-cancelled", HJ_SEVERITY_DENY, licence_is_cancelled, as_it_is },
  { "licence-revoked", HJ_SEVERITY_DENY, licence_is_revoked, as_it_is },
  { "licence-transferring", HJ_SEVERITY_HUMAN, lawyer_is_transferring, as_it_is },
  { "licence-unrecorded", HJ_SEVERITY_HUMAN, licence_has_no_record, as_it_is },
  { "paper-licence-missing", HJ_SEVERITY_DENY, no_licence, as_it_is },
  { "paper-licence-expired", HJ_SEVERITY_DENY, licence_ended_yesterday, licence_ends_today },
  { "paper-firm-letter-missing", HJ_SEVERITY_DENY, no_firm_letter, duty_lawyer },
  { "paper-firm-letter-expired", HJ_SEVERITY_DENY, firm_letter_ended_yesterday, as_it_is },
  { "paper-power-of-attorney-missing", HJ_SEVERITY_DENY, no_power_of_attorney, legal_aid_letter_instead },
  { "paper-power-of-attorney-missing", HJ_SEVERITY_DENY, no_power_of_attorney, duty_lawyer },
  { "paper-power-of-attorney-expired", HJ_SEVERITY_DENY, power_of_attorney_ended_yesterday,
    power_of_attorney_ended_but_legal_aid_holds },
  { "paper-legal-aid-letter-missing", HJ_SEVERITY_DENY, assigned_without_letter, assigned_with_letter },
  { "paper-legal-aid-letter-expired", HJ_SEVERITY_DENY, assigned_with_letter_of_yesterday, assigned_with_letter },
  { "stage-not-covered", HJ_SEVERITY_DENY, case_has_gone_to_the_procuratorate, authority_covers_the_procuratorate },
  { "stage-not-covered", HJ_SEVERITY_DENY, case_has_gone_to_the_procuratorate, duty_lawyer },
  { "stage-not-named", HJ_SEVERITY_HUMAN, authority_names_no_stage, duty_lawyer },
  { "authority-revoked", HJ_SEVERITY_DENY, authority_ended_now, authority_ends_tomorrow },
  { "authority-not-begun", HJ_SEVERITY_DENY, authority_begins_tomorrow, authority_begins_now },
  { "case-not-of-person", HJ_SEVERITY_HUMAN, case_names_others, as_it_is },
  { "not-in-custody", HJ_SEVERITY_DENY, never_admitted, moved_away },
  { "not-in-custody", HJ_SEVERITY_DENY, released, as_it_is },
  { "not-in-custody", HJ_SEVERITY_DENY, escaped, out_for_a_time },
  { "transferred", HJ_SEVERITY_DENY, moved_away, released },
  { "elsewhere-in-custody", HJ_SEVERITY_DENY, held_elsewhere, held_anywhere },
  { "temporarily-out", HJ_SEVERITY_NOTE, out_for_a_time, as_it_is },
  { "isolation", HJ_SEVERITY_NOTE, in_medical_isolation, moved_to_another_cell },
  { "isolation", HJ_SEVERITY_NOTE, held_alone, moved_to_another_cell },
  { "permission-needed", HJ_SEVERITY_PERMISSION, case_needs_permission, permission_is_granted },
  { "permission-requested", HJ_SEVERITY_PERMISSION, permission_is_requested, permission_is_granted },
  { "permission-refused", HJ_SEVERITY_PERMISSION, permission_is_refused, permission_was_needed_before },
  { "co-defendant", HJ_SEVERITY_DENY, defends_a_co_defendant, defended_a_co_defendant_once },
  { "co-defendant", HJ_SEVERITY_DENY, defends_a_co_defendant, duty_lawyer_of_two },
  { "related-defendant", HJ_SEVERITY_DENY, defends_a_related_defendant, defended_a_related_defendant_once },
  { "related-defendant", HJ_SEVERITY_DENY, defends_a_related_defendant, duty_lawyer_of_two },
  { "formerly-co-defendant", HJ_SEVERITY_NOTE, defended_a_co_defendant_once, defends_a_co_defendant },
  { "formerly-co-defendant", HJ_SEVERITY_NOTE, defended_a_related_defendant_once, as_it_is },
  { "choice-of-defender", HJ_SEVERITY_NOTE, legal_aid_and_retained, legal_aid_alone },
  { "more-than-two", HJ_SEVERITY_NOTE, three_defenders, two_defenders },
};
/* clang-format on */

/* Returns: (transfer full): the findings after a change of good facts. */
static json_t *
judge_after (void (*change) (HjFacts *facts), gboolean *ret_allowed)
{
  g_autoptr (HjFacts) facts = good_facts ();
  g_autoptr (GTimeZone) zone = g_time_zone_new_identifier ("Asia/Shanghai");

  change (facts);
  return hj_eligibility_judge (facts, zone, ret_allowed);
}

/* Returns: (transfer none) (nullable). */
static json_t *
find (json_t *findings, const char *code)
{
  json_t *finding;
  gsize i;

  json_array_foreach (findings, i, finding)
  {
    if (g_str_equal (json_string_value (json_object_get (finding, "code")), code))
      return finding;
  }
  return NULL;
}

static void
a_rule_finds_its_case_and_not_the_one_next_to_it (gconstpointer data)
{
  const Case *test = data;
  gboolean allowed = FALSE;
  g_autoptr (json_t) found = judge_after (test->found, &allowed);
  g_autoptr (json_t) not_found = judge_after (test->not_found, NULL);
  const json_t *finding = find (found, test->code);

  g_assert_nonnull (finding);
  g_assert_cmpstr (json_string_value (json_object_get (finding, "severity")), ==,
      hj_severity_word (test->severity));
  g_assert_true (allowed == (test->severity < HJ_SEVERITY_PERMISSION));
  /* Nothing else comes along. */
  g_assert_cmpuint (json_array_size (found), ==, 1);
  g_assert_null (find (not_found, test->code));
}

static void
good_facts_have_no_findings (void)
{
  gboolean allowed = FALSE;
  g_autoptr (json_t) findings = judge_after (as_it_is, &allowed);

  g_assert_true (allowed);
  g_assert_cmpuint (json_array_size (findings), ==, 0);
}

static void
every_rule_has_a_case_and_every_text (void)
{
  g_autoptr (GHashTable) codes = g_hash_table_new (g_str_hash, g_str_equal);
  const HjRule *rule;

  for (gsize i = 0; i < G_N_ELEMENTS (CASES); i++)
    g_hash_table_add (codes, (gpointer)CASES[i].code);
  for (guint n = 0; (rule = hj_rules_get_nth (n)) != NULL; n++)
    {
      const char *const texts[] = { rule->title_zh, rule->title_en, rule->basis_zh, rule->basis_en,
        rule->remedy_zh, rule->remedy_en };

      g_assert_true (g_hash_table_remove (codes, rule->code));
      for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
        {
          g_assert_true (g_utf8_validate (texts[i], -1, NULL));
          g_assert_cmpuint (strlen (texts[i]), >, 8);
        }
    }
  g_assert_cmpuint (g_hash_table_size (codes), ==, 0);
}

static void
a_suspension_names_its_days (void)
{
  g_autoptr (json_t) findings = judge_after (licence_is_suspended, NULL);
  const json_t *title = json_object_get (json_array_get (findings, 0), "title");

  g_assert_cmpstr (json_string_value (json_object_get (title, "zh")), ==,
      "律师处于停止执业处罚期间（2026-03-01 至 2026-03-03）");
  g_assert_cmpstr (json_string_value (json_object_get (title, "en")), ==,
      "The lawyer is suspended from practice (2026-03-01 to 2026-03-03)");
}

/* 17:30 UTC on 1 March is already 2 March in China: the paper's last day has begun, not ended; and 16:30 UTC on the 2nd is the
 * 3rd there. */
static void
a_paper_ends_with_the_day_of_the_centre (void)
{
  g_autoptr (HjFacts) facts = good_facts ();
  g_autoptr (GTimeZone) zone = g_time_zone_new_identifier ("Asia/Shanghai");
  g_autoptr (json_t) last_minute = NULL;
  g_autoptr (json_t) too_late = NULL;
  gboolean allowed = FALSE;

  facts->at_us = NOW_US + 15 * HJ_HOUR_US - 1;
  last_minute = hj_eligibility_judge (facts, zone, &allowed);
  g_assert_true (allowed);
  facts->at_us = NOW_US + 15 * HJ_HOUR_US;
  too_late = hj_eligibility_judge (facts, zone, &allowed);
  g_assert_false (allowed);
  g_assert_nonnull (find (too_late, "paper-power-of-attorney-expired"));
  g_assert_nonnull (find (too_late, "paper-firm-letter-expired"));
}

static void
all_findings_are_told_at_once (void)
{
  g_autoptr (HjFacts) facts = good_facts ();
  g_autoptr (GTimeZone) zone = g_time_zone_new_utc ();
  g_autoptr (json_t) findings = NULL;
  gboolean allowed = TRUE;

  licence_is_suspended (facts);
  no_firm_letter (facts);
  three_defenders (facts);
  case_needs_permission (facts);
  findings = hj_eligibility_judge (facts, zone, &allowed);
  g_assert_false (allowed);
  g_assert_cmpuint (json_array_size (findings), ==, 4);
}

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  g_test_add_func ("/rules/good-facts", good_facts_have_no_findings);
  g_test_add_func ("/rules/complete", every_rule_has_a_case_and_every_text);
  for (gsize i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autofree char *path = g_strdup_printf ("/rules/%s/%" G_GSIZE_FORMAT, CASES[i].code, i);

      g_test_add_data_func (path, &CASES[i], a_rule_finds_its_case_and_not_the_one_next_to_it);
    }
  g_test_add_func ("/rules/suspension-days", a_suspension_names_its_days);
  g_test_add_func ("/rules/day-of-the-centre", a_paper_ends_with_the_day_of_the_centre);
  g_test_add_func ("/rules/all-at-once", all_findings_are_told_at_once);
  return g_test_run ();
}
