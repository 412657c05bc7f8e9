/* SPDX-License-Identifier: Apache-2.0 */
/* Which booking a kiosk is to expect next. On the store's worker; the machine asks. */

#include "scheduler/booking.h"
#include "src/base/json.h"
#include "src/meeting/acts.h"

static const char FIND_MEETING[]
    = "SELECT id AS \"id\", state AS \"state\" FROM meeting WHERE booking = :booking";
static const char LAWYER_WAITS[]
    = "SELECT COUNT(*) FROM seat WHERE meeting = :meeting AND role = 'lawyer'"
      " AND state IN ('waiting', 'connected', 'admitted')";

static gboolean
add_meeting (HjAct *act, json_t *assignment, GError **error)
{
  const char *booking = json_string_value (json_object_get (assignment, "booking"));
  g_autoptr (json_t) found = hj_store_query_json (
      act->store, FIND_MEETING, HJ_BINDS (HJ_TEXT (":booking", booking)), error);
  const json_t *meeting = json_array_get (found, 0);
  const char *id = json_string_value (json_object_get (meeting, "id"));
  gint64 waiting = 0;

  if (found == NULL)
    return FALSE;
  if (id != NULL
      && !hj_store_query_int (
          act->store, LAWYER_WAITS, HJ_BINDS (HJ_TEXT (":meeting", id)), &waiting, error))
    return FALSE;
  json_object_set_new (assignment, "meeting", hj_json_string_or_null (id));
  json_object_set_new (assignment, "lawyer_waiting", json_boolean (waiting > 0));
  return TRUE;
}

/* Input {kiosk}. Answers {assignment}: the assignment of docs/protocol.md section 1, or null. */
static json_t *
assign (HjAct *act, GError **error)
{
  const char *kiosk = NULL;
  g_autoptr (json_t) assignment = NULL;

  if (!hj_json_read_id (act->input, "kiosk", &kiosk, error))
    return NULL;
  assignment = hj_booking_next_for_kiosk (act->store, kiosk, act->now_us, error);
  if (assignment == NULL || (json_is_object (assignment) && !add_meeting (act, assignment, error)))
    return NULL;
  return json_pack ("{s:O}", "assignment", assignment);
}

const HjActKind hj_act_assign = { .name = "assign", .flags = HJ_ACT_READS, .run = assign };
