/* SPDX-License-Identifier: Apache-2.0 */
/* A pipeline `hjudpsrc ! hjrelay ! hjudpsink` and its bus. A pipeline that fails is stopped, its legs are told gone, and it is
 * started again in place, on the same port, while the other workers go on; one that fails HJ_NODE_WORKER_FAILURES times
 * and once more within a minute is given up. One that hangs fails nowhere: it is asked for a sign of life, and what to do
 * without is the node's to say, for a thread that hangs cannot be stopped. Control thread. */

#include "media/node-worker.h"

#include <openssl/crypto.h>

#include "media/elements.h"
#include "media/wire/error.h"

#define FAILURES_WITHIN_US (60 * G_TIME_SPAN_SECOND)
#define RETRY_MS 200

/* On its way to the streaming thread and back. */
typedef struct
{
  HjNodeWorker *worker; /* not owned; NULL when it has been freed meanwhile */
} Question;

struct _HjNodeWorker
{
  const HjNodeWorkerHandler *handler;
  gpointer data;
  guint index;
  GstElement *pipeline;
  GstElement *source; /* not owned, as the next two: the pipeline's */
  GstElement *relay;
  GstElement *sink;
  gboolean watched; /* its bus is */
  gboolean running;
  guint retry_source;
  guint restarts;
  gint64 failed_us[HJ_NODE_WORKER_FAILURES]; /* a ring */
  guint n_failures;
  Question *question; /* not owned: under way; NULL when the last was answered */
  guint n_looks;      /* since it was asked */
};

static GstElement *
make (GstBin *bin, const char *factory)
{
  GstElement *element = gst_element_factory_make (factory, NULL);

  g_assert (element != NULL);
  gst_bin_add (bin, element);
  return element;
}

/* Returns: (transfer full): a worker that does not run yet. config: of HJ_NODE_KEYS, checked. handler: static. */
HjNodeWorker *
hj_node_worker_new (
    const HjConfig *config, guint index, const HjNodeWorkerHandler *handler, gpointer data)
{
  HjNodeWorker *self = g_new0 (HjNodeWorker, 1);
  guint port = (guint)hj_config_get_int (config, "port");
  g_autofree char *name = g_strdup_printf ("worker%u", index);

  self->handler = handler;
  self->data = data;
  self->index = index;
  self->pipeline = gst_object_ref_sink (gst_pipeline_new (name));
  self->source = make (GST_BIN (self->pipeline), "hjudpsrc");
  self->relay = make (GST_BIN (self->pipeline), "hjrelay");
  self->sink = make (GST_BIN (self->pipeline), "hjudpsink");
  g_object_set (self->source, "address", hj_config_get (config, "listen"), "port",
      port > 0 ? port + index : 0, NULL);
  g_object_set (self->relay, "addresses", hj_config_get (config, "public_addresses"), "capacity",
      (guint)hj_config_get_int (config, "capacity"), NULL);
  g_assert (gst_element_link_many (self->source, self->relay, self->sink, NULL));
  return self;
}

/* On the thread that posts. OpenSSL keeps generators of random numbers for each thread, and frees them when the thread
 * ends; that of GStreamer's pool may end after OpenSSL has. */
static GstBusSyncReply
on_bus_at_once (GstBus *bus, GstMessage *message, gpointer data)
{
  GstStreamStatusType type = GST_STREAM_STATUS_TYPE_CREATE;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_STREAM_STATUS)
    {
      gst_message_parse_stream_status (message, &type, NULL);
      if (type == GST_STREAM_STATUS_TYPE_LEAVE)
        OPENSSL_thread_stop ();
    }
  return GST_BUS_PASS;
}

static void
take_news (HjNodeWorker *self, GstMessage *message)
{
  const GstStructure *news = gst_message_get_structure (message);
  gint64 at_us = 0;
  int kind = 0;

  if (gst_message_has_name (message, HJ_RELAY_NEWS)
      && gst_structure_get (news, "kind", G_TYPE_INT, &kind, "at-us", G_TYPE_INT64, &at_us, NULL))
    self->handler->news (self->data, (HjLinkEventKind)kind, gst_structure_get_string (news, "room"),
        gst_structure_get_string (news, "seat"), at_us);
}

/* The legs' end is on the bus once the relay is stopped; going on to NULL would flush it. What failed besides has failed
 * with the rest. */
static void
stop (HjNodeWorker *self)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (self->pipeline);
  GstMessage *message = NULL;

  self->running = FALSE;
  gst_element_set_state (self->pipeline, GST_STATE_READY);
  while ((message = gst_bus_pop (bus)) != NULL)
    {
      take_news (self, message);
      gst_message_unref (message);
    }
  gst_element_set_state (self->pipeline, GST_STATE_NULL);
}

/* Also what cannot be said is remembered: the time. FALSE: too often. */
static gboolean
note_failure (HjNodeWorker *self)
{
  gint64 now_us = g_get_monotonic_time ();
  gint64 *oldest = &self->failed_us[self->n_failures % HJ_NODE_WORKER_FAILURES];
  gboolean often
      = self->n_failures >= HJ_NODE_WORKER_FAILURES && now_us - *oldest < FAILURES_WITHIN_US;

  *oldest = now_us;
  self->n_failures++;
  return !often;
}

static void restart (HjNodeWorker *self);

static gboolean
retry (gpointer data)
{
  HjNodeWorker *self = data;

  self->retry_source = 0;
  restart (self);
  return G_SOURCE_REMOVE;
}

static void
fail (HjNodeWorker *self, const char *why)
{
  g_warning ("Relay worker %u failed: %s", self->index, why);
  stop (self);
  if (!note_failure (self))
    self->handler->broken (self->data);
  else if (self->retry_source == 0)
    self->retry_source = g_timeout_add (self->n_failures > 1 ? RETRY_MS : 0, retry, self);
}

static void
restart (HjNodeWorker *self)
{
  g_autoptr (GError) error = NULL;

  self->restarts++;
  if (hj_node_worker_start (self, &error))
    self->handler->restarted (self->data, self);
  else
    fail (self, error->message);
}

static gboolean
on_bus (GstBus *bus, GstMessage *message, gpointer data)
{
  HjNodeWorker *self = data;
  g_autoptr (GError) error = NULL;

  if (GST_MESSAGE_TYPE (message) != GST_MESSAGE_ERROR)
    take_news (self, message);
  else if (self->running)
    {
      gst_message_parse_error (message, &error, NULL);
      fail (self, error->message);
    }
  return G_SOURCE_CONTINUE;
}

/* The port that the kernel chose is kept: it stands in answers that were given. */
static void
keep_port (HjNodeWorker *self)
{
  guint port = 0;

  g_object_get (self->source, "port", &port, NULL);
  g_object_set (self->source, "port", port, NULL);
  g_message ("Relay worker %u listens on UDP port %u", self->index, port);
}

gboolean
hj_node_worker_start (HjNodeWorker *self, GError **error)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (self->pipeline);

  gst_bus_set_sync_handler (bus, on_bus_at_once, NULL, NULL);
  if (gst_element_set_state (self->pipeline, GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE)
    {
      g_autoptr (GstMessage) message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);

      if (message != NULL)
        gst_message_parse_error (message, error, NULL);
      else
        g_set_error_literal (
            error, HJ_MEDIA_ERROR, HJ_MEDIA_ERROR_FAILED, "the pipeline does not start");
      return FALSE;
    }
  if (!self->watched)
    self->watched = gst_bus_add_watch (bus, on_bus, self) != 0;
  self->running = TRUE;
  keep_port (self);
  return TRUE;
}

static void
on_worker_answer (HjRooms *rooms, gint64 now_us, gpointer message)
{
}

static void
answered (gpointer message)
{
  g_autofree Question *question = message;

  if (question->worker != NULL)
    question->worker->question = NULL;
}

/* To be called in even intervals. They are counted, not measured: where this whole process stood still, nobody hangs.
 * Returns: FALSE when the streaming thread has let HJ_NODE_WORKER_LOOKS of them pass without an answer. */
gboolean
hj_node_worker_look (HjNodeWorker *self)
{
  if (!self->running)
    return TRUE;
  if (self->question != NULL)
    return ++self->n_looks < HJ_NODE_WORKER_LOOKS;
  self->question = g_new (Question, 1);
  self->question->worker = self;
  self->n_looks = 0;
  hj_relay_run (HJ_RELAY (self->relay), on_worker_answer, answered, self->question);
  return TRUE;
}

/* Returns: (transfer none). */
HjRelay *
hj_node_worker_get_relay (HjNodeWorker *self)
{
  return HJ_RELAY (self->relay);
}

/* Returns: (transfer none): for tests, which make it fail. */
GstElement *
hj_node_worker_get_pipeline (HjNodeWorker *self)
{
  return self->pipeline;
}

/* All but the tally, which only the worker's own thread can tell. out: the rest is left alone. */
void
hj_node_worker_measure (HjNodeWorker *self, HjWorkerMetrics *out)
{
  out->restarts = self->restarts;
  g_object_get (
      self->sink, "sent", &out->sent, "lost", &out->lost, "messages", &out->messages, NULL);
  g_object_get (self->source, "kernel-drops", &out->kernel_drops, "unusable", &out->unusable, NULL);
}

/* Stops it; nothing more is told. */
void
hj_node_worker_free (HjNodeWorker *self)
{
  g_autoptr (GstBus) bus = NULL;

  if (self == NULL)
    return;
  g_clear_handle_id (&self->retry_source, g_source_remove);
  if (self->question != NULL)
    self->question->worker = NULL;
  bus = gst_element_get_bus (self->pipeline);
  if (self->watched)
    gst_bus_remove_watch (bus);
  gst_element_set_state (self->pipeline, GST_STATE_NULL);
  gst_object_unref (self->pipeline);
  g_free (self);
}
