/* SPDX-License-Identifier: Apache-2.0 */
/* All running meetings, on control: peers and the relay bring news, the acts write their rows, and only then the meeting moves
 * and everybody is told. What is here can be rebuilt from the database and the relay's report, and is, after a restart. */

#include "src/meeting/host-private.h"

#include "src/base/json.h"
#include "src/base/log.h"
#include "src/base/time.h"

#define ABANDONED_AFTER_US (10 * HJ_MINUTE_US)
/* What could not be written is tried again after this. */
#define RETRY_US (10 * HJ_SECOND_US)
#define ASSIGN_EVERY_US (10 * HJ_SECOND_US)

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
  hj_host_init_media (self);
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
  hj_host_clear_media (self);
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

gint64
hj_host_now (HjHost *self)
{
  return hj_time_now (hj_acts_get_time (self->acts));
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

/* A seat that was there when this process died is dropped: its socket is gone, whatever its media does. Nobody saw when. */
static void
restore_seat (HjHost *self, HjMeeting *meeting, const json_t *description)
{
  HjSeat *seat = hj_meeting_add_seat (meeting, description);

  seat->admitted = json_is_true (json_object_get (description, "admitted"));
  seat->media_unknown = TRUE;
  seat->dropped_at_us = hj_host_now (self);
  seat->there_us = json_integer_value (json_object_get (description, "last_there_us"));
  hj_host_drop_seat (self, seat);
}

static void
loaded (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  HjHost *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) answer = hj_acts_run_finish (result, NULL, &error);
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
      restore_seat (self, meeting, description);
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

/* An act of the machine about a meeting or a seat, which may be gone when the answer comes. */
typedef struct
{
  HjHost *host;
  char *id;
} About;

static About *
about_new (HjHost *host, const char *id)
{
  About *about = g_new (About, 1);

  *about = (About){ host, g_strdup (id) };
  return about;
}

static void
about_free (About *about)
{
  g_free (about->id);
  g_free (about);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (About, about_free)

static void
ended_by_machine (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (About) about = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) answer = hj_acts_run_finish (result, NULL, &error);
  HjMeeting *meeting = hj_host_find_meeting (about->host, about->id);

  if (answer != NULL || meeting == NULL)
    return;
  g_warning ("an abandoned meeting was not ended: %s", error->message);
  hj_meeting_give_up_end (meeting);
}

/* Nobody is cut off: this ends what everybody has left, after its time. */
static void
end_if_abandoned (HjHost *self, HjMeeting *meeting, gint64 now_us)
{
  const char *id = hj_meeting_get_id (meeting);

  if (now_us < hj_meeting_get_ends_at_us (meeting) + ABANDONED_AFTER_US
      || !hj_meeting_is_empty (meeting) || !hj_meeting_begin_end (meeting))
    return;
  hj_host_run (self, &hj_act_end, json_pack ("{s:s, s:s}", "meeting", id, "reason", "abandoned"),
      ended_by_machine, about_new (self, id));
}

/* Its leave came to nothing: it was resumed by somebody who then hung up before we could tell them, or could not be written. */
static void
seat_left (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (About) about = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) answer = hj_acts_run_finish (result, NULL, &error);
  HjSeat *seat = hj_host_find_seat (about->host, about->id);

  if (answer != NULL || seat == NULL)
    return;
  if (!g_error_matches (error, HJ_REFUSAL, HJ_REFUSAL_STATE))
    g_warning ("leave was not recorded: %s", error->message);
  seat->leaving = FALSE;
  seat->dropped_at_us = hj_host_now (about->host) - about->host->resume_us + RETRY_US;
  if (seat->peer == NULL)
    hj_host_drop_seat (about->host, seat);
}

/* When the seat was last there, by its socket or by its media. */
static gint64
last_there_us (const HjSeat *seat)
{
  gint64 there_us = MAX (seat->there_us, seat->media_gone_us);

  return there_us != 0 ? there_us : seat->dropped_at_us;
}

/* While the relay's link is down nobody knows whether media still flows to a seat that was let in. */
static gboolean
may_be_there (HjHost *self, const HjSeat *seat)
{
  return seat->peer != NULL || seat->media == HJ_SEAT_MEDIA_UP
         || (seat->admitted && !hj_host_media_is_up (self));
}

/* A seat that did not return leaves, at the time when it was last there. One whose media still flows is there, unless its
 * actor lost the right to be. */
static void
leave_if_gone (HjHost *self, HjSeat *seat, gint64 now_us)
{
  gboolean waits = may_be_there (self, seat)
                   || now_us - MAX (seat->dropped_at_us, seat->media_gone_us) < self->resume_us;

  if (seat->leaving || (seat->revoked ? seat->peer != NULL : waits))
    return;
  seat->leaving = TRUE;
  hj_host_run (self, &hj_act_leave,
      json_pack ("{s:s, s:I, s:s}", "seat", seat->id, "at_us", (json_int_t)last_there_us (seat),
          "cause", seat->revoked ? "revoked" : "dropped"),
      seat_left, about_new (self, seat->id));
}

/* The database hears of it at most once a tick, however often a page says it. */
static void
keep_quality (HjHost *self, HjSeat *seat)
{
  if (seat->quality == seat->quality_kept)
    return;
  seat->quality_kept = seat->quality;
  hj_host_note (self, &hj_act_quality,
      json_pack ("{s:s, s:I}", "seat", seat->id, "level", (json_int_t)seat->quality));
  hj_host_touch (self, hj_meeting_get_id (seat->meeting));
}

static void
tick_meeting (HjHost *self, HjMeeting *meeting, gint64 now_us)
{
  GPtrArray *seats = hj_meeting_get_seats (meeting);

  tell_time_left (meeting, now_us);
  for (guint i = 0; i < seats->len; i++)
    {
      keep_quality (self, g_ptr_array_index (seats, i));
      leave_if_gone (self, g_ptr_array_index (seats, i), now_us);
    }
  hj_host_try_admit (self, meeting);
  end_if_abandoned (self, meeting, now_us);
}

/* To be called about every second. */
void
hj_host_tick (HjHost *self)
{
  gint64 now_us = hj_host_now (self);
  g_autoptr (GList) meetings = g_hash_table_get_values (self->meetings);

  for (GList *item = meetings; item != NULL; item = item->next)
    tick_meeting (self, item->data, now_us);
  /* Time alone brings a booking near. */
  if (now_us - self->assigned_at_us >= ASSIGN_EVERY_US)
    hj_host_refresh_assignments (self);
}
