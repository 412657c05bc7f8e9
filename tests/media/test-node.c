/* SPDX-License-Identifier: Apache-2.0 */
/* A worker of a node that fails: its legs are told gone, it runs again on the same port, the other worker goes on; one that
 * fails again and again is given up. The node runs in this very process, so that a test can make a pipeline fail. */

#include <string.h>

#include "media/elements.h"
#include "media/node-worker.h"
#include "media/node.h"
#include "src/base/ids.h"
#include "tests/media/relay-fixture.h"
#include "tests/support/expect-log.h"

#define WORKERS 2

typedef struct
{
  RelayFixture relay[WORKERS]; /* one room on each worker */
  HjNode *node;
  HjConfig *config;
} Fixture;

static const HjConfig *
read_config (MediaProgram *media, HjConfig **config)
{
  g_autoptr (GError) error = NULL;

  *config = hj_config_new_from_file (media->config_path, "media", HJ_NODE_KEYS, &error);
  g_assert_no_error (error);
  return *config;
}

/* A room lives on the worker that its id falls on (media/control.c). */
static void
invite_to_worker (RelayFixture *f, guint worker)
{
  relay_invite (f);
  while (g_str_hash (f->room) % WORKERS != worker)
    {
      g_free (f->room);
      f->room = hj_id_new ();
    }
}

static void
set_up (Fixture *f, gconstpointer data)
{
  MediaProgram *media = &f->relay[0].media;
  g_autoptr (GError) error = NULL;

  media_program_prepare (media, "listen=127.0.0.1\nworkers=2\n");
  f->relay[0].server = link_server_new (media->socket_path);
  f->relay[1].server = f->relay[0].server;
  f->node = hj_node_start (read_config (media, &f->config), &error);
  g_assert_no_error (error);
  link_server_wait_register (f->relay[0].server, 1);
  link_server_welcome (f->relay[0].server, 0);
  for (guint i = 0; i < WORKERS; i++)
    {
      invite_to_worker (&f->relay[i], i);
      relay_meet (&f->relay[i]);
      relay_assert_media_flows (&f->relay[i], 1);
    }
}

static gboolean
nothing_is_left (gpointer data)
{
  return !g_main_context_pending (NULL);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  hj_node_free (f->node);
  g_assert_true (wait_until (nothing_is_left, NULL, WAIT_MS));
  hj_config_free (f->config);
  for (guint i = 0; i < WORKERS; i++)
    relay_dismiss (&f->relay[i]);
  link_server_free (f->relay[0].server);
  media_program_clear (&f->relay[0].media);
}

/* As an element in trouble does. */
static void
break_pipeline (GstElement *pipeline)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  g_autoptr (GError) error
      = g_error_new_literal (GST_STREAM_ERROR, GST_STREAM_ERROR_FAILED, "broken by a test");

  gst_bus_post (bus, gst_message_new_error (GST_OBJECT (pipeline), error, NULL));
}

static void
a_failed_worker_runs_again_and_the_others_go_on (Fixture *f, gconstpointer data)
{
  RelayFixture *broken = &f->relay[0];
  guint n_events = 0;

  hj_expect_log (G_LOG_LEVEL_WARNING, "Relay worker 0 failed: broken by a test");
  break_pipeline (hj_node_get_pipeline (f->node, 0));
  for (guint i = 0; i < 2; i++)
    g_assert_true (link_server_wait_event (broken->server, broken->seats[i], HJ_LINK_GONE));
  relay_assert_media_flows (&f->relay[1], 2);
  hj_assert_expected_logs ();

  n_events = link_server_get_n_events (broken->server);
  for (guint i = 0; i < 2; i++)
    relay_renew (broken, i);
  relay_meet (broken);
  relay_assert_media_flows (broken, 1);
  g_assert_cmpuint (link_server_get_n_events (broken->server), >=, n_events + 2);
  for (guint i = 0; i < link_server_get_n_events (broken->server); i++)
    if (link_server_get_event (broken->server, i)->kind == HJ_LINK_GONE)
      g_assert_cmpstr (link_server_get_event (broken->server, i)->room, ==, broken->room);
}

static void
ignore_news (gpointer data, HjLinkEventKind kind, const char *room, const char *seat, gint64 at_us)
{
}

typedef struct
{
  HjNodeWorker *worker;
  guint restarts;
  guint broken;
} Watched;

static void
note_restart (gpointer data, HjNodeWorker *worker)
{
  ((Watched *)data)->restarts++;
}

static void
note_broken (gpointer data)
{
  ((Watched *)data)->broken++;
}

static gboolean
failure_is_over (gpointer data)
{
  const Watched *watched = data;
  HjWorkerMetrics metrics;

  hj_node_worker_measure (watched->worker, &metrics);
  return watched->broken > 0 || metrics.restarts == watched->restarts;
}

static void
a_worker_that_keeps_failing_is_given_up (void)
{
  static const HjNodeWorkerHandler HANDLER = { ignore_news, note_restart, note_broken };
  MediaProgram media = { 0 };
  Watched watched = { 0 };
  HjConfig *config = NULL;
  g_autoptr (GError) error = NULL;

  media_program_prepare (&media, "listen=127.0.0.1\n");
  hj_elements_register (NULL);
  watched.worker = hj_node_worker_new (read_config (&media, &config), 0, &HANDLER, &watched);
  g_assert_true (hj_node_worker_start (watched.worker, &error));
  for (guint i = 0; i < HJ_NODE_WORKER_FAILURES; i++)
    {
      hj_expect_log (G_LOG_LEVEL_WARNING, "Relay worker 0 failed: broken by a test");
      break_pipeline (hj_node_worker_get_pipeline (watched.worker));
      while (watched.restarts == i)
        g_main_context_iteration (NULL, TRUE);
      g_assert_cmpuint (watched.broken, ==, 0);
      g_assert_true (failure_is_over (&watched));
    }
  hj_expect_log (G_LOG_LEVEL_WARNING, "Relay worker 0 failed: broken by a test");
  break_pipeline (hj_node_worker_get_pipeline (watched.worker));
  g_assert_true (wait_until (failure_is_over, &watched, WAIT_MS));
  while (watched.broken == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (watched.restarts, ==, HJ_NODE_WORKER_FAILURES);
  g_assert_cmpuint (watched.broken, ==, 1);
  hj_assert_expected_logs ();
  hj_node_worker_free (watched.worker);
  hj_config_free (config);
  media_program_clear (&media);
}

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  gst_init (NULL, NULL);
  g_test_add ("/node/a-failed-worker-runs-again-and-the-others-go-on", Fixture, NULL, set_up,
      a_failed_worker_runs_again_and_the_others_go_on, tear_down);
  g_test_add_func (
      "/node/a-worker-that-keeps-failing-is-given-up", a_worker_that_keeps_failing_is_given_up);
  return g_test_run ();
}
