/* SPDX-License-Identifier: Apache-2.0 */
/* The program huijian-media against a second implementation of WebRTC: two GStreamer webrtcbin peers (libnice, GStreamer's
 * DTLS and libsrtp) meet in a room. Real processes, real sockets; argv[1] is the program. */

#define GST_USE_UNSTABLE_API
#include <gst/gst.h>
#include <gst/sdp/sdp.h>
#include <gst/webrtc/webrtc.h>

#include "src/base/ids.h"
#include "tests/media/link-server.h"
#include "tests/media/media-program.h"

static const char *program;

typedef struct
{
  GstElement *pipeline;
  GstElement *webrtc;
  char *offer;
  int n_video; /* decoded frames; atomic */
  int n_audio;
} Peer;

typedef struct
{
  MediaProgram media;
  LinkServer *server;
  char *room;
  char *seats[2];
  Peer peers[2];
} Fixture;

static GstPadProbeReturn
count_buffer (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  g_atomic_int_inc ((int *)data);
  return GST_PAD_PROBE_OK;
}

static void
on_pad_added (GstElement *webrtc, GstPad *pad, gpointer data)
{
  Peer *peer = data;
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  gboolean video = FALSE;
  g_autoptr (GstElement) bin = NULL;
  g_autoptr (GstPad) sink = NULL;
  g_autoptr (GstElement) end = NULL;
  g_autoptr (GstPad) counted = NULL;

  if (GST_PAD_DIRECTION (pad) != GST_PAD_SRC)
    return;
  video
      = g_str_equal (gst_structure_get_string (gst_caps_get_structure (caps, 0), "media"), "video");
  bin = gst_parse_bin_from_description (
      video ? "rtpvp8depay ! vp8dec ! fakesink sync=false async=false name=end"
            : "rtpopusdepay ! opusdec ! fakesink sync=false async=false name=end",
      TRUE, NULL);
  gst_object_ref_sink (bin);
  gst_bin_add (GST_BIN (peer->pipeline), bin);
  end = gst_bin_get_by_name (GST_BIN (bin), "end");
  counted = gst_element_get_static_pad (end, "sink");
  gst_pad_add_probe (counted, GST_PAD_PROBE_TYPE_BUFFER, count_buffer,
      video ? &peer->n_video : &peer->n_audio, NULL);
  sink = gst_element_get_static_pad (bin, "sink");
  g_assert_cmpint (gst_pad_link (pad, sink), ==, GST_PAD_LINK_OK);
  gst_element_sync_state_with_parent (bin);
}

/* libnice would look for routers on every interface, and several peers at once meet at one port of that. */
static void
stay_on_this_machine (GstElement *webrtc)
{
  g_autoptr (GObject) ice = NULL;
  g_autoptr (GObject) agent = NULL;

  g_object_get (webrtc, "ice-agent", &ice, NULL);
  g_object_get (ice, "agent", &agent, NULL);
  g_object_set (agent, "upnp", FALSE, NULL);
}

static void
peer_start (Peer *self)
{
  g_autoptr (GError) error = NULL;

  self->pipeline = gst_parse_launch (
      "webrtcbin name=webrtc bundle-policy=max-bundle "
      "audiotestsrc is-live=true wave=ticks ! audio/x-raw,rate=48000,channels=1 ! opusenc ! "
      "rtpopuspay ! "
      "application/x-rtp,media=audio,encoding-name=OPUS,encoding-params=(string)2,payload=97 ! "
      "webrtc. "
      "videotestsrc is-live=true pattern=ball ! video/x-raw,width=160,height=120,framerate=15/1 ! "
      "vp8enc deadline=1 keyframe-max-dist=3000 ! rtpvp8pay picture-id-mode=15-bit ! "
      "application/x-rtp,media=video,encoding-name=VP8,payload=96 ! webrtc. ",
      &error);
  g_assert_no_error (error);
  self->webrtc = gst_bin_get_by_name (GST_BIN (self->pipeline), "webrtc");
  stay_on_this_machine (self->webrtc);
  g_signal_connect (self->webrtc, "pad-added", G_CALLBACK (on_pad_added), self);
  gst_element_set_state (self->pipeline, GST_STATE_PLAYING);
}

static void
peer_stop (Peer *self)
{
  if (self->pipeline == NULL)
    return;
  gst_element_set_state (self->pipeline, GST_STATE_NULL);
  g_clear_object (&self->webrtc);
  g_clear_object (&self->pipeline);
  g_clear_pointer (&self->offer, g_free);
}

static void
peer_make_offer (Peer *self)
{
  g_autoptr (GstPromise) promise = gst_promise_new ();
  g_autoptr (GstPromise) set = gst_promise_new ();
  g_autoptr (GstWebRTCSessionDescription) offer = NULL;

  g_signal_emit_by_name (self->webrtc, "create-offer", NULL, promise);
  g_assert_cmpint (gst_promise_wait (promise), ==, GST_PROMISE_RESULT_REPLIED);
  gst_structure_get (
      gst_promise_get_reply (promise), "offer", GST_TYPE_WEBRTC_SESSION_DESCRIPTION, &offer, NULL);
  g_signal_emit_by_name (self->webrtc, "set-local-description", offer, set);
  gst_promise_wait (set);
  self->offer = gst_sdp_message_as_text (offer->sdp);
}

static void
peer_take_answer (Peer *self, const char *text)
{
  g_autoptr (GstPromise) promise = gst_promise_new ();
  g_autoptr (GstWebRTCSessionDescription) answer = NULL;
  GstSDPMessage *sdp = NULL;

  g_assert_cmpint (gst_sdp_message_new_from_text (text, &sdp), ==, GST_SDP_OK);
  answer = gst_webrtc_session_description_new (GST_WEBRTC_SDP_TYPE_ANSWER, sdp);
  g_signal_emit_by_name (self->webrtc, "set-remote-description", answer, promise);
  gst_promise_wait (promise);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  media_program_prepare (&f->media, "port=0\nnode=test\n");
  f->server = link_server_new (f->media.socket_path);
  media_program_start (&f->media, program, G_SUBPROCESS_FLAGS_NONE);
  link_server_wait_register (f->server, 1);
  link_server_welcome (f->server, 0);
  f->room = hj_id_new ();
  f->seats[0] = hj_id_new ();
  f->seats[1] = hj_id_new ();
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  peer_stop (&f->peers[0]);
  peer_stop (&f->peers[1]);
  media_program_stop (&f->media);
  link_server_free (f->server);
  media_program_clear (&f->media);
  g_free (f->room);
  g_free (f->seats[0]);
  g_free (f->seats[1]);
}

static HjLinkMessage *
request_new (Fixture *f, HjLinkVerb verb)
{
  HjLinkMessage *request = hj_link_message_new (verb);

  request->room = g_strdup (f->room);
  return request;
}

static void
join (Fixture *f, guint number)
{
  Peer *peer = &f->peers[number];
  HjLinkMessage *request = request_new (f, HJ_LINK_ADD_LEG);
  g_autoptr (HjLinkMessage) reply = NULL;

  peer_start (peer);
  peer_make_offer (peer);
  request->seat = g_strdup (f->seats[number]);
  request->number = number;
  request->offer = g_strdup (peer->offer);
  request->cm = TRUE;
  reply = link_server_ask (f->server, request);
  g_assert_cmpstr (reply->detail, ==, NULL);
  g_assert_true (reply->ok);
  peer_take_answer (peer, reply->answer);
  g_assert_true (link_server_wait_event (f->server, f->seats[number], HJ_LINK_CONNECTED));
  g_assert_true (link_server_wait_event (f->server, f->seats[number], HJ_LINK_FLOWING));
}

static gboolean
both_decode (gpointer data)
{
  Fixture *f = data;

  for (guint i = 0; i < 2; i++)
    if (g_atomic_int_get (&f->peers[i].n_video) < 15
        || g_atomic_int_get (&f->peers[i].n_audio) < 50)
      return FALSE;
  return TRUE;
}

static gboolean
never (gpointer data)
{
  return FALSE;
}

static void
two_peers_see_and_hear_each_other_once_admitted (Fixture *f, gconstpointer data)
{
  g_autoptr (HjLinkMessage) opened
      = link_server_ask (f->server, request_new (f, HJ_LINK_OPEN_ROOM));
  HjLinkMessage *request = NULL;
  g_autoptr (HjLinkMessage) admitted = NULL;

  g_assert_true (opened->ok);
  join (f, 0);
  join (f, 1);
  wait_until (never, NULL, 1500);
  for (guint i = 0; i < 2; i++)
    {
      g_assert_cmpint (g_atomic_int_get (&f->peers[i].n_video), ==, 0);
      g_assert_cmpint (g_atomic_int_get (&f->peers[i].n_audio), ==, 0);
    }
  request = request_new (f, HJ_LINK_ADMIT);
  g_ptr_array_add (request->seats, g_strdup (f->seats[0]));
  g_ptr_array_add (request->seats, g_strdup (f->seats[1]));
  admitted = link_server_ask (f->server, request);
  g_assert_true (admitted->ok);
  g_assert_true (wait_until (both_decode, f, WAIT_MS));
  /* webrtcbin leaves without a word: no close_notify. */
  peer_stop (&f->peers[1]);
  g_assert_true (link_server_wait_event (f->server, f->seats[1], HJ_LINK_SILENT));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gst_init (NULL, NULL);
  program = argv[1];
  g_test_add ("/webrtcbin/two-peers-see-and-hear-each-other-once-admitted", Fixture, NULL, set_up,
      two_peers_see_and_hear_each_other_once_admitted, tear_down);
  return g_test_run ();
}
