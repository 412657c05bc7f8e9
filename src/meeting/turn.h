/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/base/config.h"

G_BEGIN_DECLS

/* The group of huijian.conf that hj_turn_load() takes. */
#define HJ_TURN_GROUP "turn"

extern const HjConfigKey hj_turn_keys[];

/* What lets a seat's browser reach the relay through a TURN server, where its network blocks UDP. */
typedef struct _HjTurn HjTurn;

gboolean hj_turn_load (const HjConfig *config, HjTurn **ret, GError **error);
HjTurn *hj_turn_new (const char *const *urls, const char *secret, gint64 ttl_us);
void hj_turn_free (HjTurn *self);
json_t *hj_turn_describe (HjTurn *self, const char *seat, gint64 now_us) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HjTurn, hj_turn_free)

G_END_DECLS
