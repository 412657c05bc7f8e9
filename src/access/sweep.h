/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/access/act.h"

G_BEGIN_DECLS

gboolean hj_sweep (HjStore *store, gint64 now_us, GError **error);
void hj_sweep_async (HjActs *acts);

G_END_DECLS
