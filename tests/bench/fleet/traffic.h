/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "tests/bench/fleet/client.h"

G_BEGIN_DECLS

/* Bytes of RTP payload: with header, extensions and tag a packet of sound has about 100, one of a picture about 1,000. */
#define AUDIO_PAYLOAD 56
#define VIDEO_PAYLOAD 960
#define STAMP_AT 24 /* in the payload, behind the VP8 descriptor and a key frame's header */

#define TRAFFIC_MAX_US 200000

/* What one run sent and saw. Counted are the packets whose time of sending lies in the window. */
typedef struct
{
  gint64 from_ns;
  gint64 to_ns;
  guint64 sent;
  guint64 received;
  guint64 keys;
  guint32 delays[TRAFFIC_MAX_US]; /* how many took so many µs */
} Traffic;

void traffic_send_audio (Traffic *self, Client *client);
void traffic_send_video (Traffic *self, Client *client);
void
traffic_take (Traffic *self, Client *client, const guint8 *packet, gsize length, gint64 arrival_ns);
guint traffic_get_delay_us (const Traffic *self, double share);

G_END_DECLS
