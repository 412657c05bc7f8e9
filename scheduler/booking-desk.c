/* SPDX-License-Identifier: Apache-2.0 */
/* Books a slot, or takes a request without one. On the store's worker, inside the caller's transaction. Who gets a slot is
 * decided by the row in booking_slot, not here: whoever comes second is refused by the schema and offered the nearest others. */

#include "scheduler/booking-desk.h"

#include "scheduler/acts.h"
#include "scheduler/booking-view.h"
#include "scheduler/booking.h"
#include "scheduler/clock.h"
#include "scheduler/slots.h"
#include "src/access/policy.h"
#include "src/base/ids.h"
#include "src/base/json.h"
#include "src/eligibility/check.h"
#include "src/store/store.h"

#define N_ALTERNATIVES 5

static const char FIND_LAWYER[] = "SELECT lawyer FROM authority WHERE id = :id";
static const char FIND_CENTRE[] = "SELECT centre FROM room WHERE id = :room";
static const char FIND_ASKED[] = "SELECT id FROM booking WHERE lawyer = :lawyer AND"
                                 " authority = :authority AND state = 'ASKED' ORDER BY asked_at_us";
static const char INSERT_BOOKING[]
    = "INSERT INTO booking (id, state, authority, lawyer, detainee, centre, asked_at_us, asked_by)"
      " VALUES (:id, 'ASKED', :authority, :lawyer, :detainee, :centre, :at, :by)";
static const char SET_SLOT[]
    = "UPDATE booking SET room = :room, starts_at_us = :starts, ends_at_us = :ends,"
      " detainee = :detainee, centre = :centre WHERE id = :id";
static const char INSERT_SLOT[]
    = "INSERT INTO booking_slot (booking, room, starts_at_us, lawyer, detainee)"
      " VALUES (:id, :room, :starts, :lawyer, :detainee)";
static const char WHO_IS_TAKEN[]
    = "SELECT CASE WHEN EXISTS (SELECT 1 FROM booking_slot s JOIN booking b ON b.id = s.booking"
      " WHERE s.room = :room AND s.starts_at_us < :ends AND b.ends_at_us > :starts) THEN 'room'"
      " WHEN EXISTS (SELECT 1 FROM lawyer_taken t WHERE t.lawyer = :lawyer"
      " AND t.starts_at_us < :ends AND t.ends_at_us > :starts) THEN 'lawyer' ELSE 'detainee' END";

/* One request on its way through the rules. */
typedef struct
{
  HjStore *store;
  const HjBookingRequest *request;
  json_t *problem;
  HjFacts *facts;
  const char *centre; /* where the meeting is to be */
  gint64 ends_at_us;
} Desk;

/* Returns: (transfer full) (nullable): the first column of the first row; NULL without error when there is none. */
static char *
find_text (HjStore *store, const char *sql, const HjBind *binds, GError **error)
{
  g_autoptr (HjRows) rows = hj_store_query (store, sql, binds, error);

  return rows != NULL && hj_rows_next (rows, error) ? g_strdup (hj_rows_text (rows, 0)) : NULL;
}

/* Whether they may meet at the time that is asked for: a licence that is suspended from tomorrow does not serve for next week. */
static gboolean
check_eligible (Desk *desk, GError **error)
{
  gboolean allowed = FALSE;
  json_t *findings = hj_eligibility_check_facts (desk->store, desk->facts, &allowed, error);

  if (findings == NULL)
    return FALSE;
  if (allowed)
    {
      json_decref (findings);
      return TRUE;
    }
  json_object_set_new (desk->problem, "findings", findings);
  hj_refuse (error, HJ_REFUSAL_NOT_ELIGIBLE, "booking");
  return FALSE;
}

static gboolean
offer_alternatives (Desk *desk, GError **error)
{
  const HjSlotsAsk ask
      = { desk->centre, desk->facts->lawyer.id, desk->facts->detainee.id, desk->request->now_us };
  json_t *slots = hj_slots_list_nearest (
      desk->store, &ask, desk->request->starts_at_us, N_ALTERNATIVES, error);

  if (slots == NULL)
    return FALSE;
  json_object_set_new (desk->problem, "alternatives", slots);
  return TRUE;
}

/* Refuses for good: what is free nearby goes with it. */
static void
refuse_slot (Desk *desk, HjRefusal refusal, const char *why, GError **error)
{
  if (offer_alternatives (desk, error))
    hj_refuse (error, refusal, "%s", why);
}

static gboolean
check_offered (Desk *desk, GError **error)
{
  g_autoptr (GError) refusal = NULL;

  if (hj_slots_check_offered (desk->store, desk->centre, desk->request->room,
          desk->request->starts_at_us, desk->request->now_us, &desk->ends_at_us, &refusal))
    return TRUE;
  if (g_error_matches (refusal, HJ_REFUSAL, HJ_REFUSAL_SLOT_CLOSED))
    refuse_slot (desk, HJ_REFUSAL_SLOT_CLOSED, "slot", error);
  else
    g_propagate_error (error, g_steal_pointer (&refusal));
  return FALSE;
}

/* Says what is taken: the room, or one of the two people, who may be elsewhere at that time. */
static void
explain_taken (Desk *desk, GError **error)
{
  g_autoptr (GError) failure = NULL;
  g_autofree char *taken = find_text (desk->store, WHO_IS_TAKEN,
      HJ_BINDS (HJ_TEXT (":room", desk->request->room), HJ_TEXT (":lawyer", desk->facts->lawyer.id),
          HJ_INT (":starts", desk->request->starts_at_us), HJ_INT (":ends", desk->ends_at_us)),
      &failure);

  if (failure != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return;
    }
  json_object_set_new (desk->problem, "taken", json_string (taken));
  refuse_slot (desk, HJ_REFUSAL_SLOT_TAKEN, taken, error);
}

/* Takes the slot for the booking, or learns that somebody has it. */
static gboolean
take_slot (Desk *desk, const char *booking, GError **error)
{
  g_autoptr (GError) failure = NULL;
  const HjBookingRequest *request = desk->request;

  if (!hj_store_run (desk->store, SET_SLOT,
          HJ_BINDS (HJ_TEXT (":room", request->room), HJ_INT (":starts", request->starts_at_us),
              HJ_INT (":ends", desk->ends_at_us), HJ_TEXT (":detainee", desk->facts->detainee.id),
              HJ_TEXT (":centre", desk->centre), HJ_TEXT (":id", booking)),
          error))
    return FALSE;
  if (hj_store_run (desk->store, INSERT_SLOT,
          HJ_BINDS (HJ_TEXT (":id", booking), HJ_TEXT (":room", request->room),
              HJ_INT (":starts", request->starts_at_us),
              HJ_TEXT (":lawyer", desk->facts->lawyer.id),
              HJ_TEXT (":detainee", desk->facts->detainee.id)),
          &failure))
    return TRUE;
  /* UNIQUE: the same start; RULE: the trigger, an overlap. */
  if (g_error_matches (failure, HJ_STORE_ERROR, HJ_STORE_ERROR_TAKEN)
      || g_error_matches (failure, HJ_STORE_ERROR, HJ_STORE_ERROR_RULE))
    explain_taken (desk, error);
  else
    g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

static gboolean
confirm (Desk *desk, const char *booking, GError **error)
{
  g_autoptr (HjPolicy) policy
      = hj_policy_get (desk->store, desk->centre, desk->request->now_us, error);

  return policy != NULL
         && hj_booking_move (desk->store, booking,
             policy->review ? HJ_BOOKING_REVIEW : HJ_BOOKING_CONFIRMED, error);
}

/* A new request: the statutory clock starts in the same transaction. */
static gboolean
open_request (Desk *desk, const char *id, GError **error)
{
  const HjBookingRequest *request = desk->request;

  return hj_store_run (desk->store, INSERT_BOOKING,
             HJ_BINDS (HJ_TEXT (":id", id), HJ_TEXT (":authority", request->authority),
                 HJ_TEXT (":lawyer", desk->facts->lawyer.id),
                 HJ_TEXT (":detainee", desk->facts->detainee.id), HJ_TEXT (":centre", desk->centre),
                 HJ_INT (":at", request->now_us), HJ_TEXT (":by", request->account)),
             error)
         && hj_clock_start (desk->store, id, request->now_us, error);
}

/* The request that the caller names must be one under the same authority that still waits for a slot. */
static gboolean
check_named (Desk *desk, GError **error)
{
  g_autoptr (HjBooking) booking = NULL;

  if (desk->request->booking == NULL)
    return TRUE;
  booking = hj_booking_load (desk->store, desk->request->booking, error);
  if (booking == NULL)
    return FALSE;
  if (g_strcmp0 (booking->authority, desk->request->authority) != 0)
    {
      hj_refuse (error, HJ_REFUSAL_NOT_FOUND, "booking");
      return FALSE;
    }
  if (desk->request->room != NULL
      && hj_booking_state_from_word (booking->state) == HJ_BOOKING_ASKED)
    return TRUE;
  hj_refuse (error, HJ_REFUSAL_STATE, "booking is %s", booking->state);
  return FALSE;
}

/* Finds the request that waits under this authority, or opens one. A waiting request gets the slot whether it is named or not:
 * else its clock would run on beside a meeting that answers it.
 * Returns: (transfer full) (nullable). */
static char *
find_or_open (Desk *desk, GError **error)
{
  g_autoptr (GError) failure = NULL;
  g_autofree char *id = find_text (desk->store, FIND_ASKED,
      HJ_BINDS (HJ_TEXT (":lawyer", desk->facts->lawyer.id),
          HJ_TEXT (":authority", desk->request->authority)),
      &failure);

  if (failure != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return NULL;
    }
  if (id != NULL && desk->request->room != NULL)
    return g_steal_pointer (&id);
  if (id != NULL)
    {
      hj_refuse (error, HJ_REFUSAL_EXISTS, "booking");
      return NULL;
    }
  id = hj_id_new ();
  return open_request (desk, id, error) ? g_steal_pointer (&id) : NULL;
}

static char *
book (Desk *desk, GError **error)
{
  gboolean with_slot = desk->request->room != NULL;
  g_autofree char *id = NULL;

  if (!check_named (desk, error) || !check_eligible (desk, error)
      || (with_slot && !check_offered (desk, error)))
    return NULL;
  id = find_or_open (desk, error);
  if (id == NULL || (with_slot && (!take_slot (desk, id, error) || !confirm (desk, id, error))))
    return NULL;
  return g_steal_pointer (&id);
}

/* Books. ret_problem: (inout): an object that gets the members that explain a refusal: findings, alternatives, taken. Whose
 * authority it is has been asked by the caller. The caller rolls back after a refusal.
 * Returns: (transfer full) (nullable): the booking's id; NULL with HJ_REFUSAL_NOT_FOUND, NOT_ELIGIBLE, SLOT_CLOSED, SLOT_TAKEN,
 * STATE (the named request has a slot already) or EXISTS (a request without a slot waits already). */
char *
hj_booking_desk_book (
    HjStore *store, const HjBookingRequest *request, json_t *ret_problem, GError **error)
{
  g_autoptr (GError) failure = NULL;
  g_autofree char *centre = NULL;
  g_autoptr (HjFacts) facts = NULL;
  gint64 at_us
      = request->room != NULL ? MAX (request->now_us, request->starts_at_us) : request->now_us;
  Desk desk = { .store = store, .request = request, .problem = ret_problem };

  if (request->room != NULL)
    centre = find_text (store, FIND_CENTRE, HJ_BINDS (HJ_TEXT (":room", request->room)), &failure);
  if (failure != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return NULL;
    }
  if (request->room != NULL && centre == NULL)
    {
      hj_refuse (error, HJ_REFUSAL_SLOT_CLOSED, "no such room");
      return NULL;
    }
  facts = hj_facts_load (store, request->authority, centre, at_us, error);
  if (facts == NULL)
    return NULL;
  desk.facts = facts;
  desk.centre = centre != NULL ? centre : facts->detainee.centre;
  return book (&desk, error);
}

static gboolean
read_request (HjAct *act, HjBookingRequest *ret, GError **error)
{
  json_t *slot = json_object_get (act->input, "slot");

  *ret = (HjBookingRequest){ .account = hj_actor_get_id (act->actor), .now_us = act->now_us };
  if (!hj_json_read_id (act->input, "authority", &ret->authority, error))
    return FALSE;
  if (json_object_get (act->input, "booking") != NULL
      && !json_is_null (json_object_get (act->input, "booking"))
      && !hj_json_read_id (act->input, "booking", &ret->booking, error))
    return FALSE;
  /* "slot": null asks without one; a slot that was forgotten is not meant so. */
  if (slot != NULL && json_is_null (slot))
    return TRUE;
  return hj_json_read_object (act->input, "slot", &slot, error)
         && hj_json_read_id (slot, "room", &ret->room, error)
         && hj_json_read_int (slot, "starts_at_us", 0, HJ_MOMENT_MAX_US, &ret->starts_at_us, error);
}

static gboolean
check_own (HjAct *act, const char *authority, GError **error)
{
  g_autoptr (GError) failure = NULL;
  g_autofree char *lawyer
      = find_text (act->store, FIND_LAWYER, HJ_BINDS (HJ_TEXT (":id", authority)), &failure);

  if (failure != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  if (lawyer != NULL)
    return hj_access_check (act->actor, "book", &(HjSubject){ .lawyer = lawyer }, error);
  hj_refuse (error, HJ_REFUSAL_NOT_FOUND, "authority");
  return FALSE;
}

/* Act book. Input {authority, slot:{room, starts_at_us} or null, booking?}: booking names a request without a slot; answer
 * Booking. */
static json_t *
act_book (HjAct *act, GError **error)
{
  HjBookingRequest request;
  g_autoptr (json_t) problem = json_object ();
  g_autofree char *id = NULL;

  if (!read_request (act, &request, error))
    return NULL;
  hj_act_about (act, "authority", request.authority);
  if (!check_own (act, request.authority, error))
    return NULL;
  if (request.room != NULL)
    {
      hj_act_note (act, "room", json_string (request.room));
      hj_act_note (act, "starts_at_us", json_integer (request.starts_at_us));
    }
  id = hj_booking_desk_book (act->store, &request, problem, error);
  if (id != NULL)
    {
      hj_act_about (act, "booking", id);
      hj_act_about_booking (act, id);
      return hj_booking_view (act->store, act->actor, id, act->now_us, error);
    }
  if (json_object_size (problem) > 0)
    act->problem = g_steal_pointer (&problem);
  return NULL;
}

const HjActKind hj_act_book = { .name = "book", .flags = HJ_ACT_WRITES, .run = act_book };
