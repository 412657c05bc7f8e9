/* SPDX-License-Identifier: Apache-2.0 */
/* src/kiosk/signer.c: what the page may have signed, and how often. That the signature is good is verified in
 * test-agent-keys.c. */

#include "src/kiosk/signer.h"

#include <string.h>

#include "src/base/ids.h"
#include "src/base/json.h"
#include "tests/kiosk/kiosk-fixture.h"
#include "tests/support/expect-log.h"

#define LABEL "huijian-e2ee-v1 reveal"

typedef struct
{
  char *folder;
  HjDeviceKey *key;
  HjSigner *signer;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;

  f->folder = temporary_folder ();
  path = g_build_filename (f->folder, "device.pem", NULL);
  f->key = hj_device_key_create (path, &error);
  g_assert_no_error (error);
  f->signer = hj_signer_new (f->key);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  hj_signer_free (f->signer);
  hj_device_key_free (f->key);
  remove_folder (f->folder);
  g_free (f->folder);
}

/* Returns: (transfer full) (nullable). */
static char *
ask (Fixture *f, const void *statement, gsize size, gint64 now_us, GError **error)
{
  g_autofree char *text = hj_base64url (statement, size);
  g_autoptr (json_t) message = json_pack ("{s:s, s:s}", "verb", "sign", "statement", text);

  return hj_signer_sign (f->signer, message, now_us, error);
}

static void
is_signed (Fixture *f, const void *statement, gsize size, gint64 now_us)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *signature = ask (f, statement, size, now_us, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (strlen (signature), ==, 86);
}

static void
is_refused (Fixture *f, const void *statement, gsize size, gint64 now_us, HjRefusal refusal)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *signature = ask (f, statement, size, now_us, &error);

  g_assert_null (signature);
  g_assert_error (error, HJ_REFUSAL, (int)refusal);
}

static void
a_reveal_is_signed (Fixture *f, gconstpointer data)
{
  g_autofree guint8 *longest = g_malloc0 (HJ_SIGNER_MAX_STATEMENT + 1);

  is_signed (f, LABEL "\0rest", sizeof LABEL + 4, 0);
  memcpy (longest, LABEL, sizeof LABEL);
  is_signed (f, longest, HJ_SIGNER_MAX_STATEMENT, 0);
  is_refused (f, longest, HJ_SIGNER_MAX_STATEMENT + 1, 0, HJ_REFUSAL_INVALID);
}

static void
nothing_else_is_signed (Fixture *f, gconstpointer data)
{
  static const char HELLO[] = "huijian-kiosk-hello-v1\0nonce";
  static const char DEVICE[] = "huijian-device-v1\0account\0key";
  static const char COMMIT[] = "huijian-e2ee-v1 commit\0rest";

  is_refused (f, HELLO, sizeof HELLO, 0, HJ_REFUSAL_INVALID);
  is_refused (f, DEVICE, sizeof DEVICE, 0, HJ_REFUSAL_INVALID);
  is_refused (f, COMMIT, sizeof COMMIT, 0, HJ_REFUSAL_INVALID);
  is_refused (f, LABEL "s\0rest", sizeof LABEL + 5, 0, HJ_REFUSAL_INVALID);
  is_refused (f, "x" LABEL "\0rest", sizeof LABEL + 5, 0, HJ_REFUSAL_INVALID);
  is_refused (f, LABEL, strlen (LABEL), 0, HJ_REFUSAL_INVALID);
}

static void
message_is_refused (Fixture *f, json_t *input)
{
  g_autoptr (json_t) message = input;
  g_autoptr (GError) error = NULL;

  g_assert_null (hj_signer_sign (f->signer, message, 0, &error));
  g_assert_error (error, HJ_REFUSAL, HJ_REFUSAL_INVALID);
}

static void
a_statement_is_base64url (Fixture *f, gconstpointer data)
{
  message_is_refused (f, json_pack ("{s:s}", "verb", "sign"));
  message_is_refused (f, json_pack ("{s:i}", "statement", 7));
  message_is_refused (f, json_pack ("{s:s}", "statement", ""));
  message_is_refused (f, json_pack ("{s:s}", "statement", "a+/="));
  message_is_refused (f, json_pack ("{s:s}", "statement", "aaaaa"));
}

static void
ten_a_second_are_signed (Fixture *f, gconstpointer data)
{
  static const char REVEAL[] = LABEL "\0rest";
  gint64 at_us = 1000;

  for (int i = 0; i < HJ_SIGNER_PER_SECOND; i++)
    is_signed (f, REVEAL, sizeof REVEAL, at_us + i);
  is_refused (f, REVEAL, sizeof REVEAL, at_us + G_USEC_PER_SEC - 1, HJ_REFUSAL_TOO_MANY);
  is_signed (f, REVEAL, sizeof REVEAL, at_us + G_USEC_PER_SEC);
  is_refused (f, REVEAL, sizeof REVEAL, at_us + G_USEC_PER_SEC, HJ_REFUSAL_TOO_MANY);
  is_signed (f, REVEAL, sizeof REVEAL, at_us + G_USEC_PER_SEC + 1);
}

static void
sixty_in_ten_minutes_are_signed (Fixture *f, gconstpointer data)
{
  static const char REVEAL[] = LABEL "\0rest";
  gint64 window_us = HJ_SIGNER_WINDOW_S * G_USEC_PER_SEC;

  for (int i = 0; i < HJ_SIGNER_PER_WINDOW; i++)
    is_signed (f, REVEAL, sizeof REVEAL, i * G_USEC_PER_SEC);
  is_refused (f, REVEAL, sizeof REVEAL, 60 * G_USEC_PER_SEC, HJ_REFUSAL_TOO_MANY);
  is_refused (f, REVEAL, sizeof REVEAL, window_us - 1, HJ_REFUSAL_TOO_MANY);
  is_signed (f, REVEAL, sizeof REVEAL, window_us);
  is_refused (f, REVEAL, sizeof REVEAL, window_us, HJ_REFUSAL_TOO_MANY);
}

#define ADD(name, function)                                                                        \
  g_test_add ("/kiosk/signer/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  ADD ("a reveal is signed", a_reveal_is_signed);
  ADD ("nothing else is signed", nothing_else_is_signed);
  ADD ("a statement is base64url", a_statement_is_base64url);
  ADD ("ten a second are signed", ten_a_second_are_signed);
  ADD ("sixty in ten minutes are signed", sixty_in_ten_minutes_are_signed);
  return g_test_run ();
}
