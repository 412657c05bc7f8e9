/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>
#include "media/wire/twcc.h"

G_BEGIN_DECLS

/* How fast one receiver can be sent to: Google congestion control, draft-ietf-rmcat-gcc-02 in the
 * trendline form of libwebrtc, from the receiver's transport-wide feedback. One per receiving leg,
 * used by the leg's own thread. All times are of one monotonic clock, handed in by the caller. */

#define HJ_BANDWIDTH_MIN_BPS 50000u
#define HJ_BANDWIDTH_START_BPS 300000u
#define HJ_BANDWIDTH_MAX_BPS 10000000u

typedef struct HjBandwidth HjBandwidth;

/* A burst that shall be sent now: at `bps` in all, for at least `duration_us` and `min_packets`.
 * Every packet that leaves meanwhile, media or padding, passes hj_bandwidth_send() with `probe` =
 * `id`. */
typedef struct
{
  int id; /* never negative */
  guint64 bps;
  gint64 duration_us;
  guint min_packets;
} HjProbe;

typedef struct
{
  guint64 target_bps; /* the least of what follows and of the cap */
  guint64 delay_bps;
  guint64 loss_bps;
  guint64 acked_bps; /* what the receiver got lately; 0 when not known */
  gint64 rtt_us;     /* 0 when not known */
  guint loss_256;    /* share of packets lost of late, in 256ths */
  gboolean overuse;  /* the path's queue grows */
} HjBandwidthStats;

HjBandwidth *hj_bandwidth_new (gint64 now_us);
void hj_bandwidth_free (HjBandwidth *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (HjBandwidth, hj_bandwidth_free)

guint16 hj_bandwidth_get_next_seq (const HjBandwidth *self);
guint16 hj_bandwidth_send (HjBandwidth *self, guint bytes, int probe, gint64 now_us);
void hj_bandwidth_take_feedback (
    HjBandwidth *self, const HjTwccStatus *statuses, gsize n, gint64 now_us);
void hj_bandwidth_take_rtt (HjBandwidth *self, gint64 rtt_us);
void hj_bandwidth_cap (HjBandwidth *self, guint64 bps);
gboolean hj_bandwidth_next_probe (HjBandwidth *self, gint64 now_us, HjProbe *out);
void hj_bandwidth_tick (HjBandwidth *self, gint64 now_us);
guint64 hj_bandwidth_get_target_bps (const HjBandwidth *self);
void hj_bandwidth_get_stats (const HjBandwidth *self, HjBandwidthStats *out);

G_END_DECLS
