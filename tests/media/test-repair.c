/* SPDX-License-Identifier: Apache-2.0 */
/* Lost video: what the relay asks its senders for, what it sends its receivers again, and how a receiver that is held back
 * holds back the sender. */

#include <string.h>

#include "tests/media/room-fixture.h"

/* The relay asks; the peer answers with RTX, as browsers do. */
static void
a_packet_lost_on_the_way_in_comes_as_rtx (Fixture *f, gconstpointer data)
{
  guint32 ssrc = 0;
  guint8 packet[1500];
  guint8 payload[102] = { 0, 11, 0x90, 0x80, 0x80, 0x01, 0x11 };
  const PeerPacket *repaired = NULL;
  HjRtcpPacket nack;
  guint16 seq = 0;
  gsize length = 0;

  two_admitted (f);
  ssrc = slot_ssrc (f, 1, 0, HJ_VIDEO);
  peer_send_video (&f->peers[0], 10, 3000, TRUE);
  peer_send_video (&f->peers[0], 12, 9000, FALSE);
  advance (f, 20000);
  g_assert_true (peer_find_rtcp (&f->peers[0], HJ_RTCP_RTPFB, HJ_RTPFB_NACK, &nack));
  g_assert_cmpuint (nack.media_ssrc, ==, f->peers[0].ssrcs[HJ_VIDEO]);
  g_assert_cmpuint (hj_rtcp_read_nack (&nack, &seq, 1), ==, 1);
  g_assert_cmpuint (seq, ==, 11);

  length = peer_write_rtp (&f->peers[0], HJ_VIDEO, 500, 6000, payload, sizeof payload, packet);
  hj_rtp_set_payload_type (packet, f->peers[0].style.rtx);
  hj_rtp_set_ssrc (packet, 4711);
  peer_send_rtp (&f->peers[0], packet, length);
  settle (f);
  g_assert_cmpuint (peer_count (&f->peers[1], ssrc), ==, 3);
  repaired = peer_find (&f->peers[1], ssrc, 2);
  g_assert_cmpuint (repaired->view.payload_len, ==, sizeof payload - 2);
  g_assert_cmpuint (
      (guint16)(peer_find (&f->peers[1], ssrc, 1)->view.seq - repaired->view.seq), ==, 1);
  peer_forget (&f->peers[0]);
  advance (f, 200000);
  g_assert_false (peer_find_rtcp (&f->peers[0], HJ_RTCP_RTPFB, HJ_RTPFB_NACK, &nack));
}

static void
an_rtx_packet_without_a_payload_is_only_a_probe (Fixture *f, gconstpointer data)
{
  guint8 packet[1500];
  guint8 payload[2] = { 0, 11 };
  gsize length = 0;

  two_admitted (f);
  peer_send_video (&f->peers[0], 10, 3000, TRUE);
  length = peer_write_rtp (&f->peers[0], HJ_VIDEO, 500, 6000, payload, sizeof payload, packet);
  hj_rtp_set_payload_type (packet, f->peers[0].style.rtx);
  peer_send_rtp (&f->peers[0], packet, length);
  settle (f);
  g_assert_cmpuint (peer_count (&f->peers[1], slot_ssrc (f, 1, 0, HJ_VIDEO)), ==, 1);
}

/* Under the number that the receiver had it under, it could not be sealed a second time, and a transport-wide number that
 * nothing carries would be told as lost. */
static void
an_rtx_packet_of_what_is_there_is_only_a_probe (Fixture *f, gconstpointer data)
{
  guint32 ssrc = 0;
  guint8 packet[1500];
  guint8 payload[102] = { 0, 11, 0x90, 0x80, 0x80, 0x01, 0x11 };
  const guint8 *numbers[3];
  gsize length = 0;

  two_admitted (f);
  ssrc = slot_ssrc (f, 1, 0, HJ_VIDEO);
  peer_send_video (&f->peers[0], 10, 3000, TRUE);
  peer_send_video (&f->peers[0], 11, 6000, FALSE);
  length = peer_write_rtp (&f->peers[0], HJ_VIDEO, 500, 6000, payload, sizeof payload, packet);
  hj_rtp_set_payload_type (packet, f->peers[0].style.rtx);
  hj_rtp_set_ssrc (packet, 4711);
  peer_send_rtp (&f->peers[0], packet, length);
  peer_send_video (&f->peers[0], 12, 9000, FALSE);
  settle (f);
  g_assert_cmpuint (peer_count (&f->peers[1], ssrc), ==, 3);
  for (guint i = 0; i < 3; i++)
    {
      const PeerPacket *got = peer_find (&f->peers[1], ssrc, i);

      numbers[i] = hj_rtp_find_extension (got->data, &got->view, 3, &length);
      g_assert_nonnull (numbers[i]);
      g_assert_cmpuint (hj_be16 (numbers[i]), ==, (guint16)(hj_be16 (numbers[0]) + i));
    }
}

/* One that the backlog has forgotten is taken for new, but cannot be sealed again. */
static void
what_cannot_be_sealed_takes_no_transport_number (Fixture *f, gconstpointer data)
{
  guint32 ssrc = 0;
  guint8 packet[1500];
  guint8 payload[102] = { 0, 11, 0x90, 0x80, 0x80, 0x01, 0x11 };
  const PeerPacket *before = NULL;
  const PeerPacket *after = NULL;
  gsize length = 0;

  two_admitted (f);
  ssrc = slot_ssrc (f, 1, 0, HJ_VIDEO);
  for (guint16 i = 0; i < 3; i++)
    peer_send_video (&f->peers[0], (guint16)(10 + i), 3000u * i, i == 0);
  advance (f, 1100 * G_TIME_SPAN_MILLISECOND);
  length = peer_write_rtp (&f->peers[0], HJ_VIDEO, 500, 3000, payload, sizeof payload, packet);
  hj_rtp_set_payload_type (packet, f->peers[0].style.rtx);
  hj_rtp_set_ssrc (packet, 4711);
  peer_send_rtp (&f->peers[0], packet, length);
  peer_send_video (&f->peers[0], 13, 9000, FALSE);
  settle (f);
  g_assert_cmpuint (peer_count (&f->peers[1], ssrc), ==, 4);
  before = peer_find (&f->peers[1], ssrc, 2);
  after = peer_find (&f->peers[1], ssrc, 3);
  g_assert_cmpuint (hj_be16 (hj_rtp_find_extension (after->data, &after->view, 3, &length)), ==,
      (guint16)(hj_be16 (hj_rtp_find_extension (before->data, &before->view, 3, &length)) + 1));
}

static void
send_nack (Fixture *f, guint seat, guint32 ssrc, const guint16 *seqs, gsize n)
{
  guint8 packet[256];
  gsize length = hj_rtcp_write_rr (packet, sizeof packet, 5, NULL, 0);

  length += hj_rtcp_write_nack (packet + length, sizeof packet - length, 5, ssrc, seqs, n);
  peer_send_rtcp (&f->peers[seat], packet, length);
}

static void
a_packet_lost_on_the_way_out_is_sent_again (Fixture *f, gconstpointer data)
{
  guint32 ssrc = 0;
  const PeerPacket *original = NULL;
  const PeerPacket *again = NULL;
  HjRtcpPacket nack;
  guint16 seq = 0;
  gsize length = 0;

  f->peers[1].style.vp8 = 100;
  f->peers[1].style.rtx = 101;
  two_admitted (f);
  ssrc = slot_ssrc (f, 1, 0, HJ_VIDEO);
  for (guint16 i = 0; i < 5; i++)
    peer_send_video (&f->peers[0], (guint16)(10 + i), 3000u * i, i == 0);
  advance (f, 20000);
  original = peer_find (&f->peers[1], ssrc, 2);
  seq = original->view.seq;
  send_nack (f, 1, ssrc, &seq, 1);
  settle (f);
  again = peer_find (&f->peers[1], f->peers[1].slot_rtx_ssrcs[0], 0);
  g_assert_nonnull (again);
  g_assert_cmpuint (again->view.payload_type, ==, 101);
  g_assert_cmpuint (again->view.timestamp, ==, original->view.timestamp);
  g_assert_cmpuint (hj_be16 (again->data + again->view.header_len), ==, seq);
  length = original->view.payload_len;
  g_assert_cmpmem (again->data + again->view.header_len + 2, again->view.payload_len - 2,
      original->data + original->view.header_len, length);
  g_assert_false (peer_find_rtcp (&f->peers[0], HJ_RTCP_RTPFB, HJ_RTPFB_NACK, &nack));
}

/* Seat 0 gets another leg, whose source begins with a keyframe numbered 1004; what came before it was not forwarded.
 * Returns: the number that the receiver had the last packet of the old source under. */
static guint16
change_source (Fixture *f)
{
  guint32 ssrc = slot_ssrc (f, 1, 0, HJ_VIDEO);
  guint16 last = peer_find (&f->peers[1], ssrc, peer_count (&f->peers[1], ssrc) - 1)->view.seq;

  peer_close (&f->peers[0]);
  settle (f);
  peer_clear (&f->peers[0]);
  peer_init (&f->peers[0], &PEER_BROWSER, "10.0.0.1", 6000);
  f->peers[0].send = to_relay;
  f->peers[0].send_data = f;
  connect_leg (f, 0);
  for (guint16 i = 0; i < 2; i++)
    peer_send_video (&f->peers[0], (guint16)(1000 + i), 3000u * i, FALSE);
  peer_send_video (&f->peers[0], 1004, 12000, TRUE);
  settle (f);
  return last;
}

/* The old source's numbers, read as the new one's, are those of packets that nobody was to get. */
static void
what_another_source_sent_is_not_repaired_with_this_one (Fixture *f, gconstpointer data)
{
  guint32 ssrc = 0;
  guint16 seqs[4];
  guint16 last = 0;

  two_admitted (f);
  ssrc = slot_ssrc (f, 1, 0, HJ_VIDEO);
  for (guint16 i = 0; i < 5; i++)
    peer_send_video (&f->peers[0], (guint16)(10 + i), 3000u * i, i == 0);
  settle (f);
  last = change_source (f);
  for (guint16 i = 0; i < G_N_ELEMENTS (seqs); i++)
    seqs[i] = (guint16)(last - i);
  advance (f, 20000);
  send_nack (f, 1, ssrc, seqs, G_N_ELEMENTS (seqs));
  settle (f);
  g_assert_cmpuint (peer_count (&f->peers[1], f->peers[1].slot_rtx_ssrcs[0]), ==, 0);
  seqs[0] = (guint16)(last + 1);
  send_nack (f, 1, ssrc, seqs, 1);
  settle (f);
  g_assert_cmpuint (peer_count (&f->peers[1], f->peers[1].slot_rtx_ssrcs[0]), ==, 1);
}

/* A packet of before the keyframe that was overtaken would stand where one of the old source was lost. */
static void
what_a_source_sent_before_its_keyframe_fills_no_hole (Fixture *f, gconstpointer data)
{
  guint32 ssrc = 0;

  two_admitted (f);
  ssrc = slot_ssrc (f, 1, 0, HJ_VIDEO);
  peer_send_video (&f->peers[0], 10, 0, TRUE);
  peer_send_video (&f->peers[0], 11, 3000, FALSE);
  peer_send_video (&f->peers[0], 13, 9000, FALSE); /* 12 is lost */
  settle (f);
  change_source (f);
  g_assert_cmpuint (peer_count (&f->peers[1], ssrc), ==, 4);
  peer_send_video (&f->peers[0], 1002, 6000, FALSE);
  settle (f);
  g_assert_cmpuint (peer_count (&f->peers[1], ssrc), ==, 4);
  g_assert_cmpint (count_dropped (f, "late"), ==, 1);
}

/* Numbers wrap, and a stream that runs for long is repaired all the same. */
static void
a_long_stream_is_repaired_to_its_end (Fixture *f, gconstpointer data)
{
  guint32 ssrc = 0;
  guint16 seq = 0;

  two_admitted (f);
  ssrc = slot_ssrc (f, 1, 0, HJ_VIDEO);
  for (guint i = 0; i < 70000; i++)
    {
      peer_forget (&f->peers[1]);
      f->now_us += 1000;
      if (i % 1000 == 0)
        peer_check (&f->peers[1], FALSE);
      peer_send_video (&f->peers[0], (guint16)i, 90u * i, i == 0);
      settle (f);
    }
  seq = peer_find (&f->peers[1], ssrc, 0)->view.seq;
  advance (f, 20000);
  send_nack (f, 1, ssrc, &seq, 1);
  advance (f, 20000);
  g_assert_cmpuint (peer_count (&f->peers[1], f->peers[1].slot_rtx_ssrcs[0]), ==, 1);
}

/* One datagram has room for 91 requests, each about 17 packets that nobody ever had. */
static void
what_a_receiver_asks_for_is_not_asked_of_the_source (Fixture *f, gconstpointer data)
{
  guint32 ssrc = 0;
  guint8 packet[1456];
  guint16 seqs[17];
  gsize length = 0;

  two_admitted (f);
  ssrc = slot_ssrc (f, 1, 0, HJ_VIDEO);
  peer_send_video (&f->peers[0], 700, 3000, TRUE);
  settle (f);
  peer_forget (&f->peers[0]);
  for (guint16 i = 0; i < G_N_ELEMENTS (seqs); i++)
    seqs[i] = (guint16)(peer_find (&f->peers[1], ssrc, 0)->view.seq + 2 + i);
  while (length + 16 <= sizeof packet)
    length += hj_rtcp_write_nack (
        packet + length, sizeof packet - length, 5, ssrc, seqs, G_N_ELEMENTS (seqs));
  peer_send_rtcp (&f->peers[1], packet, length);
  settle (f);
  advance (f, 200000);
  g_assert_cmpuint (count_rtcp (&f->peers[0], HJ_RTCP_RTPFB, HJ_RTPFB_NACK), ==, 0);
}

static void
what_the_relay_asks_for_by_itself_is_not_asked_for_a_receiver (Fixture *f, gconstpointer data)
{
  guint32 ssrc = 0;
  guint16 seq = 0;

  two_admitted (f);
  ssrc = slot_ssrc (f, 1, 0, HJ_VIDEO);
  peer_send_video (&f->peers[0], 700, 3000, TRUE);
  peer_send_video (&f->peers[0], 702, 6000, FALSE);
  settle (f);
  seq = (guint16)(peer_find (&f->peers[1], ssrc, 0)->view.seq + 1);
  send_nack (f, 1, ssrc, &seq, 1);
  settle (f);
  g_assert_cmpuint (count_rtcp (&f->peers[0], HJ_RTCP_RTPFB, HJ_RTPFB_NACK), ==, 0);
  advance (f, 20000);
  g_assert_cmpuint (count_rtcp (&f->peers[0], HJ_RTCP_RTPFB, HJ_RTPFB_NACK), ==, 1);
}

static void
a_peer_without_rtx_is_sent_nothing_twice (Fixture *f, gconstpointer data)
{
  guint32 ssrc = 0;
  guint16 seq = 0;

  f->peers[1].style.rtx = 0;
  two_admitted (f);
  ssrc = slot_ssrc (f, 1, 0, HJ_VIDEO);
  peer_send_video (&f->peers[0], 10, 3000, TRUE);
  advance (f, 20000);
  g_assert_cmpuint (f->peers[1].slot_rtx_ssrcs[0], ==, 0);
  seq = peer_find (&f->peers[1], ssrc, 0)->view.seq;
  peer_forget (&f->peers[1]);
  send_nack (f, 1, ssrc, &seq, 1);
  settle (f);
  g_assert_cmpuint (f->peers[1].packets->len, ==, 0);
}

static void
repairs_are_bounded (Fixture *f, gconstpointer data)
{
  guint32 ssrc = 0;
  guint16 seqs[100];

  two_admitted (f);
  ssrc = slot_ssrc (f, 1, 0, HJ_VIDEO);
  for (guint16 i = 0; i < 100; i++)
    peer_send_video (&f->peers[0], (guint16)(10 + i), 3000, i == 0);
  advance (f, 20000);
  for (guint i = 0; i < 100; i++)
    seqs[i] = peer_find (&f->peers[1], ssrc, i)->view.seq;
  send_nack (f, 1, ssrc, seqs, 100);
  settle (f);
  g_assert_cmpuint (peer_count (&f->peers[1], f->peers[1].slot_rtx_ssrcs[0]), ==, 64);
}

static guint
count_repairs (const Fixture *f)
{
  return peer_count (&f->peers[1], f->peers[1].slot_rtx_ssrcs[0]);
}

/* The receiver's report about a sender report that it got `held_us` ago. */
static void
say_round_trip (Fixture *f, guint32 ssrc, guint64 ntp, gint64 held_us)
{
  HjRtcpReport report = { .ssrc = ssrc,
    .lsr = (guint32)(ntp >> 16),
    .dlsr = (guint32)(held_us * 65536 / G_TIME_SPAN_SECOND) };
  guint8 packet[64];

  peer_send_rtcp (&f->peers[1], packet, hj_rtcp_write_rr (packet, sizeof packet, 5, &report, 1));
}

/* Seat 0 sends video and a sender report, which seat 1 answers after `rtt_us` and what it held it. */
static void
measure (Fixture *f, guint32 ssrc, gint64 rtt_us)
{
  HjRtcpSenderInfo info = { 0x1122334455667788, 3000, 1, 1000 };
  guint8 report[64];

  peer_send_video (&f->peers[0], 10, 3000, TRUE);
  peer_send_rtcp (&f->peers[0], report,
      hj_rtcp_write_sr (report, sizeof report, f->peers[0].ssrcs[HJ_VIDEO], &info, NULL, 0));
  advance (f, 50000 + rtt_us);
  say_round_trip (f, ssrc, info.ntp, 50000);
}

static void
a_packet_is_repeated_once_in_a_round_trip (Fixture *f, gconstpointer data)
{
  guint32 ssrc = 0;
  guint16 seq = 0;

  two_admitted (f);
  ssrc = slot_ssrc (f, 1, 0, HJ_VIDEO);
  measure (f, ssrc, 100000);
  seq = peer_find (&f->peers[1], ssrc, 0)->view.seq;
  for (guint i = 0; i < 5; i++)
    {
      send_nack (f, 1, ssrc, &seq, 1);
      advance (f, 16000);
    }
  g_assert_cmpuint (count_repairs (f), ==, 1);
  advance (f, 40000);
  send_nack (f, 1, ssrc, &seq, 1);
  settle (f);
  g_assert_cmpuint (count_repairs (f), ==, 2);
}

static void
what_would_come_too_late_is_not_repeated (Fixture *f, gconstpointer data)
{
  guint32 ssrc = 0;
  guint16 seq = 0;

  two_admitted (f);
  ssrc = slot_ssrc (f, 1, 0, HJ_VIDEO);
  measure (f, ssrc, 400000);
  seq = peer_find (&f->peers[1], ssrc, 0)->view.seq;
  send_nack (f, 1, ssrc, &seq, 1);
  settle (f);
  g_assert_cmpuint (count_repairs (f), ==, 0);
  peer_send_video (&f->peers[0], 11, 6000, FALSE);
  settle (f);
  seq++;
  send_nack (f, 1, ssrc, &seq, 1);
  settle (f);
  g_assert_cmpuint (count_repairs (f), ==, 1);
}

static void
a_lost_packet_is_asked_for_again_after_a_round_trip (Fixture *f, gconstpointer data)
{
  two_admitted (f);
  measure (f, slot_ssrc (f, 1, 0, HJ_VIDEO), 20000);
  peer_send_video (&f->peers[0], 12, 9000, FALSE);
  advance (f, 100000);
  /* The way to the sender itself was never measured. */
  g_assert_cmpuint (count_rtcp (&f->peers[0], HJ_RTCP_RTPFB, HJ_RTPFB_NACK), ==, 4);
}

static void
requests_about_foreign_sources_are_ignored (Fixture *f, gconstpointer data)
{
  guint16 seq = 10;

  two_admitted (f);
  peer_send_video (&f->peers[0], 10, 3000, TRUE);
  settle (f);
  peer_forget (&f->peers[0]);
  send_nack (f, 1, f->peers[0].ssrcs[HJ_VIDEO], &seq, 1);
  send_nack (f, 1, slot_ssrc (f, 1, 2, HJ_VIDEO), &seq, 1);
  settle (f);
  g_assert_cmpuint (f->peers[0].packets->len, ==, 0);
}

static void
say_remb (Fixture *f, guint seat, guint64 bps)
{
  guint32 ssrc = slot_ssrc (f, seat, 1 - seat, HJ_VIDEO);
  guint8 packet[256];
  gsize length = hj_rtcp_write_rr (packet, sizeof packet, 5, NULL, 0);

  length += hj_rtcp_write_remb (packet + length, sizeof packet - length, 5, bps, &ssrc, 1);
  peer_send_rtcp (&f->peers[seat], packet, length);
}

/* About 400 kbit/s for a second. Returns: the last cap that the sender was told, 0: none. */
static guint64
run_a_second (Fixture *f, guint16 *seq, guint64 remb_bps)
{
  HjRtcpPacket remb;
  guint64 bps = 0;
  guint32 ssrc = 0;
  gsize n = 0;

  peer_forget (&f->peers[0]);
  for (guint i = 0; i < 50; i++)
    {
      peer_send_video (&f->peers[0], *seq, *seq * 1800u, *seq == 0);
      (*seq)++;
      if (i % 25 == 0 && remb_bps > 0)
        say_remb (f, 1, remb_bps);
      advance (f, 20000);
    }
  if (peer_find_rtcp (&f->peers[0], HJ_RTCP_PSFB, HJ_PSFB_AFB, &remb))
    g_assert_true (hj_rtcp_read_remb (&remb, &bps, &ssrc, 1, &n));
  return bps;
}

static void
a_receiver_that_is_held_back_holds_back_the_sender (Fixture *f, gconstpointer data)
{
  guint16 seq = 0;
  guint64 cap = 0;

  two_admitted (f);
  run_a_second (f, &seq, 0);
  g_assert_cmpuint (run_a_second (f, &seq, 620000), ==, 0); /* just an estimate that follows */
  run_a_second (f, &seq, 200000);
  cap = run_a_second (f, &seq, 200000);
  g_assert_cmpuint (cap, >, 190000);
  g_assert_cmpuint (cap, <=, 200000);
  g_assert_cmpuint (run_a_second (f, &seq, 900000), >, cap);
  for (guint i = 0; i < 12; i++)
    cap = run_a_second (f, &seq, 900000);
  g_assert_cmpuint (cap, ==, 0); /* let go */
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_test ("repair", "a-packet-lost-on-the-way-in-comes-as-rtx",
      a_packet_lost_on_the_way_in_comes_as_rtx);
  add_test ("repair", "an-rtx-packet-without-a-payload-is-only-a-probe",
      an_rtx_packet_without_a_payload_is_only_a_probe);
  add_test ("repair", "an-rtx-packet-of-what-is-there-is-only-a-probe",
      an_rtx_packet_of_what_is_there_is_only_a_probe);
  add_test ("repair", "what-cannot-be-sealed-takes-no-transport-number",
      what_cannot_be_sealed_takes_no_transport_number);
  add_test ("repair", "a-packet-lost-on-the-way-out-is-sent-again",
      a_packet_lost_on_the_way_out_is_sent_again);
  add_test ("repair", "what-another-source-sent-is-not-repaired-with-this-one",
      what_another_source_sent_is_not_repaired_with_this_one);
  add_test ("repair", "what-a-source-sent-before-its-keyframe-fills-no-hole",
      what_a_source_sent_before_its_keyframe_fills_no_hole);
  add_test ("repair", "a-long-stream-is-repaired-to-its-end", a_long_stream_is_repaired_to_its_end);
  add_test ("repair", "what-a-receiver-asks-for-is-not-asked-of-the-source",
      what_a_receiver_asks_for_is_not_asked_of_the_source);
  add_test ("repair", "what-the-relay-asks-for-by-itself-is-not-asked-for-a-receiver",
      what_the_relay_asks_for_by_itself_is_not_asked_for_a_receiver);
  add_test ("repair", "a-peer-without-rtx-is-sent-nothing-twice",
      a_peer_without_rtx_is_sent_nothing_twice);
  add_test ("repair", "repairs-are-bounded", repairs_are_bounded);
  add_test ("repair", "a-packet-is-repeated-once-in-a-round-trip",
      a_packet_is_repeated_once_in_a_round_trip);
  add_test ("repair", "what-would-come-too-late-is-not-repeated",
      what_would_come_too_late_is_not_repeated);
  add_test ("repair", "a-lost-packet-is-asked-for-again-after-a-round-trip",
      a_lost_packet_is_asked_for_again_after_a_round_trip);
  add_test ("repair", "requests-about-foreign-sources-are-ignored",
      requests_about_foreign_sources_are_ignored);
  add_test ("repair", "a-receiver-that-is-held-back-holds-back-the-sender",
      a_receiver_that_is_held_back_holds_back_the_sender);
  return g_test_run ();
}
