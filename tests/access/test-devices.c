/* SPDX-License-Identifier: Apache-2.0 */
/* src/access/devices.c: a browser's key is registered by who is signed in and holds it, named at join, removed. */

#include "src/access/devices.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <string.h>

#include "src/base/ids.h"
#include "tests/support/expect-log.h"
#include "tests/support/fixture.h"

#define NOWHERE "aaaaaaaaaaaaaaaaaaaaaaaaaa"

typedef struct
{
  HjFixture f;
  HjActor *lawyer;
  HjActor *other;
  EVP_PKEY *key;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  hj_fixture_set_up (&f->f, NULL);
  f->lawyer = hj_fixture_actor (&f->f, HJ_ROLE_LAWYER, hj_fixture_lawyer (&f->f), NULL);
  f->other = hj_fixture_actor (&f->f, HJ_ROLE_LAWYER, hj_fixture_lawyer (&f->f), NULL);
  f->key = EVP_EC_gen ("P-256");
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  EVP_PKEY_free (f->key);
  hj_fixture_tear_down (&f->f, NULL);
}

/* Returns: (transfer full): the SubjectPublicKeyInfo. */
static GBytes *
spki (EVP_PKEY *key)
{
  guint8 *der = NULL;
  int size = i2d_PUBKEY (key, &der);
  GBytes *bytes = g_bytes_new (der, (gsize)size);

  OPENSSL_free (der);
  return bytes;
}

static char *
base64 (GBytes *bytes)
{
  return g_base64_encode (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

/* Returns: (transfer full): r and s in base64url. */
static char *
sign (EVP_PKEY *key, const guint8 *bytes, gsize size)
{
  EVP_MD_CTX *context = EVP_MD_CTX_new ();
  guint8 der[128], raw[64];
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

/* The bytes as docs/protocol.md writes them. Returns: (transfer full). */
static GByteArray *
statement (const char *account, EVP_PKEY *key)
{
  GByteArray *bytes = g_byte_array_new ();
  g_autoptr (GBytes) der = spki (key);

  g_byte_array_append (bytes, (const guint8 *)"huijian-device-v1\0", 18);
  g_byte_array_append (bytes, (const guint8 *)account, (guint)strlen (account));
  g_byte_array_append (bytes, (const guint8 *)"\0", 1);
  g_byte_array_append (bytes, g_bytes_get_data (der, NULL), (guint)g_bytes_get_size (der));
  return bytes;
}

/* Returns: (transfer full): what the page of this account sends that holds this key. */
static json_t *
request (const HjActor *actor, EVP_PKEY *key)
{
  g_autoptr (GBytes) der = spki (key);
  g_autofree char *text = base64 (der);
  g_autoptr (GByteArray) bytes = statement (hj_actor_get_id (actor), key);
  g_autofree char *proof = sign (key, bytes->data, bytes->len);

  return json_pack ("{s:s, s:s, s:s}", "name", "办公室电脑", "public_key", text, "proof", proof);
}

static json_t *
add (Fixture *f, const HjActor *actor, EVP_PKEY *key)
{
  return hj_fixture_act (&f->f, &hj_act_add_device, actor, request (actor, key));
}

/* Returns: (transfer full). */
static json_t *
add_new (Fixture *f, const HjActor *actor)
{
  EVP_PKEY *key = EVP_EC_gen ("P-256");
  json_t *device = add (f, actor, key);

  EVP_PKEY_free (key);
  return device;
}

static const char *
member (const json_t *object, const char *key)
{
  return json_string_value (json_object_get (object, key));
}

static json_t *
about (const char *id)
{
  return json_pack ("{s:s}", "id", id);
}

static void
refused (Fixture *f, json_t *input, HjRefusal refusal)
{
  hj_fixture_refused (&f->f, &hj_act_add_device, f->lawyer, input, refusal);
}

static void
not_found_by_join (Fixture *f, const HjActor *actor, const char *device)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (hj_device_find_key (f->f.store, hj_actor_get_id (actor), device, 5, &error));
  g_assert_error (error, HJ_REFUSAL, HJ_REFUSAL_DEVICE);
}

static void
a_key_is_registered_and_found_at_join (Fixture *f, gconstpointer data)
{
  g_autoptr (GBytes) der = spki (f->key);
  g_autofree char *expected = base64 (der);
  g_autoptr (json_t) device = add (f, f->lawyer, f->key);
  g_autoptr (json_t) listed = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *key = NULL;

  g_assert_cmpstr (member (device, "state"), ==, "active");
  g_assert_cmpstr (member (device, "name"), ==, "办公室电脑");
  g_assert_cmpint (strlen (member (device, "fingerprint")), ==, 39);
  g_assert_null (json_object_get (device, "key"));
  g_assert_cmpint (
      json_integer_value (json_object_get (device, "added_at_us")), ==, hj_time_now (f->f.time));
  g_assert_true (json_is_null (json_object_get (device, "seen_at_us")));
  key = hj_device_find_key (
      f->f.store, hj_actor_get_id (f->lawyer), member (device, "id"), 77, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (key, ==, expected);
  listed = hj_fixture_act (&f->f, &hj_act_list_devices, f->lawyer, NULL);
  g_assert_cmpuint (json_array_size (json_object_get (listed, "devices")), ==, 1);
  g_assert_cmpint (json_integer_value (json_object_get (
                       json_array_get (json_object_get (listed, "devices"), 0), "seen_at_us")),
      ==, 77);
}

static void
the_same_key_again_is_the_same_device (Fixture *f, gconstpointer data)
{
  g_autoptr (json_t) first = add (f, f->lawyer, f->key);
  g_autoptr (json_t) second = add (f, f->lawyer, f->key);

  g_assert_true (json_equal (first, second));
  g_assert_cmpint (hj_fixture_count (&f->f, "SELECT COUNT (*) FROM device", NULL), ==, 1);
}

/* Two lawyers with one key would be one person to the other end. */
static void
a_key_has_one_account (Fixture *f, gconstpointer data)
{
  g_autoptr (json_t) device = add (f, f->lawyer, f->key);
  g_autoptr (json_t) removed = NULL;
  g_autoptr (json_t) others = NULL;

  hj_fixture_refused (
      &f->f, &hj_act_add_device, f->other, request (f->other, f->key), HJ_REFUSAL_EXISTS);
  removed = hj_fixture_act (&f->f, &hj_act_remove_device, f->lawyer, about (member (device, "id")));
  others = add (f, f->other, f->key);
  g_assert_cmpstr (member (others, "id"), !=, member (device, "id"));
  refused (f, request (f->lawyer, f->key), HJ_REFUSAL_EXISTS);
}

static void
an_eleventh_is_too_many (Fixture *f, gconstpointer data)
{
  g_autoptr (json_t) first = add (f, f->lawyer, f->key);
  g_autoptr (json_t) again = NULL;
  g_autoptr (json_t) removed = NULL;
  g_autoptr (json_t) others = NULL;
  g_autoptr (json_t) next = NULL;
  EVP_PKEY *key = EVP_EC_gen ("P-256");

  for (int i = 1; i < HJ_DEVICES_MAX_ACTIVE; i++)
    json_decref (add_new (f, f->lawyer));
  refused (f, request (f->lawyer, key), HJ_REFUSAL_TOO_MANY);
  again = add (f, f->lawyer, f->key);
  others = add_new (f, f->other);
  removed = hj_fixture_act (&f->f, &hj_act_remove_device, f->lawyer, about (member (first, "id")));
  next = add (f, f->lawyer, key);
  EVP_PKEY_free (key);
}

static void
a_wrong_proof_registers_nothing (Fixture *f, gconstpointer data)
{
  EVP_PKEY *strangers = EVP_EC_gen ("P-256");
  g_autoptr (GByteArray) bytes = statement (hj_actor_get_id (f->lawyer), f->key);
  g_autofree char *strange = sign (strangers, bytes->data, bytes->len);
  json_t *input = request (f->lawyer, f->key);

  json_object_set_new (input, "proof", json_string (strange));
  refused (f, input, HJ_REFUSAL_TOKEN);
  for (guint i = 0; i < bytes->len; i++)
    {
      g_autofree char *proof = NULL;

      bytes->data[i] ^= 1;
      proof = sign (f->key, bytes->data, bytes->len);
      bytes->data[i] ^= 1;
      input = request (f->lawyer, f->key);
      json_object_set_new (input, "proof", json_string (proof));
      refused (f, input, HJ_REFUSAL_TOKEN);
    }
  /* Another account's page asked this key for a proof. */
  refused (f, request (f->other, f->key), HJ_REFUSAL_TOKEN);
  input = request (f->lawyer, f->key);
  json_object_set_new (input, "proof", json_string ("AAAA"));
  refused (f, input, HJ_REFUSAL_TOKEN);
  g_assert_cmpint (hj_fixture_count (&f->f, "SELECT COUNT (*) FROM device", NULL), ==, 0);
  g_assert_cmpint (hj_fixture_entries (&f->f, "add-device", "refused"), ==, (gint64)bytes->len + 3);
  EVP_PKEY_free (strangers);
}

static void
bad_key (Fixture *f, const char *text)
{
  json_t *input = request (f->lawyer, f->key);

  json_object_set_new (input, "public_key", json_string (text));
  refused (f, input, HJ_REFUSAL_INVALID);
}

/* The same point compressed, and base64 whose last bits are not zero: other texts of the same key. */
static void
a_key_has_one_form (Fixture *f, gconstpointer data)
{
  EVP_PKEY *compressed = EVP_EC_gen ("P-256");
  g_autoptr (GBytes) short_der = NULL;
  g_autofree char *short_text = NULL;
  g_autoptr (GBytes) der = spki (f->key);
  g_autofree char *text = base64 (der);
  char *last = strchr (text, '=');

  EVP_PKEY_set_utf8_string_param (compressed, "point-format", "compressed");
  short_der = spki (compressed);
  g_assert_cmpuint (g_bytes_get_size (short_der), ==, 59);
  short_text = base64 (short_der);
  bad_key (f, short_text);
  g_assert_nonnull (last);
  last[-1]++;
  bad_key (f, text);
  EVP_PKEY_free (compressed);
}

static void
what_is_no_key_is_refused (Fixture *f, gconstpointer data)
{
  EVP_PKEY *p384 = EVP_EC_gen ("P-384");
  g_autoptr (GBytes) der = spki (p384);
  g_autofree char *other_curve = base64 (der);

  bad_key (f, "not base64!");
  bad_key (f, "AAAA");
  bad_key (f, other_curve);
  EVP_PKEY_free (p384);
}

static void
a_member_that_lacks_is_named (Fixture *f, gconstpointer data)
{
  static const char *const MEMBERS[] = { "name", "public_key", "proof" };

  for (gsize i = 0; i < G_N_ELEMENTS (MEMBERS); i++)
    {
      g_autoptr (json_t) input = request (f->lawyer, f->key);
      g_autoptr (GError) error = NULL;

      json_object_del (input, MEMBERS[i]);
      g_assert_null (
          hj_acts_run (f->f.acts, &hj_act_add_device, f->lawyer, input, NULL, NULL, &error));
      g_assert_error (error, HJ_REFUSAL, HJ_REFUSAL_INVALID);
      g_assert_cmpstr (error->message, ==, MEMBERS[i]);
    }
}

static void
a_removed_device_joins_no_more (Fixture *f, gconstpointer data)
{
  g_autoptr (json_t) device = add (f, f->lawyer, f->key);
  const char *id = member (device, "id");
  g_autoptr (json_t) removed = NULL;
  g_autoptr (json_t) again = NULL;
  g_autoptr (json_t) next = NULL;

  hj_fixture_advance (&f->f, 1000);
  removed = hj_fixture_act (&f->f, &hj_act_remove_device, f->lawyer, about (id));
  g_assert_cmpstr (member (removed, "state"), ==, "removed");
  g_assert_cmpint (
      json_integer_value (json_object_get (removed, "removed_at_us")), ==, hj_time_now (f->f.time));
  not_found_by_join (f, f->lawyer, id);
  hj_fixture_advance (&f->f, 1000);
  again = hj_fixture_act (&f->f, &hj_act_remove_device, f->lawyer, about (id));
  g_assert_true (json_equal (removed, again));
  /* The same browser registered anew is another device. */
  next = add (f, f->lawyer, f->key);
  g_assert_cmpstr (member (next, "id"), !=, id);
}

static void
a_device_is_its_own_account_s_alone (Fixture *f, gconstpointer data)
{
  g_autoptr (json_t) device = add (f, f->lawyer, f->key);
  const char *id = member (device, "id");
  g_autoptr (json_t) listed = hj_fixture_act (&f->f, &hj_act_list_devices, f->other, NULL);

  g_assert_cmpuint (json_array_size (json_object_get (listed, "devices")), ==, 0);
  hj_fixture_refused (&f->f, &hj_act_remove_device, f->other, about (id), HJ_REFUSAL_NOT_FOUND);
  hj_fixture_refused (
      &f->f, &hj_act_remove_device, f->lawyer, about (NOWHERE), HJ_REFUSAL_NOT_FOUND);
  hj_fixture_refused (&f->f, &hj_act_remove_device, f->lawyer, NULL, HJ_REFUSAL_INVALID);
  not_found_by_join (f, f->other, id);
  not_found_by_join (f, f->lawyer, NOWHERE);
  g_assert_cmpint (
      hj_fixture_count (&f->f, "SELECT COUNT (*) FROM device WHERE seen_at_us IS NULL", NULL), ==,
      1);
}

static void
those_in_use_come_first (Fixture *f, gconstpointer data)
{
  g_autoptr (json_t) first = add_new (f, f->lawyer);
  g_autoptr (json_t) second = NULL;
  g_autoptr (json_t) third = NULL;
  g_autoptr (json_t) removed = NULL;
  g_autoptr (json_t) listed = NULL;
  const json_t *devices;

  hj_fixture_advance (&f->f, 1000);
  second = add_new (f, f->lawyer);
  hj_fixture_advance (&f->f, 1000);
  third = add_new (f, f->lawyer);
  removed = hj_fixture_act (&f->f, &hj_act_remove_device, f->lawyer, about (member (second, "id")));
  listed = hj_fixture_act (&f->f, &hj_act_list_devices, f->lawyer, NULL);
  devices = json_object_get (listed, "devices");
  g_assert_true (json_equal (json_array_get (devices, 0), third));
  g_assert_true (json_equal (json_array_get (devices, 1), first));
  g_assert_true (json_equal (json_array_get (devices, 2), removed));
}

#define FIXTURE(NAME, TEST)                                                                        \
  g_test_add ("/access/devices/" NAME, Fixture, NULL, set_up, TEST, tear_down)

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  FIXTURE ("a key is registered and found at join", a_key_is_registered_and_found_at_join);
  FIXTURE ("the same key again is the same device", the_same_key_again_is_the_same_device);
  FIXTURE ("a key has one account", a_key_has_one_account);
  FIXTURE ("an eleventh is too many", an_eleventh_is_too_many);
  FIXTURE ("a wrong proof registers nothing", a_wrong_proof_registers_nothing);
  FIXTURE ("a key has one form", a_key_has_one_form);
  FIXTURE ("what is no key is refused", what_is_no_key_is_refused);
  FIXTURE ("a member that lacks is named", a_member_that_lacks_is_named);
  FIXTURE ("a removed device joins no more", a_removed_device_joins_no_more);
  FIXTURE ("a device is its own account's alone", a_device_is_its_own_account_s_alone);
  FIXTURE ("those in use come first", those_in_use_come_first);
  return g_test_run ();
}
