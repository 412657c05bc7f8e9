/* SPDX-License-Identifier: Apache-2.0 */
/* The kiosk's configuration: one GKeyFile, group [kiosk], read once at the start. An unknown key or a bad value stops the
 * start, so that a misspelt pin never means "no pin". docs/operations.md lists the keys. Any thread. */

#include "src/kiosk/config.h"

#include <string.h>

#include "src/kiosk/error.h"

#define GROUP "kiosk"

G_DEFINE_QUARK (hj_kiosk_error, hj_kiosk_error)

static const char *const KEYS[] = { "server", "origin", "ca_file", "state_dir", "page_dir",
  "locale", "browser", "listen", "heartbeat", NULL };

static gboolean
only_known_keys (GKeyFile *file, GError **error)
{
  g_auto (GStrv) groups = g_key_file_get_groups (file, NULL);
  g_auto (GStrv) keys = g_key_file_get_keys (file, GROUP, NULL, error);

  if (keys == NULL)
    return FALSE;
  for (guint i = 0; groups[i] != NULL; i++)
    if (!g_str_equal (groups[i], GROUP))
      {
        g_set_error (error, HJ_KIOSK_ERROR, HJ_KIOSK_ERROR_CONFIG, "unknown group [%s]", groups[i]);
        return FALSE;
      }
  for (guint i = 0; keys[i] != NULL; i++)
    if (!g_strv_contains (KEYS, keys[i]))
      {
        g_set_error (error, HJ_KIOSK_ERROR, HJ_KIOSK_ERROR_CONFIG, "unknown key %s", keys[i]);
        return FALSE;
      }
  return TRUE;
}

/* Returns: (transfer full) (nullable): an absolute path; a relative one counts from the configuration's folder. */
static char *
read_path (GKeyFile *file, const char *key, const char *folder, GError **error)
{
  g_autofree char *value = g_key_file_get_string (file, GROUP, key, error);

  if (value == NULL)
    return NULL;
  if (*value == '\0')
    {
      g_set_error (error, HJ_KIOSK_ERROR, HJ_KIOSK_ERROR_CONFIG, "%s is empty", key);
      return NULL;
    }
  return g_canonicalize_filename (value, folder);
}

static gboolean
is_loopback (const char *host)
{
  return g_str_equal (host, "localhost") || g_str_equal (host, "127.0.0.1")
         || g_str_equal (host, "::1");
}

/* Without TLS a stranger on the network could speak as the server: http:// is for one machine's demo and tests. */
static gboolean
read_server (HjKioskConfig *self, GKeyFile *file, GError **error)
{
  g_autofree char *value = g_key_file_get_string (file, GROUP, "server", error);
  g_autoptr (GUri) uri = NULL;
  const char *scheme = NULL;

  if (value == NULL)
    return FALSE;
  uri = g_uri_parse (value, G_URI_FLAGS_NONE, error);
  if (uri == NULL)
    return FALSE;
  scheme = g_uri_get_scheme (uri);
  if (g_uri_get_host (uri) == NULL || *g_uri_get_host (uri) == '\0'
      || g_uri_get_userinfo (uri) != NULL || g_uri_get_query (uri) != NULL
      || g_uri_get_fragment (uri) != NULL
      || !(g_str_equal (g_uri_get_path (uri), "") || g_str_equal (g_uri_get_path (uri), "/"))
      || !(g_str_equal (scheme, "https")
           || (g_str_equal (scheme, "http") && is_loopback (g_uri_get_host (uri)))))
    {
      g_set_error (error, HJ_KIOSK_ERROR, HJ_KIOSK_ERROR_CONFIG,
          "server must be https://host[:port] (http:// on loopback alone)");
      return FALSE;
    }
  self->server = g_uri_join (
      G_URI_FLAGS_NONE, scheme, NULL, g_uri_get_host (uri), g_uri_get_port (uri), "", NULL, NULL);
  return TRUE;
}

static gboolean
read_int (GKeyFile *file, const char *key, int min, int max, int *ret, GError **error)
{
  g_autoptr (GError) problem = NULL;
  int value = 0;

  if (!g_key_file_has_key (file, GROUP, key, NULL))
    return TRUE;
  value = g_key_file_get_integer (file, GROUP, key, &problem);
  if (problem != NULL || value < min || value > max)
    {
      g_set_error (error, HJ_KIOSK_ERROR, HJ_KIOSK_ERROR_CONFIG,
          "%s must be a number from %d to %d", key, min, max);
      return FALSE;
    }
  *ret = value;
  return TRUE;
}

static gboolean
read_ca (HjKioskConfig *self, GKeyFile *file, const char *folder, GError **error)
{
  if (g_str_has_prefix (self->server, "http:"))
    return TRUE;
  self->ca_file = read_path (file, "ca_file", folder, error);
  return self->ca_file != NULL;
}

static gboolean
read_optional (HjKioskConfig *self, GKeyFile *file, GError **error)
{
  int listen = 0;
  int heartbeat_s = 5;

  if (!read_int (file, "listen", 0, 65535, &listen, error)
      || !read_int (file, "heartbeat", 1, 60, &heartbeat_s, error))
    return FALSE;
  self->listen = (guint16)listen;
  self->heartbeat_ms = (guint)heartbeat_s * 1000;
  self->browser = g_key_file_get_string_list (file, GROUP, "browser", NULL, NULL);
  if (self->browser != NULL && (self->browser[0] == NULL || *self->browser[0] == '\0'))
    g_clear_pointer (&self->browser, g_strfreev);
  self->origin = g_key_file_get_string (file, GROUP, "origin", NULL);
  if (self->origin == NULL)
    self->origin = g_strdup (self->server);
  self->locale = g_key_file_get_string (file, GROUP, "locale", NULL);
  if (self->locale == NULL)
    self->locale = g_strdup ("zh-CN");
  if (g_str_equal (self->locale, "zh-CN") || g_str_equal (self->locale, "en"))
    return TRUE;
  g_set_error (error, HJ_KIOSK_ERROR, HJ_KIOSK_ERROR_CONFIG, "locale must be zh-CN or en");
  return FALSE;
}

/* text: the file's content. folder: what relative paths count from. Returns: (transfer full) (nullable). */
HjKioskConfig *
hj_kiosk_config_parse (const char *text, const char *folder, GError **error)
{
  g_autoptr (HjKioskConfig) self = g_new0 (HjKioskConfig, 1);
  g_autoptr (GKeyFile) file = g_key_file_new ();

  self->backoff_min_ms = 500;
  self->backoff_max_ms = 5000;
  self->handshake_ms = 10000;
  self->silence_ms = 15000;
  self->join_retry_ms = 3000;
  self->browser_start_ms = 60000;
  if (!g_key_file_load_from_data (file, text, strlen (text), G_KEY_FILE_NONE, error)
      || !only_known_keys (file, error) || !read_server (self, file, error)
      || !read_ca (self, file, folder, error)
      || (self->state_dir = read_path (file, "state_dir", folder, error)) == NULL
      || (self->page_dir = read_path (file, "page_dir", folder, error)) == NULL
      || !read_optional (self, file, error))
    return NULL;
  return g_steal_pointer (&self);
}

/* Returns: (transfer full) (nullable). */
HjKioskConfig *
hj_kiosk_config_load (const char *path, GError **error)
{
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);
  g_autofree char *folder = g_path_get_dirname (absolute);
  g_autofree char *text = NULL;
  HjKioskConfig *self = NULL;

  if (g_file_get_contents (absolute, &text, NULL, error))
    self = hj_kiosk_config_parse (text, folder, error);
  if (self == NULL)
    g_prefix_error (error, "configuration %s: ", path);
  return self;
}

void
hj_kiosk_config_free (HjKioskConfig *self)
{
  if (self == NULL)
    return;
  g_free (self->server);
  g_free (self->origin);
  g_free (self->ca_file);
  g_free (self->state_dir);
  g_free (self->page_dir);
  g_free (self->locale);
  g_strfreev (self->browser);
  g_free (self);
}

/* Returns: (transfer full): the path of a file in state_dir. */
char *
hj_kiosk_config_state_path (const HjKioskConfig *self, const char *name)
{
  return g_build_filename (self->state_dir, name, NULL);
}
