/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "src/access/act.h"
#include "src/meeting/media-port.h"
#include "src/meeting/peer.h"

G_BEGIN_DECLS

/* answer: (nullable): NULL when refused. Returns FALSE when whoever asked is gone. On control. */
typedef gboolean (*HjHostAnswered) (
    const json_t *answer, const json_t *problem, const GError *error, gpointer user_data);

HjHost *hj_host_new (HjActs *acts, gint64 resume_us);
void hj_host_free (HjHost *self);
void hj_host_load_async (HjHost *self, GAsyncReadyCallback callback, gpointer user_data);
gboolean hj_host_load_finish (GAsyncResult *result, GError **error);
guint hj_host_count_meetings (HjHost *self);

void hj_host_join (HjHost *self, HjPeer *peer, HjActor *actor, const char *booking,
    const char *device, HjHostAnswered answered, gpointer user_data);
void hj_host_resume (HjHost *self, HjPeer *peer, const json_t *seat_description);
void hj_host_offer (HjHost *self, HjPeer *peer, const char *seat, const char *sdp, gboolean cm,
    HjMediaAnswered answered, gpointer user_data);
void hj_host_leave (HjHost *self, HjPeer *peer, HjActor *actor, const char *seat,
    HjHostAnswered answered, gpointer user_data);
void hj_host_end (HjHost *self, HjPeer *peer, HjActor *actor, const char *seat, const char *reason,
    HjHostAnswered answered, gpointer user_data);
gboolean hj_host_key (
    HjHost *self, HjPeer *peer, const char *seat, const char *to, const char *body, GError **error);
void hj_host_secured (HjHost *self, HjPeer *peer, HjActor *actor, const char *seat, gint64 epoch,
    HjHostAnswered answered, gpointer user_data);
void hj_host_verify (HjHost *self, HjPeer *peer, HjActor *actor, const char *seat, gint64 epoch,
    const char *result, HjHostAnswered answered, gpointer user_data);
void hj_host_quality (HjHost *self, HjPeer *peer, const char *seat, gint64 level);
void hj_host_disconnected (HjHost *self, HjPeer *peer);

void hj_host_add_kiosk (HjHost *self, HjPeer *peer, const char *kiosk);
gboolean hj_host_remove_kiosk (HjHost *self, HjPeer *peer);
void hj_host_add_follower (HjHost *self, HjPeer *peer, HjActor *actor);
void hj_host_remove_follower (HjHost *self, HjPeer *peer);

void hj_host_set_media_port (HjHost *self, HjMediaPort *port);
void
hj_host_media_registered (HjHost *self, const char *node, const char *boot, const json_t *rooms);
void hj_host_media_event (HjHost *self, const HjMediaEvent *event);
void hj_host_media_lost (HjHost *self);
void hj_host_media_dead (HjHost *self, const char *node);

void hj_host_tick (HjHost *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HjHost, hj_host_free)

G_END_DECLS
