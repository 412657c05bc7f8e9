/* SPDX-License-Identifier: Apache-2.0 */
/* Rooms, legs and routes of one relay worker: who hears whom, and when; who is silent, gone, back, replaced. */

#include <string.h>

#include "src/base/ids.h"
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

static void
an_address_goes_to_whom_it_proves_last (Fixture *f, gconstpointer data)
{
  g_autoptr (HjLinkMessage) removed = NULL;

  two_admitted (f);
  f->peers[1].address = f->peers[0].address;
  peer_check (&f->peers[1], TRUE);
  peer_send_audio (&f->peers[1], 1, 0);
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
  g_assert_cmpstr (first, ==, "111 63"); /* nobody is there who takes it */
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
  send_red (f, 0, 7); /* was not asked to */
  g_assert_cmpint (count_dropped (f, "rtp-unmapped"), ==, 1);
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
}

static void
who_comes_later_and_takes_sound_once_only_is_heard_to (Fixture *f, gconstpointer data)
{
  g_autofree char *formats = NULL;

  f->peers[0].style.red = f->peers[1].style.red = 63;
  two_admitted (f);
  connect_leg (f, 2);
  g_assert_cmpuint (count_news (f, 0, HJ_LINK_GONE), ==, 0); /* sends it once anyway */
  g_assert_cmpuint (count_news (f, 1, HJ_LINK_GONE), ==, 1);
  advance (f, 20000);
  formats = audio_formats (f, 1);
  g_assert_cmpstr (formats, ==, "111 63");
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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_test ("room", "a-leg-connects-and-says-so", a_leg_connects_and_says_so);
  add_test ("room", "a-leg-that-asks-for-cm-gets-cm", a_leg_that_asks_for_cm_gets_cm);
  add_test ("room", "a-peer-without-gcm-does-not-connect-unless-asked-for",
      a_peer_without_gcm_does_not_connect_unless_asked_for);
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
  add_test ("room", "a-wrong-password-is-not-answered", a_wrong_password_is_not_answered);
  add_test ("room", "a-wrong-remote-ufrag-is-not-answered", a_wrong_remote_ufrag_is_not_answered);
  add_test ("room", "an-unknown-ufrag-is-dropped", an_unknown_ufrag_is_dropped);
  add_test ("room", "a-controlled-peer-is-told-its-role", a_controlled_peer_is_told_its_role);
  add_test ("room", "a-wrong-fingerprint-never-connects", a_wrong_fingerprint_never_connects);
  add_test ("room", "media-from-an-unproved-address-is-dropped",
      media_from_an_unproved_address_is_dropped);
  add_test ("room", "a-peer-that-moves-is-followed", a_peer_that_moves_is_followed);
  add_test ("room", "many-addresses-of-one-peer-do-no-harm", many_addresses_of_one_peer_do_no_harm);
  add_test (
      "room", "an-address-goes-to-whom-it-proves-last", an_address_goes_to_whom_it_proves_last);
  add_test ("room", "forged-and-replayed-media-is-dropped", forged_and_replayed_media_is_dropped);
  add_test ("room", "rubbish-is-counted-and-does-no-harm", rubbish_is_counted_and_does_no_harm);
  add_test ("room", "other-payload-types-are-dropped", other_payload_types_are_dropped);
  add_test ("room", "a-quiet-leg-is-silent-then-gone", a_quiet_leg_is_silent_then_gone);
  add_test ("room", "a-leg-that-never-checks-is-gone", a_leg_that_never_checks_is_gone);
  add_test ("room", "a-closed-peer-is-gone-at-once", a_closed_peer_is_gone_at_once);
  add_test ("room", "a-reloaded-page-takes-its-seat-again", a_reloaded_page_takes_its_seat_again);
  add_test ("room", "an-ice-restart-keeps-keys-and-sources", an_ice_restart_keeps_keys_and_sources);
  add_test ("room", "orders-may-be-repeated", orders_may_be_repeated);
  add_test ("room", "a-removed-seat-hears-good-bye-and-nothing-more",
      a_removed_seat_hears_good_bye_and_nothing_more);
  add_test ("room", "a-closed-room-says-good-bye-to-all", a_closed_room_says_good_bye_to_all);
  add_test ("room", "impossible-orders-are-refused", impossible_orders_are_refused);
  add_test ("room", "a-full-node-says-so", a_full_node_says_so);
  add_test (
      "room", "sender-reports-come-in-the-slots-numbers", sender_reports_come_in_the_slots_numbers);
  add_test ("room", "senders-get-reports-and-transport-feedback",
      senders_get_reports_and_transport_feedback);
  add_test ("room", "sound-is-sent-twice-where-all-take-it", sound_is_sent_twice_where_all_take_it);
  add_test ("room", "who-takes-sound-once-only-is-not-sent-it-twice",
      who_takes_sound_once_only_is_not_sent_it_twice);
  add_test ("room", "who-comes-later-and-takes-sound-once-only-is-heard-to",
      who_comes_later_and_takes_sound_once_only_is_heard_to);
  add_test ("room", "without-consent-nothing-is-sent", without_consent_nothing_is_sent);
  return g_test_run ();
}
