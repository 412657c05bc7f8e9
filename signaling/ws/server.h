/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/base/types.h"

G_BEGIN_DECLS

#define HJ_WS_ERROR (hj_ws_error_quark ())

typedef enum
{
  HJ_WS_ERROR_EVENT_LOOP, /* libwebsockets-evlib-glib is missing */
  HJ_WS_ERROR_LISTEN,
} HjWsError;

GQuark hj_ws_error_quark (void);

typedef struct _HjWs HjWs;
typedef struct _HjWsConnection HjWsConnection;

/* What a listener's connections tell. All on control. */
typedef struct
{
  gpointer (*opened) (
      HjWsConnection *connection, gpointer listener_data); /* returns the connection's own data */
  void (*received) (gpointer data, const char *text, gsize size);
  void (*closed) (gpointer data); /* the connection is gone: do not use it again */
} HjWsHandler;

typedef struct
{
  const char *socket_path; /* unix socket; made anew */
  guint mode;              /* its permissions */
  const char *subprotocol; /* must outlive the server */
  gsize max_message;       /* bytes; a longer message closes the connection (1009) */
  const char *const
      *origins; /* (nullable): the Origin header must be one of these; must outlive the server */
  const HjWsHandler *handler;
  gpointer data;
} HjWsListener;

HjWs *hj_ws_new (void);
gboolean hj_ws_listen (HjWs *self, const HjWsListener *listener, GError **error);
void hj_ws_free (HjWs *self);

void hj_ws_connection_send (HjWsConnection *connection, char *text);
void hj_ws_connection_close (HjWsConnection *connection, guint16 code, const char *reason);
gsize hj_ws_connection_get_backlog (HjWsConnection *connection);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HjWs, hj_ws_free)

G_END_DECLS
