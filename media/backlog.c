/* SPDX-License-Identifier: Apache-2.0 */
/* A ring of bytes and an index by sequence number: at most a second, 512 packets and 256 KiB of one video source, whatever
 * comes first (DESIGN section 13, memory of a seat). The payload is what the browsers encrypted end to end. */

#include "media/backlog.h"

#include <string.h>

#define RING (256 * 1024)
#define PACKETS 512 /* a power of two */
#define KEEP_US G_TIME_SPAN_SECOND

typedef struct
{
  guint64 end; /* of all bytes ever written, after this packet; 0: empty */
  gint64 at_us;
  guint32 timestamp;
  guint32 offset;
  guint16 length;
  guint16 seq;
  gboolean marker;
} Entry;

struct _HjBacklog
{
  guint64 written; /* bytes ever, those skipped at the end of the ring included */
  Entry entries[PACKETS];
  guint8 ring[RING];
};

HjBacklog *
hj_backlog_new (void)
{
  return g_new0 (HjBacklog, 1);
}

void
hj_backlog_free (HjBacklog *self)
{
  g_free (self);
}

/* packet: copied; one that is too long for a datagram is not kept. */
void
hj_backlog_add (HjBacklog *self, const HjKept *packet, gint64 now_us)
{
  Entry *entry = &self->entries[packet->seq & (PACKETS - 1)];
  gsize offset = self->written % RING;

  if (packet->length > G_MAXUINT16 / 2)
    return;
  if (offset + packet->length > RING)
    {
      self->written += RING - offset;
      offset = 0;
    }
  memcpy (self->ring + offset, packet->payload, packet->length);
  self->written += packet->length;
  *entry = (Entry){ .end = self->written,
    .at_us = now_us,
    .timestamp = packet->timestamp,
    .offset = (guint32)offset,
    .length = (guint16)packet->length,
    .seq = packet->seq,
    .marker = packet->marker };
}

/* FALSE when the packet never came, is too old, or was written over. */
gboolean
hj_backlog_find (const HjBacklog *self, guint16 seq, gint64 now_us, HjKept *out)
{
  const Entry *entry = &self->entries[seq & (PACKETS - 1)];

  if (entry->length == 0 || entry->seq != seq || now_us - entry->at_us > KEEP_US
      || self->written - (entry->end - entry->length) > RING)
    return FALSE;
  *out = (HjKept){ .seq = seq,
    .at_us = entry->at_us,
    .timestamp = entry->timestamp,
    .marker = entry->marker,
    .payload = self->ring + entry->offset,
    .length = entry->length };
  return TRUE;
}
