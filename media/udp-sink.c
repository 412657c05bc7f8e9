/* SPDX-License-Identifier: Apache-2.0 */
/* hjudpsink: sends each train of datagrams to the peer in its meta, through the socket of the hjudpsrc upstream. Trains of
 * one destination and equal segments go out as one UDP_SEGMENT message, all messages by one sendmmsg. Where the device
 * cannot cut it is not tried for a minute. A plain element: there is no clock to wait for. Runs in the streaming
 * thread. */

#include <errno.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>
#include <gst/gst.h>

#include "media/elements.h"
#include "media/packet.h"
#include "media/udp-port.h"

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

#define BATCH 256         /* trains grouped by destination at once, and messages sent at once */
#define SLOTS (2 * BATCH) /* of the table of destinations; a power of two */
#define MAX_SEGMENT 1400  /* bytes: segments are never fragmented, so they must fit every path */
#define MAX_RUN 44        /* datagrams of one message: 44 * 1,472 bytes fit into one UDP length */
#define RETRY_US (60 * G_TIME_SPAN_SECOND)
#define NONE -1

#define HJ_TYPE_UDP_SINK (hj_udp_sink_get_type ())
G_DECLARE_FINAL_TYPE (HjUdpSink, hj_udp_sink, HJ, UDP_SINK, GstElement)

typedef union
{
  struct cmsghdr align;
  char bytes[CMSG_SPACE (sizeof (guint16))];
} Control;

/* Trains to one destination, in order. */
typedef struct
{
  int first; /* indices of trains */
  int last;
} Group;

struct _HjUdpSink
{
  GstElement parent_instance;

  GstPad *sink;
  HjUdpPort *port;  /* NULL until the first batch */
  gboolean segment; /* the kernel takes UDP_SEGMENT */
  gint64 refused_us;
  guint64 n_sent;
  guint64 n_lost; /* refused by the kernel */
  guint64 n_messages_sent;

  guint n_trains;
  const HjPacketMeta *trains[BATCH];
  int next[BATCH]; /* train to the same destination, or NONE */
  guint n_groups;
  Group groups[BATCH];
  guint32 round; /* of the table: a slot of another round is empty */
  struct
  {
    guint32 round;
    guint group;
  } slots[SLOTS];

  guint n_messages;
  guint n_iovs;
  struct mmsghdr messages[BATCH];
  guint n_packets[BATCH]; /* datagrams of each message */
  guint segments[BATCH];  /* and their length */
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

GST_DEBUG_CATEGORY_STATIC (udp_sink_debug);
#define GST_CAT_DEFAULT udp_sink_debug

G_DEFINE_TYPE_WITH_CODE (HjUdpSink, hj_udp_sink, GST_TYPE_ELEMENT,
    GST_DEBUG_CATEGORY_INIT (udp_sink_debug, "hjudpsink", 0, "UDP socket of a relay worker, sent"))
GST_ELEMENT_REGISTER_DEFINE (hjudpsink, "hjudpsink", GST_RANK_NONE, HJ_TYPE_UDP_SINK)

static GstStaticPadTemplate sink_template
    = GST_STATIC_PAD_TEMPLATE ("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

/* Puts the train behind the others to its destination. */
static void
group_train (HjUdpSink *self, int index)
{
  const HjAddress *peer = &self->trains[index]->peer;
  guint slot = hj_address_hash (peer) & (SLOTS - 1);

  for (; self->slots[slot].round == self->round; slot = (slot + 1) & (SLOTS - 1))
    {
      Group *group = &self->groups[self->slots[slot].group];

      if (hj_address_equal (&self->trains[group->first]->peer, peer))
        {
          self->next[group->last] = index;
          group->last = index;
          return;
        }
    }
  self->slots[slot].round = self->round;
  self->slots[slot].group = self->n_groups;
  self->groups[self->n_groups++] = (Group){ index, index };
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

/* Sends what the kernel refused to cut, datagram by datagram. */
static void
send_singly (HjUdpSink *self, guint index)
{
  struct msghdr message = self->messages[index].msg_hdr;
  struct iovec part;

  message.msg_control = NULL;
  message.msg_controllen = 0;
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  for (gsize i = 0; i < self->messages[index].msg_hdr.msg_iovlen; i++)
    for (gsize at = 0; at < self->messages[index].msg_hdr.msg_iov[i].iov_len; at += part.iov_len)
      {
        const struct iovec *whole = &self->messages[index].msg_hdr.msg_iov[i];

        part.iov_base = (guint8 *)whole->iov_base + at;
        part.iov_len = MIN (self->segments[index], whole->iov_len - at);
        if (sendmsg (hj_udp_port_get_fd (self->port), &message, MSG_DONTWAIT) < 0)
          self->n_lost++;
        else
          self->n_sent++;
        self->n_messages_sent++;
      }
}

/* What the device cannot it cannot for anybody. A segment that is too long for its path (EMSGSIZE, EINVAL on older kernels)
 * is its receiver's matter: nobody else shall pay for it. */
static void
note_refusal (HjUdpSink *self, int reason)
{
  if (reason != EIO && reason != EOPNOTSUPP)
    return;
  if (self->segment)
    GST_INFO_OBJECT (self, "UDP_SEGMENT refused: %s", g_strerror (reason));
  self->segment = FALSE;
  self->refused_us = g_get_monotonic_time ();
}

/* What is refused without segmentation is lost, as on any network. */
static void
pass_refused (HjUdpSink *self, guint index)
{
  if (self->n_packets[index] > 1
      && (errno == EINVAL || errno == EIO || errno == EOPNOTSUPP || errno == EMSGSIZE))
    {
      note_refusal (self, errno);
      send_singly (self, index);
    }
  else
    {
      GST_LOG_OBJECT (self, "%u datagrams refused: %s", self->n_packets[index], g_strerror (errno));
      self->n_lost += self->n_packets[index];
    }
}

static void
send_messages (HjUdpSink *self)
{
  int fd = hj_udp_port_get_fd (self->port);
  guint message = 0;

  while (message < self->n_messages)
    {
      int n = sendmmsg (fd, self->messages + message, self->n_messages - message, MSG_DONTWAIT);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        {
          pass_refused (self, message++);
          continue;
        }
      for (int i = 0; i < n; i++)
        self->n_sent += self->n_packets[message + (guint)i];
      message += (guint)n;
      self->n_messages_sent += (guint)n;
    }
  self->n_messages = self->n_iovs = 0;
}

static void
begin_message (HjUdpSink *self, const HjAddress *peer, guint segment)
{
  guint m = self->n_messages++;
  struct msghdr *message = &self->messages[m].msg_hdr;

  *message = (struct msghdr){ .msg_iov = &self->iovs[self->n_iovs] };
  set_name (self, message, &self->names[m], peer);
  self->n_packets[m] = 0;
  self->segments[m] = segment;
}

static void
add_part (HjUdpSink *self, guint8 *data, guint length, guint n_packets)
{
  guint m = self->n_messages - 1;

  self->iovs[self->n_iovs++] = (struct iovec){ data, length };
  self->messages[m].msg_hdr.msg_iovlen++;
  self->n_packets[m] += n_packets;
  if (self->n_packets[m] > 1 && self->messages[m].msg_hdr.msg_control == NULL)
    set_segment (&self->messages[m].msg_hdr, &self->controls[m], (guint16)self->segments[m]);
}

/* Cuts a train into its datagrams, for kernels that do not. */
static void
add_singly (HjUdpSink *self, const HjPacketMeta *train)
{
  for (guint at = 0; at < train->length; at += train->segment)
    {
      guint length = MIN (train->segment, train->length - at);

      if (self->n_messages == BATCH || self->n_iovs == BATCH)
        send_messages (self);
      begin_message (self, &train->peer, length);
      add_part (self, train->data + at, length, 1);
    }
}

/* Whether the train can join the last message, whose datagrams are all of full length so far. */
static gboolean
fits (const HjUdpSink *self, const HjPacketMeta *train, guint n)
{
  guint m = self->n_messages - 1;

  return (train->segment == self->segments[m] || (n == 1 && train->segment < self->segments[m]))
         && self->n_packets[m] + n <= MAX_RUN;
}

static void
add_group (HjUdpSink *self, const Group *group)
{
  gboolean open = FALSE; /* the last message is to this destination and may grow */

  for (int i = group->first; i != NONE; i = self->next[i])
    {
      const HjPacketMeta *train = self->trains[i];
      guint n = (train->length + train->segment - 1) / train->segment;

      if (!self->segment || train->segment > MAX_SEGMENT || n > MAX_RUN)
        {
          add_singly (self, train);
          open = FALSE;
          continue;
        }
      if (self->n_messages == BATCH || self->n_iovs == BATCH)
        {
          send_messages (self);
          open = FALSE;
        }
      if (!open || !fits (self, train, n))
        begin_message (self, &train->peer, train->segment);
      add_part (self, train->data, train->length, n);
      open = train->length % self->segments[self->n_messages - 1] == 0;
    }
}

static void
flush_batch (HjUdpSink *self)
{
  if (!self->segment && g_get_monotonic_time () - self->refused_us >= RETRY_US)
    self->segment = TRUE;
  self->round++;
  self->n_groups = 0;
  for (guint i = 0; i < self->n_trains; i++)
    {
      self->next[i] = NONE;
      group_train (self, (int)i);
    }
  for (guint i = 0; i < self->n_groups; i++)
    add_group (self, &self->groups[i]);
  send_messages (self);
  self->n_trains = 0;
}

static void
add_train (HjUdpSink *self, GstBuffer *buffer)
{
  const HjPacketMeta *meta = hj_packet_meta_get (buffer);

  if (meta == NULL || meta->length == 0)
    return;
  self->trains[self->n_trains++] = meta;
  if (self->n_trains == BATCH)
    flush_batch (self);
}

static gboolean
find_port (HjUdpSink *self)
{
  if (self->port != NULL)
    return TRUE;
  self->port = hj_udp_port_find_upstream (self->sink);
  if (self->port == NULL)
    {
      GST_ELEMENT_ERROR (self, RESOURCE, NOT_FOUND, ("No socket to send through"),
          ("there is no hjudpsrc upstream"));
      return FALSE;
    }
  GST_INFO_OBJECT (self, "sends from UDP port %u, UDP_SEGMENT %s",
      hj_udp_port_get_number (self->port), self->segment ? "tried" : "refused before");
  return TRUE;
}

static GstFlowReturn
chain (GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
  HjUdpSink *self = HJ_UDP_SINK (parent);
  gboolean found = find_port (self);

  if (found)
    {
      add_train (self, buffer);
      flush_batch (self);
    }
  gst_buffer_unref (buffer);
  return found ? GST_FLOW_OK : GST_FLOW_ERROR;
}

static GstFlowReturn
chain_list (GstPad *pad, GstObject *parent, GstBufferList *list)
{
  HjUdpSink *self = HJ_UDP_SINK (parent);
  gboolean found = find_port (self);

  for (guint i = 0; found && i < gst_buffer_list_length (list); i++)
    add_train (self, gst_buffer_list_get (list, i));
  if (found)
    flush_batch (self);
  gst_buffer_list_unref (list);
  return found ? GST_FLOW_OK : GST_FLOW_ERROR;
}

/* A pipeline has ended when its sinks say so. */
static gboolean
take_event (GstPad *pad, GstObject *parent, GstEvent *event)
{
  if (GST_EVENT_TYPE (event) == GST_EVENT_EOS)
    gst_element_post_message (GST_ELEMENT (parent), gst_message_new_eos (parent));
  return gst_pad_event_default (pad, parent, event);
}

/* The source opens another socket when it starts again. */
static GstStateChangeReturn
change_state (GstElement *element, GstStateChange transition)
{
  HjUdpSink *self = HJ_UDP_SINK (element);
  GstStateChangeReturn result
      = GST_ELEMENT_CLASS (hj_udp_sink_parent_class)->change_state (element, transition);

  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY)
    {
      GST_INFO_OBJECT (self,
          "stopped: %" G_GUINT64_FORMAT " datagrams sent in %" G_GUINT64_FORMAT
          " messages, %" G_GUINT64_FORMAT " lost",
          self->n_sent, self->n_messages_sent, self->n_lost);
      g_clear_pointer (&self->port, hj_udp_port_unref);
    }
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

  object_class->get_property = get_property;
  g_object_class_install_property (object_class, PROP_SENT,
      g_param_spec_uint64 ("sent", "Sent", "Number of datagrams given to the kernel", 0,
          G_MAXUINT64, 0, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
  g_object_class_install_property (object_class, PROP_LOST,
      g_param_spec_uint64 ("lost", "Lost", "Number of datagrams that the kernel refused", 0,
          G_MAXUINT64, 0, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
  g_object_class_install_property (object_class, PROP_MESSAGES,
      g_param_spec_uint64 ("messages", "Messages",
          "Number of messages in which they were given: fewer, where the kernel cuts them", 0,
          G_MAXUINT64, 0, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_set_static_metadata (element_class, "Huijian UDP sink", "Sink/Network",
      "Sends UDP datagrams in batches (sendmmsg, UDP_SEGMENT) through the socket of the hjudpsrc "
      "upstream, each to the peer in its buffer's meta; there are no caps",
      "Huijian");
  element_class->change_state = change_state;
}

static void
hj_udp_sink_init (HjUdpSink *self)
{
  self->segment = TRUE;
  self->sink = gst_pad_new_from_static_template (&sink_template, "sink");
  gst_pad_set_chain_function (self->sink, chain);
  gst_pad_set_chain_list_function (self->sink, chain_list);
  gst_pad_set_event_function (self->sink, take_event);
  gst_element_add_pad (GST_ELEMENT (self), self->sink);
  GST_OBJECT_FLAG_SET (self, GST_ELEMENT_FLAG_SINK);
}
