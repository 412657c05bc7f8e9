/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "signaling/ws/server.h"
#include "src/meeting/host.h"

G_BEGIN_DECLS

typedef struct _HjMediaLink HjMediaLink;

HjMediaLink *hj_media_link_new (HjHost *host);
void hj_media_link_set_answer_within (HjMediaLink *self, guint within_ms);
void hj_media_link_set_dead_after (HjMediaLink *self, guint after_ms);
gboolean
hj_media_link_listen (HjMediaLink *self, HjWs *ws, const char *socket_path, GError **error);
json_t *hj_media_link_describe (HjMediaLink *self) G_GNUC_WARN_UNUSED_RESULT;
void hj_media_link_free (HjMediaLink *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HjMediaLink, hj_media_link_free)

G_END_DECLS
