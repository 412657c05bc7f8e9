/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of browsers and kiosks as pages reach them: me/devices, and the approval of a kiosk. Their rules are tested in
 * tests/access/. */

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <string.h>

#include "src/base/fingerprint.h"
#include "src/base/ids.h"
#include "tests/signaling/http.h"
#include "tests/support/expect-log.h"

typedef struct
{
  EVP_PKEY *key;
  guint8 *der;
  int size;
} Key;

static Key
new_key (void)
{
  Key key = { .key = EVP_EC_gen ("P-256") };

  key.size = i2d_PUBKEY (key.key, &key.der);
  return key;
}

static void
free_key (Key *key)
{
  EVP_PKEY_free (key->key);
  OPENSSL_free (key->der);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Key, free_key)

/* Returns: (transfer full): the proof that the page of this account sends. */
static char *
prove (const Key *key, const char *account)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  EVP_MD_CTX *context = EVP_MD_CTX_new ();
  guint8 der[128], raw[64];
  const guint8 *at = der;
  gsize size = sizeof der;
  ECDSA_SIG *signature;

  g_byte_array_append (bytes, (const guint8 *)"huijian-device-v1", 18);
  g_byte_array_append (bytes, (const guint8 *)account, (guint)strlen (account) + 1);
  g_byte_array_append (bytes, key->der, (guint)key->size);
  g_assert_cmpint (EVP_DigestSignInit (context, NULL, EVP_sha256 (), NULL, key->key), ==, 1);
  g_assert_cmpint (EVP_DigestSign (context, der, &size, bytes->data, bytes->len), ==, 1);
  signature = d2i_ECDSA_SIG (NULL, &at, (long)size);
  BN_bn2binpad (ECDSA_SIG_get0_r (signature), raw, 32);
  BN_bn2binpad (ECDSA_SIG_get0_s (signature), raw + 32, 32);
  ECDSA_SIG_free (signature);
  EVP_MD_CTX_free (context);
  return hj_base64url (raw, sizeof raw);
}

/* account: whose the proof is. Returns: (transfer full). */
static Reply *
add (Http *h, const Key *key, const char *account)
{
  g_autofree char *public_key = g_base64_encode (key->der, (gsize)key->size);
  g_autofree char *proof = prove (key, account);

  return http_ask (h, HJ_ROLE_LAWYER, "POST", "me/devices",
      json_pack ("{s:s, s:s, s:s}", "name", "笔记本", "public_key", public_key, "proof", proof));
}

static const char *
member (const Reply *reply, const char *key)
{
  return json_string_value (json_object_get (reply->body, key));
}

static void
is_refused (Reply *reply, guint status, const char *code)
{
  g_assert_cmpuint (reply->status, ==, status);
  g_assert_cmpstr (reply_code (reply), ==, code);
  reply_free (reply);
}

static void
a_browser_is_registered_listed_and_removed (Http *h, gconstpointer data)
{
  const char *account = h->accounts[HJ_ROLE_LAWYER];
  g_auto (Key) key = new_key ();
  g_autoptr (Reply) made = add (h, &key, account);
  g_autoptr (Reply) again = add (h, &key, account);
  g_autoptr (Reply) listed = http_ask (h, HJ_ROLE_LAWYER, "GET", "me/devices", NULL);
  g_autofree char *fingerprint = hj_fingerprint_new (key.der, (gsize)key.size);
  g_autofree char *path = NULL;
  g_autoptr (Reply) removed = NULL;

  g_assert_cmpuint (made->status, ==, 201);
  g_assert_cmpstr (member (made, "fingerprint"), ==, fingerprint);
  g_assert_cmpuint (again->status, ==, 201);
  g_assert_true (json_equal (made->body, again->body));
  g_assert_cmpuint (json_array_size (json_object_get (listed->body, "devices")), ==, 2);
  path = g_strdup_printf ("me/devices/%s/remove", member (made, "id"));
  removed = http_ask (h, HJ_ROLE_LAWYER, "POST", path, NULL);
  g_assert_cmpuint (removed->status, ==, 200);
  g_assert_cmpstr (member (removed, "state"), ==, "removed");
}

static void
a_browser_that_cannot_be_registered_is_told_why (Http *h, gconstpointer data)
{
  const char *account = h->accounts[HJ_ROLE_LAWYER];
  g_auto (Key) key = new_key ();
  g_auto (Key) strangers = new_key ();
  g_autofree char *hex = g_malloc0 (2 * (gsize)strangers.size + 1);
  g_autofree char *taken = NULL;

  is_refused (add (h, &key, h->accounts[HJ_ROLE_DESK]), 403, "token");
  is_refused (http_ask (h, HJ_ROLE_LAWYER, "POST", "me/devices", json_object ()), 400, "invalid");
  is_refused (http_ask (h, HJ_ROLE_DESK, "GET", "me/devices", NULL), 404, "not-found");
  is_refused (http_ask (h, HJ_ROLE_NOBODY, "GET", "me/devices", NULL), 401, "sign-in");
  is_refused (
      http_ask (h, HJ_ROLE_LAWYER, "POST", "me/devices/aaaaaaaaaaaaaaaaaaaaaaaaaa/remove", NULL),
      404, "not-found");
  is_refused (http_ask (h, HJ_ROLE_LAWYER, "POST", "me/devices/x/remove", NULL), 400, "invalid");
  for (int i = 0; i < strangers.size; i++)
    g_snprintf (hex + 2 * i, 3, "%02x", strangers.der[i]);
  taken = g_strdup_printf ("INSERT INTO device (id, account, name, public_key, added_at_us) VALUES "
                           "('x', :id, 'x', x'%s',"
                           " 0)",
      hex);
  hj_there_sql (&h->p.f, taken, h->accounts[HJ_ROLE_DESK]);
  is_refused (add (h, &strangers, account), 409, "exists");
}

static void
the_eleventh_browser_is_too_many (Http *h, gconstpointer data)
{
  const char *account = h->accounts[HJ_ROLE_LAWYER];
  g_auto (Key) last = new_key ();

  /* The place's lawyer has one already. */
  hj_there_sql (&h->p.f,
      "WITH RECURSIVE n (i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 10) INSERT INTO"
      " device (id, account, name, public_key, added_at_us)"
      " SELECT 'd' || i, :id, 'x', CAST (i AS BLOB), 0 FROM n",
      account);
  is_refused (add (h, &last, account), 429, "too-many");
}

/* Returns: (transfer full). */
static Reply *
approve (Http *h, HjRole role, const char *fingerprint)
{
  g_autofree char *path = g_strconcat ("kiosks/", h->p.kiosk, NULL);

  return http_ask (h, role, "PUT", path,
      json_pack ("{s:s, s:s}", "state", "approved", "fingerprint", fingerprint));
}

static void
an_administrator_approves_the_key_that_was_compared (Http *h, gconstpointer data)
{
  g_autofree char *key = g_strconcat ("key of ", h->p.kiosk, NULL);
  g_autofree char *fingerprint = hj_fingerprint_new (key, strlen (key));
  g_autofree char *stale = hj_fingerprint_new ("another key", 11);
  g_autoptr (Reply) listed = NULL;
  g_autoptr (Reply) approved = NULL;
  const json_t *kiosk;

  hj_there_sql (&h->p.f, "UPDATE kiosk SET state = 'enrolled' WHERE id = :id", h->p.kiosk);
  listed = http_ask (h, HJ_ROLE_DESK, "GET", "kiosks", NULL);
  kiosk = json_array_get (json_object_get (listed->body, "kiosks"), 0);
  g_assert_cmpstr (json_string_value (json_object_get (kiosk, "state")), ==, "enrolled");
  g_assert_cmpstr (json_string_value (json_object_get (kiosk, "fingerprint")), ==, fingerprint);
  is_refused (approve (h, HJ_ROLE_DESK, fingerprint), 404, "not-found");
  is_refused (approve (h, HJ_ROLE_ADMINISTRATOR, "nonsense"), 400, "invalid");
  is_refused (approve (h, HJ_ROLE_ADMINISTRATOR, stale), 409, "state");
  approved = approve (h, HJ_ROLE_ADMINISTRATOR, fingerprint);
  g_assert_cmpuint (approved->status, ==, 200);
  g_assert_cmpstr (member (approved, "state"), ==, "approved");
}

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  HTTP_TEST ("/api/devices/registered", a_browser_is_registered_listed_and_removed);
  HTTP_TEST ("/api/devices/refused", a_browser_that_cannot_be_registered_is_told_why);
  HTTP_TEST ("/api/devices/eleventh", the_eleventh_browser_is_too_many);
  HTTP_TEST ("/api/kiosks/approved", an_administrator_approves_the_key_that_was_compared);
  return g_test_run ();
}
