/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/base/types.h"
#include "src/meeting/turn.h"

G_BEGIN_DECLS

typedef struct _HjServer HjServer;

HjServer *hj_server_new (const HjConfig *config, HjTurn *turn, GError **error);
gboolean hj_server_start (HjServer *self, GError **error);
void hj_server_free (HjServer *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HjServer, hj_server_free)

G_END_DECLS
