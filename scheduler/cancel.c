/* SPDX-License-Identifier: Apache-2.0 */
/* A lawyer or the desk cancels a booking that has not become a live meeting. On the store's worker. When the lawyer withdraws
 * the request the statutory clock stops; when the centre cancels it goes on, because the centre still owes the meeting
 * (docs/states.md). */

#include "scheduler/acts.h"
#include "scheduler/booking-view.h"
#include "scheduler/booking.h"
#include "scheduler/clock.h"
#include "src/base/json.h"
#include "src/store/store.h"

#define MAX_REASON 300

static const char IS_LIVE[] = "SELECT count (*) FROM meeting WHERE booking = :id"
                              " AND state IN ('live', 'cut_off')";
static const char SET_CANCELLED[]
    = "UPDATE booking SET cancelled_by = :by, cancel_reason = :reason WHERE id = :id";

/* A meeting that has begun is ended, not cancelled. */
static gboolean
check_not_live (HjAct *act, const char *booking, GError **error)
{
  gint64 live = 0;

  if (!hj_store_query_int (act->store, IS_LIVE, HJ_BINDS (HJ_TEXT (":id", booking)), &live, error))
    return FALSE;
  if (live > 0)
    hj_refuse (error, HJ_REFUSAL_STATE, "meeting is live");
  return live == 0;
}

static gboolean
write_cancel (HjAct *act, const char *booking, const char *reason, GError **error)
{
  HjRole role = hj_actor_get_role (act->actor);

  return hj_booking_move (act->store, booking, HJ_BOOKING_CANCELLED, error)
         && hj_store_run (act->store, SET_CANCELLED,
             HJ_BINDS (HJ_TEXT (":by", hj_role_word (role)), HJ_TEXT (":reason", reason),
                 HJ_TEXT (":id", booking)),
             error)
         && (role != HJ_ROLE_LAWYER
             || hj_clock_stop (act->store, booking, act->now_us, "withdrawn", error));
}

/* Act cancel. Input {booking, reason}; answer Booking. */
static json_t *
cancel (HjAct *act, GError **error)
{
  const char *id = NULL;
  const char *reason = NULL;
  g_autoptr (HjBooking) booking = NULL;

  if (!hj_json_read_id (act->input, "booking", &id, error)
      || !hj_json_read_string (act->input, "reason", MAX_REASON, &reason, error))
    return NULL;
  booking = hj_booking_load (act->store, id, error);
  if (booking == NULL
      || !hj_access_check (act->actor, "cancel",
          &(HjSubject){ .lawyer = booking->lawyer, .centre = booking->centre }, error))
    return NULL;
  hj_act_about_booking (act, id);
  if (!check_not_live (act, id, error) || !write_cancel (act, id, reason, error))
    return NULL;
  hj_act_note (act, "was", json_string (booking->state));
  return hj_booking_view (act->store, act->actor, id, act->now_us, error);
}

const HjActKind hj_act_cancel = { .name = "cancel", .flags = HJ_ACT_WRITES, .run = cancel };
