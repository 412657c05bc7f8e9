/* SPDX-License-Identifier: Apache-2.0 */
/* hjudpsrc: receives datagrams in batches and pushes one GstBufferList for each wake-up (DESIGN section 6): a buffer is a
 * datagram, or a train of them that the kernel put together (UDP_GRO). When nothing arrives it pushes an empty GAP buffer
 * at least every TICK_MS: the pipeline's clock. Its create() runs in the streaming thread, which is the relay worker. */

#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <gst/base/gstpushsrc.h>

#include "media/elements.h"
#include "media/packet.h"
#include "media/udp-port.h"

#define BATCH 64
#define TRAIN_MAX 65536 /* bytes that the kernel puts together at most */
#define SLOT (HJ_PACKET_HEADROOM + TRAIN_MAX)
#define TICK_MS 20
#define MAX_AGE_US G_TIME_SPAN_SECOND /* of a datagram that waited for us */

#define HJ_TYPE_UDP_SRC (hj_udp_src_get_type ())
G_DECLARE_FINAL_TYPE (HjUdpSrc, hj_udp_src, HJ, UDP_SRC, GstPushSrc)

typedef union
{
  struct cmsghdr align;
  char bytes[CMSG_SPACE (sizeof (struct timespec)) + CMSG_SPACE (sizeof (int))];
} Control;

struct _HjUdpSrc
{
  GstPushSrc parent_instance;

  char *address;
  guint number;
  HjUdpPort *port; /* between start and stop */
  HjSlab *slab;
  guint8 *data;       /* of the slab, which the messages point into */
  gboolean begun;     /* the stream: a tick came first */
  gint64 received_us; /* the last batch */
  int flushing;       /* atomic */
  guint64 unusable;   /* datagrams that were dropped here */
  HjAddress names[BATCH];
  struct iovec iovs[BATCH];
  struct mmsghdr messages[BATCH];
  Control controls[BATCH];
};

enum
{
  PROP_0,
  PROP_ADDRESS,
  PROP_PORT,
  PROP_KERNEL_DROPS,
  PROP_UNUSABLE,
};

GST_DEBUG_CATEGORY_STATIC (udp_src_debug);
#define GST_CAT_DEFAULT udp_src_debug

G_DEFINE_TYPE_WITH_CODE (HjUdpSrc, hj_udp_src, GST_TYPE_PUSH_SRC,
    GST_DEBUG_CATEGORY_INIT (
        udp_src_debug, "hjudpsrc", 0, "UDP socket of a relay worker, received"))
GST_ELEMENT_REGISTER_DEFINE (hjudpsrc, "hjudpsrc", GST_RANK_NONE, HJ_TYPE_UDP_SRC)

static GstStaticPadTemplate src_template
    = GST_STATIC_PAD_TEMPLATE ("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

static void
ready_slot (HjUdpSrc *self, guint i)
{
  self->messages[i].msg_hdr = (struct msghdr){ .msg_name = &self->names[i],
    .msg_namelen = sizeof self->names[i],
    .msg_iov = &self->iovs[i],
    .msg_iovlen = 1,
    .msg_control = &self->controls[i],
    .msg_controllen = sizeof self->controls[i] };
}

/* The kernel changes nothing but what it fills, so only that is made ready again. */
static void
ready_slots (HjUdpSrc *self)
{
  guint8 *data = hj_slab_begin (self->slab);

  if (data == self->data)
    return;
  self->data = data;
  for (guint i = 0; i < BATCH; i++)
    {
      self->iovs[i] = (struct iovec){ data + i * SLOT + HJ_PACKET_HEADROOM, TRAIN_MAX };
      ready_slot (self, i);
    }
}

/* What the kernel tells of a message: when it came, and how long the datagrams are that it put together. */
typedef struct
{
  gint64 age_us; /* 0: not told, or by a clock that was set in between */
  guint segment; /* 0: it is one datagram */
} Told;

static Told
read_control (struct msghdr *message, gint64 real_us)
{
  Told told = { 0 };
  struct timespec stamp;
  int segment = 0;

  for (struct cmsghdr *part = CMSG_FIRSTHDR (message); part != NULL;
       part = CMSG_NXTHDR (message, part))
    if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_TIMESTAMPNS)
      {
        memcpy (&stamp, CMSG_DATA (part), sizeof stamp);
        told.age_us = real_us - (stamp.tv_sec * G_TIME_SPAN_SECOND + stamp.tv_nsec / 1000);
      }
    else if (part->cmsg_level == SOL_UDP && part->cmsg_type == UDP_GRO)
      {
        memcpy (&segment, CMSG_DATA (part), sizeof segment);
        told.segment = (guint)MAX (segment, 0);
      }
  if (told.age_us < 0 || told.age_us >= MAX_AGE_US)
    told.age_us = 0;
  return told;
}

/* Datagrams that are empty or longer than any that we take are dropped and counted: a train is all of one length. */
static void
take_message (HjUdpSrc *self, guint i, gint64 now_us, gint64 real_us)
{
  struct msghdr *message = &self->messages[i].msg_hdr;
  guint length = self->messages[i].msg_len;
  Told told = read_control (message, real_us);
  guint segment = told.segment > 0 ? MIN (told.segment, length) : length;

  if (length > 0 && segment <= HJ_DATAGRAM_MAX && (message->msg_flags & MSG_TRUNC) == 0)
    {
      HjPacketMeta *meta = hj_slab_show (self->slab, i * SLOT + HJ_PACKET_HEADROOM, length);

      hj_address_unmap (&self->names[i]);
      meta->peer = self->names[i];
      meta->segment = segment;
      meta->arrival_us = now_us - told.age_us;
    }
  else
    self->unusable += segment > 0 ? (length + segment - 1) / segment : 1;
  ready_slot (self, i);
}

static GstBufferList *
take_received (HjUdpSrc *self, guint n)
{
  gint64 now_us = g_get_monotonic_time ();
  gint64 real_us = g_get_real_time ();

  self->received_us = now_us;
  for (guint i = 0; i < n; i++)
    take_message (self, i, now_us, real_us);
  return hj_slab_take_list (self->slab);
}

static GstBuffer *
tick_new (void)
{
  GstBuffer *tick = gst_buffer_new ();

  GST_BUFFER_FLAG_SET (tick, GST_BUFFER_FLAG_GAP);
  return tick;
}

/* What has come, as a list for downstream. NULL: nothing, or it was unusable. */
static GstBufferList *
receive (HjUdpSrc *self)
{
  guint n = 0;

  ready_slots (self);
  n = hj_udp_port_receive (self->port, self->messages, BATCH, TICK_MS);
  return n > 0 ? take_received (self, n) : NULL;
}

/* Batches go straight to the pad: the base class has nothing to add to them, no clock and no segment, and what it asks itself
 * each time costs as much as a packet. It gets the ticks, and with the first of them it begins the stream. */
static GstFlowReturn
create (GstPushSrc *source, GstBuffer **buffer)
{
  HjUdpSrc *self = HJ_UDP_SRC (source);
  gint64 end_us = self->begun ? g_get_monotonic_time () + TICK_MS * G_TIME_SPAN_MILLISECOND : 0;
  GstFlowReturn flow = GST_FLOW_OK;

  self->begun = TRUE;
  while (flow == GST_FLOW_OK && !g_atomic_int_get (&self->flushing) && self->received_us < end_us)
    {
      GstBufferList *list = receive (self);

      if (list == NULL)
        break;
      flow = gst_pad_push_list (GST_BASE_SRC_PAD (self), list);
    }
  if (flow == GST_FLOW_OK && g_atomic_int_get (&self->flushing))
    flow = GST_FLOW_FLUSHING;
  if (flow == GST_FLOW_OK)
    *buffer = tick_new ();
  return flow;
}

/* What the kernel made of what the port asked for. */
static void
log_port (HjUdpSrc *self)
{
  int fd = hj_udp_port_get_fd (self->port);
  int gro = 0;
  int bytes = 0;
  socklen_t length = sizeof gro;

  if (getsockopt (fd, SOL_UDP, UDP_GRO, &gro, &length) < 0)
    gro = 0;
  length = sizeof bytes;
  if (getsockopt (fd, SOL_SOCKET, SO_RCVBUF, &bytes, &length) < 0)
    bytes = 0;
  GST_INFO_OBJECT (self, "bound UDP port %u, %s, UDP_GRO %s, receive buffer %d bytes",
      hj_udp_port_get_number (self->port),
      hj_udp_port_get_family (self->port) == AF_INET6 ? "IPv6 and IPv4" : "IPv4",
      gro != 0 ? "taken" : "refused", bytes);
}

static gboolean
start (GstBaseSrc *source)
{
  HjUdpSrc *self = HJ_UDP_SRC (source);
  g_autoptr (GError) error = NULL;

  self->port = hj_udp_port_open (self->address, (guint16)self->number, &error);
  if (self->port == NULL)
    {
      GST_ELEMENT_ERROR (self, RESOURCE, OPEN_READ, ("Cannot open UDP port %u", self->number),
          ("%s", error->message));
      return FALSE;
    }
  self->slab = hj_slab_new (BATCH * SLOT, BATCH);
  self->data = NULL;
  self->begun = FALSE;
  log_port (self);
  return TRUE;
}

static gboolean
stop (GstBaseSrc *source)
{
  HjUdpSrc *self = HJ_UDP_SRC (source);

  if (self->port != NULL)
    GST_INFO_OBJECT (self, "closes UDP port %u, the kernel dropped %" G_GUINT64_FORMAT " datagrams",
        hj_udp_port_get_number (self->port), hj_udp_port_get_drops (self->port));
  g_clear_pointer (&self->slab, hj_slab_free);
  g_clear_pointer (&self->port, hj_udp_port_unref);
  return TRUE;
}

static gboolean
unlock (GstBaseSrc *source)
{
  HjUdpSrc *self = HJ_UDP_SRC (source);

  GST_DEBUG_OBJECT (self, "streaming stops");
  g_atomic_int_set (&self->flushing, TRUE);
  if (self->port != NULL)
    hj_udp_port_wake (self->port);
  return TRUE;
}

static gboolean
unlock_stop (GstBaseSrc *source)
{
  g_atomic_int_set (&HJ_UDP_SRC (source)->flushing, FALSE);
  return TRUE;
}

static gboolean
query (GstBaseSrc *source, GstQuery *asked)
{
  HjUdpSrc *self = HJ_UDP_SRC (source);

  if (!hj_udp_port_is_query (asked))
    return GST_BASE_SRC_CLASS (hj_udp_src_parent_class)->query (source, asked);
  if (self->port == NULL)
    return FALSE;
  hj_udp_port_answer_query (self->port, asked);
  return TRUE;
}

static void
set_property (GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  HjUdpSrc *self = HJ_UDP_SRC (object);

  switch (id)
    {
    case PROP_ADDRESS:
      g_free (self->address);
      self->address = g_value_dup_string (value);
      break;
    case PROP_PORT:
      self->number = g_value_get_uint (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  HjUdpSrc *self = HJ_UDP_SRC (object);

  switch (id)
    {
    case PROP_ADDRESS:
      g_value_set_string (value, self->address);
      break;
    case PROP_PORT:
      g_value_set_uint (
          value, self->port != NULL ? hj_udp_port_get_number (self->port) : self->number);
      break;
    case PROP_KERNEL_DROPS:
      g_value_set_uint64 (value, self->port != NULL ? hj_udp_port_get_drops (self->port) : 0);
      break;
    case PROP_UNUSABLE:
      g_value_set_uint64 (value, self->unusable);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
finalize (GObject *object)
{
  g_free (HJ_UDP_SRC (object)->address);
  G_OBJECT_CLASS (hj_udp_src_parent_class)->finalize (object);
}

static void
hj_udp_src_class_init (HjUdpSrcClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstBaseSrcClass *base_class = GST_BASE_SRC_CLASS (klass);

  object_class->set_property = set_property;
  object_class->get_property = get_property;
  object_class->finalize = finalize;
  g_object_class_install_property (object_class, PROP_ADDRESS,
      g_param_spec_string ("address", "Address",
          "Numeric address of this host to listen on; :: takes IPv4 too", "0.0.0.0",
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY));
  g_object_class_install_property (object_class, PROP_PORT,
      g_param_spec_uint ("port", "Port",
          "UDP port number to listen on; 0 lets the kernel choose, and then reads as chosen", 0,
          65535, 0, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY));
  g_object_class_install_property (object_class, PROP_KERNEL_DROPS,
      g_param_spec_uint64 ("kernel-drops", "Kernel drops",
          "Number of datagrams that the kernel threw away because the socket's buffer was full, "
          "since "
          "the element started",
          0, G_MAXUINT64, 0, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
  g_object_class_install_property (object_class, PROP_UNUSABLE,
      g_param_spec_uint64 ("unusable", "Unusable",
          "Number of datagrams that were dropped because they were empty or too long", 0,
          G_MAXUINT64, 0, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class, "Huijian UDP source", "Source/Network",
      "Receives UDP datagrams in batches (recvmmsg, UDP_GRO) and pushes one buffer list for each "
      "wake-up, without caps: each buffer has a meta with its peer, lengths and arrival time. "
      "Pushes "
      "an empty gap buffer every 20 ms when there are none",
      "Huijian");
  base_class->start = start;
  base_class->stop = stop;
  base_class->unlock = unlock;
  base_class->unlock_stop = unlock_stop;
  base_class->query = query;
  GST_PUSH_SRC_CLASS (klass)->create = create;
}

static void
hj_udp_src_init (HjUdpSrc *self)
{
  self->address = g_strdup ("0.0.0.0");
  gst_base_src_set_live (GST_BASE_SRC (self), TRUE);
  gst_base_src_set_format (GST_BASE_SRC (self), GST_FORMAT_TIME);
}
