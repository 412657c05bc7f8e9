/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/base/types.h"
#include "src/kiosk/device-key.h"

G_BEGIN_DECLS

#define HJ_SIGNER_MAX_STATEMENT (4 * 1024)
#define HJ_SIGNER_PER_SECOND 10
#define HJ_SIGNER_PER_WINDOW 60
#define HJ_SIGNER_WINDOW_S 600

typedef struct _HjSigner HjSigner;

HjSigner *hj_signer_new (const HjDeviceKey *key) G_GNUC_WARN_UNUSED_RESULT;
void hj_signer_free (HjSigner *self);
char *hj_signer_sign (
    HjSigner *self, const json_t *message, gint64 now_us, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HjSigner, hj_signer_free)

G_END_DECLS
