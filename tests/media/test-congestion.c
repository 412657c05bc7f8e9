/* SPDX-License-Identifier: Apache-2.0 */
/* Thin paths to receivers, in simulated time: what the sender is told, what is held back, what goes first, and what is given
 * up. Each receiver sits behind a bottleneck of the test's own and tells by transport-wide feedback what came when. */

#include <string.h>

#include "media/pacer.h"
#include "media/reception.h"
#include "media/wire/twcc.h"
#include "tests/media/room-fixture.h"

#define STEP_US 5000
#define TWCC_ID 3
#define LONGEST_QUEUE_US 1000000
#define FRAME_US 35000
#define VIDEO_BYTES 1000
#define SOUND_BPS 50000 /* 50 packets of about 125 bytes */

typedef struct
{
  guint16 seq;
  gint64 at_us;
} Arrival;

/* The way to one receiver, and what came over it since the last look. */
typedef struct
{
  double bps; /* 0: nobody tells anything */
  gint64 free_us;
  gint64 told_us;
  HjTwccRecorder recorder;
  GArray *pending; /* Arrival */
  guint n_audio;
  guint n_video;
  guint n_repairs;
} Path;

/* Seat 0 sends, the others receive. */
typedef struct
{
  Path paths[SEATS];
  guint16 audio_seq;
  guint16 video_seq;
  gint64 began_us;
  guint64 wish_bps; /* what the camera would send */
  guint64 remb_bps; /* what the sender was told, 0: nothing; its sound is in it */
  guint n_rembs;
  gboolean key_wanted;
  guint n_keys; /* asked for */
} Call;

static void
call_init (Call *self, Fixture *f, double bps)
{
  memset (self, 0, sizeof *self);
  self->began_us = f->now_us;
  self->wish_bps = 1000000;
  self->key_wanted = TRUE;
  for (guint i = 0; i < SEATS; i++)
    {
      self->paths[i].bps = i > 0 ? bps : 0;
      self->paths[i].pending = g_array_new (FALSE, FALSE, sizeof (Arrival));
      hj_twcc_recorder_init (&self->paths[i].recorder);
      peer_forget (&f->peers[i]);
    }
}

static void
call_clear (Call *self)
{
  for (guint i = 0; i < SEATS; i++)
    g_array_unref (self->paths[i].pending);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Call, call_clear)

static void
look_at_rtp (Fixture *f, Path *path, guint seat, const PeerPacket *packet)
{
  gsize length = 0;
  const guint8 *twcc = hj_rtp_find_extension (packet->data, &packet->view, TWCC_ID, &length);
  Arrival arrival = { 0 };

  path->n_audio += packet->view.ssrc == slot_ssrc (f, seat, 0, HJ_AUDIO);
  path->n_video += packet->view.ssrc == slot_ssrc (f, seat, 0, HJ_VIDEO);
  path->n_repairs += packet->view.ssrc == f->peers[seat].slot_rtx_ssrcs[0];
  g_assert_nonnull (twcc);
  if (path->bps <= 0)
    return;
  path->free_us = MAX (path->free_us, f->now_us);
  if (path->free_us - f->now_us > LONGEST_QUEUE_US)
    return;
  path->free_us += (gint64)((double)packet->length * 8e6 / path->bps);
  arrival = (Arrival){ hj_be16 (twcc), path->free_us };
  g_array_append_val (path->pending, arrival);
}

static void
tell_arrivals (Fixture *f, Path *path, guint seat)
{
  guint8 packet[1200];
  gsize length = 0;

  while (path->pending->len > 0 && g_array_index (path->pending, Arrival, 0).at_us <= f->now_us)
    {
      const Arrival *arrival = &g_array_index (path->pending, Arrival, 0);

      hj_twcc_recorder_add (&path->recorder, arrival->seq, arrival->at_us);
      g_array_remove_index (path->pending, 0);
    }
  if (!hj_twcc_recorder_is_due (&path->recorder, f->now_us, 50000))
    return;
  length = hj_rtcp_write_rr (packet, sizeof packet, 5, NULL, 0);
  length += hj_twcc_recorder_write (
      &path->recorder, f->now_us, 5, 6, packet + length, sizeof packet - length);
  peer_send_rtcp (&f->peers[seat], packet, length);
}

static void
look_at_rtcp (Call *self, PeerPacket *packet)
{
  HjRtcpPacket part;
  HjRtcpIter iter;
  guint32 ssrc = 0;
  gsize n = 0;

  hj_rtcp_iter_init (&iter, packet->data, packet->length);
  while (hj_rtcp_next (&iter, &part))
    {
      self->n_rembs += hj_rtcp_read_remb (&part, &self->remb_bps, &ssrc, 1, &n);
      if (part.type == HJ_RTCP_PSFB && part.fmt == HJ_PSFB_PLI)
        {
          self->key_wanted = TRUE;
          self->n_keys++;
        }
    }
}

/* What has come by now is seen and forgotten. */
static void
look (Call *self, Fixture *f)
{
  settle (f);
  for (guint seat = 0; seat < SEATS; seat++)
    {
      for (guint i = 0; i < f->peers[seat].packets->len; i++)
        {
          PeerPacket *packet = f->peers[seat].packets->pdata[i];

          if (!packet->rtcp && seat > 0)
            look_at_rtp (f, &self->paths[seat], seat, packet);
          else if (packet->rtcp && seat == 0)
            look_at_rtcp (self, packet);
        }
      peer_forget (&f->peers[seat]);
      if (self->paths[seat].bps > 0)
        tell_arrivals (f, &self->paths[seat], seat);
    }
}

static void
send_frame (Call *self, Fixture *f)
{
  guint64 room_bps = self->remb_bps > SOUND_BPS ? self->remb_bps - SOUND_BPS : 0;
  guint64 bps = self->remb_bps > 0 ? MIN (self->wish_bps, room_bps) : self->wish_bps;
  guint n = MAX (1, (guint)(bps * FRAME_US / 8000000 / VIDEO_BYTES));

  for (guint i = 0; i < n; i++)
    peer_send_video (&f->peers[0], self->video_seq++,
        (guint32)((f->now_us - self->began_us) * 9 / 100), self->key_wanted && i == 0);
  self->key_wanted = FALSE;
}

/* Runs on for that long; what was counted before is forgotten. */
static void
run (Call *self, Fixture *f, gint64 span_us)
{
  for (guint i = 0; i < SEATS; i++)
    self->paths[i].n_audio = self->paths[i].n_video = self->paths[i].n_repairs = 0;
  self->n_rembs = self->n_keys = 0;
  for (gint64 end_us = f->now_us + span_us; f->now_us < end_us;)
    {
      gint64 since_us = f->now_us - self->began_us;

      if (since_us % 20000 == 0)
        peer_send_audio (&f->peers[0], self->audio_seq++, (guint32)(since_us * 48 / 1000));
      if (since_us % FRAME_US == 0)
        send_frame (self, f);
      look (self, f);
      f->now_us += STEP_US;
      hj_rooms_pace (f->rooms, f->now_us);
      if ((f->now_us - self->began_us) % 20000 == 0)
        hj_rooms_tick (f->rooms, f->now_us);
      look (self, f);
    }
}

#define SECONDS(n) ((n)*G_TIME_SPAN_SECOND)

static void
the_sender_is_told_what_the_receiver_can_take (Fixture *f, gconstpointer data)
{
  g_auto (Call) call = { 0 };

  two_admitted (f);
  call_init (&call, f, 600000);
  run (&call, f, SECONDS (20));
  g_assert_cmpuint (call.remb_bps, >, 250000);
  g_assert_cmpuint (call.remb_bps, <, 600000);
  g_assert_cmpuint (call.n_rembs, >=, 19);
  g_assert_cmpuint (call.n_rembs, <=, 45);
  call.paths[1].bps = 3000000;
  run (&call, f, SECONDS (30));
  g_assert_cmpuint (call.remb_bps, >, 1000000);
}

static void
a_cap_that_falls_is_told_at_once (Fixture *f, gconstpointer data)
{
  g_auto (Call) call = { 0 };
  guint64 before_bps = 0;

  two_admitted (f);
  call_init (&call, f, 3000000);
  run (&call, f, SECONDS (10));
  before_bps = call.remb_bps;
  call.paths[1].bps = 300000;
  run (&call, f, 800000);
  g_assert_cmpuint (call.n_rembs, >=, 2);
  g_assert_cmpuint (call.remb_bps, <, before_bps / 2);
}

static void
the_thinnest_path_decides (Fixture *f, gconstpointer data)
{
  g_auto (Call) call = { 0 };

  two_connected (f);
  connect_leg (f, 2);
  admit (f, 3);
  call_init (&call, f, 4000000);
  call.paths[2].bps = 600000;
  run (&call, f, SECONDS (20));
  g_assert_cmpuint (call.remb_bps, >, 250000);
  g_assert_cmpuint (call.remb_bps, <, 600000);
  call.paths[2].bps = 4000000;
  call.paths[1].bps = 400000;
  run (&call, f, SECONDS (30));
  g_assert_cmpuint (call.remb_bps, <, 400000 + SOUND_BPS);
  call.paths[1].bps = 4000000;
  run (&call, f, SECONDS (40));
  g_assert_cmpuint (call.remb_bps, >, 1000000);
}

/* What a path takes is shared among the pictures that come over it. */
static void
two_pictures_share_a_path (Fixture *f, gconstpointer data)
{
  g_auto (Call) call = { 0 };

  two_connected (f);
  connect_leg (f, 2);
  admit (f, 3);
  call_init (&call, f, 4000000);
  call.paths[2].bps = 600000;
  peer_send_video (&f->peers[1], 1, 1, TRUE);
  run (&call, f, SECONDS (20));
  g_assert_cmpuint (call.remb_bps, >, 125000);
  g_assert_cmpuint (call.remb_bps, <, 300000 + SOUND_BPS);
}

static void
where_only_sound_fits_sound_alone_is_sent (Fixture *f, gconstpointer data)
{
  g_auto (Call) call = { 0 };

  two_admitted (f);
  call_init (&call, f, 2000000);
  run (&call, f, SECONDS (10));
  g_assert_cmpuint (call.paths[1].n_video, >, 500);
  g_assert_cmpint (count_dropped (f, "congested"), ==, 0);
  call.paths[1].bps = 90000;
  run (&call, f, SECONDS (20));
  run (&call, f, SECONDS (2));
  g_assert_cmpuint (call.paths[1].n_audio, ==, 100);
  g_assert_cmpuint (call.paths[1].n_video, ==, 0);
  g_assert_cmpuint (call.remb_bps, >, 50000 + SOUND_BPS / 5 * 4);
  g_assert_cmpuint (call.remb_bps, <, 50000 + SOUND_BPS / 5 * 6);
  g_assert_cmpint (count_dropped (f, "congested"), >, 0);
  call.paths[1].bps = 2000000;
  run (&call, f, SECONDS (40));
  g_assert_cmpuint (call.n_keys, >=, 1);
  run (&call, f, SECONDS (2));
  g_assert_cmpuint (call.paths[1].n_video, >, 50);
  g_assert_cmpuint (call.paths[1].n_audio, ==, 100);
}

/* There is room for a picture again and again, and it does not last. */
static void
a_picture_that_was_cut_is_tried_ever_more_rarely (Fixture *f, gconstpointer data)
{
  g_auto (Call) call = { 0 };

  two_admitted (f);
  call_init (&call, f, 2000000);
  run (&call, f, SECONDS (10));
  call.paths[1].bps = 90000;
  run (&call, f, SECONDS (80));
  g_assert_cmpuint (call.n_keys, >=, 2);
  g_assert_cmpuint (call.n_keys, <=, 15); /* after a second each time it were 23 */
}

static void
a_path_is_tried_out_soon (Fixture *f, gconstpointer data)
{
  g_auto (Call) call = { 0 };

  two_admitted (f);
  call_init (&call, f, 5000000);
  run (&call, f, SECONDS (2));
  g_assert_cmpuint (call.paths[1].n_repairs, >=, 10);
  g_assert_cmpuint (call.remb_bps, >, 900000);
}

/* A frame that comes in the middle of a burst becomes part of it, at its rate. */
static void
a_frame_does_not_spoil_a_burst (Fixture *f, gconstpointer data)
{
  g_auto (Call) call = { 0 };

  two_admitted (f);
  call_init (&call, f, 5000000);
  for (guint i = 0; i < 1000 && call.paths[1].n_repairs == 0; i++)
    run (&call, f, STEP_US);
  g_assert_cmpuint (call.paths[1].n_repairs, >, 0);
  call.paths[1].n_video = 0;
  for (guint i = 0; i < 4; i++)
    peer_send_video (&f->peers[0], call.video_seq++, 5, FALSE);
  look (&call, f);
  g_assert_cmpuint (call.paths[1].n_video, <, 4);
  run (&call, f, SECONDS (1) / 5);
  g_assert_cmpuint (call.paths[1].n_video, >=, 3);
}

static void
who_tells_nothing_is_not_held_back (Fixture *f, gconstpointer data)
{
  g_auto (Call) call = { 0 };

  two_admitted (f);
  call_init (&call, f, 0);
  run (&call, f, SECONDS (3));
  g_assert_cmpuint (call.n_rembs, ==, 0);
  g_assert_cmpuint (call.paths[1].n_repairs, ==, 0);
  for (guint i = 0; i < 100; i++)
    peer_send_video (&f->peers[0], call.video_seq++, 5, FALSE);
  settle (f);
  g_assert_cmpuint (peer_count (&f->peers[1], slot_ssrc (f, 1, 0, HJ_VIDEO)), ==, 100);
}

static void
a_keyframe_is_spread_and_sound_overtakes_it (Fixture *f, gconstpointer data)
{
  g_auto (Call) call = { 0 };
  guint32 ssrc = 0;
  guint n = 0;
  guint16 first = 0;

  two_admitted (f);
  call_init (&call, f, 1000000);
  run (&call, f, SECONDS (5));
  ssrc = slot_ssrc (f, 1, 0, HJ_VIDEO);
  f->now_us += 100000;
  for (guint i = 0; i < 40; i++)
    peer_send_video (&f->peers[0], call.video_seq++, 5, i == 0);
  peer_send_audio (&f->peers[0], call.audio_seq++, 5);
  settle (f);
  n = peer_count (&f->peers[1], ssrc);
  g_assert_cmpuint (n, >=, 4); /* an ordinary frame leaves at once */
  g_assert_cmpuint (n, <=, 16);
  g_assert_cmpuint (peer_count (&f->peers[1], slot_ssrc (f, 1, 0, HJ_AUDIO)), ==, 1);
  for (guint i = 0; i < 100 && n < 40; i++)
    {
      guint before = n;

      f->now_us += STEP_US;
      hj_rooms_pace (f->rooms, f->now_us);
      settle (f);
      n = peer_count (&f->peers[1], ssrc);
      g_assert_cmpuint (n - before, <=, 4);
    }
  g_assert_cmpuint (n, ==, 40);
  first = peer_find (&f->peers[1], ssrc, 0)->view.seq;
  for (guint16 i = 0; i < 40; i++)
    {
      const PeerPacket *packet = peer_find (&f->peers[1], ssrc, i);

      g_assert_cmpuint (packet->view.seq, ==, (guint16)(first + i));
      g_assert_cmpuint (packet->data[packet->view.header_len + 5], ==, 0xbb);
      g_assert_cmpuint (packet->view.payload_len, ==, VIDEO_BYTES);
    }
}

static void
what_would_wait_too_long_is_given_up (Fixture *f, gconstpointer data)
{
  g_auto (Call) call = { 0 };
  guint32 ssrc = 0;
  const PeerPacket *last = NULL;
  const PeerPacket *next = NULL;
  guint n = 0;

  two_admitted (f);
  call_init (&call, f, 400000);
  run (&call, f, SECONDS (10));
  ssrc = slot_ssrc (f, 1, 0, HJ_VIDEO);
  f->now_us += SECONDS (1);
  for (guint i = 0; i < 200; i++)
    peer_send_video (&f->peers[0], call.video_seq++, 5, i == 0);
  settle (f);
  g_assert_cmpint (count_dropped (f, "congested"), >, 20);
  g_assert_cmpuint (count_rtcp (&f->peers[0], HJ_RTCP_PSFB, HJ_PSFB_PLI), ==, 1);
  advance (f, SECONDS (1));
  n = peer_count (&f->peers[1], ssrc);
  last = peer_find (&f->peers[1], ssrc, n - 1);
  peer_send_video (&f->peers[0], call.video_seq++, 10, FALSE);
  peer_send_video (&f->peers[0], call.video_seq++, 10, TRUE);
  settle (f);
  g_assert_cmpuint (peer_count (&f->peers[1], ssrc), ==, n + 1);
  next = peer_find (&f->peers[1], ssrc, n);
  g_assert_cmpuint (next->view.seq, ==, (guint16)(last->view.seq + 1)); /* nothing to ask for */
  g_assert_cmpuint (
      next->view.timestamp - last->view.timestamp, ==, 10 - 5); /* the source's clock */
}

static void
feedback_about_what_was_never_sent_changes_nothing (Fixture *f, gconstpointer data)
{
  g_auto (Call) call = { 0 };
  guint8 packet[1200];
  guint64 before_bps = 0;

  two_admitted (f);
  call_init (&call, f, 2000000);
  run (&call, f, SECONDS (5));
  before_bps = call.remb_bps;
  for (guint i = 0; i < 50; i++)
    {
      HjTwccArrival arrivals[2] = { { 40000 + i * 10, 1000 }, { 40005 + i * 10, 900000 } };
      gsize used = 0;
      gsize length = hj_rtcp_write_rr (packet, sizeof packet, 5, NULL, 0);

      length += hj_twcc_write (packet + length, sizeof packet - length, 5, 6, (guint8)i,
          arrivals[0].seq, arrivals, 2, &used);
      peer_send_rtcp (&f->peers[1], packet, length);
    }
  run (&call, f, SECONDS (1));
  g_assert_cmpuint (call.remb_bps, >=, before_bps - before_bps / 10);
  g_assert_cmpuint (call.paths[1].n_audio, ==, 50);
}

static void
a_source_that_goes_takes_along_what_waits (Fixture *f, gconstpointer data)
{
  g_auto (Call) call = { 0 };
  g_autoptr (HjLinkMessage) removed = NULL;
  guint n = 0;

  two_admitted (f);
  call_init (&call, f, 1000000);
  run (&call, f, SECONDS (3));
  for (guint i = 0; i < 40; i++)
    peer_send_video (&f->peers[0], call.video_seq++, 5, i == 0);
  settle (f);
  n = peer_count (&f->peers[1], slot_ssrc (f, 1, 0, HJ_VIDEO));
  removed = order_seat (f, HJ_LINK_REMOVE_LEG, f->seats[0]);
  advance (f, SECONDS (1));
  g_assert_cmpuint (peer_count (&f->peers[1], slot_ssrc (f, 1, 0, HJ_VIDEO)), ==, n);
}

static void
a_receiver_that_goes_leaves_nothing_behind (Fixture *f, gconstpointer data)
{
  g_auto (Call) call = { 0 };
  g_autoptr (HjLinkMessage) removed = NULL;

  two_admitted (f);
  call_init (&call, f, 1000000);
  run (&call, f, SECONDS (3));
  for (guint i = 0; i < 40; i++)
    peer_send_video (&f->peers[0], call.video_seq++, 5, i == 0);
  settle (f);
  removed = order_seat (f, HJ_LINK_REMOVE_LEG, f->seats[1]);
  g_assert_cmpint (hj_rooms_pace (f->rooms, f->now_us + 1), ==, G_MAXINT64);
}

static void
a_pacer_without_a_rate_holds_nothing_back (void)
{
  g_autofree HjPacer *pacer = g_new0 (HjPacer, 1);

  for (guint i = 0; i < 1000; i++)
    {
      g_assert_true (hj_pacer_may_pass (pacer, 1000));
      hj_pacer_sent (pacer, 1200, 1000);
    }
}

static void
a_pacer_keeps_its_rate_and_order (void)
{
  g_autofree HjPacer *pacer = g_new0 (HjPacer, 1);
  HjPaced packet = { .length = 1000 };
  gint64 now_us = SECONDS (1);
  guint n = 0;

  pacer->rate_bps = 800000;
  while (hj_pacer_may_pass (pacer, now_us))
    {
      hj_pacer_sent (pacer, 1000, now_us);
      n++;
    }
  g_assert_cmpuint (n, >=, 6);
  g_assert_cmpuint (n, <=, 8);
  for (packet.seq = 0; packet.seq < 20; packet.seq++)
    g_assert_true (hj_pacer_push (pacer, &packet));
  packet = (HjPaced){ .length = 1000, .seq = 77, .again = TRUE };
  g_assert_true (hj_pacer_push (pacer, &packet));
  for (n = 0; hj_pacer_pop (pacer, &packet); n++)
    {
      g_assert_cmpuint (packet.seq, ==, n == 0 ? 77 : n - 1);
      g_assert_cmpint (hj_pacer_due_us (pacer), >=, now_us);
      now_us = hj_pacer_due_us (pacer);
      hj_pacer_sent (pacer, 1000, now_us);
    }
  g_assert_cmpuint (n, ==, 21);
  g_assert_cmpint (now_us - SECONDS (1), >=, 20 * 10000);
  g_assert_cmpint (now_us - SECONDS (1), <=, 22 * 10000);
}

static void
a_pacer_takes_half_a_second_and_no_more_than_it_has_room_for (void)
{
  g_autofree HjPacer *pacer = g_new0 (HjPacer, 1);
  HjPaced packet = { .length = 1000 };
  guint n = 0;

  pacer->rate_bps = 800000;
  for (n = 0; hj_pacer_push (pacer, &packet); n++)
    ;
  g_assert_cmpuint (n, ==, 50);
  memset (pacer, 0, sizeof *pacer);
  packet.length = 1;
  for (n = 0; hj_pacer_push (pacer, &packet); n++)
    ;
  g_assert_cmpuint (n, ==, HJ_PACER_MEDIA);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define UNIT(name) g_test_add_func ("/pacer/" #name, name)
  UNIT (a_pacer_without_a_rate_holds_nothing_back);
  UNIT (a_pacer_keeps_its_rate_and_order);
  UNIT (a_pacer_takes_half_a_second_and_no_more_than_it_has_room_for);
#define ADD(name) add_test ("congestion", #name, name)
  ADD (the_sender_is_told_what_the_receiver_can_take);
  ADD (a_cap_that_falls_is_told_at_once);
  ADD (the_thinnest_path_decides);
  ADD (two_pictures_share_a_path);
  ADD (where_only_sound_fits_sound_alone_is_sent);
  ADD (a_picture_that_was_cut_is_tried_ever_more_rarely);
  ADD (a_path_is_tried_out_soon);
  ADD (a_frame_does_not_spoil_a_burst);
  ADD (who_tells_nothing_is_not_held_back);
  ADD (a_keyframe_is_spread_and_sound_overtakes_it);
  ADD (what_would_wait_too_long_is_given_up);
  ADD (feedback_about_what_was_never_sent_changes_nothing);
  ADD (a_source_that_goes_takes_along_what_waits);
  ADD (a_receiver_that_goes_leaves_nothing_behind);
  return g_test_run ();
}
