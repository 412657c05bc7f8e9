/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/kiosk/page-files.h"

typedef struct _SoupWebsocketConnection SoupWebsocketConnection;

G_BEGIN_DECLS

typedef struct _HjPageServer HjPageServer;
typedef void (*HjPageAccept) (SoupWebsocketConnection *socket, gpointer data);

HjPageServer *hj_page_server_new (HjPageFiles *files, guint16 port, HjPageAccept accept,
    gpointer data, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void hj_page_server_free (HjPageServer *self);
char *hj_page_server_url (const HjPageServer *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HjPageServer, hj_page_server_free)

G_END_DECLS
