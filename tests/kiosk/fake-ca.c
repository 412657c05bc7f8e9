/* SPDX-License-Identifier: Apache-2.0 */
/* A certificate authority made for one test: its keys exist in memory alone. */

#include "tests/kiosk/fake-ca.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

struct _FakeCa
{
  EVP_PKEY *key;
  X509 *certificate;
};

static long serial = 1;

static void
add_extension (X509 *certificate, X509 *issuer, int nid, const char *value)
{
  X509V3_CTX context;
  X509_EXTENSION *extension = NULL;

  X509V3_set_ctx (&context, issuer, certificate, NULL, NULL, 0);
  extension = X509V3_EXT_conf_nid (NULL, &context, nid, value);
  g_assert_nonnull (extension);
  X509_add_ext (certificate, extension, -1);
  X509_EXTENSION_free (extension);
}

static X509 *
start_certificate (EVP_PKEY *key, const char *name, int days)
{
  X509 *certificate = X509_new ();

  X509_set_version (certificate, X509_VERSION_3);
  ASN1_INTEGER_set (X509_get_serialNumber (certificate), serial++);
  X509_gmtime_adj (X509_getm_notBefore (certificate), -2 * 86400);
  X509_gmtime_adj (X509_getm_notAfter (certificate), days * 86400L);
  X509_NAME_add_entry_by_txt (
      X509_get_subject_name (certificate), "CN", MBSTRING_UTF8, (const guint8 *)name, -1, -1, 0);
  X509_set_pubkey (certificate, key);
  return certificate;
}

FakeCa *
fake_ca_new (const char *name)
{
  FakeCa *self = g_new0 (FakeCa, 1);

  self->key = EVP_EC_gen ("P-256");
  self->certificate = start_certificate (self->key, name, 30);
  X509_set_issuer_name (self->certificate, X509_get_subject_name (self->certificate));
  add_extension (self->certificate, self->certificate, NID_basic_constraints, "critical,CA:TRUE");
  add_extension (
      self->certificate, self->certificate, NID_key_usage, "critical,keyCertSign,cRLSign");
  X509_sign (self->certificate, self->key, EVP_sha256 ());
  return self;
}

void
fake_ca_free (FakeCa *self)
{
  if (self == NULL)
    return;
  X509_free (self->certificate);
  EVP_PKEY_free (self->key);
  g_free (self);
}

void
fake_ca_save (FakeCa *self, const char *path)
{
  BIO *file = BIO_new_file (path, "w");

  g_assert_true (PEM_write_bio_X509 (file, self->certificate) == 1);
  BIO_free_all (file);
}

/* subject_alt_name: as OpenSSL writes it, "IP:127.0.0.1". valid_days: may be negative. Returns: (transfer full). */
GTlsCertificate *
fake_ca_issue (FakeCa *self, const char *subject_alt_name, int valid_days)
{
  EVP_PKEY *key = EVP_EC_gen ("P-256");
  X509 *certificate = start_certificate (key, "server", valid_days);
  BIO *pem = BIO_new (BIO_s_mem ());
  g_autoptr (GError) error = NULL;
  GTlsCertificate *issued = NULL;
  char *text = NULL;
  long size = 0;

  X509_set_issuer_name (certificate, X509_get_subject_name (self->certificate));
  add_extension (certificate, self->certificate, NID_subject_alt_name, subject_alt_name);
  add_extension (certificate, self->certificate, NID_ext_key_usage, "serverAuth");
  X509_sign (certificate, self->key, EVP_sha256 ());
  PEM_write_bio_X509 (pem, certificate);
  PEM_write_bio_PKCS8PrivateKey (pem, key, NULL, NULL, 0, NULL, NULL);
  size = BIO_get_mem_data (pem, &text);
  issued = g_tls_certificate_new_from_pem (text, size, &error);
  g_assert_no_error (error);
  BIO_free_all (pem);
  X509_free (certificate);
  EVP_PKEY_free (key);
  return issued;
}
