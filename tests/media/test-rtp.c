/* SPDX-License-Identifier: Apache-2.0 */
/* RTP headers and their extensions: what is read, what is rewritten in place, what is refused. */
#include "media/wire/rtp.h"

#include <string.h>

/* Two CSRCs, one-byte extensions 1 (3 bytes), padding, 4 (2 bytes), 5 (1 byte); "abcd", 3 of padding. */
static const guint8 PACKET[] = { 0xb2, 0xe0, 0x12, 0x34, 0x01, 0x02, 0x03, 0x04, 0xca, 0xfe, 0xba,
  0xbe, 1, 1, 1, 1, 2, 2, 2, 2, 0xbe, 0xde, 0x00, 0x03, 0x12, 'x', 'y', 'z', 0x00, 0x41, 0xaa, 0xbb,
  0x50, 0x7f, 0x00, 0x00, 'a', 'b', 'c', 'd', 0, 0, 3 };

/* Two-byte extensions: 1 (empty), 200 (5 bytes). */
static const guint8 TWO_BYTE[] = { 0x90, 96, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0x10, 0x05, 0x00, 0x03,
  1, 0, 200, 5, 'h', 'e', 'l', 'l', 'o', 0, 0, 0, 'p' };

static void
every_part_of_a_header_is_found (void)
{
  HjRtpView view;

  g_assert_true (hj_rtp_parse (PACKET, sizeof PACKET, &view));
  g_assert_true (view.marker);
  g_assert_true (view.padding);
  g_assert_cmpint (view.payload_type, ==, 0x60);
  g_assert_cmpint (view.n_csrcs, ==, 2);
  g_assert_cmphex (view.seq, ==, 0x1234);
  g_assert_cmphex (view.timestamp, ==, 0x01020304);
  g_assert_cmphex (view.ssrc, ==, 0xcafebabe);
  g_assert_true (view.has_extension);
  g_assert_cmphex (view.extension_profile, ==, 0xbede);
  g_assert_cmpuint (view.extension_offset, ==, 24);
  g_assert_cmpuint (view.extension_len, ==, 12);
  g_assert_cmpuint (view.header_len, ==, 36);
  g_assert_cmpmem (PACKET + view.header_len, view.payload_len, "abcd", 4);
  g_assert_cmpint (view.padding_len, ==, 3);
}

static void
padding_is_not_read_while_it_is_encrypted (void)
{
  guint8 data[sizeof PACKET];
  HjRtpView view;

  memcpy (data, PACKET, sizeof data);
  data[sizeof data - 1] = 200;
  g_assert_false (hj_rtp_parse (data, sizeof data, &view));
  g_assert_true (hj_rtp_parse_header (data, sizeof data, &view));
  g_assert_cmpuint (view.payload_len, ==, 7);
  g_assert_cmpint (view.padding_len, ==, 0);
}

static void
a_packet_may_be_padding_alone (void)
{
  guint8 data[12 + 5] = { 0xa0, 96, [16] = 5 };
  HjRtpView view;

  g_assert_true (hj_rtp_parse (data, sizeof data, &view));
  g_assert_cmpuint (view.payload_len, ==, 0);
  g_assert_cmpint (view.padding_len, ==, 5);
}

static void
impossible_padding_is_refused (void)
{
  guint8 data[12 + 5] = { 0xa0, 96 };
  HjRtpView view;

  g_assert_false (hj_rtp_parse (data, sizeof data, &view)); /* zero bytes of padding */
  data[16] = 6;
  g_assert_false (hj_rtp_parse (data, sizeof data, &view));
  g_assert_false (hj_rtp_parse (data, 12, &view)); /* padding, but nothing there */
}

static void
another_version_is_refused (void)
{
  guint8 data[sizeof PACKET];
  HjRtpView view;

  memcpy (data, PACKET, sizeof data);
  for (guint version = 0; version < 4; version++)
    {
      data[0] = (guint8)((PACKET[0] & 0x3f) | version << 6);
      g_assert_cmpint (hj_rtp_parse (data, sizeof data, &view), ==, version == 2);
    }
}

static void
a_truncated_packet_is_refused_at_every_length (void)
{
  for (gsize len = 0; len < sizeof PACKET; len++)
    {
      g_autofree guint8 *data = g_memdup2 (PACKET, MAX (len, 1));
      HjRtpView view;
      gsize n;

      g_assert_cmpint (hj_rtp_parse_header (data, len, &view), ==, len >= 36);
      if (len >= 36)
        g_assert_nonnull (hj_rtp_find_extension (data, &view, 5, &n));
    }
}

static void
sources_that_do_not_fit_are_refused (void)
{
  static const guint8 three[]
      = { 0x83, 96, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3 };
  HjRtpView view;

  for (gsize len = 0; len <= sizeof three; len++)
    g_assert_cmpint (hj_rtp_parse (three, len, &view), ==, len == sizeof three);
}

static void
one_byte_extensions_are_found (void)
{
  const guint8 *value;
  HjRtpView view;
  gsize len;

  g_assert_true (hj_rtp_parse (PACKET, sizeof PACKET, &view));
  value = hj_rtp_find_extension (PACKET, &view, 1, &len);
  g_assert_cmpmem (value, len, "xyz", 3);
  value = hj_rtp_find_extension (PACKET, &view, 4, &len);
  g_assert_cmpmem (value, len, "\xaa\xbb", 2);
  value = hj_rtp_find_extension (PACKET, &view, 5, &len);
  g_assert_cmpmem (value, len, "\x7f", 1);
  g_assert_null (hj_rtp_find_extension (PACKET, &view, 2, &len));
  g_assert_null (hj_rtp_find_extension (PACKET, &view, 0, &len));
  g_assert_null (hj_rtp_find_extension (PACKET, &view, 15, &len));
}

static void
two_byte_extensions_are_found (void)
{
  const guint8 *value;
  HjRtpView view;
  gsize len;

  g_assert_true (hj_rtp_parse (TWO_BYTE, sizeof TWO_BYTE, &view));
  value = hj_rtp_find_extension (TWO_BYTE, &view, 200, &len);
  g_assert_cmpmem (value, len, "hello", 5);
  g_assert_nonnull (hj_rtp_find_extension (TWO_BYTE, &view, 1, &len));
  g_assert_cmpuint (len, ==, 0);
  g_assert_null (hj_rtp_find_extension (TWO_BYTE, &view, 5, &len));
}

static void
an_extension_that_does_not_fit_ends_the_list (void)
{
  guint8 one[] = { 0x90, 96, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0xbe, 0xde, 0, 1, 0x10, 7, 0x23, 1 };
  guint8 two[] = { 0x90, 96, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0x10, 0, 0, 1, 1, 0, 2, 1 };
  HjRtpView view;
  gsize len;

  g_assert_true (hj_rtp_parse (one, sizeof one, &view));
  g_assert_nonnull (hj_rtp_find_extension (one, &view, 1, &len));
  g_assert_null (hj_rtp_find_extension (one, &view, 2, &len));
  g_assert_true (hj_rtp_parse (two, sizeof two, &view));
  g_assert_nonnull (hj_rtp_find_extension (two, &view, 1, &len));
  g_assert_null (hj_rtp_find_extension (two, &view, 2, &len));
}

static void
number_fifteen_and_a_long_zero_end_the_list (void)
{
  guint8 data[] = { 0x90, 96, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0xbe, 0xde, 0, 1, 0xf0, 7, 0x20, 1 };
  HjRtpView view;
  gsize len;

  g_assert_true (hj_rtp_parse (data, sizeof data, &view));
  g_assert_null (hj_rtp_find_extension (data, &view, 2, &len));
  data[16] = 0x01;
  g_assert_null (hj_rtp_find_extension (data, &view, 2, &len));
  data[16] = 0x30;
  g_assert_nonnull (hj_rtp_find_extension (data, &view, 2, &len));
}

static void
extensions_of_an_unknown_kind_are_not_searched (void)
{
  guint8 data[sizeof PACKET];
  HjRtpView view;
  gsize len;

  memcpy (data, PACKET, sizeof data);
  data[20] = 0x12;
  g_assert_true (hj_rtp_parse (data, sizeof data, &view));
  g_assert_null (hj_rtp_find_extension (data, &view, 1, &len));
}

static void
a_value_is_overwritten_where_it_stands (void)
{
  guint8 data[sizeof PACKET];
  const guint8 *value;
  HjRtpView view;
  gsize len;

  memcpy (data, PACKET, sizeof data);
  g_assert_true (hj_rtp_parse (data, sizeof data, &view));
  g_assert_true (hj_rtp_write_extension (data, &view, 4, (const guint8 *)"\x01\x02", 2));
  value = hj_rtp_find_extension (data, &view, 4, &len);
  g_assert_cmpmem (value, len, "\x01\x02", 2);
  g_assert_false (hj_rtp_write_extension (data, &view, 4, (const guint8 *)"\x01\x02\x03", 3));
  g_assert_false (hj_rtp_write_extension (data, &view, 9, (const guint8 *)"\x01\x02", 2));
  data[30] = 0xaa;
  data[31] = 0xbb;
  g_assert_cmpmem (data, sizeof data, PACKET, sizeof PACKET);
}

static void
a_blanked_extension_is_gone_and_the_others_stay (void)
{
  guint8 data[sizeof PACKET];
  HjRtpView view;
  gsize len;

  memcpy (data, PACKET, sizeof data);
  g_assert_true (hj_rtp_parse (data, sizeof data, &view));
  g_assert_true (hj_rtp_blank_extension (data, &view, 1));
  g_assert_false (hj_rtp_blank_extension (data, &view, 1));
  g_assert_null (hj_rtp_find_extension (data, &view, 1, &len));
  g_assert_nonnull (hj_rtp_find_extension (data, &view, 4, &len));
  g_assert_cmpmem (data + 24, 4, "\0\0\0\0", 4);
}

static void
fields_are_set_and_nothing_else_moves (void)
{
  guint8 data[sizeof PACKET];
  HjRtpView view;

  memcpy (data, PACKET, sizeof data);
  hj_rtp_set_seq (data, 0xfedc);
  hj_rtp_set_timestamp (data, 0x89abcdef);
  hj_rtp_set_ssrc (data, 0x01234567);
  hj_rtp_set_payload_type (data, 0xff);
  g_assert_true (hj_rtp_parse (data, sizeof data, &view));
  g_assert_cmphex (view.seq, ==, 0xfedc);
  g_assert_cmphex (view.timestamp, ==, 0x89abcdef);
  g_assert_cmphex (view.ssrc, ==, 0x01234567);
  g_assert_cmpint (view.payload_type, ==, 127);
  g_assert_true (view.marker);
  hj_rtp_set_marker (data, FALSE);
  g_assert_true (hj_rtp_parse (data, sizeof data, &view));
  g_assert_false (view.marker);
  g_assert_cmpint (view.payload_type, ==, 127);
  g_assert_cmpmem (data + 12, sizeof data - 12, PACKET + 12, sizeof data - 12);
}

static void
rtcp_is_told_from_rtp (void)
{
  guint8 data[8] = { 0x80 };

  for (guint type = 0; type < 256; type++)
    {
      data[1] = (guint8)type;
      g_assert_cmpint (hj_rtp_is_rtcp (data, sizeof data), ==, type >= 192 && type <= 223);
    }
  data[1] = 200;
  g_assert_false (hj_rtp_is_rtcp (data, 3));
  data[0] = 0x40;
  g_assert_false (hj_rtp_is_rtcp (data, sizeof data));
}

static void
sequence_numbers_are_unwrapped_to_the_nearest (void)
{
  g_assert_cmpint (hj_seq_unwrap (-1, 77), ==, 77);
  g_assert_cmpint (hj_seq_unwrap (65535, 0), ==, 65536);
  g_assert_cmpint (hj_seq_unwrap (65536, 65535), ==, 65535);
  g_assert_cmpint (hj_seq_unwrap (65536 + 10, 20), ==, 65536 + 20);
  g_assert_cmpint (hj_seq_unwrap (10, 10), ==, 10);
  g_assert_cmpint (hj_seq_unwrap (3 * 65536 + 40000, 5), ==, 4 * 65536 + 5);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add_func ("/media/rtp/" #name, name)
  ADD (every_part_of_a_header_is_found);
  ADD (padding_is_not_read_while_it_is_encrypted);
  ADD (a_packet_may_be_padding_alone);
  ADD (impossible_padding_is_refused);
  ADD (another_version_is_refused);
  ADD (a_truncated_packet_is_refused_at_every_length);
  ADD (sources_that_do_not_fit_are_refused);
  ADD (one_byte_extensions_are_found);
  ADD (two_byte_extensions_are_found);
  ADD (an_extension_that_does_not_fit_ends_the_list);
  ADD (number_fifteen_and_a_long_zero_end_the_list);
  ADD (extensions_of_an_unknown_kind_are_not_searched);
  ADD (a_value_is_overwritten_where_it_stands);
  ADD (a_blanked_extension_is_gone_and_the_others_stay);
  ADD (fields_are_set_and_nothing_else_moves);
  ADD (rtcp_is_told_from_rtp);
  ADD (sequence_numbers_are_unwrapped_to_the_nearest);
  return g_test_run ();
}
