/* SPDX-License-Identifier: Apache-2.0 */
/* The desk checks a detainee in: identity confirmed, when taken out and arrived (the custody leg), and eligibility once more,
 * since records change between booking and meeting. On the store's worker. */

#include "scheduler/check-in.h"

#include "scheduler/acts.h"
#include "scheduler/booking-view.h"
#include "scheduler/booking.h"
#include "src/base/json.h"
#include "src/base/time.h"
#include "src/eligibility/check.h"
#include "src/store/store.h"

#define AHEAD_US HJ_HOUR_US
/* The desk's watch and ours may differ. */
#define SKEW_US (5 * HJ_MINUTE_US)

static const char SET_CHECKED_IN[]
    = "UPDATE booking SET checked_in_at_us = :at, checked_in_by = :by,"
      " taken_out_at_us = :taken_out, arrived_at_us = :arrived WHERE id = :id";

/* From an hour before the start until the end. */
gboolean
hj_check_in_is_open (gint64 starts_at_us, gint64 ends_at_us, gint64 now_us)
{
  return now_us >= starts_at_us - AHEAD_US && now_us < ends_at_us;
}

typedef struct
{
  const char *booking;
  gint64 taken_out_at_us; /* -1: not said */
  gint64 arrived_at_us;   /* -1: not said */
} Request;

static gboolean
read_request (HjAct *act, Request *ret, GError **error)
{
  gint64 from = act->now_us - HJ_DAY_US;
  gint64 to = act->now_us + SKEW_US;
  gboolean confirmed = FALSE;

  *ret = (Request){ NULL, -1, -1 };
  if (!hj_json_read_id (act->input, "booking", &ret->booking, error)
      || !hj_json_read_bool (act->input, "identity_confirmed", &confirmed, error)
      || !hj_json_read_optional_int (
          act->input, "taken_out_at_us", from, to, &ret->taken_out_at_us, error)
      || !hj_json_read_optional_int (act->input, "arrived_at_us", MAX (from, ret->taken_out_at_us),
          to, &ret->arrived_at_us, error))
    return FALSE;
  if (!confirmed)
    hj_refuse (error, HJ_REFUSAL_INVALID, "identity_confirmed");
  return confirmed;
}

/* The booking must be confirmed and its time near. */
static gboolean
check_state (HjAct *act, const HjBooking *booking, GError **error)
{
  if (hj_booking_state_from_word (booking->state) != HJ_BOOKING_CONFIRMED)
    {
      hj_refuse (error, HJ_REFUSAL_STATE, "booking is %s", booking->state);
      return FALSE;
    }
  if (hj_check_in_is_open (booking->starts_at_us, booking->ends_at_us, act->now_us))
    return TRUE;
  hj_act_explain (act, "from_us", json_integer (booking->starts_at_us - AHEAD_US));
  hj_act_explain (act, "to_us", json_integer (booking->ends_at_us));
  hj_refuse (error, HJ_REFUSAL_STATE, "check-in is not open");
  return FALSE;
}

static gboolean
write_check_in (HjAct *act, const Request *request, GError **error)
{
  HjBind taken_out = request->taken_out_at_us >= 0 ? HJ_INT (":taken_out", request->taken_out_at_us)
                                                   : HJ_NULL (":taken_out");
  HjBind arrived = request->arrived_at_us >= 0 ? HJ_INT (":arrived", request->arrived_at_us)
                                               : HJ_NULL (":arrived");

  return hj_booking_move (act->store, request->booking, HJ_BOOKING_CHECKED_IN, error)
         && hj_store_run (act->store, SET_CHECKED_IN,
             HJ_BINDS (HJ_INT (":at", act->now_us), HJ_TEXT (":by", hj_actor_get_id (act->actor)),
                 taken_out, arrived, HJ_TEXT (":id", request->booking)),
             error);
}

/* Act check-in. Input {booking, identity_confirmed:true, taken_out_at_us?, arrived_at_us?}; answer Booking. */
static json_t *
check_in (HjAct *act, GError **error)
{
  Request request;
  g_autoptr (HjBooking) booking = NULL;

  if (!read_request (act, &request, error))
    return NULL;
  booking = hj_booking_load (act->store, request.booking, error);
  if (booking == NULL
      || !hj_access_check (
          act->actor, "check-in", &(HjSubject){ .centre = booking->centre }, error))
    return NULL;
  hj_act_about_booking (act, request.booking);
  if (!check_state (act, booking, error)
      || !hj_eligibility_require (act, booking->authority, booking->centre, error)
      || !write_check_in (act, &request, error))
    return NULL;
  if (request.taken_out_at_us >= 0)
    hj_act_note (act, "taken_out_at_us", json_integer (request.taken_out_at_us));
  if (request.arrived_at_us >= 0)
    hj_act_note (act, "arrived_at_us", json_integer (request.arrived_at_us));
  return hj_booking_view (act->store, act->actor, request.booking, act->now_us, error);
}

const HjActKind hj_act_check_in = { .name = "check-in", .flags = HJ_ACT_WRITES, .run = check_in };
