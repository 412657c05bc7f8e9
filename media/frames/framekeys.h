/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib-object.h>

#include "media/frames/frame.h"

G_BEGIN_DECLS

#define HJ_FRAME_BASE_KEY 32 /* bytes */

/* The spans of docs/e2ee.md section 4. */
#define HJ_FRAME_SWITCH_US (300 * G_TIME_SPAN_MILLISECOND)
#define HJ_FRAME_LINGER_US (1 * G_TIME_SPAN_SECOND)
#define HJ_FRAME_DESTROY_US (2 * G_TIME_SPAN_SECOND)

/* One seat of an epoch and the key that it seals with. */
typedef struct
{
  guint number;
  guint8 base_key[HJ_FRAME_BASE_KEY];
} HjFrameSeat;

/* The keys of one end: what it seals with and what it opens with, in every epoch that holds. Shared by the elements of
 * the end; any thread. Times are of one monotonic clock, in microseconds. */
typedef struct _HjFrameKeys HjFrameKeys;

#define HJ_TYPE_FRAME_KEYS (hj_frame_keys_get_type ())
GType hj_frame_keys_get_type (void);

HjFrameKeys *hj_frame_keys_new (guint number);
HjFrameKeys *hj_frame_keys_ref (HjFrameKeys *self);
void hj_frame_keys_unref (HjFrameKeys *self);

gboolean hj_frame_keys_begin (HjFrameKeys *self, guint32 epoch, const HjFrameSeat *seats,
    guint n_seats, gint64 now_us, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void hj_frame_keys_forget_seat (HjFrameKeys *self, guint number, gint64 now_us);
void hj_frame_keys_expire (HjFrameKeys *self, gint64 now_us);
void hj_frame_keys_clear (HjFrameKeys *self);
guint32 hj_frame_keys_get_sending (HjFrameKeys *self, gint64 now_us);

HjFrameVerdict hj_frame_keys_seal (HjFrameKeys *self, HjMediaKind kind, const guint8 *frame,
    gsize size, guint8 *out, gsize *ret_size, gint64 now_us) G_GNUC_WARN_UNUSED_RESULT;
HjFrameVerdict hj_frame_keys_open (HjFrameKeys *self, guint number, HjMediaKind kind,
    const guint8 *sealed, gsize size, guint8 *out, gsize *ret_size, HjFrameSource *source,
    gint64 now_us) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HjFrameKeys, hj_frame_keys_unref)

G_END_DECLS
