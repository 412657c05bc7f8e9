/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gst/gst.h>

#include "media/frames/framekeys.h"

G_BEGIN_DECLS

/* Short pipelines that run to their end, and what came out of them, for tests of frames. */

#define PICTURE_WIDTH 160
#define PICTURE_HEIGHT 120
#define PICTURE_CAPS "video/x-raw,format=I420,width=160,height=120,framerate=30/1"
#define TONE_HZ 1000
#define TONE_CAPS "audio/x-raw,format=S16LE,rate=48000,channels=1"

#define VIDEO_SOURCE(n)                                                                            \
  "videotestsrc pattern=smpte75 horizontal-speed=5 num-buffers=" #n " ! " PICTURE_CAPS
#define AUDIO_SOURCE(n)                                                                            \
  "audiotestsrc freq=1000 samplesperbuffer=960 num-buffers=" #n " ! " TONE_CAPS
#define VIDEO_ENCODER "vp8enc deadline=1 target-bitrate=400000"
#define AUDIO_ENCODER "opusenc bitrate-type=cbr bitrate=32000"
#define VIDEO_RTP "application/x-rtp,media=video,clock-rate=90000,encoding-name=VP8,payload=96"
#define AUDIO_RTP                                                                                  \
  "application/x-rtp,media=audio,clock-rate=48000,encoding-name=OPUS,encoding-params=(string)2,"   \
  "payload=97"

/* A decoder knows no frame rate. */
#define DECODED_CAPS "video/x-raw,format=I420,width=160,height=120"
#define SEND_VIDEO VIDEO_SOURCE (30) " ! " VIDEO_ENCODER " ! hjsframepay name=pay"
#define SEND_AUDIO AUDIO_SOURCE (50) " ! " AUDIO_ENCODER " ! hjsframepay name=pay"
#define SEND_VIDEO_CLEAR                                                                           \
  VIDEO_SOURCE (30) " ! " VIDEO_ENCODER " ! rtpvp8pay mtu=1200 picture-id-mode=15-bit"
#define SEND_AUDIO_CLEAR AUDIO_SOURCE (50) " ! " AUDIO_ENCODER " ! rtpopuspay"
#define SEE "hjsframedepay name=depay ! vp8dec ! videoconvert ! " DECODED_CAPS
#define HEAR "hjsframedepay name=depay ! opusdec ! audioconvert ! " TONE_CAPS
#define SEE_WITHOUT_KEYS "rtpvp8depay ! vp8dec ! videoconvert ! " DECODED_CAPS
#define HEAR_WITHOUT_KEYS "rtpopusdepay ! opusdec ! audioconvert ! " TONE_CAPS

typedef struct
{
  GstElement *pipeline;
  GstElement *start; /* appsrc, (nullable) */
  GstElement *end;   /* appsink */
} Pipeline;

void pipeline_open (Pipeline *self, const char *description, const char *caps);
void pipeline_close (Pipeline *self);
GstElement *pipeline_find (Pipeline *self, const char *name);
void pipeline_push (Pipeline *self, GstBuffer *buffer);
GPtrArray *pipeline_finish (Pipeline *self);
guint64 pipeline_stat (Pipeline *self, const char *element, const char *name);

HjFrameKeys *frame_keys_of (guint number, guint32 epoch, guint n_seats);
void frame_keys_begin (HjFrameKeys *keys, guint32 epoch, guint n_seats, gint64 now_us);

GPtrArray *send_through (const char *description, HjFrameKeys *keys);
GPtrArray *play_through (
    const char *description, const char *caps, GPtrArray *packets, HjFrameKeys *keys, guint seat);

guint count_good_pictures (GPtrArray *pictures);
double tone_share (GPtrArray *sounds);

G_END_DECLS
