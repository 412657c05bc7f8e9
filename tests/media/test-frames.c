/* SPDX-License-Identifier: Apache-2.0 */
/* hjsframepay and hjsframedepay between real encoders and decoders: what one end sends, the other sees and hears, and
 * nobody else does. */

#include <gst/rtp/rtp.h>
#include <gst/video/video.h>
#include <string.h>

#include "media/frames/frameelements.h"
#include "media/frames/framevp8.h"
#include "tests/media/pipeline.h"

typedef struct
{
  HjFrameKeys *sender;   /* seat 0 */
  HjFrameKeys *receiver; /* seat 1 */
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->sender = frame_keys_of (0, 1, 3);
  f->receiver = frame_keys_of (1, 1, 3);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  hj_frame_keys_unref (f->sender);
  hj_frame_keys_unref (f->receiver);
}

static void
pictures_arrive_as_they_were_sent (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) packets = send_through (SEND_VIDEO, f->sender);
  g_autoptr (GPtrArray) pictures = play_through (SEE, VIDEO_RTP, packets, f->receiver, 0);

  g_assert_cmpuint (pictures->len, ==, 30);
  g_assert_cmpuint (count_good_pictures (pictures), ==, 30);
}

static void
a_tone_arrives_as_it_was_sent (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) packets = send_through (SEND_AUDIO, f->sender);
  g_autoptr (GPtrArray) sounds = play_through (HEAR, AUDIO_RTP, packets, f->receiver, 0);

  g_assert_cmpuint (packets->len, >=, 50);
  g_assert_cmpfloat (tone_share (sounds), >, 0.9);
}

static void
pictures_do_not_decode_without_the_keys (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) clear = send_through (SEND_VIDEO_CLEAR, NULL);
  g_autoptr (GPtrArray) sealed = send_through (SEND_VIDEO, f->sender);
  g_autoptr (GPtrArray) control = play_through (SEE_WITHOUT_KEYS, VIDEO_RTP, clear, NULL, 0);
  g_autoptr (GPtrArray) pictures = play_through (SEE_WITHOUT_KEYS, VIDEO_RTP, sealed, NULL, 0);

  g_assert_cmpuint (count_good_pictures (control), ==, 30);
  g_assert_cmpuint (count_good_pictures (pictures), ==, 0);
}

static void
a_tone_does_not_decode_without_the_keys (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) clear = send_through (SEND_AUDIO_CLEAR, NULL);
  g_autoptr (GPtrArray) sealed = send_through (SEND_AUDIO, f->sender);
  g_autoptr (GPtrArray) control = play_through (HEAR_WITHOUT_KEYS, AUDIO_RTP, clear, NULL, 0);
  g_autoptr (GPtrArray) sounds = play_through (HEAR_WITHOUT_KEYS, AUDIO_RTP, sealed, NULL, 0);

  g_assert_cmpfloat (tone_share (control), >, 0.9);
  g_assert_cmpfloat (tone_share (sounds), <, 0.1);
}

static void
nothing_leaves_without_a_key (Fixture *f, gconstpointer data)
{
  g_autoptr (HjFrameKeys) none = hj_frame_keys_new (0);
  g_autoptr (GPtrArray) without = send_through (SEND_VIDEO, NULL);
  g_autoptr (GPtrArray) not_yet = send_through (SEND_VIDEO, none);
  g_autoptr (GPtrArray) silent = send_through (SEND_AUDIO, none);

  g_assert_cmpuint (without->len, ==, 0);
  g_assert_cmpuint (not_yet->len, ==, 0);
  g_assert_cmpuint (silent->len, ==, 0);
}

/* What comes out and how many frames were dropped for that reason. */
static guint
play_and_count (const char *description, const char *caps, GPtrArray *packets, HjFrameKeys *keys,
    guint seat, const char *reason, guint64 *dropped)
{
  g_autofree char *whole
      = g_strconcat ("appsrc name=start ! ", description, " ! appsink name=end sync=false", NULL);
  g_autoptr (GPtrArray) out = NULL;
  g_autoptr (GstElement) depay = NULL;
  Pipeline pipeline;

  pipeline_open (&pipeline, whole, caps);
  depay = pipeline_find (&pipeline, "depay");
  g_object_set (depay, "keys", keys, "seat", seat, NULL);
  for (guint i = 0; i < packets->len; i++)
    pipeline_push (&pipeline, packets->pdata[i]);
  out = pipeline_finish (&pipeline);
  *dropped = reason != NULL ? pipeline_stat (&pipeline, "depay", reason) : 0;
  if (reason == NULL)
    g_object_get (depay, "dropped", dropped, NULL);
  pipeline_close (&pipeline);
  return out->len;
}

static void
frames_of_another_seat_are_dropped (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) video = send_through (SEND_VIDEO, f->sender);
  g_autoptr (GPtrArray) audio = send_through (SEND_AUDIO, f->sender);
  guint64 dropped = 0;

  g_assert_cmpuint (
      play_and_count (SEE, VIDEO_RTP, video, f->receiver, 2, "foreign", &dropped), ==, 0);
  g_assert_cmpuint (dropped, ==, 30);
  g_assert_cmpuint (
      play_and_count (HEAR, AUDIO_RTP, audio, f->receiver, 2, "foreign", &dropped), ==, 0);
  g_assert_cmpuint (dropped, ==, audio->len);
}

static void
frames_of_the_other_kind_are_dropped (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) audio = send_through (SEND_AUDIO, f->sender);
  guint64 dropped = 0;

  for (guint i = 0; i < audio->len; i++)
    {
      GstBuffer *packet = gst_buffer_make_writable (audio->pdata[i]);
      GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;

      /* As a picture of one packet would say it: X, S, picture id; the KID is where it was. */
      audio->pdata[i] = packet;
      gst_rtp_buffer_map (packet, GST_MAP_READWRITE, &rtp);
      gst_rtp_buffer_set_marker (&rtp, TRUE);
      gst_rtp_buffer_unmap (&rtp);
    }
  g_assert_cmpuint (play_and_count (SEE, VIDEO_RTP, audio, f->receiver, 0, "ok", &dropped), ==, 0);
  g_assert_cmpuint (dropped, ==, 0);
}

static void
frames_of_an_unknown_epoch_are_dropped (Fixture *f, gconstpointer data)
{
  g_autoptr (HjFrameKeys) later = frame_keys_of (1, 2, 3);
  g_autoptr (GPtrArray) video = send_through (SEND_VIDEO, f->sender);
  guint64 dropped = 0;

  g_assert_cmpuint (play_and_count (SEE, VIDEO_RTP, video, later, 0, "no-key", &dropped), ==, 0);
  g_assert_cmpuint (dropped, ==, 30);
}

static void
frames_in_the_clear_are_dropped (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) video = send_through (SEND_VIDEO_CLEAR, NULL);
  g_autoptr (GPtrArray) audio = send_through (SEND_AUDIO_CLEAR, NULL);
  guint64 dropped = 0;

  g_assert_cmpuint (play_and_count (SEE, VIDEO_RTP, video, f->receiver, 0, NULL, &dropped), ==, 0);
  g_assert_cmpuint (dropped, ==, 30);
  g_assert_cmpuint (play_and_count (HEAR, AUDIO_RTP, audio, f->receiver, 0, NULL, &dropped), ==, 0);
  g_assert_cmpuint (dropped, ==, audio->len);
}

static void
packets_are_as_a_relay_and_a_browser_want_them (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) packets = send_through (
      VIDEO_SOURCE (3) " ! " VIDEO_ENCODER " ! hjsframepay name=pay mtu=300", f->sender);
  gboolean fresh = TRUE;
  guint n_frames = 0;
  guint id = 0;

  g_assert_cmpuint (packets->len, >, 3);
  for (guint i = 0; i < packets->len; i++)
    {
      GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
      const guint8 *payload = NULL;
      gboolean begins = FALSE;

      g_assert_cmpuint (gst_buffer_get_size (packets->pdata[i]), <=, 300);
      gst_rtp_buffer_map (packets->pdata[i], GST_MAP_READ, &rtp);
      payload = gst_rtp_buffer_get_payload (&rtp);
      g_assert_cmpuint (
          hj_vp8_read_descriptor (payload, gst_rtp_buffer_get_payload_len (&rtp), &begins), ==, 4);
      g_assert_cmpint (begins, ==, fresh);
      g_assert_cmpuint (payload[0] & ~0x10u, ==, 0x80);
      g_assert_cmpuint (payload[1], ==, 0x80);
      g_assert_cmpuint (payload[2] & 0x80, ==, 0x80);
      if (i == 0)
        {
          g_assert_cmpuint (payload[4] & 1, ==, 0); /* a key frame with its start code */
          g_assert_cmpmem (payload + 7, 3, "\x9d\x01\x2a", 3);
          id = (guint)(payload[2] & 0x7f) << 8 | payload[3];
        }
      g_assert_cmpuint ((guint)(payload[2] & 0x7f) << 8 | payload[3], ==, (id + n_frames) & 0x7fff);
      fresh = gst_rtp_buffer_get_marker (&rtp);
      n_frames += fresh;
      gst_rtp_buffer_unmap (&rtp);
    }
  g_assert_true (fresh);
  g_assert_cmpuint (n_frames, ==, 3);
}

static GstPadProbeReturn
count_key_requests (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  if (gst_video_event_is_force_key_unit (GST_PAD_PROBE_INFO_EVENT (info)))
    g_atomic_int_inc ((int *)data);
  return GST_PAD_PROBE_OK;
}

static void
watch_key_requests (Pipeline *pipeline, const char *name, int *n)
{
  g_autoptr (GstElement) element = pipeline_find (pipeline, name);
  g_autoptr (GstPad) pad = gst_element_get_static_pad (element, "sink");

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_EVENT_UPSTREAM, count_key_requests, n, NULL);
}

/* Frame 12 of 30 loses its second packet of several; the encoder makes a key frame every 20. */
static void
a_lost_packet_costs_pictures_until_a_key_frame_that_is_asked_for (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) packets = send_through (
      VIDEO_SOURCE (30) " ! " VIDEO_ENCODER " keyframe-max-dist=20 ! hjsframepay name=pay mtu=60",
      f->sender);
  g_autoptr (GPtrArray) pictures = NULL;
  g_autoptr (GstElement) depay = NULL;
  guint n_frames = 0;
  guint n_of_frame = 0;
  int n_asked = 0;
  Pipeline pipeline;

  pipeline_open (&pipeline, "appsrc name=start ! " SEE " ! appsink name=end sync=false", VIDEO_RTP);
  depay = pipeline_find (&pipeline, "depay");
  g_object_set (depay, "keys", f->receiver, "seat", 0, NULL);
  watch_key_requests (&pipeline, "depay", &n_asked);
  for (guint i = 0; i < packets->len; i++)
    {
      gboolean ends = GST_BUFFER_FLAG_IS_SET (packets->pdata[i], GST_BUFFER_FLAG_MARKER);

      if (!(n_frames == 12 && n_of_frame++ == 1))
        pipeline_push (&pipeline, packets->pdata[i]);
      n_frames += ends;
    }
  g_assert_cmpuint (n_frames, ==, 30);
  g_assert_cmpuint (n_of_frame, >, 2);
  pictures = pipeline_finish (&pipeline);
  g_assert_cmpuint (count_good_pictures (pictures), ==, 22);
  g_assert_cmpuint (pictures->len, ==, 22);
  g_assert_cmpuint (pipeline_stat (&pipeline, "depay", "lost"), ==, 1);
  g_assert_cmpuint (pipeline_stat (&pipeline, "depay", "forged"), ==, 0);
  g_assert_cmpuint (pipeline_stat (&pipeline, "depay", "waiting"), ==, 7);
  g_assert_cmpint (g_atomic_int_get (&n_asked), ==, 1);
  pipeline_close (&pipeline);
}

/* No packet is missing in the numbering, as when a relay leaves out a frame and closes the gap: the counter tells. */
static void
a_frame_left_out_by_the_relay_is_noticed (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) packets
      = send_through (SEND_VIDEO, f->sender); /* one packet a frame, but the first */
  g_autoptr (GPtrArray) rest = g_ptr_array_new ();
  guint64 waiting = 0;
  guint16 first = 0;

  for (guint i = 0; i < packets->len; i++)
    {
      GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
      GstBuffer *packet = gst_buffer_make_writable (packets->pdata[i]);

      packets->pdata[i] = packet;
      gst_rtp_buffer_map (packet, GST_MAP_READWRITE, &rtp);
      if (i == 0)
        first = gst_rtp_buffer_get_seq (&rtp);
      gst_rtp_buffer_set_seq (&rtp, (guint16)(first + rest->len));
      gst_rtp_buffer_unmap (&rtp);
      if (i + 5 != packets->len)
        g_ptr_array_add (rest, packet);
    }
  g_assert_cmpuint (
      play_and_count (SEE, VIDEO_RTP, rest, f->receiver, 0, "waiting", &waiting), ==, 25);
  g_assert_cmpuint (waiting, ==, 4);
}

/* Every packet twice, in the numbering of a relay that repeats it. */
static GPtrArray *
repeat_each (GPtrArray *packets)
{
  GPtrArray *twice = g_ptr_array_new_with_free_func ((GDestroyNotify)gst_buffer_unref);

  for (guint i = 0; i < 2 * packets->len; i++)
    {
      GstBuffer *packet = gst_buffer_copy_deep (packets->pdata[i / 2]);
      GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;

      gst_rtp_buffer_map (packet, GST_MAP_READWRITE, &rtp);
      gst_rtp_buffer_set_seq (&rtp, (guint16)i);
      gst_rtp_buffer_unmap (&rtp);
      g_ptr_array_add (twice, packet);
    }
  return twice;
}

/* Nothing is missing then, so no picture is lost over it. */
static void
frames_that_were_taken_are_not_taken_again (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) audio = send_through (SEND_AUDIO, f->sender);
  g_autoptr (GPtrArray) video = send_through (SEND_VIDEO " mtu=20000", f->sender);
  g_autoptr (GPtrArray) audio_twice = repeat_each (audio);
  g_autoptr (GPtrArray) video_twice = repeat_each (video);
  guint64 replayed = 0;

  play_and_count (HEAR, AUDIO_RTP, audio_twice, f->receiver, 0, "replayed", &replayed);
  g_assert_cmpuint (replayed, ==, audio->len);
  g_assert_cmpuint (
      play_and_count (SEE, VIDEO_RTP, video_twice, f->receiver, 0, "replayed", &replayed), ==, 30);
  g_assert_cmpuint (replayed, ==, 30);
}

/* Epoch 1, or 2 after it; long enough ago to be sealed with at once. */
static GstPadProbeReturn
begin_at_tenth (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  HjFrameKeys *sender = data;
  gint64 now_us = g_get_monotonic_time ();

  if (GST_BUFFER_PTS (GST_PAD_PROBE_INFO_BUFFER (info)) != 10 * GST_SECOND / 30)
    return GST_PAD_PROBE_OK;
  frame_keys_begin (
      sender, hj_frame_keys_get_sending (sender, now_us) + 1, 3, now_us - HJ_FRAME_SWITCH_US);
  return GST_PAD_PROBE_REMOVE;
}

static void
open_sender (Pipeline *pipeline, HjFrameKeys *sender)
{
  g_autoptr (GstElement) pay = NULL;
  g_autoptr (GstPad) sink = NULL;

  pipeline_open (pipeline, SEND_VIDEO " ! appsink name=end sync=false", NULL);
  pay = pipeline_find (pipeline, "pay");
  g_object_set (pay, "keys", sender, NULL);
  sink = gst_element_get_static_pad (pay, "sink");
  gst_pad_add_probe (sink, GST_PAD_PROBE_TYPE_BUFFER, begin_at_tenth, sender, NULL);
}

/* The sender changes the epoch in the middle; who has both sees no break. */
static void
a_new_epoch_breaks_no_picture (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) packets = NULL;
  guint64 waiting = 0;
  Pipeline pipeline;

  open_sender (&pipeline, f->sender);
  packets = pipeline_finish (&pipeline);
  pipeline_close (&pipeline);
  g_assert_cmpuint (hj_frame_keys_get_sending (f->sender, g_get_monotonic_time ()), ==, 2);
  frame_keys_begin (f->receiver, 2, 3, g_get_monotonic_time ());
  g_assert_cmpuint (
      play_and_count (SEE, VIDEO_RTP, packets, f->receiver, 0, "waiting", &waiting), ==, 30);
  g_assert_cmpuint (waiting, ==, 0);
}

/* The key comes when ten pictures are gone: the rest would refer to them, so a new key frame is asked for and awaited. */
static void
sending_begins_with_a_key_frame (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) packets = NULL;
  g_autoptr (GPtrArray) pictures = NULL;
  g_autoptr (GstElement) pay = NULL;
  guint64 sealed = 0;
  guint64 dropped = 0;
  int n_asked = 0;
  Pipeline pipeline;

  hj_frame_keys_unref (f->sender);
  f->sender = hj_frame_keys_new (0);
  open_sender (&pipeline, f->sender);
  pay = pipeline_find (&pipeline, "pay");
  watch_key_requests (&pipeline, "pay", &n_asked);
  packets = pipeline_finish (&pipeline);
  g_object_get (pay, "sealed", &sealed, "dropped", &dropped, NULL);
  pipeline_close (&pipeline);
  g_assert_cmpint (n_asked, ==, 1);
  g_assert_cmpuint (sealed + dropped, ==, 30);
  g_assert_cmpuint (sealed, >=, 15);
  g_assert_cmpuint (dropped, >=, 11);
  pictures = play_through (SEE, VIDEO_RTP, packets, f->receiver, 0);
  g_assert_cmpuint (pictures->len, ==, sealed);
  g_assert_cmpuint (count_good_pictures (pictures), ==, sealed);
}

/* Anything but what was sealed opens nothing and breaks nothing. */
static void
changed_packets_open_nothing (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) packets = send_through (SEND_VIDEO, f->sender);
  g_autoptr (GPtrArray) changed = g_ptr_array_new_with_free_func ((GDestroyNotify)gst_buffer_unref);
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  guint64 opened = 0;

  for (guint16 i = 0; i < 2000; i++)
    {
      GstBuffer *packet
          = gst_buffer_copy_deep (packets->pdata[g_rand_int_range (rand, 0, (gint32)packets->len)]);
      GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
      guint8 *payload = NULL;
      gint32 size = 0;

      if (i % 4 == 0)
        gst_buffer_set_size (packet, 12 + g_rand_int_range (rand, 0, 30));
      gst_rtp_buffer_map (packet, GST_MAP_READWRITE, &rtp);
      gst_rtp_buffer_set_seq (&rtp, i);
      payload = gst_rtp_buffer_get_payload (&rtp);
      size = (gint32)gst_rtp_buffer_get_payload_len (&rtp);
      if (size > 4)
        payload[g_rand_int_range (rand, 4, size)] ^= (guint8)(1 << g_rand_int_range (rand, 0, 8));
      if (size > 0 && i % 8 == 1)
        payload[g_rand_int_range (rand, 0, MIN (size, 4))] ^= (guint8)g_rand_int (rand);
      gst_rtp_buffer_unmap (&rtp);
      g_ptr_array_add (changed, packet);
    }
  g_assert_cmpuint (play_and_count (SEE, VIDEO_RTP, changed, f->receiver, 0, "ok", &opened), ==, 0);
  g_assert_cmpuint (opened, ==, 0);
}

static void
add (const char *name, void (*test) (Fixture *f, gconstpointer data))
{
  g_autofree char *path = g_strconcat ("/frames/", name, NULL);

  g_test_add (path, Fixture, NULL, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gst_init (NULL, NULL);
  hj_frame_elements_register (NULL);
  add ("pictures-arrive-as-they-were-sent", pictures_arrive_as_they_were_sent);
  add ("a-tone-arrives-as-it-was-sent", a_tone_arrives_as_it_was_sent);
  add ("pictures-do-not-decode-without-the-keys", pictures_do_not_decode_without_the_keys);
  add ("a-tone-does-not-decode-without-the-keys", a_tone_does_not_decode_without_the_keys);
  add ("nothing-leaves-without-a-key", nothing_leaves_without_a_key);
  add ("frames-of-another-seat-are-dropped", frames_of_another_seat_are_dropped);
  add ("frames-of-the-other-kind-are-dropped", frames_of_the_other_kind_are_dropped);
  add ("frames-of-an-unknown-epoch-are-dropped", frames_of_an_unknown_epoch_are_dropped);
  add ("frames-in-the-clear-are-dropped", frames_in_the_clear_are_dropped);
  add ("packets-are-as-a-relay-and-a-browser-want-them",
      packets_are_as_a_relay_and_a_browser_want_them);
  add ("a-lost-packet-costs-pictures-until-a-key-frame-that-is-asked-for",
      a_lost_packet_costs_pictures_until_a_key_frame_that_is_asked_for);
  add ("a-frame-left-out-by-the-relay-is-noticed", a_frame_left_out_by_the_relay_is_noticed);
  add ("frames-that-were-taken-are-not-taken-again", frames_that_were_taken_are_not_taken_again);
  add ("a-new-epoch-breaks-no-picture", a_new_epoch_breaks_no_picture);
  add ("sending-begins-with-a-key-frame", sending_begins_with_a_key_frame);
  add ("changed-packets-open-nothing", changed_packets_open_nothing);
  return g_test_run ();
}
