/* SPDX-License-Identifier: Apache-2.0 */
/* hjudpsink: sends each datagram to the peer in its meta, through the socket of the hjudpsrc upstream. A batch is sorted
 * by destination; a run of equal size to one destination goes out as one UDP_SEGMENT message, all messages by one
 * sendmmsg. Where the kernel refuses segmentation it is not tried again. Runs in the streaming thread. */

#include <errno.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>
#include <gst/base/gstbasesink.h>

#include "media/elements.h"
#include "media/packet.h"
#include "media/udp-port.h"

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

#define BATCH 256        /* datagrams sorted at once */
#define MAX_SEGMENT 1400 /* bytes: segments are never fragmented, so they must fit every path */
#define MAX_RUN 44       /* datagrams of one message: 44 * 1,472 bytes fit into one UDP length */

#define HJ_TYPE_UDP_SINK (hj_udp_sink_get_type ())
G_DECLARE_FINAL_TYPE (HjUdpSink, hj_udp_sink, HJ, UDP_SINK, GstBaseSink)

typedef union
{
  struct cmsghdr align;
  char bytes[CMSG_SPACE (sizeof (guint16))];
} Control;

struct _HjUdpSink
{
  GstBaseSink parent_instance;

  HjUdpPort *port;  /* NULL until the first batch */
  gboolean segment; /* the kernel takes UDP_SEGMENT */
  guint64 n_sent;
  guint64 n_lost; /* refused by the kernel */
  guint64 n_messages_sent;

  guint n_packets;
  HjPacketMeta *packets[BATCH];
  guint n_messages;
  struct mmsghdr messages[BATCH];
  struct iovec iovs[BATCH];
  HjAddress names[BATCH];
  Control controls[BATCH];
};

enum
{
  PROP_0,
  PROP_SENT,
  PROP_LOST,
  PROP_MESSAGES,
};

G_DEFINE_TYPE (HjUdpSink, hj_udp_sink, GST_TYPE_BASE_SINK)
GST_ELEMENT_REGISTER_DEFINE (hjudpsink, "hjudpsink", GST_RANK_NONE, HJ_TYPE_UDP_SINK)

static GstStaticPadTemplate sink_template
    = GST_STATIC_PAD_TEMPLATE ("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

/* Stable, so that the order within a destination stays; batches are short, and most go to few peers. */
static void
sort_by_destination (HjUdpSink *self)
{
  HjPacketMeta *sorted[BATCH];
  guint n = 0;

  for (guint i = 0; i < self->n_packets; i++)
    {
      const HjPacketMeta *first = self->packets[i];

      if (first == NULL)
        continue;
      for (guint k = i; k < self->n_packets; k++)
        if (self->packets[k] != NULL && hj_address_equal (&self->packets[k]->peer, &first->peer))
          sorted[n++] = g_steal_pointer (&self->packets[k]);
    }
  memcpy (self->packets, sorted, n * sizeof *sorted);
  self->n_packets = n;
}

/* How many from index on make one message: all of the first one's size to one destination, the last may be shorter. */
static guint
run_length (const HjUdpSink *self, guint index)
{
  const HjPacketMeta *first = self->packets[index];
  guint n = 1;

  while (self->segment && first->length <= MAX_SEGMENT && n < MAX_RUN && index + n < self->n_packets
         && self->packets[index + n]->length <= first->length
         && hj_address_equal (&self->packets[index + n]->peer, &first->peer))
    {
      n++;
      if (self->packets[index + n - 1]->length < first->length)
        break;
    }
  return n;
}

static void
set_name (HjUdpSink *self, struct msghdr *message, HjAddress *name, const HjAddress *peer)
{
  *name = *peer;
  if (hj_udp_port_get_family (self->port) == AF_INET6 && peer->any.sa_family == AF_INET)
    {
      *name = (HjAddress){ .v6 = { .sin6_family = AF_INET6, .sin6_port = peer->v4.sin_port } };
      name->v6.sin6_addr.s6_addr[10] = name->v6.sin6_addr.s6_addr[11] = 0xff;
      memcpy (name->v6.sin6_addr.s6_addr + 12, &peer->v4.sin_addr, 4);
    }
  message->msg_name = name;
  message->msg_namelen = hj_address_get_length (name);
}

static void
set_segment (struct msghdr *message, Control *control, guint16 size)
{
  struct cmsghdr *header = NULL;

  message->msg_control = control;
  message->msg_controllen = sizeof *control;
  header = CMSG_FIRSTHDR (message);
  header->cmsg_level = SOL_UDP;
  header->cmsg_type = UDP_SEGMENT;
  header->cmsg_len = CMSG_LEN (sizeof size);
  memcpy (CMSG_DATA (header), &size, sizeof size);
}

static void
make_messages (HjUdpSink *self, guint from)
{
  self->n_messages = 0;
  for (guint i = from; i < self->n_packets;)
    {
      guint n = run_length (self, i);
      guint m = self->n_messages++;
      struct msghdr *message = &self->messages[m].msg_hdr;

      memset (message, 0, sizeof *message);
      set_name (self, message, &self->names[m], &self->packets[i]->peer);
      message->msg_iov = &self->iovs[i];
      message->msg_iovlen = n;
      if (n > 1)
        set_segment (message, &self->controls[m], (guint16)self->packets[i]->length);
      for (guint k = i; k < i + n; k++)
        self->iovs[k] = (struct iovec){ self->packets[k]->data, self->packets[k]->length };
      i += n;
    }
}

/* What the kernel refused: without segmentation it is tried once more, datagram by datagram; else it is lost, as on any
 * network. FALSE: the messages were made anew. */
static gboolean
pass_refused (HjUdpSink *self, guint message, guint *sent)
{
  guint n = (guint)self->messages[message].msg_hdr.msg_iovlen;

  if (n > 1 && (errno == EINVAL || errno == EIO || errno == EOPNOTSUPP || errno == EMSGSIZE))
    {
      GST_INFO_OBJECT (self, "no UDP_SEGMENT here: %s", g_strerror (errno));
      self->segment = FALSE;
      make_messages (self, *sent);
      return FALSE;
    }
  self->n_lost += n;
  *sent += n;
  return TRUE;
}

static void
send_messages (HjUdpSink *self)
{
  int fd = hj_udp_port_get_fd (self->port);
  guint message = 0;
  guint sent = 0; /* packets done with */

  while (message < self->n_messages)
    {
      int n = sendmmsg (fd, self->messages + message, self->n_messages - message, MSG_DONTWAIT);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        {
          message = pass_refused (self, message, &sent) ? message + 1 : 0;
          continue;
        }
      for (int i = 0; i < n; i++)
        {
          guint packets = (guint)self->messages[message + (guint)i].msg_hdr.msg_iovlen;

          sent += packets;
          self->n_sent += packets;
        }
      message += (guint)n;
      self->n_messages_sent += (guint)n;
    }
}

static void
flush_batch (HjUdpSink *self)
{
  if (self->n_packets == 0)
    return;
  sort_by_destination (self);
  make_messages (self, 0);
  send_messages (self);
  self->n_packets = 0;
}

static void
add_packet (HjUdpSink *self, GstBuffer *buffer)
{
  HjPacketMeta *meta = hj_packet_meta_get (buffer);

  if (meta == NULL || meta->length == 0)
    return;
  self->packets[self->n_packets++] = meta;
  if (self->n_packets == BATCH)
    flush_batch (self);
}

static gboolean
find_port (HjUdpSink *self)
{
  if (self->port == NULL)
    self->port = hj_udp_port_find_upstream (GST_BASE_SINK_PAD (self));
  if (self->port == NULL)
    GST_ELEMENT_ERROR (self, RESOURCE, NOT_FOUND, ("No socket to send through"),
        ("there is no hjudpsrc upstream"));
  return self->port != NULL;
}

static GstFlowReturn
render (GstBaseSink *sink, GstBuffer *buffer)
{
  HjUdpSink *self = HJ_UDP_SINK (sink);

  if (!find_port (self))
    return GST_FLOW_ERROR;
  add_packet (self, buffer);
  flush_batch (self);
  return GST_FLOW_OK;
}

static GstFlowReturn
render_list (GstBaseSink *sink, GstBufferList *list)
{
  HjUdpSink *self = HJ_UDP_SINK (sink);

  if (!find_port (self))
    return GST_FLOW_ERROR;
  for (guint i = 0; i < gst_buffer_list_length (list); i++)
    add_packet (self, gst_buffer_list_get (list, i));
  flush_batch (self);
  return GST_FLOW_OK;
}

/* The source opens another socket when it starts again. */
static GstStateChangeReturn
change_state (GstElement *element, GstStateChange transition)
{
  GstStateChangeReturn result
      = GST_ELEMENT_CLASS (hj_udp_sink_parent_class)->change_state (element, transition);

  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY)
    g_clear_pointer (&HJ_UDP_SINK (element)->port, hj_udp_port_unref);
  return result;
}

static void
get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  HjUdpSink *self = HJ_UDP_SINK (object);

  switch (id)
    {
    case PROP_SENT:
      g_value_set_uint64 (value, self->n_sent);
      break;
    case PROP_LOST:
      g_value_set_uint64 (value, self->n_lost);
      break;
    case PROP_MESSAGES:
      g_value_set_uint64 (value, self->n_messages_sent);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
hj_udp_sink_class_init (HjUdpSinkClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstBaseSinkClass *base_class = GST_BASE_SINK_CLASS (klass);

  object_class->get_property = get_property;
  g_object_class_install_property (object_class, PROP_SENT,
      g_param_spec_uint64 ("sent", "Sent", "Datagrams given to the kernel", 0, G_MAXUINT64, 0,
          G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
  g_object_class_install_property (object_class, PROP_LOST,
      g_param_spec_uint64 ("lost", "Lost", "Datagrams that the kernel refused", 0, G_MAXUINT64, 0,
          G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
  g_object_class_install_property (object_class, PROP_MESSAGES,
      g_param_spec_uint64 ("messages", "Messages",
          "Messages in which they were given: fewer, where the kernel cuts them", 0, G_MAXUINT64, 0,
          G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_set_static_metadata (element_class, "Huijian UDP sink", "Sink/Network",
      "Sends datagrams in batches to the peers in their metas", "Huijian");
  base_class->render = render;
  base_class->render_list = render_list;
  element_class->change_state = change_state;
}

static void
hj_udp_sink_init (HjUdpSink *self)
{
  self->segment = TRUE;
  gst_base_sink_set_sync (GST_BASE_SINK (self), FALSE);
  gst_base_sink_set_async_enabled (GST_BASE_SINK (self), FALSE);
  gst_base_sink_set_last_sample_enabled (GST_BASE_SINK (self), FALSE);
}
