/* SPDX-License-Identifier: Apache-2.0 */
/* The watchdog over the browser, with a shell in the browser's place. */

#include "src/kiosk/browser.h"

#include <string.h>

#include "tests/kiosk/kiosk-fixture.h"
#include "tests/support/expect-log.h"

typedef struct
{
  char *folder;
  char *log;
  HjBrowser *browser;
  gboolean stopped;
} Fixture;

static void
on_stopped (Fixture *f)
{
  f->stopped = TRUE;
}

/* script: what the "browser" does; $1 is the page's address. */
static void
start (Fixture *f, const char *script, guint start_ms)
{
  const char *argv[] = { "sh", "-c", script, "sh", "--app=%u", f->log, NULL };

  f->browser = hj_browser_new ((char **)argv, "http://page/?token=t", start_ms);
  g_signal_connect_swapped (f->browser, "stopped", G_CALLBACK (on_stopped), f);
  hj_browser_start (f->browser);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  f->folder = temporary_folder ();
  f->log = g_build_filename (f->folder, "log", NULL);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  hj_browser_stop (f->browser);
  AWAIT (f->stopped);
  g_assert_finalize_object (f->browser);
  remove_folder (f->folder);
  g_free (f->folder);
  g_free (f->log);
  hj_assert_expected_logs ();
}

static guint
starts (Fixture *f)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  if (!g_file_get_contents (f->log, &text, NULL, NULL))
    return 0;
  lines = g_strsplit (text, "\n", -1);
  return g_strv_length (lines) - 1;
}

static void
the_browser_gets_the_pages_address (Fixture *f, gconstpointer data)
{
  g_autofree char *text = NULL;

  start (f, "echo \"$1\" >> \"$2\"; exec sleep 60", 60000);
  AWAIT (starts (f) == 1);
  g_file_get_contents (f->log, &text, NULL, NULL);
  g_assert_cmpstr (text, ==, "--app=http://page/?token=t\n");
}

static void
a_browser_that_exits_is_started_again (Fixture *f, gconstpointer data)
{
  hj_expect_log (G_LOG_LEVEL_WARNING, "the browser exited*");
  start (f, "echo x >> \"$2\"; test $(wc -l < \"$2\") -gt 1 && exec sleep 60", 60000);
  AWAIT (starts (f) == 2);
}

static void
a_browser_whose_page_hangs_is_started_again (Fixture *f, gconstpointer data)
{
  hj_expect_log (G_LOG_LEVEL_WARNING, "the browser exited*");
  start (f, "echo x >> \"$2\"; exec sleep 60", 60000);
  AWAIT (starts (f) == 1);
  hj_browser_page_seen (f->browser);
  hj_browser_page_lost (f->browser);
  AWAIT (starts (f) == 2);
}

static void
a_browser_without_a_page_is_started_again (Fixture *f, gconstpointer data)
{
  hj_expect_log (G_LOG_LEVEL_WARNING, "the browser exited*");
  start (f, "echo x >> \"$2\"; exec sleep 60", 1500);
  AWAIT (starts (f) == 2);
  hj_browser_page_seen (f->browser);
}

static void
a_page_that_reloads_keeps_its_browser (Fixture *f, gconstpointer data)
{
  start (f, "echo x >> \"$2\"; exec sleep 60", 60000);
  AWAIT (starts (f) == 1);
  hj_browser_page_seen (f->browser);
  hj_browser_page_closed (f->browser);
  hj_browser_page_seen (f->browser);
  for (guint i = 0; i < 100; i++)
    g_main_context_iteration (NULL, FALSE) ? (void)0 : g_usleep (500);
  g_assert_true (hj_browser_is_running (f->browser));
  g_assert_cmpuint (starts (f), ==, 1);
}

static void
a_browser_that_is_not_there_is_said_so (Fixture *f, gconstpointer data)
{
  const char *argv[] = { "/nowhere/browser", NULL };

  hj_expect_log (G_LOG_LEVEL_WARNING, "the browser cannot be started*");
  f->browser = hj_browser_new ((char **)argv, "u", 60000);
  g_signal_connect_swapped (f->browser, "stopped", G_CALLBACK (on_stopped), f);
  hj_browser_start (f->browser);
  g_assert_false (hj_browser_is_running (f->browser));
}

static void
its_children_go_with_the_browser (Fixture *f, gconstpointer data)
{
  g_autofree char *text = NULL;
  g_autofree char *path = NULL;

  start (f, "sleep 60 & echo $! >> \"$2\"; wait", 60000);
  AWAIT (starts (f) == 1);
  g_file_get_contents (f->log, &text, NULL, NULL);
  path = g_strdup_printf ("/proc/%s", g_strstrip (text));
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
  hj_browser_stop (f->browser);
  AWAIT (f->stopped);
  f->stopped = FALSE;
  /* The child is gone, or waits to be reaped by init. */
  for (guint i = 0; i < 400 && g_file_test (path, G_FILE_TEST_EXISTS); i++)
    {
      g_autofree char *status_path = g_strconcat (path, "/stat", NULL);
      g_autofree char *status = NULL;

      if (g_file_get_contents (status_path, &status, NULL, NULL) && strstr (status, ") Z ") != NULL)
        return;
      g_usleep (5000);
    }
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
}

#define ADD(name, function)                                                                        \
  g_test_add ("/kiosk/browser/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  ADD ("the browser gets the page's address", the_browser_gets_the_pages_address);
  ADD ("a browser that exits is started again", a_browser_that_exits_is_started_again);
  ADD ("a browser whose page hangs is started again", a_browser_whose_page_hangs_is_started_again);
  ADD ("a browser without a page is started again", a_browser_without_a_page_is_started_again);
  ADD ("a page that reloads keeps its browser", a_page_that_reloads_keeps_its_browser);
  ADD ("a browser that is not there is said so", a_browser_that_is_not_there_is_said_so);
  ADD ("its children go with the browser", its_children_go_with_the_browser);
  return g_test_run ();
}
