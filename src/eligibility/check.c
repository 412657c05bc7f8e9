/* SPDX-License-Identifier: Apache-2.0 */
/* May this lawyer meet this person now: asks every rule and gathers the findings. On the store's worker, synchronous, so that
 * a booking, a check-in or an admission is decided in its own transaction. The rules and their legal basis: rules.c. */

#include "src/eligibility/check.h"

#include "src/base/json.h"
#include "src/eligibility/rules.h"

static const char FIND_ZONE[] = "SELECT zone FROM centre WHERE id = :centre";

/* The People's Republic has one zone; a centre's own may differ only outside it. */
static const char DEFAULT_ZONE[] = "Asia/Shanghai";

/* The days of a finding, in words behind its title. */
static char *
add_days (const char *title, const HjRuleDays *days, gboolean zh)
{
  if (*days->from != '\0' && *days->to != '\0')
    return g_strdup_printf (zh ? "%s（%s 至 %s）" : "%s (%s to %s)", title, days->from, days->to);
  if (*days->from != '\0')
    return g_strdup_printf (zh ? "%s（自 %s 起）" : "%s (since %s)", title, days->from);
  if (*days->to != '\0')
    return g_strdup_printf (zh ? "%s（至 %s）" : "%s (until %s)", title, days->to);
  return g_strdup (title);
}

static json_t *
make_finding (const HjRule *rule, const HjRuleDays *days)
{
  g_autofree char *zh = add_days (rule->title_zh, days, TRUE);
  g_autofree char *en = add_days (rule->title_en, days, FALSE);

  return json_pack ("{s:s, s:s, s:o, s:o, s:o}", "code", rule->code, "severity",
      hj_severity_word (rule->severity), "title", hj_json_zh_en (zh, en), "basis",
      hj_json_zh_en (rule->basis_zh, rule->basis_en), "remedy",
      hj_json_zh_en (rule->remedy_zh, rule->remedy_en));
}

/* Asks every rule. zone: of the centre. ret_allowed: (out) (optional): FALSE when a finding denies or waits for a permission.
 * Returns: (transfer full): the findings, an array in the order of the rules; empty when there is nothing to say. */
json_t *
hj_eligibility_judge (const HjFacts *facts, GTimeZone *zone, gboolean *ret_allowed)
{
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (facts->at_us / G_USEC_PER_SEC);
  g_autoptr (GDateTime) here = g_date_time_to_timezone (utc, zone);
  g_autofree char *today = g_date_time_format (here, "%Y-%m-%d");
  const HjRuleInput input = { facts, zone, today };
  json_t *findings = json_array ();
  gboolean allowed = TRUE;
  const HjRule *rule;

  for (guint n = 0; (rule = hj_rules_get_nth (n)) != NULL; n++)
    {
      HjRuleDays days = { "", "" };

      if (!rule->applies (&input, &days))
        continue;
      json_array_append_new (findings, make_finding (rule, &days));
      allowed = allowed && rule->severity < HJ_SEVERITY_PERMISSION;
    }
  if (ret_allowed != NULL)
    *ret_allowed = allowed;
  return findings;
}

/* centre: (nullable). Returns: (transfer full) (nullable). */
static GTimeZone *
find_zone (HjStore *store, const char *centre, GError **error)
{
  g_autoptr (HjRows) rows
      = hj_store_query (store, FIND_ZONE, HJ_BINDS (HJ_TEXT (":centre", centre)), error);
  g_autoptr (GError) failure = NULL;
  GTimeZone *zone = NULL;

  if (rows == NULL)
    return NULL;
  if (hj_rows_next (rows, &failure))
    zone = g_time_zone_new_identifier (hj_rows_text (rows, 0));
  if (zone == NULL && failure == NULL)
    zone = g_time_zone_new_identifier (DEFAULT_ZONE);
  if (zone == NULL && failure == NULL)
    zone = g_time_zone_new_utc ();
  if (failure != NULL)
    g_propagate_error (error, g_steal_pointer (&failure));
  return zone;
}

/* As hj_eligibility_check(), of facts that are at hand. */
json_t *
hj_eligibility_check_facts (
    HjStore *store, const HjFacts *facts, gboolean *ret_allowed, GError **error)
{
  const char *centre = facts->centre != NULL ? facts->centre : facts->detainee.centre;
  g_autoptr (GTimeZone) zone = find_zone (store, centre, error);

  return zone != NULL ? hj_eligibility_judge (facts, zone, ret_allowed) : NULL;
}

/* What stands against a meeting under this authority at a time. centre: (nullable): the centre where the meeting is to be;
 * NULL: wherever the person is. ret_allowed: as hj_eligibility_judge().
 * Returns: (transfer full) (nullable): the findings; NULL with HJ_REFUSAL_NOT_FOUND when there is no such authority. */
json_t *
hj_eligibility_check (HjStore *store, const char *authority, const char *centre, gint64 at_us,
    gboolean *ret_allowed, GError **error)
{
  g_autoptr (HjFacts) facts = hj_facts_load (store, authority, centre, at_us, error);

  return facts != NULL ? hj_eligibility_check_facts (store, facts, ret_allowed, error) : NULL;
}

/* Act check-eligibility. Input {authority}; answer {authority, allowed, checked_at_us, findings}. */
static json_t *
check_eligibility (HjAct *act, GError **error)
{
  const char *authority = NULL;
  g_autoptr (HjFacts) facts = NULL;
  json_t *findings = NULL;
  gboolean allowed = FALSE;

  if (!hj_json_read_id (act->input, "authority", &authority, error))
    return NULL;
  hj_act_about (act, "authority", authority);
  facts = hj_facts_load (act->store, authority, NULL, act->now_us, error);
  if (facts == NULL
      || !hj_access_check (
          act->actor, "check-eligibility", &(HjSubject){ .lawyer = facts->lawyer.id }, error))
    return NULL;
  findings = hj_eligibility_check_facts (act->store, facts, &allowed, error);
  if (findings == NULL)
    return NULL;
  hj_act_note (act, "allowed", json_boolean (allowed));
  return json_pack ("{s:s, s:b, s:I, s:o}", "authority", authority, "allowed", allowed,
      "checked_at_us", (json_int_t)act->now_us, "findings", findings);
}

/* What somebody else may know of findings: the rules that deny or wait for a permission, in the words that every case shares,
 * without the days of this one. Returns: (transfer full): an array of Finding. */
json_t *
hj_eligibility_tell_others (const json_t *findings)
{
  json_t *told = json_array ();
  const HjRuleDays no_days = { "", "" };
  const HjRule *rule;
  json_t *finding;
  gsize i;

  for (guint n = 0; (rule = hj_rules_get_nth (n)) != NULL; n++)
    {
      if (rule->severity < HJ_SEVERITY_PERMISSION)
        continue;
      json_array_foreach (findings, i, finding)
      {
        if (g_strcmp0 (json_string_value (json_object_get (finding, "code")), rule->code) == 0)
          json_array_append_new (told, make_finding (rule, &no_days));
      }
    }
  return told;
}

/* A door: the act goes on only when the authority holds now; otherwise HJ_REFUSAL_NOT_ELIGIBLE, and the answer has the
 * findings. */
gboolean
hj_eligibility_require (HjAct *act, const char *authority, const char *centre, GError **error)
{
  gboolean allowed = FALSE;
  g_autoptr (json_t) findings
      = hj_eligibility_check (act->store, authority, centre, act->now_us, &allowed, error);

  if (findings == NULL || allowed)
    return findings != NULL;
  hj_act_explain (act, "findings", g_steal_pointer (&findings));
  hj_refuse (error, HJ_REFUSAL_NOT_ELIGIBLE, "eligibility");
  return FALSE;
}

const HjActKind hj_act_check_eligibility = {
  .name = "check-eligibility",
  .flags = HJ_ACT_LOOKS,
  .run = check_eligibility,
};
