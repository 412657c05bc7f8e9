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
static const char ADD_EVENT[]
    = "INSERT INTO seat_event (seat, at_us, kind) VALUES (:seat, :at, :kind)";
static const char CONNECT[]
    = "UPDATE seat SET state = 'connected' WHERE id = :seat AND state = 'waiting'";
static const char SET_QUALITY[] = "UPDATE seat SET quality = :level WHERE id = :seat";

static HjSeatRow *
read_seat (HjAct *act, GError **error)
{
  const char *id = NULL;
  HjSeatRow *row;

  if (!hj_json_read_id (act->input, "seat", &id, error))
    return NULL;
  row = hj_seat_row_load (act->store, id, error);
  if (row == NULL)
    return NULL;
  hj_act_about_booking (act, row->booking);
  hj_act_about (act, "meeting", row->meeting);
  hj_act_note (act, "seat", json_string (id));
  return row;
}

/* Input {seat, at_us?}: its signalling or its media is gone; it may return. */
static json_t *
drop (HjAct *act, GError **error)
{
  g_autoptr (HjSeatRow) row = read_seat (act, error);
  gint64 at_us = act->now_us;

  if (row == NULL || !hj_json_read_optional_int (act->input, "at_us", 0, G_MAXINT64, &at_us, error))
    return NULL;
  if (g_strcmp0 (row->state, "left") == 0)
    {
      hj_refuse (error, HJ_REFUSAL_STATE, "left");
      return NULL;
    }
  if (!hj_seat_row_move (act->store, row->id, "dropped", "dropped", at_us, error))
    return NULL;
  return json_pack ("{s:s, s:s}", "meeting", row->meeting, "seat", row->id);
}

/* Input {seat, at_us?, cause?}: by the seat itself, or by the machine for one that did not return. */
static json_t *
leave (HjAct *act, GError **error)
{
  g_autoptr (HjSeatRow) row = read_seat (act, error);
  gint64 at_us = act->now_us;
  const char *cause = NULL;

  if (row == NULL || !hj_json_read_optional_int (act->input, "at_us", 0, G_MAXINT64, &at_us, error)
      || !hj_json_read_optional_string (act->input, "cause", 40, &cause, error))
    return NULL;
  if (hj_actor_get_role (act->actor) != HJ_ROLE_MACHINE
      && g_strcmp0 (row->actor, hj_actor_get_id (act->actor)) != 0)
    {
      hj_refuse (error, HJ_REFUSAL_NOT_FOUND, "seat");
      return NULL;
    }
  if (g_strcmp0 (row->state, "left") == 0)
    {
      hj_refuse (error, HJ_REFUSAL_STATE, "left");
      return NULL;
    }
  hj_act_note (act, "left_at_us", json_integer (at_us));
  if (cause != NULL)
    hj_act_note (act, "cause", json_string (cause));
  if (!hj_seat_row_move (act->store, row->id, "left", "left", at_us, error))
    return NULL;
  return json_pack ("{s:s, s:s}", "meeting", row->meeting, "seat", row->id);
}

static gboolean
is_old (HjAct *act, const char *node, const char *boot, gint64 n)
{
  gint64 last = 0;

  return hj_store_query_int (act->store, LAST_EVENT,
             HJ_BINDS (HJ_TEXT (":node", node), HJ_TEXT (":boot", boot)), &last, NULL)
         && n <= last;
}

/* Input {node, boot, n, at_us, kind, seat}: one numbered event of a relay, once: an event seen before changes nothing.
 * Answers {fresh, seat_left}. An event of an unknown seat is kept as seen. */
static json_t *
take_media_event (HjAct *act, GError **error)
{
  const char *node = NULL, *boot = NULL, *kind = NULL, *seat = NULL;
  gint64 n = 0, at_us = 0;
  g_autoptr (HjSeatRow) row = NULL;
  gboolean left;

  if (!hj_json_read_string (act->input, "node", 64, &node, error)
      || !hj_json_read_string (act->input, "boot", 64, &boot, error)
      || !hj_json_read_string (act->input, "kind", 16, &kind, error)
      || !hj_json_read_id (act->input, "seat", &seat, error)
      || !hj_json_read_int (act->input, "n", 1, G_MAXINT64, &n, error)
      || !hj_json_read_int (act->input, "at_us", 0, G_MAXINT64, &at_us, error))
    return NULL;
  if (is_old (act, node, boot, n))
    return json_pack ("{s:b}", "fresh", FALSE);
  if (!hj_store_run (act->store, KEEP_EVENT,
          HJ_BINDS (HJ_TEXT (":node", node), HJ_TEXT (":boot", boot), HJ_INT (":n", n)), error))
    return NULL;
  row = hj_seat_row_load (act->store, seat, NULL);
  left = row == NULL || g_strcmp0 (row->state, "left") == 0;
  if (!left && g_strcmp0 (kind, "flowing") != 0
      && !hj_store_run (act->store, ADD_EVENT,
          HJ_BINDS (HJ_TEXT (":seat", seat), HJ_INT (":at", at_us), HJ_TEXT (":kind", kind)),
          error))
    return NULL;
  if (!left && g_strcmp0 (kind, "connected") == 0
      && !hj_store_run (act->store, CONNECT, HJ_BINDS (HJ_TEXT (":seat", seat)), error))
    return NULL;
  return json_pack ("{s:b, s:b}", "fresh", TRUE, "seat_left", left);
}

/* Input {node, boot}. Answers {last_event}: the last one of that run that is on disk, 0 for none. */
static json_t *
register_media (HjAct *act, GError **error)
{
  const char *node = NULL, *boot = NULL;
  g_autoptr (HjRows) rows = NULL;

  if (!hj_json_read_string (act->input, "node", 64, &node, error)
      || !hj_json_read_string (act->input, "boot", 64, &boot, error))
    return NULL;
  rows = hj_store_query (
      act->store, LAST_EVENT, HJ_BINDS (HJ_TEXT (":node", node), HJ_TEXT (":boot", boot)), error);
  if (rows == NULL)
    return NULL;
  return json_pack (
      "{s:I}", "last_event", (json_int_t)(hj_rows_next (rows, NULL) ? hj_rows_int (rows, 0) : 0));
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
