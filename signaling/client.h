/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "signaling/ws/server.h"
#include "src/meeting/host.h"
#include "src/meeting/turn.h"

G_BEGIN_DECLS

/* The signalling edge: one HjClient for each socket of a lawyer, a kiosk or a supervisor. */
typedef struct _HjClients HjClients;

HjClients *hj_clients_new (HjHost *host, HjActs *acts, const char *const *origins);
void hj_clients_set_hello_within (HjClients *self, guint within_ms);
void hj_clients_set_turn (HjClients *self, HjTurn *turn);
gboolean hj_clients_listen (HjClients *self, HjWs *ws, const char *socket_path, GError **error);
void hj_clients_free (HjClients *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HjClients, hj_clients_free)

G_END_DECLS
