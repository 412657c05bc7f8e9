/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/access/act.h"

G_BEGIN_DECLS

#define HJ_IMPORT_MAX_LINES 1000
#define HJ_IMPORT_MAX_LINE_BYTES (64 * 1024)

extern const HjActKind hj_act_import;
extern const HjActKind hj_act_import_progress;

G_END_DECLS
