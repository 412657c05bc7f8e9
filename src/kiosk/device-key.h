/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define HJ_NONCE_SIZE 32

typedef struct _HjDeviceKey HjDeviceKey;

HjDeviceKey *hj_device_key_create (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
HjDeviceKey *hj_device_key_open (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void hj_device_key_free (HjDeviceKey *self);
char *hj_device_key_public (const HjDeviceKey *self);
char *hj_device_key_fingerprint (const HjDeviceKey *self) G_GNUC_WARN_UNUSED_RESULT;
char *hj_device_key_sign_reveal (
    const HjDeviceKey *self, const guint8 *statement, gsize size) G_GNUC_WARN_UNUSED_RESULT;
char *hj_device_key_sign_hello (const HjDeviceKey *self, const guint8 nonce[HJ_NONCE_SIZE],
    const char *kiosk, const char *origin) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HjDeviceKey, hj_device_key_free)

G_END_DECLS
