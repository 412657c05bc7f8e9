/* SPDX-License-Identifier: Apache-2.0 */
/* Malformed and too many packets (OWASP ASVS 5.0 V17.2): whatever strangers and guests send, the others' media goes on, nobody
 * is answered who has not proved who he is, and every dropped datagram is counted. */

#include "media/wire/stun.h"
#include "tests/media/room-fixture.h"

#define STRANGER_PORT 9000

static HjAddress
a_stranger (guint n)
{
  HjAddress address = { 0 };

  g_assert_true (hj_address_parse (&address, "10.0.0.66", (guint16)(STRANGER_PORT + n)));
  return address;
}

static guint
heard (Fixture *f, guint reader, guint source)
{
  return peer_count (&f->peers[reader], slot_ssrc (f, reader, source, HJ_AUDIO));
}

static void
assert_both_hear (Fixture *f, guint16 seq)
{
  peer_forget (&f->peers[0]);
  peer_forget (&f->peers[1]);
  peer_send_audio (&f->peers[0], seq, seq * 960u);
  peer_send_audio (&f->peers[1], seq, seq * 960u);
  settle (f);
  g_assert_cmpuint (heard (f, 0, 1), ==, 1);
  g_assert_cmpuint (heard (f, 1, 0), ==, 1);
}

/* V17.2.4: also right behind the header of a packet that would open, were it whole. */
static void
rubbish_from_a_guest_stops_nobody (Fixture *f, gconstpointer data)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (17);
  guint8 bytes[HJ_DATAGRAM_MAX];
  gint64 dropped = 0;

  two_admitted (f);
  for (guint n = 0; n < 20000; n++)
    {
      gsize length = (gsize)g_rand_int_range (rand, 0, n % 10 == 0 ? HJ_DATAGRAM_MAX : 60);

      for (gsize i = 0; i < length; i++)
        bytes[i] = (guint8)g_rand_int (rand);
      if (length > 0)
        bytes[0] = (guint8)(n & 0xff);
      if (length >= 12 && n % 3 == 0)
        hj_put_be32 (bytes + 8, f->peers[0].ssrcs[n & 1]);
      to_relay (f, &f->peers[0].address, bytes, length);
    }
  forget_sent (f);
  dropped = count_dropped (f, "srtp-auth") + count_dropped (f, "srtp-short")
            + count_dropped (f, "unknown-kind") + count_dropped (f, "stun-malformed");
  g_assert_cmpint (dropped, >, 10000);
  assert_both_hear (f, 10);
}

static void
a_stranger_is_not_answered (Fixture *f, gconstpointer data)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (18);
  guint8 bytes[600] = { 0x80, 111 };
  guint8 request[HJ_STUN_MAX_MESSAGE];
  HjStunCheck check = { .transaction_id = "0123456789a",
    .username = "nobody99:guest",
    .password = "a-password-that-is-wrong-0",
    .controlling = TRUE };
  gsize length = hj_stun_write_binding_request (request, sizeof request, &check);

  two_admitted (f);
  forget_sent (f);
  for (guint n = 0; n < 10000; n++)
    {
      HjAddress stranger = a_stranger ((guint)g_rand_int_range (rand, 0, 1000));

      if (n % 2 == 0)
        to_relay (f, &stranger, request, length);
      else
        to_relay (f, &stranger, bytes, sizeof bytes);
    }
  g_assert_cmpuint (f->outbox.sent.length, ==, 0);
  g_assert_cmpint (count_dropped (f, "stun-unknown-user"), ==, 5000);
  g_assert_cmpint (count_dropped (f, "unknown-address"), ==, 5000);
  assert_both_hear (f, 10);
}

/* V17.2.6: the ClientHello race. The relay begins the handshake itself, and only with an address that a check has proved. */
static void
a_strangers_hello_comes_to_nothing (Fixture *f, gconstpointer data)
{
  g_autoptr (HjDtlsIdentity) identity = hj_dtls_identity_new (NULL);
  g_autofree char *fingerprint
      = g_strdup_printf ("sha-256 %s", hj_dtls_identity_get_fingerprint (identity));
  g_autoptr (HjDtls) dtls
      = hj_dtls_new (identity, HJ_DTLS_CLIENT, fingerprint, HJ_SRTP_AEAD_AES_128_GCM, NULL);
  HjAddress stranger = a_stranger (0);
  guint8 hello[HJ_DTLS_MTU];
  gssize length = 0;

  g_assert_true (hj_dtls_start (dtls));
  length = hj_dtls_take_datagram (dtls, hello, sizeof hello);
  g_assert_cmpint (length, >, 0);
  open_room (f);
  add_leg (f, 0);
  to_relay (f, &stranger, hello, (gsize)length);
  g_assert_cmpuint (f->outbox.sent.length, ==, 0);
  g_assert_cmpint (count_dropped (f, "unknown-address"), ==, 1);
  connect_leg (f, 0);
  g_assert_true (peer_is_connected (&f->peers[0]));
  to_relay (f, &stranger, hello, (gsize)length);
  to_relay (f, &f->peers[0].address, hello, (gsize)length);
  settle (f);
  g_assert_true (peer_is_connected (&f->peers[0]));
}

/* V17.2.5 */
static void
a_guest_that_sends_too_much_is_cut_back_alone (Fixture *f, gconstpointer data)
{
  two_admitted (f);
  for (guint16 seq = 1; seq <= 5000; seq++)
    {
      peer_send_audio (&f->peers[0], seq, seq * 960u);
      forget_sent (f);
    }
  g_assert_cmpint (count_dropped (f, "flood"), ==, 4000);
  peer_forget (&f->peers[0]);
  peer_send_audio (&f->peers[1], 1, 960);
  settle (f);
  g_assert_cmpuint (heard (f, 0, 1), ==, 1);
  advance (f, G_TIME_SPAN_SECOND);
  assert_both_hear (f, 6000);
}

/* Nothing could be sent to it. */
static void
a_check_from_port_0_is_dropped (Fixture *f, gconstpointer data)
{
  two_admitted (f);
  forget_sent (f);
  f->peers[1].address.v4.sin_port = 0;
  peer_check (&f->peers[1], TRUE);
  g_assert_cmpuint (f->outbox.sent.length, ==, 0);
  g_assert_cmpint (count_dropped (f, "unknown-kind"), ==, 1);
}

/* 182 of the shortest fit into a datagram. */
static void
each_packet_of_a_compound_counts (Fixture *f, gconstpointer data)
{
  guint8 reports[1456];
  gsize length = 0;

  two_admitted (f);
  while (length < sizeof reports)
    length += hj_rtcp_write_rr (reports + length, sizeof reports - length, 5, NULL, 0);
  for (guint i = 0; i < 10; i++)
    peer_send_rtcp (&f->peers[0], reports, length);
  g_assert_cmpint (count_dropped (f, "flood"), ==, 5); /* the sixth in part, and all after it */
  advance (f, G_TIME_SPAN_SECOND);
  assert_both_hear (f, 6000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) add_test ("flood", #name, name)
  ADD (rubbish_from_a_guest_stops_nobody);
  ADD (a_stranger_is_not_answered);
  ADD (a_strangers_hello_comes_to_nothing);
  ADD (a_guest_that_sends_too_much_is_cut_back_alone);
  ADD (a_check_from_port_0_is_dropped);
  ADD (each_packet_of_a_compound_counts);
  return g_test_run ();
}
