/* SPDX-License-Identifier: Apache-2.0 */
/* hjrelay: the element around HjRooms. Each batch from hjudpsrc is worked off in place and what is to be sent leaves as one
 * GstBufferList; orders come by a queue that is emptied between batches, news leaves by the bus (STYLE section 7). No
 * pads for peers, no caps, no clock: sessions live in tables (DESIGN section 6). */

#include "media/relay.h"

#include "media/candidates.h"
#include "media/elements.h"
#include "media/packet.h"
#include "media/udp-port.h"

#define TICK_US (20 * G_TIME_SPAN_MILLISECOND)
#define DEFAULT_CAPACITY 320
#define OUTBOX_SIZE (512 * 1024) /* bytes that leave at once */
#define OUTBOX_BUFFERS 256
#define TRAIN_MAX 44 /* datagrams: what the sink can give to the kernel in one message */

typedef struct
{
  HjRelayWork on_worker;
  HjWorkerFunc on_control;
  gpointer message;
} Errand;

/* Collects what the rooms send during one batch. */
typedef struct
{
  HjOutbox base;
  GstPad *src;
  HjSlab *slab;
  guint8 *data;        /* of the slab; NULL: not begun */
  gsize used;          /* bytes */
  HjPacketMeta *train; /* the last one, while it may grow */
} Outbox;

struct _HjRelay
{
  GstElement parent_instance;

  GstPad *sink;
  GstPad *src;
  guint capacity;
  char *addresses;
  GAsyncQueue *errands; /* Errand *: the one thing that other threads touch */
  HjUdpPort *port;      /* atomic; set once by the streaming thread, cleared when that has ended */
  struct
  {
    HjDtlsIdentity *identity;
    HjRooms *rooms;
    Outbox outbox;
    gint64 ticked_us;
  } on_worker;
};

enum
{
  PROP_0,
  PROP_CAPACITY,
  PROP_ADDRESSES,
  PROP_ORDERS,
};

GST_DEBUG_CATEGORY_STATIC (relay_debug);
#define GST_CAT_DEFAULT relay_debug

G_DEFINE_TYPE_WITH_CODE (HjRelay, hj_relay, GST_TYPE_ELEMENT,
    GST_DEBUG_CATEGORY_INIT (relay_debug, "hjrelay", 0, "rooms of a relay worker"))
GST_ELEMENT_REGISTER_DEFINE (hjrelay, "hjrelay", GST_RANK_NONE, HJ_TYPE_RELAY)

static GstStaticPadTemplate sink_template
    = GST_STATIC_PAD_TEMPLATE ("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);
static GstStaticPadTemplate src_template
    = GST_STATIC_PAD_TEMPLATE ("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

static GstFlowReturn
push_outbox (Outbox *self)
{
  GstBufferList *list = hj_slab_take_list (self->slab);

  self->data = NULL;
  return list != NULL ? gst_pad_push_list (self->src, list) : GST_FLOW_OK;
}

/* What does not fit into one batch leaves as several; how that went shows at the last. */
static guint8 *
outbox_reserve (HjOutbox *base)
{
  Outbox *self = (Outbox *)base;

  if (self->data != NULL
      && (self->used + HJ_DATAGRAM_MAX > OUTBOX_SIZE
          || hj_slab_get_n (self->slab) == OUTBOX_BUFFERS))
    push_outbox (self);
  if (self->data == NULL)
    {
      self->data = hj_slab_begin (self->slab);
      self->used = 0;
      self->train = NULL;
    }
  return self->data + self->used;
}

/* A datagram joins the one before it when it can be a segment of the same train. */
static void
outbox_send (HjOutbox *base, gsize length, const HjAddress *to)
{
  Outbox *self = (Outbox *)base;

  if (self->train != NULL && length <= self->train->segment
      && self->train->length / self->train->segment < TRAIN_MAX
      && hj_address_equal (&self->train->peer, to))
    hj_slab_extend (self->slab, length);
  else
    {
      self->train = hj_slab_show (self->slab, self->used, length);
      self->train->peer = *to;
    }
  if (length < self->train->segment)
    self->train = NULL;
  self->used += length;
}

static void
post_news (gpointer data, HjLinkEventKind kind, const char *room, const char *seat, gint64 age_us)
{
  GstElement *self = data;

  gst_element_post_message (
      self, gst_message_new_element (
                GST_OBJECT (self), gst_structure_new (HJ_RELAY_NEWS, "kind", G_TYPE_INT, (int)kind,
                                       "room", G_TYPE_STRING, room, "seat", G_TYPE_STRING, seat,
                                       "at-us", G_TYPE_INT64, g_get_real_time () - age_us, NULL)));
}

/* The first call of the streaming thread: only now the source has bound its port. */
static gboolean
find_port (HjRelay *self)
{
  HjUdpPort *port = NULL;

  if (g_atomic_pointer_get (&self->port) != NULL)
    return TRUE;
  port = hj_udp_port_find_upstream (self->sink);
  if (port == NULL)
    {
      GST_ELEMENT_ERROR (
          self, RESOURCE, NOT_FOUND, ("No socket to relay for"), ("there is no hjudpsrc upstream"));
      return FALSE;
    }
  hj_candidates_add (self->on_worker.rooms, port, self->addresses);
  g_atomic_pointer_set (&self->port, port);
  GST_INFO_OBJECT (self, "relays on UDP port %u", hj_udp_port_get_number (port));
  return TRUE;
}

/* What control answers to one of these waits for the next batch: then what this one has sent is out. */
static void
run_errands (HjRelay *self, HjRooms *rooms, gint64 now_us)
{
  for (gint n = g_async_queue_length (self->errands); n > 0; n--)
    {
      g_autofree Errand *errand = g_async_queue_try_pop (self->errands);

      GST_LOG_OBJECT (self, "order taken");
      errand->on_worker (rooms, now_us, errand->message);
      hj_control_post (errand->on_control, errand->message);
    }
}

static GstFlowReturn
finish_batch (HjRelay *self, gint64 now_us)
{
  gint64 next_us = 0;

  if (g_async_queue_length (self->errands) > 0)
    run_errands (self, self->on_worker.rooms, now_us);
  if (now_us - self->on_worker.ticked_us >= TICK_US)
    {
      hj_rooms_tick (self->on_worker.rooms, now_us);
      self->on_worker.ticked_us = now_us;
    }
  next_us = hj_rooms_pace (self->on_worker.rooms, now_us);
  hj_udp_port_set_deadline (self->port, next_us == G_MAXINT64 ? 0 : next_us);
  return push_outbox (&self->on_worker.outbox);
}

/* The header of one is written over the end of the one before it, which is done with by then.
 * Returns: datagrams. */
static guint
take_train (HjRelay *self, const HjPacketMeta *train)
{
  for (guint at = 0; at < train->length; at += train->segment)
    hj_rooms_receive (self->on_worker.rooms, train->data + at,
        MIN (train->segment, train->length - at), &train->peer, train->arrival_us);
  return (train->length + train->segment - 1) / train->segment;
}

/* The buffers are written over: nothing upstream may keep a reference to them. */
static GstFlowReturn
chain_list (GstPad *pad, GstObject *parent, GstBufferList *list)
{
  HjRelay *self = HJ_RELAY (parent);
  gint64 now_us = g_get_monotonic_time ();
  guint n = gst_buffer_list_length (list);
  guint n_packets = 0;
  GstFlowReturn flow = GST_FLOW_OK;

  if (!find_port (self))
    flow = GST_FLOW_ERROR;
  for (guint i = 0; i < n && flow == GST_FLOW_OK; i++)
    {
      HjPacketMeta *meta = hj_packet_meta_get (gst_buffer_list_get (list, i));

      if (meta != NULL)
        n_packets += take_train (self, meta);
    }
  hj_rooms_note_batch (self->on_worker.rooms, n_packets);
  gst_buffer_list_unref (list);
  return flow == GST_FLOW_OK ? finish_batch (self, now_us) : flow;
}

/* A lone buffer is a tick. */
static GstFlowReturn
chain (GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
  HjRelay *self = HJ_RELAY (parent);

  gst_buffer_unref (buffer);
  return find_port (self) ? finish_batch (self, g_get_monotonic_time ()) : GST_FLOW_ERROR;
}

/* Runs on_worker (rooms, now, message) in the streaming thread, in order of calls, then on_control (message) on control,
 * which frees the message. Called on control. */
void
hj_relay_run (HjRelay *self, HjRelayWork on_worker, HjWorkerFunc on_control, gpointer message)
{
  Errand *errand = g_new (Errand, 1);
  HjUdpPort *port = NULL;

  *errand = (Errand){ on_worker, on_control, message };
  g_async_queue_push (self->errands, errand);
  port = g_atomic_pointer_get (&self->port);
  if (port != NULL)
    hj_udp_port_wake (port);
}

/* Before the streaming thread begins. */
static gboolean
open_rooms (HjRelay *self)
{
  g_autoptr (GError) error = NULL;

  self->on_worker.identity = hj_dtls_identity_new (&error);
  if (self->on_worker.identity == NULL)
    {
      GST_ELEMENT_ERROR (
          self, LIBRARY, INIT, ("Cannot make a certificate"), ("%s", error->message));
      return FALSE;
    }
  self->on_worker.outbox = (Outbox){ .base = { outbox_reserve, outbox_send },
    .src = self->src,
    .slab = hj_slab_new (OUTBOX_SIZE, OUTBOX_BUFFERS) };
  self->on_worker.rooms = hj_rooms_new (
      self->on_worker.identity, self->capacity, &self->on_worker.outbox.base, post_news, self);
  GST_INFO_OBJECT (self, "worker starts, for %u seats", self->capacity);
  return TRUE;
}

/* After the streaming thread has ended; what the rooms still want to send is lost. */
static void
close_rooms (HjRelay *self)
{
  Outbox *outbox = &self->on_worker.outbox;
  HjUdpPort *port = self->port;

  run_errands (self, NULL, 0);
  if (self->on_worker.rooms != NULL)
    {
      GST_INFO_OBJECT (self, "worker stops");
      hj_rooms_abandon (self->on_worker.rooms, g_get_monotonic_time ());
    }
  g_atomic_pointer_set (&self->port, NULL);
  g_clear_pointer (&port, hj_udp_port_unref);
  g_clear_pointer (&self->on_worker.rooms, hj_rooms_free);
  g_clear_pointer (&outbox->slab, hj_slab_free);
  g_clear_pointer (&self->on_worker.identity, hj_dtls_identity_free);
}

static GstStateChangeReturn
change_state (GstElement *element, GstStateChange transition)
{
  HjRelay *self = HJ_RELAY (element);
  GstStateChangeReturn result = GST_STATE_CHANGE_SUCCESS;

  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED && !open_rooms (self))
    return GST_STATE_CHANGE_FAILURE;
  result = GST_ELEMENT_CLASS (hj_relay_parent_class)->change_state (element, transition);
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY)
    close_rooms (self);
  return result;
}

static void
set_property (GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  HjRelay *self = HJ_RELAY (object);

  switch (id)
    {
    case PROP_CAPACITY:
      self->capacity = g_value_get_uint (value);
      break;
    case PROP_ADDRESSES:
      g_free (self->addresses);
      self->addresses = g_value_dup_string (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  HjRelay *self = HJ_RELAY (object);

  switch (id)
    {
    case PROP_CAPACITY:
      g_value_set_uint (value, self->capacity);
      break;
    case PROP_ADDRESSES:
      g_value_set_string (value, self->addresses);
      break;
    case PROP_ORDERS:
      g_value_set_uint (value, (guint)MAX (g_async_queue_length (self->errands), 0));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
finalize (GObject *object)
{
  HjRelay *self = HJ_RELAY (object);

  close_rooms (self);
  g_async_queue_unref (self->errands);
  g_free (self->addresses);
  G_OBJECT_CLASS (hj_relay_parent_class)->finalize (object);
}

static void
hj_relay_class_init (HjRelayClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  object_class->set_property = set_property;
  object_class->get_property = get_property;
  object_class->finalize = finalize;
  g_object_class_install_property (object_class, PROP_CAPACITY,
      g_param_spec_uint ("capacity", "Capacity", "Number of seats that the rooms may have together",
          2, 65535, DEFAULT_CAPACITY,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY));
  g_object_class_install_property (object_class, PROP_ADDRESSES,
      g_param_spec_string ("addresses", "Addresses",
          "Numeric addresses to offer as candidates, separated by commas; empty: those of this "
          "host",
          NULL, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY));
  g_object_class_install_property (object_class, PROP_ORDERS,
      g_param_spec_uint ("orders", "Orders", "Number of orders that wait for the streaming thread",
          0, G_MAXUINT, 0, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class, "Huijian relay", "Filter/Network",
      "Forwards media between the seats of rooms: ICE-lite, DTLS-SRTP, no codec. Stands between "
      "hjudpsrc and hjudpsink, takes their buffer lists without caps and writes over them; peers "
      "have no pads: orders come by hj_relay_run(), news leaves as huijian-event on the bus",
      "Huijian");
  element_class->change_state = change_state;
}

static void
hj_relay_init (HjRelay *self)
{
  self->capacity = DEFAULT_CAPACITY;
  self->errands = g_async_queue_new ();
  self->sink = gst_pad_new_from_static_template (&sink_template, "sink");
  gst_pad_set_chain_function (self->sink, chain);
  gst_pad_set_chain_list_function (self->sink, chain_list);
  gst_element_add_pad (GST_ELEMENT (self), self->sink);
  self->src = gst_pad_new_from_static_template (&src_template, "src");
  gst_element_add_pad (GST_ELEMENT (self), self->src);
}
