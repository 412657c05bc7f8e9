/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "src/base/types.h"

G_BEGIN_DECLS

/* Criminal Procedure Law art. 39: at the latest 48 hours after the request. Strict: the hour of the request is counted. */
#define HJ_CLOCK_MEETING_US G_GINT64_CONSTANT (172800000000)

/* --- on the store's worker, inside the caller's transaction --- */

gboolean hj_clock_start (HjStore *store, const char *booking, gint64 at_us, GError **error);
gboolean hj_clock_meet (HjStore *store, const char *booking, gint64 at_us, GError **error);
gboolean hj_clock_reopen (
    HjStore *store, const char *booking, gint64 at_us, const char *reason, GError **error);
gboolean hj_clock_stop (
    HjStore *store, const char *booking, gint64 at_us, const char *reason, GError **error);
json_t *
hj_clock_list_expired (HjStore *store, gint64 now_us, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean hj_clock_expire (HjStore *store, const char *clock, gint64 now_us, GError **error);

G_END_DECLS
