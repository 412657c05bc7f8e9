/* SPDX-License-Identifier: Apache-2.0 */
/* Hashes, signatures and ECDH of the key agreement (docs/e2ee.md section 3) on OpenSSL. Private keys are raw bytes that their
 * owner wipes; OpenSSL clears its own copies when it frees them. */

#include "tests/peer/agreement-private.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>
#include <string.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_PKEY, EVP_PKEY_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_PKEY_CTX, EVP_PKEY_CTX_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_MD_CTX, EVP_MD_CTX_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EC_GROUP, EC_GROUP_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EC_POINT, EC_POINT_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ECDSA_SIG, ECDSA_SIG_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BIGNUM, BN_clear_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OSSL_PARAM_BLD, OSSL_PARAM_BLD_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OSSL_PARAM, OSSL_PARAM_free)

/* SubjectPublicKeyInfo of id-ecPublicKey on the named curve prime256v1 up to the point, and the sign of an uncompressed one. */
static const guint8 SPKI_PREFIX[]
    = { 0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08,
        0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04 };

void
hj_hash (const GByteArray *data, guint8 *hash)
{
  g_assert (EVP_Digest (data->data, data->len, hash, NULL, EVP_sha256 (), NULL) == 1);
}

static EVP_PKEY *
read_spki (const guint8 *spki)
{
  return d2i_PUBKEY (NULL, &spki, HJ_SPKI_SIZE);
}

/* Whether it is the one form of a P-256 key that is taken, with its point on the curve. */
gboolean
hj_spki_is_p256 (const guint8 *spki, gsize size)
{
  g_autoptr (EVP_PKEY) key = NULL;

  if (size != HJ_SPKI_SIZE || memcmp (spki, SPKI_PREFIX, sizeof SPKI_PREFIX) != 0)
    return FALSE;
  key = read_spki (spki);
  return key != NULL;
}

/* ECDSA P-256 with SHA-256; signature: r, s. */
gboolean
hj_signature_fits (const guint8 *spki, const GByteArray *statement, const guint8 *signature)
{
  g_autoptr (EVP_PKEY) key = read_spki (spki);
  g_autoptr (EVP_MD_CTX) context = EVP_MD_CTX_new ();
  g_autoptr (ECDSA_SIG) pair = ECDSA_SIG_new ();
  guint8 der[80];
  guint8 *end = der;
  int size;

  if (!ECDSA_SIG_set0 (pair, BN_bin2bn (signature, 32, NULL), BN_bin2bn (signature + 32, 32, NULL)))
    return FALSE;
  size = i2d_ECDSA_SIG (pair, &end);
  return key != NULL && size > 0
         && EVP_DigestVerifyInit (context, NULL, EVP_sha256 (), NULL, key) == 1
         && EVP_DigestVerify (context, der, (gsize)size, statement->data, statement->len) == 1;
}

/* The point of a P-256 scalar; FALSE when the scalar is 0 or not below the order. */
static gboolean
p256_public (const guint8 *private_key, guint8 *public_key)
{
  g_autoptr (EC_GROUP) group = EC_GROUP_new_by_curve_name (NID_X9_62_prime256v1);
  g_autoptr (EC_POINT) point = EC_POINT_new (group);
  g_autoptr (BIGNUM) scalar = BN_secure_new ();

  if (BN_bin2bn (private_key, 32, scalar) == NULL || BN_is_zero (scalar)
      || BN_cmp (scalar, EC_GROUP_get0_order (group)) >= 0)
    return FALSE;
  BN_set_flags (scalar, BN_FLG_CONSTTIME);
  return EC_POINT_mul (group, point, scalar, NULL, NULL, NULL) == 1
         && EC_POINT_point2oct (
                group, point, POINT_CONVERSION_UNCOMPRESSED, public_key, HJ_P256_SIZE, NULL)
                == HJ_P256_SIZE;
}

/* private_key: 32 bytes, or NULL for a public key alone. NULL when the point is not on the curve or not uncompressed. */
static EVP_PKEY *
p256_key (const guint8 *public_key, const guint8 *private_key)
{
  g_autoptr (OSSL_PARAM_BLD) builder = OSSL_PARAM_BLD_new ();
  g_autoptr (OSSL_PARAM) params = NULL;
  g_autoptr (EVP_PKEY_CTX) context = EVP_PKEY_CTX_new_from_name (NULL, "EC", NULL);
  g_autoptr (BIGNUM) scalar = BN_secure_new ();
  EVP_PKEY *key = NULL;

  if (public_key[0] != POINT_CONVERSION_UNCOMPRESSED)
    return NULL;
  OSSL_PARAM_BLD_push_utf8_string (builder, OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0);
  OSSL_PARAM_BLD_push_octet_string (builder, OSSL_PKEY_PARAM_PUB_KEY, public_key, HJ_P256_SIZE);
  if (private_key != NULL)
    {
      BN_bin2bn (private_key, 32, scalar);
      OSSL_PARAM_BLD_push_BN (builder, OSSL_PKEY_PARAM_PRIV_KEY, scalar);
    }
  params = OSSL_PARAM_BLD_to_param (builder);
  if (EVP_PKEY_fromdata_init (context) != 1
      || EVP_PKEY_fromdata (
             context, &key, private_key != NULL ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, params)
             != 1)
    return NULL;
  return key;
}

/* The public key of 32 private bytes; FALSE when they are none (P-256): draw others. */
gboolean
hj_ecdh_public (guint suite, const guint8 *private_key, guint8 *public_key)
{
  g_autoptr (EVP_PKEY) key = NULL;
  gsize size = HJ_X25519_SIZE;

  if (suite == HJ_SUITE_P256)
    return p256_public (private_key, public_key);
  key = EVP_PKEY_new_raw_private_key (EVP_PKEY_X25519, NULL, private_key, 32);
  return key != NULL && EVP_PKEY_get_raw_public_key (key, public_key, &size) == 1;
}

static EVP_PKEY *
own_key (guint suite, const guint8 *private_key)
{
  guint8 public_key[HJ_P256_SIZE];

  if (suite == HJ_SUITE_X25519)
    return EVP_PKEY_new_raw_private_key (EVP_PKEY_X25519, NULL, private_key, 32);
  return p256_public (private_key, public_key) ? p256_key (public_key, private_key) : NULL;
}

/* The shared secret, 32 bytes. FALSE: the other key is not on the curve, or the secret is all zero. */
gboolean
hj_ecdh (guint suite, const guint8 *private_key, const guint8 *other, guint8 *secret)
{
  static const guint8 ZERO[32];
  g_autoptr (EVP_PKEY) own = own_key (suite, private_key);
  g_autoptr (EVP_PKEY) theirs = suite == HJ_SUITE_X25519
                                    ? EVP_PKEY_new_raw_public_key (EVP_PKEY_X25519, NULL, other, 32)
                                    : p256_key (other, NULL);
  g_autoptr (EVP_PKEY_CTX) context = own != NULL ? EVP_PKEY_CTX_new (own, NULL) : NULL;
  gsize size = 32;

  return context != NULL && theirs != NULL && EVP_PKEY_derive_init (context) == 1
         && EVP_PKEY_derive_set_peer (context, theirs) == 1
         && EVP_PKEY_derive (context, secret, &size) == 1 && size == 32
         && CRYPTO_memcmp (secret, ZERO, 32) != 0;
}
