/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "media/frames/framekeys.h"
#include "src/base/types.h"
#include "tests/peer/dump.h"

G_BEGIN_DECLS

/* This end's media: test picture and tone through vp8enc, opusenc and hjsframepay into webrtcbin; what comes from the
 * others through hjsframedepay into decoders. Main thread. */
typedef struct _Call Call;

typedef struct
{
  const char *pattern; /* of videotestsrc */
  double tone_hz;
  guint width;
  guint height;
  guint frame_rate;
  guint kbits; /* a second, of the picture */
} CallStyle;

typedef struct
{
  void (*offer) (const char *sdp, gpointer user);
  void (*failed) (const char *why, gpointer user);
} CallPort;

Call *call_new (const CallStyle *style, guint number, HjFrameKeys *keys, Dump *dump,
    const CallPort *port, gpointer user);
void call_free (Call *self);
void call_answer (Call *self, const char *sdp);
json_t *call_describe (Call *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
