/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  guint64 bps;
  gint64 since_us; /* the window's begin; 0: none yet */
  guint n_told;
  guint n_lost;
  guint loss_256; /* of the last whole window */
} HjLossControl;

void hj_loss_control_start (HjLossControl *self);
void hj_loss_control_take (HjLossControl *self, guint n_received, guint n_lost, guint n_late);
gboolean
hj_loss_control_update (HjLossControl *self, guint64 target_bps, guint64 acked_bps, gint64 now_us);
void hj_loss_control_set (HjLossControl *self, guint64 bps);

G_END_DECLS
