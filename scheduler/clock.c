/* SPDX-License-Identifier: Apache-2.0 */
/* The statutory clock: 48 hours from the request to the meeting (Criminal Procedure Law art. 39(2), MPS Procedure Rules art.
 * 53: "actually meets"). It starts with the request and is met only when the meeting starts; neither a confirmation nor a
 * check-in stops it. A meeting that somebody may have monitored (art. 39) did not meet it. On the store's worker, inside the caller's transaction. */

#include "scheduler/clock.h"

#include "scheduler/acts.h"
#include "src/base/ids.h"
#include "src/base/json.h"
#include "src/base/time.h"
#include "src/store/store.h"

#define KIND "meeting-48h"
/* Clocks that no longer run are listed this long. */
#define LISTED_US (30 * HJ_DAY_US)

static const char START[] = "INSERT INTO clock (id, kind, booking, state, started_at_us, due_at_us)"
                            " VALUES (:id, '" KIND "', :booking, 'running', :at, :due)";
static const char ADD_EVENT[] = "INSERT INTO clock_event (clock, at_us, kind, reason)"
                                " VALUES (:clock, :at, :kind, :reason)";
static const char FIND[] = "SELECT id, state, met_at_us IS NOT NULL FROM clock"
                           " WHERE booking = :booking AND kind = '" KIND "'";
/* A clock that was overdue stays overdue: the meeting came, but late. */
static const char MEET[]
    = "UPDATE clock SET met_at_us = :at, state = CASE WHEN state = 'running' AND :at <= due_at_us"
      " THEN 'met' ELSE 'overdue' END WHERE id = :id";
static const char FIND_MET[]
    = "SELECT id, state = 'met', due_at_us FROM clock WHERE booking = :booking AND kind = '" KIND
      "' AND met_at_us IS NOT NULL";
static const char REOPEN[] = "UPDATE clock SET met_at_us = NULL, state = :state WHERE id = :id";
static const char SET_STATE[] = "UPDATE clock SET state = :state WHERE id = :id";
static const char LIST_EXPIRED[]
    = "SELECT id AS \"id\", booking AS \"booking\" FROM clock"
      " WHERE state = 'running' AND due_at_us < :now ORDER BY due_at_us LIMIT 500";
static const char LIST[]
    = "SELECT k.id AS \"id\", k.kind AS \"kind\", k.booking AS \"booking\", k.state AS \"state\","
      " k.started_at_us AS \"started_at_us\", k.due_at_us AS \"due_at_us\","
      " k.met_at_us AS \"met_at_us\", b.centre AS \"centre\""
      " FROM clock k JOIN booking b ON b.id = k.booking"
      " WHERE b.centre = :centre AND (k.state = 'running' OR k.due_at_us > :since)"
      " ORDER BY k.met_at_us IS NOT NULL, k.due_at_us";

static gboolean
add_event (HjStore *store, const char *clock, gint64 at_us, const char *kind, const char *reason,
    GError **error)
{
  return hj_store_run (store, ADD_EVENT,
      HJ_BINDS (HJ_TEXT (":clock", clock), HJ_INT (":at", at_us), HJ_TEXT (":kind", kind),
          HJ_TEXT (":reason", reason)),
      error);
}

/* The request has been made: art. 39 counts from here. */
gboolean
hj_clock_start (HjStore *store, const char *booking, gint64 at_us, GError **error)
{
  g_autofree char *id = hj_id_new ();

  return hj_store_run (store, START,
             HJ_BINDS (HJ_TEXT (":id", id), HJ_TEXT (":booking", booking), HJ_INT (":at", at_us),
                 HJ_INT (":due", at_us + HJ_CLOCK_MEETING_US)),
             error)
         && add_event (store, id, at_us, "started", NULL, error);
}

/* Finds the clock of a booking. ret_clock: (transfer full): NULL when it has none or when it has been met or stopped. */
static gboolean
find_open (HjStore *store, const char *booking, char **ret_clock, char **ret_state, GError **error)
{
  g_autoptr (HjRows) rows
      = hj_store_query (store, FIND, HJ_BINDS (HJ_TEXT (":booking", booking)), error);
  g_autoptr (GError) failure = NULL;
  const char *state;

  *ret_clock = *ret_state = NULL;
  if (rows == NULL)
    return FALSE;
  if (!hj_rows_next (rows, &failure))
    {
      if (failure != NULL)
        g_propagate_error (error, g_error_copy (failure));
      return failure == NULL;
    }
  state = hj_rows_text (rows, 1);
  if (g_str_equal (state, "stopped") || hj_rows_int (rows, 2) != 0)
    return TRUE;
  *ret_clock = g_strdup (hj_rows_text (rows, 0));
  *ret_state = g_strdup (state);
  return TRUE;
}

/* The meeting has begun: both sides see each other. Nothing else meets the clock. Doing it twice changes nothing. */
gboolean
hj_clock_meet (HjStore *store, const char *booking, gint64 at_us, GError **error)
{
  g_autofree char *clock = NULL;
  g_autofree char *state = NULL;

  if (!find_open (store, booking, &clock, &state, error))
    return FALSE;
  if (clock == NULL)
    return TRUE;
  return hj_store_run (store, MEET, HJ_BINDS (HJ_INT (":at", at_us), HJ_TEXT (":id", clock)), error)
         && add_event (store, clock, at_us, "met", NULL, error);
}

static gboolean
reopen (HjStore *store, const char *clock, gboolean is_late, gboolean was_late, gint64 at_us,
    const char *reason, GError **error)
{
  return hj_store_run (store, REOPEN,
             HJ_BINDS (HJ_TEXT (":state", is_late ? "overdue" : "running"), HJ_TEXT (":id", clock)),
             error)
         && add_event (store, clock, at_us, "reopened", reason, error)
         && (!is_late || was_late || add_event (store, clock, at_us, "overdue", NULL, error));
}

/* The meeting that met the clock was none in the sense of the law: somebody may have listened (Criminal Procedure Law art. 39:
 * a meeting is not monitored). The clock runs on to the time that it was due; past that time it is overdue, and one that was
 * overdue stays so. A clock that was not met is left as it is. */
gboolean
hj_clock_reopen (
    HjStore *store, const char *booking, gint64 at_us, const char *reason, GError **error)
{
  g_autoptr (HjRows) rows
      = hj_store_query (store, FIND_MET, HJ_BINDS (HJ_TEXT (":booking", booking)), error);
  g_autoptr (GError) failure = NULL;
  g_autofree char *clock = NULL;
  gboolean was_late, is_late;

  if (rows == NULL)
    return FALSE;
  if (!hj_rows_next (rows, &failure))
    {
      if (failure != NULL)
        g_propagate_error (error, g_error_copy (failure));
      return failure == NULL;
    }
  clock = g_strdup (hj_rows_text (rows, 0));
  was_late = hj_rows_int (rows, 1) == 0;
  is_late = was_late || at_us > hj_rows_int (rows, 2);
  g_clear_pointer (&rows, hj_rows_free);
  return reopen (store, clock, is_late, was_late, at_us, reason, error);
}

/* The lawyer has withdrawn the request. A clock that is overdue stays so. */
gboolean
hj_clock_stop (
    HjStore *store, const char *booking, gint64 at_us, const char *reason, GError **error)
{
  g_autofree char *clock = NULL;
  g_autofree char *state = NULL;

  if (!find_open (store, booking, &clock, &state, error))
    return FALSE;
  if (clock == NULL)
    return TRUE;
  if (g_str_equal (state, "running")
      && !hj_store_run (store, SET_STATE,
          HJ_BINDS (HJ_TEXT (":state", "stopped"), HJ_TEXT (":id", clock)), error))
    return FALSE;
  return add_event (store, clock, at_us, "stopped", reason, error);
}

/* Returns: (transfer full) (nullable): [{id, booking}] of the clocks that still run past their time, at most 500. */
json_t *
hj_clock_list_expired (HjStore *store, gint64 now_us, GError **error)
{
  return hj_store_query_json (store, LIST_EXPIRED, HJ_BINDS (HJ_INT (":now", now_us)), error);
}

/* A running clock is past its time. */
gboolean
hj_clock_expire (HjStore *store, const char *clock, gint64 now_us, GError **error)
{
  return hj_store_run (store, SET_STATE,
             HJ_BINDS (HJ_TEXT (":state", "overdue"), HJ_TEXT (":id", clock)), error)
         && add_event (store, clock, now_us, "overdue", NULL, error);
}

/* Act list-clocks. No input; answer {clocks:[Clock]} of the actor's centres: what runs or is overdue first, by due time; what
 * no longer runs for 30 days after it was due. */
static json_t *
list_clocks (HjAct *act, GError **error)
{
  g_autoptr (json_t) centres = hj_centres_of (act->store, act->actor, NULL, error);
  g_autoptr (json_t) all = json_array ();
  json_t *centre;
  gsize i;

  if (centres == NULL)
    return NULL;
  json_array_foreach (centres, i, centre)
  {
    g_autoptr (json_t) clocks = hj_store_query_json (act->store, LIST,
        HJ_BINDS (HJ_TEXT (":centre", json_string_value (centre)),
            HJ_INT (":since", act->now_us - LISTED_US)),
        error);

    if (clocks == NULL)
      return NULL;
    json_array_extend (all, clocks);
  }
  return json_pack ("{s:O}", "clocks", all);
}

const HjActKind hj_act_list_clocks = {
  .name = "list-clocks",
  .flags = HJ_ACT_LOOKS,
  .run = list_clocks,
};
