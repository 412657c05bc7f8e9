/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/base/types.h"

G_BEGIN_DECLS

#define HJ_NONCE_BYTES 32
#define HJ_SIGNATURE_BYTES 64

GBytes *hj_device_key_read (const char *public_key, GError **error) G_GNUC_WARN_UNUSED_RESULT;
GBytes *hj_device_key_build_hello (const guint8 nonce[HJ_NONCE_BYTES], const char *kiosk,
    const char *origin) G_GNUC_WARN_UNUSED_RESULT;
GBytes *hj_device_key_build_proof (const char *account, GBytes *key) G_GNUC_WARN_UNUSED_RESULT;
void hj_device_key_show (json_t *row);
gboolean hj_device_key_verify (gconstpointer der, gsize der_size, GBytes *message,
    const char *signature) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
