/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/access/act.h"
#include "src/records/facts.h"

G_BEGIN_DECLS

json_t *hj_eligibility_judge (
    const HjFacts *facts, GTimeZone *zone, gboolean *ret_allowed) G_GNUC_WARN_UNUSED_RESULT;
json_t *hj_eligibility_check (HjStore *store, const char *authority, const char *centre,
    gint64 at_us, gboolean *ret_allowed, GError **error) G_GNUC_WARN_UNUSED_RESULT;
json_t *hj_eligibility_check_facts (HjStore *store, const HjFacts *facts, gboolean *ret_allowed,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

json_t *hj_eligibility_tell_others (const json_t *findings) G_GNUC_WARN_UNUSED_RESULT;
gboolean
hj_eligibility_require (HjAct *act, const char *authority, const char *centre, GError **error);

extern const HjActKind hj_act_check_eligibility;

G_END_DECLS
