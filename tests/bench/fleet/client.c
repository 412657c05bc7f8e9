/* SPDX-License-Identifier: Apache-2.0 */
/* One client of the fleet: STUN checks with USE-CANDIDATE (RFC 8445), consent every 2.5 s (RFC 7675), DTLS-SRTP in the role
 * that the SDP gave it (RFC 5764), SRTP. AEAD_AES_128_GCM alone: a server that wants another profile fails. One thread. */

#include "tests/bench/fleet/client.h"

#include <string.h>

#include "media/wire/rtp.h"
#include "media/wire/stun.h"

#define MS G_GINT64_CONSTANT (1000000)
#define CHECK_NS (2500 * MS)
#define RETRY_NS (200 * MS)

void
client_init (
    Client *self, guint index, const ClientTerms *terms, FleetNet *net, HjDtlsIdentity *identity)
{
  memset (self, 0, sizeof *self);
  self->index = index;
  self->terms = *terms;
  self->net = net;
  self->identity = identity;
  self->last_twcc = -1;
}

void
client_clear (Client *self)
{
  g_clear_pointer (&self->dtls, hj_dtls_free);
  g_clear_pointer (&self->in, hj_srtp_free);
  g_clear_pointer (&self->out, hj_srtp_free);
}

static void
make_fixed_keys (guint index, HjSrtpKeys *keys)
{
  memset (keys, 0x5a, sizeof *keys);
  hj_put_be32 (keys->key, index);
}

/* For a peer without protocol: what client n sends is sealed with key n; what it gets, with key reader_of. */
void
client_use_fixed_keys (Client *self, guint reader_of)
{
  HjSrtpKeys keys;

  make_fixed_keys (self->index, &keys);
  self->out = hj_srtp_new (HJ_SRTP_AEAD_AES_128_GCM, &keys, NULL);
  make_fixed_keys (reader_of, &keys);
  self->in = hj_srtp_new (HJ_SRTP_AEAD_AES_128_GCM, &keys, NULL);
}

gboolean
client_is_ready (const Client *self)
{
  return self->in != NULL;
}

static void
send_bytes (Client *self, guint8 *bytes, gsize length)
{
  if (length > 0)
    fleet_net_send (self->net, self->index, &self->terms.remote, bytes, length, 0);
}

void
client_check (Client *self)
{
  g_autofree char *username = g_strconcat (self->terms.remote_ufrag, ":", self->terms.ufrag, NULL);
  HjStunCheck check = { .username = username,
    .password = self->terms.remote_pwd,
    .priority = 0x6e0001ff,
    .use_candidate = TRUE,
    .controlling = TRUE,
    .tiebreaker = self->index + 1 };
  guint8 bytes[HJ_STUN_MAX_MESSAGE];

  for (guint i = 0; i < sizeof check.transaction_id; i++)
    check.transaction_id[i] = (guint8)g_random_int ();
  send_bytes (self, bytes, hj_stun_write_binding_request (bytes, sizeof bytes, &check));
}

static void
send_dtls (Client *self)
{
  guint8 bytes[HJ_DTLS_MTU];
  gssize length = 0;

  while ((length = hj_dtls_take_datagram (self->dtls, bytes, sizeof bytes)) > 0)
    send_bytes (self, bytes, (gsize)length);
}

static void
begin_dtls (Client *self)
{
  g_autoptr (GError) error = NULL;

  self->dtls = hj_dtls_new (self->identity, self->terms.role, self->terms.remote_fingerprint,
      HJ_SRTP_AEAD_AES_128_GCM, &error);
  if (self->dtls == NULL)
    g_error ("DTLS: %s", error->message);
  hj_dtls_start (self->dtls);
}

static void
take_stun (Client *self, const guint8 *data, gsize length)
{
  HjStunMessage message;
  guint8 bytes[HJ_STUN_MAX_MESSAGE];

  if (!hj_stun_parse (data, length, &message, NULL))
    return;
  if (message.type == HJ_STUN_BINDING_REQUEST
      && hj_stun_check_integrity (data, length, &message, self->terms.pwd))
    send_bytes (self, bytes,
        hj_stun_write_binding_success (
            bytes, sizeof bytes, &message, &self->terms.remote.any, self->terms.pwd));
  if (message.type == HJ_STUN_BINDING_ERROR && !self->refused)
    g_warning ("client %u: STUN error %d", self->index, message.error_code);
  self->refused |= message.type == HJ_STUN_BINDING_ERROR;
  if (message.type == HJ_STUN_BINDING_SUCCESS && self->dtls == NULL
      && self->terms.role == HJ_DTLS_CLIENT)
    {
      begin_dtls (self);
      send_dtls (self);
    }
}

static void
take_keys (Client *self)
{
  HjSrtpProfile profile = 0;
  HjSrtpKeys local;
  HjSrtpKeys remote;

  if (self->in != NULL || !hj_dtls_get_srtp_keys (self->dtls, &profile, &local, &remote))
    return;
  if (profile != HJ_SRTP_AEAD_AES_128_GCM)
    g_error ("client %u: the server chose another SRTP profile than AEAD_AES_128_GCM", self->index);
  self->in = hj_srtp_new (profile, &remote, NULL);
  self->out = hj_srtp_new (profile, &local, NULL);
}

static void
take_dtls (Client *self, const guint8 *data, gsize length)
{
  g_autoptr (GError) error = NULL;

  if (self->dtls == NULL)
    begin_dtls (self);
  hj_dtls_receive (self->dtls, data, length, &error);
  if (error != NULL && !self->failed)
    {
      g_warning ("client %u: %s", self->index, error->message);
      self->failed = TRUE;
    }
  send_dtls (self);
  take_keys (self);
}

/* Returns: (nullable): an RTP packet in the clear, inside data; everything else is dealt with here. */
guint8 *
client_take (Client *self, guint8 *data, gsize length, gsize *out_length)
{
  if (hj_stun_is_message (data, length))
    take_stun (self, data, length);
  else if (hj_dtls_is_message (data, length))
    take_dtls (self, data, length);
  else if (self->in != NULL && hj_rtp_is_rtcp (data, length))
    {
      if (hj_srtp_unprotect_rtcp (self->in, data, length, out_length) == HJ_SRTP_OK)
        client_take_rtcp (self, data, *out_length);
    }
  else if (self->in != NULL)
    return hj_srtp_unprotect (self->in, data, length, out_length) == HJ_SRTP_OK ? data : NULL;
  return NULL;
}

/* Consent, handshake timers, reports: to be called some hundred times a second. */
void
client_tick (Client *self, gint64 now_ns)
{
  if (self->terms.remote_ufrag[0] != '\0' && now_ns >= self->next_check_ns)
    {
      client_check (self);
      self->next_check_ns = now_ns + (client_is_ready (self) ? CHECK_NS : RETRY_NS);
    }
  if (self->dtls != NULL && self->in == NULL && hj_dtls_get_timeout_us (self->dtls) == 0)
    {
      hj_dtls_handle_timeout (self->dtls);
      send_dtls (self);
    }
  if (self->in == NULL || self->terms.remote_ufrag[0] == '\0')
    return;
  client_report (self, now_ns);
  if (now_ns >= self->next_feedback_ns)
    {
      client_give_feedback (self);
      self->next_feedback_ns = now_ns + 100 * MS;
    }
}
