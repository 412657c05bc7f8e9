/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define HJ_PACER_MEDIA 512   /* packets of video that may wait; a power of two */
#define HJ_PACER_REPAIRS 128 /* packets to be sent again; a power of two */

/* A packet of video that waits. Its payload stays in its source's backlog, so nothing is copied. */
typedef struct
{
  gint64 queued_us;
  guint32 timestamp; /* the source's */
  guint16 seq;       /* the source's */
  guint16 length;    /* of the payload; 0: padding alone */
  guint8 slot;
  guint8 padding;
  gboolean marker;
  gboolean again; /* as RTX */
} HjPaced;

/* What waits for one receiver, and when the next may leave. Plain data, about 20 KiB; all zeros is a good start: it holds
 * nothing back. */
typedef struct
{
  guint64 rate_bps; /* 0: no limit */
  gint64 free_us;   /* when all that was sent will have passed at that rate */
  guint first[2];   /* by whether it is sent again */
  guint n[2];       /* waiting */
  guint64 bytes;    /* waiting, headers not counted */
  HjPaced media[HJ_PACER_MEDIA];
  HjPaced repairs[HJ_PACER_REPAIRS];
} HjPacer;

gint64 hj_pacer_due_us (const HjPacer *self);
gboolean hj_pacer_may_pass (const HjPacer *self, gint64 now_us);
void hj_pacer_sent (HjPacer *self, gsize bytes, gint64 now_us);
gboolean hj_pacer_push (HjPacer *self, const HjPaced *packet) G_GNUC_WARN_UNUSED_RESULT;
gboolean hj_pacer_pop (HjPacer *self, HjPaced *out);

static inline gboolean
hj_pacer_is_empty (const HjPacer *self)
{
  return self->n[0] + self->n[1] == 0;
}

G_END_DECLS
