/* SPDX-License-Identifier: Apache-2.0 */
/* src/access/kiosks.c, kiosk-line.c and device-key.c: invited once, enrolled with a real key, proved byte by byte. What a
 * person approves stands in test-approval.c. */

#include <string.h>

#include "src/access/sweep.h"
#include "src/base/ids.h"
#include "tests/access/kiosk-fixture.h"
#include "tests/support/expect-log.h"

static void
a_kiosk_is_invited_enrolled_and_proves_itself (KioskFixture *f, gconstpointer data)
{
  static const guint8 NONCE[32] = { 1, 2, 3 };
  g_autoptr (json_t) kiosk = kiosk_invite (f);
  const char *token = json_string_value (json_object_get (kiosk, "token"));
  const char *id = json_string_value (json_object_get (kiosk, "id"));
  g_autofree char *key = kiosk_public_key (f->key);
  g_autofree char *compared = kiosk_fingerprint (f->key);
  g_autoptr (json_t) answer = NULL;
  g_autoptr (json_t) approved = NULL;
  g_autoptr (GByteArray) bytes = NULL;
  g_autofree char *signature = NULL;
  g_autoptr (HjCaller) caller = NULL;

  g_assert_cmpstr (json_string_value (json_object_get (kiosk, "state")), ==, "invited");
  g_assert_true (json_is_null (json_object_get (kiosk, "fingerprint")));
  g_assert_cmpuint (strlen (token), ==, 43);
  answer = hj_fixture_act (&f->f, &hj_act_enrol_kiosk, f->nobody, kiosk_enrol_input (token, key));
  g_assert_cmpstr (json_string_value (json_object_get (answer, "kiosk")), ==, id);
  g_assert_cmpstr (json_string_value (json_object_get (answer, "name")), ==, "终端甲");
  g_assert_cmpstr (json_string_value (json_object_get (answer, "origin")), ==, KIOSK_ORIGIN);
  g_assert_cmpstr (
      json_string_value (json_object_get (json_object_get (answer, "room"), "id")), ==, f->room);
  g_assert_cmpstr (json_string_value (json_object_get (json_object_get (answer, "centre"), "id")),
      ==, f->centre);
  approved = hj_fixture_act (
      &f->f, &hj_act_update_kiosk, f->administrator, kiosk_approval (id, compared));
  g_assert_cmpstr (json_string_value (json_object_get (approved, "state")), ==, "approved");
  g_assert_cmpstr (json_string_value (json_object_get (approved, "fingerprint")), ==, compared);
  g_assert_null (json_object_get (approved, "key"));
  bytes = kiosk_hello (id, NONCE);
  signature = kiosk_sign (f->key, bytes->data, bytes->len);
  caller = kiosk_prove (f, id, NONCE, signature, KIOSK_ORIGIN);
  g_assert_cmpstr (hj_actor_get_id (caller->actor), ==, id);
  g_assert_cmpint (hj_actor_get_role (caller->actor), ==, HJ_ROLE_KIOSK);
  g_assert_true (hj_actor_has_centre (caller->actor, f->centre));
  g_assert_cmpstr (caller->room, ==, f->room);
  g_assert_cmpstr (caller->centre, ==, f->centre);
  g_assert_cmpint (hj_fixture_entries (&f->f, "hello", "done"), ==, 1);
}

static void
every_signed_byte_counts (KioskFixture *f, gconstpointer data)
{
  static const guint8 NONCE[32] = { 9, 8, 7 };
  g_autofree char *id = kiosk_enrol (f);
  g_autoptr (GByteArray) bytes = kiosk_hello (id, NONCE);

  for (guint i = 0; i < bytes->len; i++)
    {
      g_autofree char *signature = NULL;

      bytes->data[i] ^= 1;
      signature = kiosk_sign (f->key, bytes->data, bytes->len);
      bytes->data[i] ^= 1;
      kiosk_not_proved (f, id, NONCE, signature, KIOSK_ORIGIN);
    }
  g_assert_cmpint (hj_fixture_entries (&f->f, "hello", "refused"), ==, bytes->len);
}

static void
every_byte_of_the_signature_counts (KioskFixture *f, gconstpointer data)
{
  static const guint8 NONCE[32] = { 9, 8, 7 };
  g_autofree char *id = kiosk_enrol (f);
  g_autoptr (GByteArray) bytes = kiosk_hello (id, NONCE);
  g_autofree char *signature = kiosk_sign (f->key, bytes->data, bytes->len);
  gsize size;
  g_autofree guint8 *raw = hj_base64url_decode (signature, &size);

  for (gsize i = 0; i < size; i++)
    {
      g_autofree char *wrong = NULL;

      raw[i] ^= 0x10;
      wrong = hj_base64url (raw, size);
      raw[i] ^= 0x10;
      kiosk_not_proved (f, id, NONCE, wrong, KIOSK_ORIGIN);
    }
}

static void
what_is_no_signature_is_refused (KioskFixture *f, gconstpointer data)
{
  static const guint8 NONCE[32] = { 9 };
  static const guint8 ZEROS[HJ_SIGNATURE_BYTES + 1] = { 0 };
  g_autofree char *id = kiosk_enrol (f);
  g_autoptr (GByteArray) bytes = kiosk_hello (id, NONCE);
  g_autofree char *signature = kiosk_sign (f->key, bytes->data, bytes->len);
  g_autofree char *zeros = hj_base64url (ZEROS, HJ_SIGNATURE_BYTES);
  g_autofree char *longer = hj_base64url (ZEROS, HJ_SIGNATURE_BYTES + 1);
  g_autofree char *padded = g_strconcat (signature, "==", NULL);
  g_autofree char *trailed = NULL;
  guint8 more[HJ_SIGNATURE_BYTES + 1] = { 0 };
  gsize size;
  g_autofree guint8 *raw = hj_base64url_decode (signature, &size);

  kiosk_not_proved (f, id, NONCE, "", KIOSK_ORIGIN);
  kiosk_not_proved (f, id, NONCE, "!", KIOSK_ORIGIN);
  kiosk_not_proved (f, id, NONCE, zeros, KIOSK_ORIGIN);
  kiosk_not_proved (f, id, NONCE, longer, KIOSK_ORIGIN);
  kiosk_not_proved (f, id, NONCE, padded, KIOSK_ORIGIN);
  memcpy (more, raw, size);
  trailed = hj_base64url (more, sizeof more);
  kiosk_not_proved (f, id, NONCE, trailed, KIOSK_ORIGIN);
  signature[80] = '\0';
  kiosk_not_proved (f, id, NONCE, signature, KIOSK_ORIGIN);
}

static void
nonce_kiosk_origin_and_key_are_this_one_s (KioskFixture *f, gconstpointer data)
{
  static const guint8 NONCE[32] = { 9 };
  static const guint8 OTHER[32] = { 10 };
  g_autofree char *id = kiosk_enrol (f);
  EVP_PKEY *strangers = EVP_EC_gen ("P-256");
  const char *room = hj_fixture_room (&f->f, f->centre);
  const char *unkeyed = hj_fixture_kiosk (&f->f, room, TRUE);
  g_autoptr (GByteArray) bytes = kiosk_hello (id, NONCE);
  g_autoptr (GByteArray) for_unkeyed = kiosk_hello (unkeyed, NONCE);
  g_autofree char *signature = kiosk_sign (f->key, bytes->data, bytes->len);
  g_autofree char *strange = kiosk_sign (strangers, bytes->data, bytes->len);
  g_autofree char *unkeyed_signature = kiosk_sign (f->key, for_unkeyed->data, for_unkeyed->len);

  kiosk_not_proved (f, id, OTHER, signature, KIOSK_ORIGIN);
  kiosk_not_proved (f, id, NONCE, signature, "https://other.example");
  kiosk_not_proved (f, id, NONCE, strange, KIOSK_ORIGIN);
  kiosk_not_proved (f, unkeyed, NONCE, unkeyed_signature, KIOSK_ORIGIN);
  kiosk_not_proved (f, "aaaaaaaaaaaaaaaaaaaaaaaaaa", NONCE, signature, KIOSK_ORIGIN);
  EVP_PKEY_free (strangers);
}

static void
a_retired_kiosk_is_nobody (KioskFixture *f, gconstpointer data)
{
  static const guint8 NONCE[32] = { 9 };
  g_autofree char *id = kiosk_enrol (f);
  g_autoptr (GByteArray) bytes = kiosk_hello (id, NONCE);
  g_autofree char *signature = kiosk_sign (f->key, bytes->data, bytes->len);
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) answer = NULL;

  hj_kiosk_set_online (f->f.store, id, TRUE, 5, &error);
  g_assert_no_error (error);
  answer = hj_fixture_act (&f->f, &hj_act_update_kiosk, f->administrator,
      json_pack ("{s:s, s:s}", "id", id, "state", "retired"));
  g_assert_cmpstr (json_string_value (json_object_get (answer, "state")), ==, "retired");
  g_assert_true (json_is_false (json_object_get (answer, "online")));
  kiosk_not_proved (f, id, NONCE, signature, KIOSK_ORIGIN);
  hj_kiosk_set_online (f->f.store, id, TRUE, 5, &error);
  g_assert_no_error (error);
  g_assert_cmpint (hj_fixture_count (&f->f, "SELECT online FROM kiosk WHERE id = :id", id), ==, 0);
}

static void
a_token_is_good_once_and_for_ten_minutes (KioskFixture *f, gconstpointer data)
{
  g_autofree char *key = kiosk_public_key (f->key);
  g_autoptr (json_t) first = kiosk_invite (f);
  const char *token = json_string_value (json_object_get (first, "token"));
  g_autoptr (json_t) second = NULL;
  g_autoptr (json_t) enrolled = NULL;

  hj_fixture_advance (&f->f, HJ_KIOSK_TOKEN_LIFE_US);
  hj_fixture_refused (
      &f->f, &hj_act_enrol_kiosk, f->nobody, kiosk_enrol_input (token, key), HJ_REFUSAL_TOKEN);
  /* What ran out makes room for the next. */
  second = kiosk_invite (f);
  token = json_string_value (json_object_get (second, "token"));
  hj_fixture_advance (&f->f, HJ_KIOSK_TOKEN_LIFE_US - 1);
  enrolled = hj_fixture_act (&f->f, &hj_act_enrol_kiosk, f->nobody, kiosk_enrol_input (token, key));
  hj_fixture_refused (
      &f->f, &hj_act_enrol_kiosk, f->nobody, kiosk_enrol_input (token, key), HJ_REFUSAL_TOKEN);
  hj_fixture_refused (
      &f->f, &hj_act_enrol_kiosk, f->nobody, kiosk_enrol_input ("nonsense", key), HJ_REFUSAL_TOKEN);
  g_assert_cmpint (
      hj_fixture_count (&f->f, "SELECT COUNT (*) FROM kiosk WHERE token_hash IS NOT NULL", NULL),
      ==, 0);
}

static void
tokens_are_stored_hashed_and_swept (KioskFixture *f, gconstpointer data)
{
  static const char HASHES[] = "SELECT COUNT (*) FROM kiosk WHERE token_hash IS NOT NULL";
  g_autoptr (json_t) kiosk = kiosk_invite (f);
  const char *token = json_string_value (json_object_get (kiosk, "token"));
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (
      hj_fixture_count (&f->f, "SELECT COUNT (*) FROM kiosk WHERE token_hash = :id", token), ==, 0);
  hj_sweep (f->f.store, hj_time_now (f->f.time), &error);
  g_assert_no_error (error);
  g_assert_cmpint (hj_fixture_count (&f->f, HASHES, NULL), ==, 1);
  hj_sweep (f->f.store, hj_time_now (f->f.time) + HJ_KIOSK_TOKEN_LIFE_US, &error);
  g_assert_no_error (error);
  g_assert_cmpint (hj_fixture_count (&f->f, HASHES, NULL), ==, 0);
}

static void
bad_key (KioskFixture *f, const char *token, const char *key)
{
  hj_fixture_refused (
      &f->f, &hj_act_enrol_kiosk, f->nobody, kiosk_enrol_input (token, key), HJ_REFUSAL_INVALID);
}

static void
what_is_no_p256_key_does_not_spend_the_token (KioskFixture *f, gconstpointer data)
{
  g_autoptr (json_t) kiosk = kiosk_invite (f);
  const char *token = json_string_value (json_object_get (kiosk, "token"));
  g_autofree char *good = kiosk_public_key (f->key);
  EVP_PKEY *p384 = EVP_EC_gen ("P-384");
  EVP_PKEY *ed25519 = EVP_PKEY_Q_keygen (NULL, NULL, "ED25519");
  g_autofree char *other_curve = kiosk_public_key (p384);
  g_autofree char *other_kind = kiosk_public_key (ed25519);
  gsize size;
  g_autofree guint8 *der = g_base64_decode (good, &size);
  g_autofree guint8 *longer = g_malloc0 (size + 1);
  g_autofree char *off_curve = NULL;
  g_autofree char *trailing = NULL;
  g_autoptr (json_t) enrolled = NULL;

  memcpy (longer, der, size);
  trailing = g_base64_encode (longer, size + 1);
  der[size - 1] ^= 1;
  off_curve = g_base64_encode (der, size);
  bad_key (f, token, "not base64!");
  bad_key (f, token, "AAAA");
  bad_key (f, token, other_curve);
  bad_key (f, token, other_kind);
  bad_key (f, token, trailing);
  bad_key (f, token, off_curve);
  enrolled
      = hj_fixture_act (&f->f, &hj_act_enrol_kiosk, f->nobody, kiosk_enrol_input (token, good));
  EVP_PKEY_free (p384);
  EVP_PKEY_free (ed25519);
}

static void
enrolment_lacks_a_member (KioskFixture *f, gconstpointer data)
{
  static const char *const MEMBERS[] = { "token", "public_key", "origin" };

  for (gsize i = 0; i < G_N_ELEMENTS (MEMBERS); i++)
    {
      json_t *input = kiosk_enrol_input ("token", "key");

      json_object_del (input, MEMBERS[i]);
      hj_fixture_refused (&f->f, &hj_act_enrol_kiosk, f->nobody, input, HJ_REFUSAL_INVALID);
    }
}

static void
a_room_has_one_kiosk (KioskFixture *f, gconstpointer data)
{
  g_autoptr (json_t) first = kiosk_invite (f);
  g_autoptr (json_t) retired = NULL;
  g_autoptr (json_t) second = NULL;

  hj_fixture_refused (&f->f, &hj_act_create_kiosk, f->administrator,
      json_pack ("{s:s, s:s}", "room", f->room, "name", "终端乙"), HJ_REFUSAL_EXISTS);
  retired = hj_fixture_act (&f->f, &hj_act_update_kiosk, f->administrator,
      json_pack ("{s:O, s:s}", "id", json_object_get (first, "id"), "state", "retired"));
  second = kiosk_invite (f);
}

static void
wrong_members_are_refused (KioskFixture *f, gconstpointer data)
{
  g_autoptr (json_t) kiosk = kiosk_invite (f);

  hj_fixture_refused (&f->f, &hj_act_create_kiosk, f->administrator,
      json_pack ("{s:s}", "room", f->room), HJ_REFUSAL_INVALID);
  hj_fixture_refused (&f->f, &hj_act_create_kiosk, f->administrator,
      json_pack ("{s:s, s:s}", "room", "x", "name", "终端"), HJ_REFUSAL_INVALID);
  hj_fixture_refused (&f->f, &hj_act_update_kiosk, f->administrator,
      json_pack ("{s:O, s:s}", "id", json_object_get (kiosk, "id"), "state", "enrolled"),
      HJ_REFUSAL_INVALID);
  hj_fixture_refused (&f->f, &hj_act_update_kiosk, f->administrator,
      json_pack ("{s:O}", "id", json_object_get (kiosk, "id")), HJ_REFUSAL_INVALID);
}

static void
another_centre_s_kiosks_are_out_of_reach (KioskFixture *f, gconstpointer data)
{
  HjActor *other = hj_fixture_actor (&f->f, HJ_ROLE_ADMINISTRATOR, NULL, hj_fixture_centre (&f->f));
  HjActor *all = hj_fixture_actor (&f->f, HJ_ROLE_ADMINISTRATOR, NULL, NULL);
  g_autoptr (json_t) kiosk = kiosk_invite (f);
  g_autoptr (json_t) mine = NULL;
  g_autoptr (json_t) others = NULL;
  g_autoptr (json_t) everything = NULL;

  mine = hj_fixture_act (&f->f, &hj_act_list_kiosks, f->administrator, NULL);
  others = hj_fixture_act (&f->f, &hj_act_list_kiosks, other, NULL);
  everything = hj_fixture_act (&f->f, &hj_act_list_kiosks, all, NULL);
  g_assert_cmpuint (json_array_size (json_object_get (mine, "kiosks")), ==, 1);
  g_assert_cmpuint (json_array_size (json_object_get (others, "kiosks")), ==, 0);
  g_assert_cmpuint (json_array_size (json_object_get (everything, "kiosks")), ==, 1);
  hj_fixture_refused (&f->f, &hj_act_create_kiosk, other,
      json_pack ("{s:s, s:s}", "room", f->room, "name", "终端"), HJ_REFUSAL_NOT_FOUND);
  hj_fixture_refused (&f->f, &hj_act_update_kiosk, other,
      json_pack ("{s:O, s:s}", "id", json_object_get (kiosk, "id"), "state", "retired"),
      HJ_REFUSAL_NOT_FOUND);
  hj_fixture_refused (&f->f, &hj_act_update_kiosk, all,
      json_pack ("{s:s, s:s}", "id", "aaaaaaaaaaaaaaaaaaaaaaaaaa", "state", "retired"),
      HJ_REFUSAL_NOT_FOUND);
}

static void
online_is_noted_and_forgotten_at_the_start (KioskFixture *f, gconstpointer data)
{
  g_autofree char *id = kiosk_enrol (f);
  g_autoptr (GError) error = NULL;

  hj_kiosk_set_online (f->f.store, id, TRUE, 77, &error);
  g_assert_no_error (error);
  g_assert_cmpint (
      hj_fixture_count (&f->f, "SELECT seen_at_us FROM kiosk WHERE id = :id AND online = 1", id),
      ==, 77);
  hj_kiosks_all_offline (f->f.store, &error);
  g_assert_no_error (error);
  g_assert_cmpint (hj_fixture_count (&f->f, "SELECT online FROM kiosk WHERE id = :id", id), ==, 0);
}

static void
proved (GObject *source, GAsyncResult *result, gpointer data)
{
  HjCaller **caller = data;
  g_autoptr (GError) error = NULL;

  *caller = hj_kiosk_prove_finish (result, &error);
  if (*caller == NULL)
    g_assert_error (error, HJ_REFUSAL, HJ_REFUSAL_TOKEN);
}

static gpointer
on_worker_count_online (HjStore *store, gpointer input, GError **error)
{
  hj_store_query_int (
      store, "SELECT COUNT (*) FROM kiosk WHERE online = 1", HJ_NO_BINDS, input, error);
  return NULL;
}

static void
a_kiosk_is_proved_from_control (KioskFixture *f, gconstpointer data)
{
  static const guint8 NONCE[32] = { 4 };
  g_autofree char *id = kiosk_enrol (f);
  g_autoptr (GByteArray) bytes = kiosk_hello (id, NONCE);
  g_autofree char *signature = kiosk_sign (f->key, bytes->data, bytes->len);
  g_autoptr (HjCaller) right = NULL;
  g_autoptr (HjCaller) wrong = NULL;
  gint64 online = 0;

  hj_kiosk_prove_async (f->f.acts, id, NONCE, signature, KIOSK_ORIGIN, proved, &right);
  hj_kiosk_prove_async (f->f.acts, id, NONCE, signature, "https://other.example", proved, &wrong);
  hj_kiosk_set_online_async (f->f.acts, id, TRUE);
  hj_store_call_async (f->f.store, on_worker_count_online, &online, NULL, NULL, NULL, NULL);
  hj_store_drain (f->f.store);
  g_assert_cmpstr (right->room, ==, f->room);
  g_assert_null (wrong);
  g_assert_cmpint (online, ==, 1);
}

#define FIXTURE(NAME, TEST)                                                                        \
  g_test_add ("/access/kiosks/" NAME, KioskFixture, NULL, kiosk_set_up, TEST, kiosk_tear_down)

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  FIXTURE ("a kiosk is invited, enrolled and proves itself",
      a_kiosk_is_invited_enrolled_and_proves_itself);
  FIXTURE ("every signed byte counts", every_signed_byte_counts);
  FIXTURE ("every byte of the signature counts", every_byte_of_the_signature_counts);
  FIXTURE ("what is no signature is refused", what_is_no_signature_is_refused);
  FIXTURE (
      "nonce, kiosk, origin and key are this one's", nonce_kiosk_origin_and_key_are_this_one_s);
  FIXTURE ("a retired kiosk is nobody", a_retired_kiosk_is_nobody);
  FIXTURE ("a token is good once and for ten minutes", a_token_is_good_once_and_for_ten_minutes);
  FIXTURE ("tokens are stored hashed and swept", tokens_are_stored_hashed_and_swept);
  FIXTURE ("what is no P-256 key does not spend the token",
      what_is_no_p256_key_does_not_spend_the_token);
  FIXTURE ("enrolment that lacks a member is refused", enrolment_lacks_a_member);
  FIXTURE ("a room has one kiosk", a_room_has_one_kiosk);
  FIXTURE ("wrong members are refused", wrong_members_are_refused);
  FIXTURE ("another centre's kiosks are out of reach", another_centre_s_kiosks_are_out_of_reach);
  FIXTURE (
      "online is noted and forgotten at the start", online_is_noted_and_forgotten_at_the_start);
  FIXTURE ("a kiosk is proved from control", a_kiosk_is_proved_from_control);
  return g_test_run ();
}
