/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/access/act.h"

G_BEGIN_DECLS

gboolean hj_accounts_may_manage (const HjActor *actor, const json_t *account);
json_t *hj_accounts_find_managed (
    HjAct *act, const char *account, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
