/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes that are wiped when they go and compared in constant time. Any thread. */

#include "src/base/secret.h"

#include <openssl/crypto.h>
#include <string.h>

struct _HjSecret
{
  gsize size;
  guint8 bytes[];
};

/* Returns: (transfer full): a copy of the bytes. */
HjSecret *
hj_secret_new (const void *bytes, gsize size)
{
  HjSecret *self = g_malloc (sizeof *self + size);

  self->size = size;
  memcpy (self->bytes, bytes, size);
  return self;
}

void
hj_secret_free (HjSecret *self)
{
  if (self == NULL)
    return;
  OPENSSL_cleanse (self->bytes, self->size);
  g_free (self);
}

/* Returns: (transfer none): the bytes, valid as long as the secret. */
const guint8 *
hj_secret_get (const HjSecret *self, gsize *ret_size)
{
  *ret_size = self->size;
  return self->bytes;
}

gboolean
hj_secret_equal (const HjSecret *self, const void *bytes, gsize size)
{
  return self->size == size && CRYPTO_memcmp (self->bytes, bytes, size) == 0;
}

/* Compares two texts; the time taken tells their lengths only. */
gboolean
hj_text_equal_constant_time (const char *a, const char *b)
{
  gsize size = strlen (a);

  return size == strlen (b) && CRYPTO_memcmp (a, b, size) == 0;
}

/* text: (nullable): a password read from outside; overwritten up to its end. */
void
hj_text_wipe (char *text)
{
  if (text != NULL)
    OPENSSL_cleanse (text, strlen (text));
}
