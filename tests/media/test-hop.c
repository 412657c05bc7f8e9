/* SPDX-License-Identifier: Apache-2.0 */
/* What the relay has in the clear between opening one hop and sealing the next: a peer that is admitted and holds no frame
 * keys sees the same bytes. They do not decode as VP8 or Opus; without end-to-end encryption they would (the control). */

#include <gst/rtp/rtp.h>
#include <string.h>

#include "media/frames/frameelements.h"
#include "tests/media/pipeline.h"
#include "tests/media/room-fixture.h"

/* One packet of a pipeline from the first peer, as a browser would frame it, through the relay. */
static void
send_packet (Fixture *f, HjMediaKind kind, GstBuffer *buffer)
{
  GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
  guint8 packet[1500];
  gsize size = 0;

  gst_rtp_buffer_map (buffer, GST_MAP_READ, &rtp);
  size = peer_write_rtp (&f->peers[0], kind, gst_rtp_buffer_get_seq (&rtp),
      gst_rtp_buffer_get_timestamp (&rtp), gst_rtp_buffer_get_payload (&rtp),
      gst_rtp_buffer_get_payload_len (&rtp), packet);
  if (gst_rtp_buffer_get_marker (&rtp))
    packet[1] |= 0x80;
  gst_rtp_buffer_unmap (&rtp);
  peer_send_rtp (&f->peers[0], packet, size);
  settle (f);
}

/* Returns: (transfer full): what the second peer got of it, with the hop's encryption off, at the times of what was sent */
static GPtrArray *
carry (Fixture *f, HjMediaKind kind, GPtrArray *sent)
{
  GPtrArray *carried = g_ptr_array_new_with_free_func ((GDestroyNotify)gst_buffer_unref);
  guint32 ssrc = slot_ssrc (f, 1, 0, kind);

  for (guint i = 0; i < sent->len; i++)
    {
      const PeerPacket *got = NULL;
      GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
      GstBuffer *buffer = NULL;

      send_packet (f, kind, sent->pdata[i]);
      got = peer_find (&f->peers[1], ssrc, 0);
      g_assert_nonnull (got);
      buffer = gst_rtp_buffer_new_allocate ((guint)got->view.payload_len, 0, 0);
      gst_rtp_buffer_map (buffer, GST_MAP_WRITE, &rtp);
      memcpy (gst_rtp_buffer_get_payload (&rtp), got->data + got->view.header_len,
          got->view.payload_len);
      gst_rtp_buffer_set_payload_type (&rtp, kind == HJ_VIDEO ? 96 : 97);
      gst_rtp_buffer_set_seq (&rtp, got->view.seq);
      gst_rtp_buffer_set_timestamp (&rtp, got->view.timestamp);
      gst_rtp_buffer_set_marker (&rtp, (got->data[1] & 0x80) != 0);
      gst_rtp_buffer_unmap (&rtp);
      GST_BUFFER_PTS (buffer) = GST_BUFFER_PTS (sent->pdata[i]);
      g_ptr_array_add (carried, buffer);
      peer_forget (&f->peers[1]);
    }
  return carried;
}

static void
what_the_relay_decrypts_is_no_picture (Fixture *f, gconstpointer data)
{
  g_autoptr (HjFrameKeys) sender = frame_keys_of (0, 1, 2);
  g_autoptr (HjFrameKeys) receiver = frame_keys_of (1, 1, 2);
  g_autoptr (GPtrArray) sent = send_through (SEND_VIDEO, sender);
  g_autoptr (GPtrArray) carried = NULL;
  g_autoptr (GPtrArray) without_keys = NULL;
  g_autoptr (GPtrArray) with_keys = NULL;

  two_admitted (f);
  carried = carry (f, HJ_VIDEO, sent);
  without_keys = play_through (SEE_WITHOUT_KEYS, VIDEO_RTP, carried, NULL, 0);
  with_keys = play_through (SEE, VIDEO_RTP, carried, receiver, 0);
  g_assert_cmpuint (count_good_pictures (without_keys), ==, 0);
  g_assert_cmpuint (count_good_pictures (with_keys), ==, 30);
}

static void
what_the_relay_decrypts_is_no_sound (Fixture *f, gconstpointer data)
{
  g_autoptr (HjFrameKeys) sender = frame_keys_of (0, 1, 2);
  g_autoptr (HjFrameKeys) receiver = frame_keys_of (1, 1, 2);
  g_autoptr (GPtrArray) sent = send_through (SEND_AUDIO, sender);
  g_autoptr (GPtrArray) carried = NULL;
  g_autoptr (GPtrArray) without_keys = NULL;
  g_autoptr (GPtrArray) with_keys = NULL;

  two_admitted (f);
  carried = carry (f, HJ_AUDIO, sent);
  without_keys = play_through (HEAR_WITHOUT_KEYS, AUDIO_RTP, carried, NULL, 0);
  with_keys = play_through (HEAR, AUDIO_RTP, carried, receiver, 0);
  g_assert_cmpfloat (tone_share (without_keys), <, 0.1);
  g_assert_cmpfloat (tone_share (with_keys), >, 0.9);
}

/* The controls: this very path and these decoders show and sound what is not encrypted end to end. */

static void
an_unencrypted_picture_would_decode (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) sent = send_through (SEND_VIDEO_CLEAR, NULL);
  g_autoptr (GPtrArray) carried = NULL;
  g_autoptr (GPtrArray) pictures = NULL;

  two_admitted (f);
  carried = carry (f, HJ_VIDEO, sent);
  pictures = play_through (SEE_WITHOUT_KEYS, VIDEO_RTP, carried, NULL, 0);
  g_assert_cmpuint (count_good_pictures (pictures), ==, 30);
}

static void
an_unencrypted_tone_would_decode (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) sent = send_through (SEND_AUDIO_CLEAR, NULL);
  g_autoptr (GPtrArray) carried = NULL;
  g_autoptr (GPtrArray) sounds = NULL;

  two_admitted (f);
  carried = carry (f, HJ_AUDIO, sent);
  sounds = play_through (HEAR_WITHOUT_KEYS, AUDIO_RTP, carried, NULL, 0);
  g_assert_cmpfloat (tone_share (sounds), >, 0.9);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gst_init (NULL, NULL);
  hj_frame_elements_register (NULL);
  add_test ("hop", "what-the-relay-decrypts-is-no-picture", what_the_relay_decrypts_is_no_picture);
  add_test ("hop", "what-the-relay-decrypts-is-no-sound", what_the_relay_decrypts_is_no_sound);
  add_test ("hop", "an-unencrypted-picture-would-decode", an_unencrypted_picture_would_decode);
  add_test ("hop", "an-unencrypted-tone-would-decode", an_unencrypted_tone_would_decode);
  return g_test_run ();
}
