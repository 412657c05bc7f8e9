/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/records/facts.h"

G_BEGIN_DECLS

typedef enum
{
  HJ_SEVERITY_NOTE,       /* told, decides nothing */
  HJ_SEVERITY_HUMAN,      /* a person decides at check-in */
  HJ_SEVERITY_PERMISSION, /* refused until an authority permits */
  HJ_SEVERITY_DENY,
  HJ_SEVERITY_N
} HjSeverity;

/* Days that belong to a finding, YYYY-MM-DD; "" for none. */
typedef struct
{
  char from[11];
  char to[11]; /* the last day */
} HjRuleDays;

typedef struct
{
  const HjFacts *facts;
  GTimeZone *zone;   /* of the centre: papers end with its day */
  const char *today; /* YYYY-MM-DD there */
} HjRuleInput;

/* One rule: one question to the facts, and what people are told when the answer is yes. */
typedef struct
{
  const char *code;
  HjSeverity severity;
  gboolean (*applies) (const HjRuleInput *input, HjRuleDays *days);
  const char *title_zh, *title_en;
  const char *basis_zh, *basis_en;
  const char *remedy_zh, *remedy_en;
} HjRule;

const HjRule *hj_rules_get_nth (guint n);
const char *hj_severity_word (HjSeverity severity);

G_END_DECLS
