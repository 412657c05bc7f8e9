/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _HjKioskConfig HjKioskConfig;

/* Read once, never changed: the fields are read directly. Spans in milliseconds, because GLib's timers take them. */
struct _HjKioskConfig
{
  char *server; /* https://host[:port], no path; http:// on loopback alone */
  char *
      origin; /* what the enrolment request names as its Origin; the server's address unless a proxy renames it */
  char *ca_file; /* the only CA that is trusted; NULL with http:// */
  char *state_dir;
  char *page_dir;
  char *locale;   /* of the server's texts: zh-CN or en */
  char **browser; /* argv, %u is the page's address; NULL: somebody else starts the browser */
  guint16 listen; /* 0: the kernel chooses */
  guint heartbeat_ms;
  guint backoff_min_ms;
  guint backoff_max_ms;
  guint handshake_ms; /* the server's hello must have come by then */
  guint silence_ms;   /* nothing heard for so long: the connection is dead */
  guint join_retry_ms;
  guint browser_start_ms; /* a started browser must have shown the page by then */
};

HjKioskConfig *hj_kiosk_config_load (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
HjKioskConfig *hj_kiosk_config_parse (
    const char *text, const char *folder, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void hj_kiosk_config_free (HjKioskConfig *self);
char *hj_kiosk_config_state_path (const HjKioskConfig *self, const char *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HjKioskConfig, hj_kiosk_config_free)

G_END_DECLS
