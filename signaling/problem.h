/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/base/refusal.h"

G_BEGIN_DECLS

typedef enum
{
  HJ_LANGUAGE_ZH,
  HJ_LANGUAGE_EN,
} HjLanguage;

HjLanguage hj_language_from_text (const char *text);
const char *hj_problem_code (const GError *error);
guint hj_problem_status (const GError *error);
const char *hj_problem_title (const char *code, HjLanguage language);
json_t *hj_problem_new (
    const GError *error, const json_t *members, HjLanguage language) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
