/* SPDX-License-Identifier: Apache-2.0 */
/* A call from offer to end. Main thread; it waits for webrtcbin's thread, which answers within milliseconds. */

#include "tests/peer/call-private.h"

#include <string.h>

#include "src/base/json.h"

#define CAPS_MS 20

static gboolean
on_bus (GstBus *bus, GstMessage *message, gpointer data)
{
  Call *self = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *details = NULL;

  if (GST_MESSAGE_TYPE (message) != GST_MESSAGE_ERROR)
    return G_SOURCE_CONTINUE;
  gst_message_parse_error (message, &error, &details);
  self->port->failed (error->message, self->user);
  return G_SOURCE_CONTINUE;
}

static void
make_offer (Call *self)
{
  g_autoptr (GstPromise) made = gst_promise_new ();
  g_autoptr (GstPromise) set = gst_promise_new ();
  g_autoptr (GstWebRTCSessionDescription) description = NULL;
  g_autofree char *sdp = NULL;

  g_signal_emit_by_name (self->webrtc, "create-offer", NULL, made);
  if (gst_promise_wait (made) != GST_PROMISE_RESULT_REPLIED
      || !gst_structure_get (gst_promise_get_reply (made), "offer",
          GST_TYPE_WEBRTC_SESSION_DESCRIPTION, &description, NULL))
    {
      self->port->failed ("webrtcbin makes no offer", self->user);
      return;
    }
  g_signal_emit_by_name (self->webrtc, "set-local-description", description, set);
  gst_promise_wait (set);
  sdp = gst_sdp_message_as_text (description->sdp);
  self->port->offer (sdp, self->user);
}

static gboolean
has_caps (Call *self, const char *name)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (self->webrtc, name);
  g_autoptr (GstCaps) caps = pad != NULL ? gst_pad_get_current_caps (pad) : NULL;

  return caps != NULL;
}

/* An offer that is made before the encoders have spoken names no SSRC. */
static gboolean
on_caps_timer (gpointer data)
{
  Call *self = data;

  if (!has_caps (self, "sink_0") || !has_caps (self, "sink_1"))
    return G_SOURCE_CONTINUE;
  self->caps_timer = 0;
  make_offer (self);
  return G_SOURCE_REMOVE;
}

/* The seat that is seen in a slot (docs/protocol.md 1, Slots). */
static void
number_tracks (Call *self)
{
  for (guint slot = 0; slot < HJ_SLOTS; slot++)
    for (guint kind = 0; kind < HJ_N_KINDS; kind++)
      {
        Track *track = &self->tracks[slot][kind];

        track->call = self;
        track->number = slot < self->number ? slot : slot + 1;
        track->kind = kind;
        track->watch = watch_new ();
      }
}

/**
 * call_new:
 * @number: of this end's seat
 * @keys: this end's; shared with every call of the seat, so that no counter begins again
 * @dump: (nullable) (transfer none): must outlive it
 *
 * Returns: (transfer full) (nullable): the offer comes by the port
 */
Call *
call_new (const CallStyle *style, guint number, HjFrameKeys *keys, Dump *dump, const CallPort *port,
    gpointer user)
{
  Call *self = g_new0 (Call, 1);
  g_autoptr (GError) error = NULL;
  g_autoptr (GstBus) bus = NULL;

  self->port = port;
  self->user = user;
  self->number = number;
  self->keys = hj_frame_keys_ref (keys);
  self->dump = dump;
  g_mutex_init (&self->lock);
  number_tracks (self);
  if (!call_build (self, style, &error))
    {
      port->failed (error->message, user);
      call_free (self);
      return NULL;
    }
  bus = gst_element_get_bus (self->pipeline);
  self->bus_watch = gst_bus_add_watch (bus, on_bus, self);
  gst_element_set_state (self->pipeline, GST_STATE_PLAYING);
  self->caps_timer = g_timeout_add (CAPS_MS, on_caps_timer, self);
  return self;
}

void
call_free (Call *self)
{
  if (self == NULL)
    return;
  g_clear_handle_id (&self->caps_timer, g_source_remove);
  g_clear_handle_id (&self->bus_watch, g_source_remove);
  if (self->pipeline != NULL)
    gst_element_set_state (self->pipeline, GST_STATE_NULL);
  for (guint i = 0; i < HJ_SLOTS * HJ_N_KINDS; i++)
    {
      Track *track = &self->tracks[i / HJ_N_KINDS][i % HJ_N_KINDS];

      g_clear_object (&track->depay);
      watch_free (track->watch);
    }
  g_clear_object (&self->webrtc);
  g_clear_object (&self->pipeline);
  hj_frame_keys_unref (self->keys);
  g_mutex_clear (&self->lock);
  g_free (self);
}

void
call_answer (Call *self, const char *text)
{
  g_autoptr (GstPromise) promise = gst_promise_new ();
  g_autoptr (GstWebRTCSessionDescription) answer = NULL;
  GstSDPMessage *sdp = NULL;

  if (gst_sdp_message_new_from_text (text, &sdp) != GST_SDP_OK)
    {
      self->port->failed ("the answer is no SDP", self->user);
      return;
    }
  answer = gst_webrtc_session_description_new (GST_WEBRTC_SDP_TYPE_ANSWER, sdp);
  g_signal_emit_by_name (self->webrtc, "set-remote-description", answer, promise);
  gst_promise_wait (promise);
}

static gboolean
add_stat (GQuark field, const GValue *value, gpointer words)
{
  if (g_value_get_uint64 (value) > 0)
    json_object_set_new (
        words, g_quark_to_string (field), json_integer ((json_int_t)g_value_get_uint64 (value)));
  return TRUE;
}

/* Returns: (transfer full): what the decoders made of a track, and what became of its frames */
static json_t *
describe_track (Track *self)
{
  json_t *words = watch_describe (self->watch);
  json_t *frames = json_object ();
  g_autoptr (GstStructure) stats = NULL;

  g_object_get (self->depay, "stats", &stats, NULL);
  gst_structure_foreach (stats, add_stat, frames);
  json_object_set_new (words, "number", json_integer (self->number));
  json_object_set_new (words, "kind", json_string (self->kind == HJ_VIDEO ? "video" : "audio"));
  json_object_set_new (words, "frames", frames);
  return words;
}

static json_t *
describe_pay (Call *self, const char *name)
{
  g_autoptr (GstElement) pay = gst_bin_get_by_name (GST_BIN (self->pipeline), name);
  guint64 sealed = 0;
  guint64 dropped = 0;

  g_object_get (pay, "sealed", &sealed, "dropped", &dropped, NULL);
  return json_pack ("{s:I, s:I}", "sealed", (json_int_t)sealed, "dropped", (json_int_t)dropped);
}

/* Returns: (transfer full): {sent: {audio, video}, tracks: […]} */
json_t *
call_describe (Call *self)
{
  json_t *tracks = json_array ();

  g_mutex_lock (&self->lock);
  for (guint i = 0; i < HJ_SLOTS * HJ_N_KINDS; i++)
    {
      Track *track = &self->tracks[i / HJ_N_KINDS][i % HJ_N_KINDS];

      if (track->depay != NULL)
        json_array_append_new (tracks, describe_track (track));
    }
  g_mutex_unlock (&self->lock);
  return json_pack ("{s:{s:o, s:o}, s:o}", "sent", "audio", describe_pay (self, "audio-pay"),
      "video", describe_pay (self, "video-pay"), "tracks", tracks);
}
