/* SPDX-License-Identifier: Apache-2.0 */
/* What people and programs are told when something is refused: one table, code -> status and text. Nothing else speaks to
 * users. RFC 9457. Any thread. */

#include "signaling/problem.h"

#include <string.h>

#include "src/base/json.h"

/* clang-format off */
static const struct { const char *code; guint status; const char *zh; const char *en; } TABLE[] = {
  { "invalid",       400, "提交的内容不完整或有误，请更正后重试", "Something is missing or wrong; please correct it" },
  { "sign-in",       401, "请先登录", "Please sign in" },
  { "login-failed",  401, "账号或密码不正确", "The account or the password is not right" },
  { "login-delayed", 429, "尝试次数过多，请稍后再试", "Too many attempts; please wait a while" },
  { "password-weak", 422, "密码强度不足：至少 10 个字符，且不得使用常见密码或账号名", "The password is too weak: at least 10 characters, not a common one, not the account's name" },
  { "not-found",     404, "没有找到，或您无权查看", "Not found, or not yours to see" },
  { "not-eligible",  422, "目前不符合会见条件，原因见下", "The conditions for a meeting are not met; the reasons are listed" },
  { "slot-taken",    409, "该时段已被预约，请选择其他时段", "This slot has just been taken; please choose another one" },
  { "slot-closed",   409, "该时段目前不开放预约", "This slot is not offered" },
  { "state",         409, "当前状态下不能进行此操作", "This cannot be done in the present state" },
  { "token",         403, "凭证无效、已使用或已过期", "The ticket or token is unknown, used or expired" },
  { "exists",        409, "已存在相同的记录", "There is one already" },
  { "too-many",      429, "数量或频率超出限制，请减少后再试", "Too many, or too often; please have fewer or wait a while" },
  { "device",        403, "此浏览器的密钥未登记或已被移除", "This browser's key is not registered or was removed" },
  { "unapproved",    403, "此终端的密钥尚待管理员核对批准", "This kiosk's key waits for an administrator's approval" },
  { "unavailable",   503, "服务暂时不可用，请稍后再试", "The service is not available for the moment; please try again" },
  { "unknown-verb",  400, "无法识别的消息", "This message is not known" },
  { "bad-offer",     400, "浏览器的媒体参数无法使用", "The media offer of this browser cannot be used" },
  { "full",          503, "服务器的会见容量已满，请稍后再试", "All places on the server are taken; please try again" },
  { "method",        405, "不支持的操作", "This method is not offered here" },
  { "origin",        403, "请求来源不被允许", "This request comes from a place that is not allowed" },
  { "failed",        500, "服务出现故障，操作未生效", "Something failed here; nothing was changed" },
};
/* clang-format on */

/* text: (nullable): Accept-Language or a locale. Chinese unless English is asked for first. */
HjLanguage
hj_language_from_text (const char *text)
{
  return text != NULL && g_ascii_strncasecmp (text, "en", 2) == 0 ? HJ_LANGUAGE_EN : HJ_LANGUAGE_ZH;
}

static gsize
find (const char *code)
{
  for (gsize i = 0; i < G_N_ELEMENTS (TABLE); i++)
    if (g_str_equal (TABLE[i].code, code))
      return i;
  return G_N_ELEMENTS (TABLE) - 1;
}

/* Returns: (transfer none): the word on the wire. What is not a refusal is our failure and says no more than that. */
const char *
hj_problem_code (const GError *error)
{
  return error->domain == HJ_REFUSAL ? hj_refusal_word ((HjRefusal)error->code) : "failed";
}

guint
hj_problem_status (const GError *error)
{
  return TABLE[find (hj_problem_code (error))].status;
}

/* Returns: (transfer none): what a person reads. */
const char *
hj_problem_title (const char *code, HjLanguage language)
{
  return language == HJ_LANGUAGE_EN ? TABLE[find (code)].en : TABLE[find (code)].zh;
}

/* members: (nullable) (transfer none): findings, alternatives, fields. Returns: (transfer full): {type, title, status, code,
 * detail?, …}. The detail is told for what the caller sent wrong, never for what is forbidden or broken here. */
json_t *
hj_problem_new (const GError *error, const json_t *members, HjLanguage language)
{
  const char *code = hj_problem_code (error);
  g_autofree char *type = g_strconcat ("urn:huijian:problem:", code, NULL);
  json_t *problem = json_pack ("{s:s, s:s, s:i, s:s}", "type", type, "title",
      hj_problem_title (code, language), "status", (int)hj_problem_status (error), "code", code);

  if (g_error_matches (error, HJ_REFUSAL, HJ_REFUSAL_INVALID)
      || g_error_matches (error, HJ_REFUSAL, HJ_REFUSAL_STATE))
    json_object_set_new (problem, "detail", json_string (error->message));
  if (members != NULL)
    json_object_update_missing (problem, (json_t *)members);
  return problem;
}
