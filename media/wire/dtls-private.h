/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <openssl/bio.h>
#include <openssl/ssl.h>
#include "media/wire/dtls.h"

G_BEGIN_DECLS

/* The certificate that signalling promised. */
typedef struct
{
  const EVP_MD *algorithm;
  guint8 digest[EVP_MAX_MD_SIZE];
  gsize len;
} HjDtlsFingerprint;

gboolean hj_dtls_fingerprint_parse (
    const char *text, HjDtlsFingerprint *out, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean hj_dtls_fingerprint_matches (const HjDtlsFingerprint *self, X509 *certificate);
SSL *hj_dtls_identity_new_ssl (HjDtlsIdentity *self);

/* A BIO that keeps datagrams apart. It owns nothing of who reads it. */
BIO *hj_dtls_bio_new (void);
void hj_dtls_bio_set_input (BIO *bio, const guint8 *data, gsize len);
gssize hj_dtls_bio_take (BIO *bio, guint8 *out, gsize size);

G_END_DECLS
