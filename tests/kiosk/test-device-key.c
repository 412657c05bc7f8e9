/* SPDX-License-Identifier: Apache-2.0 */
/* The device key on disk. Its signature is verified by the fake server in test-uplink.c. */

#include <glib/gstdio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <string.h>

#include "src/base/ids.h"
#include "src/kiosk/device-key.h"
#include "src/kiosk/error.h"
#include "tests/kiosk/kiosk-fixture.h"
#include "tests/support/expect-log.h"

typedef struct
{
  char *folder;
  char *path;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->folder = temporary_folder ();
  f->path = g_build_filename (f->folder, "device.pem", NULL);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  remove_folder (f->folder);
  g_free (f->folder);
  g_free (f->path);
}

static void
a_key_is_kept_for_its_owner_alone (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HjDeviceKey) made = hj_device_key_create (f->path, &error);
  g_autoptr (HjDeviceKey) opened = NULL;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  GStatBuf status;

  g_assert_no_error (error);
  g_stat (f->path, &status);
  g_assert_cmpuint (status.st_mode & 0777, ==, 0600);
  opened = hj_device_key_open (f->path, &error);
  g_assert_no_error (error);
  first = hj_device_key_public (made);
  second = hj_device_key_public (opened);
  g_assert_cmpstr (first, ==, second);
}

static void
a_key_is_never_overwritten (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HjDeviceKey) made = hj_device_key_create (f->path, &error);
  g_autoptr (HjDeviceKey) again = hj_device_key_create (f->path, &error);

  g_assert_null (again);
  g_assert_error (error, HJ_KIOSK_ERROR, HJ_KIOSK_ERROR_KEY);
}

static void
a_key_that_others_can_read_is_refused (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HjDeviceKey) made = hj_device_key_create (f->path, &error);
  g_autoptr (HjDeviceKey) opened = NULL;

  g_chmod (f->path, 0640);
  opened = hj_device_key_open (f->path, &error);
  g_assert_null (opened);
  g_assert_error (error, HJ_KIOSK_ERROR, HJ_KIOSK_ERROR_KEY);
}

static void
damaged_missing_and_foreign_keys_are_refused (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  EVP_PKEY *foreign = EVP_EC_gen ("P-384");
  FILE *file = NULL;

  g_assert_null (hj_device_key_open (f->path, &error));
  g_assert_error (error, HJ_KIOSK_ERROR, HJ_KIOSK_ERROR_KEY);
  g_clear_error (&error);
  write_file (f->folder, "device.pem",
      "-----BEGIN PRIVATE KEY-----\nnonsense\n-----END PRIVATE KEY-----\n");
  g_chmod (f->path, 0600);
  g_assert_null (hj_device_key_open (f->path, &error));
  g_assert_error (error, HJ_KIOSK_ERROR, HJ_KIOSK_ERROR_KEY);
  g_clear_error (&error);
  file = fopen (f->path, "w");
  PEM_write_PKCS8PrivateKey (file, foreign, NULL, NULL, 0, NULL, NULL);
  fclose (file);
  EVP_PKEY_free (foreign);
  g_assert_null (hj_device_key_open (f->path, &error));
  g_assert_error (error, HJ_KIOSK_ERROR, HJ_KIOSK_ERROR_KEY);
}

static void
a_signature_is_64_raw_bytes (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HjDeviceKey) key = hj_device_key_create (f->path, &error);
  const guint8 nonce[HJ_NONCE_SIZE] = { 1 };

  /* Often enough that r or s begins with a zero byte, which DER leaves out. */
  for (guint i = 0; i < 600; i++)
    {
      g_autofree char *text = hj_device_key_sign_hello (key, nonce, FAKE_KIOSK, FAKE_ORIGIN);
      gsize size = 0;
      g_autofree guint8 *raw = hj_base64url_decode (text, &size);

      g_assert_cmpuint (size, ==, 64);
      g_assert_null (strchr (text, '='));
    }
}

#define ADD(name, function)                                                                        \
  g_test_add ("/kiosk/device-key/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  ADD ("a key is kept for its owner alone", a_key_is_kept_for_its_owner_alone);
  ADD ("a key is never overwritten", a_key_is_never_overwritten);
  ADD ("a key that others can read is refused", a_key_that_others_can_read_is_refused);
  ADD ("damaged, missing and foreign keys are refused",
      damaged_missing_and_foreign_keys_are_refused);
  ADD ("a signature is 64 raw bytes", a_signature_is_64_raw_bytes);
  return g_test_run ();
}
