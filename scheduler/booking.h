/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "src/base/types.h"

G_BEGIN_DECLS

/* How long before its start a booking may be joined, and is announced to the kiosk. */
#define HJ_BOOKING_JOIN_AHEAD_US G_GINT64_CONSTANT (3600000000)

/* docs/states.md */
typedef enum
{
  HJ_BOOKING_ASKED,      /* no slot yet: the clock runs */
  HJ_BOOKING_REVIEW,     /* has a slot, the centre confirms */
  HJ_BOOKING_CONFIRMED,  /* has a slot */
  HJ_BOOKING_CHECKED_IN, /* the desk has brought the detainee */
  HJ_BOOKING_HELD,
  HJ_BOOKING_NOT_HELD,
  HJ_BOOKING_CANCELLED,
  HJ_BOOKING_N_STATES
} HjBookingState;

const char *hj_booking_state_word (HjBookingState state);
HjBookingState hj_booking_state_from_word (const char *word);
gboolean hj_booking_may_become (HjBookingState from, HjBookingState to);

/* What a meeting needs to know of its booking. Times are -1 when there is no slot. */
typedef struct
{
  char *id, *authority;
  char *lawyer, *lawyer_name, *firm;
  char *detainee, *detainee_name, *detainee_code;
  char *centre;
  char *room;  /* (nullable): no slot yet */
  char *kiosk; /* (nullable): the approved kiosk of the room */
  gint64 starts_at_us, ends_at_us;
  char *state;
  gint64 asked_at_us;
  gint64 checked_in_at_us; /* -1: not yet */
} HjBooking;

/* --- on the store's worker, inside the caller's transaction where they write --- */

HjBooking *
hj_booking_load (HjStore *store, const char *id, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void hj_booking_free (HjBooking *self);
gboolean hj_booking_is_open_for_join (const HjBooking *self, gint64 now_us);
json_t *hj_booking_next_for_kiosk (
    HjStore *store, const char *kiosk, gint64 now_us, GError **error) G_GNUC_WARN_UNUSED_RESULT;

gboolean hj_booking_move (HjStore *store, const char *booking, HjBookingState to, GError **error);
gboolean
hj_booking_close (HjStore *store, const char *booking, gboolean held, gint64 at_us, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HjBooking, hj_booking_free)

G_END_DECLS
