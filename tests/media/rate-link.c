/* SPDX-License-Identifier: Apache-2.0 */
/* A network in a loop: senders that follow their estimates, a queue, a receiver that tells by
 * transport-wide feedback what arrived. Simulated time in steps of a millisecond, seeded: nothing
 * waits and every run is the same. */
#include "tests/media/rate-link.h"

#define STEP_US 1000
#define PACKET_BYTES 1200
#define AUDIO_BYTES 120
#define AUDIO_EVERY_US 20000
#define FRAME_EVERY_US 33000
#define TICK_EVERY_US 10000
#define FEEDBACK_EVERY_US 100000
#define PACING 1.5
#define KEPT 65536
#define MAX_TOLD 2000

typedef struct
{
  int flow; /* -1: of others */
  guint64 seq;
  guint bytes;
  gint64 arrives_us;
} Packet;

typedef struct
{
  gint64 arrives_us;
  gsize n;
  HjTwccStatus statuses[];
} Feedback;

typedef struct HjRateFlow
{
  HjBandwidth *bandwidth;
  guint64 n_sent;
  double frame_bytes; /* waiting in the pacer */
  double pacer_bytes;
  HjProbe probe;
  gint64 probe_until_us;
  guint n_probe_left;
  double probe_bytes;
  GQueue flying; /* Packet, past the queue */
  GQueue feedback;
  gint64 arrivals[KEPT]; /* by sequence number, 0: none */
  guint64 told_below;
  guint64 next_unseen; /* one above the highest that arrived */
  guint64 least_new;   /* of those that arrived since the last feedback */
} Flow;

HjRateLink *
hj_rate_link_new (double capacity_bps, guint n_flows)
{
  HjRateLink *link = g_new0 (HjRateLink, 1);

  link->capacity_bps = capacity_bps;
  link->queue_ms = 2000;
  link->one_way_us = 25000;
  link->receiver_clock_us = 777 * G_USEC_PER_SEC;
  link->now_us = 5 * G_USEC_PER_SEC;
  link->rand = g_rand_new_with_seed (4);
  link->n_flows = n_flows;
  for (guint i = 0; i < n_flows; i++)
    {
      link->flows[i] = g_new0 (Flow, 1);
      link->flows[i]->bandwidth = hj_bandwidth_new (link->now_us);
      link->flows[i]->least_new = G_MAXUINT64;
    }
  return link;
}

void
hj_rate_link_free (HjRateLink *link)
{
  for (guint i = 0; i < link->n_flows; i++)
    {
      hj_bandwidth_free (link->flows[i]->bandwidth);
      g_queue_clear_full (&link->flows[i]->flying, g_free);
      g_queue_clear_full (&link->flows[i]->feedback, g_free);
      g_free (link->flows[i]);
    }
  g_queue_clear_full (&link->queue, g_free);
  g_rand_free (link->rand);
  g_free (link);
}

HjBandwidth *
hj_rate_link_get_bandwidth (HjRateLink *link, guint flow)
{
  return link->flows[flow]->bandwidth;
}

guint64
hj_rate_link_get_target_bps (HjRateLink *link, guint flow)
{
  return hj_bandwidth_get_target_bps (link->flows[flow]->bandwidth);
}

double
hj_rate_link_get_queue_ms (HjRateLink *link)
{
  return link->queued_bytes * 8 * 1000 / link->capacity_bps;
}

static void
enter_queue (HjRateLink *link, int flow, guint64 seq, guint bytes)
{
  Packet *packet;

  if (link->cut || g_rand_double (link->rand) < link->loss
      || hj_rate_link_get_queue_ms (link) > link->queue_ms)
    return;
  packet = g_new0 (Packet, 1);
  *packet = (Packet){ .flow = flow, .seq = seq, .bytes = bytes };
  link->queued_bytes += bytes;
  g_queue_push_tail (&link->queue, packet);
}

static gboolean
is_probing (HjRateLink *link, Flow *flow)
{
  return flow->n_probe_left > 0 || link->now_us < flow->probe_until_us;
}

/* Media that leaves during a probe is part of it. */
static void
send_packet (HjRateLink *link, guint i, guint bytes)
{
  Flow *flow = link->flows[i];
  gboolean probes = is_probing (link, flow);
  guint16 seq
      = hj_bandwidth_send (flow->bandwidth, bytes, probes ? flow->probe.id : -1, link->now_us);

  g_assert_cmpuint (seq, ==, (guint16)flow->n_sent);
  flow->arrivals[flow->n_sent % KEPT] = 0;
  enter_queue (link, (int)i, flow->n_sent++, bytes);
  if (probes)
    {
      flow->probe_bytes -= bytes;
      flow->n_probe_left -= flow->n_probe_left > 0;
    }
}

static void
send_media (HjRateLink *link, guint i)
{
  Flow *flow = link->flows[i];
  double target_bps = (double)hj_rate_link_get_target_bps (link, i);
  double app_bps = link->app_bps > 0 ? MIN (link->app_bps, target_bps) : target_bps;

  if (link->now_us % AUDIO_EVERY_US == 0)
    send_packet (link, i, AUDIO_BYTES);
  if (link->now_us % FRAME_EVERY_US == 0)
    flow->frame_bytes += MAX (app_bps - AUDIO_BYTES * 8 * 50, 0) / 8 * FRAME_EVERY_US / 1e6;
  flow->pacer_bytes = MIN (flow->pacer_bytes, 0) + PACING * target_bps / 8 * STEP_US / 1e6;
  while (flow->frame_bytes >= 1 && flow->pacer_bytes >= 0)
    {
      guint bytes = (guint)CLAMP (flow->frame_bytes, 60, PACKET_BYTES);

      flow->frame_bytes = MAX (flow->frame_bytes - bytes, 0);
      flow->pacer_bytes -= bytes;
      send_packet (link, i, bytes);
    }
}

static void
send_probe (HjRateLink *link, guint i)
{
  Flow *flow = link->flows[i];

  if (link->now_us % TICK_EVERY_US == 0 && !is_probing (link, flow)
      && hj_bandwidth_next_probe (flow->bandwidth, link->now_us, &flow->probe))
    {
      link->n_probes++;
      flow->n_probe_left = flow->probe.min_packets;
      flow->probe_until_us = link->now_us + flow->probe.duration_us;
      flow->probe_bytes = 0;
    }
  if (!is_probing (link, flow))
    return;
  flow->probe_bytes += (double)flow->probe.bps / 8 * STEP_US / 1e6;
  while (is_probing (link, flow) && flow->probe_bytes >= 0)
    send_packet (link, i, PACKET_BYTES);
}

static void
leave_queue (HjRateLink *link, Packet *packet)
{
  Flow *flow;

  link->queued_bytes -= packet->bytes;
  if (packet->flow < 0)
    {
      g_free (packet);
      return;
    }
  flow = link->flows[packet->flow];
  /* The rest of the step's credit is time that the packet left earlier by. */
  packet->arrives_us = link->now_us + link->one_way_us
                       - (gint64)(link->credit_bits / link->capacity_bps * 1e6)
                       + (gint64)(g_rand_double (link->rand) * (double)link->jitter_us);
  if (!link->reorders)
    packet->arrives_us = MAX (packet->arrives_us, link->last_arrival_us);
  link->last_arrival_us = MAX (link->last_arrival_us, packet->arrives_us);
  g_queue_push_tail (&flow->flying, packet);
}

static void
serve (HjRateLink *link)
{
  Packet *packet;

  link->cross_credit_bits += link->cross_bps * STEP_US / 1e6;
  while (link->cross_credit_bits >= PACKET_BYTES * 8)
    {
      link->cross_credit_bits -= PACKET_BYTES * 8;
      enter_queue (link, -1, 0, PACKET_BYTES);
    }
  link->credit_bits += link->capacity_bps * STEP_US / 1e6;
  while (
      (packet = g_queue_peek_head (&link->queue)) != NULL && link->credit_bits >= packet->bytes * 8)
    {
      link->credit_bits -= packet->bytes * 8;
      leave_queue (link, g_queue_pop_head (&link->queue));
    }
  if (packet == NULL)
    link->credit_bits = 0;
}

static void
arrive (HjRateLink *link, Flow *flow, double *delivered_bits)
{
  for (GList *at = flow->flying.head; at != NULL;)
    {
      GList *next = at->next;
      Packet *packet = at->data;

      if (packet->arrives_us <= link->now_us)
        {
          flow->arrivals[packet->seq % KEPT] = packet->arrives_us;
          flow->next_unseen = MAX (flow->next_unseen, packet->seq + 1);
          flow->least_new = MIN (flow->least_new, packet->seq);
          *delivered_bits += packet->bytes * 8;
          g_queue_delete_link (&flow->flying, at);
          g_free (packet);
        }
      at = next;
    }
}

/* As a browser does: from what was told last, or from an older one that came since. */
static void
tell (HjRateLink *link, Flow *flow)
{
  guint64 base = MIN (flow->told_below, flow->least_new);
  Feedback *feedback;

  if (flow->least_new == G_MAXUINT64)
    return;
  feedback = g_malloc0 (sizeof *feedback + MAX_TOLD * sizeof (HjTwccStatus));
  feedback->arrives_us = link->now_us + link->one_way_us;
  for (guint64 seq = base; seq < flow->next_unseen && feedback->n < MAX_TOLD; seq++)
    {
      gint64 arrival_us = flow->arrivals[seq % KEPT];
      gint64 told_us = (arrival_us + link->receiver_clock_us) / 250 * 250;

      feedback->statuses[feedback->n++] = (HjTwccStatus){
        .seq = (guint16)seq,
        .received = arrival_us != 0,
        .arrival_us = arrival_us != 0 ? told_us % (((gint64)1 << 24) * 64000) : 0,
      };
    }
  flow->told_below = flow->next_unseen;
  flow->least_new = G_MAXUINT64;
  if (link->cut || g_rand_double (link->rand) < link->feedback_loss)
    g_free (feedback);
  else
    g_queue_push_tail (&flow->feedback, feedback);
}

static void
hear (HjRateLink *link, Flow *flow)
{
  Feedback *feedback;

  while ((feedback = g_queue_peek_head (&flow->feedback)) != NULL
         && feedback->arrives_us <= link->now_us)
    {
      hj_bandwidth_take_feedback (flow->bandwidth, feedback->statuses, feedback->n, link->now_us);
      g_free (g_queue_pop_head (&flow->feedback));
    }
}

static void
step (HjRateLink *link, double *delivered_bits)
{
  link->now_us += STEP_US;
  for (guint i = 0; i < link->n_flows; i++)
    {
      send_media (link, i);
      send_probe (link, i);
    }
  serve (link);
  for (guint i = 0; i < link->n_flows; i++)
    {
      arrive (link, link->flows[i], delivered_bits);
      if (link->now_us % FEEDBACK_EVERY_US == 0)
        tell (link, link->flows[i]);
      hear (link, link->flows[i]);
      if (link->now_us % TICK_EVERY_US == 0)
        hj_bandwidth_tick (link->flows[i]->bandwidth, link->now_us);
    }
}

void
hj_rate_link_run (HjRateLink *link, double seconds)
{
  guint n = (guint)(seconds * 1e6 / STEP_US);
  double delivered_bits = 0, sum_bps = 0;

  link->worst_queue_ms = 0;
  link->least_target_bps = G_MAXDOUBLE;
  for (guint i = 0; i < n; i++)
    {
      double target_bps;

      step (link, &delivered_bits);
      target_bps = (double)hj_rate_link_get_target_bps (link, 0);
      sum_bps += target_bps;
      link->least_target_bps = MIN (link->least_target_bps, target_bps);
      link->worst_queue_ms = MAX (link->worst_queue_ms, hj_rate_link_get_queue_ms (link));
    }
  link->mean_target_bps = sum_bps / n;
  link->delivered_bps = delivered_bits / seconds;
}
