/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/meeting/acts.h"
#include "src/meeting/host.h"
#include "src/meeting/meeting.h"

G_BEGIN_DECLS

struct _HjHost
{
  HjActs *acts; /* not owned: the server owns it */
  HjActor *machine;
  HjMediaPort *port;     /* (nullable), not owned: the link that the relay dialled */
  gint64 resume_us;      /* how long a dropped seat keeps its place */
  GHashTable *meetings;  /* id -> HjMeeting */
  GPtrArray *kiosks;     /* Kiosk, of host-kiosks.c */
  GPtrArray *followers;  /* Follower, of host-followers.c */
  GHashTable *touched;   /* ids of meetings that followers are to hear about */
  GQueue events;         /* News, of host-media.c: the first is on its way to the database */
  gint64 assigned_at_us; /* when the kiosks' assignments were last asked for */
  guint tell_source;
  guint assign_source;
};

HjMeeting *hj_host_find_meeting (HjHost *self, const char *id);
HjSeat *hj_host_find_seat (HjHost *self, const char *seat);
HjSeat *hj_host_find_own_seat (HjHost *self, HjPeer *peer, const char *id);
void hj_host_refuse_stranger (HjHostAnswered answered, gpointer user_data);
HjMeeting *hj_host_reach_meeting (HjHost *self, const json_t *description);
gboolean hj_host_media_is_up (HjHost *self);
gint64 hj_host_now (HjHost *self);
void hj_host_settle (HjHost *self, HjMeeting *meeting);
void hj_host_try_admit (HjHost *self, HjMeeting *meeting);
void hj_host_open_routes (HjHost *self, HjMeeting *meeting);
void hj_host_drop_seat (HjHost *self, HjSeat *seat);
void hj_host_touch (HjHost *self, const char *meeting);
void hj_host_run (HjHost *self, const HjActKind *kind, json_t *input, GAsyncReadyCallback callback,
    gpointer user_data);
void hj_host_note (HjHost *self, const HjActKind *kind, json_t *input);
void hj_host_hear_of_act (const HjActKind *kind, const HjActor *actor, const json_t *input,
    const json_t *answer, gpointer user_data);

void hj_host_lose_media (HjHost *self, HjSeat *seat, gint64 at_us);
void hj_host_init_media (HjHost *self);
void hj_host_clear_media (HjHost *self);
void hj_host_init_kiosks (HjHost *self);
void hj_host_refresh_assignments (HjHost *self);
void hj_host_init_followers (HjHost *self);

G_END_DECLS
