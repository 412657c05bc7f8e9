/* SPDX-License-Identifier: Apache-2.0 */
/* How a leg is reached and kept: ICE restart (RFC 8445 9), rebinding of a NAT, consent (RFC 7675), both address families, and
 * what strangers' checks come to. */

#include <string.h>

#include "media/wire/stun.h"
#include "tests/media/room-fixture.h"

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

static void
move (Fixture *f, guint seat, const char *host, guint16 port)
{
  g_assert_true (hj_address_parse (&f->peers[seat].address, host, port));
}

static void
after_a_restart_the_old_credentials_are_refused (Fixture *f, gconstpointer data)
{
  g_autofree char *username = NULL;
  g_autofree char *half = NULL;
  g_autofree char *password = NULL;
  guint answered = 0;

  two_admitted (f);
  username = g_strconcat (f->peers[0].remote_ufrag, ":", f->peers[0].ufrag, NULL);
  password = g_strdup (f->peers[0].remote_pwd);
  peer_restart_ice (&f->peers[0]);
  add_leg (f, 0);
  g_assert_cmpstr (f->peers[0].remote_pwd, !=, password);
  answered = f->peers[0].n_stun_success;
  peer_check_with (&f->peers[0], username, password, TRUE);
  g_assert_cmpint (count_dropped (f, "stun-unknown-user"), ==, 1);
  /* Nor does the new name go with the old password. */
  half = g_strconcat (f->peers[0].remote_ufrag, ":", f->peers[0].ufrag, NULL);
  peer_check_with (&f->peers[0], half, password, TRUE);
  g_assert_cmpint (count_dropped (f, "stun-integrity"), ==, 1);
  g_assert_cmpuint (g_queue_get_length (&f->outbox.sent), ==, 0);
  peer_check (&f->peers[0], TRUE);
  settle (f);
  g_assert_cmpuint (f->peers[0].n_stun_success, ==, answered + 1);
  assert_both_hear (f, 10);
}

static void
until_the_restarted_one_checks_the_old_path_goes_on (Fixture *f, gconstpointer data)
{
  two_admitted (f);
  peer_restart_ice (&f->peers[0]);
  add_leg (f, 0);
  assert_both_hear (f, 10);
  move (f, 0, "10.0.0.99", 5005);
  peer_check (&f->peers[0], TRUE);
  settle (f);
  assert_both_hear (f, 11);
  g_assert_cmpuint (count_news (f, 0, HJ_LINK_CONNECTED), ==, 1);
}

static void
a_nat_that_takes_another_port_keeps_the_leg (Fixture *f, gconstpointer data)
{
  two_admitted (f);
  assert_both_hear (f, 10);
  for (guint16 port = 6001; port < 6006; port++)
    {
      move (f, 0, "10.0.0.1", port);
      peer_check (&f->peers[0], TRUE);
      settle (f);
      assert_both_hear (f, port);
    }
  g_assert_cmpuint (count_news (f, 0, HJ_LINK_CONNECTED), ==, 1);
  g_assert_cmpuint (count_news (f, 0, HJ_LINK_GONE) + count_news (f, 0, HJ_LINK_SILENT), ==, 0);
}

/* RFC 7675 5.1. */
static void
without_consent_nothing_is_sent_any_more (Fixture *f, gconstpointer data)
{
  two_admitted (f);
  for (guint16 second = 1; second <= 31; second++)
    {
      peer_check (&f->peers[1], TRUE);
      peer_send_audio (&f->peers[1], second, second * 960u);
      advance (f, G_TIME_SPAN_SECOND);
    }
  g_assert_cmpuint (count_news (f, 0, HJ_LINK_GONE), ==, 1);
  g_assert_cmpuint (count_news (f, 1, HJ_LINK_GONE), ==, 0);
  peer_forget (&f->peers[0]);
  peer_send_audio (&f->peers[1], 100, 96000);
  for (const GList *item = f->outbox.sent.head; item != NULL; item = item->next)
    g_assert_false (hj_address_equal (&((Datagram *)item->data)->to, &f->peers[0].address));
  settle (f);
  g_assert_cmpuint (f->peers[0].packets->len, ==, 0);
}

static void
checks_alone_keep_consent (Fixture *f, gconstpointer data)
{
  two_admitted (f);
  for (guint n = 0; n < 20; n++)
    {
      peer_check (&f->peers[0], TRUE);
      peer_check (&f->peers[1], TRUE);
      advance (f, 4 * G_TIME_SPAN_SECOND);
    }
  g_assert_cmpuint (count_news (f, 0, HJ_LINK_SILENT) + count_news (f, 0, HJ_LINK_GONE), ==, 0);
  assert_both_hear (f, 10);
}

static void
unknown_words_of_ice_are_passed_over (Fixture *f, gconstpointer data)
{
  static const char WORDS[]
      = "a=ice-options:trickle renomination ice2 rtp+ecn x-later\r\n"
        "a=ice-pacing:50\r\na=ice-later:1 2 3\r\n"
        "a=candidate:1 1 udp 2122194687 c0ffee.local 9 typ host generation 0\r\n"
        "a=candidate:2 1 tcp 1518280447 10.0.0.1 9 typ host tcptype active\r\n"
        "a=candidate:3 1 quic 1 ::1 9 typ later\r\n";
  g_autofree char *offer = peer_make_offer (&f->peers[0]);
  const char *at = strstr (offer, "a=ice-pwd:");
  g_autofree char *changed = NULL;
  g_autoptr (HjLinkMessage) reply = NULL;

  g_assert_nonnull (at);
  changed = g_strdup_printf ("%.*s%s%s", (int)(at - offer), offer, WORDS, at);
  open_room (f);
  reply = add_leg_with (f, 0, 0, changed);
  g_assert_cmpstr (reply->detail, ==, NULL);
  g_assert_true (reply->ok);
  peer_take_answer (&f->peers[0], reply->answer);
  peer_check (&f->peers[0], TRUE);
  settle (f);
  g_assert_cmpuint (count_news (f, 0, HJ_LINK_CONNECTED), ==, 1);
}

static void
a_room_may_have_both_families (Fixture *f, gconstpointer data)
{
  move (f, 1, "2001:db8::7", 6000);
  two_admitted (f);
  assert_both_hear (f, 10);
  move (f, 1, "10.0.0.7", 6000);
  peer_check (&f->peers[1], TRUE);
  settle (f);
  assert_both_hear (f, 11);
  move (f, 1, "2001:db8::8", 6000);
  peer_check (&f->peers[1], TRUE);
  settle (f);
  assert_both_hear (f, 12);
}

/* Whoever has read a name on the way, but has no password. */
static void
checks_that_are_not_authentic_are_not_answered_and_move_nothing (Fixture *f, gconstpointer data)
{
  guint8 request[HJ_STUN_MAX_MESSAGE];
  g_autofree char *username = NULL;

  two_admitted (f);
  username = g_strconcat (f->peers[0].remote_ufrag, ":", f->peers[0].ufrag, NULL);
  forget_sent (f);
  for (guint n = 0; n < 10000; n++)
    {
      HjStunCheck check = { .username = username,
        .password = "a-password-that-is-wrong-0",
        .use_candidate = TRUE,
        .controlling = TRUE };
      HjAddress stranger;
      gsize length = 0;

      memcpy (check.transaction_id, &n, sizeof n);
      length = hj_stun_write_binding_request (request, sizeof request, &check);
      g_assert_cmpuint (length, >, 0);
      g_assert_true (hj_address_parse (&stranger, "10.0.0.66", (guint16)(1024 + n)));
      to_relay (f, &stranger, request, length);
      if (n % 1000 == 0)
        f->now_us += G_TIME_SPAN_SECOND / 10;
    }
  g_assert_cmpuint (g_queue_get_length (&f->outbox.sent), ==, 0);
  g_assert_cmpint (count_dropped (f, "stun-integrity"), ==, 10000);
  assert_both_hear (f, 10);
  g_assert_cmpuint (count_news (f, 0, HJ_LINK_CONNECTED), ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) add_test ("connectivity", #name, name)
  ADD (after_a_restart_the_old_credentials_are_refused);
  ADD (until_the_restarted_one_checks_the_old_path_goes_on);
  ADD (a_nat_that_takes_another_port_keeps_the_leg);
  ADD (without_consent_nothing_is_sent_any_more);
  ADD (checks_alone_keep_consent);
  ADD (unknown_words_of_ice_are_passed_over);
  ADD (a_room_may_have_both_families);
  ADD (checks_that_are_not_authentic_are_not_answered_and_move_nothing);
  return g_test_run ();
}
