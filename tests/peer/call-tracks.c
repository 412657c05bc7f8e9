/* SPDX-License-Identifier: Apache-2.0 */
/* The pipelines of a call: two that send, and one for each seat and kind that is received. The receiving ones are built on
 * webrtcbin's streaming threads when the first packet comes. */

#include "tests/peer/call-private.h"

#include "src/base/json.h"

/* Constant bit rate, no DTX (docs/e2ee.md section 5); realtime settings for VP8. Key frames come when they are asked for. */
#define SENDING                                                                                    \
  "webrtcbin name=webrtc bundle-policy=max-bundle latency=60 "                                     \
  "audiotestsrc is-live=true wave=sine freq=%s samplesperbuffer=960 ! "                            \
  "audio/x-raw,rate=48000,channels=1 ! queue leaky=downstream ! "                                  \
  "opusenc audio-type=voice bitrate-type=cbr bitrate=32000 dtx=false frame-size=20 ! "             \
  "hjsframepay name=audio-pay ! "                                                                  \
  "application/x-rtp,media=audio,encoding-name=OPUS,encoding-params=(string)2,payload=97 ! "       \
  "webrtc. "                                                                                       \
  "videotestsrc is-live=true pattern=%s horizontal-speed=2 ! "                                     \
  "video/x-raw,format=I420,width=%u,height=%u,framerate=%u/1 ! queue leaky=downstream ! "          \
  "vp8enc deadline=1 cpu-used=8 end-usage=cbr target-bitrate=%u000 keyframe-max-dist=3000 "        \
  "lag-in-frames=0 error-resilient=partitions ! hjsframepay name=video-pay ! "                     \
  "application/x-rtp,media=video,encoding-name=VP8,payload=96 ! webrtc. "

static const char *const RECEIVING[HJ_N_KINDS] = {
  [HJ_AUDIO] = "hjsframedepay name=depay ! opusdec ! audioconvert ! audioresample ! "
               "audio/x-raw,format=S16LE,rate=48000,channels=1 ! "
               "fakesink name=end sync=false async=false",
  [HJ_VIDEO] = "hjsframedepay name=depay ! vp8dec ! videoconvert ! video/x-raw,format=I420 ! "
               "fakesink name=end sync=false async=false",
};

static const char *const RECEIVED_CAPS[HJ_N_KINDS] = {
  [HJ_AUDIO] = "application/x-rtp,media=audio,encoding-name=OPUS,encoding-params=(string)2,"
               "clock-rate=48000,payload=97",
  [HJ_VIDEO] = "application/x-rtp,media=video,encoding-name=VP8,clock-rate=90000,payload=96,"
               "rtcp-fb-nack-pli=true",
};

static GstPadProbeReturn
on_sent_audio (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  GstMapInfo map;

  if (gst_buffer_map (GST_PAD_PROBE_INFO_BUFFER (info), &map, GST_MAP_READ))
    {
      dump_sent (((Call *)data)->dump, HJ_AUDIO, map.data, map.size);
      gst_buffer_unmap (GST_PAD_PROBE_INFO_BUFFER (info), &map);
    }
  return GST_PAD_PROBE_OK;
}

static GstPadProbeReturn
on_sent_video (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  GstMapInfo map;

  if (gst_buffer_map (GST_PAD_PROBE_INFO_BUFFER (info), &map, GST_MAP_READ))
    {
      dump_sent (((Call *)data)->dump, HJ_VIDEO, map.data, map.size);
      gst_buffer_unmap (GST_PAD_PROBE_INFO_BUFFER (info), &map);
    }
  return GST_PAD_PROBE_OK;
}

static void
prepare_pay (Call *self, const char *name, GstPadProbeCallback on_sent)
{
  g_autoptr (GstElement) pay = gst_bin_get_by_name (GST_BIN (self->pipeline), name);
  g_autoptr (GstPad) sink = gst_element_get_static_pad (pay, "sink");

  g_object_set (pay, "keys", self->keys, NULL);
  if (self->dump != NULL)
    gst_pad_add_probe (sink, GST_PAD_PROBE_TYPE_BUFFER, on_sent, self, NULL);
}

/* One pair that sends and receives, then those that only receive, in the order of the slots (docs/protocol.md 1). */
static void
add_transceivers (Call *self)
{
  for (guint i = 2; i < 2 * HJ_SLOTS; i++)
    {
      g_autoptr (GstCaps) caps = gst_caps_from_string (RECEIVED_CAPS[i % 2]);
      g_autoptr (GstWebRTCRTPTransceiver) transceiver = NULL;

      g_signal_emit_by_name (self->webrtc, "add-transceiver",
          GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_RECVONLY, caps, &transceiver);
      g_assert_nonnull (transceiver);
    }
}

/* libnice would look for routers on every interface, and several ends on one machine meet at one port of that. */
static void
stay_on_this_machine (GstElement *webrtc)
{
  g_autoptr (GObject) ice = NULL;
  g_autoptr (GObject) agent = NULL;

  g_object_get (webrtc, "ice-agent", &ice, NULL);
  g_object_get (ice, "agent", &agent, NULL);
  g_object_set (agent, "upnp", FALSE, NULL);
}

gboolean
call_build (Call *self, const CallStyle *style, GError **error)
{
  char hz[G_ASCII_DTOSTR_BUF_SIZE];
  g_autofree char *description
      = g_strdup_printf (SENDING, g_ascii_dtostr (hz, sizeof hz, style->tone_hz), style->pattern,
          style->width, style->height, style->frame_rate, style->kbits);

  self->pipeline = gst_parse_launch (description, error);
  if (self->pipeline == NULL)
    return FALSE;
  self->webrtc = gst_bin_get_by_name (GST_BIN (self->pipeline), "webrtc");
  stay_on_this_machine (self->webrtc);
  prepare_pay (self, "audio-pay", on_sent_audio);
  prepare_pay (self, "video-pay", on_sent_video);
  add_transceivers (self);
  g_signal_connect (self->webrtc, "pad-added", G_CALLBACK (call_add_track), self);
  return TRUE;
}

static GstPadProbeReturn
on_opened (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  Track *track = data;
  GstMapInfo map;

  if (gst_buffer_map (GST_PAD_PROBE_INFO_BUFFER (info), &map, GST_MAP_READ))
    {
      dump_opened (track->call->dump, track->number, track->kind, map.data, map.size);
      gst_buffer_unmap (GST_PAD_PROBE_INFO_BUFFER (info), &map);
    }
  return GST_PAD_PROBE_OK;
}

static void
watch_track (Track *self, GstElement *bin)
{
  g_autoptr (GstElement) end = gst_bin_get_by_name (GST_BIN (bin), "end");
  g_autoptr (GstPad) decoded = gst_element_get_static_pad (end, "sink");
  g_autoptr (GstPad) opened = gst_element_get_static_pad (self->depay, "src");

  if (self->kind == HJ_VIDEO)
    watch_pictures (self->watch, decoded);
  else
    watch_sounds (self->watch, decoded);
  if (self->call->dump != NULL)
    gst_pad_add_probe (opened, GST_PAD_PROBE_TYPE_BUFFER, on_opened, self, NULL);
}

static Track *
find_track (Call *self, GstPad *pad)
{
  g_autoptr (GstWebRTCRTPTransceiver) transceiver = NULL;
  guint line = 0;

  g_object_get (pad, "transceiver", &transceiver, NULL);
  g_object_get (transceiver, "mlineindex", &line, NULL);
  g_assert_cmpuint (line, <, 2 * HJ_SLOTS);
  return &self->tracks[line / 2][line % 2];
}

/* On a streaming thread. */
void
call_add_track (GstElement *webrtc, GstPad *pad, gpointer data)
{
  Call *self = data;
  Track *track = NULL;
  g_autoptr (GstElement) bin = NULL;
  g_autoptr (GstPad) sink = NULL;

  if (GST_PAD_DIRECTION (pad) != GST_PAD_SRC)
    return;
  track = find_track (self, pad);
  bin = gst_object_ref_sink (gst_parse_bin_from_description (RECEIVING[track->kind], TRUE, NULL));
  g_mutex_lock (&self->lock);
  g_clear_object (&track->depay);
  track->depay = gst_bin_get_by_name (GST_BIN (bin), "depay");
  g_object_set (track->depay, "keys", self->keys, "seat", track->number, NULL);
  watch_track (track, bin);
  g_mutex_unlock (&self->lock);
  gst_bin_add (GST_BIN (self->pipeline), bin);
  sink = gst_element_get_static_pad (bin, "sink");
  g_assert_cmpint (gst_pad_link (pad, sink), ==, GST_PAD_LINK_OK);
  gst_element_sync_state_with_parent (bin);
}
