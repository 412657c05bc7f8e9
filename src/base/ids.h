/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/base/types.h"

G_BEGIN_DECLS

#define HJ_ID_LENGTH 26

void hj_random (guint8 *bytes, gsize size);
char *hj_id_new (void) G_GNUC_WARN_UNUSED_RESULT;
gboolean hj_id_is_valid (const char *id);
char *hj_token_new (void) G_GNUC_WARN_UNUSED_RESULT;
char *hj_base64url (const guint8 *data, gsize size);
guint8 *hj_base64url_decode (const char *text, gsize *ret_size);
char *hj_sha256_hex (const char *text);

G_END_DECLS
