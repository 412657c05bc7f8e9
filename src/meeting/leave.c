/* SPDX-License-Identifier: Apache-2.0 */
/* A seat drops, leaves, or has news of its media. On the store's worker. A seat that dropped keeps its place for a while; the
 * time of leaving is when it was last there, not when we gave up waiting. */

#include "src/base/json.h"
#include "src/meeting/acts.h"

static const char LAST_EVENT[]
    = "SELECT last_event FROM media_node WHERE node = :node AND boot = :boot";
static const char KEEP_EVENT[]
    = "INSERT INTO media_node (node, boot, last_event) VALUES (:node, :boot, :n)"
      " ON CONFLICT (node) DO UPDATE SET boot = excluded.boot, last_event = excluded.last_event";
static const char CONNECT[]
    = "UPDATE seat SET state = 'connected' WHERE id = :seat AND state = 'waiting'";
static const char SET_DROPPED[] = "UPDATE seat SET state = 'dropped' WHERE id = :seat";
static const char SET_QUALITY[] = "UPDATE seat SET quality = :level WHERE id = :seat";

/* Nobody saw the seat drop: then there is no time to note. */
static gboolean
drop_unseen (HjAct *act, const HjSeatRow *row, GError **error)
{
  hj_act_note (act, "unseen", json_true ());
  return hj_store_run (act->store, SET_DROPPED, HJ_BINDS (HJ_TEXT (":seat", row->id)), error);
}

/* Input {seat, at_us?, unseen?}: its signalling is gone; it may return. A later drop of a seat that is dropped says nothing
 * new. */
static json_t *
drop (HjAct *act, GError **error)
{
  g_autoptr (HjSeatRow) row = hj_seat_row_read (act, error);
  gint64 at_us = act->now_us;

  if (row == NULL
      || !hj_json_read_optional_int (act->input, "at_us", 0, act->now_us, &at_us, error))
    return NULL;
  if (g_strcmp0 (row->state, "left") == 0)
    {
      hj_refuse (error, HJ_REFUSAL_STATE, "left");
      return NULL;
    }
  if (g_strcmp0 (row->state, "dropped") != 0
      && !(json_is_true (json_object_get (act->input, "unseen"))
               ? drop_unseen (act, row, error)
               : hj_seat_row_move (act->store, row->id, "dropped", "dropped", at_us, error)))
    return NULL;
  return json_pack ("{s:s, s:s}", "meeting", row->meeting, "seat", row->id);
}

/* People leave their own seat. The machine gives up one that dropped and did not return: one that resumed while this act was
 * on its way is there. */
static gboolean
may_leave (HjAct *act, const HjSeatRow *row, GError **error)
{
  gboolean is_machine = hj_actor_get_role (act->actor) == HJ_ROLE_MACHINE;

  if (!is_machine && g_strcmp0 (row->actor, hj_actor_get_id (act->actor)) != 0)
    hj_refuse (error, HJ_REFUSAL_NOT_FOUND, "seat");
  else if (g_strcmp0 (row->state, "left") == 0
           || (is_machine && g_strcmp0 (row->state, "dropped") != 0))
    hj_refuse (error, HJ_REFUSAL_STATE, "%s", row->state);
  else
    return TRUE;
  return FALSE;
}

/* Input {seat, at_us?, cause?}: by the seat itself, or by the machine for one that did not return. */
static json_t *
leave (HjAct *act, GError **error)
{
  g_autoptr (HjSeatRow) row = hj_seat_row_read (act, error);
  gint64 at_us = act->now_us;
  const char *cause = NULL;

  if (row == NULL || !hj_json_read_optional_int (act->input, "at_us", 0, act->now_us, &at_us, error)
      || !hj_json_read_optional_string (act->input, "cause", 40, &cause, error)
      || !may_leave (act, row, error))
    return NULL;
  hj_act_note (act, "left_at_us", json_integer (at_us));
  if (cause != NULL)
    hj_act_note (act, "cause", json_string (cause));
  if (!hj_seat_row_move (act->store, row->id, "left", "left", at_us, error))
    return NULL;
  return json_pack ("{s:s, s:s}", "meeting", row->meeting, "seat", row->id);
}

/* ret_last: 0 when nothing of that run is on disk. */
static gboolean
find_last (HjAct *act, const char *node, const char *boot, gint64 *ret_last, GError **error)
{
  g_autoptr (HjRows) rows = hj_store_query (
      act->store, LAST_EVENT, HJ_BINDS (HJ_TEXT (":node", node), HJ_TEXT (":boot", boot)), error);
  g_autoptr (GError) failure = NULL;

  *ret_last = 0;
  if (rows == NULL)
    return FALSE;
  if (hj_rows_next (rows, &failure))
    *ret_last = hj_rows_int (rows, 0);
  if (failure == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

typedef struct
{
  const char *node, *boot;
  const char *kind;
  const char *seat;
  gint64 n;
  gint64 at_us;
} Event;

static gboolean
read_event (HjAct *act, Event *ret, GError **error)
{
  static const char *const KINDS[] = { "connected", "flowing", "silent", "returned", "gone", NULL };

  if (!hj_json_read_string (act->input, "node", 64, &ret->node, error)
      || !hj_json_read_string (act->input, "boot", 64, &ret->boot, error)
      || !hj_json_read_string (act->input, "kind", 16, &ret->kind, error)
      || !hj_json_read_id (act->input, "seat", &ret->seat, error)
      || !hj_json_read_int (act->input, "n", 1, G_MAXINT64, &ret->n, error)
      || !hj_json_read_int (act->input, "at_us", 0, G_MAXINT64, &ret->at_us, error))
    return FALSE;
  /* Another machine's watch may be ahead of ours. */
  ret->at_us = MIN (ret->at_us, act->now_us);
  if (g_strv_contains (KINDS, ret->kind))
    return TRUE;
  hj_refuse (error, HJ_REFUSAL_INVALID, "kind");
  return FALSE;
}

/* ret_left: TRUE also for a seat that we do not know. */
static gboolean
has_left (HjAct *act, const char *seat, gboolean *ret_left, GError **error)
{
  g_autoptr (GError) failure = NULL;
  g_autoptr (HjSeatRow) row = hj_seat_row_load (act->store, seat, &failure);

  *ret_left = row == NULL || g_strcmp0 (row->state, "left") == 0;
  if (row != NULL || g_error_matches (failure, HJ_REFUSAL, HJ_REFUSAL_NOT_FOUND))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

static gboolean
keep_event (HjAct *act, const Event *event, GError **error)
{
  if (g_str_equal (event->kind, "flowing"))
    return TRUE;
  if (g_str_equal (event->kind, "connected")
      && !hj_store_run (act->store, CONNECT, HJ_BINDS (HJ_TEXT (":seat", event->seat)), error))
    return FALSE;
  return hj_seat_row_note (act->store, event->seat, event->kind, event->at_us, error);
}

/* Input {node, boot, n, at_us, kind, seat}: one numbered event of a relay, once: an event seen before changes nothing.
 * Answers {fresh, at_us, seat_left}. An event of an unknown seat is kept as seen. */
static json_t *
take_media_event (HjAct *act, GError **error)
{
  Event event = { 0 };
  gint64 last = 0;
  gboolean left = FALSE;

  if (!read_event (act, &event, error) || !find_last (act, event.node, event.boot, &last, error))
    return NULL;
  if (event.n <= last)
    return json_pack ("{s:b}", "fresh", FALSE);
  if (!hj_store_run (act->store, KEEP_EVENT,
          HJ_BINDS (
              HJ_TEXT (":node", event.node), HJ_TEXT (":boot", event.boot), HJ_INT (":n", event.n)),
          error)
      || !has_left (act, event.seat, &left, error) || (!left && !keep_event (act, &event, error)))
    return NULL;
  return json_pack (
      "{s:b, s:I, s:b}", "fresh", TRUE, "at_us", (json_int_t)event.at_us, "seat_left", left);
}

/* Input {node, boot}. Answers {last_event}: the last one of that run that is on disk, 0 for none. */
static json_t *
register_media (HjAct *act, GError **error)
{
  const char *node = NULL, *boot = NULL;
  gint64 last = 0;

  if (!hj_json_read_string (act->input, "node", 64, &node, error)
      || !hj_json_read_string (act->input, "boot", 64, &boot, error)
      || !find_last (act, node, boot, &last, error))
    return NULL;
  return json_pack ("{s:I}", "last_event", (json_int_t)last);
}

/* Input {seat, level}: 1 poor, 2 fair, 3 good; the last one is kept, never more. */
static json_t *
set_quality (HjAct *act, GError **error)
{
  const char *seat = NULL;
  gint64 level = 0;

  if (!hj_json_read_id (act->input, "seat", &seat, error)
      || !hj_json_read_int (act->input, "level", 1, 3, &level, error)
      || !hj_store_run (act->store, SET_QUALITY,
          HJ_BINDS (HJ_INT (":level", level), HJ_TEXT (":seat", seat)), error))
    return NULL;
  return json_object ();
}

const HjActKind hj_act_drop = { .name = "drop", .run = drop };
const HjActKind hj_act_leave = { .name = "leave", .run = leave };
const HjActKind hj_act_media_event
    = { .name = "media-event", .flags = HJ_ACT_READS, .run = take_media_event };
const HjActKind hj_act_media_register
    = { .name = "media-register", .flags = HJ_ACT_READS, .run = register_media };
const HjActKind hj_act_quality = { .name = "quality", .flags = HJ_ACT_READS, .run = set_quality };
