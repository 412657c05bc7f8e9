/* SPDX-License-Identifier: Apache-2.0 */
/* A worker whose streaming thread stands still posts no error. It is found out by not answering, nothing piles up before it,
 * and the program ends, so that systemd starts it again. */

#include <errno.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include "media/control.h"
#include "media/elements.h"
#include "media/node-worker.h"
#include "media/node.h"
#include "src/base/ids.h"
#include "tests/media/link-server.h"
#include "tests/media/media-program.h"

static const char *program;

static void
ignore_news (gpointer data, HjLinkEventKind kind, const char *room, const char *seat, gint64 at_us)
{
}

static void
ignore_worker (gpointer data, HjNodeWorker *worker)
{
}

static void
ignore (gpointer data)
{
}

static void
on_worker_stand_still (HjRooms *rooms, gint64 now_us, gpointer message)
{
  g_mutex_lock (message);
  g_mutex_unlock (message);
}

static void
note_answer (gpointer message)
{
  *(gboolean *)message = TRUE;
}

static void
on_worker_rest (HjRooms *rooms, gint64 now_us, gpointer message)
{
}

/* Until all that was asked before is answered. */
static void
wait_for_worker (HjNodeWorker *worker)
{
  gboolean answered = FALSE;

  hj_relay_run (hj_node_worker_get_relay (worker), on_worker_rest, note_answer, &answered);
  while (!answered)
    g_main_context_iteration (NULL, TRUE);
}

static void
a_worker_that_does_not_answer_is_noticed (void)
{
  static const HjNodeWorkerHandler HANDLER = { ignore_news, ignore_worker, ignore };
  MediaProgram media = { 0 };
  GMutex gate;
  g_autoptr (GError) error = NULL;
  g_autoptr (HjConfig) config = NULL;
  g_autoptr (HjNodeWorker) worker = NULL;

  g_mutex_init (&gate);
  media_program_prepare (&media, "listen=127.0.0.1\n");
  config = hj_config_new_from_file (media.config_path, "media", HJ_NODE_KEYS, &error);
  worker = hj_node_worker_new (config, 0, &HANDLER, NULL);
  g_assert_true (hj_node_worker_start (worker, &error));
  for (guint i = 0; i < 3 * HJ_NODE_WORKER_LOOKS; i++)
    {
      g_assert_true (hj_node_worker_look (worker));
      wait_for_worker (worker);
    }

  g_mutex_lock (&gate);
  hj_relay_run (hj_node_worker_get_relay (worker), on_worker_stand_still, ignore, &gate);
  g_assert_true (hj_node_worker_look (worker)); /* asks */
  for (guint i = 1; i < HJ_NODE_WORKER_LOOKS; i++)
    g_assert_true (hj_node_worker_look (worker));
  g_assert_false (hj_node_worker_look (worker));
  g_mutex_unlock (&gate);
  wait_for_worker (worker);
  for (guint i = 0; i < 2; i++)
    g_assert_true (hj_node_worker_look (worker));
  wait_for_worker (worker);
  g_mutex_clear (&gate);
  media_program_clear (&media);
}

static guint
read_orders (HjRelay *relay)
{
  guint orders = 0;

  g_object_get (relay, "orders", &orders, NULL);
  return orders;
}

/* The relay's thread never begins. */
static void
statistics_are_asked_for_one_at_a_time (void)
{
  g_autoptr (HjRelay) relay = gst_object_ref_sink (gst_element_factory_make ("hjrelay", NULL));
  HjControl *control = hj_control_new ("/nonexistent", "node-1", 2);

  hj_control_add_relay (control, relay);
  g_assert_cmpuint (read_orders (relay), ==, 0);
  for (guint i = 0; i < 3; i++)
    hj_control_send_statistics (control);
  g_assert_cmpuint (read_orders (relay), ==, 1);

  gst_element_set_state (GST_ELEMENT (relay), GST_STATE_PAUSED);
  gst_element_set_state (GST_ELEMENT (relay), GST_STATE_NULL); /* sends home what waits */
  while (g_main_context_iteration (NULL, FALSE))
    ;
  hj_control_send_statistics (control);
  g_assert_cmpuint (read_orders (relay), ==, 1);
  gst_element_set_state (GST_ELEMENT (relay), GST_STATE_PAUSED);
  gst_element_set_state (GST_ELEMENT (relay), GST_STATE_NULL);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  hj_control_free (control);
}

/* Returns: of the thread that runs the relay's packets. */
static pid_t
find_streaming_thread (MediaProgram *media)
{
  g_autofree char *tasks
      = g_strdup_printf ("/proc/%s/task", g_subprocess_get_identifier (media->process));
  g_autoptr (GDir) directory = g_dir_open (tasks, 0, NULL);
  const char *task = NULL;

  while ((task = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *path = g_build_filename (tasks, task, "comm", NULL);
      g_autofree char *name = NULL;

      if (g_file_get_contents (path, &name, NULL, NULL) && g_str_has_prefix (name, "hjudpsrc"))
        return (pid_t)g_ascii_strtoll (task, NULL, 10);
    }
  return 0;
}

/* As the tracer of a thread, one has to bury it too, before its process is done. */
static gboolean
thread_is_gone (gpointer data)
{
  int status = 0;
  pid_t got = waitpid (*(pid_t *)data, &status, __WALL | WNOHANG);

  return got < 0 || (got > 0 && (WIFEXITED (status) || WIFSIGNALED (status)));
}

/* One thread alone is stopped, in its own program: a debugger can. */
static void
a_program_whose_worker_hangs_ends (void)
{
  MediaProgram media = { 0 };
  g_autoptr (LinkServer) server = NULL;
  g_autofree char *errors = NULL;
  pid_t thread = 0;

  media_program_prepare (&media, "listen=127.0.0.1\n");
  server = link_server_new (media.socket_path);
  media_program_start (&media, program, G_SUBPROCESS_FLAGS_STDERR_PIPE);
  link_server_wait_register (server, 1);
  thread = find_streaming_thread (&media);
  g_assert_cmpint (thread, >, 0);
  if (ptrace (PTRACE_SEIZE, thread, NULL, NULL) < 0)
    {
      g_test_skip (strerror (errno));
      media_program_stop (&media);
      media_program_clear (&media);
      return;
    }
  g_assert_cmpint (ptrace (PTRACE_INTERRUPT, thread, NULL, NULL), ==, 0);
  g_assert_true (wait_until (thread_is_gone, &thread, WAIT_MS));
  g_assert_true (g_subprocess_communicate_utf8 (media.process, NULL, NULL, NULL, &errors, NULL));
  g_assert_true (g_subprocess_get_if_exited (media.process));
  g_assert_cmpint (g_subprocess_get_exit_status (media.process), ==, 1);
  g_assert_nonnull (strstr (errors, "Relay worker 0 hangs: no answer for 5 s"));
  g_clear_object (&media.process);
  media_program_clear (&media);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gst_init (NULL, NULL);
  hj_elements_register (NULL);
  program = argv[1];
  g_test_add_func (
      "/hang/a-worker-that-does-not-answer-is-noticed", a_worker_that_does_not_answer_is_noticed);
  g_test_add_func (
      "/hang/statistics-are-asked-for-one-at-a-time", statistics_are_asked_for_one_at_a_time);
  g_test_add_func ("/hang/a-program-whose-worker-hangs-ends", a_program_whose_worker_hangs_ends);
  return g_test_run ();
}
