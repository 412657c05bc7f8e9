/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/base/link.h"

G_BEGIN_DECLS

#define HJ_EVENTS_MAX 65536 /* kept at most: an outage of huijiand of days */

/* Events of this boot that huijiand has not acknowledged. */
typedef struct _HjEvents HjEvents;

typedef void (*HjEventsVisit) (gpointer data, const HjLinkMessage *event);

HjEvents *hj_events_new (void);
void hj_events_free (HjEvents *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (HjEvents, hj_events_free)

const HjLinkMessage *hj_events_add (
    HjEvents *self, HjLinkEventKind kind, const char *room, const char *seat, gint64 at_us);
void hj_events_acknowledge (HjEvents *self, gint64 n);
void hj_events_each (HjEvents *self, HjEventsVisit visit, gpointer data);
gint64 hj_events_get_next (const HjEvents *self);
guint hj_events_get_kept (const HjEvents *self);

G_END_DECLS
