/* SPDX-License-Identifier: Apache-2.0 */
/* The desk confirms a booking that its centre reviews (policy `review`). On the store's worker. It has its slot already; a
 * desk that cannot take it cancels it, with a reason. */

#include "scheduler/acts.h"
#include "scheduler/booking-view.h"
#include "scheduler/booking.h"
#include "src/base/json.h"

/* Only REVIEW: a request without a slot has nothing to confirm, though the table lets it become CONFIRMED by getting one. */
static gboolean
check_reviewed (const HjBooking *booking, gint64 now_us, GError **error)
{
  if (hj_booking_state_from_word (booking->state) == HJ_BOOKING_REVIEW
      && now_us < booking->ends_at_us)
    return TRUE;
  hj_refuse (error, HJ_REFUSAL_STATE, "booking is %s", booking->state);
  return FALSE;
}

/* Act confirm. Input {booking}; answer Booking. */
static json_t *
confirm (HjAct *act, GError **error)
{
  const char *id = NULL;
  g_autoptr (HjBooking) booking = NULL;

  if (!hj_json_read_id (act->input, "booking", &id, error))
    return NULL;
  booking = hj_booking_load (act->store, id, error);
  if (booking == NULL
      || !hj_access_check (act->actor, "confirm", &(HjSubject){ .centre = booking->centre }, error))
    return NULL;
  hj_act_about_booking (act, id);
  if (!check_reviewed (booking, act->now_us, error)
      || !hj_booking_move (act->store, id, HJ_BOOKING_CONFIRMED, error))
    return NULL;
  return hj_booking_view (act->store, act->actor, id, act->now_us, error);
}

const HjActKind hj_act_confirm = { .name = "confirm", .flags = HJ_ACT_WRITES, .run = confirm };
