/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/base/types.h"

G_BEGIN_DECLS

void hj_event (const char *event, const char *meeting_id, const char *peer_id, const char *format,
    ...) G_GNUC_PRINTF (4, 5);

G_END_DECLS
