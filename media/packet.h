/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gst/gst.h>
#include "media/outbox.h"
#include "media/wire/address.h"

G_BEGIN_DECLS

/* Room before each received datagram, so that a longer RTP header can be written in place. The datagrams of a train have
 * only each other there: each is done with before the next one's header may be written. */
#define HJ_PACKET_HEADROOM 64

/* The train of datagrams in a buffer: of one peer, each of `segment` bytes, the last of what is left. Plain data: nothing
 * in it is counted or freed, and the pointers spare mapping the buffer. */
typedef struct
{
  GstMeta meta;
  HjAddress peer; /* who sent, or shall get, them */
  guint8 *data;
  guint length;
  guint segment;     /* 1 to length */
  gint64 arrival_us; /* of what was received, on the monotonic clock */
} HjPacketMeta;

GType hj_packet_meta_api_get_type (void);
const GstMetaInfo *hj_packet_meta_get_info (void);
HjPacketMeta *hj_packet_meta_get (GstBuffer *buffer);

/* One piece of memory for a whole batch, and the buffers that show parts of it. Used again and again by one thread. */
typedef struct _HjSlab HjSlab;

HjSlab *hj_slab_new (gsize size, guint n_buffers) G_GNUC_WARN_UNUSED_RESULT;
void hj_slab_free (HjSlab *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (HjSlab, hj_slab_free)

guint8 *hj_slab_begin (HjSlab *self);
HjPacketMeta *hj_slab_show (HjSlab *self, gsize offset, gsize length);
void hj_slab_extend (HjSlab *self, gsize more);
guint hj_slab_get_n (const HjSlab *self);
GstBufferList *hj_slab_take_list (HjSlab *self);

G_END_DECLS
