/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/access/caller.h"

G_BEGIN_DECLS

#define HJ_KIOSK_TOKEN_LIFE_US (10 * HJ_MINUTE_US)

extern const HjActKind hj_act_list_kiosks;
extern const HjActKind hj_act_create_kiosk;
extern const HjActKind hj_act_update_kiosk;
extern const HjActKind hj_act_enrol_kiosk;

HjCaller *
hj_kiosk_prove (HjStore *store, const char *kiosk, const guint8 *nonce, const char *signature,
    const char *origin, gint64 now_us, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void hj_kiosk_prove_async (HjActs *acts, const char *kiosk, const guint8 *nonce,
    const char *signature, const char *origin, GAsyncReadyCallback callback, gpointer user_data);
HjCaller *hj_kiosk_prove_finish (GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;

gboolean hj_kiosk_set_online (
    HjStore *store, const char *kiosk, gboolean online, gint64 now_us, GError **error);
void hj_kiosk_set_online_async (HjActs *acts, const char *kiosk, gboolean online);
gboolean hj_kiosks_all_offline (HjStore *store, GError **error);

G_END_DECLS
