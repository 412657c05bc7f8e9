/* SPDX-License-Identifier: Apache-2.0 */
/* The SRTP transforms AEAD_AES_128_GCM (RFC 7714) and AES_CM_128_HMAC_SHA1_80 (RFC 3711), and the
 * derivation of their keys (RFC 3711 4.3). A cipher is keyed once; each packet only sets an IV and
 * allocates nothing. One cipher belongs to one thread. */

/* SHA_CTX is deprecated, but copying a keyed one costs neither an allocation nor the 130 ns per
 * packet that EVP_MAC_init() takes for the same in OpenSSL 3.0. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "media/wire/srtp-cipher.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <string.h>

#include "media/wire/error.h"
#include "media/wire/rtp.h"

#define CM_TAG 10
#define GCM_TAG 16

/* Labels of RFC 3711 4.3.1; those of SRTCP follow at +3. */
enum
{
  LABEL_KEY = 0,
  LABEL_AUTH = 1,
  LABEL_SALT = 2,
  LABEL_RTCP = 3,
};

struct _HjSrtpCipher
{
  HjSrtpProfile profile;
  gboolean rtcp;
  guint8 salt[14];
  EVP_CIPHER_CTX *evp;
  SHA_CTX inner; /* HMAC's two halves with the key already in */
  SHA_CTX outer;
};

/**
 * hj_srtp_derive:
 * @label: which key (RFC 3711 4.3.1)
 *
 * AES-CM key derivation (RFC 3711 4.3.3) with a derivation rate of 0, which is what DTLS-SRTP
 * means (RFC 5764 4.1.2). The 96-bit salt of GCM counts as followed by zeros (RFC 7714 11).
 */
gboolean
hj_srtp_derive (const HjSrtpKeys *master, guint8 label, guint8 *out, gsize len)
{
  EVP_CIPHER_CTX *evp = EVP_CIPHER_CTX_new ();
  guint8 iv[16] = { 0 };
  int written = 0;
  gboolean ok;

  memcpy (iv, master->salt, sizeof master->salt);
  iv[7] ^= label;
  memset (out, 0, len);
  ok = evp && EVP_EncryptInit_ex (evp, EVP_aes_128_ctr (), NULL, master->key, iv) == 1
       && EVP_EncryptUpdate (evp, out, &written, out, (int)len) == 1 && (gsize)written == len;
  EVP_CIPHER_CTX_free (evp);
  return ok;
}

/**
 * hj_srtp_derive_session:
 * @out: (out caller-allocates): to be wiped by the caller
 *
 * Derives all keys that one transform of one direction needs.
 */
gboolean
hj_srtp_derive_session (
    const HjSrtpKeys *master, HjSrtpProfile profile, gboolean rtcp, HjSrtpSessionKeys *out)
{
  HjSrtpKeys effective = *master;
  guint8 base = rtcp ? LABEL_RTCP : 0;
  gsize salt_len = profile == HJ_SRTP_AEAD_AES_128_GCM ? 12 : 14;
  gboolean ok;

  memset (out, 0, sizeof *out);
  memset (effective.salt + salt_len, 0, sizeof effective.salt - salt_len);
  ok = hj_srtp_derive (&effective, base + LABEL_KEY, out->key, sizeof out->key)
       && hj_srtp_derive (&effective, base + LABEL_AUTH, out->auth, sizeof out->auth)
       && hj_srtp_derive (&effective, base + LABEL_SALT, out->salt, salt_len);
  OPENSSL_cleanse (&effective, sizeof effective);
  return ok;
}

static void
key_hash_half (SHA_CTX *half, const guint8 key[20], guint8 pad_byte)
{
  guint8 pad[SHA_CBLOCK];

  memset (pad, pad_byte, sizeof pad);
  for (gsize i = 0; i < 20; i++)
    pad[i] ^= key[i];
  SHA1_Init (half);
  SHA1_Update (half, pad, sizeof pad);
  OPENSSL_cleanse (pad, sizeof pad);
}

/**
 * hj_srtp_cipher_new:
 * @rtcp: TRUE for SRTCP, whose IV and authenticated data differ
 *
 * Returns: (transfer full): NULL only when OpenSSL has no AES
 */
HjSrtpCipher *
hj_srtp_cipher_new (
    HjSrtpProfile profile, gboolean rtcp, const HjSrtpSessionKeys *keys, GError **error)
{
  g_autoptr (HjSrtpCipher) self = g_new0 (HjSrtpCipher, 1);
  gboolean gcm = profile == HJ_SRTP_AEAD_AES_128_GCM;
  const EVP_CIPHER *type = gcm ? EVP_aes_128_gcm () : EVP_aes_128_ctr ();

  self->profile = profile;
  self->rtcp = rtcp;
  memcpy (self->salt, keys->salt, sizeof self->salt);
  self->evp = EVP_CIPHER_CTX_new ();
  if (!self->evp || EVP_CipherInit_ex (self->evp, type, NULL, keys->key, NULL, TRUE) != 1)
    {
      g_set_error_literal (
          error, HJ_MEDIA_ERROR, HJ_MEDIA_ERROR_CRYPTO, "OpenSSL refuses AES for SRTP");
      return NULL;
    }
  key_hash_half (&self->inner, keys->auth, 0x36);
  key_hash_half (&self->outer, keys->auth, 0x5c);
  return g_steal_pointer (&self);
}

void
hj_srtp_cipher_free (HjSrtpCipher *self)
{
  if (!self)
    return;
  EVP_CIPHER_CTX_free (self->evp);
  OPENSSL_cleanse (self, sizeof *self);
  g_free (self);
}

/**
 * hj_srtp_cipher_get_tag_len:
 *
 * Returns: bytes of the authentication tag
 */
gsize
hj_srtp_cipher_get_tag_len (const HjSrtpCipher *self)
{
  return self->profile == HJ_SRTP_AEAD_AES_128_GCM ? GCM_TAG : CM_TAG;
}

/* RFC 7714 8.1 (00 00 SSRC ROC SEQ) and 9.1 (00 00 SSRC 00 00 index), both XOR salt. */
static void
make_gcm_iv (const HjSrtpCipher *self, guint32 ssrc, guint64 index, guint8 iv[12])
{
  memset (iv, 0, 2);
  hj_put_be32 (iv + 2, ssrc);
  hj_put_be16 (iv + 6, (guint16)(index >> 32));
  hj_put_be32 (iv + 8, (guint32)index);
  for (gsize i = 0; i < 12; i++)
    iv[i] ^= self->salt[i];
}

/* RFC 3711 4.1.1: salt * 2^16 XOR SSRC * 2^64 XOR index * 2^16 */
static void
make_cm_iv (const HjSrtpCipher *self, guint32 ssrc, guint64 index, guint8 iv[16])
{
  memset (iv, 0, 16);
  hj_put_be32 (iv + 4, ssrc);
  hj_put_be16 (iv + 8, (guint16)(index >> 32));
  hj_put_be32 (iv + 10, (guint32)index);
  for (gsize i = 0; i < 14; i++)
    iv[i] ^= self->salt[i];
}

/* HMAC-SHA1 over the packet and the word that does not travel with it or follows it. */
static void
authenticate (
    const HjSrtpCipher *self, const guint8 *packet, gsize len, guint32 word, guint8 out[20])
{
  guint8 trailer[4];
  SHA_CTX hash = self->inner;

  hj_put_be32 (trailer, word);
  SHA1_Update (&hash, packet, len);
  SHA1_Update (&hash, trailer, sizeof trailer);
  SHA1_Final (out, &hash);
  hash = self->outer;
  SHA1_Update (&hash, out, SHA_DIGEST_LENGTH);
  SHA1_Final (out, &hash);
}

/* Sets IV and direction (the key schedule is the same for both) and passes the data that is only
 * authenticated. */
static gboolean
begin_gcm (HjSrtpCipher *self, gboolean seal, guint32 ssrc, guint64 index, guint32 word,
    const guint8 *header, gsize header_len)
{
  guint8 iv[12], trailer[4];
  int n;

  make_gcm_iv (self, ssrc, index, iv);
  if (EVP_CipherInit_ex (self->evp, NULL, NULL, NULL, iv, seal) != 1
      || EVP_CipherUpdate (self->evp, NULL, &n, header, (int)header_len) != 1)
    return FALSE;
  if (!self->rtcp)
    return TRUE;
  hj_put_be32 (trailer, word); /* E bit and index are authenticated (RFC 7714 9.2) */
  return EVP_CipherUpdate (self->evp, NULL, &n, trailer, sizeof trailer) == 1;
}

static gboolean
apply_cm (HjSrtpCipher *self, guint32 ssrc, guint64 index, guint8 *out, const guint8 *in, gsize len)
{
  guint8 iv[16];
  int n;

  if (len == 0)
    return TRUE;
  make_cm_iv (self, ssrc, index, iv);
  return EVP_CipherInit_ex (self->evp, NULL, NULL, NULL, iv, TRUE) == 1
         && EVP_CipherUpdate (self->evp, out, &n, in, (int)len) == 1;
}

/**
 * hj_srtp_cipher_seal:
 * @index: 48-bit packet index (ROC and sequence number) or 31-bit SRTCP index
 * @word: what else is authenticated: the ROC, for SRTCP E bit and index
 * @packet: starts with the header already; the ciphertext is put behind it
 * @plain: may not overlap @packet
 * @tag: where the tag goes
 *
 * Never call it twice with the same SSRC and index: under GCM that gives the key away.
 */
gboolean
hj_srtp_cipher_seal (HjSrtpCipher *self, guint32 ssrc, guint64 index, guint32 word, guint8 *packet,
    gsize header_len, const guint8 *plain, gsize plain_len, guint8 *tag)
{
  guint8 digest[SHA_DIGEST_LENGTH];
  int n;

  if (self->profile == HJ_SRTP_AEAD_AES_128_GCM)
    return begin_gcm (self, TRUE, ssrc, index, word, packet, header_len)
           && (plain_len == 0
               || EVP_CipherUpdate (self->evp, packet + header_len, &n, plain, (int)plain_len) == 1)
           && EVP_CipherFinal_ex (self->evp, digest, &n) == 1
           && EVP_CIPHER_CTX_ctrl (self->evp, EVP_CTRL_AEAD_GET_TAG, GCM_TAG, tag) == 1;
  if (!apply_cm (self, ssrc, index, packet + header_len, plain, plain_len))
    return FALSE;
  authenticate (self, packet, header_len + plain_len, word, digest);
  memcpy (tag, digest, CM_TAG);
  return TRUE;
}

/**
 * hj_srtp_cipher_open:
 *
 * The reverse, in place. After FALSE the body is garbage and must be dropped.
 */
gboolean
hj_srtp_cipher_open (HjSrtpCipher *self, guint32 ssrc, guint64 index, guint32 word, guint8 *packet,
    gsize header_len, gsize body_len, const guint8 *tag)
{
  guint8 *body = packet + header_len;
  guint8 digest[SHA_DIGEST_LENGTH];
  int n;

  if (self->profile == HJ_SRTP_AEAD_AES_128_GCM)
    return begin_gcm (self, FALSE, ssrc, index, word, packet, header_len)
           && (body_len == 0 || EVP_CipherUpdate (self->evp, body, &n, body, (int)body_len) == 1)
           && EVP_CIPHER_CTX_ctrl (self->evp, EVP_CTRL_AEAD_SET_TAG, GCM_TAG, (void *)tag) == 1
           && EVP_CipherFinal_ex (self->evp, digest, &n) == 1;
  authenticate (self, packet, header_len + body_len, word, digest);
  return CRYPTO_memcmp (digest, tag, CM_TAG) == 0
         && apply_cm (self, ssrc, index, body, body, body_len);
}
