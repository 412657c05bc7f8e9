/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/base/types.h"

G_BEGIN_DECLS

/* The seat that the kiosk holds, if any, and what it knows about bookings whose meeting is over. */
typedef struct _HjSeat HjSeat;

HjSeat *hj_seat_new (void) G_GNUC_WARN_UNUSED_RESULT;
void hj_seat_free (HjSeat *self);
void hj_seat_take (HjSeat *self, const json_t *join);
void hj_seat_forget (HjSeat *self);
void hj_seat_finish (HjSeat *self);
void hj_seat_differ (HjSeat *self);
void hj_seat_refresh (HjSeat *self, const json_t *answer);
void hj_seat_keep (HjSeat *self, const char *verb, const json_t *message);
gboolean hj_seat_is_held (const HjSeat *self);
gboolean hj_seat_is_open (const HjSeat *self);
gboolean hj_seat_is_about (const HjSeat *self, const json_t *message);
gboolean hj_seat_may_take (const HjSeat *self, const char *booking);
gboolean hj_seat_ask_again (HjSeat *self, const char *booking);
const json_t *hj_seat_get (const HjSeat *self, const char *verb);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HjSeat, hj_seat_free)

G_END_DECLS
