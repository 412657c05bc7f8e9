/* SPDX-License-Identifier: Apache-2.0 */
/* A seat as the database has it. On the store's worker. */

#include "src/base/json.h"
#include "src/meeting/acts.h"

static const char LOAD[]
    = "SELECT s.id, s.meeting, m.booking, s.actor, s.role, s.state, m.state,"
      " s.identity, s.epoch FROM seat s JOIN meeting m ON m.id = s.meeting WHERE s.id = :seat";
static const char MOVE[]
    = "UPDATE seat SET state = :state, left_at_us = CASE WHEN :state = 'left' THEN :at ELSE NULL "
      "END,"
      " token_hash = CASE WHEN :state = 'left' THEN NULL ELSE token_hash END WHERE id = :seat";
static const char ADD_EVENT[]
    = "INSERT INTO seat_event (seat, at_us, kind) VALUES (:seat, :at, :kind)";

/* Returns: (transfer full) (nullable): HJ_REFUSAL_NOT_FOUND when there is none. */
HjSeatRow *
hj_seat_row_load (HjStore *store, const char *seat, GError **error)
{
  g_autoptr (HjRows) rows = hj_store_query (store, LOAD, HJ_BINDS (HJ_TEXT (":seat", seat)), error);
  g_autoptr (GError) failure = NULL;
  HjSeatRow *self = NULL;

  if (rows == NULL)
    return NULL;
  if (!hj_rows_next (rows, &failure))
    {
      if (failure != NULL)
        g_propagate_error (error, g_steal_pointer (&failure));
      else
        hj_refuse (error, HJ_REFUSAL_NOT_FOUND, "seat");
      return NULL;
    }
  self = g_new0 (HjSeatRow, 1);
  self->id = g_strdup (hj_rows_text (rows, 0));
  self->meeting = g_strdup (hj_rows_text (rows, 1));
  self->booking = g_strdup (hj_rows_text (rows, 2));
  self->actor = g_strdup (hj_rows_text (rows, 3));
  self->role = g_strdup (hj_rows_text (rows, 4));
  self->state = g_strdup (hj_rows_text (rows, 5));
  self->meeting_state = g_strdup (hj_rows_text (rows, 6));
  self->identity = g_strdup (hj_rows_text (rows, 7));
  self->epoch = hj_rows_int (rows, 8);
  return self;
}

/* The act is about the seat that its input names, {seat}. Returns: (transfer full) (nullable). */
HjSeatRow *
hj_seat_row_read (HjAct *act, GError **error)
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

void
hj_seat_row_free (HjSeatRow *self)
{
  if (self == NULL)
    return;
  g_free (self->id);
  g_free (self->meeting);
  g_free (self->booking);
  g_free (self->actor);
  g_free (self->role);
  g_free (self->state);
  g_free (self->meeting_state);
  g_free (self->identity);
  g_free (self);
}

/* Something happened at the seat that leaves its state as it is. */
gboolean
hj_seat_row_note (HjStore *store, const char *seat, const char *event, gint64 at_us, GError **error)
{
  return hj_store_run (store, ADD_EVENT,
      HJ_BINDS (HJ_TEXT (":seat", seat), HJ_INT (":at", at_us), HJ_TEXT (":kind", event)), error);
}

/* Sets the seat's state and writes the seat's event. A seat that left loses its token. */
gboolean
hj_seat_row_move (HjStore *store, const char *seat, const char *state, const char *event,
    gint64 at_us, GError **error)
{
  return hj_store_run (store, MOVE,
             HJ_BINDS (HJ_TEXT (":state", state), HJ_INT (":at", at_us), HJ_TEXT (":seat", seat)),
             error)
         && hj_seat_row_note (store, seat, event, at_us, error);
}
