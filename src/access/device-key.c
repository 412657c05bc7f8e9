/* SPDX-License-Identifier: Apache-2.0 */
/* A device's public key, a kiosk's or a browser's, and what it signs: P-256 as SubjectPublicKeyInfo (RFC 5480), ECDSA with SHA-256 (FIPS 186-5), the
 * signature as r and s of 32 bytes each. docs/protocol.md section 1, Kiosk signature, and section 2, Device. Any
 * thread. */

#include "src/access/device-key.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <string.h>

#include "src/base/fingerprint.h"
#include "src/base/ids.h"
#include "src/base/json.h"
#include "src/base/refusal.h"

#define MAX_KEY_TEXT 256
#define SPKI_BYTES 91
#define LABEL "huijian-kiosk-hello-v1"
#define PROOF_LABEL "huijian-device-v1"

G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_PKEY, EVP_PKEY_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_PKEY_CTX, EVP_PKEY_CTX_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_MD_CTX, EVP_MD_CTX_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ECDSA_SIG, ECDSA_SIG_free)

static EVP_PKEY *
parse_key (const guint8 *der, gsize size)
{
  const guint8 *at = der;
  EVP_PKEY *key = d2i_PUBKEY (NULL, &at, (long)size);

  if (key != NULL && at == der + size)
    return key;
  EVP_PKEY_free (key);
  return NULL;
}

static gboolean
is_sound_p256 (EVP_PKEY *key)
{
  char group[32] = "";
  g_autoptr (EVP_PKEY_CTX) context = NULL;

  if (!EVP_PKEY_is_a (key, "EC") || EVP_PKEY_get_group_name (key, group, sizeof group, NULL) != 1
      || !g_str_equal (group, "prime256v1"))
    return FALSE;
  context = EVP_PKEY_CTX_new_from_pkey (NULL, key, NULL);
  return context != NULL && EVP_PKEY_public_check (context) == 1;
}

/* One key has one form: the curve by its name, the point uncompressed. So the same key is found again, and both ends hash
 * the same bytes (docs/e2ee.md section 3, Bytes). */
static gboolean
is_only_form (EVP_PKEY *key, const guint8 *der, gsize size)
{
  guint8 again[SPKI_BYTES];
  guint8 *at = again;

  return size == SPKI_BYTES && i2d_PUBKEY (key, NULL) == SPKI_BYTES
         && i2d_PUBKEY (key, &at) == SPKI_BYTES && memcmp (again, der, SPKI_BYTES) == 0;
}

/* public_key: base64 (RFC 4648 section 4) of the DER. Refused with HJ_REFUSAL_INVALID: what is not exactly one P-256 key
 * with its point on the curve, in its only form. Returns: (transfer full) (nullable): the DER. */
GBytes *
hj_device_key_read (const char *public_key, GError **error)
{
  static const char SET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
  gsize length = strlen (public_key);
  g_autofree guint8 *der = NULL;
  g_autofree char *again = NULL;
  g_autoptr (EVP_PKEY) key = NULL;
  gsize size = 0;

  if (length <= MAX_KEY_TEXT && length % 4 == 0 && strspn (public_key, SET) == length)
    der = g_base64_decode (public_key, &size);
  if (der != NULL)
    {
      again = g_base64_encode (der, size);
      key = parse_key (der, size);
    }
  if (key != NULL && is_sound_p256 (key) && is_only_form (key, der, size)
      && g_str_equal (again, public_key))
    return g_bytes_new_take (g_steal_pointer (&der), size);
  hj_refuse (error, HJ_REFUSAL_INVALID, "public_key");
  return NULL;
}

/* Returns: (transfer full): the bytes that a kiosk signs. */
GBytes *
hj_device_key_build_hello (
    const guint8 nonce[HJ_NONCE_BYTES], const char *kiosk, const char *origin)
{
  GByteArray *message = g_byte_array_new ();

  /* The label's and the id's closing zero bytes are part of the message, the origin's is not. */
  g_byte_array_append (message, (const guint8 *)LABEL, sizeof LABEL);
  g_byte_array_append (message, nonce, HJ_NONCE_BYTES);
  g_byte_array_append (message, (const guint8 *)kiosk, (guint)strlen (kiosk) + 1);
  g_byte_array_append (message, (const guint8 *)origin, (guint)strlen (origin));
  return g_byte_array_free_to_bytes (message);
}

/* key: as hj_device_key_read() gave it. Returns: (transfer full): the bytes that a browser signs to register it. */
GBytes *
hj_device_key_build_proof (const char *account, GBytes *key)
{
  GByteArray *message = g_byte_array_new ();

  g_byte_array_append (message, (const guint8 *)PROOF_LABEL, sizeof PROOF_LABEL);
  g_byte_array_append (message, (const guint8 *)account, (guint)strlen (account) + 1);
  g_byte_array_append (message, g_bytes_get_data (key, NULL), (guint)g_bytes_get_size (key));
  return g_byte_array_free_to_bytes (message);
}

static guint8
digit (char c)
{
  return (guint8)g_ascii_xdigit_value (c);
}

/* row: whose member `key` is SQL's hex (public_key), empty or null when there is none. That becomes `fingerprint`, null
 * when there is no key. */
void
hj_device_key_show (json_t *row)
{
  const char *hex = json_string_value (json_object_get (row, "key"));
  gsize size = hex != NULL ? strlen (hex) / 2 : 0;
  g_autofree guint8 *der = g_malloc (size);
  g_autofree char *fingerprint = NULL;

  for (gsize i = 0; i < size; i++)
    der[i] = (guint8)(digit (hex[2 * i]) << 4 | digit (hex[2 * i + 1]));
  if (size > 0)
    fingerprint = hj_fingerprint_new (der, size);
  json_object_set_new (row, "fingerprint", hj_json_string_or_null (fingerprint));
  json_object_del (row, "key");
}

/* From r and s to the DER that OpenSSL wants. Returns: the size, 0 when the text is no signature. */
static gsize
encode_signature (const char *text, guint8 **ret_der)
{
  gsize size = 0;
  g_autofree guint8 *raw = hj_base64url_decode (text, &size);
  g_autoptr (ECDSA_SIG) signature = ECDSA_SIG_new ();
  BIGNUM *r, *s;
  int der_size;

  if (raw == NULL || size != HJ_SIGNATURE_BYTES)
    return 0;
  r = BN_bin2bn (raw, HJ_SIGNATURE_BYTES / 2, NULL);
  s = BN_bin2bn (raw + HJ_SIGNATURE_BYTES / 2, HJ_SIGNATURE_BYTES / 2, NULL);
  g_assert (r != NULL && s != NULL && ECDSA_SIG_set0 (signature, r, s) == 1);
  der_size = i2d_ECDSA_SIG (signature, ret_der);
  return der_size > 0 ? (gsize)der_size : 0;
}

/* der: the key as hj_device_key_read() gave it. signature: base64url without padding. */
gboolean
hj_device_key_verify (gconstpointer der, gsize der_size, GBytes *message, const char *signature)
{
  g_autoptr (EVP_PKEY) key = parse_key (der, der_size);
  g_autoptr (EVP_MD_CTX) context = EVP_MD_CTX_new ();
  guint8 *encoded = NULL;
  gsize size = encode_signature (signature, &encoded);
  gsize message_size;
  const guint8 *bytes = g_bytes_get_data (message, &message_size);
  gboolean fits = key != NULL && size > 0
                  && EVP_DigestVerifyInit (context, NULL, EVP_sha256 (), NULL, key) == 1
                  && EVP_DigestVerify (context, encoded, size, bytes, message_size) == 1;

  OPENSSL_free (encoded);
  return fits;
}
