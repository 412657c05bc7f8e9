/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/access/caller.h"

G_BEGIN_DECLS

#define HJ_TICKET_LIFE_US (60 * HJ_SECOND_US)

extern const HjActKind hj_act_ticket;

HjCaller *hj_ticket_take (
    HjStore *store, const char *ticket, gint64 now_us, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void hj_ticket_take_async (
    HjActs *acts, const char *ticket, GAsyncReadyCallback callback, gpointer user_data);
HjCaller *hj_ticket_take_finish (GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
