/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/base/link.h"

G_BEGIN_DECLS

/* Only a failure takes so long: a program with sanitizers needs seconds to start where others want the processor. */
#define WAIT_MS 40000

/* A stand-in for huijiand's end of the control link: a WebSocket server on a unix socket. Default context. */
typedef struct _LinkServer LinkServer;

LinkServer *link_server_new (const char *socket_path);
void link_server_free (LinkServer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LinkServer, link_server_free)

void link_server_wait_register (LinkServer *self, guint n_registers);
const HjLinkMessage *link_server_get_register (LinkServer *self);
HjLinkMessage *link_server_ask (LinkServer *self, HjLinkMessage *request);
void link_server_send_text (LinkServer *self, const char *text);
HjLinkMessage *link_server_wait_reply (LinkServer *self);
void link_server_welcome (LinkServer *self, gint64 last_event);
void link_server_acknowledge (LinkServer *self, gint64 n);
void link_server_hang_up (LinkServer *self);
gboolean link_server_wait_event (LinkServer *self, const char *seat, HjLinkEventKind kind);
void link_server_wait_draining (LinkServer *self);
guint link_server_get_n_events (LinkServer *self);
const HjLinkMessage *link_server_get_event (LinkServer *self, guint index);
const HjLinkMessage *link_server_get_statistics (LinkServer *self);

/* Runs the default context until check (data) or the time is over; returns what check said last. */
gboolean wait_until (gboolean (*check) (gpointer data), gpointer data, guint timeout_ms);

G_END_DECLS
