/* SPDX-License-Identifier: Apache-2.0 */
/* Runs the program that ships, so that tests meet it as huijiand and browsers do. */

#include "tests/media/media-program.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <sys/prctl.h>

/* GLib gives up its first table of quarks when there are more than 2,048, on purpose: readers take no lock. It was made
 * by a constructor, that is, called from the dynamic linker. */
#define SUPPRESSIONS "leak:ld-linux\n"

/* A failed test ends by abort() and cleans nothing up. */
static void
die_with_parent (gpointer data)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

/* config: lines of the group [media] besides link_socket. */
void
media_program_prepare (MediaProgram *self, const char *config)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  self->directory = g_dir_make_tmp ("huijian-media-XXXXXX", &error);
  g_assert_no_error (error);
  self->socket_path = g_build_filename (self->directory, "link", NULL);
  self->config_path = g_build_filename (self->directory, "huijian.conf", NULL);
  self->suppressions_path = g_build_filename (self->directory, "lsan.supp", NULL);
  text = g_strdup_printf ("[media]\nlink_socket=%s\ndrain_s=0\n%s", self->socket_path, config);
  g_assert_true (g_file_set_contents (self->config_path, text, -1, NULL));
  g_assert_true (g_file_set_contents (self->suppressions_path, SUPPRESSIONS, -1, NULL));
}

void
media_program_start (MediaProgram *self, const char *path, GSubprocessFlags flags)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (flags);
  g_autoptr (GError) error = NULL;
  g_autofree char *lsan
      = g_strconcat ("suppressions=", self->suppressions_path, ":print_suppressions=0", NULL);

  g_subprocess_launcher_setenv (launcher, "LSAN_OPTIONS", lsan, TRUE);
  g_subprocess_launcher_setenv (launcher, "ASAN_OPTIONS", "fast_unwind_on_malloc=0", TRUE);
  g_subprocess_launcher_set_child_setup (launcher, die_with_parent, NULL, NULL);
  self->process
      = g_subprocess_launcher_spawn (launcher, &error, path, "--config", self->config_path, NULL);
  g_assert_no_error (error);
}

/* Asks it to end and insists that it ends well. */
void
media_program_stop (MediaProgram *self)
{
  g_subprocess_send_signal (self->process, SIGTERM);
  g_assert_true (g_subprocess_wait_check (self->process, NULL, NULL));
  g_clear_object (&self->process);
}

void
media_program_clear (MediaProgram *self)
{
  g_clear_object (&self->process);
  g_unlink (self->socket_path);
  g_unlink (self->config_path);
  g_unlink (self->suppressions_path);
  g_rmdir (self->directory);
  g_free (self->directory);
  g_free (self->socket_path);
  g_free (self->config_path);
  g_free (self->suppressions_path);
}
