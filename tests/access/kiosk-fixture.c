/* SPDX-License-Identifier: Apache-2.0 */
/* A centre with a room, its administrator, and a kiosk's key, whose signatures are made by code of the tests' own. */

#include "tests/access/kiosk-fixture.h"

#include <openssl/ec.h>
#include <openssl/x509.h>
#include <string.h>

#include "src/base/ids.h"

void
kiosk_set_up (KioskFixture *f, gconstpointer data)
{
  hj_fixture_set_up (&f->f, NULL);
  f->centre = hj_fixture_centre (&f->f);
  f->room = hj_fixture_room (&f->f, f->centre);
  f->administrator = hj_fixture_actor (&f->f, HJ_ROLE_ADMINISTRATOR, NULL, f->centre);
  f->nobody = hj_fixture_actor (&f->f, HJ_ROLE_NOBODY, NULL, NULL);
  f->key = EVP_EC_gen ("P-256");
}

void
kiosk_tear_down (KioskFixture *f, gconstpointer data)
{
  EVP_PKEY_free (f->key);
  hj_fixture_tear_down (&f->f, NULL);
}

char *
kiosk_public_key (EVP_PKEY *key)
{
  guint8 *der = NULL;
  int size = i2d_PUBKEY (key, &der);
  char *text = g_base64_encode (der, (gsize)size);

  OPENSSL_free (der);
  return text;
}

/* Returns: (transfer full): the Kiosk with its token. */
json_t *
kiosk_invite (KioskFixture *f)
{
  return hj_fixture_act (&f->f, &hj_act_create_kiosk, f->administrator,
      json_pack ("{s:s, s:s}", "room", f->room, "name", "终端甲"));
}

json_t *
kiosk_enrol_input (const char *token, const char *key)
{
  return json_pack ("{s:s, s:s, s:s}", "token", token, "public_key", key, "origin", KIOSK_ORIGIN);
}

/* The fingerprint as docs/protocol.md says, put together a second time. Returns: (transfer full). */
char *
kiosk_fingerprint (EVP_PKEY *key)
{
  g_autofree char *text = kiosk_public_key (key);
  gsize size;
  g_autofree guint8 *der = g_base64_decode (text, &size);
  g_autofree char *hash = g_compute_checksum_for_data (G_CHECKSUM_SHA256, der, size);
  g_autofree char *upper = g_ascii_strup (hash, 32);

  return g_strdup_printf ("%.4s %.4s %.4s %.4s %.4s %.4s %.4s %.4s", upper, upper + 4, upper + 8,
      upper + 12, upper + 16, upper + 20, upper + 24, upper + 28);
}

json_t *
kiosk_approval (const char *kiosk, const char *compared)
{
  return json_pack ("{s:s, s:s, s:s}", "id", kiosk, "state", "approved", "fingerprint", compared);
}

/* Returns: (transfer full): the id of a kiosk that nobody has approved. */
char *
kiosk_enrol_only (KioskFixture *f)
{
  g_autoptr (json_t) kiosk = kiosk_invite (f);
  g_autofree char *key = kiosk_public_key (f->key);
  g_autoptr (json_t) answer = hj_fixture_act (&f->f, &hj_act_enrol_kiosk, f->nobody,
      kiosk_enrol_input (json_string_value (json_object_get (kiosk, "token")), key));

  return g_strdup (json_string_value (json_object_get (answer, "kiosk")));
}

/* Returns: (transfer full): the id of a kiosk that may sign in. */
char *
kiosk_enrol (KioskFixture *f)
{
  g_autofree char *id = kiosk_enrol_only (f);
  g_autofree char *compared = kiosk_fingerprint (f->key);
  g_autoptr (json_t) kiosk = hj_fixture_act (
      &f->f, &hj_act_update_kiosk, f->administrator, kiosk_approval (id, compared));

  return g_steal_pointer (&id);
}

/* Returns: (transfer full): r and s in base64url. */
char *
kiosk_sign (EVP_PKEY *key, const guint8 *bytes, gsize size)
{
  EVP_MD_CTX *context = EVP_MD_CTX_new ();
  guint8 der[128], raw[HJ_SIGNATURE_BYTES];
  const guint8 *at = der;
  gsize der_size = sizeof der;
  ECDSA_SIG *signature;

  g_assert_cmpint (EVP_DigestSignInit (context, NULL, EVP_sha256 (), NULL, key), ==, 1);
  g_assert_cmpint (EVP_DigestSign (context, der, &der_size, bytes, size), ==, 1);
  signature = d2i_ECDSA_SIG (NULL, &at, (long)der_size);
  BN_bn2binpad (ECDSA_SIG_get0_r (signature), raw, 32);
  BN_bn2binpad (ECDSA_SIG_get0_s (signature), raw + 32, 32);
  ECDSA_SIG_free (signature);
  EVP_MD_CTX_free (context);
  return hj_base64url (raw, sizeof raw);
}

/* The bytes as docs/protocol.md writes them, put together a second time. Returns: (transfer full). */
GByteArray *
kiosk_hello (const char *kiosk, const guint8 *nonce)
{
  GByteArray *bytes = g_byte_array_new ();

  g_byte_array_append (bytes, (const guint8 *)"huijian-kiosk-hello-v1\0", 23);
  g_byte_array_append (bytes, nonce, 32);
  g_byte_array_append (bytes, (const guint8 *)kiosk, (guint)strlen (kiosk));
  g_byte_array_append (bytes, (const guint8 *)"\0" KIOSK_ORIGIN, 1 + strlen (KIOSK_ORIGIN));
  return bytes;
}

HjCaller *
kiosk_prove (KioskFixture *f, const char *kiosk, const guint8 *nonce, const char *signature,
    const char *origin)
{
  g_autoptr (GError) error = NULL;
  HjCaller *caller = hj_kiosk_prove (
      f->f.store, kiosk, nonce, signature, origin, hj_time_now (f->f.time), &error);

  if (caller == NULL)
    g_assert_error (error, HJ_REFUSAL, HJ_REFUSAL_TOKEN);
  return caller;
}

void
kiosk_not_proved (KioskFixture *f, const char *kiosk, const guint8 *nonce, const char *signature,
    const char *origin)
{
  g_autoptr (HjCaller) caller = kiosk_prove (f, kiosk, nonce, signature, origin);

  g_assert_null (caller);
}
