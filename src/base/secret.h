/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/base/types.h"

G_BEGIN_DECLS

HjSecret *hj_secret_new (const void *bytes, gsize size);
void hj_secret_free (HjSecret *self);
const guint8 *hj_secret_get (const HjSecret *self, gsize *ret_size);
gboolean hj_secret_equal (const HjSecret *self, const void *bytes, gsize size);
gboolean hj_text_equal_constant_time (const char *a, const char *b);
void hj_text_wipe (char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HjSecret, hj_secret_free)

G_END_DECLS
