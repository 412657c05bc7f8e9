/* SPDX-License-Identifier: Apache-2.0 */
/* One direction of a bad link as a table of rules and a seeded source of chance, without sockets and without a clock: the
 * caller says when a packet comes and learns its fate and when it leaves. The fate of packet n depends on the seed, on n and
 * on the rules alone. Used by huijian-impair (impair-main.c), on its only thread. */
#include "tests/support/impair.h"

#include <gio/gio.h>
#include <string.h>

#define HEADERS 28              /* IPv4 and UDP */
#define DEFAULT_QUEUE_US 200000 /* what a small access router holds */
#define OVERTAKEN_US 30000

/** Sets up a perfect link; the seed decides every chance on it. */
void
hj_impair_way_init (HjImpairWay *way, guint32 seed)
{
  memset (way, 0, sizeof *way);
  way->rule.queue_us = DEFAULT_QUEUE_US;
  way->rand = g_rand_new_with_seed (seed);
}

void
hj_impair_way_clear (HjImpairWay *way)
{
  g_clear_pointer (&way->rand, g_rand_free);
}

/* A number with one of the units, e.g. "50ms"; -1 for anything else. */
static double
number_of (const char *value, const char *unit, double most)
{
  char *end = NULL;
  double number = g_ascii_strtod (value, &end);

  if (end == value || !(number >= 0) || number > most)
    return -1;
  return *end == '\0' || g_str_equal (end, unit) ? number : -1;
}

/** Changes one rule: "loss" and "reorder" in %, "delay", "jitter" and "queue" in ms, "rate" in bit/s (0: without limit).
 * An unknown rule or a value out of range is an error and changes nothing. */
gboolean
hj_impair_way_set (HjImpairWay *way, const char *what, const char *value, GError **error)
{
  static const struct
  {
    const char *name, *unit;
    double most;
  } rules[] = { { "loss", "%", 100 }, { "reorder", "%", 100 }, { "delay", "ms", 60000 },
    { "jitter", "ms", 60000 }, { "queue", "ms", 60000 }, { "rate", "bps", 1e10 } };
  double number = -1;
  gsize i;

  for (i = 0; i < G_N_ELEMENTS (rules) && !g_str_equal (rules[i].name, what); i++)
    ;
  if (i < G_N_ELEMENTS (rules))
    number = number_of (value, rules[i].unit, rules[i].most);
  if (number < 0)
    {
      g_set_error (
          error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "no such rule: %s %s", what, value);
      return FALSE;
    }
  switch (i)
    {
    case 0:
      way->rule.loss = number / 100;
      break;
    case 1:
      way->rule.reorder = number / 100;
      break;
    case 2:
      way->rule.delay_us = (gint64)(number * 1000);
      break;
    case 3:
      way->rule.jitter_us = (gint64)(number * 1000);
      break;
    case 4:
      way->rule.queue_us = (gint64)(number * 1000);
      break;
    default:
      way->rule.rate_bps = (gint64)number;
      break;
    }
  return TRUE;
}

/* When the rate is through with the packet; -1 when too much waits before it. */
static gint64
pass_rate (HjImpairWay *way, gsize bytes, gint64 now_us)
{
  gint64 start_us = MAX (now_us, way->busy_until_us);

  if (way->rule.rate_bps == 0)
    return now_us;
  if (start_us - now_us > way->rule.queue_us)
    return -1;
  way->busy_until_us = start_us + (gint64)bytes * 8 * G_USEC_PER_SEC / way->rule.rate_bps;
  return way->busy_until_us;
}

/** Decides about one packet of `payload` bytes that comes at now_us. When it passes, *leave_us is when it leaves. */
HjImpairFate
hj_impair_way_take (HjImpairWay *way, gsize payload, gint64 now_us, gint64 *leave_us)
{
  /* Always three draws, so that a rule that is changed on the way moves no other packet's chance. */
  double loss = g_rand_double (way->rand);
  double jitter = g_rand_double (way->rand);
  double reorder = g_rand_double (way->rand);
  HjImpairFate fate = HJ_IMPAIR_PASSED;
  gint64 through_us = now_us;

  if (way->rule.cut)
    fate = HJ_IMPAIR_CUT;
  else if (loss < way->rule.loss)
    fate = HJ_IMPAIR_LOST;
  else if ((through_us = pass_rate (way, payload + HEADERS, now_us)) < 0)
    fate = HJ_IMPAIR_FULL;
  way->fates[fate]++;
  if (fate != HJ_IMPAIR_PASSED)
    return fate;
  way->bytes += payload + HEADERS;
  *leave_us = through_us + way->rule.delay_us + (gint64)(jitter * (double)way->rule.jitter_us);
  if (reorder < way->rule.reorder)
    {
      way->reordered++;
      *leave_us += OVERTAKEN_US;
      return fate;
    }
  *leave_us = way->last_leave_us = MAX (*leave_us, way->last_leave_us);
  return fate;
}

/** What became of all packets so far, as one JSON object (transfer full). */
char *
hj_impair_way_report (const HjImpairWay *way)
{
  return g_strdup_printf ("{\"passed\":%" G_GUINT64_FORMAT ",\"lost\":%" G_GUINT64_FORMAT
                          ",\"full\":%" G_GUINT64_FORMAT ",\"cut\":%" G_GUINT64_FORMAT
                          ",\"reordered\":%" G_GUINT64_FORMAT ",\"bytes\":%" G_GUINT64_FORMAT "}",
      way->fates[HJ_IMPAIR_PASSED], way->fates[HJ_IMPAIR_LOST], way->fates[HJ_IMPAIR_FULL],
      way->fates[HJ_IMPAIR_CUT], way->reordered, way->bytes);
}
