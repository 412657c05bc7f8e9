/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/base/types.h"

G_BEGIN_DECLS

/* Eight groups of four, seven spaces. */
#define HJ_FINGERPRINT_LENGTH 39

char *hj_fingerprint_new (gconstpointer spki, gsize size) G_GNUC_WARN_UNUSED_RESULT;
char *hj_fingerprint_read (const char *text) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
