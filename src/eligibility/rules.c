/* SPDX-License-Identifier: Apache-2.0 */
/* The rules: one function each, asked of the facts alone, and the table with what people are told. Any thread. No rule may be
 * stricter than the law (2015 Provisions art. 7: no extra conditions or documents). Sources: docs of the domain, section 1. */

#include "src/eligibility/rules.h"

#include <string.h>

static gboolean
is (const char *text, const char *word)
{
  return g_strcmp0 (text, word) == 0;
}

static gboolean
is_duty (const HjFacts *facts)
{
  return is (facts->authority.kind, "duty");
}

static void
write_day (char day[11], gint64 at_us, GTimeZone *zone)
{
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (at_us / G_USEC_PER_SEC);
  g_autoptr (GDateTime) here = utc != NULL ? g_date_time_to_timezone (utc, zone) : NULL;
  g_autofree char *text = here != NULL ? g_date_time_format (here, "%Y-%m-%d") : NULL;

  g_strlcpy (day, text != NULL ? text : "", 11);
}

/* --- the licence --- */

static gboolean
licence_suspended (const HjRuleInput *in, HjRuleDays *days)
{
  if (!is (in->facts->lawyer.status, "suspended"))
    return FALSE;
  write_day (days->from, in->facts->lawyer.status_from_us, in->zone);
  if (in->facts->lawyer.status_to_us >= 0)
    write_day (days->to, in->facts->lawyer.status_to_us - 1, in->zone);
  return TRUE;
}

static gboolean
licence_cancelled (const HjRuleInput *in, HjRuleDays *days)
{
  return is (in->facts->lawyer.status, "cancelled");
}

static gboolean
licence_revoked (const HjRuleInput *in, HjRuleDays *days)
{
  return is (in->facts->lawyer.status, "revoked");
}

/* Between two firms the old certificate is handed in and the new one is on its way: the desk looks at what the lawyer has. */
static gboolean
licence_transferring (const HjRuleInput *in, HjRuleDays *days)
{
  return is (in->facts->lawyer.status, "transferring");
}

static gboolean
licence_unrecorded (const HjRuleInput *in, HjRuleDays *days)
{
  return in->facts->lawyer.status == NULL;
}

/* --- the papers --- */

static const HjPaperFacts *
paper (const HjRuleInput *in, HjPaperKind kind)
{
  return &in->facts->papers[kind];
}

/* The last day is whole: a paper has expired from the day after. */
static gboolean
has_expired (const HjRuleInput *in, HjPaperKind kind, HjRuleDays *days)
{
  const HjPaperFacts *it = paper (in, kind);

  if (!it->present || it->valid_to == NULL || strcmp (in->today, it->valid_to) <= 0)
    return FALSE;
  g_strlcpy (days->to, it->valid_to, sizeof days->to);
  return TRUE;
}

static gboolean
is_good (const HjRuleInput *in, HjPaperKind kind)
{
  HjRuleDays days;

  return paper (in, kind)->present && !has_expired (in, kind, &days);
}

static gboolean
needs_letter (const HjRuleInput *in)
{
  return !is_duty (in->facts) && !is_good (in, HJ_PAPER_POWER_OF_ATTORNEY)
         && !is_good (in, HJ_PAPER_LEGAL_AID_LETTER);
}

static gboolean
lacks_letter (const HjRuleInput *in)
{
  return needs_letter (in) && !paper (in, HJ_PAPER_POWER_OF_ATTORNEY)->present
         && !paper (in, HJ_PAPER_LEGAL_AID_LETTER)->present;
}

static gboolean
paper_licence_missing (const HjRuleInput *in, HjRuleDays *days)
{
  return !paper (in, HJ_PAPER_LICENCE)->present;
}

static gboolean
paper_licence_expired (const HjRuleInput *in, HjRuleDays *days)
{
  return has_expired (in, HJ_PAPER_LICENCE, days);
}

/* A duty lawyer is sent by the legal-aid body: neither a firm's letter nor a power of attorney (Criminal Procedure Law
 * art. 36, 39). */
static gboolean
paper_firm_letter_missing (const HjRuleInput *in, HjRuleDays *days)
{
  return !is_duty (in->facts) && !paper (in, HJ_PAPER_FIRM_LETTER)->present;
}

static gboolean
paper_firm_letter_expired (const HjRuleInput *in, HjRuleDays *days)
{
  return !is_duty (in->facts) && has_expired (in, HJ_PAPER_FIRM_LETTER, days);
}

static gboolean
paper_power_of_attorney_missing (const HjRuleInput *in, HjRuleDays *days)
{
  return lacks_letter (in) && !is (in->facts->authority.kind, "legal_aid");
}

static gboolean
paper_power_of_attorney_expired (const HjRuleInput *in, HjRuleDays *days)
{
  return needs_letter (in) && has_expired (in, HJ_PAPER_POWER_OF_ATTORNEY, days);
}

static gboolean
paper_legal_aid_letter_missing (const HjRuleInput *in, HjRuleDays *days)
{
  return lacks_letter (in) && is (in->facts->authority.kind, "legal_aid");
}

static gboolean
paper_legal_aid_letter_expired (const HjRuleInput *in, HjRuleDays *days)
{
  return needs_letter (in) && has_expired (in, HJ_PAPER_LEGAL_AID_LETTER, days);
}

/* --- the authority to act --- */

static gboolean
stage_not_covered (const HjRuleInput *in, HjRuleDays *days)
{
  guint stages = in->facts->authority.stages;

  return !is_duty (in->facts) && stages != 0 && (stages & (1u << in->facts->case_file.stage)) == 0;
}

/* No law demands that the paper names a stage: then a person reads what was agreed. */
static gboolean
stage_not_named (const HjRuleInput *in, HjRuleDays *days)
{
  return !is_duty (in->facts) && in->facts->authority.stages == 0;
}

static gboolean
authority_revoked (const HjRuleInput *in, HjRuleDays *days)
{
  gint64 revoked = in->facts->authority.revoked_at_us;

  if (revoked < 0 || revoked > in->facts->at_us)
    return FALSE;
  write_day (days->from, revoked, in->zone);
  return TRUE;
}

static gboolean
authority_not_begun (const HjRuleInput *in, HjRuleDays *days)
{
  return in->facts->authority.signed_at_us > in->facts->at_us;
}

static gboolean
case_not_of_person (const HjRuleInput *in, HjRuleDays *days)
{
  return !in->facts->case_file.names_person;
}

/* --- custody --- */

static gboolean
is_held (const HjFacts *facts)
{
  return is (facts->detainee.state, "in_custody") || is (facts->detainee.state, "temporarily_out");
}

static gboolean
not_in_custody (const HjRuleInput *in, HjRuleDays *days)
{
  return !is_held (in->facts) && !is (in->facts->detainee.state, "transferred");
}

static gboolean
transferred (const HjRuleInput *in, HjRuleDays *days)
{
  return is (in->facts->detainee.state, "transferred");
}

static gboolean
elsewhere_in_custody (const HjRuleInput *in, HjRuleDays *days)
{
  return is_held (in->facts) && in->facts->centre != NULL
         && !is (in->facts->detainee.centre, in->facts->centre);
}

static gboolean
temporarily_out (const HjRuleInput *in, HjRuleDays *days)
{
  return is (in->facts->detainee.state, "temporarily_out");
}

static gboolean
isolation (const HjRuleInput *in, HjRuleDays *days)
{
  return is (in->facts->detainee.state, "in_custody")
         && (is (in->facts->detainee.last_event, "MEDICAL_ISOLATION")
             || is (in->facts->detainee.last_event, "SOLITARY"));
}

/* --- permission --- */

/* Only during investigation, and only where the record carries the mark of a case of state security or terrorism. */
static gboolean
waits_for_permission (const HjFacts *facts)
{
  return facts->case_file.permission_required && facts->case_file.stage == HJ_STAGE_INVESTIGATION
         && !is (facts->permission, "granted");
}

static gboolean
permission_needed (const HjRuleInput *in, HjRuleDays *days)
{
  return waits_for_permission (in->facts) && in->facts->permission == NULL;
}

static gboolean
permission_requested (const HjRuleInput *in, HjRuleDays *days)
{
  if (!waits_for_permission (in->facts) || !is (in->facts->permission, "requested"))
    return FALSE;
  write_day (days->from, in->facts->permission_at_us, in->zone);
  return TRUE;
}

static gboolean
permission_refused (const HjRuleInput *in, HjRuleDays *days)
{
  if (!waits_for_permission (in->facts) || !is (in->facts->permission, "refused"))
    return FALSE;
  write_day (days->from, in->facts->permission_at_us, in->zone);
  return TRUE;
}

/* --- conflict of interest --- */

/* A duty lawyer gives legal help and defends nobody. */
static gboolean
defends_another (const HjFacts *facts, gboolean linked, gboolean active)
{
  if (is_duty (facts))
    return FALSE;
  for (guint i = 0; i < facts->other_defendants->len; i++)
    {
      const HjOtherDefendant *other = g_ptr_array_index (facts->other_defendants, i);

      if (other->linked == linked && other->active == active)
        return TRUE;
    }
  return FALSE;
}

static gboolean
co_defendant (const HjRuleInput *in, HjRuleDays *days)
{
  return defends_another (in->facts, FALSE, TRUE);
}

static gboolean
related_defendant (const HjRuleInput *in, HjRuleDays *days)
{
  return defends_another (in->facts, TRUE, TRUE);
}

static gboolean
formerly_co_defendant (const HjRuleInput *in, HjRuleDays *days)
{
  return defends_another (in->facts, FALSE, FALSE) || defends_another (in->facts, TRUE, FALSE);
}

/* --- the number of defenders: never a reason to refuse --- */

static gboolean
choice_of_defender (const HjRuleInput *in, HjRuleDays *days)
{
  const HjFacts *facts = in->facts;

  return !is_duty (facts) && facts->case_file.n_active_legal_aid > 0
         && facts->case_file.n_active_lawyers > facts->case_file.n_active_legal_aid;
}

static gboolean
more_than_two (const HjRuleInput *in, HjRuleDays *days)
{
  return !is_duty (in->facts) && in->facts->case_file.n_active_lawyers > 2;
}

#define THREE_PAPERS_ZH "《刑事诉讼法》第三十九条第二款；《律师法》第三十三条"
#define THREE_PAPERS_EN "Criminal Procedure Law art. 39(2); Lawyers Law art. 33"
#define CONFLICT_ZH                                                                                                              \
  "《最高人民法院关于适用〈中华人民共和国刑事诉讼法〉的解释》（2021）第四十三条第二款；" \
  "《公安机关办理刑事案件程序规定》第四十三条"
#define CONFLICT_EN                                                                                \
  "SPC Interpretation of the Criminal Procedure Law (2021) art. 43(2); MPS Procedure Rules for "   \
  "Criminal Cases art. 43"
#define PERMISSION_ZH "《刑事诉讼法》第三十九条第三款；《公安机关办理刑事案件程序规定》第五十二条"
#define PERMISSION_EN                                                                              \
  "Criminal Procedure Law art. 39(3); MPS Procedure Rules for Criminal Cases art. 52"

/* The order is the order in which people read them. clang-format would put each text on lines of its own. */
/* clang-format off */
static const HjRule RULES[] = {
  { "licence-suspended", HJ_SEVERITY_DENY, licence_suspended,
    "律师处于停止执业处罚期间",
    "The lawyer is suspended from practice",
    "《律师法》第四十七条至第四十九条、第五十一条；《刑事诉讼法》第三十九条第二款",
    "Lawyers Law art. 47–49 and 51; Criminal Procedure Law art. 39(2)",
    "停止执业期满后即可预约。当事人急需会见的，可以另行委托律师或者申请法律援助。",
    "Book again when the suspension has ended. A client who needs a lawyer now may retain another one or apply for legal aid." },
  { "licence-cancelled", HJ_SEVERITY_DENY, licence_cancelled,
    "律师执业证书已被注销",
    "The practising licence has been cancelled",
    "《律师法》第九条、第十三条",
    "Lawyers Law art. 9 and 13",
    "记录有误的，请向颁发执业证书的司法行政机关申请更正。",
    "If the record is wrong, ask the judicial administration that issued the licence to correct it." },
  { "licence-revoked", HJ_SEVERITY_DENY, licence_revoked,
    "律师执业证书已被吊销",
    "The practising licence has been revoked",
    "《刑事诉讼法》第三十三条第三款；《律师法》第五十三条第二款",
    "Criminal Procedure Law art. 33(3); Lawyers Law art. 53(2)",
    "系当事人监护人、近亲属的，可以依法以非律师辩护人身份申请会见（《刑事诉讼法》第三十九条第一款）；记录有误的，请向司法行政机关申请更正。",
    "A guardian or near relative may apply to meet as a defender who is not a lawyer (Criminal Procedure Law art. 39(1)). If the record is wrong, ask the judicial administration to correct it." },
  { "licence-transferring", HJ_SEVERITY_HUMAN, licence_transferring,
    "律师正在变更执业机构",
    "The lawyer is moving to another firm",
    "《律师法》第十条第一款",
    "Lawyers Law art. 10(1)",
    "可以预约；会见前由看守所工作人员核对现持的执业证书及律师事务所证明。",
    "You can book. The desk looks at your present licence and firm letter before the meeting." },
  { "licence-unrecorded", HJ_SEVERITY_HUMAN, licence_unrecorded,
    "系统中没有该律师的执业状态记录",
    "There is no record of whether the lawyer is practising",
    "《刑事诉讼法》第三十九条第二款",
    "Criminal Procedure Law art. 39(2)",
    "可以预约；会见前由看守所工作人员核对律师执业证书。",
    "You can book. The desk looks at your licence before the meeting." },
  { "paper-licence-missing", HJ_SEVERITY_DENY, paper_licence_missing,
    "缺少律师执业证书",
    "The practising licence is missing",
    THREE_PAPERS_ZH, THREE_PAPERS_EN,
    "请提交律师执业证书。",
    "Hand in a copy of your practising licence." },
  { "paper-licence-expired", HJ_SEVERITY_DENY, paper_licence_expired,
    "所提交的律师执业证书已过有效期",
    "The practising licence that was handed in has expired",
    THREE_PAPERS_ZH, THREE_PAPERS_EN,
    "请提交在有效期内的律师执业证书。",
    "Hand in a licence that is valid." },
  { "paper-firm-letter-missing", HJ_SEVERITY_DENY, paper_firm_letter_missing,
    "缺少律师事务所证明",
    "The law firm's letter is missing",
    THREE_PAPERS_ZH, THREE_PAPERS_EN,
    "请提交律师事务所出具的会见证明。",
    "Hand in your firm's letter for this meeting." },
  { "paper-firm-letter-expired", HJ_SEVERITY_DENY, paper_firm_letter_expired,
    "律师事务所证明已过有效期",
    "The law firm's letter has expired",
    THREE_PAPERS_ZH, THREE_PAPERS_EN,
    "请由律师事务所重新出具会见证明。",
    "Ask your firm for a new letter." },
  { "paper-power-of-attorney-missing", HJ_SEVERITY_DENY, paper_power_of_attorney_missing,
    "缺少委托书",
    "The power of attorney is missing",
    THREE_PAPERS_ZH, THREE_PAPERS_EN,
    "请提交当事人本人或者其监护人、近亲属签署的委托书；受法律援助机构指派的，提交法律援助公函。",
    "Hand in the power of attorney signed by the client, a guardian or a near relative; or, if legal aid assigned you, the legal-aid letter." },
  { "paper-power-of-attorney-expired", HJ_SEVERITY_DENY, paper_power_of_attorney_expired,
    "委托书已过有效期",
    "The power of attorney has expired",
    THREE_PAPERS_ZH, THREE_PAPERS_EN,
    "请提交在有效期内的委托书。",
    "Hand in a power of attorney that is valid." },
  { "paper-legal-aid-letter-missing", HJ_SEVERITY_DENY, paper_legal_aid_letter_missing,
    "缺少法律援助公函",
    "The legal-aid letter is missing",
    THREE_PAPERS_ZH, THREE_PAPERS_EN,
    "请向指派的法律援助机构领取法律援助公函后提交。",
    "Ask the legal-aid body that assigned you for the letter and hand it in." },
  { "paper-legal-aid-letter-expired", HJ_SEVERITY_DENY, paper_legal_aid_letter_expired,
    "法律援助公函已过有效期",
    "The legal-aid letter has expired",
    THREE_PAPERS_ZH, THREE_PAPERS_EN,
    "请向指派的法律援助机构重新领取法律援助公函。",
    "Ask the legal-aid body that assigned you for a new letter." },
  { "stage-not-covered", HJ_SEVERITY_DENY, stage_not_covered,
    "委托手续不包括案件当前的诉讼阶段",
    "The authority to act does not cover the present stage of the case",
    "《刑事诉讼法》第三十四条、第三十九条第二款",
    "Criminal Procedure Law art. 34 and 39(2)",
    "请补充当前诉讼阶段的委托书或者法律援助公函。",
    "Hand in a power of attorney or legal-aid letter for the present stage." },
  { "stage-not-named", HJ_SEVERITY_HUMAN, stage_not_named,
    "委托手续未载明诉讼阶段",
    "The authority to act names no stage of the case",
    "《刑事诉讼法》第三十四条、第三十九条第二款",
    "Criminal Procedure Law art. 34 and 39(2)",
    "可以预约；会见前由看守所工作人员核对委托范围。",
    "You can book. The desk reads what was agreed before the meeting." },
  { "authority-revoked", HJ_SEVERITY_DENY, authority_revoked,
    "委托或者指派已经解除、终止",
    "The authority to act has ended",
    "《律师法》第三十二条第一款；《刑事诉讼法》第四十五条；《法律援助法》第四十八条",
    "Lawyers Law art. 32(1); Criminal Procedure Law art. 45; Legal Aid Law art. 48",
    "重新委托或者指派的，请提交新的手续。",
    "If you have been retained or assigned again, hand in the new papers." },
  { "authority-not-begun", HJ_SEVERITY_DENY, authority_not_begun,
    "委托或者指派尚未生效",
    "The authority to act has not begun",
    "《刑事诉讼法》第三十四条、第三十九条第二款",
    "Criminal Procedure Law art. 34 and 39(2)",
    "请预约委托或者指派生效之后的时间。",
    "Book a time after the day on which it was signed." },
  { "case-not-of-person", HJ_SEVERITY_HUMAN, case_not_of_person,
    "案件记录中没有该当事人",
    "The case record does not name this person",
    "《刑事诉讼法》第三十九条第二款",
    "Criminal Procedure Law art. 39(2)",
    "可以预约；会见前由看守所工作人员向办案机关核对案件信息。",
    "You can book. The desk asks the case unit before the meeting." },
  { "not-in-custody", HJ_SEVERITY_DENY, not_in_custody,
    "该当事人现不在押",
    "The client is not in custody",
    "《刑事诉讼法》第三十九条第一款",
    "Criminal Procedure Law art. 39(1)",
    "已经释放或者变更强制措施的，无须通过看守所会见；记录有误的，请向办案机关或者看守所核实。",
    "A client who has been released can be met without the centre. If the record is wrong, ask the case unit or the centre." },
  { "transferred", HJ_SEVERITY_DENY, transferred,
    "该当事人已转往其他羁押场所，新的羁押记录尚未收到",
    "The client has been moved to another place of detention, which has not reported yet",
    "《刑事诉讼法》第三十九条",
    "Criminal Procedure Law art. 39",
    "请向办案机关了解现羁押场所；新的羁押记录到达后即可预约，会见权利不受影响。",
    "Ask the case unit where the client is now. You can book as soon as the new record is here; the right to meet is the same." },
  { "elsewhere-in-custody", HJ_SEVERITY_DENY, elsewhere_in_custody,
    "该当事人现羁押于其他看守所",
    "The client is held in another centre",
    "《刑事诉讼法》第三十九条",
    "Criminal Procedure Law art. 39",
    "请预约现羁押看守所的会见时间。",
    "Book a time at the centre where the client is now." },
  { "temporarily-out", HJ_SEVERITY_NOTE, temporarily_out,
    "该当事人暂时不在所内（提解、就医或者出庭）",
    "The client is out of the centre for a time (interview, hospital or court)",
    "《刑事诉讼法》第三十九条第二款；《公安机关办理刑事案件程序规定》第五十三条",
    "Criminal Procedure Law art. 39(2); MPS Procedure Rules for Criminal Cases art. 53",
    "可以照常预约；届时仍未还押的，会见顺延，四十八小时期限照常计算。",
    "You can book as usual. If the client is not back by then the meeting is put off; the 48 hours go on running." },
  { "isolation", HJ_SEVERITY_NOTE, isolation,
    "该当事人处于隔离或者单独关押状态",
    "The client is in isolation or held alone",
    "《刑事诉讼法》第三十九条第二款",
    "Criminal Procedure Law art. 39(2)",
    "可以照常预约；看守所可能使用移动终端安排会见。",
    "You can book as usual. The centre may bring the kiosk to the client." },
  { "permission-needed", HJ_SEVERITY_PERMISSION, permission_needed,
    "侦查期间会见须经侦查机关许可",
    "During investigation this meeting needs the investigating authority's permission",
    PERMISSION_ZH, PERMISSION_EN,
    "请向侦查机关提出会见申请；侦查机关应当在三日以内作出决定。案件移送审查起诉后无须许可。",
    "Apply to the investigating authority, which decides within three days. No permission is needed once the case has gone to the procuratorate." },
  { "permission-requested", HJ_SEVERITY_PERMISSION, permission_requested,
    "会见申请尚待侦查机关许可",
    "The investigating authority has not yet decided on permission to meet",
    PERMISSION_ZH, PERMISSION_EN,
    "侦查机关应当在收到申请后三日以内作出决定；逾期的，可以向人民检察院申诉或者控告（《刑事诉讼法》第四十九条）。",
    "The authority decides within three days of the application. If it does not, you may complain to the procuratorate (Criminal Procedure Law art. 49)." },
  { "permission-refused", HJ_SEVERITY_PERMISSION, permission_refused,
    "侦查机关未许可会见",
    "The investigating authority has refused permission to meet",
    PERMISSION_ZH, PERMISSION_EN,
    "有碍侦查或者可能泄露国家秘密的情形消失后，侦查机关应当许可；不服的，可以向人民检察院申诉或者控告（《刑事诉讼法》第四十九条）。",
    "Permission is due once the meeting no longer obstructs the investigation or endangers state secrets. You may complain to the procuratorate (Criminal Procedure Law art. 49)." },
  { "co-defendant", HJ_SEVERITY_DENY, co_defendant,
    "律师正在为同案的其他犯罪嫌疑人、被告人辩护",
    "The lawyer is defending another suspect or defendant of the same case",
    CONFLICT_ZH, CONFLICT_EN,
    "一名辩护人只能为其中一人辩护；请由当事人另行委托辩护人（可以是同一律师事务所的其他律师）。",
    "A defender may act for one of them only. The client may retain another lawyer, also one of the same firm." },
  { "related-defendant", HJ_SEVERITY_DENY, related_defendant,
    "律师正在为关联案件的犯罪嫌疑人、被告人辩护",
    "The lawyer is defending a suspect or defendant of a related case",
    CONFLICT_ZH, CONFLICT_EN,
    "未同案处理但犯罪事实存在关联的，一名辩护人只能为其中一人辩护；请由当事人另行委托辩护人。",
    "Where cases are handled apart but their facts are related, a defender may act for one person only. The client may retain another lawyer." },
  { "formerly-co-defendant", HJ_SEVERITY_NOTE, formerly_co_defendant,
    "律师曾为同案或者关联案件的其他犯罪嫌疑人、被告人辩护",
    "The lawyer once defended another suspect or defendant of this or a related case",
    "《律师法》第三十八条第二款、第三十九条",
    "Lawyers Law art. 38(2) and 39",
    "不影响预约；请注意保密义务和利益冲突审查。",
    "You can book. Mind the duty of confidence and your firm's conflict check." },
  { "choice-of-defender", HJ_SEVERITY_NOTE, choice_of_defender,
    "既有法律援助指派，又有委托的律师",
    "There are both a legal-aid lawyer and a retained lawyer",
    "法释〔2025〕9号；《法律援助法》第二十七条、第四十八条",
    "Fa Shi [2025] No. 9; Legal Aid Law art. 27 and 48",
    "委托的律师有权会见，由当事人选择辩护人；选择委托律师的，法律援助终止。",
    "The retained lawyer has the right to meet. The client chooses; legal aid ends when the client picks the retained lawyer." },
  { "more-than-two", HJ_SEVERITY_NOTE, more_than_two,
    "持有该当事人辩护手续的律师超过两名",
    "More than two lawyers hold papers to defend this client",
    "《刑事诉讼法》第三十三条第一款；法释〔2025〕9号",
    "Criminal Procedure Law art. 33(1); Fa Shi [2025] No. 9",
    "不影响会见；由当事人确定一至二名辩护人。",
    "You can meet the client, who then names one or two defenders." },
};
/* clang-format on */

/* Returns: (transfer none) (nullable): the rules in the order in which people read them. */
const HjRule *
hj_rules_get_nth (guint n)
{
  return n < G_N_ELEMENTS (RULES) ? &RULES[n] : NULL;
}

/* Returns: (transfer none): the word on the wire. */
const char *
hj_severity_word (HjSeverity severity)
{
  static const char *const WORDS[HJ_SEVERITY_N] = { "note", "human", "permission", "deny" };

  g_return_val_if_fail (severity < HJ_SEVERITY_N, "deny");
  return WORDS[severity];
}
