/* SPDX-License-Identifier: Apache-2.0 */
/* Builds the pipelines `hjudpsrc ! hjrelay ! hjudpsink`, one for each worker and port, and connects them with the control
 * link: news comes by each pipeline's bus. Control thread. Configuration: docs/operations.md, group [media]. */

#include "media/node.h"

#include <openssl/crypto.h>

#include "media/candidates.h"
#include "media/control.h"
#include "media/elements.h"
#include "media/wire/error.h"

#define MAX_WORKERS 64

struct _HjNode
{
  GPtrArray *pipelines; /* GstElement *, playing */
  HjControl *control;
  guint n_stopping;
  void (*stopped) (gpointer data);
  gpointer stopped_data;
};

/* clang-format off */
const HjConfigKey HJ_NODE_KEYS[] = {
  { "port", "0" },             /* UDP, of the first worker; the next have the next. 0: the kernel chooses */
  { "listen", "0.0.0.0" },     /* numeric address */
  { "public_addresses", "" },  /* numeric, separated by semicolons; empty: those of this host */
  { "link_socket", NULL },     /* huijiand's unix socket */
  { "node", "media-1" },       /* this node's name in logs and statistics */
  { "workers", "1" },          /* pipelines, one for each core */
  { "capacity", "320" },       /* seats of each worker */
  { NULL, NULL },
};
/* clang-format on */

static void
take_error (GstMessage *message)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *detail = NULL;

  gst_message_parse_error (message, &error, &detail);
  /* A relay without a worker helps nobody: end, and be started again with a clean state. */
  g_critical ("Relay worker failed: %s (%s)", error->message, detail != NULL ? detail : "");
  exit (1);
}

static gboolean
on_bus (GstBus *bus, GstMessage *message, gpointer data)
{
  HjNode *self = data;
  const GstStructure *news = gst_message_get_structure (message);
  gint64 at_us = 0;
  int kind = 0;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
    take_error (message);
  else if (gst_message_has_name (message, HJ_RELAY_NEWS)
           && gst_structure_get (
               news, "kind", G_TYPE_INT, &kind, "at-us", G_TYPE_INT64, &at_us, NULL))
    hj_control_take_event (self->control, (HjLinkEventKind)kind,
        gst_structure_get_string (news, "room"), gst_structure_get_string (news, "seat"), at_us);
  return G_SOURCE_CONTINUE;
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

static GstElement *
make (GstBin *bin, const char *factory)
{
  GstElement *element = gst_element_factory_make (factory, NULL);

  g_assert (element != NULL);
  gst_bin_add (bin, element);
  return element;
}

/* Returns: (transfer floating): a stopped pipeline; its relay is (transfer none) in *relay. */
static GstElement *
build_pipeline (const HjConfig *config, guint index, GstElement **source, GstElement **relay)
{
  GstElement *pipeline = gst_pipeline_new (NULL);
  GstElement *sink = NULL;
  guint port = (guint)hj_config_get_int (config, "port");

  *source = make (GST_BIN (pipeline), "hjudpsrc");
  *relay = make (GST_BIN (pipeline), "hjrelay");
  sink = make (GST_BIN (pipeline), "hjudpsink");
  g_object_set (*source, "address", hj_config_get (config, "listen"), "port",
      port > 0 ? port + index : 0, NULL);
  g_object_set (*relay, "addresses", hj_config_get (config, "public_addresses"), "capacity",
      (guint)hj_config_get_int (config, "capacity"), NULL);
  g_assert (gst_element_link_many (*source, *relay, sink, NULL));
  return pipeline;
}

static gboolean
start_worker (HjNode *self, const HjConfig *config, guint index, GError **error)
{
  GstElement *source = NULL;
  GstElement *relay = NULL;
  GstElement *pipeline = build_pipeline (config, index, &source, &relay);
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  guint port = 0;

  g_ptr_array_add (self->pipelines, gst_object_ref_sink (pipeline));
  gst_bus_set_sync_handler (bus, on_bus_at_once, NULL, NULL);
  hj_control_add_relay (self->control, HJ_RELAY (relay));
  if (gst_element_set_state (pipeline, GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE)
    {
      g_autoptr (GstMessage) message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);

      if (message != NULL)
        gst_message_parse_error (message, error, NULL);
      else
        g_set_error_literal (
            error, HJ_MEDIA_ERROR, HJ_MEDIA_ERROR_FAILED, "the pipeline does not start");
      return FALSE;
    }
  gst_bus_add_watch (bus, on_bus, self);
  g_object_get (source, "port", &port, NULL);
  g_message ("Relay worker %u listens on UDP port %u", index, port);
  return TRUE;
}

static gboolean
check_config (const HjConfig *config, GError **error)
{
  return hj_config_check_int (config, "port", 0, 65535 - MAX_WORKERS, error)
         && hj_config_check_int (config, "workers", 1, MAX_WORKERS, error)
         && hj_config_check_int (config, "capacity", 2, 5000, error)
         && hj_candidates_check (hj_config_get (config, "public_addresses"), error);
}

/* config: of HJ_NODE_KEYS. Needs gst_init(). Returns: (transfer full) (nullable): a node that relays and dials. */
HjNode *
hj_node_start (const HjConfig *config, GError **error)
{
  g_autoptr (HjNode) self = g_new0 (HjNode, 1);
  guint workers = 0;

  self->pipelines = g_ptr_array_new_with_free_func (gst_object_unref);
  if (!check_config (config, error))
    return NULL;
  workers = (guint)hj_config_get_int (config, "workers");
  hj_elements_register (NULL);
  self->control = hj_control_new (hj_config_get (config, "link_socket"),
      hj_config_get (config, "node"), workers * (guint)hj_config_get_int (config, "capacity"));
  for (guint i = 0; i < workers; i++)
    if (!start_worker (self, config, i, error))
      return NULL;
  hj_control_start (self->control);
  return g_steal_pointer (&self);
}

static void
on_worker_close (HjRooms *rooms, gint64 now_us, gpointer message)
{
  if (rooms != NULL)
    hj_rooms_close (rooms);
}

static void
on_worker_rest (HjRooms *rooms, gint64 now_us, gpointer message)
{
}

static void
run_on_workers (HjNode *self, HjRelayWork on_worker, HjWorkerFunc on_control)
{
  self->n_stopping = self->pipelines->len;
  for (guint i = 0; i < self->pipelines->len; i++)
    {
      g_autoptr (GstIterator) elements = gst_bin_iterate_recurse (self->pipelines->pdata[i]);
      GValue item = G_VALUE_INIT;

      while (gst_iterator_next (elements, &item) == GST_ITERATOR_OK)
        {
          if (HJ_IS_RELAY (g_value_get_object (&item)))
            hj_relay_run (HJ_RELAY (g_value_get_object (&item)), on_worker, on_control, self);
          g_value_reset (&item);
        }
      g_value_unset (&item);
    }
}

static void
worker_sent (gpointer message)
{
  HjNode *self = message;

  if (--self->n_stopping == 0)
    self->stopped (self->stopped_data);
}

static void
worker_closed (gpointer message)
{
  HjNode *self = message;

  /* One turn of each pipeline later the good-byes are out. */
  if (--self->n_stopping == 0)
    run_on_workers (self, on_worker_rest, worker_sent);
}

/* Says good-bye to every peer, then calls stopped (data); hj_node_free() follows. */
void
hj_node_stop (HjNode *self, void (*stopped) (gpointer data), gpointer data)
{
  if (self->stopped != NULL)
    return; /* asked by two signals */
  self->stopped = stopped;
  self->stopped_data = data;
  run_on_workers (self, on_worker_close, worker_closed);
}

void
hj_node_free (HjNode *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->control, hj_control_free);
  for (guint i = 0; i < self->pipelines->len; i++)
    {
      g_autoptr (GstBus) bus = gst_element_get_bus (self->pipelines->pdata[i]);

      gst_bus_remove_watch (bus);
      gst_element_set_state (self->pipelines->pdata[i], GST_STATE_NULL);
    }
  g_ptr_array_unref (self->pipelines);
  g_free (self);
}
