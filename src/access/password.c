/* SPDX-License-Identifier: Apache-2.0 */
/* Passwords: argon2id with the floor of ASVS 5.0 appendix C (19 MiB, 2 passes, 1 lane) as PHC strings, and which ones are
 * too weak. Hashing takes tens of milliseconds: on the hasher's thread, never on control or the store's worker. */

#include "src/access/password.h"

#include <argon2.h>
#include <openssl/rand.h>
#include <string.h>

#include "src/base/ids.h"

#define MEMORY_KIB 19456
#define PASSES 2
#define LANES 1
#define SALT_BYTES 16
#define HASH_BYTES 32
#define MIN_DISTINCT 4
#define MIN_BESIDE_NAME 6

/* Costs what a real one costs; no password has this hash. */
static const char DUMMY[] = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$"
                            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/* Lower case, ten characters or more: shorter ones are refused by their length. */
static const char *const COMMON[] = { "0123456789", "1234567890", "12345678910", "123456789a",
  "1234567890a", "0987654321", "9876543210", "1q2w3e4r5t", "1q2w3e4r5t6y", "1qaz2wsx3edc",
  "qwertyuiop", "qwerty12345", "qwerty123456", "asdfghjkl123", "zxcvbnm123", "password12",
  "password123", "password1234", "passw0rd123", "p@ssw0rd123", "p@ssword123", "admin12345",
  "admin123456", "administrator", "welcome123", "welcome1234", "iloveyou123", "woaini1314",
  "woaini520520", "woaini5201314", "5201314520", "a123456789", "aa12345678", "abc123456789",
  "abcd123456", "abcdefghij", "abcdefg123", "qq123456789", "wang123456", "zhang123456",
  "huijian123", "huijian1234", "huijian12345", "kanshousuo", "kanshousuo123", "1111111111",
  "88888888888", "changeme123", "letmein123", "test123456", "guangzhou123", "beijing2008", NULL };

/* Returns: (transfer full) (nullable): a PHC string; NULL when there is no memory for it. */
char *
hj_password_hash (const char *password)
{
  gsize size = argon2_encodedlen (PASSES, MEMORY_KIB, LANES, SALT_BYTES, HASH_BYTES, Argon2_id);
  g_autofree char *phc = g_malloc0 (size);
  guint8 salt[SALT_BYTES];

  g_assert (RAND_bytes (salt, sizeof salt) == 1);
  if (argon2id_hash_encoded (PASSES, MEMORY_KIB, LANES, password, strlen (password), salt,
          sizeof salt, HASH_BYTES, phc, size)
      != ARGON2_OK)
    return NULL;
  return g_steal_pointer (&phc);
}

/* phc, password: (nullable): FALSE then, after the same time. libargon2 compares in constant time. */
gboolean
hj_password_verify (const char *phc, const char *password)
{
  const char *given = password != NULL ? password : "";
  gboolean fits = argon2id_verify (phc != NULL ? phc : DUMMY, given, strlen (given)) == ARGON2_OK;

  return fits && phc != NULL && password != NULL;
}

static gboolean
is_common (const char *folded)
{
  return g_strv_contains (COMMON, folded);
}

/* "aaaaaaaaaa", "1212121212". */
static gboolean
has_few_characters (const char *folded)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);

  for (const char *at = folded; *at != '\0'; at = g_utf8_next_char (at))
    g_hash_table_add (seen, GUINT_TO_POINTER (g_utf8_get_char (at)));
  return g_hash_table_size (seen) < MIN_DISTINCT;
}

/* "zhangsan" is no password of zhangsan, nor is "zhangsan123". */
static gboolean
is_the_name (const char *folded, const char *account)
{
  g_autofree char *name = g_utf8_casefold (account, -1);
  g_autoptr (GString) rest = g_string_new (folded);

  return *name != '\0' && g_string_replace (rest, name, "", 0) > 0
         && g_utf8_strlen (rest->str, -1) < MIN_BESIDE_NAME;
}

/* account: the account's name. Also TRUE for what is no text or longer than HJ_PASSWORD_MAX_BYTES. */
gboolean
hj_password_is_weak (const char *password, const char *account)
{
  g_autofree char *folded = NULL;

  if (strlen (password) > HJ_PASSWORD_MAX_BYTES || !g_utf8_validate (password, -1, NULL)
      || g_utf8_strlen (password, -1) < HJ_PASSWORD_MIN_CHARACTERS)
    return TRUE;
  folded = g_utf8_casefold (password, -1);
  return is_common (folded) || has_few_characters (folded) || is_the_name (folded, account);
}

/* Returns: (transfer full): a password of 128 random bits that a person can copy by hand. */
char *
hj_password_generate (void)
{
  g_autofree char *id = hj_id_new ();

  return g_strdup_printf ("%.5s-%.5s-%.5s-%.5s-%s", id, id + 5, id + 10, id + 15, id + 20);
}
