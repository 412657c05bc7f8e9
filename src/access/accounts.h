/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/access/act.h"

G_BEGIN_DECLS

extern const HjActKind hj_act_list_accounts;
extern const HjActKind hj_act_create_account;
extern const HjActKind hj_act_update_account;
extern const HjActKind hj_act_set_password;
extern const HjActKind hj_act_change_password;
extern const HjActKind hj_act_list_lawyers;

G_END_DECLS
