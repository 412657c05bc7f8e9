/* SPDX-License-Identifier: Apache-2.0 */
/* Who the relay is in DTLS (a self-signed certificate made when the process starts, and never
 * written anywhere), and how it knows a peer: by the fingerprint in the session description, never by
 * a certificate authority (RFC 8122, RFC 8827 6.5). Made once, then read by every relay thread. */
#include "media/wire/dtls-private.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <string.h>

#include "media/wire/error.h"

/* Peers compare the fingerprint and do not look at the dates; the process may run for long. */
#define VALID_BEFORE_S (24 * 3600)
#define VALID_FOR_S (365L * 24 * 3600)

/* Forward secrecy and AEAD only. RSA is for peers' certificates: GStreamer 1.22 makes RSA ones. */
#define CIPHERS                                                                                    \
  "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"                                     \
  "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"
#define GROUPS "X25519:P-256"

struct _HjDtlsIdentity
{
  SSL_CTX *ctx;
  char *fingerprint;
};

static gboolean
set_crypto_error (GError **error, const char *what)
{
  char reason[160] = "no reason given";
  unsigned long code = ERR_peek_last_error ();

  if (code != 0)
    ERR_error_string_n (code, reason, sizeof reason);
  ERR_clear_error ();
  g_set_error (error, HJ_MEDIA_ERROR, HJ_MEDIA_ERROR_CRYPTO, "%s: %s", what, reason);
  return FALSE;
}

static gboolean
fill_certificate (X509 *certificate, EVP_PKEY *key)
{
  X509_NAME *name = X509_get_subject_name (certificate);
  guint8 serial[8];
  guint64 number = 0;

  if (RAND_bytes (serial, sizeof serial) != 1)
    return FALSE;
  memcpy (&number, serial, sizeof number);
  /* One fixed name: a certificate goes over the wire in the clear and tells nothing. */
  return X509_set_version (certificate, 2) == 1
         && ASN1_INTEGER_set_uint64 (X509_get_serialNumber (certificate), number >> 1) == 1
         && X509_gmtime_adj (X509_getm_notBefore (certificate), -VALID_BEFORE_S)
         && X509_gmtime_adj (X509_getm_notAfter (certificate), VALID_FOR_S)
         && X509_NAME_add_entry_by_txt (
                name, "CN", MBSTRING_ASC, (const unsigned char *)"WebRTC", -1, -1, 0)
                == 1
         && X509_set_issuer_name (certificate, name) == 1 && X509_set_pubkey (certificate, key) == 1
         && X509_sign (certificate, key, EVP_sha256 ()) > 0;
}

static char *
format_fingerprint (X509 *certificate)
{
  GString *text = g_string_new (NULL);
  guint8 digest[EVP_MAX_MD_SIZE];
  unsigned int len = 0;

  if (X509_digest (certificate, EVP_sha256 (), digest, &len) != 1)
    len = 0;
  for (unsigned int i = 0; i < len; i++)
    g_string_append_printf (text, "%s%02X", i > 0 ? ":" : "", digest[i]);
  return g_string_free (text, FALSE);
}

/* The certificate's chain is meaningless here; everything hangs on the fingerprint, which the
 * session keeps with its SSL. Without one nothing matches. */
static int
verify_peer (X509_STORE_CTX *store, void *unused)
{
  SSL *ssl = X509_STORE_CTX_get_ex_data (store, SSL_get_ex_data_X509_STORE_CTX_idx ());
  const HjDtlsFingerprint *expected = SSL_get_app_data (ssl);

  if (expected && hj_dtls_fingerprint_matches (expected, X509_STORE_CTX_get0_cert (store)))
    return 1;
  X509_STORE_CTX_set_error (store, X509_V_ERR_CERT_UNTRUSTED);
  return 0;
}

static gboolean
configure (SSL_CTX *ctx, X509 *certificate, EVP_PKEY *key)
{
  SSL_CTX_set_options (ctx,
      SSL_OP_NO_TICKET | SSL_OP_NO_QUERY_MTU | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_session_cache_mode (ctx, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_verify (ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
  SSL_CTX_set_cert_verify_callback (ctx, verify_peer, NULL);
  SSL_CTX_set_read_ahead (ctx, 1); /* a datagram is read whole */
  return SSL_CTX_set_min_proto_version (ctx, DTLS1_2_VERSION) == 1
         && SSL_CTX_set_max_proto_version (ctx, DTLS1_2_VERSION) == 1
         && SSL_CTX_set_cipher_list (ctx, CIPHERS) == 1
         && SSL_CTX_set1_groups_list (ctx, GROUPS) == 1
         && SSL_CTX_use_certificate (ctx, certificate) == 1
         && SSL_CTX_use_PrivateKey (ctx, key) == 1;
}

/**
 * hj_dtls_identity_new:
 *
 * Makes an ECDSA P-256 key and a certificate for it. Sessions made from it outlive it.
 *
 * Returns: (transfer full)
 */
HjDtlsIdentity *
hj_dtls_identity_new (GError **error)
{
  g_autoptr (HjDtlsIdentity) self = g_new0 (HjDtlsIdentity, 1);
  EVP_PKEY *key = EVP_EC_gen ("P-256");
  X509 *certificate = X509_new ();
  gboolean ok;

  self->ctx = SSL_CTX_new (DTLS_method ());
  ok = key && certificate && self->ctx && fill_certificate (certificate, key)
       && configure (self->ctx, certificate, key);
  if (ok)
    self->fingerprint = format_fingerprint (certificate);
  EVP_PKEY_free (key);
  X509_free (certificate);
  if (!ok)
    {
      set_crypto_error (error, "Cannot make the DTLS certificate");
      return NULL;
    }
  return g_steal_pointer (&self);
}

void
hj_dtls_identity_free (HjDtlsIdentity *self)
{
  if (!self)
    return;
  SSL_CTX_free (self->ctx);
  g_free (self->fingerprint);
  g_free (self);
}

/**
 * hj_dtls_identity_get_fingerprint:
 *
 * Returns: (transfer none): "AB:CD:…", SHA-256, what follows "a=fingerprint:sha-256 "
 */
const char *
hj_dtls_identity_get_fingerprint (const HjDtlsIdentity *self)
{
  return self->fingerprint;
}

/* Returns: (transfer full) */
SSL *
hj_dtls_identity_new_ssl (HjDtlsIdentity *self)
{
  return SSL_new (self->ctx);
}

static const EVP_MD *
find_algorithm (const char *name, gsize len)
{
  static const struct
  {
    const char *name;
    const EVP_MD *(*get) (void);
  } known[] = {
    { "sha-256", EVP_sha256 },
    { "sha-384", EVP_sha384 },
    { "sha-512", EVP_sha512 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
    {
      if (strlen (known[i].name) == len && g_ascii_strncasecmp (known[i].name, name, len) == 0)
        return known[i].get ();
    }
  return NULL;
}

/* Reads exactly `len` bytes as "AB:CD:…" up to the end of the text. */
static gboolean
read_hex (const char *text, guint8 *out, gsize len)
{
  if (strlen (text) != 3 * len - 1)
    return FALSE;
  for (gsize i = 0; i < len; i++)
    {
      int high = g_ascii_xdigit_value (text[3 * i]);
      int low = g_ascii_xdigit_value (text[3 * i + 1]);

      if (high < 0 || low < 0 || (i + 1 < len && text[3 * i + 2] != ':'))
        return FALSE;
      out[i] = (guint8)(high << 4 | low);
    }
  return TRUE;
}

/* Reads the value of a=fingerprint (RFC 8122 5): sha-256, sha-384 or sha-512, nothing weaker. */
gboolean
hj_dtls_fingerprint_parse (const char *text, HjDtlsFingerprint *out, GError **error)
{
  const char *space = text ? strchr (text, ' ') : NULL;

  memset (out, 0, sizeof *out);
  if (space)
    out->algorithm = find_algorithm (text, (gsize)(space - text));
  if (!out->algorithm)
    {
      g_set_error_literal (error, HJ_MEDIA_ERROR, HJ_MEDIA_ERROR_REFUSED,
          "The peer's fingerprint is missing or not of sha-256, sha-384 or sha-512");
      return FALSE;
    }
  out->len = (gsize)EVP_MD_get_size (out->algorithm);
  if (!read_hex (space + 1, out->digest, out->len))
    {
      g_set_error_literal (error, HJ_MEDIA_ERROR, HJ_MEDIA_ERROR_MALFORMED,
          "The peer's fingerprint is not readable");
      return FALSE;
    }
  return TRUE;
}

gboolean
hj_dtls_fingerprint_matches (const HjDtlsFingerprint *self, X509 *certificate)
{
  guint8 digest[EVP_MAX_MD_SIZE];
  unsigned int len = 0;

  return certificate && self->len > 0
         && X509_digest (certificate, self->algorithm, digest, &len) == 1 && len == self->len
         && CRYPTO_memcmp (digest, self->digest, len) == 0;
}
