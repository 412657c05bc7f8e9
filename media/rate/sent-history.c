/* SPDX-License-Identifier: Apache-2.0 */
/* What a leg sent lately, by transport-wide sequence number. A ring inside the leg's estimate, used
 * by the leg's thread alone: nothing is allocated per packet
 * (draft-holmer-rmcat-transport-wide-cc-extensions-01 4). */
#include "media/rate/sent-history.h"

/* Returns: the packet's number on the wire */
guint16
hj_sent_history_add (HjSentHistory *self, guint bytes, int probe, gint64 now_us)
{
  guint64 seq = self->n_sent++;

  self->ring[seq % HJ_SENT_HISTORY_LEN] = (HjSent){
    .sent_us = now_us,
    .probe = probe,
    .bytes = (guint16)MIN (bytes, G_MAXUINT16),
    .fate = HJ_FATE_UNKNOWN,
  };
  return (guint16)seq;
}

/* Returns: (transfer none) (nullable): NULL for a number never sent, or too long ago */
HjSent *
hj_sent_history_find (HjSentHistory *self, guint16 seq)
{
  guint16 age = (guint16)(self->n_sent - 1 - seq); /* 0: the last one sent */

  if (age >= self->n_sent || age >= HJ_SENT_HISTORY_LEN)
    return NULL;
  return &self->ring[(self->n_sent - 1 - age) % HJ_SENT_HISTORY_LEN];
}
