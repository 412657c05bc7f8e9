/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/base/config.h"

G_BEGIN_DECLS

/* The group that huijiand and huijianctl read, and where it lies when nobody says otherwise. */
#define HJ_HUIJIAND_GROUP "huijiand"
#define HJ_HUIJIAND_CONFIG "/etc/huijian/huijian.conf"

extern const HjConfigKey hj_huijiand_keys[];

char *hj_huijiand_database (const HjConfig *config) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
