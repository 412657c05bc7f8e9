/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/meeting/peer.h"
#include "src/meeting/state.h"

G_BEGIN_DECLS

typedef enum
{
  HJ_SEAT_MEDIA_NONE, /* no transport, or it is gone */
  HJ_SEAT_MEDIA_UP,
  HJ_SEAT_MEDIA_SILENT, /* nothing for 5 s; may return */
} HjSeatMedia;

/* One seat of a running meeting, as control has it. */
typedef struct
{
  HjMeeting *meeting; /* not owned: the meeting owns its seats */
  char *id;
  char *actor;  /* account or kiosk */
  char *lawyer; /* (nullable): whose account it is; NULL: a kiosk */
  char *role;
  char *name;
  char *identity; /* its device's public key */
  int number;
  gint64 epoch;    /* whose keys it says it holds; 0: it is not secured */
  gint64 securing; /* the epoch that is on its way to the database; 0: none */
  HjPeer *peer;    /* (nullable), not owned: who hears about the meeting; NULL: dropped */
  HjSeatMedia media;
  gboolean admitted;
  gboolean admitting; /* its admission is on the way to the database */
  gint64
      kept_out_until_us; /* its lawyer's own authority did not hold; asked again then; 0: it is not */
  gboolean revoked;      /* its actor may not be here any more: it leaves when its socket is gone */
  gboolean leaving;      /* its leave is on the way to the database */
  gboolean offering;     /* an offer of it is on the way to the relay */
  gint64 dropped_at_us;   /* since when we wait for it; 0: its peer is there */
  gint64 there_us;        /* when its dropped peer was last there; 0: this process was away then */
  gint64 media_gone_us;   /* when the last packet came from it; 0: packets come */
  gint64 old_leg_gone_us; /* when the leg ended whose successor is offered; 0: it did not */
  gboolean media_lost;    /* its peer was told to make a new offer */
  gboolean media_unknown; /* this process was away, and no relay has reported yet */
  gint64 quality;         /* as it said last; 0: nothing yet */
  gint64 quality_kept;    /* as the database has it */
  json_t *told;           /* (nullable): the last `seats` that its peer was told */
} HjSeat;

HjMeeting *hj_meeting_new (const json_t *description);
void hj_meeting_free (HjMeeting *self);

const char *hj_meeting_get_id (const HjMeeting *self);
const char *hj_meeting_get_booking (const HjMeeting *self);
const char *hj_meeting_get_centre (const HjMeeting *self);
HjMeetingState hj_meeting_get_state (const HjMeeting *self);
gint64 hj_meeting_get_ends_at_us (const HjMeeting *self);
gboolean hj_meeting_move (HjMeeting *self, HjMeetingState to, GError **error);
void hj_meeting_check_in (HjMeeting *self);

HjSeat *hj_meeting_add_seat (HjMeeting *self, const json_t *description);
void hj_seat_change_device (HjSeat *seat, const json_t *description);
HjSeat *hj_meeting_find_seat (HjMeeting *self, const char *seat);
void hj_meeting_remove_seat (HjMeeting *self, HjSeat *seat);
GPtrArray *hj_meeting_get_seats (HjMeeting *self);

gboolean hj_meeting_is_ready (HjMeeting *self);
gboolean hj_meeting_both_present (HjMeeting *self);
gboolean hj_meeting_is_empty (HjMeeting *self);
void hj_meeting_hold_admission (HjMeeting *self, gint64 until_us);
gboolean hj_meeting_may_try_admission (const HjMeeting *self, gint64 now_us);
gboolean hj_meeting_begin_end (HjMeeting *self);
void hj_meeting_give_up_end (HjMeeting *self);
int hj_meeting_next_notice (HjMeeting *self, gint64 now_us);

void hj_meeting_tell (HjMeeting *self, const json_t *message);
void hj_meeting_tell_seats (HjMeeting *self);

G_END_DECLS
