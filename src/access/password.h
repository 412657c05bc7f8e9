/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/base/types.h"

G_BEGIN_DECLS

#define HJ_PASSWORD_MIN_CHARACTERS 10
#define HJ_PASSWORD_MAX_BYTES 128

char *hj_password_hash (const char *password) G_GNUC_WARN_UNUSED_RESULT;
gboolean hj_password_verify (const char *phc, const char *password) G_GNUC_WARN_UNUSED_RESULT;
gboolean hj_password_is_weak (const char *password, const char *account);
char *hj_password_generate (void) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
