/* SPDX-License-Identifier: Apache-2.0 */
/* A named thread with a GMainContext of its own: the only bridge between control (the default context) and other threads
 * (STYLE: a message is born and freed on control). Made and freed on control. */

#include "src/base/worker.h"

struct _HjWorker
{
  GThread *thread;
  GMainContext *context;
  GMainLoop *loop;
};

typedef struct
{
  HjWorkerFunc on_worker;
  HjWorkerFunc on_control;
  gpointer message;
} Trip;

static gboolean
arrive_on_control (gpointer data)
{
  g_autofree Trip *trip = data;

  trip->on_control (trip->message);
  return G_SOURCE_REMOVE;
}

static gboolean
arrive_on_worker (gpointer data)
{
  Trip *trip = data;
  g_autoptr (GSource) source = g_idle_source_new ();

  trip->on_worker (trip->message);
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, arrive_on_control, trip, NULL);
  g_source_attach (source, NULL);
  return G_SOURCE_REMOVE;
}

static gpointer
run (gpointer data)
{
  HjWorker *self = data;

  g_main_context_push_thread_default (self->context);
  g_main_loop_run (self->loop);
  g_main_context_pop_thread_default (self->context);
  return NULL;
}

/* Returns: (transfer full): a running worker. */
HjWorker *
hj_worker_new (const char *name)
{
  HjWorker *self = g_new0 (HjWorker, 1);

  self->context = g_main_context_new ();
  self->loop = g_main_loop_new (self->context, FALSE);
  self->thread = g_thread_new (name, run, self);
  return self;
}

static gboolean
quit (gpointer data)
{
  g_main_loop_quit (data);
  return G_SOURCE_REMOVE;
}

/* Runs what was asked before, then joins the thread. Answers that come home afterwards still arrive on control. */
void
hj_worker_free (HjWorker *self)
{
  g_autoptr (GSource) source = NULL;

  if (self == NULL)
    return;
  source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, quit, self->loop, NULL);
  g_source_attach (source, self->context);
  g_thread_join (self->thread);
  g_main_loop_unref (self->loop);
  g_main_context_unref (self->context);
  g_free (self);
}

gboolean
hj_worker_is_current (HjWorker *self)
{
  return g_thread_self () == self->thread;
}

/* Goes out and comes home: on_worker (message) on the worker, in order of calls, then on_control (message) on control,
 * which frees it. */
void
hj_worker_run (HjWorker *self, HjWorkerFunc on_worker, HjWorkerFunc on_control, gpointer message)
{
  Trip *trip = g_new (Trip, 1);
  g_autoptr (GSource) source = g_idle_source_new ();

  *trip = (Trip){ on_worker, on_control, message };
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, arrive_on_worker, trip, NULL);
  g_source_attach (source, self->context);
}

/* Unasked news from any thread: on_control (message) runs on control and frees the message. */
void
hj_control_post (HjWorkerFunc on_control, gpointer message)
{
  Trip *trip = g_new (Trip, 1);
  g_autoptr (GSource) source = g_idle_source_new ();

  *trip = (Trip){ NULL, on_control, message };
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, arrive_on_control, trip, NULL);
  g_source_attach (source, NULL);
}
