/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <libsoup/soup.h>

#include "signaling/client.h"
#include "signaling/media-link.h"
#include "tests/support/loop.h"
#include "tests/support/meeting-place.h"

G_BEGIN_DECLS

#define EDGE_ORIGIN "https://meet.example"
#define EDGE_OTHER_ORIGIN "https://desk.example"

/* huijiand's edge over the place's database: signalling and the relay's link on sockets of their own. */
typedef struct
{
  HjMeetingPlace p; /* first */
  char *folder, *page_path, *link_path;
  HjHost *host;
  HjWs *ws;
  HjMediaLink *link;
  HjClients *clients;
  GPtrArray *sockets; /* Socket */
  gpointer key;       /* EVP_PKEY of the kiosk */
} Edge;

/* One WebSocket, as a page, a kiosk's agent or a relay has it. */
typedef struct
{
  SoupSession *session;
  SoupWebsocketConnection *connection; /* (nullable): refused */
  GQueue messages;                     /* json_t: what came and was not asked for yet */
  gboolean done, closed;
  int ids;
} Socket;

void edge_set_up (Edge *e, gconstpointer data);
void edge_tear_down (Edge *e, gconstpointer data);

#define EDGE_TEST(PATH, FUNCTION)                                                                  \
  g_test_add (PATH, Edge, NULL, edge_set_up, FUNCTION, edge_tear_down)

Socket *edge_open (Edge *e);
Socket *edge_open_link (Edge *e);
Socket *edge_enter (Edge *e, const char *purpose);
Socket *edge_enter_kiosk (Edge *e);
const char *edge_ticket (Edge *e, const char *purpose);
char *edge_sign (Edge *e, const json_t *hello, const char *kiosk, const char *origin);
json_t *edge_join_message (Edge *e, const char *booking) G_GNUC_WARN_UNUSED_RESULT;
const char *edge_join (Edge *e, Socket *socket);
void edge_quiet (Edge *e);

void socket_send_text (Socket *self, const char *text);
void socket_send (Socket *self, json_t *message);
json_t *socket_next (Socket *self, const char *verb);
json_t *socket_ask (Socket *self, json_t *message);
const char *socket_ask_code (Edge *e, Socket *self, json_t *message);
gboolean socket_has (Socket *self, const char *verb);
int socket_wait_closed (Socket *self);
void socket_close (Socket *self);

G_END_DECLS
