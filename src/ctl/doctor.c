/* SPDX-License-Identifier: Apache-2.0 */
/* huijianctl doctor: looks at what a running installation needs and says of each thing whether it is so. Changes nothing. */

#include <fcntl.h>
#include <gio/gunixsocketaddress.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src/base/json.h"
#include "src/base/keys.h"
#include "src/base/time.h"
#include "src/ctl/command.h"
#include "src/ctl/table.h"

/* A clock before this was never set: 2025-01-01. */
#define SANE_SINCE_US (G_GINT64_CONSTANT (1735689600) * HJ_SECOND_US)
#define MAX_CLOCK_DIFFERENCE_US (2 * HJ_SECOND_US)

typedef struct
{
  HjCtl *ctl;
  json_t *checks; /* [{check, ok, detail}] */
  gboolean ok;
} Doctor;

/* detail: (nullable). */
static void
note (Doctor *self, const char *check, gboolean ok, const char *detail)
{
  json_array_append_new (self->checks, json_pack ("{s:s, s:b, s:s}", "check", check, "ok", ok,
                                           "detail", detail != NULL ? detail : ""));
  self->ok = self->ok && ok;
}

static gboolean
answers (const char *path, GError **error)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);
  g_autoptr (GSocketConnection) connection = NULL;

  g_socket_client_set_timeout (client, 5);
  connection = g_socket_client_connect (client, G_SOCKET_CONNECTABLE (address), NULL, error);
  return connection != NULL;
}

static void
check_socket (Doctor *self, const char *key)
{
  const char *path = hj_config_get (self->ctl->config, key);
  g_autoptr (GError) error = NULL;
  gboolean ok = answers (path, &error);

  note (self, key, ok, ok ? path : error->message);
}

/* Whoever can read the database reads everything; huijiand alone must hold it. */
static void
check_database (Doctor *self)
{
  g_autofree char *path = hj_huijiand_database (self->ctl->config);
  struct stat about;

  if (stat (path, &about) != 0)
    {
      note (self, "database", FALSE, "there is none: run huijianctl init");
      return;
    }
  note (self, "database", TRUE, path);
  note (self, "database-private", (about.st_mode & 077) == 0,
      (about.st_mode & 077) == 0 ? "" : "others may read the file: chmod 600");
}

/* Where SQLite locks a database file (its file format, section "Locking"): the byte PENDING and the 511 that follow. */
#define LOCK_START 0x40000000
#define LOCK_LENGTH 512

/* With huijiand there, its lock must keep everybody else out: another process that got in would write beside it. Asks for
 * the lock's owner instead of opening the database, which would change it. */
static void
check_lock (Doctor *self, gboolean is_running)
{
  g_autofree char *path = hj_huijiand_database (self->ctl->config);
  struct flock lock
      = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = LOCK_START, .l_len = LOCK_LENGTH };
  int file = is_running ? open (path, O_RDWR | O_CLOEXEC) : -1;
  g_autofree char *holder = NULL;

  if (file < 0)
    return;
  if (fcntl (file, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK)
    holder = g_strdup_printf ("held by process %d", (int)lock.l_pid);
  close (file);
  note (self, "database-lock", holder != NULL,
      holder != NULL ? holder : "nobody holds it: huijiand runs on another database");
}

/* libwebsockets runs on GLib's main loop by a plug-in that Debian packages by itself. */
static void
check_evlib (Doctor *self)
{
  g_autoptr (GDir) root = g_dir_open ("/usr/lib", 0, NULL);
  const char *name;

  while (root != NULL && (name = g_dir_read_name (root)) != NULL)
    {
      g_autofree char *path
          = g_build_filename ("/usr/lib", name, "libwebsockets-evlib_glib.so", NULL);

      if (g_file_test (path, G_FILE_TEST_EXISTS))
        {
          note (self, "libwebsockets-evlib-glib", TRUE, path);
          return;
        }
    }
  note (self, "libwebsockets-evlib-glib", FALSE, "install the package libwebsockets-evlib-glib");
}

static void
check_time (Doctor *self, const json_t *health)
{
  gint64 now_us = g_get_real_time ();
  const json_t *theirs = json_object_get (health, "now_us");
  gint64 difference = json_is_integer (theirs) ? ABS (json_integer_value (theirs) - now_us) : 0;

  note (self, "time",
      now_us > SANE_SINCE_US && difference<MAX_CLOCK_DIFFERENCE_US, now_us> SANE_SINCE_US
          ? ""
          : "this machine's time was never set");
}

/* Without a relay nobody can meet. Returns: (transfer full) (nullable): what huijiand says about itself. */
static json_t *
check_health (Doctor *self)
{
  g_autoptr (HjCtlClient) client
      = hj_ctl_client_new (hj_config_get (self->ctl->config, "api_socket"));
  g_autoptr (GError) error = NULL;
  json_t *health = hj_ctl_client_get (client, "/api/healthz", &error);
  json_int_t nodes
      = json_integer_value (json_object_get (json_object_get (health, "media"), "nodes"));
  const char *version = json_string_value (json_object_get (health, "version"));

  note (self, "huijiand", health != NULL, health != NULL ? version : error->message);
  if (health == NULL)
    return NULL;
  note (self, "version", g_strcmp0 (version, HJ_VERSION) == 0, "huijianctl is " HJ_VERSION);
  note (self, "media-node", nodes > 0,
      nodes > 0 ? "" : "no huijian-media has registered: nobody can meet");
  return health;
}

/* Nothing is broken when a kiosk waits for a person, but it does not work either. */
static void
check_kiosks (Doctor *self)
{
  g_autoptr (json_t) answer = hj_ctl_client_act (self->ctl->client, "list-kiosks", NULL, NULL);
  g_autoptr (GString) waiting = g_string_new (NULL);
  gsize i;
  json_t *kiosk;

  json_array_foreach (json_object_get (answer, "kiosks"), i, kiosk)
  {
    if (g_strcmp0 (json_string_value (json_object_get (kiosk, "state")), "enrolled") == 0)
      g_string_append_printf (waiting, "%s%s", waiting->len > 0 ? ", " : "waiting for approval: ",
          json_string_value (json_object_get (kiosk, "name")));
  }
  if (answer != NULL)
    note (self, "kiosks", TRUE, waiting->str);
}

static void
print_checks (Doctor *self)
{
  gsize i;
  json_t *check;

  if (self->ctl->json)
    {
      g_autoptr (json_t) answer = json_pack ("{s:b, s:O}", "ok", self->ok, "checks", self->checks);

      hj_ctl_print_json (answer);
      return;
    }
  json_array_foreach (self->checks, i, check)
  {
    g_autofree char *name = hj_ctl_cell (check, "check");
    g_autofree char *detail = hj_ctl_cell (check, "detail");

    g_print ("%-4s  %-26s %s\n", json_is_true (json_object_get (check, "ok")) ? "ok" : "BAD", name,
        detail);
  }
}

/* The configuration is good when we come here: huijianctl itself has read it. */
gboolean
hj_ctl_doctor (HjCtl *ctl, GError **error)
{
  g_autoptr (json_t) checks = json_array ();
  Doctor self = { .ctl = ctl, .checks = checks, .ok = TRUE };
  g_autoptr (json_t) health = NULL;

  note (&self, "configuration", TRUE, NULL);
  check_evlib (&self);
  check_database (&self);
  health = check_health (&self);
  check_lock (&self, health != NULL);
  check_socket (&self, "signalling_socket");
  check_socket (&self, "link_socket");
  check_socket (&self, "ctl_socket");
  check_kiosks (&self);
  check_time (&self, health);
  print_checks (&self);
  if (self.ok)
    return TRUE;
  g_set_error_literal (error, HJ_CTL_ERROR, HJ_CTL_ERROR_STATE, "something is not as it must be");
  return FALSE;
}
