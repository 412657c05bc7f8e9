/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "media/tally.h"

G_BEGIN_DECLS

/* What one worker and the sockets beside it have done. */
typedef struct
{
  gboolean here; /* FALSE: it is being started again, and counts nothing now */
  HjTally tally;
  guint64 sent;
  guint64 lost;
  guint64 messages;
  guint64 kernel_drops;
  guint64 unusable;
  guint restarts;
} HjWorkerMetrics;

/* A node as it is at one moment. */
typedef struct
{
  const char *node;
  guint capacity; /* seats */
  guint events_kept;
  gboolean link_up;
  gboolean draining;
  guint n_workers;
  const HjWorkerMetrics *workers;
} HjMetrics;

#define HJ_METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

char *hj_metrics_write (const HjMetrics *metrics) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
