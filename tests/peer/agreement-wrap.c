/* SPDX-License-Identifier: Apache-2.0 */
/* Base keys wrapped for one other seat, and the security code (docs/e2ee.md section 3), on OpenSSL. */

#include "tests/peer/agreement-private.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <string.h>

#define TAG_SIZE 16

G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_CIPHER_CTX, EVP_CIPHER_CTX_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_KDF, EVP_KDF_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_KDF_CTX, EVP_KDF_CTX_free)

/* One key wraps one message: it comes from the transcript and both seats' ids. So the nonce may be zero. */
static const guint8 NONCE[12];

gboolean
hj_wrap (
    const guint8 *key, const guint8 *aad, gsize aad_size, const guint8 *base_key, guint8 *wrapped)
{
  g_autoptr (EVP_CIPHER_CTX) context = EVP_CIPHER_CTX_new ();
  int size = 0;

  return EVP_EncryptInit_ex (context, EVP_aes_256_gcm (), NULL, key, NONCE) == 1
         && EVP_EncryptUpdate (context, NULL, &size, aad, (int)aad_size) == 1
         && EVP_EncryptUpdate (context, wrapped, &size, base_key, HJ_AGREEMENT_KEY_SIZE) == 1
         && EVP_EncryptFinal_ex (context, wrapped + size, &size) == 1
         && EVP_CIPHER_CTX_ctrl (
                context, EVP_CTRL_AEAD_GET_TAG, TAG_SIZE, wrapped + HJ_AGREEMENT_KEY_SIZE)
                == 1;
}

gboolean
hj_unwrap (
    const guint8 *key, const guint8 *aad, gsize aad_size, const guint8 *wrapped, guint8 *base_key)
{
  g_autoptr (EVP_CIPHER_CTX) context = EVP_CIPHER_CTX_new ();
  guint8 tag[TAG_SIZE];
  int size = 0;

  memcpy (tag, wrapped + HJ_AGREEMENT_KEY_SIZE, TAG_SIZE);
  return EVP_DecryptInit_ex (context, EVP_aes_256_gcm (), NULL, key, NONCE) == 1
         && EVP_DecryptUpdate (context, NULL, &size, aad, (int)aad_size) == 1
         && EVP_DecryptUpdate (context, base_key, &size, wrapped, HJ_AGREEMENT_KEY_SIZE) == 1
         && EVP_CIPHER_CTX_ctrl (context, EVP_CTRL_AEAD_SET_TAG, TAG_SIZE, tag) == 1
         && EVP_DecryptFinal_ex (context, base_key + size, &size) == 1;
}

/* HKDF with SHA-256 (RFC 5869). */
static void
hkdf (const guint8 *salt, const guint8 *input, const GByteArray *info, guint8 *output)
{
  g_autoptr (EVP_KDF) kdf = EVP_KDF_fetch (NULL, "HKDF", NULL);
  g_autoptr (EVP_KDF_CTX) context = EVP_KDF_CTX_new (kdf);
  OSSL_PARAM params[] = {
    OSSL_PARAM_construct_utf8_string (OSSL_KDF_PARAM_DIGEST, (char *)"SHA256", 0),
    OSSL_PARAM_construct_octet_string (OSSL_KDF_PARAM_SALT, (void *)salt, HJ_HASH_SIZE),
    OSSL_PARAM_construct_octet_string (OSSL_KDF_PARAM_KEY, (void *)input, 32),
    OSSL_PARAM_construct_octet_string (OSSL_KDF_PARAM_INFO, info->data, info->len),
    OSSL_PARAM_construct_end (),
  };

  g_assert (EVP_KDF_derive (context, output, 32, params) == 1);
}

/* The key under which `from` wraps its base key for `to`. */
void
hj_wrap_key (
    const guint8 *transcript, const guint8 *secret, const char *from, const char *to, guint8 *key)
{
  g_autoptr (GByteArray) info = g_byte_array_new ();

  hj_put_label (info, "huijian-e2ee-v1 wrap");
  hj_put_string (info, from);
  hj_put_string (info, to);
  hkdf (transcript, secret, info, key);
}

/* Six digits and a zero byte. */
void
hj_security_code (const guint8 *transcript, char *code)
{
  g_autoptr (GByteArray) data = g_byte_array_new ();
  guint8 hash[HJ_HASH_SIZE];
  guint64 number = 0;

  hj_put_label (data, "huijian-e2ee-v1 code");
  hj_put (data, transcript, HJ_HASH_SIZE);
  hj_hash (data, hash);
  for (int i = 0; i < 8; i++)
    number = number << 8 | hash[i];
  g_snprintf (code, 7, "%06u", (guint)(number % 1000000));
}
