/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "src/base/types.h"

typedef struct _SoupWebsocketConnection SoupWebsocketConnection;

G_BEGIN_DECLS

#define HJ_PAGE_CLOSE_STRANGE 4400
#define HJ_PAGE_CLOSE_TAKEN_OVER 4001

#define HJ_TYPE_PAGE (hj_page_get_type ())
G_DECLARE_FINAL_TYPE (HjPage, hj_page, HJ, PAGE, GObject)

HjPage *hj_page_new (guint heartbeat_ms);
void hj_page_take (HjPage *self, SoupWebsocketConnection *socket);
gboolean hj_page_is_alive (HjPage *self);
void hj_page_send (HjPage *self, const json_t *message);
void hj_page_refuse (HjPage *self, gint64 id, const char *code, const char *title);

G_END_DECLS
