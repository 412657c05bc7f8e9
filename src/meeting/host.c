/* SPDX-License-Identifier: Apache-2.0 */
/* All running meetings, on control: peers and the relay bring news, the acts write their rows, and only then the meeting moves
 * and everybody is told. What is here can be rebuilt from the database and the relay's report, and is, after a restart. */

#include "src/meeting/host-private.h"

#include "src/base/json.h"
#include "src/base/log.h"
#include "src/base/time.h"

#define ABANDONED_AFTER_US (10 * HJ_MINUTE_US)

static void
free_meeting (gpointer data)
{
  hj_meeting_free (data);
}

/* resume_us: how long a dropped seat keeps its place. Returns: (transfer full). */
HjHost *
hj_host_new (HjActs *acts, gint64 resume_us)
{
  HjHost *self = g_new0 (HjHost, 1);

  self->acts = acts;
  self->machine = hj_actor_new_machine ();
  self->resume_us = resume_us;
  self->meetings = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, free_meeting);
  self->touched = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  hj_host_init_kiosks (self);
  hj_host_init_followers (self);
  hj_acts_watch (acts, hj_host_hear_of_act, self);
  return self;
}

/* Peers must be gone, and no act of this host may be under way. */
void
hj_host_free (HjHost *self)
{
  if (self == NULL)
    return;
  g_clear_handle_id (&self->tell_source, g_source_remove);
  g_clear_handle_id (&self->assign_source, g_source_remove);
  g_hash_table_unref (self->meetings);
  g_hash_table_unref (self->touched);
  g_ptr_array_unref (self->kiosks);
  g_ptr_array_unref (self->followers);
  hj_actor_unref (self->machine);
  g_free (self);
}

guint
hj_host_count_meetings (HjHost *self)
{
  return g_hash_table_size (self->meetings);
}

/* Returns: (transfer none) (nullable). */
HjMeeting *
hj_host_find_meeting (HjHost *self, const char *id)
{
  return id != NULL ? g_hash_table_lookup (self->meetings, id) : NULL;
}

/* Returns: (transfer none) (nullable). */
HjSeat *
hj_host_find_seat (HjHost *self, const char *id)
{
  GHashTableIter iter;
  gpointer meeting;

  g_hash_table_iter_init (&iter, self->meetings);
  while (g_hash_table_iter_next (&iter, NULL, &meeting))
    {
      HjSeat *seat = hj_meeting_find_seat (meeting, id);

      if (seat != NULL)
        return seat;
    }
  return NULL;
}

/* Returns: (transfer none): the meeting of the description, taken up now if it is not known. */
HjMeeting *
hj_host_reach_meeting (HjHost *self, const json_t *description)
{
  const char *id = json_string_value (json_object_get (description, "meeting"));
  HjMeeting *meeting = hj_host_find_meeting (self, id);

  if (meeting != NULL)
    return meeting;
  meeting = hj_meeting_new (description);
  g_hash_table_insert (self->meetings, (gpointer)hj_meeting_get_id (meeting), meeting);
  return meeting;
}

gboolean
hj_host_media_is_up (HjHost *self)
{
  return self->port != NULL && self->port->interface->is_up (self->port);
}

/* An act of the machine. input: (transfer full). */
void
hj_host_run (HjHost *self, const HjActKind *kind, json_t *input, GAsyncReadyCallback callback,
    gpointer user_data)
{
  hj_acts_run_async (self->acts, kind, self->machine, input, NULL, callback, user_data);
}

static void
noted (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) answer = hj_acts_run_finish (result, NULL, &error);

  if (answer == NULL)
    g_info ("not recorded: %s", error->message);
}

/* An act of the machine on whose outcome nothing waits. input: (transfer full). */
void
hj_host_note (HjHost *self, const HjActKind *kind, json_t *input)
{
  hj_host_run (self, kind, input, noted, NULL);
}

/* A seat that was there when this process died is dropped: its socket is gone, whatever its media does. */
static void
restore_seat (HjHost *self, HjSeat *seat, gboolean admitted, gint64 now_us)
{
  seat->admitted = admitted;
  seat->dropped_at_us = now_us;
  seat->restored = TRUE;
  hj_host_note (
      self, &hj_act_drop, json_pack ("{s:s, s:I}", "seat", seat->id, "at_us", (json_int_t)now_us));
}

static void
loaded (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  HjHost *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) answer = hj_acts_run_finish (result, NULL, &error);
  gint64 now_us = hj_time_now (hj_acts_get_time (self->acts));
  size_t i, k;
  json_t *running, *description;

  if (answer == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  json_array_foreach (json_object_get (answer, "meetings"), i, running)
  {
    HjMeeting *meeting = hj_host_reach_meeting (self, running);

    json_array_foreach (json_object_get (running, "seats"), k, description)
    {
      gboolean admitted = json_is_integer (json_object_get (running, "admitted_at_us"));

      restore_seat (self, hj_meeting_add_seat (meeting, description), admitted, now_us);
    }
  }
  g_task_return_boolean (task, TRUE);
}

/* Takes up the meetings that were running when the service stopped: every seat has a while to resume. */
void
hj_host_load_async (HjHost *self, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, NULL, callback, user_data);

  g_task_set_task_data (task, self, NULL);
  hj_host_run (self, &hj_act_list_running, NULL, loaded, task);
}

gboolean
hj_host_load_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
tell_time_left (HjMeeting *meeting, gint64 now_us)
{
  int minutes = hj_meeting_next_notice (meeting, now_us);
  g_autoptr (json_t) notice = NULL;

  if (minutes < 0)
    return;
  notice = json_pack ("{s:s, s:s, s:i}", "verb", "notice", "kind", "time-left", "minutes", minutes);
  hj_meeting_tell (meeting, notice);
}

static void
ended_by_machine (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) answer = hj_acts_run_finish (result, NULL, &error);

  if (answer == NULL && !g_error_matches (error, HJ_REFUSAL, HJ_REFUSAL_STATE))
    g_warning ("an abandoned meeting was not ended: %s", error->message);
}

/* Nobody is cut off: this ends what everybody has left, after its time. */
static void
end_if_abandoned (HjHost *self, HjMeeting *meeting, gint64 now_us)
{
  if (now_us < hj_meeting_get_ends_at_us (meeting) + ABANDONED_AFTER_US
      || !hj_meeting_is_empty (meeting))
    return;
  hj_host_run (self, &hj_act_end,
      json_pack ("{s:s, s:s}", "meeting", hj_meeting_get_id (meeting), "reason", "abandoned"),
      ended_by_machine, self);
}

typedef struct
{
  HjHost *host;
  char *seat;
} Gone;

static void
seat_left (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autofree Gone *gone = data;
  g_autofree char *id = gone->seat;
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) answer = hj_acts_run_finish (result, NULL, &error);

  if (answer == NULL)
    g_warning ("leave was not recorded: %s", error->message);
}

/* When the seat was last there, by its socket or by its media. */
static gint64
last_there_us (const HjSeat *seat)
{
  if (seat->media_gone_us == 0)
    return seat->dropped_at_us;
  return seat->restored ? seat->media_gone_us : MAX (seat->media_gone_us, seat->dropped_at_us);
}

/* A seat that did not return leaves, at the time when it was last there. One whose media still flows is there. */
static void
leave_if_gone (HjHost *self, HjSeat *seat, gint64 now_us)
{
  Gone *gone;

  if (seat->peer != NULL || seat->leaving || seat->media == HJ_SEAT_MEDIA_UP
      || now_us - seat->dropped_at_us < self->resume_us)
    return;
  seat->leaving = TRUE;
  gone = g_new (Gone, 1);
  *gone = (Gone){ self, g_strdup (seat->id) };
  hj_host_run (self, &hj_act_leave,
      json_pack ("{s:s, s:I, s:s}", "seat", seat->id, "at_us", (json_int_t)last_there_us (seat),
          "cause", "dropped"),
      seat_left, gone);
}

/* To be called about every second. */
void
hj_host_tick (HjHost *self)
{
  gint64 now_us = hj_time_now (hj_acts_get_time (self->acts));
  g_autoptr (GList) meetings = g_hash_table_get_values (self->meetings);

  for (GList *item = meetings; item != NULL; item = item->next)
    {
      GPtrArray *seats = hj_meeting_get_seats (item->data);

      tell_time_left (item->data, now_us);
      for (guint i = 0; i < seats->len; i++)
        leave_if_gone (self, g_ptr_array_index (seats, i), now_us);
      end_if_abandoned (self, item->data, now_us);
    }
}
