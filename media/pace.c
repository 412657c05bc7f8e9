/* SPDX-License-Identifier: Apache-2.0 */
/* What leaves for one receiver, and when: video waits in the leg's pacer where its path is thin, audio never does, and
 * bursts of padding try out how much more the path takes (RFC 4588 packets, so that no decoder sees them). Only a peer that
 * tells what arrives is paced and probed. On the relay thread. */

#include <string.h>

#include "media/packet.h"
#include "media/rooms-private.h"

#define PACE_FACTOR_10 25 /* video leaves at 2.5 times what the path is thought to take */
#define PROBE_US (1 * G_TIME_SPAN_SECOND) /* a burst that takes longer tells nothing */
#define RECENT 8                          /* packets that padding repeats in turn */
#define WORTH_REPEATING 200               /* bytes; padding alone has 255 */

/* Whoever fills a slot of this leg. Returns: (nullable). */
HjLeg *
hj_leg_source_of (const HjLeg *self, guint slot)
{
  return self->room->seats[slot < self->seat ? slot : slot + 1].leg;
}

static void
join_pacing (HjLeg *self)
{
  if (!self->pacing)
    g_ptr_array_add (self->rooms->pacing, self);
  self->pacing = TRUE;
}

void
hj_leg_leave_pacing (HjLeg *self)
{
  if (self->pacing)
    g_ptr_array_remove_fast (self->rooms->pacing, self);
  self->pacing = FALSE;
}

/* Throws away what waits. A track that lost new video begins again with a keyframe, in numbers without a hole. */
void
hj_leg_drop_queue (HjLeg *self, gint64 now_us)
{
  HjPaced packet;

  while (hj_pacer_pop (&self->pacer, &packet))
    {
      HjTrackOut *out = &self->tracks_out[packet.slot][HJ_VIDEO];
      HjLeg *source = hj_leg_source_of (self, packet.slot);

      hj_rooms_drop (self->rooms, HJ_DROP_CONGESTED);
      if (packet.again || !hj_track_is_about (out, source, HJ_VIDEO))
        continue;
      out->mapped = FALSE;
      if (!self->video_cut)
        hj_leg_want_key (source, now_us);
    }
}

static void
queue (HjLeg *self, const HjPaced *packet, gint64 now_us)
{
  HjTrackOut *out = &self->tracks_out[packet->slot][HJ_VIDEO];

  if (hj_pacer_push (&self->pacer, packet))
    {
      join_pacing (self);
      return;
    }
  hj_rooms_drop (self->rooms, HJ_DROP_CONGESTED);
  if (packet->again)
    return;
  hj_leg_drop_queue (self, now_us);
  out->mapped = FALSE;
  hj_leg_want_key (hj_leg_source_of (self, packet->slot), now_us);
}

/* Not into a burst of probing: what left in between at another rate would spoil it. */
static gboolean
may_pass (const HjLeg *self, gint64 now_us)
{
  return !self->probing.active && hj_pacer_may_pass (&self->pacer, now_us);
}

/* Sends a packet of the source in that slot, or lets it wait. payload: with headroom; in the source's backlog too where it
 * is video. */
void
hj_leg_send_media (HjLeg *self, guint slot, HjMediaKind kind, guint8 *payload,
    const HjRtpView *view, gint64 now_us)
{
  HjPaced packet = { .queued_us = now_us,
    .timestamp = view->timestamp,
    .seq = view->seq,
    .length = (guint16)view->payload_len,
    .slot = (guint8)slot,
    .padding = view->payload_len > 0 ? 0 : view->padding_len,
    .marker = view->marker };

  if (kind == HJ_AUDIO || may_pass (self, now_us))
    hj_leg_send_copy (self, &self->tracks_out[slot][kind], kind, payload, view, now_us);
  else
    queue (self, &packet, now_us);
}

/* The same for a packet that the receiver asked for again. */
void
hj_leg_repeat (HjLeg *self, guint slot, const HjKept *kept, gint64 now_us)
{
  HjPaced packet = { .queued_us = now_us,
    .seq = kept->seq,
    .length = (guint16)kept->length,
    .slot = (guint8)slot,
    .again = TRUE };

  if (may_pass (self, now_us))
    hj_leg_send_again (self, &self->tracks_out[slot][HJ_VIDEO], kept, now_us);
  else
    queue (self, &packet, now_us);
}

static void
send_paced (HjLeg *self, const HjPaced *packet, gint64 now_us)
{
  HjTrackOut *out = &self->tracks_out[packet->slot][HJ_VIDEO];
  HjLeg *source = hj_leg_source_of (self, packet->slot);
  guint8 buffer[HJ_PACKET_HEADROOM + HJ_DATAGRAM_MAX] = { 0 };
  guint8 *payload = buffer + HJ_PACKET_HEADROOM;
  HjRtpView view = { .payload_type = out->payload_type,
    .seq = packet->seq,
    .timestamp = packet->timestamp,
    .marker = packet->marker,
    .payload_len = packet->length,
    .padding_len = packet->padding };
  HjKept kept;

  if (!hj_track_is_about (out, source, HJ_VIDEO))
    return; /* the source went, or another took its place */
  if (packet->length == 0)
    payload[packet->padding - 1] = packet->padding;
  else if (source->tracks_in[HJ_VIDEO].backlog == NULL
           || !hj_backlog_find (source->tracks_in[HJ_VIDEO].backlog, packet->seq, now_us, &kept)
           || kept.length != packet->length)
    {
      hj_rooms_drop (self->rooms, HJ_DROP_CONGESTED);
      return;
    }
  if (packet->again)
    {
      hj_leg_send_again (self, out, &kept, now_us);
      return;
    }
  if (packet->length > 0)
    memcpy (payload, kept.payload, kept.length);
  hj_leg_send_copy (self, out, HJ_VIDEO, payload, &view, now_us);
}

/* A track whose stream of repairs can carry padding, best one that shows something. Returns: (nullable). */
static HjTrackOut *
find_padding_track (HjLeg *self, guint *slot)
{
  HjTrackOut *found = NULL;

  for (guint i = 0; i < HJ_SLOTS; i++)
    {
      HjTrackOut *out = &self->tracks_out[i][HJ_VIDEO];

      if (!out->open || out->rtx_type < 0 || out->twcc_id == 0 || (found != NULL && !out->mapped))
        continue;
      if (found != NULL && found->mapped)
        break;
      found = out;
      *slot = i;
    }
  return found;
}

/* Recent packets in turn, because they fill a burst with fewer packets than padding does. */
static void
send_filler (HjLeg *self, HjTrackOut *out, guint slot, gint64 now_us)
{
  HjLeg *source = hj_leg_source_of (self, slot);
  guint16 sent = (guint16)(out->last_seq - self->probing.packets % RECENT);
  guint16 seq = (guint16)(sent - out->seq_delta);
  HjKept kept;

  if ((gint16)(sent - out->first_seq) >= 0 && hj_track_is_about (out, source, HJ_VIDEO)
      && source->tracks_in[HJ_VIDEO].backlog != NULL
      && hj_backlog_find (source->tracks_in[HJ_VIDEO].backlog, seq, now_us, &kept)
      && kept.length > WORTH_REPEATING)
    hj_leg_send_again (self, out, &kept, now_us);
  else
    hj_leg_send_padding (self, out, now_us);
}

static gint64
probe_due_us (const HjProbing *probing)
{
  return probing->began_us + (gint64)(probing->bytes * 8 * G_TIME_SPAN_SECOND / probing->probe.bps);
}

static gboolean
probe_is_over (const HjProbing *probing, gint64 now_us)
{
  return (probing->packets >= probing->probe.min_packets
             && probe_due_us (probing) - probing->began_us >= probing->probe.duration_us)
         || now_us - probing->began_us >= PROBE_US;
}

static void
run_probe (HjLeg *self, gint64 now_us)
{
  HjProbing *probing = &self->probing;
  guint slot = 0;
  HjTrackOut *out = find_padding_track (self, &slot);
  HjPaced packet;

  while (out != NULL && !probe_is_over (probing, now_us) && probe_due_us (probing) <= now_us)
    {
      guint64 before = probing->bytes;

      if (hj_pacer_pop (&self->pacer, &packet))
        send_paced (self, &packet, now_us);
      else
        send_filler (self, out, slot, now_us);
      if (probing->bytes == before && hj_pacer_is_empty (&self->pacer))
        out = NULL; /* nothing can be sent: do not come back at once for it */
    }
  probing->active = out != NULL && !probe_is_over (probing, now_us);
}

/* Sends what is due. Returns: when the next is, G_MAXINT64: nothing waits. */
static gint64
pace (HjLeg *self, gint64 now_us)
{
  HjPaced packet;

  if (self->probing.active)
    run_probe (self, now_us);
  if (self->probing.active)
    return probe_due_us (&self->probing);
  while (hj_pacer_due_us (&self->pacer) <= now_us && hj_pacer_pop (&self->pacer, &packet))
    send_paced (self, &packet, now_us);
  return hj_pacer_is_empty (&self->pacer) ? G_MAXINT64 : hj_pacer_due_us (&self->pacer);
}

/* Sends what waited and is due. At the end of each batch and tick. Returns: when to call again at the latest, G_MAXINT64:
 * nothing waits. */
gint64
hj_rooms_pace (HjRooms *self, gint64 now_us)
{
  gint64 next_us = G_MAXINT64;

  for (guint i = self->pacing->len; i > 0; i--)
    {
      HjLeg *leg = self->pacing->pdata[i - 1];
      gint64 due_us = hj_leg_is_up (leg) ? pace (leg, now_us) : G_MAXINT64;

      if (due_us == G_MAXINT64)
        hj_leg_leave_pacing (leg);
      next_us = MIN (next_us, due_us);
    }
  return next_us;
}

/* Follows the estimate, and begins a burst where it wants one. At least every 20 ms. */
void
hj_leg_tick_pace (HjLeg *self, gint64 now_us)
{
  HjProbing *probing = &self->probing;
  guint64 target_bps = 0;
  guint slot = 0;

  if (!self->estimated)
    return;
  hj_bandwidth_tick (self->bandwidth, now_us);
  if (!probing->active && hj_leg_seat (self)->admitted && find_padding_track (self, &slot) != NULL
      && hj_bandwidth_next_probe (self->bandwidth, now_us, &probing->probe))
    {
      *probing = (HjProbing){ .active = TRUE, .probe = probing->probe, .began_us = now_us };
      join_pacing (self);
    }
  target_bps = hj_bandwidth_get_target_bps (self->bandwidth);
  self->pacer.rate_bps
      = MAX (target_bps * PACE_FACTOR_10 / 10, probing->active ? probing->probe.bps : 0);
}
