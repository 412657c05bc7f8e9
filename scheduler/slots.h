/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "src/access/policy.h"
#include "src/base/types.h"

G_BEGIN_DECLS

#define HJ_SLOTS_MAX 500

/* A stretch of time that the centre offers, in whatever room. */
typedef struct
{
  gint64 starts_at_us;
  gint64 ends_at_us;
} HjSlotTime;

GArray *hj_slots_get_times (const HjPolicy *policy, GTimeZone *zone, gint64 from_us, gint64 to_us,
    gint64 now_us) G_GNUC_WARN_UNUSED_RESULT;

/* --- on the store's worker --- */

/* Whose free slots: those of a centre's rooms, at times when neither of the two is taken. */
typedef struct
{
  const char *centre;
  const char *lawyer;   /* (nullable) */
  const char *detainee; /* (nullable) */
  gint64 now_us;
} HjSlotsAsk;

json_t *hj_slots_list (HjStore *store, const HjSlotsAsk *ask, gint64 from_us, gint64 to_us,
    gboolean *ret_more, gint64 *ret_slot_us, GError **error) G_GNUC_WARN_UNUSED_RESULT;
json_t *hj_slots_list_nearest (HjStore *store, const HjSlotsAsk *ask, gint64 wanted_us, guint max,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean hj_slots_check_offered (HjStore *store, const char *centre, const char *room,
    gint64 starts_at_us, gint64 now_us, gint64 *ret_ends_at_us, GError **error);

G_END_DECLS
