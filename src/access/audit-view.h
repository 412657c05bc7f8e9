/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/access/act.h"

G_BEGIN_DECLS

extern const HjActKind hj_act_list_audit;

G_END_DECLS
