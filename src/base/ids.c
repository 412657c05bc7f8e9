/* SPDX-License-Identifier: Apache-2.0 */
/* Random ids and tokens, and base64url (RFC 4648 section 5). Any thread. Randomness is OpenSSL's. */

#include "src/base/ids.h"

#include <openssl/rand.h>
#include <string.h>

static const char ALPHABET[] = "abcdefghijklmnopqrstuvwxyz234567";

/* Fills the bytes from OpenSSL's generator; a system without randomness is no place to go on. */
void
hj_random (guint8 *bytes, gsize size)
{
  g_assert (size <= G_MAXINT && RAND_bytes (bytes, (int)size) == 1);
}

/* Returns: (transfer full): 128 random bits as 26 lower-case base32 characters (RFC 4648 section 6, no padding). */
char *
hj_id_new (void)
{
  guint8 raw[17] = { 0 };
  char *id = g_malloc (HJ_ID_LENGTH + 1);

  g_assert (RAND_bytes (raw, 16) == 1);
  for (int i = 0; i < HJ_ID_LENGTH; i++)
    {
      int bit = i * 5;
      guint pair = (guint)raw[bit / 8] << 8 | raw[bit / 8 + 1];

      id[i] = ALPHABET[pair >> (11 - bit % 8) & 31];
    }
  id[HJ_ID_LENGTH] = '\0';
  return id;
}

gboolean
hj_id_is_valid (const char *id)
{
  return id != NULL && strlen (id) == HJ_ID_LENGTH && strspn (id, ALPHABET) == HJ_ID_LENGTH;
}

/* Returns: (transfer full): 256 random bits in base64url, for whoever bears them. Store only their hash. */
char *
hj_token_new (void)
{
  guint8 raw[32];

  g_assert (RAND_bytes (raw, sizeof raw) == 1);
  return hj_base64url (raw, sizeof raw);
}

/* Returns: (transfer full): base64url without padding. */
char *
hj_base64url (const guint8 *data, gsize size)
{
  char *text = g_base64_encode (data, size);

  g_strdelimit (text, "+", '-');
  g_strdelimit (text, "/", '_');
  text[strcspn (text, "=")] = '\0';
  return text;
}

/* Returns: (transfer full) (nullable): the bytes, or NULL when a character is not base64url or the length cannot be. */
guint8 *
hj_base64url_decode (const char *text, gsize *ret_size)
{
  static const char SET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  g_autoptr (GString) padded = NULL;
  gsize length = strlen (text);

  if (length % 4 == 1 || strspn (text, SET) != length)
    return NULL;
  padded = g_string_new (text);
  g_string_replace (padded, "-", "+", 0);
  g_string_replace (padded, "_", "/", 0);
  while (padded->len % 4 != 0)
    g_string_append_c (padded, '=');
  return g_base64_decode (padded->str, ret_size);
}

/* Returns: (transfer full): SHA-256 of the text in lower-case hexadecimal. Tokens are stored so. */
char *
hj_sha256_hex (const char *text)
{
  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);
}
