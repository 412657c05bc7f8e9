/* SPDX-License-Identifier: Apache-2.0 */
/* A leg's transport: ICE-lite (RFC 8445 2.5, the peer controls), consent and the DTLS handshake, in which the relay is the
 * client: its first flight leaves with the answer to the first check (MEDIA.md, "Join time"). On the relay thread. */

#include <openssl/crypto.h>
#include <string.h>

#include "media/leg-debug.h"
#include "media/rooms-private.h"
#include "media/wire/stun.h"

/* A check from elsewhere moves the leg, though it nominates nothing, when the address in use has been quiet so long:
 * a peer behind a NAT that gave it a new port, whose agent nominates only once. */
#define ADDRESS_QUIET_US (2 * G_TIME_SPAN_SECOND)

/* How long nobody else gets an address: browsers check every 2.5 s, and anybody who has credentials can write another's
 * address into a check. */
#define ADDRESS_HELD_US (5 * G_TIME_SPAN_SECOND)

static void
send_to (HjLeg *self, gsize length, const HjAddress *to)
{
  HjOutbox *outbox = self->rooms->outbox;

  if (length > 0)
    outbox->send (outbox, length, to);
}

static int
find_address (const HjLeg *self, const HjAddress *address)
{
  for (guint i = 0; i < self->n_addresses; i++)
    if (hj_address_equal (&self->addresses[i], address))
      return (int)i;
  return -1;
}

static void
rehash_addresses (HjLeg *self)
{
  for (guint i = 0; i < self->n_addresses; i++)
    g_hash_table_replace (self->rooms->by_address, &self->addresses[i], self);
}

static void
drop_address (HjLeg *self, guint index)
{
  for (guint i = 0; i < self->n_addresses; i++)
    g_hash_table_remove (self->rooms->by_address, &self->addresses[i]);
  self->n_addresses--;
  memmove (&self->addresses[index], &self->addresses[index + 1],
      (self->n_addresses - index) * sizeof self->addresses[0]);
  memmove (&self->addresses_heard_us[index], &self->addresses_heard_us[index + 1],
      (self->n_addresses - index) * sizeof self->addresses_heard_us[0]);
  if (self->address > index)
    self->address--;
  else if (self->address == index)
    {
      self->address = 0;
      self->nominated = FALSE;
      if (self->n_addresses > 0)
        self->heard_us = self->addresses_heard_us[0];
    }
  rehash_addresses (self);
}

void
hj_leg_forget_addresses (HjLeg *self)
{
  for (guint i = 0; i < self->n_addresses; i++)
    g_hash_table_remove (self->rooms->by_address, &self->addresses[i]);
  self->n_addresses = 0;
}

/* The address is this leg's from now on, even if another had it: a NAT or a reloaded page may reuse a port. But not while
 * the other is heard from it. Returns: its index, -1: it stays the other's. */
static int
learn_address (HjLeg *self, const HjAddress *address, gint64 now_us)
{
  HjLeg *other = g_hash_table_lookup (self->rooms->by_address, address);
  int index = other != NULL ? find_address (other, address) : -1;

  if (other == self)
    return index;
  if (other != NULL)
    {
      if (hj_leg_is_up (other) && now_us - other->addresses_heard_us[index] < ADDRESS_HELD_US)
        return -1;
      drop_address (other, (guint)index);
    }
  if (self->n_addresses == HJ_LEG_ADDRESSES)
    drop_address (self, self->address == 0 ? 1 : 0);
  index = (int)self->n_addresses++;
  self->addresses[index] = *address;
  g_hash_table_replace (self->rooms->by_address, &self->addresses[index], self);
  return index;
}

/* Something authentic came. That is consent for the address that it came from, and for no other (RFC 7675 5.1). */
void
hj_leg_heard (HjLeg *self, const HjAddress *from, gint64 now_us)
{
  int index = -1;

  if (hj_address_equal (&self->addresses[self->address], from))
    {
      self->addresses_heard_us[self->address] = now_us;
      self->heard_us = now_us;
      if (self->state == HJ_LEG_SILENT && hj_leg_move (self, HJ_LEG_CONNECTED))
        hj_leg_tell (self, HJ_LINK_RETURNED, 0);
      return;
    }
  index = find_address (self, from);
  if (index >= 0)
    self->addresses_heard_us[index] = now_us;
}

static void
choose_address (HjLeg *self, guint index, gboolean nominated, gint64 now_us)
{
  gboolean first = self->state == HJ_LEG_NEW;
  gboolean quiet = now_us - self->heard_us > ADDRESS_QUIET_US;

  if (!first && !nominated && !quiet)
    return;
  if (self->address != index)
    {
      self->heard_us = now_us;
      GST_CAT_DEBUG (hj_leg_debug, "seat %s: sends to address %u of %u, %s", hj_leg_seat (self)->id,
          index + 1, self->n_addresses, nominated ? "nominated" : "the other is quiet");
    }
  self->address = index;
  self->nominated = self->nominated || nominated;
}

static void
send_dtls (HjLeg *self)
{
  HjOutbox *outbox = self->rooms->outbox;
  gssize length = 0;

  do
    {
      length = hj_dtls_take_datagram (self->dtls, outbox->reserve (outbox), HJ_DATAGRAM_MAX);
      if (length > 0 && self->n_addresses > 0)
        send_to (self, (gsize)length, &self->addresses[self->address]);
    }
  while (length > 0);
}

static void
end (HjLeg *self)
{
  if (hj_leg_move (self, HJ_LEG_GONE))
    hj_leg_tell (self, HJ_LINK_GONE, 0);
}

static void
start_dtls (HjLeg *self)
{
  g_autofree char *fingerprint = g_strconcat ("sha-256 ", self->offer.fingerprint, NULL);
  g_autoptr (GError) error = NULL;

  self->dtls
      = hj_dtls_new (self->rooms->identity, HJ_DTLS_CLIENT, fingerprint, self->profile, &error);
  if (self->dtls == NULL)
    {
      g_warning ("DTLS of seat %s: %s", hj_leg_seat (self)->id, error->message);
      end (self);
      return;
    }
  hj_leg_move (self, HJ_LEG_CHECKED);
  hj_dtls_start (self->dtls);
  send_dtls (self);
}

/* Refusals of an authentic check (RFC 8489 6.3.1, RFC 8445 7.3.1.1: a lite agent is controlled and stays so).
 * Returns: TRUE when the check was refused. */
static gboolean
refuse_check (HjLeg *self, const HjStunMessage *message, const HjAddress *from)
{
  HjOutbox *outbox = self->rooms->outbox;
  int code = message->n_unknown > 0 ? 420 : message->ice_controlled ? 487 : 0;

  if (code == 0)
    return FALSE;
  GST_CAT_LOG (hj_leg_debug, "seat %s: check refused, %d", hj_leg_seat (self)->id, code);
  hj_rooms_drop (self->rooms, HJ_DROP_STUN_OTHER);
  send_to (self,
      hj_stun_write_binding_error (outbox->reserve (outbox), HJ_DATAGRAM_MAX, message, code,
          code == 420 ? "Unknown Attribute" : "Role Conflict", self->local.pwd),
      from);
  return TRUE;
}

/* data: a binding request that named this leg. What is not authentic gets no answer: it would tell a stranger that the
 * name is right. */
void
hj_leg_take_stun (
    HjLeg *self, const guint8 *data, gsize length, const HjAddress *from, gint64 now_us)
{
  HjOutbox *outbox = self->rooms->outbox;
  HjStunMessage message;
  int address = -1;

  if (!hj_stun_parse (data, length, &message, NULL)
      || !hj_stun_username_is (&message, self->local.ufrag, self->offer.ufrag)
      || !hj_stun_check_integrity (data, length, &message, self->local.pwd))
    {
      hj_rooms_drop (self->rooms, HJ_DROP_STUN_INTEGRITY);
      return;
    }
  if (refuse_check (self, &message, from))
    return;
  address = learn_address (self, from, now_us);
  if (address < 0)
    {
      hj_rooms_drop (self->rooms, HJ_DROP_ADDRESS_TAKEN);
      return;
    }
  choose_address (self, (guint)address, message.use_candidate, now_us);
  hj_leg_heard (self, from, now_us);
  send_to (self,
      hj_stun_write_binding_success (
          outbox->reserve (outbox), HJ_DATAGRAM_MAX, &message, &from->any, self->local.pwd),
      from);
  if (self->dtls == NULL)
    start_dtls (self);
}

static void
take_keys (HjLeg *self)
{
  HjSrtpProfile profile = 0;
  HjSrtpKeys local;
  HjSrtpKeys remote;
  g_autoptr (GError) error = NULL;

  if (!hj_dtls_get_srtp_keys (self->dtls, &profile, &local, &remote))
    return;
  self->out = hj_srtp_new (profile, &local, &error);
  if (self->out != NULL)
    self->in = hj_srtp_new (profile, &remote, &error);
  OPENSSL_cleanse (&local, sizeof local);
  OPENSSL_cleanse (&remote, sizeof remote);
  if (self->in == NULL)
    {
      g_critical ("SRTP: %s", error->message);
      end (self);
      return;
    }
  GST_CAT_DEBUG (hj_leg_debug, "seat %s: has keys, %s", hj_leg_seat (self)->id,
      profile == HJ_SRTP_AEAD_AES_128_GCM ? "AES-128-GCM" : "AES-128-CM");
}

/* After each step of DTLS. */
static void
follow_dtls (HjLeg *self, gint64 now_us)
{
  send_dtls (self);
  switch (hj_dtls_get_state (self->dtls))
    {
    case HJ_DTLS_CONNECTED:
      if (self->state != HJ_LEG_CHECKED)
        break;
      take_keys (self);
      if (!hj_leg_move (self, HJ_LEG_CONNECTED))
        break;
      hj_leg_tell (self, HJ_LINK_CONNECTED, 0);
      if (hj_leg_seat (self)->admitted)
        for (guint i = 0; i < HJ_SEATS; i++)
          if (hj_leg_is_up (self->room->seats[i].leg))
            hj_leg_want_key (self->room->seats[i].leg, now_us);
      break;
    case HJ_DTLS_CLOSED:
    case HJ_DTLS_FAILED:
      end (self);
      break;
    default:
      break;
    }
}

void
hj_leg_take_dtls (HjLeg *self, const guint8 *data, gsize length, gint64 now_us)
{
  g_autoptr (GError) error = NULL;

  if (self->dtls == NULL)
    {
      hj_rooms_drop (self->rooms, HJ_DROP_DTLS);
      return;
    }
  if (!hj_dtls_receive (self->dtls, data, length, &error))
    {
      hj_rooms_drop (self->rooms, HJ_DROP_DTLS);
      if (error != NULL)
        g_message ("DTLS of seat %s: %s", hj_leg_seat (self)->id, error->message);
    }
  follow_dtls (self, now_us);
}

void
hj_leg_tick_dtls (HjLeg *self, gint64 now_us)
{
  if (self->state != HJ_LEG_CHECKED)
    return;
  hj_dtls_handle_timeout (self->dtls);
  follow_dtls (self, now_us);
}

/* Frees the session; its close_notify is in the outbox afterwards. */
void
hj_leg_close_dtls (HjLeg *self)
{
  if (self->dtls == NULL)
    return;
  hj_dtls_close (self->dtls);
  send_dtls (self);
  g_clear_pointer (&self->dtls, hj_dtls_free);
}
