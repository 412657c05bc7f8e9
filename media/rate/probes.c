/* SPDX-License-Identifier: Apache-2.0 */
/* Short bursts above the target that find room which media alone would find in many seconds: at the
 * start, while little is sent, and some time after a drop. The rate at which a burst arrives is what
 * the path carries (libwebrtc's probe controller and estimator; the packet trains of
 * draft-ietf-rmcat-gcc-02 say nothing of it). Plain values, used by the leg's thread. */
#include "media/rate/probes.h"

#define CLUSTER_US 15000
#define LEAST_PACKETS 5
#define ANSWER_US G_USEC_PER_SEC /* how long to wait for the word on a cluster */
#define MOST_REPEATS 3           /* of a cluster without an answer */
#define APART_US 60000           /* between two clusters */
#define LIMITED_PAUSE_US (5 * G_USEC_PER_SEC)
#define RECOVER_US (3 * G_USEC_PER_SEC)
#define LONGEST_RECOVER_US (24 * G_USEC_PER_SEC)
#define ENOUGH_BPS 4000000u /* no picture here needs more: what is sent anyway finds the rest */
#define MOST_BPS 5000000u
#define SATURATED 0.9 /* arrives so much slower than it left: the path was full */
#define UTILIZATION 0.95
#define LONGEST_CLUSTER_US G_USEC_PER_SEC

/* The first packet left: three times the start, and when that gets through, twice as much again.
 * Not both at once: on a narrow path the second would stand in the queue before the first words. */
void
hj_probes_begin (HjProbes *self, guint64 start_bps)
{
  if (self->started)
    return;
  self->started = self->exploring = TRUE;
  self->waiting_bps = 3 * start_bps;
}

/* A fall by a third or more, in one step or in many, is worth asking later whether it still holds. One to less than half of
 * where the last was asked about is another fall: what was found out before about when to ask says nothing of it. */
void
hj_probes_note_drop (HjProbes *self, guint64 from_bps, guint64 to_bps, gint64 now_us)
{
  if (to_bps >= from_bps)
    return;
  self->waiting_bps = 0;
  self->exploring = FALSE;
  if (self->before_drop_bps == 0 || now_us - self->dropped_us > 2 * LONGEST_RECOVER_US)
    self->before_drop_bps = self->level_bps = from_bps;
  if (to_bps < self->level_bps / 2)
    {
      self->level_bps = to_bps;
      self->recover_at_us = self->recover_pause_us = 0;
    }
  self->before_drop_bps = MAX (self->before_drop_bps, from_bps);
  self->dropped_us = now_us;
  if (self->recover_at_us < now_us + RECOVER_US)
    self->recover_at_us = now_us + RECOVER_US;
  if (self->recover_pause_us == 0)
    self->recover_pause_us = RECOVER_US;
}

static gboolean
ask (HjProbes *self, guint64 bps, gint64 now_us, HjProbe *out)
{
  int id = self->next_id;

  bps = MIN (bps, MOST_BPS);
  self->next_id = id == G_MAXINT ? 0 : id + 1;
  self->asked_us = now_us;
  self->asked_bps = bps;
  self->waiting_bps = 0;
  *out = (HjProbe){ .id = id, .bps = bps, .duration_us = CLUSTER_US, .min_packets = LEAST_PACKETS };
  self->kept[id % HJ_PROBES_KEPT]
      = (HjCluster){ .id = id, .bps = bps, .min_packets = LEAST_PACKETS };
  return TRUE;
}

/* Each attempt that changes nothing doubles the wait for the next, up to 24 s; a minute after the
 * last drop there is nothing to go back to. */
static gboolean
recovers (HjProbes *self, guint64 target_bps, gint64 now_us)
{
  if (self->before_drop_bps == 0)
    return FALSE;
  if (target_bps >= self->before_drop_bps / 4 * 3
      || now_us - self->dropped_us > 3 * LONGEST_RECOVER_US)
    {
      self->before_drop_bps = 0;
      self->recover_pause_us = 0;
      return FALSE;
    }
  if (now_us < self->recover_at_us)
    return FALSE;
  self->recover_pause_us = MIN (2 * self->recover_pause_us, LONGEST_RECOVER_US);
  self->recover_at_us = now_us + self->recover_pause_us;
  return TRUE;
}

/* What is not used does not grow, and what is far too little grows slowly. */
static gboolean
is_limited_for_long (HjProbes *self, const HjProbeView *view, gint64 now_us)
{
  if ((!view->app_limited && !view->starved) || view->target_bps >= ENOUGH_BPS)
    {
      self->limited_since_us = 0;
      return FALSE;
    }
  if (self->limited_since_us == 0)
    self->limited_since_us = now_us;
  return now_us - self->limited_since_us >= LIMITED_PAUSE_US
         && now_us - self->asked_us >= LIMITED_PAUSE_US;
}

/* A cluster whose packets, or the word on them, got lost tells nothing: it is sent again. */
static void
give_up_waiting (HjProbes *self, gint64 now_us)
{
  if (!self->exploring || self->waiting_bps != 0 || now_us - self->asked_us <= ANSWER_US)
    return;
  if (self->n_repeats++ < MOST_REPEATS)
    self->waiting_bps = self->asked_bps;
  else
    self->exploring = FALSE;
}

/**
 * hj_probes_next:
 * @out: (out): set with TRUE
 *
 * Returns: TRUE when a cluster shall be sent now
 */
gboolean
hj_probes_next (HjProbes *self, const HjProbeView *view, gint64 now_us, HjProbe *out)
{
  gboolean limited = is_limited_for_long (self, view, now_us);

  give_up_waiting (self, now_us);
  if (!self->started || !view->calm || (self->asked_us != 0 && now_us - self->asked_us < APART_US))
    return FALSE;
  if (self->waiting_bps != 0)
    return ask (self, self->waiting_bps, now_us, out);
  if (recovers (self, view->target_bps, now_us))
    {
      self->exploring = TRUE;
      return ask (self, MIN (2 * view->target_bps, self->before_drop_bps), now_us, out);
    }
  return limited && ask (self, 2 * view->target_bps, now_us, out);
}

static HjCluster *
find (HjProbes *self, const HjSent *sent)
{
  HjCluster *cluster;

  if (sent->probe < 0)
    return NULL;
  cluster = &self->kept[sent->probe % HJ_PROBES_KEPT];
  return cluster->id == sent->probe && cluster->bps != 0 ? cluster : NULL;
}

static void
add_received (HjCluster *cluster, const HjSent *sent, gint64 arrival_us)
{
  if (cluster->n_received == 0 || sent->sent_us < cluster->first_sent_us)
    cluster->first_sent_us = sent->sent_us;
  if (cluster->n_received == 0 || sent->sent_us >= cluster->last_sent_us)
    {
      cluster->last_sent_us = sent->sent_us;
      cluster->last_sent_bytes = sent->bytes;
    }
  if (cluster->n_received == 0 || arrival_us < cluster->first_arrival_us)
    {
      cluster->first_arrival_us = arrival_us;
      cluster->first_arrival_bytes = sent->bytes;
    }
  if (cluster->n_received == 0 || arrival_us > cluster->last_arrival_us)
    cluster->last_arrival_us = arrival_us;
  cluster->bytes += sent->bytes;
  cluster->n_received++;
  cluster->news = TRUE;
}

void
hj_probes_take_received (HjProbes *self, const HjSent *sent, gint64 arrival_us)
{
  HjCluster *cluster = find (self, sent);

  if (cluster != NULL)
    add_received (cluster, sent, arrival_us);
}

void
hj_probes_take_lost (HjProbes *self, const HjSent *sent)
{
  HjCluster *cluster = find (self, sent);

  if (cluster != NULL)
    cluster->n_lost++;
}

static double
rate_bps (guint64 bytes, gint64 passed_us)
{
  return (double)bytes * 8 * G_USEC_PER_SEC / (double)passed_us;
}

/* FALSE while too little is told, or what is told makes no sense. */
static gboolean
weigh (const HjCluster *cluster, HjProbeResult *out)
{
  gint64 sending_us = cluster->last_sent_us - cluster->first_sent_us;
  gint64 arriving_us = cluster->last_arrival_us - cluster->first_arrival_us;
  double sent_bps = (double)cluster->bps;
  double got_bps;

  if (cluster->n_received * 5 < cluster->min_packets * 4
      || cluster->n_received * 5 < (cluster->n_received + cluster->n_lost) * 4 || arriving_us <= 0
      || arriving_us > LONGEST_CLUSTER_US || sending_us > LONGEST_CLUSTER_US)
    return FALSE;
  /* All at once (a coarse pacer): then only what arrives counts. */
  if (sending_us > 0)
    sent_bps = MIN (sent_bps, rate_bps (cluster->bytes - cluster->last_sent_bytes, sending_us));
  got_bps = rate_bps (cluster->bytes - cluster->first_arrival_bytes, arriving_us);
  out->full = got_bps < SATURATED * sent_bps;
  out->bps = (guint64)(out->full ? UTILIZATION * got_bps : MIN (sent_bps, got_bps));
  return TRUE;
}

/* What got through makes for twice as much, anything else is the end of it. */
static void
explore (HjProbes *self, const HjCluster *cluster, const HjProbeResult *result)
{
  self->exploring
      = !result->full && result->bps >= cluster->bps / 10 * 7 && result->bps < ENOUGH_BPS;
  if (self->exploring)
    self->waiting_bps = 2 * result->bps;
  self->n_repeats = 0;
}

/**
 * hj_probes_get_result:
 * @out: (out): of the newest cluster that a feedback spoke of; set with TRUE
 *
 * Call it once after each feedback.
 */
gboolean
hj_probes_get_result (HjProbes *self, gint64 now_us, HjProbeResult *out)
{
  HjCluster *newest = NULL;
  HjProbeResult result;

  for (guint i = 0; i < HJ_PROBES_KEPT; i++)
    {
      HjCluster *cluster = &self->kept[i];

      if (cluster->news && weigh (cluster, &result) && (newest == NULL || cluster->id > newest->id))
        {
          newest = cluster;
          *out = result;
        }
      cluster->news = FALSE;
    }
  if (newest == NULL)
    return FALSE;
  if (self->exploring && self->waiting_bps == 0 && newest->id == self->next_id - 1)
    explore (self, newest, out);
  return TRUE;
}
