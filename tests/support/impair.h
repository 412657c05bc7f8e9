/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What one direction of a bad link does. All zero: a perfect one. */
typedef struct
{
  double loss;      /* share of packets that vanish, 0 to 1 */
  double reorder;   /* share of packets that later ones may overtake, 0 to 1 */
  gint64 delay_us;  /* of every packet */
  gint64 jitter_us; /* at most this much more, evenly spread; it alone never changes the order */
  gint64 rate_bps;  /* bits per second with headers; 0: without limit */
  gint64 queue_us;  /* what waits longer than this for the rate is dropped */
  gboolean cut;     /* nothing passes */
} HjImpairRule;

typedef enum
{
  HJ_IMPAIR_PASSED,
  HJ_IMPAIR_LOST,
  HJ_IMPAIR_FULL,
  HJ_IMPAIR_CUT,
  HJ_IMPAIR_N_FATES,
} HjImpairFate;

typedef struct
{
  HjImpairRule rule;
  GRand *rand;
  gint64 busy_until_us; /* when the rate is through with what passed before */
  gint64 last_leave_us;
  guint64 fates[HJ_IMPAIR_N_FATES];
  guint64 reordered;
  guint64 bytes; /* of what passed, with headers */
} HjImpairWay;

void hj_impair_way_init (HjImpairWay *way, guint32 seed);
void hj_impair_way_clear (HjImpairWay *way);
gboolean hj_impair_way_set (HjImpairWay *way, const char *what, const char *value, GError **error);
HjImpairFate hj_impair_way_take (HjImpairWay *way, gsize payload, gint64 now_us, gint64 *leave_us);
char *hj_impair_way_report (const HjImpairWay *way) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
