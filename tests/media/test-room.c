/* SPDX-License-Identifier: Apache-2.0 */
/* Rooms, legs and routes of one relay worker: browser-like peers on the other side of an outbox that is an array, and a
 * time that the test sets. Nothing here waits and nothing touches a network. */

#include <string.h>

#include "src/base/ids.h"
#include "media/packet.h"
#include "media/rooms.h"
#include "tests/media/peer.h"

#define SEATS 3
#define START_US (1000 * G_TIME_SPAN_SECOND)

typedef struct
{
  HjAddress to;
  guint8 data[HJ_DATAGRAM_MAX];
  gsize length;
} Datagram;

typedef struct
{
  HjOutbox base;
  Datagram *reserved;
  GQueue sent; /* Datagram * */
} Outbox;

typedef struct
{
  HjLinkEventKind kind;
  char seat[32];
  gint64 age_us;
} News;

typedef struct
{
  HjDtlsIdentity *identity;
  Outbox outbox;
  HjRooms *rooms;
  gint64 now_us;
  GArray *news;
  char *room;
  char *seats[SEATS];
  Peer peers[SEATS];
  gint64 next_id;
} Fixture;

static guint8 *
outbox_reserve (HjOutbox *base)
{
  Outbox *self = (Outbox *)base;

  if (self->reserved == NULL)
    self->reserved = g_new0 (Datagram, 1);
  return self->reserved->data;
}

static void
outbox_send (HjOutbox *base, gsize length, const HjAddress *to)
{
  Outbox *self = (Outbox *)base;

  g_assert_cmpuint (length, <=, HJ_DATAGRAM_MAX);
  self->reserved->length = length;
  self->reserved->to = *to;
  g_queue_push_tail (&self->sent, g_steal_pointer (&self->reserved));
}

static void
take_news (gpointer data, HjLinkEventKind kind, const char *room, const char *seat, gint64 age_us)
{
  Fixture *f = data;
  News news = { .kind = kind, .age_us = age_us };

  g_assert_cmpstr (room, ==, f->room);
  g_strlcpy (news.seat, seat, sizeof news.seat);
  g_array_append_val (f->news, news);
}

static guint
count_news (const Fixture *f, guint seat, HjLinkEventKind kind)
{
  guint n = 0;

  for (guint i = 0; i < f->news->len; i++)
    {
      const News *news = &g_array_index (f->news, News, i);

      n += news->kind == kind && g_str_equal (news->seat, f->seats[seat]);
    }
  return n;
}

static void
to_relay (gpointer data, const HjAddress *from, const guint8 *bytes, gsize length)
{
  Fixture *f = data;
  guint8 buffer[HJ_PACKET_HEADROOM + HJ_DATAGRAM_MAX];

  g_assert_cmpuint (length, <=, HJ_DATAGRAM_MAX);
  memcpy (buffer + HJ_PACKET_HEADROOM, bytes, length);
  hj_rooms_receive (f->rooms, buffer + HJ_PACKET_HEADROOM, length, from, f->now_us);
}

/* Gives the peers what the relay sent, and so on until nobody says anything. */
static void
settle (Fixture *f)
{
  Datagram *datagram = NULL;

  while ((datagram = g_queue_pop_head (&f->outbox.sent)) != NULL)
    {
      for (guint i = 0; i < SEATS; i++)
        if (hj_address_equal (&f->peers[i].address, &datagram->to))
          peer_take (&f->peers[i], datagram->data, datagram->length);
      g_free (datagram);
    }
}

static void
advance (Fixture *f, gint64 span_us)
{
  for (gint64 passed = 0; passed < span_us; passed += 20000)
    {
      f->now_us += MIN (20000, span_us - passed);
      hj_rooms_tick (f->rooms, f->now_us);
      settle (f);
    }
}

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  f->identity = hj_dtls_identity_new (&error);
  g_assert_no_error (error);
  f->outbox.base = (HjOutbox){ outbox_reserve, outbox_send };
  g_queue_init (&f->outbox.sent);
  f->now_us = START_US;
  f->rooms = hj_rooms_new (f->identity, 6, &f->outbox.base, take_news, f);
  f->news = g_array_new (FALSE, FALSE, sizeof (News));
  f->room = hj_id_new ();
  for (guint i = 0; i < SEATS; i++)
    {
      f->seats[i] = hj_id_new ();
      peer_init (&f->peers[i], &PEER_BROWSER, "10.0.0.1", (guint16)(5000 + i));
      f->peers[i].send = to_relay;
      f->peers[i].send_data = f;
    }
}

static void
free_datagram (gpointer datagram)
{
  g_free (datagram);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  hj_rooms_free (f->rooms);
  for (guint i = 0; i < SEATS; i++)
    {
      peer_clear (&f->peers[i]);
      g_free (f->seats[i]);
    }
  g_queue_clear_full (&f->outbox.sent, free_datagram);
  g_free (f->outbox.reserved);
  hj_dtls_identity_free (f->identity);
  g_array_unref (f->news);
  g_free (f->room);
}

static HjLinkMessage *
obey (Fixture *f, HjLinkMessage *request)
{
  g_autoptr (HjLinkMessage) owned = request;
  HjLinkMessage *reply = NULL;

  owned->id = ++f->next_id;
  reply = hj_rooms_obey (f->rooms, owned, f->now_us);
  g_assert_cmpint (reply->re, ==, owned->id);
  return reply;
}

static HjLinkMessage *
request_new (Fixture *f, HjLinkVerb verb)
{
  HjLinkMessage *request = hj_link_message_new (verb);

  request->room = g_strdup (f->room);
  return request;
}

static void
open_room (Fixture *f)
{
  g_autoptr (HjLinkMessage) reply = obey (f, request_new (f, HJ_LINK_OPEN_ROOM));

  g_assert_true (reply->ok);
}

static HjLinkMessage *
add_leg_with (Fixture *f, guint seat, guint number, const char *offer)
{
  HjLinkMessage *request = request_new (f, HJ_LINK_ADD_LEG);

  request->seat = g_strdup (f->seats[seat]);
  request->number = number;
  request->offer = g_strdup (offer);
  request->cm = f->peers[seat].style.cm;
  return obey (f, request);
}

static void
add_leg (Fixture *f, guint seat)
{
  g_autofree char *offer = peer_make_offer (&f->peers[seat]);
  g_autoptr (HjLinkMessage) reply = add_leg_with (f, seat, seat, offer);

  g_assert_cmpstr (reply->detail, ==, NULL);
  g_assert_true (reply->ok);
  peer_take_answer (&f->peers[seat], reply->answer);
}

static void
connect_leg (Fixture *f, guint seat)
{
  add_leg (f, seat);
  peer_check (&f->peers[seat], TRUE);
  settle (f);
}

static HjLinkMessage *
order_seat (Fixture *f, HjLinkVerb verb, const char *seat)
{
  HjLinkMessage *request = request_new (f, verb);

  request->seat = g_strdup (seat);
  return obey (f, request);
}

static void
admit (Fixture *f, guint n_seats)
{
  HjLinkMessage *request = request_new (f, HJ_LINK_ADMIT);
  g_autoptr (HjLinkMessage) reply = NULL;

  for (guint i = 0; i < n_seats; i++)
    g_ptr_array_add (request->seats, g_strdup (f->seats[i]));
  reply = obey (f, request);
  g_assert_true (reply->ok);
  settle (f);
}

static gint64
count_dropped (Fixture *f, const char *reason)
{
  g_autoptr (HjLinkMessage) statistics = hj_link_message_new (HJ_LINK_STATISTICS);

  hj_rooms_count (f->rooms, statistics);
  for (guint i = 0; i < statistics->dropped->len; i++)
    {
      const HjLinkDrop *drop = &g_array_index (statistics->dropped, HjLinkDrop, i);

      if (g_str_equal (drop->reason, reason))
        return drop->packets;
    }
  return 0;
}

static guint32
slot_ssrc (const Fixture *f, guint reader, guint source, HjMediaKind kind)
{
  return f->peers[reader].slot_ssrcs[source < reader ? source : source - 1][kind];
}

static void
two_connected (Fixture *f)
{
  open_room (f);
  connect_leg (f, 0);
  connect_leg (f, 1);
}

static void
two_admitted (Fixture *f)
{
  two_connected (f);
  admit (f, 2);
  peer_forget (&f->peers[0]);
  peer_forget (&f->peers[1]);
}

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
  g_assert_null (hj_rtp_find_extension (first->data, &first->view, 3, &length));
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

static guint
count_plis (const Peer *peer)
{
  guint n = 0;

  for (guint i = 0; i < peer->packets->len; i++)
    {
      PeerPacket *packet = peer->packets->pdata[i];
      HjRtcpPacket part;
      HjRtcpIter iter;

      if (!packet->rtcp)
        continue;
      hj_rtcp_iter_init (&iter, packet->data, packet->length);
      while (hj_rtcp_next (&iter, &part))
        n += part.type == HJ_RTCP_PSFB && part.fmt == HJ_PSFB_PLI;
    }
  return n;
}

static void
admit_asks_every_source_for_a_keyframe (Fixture *f, gconstpointer data)
{
  two_connected (f);
  for (guint i = 0; i < 2; i++)
    {
      peer_send_video (&f->peers[i], 1, 0, TRUE);
      settle (f);
      g_assert_cmpuint (count_plis (&f->peers[i]), ==, 0);
    }
  admit (f, 2);
  g_assert_cmpuint (count_plis (&f->peers[0]), ==, 1);
  g_assert_cmpuint (count_plis (&f->peers[1]), ==, 1);
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
  g_assert_cmpuint (count_plis (&f->peers[0]), ==, 1);
  advance (f, 2 * G_TIME_SPAN_SECOND); /* no keyframe comes */
  g_assert_cmpuint (count_plis (&f->peers[0]), >=, 4);
  peer_send_video (&f->peers[0], 2, 3000, TRUE);
  peer_forget (&f->peers[0]);
  advance (f, 2 * G_TIME_SPAN_SECOND);
  g_assert_cmpuint (count_plis (&f->peers[0]), ==, 0);
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
  two_admitted (f);
  f->peers[1].address = f->peers[0].address;
  peer_check (&f->peers[1], TRUE);
  peer_send_audio (&f->peers[1], 1, 0);
  g_assert_cmpint (count_dropped (f, "srtp-auth"), ==, 0);
  g_assert_cmpuint (count_news (f, 1, HJ_LINK_FLOWING), ==, 1);
  g_queue_clear_full (&f->outbox.sent, free_datagram);
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
add (const char *name, void (*test) (Fixture *f, gconstpointer data))
{
  g_autofree char *path = g_strconcat ("/room/", name, NULL);

  g_test_add (path, Fixture, NULL, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("a-leg-connects-and-says-so", a_leg_connects_and_says_so);
  add ("a-leg-that-asks-for-cm-gets-cm", a_leg_that_asks_for_cm_gets_cm);
  add ("a-peer-without-gcm-does-not-connect-unless-asked-for",
      a_peer_without_gcm_does_not_connect_unless_asked_for);
  add ("media-waits-for-admit", media_waits_for_admit);
  add ("one-admitted-seat-is-not-enough", one_admitted_seat_is_not_enough);
  add ("headers-are-the-slots-and-payload-is-the-senders",
      headers_are_the_slots_and_payload_is_the_senders);
  add ("three-seats-see-each-other-in-their-slots", three_seats_see_each_other_in_their_slots);
  add ("a-seat-without-a-camera-sees-and-is-heard", a_seat_without_a_camera_sees_and_is_heard);
  add ("video-begins-with-a-keyframe", video_begins_with_a_keyframe);
  add ("admit-asks-every-source-for-a-keyframe", admit_asks_every_source_for_a_keyframe);
  add (
      "keyframe-requests-are-throttled-and-repeated", keyframe_requests_are_throttled_and_repeated);
  add ("a-wrong-password-is-not-answered", a_wrong_password_is_not_answered);
  add ("a-wrong-remote-ufrag-is-not-answered", a_wrong_remote_ufrag_is_not_answered);
  add ("an-unknown-ufrag-is-dropped", an_unknown_ufrag_is_dropped);
  add ("a-controlled-peer-is-told-its-role", a_controlled_peer_is_told_its_role);
  add ("a-wrong-fingerprint-never-connects", a_wrong_fingerprint_never_connects);
  add ("media-from-an-unproved-address-is-dropped", media_from_an_unproved_address_is_dropped);
  add ("a-peer-that-moves-is-followed", a_peer_that_moves_is_followed);
  add ("many-addresses-of-one-peer-do-no-harm", many_addresses_of_one_peer_do_no_harm);
  add ("an-address-goes-to-whom-it-proves-last", an_address_goes_to_whom_it_proves_last);
  add ("forged-and-replayed-media-is-dropped", forged_and_replayed_media_is_dropped);
  add ("rubbish-is-counted-and-does-no-harm", rubbish_is_counted_and_does_no_harm);
  add ("other-payload-types-are-dropped", other_payload_types_are_dropped);
  add ("a-quiet-leg-is-silent-then-gone", a_quiet_leg_is_silent_then_gone);
  add ("a-leg-that-never-checks-is-gone", a_leg_that_never_checks_is_gone);
  add ("a-closed-peer-is-gone-at-once", a_closed_peer_is_gone_at_once);
  add ("a-reloaded-page-takes-its-seat-again", a_reloaded_page_takes_its_seat_again);
  add ("an-ice-restart-keeps-keys-and-sources", an_ice_restart_keeps_keys_and_sources);
  add ("orders-may-be-repeated", orders_may_be_repeated);
  add ("a-removed-seat-hears-good-bye-and-nothing-more",
      a_removed_seat_hears_good_bye_and_nothing_more);
  add ("a-closed-room-says-good-bye-to-all", a_closed_room_says_good_bye_to_all);
  add ("impossible-orders-are-refused", impossible_orders_are_refused);
  add ("a-full-node-says-so", a_full_node_says_so);
  add ("sender-reports-come-in-the-slots-numbers", sender_reports_come_in_the_slots_numbers);
  add ("senders-get-reports-and-transport-feedback", senders_get_reports_and_transport_feedback);
  return g_test_run ();
}
