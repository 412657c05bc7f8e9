/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gst/gst.h>
#include "media/wire/address.h"
#include "media/outbox.h"

G_BEGIN_DECLS

/* Room before a received datagram, so that a longer RTP header can be written in place. */
#define HJ_PACKET_HEADROOM 64

/* Who sent, or shall get, the datagram in the buffer. Plain data: nothing in it is counted or freed, and the pointer
 * spares mapping the buffer for each packet. */
typedef struct
{
  GstMeta meta;
  HjAddress peer;
  guint8 *
      data; /* HJ_PACKET_HEADROOM bytes before it and HJ_DATAGRAM_MAX from it on are the packet's */
  guint length;
  gint64 arrival_us; /* of what was received, on the monotonic clock */
} HjPacketMeta;

GType hj_packet_meta_api_get_type (void);
const GstMetaInfo *hj_packet_meta_get_info (void);
HjPacketMeta *hj_packet_meta_get (GstBuffer *buffer);
void hj_packet_set_length (GstBuffer *buffer, HjPacketMeta *meta, guint length);

GstBufferPool *hj_packet_pool_new (void);

G_END_DECLS
