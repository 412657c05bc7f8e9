/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "media/rate/bandwidth.h"

G_BEGIN_DECLS

#define HJ_RATE_LINK_FLOWS 2

/* A bottleneck with senders before it, in a time of its own. Same seed, same run. What stands first
 * may be changed between runs. */
typedef struct
{
  double capacity_bps;
  double queue_ms; /* longest queue; more is dropped */
  gint64 one_way_us;
  gint64 jitter_us;  /* on top, uniform */
  gboolean reorders; /* jitter lets packets overtake */
  double loss;       /* 0 to 1, at random */
  double feedback_loss;
  double cross_bps;         /* traffic of others that does not give way */
  double app_bps;           /* what the sender has to send; 0: as much as the target says */
  gint64 receiver_clock_us; /* its origin */
  gboolean cut;             /* nothing passes, either way */

  gint64 now_us;
  double worst_queue_ms; /* since hj_rate_link_run() began */
  double mean_target_bps;
  double least_target_bps;
  double delivered_bps;
  guint n_probes; /* since the link began */

  struct HjRateFlow *flows[HJ_RATE_LINK_FLOWS];
  guint n_flows;
  GQueue queue;
  double queued_bytes;
  double credit_bits;
  double cross_credit_bits;
  gint64 last_arrival_us;
  GRand *rand;
} HjRateLink;

HjRateLink *hj_rate_link_new (double capacity_bps, guint n_flows);
void hj_rate_link_free (HjRateLink *link);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (HjRateLink, hj_rate_link_free)

void hj_rate_link_run (HjRateLink *link, double seconds);
HjBandwidth *hj_rate_link_get_bandwidth (HjRateLink *link, guint flow);
guint64 hj_rate_link_get_target_bps (HjRateLink *link, guint flow);
double hj_rate_link_get_queue_ms (HjRateLink *link);

G_END_DECLS
