/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "media/wire/sdp.h"
#include "media/frames/sframe.h"

G_BEGIN_DECLS

/* How an encoded frame becomes an end-to-end encrypted one (docs/e2ee.md section 1):
 * clear ‖ SFrame header ‖ ciphertext ‖ tag. */

#define HJ_FRAME_MAX_NUMBER 4 /* seat numbers are 0 to 4 */
#define HJ_FRAME_MAX_CLEAR 10
#define HJ_FRAME_MAX_OVERHEAD HJ_SFRAME_MAX_OVERHEAD
#define HJ_FRAME_MAX (HJ_SFRAME_MAX_PLAIN + HJ_FRAME_MAX_CLEAR) /* bytes of a plain frame */

/* What became of a frame. */
typedef enum
{
  HJ_FRAME_OK,
  HJ_FRAME_SHORT,    /* shorter than its clear part, or no SFrame behind it */
  HJ_FRAME_OVERSIZE, /* larger than any frame of a meeting */
  HJ_FRAME_FOREIGN,  /* of another seat or kind than is expected here */
  HJ_FRAME_NO_KEY,   /* no epoch yet, or one that is not known */
  HJ_FRAME_REPLAYED, /* taken before */
  HJ_FRAME_FORGED,   /* changed, or sealed with another key */
  HJ_FRAME_N_VERDICTS,
} HjFrameVerdict;

/* Who sealed a frame when. */
typedef struct
{
  guint32 epoch;
  guint number; /* of the seat */
  HjMediaKind kind;
  guint64 ctr;
} HjFrameSource;

gssize hj_frame_clear_size (HjMediaKind kind, const guint8 *frame, gsize size);
gboolean hj_frame_is_key (const guint8 *frame, gsize size);
guint64 hj_frame_kid (guint32 epoch, guint number, HjMediaKind kind);
gboolean hj_frame_read_kid (guint64 kid, HjFrameSource *out);
const char *hj_frame_verdict_word (HjFrameVerdict verdict);

G_END_DECLS
