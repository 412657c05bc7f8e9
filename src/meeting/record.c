/* SPDX-License-Identifier: Apache-2.0 */
/* Who met whom, when and how long: meetings as the supervisor, the desk and the administrator see them. Metadata only
 * (docs/threats.md). On the store's worker. */

#include "src/audit/log.h"
#include "src/base/json.h"
#include "src/base/time.h"
#include "src/meeting/acts.h"

#define MEETING_COLUMNS                                                                            \
  "SELECT m.id AS \"id\", m.booking AS \"booking\", m.state AS \"state\", c.id AS \"centre.id\","  \
  " c.name_zh AS \"centre.name.zh\", c.name_en AS \"centre.name.en\", r.id AS \"room.id\","        \
  " r.name_zh AS \"room.name.zh\", r.name_en AS \"room.name.en\", l.name AS \"lawyer.name\","      \
  " l.licence AS \"lawyer.licence\", f.name AS \"lawyer.firm\", p.name AS \"detainee.name\","      \
  " d.code AS \"detainee.code\", b.asked_at_us AS \"asked_at_us\", b.checked_in_at_us AS "         \
  "\"checked_in_at_us\","                                                                          \
  " b.starts_at_us AS \"starts_at_us\", b.ends_at_us AS \"ends_at_us\","                           \
  " m.opened_at_us AS \"opened_at_us\", m.admitted_at_us AS \"admitted_at_us\", m.ended_at_us AS " \
  "\"ended_at_us\","                                                                               \
  " m.end_reason AS \"end_reason\", m.ended_by AS \"ended_by\","                                   \
  " m.lost_us + CASE WHEN :now > m.cut_off_at_us THEN :now - m.cut_off_at_us ELSE 0 END AS "       \
  "\"lost_us\","                                                                                   \
  " CASE WHEN m.admitted_at_us IS NULL THEN 0 ELSE COALESCE (m.ended_at_us, :now) - "              \
  "m.admitted_at_us - m.lost_us"                                                                   \
  " - CASE WHEN :now > m.cut_off_at_us THEN :now - m.cut_off_at_us ELSE 0 END END"                 \
  " AS \"delivered_us\", k.state AS \"clock.state\", k.started_at_us AS \"clock.started_at_us\","  \
  " k.due_at_us AS \"clock.due_at_us\", k.met_at_us AS \"clock.met_at_us\", k.id AS \"clock.id\""  \
  " FROM meeting m JOIN booking b ON b.id = m.booking JOIN centre c ON c.id = b.centre"            \
  " JOIN lawyer l ON l.id = b.lawyer JOIN firm f ON f.id = l.firm JOIN detainee d ON d.id = "      \
  "b.detainee"                                                                                     \
  " JOIN person p ON p.id = d.person LEFT JOIN room r ON r.id = b.room"                            \
  " LEFT JOIN clock k ON k.booking = b.id AND k.kind = 'meeting-48h' "

static const char ONE[] = MEETING_COLUMNS "WHERE m.id = :id";
/* Of the reader's centres; NULL reads everywhere. */
#define IN_JURISDICTION                                                                            \
  " AND (:reader IS NULL OR EXISTS (SELECT 1 FROM account_centre a WHERE a.account = :reader AND " \
  "a.centre = b.centre))"

static const char LIVE[] = MEETING_COLUMNS "WHERE m.state <> 'ended'" IN_JURISDICTION
                                           " ORDER BY m.opened_at_us LIMIT 1000";
static const char ENDED[] = MEETING_COLUMNS
    "WHERE m.state = 'ended' AND m.ended_at_us >= :from AND m.ended_at_us < :to" IN_JURISDICTION
    " ORDER BY m.ended_at_us DESC LIMIT 1000";
#define SEAT_COLUMNS                                                                               \
  "SELECT id AS \"seat\", role AS \"role\", name AS \"name\", state AS \"state\", joined_at_us "   \
  "AS "                                                                                            \
  "\"joined_at_us\", left_at_us AS \"left_at_us\", quality AS \"quality\", epoch IS NOT NULL AS "  \
  "\"secured?\""
#define OF_MEETING " FROM seat WHERE meeting = :meeting ORDER BY joined_at_us"

static const char SEATS[] = SEAT_COLUMNS OF_MEETING;
static const char SEATS_WITH_CODE[] = SEAT_COLUMNS ", code AS \"code\"" OF_MEETING;
static const char SEAT_EVENTS[]
    = "SELECT at_us AS \"at_us\", kind AS \"kind\" FROM seat_event WHERE seat = :seat"
      " ORDER BY at_us";
static const char RUNNING[] = "SELECT m.id AS \"meeting\", m.state AS \"state\", m.admitted_at_us "
                              "AS \"admitted_at_us\", b.id AS \"booking\","
                              " b.starts_at_us AS \"starts_at_us\", b.ends_at_us AS "
                              "\"ends_at_us\", b.centre AS \"centre\", b.room AS \"room\","
                              " b.checked_in_at_us AS \"checked_in_at_us\" FROM meeting m JOIN "
                              "booking b ON b.id = m.booking"
                              " WHERE m.state <> 'ended'";
/* When a seat that had dropped was last there: NULL for one that we lost sight of when the service stopped. */
static const char RUNNING_SEATS[]
    = "SELECT s.id AS \"seat\", s.number AS \"number\", s.role AS \"role\", s.name AS \"name\","
      " s.actor AS \"actor\", (SELECT a.lawyer FROM account a WHERE a.id = s.actor) AS \"lawyer\","
      " s.state AS \"state\", s.identity AS \"identity\", s.epoch AS"
      " \"epoch\", EXISTS (SELECT 1 FROM seat_event e WHERE"
      " e.seat = s.id AND e.kind = 'admitted') AS \"admitted?\", CASE WHEN s.state = 'dropped' THEN"
      " (SELECT MAX (e.at_us) FROM seat_event e WHERE e.seat = s.id AND e.kind IN ('dropped',"
      " 'gone')) END AS \"last_there_us\" FROM seat s WHERE s.meeting = :meeting AND s.state <> "
      "'left' ORDER BY s.number";

static gboolean
add_seats (HjAct *act, json_t *meeting, const char *sql, GError **error)
{
  const char *id = json_string_value (json_object_get (meeting, "id"));
  json_t *seats = hj_store_query_json (act->store, sql, HJ_BINDS (HJ_TEXT (":meeting", id)), error);

  if (seats == NULL)
    return FALSE;
  json_object_set_new (meeting, "seats", seats);
  return TRUE;
}

static gboolean
add_record (HjAct *act, json_t *meeting, GError **error)
{
  const char *booking = json_string_value (json_object_get (meeting, "booking"));
  json_t *record = hj_audit_list_booking (act->store, booking, error);
  size_t index;
  json_t *seat;

  if (record == NULL)
    return FALSE;
  json_object_set_new (meeting, "record", record);
  json_array_foreach (json_object_get (meeting, "seats"), index, seat)
  {
    const char *id = json_string_value (json_object_get (seat, "seat"));
    json_t *events
        = hj_store_query_json (act->store, SEAT_EVENTS, HJ_BINDS (HJ_TEXT (":seat", id)), error);

    if (events == NULL)
      return FALSE;
    json_object_set_new (seat, "events", events);
  }
  return TRUE;
}

static gboolean
may_see (HjAct *act, const json_t *meeting)
{
  const char *centre
      = json_string_value (json_object_get (json_object_get (meeting, "centre"), "id"));

  return hj_actor_has_centre (act->actor, centre);
}

/* The meetings that are not over, or those that ended in [from_us, to_us). */
static json_t *
query_meetings (HjAct *act, GError **error)
{
  const char *reader = hj_actor_is_everywhere (act->actor) ? NULL : hj_actor_get_id (act->actor);
  const char *state = NULL;
  gint64 from_us = 0, to_us = act->now_us + HJ_DAY_US;

  if (!hj_json_read_optional_string (act->input, "state", 8, &state, error))
    return NULL;
  if (state == NULL || g_str_equal (state, "live"))
    return hj_store_query_json (act->store, LIVE,
        HJ_BINDS (HJ_INT (":now", act->now_us), HJ_TEXT (":reader", reader)), error);
  if (!g_str_equal (state, "ended"))
    {
      hj_refuse (error, HJ_REFUSAL_INVALID, "state");
      return NULL;
    }
  if (!hj_json_read_optional_int (act->input, "from_us", 0, G_MAXINT64, &from_us, error)
      || !hj_json_read_optional_int (act->input, "to_us", 0, G_MAXINT64, &to_us, error))
    return NULL;
  return hj_store_query_json (act->store, ENDED,
      HJ_BINDS (HJ_INT (":now", act->now_us), HJ_INT (":from", from_us), HJ_INT (":to", to_us),
          HJ_TEXT (":reader", reader)),
      error);
}

/* Input {state?, from_us?, to_us?}. Answers {meetings:[Meeting]} of the jurisdiction. */
static json_t *
list_meetings (HjAct *act, GError **error)
{
  g_autoptr (json_t) meetings = query_meetings (act, error);
  size_t index;
  json_t *meeting;

  if (meetings == NULL)
    return NULL;
  json_array_foreach (meetings, index, meeting)
  {
    if (!add_seats (act, meeting, SEATS, error))
      return NULL;
  }
  return json_pack ("{s:O}", "meetings", meetings);
}

static json_t *
load (HjAct *act, gboolean with_record, GError **error)
{
  const char *id = NULL;
  g_autoptr (json_t) meeting = NULL;

  if (!hj_json_read_id (act->input, "id", &id, error))
    return NULL;
  hj_act_about (act, "meeting", id);
  meeting = hj_store_query_one (
      act->store, ONE, HJ_BINDS (HJ_TEXT (":id", id), HJ_INT (":now", act->now_us)), error);
  if (meeting == NULL)
    return NULL;
  if (!may_see (act, meeting))
    {
      hj_refuse (error, HJ_REFUSAL_NOT_FOUND, "meeting");
      return NULL;
    }
  if (!add_seats (act, meeting, with_record ? SEATS_WITH_CODE : SEATS, error)
      || (with_record && !add_record (act, meeting, error)))
    return NULL;
  return g_steal_pointer (&meeting);
}

/* Input {id}. Answers Meeting with its record. Looking is an act of its own, but not part of the meeting's record. */
static json_t *
show_meeting (HjAct *act, GError **error)
{
  return load (act, TRUE, error);
}

static json_t *
glance_meeting (HjAct *act, GError **error)
{
  return load (act, FALSE, error);
}

/* The meetings that a restart finds running: {meetings:[{meeting, state, …, seats:[…]}]}. */
static json_t *
list_running (HjAct *act, GError **error)
{
  g_autoptr (json_t) meetings = hj_store_query_json (act->store, RUNNING, HJ_NO_BINDS, error);
  size_t index;
  json_t *meeting;

  if (meetings == NULL)
    return NULL;
  json_array_foreach (meetings, index, meeting)
  {
    const char *id = json_string_value (json_object_get (meeting, "meeting"));
    json_t *seats = hj_store_query_json (
        act->store, RUNNING_SEATS, HJ_BINDS (HJ_TEXT (":meeting", id)), error);

    if (seats == NULL)
      return NULL;
    json_object_set_new (meeting, "seats", seats);
  }
  return json_pack ("{s:O}", "meetings", meetings);
}

/* A supervisor begins to follow: the look is recorded, the answer is the snapshot. */
static json_t *
follow (HjAct *act, GError **error)
{
  return list_meetings (act, error);
}

const HjActKind hj_act_list_meetings
    = { .name = "list-meetings", .flags = HJ_ACT_LOOKS, .run = list_meetings };
const HjActKind hj_act_show_meeting
    = { .name = "show-meeting", .flags = HJ_ACT_LOOKS, .run = show_meeting };
const HjActKind hj_act_glance_meeting
    = { .name = "glance-meeting", .flags = HJ_ACT_READS, .run = glance_meeting };
const HjActKind hj_act_list_running
    = { .name = "list-running", .flags = HJ_ACT_READS, .run = list_running };
const HjActKind hj_act_follow = { .name = "follow", .flags = HJ_ACT_LOOKS, .run = follow };
