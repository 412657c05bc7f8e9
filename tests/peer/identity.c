/* SPDX-License-Identifier: Apache-2.0 */
/* The device key of an end of tests, on OpenSSL. */

#include "tests/peer/identity.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

struct _HjIdentity
{
  EVP_PKEY *key;
  char *public_key;
};

HjIdentity *
hj_identity_new (void)
{
  HjIdentity *self = g_new0 (HjIdentity, 1);
  guint8 spki[128];
  guint8 *end = spki;
  int size;

  self->key = EVP_EC_gen ("P-256");
  g_assert_nonnull (self->key);
  size = i2d_PUBKEY (self->key, NULL);
  g_assert_cmpint (size, <=, (int)sizeof spki);
  i2d_PUBKEY (self->key, &end);
  self->public_key = g_base64_encode (spki, (gsize)size);
  return self;
}

void
hj_identity_free (HjIdentity *self)
{
  if (self == NULL)
    return;
  EVP_PKEY_free (self->key);
  g_free (self->public_key);
  g_free (self);
}

/* Returns: (transfer none): its SubjectPublicKeyInfo in base64. */
const char *
hj_identity_public (const HjIdentity *self)
{
  return self->public_key;
}

/* ECDSA P-256 with SHA-256; signature: 64 bytes, r and s. */
gboolean
hj_identity_sign (const HjIdentity *self, const guint8 *statement, gsize size, guint8 *signature)
{
  EVP_MD_CTX *context = EVP_MD_CTX_new ();
  guint8 der[80];
  const guint8 *at = der;
  gsize der_size = sizeof der;
  ECDSA_SIG *pair = NULL;
  gboolean made = FALSE;

  if (EVP_DigestSignInit (context, NULL, EVP_sha256 (), NULL, self->key) == 1
      && EVP_DigestSign (context, der, &der_size, statement, size) == 1)
    pair = d2i_ECDSA_SIG (NULL, &at, (long)der_size);
  if (pair != NULL)
    made = BN_bn2binpad (ECDSA_SIG_get0_r (pair), signature, 32) == 32
           && BN_bn2binpad (ECDSA_SIG_get0_s (pair), signature + 32, 32) == 32;
  ECDSA_SIG_free (pair);
  EVP_MD_CTX_free (context);
  return made;
}
