/* SPDX-License-Identifier: Apache-2.0 */
/* A booking as its lawyer and its desk see it, and the lists of them. On the store's worker. The shape is Booking in
 * docs/protocol.md section 2. */

#include "scheduler/booking-view.h"

#include "scheduler/acts.h"
#include "scheduler/booking.h"
#include "scheduler/check-in.h"
#include "scheduler/participants.h"
#include "src/base/json.h"
#include "src/base/time.h"
#include "src/store/store.h"

#define MAX_RANGE_US (366 * HJ_DAY_US)
/* What a list shows when it is not asked for a range. */
#define LAWYER_PAST_US (180 * HJ_DAY_US)
#define CENTRE_PAST_US HJ_DAY_US
#define FUTURE_US (31 * HJ_DAY_US)

#define SELECT_BOOKING                                                                             \
  "SELECT b.id AS \"id\", b.state AS \"state\", b.authority AS \"authority\","                     \
  " l.id AS \"lawyer.id\", l.name AS \"lawyer.name\", l.licence AS \"lawyer.licence\","            \
  " f.name AS \"lawyer.firm\", d.id AS \"detainee.id\", p.name AS \"detainee.name\","              \
  " d.code AS \"detainee.code\", c.id AS \"centre.id\", c.name_zh AS \"centre.name.zh\","          \
  " c.name_en AS \"centre.name.en\", r.id AS \"room.id\", r.name_zh AS \"room.name.zh\","          \
  " r.name_en AS \"room.name.en\", b.starts_at_us AS \"starts_at_us\","                            \
  " b.ends_at_us AS \"ends_at_us\", b.asked_at_us AS \"asked_at_us\","                             \
  " k.state AS \"clock.state\", k.started_at_us AS \"clock.started_at_us\","                       \
  " k.due_at_us AS \"clock.due_at_us\", k.met_at_us AS \"clock.met_at_us\","                       \
  " b.checked_in_at_us AS \"checked_in_at_us\", b.device_check AS \"device_check\","               \
  " b.cancelled_by AS \"cancelled_by\", b.cancel_reason AS \"cancel_reason\","                     \
  " m.id AS \"meeting.id\", m.state AS \"meeting.state\","                                         \
  " m.admitted_at_us AS \"meeting.admitted_at_us\", m.ended_at_us AS \"meeting.ended_at_us\","     \
  " m.end_reason AS \"meeting.end_reason\", m.ended_by AS \"meeting.ended_by\""                    \
  " FROM booking b JOIN lawyer l ON l.id = b.lawyer JOIN firm f ON f.id = l.firm"                  \
  " JOIN detainee d ON d.id = b.detainee JOIN person p ON p.id = d.person"                         \
  " JOIN centre c ON c.id = b.centre LEFT JOIN room r ON r.id = b.room"                            \
  " LEFT JOIN clock k ON k.booking = b.id AND k.kind = 'meeting-48h'"                              \
  " LEFT JOIN meeting m ON m.booking = b.id"

/* A request without a slot belongs to every list until it has one or is cancelled. */
#define IN_RANGE                                                                                   \
  " AND (b.state = 'ASKED' OR (COALESCE (b.ends_at_us, b.asked_at_us) > :from"                     \
  " AND COALESCE (b.starts_at_us, b.asked_at_us) < :to))"                                          \
  " ORDER BY COALESCE (b.starts_at_us, b.asked_at_us), b.id"

static const char FIND[] = SELECT_BOOKING " WHERE b.id = :id";
static const char LIST_OF_LAWYER[]
    = SELECT_BOOKING " WHERE b.id IN (SELECT id FROM booking WHERE lawyer = :id UNION ALL"
                     " SELECT booking FROM booking_participant WHERE lawyer = :id)" IN_RANGE;
static const char LIST_OF_CENTRE[] = SELECT_BOOKING " WHERE b.centre = :id" IN_RANGE;
static const char FIND_NEXT[] = SELECT_BOOKING
    " WHERE b.id IN (SELECT id FROM booking WHERE lawyer = :lawyer AND authority = :authority UNION"
    " ALL SELECT booking FROM booking_participant WHERE lawyer = :lawyer AND authority ="
    " :authority) AND (b.state = 'ASKED' OR (b.state IN"
    " ('REVIEW', 'CONFIRMED', 'CHECKED_IN') AND b.ends_at_us > :now))"
    " ORDER BY b.state = 'ASKED', b.starts_at_us LIMIT 1";
static const char LIST_PARTICIPANTS[]
    = "SELECT l.id AS \"lawyer.id\", l.name AS \"lawyer.name\", l.licence AS \"lawyer.licence\","
      " f.name AS \"lawyer.firm\", p.added_at_us AS \"added_at_us\", p.authority AS \"authority\""
      " FROM booking_participant p JOIN lawyer l ON l.id = p.lawyer JOIN firm f ON f.id = l.firm"
      " WHERE p.booking = :booking ORDER BY p.added_at_us";
static const char LIST_CENTRES[] = "SELECT id FROM centre ORDER BY code";

static const char *
text_of (const json_t *object, const char *key)
{
  return json_string_value (json_object_get (object, key));
}

static gboolean
meeting_is (const json_t *booking, const char *first, const char *second, const char *third)
{
  const char *state = text_of (json_object_get (booking, "meeting"), "state");

  return state != NULL
         && (g_strcmp0 (state, first) == 0 || g_strcmp0 (state, second) == 0
             || g_strcmp0 (state, third) == 0);
}

static gboolean
time_has_come (const json_t *booking, gint64 now_us)
{
  const HjBooking known = {
    .state = (char *)text_of (booking, "state"),
    .starts_at_us = json_integer_value (json_object_get (booking, "starts_at_us")),
    .ends_at_us = json_integer_value (json_object_get (booking, "ends_at_us")),
  };

  return hj_booking_is_open_for_join (&known, now_us);
}

/* Whether it is this lawyer's booking. Everybody who is no lawyer sees all of what they see. */
static gboolean
is_own (const json_t *booking, const HjActor *actor)
{
  return hj_actor_get_role (actor) != HJ_ROLE_LAWYER
         || g_strcmp0 (
                text_of (json_object_get (booking, "lawyer"), "id"), hj_actor_get_lawyer (actor))
                == 0;
}

/* Returns: (transfer none) (nullable): the row of the actor's own participation. */
static json_t *
find_participation (const json_t *participants, const HjActor *actor)
{
  const char *lawyer = hj_actor_get_lawyer (actor);
  json_t *participant;
  gsize i;

  json_array_foreach (participants, i, participant)
  {
    if (lawyer != NULL
        && g_strcmp0 (text_of (json_object_get (participant, "lawyer"), "id"), lawyer) == 0)
      return participant;
  }
  return NULL;
}

/* What a lawyer can do about who takes part. */
static void
add_possible_changes (const json_t *booking, const HjActor *actor, gint64 now_us, json_t *can)
{
  const json_t *participants = json_object_get (booking, "participants");
  gboolean has_one = json_array_size (participants) > 0;
  HjBookingState state = hj_booking_state_from_word (text_of (booking, "state"));

  if (!hj_participants_may_change (state))
    return;
  if (hj_access_may (hj_actor_get_role (actor), "add-participant") && is_own (booking, actor)
      && !has_one && now_us < json_integer_value (json_object_get (booking, "ends_at_us")))
    json_array_append_new (can, json_string ("add-participant"));
  if (hj_access_may (hj_actor_get_role (actor), "remove-participant") && has_one
      && (is_own (booking, actor) || find_participation (participants, actor) != NULL))
    json_array_append_new (can, json_string ("remove-participant"));
}

/* What the actor can do with it now, so that a page shows no button that is refused. A participant joins and leaves; the
 * booking's lawyer, the desk and the kiosk end (docs/adr/0012). */
static json_t *
list_possible (const json_t *booking, const HjActor *actor, gint64 now_us)
{
  gboolean own = is_own (booking, actor);
  gboolean takes_part
      = find_participation (json_object_get (booking, "participants"), actor) != NULL;
  HjBookingState state = hj_booking_state_from_word (text_of (booking, "state"));
  HjRole role = hj_actor_get_role (actor);
  gint64 starts = json_integer_value (json_object_get (booking, "starts_at_us"));
  gint64 ends = json_integer_value (json_object_get (booking, "ends_at_us"));
  json_t *can = json_array ();

  if (hj_access_may (role, "join") && (own || takes_part) && time_has_come (booking, now_us))
    json_array_append_new (can, json_string ("join"));
  if (hj_access_may (role, "cancel") && own && hj_booking_may_become (state, HJ_BOOKING_CANCELLED)
      && !meeting_is (booking, "live", "cut_off", NULL))
    json_array_append_new (can, json_string ("cancel"));
  if (hj_access_may (role, "confirm") && state == HJ_BOOKING_REVIEW && now_us < ends)
    json_array_append_new (can, json_string ("confirm"));
  if (hj_access_may (role, "check-in") && state == HJ_BOOKING_CONFIRMED
      && hj_check_in_is_open (starts, ends, now_us))
    json_array_append_new (can, json_string ("check-in"));
  if (hj_access_may (role, "end") && own && meeting_is (booking, "waiting", "live", "cut_off"))
    json_array_append_new (can, json_string ("end"));
  add_possible_changes (booking, actor, now_us, can);
  return can;
}

/* Which authority a colleague acts under is theirs to know: a participant sees the own one instead of the booking's, and no
 * device check of somebody else's machine. */
static gboolean
add_participants (json_t *booking, HjStore *store, const HjActor *actor, GError **error)
{
  g_autoptr (json_t) participants = hj_store_query_json (
      store, LIST_PARTICIPANTS, HJ_BINDS (HJ_TEXT (":booking", text_of (booking, "id"))), error);
  const json_t *own = NULL;
  json_t *participant;
  gsize i;

  if (participants == NULL)
    return FALSE;
  own = find_participation (participants, actor);
  if (own != NULL)
    {
      json_object_set (booking, "authority", json_object_get (own, "authority"));
      json_object_set_new (booking, "device_check", json_null ());
    }
  json_array_foreach (participants, i, participant) json_object_del (participant, "authority");
  json_object_set (booking, "participants", participants);
  return TRUE;
}

/* The members that are not columns. */
static gboolean
finish (json_t *booking, HjStore *store, const HjActor *actor, gint64 now_us, GError **error)
{
  const char *check = text_of (booking, "device_check");
  json_t *by = json_object_get (booking, "cancelled_by");
  json_t *reason = json_object_get (booking, "cancel_reason");

  if (check != NULL)
    json_object_set_new (booking, "device_check", json_loads (check, 0, NULL));
  json_object_set_new (booking, "cancelled",
      json_is_null (by) ? json_null () : json_pack ("{s:O, s:O}", "by", by, "reason", reason));
  json_object_del (booking, "cancelled_by");
  json_object_del (booking, "cancel_reason");
  if (!add_participants (booking, store, actor, error))
    return FALSE;
  json_object_set_new (booking, "can", list_possible (booking, actor, now_us));
  return TRUE;
}

/* Returns: (transfer full) (nullable): Booking as this actor sees it; the caller has asked hj_access_check(). */
json_t *
hj_booking_view (
    HjStore *store, const HjActor *actor, const char *booking, gint64 now_us, GError **error)
{
  g_autoptr (json_t) view
      = hj_store_query_one (store, FIND, HJ_BINDS (HJ_TEXT (":id", booking)), error);

  if (view == NULL || !finish (view, store, actor, now_us, error))
    return NULL;
  return g_steal_pointer (&view);
}

/* Returns: (transfer full) (nullable): the next Booking under an authority of the actor's own, also one to take part in; one
 * with a slot before one that is only asked for; JSON null when there is none. */
json_t *
hj_booking_view_next (
    HjStore *store, const HjActor *actor, const char *authority, gint64 now_us, GError **error)
{
  g_autoptr (json_t) rows = hj_store_query_json (store, FIND_NEXT,
      HJ_BINDS (HJ_TEXT (":lawyer", hj_actor_get_lawyer (actor)), HJ_TEXT (":authority", authority),
          HJ_INT (":now", now_us)),
      error);
  json_t *next;

  if (rows == NULL)
    return NULL;
  if (json_array_size (rows) == 0)
    return json_null ();
  next = json_array_get (rows, 0);
  return finish (next, store, actor, now_us, error) ? json_incref (next) : NULL;
}

/* The centres that an actor sees. centre: (nullable): only this one.
 * Returns: (transfer full) (nullable): an array of ids; NULL with HJ_REFUSAL_NOT_FOUND when centre is not the actor's. */
json_t *
hj_centres_of (HjStore *store, const HjActor *actor, const char *centre, GError **error)
{
  g_autoptr (json_t) rows = NULL;
  json_t *centres = NULL;
  json_t *row;
  gsize i;

  if (centre != NULL && !hj_actor_has_centre (actor, centre))
    {
      hj_refuse (error, HJ_REFUSAL_NOT_FOUND, "centre");
      return NULL;
    }
  if (centre != NULL)
    return json_pack ("[s]", centre);
  rows = hj_store_query_json (store, LIST_CENTRES, HJ_NO_BINDS, error);
  if (rows == NULL)
    return NULL;
  centres = json_array ();
  json_array_foreach (rows, i, row)
  {
    if (hj_actor_has_centre (actor, text_of (row, "id")))
      json_array_append (centres, json_object_get (row, "id"));
  }
  return centres;
}

static gboolean
add_list (HjAct *act, const char *sql, const char *id, gint64 from, gint64 to, json_t *all,
    GError **error)
{
  g_autoptr (json_t) bookings = hj_store_query_json (act->store, sql,
      HJ_BINDS (HJ_TEXT (":id", id), HJ_INT (":from", from), HJ_INT (":to", to)), error);
  json_t *booking;
  gsize i;

  if (bookings == NULL)
    return FALSE;
  json_array_foreach (bookings, i, booking)
  {
    if (!finish (booking, act->store, act->actor, act->now_us, error))
      return FALSE;
  }
  json_array_extend (all, bookings);
  return TRUE;
}

static gboolean
add_centres (HjAct *act, const char *centre, gint64 from, gint64 to, json_t *all, GError **error)
{
  g_autoptr (json_t) centres = hj_centres_of (act->store, act->actor, centre, error);
  json_t *id;
  gsize i;

  if (centres == NULL)
    return FALSE;
  json_array_foreach (centres, i, id)
  {
    if (!add_list (act, LIST_OF_CENTRE, json_string_value (id), from, to, all, error))
      return FALSE;
  }
  return TRUE;
}

/* Act list-bookings. Input {from_us?, to_us?, centre?}, at most 366 days; answer {bookings:[Booking]} by start: a lawyer's own
 * and those that the lawyer takes part in, otherwise those of the actor's centres. */
static json_t *
list_bookings (HjAct *act, GError **error)
{
  gboolean own = hj_actor_get_role (act->actor) == HJ_ROLE_LAWYER;
  gint64 from = act->now_us - (own ? LAWYER_PAST_US : CENTRE_PAST_US);
  gint64 to = 0;
  const char *centre = NULL;
  g_autoptr (json_t) all = json_array ();
  gboolean ok;

  if (!hj_json_read_optional_int (act->input, "from_us", 0, HJ_MOMENT_MAX_US, &from, error))
    return NULL;
  to = MAX (from, act->now_us) + FUTURE_US;
  if (!hj_json_read_optional_int (act->input, "to_us", from, from + MAX_RANGE_US, &to, error)
      || !hj_json_read_optional_string (act->input, "centre", 64, &centre, error))
    return NULL;
  ok = own ? add_list (act, LIST_OF_LAWYER, hj_actor_get_lawyer (act->actor), from, to, all, error)
           : add_centres (act, centre, from, to, all, error);
  return ok ? json_pack ("{s:O}", "bookings", all) : NULL;
}

const HjActKind hj_act_list_bookings = {
  .name = "list-bookings",
  .flags = HJ_ACT_LOOKS,
  .run = list_bookings,
};

/* Act show-booking. Input {booking}; answer Booking. */
static json_t *
show_booking (HjAct *act, GError **error)
{
  const char *id = NULL;
  g_autoptr (HjBooking) booking = NULL;

  if (!hj_json_read_id (act->input, "booking", &id, error))
    return NULL;
  booking = hj_booking_load (act->store, id, error);
  if (booking == NULL || !hj_booking_check_access (act, booking, "show-booking", NULL, error))
    return NULL;
  hj_act_about_booking (act, id);
  return hj_booking_view (act->store, act->actor, id, act->now_us, error);
}

const HjActKind hj_act_show_booking = {
  .name = "show-booking",
  .flags = HJ_ACT_LOOKS,
  .run = show_booking,
};
