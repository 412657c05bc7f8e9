/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/base/link.h"
#include "media/wire/dtls.h"
#include "media/outbox.h"
#include "media/tally.h"

G_BEGIN_DECLS

/* All rooms of one relay worker. */
typedef struct _HjRooms HjRooms;

/* Something happened to a leg. age_us: how long ago, so that the caller can tell it in its own time. */
typedef void (*HjRoomsNews) (
    gpointer data, HjLinkEventKind kind, const char *room, const char *seat, gint64 age_us);

HjRooms *hj_rooms_new (HjDtlsIdentity *identity, guint capacity, HjOutbox *outbox, HjRoomsNews news,
    gpointer news_data);
void hj_rooms_free (HjRooms *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (HjRooms, hj_rooms_free)

void hj_rooms_close (HjRooms *self);
void hj_rooms_abandon (const HjRooms *self, gint64 now_us);
void hj_rooms_drain (HjRooms *self);
void hj_rooms_add_candidate (HjRooms *self, const HjAddress *candidate);
HjLinkMessage *hj_rooms_obey (
    HjRooms *self, const HjLinkMessage *request, gint64 now_us) G_GNUC_WARN_UNUSED_RESULT;
void
hj_rooms_receive (HjRooms *self, guint8 *data, gsize length, const HjAddress *from, gint64 now_us);
void hj_rooms_tick (HjRooms *self, gint64 now_us);
gint64 hj_rooms_pace (HjRooms *self, gint64 now_us);
void hj_rooms_list (const HjRooms *self, HjLinkMessage *message);
void hj_rooms_count (const HjRooms *self, HjLinkMessage *message);
void hj_rooms_note_batch (HjRooms *self, guint n);
void hj_rooms_tally (const HjRooms *self, HjTally *out);

G_END_DECLS
