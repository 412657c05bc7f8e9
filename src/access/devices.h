/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/access/act.h"

G_BEGIN_DECLS

#define HJ_DEVICES_MAX_ACTIVE 10

extern const HjActKind hj_act_list_devices;
extern const HjActKind hj_act_add_device;
extern const HjActKind hj_act_remove_device;

char *hj_device_find_key (HjStore *store, const char *account, const char *device, gint64 now_us,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
