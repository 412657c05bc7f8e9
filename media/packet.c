/* SPDX-License-Identifier: Apache-2.0 */
/* The memory of a batch. A GstBuffer is a window on a part of it, with a plain meta that tells what is there; windows and
 * memory go round between the batches of one streaming thread, so that nothing is allocated per packet. Where somebody
 * downstream keeps a buffer, the whole slab is left to him and a new one made (DESIGN section 6). */

#include "media/packet.h"

#include <string.h>

#define USUAL_BUFFERS 8 /* of a batch; a list grows beyond, but begins as zeros */

typedef struct _Block Block;

typedef struct
{
  GstBuffer *buffer; /* is here, or on its way; comes back instead of being freed */
  GstMemory *memory; /* the buffer's, which moves over the block's */
  HjPacketMeta *meta;
} Window;

/* Lives as long as the slab uses it or one of its buffers is away, in whatever thread that comes back. */
struct _Block
{
  gatomicrefcount refs;
  guint n_windows;
  guint8 *data;
  GstMemory *memory; /* the whole */
  Window windows[];
};

/* What is in the buffer: the meta that all see, and whose buffer it is. */
typedef struct
{
  HjPacketMeta packet;
  Block *block;
} OwnMeta;

struct _HjSlab
{
  gsize size;
  guint n_windows;
  guint n_shown; /* since hj_slab_begin() */
  Block *block;
  GstBufferList *list; /* (nullable): what is shown */
};

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
  OwnMeta *self = (OwnMeta *)meta;

  memset (&self->packet.peer, 0, sizeof self->packet.peer);
  self->packet.data = NULL;
  self->packet.length = self->packet.segment = 0;
  self->block = NULL;
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
    g_once_init_leave (&info, gst_meta_register (hj_packet_meta_api_get_type (), "HjPacketMeta",
                                  sizeof (OwnMeta), packet_meta_init, NULL, packet_meta_transform));
  return info;
}

/* Returns: (transfer none) (nullable): NULL for a buffer that is not from a slab. */
HjPacketMeta *
hj_packet_meta_get (GstBuffer *buffer)
{
  return (HjPacketMeta *)gst_buffer_get_meta (buffer, hj_packet_meta_api_get_type ());
}

static void
block_unref (Block *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  for (guint i = 0; i < self->n_windows; i++)
    {
      GST_MINI_OBJECT_CAST (self->windows[i].buffer)->dispose = NULL;
      gst_buffer_unref (self->windows[i].buffer);
    }
  gst_memory_unref (self->memory);
  g_free (self);
}

/* The last reference to a buffer is gone, in any thread: it comes back. */
static gboolean
come_back (GstMiniObject *object)
{
  OwnMeta *meta = (OwnMeta *)hj_packet_meta_get (GST_BUFFER_CAST (object));

  gst_mini_object_ref (object);
  block_unref (meta->block);
  return FALSE;
}

static void
make_window (Block *self, Window *window)
{
  window->memory = gst_memory_share (self->memory, 0, -1);
  window->buffer = gst_buffer_new ();
  gst_buffer_append_memory (window->buffer, window->memory);
  window->meta
      = (HjPacketMeta *)gst_buffer_add_meta (window->buffer, hj_packet_meta_get_info (), NULL);
  GST_META_FLAG_SET (window->meta, GST_META_FLAG_LOCKED);
  ((OwnMeta *)window->meta)->block = self;
  GST_MINI_OBJECT_CAST (window->buffer)->dispose = come_back;
}

static Block *
block_new (gsize size, guint n_windows)
{
  Block *self = g_malloc0 (sizeof *self + n_windows * sizeof self->windows[0]);
  GstMapInfo map;

  g_atomic_ref_count_init (&self->refs);
  self->n_windows = n_windows;
  self->memory = gst_allocator_alloc (NULL, size, NULL);
  /* System memory stays where it is, mapped or not. */
  g_assert (gst_memory_map (self->memory, &map, GST_MAP_READWRITE));
  self->data = map.data;
  gst_memory_unmap (self->memory, &map);
  for (guint i = 0; i < n_windows; i++)
    make_window (self, &self->windows[i]);
  return self;
}

/* size: bytes. n_buffers: how many a batch shows at most. */
HjSlab *
hj_slab_new (gsize size, guint n_buffers)
{
  HjSlab *self = g_new0 (HjSlab, 1);

  self->size = size;
  self->n_windows = n_buffers;
  self->block = block_new (size, n_buffers);
  return self;
}

void
hj_slab_free (HjSlab *self)
{
  if (self == NULL)
    return;
  gst_clear_buffer_list (&self->list);
  block_unref (self->block);
  g_free (self);
}

/* Whether a buffer is away, or its memory or a part of that is held by others. */
static gboolean
is_kept (const HjSlab *self)
{
  const Block *block = self->block;

  if (!g_atomic_ref_count_compare (&self->block->refs, 1))
    return TRUE;
  for (guint i = 0; i < self->n_shown; i++)
    if (GST_MINI_OBJECT_REFCOUNT_VALUE (block->windows[i].memory) > 1)
      return TRUE;
  return GST_MINI_OBJECT_REFCOUNT_VALUE (block->memory) > (gint)self->n_windows + 1;
}

/* Forgets the former batch. Returns: (transfer none): the memory for the next, up to the following begin. */
guint8 *
hj_slab_begin (HjSlab *self)
{
  gst_clear_buffer_list (&self->list);
  if (is_kept (self))
    {
      block_unref (self->block);
      self->block = block_new (self->size, self->n_windows);
    }
  self->n_shown = 0;
  return self->block->data;
}

/* Adds a buffer of these bytes to the batch's list; the caller fills peer, segment and arrival_us. The slab must have
 * begun, and show fewer than its n_buffers. */
HjPacketMeta *
hj_slab_show (HjSlab *self, gsize offset, gsize length)
{
  Window *window = &self->block->windows[self->n_shown];

  g_assert (self->n_shown < self->n_windows && offset + length <= self->size);
  window->memory->offset = offset;
  window->memory->size = length;
  window->meta->data = self->block->data + offset;
  window->meta->length = window->meta->segment = (guint)length;
  GST_MINI_OBJECT_FLAGS (window->buffer) = 0; /* the elements of GStreamer mark some */
  if (self->list == NULL)
    self->list = gst_buffer_list_new_sized (MIN (self->n_windows, USUAL_BUFFERS));
  g_atomic_ref_count_inc (&self->block->refs);
  gst_buffer_list_insert (self->list, -1, window->buffer);
  self->n_shown++;
  return window->meta;
}

/* The buffer that was shown last becomes longer. */
void
hj_slab_extend (HjSlab *self, gsize more)
{
  Window *window = &self->block->windows[self->n_shown - 1];

  g_assert (
      self->n_shown > 0 && window->memory->offset + window->memory->size + more <= self->size);
  window->memory->size += more;
  window->meta->length += (guint)more;
}

guint
hj_slab_get_n (const HjSlab *self)
{
  return self->n_shown;
}

/* Returns: (transfer full) (nullable): what was shown; NULL: nothing. */
GstBufferList *
hj_slab_take_list (HjSlab *self)
{
  return g_steal_pointer (&self->list);
}
