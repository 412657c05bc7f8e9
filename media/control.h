/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "media/relay.h"

G_BEGIN_DECLS

/* The client of huijiand's control link. Control thread. */
typedef struct _HjControl HjControl;

HjControl *hj_control_new (const char *socket_path, const char *node, guint capacity);
void hj_control_free (HjControl *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (HjControl, hj_control_free)

void hj_control_add_relay (HjControl *self, HjRelay *relay);
void hj_control_start (HjControl *self);
void hj_control_drain (HjControl *self);
void hj_control_send_statistics (HjControl *self);
gboolean hj_control_is_welcome (const HjControl *self);
guint hj_control_get_events_kept (const HjControl *self);
void hj_control_take_event (
    HjControl *self, HjLinkEventKind kind, const char *room, const char *seat, gint64 at_us);

G_END_DECLS
