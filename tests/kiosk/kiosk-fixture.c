/* SPDX-License-Identifier: Apache-2.0 */
/* What the kiosk's tests share: a folder of their own, a page, a configuration with short times. */

#include "tests/kiosk/kiosk-fixture.h"

#include <glib/gstdio.h>

#include "src/kiosk/enrolment.h"

/* Returns: (transfer full). */
char *
temporary_folder (void)
{
  g_autoptr (GError) error = NULL;
  char *folder = g_dir_make_tmp ("hj-kiosk-XXXXXX", &error);

  g_assert_no_error (error);
  return folder;
}

void
remove_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name = NULL;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (g_file_test (path, G_FILE_TEST_IS_DIR) && !g_file_test (path, G_FILE_TEST_IS_SYMLINK))
        remove_folder (path);
      else
        g_unlink (path);
    }
  g_rmdir (folder);
}

void
write_file (const char *folder, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *parent = g_path_get_dirname (path);
  g_autoptr (GError) error = NULL;

  g_mkdir_with_parents (parent, 0700);
  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
}

/* With a page in folder/page and the CA in folder/ca.pem. Returns: (transfer full). */
HjKioskConfig *
test_config (const char *server, const char *folder)
{
  g_autofree char *text = g_strdup_printf ("[kiosk]\nserver=%s\norigin=" FAKE_ORIGIN
                                           "\nca_file=ca.pem\nstate_dir=state\npage_dir=page\n",
      server);
  g_autoptr (GError) error = NULL;
  HjKioskConfig *config = hj_kiosk_config_parse (text, folder, &error);

  g_assert_no_error (error);
  write_file (folder, "page/index.html", "<!doctype html><title>page</title>");
  write_file (folder, "page/assets/page.js", "1;");
  write_file (folder, "secret.txt", "must not be served");
  config->backoff_min_ms = 10;
  config->backoff_max_ms = 40;
  config->join_retry_ms = 10;
  config->heartbeat_ms = 5000;
  return config;
}

static void
on_enrolled (GObject *source, GAsyncResult *result, gpointer data)
{
  *(GAsyncResult **)data = g_object_ref (result);
}

gboolean
enrol_now (const HjKioskConfig *config, const char *token, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  hj_enrol_async (config, token, NULL, on_enrolled, &result);
  AWAIT (result != NULL);
  return hj_enrol_finish (result, error);
}
