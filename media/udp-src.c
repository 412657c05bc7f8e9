/* SPDX-License-Identifier: Apache-2.0 */
/* hjudpsrc: receives datagrams in batches and pushes one GstBufferList for each wake-up (DESIGN section 6). When nothing
 * arrives it pushes an empty GAP buffer at least every TICK_MS: the pipeline's clock. Its create() runs in the streaming
 * thread, which is the relay worker. */

#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <gst/base/gstpushsrc.h>

#include "media/elements.h"
#include "media/packet.h"
#include "media/udp-port.h"

#define BATCH 64
#define TICK_MS 20
#define MAX_AGE_US G_TIME_SPAN_SECOND /* of a datagram that waited for us */

#define HJ_TYPE_UDP_SRC (hj_udp_src_get_type ())
G_DECLARE_FINAL_TYPE (HjUdpSrc, hj_udp_src, HJ, UDP_SRC, GstPushSrc)

typedef union
{
  struct cmsghdr align;
  char bytes[CMSG_SPACE (sizeof (struct timespec))];
} Control;

struct _HjUdpSrc
{
  GstPushSrc parent_instance;

  char *address;
  guint number;
  HjUdpPort *port; /* between start and stop */
  GstBufferPool *pool;
  int flushing; /* atomic */
  GstBuffer *ready[BATCH];
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
};

G_DEFINE_TYPE (HjUdpSrc, hj_udp_src, GST_TYPE_PUSH_SRC)
GST_ELEMENT_REGISTER_DEFINE (hjudpsrc, "hjudpsrc", GST_RANK_NONE, HJ_TYPE_UDP_SRC)

static GstStaticPadTemplate src_template
    = GST_STATIC_PAD_TEMPLATE ("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

static GstFlowReturn
fill_slot (HjUdpSrc *self, guint i)
{
  HjPacketMeta *meta = NULL;
  GstFlowReturn flow = gst_buffer_pool_acquire_buffer (self->pool, &self->ready[i], NULL);

  if (flow != GST_FLOW_OK)
    return flow;
  meta = hj_packet_meta_get (self->ready[i]);
  self->iovs[i] = (struct iovec){ meta->data, HJ_DATAGRAM_MAX };
  self->messages[i].msg_hdr = (struct msghdr){ .msg_name = &meta->peer,
    .msg_namelen = sizeof meta->peer,
    .msg_iov = &self->iovs[i],
    .msg_iovlen = 1,
    .msg_control = &self->controls[i],
    .msg_controllen = sizeof self->controls[i] };
  return GST_FLOW_OK;
}

static GstFlowReturn
fill_slots (HjUdpSrc *self)
{
  GstFlowReturn flow = GST_FLOW_OK;

  for (guint i = 0; i < BATCH && flow == GST_FLOW_OK; i++)
    if (self->ready[i] == NULL)
      flow = fill_slot (self, i);
  return flow;
}

/* When the kernel got the datagram, told on the monotonic clock. A clock that was set in between is not believed. */
static gint64
arrival_time (struct msghdr *message, gint64 now_us, gint64 real_us)
{
  struct timespec stamp;
  gint64 age_us = 0;

  for (struct cmsghdr *part = CMSG_FIRSTHDR (message); part != NULL;
       part = CMSG_NXTHDR (message, part))
    if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_TIMESTAMPNS)
      {
        memcpy (&stamp, CMSG_DATA (part), sizeof stamp);
        age_us = real_us - (stamp.tv_sec * G_TIME_SPAN_SECOND + stamp.tv_nsec / 1000);
      }
  return age_us > 0 && age_us < MAX_AGE_US ? now_us - age_us : now_us;
}

/* Datagrams longer than any that we take are cut by the kernel and dropped here. */
static GstBufferList *
take_received (HjUdpSrc *self, int n)
{
  GstBufferList *list = gst_buffer_list_new_sized ((guint)n);
  gint64 now_us = g_get_monotonic_time ();
  gint64 real_us = g_get_real_time ();

  for (int i = 0; i < n; i++)
    {
      GstBuffer *buffer = g_steal_pointer (&self->ready[i]);
      HjPacketMeta *meta = hj_packet_meta_get (buffer);

      if (self->messages[i].msg_hdr.msg_flags & MSG_TRUNC)
        {
          gst_buffer_unref (buffer);
          continue;
        }
      hj_address_unmap (&meta->peer);
      meta->arrival_us = arrival_time (&self->messages[i].msg_hdr, now_us, real_us);
      hj_packet_set_length (buffer, meta, self->messages[i].msg_len);
      gst_buffer_list_insert (list, -1, buffer);
    }
  return list;
}

static GstBuffer *
tick_new (void)
{
  GstBuffer *tick = gst_buffer_new ();

  GST_BUFFER_FLAG_SET (tick, GST_BUFFER_FLAG_GAP);
  return tick;
}

static GstFlowReturn
create (GstPushSrc *source, GstBuffer **buffer)
{
  HjUdpSrc *self = HJ_UDP_SRC (source);
  GstFlowReturn flow = fill_slots (self);
  int n = 0;

  if (flow != GST_FLOW_OK)
    return flow;
  if (g_atomic_int_get (&self->flushing))
    return GST_FLOW_FLUSHING;
  if (hj_udp_port_wait (self->port, TICK_MS))
    n = recvmmsg (hj_udp_port_get_fd (self->port), self->messages, BATCH, MSG_DONTWAIT, NULL);
  if (g_atomic_int_get (&self->flushing))
    return GST_FLOW_FLUSHING;
  /* An error here is an ICMP answer to something sent, or no datagram after all: nothing to stop for. */
  if (n > 0)
    {
      GstBufferList *list = take_received (self, n);

      if (gst_buffer_list_length (list) > 0)
        gst_base_src_submit_buffer_list (GST_BASE_SRC (self), list);
      else
        {
          gst_buffer_list_unref (list);
          n = 0;
        }
    }
  if (n <= 0)
    *buffer = tick_new ();
  return GST_FLOW_OK;
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
  self->pool = hj_packet_pool_new ();
  return TRUE;
}

static gboolean
stop (GstBaseSrc *source)
{
  HjUdpSrc *self = HJ_UDP_SRC (source);

  for (guint i = 0; i < BATCH; i++)
    gst_clear_buffer (&self->ready[i]);
  if (self->pool != NULL)
    gst_buffer_pool_set_active (self->pool, FALSE);
  gst_clear_object (&self->pool);
  g_clear_pointer (&self->port, hj_udp_port_unref);
  return TRUE;
}

static gboolean
unlock (GstBaseSrc *source)
{
  HjUdpSrc *self = HJ_UDP_SRC (source);

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
      g_param_spec_string ("address", "Address", "Numeric address to listen on", "0.0.0.0",
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY));
  g_object_class_install_property (object_class, PROP_PORT,
      g_param_spec_uint ("port", "Port",
          "UDP port to listen on; 0 lets the kernel choose, and then reads as chosen", 0, 65535, 0,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY));
  g_object_class_install_property (object_class, PROP_KERNEL_DROPS,
      g_param_spec_uint64 ("kernel-drops", "Kernel drops",
          "Datagrams that the kernel threw away because the socket's buffer was full, since the "
          "element started",
          0, G_MAXUINT64, 0, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class, "Huijian UDP source", "Source/Network",
      "Receives datagrams in batches and ticks when there are none", "Huijian");
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
