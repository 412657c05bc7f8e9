/* SPDX-License-Identifier: Apache-2.0 */
/* What an end says of its encryption: it holds the keys of an epoch (`secured`), its person compared the security code
 * (`verify`). On the store's worker. The keys themselves never come here (docs/e2ee.md). */

#include "src/base/json.h"
#include "src/base/time.h"
#include "src/meeting/acts.h"

#define MAX_EPOCH G_MAXUINT32
/* Of each kind and seat: every one is a row for ever. */
#define MAX_SAID_A_MINUTE 12

static const char COUNT_SAID[] = "SELECT COUNT (*) FROM seat_event WHERE seat = :seat AND kind = "
                                 ":kind AND at_us > :since";
/* Another epoch has another code, which nobody compared yet. */
static const char SET_EPOCH[] = "UPDATE seat SET epoch = :epoch, code = NULL WHERE id = :seat";
static const char SET_CODE[] = "UPDATE seat SET code = :code WHERE id = :seat";

/* Everybody speaks for the own seat only, as long as it is one. Returns: (transfer full) (nullable). */
static HjSeatRow *
read_own_seat (HjAct *act, GError **error)
{
  g_autoptr (HjSeatRow) row = hj_seat_row_read (act, error);

  if (row == NULL)
    return NULL;
  if (g_strcmp0 (row->actor, hj_actor_get_id (act->actor)) != 0)
    hj_refuse (error, HJ_REFUSAL_NOT_FOUND, "seat");
  else if (g_strcmp0 (row->state, "left") == 0 || g_strcmp0 (row->meeting_state, "ended") == 0)
    hj_refuse (error, HJ_REFUSAL_STATE, "left");
  else
    return g_steal_pointer (&row);
  return NULL;
}

static gboolean
read_epoch (HjAct *act, gint64 *ret, GError **error)
{
  if (!hj_json_read_int (act->input, "epoch", 1, MAX_EPOCH, ret, error))
    return FALSE;
  hj_act_note (act, "epoch", json_integer (*ret));
  return TRUE;
}

static gboolean
check_pace (HjAct *act, const HjSeatRow *row, const char *kind, GError **error)
{
  gint64 said = 0;

  if (!hj_store_query_int (act->store, COUNT_SAID,
          HJ_BINDS (HJ_TEXT (":seat", row->id), HJ_TEXT (":kind", kind),
              HJ_INT (":since", act->now_us - HJ_MINUTE_US)),
          &said, error))
    return FALSE;
  if (said < MAX_SAID_A_MINUTE)
    return TRUE;
  hj_refuse (error, HJ_REFUSAL_TOO_MANY, "%s", kind);
  return FALSE;
}

/* Input {seat, epoch, identity}: identity is the one that sat there when it was said. What another device said before it lost
 * the seat is not this one's word. An epoch that is lower than the last is a new one as well: when all ends lost their state at
 * once, as by a reload, they count from 1 again. */
static json_t *
secured (HjAct *act, GError **error)
{
  g_autoptr (HjSeatRow) row = read_own_seat (act, error);
  const char *identity = NULL;
  gint64 epoch = 0;

  if (row == NULL || !read_epoch (act, &epoch, error)
      || !hj_json_read_string (act->input, "identity", 512, &identity, error))
    return NULL;
  if (g_strcmp0 (identity, row->identity) != 0)
    {
      hj_refuse (error, HJ_REFUSAL_STATE, "another device has the seat");
      return NULL;
    }
  if (epoch != row->epoch
      && (!check_pace (act, row, "secured", error)
          || !hj_store_run (act->store, SET_EPOCH,
              HJ_BINDS (HJ_INT (":epoch", epoch), HJ_TEXT (":seat", row->id)), error)
          || !hj_seat_row_note (act->store, row->id, "secured", act->now_us, error)))
    return NULL;
  return json_pack (
      "{s:s, s:s, s:I}", "meeting", row->meeting, "seat", row->id, "epoch", (json_int_t)epoch);
}

/* ret: whether the codes are different. */
static gboolean
read_result (HjAct *act, gboolean *ret, GError **error)
{
  const char *result = NULL;

  if (!hj_json_read_string (act->input, "result", 16, &result, error))
    return FALSE;
  *ret = g_str_equal (result, "different");
  if (!*ret && !g_str_equal (result, "same"))
    {
      hj_refuse (error, HJ_REFUSAL_INVALID, "result");
      return FALSE;
    }
  hj_act_note (act, "result", json_string (result));
  return TRUE;
}

/* A tick is for the code of the epoch that the seat holds. */
static gboolean
check_same (HjAct *act, const HjSeatRow *row, gint64 epoch, GError **error)
{
  if (epoch == row->epoch)
    return check_pace (act, row, "code-same", error);
  hj_refuse (error, HJ_REFUSAL_STATE, "not this epoch");
  return FALSE;
}

/* Input {seat, epoch, result}. Answers {meeting, seat} for `same`. `different` ends the meeting, admitted or not, and is never
 * refused for its epoch or its pace: somebody may stand between the two. Then answers as the act end. */
static json_t *
verify (HjAct *act, GError **error)
{
  g_autoptr (HjSeatRow) row = read_own_seat (act, error);
  gboolean differs = FALSE;
  gint64 epoch = 0;

  if (row == NULL || !read_epoch (act, &epoch, error) || !read_result (act, &differs, error)
      || (!differs && !check_same (act, row, epoch, error))
      || !hj_store_run (act->store, SET_CODE,
          HJ_BINDS (HJ_TEXT (":code", differs ? "different" : "same"), HJ_TEXT (":seat", row->id)),
          error)
      || !hj_seat_row_note (
          act->store, row->id, differs ? "code-different" : "code-same", act->now_us, error))
    return NULL;
  if (differs)
    return hj_meeting_row_end (act, row->meeting, "code-different", error);
  return json_pack ("{s:s, s:s}", "meeting", row->meeting, "seat", row->id);
}

const HjActKind hj_act_secured = { .name = "secured", .run = secured };
const HjActKind hj_act_verify = { .name = "verify", .run = verify };
