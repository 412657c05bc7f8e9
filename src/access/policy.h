/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/base/types.h"

G_BEGIN_DECLS

#define HJ_POLICY_MAX_SPANS 4

/* Minutes since midnight in the centre's zone; to is where the span ends, at most 24:00 (1440). */
typedef struct
{
  int from_minute;
  int to_minute;
} HjPolicySpan;

/* A centre's rules for bookings, one version of them. */
typedef struct
{
  gint64 version; /* 0: the centre has none of its own */
  gint64 slot_us;
  gboolean always_open; /* around the clock: open and book_ahead_us are not asked */
  gint64 book_ahead_us; /* a slot is booked at least this long before it starts */
  gint64 book_until_us; /* and at most this long */
  gint64 late_us;       /* how late a lawyer may come before the meeting counts as not held */
  gboolean review;      /* the desk confirms each booking */
  HjPolicySpan open[7][HJ_POLICY_MAX_SPANS]; /* 0: Monday */
  int n_open[7];
} HjPolicy;

HjPolicy *hj_policy_parse (const char *json, GError **error) G_GNUC_WARN_UNUSED_RESULT;
HjPolicy *hj_policy_read (const json_t *document, GError **error) G_GNUC_WARN_UNUSED_RESULT;
HjPolicy *hj_policy_get (
    HjStore *store, const char *centre, gint64 at_us, GError **error) G_GNUC_WARN_UNUSED_RESULT;
const char *hj_policy_get_default (void);
void hj_policy_free (HjPolicy *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HjPolicy, hj_policy_free)

G_END_DECLS
