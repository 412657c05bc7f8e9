/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/access/act.h"

G_BEGIN_DECLS

/* The acts of a meeting: plain functions on the store's worker (docs/states.md). */
extern const HjActKind hj_act_join;
extern const HjActKind hj_act_resume;
extern const HjActKind hj_act_drop;
extern const HjActKind hj_act_leave;
extern const HjActKind hj_act_media_event;
extern const HjActKind hj_act_admit;
extern const HjActKind hj_act_cut_off;
extern const HjActKind hj_act_restore;
extern const HjActKind hj_act_end;
extern const HjActKind hj_act_secured;
extern const HjActKind hj_act_verify;
extern const HjActKind hj_act_quality;
extern const HjActKind hj_act_media_register;

extern const HjActKind hj_act_list_meetings;
extern const HjActKind hj_act_show_meeting;
extern const HjActKind hj_act_glance_meeting;
extern const HjActKind hj_act_list_running;
extern const HjActKind hj_act_assign;
extern const HjActKind hj_act_follow;

#define HJ_MEETING_SEATS 5

typedef struct
{
  char *id;
  char *meeting;
  char *booking;
  char *actor;
  char *role;
  char *state;
  char *meeting_state;
  char *identity;
  gint64 epoch; /* 0: it is not secured */
} HjSeatRow;

HjSeatRow *hj_seat_row_load (HjStore *store, const char *seat, GError **error);
HjSeatRow *hj_seat_row_read (HjAct *act, GError **error);
void hj_seat_row_free (HjSeatRow *self);
gboolean hj_seat_row_move (HjStore *store, const char *seat, const char *state, const char *event,
    gint64 at_us, GError **error);
gboolean hj_seat_row_note (
    HjStore *store, const char *seat, const char *event, gint64 at_us, GError **error);

json_t *hj_meeting_row_end (HjAct *act, const char *meeting, const char *reason, GError **error);

void hj_seat_resume_async (
    HjActs *acts, const char *token, GAsyncReadyCallback callback, gpointer user_data);
json_t *hj_seat_resume_finish (GAsyncResult *result, HjActor **ret_actor, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HjSeatRow, hj_seat_row_free)

G_END_DECLS
