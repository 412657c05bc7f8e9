/* SPDX-License-Identifier: Apache-2.0 */
/* SFrame (RFC 9605) on OpenSSL, suite AES_128_GCM_SHA256_128: header, derivation of keys, seal and open. A key is
 * scheduled once; each frame only sets a nonce and allocates nothing. A key belongs to one thread at a time. This is not
 * linked into huijian-media, which holds no such key. docs/e2ee.md section 1. */

#include "media/frames/sframe.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <string.h>

#include "media/wire/error.h"

#define SECRET 32 /* of HKDF-SHA-256 */
#define KEY_LABEL "SFrame 1.0 Secret key "
#define SALT_LABEL "SFrame 1.0 Secret salt "

struct _HjSframeKey
{
  guint64 kid;
  guint8 salt[HJ_SFRAME_SALT];
  EVP_CIPHER_CTX *evp;
};

static gsize
count_bytes (guint64 value)
{
  gsize n = 1;

  while ((value >>= 8) != 0)
    n++;
  return n;
}

static guint8 *
put_bytes (guint8 *out, guint64 value, gsize n)
{
  for (gsize i = n; i-- > 0; value >>= 8)
    out[i] = (guint8)value;
  return out + n;
}

/**
 * hj_sframe_write_header:
 *
 * RFC 9605 4.3: one byte of two flags and two numbers; a number above 7 follows in as few bytes as hold it.
 *
 * Returns: bytes written, 1 to 17
 */
gsize
hj_sframe_write_header (guint64 kid, guint64 ctr, guint8 out[HJ_SFRAME_MAX_HEADER])
{
  guint8 *end = out + 1;
  gsize n_kid = kid < 8 ? 0 : count_bytes (kid);
  gsize n_ctr = ctr < 8 ? 0 : count_bytes (ctr);

  out[0] = (guint8)(n_kid == 0 ? kid << 4 : 0x80 | (n_kid - 1) << 4);
  out[0] |= (guint8)(n_ctr == 0 ? ctr : 0x08 | (n_ctr - 1));
  end = put_bytes (end, kid, n_kid);
  end = put_bytes (end, ctr, n_ctr);
  return (gsize)(end - out);
}

/* One half of the first byte, and the number behind it when it did not fit. A longer form than needed is refused: a
 * header has one spelling. */
static gboolean
read_number (guint8 half, const guint8 **data, const guint8 *end, guint64 *out)
{
  gsize n = (half & 7u) + 1u;
  guint64 value = 0;

  if ((half & 8) == 0)
    {
      *out = half;
      return TRUE;
    }
  if ((gsize)(end - *data) < n)
    return FALSE;
  for (gsize i = 0; i < n; i++)
    value = value << 8 | *(*data)++;
  *out = value;
  return value >= 8 && count_bytes (value) == n;
}

/**
 * hj_sframe_read_header:
 * @data: an SFrame ciphertext, as far as it goes
 *
 * Returns: FALSE when no header begins there
 */
gboolean
hj_sframe_read_header (const guint8 *data, gsize size, HjSframeHeader *out)
{
  const guint8 *at = data + 1;
  const guint8 *end = data + size;

  if (size == 0 || !read_number (data[0] >> 4, &at, end, &out->kid)
      || !read_number (data[0] & 0x0f, &at, end, &out->ctr))
    return FALSE;
  out->size = (gsize)(at - data);
  return TRUE;
}

static gboolean
hkdf (int mode, const guint8 *key, gsize key_size, const guint8 *info, gsize info_size, guint8 *out,
    gsize size)
{
  EVP_KDF *kdf = EVP_KDF_fetch (NULL, OSSL_KDF_NAME_HKDF, NULL);
  EVP_KDF_CTX *context = EVP_KDF_CTX_new (kdf);
  /* OpenSSL only reads what these point to. */
  OSSL_PARAM params[] = {
    OSSL_PARAM_construct_int (OSSL_KDF_PARAM_MODE, &mode),
    OSSL_PARAM_construct_utf8_string (OSSL_KDF_PARAM_DIGEST, (char *)"SHA256", 0),
    OSSL_PARAM_construct_octet_string (OSSL_KDF_PARAM_KEY, (guint8 *)key, key_size),
    OSSL_PARAM_construct_octet_string (OSSL_KDF_PARAM_INFO, (guint8 *)info, info_size),
    OSSL_PARAM_construct_end (),
  };
  gboolean ok = context != NULL && EVP_KDF_derive (context, out, size, params) == 1;

  EVP_KDF_CTX_free (context);
  EVP_KDF_free (kdf);
  return ok;
}

static gboolean
expand (const guint8 secret[SECRET], const char *label, guint64 kid, guint8 *out, gsize size)
{
  guint8 info[64];
  gsize n = strlen (label);

  memcpy (info, label, n);
  put_bytes (info + n, kid, 8);
  put_bytes (info + n + 8, HJ_SFRAME_SUITE, 2);
  return hkdf (EVP_KDF_HKDF_MODE_EXPAND_ONLY, secret, SECRET, info, n + 10, out, size);
}

/**
 * hj_sframe_derive:
 * @base_key: what the key agreement gave, any length but 0
 * @key: (out caller-allocates): to be wiped by the caller
 * @salt: (out caller-allocates): to be wiped by the caller
 *
 * RFC 9605 4.4.2.
 */
gboolean
hj_sframe_derive (const guint8 *base_key, gsize size, guint64 kid, guint8 key[HJ_SFRAME_KEY],
    guint8 salt[HJ_SFRAME_SALT])
{
  guint8 secret[SECRET];
  gboolean ok
      = size > 0
        && hkdf (EVP_KDF_HKDF_MODE_EXTRACT_ONLY, base_key, size, NULL, 0, secret, sizeof secret)
        && expand (secret, KEY_LABEL, kid, key, HJ_SFRAME_KEY)
        && expand (secret, SALT_LABEL, kid, salt, HJ_SFRAME_SALT);

  OPENSSL_cleanse (secret, sizeof secret);
  return ok;
}

/**
 * hj_sframe_key_new:
 * @base_key: not kept
 *
 * Returns: (transfer full): NULL when OpenSSL refuses, or the base key is empty
 */
HjSframeKey *
hj_sframe_key_new (const guint8 *base_key, gsize size, guint64 kid, GError **error)
{
  g_autoptr (HjSframeKey) self = g_new0 (HjSframeKey, 1);
  guint8 key[HJ_SFRAME_KEY];
  gboolean ok = hj_sframe_derive (base_key, size, kid, key, self->salt);

  self->kid = kid;
  self->evp = EVP_CIPHER_CTX_new ();
  ok = ok && self->evp != NULL
       && EVP_CipherInit_ex (self->evp, EVP_aes_128_gcm (), NULL, key, NULL, TRUE) == 1;
  OPENSSL_cleanse (key, sizeof key);
  if (!ok)
    {
      g_set_error_literal (
          error, HJ_MEDIA_ERROR, HJ_MEDIA_ERROR_CRYPTO, "OpenSSL refuses this key for SFrame");
      return NULL;
    }
  return g_steal_pointer (&self);
}

void
hj_sframe_key_free (HjSframeKey *self)
{
  if (self == NULL)
    return;
  EVP_CIPHER_CTX_free (self->evp); /* wipes the key schedule */
  OPENSSL_cleanse (self, sizeof *self);
  g_free (self);
}

/* RFC 9605 4.4.3: the salt XOR the counter; then the header and the metadata as additional data. */
static gboolean
begin (HjSframeKey *self, gboolean seal, guint64 ctr, const guint8 *header, gsize header_size,
    const guint8 *metadata, gsize metadata_size)
{
  guint8 nonce[HJ_SFRAME_SALT] = { 0 };
  int n = 0;

  put_bytes (nonce + 4, ctr, 8);
  for (gsize i = 0; i < sizeof nonce; i++)
    nonce[i] ^= self->salt[i];
  return EVP_CipherInit_ex (self->evp, NULL, NULL, NULL, nonce, seal) == 1
         && EVP_CipherUpdate (self->evp, NULL, &n, header, (int)header_size) == 1
         && (metadata_size == 0
             || EVP_CipherUpdate (self->evp, NULL, &n, metadata, (int)metadata_size) == 1);
}

/**
 * hj_sframe_key_seal:
 * @ctr: never twice with one key: under GCM that gives the key away. Whoever holds the key counts.
 * @metadata: (nullable): authenticated, does not travel in @out
 * @plain: may not overlap @out
 * @out: room for @size and HJ_SFRAME_MAX_OVERHEAD
 *
 * Returns: bytes written; 0 when @plain or @metadata is too large, or OpenSSL refuses
 */
gsize
hj_sframe_key_seal (HjSframeKey *self, guint64 ctr, const guint8 *metadata, gsize metadata_size,
    const guint8 *plain, gsize size, guint8 *out)
{
  gsize header = hj_sframe_write_header (self->kid, ctr, out);
  guint8 *body = out + header;
  guint8 none[HJ_SFRAME_TAG];
  int n = 0;

  if (size > HJ_SFRAME_MAX_PLAIN || metadata_size > HJ_SFRAME_MAX_PLAIN
      || !begin (self, TRUE, ctr, out, header, metadata, metadata_size)
      || (size > 0 && EVP_CipherUpdate (self->evp, body, &n, plain, (int)size) != 1)
      || EVP_CipherFinal_ex (self->evp, none, &n) != 1
      || EVP_CIPHER_CTX_ctrl (self->evp, EVP_CTRL_AEAD_GET_TAG, HJ_SFRAME_TAG, body + size) != 1)
    return 0;
  return header + size + HJ_SFRAME_TAG;
}

static gboolean
decrypt (HjSframeKey *self, const guint8 *body, gsize size, const guint8 *tag, guint8 *out)
{
  guint8 none[HJ_SFRAME_TAG];
  int n = 0;

  return (size == 0 || EVP_CipherUpdate (self->evp, out, &n, body, (int)size) == 1)
         && EVP_CIPHER_CTX_ctrl (self->evp, EVP_CTRL_AEAD_SET_TAG, HJ_SFRAME_TAG, (void *)tag) == 1
         && EVP_CipherFinal_ex (self->evp, none, &n) == 1;
}

/**
 * hj_sframe_key_open:
 * @sealed: a whole SFrame ciphertext of this key's KID
 * @out: room for @size; nothing of what does not open is left in it
 *
 * Does not know what was opened before: hj_sframe_table_open() does.
 */
HjSframeStatus
hj_sframe_key_open (HjSframeKey *self, const guint8 *metadata, gsize metadata_size,
    const guint8 *sealed, gsize size, guint8 *out, gsize *ret_size)
{
  HjSframeHeader header;
  gsize body = 0;

  *ret_size = 0;
  if (!hj_sframe_read_header (sealed, size, &header) || size < header.size + HJ_SFRAME_TAG)
    return HJ_SFRAME_MALFORMED;
  body = size - header.size - HJ_SFRAME_TAG;
  if (body > HJ_SFRAME_MAX_PLAIN || metadata_size > HJ_SFRAME_MAX_PLAIN)
    return HJ_SFRAME_OVERSIZE;
  if (header.kid != self->kid)
    return HJ_SFRAME_NO_KEY;
  if (!begin (self, FALSE, header.ctr, sealed, header.size, metadata, metadata_size)
      || !decrypt (self, sealed + header.size, body, sealed + header.size + body, out))
    {
      OPENSSL_cleanse (out, body);
      return HJ_SFRAME_FORGED;
    }
  *ret_size = body;
  return HJ_SFRAME_OK;
}
