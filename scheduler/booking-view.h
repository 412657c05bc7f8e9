/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/access/act.h"

G_BEGIN_DECLS

json_t *hj_booking_view (HjStore *store, const HjActor *actor, const char *booking, gint64 now_us,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
json_t *hj_booking_view_next (HjStore *store, const HjActor *actor, const char *authority,
    gint64 now_us, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
