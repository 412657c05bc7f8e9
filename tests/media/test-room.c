/* SPDX-License-Identifier: Apache-2.0 */
/* Rooms and routes of one relay worker: who hears whom and from when on, in whose numbers, and which orders are
 * refused. The connections themselves are in test-legs.c. */

#include <string.h>

#include "src/base/ids.h"
#include "tests/media/room-fixture.h"

static void
media_waits_for_admit (Fixture *f, gconstpointer data)
{
  two_connected (f);
  peer_send_audio (&f->peers[0], 1, 0);
  peer_send_video (&f->peers[0], 1, 0, TRUE);
  settle (f);
  g_assert_cmpuint (peer_count (&f->peers[1], slot_ssrc (f, 1, 0, HJ_AUDIO)), ==, 0);
  g_assert_cmpuint (peer_count (&f->peers[1], slot_ssrc (f, 1, 0, HJ_VIDEO)), ==, 0);
  g_assert_cmpint (count_dropped (f, "not-admitted"), ==, 2);
  admit (f, 2);
  peer_send_audio (&f->peers[0], 2, 960);
  peer_send_video (&f->peers[0], 2, 3000, TRUE);
  peer_send_audio (&f->peers[1], 2, 960);
  settle (f);
  g_assert_cmpuint (peer_count (&f->peers[1], slot_ssrc (f, 1, 0, HJ_AUDIO)), ==, 1);
  g_assert_cmpuint (peer_count (&f->peers[1], slot_ssrc (f, 1, 0, HJ_VIDEO)), ==, 1);
  g_assert_cmpuint (peer_count (&f->peers[0], slot_ssrc (f, 0, 1, HJ_AUDIO)), ==, 1);
}

static void
one_admitted_seat_is_not_enough (Fixture *f, gconstpointer data)
{
  two_connected (f);
  admit (f, 1);
  peer_send_audio (&f->peers[0], 1, 0);
  peer_send_audio (&f->peers[1], 1, 0);
  settle (f);
  g_assert_cmpuint (peer_count (&f->peers[1], slot_ssrc (f, 1, 0, HJ_AUDIO)), ==, 0);
  g_assert_cmpuint (peer_count (&f->peers[0], slot_ssrc (f, 0, 1, HJ_AUDIO)), ==, 0);
  g_assert_cmpint (count_dropped (f, "no-route"), ==, 1);
  g_assert_cmpint (count_dropped (f, "not-admitted"), ==, 1);
}

static void
headers_are_the_slots_and_payload_is_the_senders (Fixture *f, gconstpointer data)
{
  const PeerPacket *first = NULL;
  const PeerPacket *second = NULL;
  gsize length = 0;

  f->peers[1].style.opus = 120;
  f->peers[1].style.mid_prefix = "a";
  two_admitted (f);
  peer_send_audio (&f->peers[0], 65535, 0xfffffc40);
  peer_send_audio (&f->peers[0], 0, 0);
  settle (f);
  first = peer_find (&f->peers[1], slot_ssrc (f, 1, 0, HJ_AUDIO), 0);
  second = peer_find (&f->peers[1], slot_ssrc (f, 1, 0, HJ_AUDIO), 1);
  g_assert_nonnull (second);
  g_assert_cmpuint ((guint16)(second->view.seq - first->view.seq), ==, 1);
  g_assert_cmpuint (second->view.timestamp - first->view.timestamp, ==, 960);
  g_assert_cmpuint (first->view.payload_type, ==, 120);
  g_assert_cmpuint (first->view.payload_len, ==, 80);
  g_assert_cmpuint (first->data[first->view.header_len], ==, 0xaa);
  g_assert_cmpmem (hj_rtp_find_extension (first->data, &first->view, 4, &length), length, "a0", 2);
  g_assert_cmpuint (hj_be16 (hj_rtp_find_extension (first->data, &first->view, 3, &length)) + 1, ==,
      hj_be16 (hj_rtp_find_extension (second->data, &second->view, 3, &length)));
  g_assert_cmpuint (length, ==, 2);
}

static void
three_seats_see_each_other_in_their_slots (Fixture *f, gconstpointer data)
{
  two_connected (f);
  connect_leg (f, 2);
  admit (f, 3);
  for (guint i = 0; i < 3; i++)
    peer_send_audio (&f->peers[i], (guint16)i, 0);
  settle (f);
  for (guint reader = 0; reader < 3; reader++)
    for (guint source = 0; source < 3; source++)
      if (source != reader)
        {
          const PeerPacket *packet
              = peer_find (&f->peers[reader], slot_ssrc (f, reader, source, HJ_AUDIO), 0);

          g_assert_nonnull (packet);
          g_assert_cmpuint (packet->data[packet->view.header_len + 1], ==, source);
        }
}

static void
a_seat_without_a_camera_sees_and_is_heard (Fixture *f, gconstpointer data)
{
  f->peers[0].style.no_camera = TRUE;
  two_admitted (f);
  peer_send_audio (&f->peers[0], 1, 0);
  peer_send_video (&f->peers[1], 1, 0, TRUE);
  /* It may not send video after all: the offer said so. */
  peer_send_video (&f->peers[0], 1, 0, TRUE);
  settle (f);
  g_assert_cmpuint (peer_count (&f->peers[0], slot_ssrc (f, 0, 1, HJ_VIDEO)), ==, 1);
  g_assert_cmpuint (peer_count (&f->peers[1], slot_ssrc (f, 1, 0, HJ_AUDIO)), ==, 1);
  g_assert_cmpuint (peer_count (&f->peers[1], slot_ssrc (f, 1, 0, HJ_VIDEO)), ==, 0);
  g_assert_cmpint (count_dropped (f, "rtp-unmapped"), ==, 1);
}

static void
video_begins_with_a_keyframe (Fixture *f, gconstpointer data)
{
  guint32 ssrc = 0;
  HjRtcpPacket pli;

  two_admitted (f);
  ssrc = slot_ssrc (f, 1, 0, HJ_VIDEO);
  peer_send_video (&f->peers[0], 10, 3000, FALSE);
  settle (f);
  g_assert_cmpuint (peer_count (&f->peers[1], ssrc), ==, 0);
  g_assert_true (peer_find_rtcp (&f->peers[0], HJ_RTCP_PSFB, HJ_PSFB_PLI, &pli));
  g_assert_cmpuint (pli.media_ssrc, ==, f->peers[0].ssrcs[HJ_VIDEO]);
  peer_send_video (&f->peers[0], 11, 6000, TRUE);
  peer_send_video (&f->peers[0], 12, 9000, FALSE);
  settle (f);
  g_assert_cmpuint (peer_count (&f->peers[1], ssrc), ==, 2);
  g_assert_cmpint (count_dropped (f, "no-keyframe"), ==, 1);
}

static void
admit_asks_every_source_for_a_keyframe (Fixture *f, gconstpointer data)
{
  two_connected (f);
  for (guint i = 0; i < 2; i++)
    {
      peer_send_video (&f->peers[i], 1, 0, TRUE);
      settle (f);
      g_assert_cmpuint (count_rtcp (&f->peers[i], HJ_RTCP_PSFB, HJ_PSFB_PLI), ==, 0);
    }
  admit (f, 2);
  g_assert_cmpuint (count_rtcp (&f->peers[0], HJ_RTCP_PSFB, HJ_PSFB_PLI), ==, 1);
  g_assert_cmpuint (count_rtcp (&f->peers[1], HJ_RTCP_PSFB, HJ_PSFB_PLI), ==, 1);
}

static void
keyframe_requests_are_throttled_and_repeated (Fixture *f, gconstpointer data)
{
  guint8 pli[64];
  gsize length = 0;

  two_admitted (f);
  peer_send_video (&f->peers[0], 1, 0, TRUE);
  settle (f);
  length = hj_rtcp_write_rr (pli, sizeof pli, 5, NULL, 0);
  length += hj_rtcp_write_pli (pli + length, sizeof pli - length, 5, slot_ssrc (f, 1, 0, HJ_VIDEO));
  for (guint i = 0; i < 20; i++)
    {
      peer_send_rtcp (&f->peers[1], pli, length);
      advance (f, 20000);
    }
  g_assert_cmpuint (count_rtcp (&f->peers[0], HJ_RTCP_PSFB, HJ_PSFB_PLI), ==, 1);
  advance (f, 2 * G_TIME_SPAN_SECOND); /* no keyframe comes */
  g_assert_cmpuint (count_rtcp (&f->peers[0], HJ_RTCP_PSFB, HJ_PSFB_PLI), >=, 4);
  peer_send_video (&f->peers[0], 2, 3000, TRUE);
  peer_forget (&f->peers[0]);
  advance (f, 2 * G_TIME_SPAN_SECOND);
  g_assert_cmpuint (count_rtcp (&f->peers[0], HJ_RTCP_PSFB, HJ_PSFB_PLI), ==, 0);
}

static void
other_payload_types_are_dropped (Fixture *f, gconstpointer data)
{
  guint8 packet[1500];
  guint8 payload[20] = { 0 };
  gsize length = 0;

  two_admitted (f);
  length = peer_write_rtp (&f->peers[0], HJ_AUDIO, 1, 0, payload, sizeof payload, packet);
  hj_rtp_set_payload_type (packet, 13);
  peer_send_rtp (&f->peers[0], packet, length);
  g_assert_cmpint (count_dropped (f, "rtp-unmapped"), ==, 1);
}

static void
orders_may_be_repeated (Fixture *f, gconstpointer data)
{
  two_admitted (f);
  open_room (f);
  admit (f, 2);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (HjLinkMessage) removed = order_seat (f, HJ_LINK_REMOVE_LEG, f->seats[0]);

      g_assert_true (removed->ok);
    }
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (HjLinkMessage) closed = obey (f, request_new (f, HJ_LINK_CLOSE_ROOM));
      g_autoptr (HjLinkMessage) removed = order_seat (f, HJ_LINK_REMOVE_LEG, f->seats[0]);

      g_assert_true (closed->ok);
      g_assert_true (removed->ok);
    }
}

static void
a_removed_seat_hears_good_bye_and_nothing_more (Fixture *f, gconstpointer data)
{
  g_autoptr (HjLinkMessage) removed = NULL;

  two_admitted (f);
  removed = order_seat (f, HJ_LINK_REMOVE_LEG, f->seats[0]);
  settle (f);
  g_assert_cmpint (hj_dtls_get_state (f->peers[0].dtls), ==, HJ_DTLS_CLOSED);
  peer_send_audio (&f->peers[1], 1, 0);
  peer_send_audio (&f->peers[0], 1, 0);
  settle (f);
  g_assert_cmpuint (peer_count (&f->peers[0], slot_ssrc (f, 0, 1, HJ_AUDIO)), ==, 0);
  g_assert_cmpuint (peer_count (&f->peers[1], slot_ssrc (f, 1, 0, HJ_AUDIO)), ==, 0);
  g_assert_cmpint (count_dropped (f, "unknown-address"), ==, 1);
  connect_leg (f, 0); /* a new seat now: not admitted */
  peer_send_audio (&f->peers[1], 2, 0);
  settle (f);
  g_assert_cmpuint (peer_count (&f->peers[0], slot_ssrc (f, 0, 1, HJ_AUDIO)), ==, 0);
}

static void
a_closed_room_says_good_bye_to_all (Fixture *f, gconstpointer data)
{
  g_autoptr (HjLinkMessage) closed = NULL;

  two_admitted (f);
  closed = obey (f, request_new (f, HJ_LINK_CLOSE_ROOM));
  settle (f);
  for (guint i = 0; i < 2; i++)
    g_assert_cmpint (hj_dtls_get_state (f->peers[i].dtls), ==, HJ_DTLS_CLOSED);
  peer_send_audio (&f->peers[1], 1, 0);
  g_assert_cmpint (count_dropped (f, "unknown-address"), ==, 1);
}

static void
assert_refused (HjLinkMessage *reply, HjLinkCode code)
{
  g_autoptr (HjLinkMessage) owned = reply;

  g_assert_false (owned->ok);
  g_assert_cmpint (owned->code, ==, code);
  g_assert_nonnull (owned->detail);
}

static void
impossible_orders_are_refused (Fixture *f, gconstpointer data)
{
  g_autofree char *offer = peer_make_offer (&f->peers[0]);
  HjLinkMessage *request = request_new (f, HJ_LINK_ADMIT);

  assert_refused (add_leg_with (f, 0, 0, offer), HJ_LINK_NO_ROOM);
  g_ptr_array_add (request->seats, g_strdup (f->seats[0]));
  assert_refused (obey (f, request), HJ_LINK_NO_ROOM);
  open_room (f);
  assert_refused (add_leg_with (f, 0, 0, "v=0\r\n"), HJ_LINK_BAD_OFFER);
  connect_leg (f, 0);
  assert_refused (add_leg_with (f, 0, 1, offer), HJ_LINK_NO_SEAT); /* another number */
  assert_refused (add_leg_with (f, 1, 0, offer), HJ_LINK_NO_SEAT); /* another's number */
  request = request_new (f, HJ_LINK_ADMIT);
  g_ptr_array_add (request->seats, g_strdup (f->seats[0]));
  g_ptr_array_add (request->seats, g_strdup (f->seats[1]));
  assert_refused (obey (f, request), HJ_LINK_NO_SEAT);
  connect_leg (f, 1);
  peer_send_audio (&f->peers[0], 1, 0); /* the refused admit opened nothing */
  g_assert_cmpint (count_dropped (f, "not-admitted"), ==, 1);
}

static void
a_full_node_says_so (Fixture *f, gconstpointer data)
{
  g_autofree char *first = f->room;
  g_autofree char *offer = peer_make_offer (&f->peers[0]);

  open_room (f);
  for (guint i = 0; i < 3; i++)
    connect_leg (f, i);
  f->room = hj_id_new ();
  open_room (f);
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (HjLinkMessage) reply = add_leg_with (f, i, i, offer);

      g_assert_true (reply->ok);
    }
  g_free (f->seats[0]);
  f->seats[0] = hj_id_new ();
  assert_refused (add_leg_with (f, 0, 4, offer), HJ_LINK_FULL);
  g_free (f->room);
  f->room = hj_id_new ();
  assert_refused (obey (f, request_new (f, HJ_LINK_OPEN_ROOM)), HJ_LINK_FULL);
}

static void
sender_reports_come_in_the_slots_numbers (Fixture *f, gconstpointer data)
{
  HjRtcpSenderInfo info = { 0x1122334455667788, 960, 1, 80 };
  HjRtcpSenderInfo got = { 0 };
  HjRtcpPacket packet;
  guint8 report[64];

  two_admitted (f);
  peer_send_audio (&f->peers[0], 1, 0);
  peer_send_rtcp (&f->peers[0], report,
      hj_rtcp_write_sr (report, sizeof report, f->peers[0].ssrcs[HJ_AUDIO], &info, NULL, 0));
  settle (f);
  g_assert_true (peer_find_rtcp (&f->peers[1], HJ_RTCP_SR, -1, &packet));
  g_assert_cmpuint (packet.sender_ssrc, ==, slot_ssrc (f, 1, 0, HJ_AUDIO));
  g_assert_true (hj_rtcp_read_sender_info (&packet, &got));
  g_assert_cmpuint (got.ntp, ==, info.ntp);
  g_assert_cmpuint (
      got.rtp_timestamp - peer_find (&f->peers[1], packet.sender_ssrc, 0)->view.timestamp, ==, 960);
  g_assert_cmpuint (got.n_packets, ==, 1);
}

/* One datagram has room for 52 of them. */
static void
sender_reports_are_not_multiplied (Fixture *f, gconstpointer data)
{
  HjRtcpSenderInfo info = { 0x1122334455667788, 960, 1, 80 };
  guint8 reports[1456];
  gsize length = 0;

  two_admitted (f);
  peer_send_audio (&f->peers[0], 1, 0);
  while (length < sizeof reports)
    length += hj_rtcp_write_sr (
        reports + length, sizeof reports - length, f->peers[0].ssrcs[HJ_AUDIO], &info, NULL, 0);
  peer_send_rtcp (&f->peers[0], reports, length);
  settle (f);
  g_assert_cmpuint (count_rtcp (&f->peers[1], HJ_RTCP_SR, 0), ==, 1);
  for (guint i = 0; i < 9; i++)
    {
      advance (f, 100 * G_TIME_SPAN_MILLISECOND);
      peer_send_rtcp (&f->peers[0], reports, 28);
    }
  settle (f);
  g_assert_cmpuint (count_rtcp (&f->peers[1], HJ_RTCP_SR, 0), ==, 5);
}

static void
senders_get_reports_and_transport_feedback (Fixture *f, gconstpointer data)
{
  HjRtcpReport report = { 0 };
  HjRtcpPacket packet;

  two_admitted (f);
  for (guint16 i = 0; i < 60; i++)
    {
      if (i != 30)
        peer_send_audio (&f->peers[0], (guint16)(100 + i), 960u * i);
      advance (f, 20000);
    }
  g_assert_true (peer_find_rtcp (&f->peers[0], HJ_RTCP_RTPFB, HJ_RTPFB_TWCC, &packet));
  peer_forget (&f->peers[0]);
  advance (f, 1100 * G_TIME_SPAN_MILLISECOND);
  g_assert_true (peer_find_rtcp (&f->peers[0], HJ_RTCP_RR, -1, &packet));
  for (guint i = 0; i < f->peers[0].packets->len; i++)
    {
      PeerPacket *part = f->peers[0].packets->pdata[i];
      HjRtcpIter iter;

      hj_rtcp_iter_init (&iter, part->data, part->length);
      while (hj_rtcp_next (&iter, &packet))
        if (packet.type == HJ_RTCP_RR && hj_rtcp_read_reports (&packet, &report, 1) == 1)
          break;
    }
  g_assert_cmpuint (report.ssrc, ==, f->peers[0].ssrcs[HJ_AUDIO]);
  g_assert_cmpint (report.lost, ==, 1);
}

/* Without a tick: what is to be told goes along. */
static void
a_frame_takes_transport_feedback_along (Fixture *f, gconstpointer data)
{
  guint8 packet[1500];
  guint8 payload[100] = { 0x90, 0x80, 0x80, 0x01, 0x10 };
  HjRtcpPacket found;
  gsize length = 0;

  two_admitted (f);
  f->now_us += 200000;
  peer_send_audio (&f->peers[1], 1, 960);
  settle (f);
  g_assert_false (peer_find_rtcp (&f->peers[1], HJ_RTCP_RTPFB, HJ_RTPFB_TWCC, &found));
  length = peer_write_rtp (&f->peers[0], HJ_VIDEO, 1, 3000, payload, sizeof payload, packet);
  peer_send_rtp (&f->peers[0], packet, length);
  settle (f);
  g_assert_false (peer_find_rtcp (&f->peers[1], HJ_RTCP_RTPFB, HJ_RTPFB_TWCC, &found));
  length = peer_write_rtp (&f->peers[0], HJ_VIDEO, 2, 3000, payload, sizeof payload, packet);
  hj_rtp_set_marker (packet, TRUE);
  peer_send_rtp (&f->peers[0], packet, length);
  settle (f);
  g_assert_true (peer_find_rtcp (&f->peers[1], HJ_RTCP_RTPFB, HJ_RTPFB_TWCC, &found));
  g_assert_cmpuint (peer_count (&f->peers[1], slot_ssrc (f, 1, 0, HJ_VIDEO)), ==, 2);
}

static void
send_red (Fixture *f, guint seat, guint16 seq)
{
  guint8 packet[1500];
  guint8 payload[160] = { 0xcc, (guint8)seq };
  gsize length = peer_write_rtp (
      &f->peers[seat], HJ_AUDIO, seq, seq * 960u, payload, sizeof payload, packet);

  hj_rtp_set_payload_type (packet, f->peers[seat].style.red);
  peer_send_rtp (&f->peers[seat], packet, length);
}

/* What the answer to a new offer of that seat asks it to send. */
static char *
audio_formats (Fixture *f, guint seat)
{
  g_autofree char *offer = peer_make_offer (&f->peers[seat]);
  g_autoptr (HjLinkMessage) reply = add_leg_with (f, seat, seat, offer);
  const char *at = strstr (reply->answer, "m=audio 9 UDP/TLS/RTP/SAVPF ");

  g_assert_nonnull (at);
  at += strlen ("m=audio 9 UDP/TLS/RTP/SAVPF ");
  return g_strndup (at, strcspn (at, "\r"));
}

static void
sound_is_sent_twice_where_all_take_it (Fixture *f, gconstpointer data)
{
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  const PeerPacket *packet = NULL;

  f->peers[0].style.red = 63;
  f->peers[1].style.red = 72;
  f->peers[1].style.opus = 120;
  open_room (f);
  connect_leg (f, 0);
  first = audio_formats (f, 0);
  g_assert_cmpstr (first, ==, "63 111"); /* nobody is there who does not take it */
  connect_leg (f, 1);
  second = audio_formats (f, 1);
  g_assert_cmpstr (second, ==, "72 120");
  admit (f, 2);
  peer_forget (&f->peers[0]);
  send_red (f, 1, 7);
  peer_send_audio (&f->peers[1], 8, 8 * 960);
  settle (f);
  packet = peer_find (&f->peers[0], slot_ssrc (f, 0, 1, HJ_AUDIO), 0);
  g_assert_cmpuint (packet->view.payload_type, ==, 63);
  g_assert_cmpuint (packet->view.payload_len, ==, 160);
  packet = peer_find (&f->peers[0], slot_ssrc (f, 0, 1, HJ_AUDIO), 1);
  g_assert_cmpuint (packet->view.payload_type, ==, 111);
}

static void
who_takes_sound_once_only_is_not_sent_it_twice (Fixture *f, gconstpointer data)
{
  g_autofree char *formats = NULL;

  f->peers[0].style.red = 63;
  open_room (f);
  connect_leg (f, 1);
  connect_leg (f, 0);
  formats = audio_formats (f, 0);
  g_assert_cmpstr (formats, ==, "111 63");
  g_assert_cmpuint (count_news (f, 1, HJ_LINK_GONE), ==, 0);
  admit (f, 2);
  send_red (f, 0, 7); /* it was not asked to */
  settle (f);
  g_assert_cmpint (count_dropped (f, "rtp-unmapped"), ==, 1);
  g_assert_cmpuint (peer_count (&f->peers[1], slot_ssrc (f, 1, 0, HJ_AUDIO)), ==, 0);
}

static void
who_comes_later_and_takes_sound_once_only_is_heard_to (Fixture *f, gconstpointer data)
{
  g_autofree char *formats = NULL;

  f->peers[0].style.red = f->peers[1].style.red = 63;
  two_admitted (f);
  connect_leg (f, 2);
  g_assert_cmpuint (count_news (f, 0, HJ_LINK_GONE), ==, 1);
  g_assert_cmpuint (count_news (f, 1, HJ_LINK_GONE), ==, 1);
  advance (f, 20000);
  formats = audio_formats (f, 1);
  g_assert_cmpstr (formats, ==, "111 63");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_test ("room", "media-waits-for-admit", media_waits_for_admit);
  add_test ("room", "one-admitted-seat-is-not-enough", one_admitted_seat_is_not_enough);
  add_test ("room", "headers-are-the-slots-and-payload-is-the-senders",
      headers_are_the_slots_and_payload_is_the_senders);
  add_test ("room", "three-seats-see-each-other-in-their-slots",
      three_seats_see_each_other_in_their_slots);
  add_test ("room", "a-seat-without-a-camera-sees-and-is-heard",
      a_seat_without_a_camera_sees_and_is_heard);
  add_test ("room", "video-begins-with-a-keyframe", video_begins_with_a_keyframe);
  add_test (
      "room", "admit-asks-every-source-for-a-keyframe", admit_asks_every_source_for_a_keyframe);
  add_test ("room", "keyframe-requests-are-throttled-and-repeated",
      keyframe_requests_are_throttled_and_repeated);
  add_test ("room", "other-payload-types-are-dropped", other_payload_types_are_dropped);
  add_test ("room", "orders-may-be-repeated", orders_may_be_repeated);
  add_test ("room", "a-removed-seat-hears-good-bye-and-nothing-more",
      a_removed_seat_hears_good_bye_and_nothing_more);
  add_test ("room", "a-closed-room-says-good-bye-to-all", a_closed_room_says_good_bye_to_all);
  add_test ("room", "impossible-orders-are-refused", impossible_orders_are_refused);
  add_test ("room", "a-full-node-says-so", a_full_node_says_so);
  add_test (
      "room", "sender-reports-come-in-the-slots-numbers", sender_reports_come_in_the_slots_numbers);
  add_test ("room", "sender-reports-are-not-multiplied", sender_reports_are_not_multiplied);
  add_test ("room", "senders-get-reports-and-transport-feedback",
      senders_get_reports_and_transport_feedback);
  add_test (
      "room", "a-frame-takes-transport-feedback-along", a_frame_takes_transport_feedback_along);
  add_test ("room", "sound-is-sent-twice-where-all-take-it", sound_is_sent_twice_where_all_take_it);
  add_test ("room", "who-takes-sound-once-only-is-not-sent-it-twice",
      who_takes_sound_once_only_is_not_sent_it_twice);
  add_test ("room", "who-comes-later-and-takes-sound-once-only-is-heard-to",
      who_comes_later_and_takes_sound_once_only_is_heard_to);
  return g_test_run ();
}
