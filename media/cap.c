/* SPDX-License-Identifier: Apache-2.0 */
/* How much video a sender may send, and whether a receiver gets any. The relay cannot make a picture smaller, so the
 * receiver with the thinnest path decides what the sender is told (REMB); one whose path takes no picture at all gets sound
 * alone until it does. Sound is taken off first; what a sender is told holds its own sound too, because a sender takes that
 * off what it is told (draft-alvestrand-rmcat-remb-03 speaks of all that it sends). On the relay thread. */

#include "media/rooms-private.h"

#define REMB_FRESH_US (5 * G_TIME_SPAN_SECOND)
#define LEAST_CAP_BPS G_GUINT64_CONSTANT (50000) /* no sender is told less */
#define CUT_BPS G_GUINT64_CONSTANT (20000)       /* with less for a time, none is sent */
#define NO_CAP_BPS G_GUINT64_CONSTANT (10000000) /* above what any of our cameras send */
#define SOUND_BPS G_GUINT64_CONSTANT (60000)     /* of one seat, before it was measured */
#define RAISE_US (1 * G_TIME_SPAN_SECOND)        /* between two caps, unless it falls */
#define FALL_US (200 * G_TIME_SPAN_MILLISECOND)
#define CUT_AFTER_US (2 * G_TIME_SPAN_SECOND)
#define RETURN_AFTER_US (1 * G_TIME_SPAN_SECOND)
#define LONGEST_RETURN_US (16 * G_TIME_SPAN_SECOND)
#define LASTS_US (20 * G_TIME_SPAN_SECOND) /* a picture that was given that long was no mistake */

/* All sound that a receiver gets. */
static guint64
sound_bps (const HjLeg *self)
{
  return self->audio_bps > 0 ? self->audio_bps : SOUND_BPS;
}

/* What the path of a receiver takes besides its sound. */
static guint64
video_bps (const HjLeg *self)
{
  guint64 target = hj_bandwidth_get_target_bps (self->bandwidth);
  guint64 sound = sound_bps (self);

  return target > sound ? target - sound : 0;
}

/* What holds a receiver's pictures back. One that gives no transport-wide feedback may say by REMB: as long as it gets less,
 * an estimate follows at one and a half times what comes, so one well above that only says that more was not tried. 0: it is
 * not held back, or says nothing. */
static guint64
limit_of (const HjLeg *receiver, gint64 now_us)
{
  gboolean fresh = now_us - receiver->remb_us < REMB_FRESH_US;

  if (receiver->estimated)
    return MAX (video_bps (receiver), LEAST_CAP_BPS);
  if (!fresh || receiver->remb_bps >= receiver->rate_bps + receiver->rate_bps / 10)
    return 0;
  return receiver->remb_bps - MIN (receiver->audio_bps, receiver->remb_bps);
}

/* Somebody whose sound goes to the others. */
static gboolean
is_heard (const HjSeat *seat)
{
  return seat->admitted && hj_leg_is_up (seat->leg) && seat->leg->tracks_in[HJ_AUDIO].started;
}

/* What this leg's own sound takes of what the others get. */
static guint64
own_sound_bps (const HjLeg *self)
{
  guint64 most = 0;
  guint n_heard = 0;

  if (!is_heard (hj_leg_seat (self)))
    return 0;
  for (guint i = 0; i < HJ_SEATS; i++)
    n_heard += is_heard (&self->room->seats[i]);
  for (guint i = 0; i < HJ_SEATS; i++)
    {
      const HjSeat *seat = &self->room->seats[i];

      if (i != self->seat && seat->admitted && hj_leg_is_up (seat->leg))
        most = MAX (most, sound_bps (seat->leg) / MAX (1, n_heard - is_heard (seat)));
    }
  return most;
}

/* A seat whose picture goes to the others. */
static gboolean
is_seen (const HjSeat *seat)
{
  return seat->admitted && hj_leg_is_up (seat->leg) && seat->leg->tracks_in[HJ_VIDEO].started;
}

/* The least that a receiver of this leg can take, each divided among those whom it sees. Who gets no picture decides only
 * where nobody gets one. 0: nobody is held back. */
static guint64
least_limit (const HjLeg *self, gint64 now_us)
{
  guint64 least = 0;
  guint n_seen = 0;
  guint n_cut = 0;

  for (guint i = 0; i < HJ_SEATS; i++)
    n_seen += is_seen (&self->room->seats[i]);
  for (guint i = 0; i < HJ_SEATS && is_seen (hj_leg_seat (self)); i++)
    {
      const HjSeat *seat = &self->room->seats[i];
      guint64 share = 0;

      if (i == self->seat || !seat->admitted || !hj_leg_is_up (seat->leg))
        continue;
      n_cut += seat->leg->video_cut;
      share = seat->leg->video_cut ? 0 : limit_of (seat->leg, now_us) / (n_seen - is_seen (seat));
      if (share > 0 && (least == 0 || share < least))
        least = share;
    }
  return least == 0 && n_cut > 0 ? LEAST_CAP_BPS : least;
}

/* A sender keeps the last cap that it was told, so one that is no longer needed is raised step by step, not dropped. */
static guint64
next_cap (const HjLeg *self, guint64 limit)
{
  if (limit > 0)
    return MIN (limit, NO_CAP_BPS);
  return self->cap_bps >= NO_CAP_BPS ? 0 : MIN (self->cap_bps + self->cap_bps / 2, NO_CAP_BPS);
}

/* Tells the peer what it may send: at once where that fell, else every second. */
static void
follow_cap (HjLeg *self, gint64 now_us)
{
  const HjTrackIn *video = &self->tracks_in[HJ_VIDEO];
  gint64 ago_us = now_us - self->cap_told_us;
  guint64 limit = 0;

  if (!video->started || (video->feedback & HJ_SDP_FEEDBACK_REMB) == 0 || ago_us < FALL_US)
    return;
  limit = least_limit (self, now_us);
  if (limit > 0)
    limit = MAX (limit, LEAST_CAP_BPS) + own_sound_bps (self);
  if (ago_us < RAISE_US && (limit == 0 || limit >= self->cap_bps - self->cap_bps / 20))
    return;
  self->cap_bps = next_cap (self, limit);
  self->cap_told_us = now_us;
  if (self->cap_bps > 0)
    hj_leg_send_remb (self, self->cap_bps);
}

static void
set_cut (HjLeg *self, gboolean cut, gint64 now_us)
{
  if (cut)
    self->return_after_us = self->returned_us == 0 || now_us - self->returned_us > LASTS_US
                                ? RETURN_AFTER_US
                                : MIN (2 * self->return_after_us, LONGEST_RETURN_US);
  else
    self->returned_us = now_us;
  self->video_cut = cut;
  self->turn_us = 0;
  g_debug ("leg %s: video %s", hj_leg_seat (self)->id, cut ? "cut" : "back");
  if (cut)
    hj_leg_drop_queue (self, now_us);
  for (guint slot = 0; slot < HJ_SLOTS; slot++)
    {
      HjTrackOut *out = &self->tracks_out[slot][HJ_VIDEO];
      HjLeg *source = hj_leg_source_of (self, slot);

      out->mapped = FALSE;
      if (cut || !out->open || !hj_leg_is_up (source) || !hj_leg_seat (source)->admitted)
        continue;
      hj_leg_want_key (source, now_us);
      source->cap_told_us = 0; /* what this receiver can take counts again */
    }
}

/* Below what makes a picture for two seconds: sound alone. Room for one for a second: a picture again, and each time that this
 * soon proves wrong only after twice as long. Sound alone lets the estimate grow to one and a half times itself, so to ask for
 * more room than that would be to wait for a probe. */
static void
follow_cut (HjLeg *self, gint64 now_us)
{
  guint64 bps = 0;
  gboolean turn = FALSE;

  if (!self->estimated)
    return;
  bps = video_bps (self);
  turn = self->video_cut ? bps >= MIN (LEAST_CAP_BPS, sound_bps (self) / 2) : bps < CUT_BPS;
  if (!turn)
    self->turn_us = 0;
  else if (self->turn_us == 0)
    self->turn_us = now_us;
  else if (now_us - self->turn_us >= (self->video_cut ? self->return_after_us : CUT_AFTER_US))
    set_cut (self, !self->video_cut, now_us);
}

/* At least every 20 ms. */
void
hj_leg_tick_cap (HjLeg *self, gint64 now_us)
{
  follow_cut (self, now_us);
  follow_cap (self, now_us);
}
