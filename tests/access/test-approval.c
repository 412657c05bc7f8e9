/* SPDX-License-Identifier: Apache-2.0 */
/* src/access/kiosks.c and kiosk-line.c: a kiosk works once a person has compared its key. */

#include "tests/access/kiosk-fixture.h"
#include "tests/support/expect-log.h"

/* Who holds the key is told why; who does not is told what everybody is told. */
static void
a_kiosk_that_nobody_approved_is_told_so (KioskFixture *f, gconstpointer data)
{
  static const guint8 NONCE[32] = { 9 };
  g_autofree char *id = kiosk_enrol_only (f);
  EVP_PKEY *strangers = EVP_EC_gen ("P-256");
  g_autoptr (GByteArray) bytes = kiosk_hello (id, NONCE);
  g_autofree char *signature = kiosk_sign (f->key, bytes->data, bytes->len);
  g_autofree char *strange = kiosk_sign (strangers, bytes->data, bytes->len);
  g_autoptr (GError) error = NULL;
  g_autoptr (HjCaller) caller = hj_kiosk_prove (
      f->f.store, id, NONCE, signature, KIOSK_ORIGIN, hj_time_now (f->f.time), &error);

  g_assert_null (caller);
  g_assert_error (error, HJ_REFUSAL, HJ_REFUSAL_UNAPPROVED);
  g_assert_cmpint (hj_fixture_entries (&f->f, "hello", "refused"), ==, 0);
  kiosk_not_proved (f, id, NONCE, strange, KIOSK_ORIGIN);
  g_assert_cmpint (hj_fixture_entries (&f->f, "hello", "refused"), ==, 1);
  g_clear_error (&error);
  hj_kiosk_set_online (f->f.store, id, TRUE, 5, &error);
  g_assert_no_error (error);
  g_assert_cmpint (hj_fixture_count (&f->f, "SELECT online FROM kiosk WHERE id = :id", id), ==, 0);
  EVP_PKEY_free (strangers);
}

static void
not_approved (KioskFixture *f, const char *kiosk, const char *compared, HjRefusal refusal)
{
  hj_fixture_refused (
      &f->f, &hj_act_update_kiosk, f->administrator, kiosk_approval (kiosk, compared), refusal);
}

/* The administrator looked at another key: of a stranger, or of the kiosk that stood here before. */
static void
only_the_key_that_was_compared_is_approved (KioskFixture *f, gconstpointer data)
{
  g_autofree char *id = kiosk_enrol_only (f);
  EVP_PKEY *strangers = EVP_EC_gen ("P-256");
  g_autofree char *right = kiosk_fingerprint (f->key);
  g_autofree char *wrong = kiosk_fingerprint (strangers);
  g_autofree char *typed = g_ascii_strdown (right, -1);
  g_autoptr (json_t) once = NULL;
  g_autoptr (json_t) again = NULL;

  not_approved (f, id, wrong, HJ_REFUSAL_STATE);
  not_approved (f, id, "", HJ_REFUSAL_INVALID);
  not_approved (f, id, "5EED", HJ_REFUSAL_INVALID);
  not_approved (f, id, "yes, it is the same", HJ_REFUSAL_INVALID);
  hj_fixture_refused (&f->f, &hj_act_update_kiosk, f->administrator,
      json_pack ("{s:s, s:s}", "id", id, "state", "approved"), HJ_REFUSAL_INVALID);
  g_assert_cmpint (hj_fixture_entries (&f->f, "update-kiosk", "done"), ==, 0);
  g_assert_cmpint (hj_fixture_entries (&f->f, "update-kiosk", "refused"), ==, 5);
  once = hj_fixture_act (&f->f, &hj_act_update_kiosk, f->administrator, kiosk_approval (id, typed));
  again
      = hj_fixture_act (&f->f, &hj_act_update_kiosk, f->administrator, kiosk_approval (id, right));
  g_assert_true (json_equal (once, again));
  g_assert_cmpint (hj_fixture_entries (&f->f, "update-kiosk", "done"), ==, 2);
  not_approved (f, id, wrong, HJ_REFUSAL_STATE);
  EVP_PKEY_free (strangers);
}

static void
without_a_key_there_is_nothing_to_approve (KioskFixture *f, gconstpointer data)
{
  g_autofree char *compared = kiosk_fingerprint (f->key);
  g_autoptr (json_t) invited = kiosk_invite (f);
  const char *id = json_string_value (json_object_get (invited, "id"));
  g_autoptr (json_t) retired = NULL;
  g_autoptr (json_t) retired_too = NULL;
  g_autofree char *next = NULL;

  not_approved (f, id, compared, HJ_REFUSAL_STATE);
  retired = hj_fixture_act (&f->f, &hj_act_update_kiosk, f->administrator,
      json_pack ("{s:s, s:s}", "id", id, "state", "retired"));
  next = kiosk_enrol (f);
  retired_too = hj_fixture_act (&f->f, &hj_act_update_kiosk, f->administrator,
      json_pack ("{s:s, s:s}", "id", next, "state", "retired"));
  not_approved (f, next, compared, HJ_REFUSAL_STATE);
}

/* huijianctl approves too; nobody else does. */
static void
administrators_and_the_operator_approve (KioskFixture *f, gconstpointer data)
{
  HjActor *desk = hj_fixture_actor (&f->f, HJ_ROLE_DESK, NULL, f->centre);
  HjActor *other = hj_fixture_actor (&f->f, HJ_ROLE_ADMINISTRATOR, NULL, hj_fixture_centre (&f->f));
  g_autoptr (HjActor) operator= hj_actor_new_operator ();
  g_autofree char *id = kiosk_enrol_only (f);
  g_autofree char *compared = kiosk_fingerprint (f->key);
  g_autoptr (json_t) approved = NULL;

  hj_fixture_refused (
      &f->f, &hj_act_update_kiosk, desk, kiosk_approval (id, compared), HJ_REFUSAL_NOT_FOUND);
  hj_fixture_refused (
      &f->f, &hj_act_update_kiosk, other, kiosk_approval (id, compared), HJ_REFUSAL_NOT_FOUND);
  approved = hj_fixture_act (&f->f, &hj_act_update_kiosk, operator, kiosk_approval (id, compared));
  g_assert_cmpstr (hj_fixture_text (&f->f,
                       "SELECT json_extract (detail, '$.fingerprint') FROM audit_entry WHERE act ="
                       " 'update-kiosk' AND result = 'done' AND object = 'kiosk:' || :id",
                       id),
      ==, compared);
}

#define FIXTURE(NAME, TEST)                                                                        \
  g_test_add ("/access/approval/" NAME, KioskFixture, NULL, kiosk_set_up, TEST, kiosk_tear_down)

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  FIXTURE ("a kiosk that nobody approved is told so", a_kiosk_that_nobody_approved_is_told_so);
  FIXTURE (
      "only the key that was compared is approved", only_the_key_that_was_compared_is_approved);
  FIXTURE ("without a key there is nothing to approve", without_a_key_there_is_nothing_to_approve);
  FIXTURE ("administrators and the operator approve", administrators_and_the_operator_approve);
  return g_test_run ();
}
