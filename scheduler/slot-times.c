/* SPDX-License-Identifier: Apache-2.0 */
/* When a centre offers meetings: the policy's opening hours, in the centre's own zone, cut into slots. Any thread, no store. */

#include "scheduler/slots.h"
#include "src/base/time.h"

/* Minutes of a day in the zone, as a moment. minute may be 1440: the midnight after. -1: no such moment. */
static gint64
moment (GTimeZone *zone, GDate *day, int minute)
{
  g_autoptr (GDateTime) at = NULL;
  GDate date = *day;

  g_date_add_days (&date, (guint)minute / (24 * 60));
  at = g_date_time_new (zone, g_date_get_year (&date), (gint)g_date_get_month (&date),
      g_date_get_day (&date), minute % (24 * 60) / 60, minute % 60, 0);
  return at != NULL ? g_date_time_to_unix (at) * HJ_SECOND_US : -1;
}

static void
read_day (GDate *ret, GTimeZone *zone, gint64 at_us)
{
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (at_us / HJ_SECOND_US);
  g_autoptr (GDateTime) here = g_date_time_to_timezone (utc, zone);

  g_date_clear (ret, 1);
  g_date_set_dmy (ret, (GDateDay)g_date_time_get_day_of_month (here),
      (GDateMonth)g_date_time_get_month (here), (GDateYear)g_date_time_get_year (here));
}

/* Whether there is still a point in the slot, and the policy lets it be booked now; how far ahead is where the walk ends. The
 * running slot can be booked while a third of it is left: a lawyer who is there must not wait for the next one (2015 Provisions
 * art. 7: if it can be arranged now, arrange it now). */
static gboolean
can_be_booked (const HjPolicy *policy, gint64 starts, gint64 ends, gint64 now)
{
  gint64 ahead = policy->always_open ? 0 : policy->book_ahead_us;

  if (starts >= now)
    return starts >= now + ahead;
  return ahead == 0 && (ends - now) * 3 >= ends - starts;
}

typedef struct
{
  const HjPolicy *policy;
  gint64 from, to, now;
  GArray *times;
} Walk;

/* Slots count from the beginning of a span; what is left at its end is too short for one. A span is walked in elapsed time, so
 * that a change of summer time neither repeats nor overlaps a slot. */
static void
walk_span (const Walk *walk, gint64 opens, gint64 closes)
{
  gint64 length = walk->policy->slot_us;

  for (gint64 starts = opens; opens >= 0 && starts + length <= closes; starts += length)
    {
      HjSlotTime time = { starts, starts + length };

      if (starts >= walk->to)
        return;
      if (time.ends_at_us > walk->from
          && can_be_booked (walk->policy, starts, time.ends_at_us, walk->now))
        g_array_append_val (walk->times, time);
    }
}

static void
walk_day (const Walk *walk, GTimeZone *zone, GDate *day)
{
  int weekday = (int)g_date_get_weekday (day) - G_DATE_MONDAY;

  if (walk->policy->always_open)
    {
      walk_span (walk, moment (zone, day, 0), moment (zone, day, 24 * 60));
      return;
    }
  for (int i = 0; i < walk->policy->n_open[weekday]; i++)
    {
      const HjPolicySpan *span = &walk->policy->open[weekday][i];

      walk_span (walk, moment (zone, day, span->from_minute), moment (zone, day, span->to_minute));
    }
}

/* The times that can be booked now and touch [from, to). Returns: (transfer full) (element-type HjSlotTime): in order, never
 * overlapping. */
GArray *
hj_slots_get_times (
    const HjPolicy *policy, GTimeZone *zone, gint64 from_us, gint64 to_us, gint64 now_us)
{
  GArray *times = g_array_new (FALSE, FALSE, sizeof (HjSlotTime));
  const Walk walk = { policy, MAX (from_us, now_us),
    MIN (to_us, now_us + policy->book_until_us + 1), now_us, times };
  GDate day, last;

  if (walk.from >= walk.to)
    return times;
  read_day (&day, zone, walk.from);
  read_day (&last, zone, walk.to);
  for (; g_date_compare (&day, &last) <= 0; g_date_add_days (&day, 1))
    walk_day (&walk, zone, &day);
  return times;
}
