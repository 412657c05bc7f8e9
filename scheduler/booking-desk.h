/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "src/base/types.h"

G_BEGIN_DECLS

/* What a lawyer asks for. */
typedef struct
{
  const char *authority;
  const char *booking; /* (nullable): the request without a slot that is to get one */
  const char *room;    /* (nullable): NULL asks without a slot */
  gint64 starts_at_us;
  const char *account; /* who asks */
  gint64 now_us;
} HjBookingRequest;

/* --- on the store's worker, inside the caller's transaction --- */

char *hj_booking_desk_book (HjStore *store, const HjBookingRequest *request, json_t *ret_problem,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
