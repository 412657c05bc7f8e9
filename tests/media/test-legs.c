/* SPDX-License-Identifier: Apache-2.0 */
/* One seat's connection to a relay worker: what lets it connect, which address is its own, and when it is silent, gone or
 * back. With a time of the test's own. */

#include "tests/media/room-fixture.h"

static void
a_leg_connects_and_says_so (Fixture *f, gconstpointer data)
{
  open_room (f);
  connect_leg (f, 0);
  g_assert_true (peer_is_connected (&f->peers[0]));
  g_assert_cmpuint (count_news (f, 0, HJ_LINK_CONNECTED), ==, 1);
  g_assert_cmpuint (count_news (f, 0, HJ_LINK_FLOWING), ==, 0);
  peer_send_audio (&f->peers[0], 1, 0);
  peer_send_audio (&f->peers[0], 2, 960);
  g_assert_cmpuint (count_news (f, 0, HJ_LINK_FLOWING), ==, 1);
}

static void
a_leg_that_asks_for_cm_gets_cm (Fixture *f, gconstpointer data)
{
  f->peers[0].style.cm = TRUE;
  open_room (f);
  connect_leg (f, 0);
  g_assert_true (peer_is_connected (&f->peers[0]));
}

static void
a_peer_without_gcm_does_not_connect_unless_asked_for (Fixture *f, gconstpointer data)
{
  g_autofree char *offer = NULL;
  g_autoptr (HjLinkMessage) reply = NULL;

  open_room (f);
  offer = peer_make_offer (&f->peers[0]);
  reply = add_leg_with (f, 0, 0, offer);
  peer_take_answer (&f->peers[0], reply->answer);
  f->peers[0].style.cm = TRUE; /* as the DTLS server it accepts nothing else */
  peer_check (&f->peers[0], TRUE);
  settle (f);
  g_assert_false (peer_is_connected (&f->peers[0]));
  g_assert_cmpuint (count_news (f, 0, HJ_LINK_CONNECTED), ==, 0);
}

static void
a_wrong_password_is_not_answered (Fixture *f, gconstpointer data)
{
  g_autofree char *username = NULL;

  open_room (f);
  add_leg (f, 0);
  username = g_strconcat (f->peers[0].remote_ufrag, ":", f->peers[0].ufrag, NULL);
  peer_check_with (&f->peers[0], username, "not-the-password-at-all", TRUE);
  settle (f);
  g_assert_cmpuint (f->peers[0].n_stun_success + f->peers[0].n_stun_error, ==, 0);
  g_assert_null (f->peers[0].dtls);
  g_assert_cmpint (count_dropped (f, "stun-integrity"), ==, 1);
}

static void
a_wrong_remote_ufrag_is_not_answered (Fixture *f, gconstpointer data)
{
  g_autofree char *username = NULL;

  open_room (f);
  add_leg (f, 0);
  username = g_strconcat (f->peers[0].remote_ufrag, ":else", NULL);
  peer_check_with (&f->peers[0], username, f->peers[0].remote_pwd, TRUE);
  settle (f);
  g_assert_cmpuint (f->peers[0].n_stun_success, ==, 0);
  g_assert_cmpint (count_dropped (f, "stun-integrity"), ==, 1);
}

static void
an_unknown_ufrag_is_dropped (Fixture *f, gconstpointer data)
{
  open_room (f);
  add_leg (f, 0);
  peer_check_with (&f->peers[0], "aaaaaaaa:bbbb", f->peers[0].remote_pwd, TRUE);
  peer_check_with (&f->peers[0], "toolongaufragofours:bbbb", f->peers[0].remote_pwd, TRUE);
  g_assert_cmpint (count_dropped (f, "stun-unknown-user"), ==, 2);
}

static void
a_controlled_peer_is_told_its_role (Fixture *f, gconstpointer data)
{
  g_autofree char *username = NULL;

  open_room (f);
  add_leg (f, 0);
  username = g_strconcat (f->peers[0].remote_ufrag, ":", f->peers[0].ufrag, NULL);
  peer_check_with (&f->peers[0], username, f->peers[0].remote_pwd, FALSE);
  settle (f);
  g_assert_cmpint (f->peers[0].stun_error, ==, 487);
}

static void
a_wrong_fingerprint_never_connects (Fixture *f, gconstpointer data)
{
  f->peers[0].style.fingerprint
      = "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:"
        "EE:FF";
  open_room (f);
  connect_leg (f, 0);
  advance (f, G_TIME_SPAN_SECOND);
  g_assert_cmpuint (count_news (f, 0, HJ_LINK_CONNECTED), ==, 0);
  g_assert_cmpuint (count_news (f, 0, HJ_LINK_GONE), ==, 1);
}

static void
media_from_an_unproved_address_is_dropped (Fixture *f, gconstpointer data)
{
  HjAddress proved;

  two_admitted (f);
  proved = f->peers[0].address;
  g_assert_true (hj_address_parse (&f->peers[0].address, "10.9.9.9", 4000));
  peer_send_audio (&f->peers[0], 1, 0);
  g_assert_cmpint (count_dropped (f, "unknown-address"), ==, 1);
  f->peers[0].address = proved;
  g_assert_cmpuint (peer_count (&f->peers[1], slot_ssrc (f, 1, 0, HJ_AUDIO)), ==, 0);
}

static void
a_peer_that_moves_is_followed (Fixture *f, gconstpointer data)
{
  HjAddress old;

  two_admitted (f);
  old = f->peers[1].address;
  g_assert_true (hj_address_parse (&f->peers[1].address, "10.0.0.77", 6000));
  peer_check (&f->peers[1], FALSE); /* does not nominate, and the old address speaks */
  peer_send_audio (&f->peers[0], 1, 0);
  settle (f);
  g_assert_cmpuint (peer_count (&f->peers[1], slot_ssrc (f, 1, 0, HJ_AUDIO)), ==, 0);
  peer_check (&f->peers[1], TRUE);
  peer_send_audio (&f->peers[0], 2, 960);
  settle (f);
  g_assert_cmpuint (peer_count (&f->peers[1], slot_ssrc (f, 1, 0, HJ_AUDIO)), ==, 1);
  advance (f, 3 * G_TIME_SPAN_SECOND);
  f->peers[1].address = old;
  peer_check (&f->peers[1], FALSE); /* the other has been quiet */
  peer_send_audio (&f->peers[0], 3, 1920);
  settle (f);
  g_assert_cmpuint (peer_count (&f->peers[1], slot_ssrc (f, 1, 0, HJ_AUDIO)), ==, 2);
}

static void
many_addresses_of_one_peer_do_no_harm (Fixture *f, gconstpointer data)
{
  two_admitted (f);
  for (guint16 i = 0; i < 30; i++)
    {
      g_assert_true (hj_address_parse (&f->peers[1].address, "10.0.0.88", (guint16)(7000 + i)));
      peer_check (&f->peers[1], TRUE);
      settle (f);
    }
  peer_send_audio (&f->peers[0], 1, 0);
  peer_send_audio (&f->peers[1], 1, 0);
  settle (f);
  g_assert_cmpuint (peer_count (&f->peers[1], slot_ssrc (f, 1, 0, HJ_AUDIO)), ==, 1);
  g_assert_cmpuint (peer_count (&f->peers[0], slot_ssrc (f, 0, 1, HJ_AUDIO)), ==, 1);
}

/* Who has credentials of his own can check from any address that he can put into a packet. */
static void
an_address_in_use_is_not_given_away (Fixture *f, gconstpointer data)
{
  guint32 ssrc = 0;

  two_admitted (f);
  connect_leg (f, 2); /* not admitted */
  ssrc = slot_ssrc (f, 1, 0, HJ_AUDIO);
  f->peers[2].n_stun_success = 0;
  for (guint16 i = 0; i < 20; i++)
    {
      HjAddress own = f->peers[2].address;

      f->peers[2].address = f->peers[0].address;
      peer_check (&f->peers[2], TRUE);
      f->peers[2].address = own;
      forget_sent (f);
      peer_send_audio (&f->peers[0], i, 960u * i);
      advance (f, 20000);
    }
  g_assert_cmpuint (peer_count (&f->peers[1], ssrc), ==, 20);
  g_assert_cmpint (count_dropped (f, "srtp-auth"), ==, 0);
  g_assert_cmpint (count_dropped (f, "address-taken"), ==, 20);
  g_assert_cmpuint (f->peers[2].n_stun_success, ==, 0);
}

/* Browsers check every 2.5 s at least. */
static void
an_address_that_fell_quiet_goes_to_whom_it_proves_last (Fixture *f, gconstpointer data)
{
  g_autoptr (HjLinkMessage) removed = NULL;

  two_admitted (f);
  advance (f, 5100 * G_TIME_SPAN_MILLISECOND);
  f->peers[1].address = f->peers[0].address;
  peer_check (&f->peers[1], TRUE);
  forget_sent (f);
  peer_send_audio (&f->peers[1], 1, 0);
  /* The one who had it before has none now that anything could be sent to. */
  g_assert_cmpuint (g_queue_get_length (&f->outbox.sent), ==, 0);
  g_assert_cmpint (count_dropped (f, "srtp-auth"), ==, 0);
  g_assert_cmpuint (count_news (f, 1, HJ_LINK_FLOWING), ==, 1);
  forget_sent (f);
  /* The one who had it before does not take it along. */
  removed = order_seat (f, HJ_LINK_REMOVE_LEG, f->seats[0]);
  forget_sent (f);
  peer_send_audio (&f->peers[1], 2, 0);
  g_assert_cmpint (count_dropped (f, "unknown-address"), ==, 0);
}

static void
forged_and_replayed_media_is_dropped (Fixture *f, gconstpointer data)
{
  guint8 packet[1500];
  guint8 payload[20] = { 0 };
  guint8 sealed[1600];
  gsize length = 0;

  two_admitted (f);
  length = peer_write_rtp (&f->peers[0], HJ_AUDIO, 1, 0, payload, sizeof payload, packet);
  length = hj_srtp_protect (f->peers[0].out, packet, length, sealed, sizeof sealed);
  sealed[length - 1] ^= 1;
  to_relay (f, &f->peers[0].address, sealed, length);
  g_assert_cmpint (count_dropped (f, "srtp-auth"), ==, 1);
  sealed[length - 1] ^= 1;
  to_relay (f, &f->peers[0].address, sealed, length);
  to_relay (f, &f->peers[0].address, sealed, length);
  g_assert_cmpint (count_dropped (f, "srtp-replay"), ==, 1);
  settle (f);
  g_assert_cmpuint (peer_count (&f->peers[1], slot_ssrc (f, 1, 0, HJ_AUDIO)), ==, 1);
}

static void
rubbish_is_counted_and_does_no_harm (Fixture *f, gconstpointer data)
{
  guint8 bytes[256];
  GRand *random = g_rand_new_with_seed (1);

  two_admitted (f);
  for (guint i = 0; i < 3000; i++)
    {
      gsize length = (gsize)g_rand_int_range (random, 0, sizeof bytes);

      for (gsize k = 0; k < length; k++)
        bytes[k] = (guint8)g_rand_int (random);
      to_relay (f, &f->peers[i % 2].address, bytes, length);
    }
  g_rand_free (random);
  settle (f);
  g_assert_cmpint (count_dropped (f, "unknown-kind"), >, 0);
  g_assert_cmpint (count_dropped (f, "srtp-auth"), >, 0);
  g_assert_cmpuint (count_news (f, 0, HJ_LINK_GONE), ==, 0);
  peer_send_audio (&f->peers[0], 1, 0);
  settle (f);
  g_assert_cmpuint (peer_count (&f->peers[1], slot_ssrc (f, 1, 0, HJ_AUDIO)), ==, 1);
}

static void
a_quiet_leg_is_silent_then_gone (Fixture *f, gconstpointer data)
{
  two_admitted (f);
  advance (f, 4900 * G_TIME_SPAN_MILLISECOND);
  g_assert_cmpuint (count_news (f, 0, HJ_LINK_SILENT), ==, 0);
  peer_check (&f->peers[1], TRUE);
  advance (f, 200 * G_TIME_SPAN_MILLISECOND);
  g_assert_cmpuint (count_news (f, 0, HJ_LINK_SILENT), ==, 1);
  g_assert_cmpuint (count_news (f, 1, HJ_LINK_SILENT), ==, 0);
  peer_check (&f->peers[0], TRUE);
  g_assert_cmpuint (count_news (f, 0, HJ_LINK_RETURNED), ==, 1);
  advance (f, 29900 * G_TIME_SPAN_MILLISECOND);
  g_assert_cmpuint (count_news (f, 0, HJ_LINK_GONE), ==, 0);
  advance (f, 200 * G_TIME_SPAN_MILLISECOND);
  g_assert_cmpuint (count_news (f, 0, HJ_LINK_GONE), ==, 1);
  for (guint i = 0; i < f->news->len; i++)
    {
      const News *news = &g_array_index (f->news, News, i);

      if (news->kind == HJ_LINK_GONE)
        g_assert_cmpint (news->age_us, >=, 30 * G_TIME_SPAN_SECOND);
    }
}

static void
a_leg_that_never_checks_is_gone (Fixture *f, gconstpointer data)
{
  open_room (f);
  add_leg (f, 0);
  advance (f, 31 * G_TIME_SPAN_SECOND);
  g_assert_cmpuint (count_news (f, 0, HJ_LINK_GONE), ==, 1);
  g_assert_cmpuint (count_news (f, 0, HJ_LINK_SILENT), ==, 0);
}

static guint
count_legs (Fixture *f)
{
  g_autoptr (HjLinkMessage) statistics = hj_link_message_new (HJ_LINK_STATISTICS);

  hj_rooms_count (f->rooms, statistics);
  return statistics->legs->len;
}

static void
a_leg_that_ended_is_freed_with_what_ended_it (Fixture *f, gconstpointer data)
{
  two_admitted (f);
  connect_leg (f, 2);
  g_assert_cmpuint (count_legs (f), ==, 3);
  peer_close (&f->peers[0]);
  g_assert_cmpuint (count_legs (f), ==, 2);
  peer_close (&f->peers[2]);
  g_assert_cmpuint (count_legs (f), ==, 1);
  advance (f, 31 * G_TIME_SPAN_SECOND);
  g_assert_cmpuint (count_legs (f), ==, 0);
}

static void
a_closed_peer_is_gone_at_once (Fixture *f, gconstpointer data)
{
  g_autoptr (HjLinkMessage) list = hj_link_message_new (HJ_LINK_REGISTER);
  const HjLinkRoom *room = NULL;

  two_admitted (f);
  peer_close (&f->peers[0]);
  g_assert_cmpuint (count_news (f, 0, HJ_LINK_GONE), ==, 1);
  hj_rooms_list (f->rooms, list);
  room = &g_array_index (list->rooms, HjLinkRoom, 0);
  g_assert_cmpuint (room->seats->len, ==, 2);
  g_assert_false (g_array_index (room->seats, HjLinkSeat, 0).connected);
  g_assert_true (g_array_index (room->seats, HjLinkSeat, 0).admitted);
  g_assert_true (g_array_index (room->seats, HjLinkSeat, 1).connected);
}

/* A reloaded page: another certificate, another session. */
static void
reload (Fixture *f, guint seat)
{
  PeerStyle style = f->peers[seat].style;

  peer_clear (&f->peers[seat]);
  peer_init (&f->peers[seat], &style, "10.0.0.1", (guint16)(5100 + seat));
  f->peers[seat].send = to_relay;
  f->peers[seat].send_data = f;
}

static void
a_reloaded_page_takes_its_seat_again (Fixture *f, gconstpointer data)
{
  const PeerPacket *before = NULL;
  const PeerPacket *after = NULL;
  guint32 ssrc = 0;

  two_admitted (f);
  ssrc = slot_ssrc (f, 1, 0, HJ_AUDIO);
  peer_send_audio (&f->peers[0], 40000, 77);
  settle (f);
  reload (f, 0);
  advance (f, G_TIME_SPAN_SECOND);
  connect_leg (f, 0);
  g_assert_cmpuint (count_news (f, 0, HJ_LINK_CONNECTED), ==, 2);
  g_assert_cmpuint (count_news (f, 0, HJ_LINK_GONE), ==, 0);
  peer_send_audio (&f->peers[0], 3, 5);
  peer_send_audio (&f->peers[1], 3, 5);
  settle (f);
  before = peer_find (&f->peers[1], ssrc, 0);
  after = peer_find (&f->peers[1], ssrc, 1);
  g_assert_nonnull (after);
  g_assert_cmpuint ((guint16)(after->view.seq - before->view.seq), ==, 1);
  g_assert_cmpuint (after->view.timestamp - before->view.timestamp, ==, 48000);
  g_assert_cmpuint (peer_count (&f->peers[0], slot_ssrc (f, 0, 1, HJ_AUDIO)), ==, 1);
}

static void
an_ice_restart_keeps_keys_and_sources (Fixture *f, gconstpointer data)
{
  guint32 ssrc = 0;
  g_autofree char *old_ufrag = NULL;

  two_admitted (f);
  ssrc = f->peers[0].slot_ssrcs[0][HJ_AUDIO];
  old_ufrag = g_strdup (f->peers[0].remote_ufrag);
  peer_restart_ice (&f->peers[0]);
  add_leg (f, 0);
  g_assert_cmpstr (f->peers[0].remote_ufrag, !=, old_ufrag);
  g_assert_cmpuint (f->peers[0].slot_ssrcs[0][HJ_AUDIO], ==, ssrc);
  g_assert_true (hj_address_parse (&f->peers[0].address, "10.0.0.99", 5005));
  peer_check (&f->peers[0], TRUE);
  peer_send_audio (&f->peers[0], 3, 5);
  peer_send_audio (&f->peers[1], 3, 5);
  settle (f);
  g_assert_cmpuint (peer_count (&f->peers[0], ssrc), ==, 1);
  g_assert_cmpuint (peer_count (&f->peers[1], slot_ssrc (f, 1, 0, HJ_AUDIO)), ==, 1);
  g_assert_cmpuint (count_news (f, 0, HJ_LINK_CONNECTED), ==, 1);
}

/* RFC 7675: media goes nowhere without consent, whatever the other end sends. */
static void
without_consent_nothing_is_sent (Fixture *f, gconstpointer data)
{
  two_admitted (f);
  for (guint i = 0; i < 31; i++)
    {
      peer_check (&f->peers[0], FALSE);
      peer_send_audio (&f->peers[0], (guint16)i, 0);
      advance (f, G_TIME_SPAN_SECOND);
    }
  g_assert_cmpuint (count_news (f, 1, HJ_LINK_GONE), ==, 1);
  g_assert_cmpuint (peer_count (&f->peers[1], slot_ssrc (f, 1, 0, HJ_AUDIO)), ==, 30);
  peer_forget (&f->peers[1]);
  peer_send_audio (&f->peers[0], 100, 0);
  advance (f, 2 * G_TIME_SPAN_SECOND);
  g_assert_cmpuint (f->peers[1].packets->len, ==, 0);
  /* Media alone does not bring it back. */
  peer_send_audio (&f->peers[1], 100, 0);
  g_assert_cmpint (count_dropped (f, "unknown-address"), ==, 1);
}

/* Seat 1 checks once from an address that is another's, and has it nominated. */
static HjAddress
point_at_another (Fixture *f)
{
  HjAddress own = f->peers[1].address;
  HjAddress other = { 0 };

  g_assert_true (hj_address_parse (&other, "203.0.113.9", 7777));
  f->peers[1].address = other;
  peer_check (&f->peers[1], TRUE);
  forget_sent (f);
  f->peers[1].address = own;
  return other;
}

static guint
count_sent_to (const Fixture *f, const HjAddress *address)
{
  guint n = 0;

  for (const GList *item = f->outbox.sent.head; item != NULL; item = item->next)
    n += hj_address_equal (&((const Datagram *)item->data)->to, address);
  return n;
}

/* RFC 7675: consent is for the address that is sent to. */
static void
what_comes_from_elsewhere_is_no_consent (Fixture *f, gconstpointer data)
{
  HjAddress other = { 0 };
  guint n = 0;

  two_admitted (f);
  other = point_at_another (f);
  for (guint16 i = 0; i < 400; i++)
    {
      if (i % 10 == 0)
        peer_check (&f->peers[0], FALSE);
      peer_send_audio (&f->peers[0], i, 960u * i);
      peer_send_audio (&f->peers[1], i, 960u * i);
      n = count_sent_to (f, &other);
      advance (f, 100 * G_TIME_SPAN_MILLISECOND);
    }
  g_assert_cmpuint (n, ==, 0);
  g_assert_cmpuint (count_news (f, 1, HJ_LINK_SILENT), ==, 1);
  g_assert_cmpuint (count_news (f, 1, HJ_LINK_RETURNED), ==, 0);
  g_assert_cmpuint (count_news (f, 1, HJ_LINK_GONE), ==, 1);
  g_assert_cmpuint (count_news (f, 0, HJ_LINK_SILENT), ==, 0);
}

static void
the_next_check_leads_back (Fixture *f, gconstpointer data)
{
  two_admitted (f);
  point_at_another (f);
  advance (f, 2100 * G_TIME_SPAN_MILLISECOND);
  peer_check (&f->peers[1], FALSE);
  advance (f, 4 * G_TIME_SPAN_SECOND);
  g_assert_cmpuint (count_news (f, 1, HJ_LINK_SILENT), ==, 0);
  peer_forget (&f->peers[1]);
  peer_send_audio (&f->peers[0], 1, 960);
  settle (f);
  g_assert_cmpuint (peer_count (&f->peers[1], slot_ssrc (f, 1, 0, HJ_AUDIO)), ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_test ("legs", "a-leg-connects-and-says-so", a_leg_connects_and_says_so);
  add_test ("legs", "a-leg-that-asks-for-cm-gets-cm", a_leg_that_asks_for_cm_gets_cm);
  add_test ("legs", "a-peer-without-gcm-does-not-connect-unless-asked-for",
      a_peer_without_gcm_does_not_connect_unless_asked_for);
  add_test ("legs", "a-wrong-password-is-not-answered", a_wrong_password_is_not_answered);
  add_test ("legs", "a-wrong-remote-ufrag-is-not-answered", a_wrong_remote_ufrag_is_not_answered);
  add_test ("legs", "an-unknown-ufrag-is-dropped", an_unknown_ufrag_is_dropped);
  add_test ("legs", "a-controlled-peer-is-told-its-role", a_controlled_peer_is_told_its_role);
  add_test ("legs", "a-wrong-fingerprint-never-connects", a_wrong_fingerprint_never_connects);
  add_test ("legs", "media-from-an-unproved-address-is-dropped",
      media_from_an_unproved_address_is_dropped);
  add_test ("legs", "a-peer-that-moves-is-followed", a_peer_that_moves_is_followed);
  add_test ("legs", "many-addresses-of-one-peer-do-no-harm", many_addresses_of_one_peer_do_no_harm);
  add_test ("legs", "an-address-in-use-is-not-given-away", an_address_in_use_is_not_given_away);
  add_test ("legs", "an-address-that-fell-quiet-goes-to-whom-it-proves-last",
      an_address_that_fell_quiet_goes_to_whom_it_proves_last);
  add_test ("legs", "forged-and-replayed-media-is-dropped", forged_and_replayed_media_is_dropped);
  add_test ("legs", "rubbish-is-counted-and-does-no-harm", rubbish_is_counted_and_does_no_harm);
  add_test ("legs", "a-quiet-leg-is-silent-then-gone", a_quiet_leg_is_silent_then_gone);
  add_test ("legs", "a-leg-that-never-checks-is-gone", a_leg_that_never_checks_is_gone);
  add_test ("legs", "a-closed-peer-is-gone-at-once", a_closed_peer_is_gone_at_once);
  add_test ("legs", "a-leg-that-ended-is-freed-with-what-ended-it",
      a_leg_that_ended_is_freed_with_what_ended_it);
  add_test ("legs", "a-reloaded-page-takes-its-seat-again", a_reloaded_page_takes_its_seat_again);
  add_test ("legs", "an-ice-restart-keeps-keys-and-sources", an_ice_restart_keeps_keys_and_sources);
  add_test ("legs", "without-consent-nothing-is-sent", without_consent_nothing_is_sent);
  add_test (
      "legs", "what-comes-from-elsewhere-is-no-consent", what_comes_from_elsewhere_is_no_consent);
  add_test ("legs", "the-next-check-leads-back", the_next_check_leads_back);
  return g_test_run ();
}
