/* SPDX-License-Identifier: Apache-2.0 */
/* What of an encoded frame stays clear, and how a KID names epoch, seat and kind. Plain functions, any thread.
 * docs/e2ee.md section 1. */

#include "media/frames/frame.h"

static const char *const WORDS[HJ_FRAME_N_VERDICTS] = {
  [HJ_FRAME_OK] = "ok",
  [HJ_FRAME_SHORT] = "short",
  [HJ_FRAME_OVERSIZE] = "oversize",
  [HJ_FRAME_FOREIGN] = "foreign",
  [HJ_FRAME_NO_KEY] = "no-key",
  [HJ_FRAME_REPLAYED] = "replayed",
  [HJ_FRAME_FORGED] = "forged",
};

/**
 * hj_frame_is_key:
 * @frame: VP8, plain or sealed: its first byte is clear either way
 *
 * Returns: whether it is a key frame (RFC 6386 9.1)
 */
gboolean
hj_frame_is_key (const guint8 *frame, gsize size)
{
  return size > 0 && (frame[0] & 1) == 0;
}

/**
 * hj_frame_clear_size:
 * @frame: plain or sealed
 *
 * Returns: how many bytes stay clear; -1 when the frame is shorter than that
 */
gssize
hj_frame_clear_size (HjMediaKind kind, const guint8 *frame, gsize size)
{
  gsize clear = 0;

  if (kind == HJ_VIDEO)
    clear = hj_frame_is_key (frame, size) ? HJ_FRAME_MAX_CLEAR : 1;
  return size < clear ? -1 : (gssize)clear;
}

/* number: 0 to 4. */
guint64
hj_frame_kid (guint32 epoch, guint number, HjMediaKind kind)
{
  return (guint64)epoch * 16 + number * 2 + (kind == HJ_VIDEO);
}

/* Returns: FALSE when no seat of any epoch has that KID. The counter of out is left alone. */
gboolean
hj_frame_read_kid (guint64 kid, HjFrameSource *out)
{
  out->epoch = (guint32)(kid / 16);
  out->number = (guint)(kid % 16 / 2);
  out->kind = kid % 2 == 1 ? HJ_VIDEO : HJ_AUDIO;
  return kid / 16 <= G_MAXUINT32 && out->epoch > 0 && out->number <= HJ_FRAME_MAX_NUMBER;
}

const char *
hj_frame_verdict_word (HjFrameVerdict verdict)
{
  g_return_val_if_fail ((guint)verdict < HJ_FRAME_N_VERDICTS, "unknown");
  return WORDS[verdict];
}
