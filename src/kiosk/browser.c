/* SPDX-License-Identifier: Apache-2.0 */
/* The browser that shows the page, as a child with a watchdog: started again when it exits, ended when its page stays away.
 * It runs in its own process group and does not outlive the agent. Only what was started here is ever signalled. Emits
 * "stopped" after hj_browser_stop() when it is gone. Control thread. */

#include "src/kiosk/browser.h"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "src/base/log.h"

#define PAUSE_MIN_MS 1000
#define PAUSE_MAX_MS 30000
#define KILL_AFTER_MS 5000

static guint stopped_signal;

struct _HjBrowser
{
  GObject parent_instance;
  char **argv;
  GSubprocess *child;
  gboolean wanted;
  guint start_ms;
  guint pause_ms;
  guint start_timer;
  guint page_timer; /* the page must be back by then */
  guint kill_timer;
};

G_DEFINE_FINAL_TYPE (HjBrowser, hj_browser, G_TYPE_OBJECT)

static void start_now (HjBrowser *self);

/* Between fork and exec: async-signal-safe calls only. */
static void
in_child (gpointer data)
{
  setpgid (0, 0);
  prctl (PR_SET_PDEATHSIG, SIGTERM);
}

static void
signal_group (HjBrowser *self, int number)
{
  const char *pid = self->child != NULL ? g_subprocess_get_identifier (self->child) : NULL;

  if (pid != NULL)
    kill (-(pid_t)g_ascii_strtoll (pid, NULL, 10), number);
}

static gboolean
on_kill (gpointer data)
{
  HjBrowser *self = data;

  self->kill_timer = 0;
  signal_group (self, SIGKILL);
  return G_SOURCE_REMOVE;
}

static void
end_child (HjBrowser *self)
{
  g_clear_handle_id (&self->page_timer, g_source_remove);
  if (self->child == NULL || self->kill_timer != 0)
    return;
  signal_group (self, SIGTERM);
  self->kill_timer = g_timeout_add (KILL_AFTER_MS, on_kill, self);
}

static gboolean
on_page_late (gpointer data)
{
  HjBrowser *self = data;

  self->page_timer = 0;
  hj_event ("kiosk.page-missing", NULL, NULL, "the browser shows no page; it is started again");
  end_child (self);
  return G_SOURCE_REMOVE;
}

static void
await_page (HjBrowser *self)
{
  g_clear_handle_id (&self->page_timer, g_source_remove);
  if (self->child != NULL)
    self->page_timer = g_timeout_add (self->start_ms, on_page_late, self);
}

static gboolean
on_start (gpointer data)
{
  HjBrowser *self = data;

  self->start_timer = 0;
  start_now (self);
  return G_SOURCE_REMOVE;
}

static void
start_later (HjBrowser *self)
{
  self->start_timer = g_timeout_add (self->pause_ms, on_start, self);
  self->pause_ms = MIN (self->pause_ms * 2, PAUSE_MAX_MS);
}

static void
on_exited (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (HjBrowser) self = data;

  g_subprocess_wait_finish (G_SUBPROCESS (source), result, NULL);
  g_clear_object (&self->child);
  g_clear_handle_id (&self->kill_timer, g_source_remove);
  g_clear_handle_id (&self->page_timer, g_source_remove);
  if (self->wanted)
    {
      g_warning ("the browser exited; it is started again in %u ms", self->pause_ms);
      start_later (self);
    }
  else
    g_signal_emit (self, stopped_signal, 0);
}

static void
start_now (HjBrowser *self)
{
  g_autoptr (GSubprocessLauncher) launcher
      = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE);
  g_autoptr (GError) error = NULL;

  g_subprocess_launcher_set_child_setup (launcher, in_child, NULL, NULL);
  self->child = g_subprocess_launcher_spawnv (launcher, (const char *const *)self->argv, &error);
  if (self->child == NULL)
    {
      g_warning ("the browser cannot be started: %s", error->message);
      start_later (self);
      return;
    }
  await_page (self);
  g_subprocess_wait_async (self->child, NULL, on_exited, g_object_ref (self));
}

/* argv: its word %u stands for the page's address. Returns: (transfer full): not started. */
HjBrowser *
hj_browser_new (char **argv, const char *url, guint start_ms)
{
  HjBrowser *self = g_object_new (HJ_TYPE_BROWSER, NULL);
  guint n = g_strv_length (argv);

  self->argv = g_new0 (char *, n + 1);
  for (guint i = 0; i < n; i++)
    {
      g_auto (GStrv) parts = g_strsplit (argv[i], "%u", -1);

      self->argv[i] = g_strjoinv (url, parts);
    }
  self->start_ms = start_ms;
  self->pause_ms = PAUSE_MIN_MS;
  return self;
}

void
hj_browser_start (HjBrowser *self)
{
  self->wanted = TRUE;
  if (self->child == NULL && self->start_timer == 0)
    start_now (self);
}

/* Ends the browser; "stopped" comes when it is gone, at once if there is none. */
void
hj_browser_stop (HjBrowser *self)
{
  self->wanted = FALSE;
  g_clear_handle_id (&self->start_timer, g_source_remove);
  if (self->child != NULL)
    end_child (self);
  else
    g_signal_emit (self, stopped_signal, 0);
}

gboolean
hj_browser_is_running (HjBrowser *self)
{
  return self->child != NULL;
}

/* A page is attached: the browser works. */
void
hj_browser_page_seen (HjBrowser *self)
{
  g_clear_handle_id (&self->page_timer, g_source_remove);
  self->pause_ms = PAUSE_MIN_MS;
}

/* The page hangs: nothing but a new browser helps. */
void
hj_browser_page_lost (HjBrowser *self)
{
  end_child (self);
}

/* The page went, perhaps to load again: give it the time of a start. */
void
hj_browser_page_closed (HjBrowser *self)
{
  await_page (self);
}

static void
hj_browser_dispose (GObject *object)
{
  HjBrowser *self = HJ_BROWSER (object);

  self->wanted = FALSE;
  g_clear_handle_id (&self->start_timer, g_source_remove);
  g_clear_handle_id (&self->page_timer, g_source_remove);
  g_clear_handle_id (&self->kill_timer, g_source_remove);
  g_clear_pointer (&self->argv, g_strfreev);
  G_OBJECT_CLASS (hj_browser_parent_class)->dispose (object);
}

static void
hj_browser_class_init (HjBrowserClass *class)
{
  G_OBJECT_CLASS (class)->dispose = hj_browser_dispose;
  stopped_signal = g_signal_new (
      "stopped", HJ_TYPE_BROWSER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
hj_browser_init (HjBrowser *self)
{
}
