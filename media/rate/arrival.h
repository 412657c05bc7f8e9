/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Packets that left together, as one: a picture is sent in a burst, and its own length is not the
 * path's queue. */
typedef struct
{
  gint64 first_sent_us;
  gint64 last_sent_us;
  gint64 first_arrival_us;
  gint64 last_arrival_us;
  gint64 told_us; /* on our clock */
} HjGroup;

/* How much further apart two groups arrived than they left. */
typedef struct
{
  gint64 sent_us;
  gint64 arrival_us;
  gint64 at_us; /* arrival of the later one */
} HjSpread;

/* Zeroed is empty. */
typedef struct
{
  HjGroup current;
  HjGroup previous;
  gboolean has_current;
  gboolean has_previous;
  guint n_backwards; /* groups in a row that arrived before their elder */
  gboolean has_clock;
  gint64 raw_us;
  gint64 clock_us;
} HjArrivals;

typedef enum
{
  HJ_ARRIVAL_NOTHING,
  HJ_ARRIVAL_SPREAD,
  HJ_ARRIVAL_BROKEN, /* the receiver's clock jumped: what was learnt of delays is void */
} HjArrivalNews;

gint64 hj_arrivals_unwrap (HjArrivals *self, gint64 raw_us);
HjArrivalNews hj_arrivals_add (HjArrivals *self, gint64 sent_us, gint64 arrival_us, gint64 now_us,
    HjSpread *out) G_GNUC_WARN_UNUSED_RESULT;
void hj_arrivals_forget_groups (HjArrivals *self);

G_END_DECLS
