/* SPDX-License-Identifier: Apache-2.0 */
/* What two people read to each other to know that they speak of the same device key. docs/protocol.md section 2,
 * fingerprint. Any thread. */

#include "src/base/fingerprint.h"

#include <openssl/sha.h>
#include <string.h>

#define BYTES 16

static char *
group (const char *digits)
{
  GString *text = g_string_sized_new (HJ_FINGERPRINT_LENGTH + 1);

  for (gsize i = 0; i < 2 * BYTES; i++)
    {
      if (i > 0 && i % 4 == 0)
        g_string_append_c (text, ' ');
      g_string_append_c (text, g_ascii_toupper (digits[i]));
    }
  return g_string_free (text, FALSE);
}

/* spki: DER of a SubjectPublicKeyInfo. Returns: (transfer full): the first 16 bytes of its SHA-256, in eight groups of four
 * upper-case hexadecimal digits with one space between. */
char *
hj_fingerprint_new (gconstpointer spki, gsize size)
{
  guint8 hash[SHA256_DIGEST_LENGTH];
  char digits[2 * BYTES + 1];

  SHA256 (spki, size, hash);
  for (gsize i = 0; i < BYTES; i++)
    g_snprintf (digits + 2 * i, 3, "%02X", hash[i]);
  return group (digits);
}

/* text: as a person typed it: upper or lower case, with or without spaces and hyphens between. Returns: (transfer full)
 * (nullable): as hj_fingerprint_new() writes it; NULL when that is no fingerprint. */
char *
hj_fingerprint_read (const char *text)
{
  char digits[2 * BYTES + 1] = "";
  gsize n = 0;

  for (; *text != '\0'; text++)
    {
      if (*text == ' ' || *text == '-' || *text == '\n')
        continue;
      if (!g_ascii_isxdigit (*text) || n == 2 * BYTES)
        return NULL;
      digits[n++] = *text;
    }
  return n == 2 * BYTES ? group (digits) : NULL;
}
