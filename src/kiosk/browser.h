/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define HJ_TYPE_BROWSER (hj_browser_get_type ())
G_DECLARE_FINAL_TYPE (HjBrowser, hj_browser, HJ, BROWSER, GObject)

HjBrowser *hj_browser_new (char **argv, const char *url, guint start_ms);
void hj_browser_start (HjBrowser *self);
void hj_browser_stop (HjBrowser *self);
gboolean hj_browser_is_running (HjBrowser *self);
void hj_browser_page_seen (HjBrowser *self);
void hj_browser_page_lost (HjBrowser *self);
void hj_browser_page_closed (HjBrowser *self);

G_END_DECLS
