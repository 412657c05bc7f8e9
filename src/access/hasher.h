/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/access/act.h"
#include "src/base/worker.h"

G_BEGIN_DECLS

#define HJ_HASHER_MAX_WAITING 64

HjHasher *hj_hasher_new (void);
void hj_hasher_free (HjHasher *self);
gboolean hj_hasher_run (HjHasher *self, HjWorkerFunc on_hasher, HjWorkerFunc on_control,
    gpointer message, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HjHasher, hj_hasher_free)

G_END_DECLS
