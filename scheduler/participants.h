/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "scheduler/booking.h"
#include "src/access/act.h"

G_BEGIN_DECLS

gboolean hj_participants_may_change (HjBookingState state);

/* --- on the store's worker --- */

gboolean hj_booking_find_authority (HjStore *store, const HjBooking *booking, const char *lawyer,
    char **ret_authority, GError **error);
gboolean hj_booking_check_access (
    HjAct *act, const HjBooking *booking, const char *word, char **ret_authority, GError **error);

G_END_DECLS
