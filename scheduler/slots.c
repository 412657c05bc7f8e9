/* SPDX-License-Identifier: Apache-2.0 */
/* Free slots: the centre's times, in open rooms whose kiosk is online, less what bookings hold. On the store's worker. What
 * is listed here may be gone a moment later: the row in booking_slot decides (booking-desk.c). */

#include "scheduler/slots.h"

#include "scheduler/acts.h"
#include "src/base/json.h"
#include "src/base/time.h"
#include "src/records/facts.h"
#include "src/store/store.h"

#define MAX_RANGE_US (15 * HJ_DAY_US)
/* No slot is longer than this (policy.c), so no booking that began earlier reaches into a range. */
#define MAX_SLOT_US (4 * HJ_HOUR_US)

static const char LIST_ROOMS[]
    = "SELECT r.id, r.name_zh, r.name_en FROM room r JOIN kiosk k ON k.room = r.id"
      " WHERE r.centre = :centre AND r.open = 1 AND k.state = 'approved' AND k.online = 1"
      " ORDER BY r.name_zh, r.id";
static const char TAKEN_ROOM[]
    = "SELECT b.starts_at_us, b.ends_at_us FROM booking_slot s JOIN booking b ON b.id = s.booking"
      " WHERE s.room = :id AND s.starts_at_us > :from AND s.starts_at_us < :to"
      " ORDER BY s.starts_at_us";
static const char TAKEN_LAWYER[]
    = "SELECT starts_at_us, ends_at_us FROM lawyer_taken WHERE lawyer = :id"
      " AND starts_at_us > :from AND starts_at_us < :to ORDER BY starts_at_us";
static const char TAKEN_DETAINEE[]
    = "SELECT b.starts_at_us, b.ends_at_us FROM booking_slot s JOIN booking b ON b.id = s.booking"
      " WHERE s.detainee = :id AND s.starts_at_us > :from AND s.starts_at_us < :to"
      " ORDER BY s.starts_at_us";
static const char FIND_ZONE[] = "SELECT zone FROM centre WHERE id = :centre";
static const char IS_OFFERED[]
    = "SELECT count (*) FROM room r JOIN kiosk k ON k.room = r.id WHERE r.id = :room"
      " AND r.centre = :centre AND r.open = 1 AND k.state = 'approved' AND k.online = 1";

/* A room, the lawyer or the detainee: the times when it is taken, in order, and how far the search has come. */
typedef struct
{
  char *id;
  char *name_zh;
  char *name_en;
  GArray *taken; /* HjSlotTime */
  guint next;
} Line;

static void
free_line (gpointer data)
{
  Line *line = data;

  g_free (line->id);
  g_free (line->name_zh);
  g_free (line->name_en);
  if (line->taken != NULL)
    g_array_unref (line->taken);
  g_free (line);
}

/* A centre's times and rooms in a range, read once. */
typedef struct
{
  GArray *times;     /* HjSlotTime */
  GPtrArray *rooms;  /* Line */
  GPtrArray *people; /* Line */
  gint64 slot_us;
} Grid;

static void
clear_grid (Grid *grid)
{
  g_clear_pointer (&grid->times, g_array_unref);
  g_clear_pointer (&grid->rooms, g_ptr_array_unref);
  g_clear_pointer (&grid->people, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Grid, clear_grid)

/* Returns: (transfer full) (nullable): the times when somebody or some room is taken. */
static GArray *
read_taken (HjStore *store, const char *sql, const char *id, gint64 from, gint64 to, GError **error)
{
  g_autoptr (HjRows) rows = hj_store_query (store, sql,
      HJ_BINDS (HJ_TEXT (":id", id), HJ_INT (":from", from - MAX_SLOT_US), HJ_INT (":to", to)),
      error);
  g_autoptr (GError) failure = NULL;
  g_autoptr (GArray) taken = g_array_new (FALSE, FALSE, sizeof (HjSlotTime));

  if (rows == NULL)
    return NULL;
  while (hj_rows_next (rows, &failure))
    {
      HjSlotTime time = { hj_rows_int (rows, 0), hj_rows_int (rows, 1) };

      g_array_append_val (taken, time);
    }
  if (failure == NULL)
    return g_steal_pointer (&taken);
  g_propagate_error (error, g_steal_pointer (&failure));
  return NULL;
}

static gboolean
read_rooms (HjStore *store, const char *centre, GPtrArray *rooms, GError **error)
{
  g_autoptr (HjRows) rows
      = hj_store_query (store, LIST_ROOMS, HJ_BINDS (HJ_TEXT (":centre", centre)), error);
  g_autoptr (GError) failure = NULL;

  if (rows == NULL)
    return FALSE;
  while (hj_rows_next (rows, &failure))
    {
      Line *line = g_new0 (Line, 1);

      line->id = g_strdup (hj_rows_text (rows, 0));
      line->name_zh = g_strdup (hj_rows_text (rows, 1));
      line->name_en = g_strdup (hj_rows_text (rows, 2));
      g_ptr_array_add (rooms, line);
    }
  if (failure == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

static gboolean
add_person (HjStore *store, Grid *grid, const char *sql, const char *id, gint64 from, gint64 to,
    GError **error)
{
  Line *line;

  if (id == NULL)
    return TRUE;
  line = g_new0 (Line, 1);
  g_ptr_array_add (grid->people, line);
  line->taken = read_taken (store, sql, id, from, to, error);
  return line->taken != NULL;
}

/* Returns: (transfer full) (nullable): the centre's zone. An unknown name is UTC, which people see and mend. */
static GTimeZone *
find_zone (HjStore *store, const char *centre, GError **error)
{
  g_autoptr (HjRows) rows
      = hj_store_query (store, FIND_ZONE, HJ_BINDS (HJ_TEXT (":centre", centre)), error);
  g_autoptr (GError) failure = NULL;
  GTimeZone *zone = NULL;

  if (rows == NULL)
    return NULL;
  if (!hj_rows_next (rows, &failure))
    {
      if (failure != NULL)
        g_propagate_error (error, g_steal_pointer (&failure));
      else
        hj_refuse (error, HJ_REFUSAL_NOT_FOUND, "centre");
      return NULL;
    }
  zone = g_time_zone_new_identifier (hj_rows_text (rows, 0));
  return zone != NULL ? zone : g_time_zone_new_utc ();
}

/* The times of a centre that can be booked now, whatever the rooms. Returns: (transfer full) (nullable). */
static GArray *
read_times (HjStore *store, const char *centre, gint64 from, gint64 to, gint64 now,
    gint64 *ret_slot_us, GError **error)
{
  g_autoptr (HjPolicy) policy = hj_policy_get (store, centre, now, error);
  g_autoptr (GTimeZone) zone = policy != NULL ? find_zone (store, centre, error) : NULL;

  if (zone == NULL)
    return NULL;
  if (ret_slot_us != NULL)
    *ret_slot_us = policy->slot_us;
  return hj_slots_get_times (policy, zone, from, to, now);
}

static gboolean
read_grid (
    HjStore *store, const HjSlotsAsk *ask, gint64 from, gint64 to, Grid *grid, GError **error)
{
  grid->times = read_times (store, ask->centre, from, to, ask->now_us, &grid->slot_us, error);
  grid->rooms = g_ptr_array_new_with_free_func (free_line);
  grid->people = g_ptr_array_new_with_free_func (free_line);
  if (grid->times == NULL || !read_rooms (store, ask->centre, grid->rooms, error)
      || !add_person (store, grid, TAKEN_LAWYER, ask->lawyer, from, to, error)
      || !add_person (store, grid, TAKEN_DETAINEE, ask->detainee, from, to, error))
    return FALSE;
  for (guint i = 0; i < grid->rooms->len; i++)
    {
      Line *room = g_ptr_array_index (grid->rooms, i);

      room->taken = read_taken (store, TAKEN_ROOM, room->id, from, to, error);
      if (room->taken == NULL)
        return FALSE;
    }
  return TRUE;
}

/* Times are asked for in order, so each line is walked once. */
static gboolean
is_free (Line *line, const HjSlotTime *time)
{
  const HjSlotTime *taken = (const HjSlotTime *)(gconstpointer)line->taken->data;

  while (line->next < line->taken->len && taken[line->next].ends_at_us <= time->starts_at_us)
    line->next++;
  return line->next == line->taken->len || taken[line->next].starts_at_us >= time->ends_at_us;
}

static gboolean
people_are_free (Grid *grid, const HjSlotTime *time)
{
  gboolean all = TRUE;

  for (guint i = 0; i < grid->people->len; i++)
    all = is_free (g_ptr_array_index (grid->people, i), time) && all;
  return all;
}

static json_t *
make_slot (const char *centre, const Line *room, const HjSlotTime *time)
{
  return json_pack ("{s:s, s:s, s:o, s:I, s:I}", "centre", centre, "room", room->id, "room_name",
      hj_json_zh_en (room->name_zh, room->name_en), "starts_at_us", (json_int_t)time->starts_at_us,
      "ends_at_us", (json_int_t)time->ends_at_us);
}

/* Free slots that touch [from, to), by time and then room; at most HJ_SLOTS_MAX, ret_more says whether there are more.
 * ret_slot_us: (out) (optional): how long a slot is. Returns: (transfer full) (nullable): an array of Slot. */
json_t *
hj_slots_list (HjStore *store, const HjSlotsAsk *ask, gint64 from_us, gint64 to_us,
    gboolean *ret_more, gint64 *ret_slot_us, GError **error)
{
  g_auto (Grid) grid = { 0 };
  json_t *slots = NULL;

  if (!read_grid (store, ask, from_us, to_us, &grid, error))
    return NULL;
  slots = json_array ();
  *ret_more = FALSE;
  if (ret_slot_us != NULL)
    *ret_slot_us = grid.slot_us;
  for (guint t = 0; t < grid.times->len && !*ret_more; t++)
    {
      const HjSlotTime *time = &g_array_index (grid.times, HjSlotTime, t);
      gboolean people = people_are_free (&grid, time);

      for (guint r = 0; r < grid.rooms->len; r++)
        {
          Line *room = g_ptr_array_index (grid.rooms, r);

          if (!is_free (room, time) || !people)
            continue;
          *ret_more = json_array_size (slots) == HJ_SLOTS_MAX;
          if (*ret_more)
            break;
          json_array_append_new (slots, make_slot (ask->centre, room, time));
        }
    }
  return slots;
}

typedef struct
{
  const Line *room;
  const HjSlotTime *time;
  gint64 distance;
} Candidate;

static gint
compare_candidates (gconstpointer a, gconstpointer b)
{
  const Candidate *one = a;
  const Candidate *two = b;

  if (one->distance != two->distance)
    return one->distance < two->distance ? -1 : 1;
  if (one->time->starts_at_us != two->time->starts_at_us)
    return one->time->starts_at_us < two->time->starts_at_us ? -1 : 1;
  return 0;
}

static GArray *
list_candidates (Grid *grid, gint64 wanted_us)
{
  GArray *candidates = g_array_new (FALSE, FALSE, sizeof (Candidate));

  for (guint t = 0; t < grid->times->len; t++)
    {
      const HjSlotTime *time = &g_array_index (grid->times, HjSlotTime, t);
      gboolean people = people_are_free (grid, time);

      for (guint r = 0; r < grid->rooms->len; r++)
        {
          Line *room = g_ptr_array_index (grid->rooms, r);
          Candidate candidate = { room, time, ABS (time->starts_at_us - wanted_us) };

          if (is_free (room, time) && people)
            g_array_append_val (candidates, candidate);
        }
    }
  return candidates;
}

/* The free slots nearest to a time, nearest first: within three days, and if there are too few within the policy's range.
 * Returns: (transfer full) (nullable): an array of Slot, at most max. */
json_t *
hj_slots_list_nearest (
    HjStore *store, const HjSlotsAsk *ask, gint64 wanted_us, guint max, GError **error)
{
  static const gint64 REACH[] = { 3 * HJ_DAY_US, MAX_RANGE_US };
  g_autoptr (json_t) slots = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (REACH); i++)
    {
      g_auto (Grid) grid = { 0 };
      g_autoptr (GArray) candidates = NULL;

      if (!read_grid (store, ask, wanted_us - REACH[i], wanted_us + REACH[i], &grid, error))
        return NULL;
      candidates = list_candidates (&grid, wanted_us);
      g_array_sort (candidates, compare_candidates);
      g_clear_pointer (&slots, json_decref);
      slots = json_array ();
      for (guint c = 0; c < MIN (candidates->len, max); c++)
        {
          const Candidate *candidate = &g_array_index (candidates, Candidate, c);

          json_array_append_new (slots, make_slot (ask->centre, candidate->room, candidate->time));
        }
      if (json_array_size (slots) == max)
        break;
    }
  return g_steal_pointer (&slots);
}

/* Whether the centre offers this slot now, taken or not. ret_ends_at_us: (out): when it ends. FALSE with
 * HJ_REFUSAL_SLOT_CLOSED: another centre's room, closed, its kiosk away, outside hours, too early or too late. */
gboolean
hj_slots_check_offered (HjStore *store, const char *centre, const char *room, gint64 starts_at_us,
    gint64 now_us, gint64 *ret_ends_at_us, GError **error)
{
  g_autoptr (GArray) times = NULL;
  gint64 rooms = 0;

  if (!hj_store_query_int (store, IS_OFFERED,
          HJ_BINDS (HJ_TEXT (":room", room), HJ_TEXT (":centre", centre)), &rooms, error))
    return FALSE;
  times = read_times (
      store, centre, starts_at_us, MAX (starts_at_us, now_us) + 1, now_us, NULL, error);
  if (times == NULL)
    return FALSE;
  for (guint i = 0; i < times->len && rooms > 0; i++)
    {
      const HjSlotTime *time = &g_array_index (times, HjSlotTime, i);

      *ret_ends_at_us = time->ends_at_us;
      if (time->starts_at_us == starts_at_us)
        return TRUE;
    }
  hj_refuse (error, HJ_REFUSAL_SLOT_CLOSED, "slot");
  return FALSE;
}

static json_t *
answer_slots (HjAct *act, const HjFacts *facts, gint64 from, gint64 to, GError **error)
{
  const HjSlotsAsk ask
      = { facts->detainee.centre, facts->lawyer.id, facts->detainee.id, act->now_us };
  g_autoptr (json_t) slots = NULL;
  gboolean more = FALSE;
  gint64 slot_us = 0;

  /* Somebody who is nowhere in custody: eligibility says so, there is simply nothing to book. */
  if (facts->detainee.centre == NULL)
    return json_pack ("{s:[], s:i, s:b}", "slots", "minutes", 0, "more", 0);
  slots = hj_slots_list (act->store, &ask, from, to, &more, &slot_us, error);
  if (slots == NULL)
    return NULL;
  return json_pack ("{s:O, s:I, s:b}", "slots", slots, "minutes",
      (json_int_t)(slot_us / HJ_MINUTE_US), "more", more);
}

/* Act list-slots. Input {authority, from_us?, to_us?}, at most 15 days, by default a week from now; answer {slots:[Slot],
 * minutes, more} of the centre where the client is. */
static json_t *
list_slots (HjAct *act, GError **error)
{
  const char *authority = NULL;
  gint64 from = act->now_us;
  gint64 to = 0;
  g_autoptr (HjFacts) facts = NULL;

  if (!hj_json_read_id (act->input, "authority", &authority, error)
      || !hj_json_read_optional_int (act->input, "from_us", 0, HJ_MOMENT_MAX_US, &from, error))
    return NULL;
  to = from + 7 * HJ_DAY_US;
  if (!hj_json_read_optional_int (act->input, "to_us", from, from + MAX_RANGE_US, &to, error))
    return NULL;
  hj_act_about (act, "authority", authority);
  facts = hj_facts_load (act->store, authority, NULL, act->now_us, error);
  if (facts == NULL
      || !hj_access_check (
          act->actor, "list-slots", &(HjSubject){ .lawyer = facts->lawyer.id }, error))
    return NULL;
  return answer_slots (act, facts, from, to, error);
}

const HjActKind hj_act_list_slots = {
  .name = "list-slots",
  .flags = HJ_ACT_READS,
  .run = list_slots,
};
