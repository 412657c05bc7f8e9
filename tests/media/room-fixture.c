/* SPDX-License-Identifier: Apache-2.0 */
/* The relay's tables between browser-like peers: datagrams go by hand, orders are obeyed at once, nothing waits. */

#include "tests/media/room-fixture.h"

#include <string.h>

#include "src/base/ids.h"
#include "media/packet.h"

#define START_US (1000 * G_TIME_SPAN_SECOND)

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

guint
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

void
to_relay (gpointer data, const HjAddress *from, const guint8 *bytes, gsize length)
{
  Fixture *f = data;
  guint8 buffer[HJ_PACKET_HEADROOM + HJ_DATAGRAM_MAX];

  g_assert_cmpuint (length, <=, HJ_DATAGRAM_MAX);
  memcpy (buffer + HJ_PACKET_HEADROOM, bytes, length);
  hj_rooms_receive (f->rooms, buffer + HJ_PACKET_HEADROOM, length, from, f->now_us);
}

/* Gives the peers what the relay sent, and so on until nobody says anything. */
void
settle (Fixture *f)
{
  Datagram *datagram = NULL;

  while ((datagram = g_queue_pop_head (&f->outbox.sent)) != NULL)
    {
      for (guint i = 0; i < SEATS; i++)
        if (hj_address_equal (&f->peers[i].address, &datagram->to)
            && (f->loses == NULL || !f->loses (datagram)))
          peer_take (&f->peers[i], datagram->data, datagram->length);
      g_free (datagram);
    }
}

void
advance (Fixture *f, gint64 span_us)
{
  for (gint64 passed = 0; passed < span_us; passed += 20000)
    {
      f->now_us += MIN (20000, span_us - passed);
      hj_rooms_tick (f->rooms, f->now_us);
      settle (f);
    }
}

void
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

void
forget_sent (Fixture *f)
{
  g_queue_clear_full (&f->outbox.sent, free_datagram);
}

void
tear_down (Fixture *f, gconstpointer data)
{
  hj_rooms_free (f->rooms);
  for (guint i = 0; i < SEATS; i++)
    {
      peer_clear (&f->peers[i]);
      g_free (f->seats[i]);
    }
  forget_sent (f);
  g_free (f->outbox.reserved);
  hj_dtls_identity_free (f->identity);
  g_array_unref (f->news);
  g_free (f->room);
}

HjLinkMessage *
obey (Fixture *f, HjLinkMessage *request)
{
  g_autoptr (HjLinkMessage) owned = request;
  HjLinkMessage *reply = NULL;

  owned->id = ++f->next_id;
  reply = hj_rooms_obey (f->rooms, owned, f->now_us);
  g_assert_cmpint (reply->re, ==, owned->id);
  return reply;
}

HjLinkMessage *
request_new (Fixture *f, HjLinkVerb verb)
{
  HjLinkMessage *request = hj_link_message_new (verb);

  request->room = g_strdup (f->room);
  return request;
}

void
open_room (Fixture *f)
{
  g_autoptr (HjLinkMessage) reply = obey (f, request_new (f, HJ_LINK_OPEN_ROOM));

  g_assert_true (reply->ok);
}

HjLinkMessage *
add_leg_with (Fixture *f, guint seat, guint number, const char *offer)
{
  HjLinkMessage *request = request_new (f, HJ_LINK_ADD_LEG);

  request->seat = g_strdup (f->seats[seat]);
  request->number = number;
  request->offer = g_strdup (offer);
  request->cm = f->peers[seat].style.cm;
  return obey (f, request);
}

void
add_leg (Fixture *f, guint seat)
{
  g_autofree char *offer = peer_make_offer (&f->peers[seat]);
  g_autoptr (HjLinkMessage) reply = add_leg_with (f, seat, seat, offer);

  g_assert_cmpstr (reply->detail, ==, NULL);
  g_assert_true (reply->ok);
  peer_take_answer (&f->peers[seat], reply->answer);
}

void
connect_leg (Fixture *f, guint seat)
{
  add_leg (f, seat);
  peer_check (&f->peers[seat], TRUE);
  settle (f);
}

HjLinkMessage *
order_seat (Fixture *f, HjLinkVerb verb, const char *seat)
{
  HjLinkMessage *request = request_new (f, verb);

  request->seat = g_strdup (seat);
  return obey (f, request);
}

void
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

gint64
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

guint32
slot_ssrc (const Fixture *f, guint reader, guint source, HjMediaKind kind)
{
  return f->peers[reader].slot_ssrcs[source < reader ? source : source - 1][kind];
}

void
two_connected (Fixture *f)
{
  open_room (f);
  connect_leg (f, 0);
  connect_leg (f, 1);
}

void
two_admitted (Fixture *f)
{
  two_connected (f);
  admit (f, 2);
  peer_forget (&f->peers[0]);
  peer_forget (&f->peers[1]);
}

guint
count_rtcp (const Peer *peer, guint8 type, guint8 fmt)
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
        n += part.type == type && part.fmt == fmt;
    }
  return n;
}

void
add_test (const char *suite, const char *name, void (*test) (Fixture *f, gconstpointer data))
{
  g_autofree char *path = g_strdup_printf ("/%s/%s", suite, name);

  g_test_add (path, Fixture, NULL, set_up, test, tear_down);
}
