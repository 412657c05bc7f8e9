/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#define GST_USE_UNSTABLE_API
#include <gst/gst.h>
#include <gst/sdp/sdp.h>
#include <gst/webrtc/webrtc.h>

#include "media/wire/sdp.h"
#include "tests/peer/call.h"
#include "tests/peer/watch.h"

G_BEGIN_DECLS

/* What comes from one other seat in one kind. */
typedef struct
{
  Call *call;
  guint number; /* of the seat */
  HjMediaKind kind;
  GstElement *depay; /* NULL until its first packet; under the call's lock */
  Watch *watch;
} Track;

struct _Call
{
  const CallPort *port;
  gpointer user;
  guint number;
  HjFrameKeys *keys;
  Dump *dump; /* not owned: main's, (nullable) */
  GstElement *pipeline;
  GstElement *webrtc;
  guint caps_timer;
  guint bus_watch;
  GMutex lock; /* tracks are added on streaming threads */
  Track tracks[HJ_SLOTS][HJ_N_KINDS];
};

void call_add_track (GstElement *webrtc, GstPad *pad, gpointer call);
gboolean call_build (Call *self, const CallStyle *style, GError **error);

G_END_DECLS
