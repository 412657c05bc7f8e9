/* SPDX-License-Identifier: Apache-2.0 */
/* One datagram = one pooled GstBuffer with a plain meta. Buffers go round between the pool and the streaming thread;
 * after the first seconds nothing is allocated (DESIGN section 6). */

#include "media/packet.h"

#define SLAB (HJ_PACKET_HEADROOM + HJ_DATAGRAM_MAX)

typedef struct
{
  GstBufferPool parent_instance;
} HjPacketPool;

typedef struct
{
  GstBufferPoolClass parent_class;
} HjPacketPoolClass;

GType hj_packet_pool_get_type (void);
G_DEFINE_TYPE (HjPacketPool, hj_packet_pool, GST_TYPE_BUFFER_POOL)

GType
hj_packet_meta_api_get_type (void)
{
  static gsize type = 0;
  static const char *TAGS[] = { NULL };

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, gst_meta_api_type_register ("HjPacketMetaAPI", TAGS));
  return type;
}

static gboolean
packet_meta_init (GstMeta *meta, gpointer params, GstBuffer *buffer)
{
  HjPacketMeta *self = (HjPacketMeta *)meta;

  memset (&self->peer, 0, sizeof self->peer);
  self->data = NULL;
  self->length = 0;
  return TRUE;
}

/* A copy would point into the original's memory, so none is made: a copied buffer has no peer. */
static gboolean
packet_meta_transform (
    GstBuffer *copy, GstMeta *meta, GstBuffer *buffer, GQuark type, gpointer data)
{
  return FALSE;
}

const GstMetaInfo *
hj_packet_meta_get_info (void)
{
  static const GstMetaInfo *info = NULL;

  if (g_once_init_enter (&info))
    g_once_init_leave (
        &info, gst_meta_register (hj_packet_meta_api_get_type (), "HjPacketMeta",
                   sizeof (HjPacketMeta), packet_meta_init, NULL, packet_meta_transform));
  return info;
}

/* Returns: (transfer none) (nullable): NULL for a buffer that is not from hj_packet_pool_new(). */
HjPacketMeta *
hj_packet_meta_get (GstBuffer *buffer)
{
  return (HjPacketMeta *)gst_buffer_get_meta (buffer, hj_packet_meta_api_get_type ());
}

/* The datagram becomes `length` bytes from meta->data on, also for elements that map the buffer. */
void
hj_packet_set_length (GstBuffer *buffer, HjPacketMeta *meta, guint length)
{
  meta->length = length;
  gst_buffer_resize (buffer, HJ_PACKET_HEADROOM, length);
}

static GstFlowReturn
alloc_buffer (GstBufferPool *pool, GstBuffer **buffer, GstBufferPoolAcquireParams *params)
{
  GstMapInfo map;
  HjPacketMeta *meta = NULL;

  *buffer = gst_buffer_new_allocate (NULL, SLAB, NULL);
  if (*buffer == NULL)
    return GST_FLOW_ERROR;
  meta = (HjPacketMeta *)gst_buffer_add_meta (*buffer, hj_packet_meta_get_info (), NULL);
  GST_META_FLAG_SET (meta, GST_META_FLAG_POOLED | GST_META_FLAG_LOCKED);
  /* System memory stays where it is, mapped or not. */
  if (!gst_buffer_map (*buffer, &map, GST_MAP_READWRITE))
    return GST_FLOW_ERROR;
  meta->data = map.data + HJ_PACKET_HEADROOM;
  gst_buffer_unmap (*buffer, &map);
  return GST_FLOW_OK;
}

static void
hj_packet_pool_class_init (HjPacketPoolClass *klass)
{
  GST_BUFFER_POOL_CLASS (klass)->alloc_buffer = alloc_buffer;
}

static void
hj_packet_pool_init (HjPacketPool *self)
{
}

/* Returns: (transfer full): an active pool; it grows as needed and keeps what it has. */
GstBufferPool *
hj_packet_pool_new (void)
{
  GstBufferPool *pool = g_object_ref_sink (g_object_new (hj_packet_pool_get_type (), NULL));
  GstStructure *config = gst_buffer_pool_get_config (pool);

  gst_buffer_pool_config_set_params (config, NULL, SLAB, 0, 0);
  gst_buffer_pool_set_config (pool, config);
  gst_buffer_pool_set_active (pool, TRUE);
  return pool;
}
