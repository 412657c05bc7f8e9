/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/access/act.h"

G_BEGIN_DECLS

/* No moment that people ask for is later: the year 9501. Calendars stop at 9999. */
#define HJ_MOMENT_MAX_US G_GINT64_CONSTANT (237668687999000000)

/* The acts of this part; input and answer stand above each one's function. */
extern const HjActKind hj_act_add_participant;    /* participants.c */
extern const HjActKind hj_act_book;               /* booking-desk.c */
extern const HjActKind hj_act_cancel;             /* cancel.c */
extern const HjActKind hj_act_check_in;           /* check-in.c */
extern const HjActKind hj_act_confirm;            /* confirm.c */
extern const HjActKind hj_act_device_check;       /* device-check.c */
extern const HjActKind hj_act_list_bookings;      /* booking-view.c */
extern const HjActKind hj_act_show_booking;       /* booking-view.c */
extern const HjActKind hj_act_list_cases;         /* cases.c */
extern const HjActKind hj_act_list_clocks;        /* clock.c */
extern const HjActKind hj_act_list_slots;         /* slots.c */
extern const HjActKind hj_act_remove_participant; /* participants.c */

/* The centres that an actor sees. centre: (nullable): only this one, refused when it is not the actor's. */
json_t *hj_centres_of (HjStore *store, const HjActor *actor, const char *centre,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
