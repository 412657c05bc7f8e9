/* SPDX-License-Identifier: Apache-2.0 */
/* The one error domain of the rules. Any thread. */

#include "src/base/refusal.h"

G_DEFINE_QUARK (hj_refusal, hj_refusal)

static const char *const WORDS[HJ_REFUSAL_N] = {
  [HJ_REFUSAL_INVALID] = "invalid",
  [HJ_REFUSAL_SIGN_IN] = "sign-in",
  [HJ_REFUSAL_LOGIN_FAILED] = "login-failed",
  [HJ_REFUSAL_LOGIN_DELAYED] = "login-delayed",
  [HJ_REFUSAL_PASSWORD_WEAK] = "password-weak",
  [HJ_REFUSAL_NOT_FOUND] = "not-found",
  [HJ_REFUSAL_NOT_ELIGIBLE] = "not-eligible",
  [HJ_REFUSAL_SLOT_TAKEN] = "slot-taken",
  [HJ_REFUSAL_SLOT_CLOSED] = "slot-closed",
  [HJ_REFUSAL_STATE] = "state",
  [HJ_REFUSAL_TOKEN] = "token",
  [HJ_REFUSAL_EXISTS] = "exists",
  [HJ_REFUSAL_TOO_MANY] = "too-many",
  [HJ_REFUSAL_DEVICE] = "device",
  [HJ_REFUSAL_UNAPPROVED] = "unapproved",
  [HJ_REFUSAL_UNAVAILABLE] = "unavailable",
};

/* Returns: (transfer none): the word of the code on the wire and in the audit. */
const char *
hj_refusal_word (HjRefusal code)
{
  g_return_val_if_fail (code < HJ_REFUSAL_N, "unavailable");
  return WORDS[code];
}

/* Sets error. The text is for logs and engineers: no personal data; what people read is in signaling/problem.c. For
 * HJ_REFUSAL_INVALID it is the name of the field. */
void
hj_refuse (GError **error, HjRefusal code, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error_literal (error, HJ_REFUSAL, (int)code, text);
}
