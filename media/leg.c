/* SPDX-License-Identifier: Apache-2.0 */
/* One leg: the media connection of one seat. Its states, its tracks as the offer names them, and its end. Lives in the
 * tables of rooms-private.h, on the relay thread. */

#include <string.h>

#include "media/leg-debug.h"
#include "media/rooms-private.h"

#define SILENT_AFTER_US (5 * G_TIME_SPAN_SECOND)
#define GONE_AFTER_US (30 * G_TIME_SPAN_SECOND) /* RFC 7675 5.1 */

/*  NEW --> CHECKED --> CONNECTED <--> SILENT
 *   +---------+------------+-----------+----> GONE */
#define TO(state) (1u << HJ_LEG_##state)
/* clang-format off */
static const struct { const char *name; guint may_become; } STATES[HJ_LEG_N_STATES] = {
  [HJ_LEG_NEW]       = { "new",       TO (CHECKED) | TO (GONE) },
  [HJ_LEG_CHECKED]   = { "checked",   TO (CONNECTED) | TO (GONE) },
  [HJ_LEG_CONNECTED] = { "connected", TO (SILENT) | TO (GONE) },
  [HJ_LEG_SILENT]    = { "silent",    TO (CONNECTED) | TO (GONE) },
  [HJ_LEG_GONE]      = { "gone",      0 },
};
/* clang-format on */

GST_DEBUG_CATEGORY (hj_leg_debug);

/* Any thread, before the first leg; once is enough. */
void
hj_leg_debug_init (void)
{
  static gsize done = 0;

  if (!g_once_init_enter (&done))
    return;
  GST_DEBUG_CATEGORY_INIT (hj_leg_debug, "hjleg", 0, "states of legs");
  g_once_init_leave (&done, 1);
}

/* The only writer of the state. Returns: FALSE for a step that the table does not have. */
gboolean
hj_leg_move (HjLeg *self, HjLegState to)
{
  if (!(STATES[self->state].may_become & (1u << to)))
    return FALSE;
  GST_CAT_INFO (hj_leg_debug, "seat %s: %s -> %s", hj_leg_seat (self)->id, STATES[self->state].name,
      STATES[to].name);
  self->state = to;
  self->rooms->n_gone += to == HJ_LEG_GONE;
  return TRUE;
}

void
hj_leg_tell (HjLeg *self, HjLinkEventKind kind, gint64 age_us)
{
  HjRooms *rooms = self->rooms;

  rooms->news (rooms->news_data, kind, self->room->id, hj_leg_seat (self)->id, age_us);
}

static void
read_section (HjLeg *self, const HjSdpSection *section)
{
  HjTrackIn *in = &self->tracks_in[section->kind];
  HjTrackOut *out = &self->tracks_out[section->slot][section->kind];

  out->open = section->peer_receives;
  out->ssrc = self->local.ssrcs[section->slot][section->kind];
  out->payload_type = section->payload_type;
  out->mid_id = section->mid_id;
  out->send_time_id = section->send_time_id;
  out->twcc_id = (section->feedback & HJ_SDP_FEEDBACK_TWCC) != 0 ? section->twcc_id : 0;
  out->rtx_type = section->rtx_type;
  out->red_type = section->red_type;
  out->rtx_ssrc = self->local.rtx_ssrcs[section->slot];
  g_strlcpy (out->mid, section->mid, sizeof out->mid);
  /* With one transport the ids of all sections are the same (RFC 8843 9.2). */
  self->mid_id = MAX (self->mid_id, section->mid_id);
  self->twcc_id = MAX (self->twcc_id, section->twcc_id);
  if (section->peer_sends && section->slot == 0)
    {
      in->open = TRUE;
      in->payload_type = section->payload_type;
      in->rtx_type = section->rtx_type;
      in->red_type = section->red_type;
      in->feedback = section->feedback;
    }
}

/* Sets what the offer decides and leaves what runs already. */
static void
read_sections (HjLeg *self)
{
  for (guint kind = 0; kind < HJ_N_KINDS; kind++)
    {
      self->tracks_in[kind].open = FALSE;
      for (guint slot = 0; slot < HJ_SLOTS; slot++)
        self->tracks_out[slot][kind].open = FALSE;
    }
  for (guint i = 0; i < self->offer.n_sections; i++)
    if (self->offer.sections[i].usable)
      read_section (self, &self->offer.sections[i]);
}

/* Whether RED can be given to that peer in every slot. */
static gboolean
takes_red (const HjLeg *self)
{
  for (guint slot = 0; slot < HJ_SLOTS; slot++)
    if (self->tracks_out[slot][HJ_AUDIO].open && self->tracks_out[slot][HJ_AUDIO].red_type < 0)
      return FALSE;
  return TRUE;
}

/* Sound with the frame before it once more (RFC 2198) is encrypted end to end as it is, so nobody on the way can make plain
 * Opus of it: a peer is asked to send it only while all others of the room take it; the first is. Who comes later and does not
 * take it ends the legs that send it; they come back with a new offer and get another answer. Before the answer is written. */
void
hj_leg_choose_red (HjLeg *self)
{
  gboolean all = TRUE;

  for (guint i = 0; i < HJ_SEATS; i++)
    {
      HjLeg *other = self->room->seats[i].leg;

      if (i == self->seat || other == NULL || other->state == HJ_LEG_GONE)
        continue;
      all = all && takes_red (other);
      if (other->local.red_first && !takes_red (self) && hj_leg_move (other, HJ_LEG_GONE))
        hj_leg_tell (other, HJ_LINK_GONE, 0);
    }
  self->local.red_first
      = all && self->tracks_in[HJ_AUDIO].open && self->tracks_in[HJ_AUDIO].red_type >= 0;
}

/* Returns: (transfer full): a leg that waits for its first check; known by its ufrag from now on. */
HjLeg *
hj_leg_new (HjRooms *rooms, HjRoom *room, guint seat, const HjSdpOffer *offer,
    HjSrtpProfile profile, gint64 now_us)
{
  HjLeg *self = g_new0 (HjLeg, 1);

  hj_leg_debug_init ();
  self->rooms = rooms;
  self->room = room;
  self->seat = seat;
  self->serial = ++rooms->next_serial;
  self->offer = *offer;
  self->profile = profile;
  self->heard_us = now_us;
  hj_sdp_local_init (&self->local);
  hj_twcc_recorder_init (&self->twcc);
  read_sections (self);
  g_ptr_array_add (rooms->legs, self);
  g_hash_table_insert (rooms->by_ufrag, self->local.ufrag, self);
  GST_CAT_INFO (hj_leg_debug, "seat %s: new", room->seats[seat].id);
  return self;
}

/* Says close_notify where there is a connection. */
void
hj_leg_free (HjLeg *self)
{
  if (self == NULL)
    return;
  hj_leg_close_dtls (self);
  hj_leg_forget_addresses (self);
  g_hash_table_remove (self->rooms->by_ufrag, self->local.ufrag);
  g_ptr_array_remove_fast (self->rooms->legs, self);
  self->rooms->n_gone -= self->state == HJ_LEG_GONE;
  hj_leg_leave_pacing (self);
  g_clear_pointer (&self->bandwidth, hj_bandwidth_free);
  for (guint kind = 0; kind < HJ_N_KINDS; kind++)
    g_clear_pointer (&self->tracks_in[kind].backlog, hj_backlog_free);
  g_clear_pointer (&self->in, hj_srtp_free);
  g_clear_pointer (&self->out, hj_srtp_free);
  g_free (self);
}

/* A later offer of the same peer connection (same session, certificate and cipher): keys and SSRCs stay; new ICE
 * credentials are answered with new ones (RFC 8839 4.4.1.1.1) and the old are good no more.
 * Returns: FALSE when it is another connection's offer, which needs a new leg. */
gboolean
hj_leg_take_offer (HjLeg *self, const HjSdpOffer *offer, HjSrtpProfile profile)
{
  gboolean restart
      = strcmp (self->offer.ufrag, offer->ufrag) != 0 || strcmp (self->offer.pwd, offer->pwd) != 0;

  if (!hj_leg_is_up (self) || strcmp (self->offer.session, offer->session) != 0
      || strcmp (self->offer.fingerprint, offer->fingerprint) != 0 || self->profile != profile)
    return FALSE;
  self->offer = *offer;
  self->local.version++;
  if (restart)
    {
      g_hash_table_remove (self->rooms->by_ufrag, self->local.ufrag);
      hj_sdp_local_renew_ice (&self->local);
      GST_CAT_INFO (hj_leg_debug, "seat %s: ICE restart", hj_leg_seat (self)->id);
      g_hash_table_insert (self->rooms->by_ufrag, self->local.ufrag, self);
      self->nominated = FALSE;
    }
  read_sections (self);
  return TRUE;
}

/* At least every 20 ms. A leg that nothing came from, from where it is sent to, is silent, then gone, each told with the time
 * of what came last. */
void
hj_leg_tick (HjLeg *self, gint64 now_us)
{
  gint64 quiet_us = now_us - self->heard_us;

  if (self->state == HJ_LEG_GONE)
    return;
  if (quiet_us >= GONE_AFTER_US)
    {
      hj_leg_move (self, HJ_LEG_GONE);
      hj_leg_tell (self, HJ_LINK_GONE, quiet_us);
      return;
    }
  if (quiet_us >= SILENT_AFTER_US && hj_leg_move (self, HJ_LEG_SILENT))
    hj_leg_tell (self, HJ_LINK_SILENT, quiet_us);
  hj_leg_tick_dtls (self, now_us);
  if (hj_leg_is_up (self))
    {
      hj_leg_tick_feedback (self, now_us);
      hj_leg_tick_repair (self, now_us);
      hj_leg_tick_cap (self, now_us);
      hj_leg_tick_pace (self, now_us);
    }
}

/* data: a compound in the clear. */
void
hj_leg_send_rtcp (HjLeg *self, const guint8 *data, gsize length)
{
  HjOutbox *outbox = self->rooms->outbox;
  gsize sealed
      = hj_srtp_protect_rtcp (self->out, data, length, outbox->reserve (outbox), HJ_DATAGRAM_MAX);

  self->n_bytes += sealed;
  if (sealed > 0 && self->n_addresses > 0)
    outbox->send (outbox, sealed, &self->addresses[self->address]);
}
