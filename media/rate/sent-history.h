/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define HJ_SENT_HISTORY_LEN 4096u /* a power of two: 4 s at 10 Mbit/s, 64 KiB */

typedef enum
{
  HJ_FATE_UNKNOWN,
  HJ_FATE_LOST, /* as far as told; may still turn up */
  HJ_FATE_RECEIVED,
} HjFate;

typedef struct
{
  gint64 sent_us;
  gint32 probe; /* -1: of no cluster */
  guint16 bytes;
  guint8 fate; /* HjFate */
} HjSent;

typedef struct
{
  HjSent ring[HJ_SENT_HISTORY_LEN];
  guint64 n_sent; /* the next packet's number, unwrapped */
} HjSentHistory;

guint16 hj_sent_history_add (HjSentHistory *self, guint bytes, int probe, gint64 now_us);
HjSent *hj_sent_history_find (HjSentHistory *self, guint16 seq);

G_END_DECLS
