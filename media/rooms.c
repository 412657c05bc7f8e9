/* SPDX-License-Identifier: Apache-2.0 */
/* All rooms of one relay worker: which leg a datagram belongs to (RFC 7983, RFC 8445), and what huijiand orders. Owned by
 * the streaming thread of its pipeline; now_us is that thread's monotonic time, so tests can set it. docs/protocol.md
 * section 3 has the orders. */

#include "media/rooms.h"

#include <string.h>

#include "media/wire/error.h"
#include "media/leg-debug.h"
#include "media/rooms-private.h"
#include "media/wire/stun.h"

/* identity, outbox: not owned, outlive the rooms. capacity: seats. */
HjRooms *
hj_rooms_new (HjDtlsIdentity *identity, guint capacity, HjOutbox *outbox, HjRoomsNews news,
    gpointer news_data)
{
  HjRooms *self = g_new0 (HjRooms, 1);

  self->identity = identity;
  self->capacity = capacity;
  self->outbox = outbox;
  self->news = news;
  self->news_data = news_data;
  self->candidates = g_array_new (FALSE, FALSE, sizeof (HjAddress));
  self->rooms = g_hash_table_new (g_str_hash, g_str_equal);
  self->legs = g_ptr_array_new ();
  self->by_ufrag = g_hash_table_new (g_str_hash, g_str_equal);
  self->by_address = g_hash_table_new (hj_address_hash, hj_address_equal);
  self->pacing = g_ptr_array_new ();
  return self;
}

static void
close_room (HjRooms *self, HjRoom *room)
{
  for (guint i = 0; i < HJ_SEATS; i++)
    {
      if (room->seats[i].taken)
        self->n_seats--;
      g_clear_pointer (&room->seats[i].leg, hj_leg_free);
    }
  g_hash_table_remove (self->rooms, room->id);
  g_free (room);
}

/* Ends every leg with a close_notify, which is in the outbox afterwards. */
void
hj_rooms_close (HjRooms *self)
{
  g_autoptr (GList) rooms = g_hash_table_get_values (self->rooms);

  for (GList *item = rooms; item != NULL; item = item->next)
    close_room (self, item->data);
}

/* Tells of each leg that it is gone: the worker stops without having been asked to, and whoever is in a room must offer
 * anew. */
void
hj_rooms_abandon (const HjRooms *self, gint64 now_us)
{
  for (guint i = 0; i < self->legs->len; i++)
    {
      HjLeg *leg = self->legs->pdata[i];

      if (leg->state != HJ_LEG_GONE)
        hj_leg_tell (leg, HJ_LINK_GONE, now_us - leg->heard_us);
    }
}

/* No new room from now on; those that are open go on, and take legs. */
void
hj_rooms_drain (HjRooms *self)
{
  self->draining = TRUE;
}

void
hj_rooms_free (HjRooms *self)
{
  if (self == NULL)
    return;
  hj_rooms_close (self);
  g_array_unref (self->candidates);
  g_hash_table_unref (self->rooms);
  g_ptr_array_unref (self->legs);
  g_hash_table_unref (self->by_ufrag);
  g_hash_table_unref (self->by_address);
  g_ptr_array_unref (self->pacing);
  g_free (self);
}

/* One address for the answers, best first. */
void
hj_rooms_add_candidate (HjRooms *self, const HjAddress *candidate)
{
  g_array_append_val (self->candidates, *candidate);
}

static HjSeat *
find_seat (HjRoom *room, const char *id)
{
  for (guint i = 0; i < HJ_SEATS; i++)
    if (room->seats[i].taken && strcmp (room->seats[i].id, id) == 0)
      return &room->seats[i];
  return NULL;
}

static HjLinkMessage *
open_room (HjRooms *self, const HjLinkMessage *request)
{
  HjRoom *room = g_hash_table_lookup (self->rooms, request->room);

  if (room != NULL)
    return hj_link_reply_ok (request->id, NULL);
  if (self->draining)
    return hj_link_reply_refused (request->id, HJ_LINK_FULL, "this node is draining");
  /* A room of two must fit; the others of five come later or are refused by add-leg. */
  if (self->n_seats + 2 > self->capacity || g_hash_table_size (self->rooms) >= self->capacity)
    return hj_link_reply_refused (request->id, HJ_LINK_FULL, "no seats left on this node");
  room = g_new0 (HjRoom, 1);
  g_strlcpy (room->id, request->room, sizeof room->id);
  g_hash_table_insert (self->rooms, room->id, room);
  return hj_link_reply_ok (request->id, NULL);
}

static HjLinkMessage *
answer_offer (HjRooms *self, const HjLinkMessage *request, const HjLeg *leg)
{
  g_autofree char *answer = hj_sdp_write_answer (&leg->offer, &leg->local,
      hj_dtls_identity_get_fingerprint (self->identity), (HjAddress *)self->candidates->data,
      self->candidates->len);

  return hj_link_reply_ok (request->id, answer);
}

/* The seat of that id, or a free one of that number. NULL with the refusal in *refusal. */
static HjSeat *
take_seat (HjRooms *self, HjRoom *room, const HjLinkMessage *request, HjLinkMessage **refusal)
{
  HjSeat *seat = find_seat (room, request->seat);

  if (seat == &room->seats[request->number])
    return seat;
  if (seat != NULL || room->seats[request->number].taken)
    *refusal = hj_link_reply_refused (
        request->id, HJ_LINK_NO_SEAT, "this number belongs to another seat");
  else if (self->n_seats >= self->capacity)
    *refusal = hj_link_reply_refused (request->id, HJ_LINK_FULL, "no seats left on this node");
  if (*refusal != NULL)
    return NULL;
  seat = &room->seats[request->number];
  *seat = (HjSeat){ .taken = TRUE };
  g_strlcpy (seat->id, request->seat, sizeof seat->id);
  self->n_seats++;
  return seat;
}

/* The same peer connection again (a renegotiation or an ICE restart) keeps its keys; anybody else gets a new leg in
 * the seat, which stays admitted. */
static HjLinkMessage *
add_leg (HjRooms *self, const HjLinkMessage *request, gint64 now_us)
{
  HjRoom *room = g_hash_table_lookup (self->rooms, request->room);
  HjSrtpProfile profile = request->cm ? HJ_SRTP_AES128_CM_SHA1_80 : HJ_SRTP_AEAD_AES_128_GCM;
  g_autofree HjSdpOffer *offer = NULL;
  g_autoptr (GError) error = NULL;
  HjLinkMessage *refusal = NULL;
  HjSeat *seat = NULL;

  if (room == NULL)
    return hj_link_reply_refused (request->id, HJ_LINK_NO_ROOM, "open-room comes first");
  offer = g_new (HjSdpOffer, 1);
  if (!hj_sdp_parse_offer (request->offer, offer, &error))
    return hj_link_reply_refused (request->id, HJ_LINK_BAD_OFFER, error->message);
  seat = take_seat (self, room, request, &refusal);
  if (seat == NULL)
    return refusal;
  if (seat->leg == NULL || !hj_leg_take_offer (seat->leg, offer, profile))
    {
      g_clear_pointer (&seat->leg, hj_leg_free);
      seat->leg = hj_leg_new (self, room, (guint)request->number, offer, profile, now_us);
    }
  hj_leg_choose_red (seat->leg);
  return answer_offer (self, request, seat->leg);
}

/* All or nothing, so that an order with a wrong seat opens no route. Every source is asked for a keyframe at once, so
 * that the first picture comes as fast as the camera can. */
static HjLinkMessage *
admit (HjRooms *self, const HjLinkMessage *request, gint64 now_us)
{
  HjRoom *room = g_hash_table_lookup (self->rooms, request->room);

  if (room == NULL)
    return hj_link_reply_refused (request->id, HJ_LINK_NO_ROOM, "no such room");
  for (guint i = 0; i < request->seats->len; i++)
    if (find_seat (room, request->seats->pdata[i]) == NULL)
      return hj_link_reply_refused (request->id, HJ_LINK_NO_SEAT, request->seats->pdata[i]);
  for (guint i = 0; i < request->seats->len; i++)
    {
      find_seat (room, request->seats->pdata[i])->admitted = TRUE;
      GST_CAT_INFO (hj_leg_debug, "seat %s: admitted", (char *)request->seats->pdata[i]);
    }
  for (guint i = 0; i < HJ_SEATS; i++)
    if (room->seats[i].admitted && hj_leg_is_up (room->seats[i].leg))
      hj_leg_want_key (room->seats[i].leg, now_us);
  return hj_link_reply_ok (request->id, NULL);
}

static HjLinkMessage *
remove_leg (HjRooms *self, const HjLinkMessage *request)
{
  HjRoom *room = g_hash_table_lookup (self->rooms, request->room);
  HjSeat *seat = room != NULL ? find_seat (room, request->seat) : NULL;

  if (seat != NULL)
    {
      g_clear_pointer (&seat->leg, hj_leg_free);
      *seat = (HjSeat){ 0 };
      self->n_seats--;
    }
  return hj_link_reply_ok (request->id, NULL);
}

/* Carries out one request of huijiand. Each may be repeated: what is so already is answered with ok.
 * Returns: (transfer full): the reply. */
HjLinkMessage *
hj_rooms_obey (HjRooms *self, const HjLinkMessage *request, gint64 now_us)
{
  HjRoom *room = NULL;

  switch (request->verb)
    {
    case HJ_LINK_OPEN_ROOM:
      return open_room (self, request);
    case HJ_LINK_ADD_LEG:
      return add_leg (self, request, now_us);
    case HJ_LINK_ADMIT:
      return admit (self, request, now_us);
    case HJ_LINK_REMOVE_LEG:
      return remove_leg (self, request);
    case HJ_LINK_CLOSE_ROOM:
      room = g_hash_table_lookup (self->rooms, request->room);
      if (room != NULL)
        close_room (self, room);
      return hj_link_reply_ok (request->id, NULL);
    default:
      g_return_val_if_reached (
          hj_link_reply_refused (request->id, HJ_LINK_BAD_MESSAGE, "not a request"));
    }
}

/* A check names its leg by the first half of USERNAME (RFC 8445 7.3). */
static void
take_stun (HjRooms *self, const guint8 *data, gsize length, const HjAddress *from, gint64 now_us)
{
  HjStunMessage message;
  const char *ufrag = NULL;
  gsize ufrag_length = 0;
  char key[HJ_ICE_UFRAG + 1] = "";
  HjLeg *leg = NULL;

  if (!hj_stun_parse (data, length, &message, NULL))
    {
      hj_rooms_drop (self, HJ_DROP_STUN_MALFORMED);
      return;
    }
  if (message.type != HJ_STUN_BINDING_REQUEST)
    {
      hj_rooms_drop (self, HJ_DROP_STUN_OTHER);
      return;
    }
  if (hj_stun_username_local (&message, &ufrag, &ufrag_length) && ufrag_length == HJ_ICE_UFRAG)
    {
      memcpy (key, ufrag, HJ_ICE_UFRAG);
      leg = g_hash_table_lookup (self->by_ufrag, key);
    }
  if (leg == NULL)
    hj_rooms_drop (self, HJ_DROP_STUN_UNKNOWN_USER);
  else
    hj_leg_take_stun (leg, data, length, from, now_us);
}

static void
take_for_leg (HjRooms *self, guint8 *data, gsize length, const HjAddress *from, gint64 now_us)
{
  HjLeg *leg = g_hash_table_lookup (self->by_address, from);

  if (leg == NULL)
    hj_rooms_drop (self, HJ_DROP_UNKNOWN_ADDRESS);
  else if (hj_dtls_is_message (data, length))
    hj_leg_take_dtls (leg, data, length, now_us);
  else if (leg->in == NULL)
    hj_rooms_drop (self, HJ_DROP_EARLY);
  else if (hj_rtp_is_rtcp (data, length))
    hj_leg_take_srtcp (leg, data, length, from, now_us);
  else
    hj_leg_take_srtp (leg, data, length, from, now_us);
}

/* Frees what ended. Called at the end of each way in, never while a leg is in use. Strangers' rubbish comes here too, so it
 * costs nothing where nothing ended. */
static void
bury (HjRooms *self)
{
  for (guint i = self->legs->len; i > 0 && self->n_gone > 0; i--)
    {
      HjLeg *leg = self->legs->pdata[i - 1];

      if (leg->state == HJ_LEG_GONE)
        {
          hj_leg_seat (leg)->leg = NULL;
          hj_leg_free (leg);
        }
    }
}

/* data: one datagram with HJ_PACKET_HEADROOM writable bytes before it; overwritten. */
void
hj_rooms_receive (HjRooms *self, guint8 *data, gsize length, const HjAddress *from, gint64 now_us)
{
  gboolean media = length > 0 && data[0] >= 128 && data[0] <= 191;

  self->packets_in++;
  /* Nothing can be sent to port 0, and a leg learns its address by STUN alone. */
  if (hj_stun_is_message (data, length) && hj_address_get_port (from) != 0)
    take_stun (self, data, length, from, now_us);
  else if (media || hj_dtls_is_message (data, length))
    take_for_leg (self, data, length, from, now_us);
  else
    hj_rooms_drop (self, HJ_DROP_UNKNOWN_KIND);
  if (!media)
    bury (self);
}

/* Timers: DTLS repetitions, consent, reports. At least every 20 ms, and after orders. */
void
hj_rooms_tick (HjRooms *self, gint64 now_us)
{
  for (guint i = 0; i < self->legs->len; i++)
    hj_leg_tick (self->legs->pdata[i], now_us);
  bury (self);
  hj_rooms_pace (self, now_us);
}

/* Adds the rooms to a register. */
void
hj_rooms_list (const HjRooms *self, HjLinkMessage *message)
{
  GHashTableIter iter;
  gpointer value = NULL;

  g_hash_table_iter_init (&iter, self->rooms);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const HjRoom *room = value;
      HjLinkRoom *entry = hj_link_add_room (message, room->id);

      for (guint i = 0; i < HJ_SEATS; i++)
        if (room->seats[i].taken)
          hj_link_add_seat (entry, room->seats[i].id, i, hj_leg_is_up (room->seats[i].leg),
              room->seats[i].admitted);
    }
}

/* Adds the counters to a statistics; packet counts are sums over workers, so this may be called for several. */
void
hj_rooms_count (const HjRooms *self, HjLinkMessage *message)
{
  message->packets_in += (gint64)self->packets_in;
  message->packets_out += (gint64)self->packets_out;
  for (guint i = 0; i < HJ_DROP_N; i++)
    if (self->dropped[i] > 0)
      hj_link_add_drop (message, hj_drop_to_string ((HjDrop)i), (gint64)self->dropped[i]);
  for (guint i = 0; i < self->legs->len; i++)
    {
      const HjLeg *leg = self->legs->pdata[i];

      HjLinkLeg *entry = hj_link_add_leg (message, leg->room->id, hj_leg_seat (leg)->id,
          (gint64)leg->packets_in, (gint64)leg->packets_out);

      if (message->legs->len <= HJ_LEGS_IN_DETAIL)
        hj_leg_describe (leg, entry);
    }
}
