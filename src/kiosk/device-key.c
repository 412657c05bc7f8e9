/* SPDX-License-Identifier: Apache-2.0 */
/* The kiosk's device key: ECDSA P-256 in a PEM file (PKCS #8, mode 0600), and the two things it signs: the answer to
 * the server's nonce (docs/protocol.md section 1, "Kiosk signature") and the page's word in the agreement on keys
 * (docs/e2ee.md section 3, reveal). Their labels keep one from passing for the other. It never leaves the kiosk. Any
 * thread. */

#include "src/kiosk/device-key.h"

#include <glib/gstdio.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>

#include "src/base/fingerprint.h"
#include "src/base/ids.h"
#include "src/kiosk/error.h"

#define LABEL "huijian-kiosk-hello-v1"
#define REVEAL_LABEL "huijian-e2ee-v1 reveal"
#define HALF 32 /* bytes of r and of s on P-256 */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_PKEY, EVP_PKEY_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_MD_CTX, EVP_MD_CTX_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ECDSA_SIG, ECDSA_SIG_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BIO, BIO_free_all)

struct _HjDeviceKey
{
  EVP_PKEY *key;
};

static HjDeviceKey *
wrap (EVP_PKEY *key)
{
  HjDeviceKey *self = g_new0 (HjDeviceKey, 1);

  self->key = key;
  return self;
}

static HjDeviceKey *
refuse (GError **error, const char *path, const char *why)
{
  g_set_error (error, HJ_KIOSK_ERROR, HJ_KIOSK_ERROR_KEY, "device key %s: %s", path, why);
  return NULL;
}

/* Makes a key and saves it; the file must not exist yet. Returns: (transfer full) (nullable). */
HjDeviceKey *
hj_device_key_create (const char *path, GError **error)
{
  g_autoptr (EVP_PKEY) key = EVP_EC_gen ("P-256");
  g_autoptr (BIO) pem = BIO_new (BIO_s_secmem ());
  char *text = NULL;
  long size = 0;

  if (g_file_test (path, G_FILE_TEST_EXISTS))
    return refuse (error, path, "exists already");
  if (key == NULL || pem == NULL
      || PEM_write_bio_PKCS8PrivateKey (pem, key, NULL, NULL, 0, NULL, NULL) != 1)
    return refuse (error, path, "cannot be made");
  size = BIO_get_mem_data (pem, &text);
  if (!g_file_set_contents_full (path, text, size,
          G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600, error))
    return NULL;
  return wrap (g_steal_pointer (&key));
}

static gboolean
only_owner_reads (const char *path)
{
  GStatBuf status;

  return g_stat (path, &status) == 0 && (status.st_mode & 077) == 0;
}

/* Returns: (transfer full) (nullable): refuses a key that others can read, for then it proves nothing. */
HjDeviceKey *
hj_device_key_open (const char *path, GError **error)
{
  g_autoptr (BIO) file = BIO_new_file (path, "r");
  g_autoptr (EVP_PKEY) key = NULL;
  char group[32] = "";
  gsize size = 0;

  if (file == NULL)
    return refuse (error, path, "cannot be read");
  if (!only_owner_reads (path))
    return refuse (error, path, "can be read by others; its mode must be 0600");
  key = PEM_read_bio_PrivateKey (file, NULL, NULL, (void *)"");
  if (key == NULL || EVP_PKEY_get_group_name (key, group, sizeof group, &size) != 1
      || !g_str_equal (group, SN_X9_62_prime256v1))
    return refuse (error, path, "is no P-256 key");
  return wrap (g_steal_pointer (&key));
}

void
hj_device_key_free (HjDeviceKey *self)
{
  if (self == NULL)
    return;
  EVP_PKEY_free (self->key);
  g_free (self);
}

/* Returns: (transfer full): the SubjectPublicKeyInfo (RFC 5480) in base64, as POST kiosks/enrol takes it. */
char *
hj_device_key_public (const HjDeviceKey *self)
{
  unsigned char *der = NULL;
  int size = i2d_PUBKEY (self->key, &der);
  char *text = NULL;

  g_assert (size > 0);
  text = g_base64_encode (der, (gsize)size);
  OPENSSL_free (der);
  return text;
}

/* Returns: (transfer full): what a person compares with what the server shows. */
char *
hj_device_key_fingerprint (const HjDeviceKey *self)
{
  unsigned char *der = NULL;
  int size = i2d_PUBKEY (self->key, &der);
  char *text = NULL;

  g_assert (size > 0);
  text = hj_fingerprint_new (der, (gsize)size);
  OPENSSL_free (der);
  return text;
}

/* Returns: (transfer full): label 0x00 nonce kiosk 0x00 origin; the terminators keep the fields from running together. */
static GByteArray *
hello_bytes (const guint8 *nonce, const char *kiosk, const char *origin)
{
  GByteArray *bytes = g_byte_array_new ();

  g_byte_array_append (bytes, (const guint8 *)LABEL, sizeof LABEL);
  g_byte_array_append (bytes, nonce, HJ_NONCE_SIZE);
  g_byte_array_append (bytes, (const guint8 *)kiosk, (guint)strlen (kiosk) + 1);
  g_byte_array_append (bytes, (const guint8 *)origin, (guint)strlen (origin));
  return bytes;
}

/* OpenSSL gives DER; the wire carries r and s, 32 bytes each. */
static gboolean
to_raw (const guint8 *der, gsize size, guint8 raw[2 * HALF])
{
  g_autoptr (ECDSA_SIG) pair = d2i_ECDSA_SIG (NULL, &der, (long)size);

  return pair != NULL && BN_bn2binpad (ECDSA_SIG_get0_r (pair), raw, HALF) == HALF
         && BN_bn2binpad (ECDSA_SIG_get0_s (pair), raw + HALF, HALF) == HALF;
}

/* Returns: (transfer full): r and s, 64 bytes in base64url. */
static char *
sign (const HjDeviceKey *self, const guint8 *bytes, gsize bytes_size)
{
  g_autoptr (EVP_MD_CTX) context = EVP_MD_CTX_new ();
  guint8 der[128];
  guint8 raw[2 * HALF];
  gsize size = sizeof der;
  gboolean done = EVP_DigestSignInit (context, NULL, EVP_sha256 (), NULL, self->key) == 1
                  && EVP_DigestSign (context, der, &size, bytes, bytes_size) == 1
                  && to_raw (der, size, raw);

  g_assert (done);
  return hj_base64url (raw, sizeof raw);
}

/* origin: that of enrolment, never the one a peer claims. Returns: (transfer full): 64 bytes in base64url. */
char *
hj_device_key_sign_hello (const HjDeviceKey *self, const guint8 nonce[HJ_NONCE_SIZE],
    const char *kiosk, const char *origin)
{
  g_autoptr (GByteArray) bytes = hello_bytes (nonce, kiosk, origin);

  return sign (self, bytes->data, bytes->len);
}

/* Returns: (transfer full) (nullable): 64 bytes in base64url; NULL when the statement does not begin as a reveal does. */
char *
hj_device_key_sign_reveal (const HjDeviceKey *self, const guint8 *statement, gsize size)
{
  /* The label's closing zero byte is part of it. */
  if (size < sizeof REVEAL_LABEL || memcmp (statement, REVEAL_LABEL, sizeof REVEAL_LABEL) != 0)
    return NULL;
  return sign (self, statement, size);
}
