/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <libsoup/soup.h>

#include "src/kiosk/config.h"

G_BEGIN_DECLS

#define HJ_MAX_MESSAGE_BYTES (64 * 1024)

SoupSession *
hj_server_session_new (const HjKioskConfig *config, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void hj_server_session_explain (const HjKioskConfig *config, const GError *problem, GError **error);
void hj_websocket_close (SoupWebsocketConnection *socket, gushort code, const char *reason);

G_END_DECLS
