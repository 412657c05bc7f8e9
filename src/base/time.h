/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/base/types.h"

G_BEGIN_DECLS

#define HJ_SECOND_US G_GINT64_CONSTANT (1000000)
#define HJ_MINUTE_US (60 * HJ_SECOND_US)
#define HJ_HOUR_US (60 * HJ_MINUTE_US)
#define HJ_DAY_US (24 * HJ_HOUR_US)

HjTime *hj_time_new (void);
HjTime *hj_time_new_fake (gint64 now_us);
void hj_time_set (HjTime *self, gint64 now_us);
void hj_time_free (HjTime *self);
gint64 hj_time_now (HjTime *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HjTime, hj_time_free)

G_END_DECLS
