/* SPDX-License-Identifier: Apache-2.0 */
/* TURN servers for the ends of a meeting, with credentials that expire: "A REST API for Access to TURN Services"
 * (draft-uberti-behave-turn-rest-00), which coturn calls use-auth-secret. The TURN server and we share a secret; it learns when
 * a name expires and an opaque word for the seat, nothing else. Read at the start, then used on control. */

#include "src/meeting/turn.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <jansson.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/secret.h"
#include "src/base/time.h"

#define MAX_URLS 8
#define MAX_URL 255
#define MIN_SECRET 32
#define MAX_SECRET 256
#define MIN_TTL_S 60
#define MAX_TTL_S 172800
/* Of the word that stands for a seat in a TURN name. */
#define WORD_BYTES 10
#define SHA1_BYTES 20

/* clang-format off */
const HjConfigKey hj_turn_keys[] = {
  { "urls",        "" },      /* none: nobody is told of a TURN server */
  { "secret_file", "" },
  { "ttl_s",       "21600" }, /* how long credentials begin new connections; the longest slot is shorter */
  { NULL,          NULL },
};
/* clang-format on */

/* What it may consist of: coturn reads it from a line of its configuration, we from a file, and both must read the same. */
static const char SECRET_SET[]
    = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=_-";
static const char HOST_SET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-";
static const char SEAT_LABEL[] = "huijian-turn-seat-v1";

struct _HjTurn
{
  json_t *urls; /* array of text */
  HjSecret *secret;
  gint64 ttl_us;
};

static gboolean
is_port (const char *text)
{
  return *text != '\0' && strspn (text, "0123456789") == strlen (text)
         && g_ascii_string_to_unsigned (text, 10, 1, G_MAXUINT16, NULL, NULL);
}

/* Returns: what stands behind the host, "" at the end; NULL: there is no host. */
static const char *
skip_host (const char *text)
{
  gsize size;

  if (*text == '[')
    {
      size = strspn (text + 1, "0123456789abcdefABCDEF:.");
      return size > 1 && text[1 + size] == ']' ? text + size + 2 : NULL;
    }
  size = strspn (text, HOST_SET);
  return size > 0 ? text + size : NULL;
}

/* turn:host[:port][?transport=udp|tcp], or turns: (RFC 7065). A relay that is ICE-lite on public addresses needs no stun:. */
static gboolean
is_turn_url (const char *url)
{
  g_autofree char *copy = g_strndup (url, MAX_URL);
  char *query = strchr (copy, '?');
  const char *rest;

  if (strlen (url) > MAX_URL)
    return FALSE;
  if (query != NULL)
    {
      *query++ = '\0';
      if (!g_str_equal (query, "transport=udp") && !g_str_equal (query, "transport=tcp"))
        return FALSE;
    }
  if (g_str_has_prefix (copy, "turn:"))
    rest = skip_host (copy + 5);
  else if (g_str_has_prefix (copy, "turns:"))
    rest = skip_host (copy + 6);
  else
    return FALSE;
  return rest != NULL && (*rest == '\0' || (*rest == ':' && is_port (rest + 1)));
}

static gboolean
check_urls (char **urls, GError **error)
{
  if (g_strv_length (urls) > MAX_URLS)
    {
      g_set_error (error, HJ_CONFIG_ERROR, HJ_CONFIG_ERROR_VALUE,
          "[turn] urls has more than %d parts", MAX_URLS);
      return FALSE;
    }
  for (char **url = urls; *url != NULL; url++)
    if (!is_turn_url (*url))
      {
        g_set_error (error, HJ_CONFIG_ERROR, HJ_CONFIG_ERROR_VALUE,
            "[turn] urls: %s is not turn:HOST[:PORT][?transport=udp|tcp] or turns:…", *url);
        return FALSE;
      }
  return TRUE;
}

static gboolean
refuse_file (GError **error, const char *path, const char *why)
{
  g_set_error (error, HJ_CONFIG_ERROR, HJ_CONFIG_ERROR_FILE, "[turn] secret_file %s %s", path, why);
  return FALSE;
}

/* The file that is open is the one that is looked at: nobody can exchange it in between. */
static gboolean
check_file (int file, const char *path, GError **error)
{
  struct stat about;

  if (fstat (file, &about) != 0)
    return refuse_file (error, path, g_strerror (errno));
  if (!S_ISREG (about.st_mode))
    return refuse_file (error, path, "is not a file");
  if ((about.st_mode & S_IRWXO) != 0)
    return refuse_file (error, path, "is open to everybody: chmod 640");
  return TRUE;
}

static gboolean
check_secret (const char *secret, const char *path, GError **error)
{
  gsize size = strlen (secret);

  if (size == 0)
    return refuse_file (error, path, "is empty");
  if (size < MIN_SECRET || size > MAX_SECRET)
    return refuse_file (error, path, "must hold 32 to 256 characters: openssl rand -hex 32");
  if (strspn (secret, SECRET_SET) != size)
    return refuse_file (error, path, "holds more than one word of letters, digits and +/=_-");
  return TRUE;
}

/* bytes: (out): room for the secret, the end of its line and a zero. */
static gboolean
read_secret (const char *path, char *bytes, gsize size, GError **error)
{
  int file = g_open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
  gboolean good;
  ssize_t n = 0;

  if (file < 0)
    return refuse_file (error, path, g_strerror (errno));
  good = check_file (file, path, error);
  if (good && (n = read (file, bytes, size - 1)) < 0)
    good = refuse_file (error, path, g_strerror (errno));
  g_close (file, NULL);
  if (!good)
    return FALSE;
  bytes[n] = '\0';
  if (strlen (bytes) != (gsize)n)
    return refuse_file (error, path, "holds a zero byte");
  g_strchomp (bytes);
  return check_secret (bytes, path, error);
}

/* urls: checked texts, ends with NULL. secret: as both sides write it. Returns: (transfer full). */
HjTurn *
hj_turn_new (const char *const *urls, const char *secret, gint64 ttl_us)
{
  HjTurn *self = g_new0 (HjTurn, 1);

  self->urls = json_array ();
  for (; *urls != NULL; urls++)
    json_array_append_new (self->urls, json_string (*urls));
  self->secret = hj_secret_new (secret, strlen (secret));
  self->ttl_us = ttl_us;
  return self;
}

/* ret: (out) (nullable) (transfer full): NULL when no server is configured, which is no error. config: of [turn]. What is
 * configured by half, or a secret that others can read, stops the start. */
gboolean
hj_turn_load (const HjConfig *config, HjTurn **ret, GError **error)
{
  g_auto (GStrv) urls = hj_config_get_list (config, "urls");
  const char *path = hj_config_get (config, "secret_file");
  char secret[MAX_SECRET + 8];

  *ret = NULL;
  if (!check_urls (urls, error)
      || !hj_config_check_int (config, "ttl_s", MIN_TTL_S, MAX_TTL_S, error))
    return FALSE;
  if (urls[0] == NULL && *path == '\0')
    return TRUE;
  if (urls[0] == NULL || *path == '\0')
    {
      g_set_error_literal (
          error, HJ_CONFIG_ERROR, HJ_CONFIG_ERROR_VALUE, "[turn] needs both urls and secret_file");
      return FALSE;
    }
  if (read_secret (path, secret, sizeof secret, error))
    *ret = hj_turn_new (
        (const char *const *)urls, secret, hj_config_get_int (config, "ttl_s") * HJ_SECOND_US);
  OPENSSL_cleanse (secret, sizeof secret);
  return *ret != NULL;
}

/* A word for the seat that nobody without the secret can tie to it; the TURN server counts allocations by it.
 * Returns: (transfer full): hexadecimal. */
static char *
word_of (HjTurn *self, const char *seat)
{
  g_autofree char *text = g_strconcat (SEAT_LABEL, ":", seat, NULL);
  g_autoptr (GString) hex = g_string_new (NULL);
  guint8 digest[EVP_MAX_MD_SIZE];
  gsize size;
  const guint8 *key = hj_secret_get (self->secret, &size);

  g_assert (HMAC (EVP_sha256 (), key, (int)size, (const guint8 *)text, strlen (text), digest, NULL)
            != NULL);
  for (int i = 0; i < WORD_BYTES; i++)
    g_string_append_printf (hex, "%02x", digest[i]);
  return g_string_free (g_steal_pointer (&hex), FALSE);
}

/* Section 2.2 of the draft. Returns: (transfer full): base64. */
static char *
password_of (HjTurn *self, const char *username)
{
  guint8 digest[EVP_MAX_MD_SIZE];
  gsize size;
  const guint8 *key = hj_secret_get (self->secret, &size);

  g_assert (
      HMAC (EVP_sha1 (), key, (int)size, (const guint8 *)username, strlen (username), digest, NULL)
      != NULL);
  return g_base64_encode (digest, SHA1_BYTES);
}

/* Credentials of a seat from now on; never to be logged. Returns: (transfer full): [{urls:[…], username, credential}], as
 * RTCConfiguration has it. */
json_t *
hj_turn_describe (HjTurn *self, const char *seat, gint64 now_us)
{
  g_autofree char *word = word_of (self, seat);
  g_autofree char *username
      = g_strdup_printf ("%" G_GINT64_FORMAT ":%s", (now_us + self->ttl_us) / HJ_SECOND_US, word);
  g_autofree char *password = password_of (self, username);

  return json_pack (
      "[{s:O, s:s, s:s}]", "urls", self->urls, "username", username, "credential", password);
}

void
hj_turn_free (HjTurn *self)
{
  if (self == NULL)
    return;
  json_decref (self->urls);
  hj_secret_free (self->secret);
  g_free (self);
}
