/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

gboolean hj_check_in_is_open (gint64 starts_at_us, gint64 ends_at_us, gint64 now_us);

G_END_DECLS
