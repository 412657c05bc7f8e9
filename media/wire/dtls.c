/* SPDX-License-Identifier: Apache-2.0 */
/* One DTLS 1.2 session that agrees on SRTP keys (RFC 5764) and carries nothing else. Works on
 * datagrams that its owner, the relay thread of the leg, receives and sends. Keys are handed out only
 * after the peer's certificate has matched the fingerprint that signalling told (RFC 8827 6.5). */
#include "media/wire/dtls.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <string.h>

#include "media/wire/dtls-private.h"
#include "media/wire/error.h"

/* OpenSSL waits a second for the first answer; on a call the user waits with it. */
#define FIRST_TIMEOUT_US 100000
#define LONGEST_TIMEOUT_US 2000000

struct _HjDtls
{
  SSL *ssl;
  BIO *bio; /* not owned: the SSL's */
  HjDtlsRole role;
  HjDtlsState state;
  HjDtlsFingerprint peer;
  gboolean verified;
};

static unsigned int
next_timeout (SSL *ssl, unsigned int last_us)
{
  if (last_us == 0)
    return FIRST_TIMEOUT_US;
  return MIN (2 * last_us, LONGEST_TIMEOUT_US);
}

/* OpenSSL's list in the order of our wish: GCM first. */
static const char *
profile_list (HjSrtpProfile profiles)
{
  switch ((int)profiles)
    {
    case HJ_SRTP_AEAD_AES_128_GCM:
      return "SRTP_AEAD_AES_128_GCM";
    case HJ_SRTP_AES128_CM_SHA1_80:
      return "SRTP_AES128_CM_SHA1_80";
    case HJ_SRTP_AEAD_AES_128_GCM | HJ_SRTP_AES128_CM_SHA1_80:
      return "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80";
    default:
      return NULL;
    }
}

static gboolean
attach (HjDtls *self, HjSrtpProfile profiles)
{
  const char *list = profile_list (profiles);

  if (!self->ssl || !self->bio)
    return FALSE;
  BIO_up_ref (self->bio);
  SSL_set0_rbio (self->ssl, self->bio);
  SSL_set0_wbio (self->ssl, self->bio);
  SSL_set_app_data (self->ssl, &self->peer);
  DTLS_set_timer_cb (self->ssl, next_timeout);
  if (self->role == HJ_DTLS_CLIENT)
    SSL_set_connect_state (self->ssl);
  else
    SSL_set_accept_state (self->ssl);
  /* Here 0 means that all went well. */
  return SSL_set_mtu (self->ssl, HJ_DTLS_MTU) > 0 && SSL_set_tlsext_use_srtp (self->ssl, list) == 0;
}

/**
 * hj_dtls_new:
 * @identity: (transfer none): may be freed before the session
 * @role: who sends the first flight
 * @peer_fingerprint: "sha-256 AB:CD:…" of the peer's description
 * @profiles: one or both; what the peer may choose from. A Chromium that is offered both picks CM
 *   as DTLS server, so a client that wants GCM offers GCM alone.
 *
 * Returns: (transfer full): NULL with HJ_MEDIA_ERROR_REFUSED or _MALFORMED when the fingerprint is
 *   missing, weak or damaged
 */
HjDtls *
hj_dtls_new (HjDtlsIdentity *identity, HjDtlsRole role, const char *peer_fingerprint,
    HjSrtpProfile profiles, GError **error)
{
  g_autoptr (HjDtls) self = g_new0 (HjDtls, 1);

  g_return_val_if_fail (profile_list (profiles) != NULL, NULL);

  self->role = role;
  self->state = HJ_DTLS_NEW;
  if (!hj_dtls_fingerprint_parse (peer_fingerprint, &self->peer, error))
    return NULL;
  self->ssl = hj_dtls_identity_new_ssl (identity);
  self->bio = hj_dtls_bio_new ();
  if (!attach (self, profiles))
    {
      ERR_clear_error ();
      g_set_error_literal (
          error, HJ_MEDIA_ERROR, HJ_MEDIA_ERROR_CRYPTO, "OpenSSL cannot start a DTLS session");
      return NULL;
    }
  return g_steal_pointer (&self);
}

void
hj_dtls_free (HjDtls *self)
{
  if (!self)
    return;
  SSL_free (self->ssl); /* and with it the BIO */
  g_free (self);
}

/**
 * hj_dtls_is_message:
 *
 * Tells DTLS from STUN, RTP and RTCP on one port (RFC 7983).
 */
gboolean
hj_dtls_is_message (const guint8 *data, gsize len)
{
  return len >= 13 && data[0] >= 20 && data[0] <= 63;
}

/* The verify callback has compared already, or there would be no handshake; here the one flag is
 * set that hj_dtls_get_srtp_keys() asks. */
static gboolean
finish_handshake (HjDtls *self, GError **error)
{
  if (!hj_dtls_fingerprint_matches (&self->peer, SSL_get0_peer_certificate (self->ssl)))
    {
      g_set_error_literal (error, HJ_MEDIA_ERROR, HJ_MEDIA_ERROR_FINGERPRINT,
          "The peer's certificate is not the one that its description told");
      return FALSE;
    }
  if (!SSL_get_selected_srtp_profile (self->ssl))
    {
      g_set_error_literal (error, HJ_MEDIA_ERROR, HJ_MEDIA_ERROR_HANDSHAKE,
          "The peer speaks none of the SRTP profiles offered");
      return FALSE;
    }
  self->verified = TRUE;
  self->state = HJ_DTLS_CONNECTED;
  return TRUE;
}

static void
set_handshake_error (HjDtls *self, GError **error)
{
  unsigned long code = ERR_peek_error ();
  const char *reason = code ? ERR_reason_error_string (code) : NULL;

  if (SSL_get_verify_result (self->ssl) == X509_V_ERR_CERT_UNTRUSTED)
    g_set_error_literal (error, HJ_MEDIA_ERROR, HJ_MEDIA_ERROR_FINGERPRINT,
        "The peer's certificate is not the one that its description told");
  else
    g_set_error (error, HJ_MEDIA_ERROR, HJ_MEDIA_ERROR_HANDSHAKE, "DTLS failed: %s",
        reason ? reason : "no reason given");
}

/* After the handshake only alerts and repeated flights come; data is nobody's and is dropped. */
static int
drop_data (HjDtls *self)
{
  char rest[2048];
  int n;

  do
    n = SSL_read (self->ssl, rest, sizeof rest);
  while (n > 0);
  return n;
}

/* Lets OpenSSL work on what there is. FALSE when the session failed by that. */
static gboolean
advance (HjDtls *self, GError **error)
{
  gboolean connected = self->state == HJ_DTLS_CONNECTED;
  int n;

  ERR_clear_error ();
  n = connected ? drop_data (self) : SSL_do_handshake (self->ssl);
  if (n == 1)
    {
      if (finish_handshake (self, error))
        return TRUE;
      self->state = HJ_DTLS_FAILED;
      return FALSE;
    }
  switch (SSL_get_error (self->ssl, n))
    {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      break;
    case SSL_ERROR_ZERO_RETURN:
      self->state = HJ_DTLS_CLOSED;
      break;
    default:
      if (SSL_get_shutdown (self->ssl) & SSL_RECEIVED_SHUTDOWN && connected)
        {
          self->state = HJ_DTLS_CLOSED;
          break;
        }
      set_handshake_error (self, error);
      self->state = HJ_DTLS_FAILED;
      ERR_clear_error ();
      return FALSE;
    }
  ERR_clear_error ();
  return TRUE;
}

/**
 * hj_dtls_start:
 *
 * Begins the handshake. A client has its first flight ready afterwards (hj_dtls_take_datagram());
 * a server listens. Calling it again does nothing.
 *
 * Returns: FALSE when the session failed
 */
gboolean
hj_dtls_start (HjDtls *self)
{
  if (self->state != HJ_DTLS_NEW)
    return self->state != HJ_DTLS_FAILED;
  self->state = HJ_DTLS_CONNECTING;
  return advance (self, NULL);
}

/**
 * hj_dtls_receive:
 * @data: one datagram
 *
 * Works on it. Damaged or foreign records are dropped in silence, as RFC 6347 4.1.2.7 wants;
 * what a session is told after its end is dropped too. Datagrams to send may be ready afterwards,
 * also after FALSE (an alert).
 *
 * Returns: FALSE when the session failed by this datagram
 */
gboolean
hj_dtls_receive (HjDtls *self, const guint8 *data, gsize len, GError **error)
{
  gboolean ok;

  if (self->state == HJ_DTLS_CLOSED || self->state == HJ_DTLS_FAILED)
    return TRUE;
  if (!hj_dtls_is_message (data, len))
    return TRUE;
  if (self->state == HJ_DTLS_NEW)
    self->state = HJ_DTLS_CONNECTING;
  hj_dtls_bio_set_input (self->bio, data, len);
  ok = advance (self, error);
  /* Finishing the handshake may leave a close_notify of the same datagram unread. */
  if (ok && self->state == HJ_DTLS_CONNECTED)
    ok = advance (self, error);
  hj_dtls_bio_set_input (self->bio, NULL, 0);
  return ok;
}

/**
 * hj_dtls_take_datagram:
 * @size: HJ_DTLS_MTU is always enough
 *
 * Call until it returns 0.
 *
 * Returns: bytes of the next datagram to send, 0 when there is none, -1 when @size is too small
 */
gssize
hj_dtls_take_datagram (HjDtls *self, guint8 *out, gsize size)
{
  return hj_dtls_bio_take (self->bio, out, size);
}

/**
 * hj_dtls_get_timeout_us:
 *
 * OpenSSL 3.0 counts it by the wall clock and offers no other: a clock that is set while a handshake
 * runs repeats a flight too soon or too late.
 *
 * Returns: how long from now until hj_dtls_handle_timeout() is due, -1 when no timer runs
 */
gint64
hj_dtls_get_timeout_us (HjDtls *self)
{
  struct timeval left;

  if (self->state != HJ_DTLS_CONNECTING && self->state != HJ_DTLS_CONNECTED)
    return -1;
  if (!DTLSv1_get_timeout (self->ssl, &left))
    return -1;
  return (gint64)left.tv_sec * G_USEC_PER_SEC + left.tv_usec;
}

/**
 * hj_dtls_handle_timeout:
 *
 * Repeats the last flight when its timer has run out, and does nothing before. After twelve
 * repetitions (about 18 seconds) the session fails.
 *
 * Returns: FALSE when the session failed by this
 */
gboolean
hj_dtls_handle_timeout (HjDtls *self)
{
  if (hj_dtls_get_timeout_us (self) != 0)
    return TRUE;
  ERR_clear_error ();
  if (DTLSv1_handle_timeout (self->ssl) >= 0)
    return TRUE;
  ERR_clear_error ();
  self->state = HJ_DTLS_FAILED;
  return FALSE;
}

HjDtlsState
hj_dtls_get_state (const HjDtls *self)
{
  return self->state;
}

/* Client's and server's part of the exporter's output (RFC 5764 4.2). */
static void
split_keys (const guint8 *material, gsize salt_len, HjSrtpKeys *client, HjSrtpKeys *server)
{
  memset (client, 0, sizeof *client);
  memset (server, 0, sizeof *server);
  memcpy (client->key, material, 16);
  memcpy (server->key, material + 16, 16);
  memcpy (client->salt, material + 32, salt_len);
  memcpy (server->salt, material + 32 + salt_len, salt_len);
}

/**
 * hj_dtls_get_srtp_keys:
 * @local: (out caller-allocates): for what we send
 * @remote: (out caller-allocates): for what we receive; the caller wipes both
 *
 * Returns: FALSE unless the session is connected and its peer verified
 */
gboolean
hj_dtls_get_srtp_keys (
    HjDtls *self, HjSrtpProfile *out_profile, HjSrtpKeys *local, HjSrtpKeys *remote)
{
  static const char LABEL[] = "EXTRACTOR-dtls_srtp";
  const SRTP_PROTECTION_PROFILE *profile;
  guint8 material[2 * (16 + 14)];
  gsize salt_len;
  gboolean client = self->role == HJ_DTLS_CLIENT;

  if (!self->verified || self->state != HJ_DTLS_CONNECTED)
    return FALSE;
  profile = SSL_get_selected_srtp_profile (self->ssl);
  *out_profile
      = profile->id == SRTP_AEAD_AES_128_GCM ? HJ_SRTP_AEAD_AES_128_GCM : HJ_SRTP_AES128_CM_SHA1_80;
  salt_len = *out_profile == HJ_SRTP_AEAD_AES_128_GCM ? 12 : 14;
  if (SSL_export_keying_material (
          self->ssl, material, 2 * (16 + salt_len), LABEL, sizeof LABEL - 1, NULL, 0, 0)
      != 1)
    return FALSE;
  split_keys (material, salt_len, client ? local : remote, client ? remote : local);
  OPENSSL_cleanse (material, sizeof material);
  return TRUE;
}

/**
 * hj_dtls_close:
 *
 * Ends the session; a close_notify is ready to be taken when there was a connection.
 */
void
hj_dtls_close (HjDtls *self)
{
  if (self->state == HJ_DTLS_CONNECTED)
    {
      ERR_clear_error ();
      SSL_shutdown (self->ssl);
      ERR_clear_error ();
    }
  if (self->state != HJ_DTLS_FAILED)
    self->state = HJ_DTLS_CLOSED;
}
