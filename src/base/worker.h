/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/base/types.h"

G_BEGIN_DECLS

typedef void (*HjWorkerFunc) (gpointer message);

HjWorker *hj_worker_new (const char *name);
void hj_worker_free (HjWorker *self);
gboolean hj_worker_is_current (HjWorker *self);
void
hj_worker_run (HjWorker *self, HjWorkerFunc on_worker, HjWorkerFunc on_control, gpointer message);
void hj_control_post (HjWorkerFunc on_control, gpointer message);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HjWorker, hj_worker_free)

G_END_DECLS
