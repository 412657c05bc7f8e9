/* SPDX-License-Identifier: Apache-2.0 */
/* RTCP packets: written, read back, compared with bytes that libwebrtc's own tests use. */
#include "media/wire/rtcp.h"

#include <string.h>

/* Reads the only packet in `data`. */
static HjRtcpPacket
only_packet (guint8 *data, gsize len)
{
  HjRtcpPacket packet, none;
  HjRtcpIter iter;

  g_assert_true (hj_rtcp_is_valid (data, len));
  hj_rtcp_iter_init (&iter, data, len);
  g_assert_true (hj_rtcp_next (&iter, &packet));
  g_assert_false (hj_rtcp_next (&iter, &none));
  return packet;
}

static const HjRtcpReport REPORTS[] = { { 0x11111111, 255, -5, 0x00012345, 77, 0xaabbccdd, 65536 },
  { 0x22222222, 0, 0x7fffff, 0xffffffff, 0, 0, 0 }, { 0x33333333, 9, -0x800000, 1, 2, 3, 4 } };

static void
assert_reports (const HjRtcpPacket *packet)
{
  HjRtcpReport reports[31];

  g_assert_cmpuint (hj_rtcp_read_reports (packet, reports, 31), ==, 3);
  for (gsize i = 0; i < 3; i++)
    {
      g_assert_cmphex (reports[i].ssrc, ==, REPORTS[i].ssrc);
      g_assert_cmpint (reports[i].fraction_lost, ==, REPORTS[i].fraction_lost);
      g_assert_cmpint (reports[i].lost, ==, REPORTS[i].lost);
      g_assert_cmphex (reports[i].highest_seq, ==, REPORTS[i].highest_seq);
      g_assert_cmpuint (reports[i].jitter, ==, REPORTS[i].jitter);
      g_assert_cmphex (reports[i].lsr, ==, REPORTS[i].lsr);
      g_assert_cmpuint (reports[i].dlsr, ==, REPORTS[i].dlsr);
    }
  g_assert_cmpuint (hj_rtcp_read_reports (packet, reports, 2), ==, 2);
  g_assert_nonnull (hj_rtcp_report_at (packet, 2));
  g_assert_null (hj_rtcp_report_at (packet, 3));
}

static void
a_receiver_report_comes_back_as_written (void)
{
  guint8 data[256];
  gsize len = hj_rtcp_write_rr (data, sizeof data, 0xcafe, REPORTS, 3);
  HjRtcpPacket packet = only_packet (data, len);
  HjRtcpSenderInfo info;

  g_assert_cmpint (packet.type, ==, HJ_RTCP_RR);
  g_assert_cmpint (packet.fmt, ==, 3);
  g_assert_cmphex (packet.sender_ssrc, ==, 0xcafe);
  assert_reports (&packet);
  g_assert_false (hj_rtcp_read_sender_info (&packet, &info));
}

static void
a_sender_report_comes_back_as_written (void)
{
  HjRtcpSenderInfo info = { G_GUINT64_CONSTANT (0x0123456789abcdef), 5, 6, 7 }, read;
  guint8 data[256];
  gsize len = hj_rtcp_write_sr (data, sizeof data, 0xcafe, &info, REPORTS, 3);
  HjRtcpPacket packet = only_packet (data, len);

  g_assert_cmpint (packet.type, ==, HJ_RTCP_SR);
  g_assert_true (hj_rtcp_read_sender_info (&packet, &read));
  g_assert_cmphex (read.ntp, ==, info.ntp);
  g_assert_cmpuint (read.rtp_timestamp, ==, 5);
  g_assert_cmpuint (read.n_packets, ==, 6);
  g_assert_cmpuint (read.n_bytes, ==, 7);
  assert_reports (&packet);
}

static void
more_than_31_reports_are_cut (void)
{
  HjRtcpReport reports[40] = { 0 };
  guint8 data[2048];
  gsize len = hj_rtcp_write_rr (data, sizeof data, 1, reports, 40);
  HjRtcpPacket packet = only_packet (data, len);

  g_assert_cmpuint (hj_rtcp_read_reports (&packet, reports, 40), ==, 31);
}

static void
a_count_beyond_the_packet_is_not_believed (void)
{
  HjRtcpReport reports[31];
  HjRtcpPacket packet;
  guint8 data[256];
  gsize len = hj_rtcp_write_rr (data, sizeof data, 1, REPORTS, 1);

  data[0] = 0x80 | 31;
  packet = only_packet (data, len);
  g_assert_cmpuint (hj_rtcp_read_reports (&packet, reports, 31), ==, 1);
}

static void
what_follows_the_reports_is_no_report (void)
{
  HjRtcpReport reports[31];
  HjRtcpPacket packet;
  guint8 data[256];
  gsize len = hj_rtcp_write_rr (data, sizeof data, 1, REPORTS, 3);

  data[0] = 0x80 | 2; /* the third block is now a profile's extension */
  packet = only_packet (data, len);
  g_assert_cmpuint (hj_rtcp_read_reports (&packet, reports, 31), ==, 2);
  g_assert_null (hj_rtcp_report_at (&packet, 2));
}

static void
a_name_is_padded_and_ended (void)
{
  static const guint8 expected[] = { 0x81, 202, 0, 3, 0, 0, 0, 9, 1, 3, 'a', 'b', 'c', 0, 0, 0 };
  guint8 data[512];

  memset (data, 0xff, sizeof data);
  g_assert_cmpuint (hj_rtcp_write_sdes (data, sizeof data, 9, "abc"), ==, 16);
  g_assert_cmpmem (data, 16, expected, sizeof expected);
  for (gsize n = 0; n < 8; n++)
    {
      gsize len = hj_rtcp_write_sdes (data, sizeof data, 9, "abcdefgh" + n);

      only_packet (data, len);
      g_assert_cmpint (data[len - 1], ==, 0);
    }
}

static void
a_compound_is_walked (void)
{
  static const guint8 types[] = { 201, 202, 206, 205, 203 };
  guint16 missing[] = { 5 };
  HjRtcpPacket packet;
  HjRtcpIter iter;
  guint8 data[512];
  gsize len = 0;

  len += hj_rtcp_write_rr (data + len, sizeof data - len, 1, NULL, 0);
  len += hj_rtcp_write_sdes (data + len, sizeof data - len, 1, "x");
  len += hj_rtcp_write_pli (data + len, sizeof data - len, 1, 2);
  len += hj_rtcp_write_nack (data + len, sizeof data - len, 1, 2, missing, 1);
  len += hj_rtcp_write_bye (data + len, sizeof data - len, 1);
  g_assert_true (hj_rtcp_is_valid (data, len));
  hj_rtcp_iter_init (&iter, data, len);
  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_assert_true (hj_rtcp_next (&iter, &packet));
      g_assert_cmpint (packet.type, ==, types[i]);
    }
  g_assert_false (hj_rtcp_next (&iter, &packet));
  g_assert_cmpuint (iter.len, ==, 0);
  for (gsize n = 0; n < len; n++)
    {
      g_autofree guint8 *copy = g_memdup2 (data, MAX (n, 1));

      hj_rtcp_iter_init (&iter, copy, n);
      while (hj_rtcp_next (&iter, &packet))
        ;
      if (n % 4 != 0 || n == 0)
        g_assert_false (hj_rtcp_is_valid (copy, n));
    }
}

static void
a_request_for_a_key_frame_names_its_source (void)
{
  static const guint8 expected[]
      = { 0x81, 206, 0, 2, 0x12, 0x34, 0x56, 0x78, 0x23, 0x45, 0x67, 0x89 };
  HjRtcpPacket packet;
  guint8 data[12];

  g_assert_cmpuint (hj_rtcp_write_pli (data, 12, 0x12345678, 0x23456789), ==, 12);
  g_assert_cmpmem (data, 12, expected, 12);
  packet = only_packet (data, 12);
  g_assert_cmpint (packet.fmt, ==, HJ_PSFB_PLI);
  g_assert_cmphex (packet.media_ssrc, ==, 0x23456789);
}

static void
a_full_intra_request_names_its_targets (void)
{
  HjRtcpFir targets[] = { { 0x23456789, 13 }, { 0x2345678a, 255 } }, read[3];
  guint8 data[64];
  gsize len = hj_rtcp_write_fir (data, sizeof data, 0x12345678, targets, 2);
  HjRtcpPacket packet = only_packet (data, len);

  g_assert_cmpuint (len, ==, 28);
  g_assert_cmphex (packet.media_ssrc, ==, 0);
  g_assert_cmpuint (hj_rtcp_read_fir (&packet, read, 3), ==, 2);
  g_assert_cmphex (read[1].ssrc, ==, 0x2345678a);
  g_assert_cmpint (read[0].seq, ==, 13);
  g_assert_cmpint (read[1].seq, ==, 255);
  g_assert_cmpuint (hj_rtcp_read_fir (&packet, read, 1), ==, 1);
}

static void
lost_packets_are_asked_for_in_few_words (void)
{
  static const guint8 expected[]
      = { 0x81, 205, 0, 3, 0x12, 0x34, 0x56, 0x78, 0x23, 0x45, 0x67, 0x89, 0, 0, 0x80, 0x85 };
  static const guint16 lost[] = { 0, 1, 3, 8, 16 };
  guint16 read[17];
  HjRtcpPacket packet;
  guint8 data[64];
  gsize len = hj_rtcp_write_nack (data, sizeof data, 0x12345678, 0x23456789, lost, 5);

  g_assert_cmpmem (data, len, expected, sizeof expected);
  packet = only_packet (data, len);
  g_assert_cmpuint (hj_rtcp_read_nack (&packet, read, 17), ==, 5);
  g_assert_cmpmem (read, 10, lost, 10);
  g_assert_cmpuint (hj_rtcp_read_nack (&packet, read, 3), ==, 3);
  g_assert_cmpuint (hj_rtcp_write_nack (data, sizeof data, 1, 2, lost, 0), ==, 0);
}

static void
lost_packets_around_the_wrap_are_asked_for (void)
{
  static const guint16 lost[] = { 65500, 65530, 65535, 0, 9, 10, 11, 4000 };
  guint16 read[32];
  guint8 data[64];
  gsize len = hj_rtcp_write_nack (data, sizeof data, 1, 2, lost, G_N_ELEMENTS (lost));
  HjRtcpPacket packet = only_packet (data, len);

  g_assert_cmpuint (len, ==, 12 + 4 * 4);
  g_assert_cmpuint (hj_rtcp_read_nack (&packet, read, 32), ==, G_N_ELEMENTS (lost));
  g_assert_cmpmem (read, sizeof lost, lost, sizeof lost);
}

static void
an_estimate_comes_back_as_libwebrtc_writes_it (void)
{
  static const guint8 expected[]
      = { 0x8f, 206, 0, 7, 0x12, 0x34, 0x56, 0x78, 0, 0, 0, 0, 'R', 'E', 'M', 'B', 3, 0x07, 0xfb,
          0x93, 0x23, 0x45, 0x67, 0x89, 0x23, 0x45, 0x67, 0x8a, 0x23, 0x45, 0x67, 0x8b };
  static const guint32 ssrcs[] = { 0x23456789, 0x2345678a, 0x2345678b };
  guint32 read[3];
  guint64 bitrate;
  gsize n_ssrcs;
  guint8 data[64];
  gsize len = hj_rtcp_write_remb (data, sizeof data, 0x12345678, 0x3fb93 * 2, ssrcs, 3);
  HjRtcpPacket packet = only_packet (data, len);

  g_assert_cmpmem (data, len, expected, sizeof expected);
  g_assert_true (hj_rtcp_read_remb (&packet, &bitrate, read, 3, &n_ssrcs));
  g_assert_cmpuint (bitrate, ==, 0x3fb93 * 2);
  g_assert_cmpmem (read, 4 * n_ssrcs, ssrcs, sizeof ssrcs);
  g_assert_true (hj_rtcp_read_remb (&packet, &bitrate, read, 1, &n_ssrcs));
  g_assert_cmpuint (n_ssrcs, ==, 1);
}

static void
a_damaged_estimate_is_refused (void)
{
  guint32 ssrcs[2] = { 1, 2 };
  guint64 bitrate;
  gsize n;
  guint8 data[64];
  gsize len = hj_rtcp_write_remb (data, sizeof data, 1, 1000, ssrcs, 2);
  HjRtcpPacket packet = only_packet (data, len);

  data[16] = 3; /* more sources than there are */
  g_assert_false (hj_rtcp_read_remb (&packet, &bitrate, ssrcs, 2, &n));
  data[16] = 2;
  data[12] = 'X';
  g_assert_false (hj_rtcp_read_remb (&packet, &bitrate, ssrcs, 2, &n));
  data[12] = 'R';
  data[17] = data[18] = data[19] = 0xff; /* 2^63 times 2^18 */
  g_assert_true (hj_rtcp_read_remb (&packet, &bitrate, ssrcs, 2, &n));
  g_assert_cmpuint (bitrate, ==, G_MAXINT64);
  hj_rtcp_write_remb (data, sizeof data, 1, G_MAXUINT64, ssrcs, 2);
  g_assert_true (hj_rtcp_read_remb (&packet, &bitrate, ssrcs, 2, &n));
  g_assert_cmpuint (bitrate, ==, G_MAXINT64);
}

static void
one_kind_is_not_read_as_another (void)
{
  guint16 seqs[4];
  guint32 ssrcs[4];
  guint64 bitrate;
  HjRtcpFir firs[4];
  HjRtcpReport reports[4];
  gsize n;
  guint8 data[64];
  HjRtcpPacket packet = only_packet (data, hj_rtcp_write_pli (data, sizeof data, 1, 2));

  g_assert_cmpuint (hj_rtcp_read_nack (&packet, seqs, 4), ==, 0);
  g_assert_cmpuint (hj_rtcp_read_fir (&packet, firs, 4), ==, 0);
  g_assert_cmpuint (hj_rtcp_read_reports (&packet, reports, 4), ==, 0);
  g_assert_false (hj_rtcp_read_remb (&packet, &bitrate, ssrcs, 4, &n));
}

static void
sources_are_rewritten_in_place (void)
{
  guint8 data[64];
  HjRtcpPacket packet = only_packet (data, hj_rtcp_write_pli (data, sizeof data, 1, 2));

  hj_rtcp_set_sender_ssrc (&packet, 0xaaaa);
  hj_rtcp_set_media_ssrc (&packet, 0xbbbb);
  packet = only_packet (data, 12);
  g_assert_cmphex (packet.sender_ssrc, ==, 0xaaaa);
  g_assert_cmphex (packet.media_ssrc, ==, 0xbbbb);
  packet = only_packet (data, hj_rtcp_write_rr (data, sizeof data, 1, REPORTS, 1));
  hj_rtcp_set_media_ssrc (&packet, 0xbbbb); /* an RR has none: the report stays */
  g_assert_cmpmem (hj_rtcp_report_at (&packet, 0), 4, "\x11\x11\x11\x11", 4);
}

static void
padding_is_taken_off_and_impossible_padding_refused (void)
{
  guint8 data[20] = { 0xa1, 206, 0, 4, 0, 0, 0, 1, 0, 0, 0, 2, [19] = 8 };
  HjRtcpPacket packet = only_packet (data, sizeof data);

  g_assert_cmpuint (packet.packet_len, ==, 12);
  g_assert_cmpuint (packet.body_len, ==, 0);
  data[19] = 0;
  g_assert_false (hj_rtcp_is_valid (data, sizeof data));
  data[19] = 17;
  g_assert_false (hj_rtcp_is_valid (data, sizeof data));
  data[19] = 255; /* more than the packet */
  g_assert_false (hj_rtcp_is_valid (data, sizeof data));
  data[19] = 12; /* would eat the media SSRC */
  g_assert_false (hj_rtcp_is_valid (data, sizeof data));
}

static void
nothing_is_written_past_a_short_buffer (void)
{
  HjRtcpSenderInfo info = { 0 };
  HjRtcpFir target = { 1, 1 };
  guint32 ssrc = 1;
  guint16 seq = 1;

  for (gsize size = 0; size < 20; size++)
    {
      g_autofree guint8 *out = g_malloc (MAX (size, 1));

      g_assert_cmpuint (hj_rtcp_write_sr (out, size, 1, &info, NULL, 0), ==, 0);
      g_assert_cmpuint (hj_rtcp_write_rr (out, size, 1, REPORTS, 1), ==, 0);
      g_assert_cmpuint (hj_rtcp_write_sdes (out, size, 1, "a long name"), ==, 0);
      g_assert_cmpuint (hj_rtcp_write_fir (out, MIN (size, 19), 1, &target, 1), ==, 0);
      g_assert_cmpuint (hj_rtcp_write_remb (out, size, 1, 1, &ssrc, 1), ==, 0);
      if (size < 16)
        g_assert_cmpuint (hj_rtcp_write_nack (out, size, 1, 1, &seq, 1), ==, 0);
      if (size < 12)
        g_assert_cmpuint (hj_rtcp_write_pli (out, size, 1, 1), ==, 0);
      if (size < 8)
        g_assert_cmpuint (hj_rtcp_write_bye (out, size, 1), ==, 0);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add_func ("/media/rtcp/" #name, name)
  ADD (a_receiver_report_comes_back_as_written);
  ADD (a_sender_report_comes_back_as_written);
  ADD (more_than_31_reports_are_cut);
  ADD (a_count_beyond_the_packet_is_not_believed);
  ADD (what_follows_the_reports_is_no_report);
  ADD (a_name_is_padded_and_ended);
  ADD (a_compound_is_walked);
  ADD (a_request_for_a_key_frame_names_its_source);
  ADD (a_full_intra_request_names_its_targets);
  ADD (lost_packets_are_asked_for_in_few_words);
  ADD (lost_packets_around_the_wrap_are_asked_for);
  ADD (an_estimate_comes_back_as_libwebrtc_writes_it);
  ADD (a_damaged_estimate_is_refused);
  ADD (one_kind_is_not_read_as_another);
  ADD (sources_are_rewritten_in_place);
  ADD (padding_is_taken_off_and_impossible_padding_refused);
  ADD (nothing_is_written_past_a_short_buffer);
  return g_test_run ();
}
