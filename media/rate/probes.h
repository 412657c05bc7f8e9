/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>
#include "media/rate/bandwidth.h"
#include "media/rate/sent-history.h"

G_BEGIN_DECLS

#define HJ_PROBES_KEPT 4

/* One burst and what is told of it. */
typedef struct
{
  int id;
  guint64 bps;
  guint min_packets;
  guint n_received;
  guint n_lost;
  guint64 bytes;
  gint64 first_sent_us;
  gint64 last_sent_us;
  guint last_sent_bytes;
  gint64 first_arrival_us;
  gint64 last_arrival_us;
  guint first_arrival_bytes;
  gboolean news; /* since hj_probes_get_result() */
} HjCluster;

/* What decides whether to probe. */
typedef struct
{
  guint64 target_bps;
  gboolean calm;        /* no queue grows, hardly a loss */
  gboolean app_limited; /* sends far less than the target */
  gboolean starved;     /* sends more: it has more to send */
} HjProbeView;

typedef struct
{
  HjCluster kept[HJ_PROBES_KEPT];
  int next_id;
  guint64 waiting_bps; /* to ask for next; 0: nothing */
  gboolean started;
  gboolean exploring; /* each success asks for twice as much */
  gint64 asked_us;
  guint64 asked_bps;
  guint64 level_bps; /* after the last fall that began the pauses anew */
  guint n_repeats;
  gint64 limited_since_us; /* 0: not limited */
  guint64 before_drop_bps; /* 0: no drop to recover from */
  gint64 dropped_us;
  gint64 recover_at_us;
  gint64 recover_pause_us;
} HjProbes;

typedef struct
{
  guint64 bps;
  gboolean full; /* it filled the path: this is what the path carries, not just the least */
} HjProbeResult;

void hj_probes_begin (HjProbes *self, guint64 start_bps);
void hj_probes_note_drop (HjProbes *self, guint64 from_bps, guint64 to_bps, gint64 now_us);
gboolean hj_probes_next (
    HjProbes *self, const HjProbeView *view, gint64 now_us, HjProbe *out) G_GNUC_WARN_UNUSED_RESULT;
void hj_probes_take_received (HjProbes *self, const HjSent *sent, gint64 arrival_us);
void hj_probes_take_lost (HjProbes *self, const HjSent *sent);
gboolean
hj_probes_get_result (HjProbes *self, gint64 now_us, HjProbeResult *out) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
