/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How much one peer may send: tokens of packets, refilled with time. Plain data; zeros are a full one. */
typedef struct
{
  gint64 spent_until_us; /* when all that was taken will have been refilled */
} HjAllowance;

gboolean hj_allowance_take (HjAllowance *self, gint64 now_us);

G_END_DECLS
