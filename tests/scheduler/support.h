/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "scheduler/acts.h"
#include "scheduler/booking.h"
#include "scheduler/clock.h"
#include "tests/support/fixture.h"

G_BEGIN_DECLS

/* A centre that is open around the clock with slots of half an hour, one room with its kiosk online, a lawyer with a client. It
 * is Monday 2 March 2026, 09:00 there. */
typedef struct
{
  HjFixture f;
  const char *centre;
  const char *room;
  const char *kiosk;
  const char *lawyer;
  const char *detainee;
  const char *authority;
  HjActor *self; /* the lawyer */
  HjActor *desk; /* of the centre */
} Place;

#define PLACE_SLOT_US (30 * HJ_MINUTE_US)
#define PLACE_POLICY(ALWAYS_OPEN, REVIEW, OPEN)                                                    \
  "{\"slot_minutes\":30,\"open\":{" OPEN                                                           \
  "},\"book_ahead_hours\":0,\"book_until_hours\":336,\"late_minutes\":10,\"review\":" REVIEW       \
  ",\"always_open\":" ALWAYS_OPEN "}"
#define PLACE_NO_HOURS                                                                             \
  "\"mon\":[],\"tue\":[],\"wed\":[],\"thu\":[],\"fri\":[],\"sat\":[],\"sun\":[]"

void place_set_up (Place *p, gconstpointer data);
void place_tear_down (Place *p, gconstpointer data);

#define PLACE_TEST(PATH, FUNCTION)                                                                 \
  g_test_add (PATH, Place, NULL, place_set_up, FUNCTION, place_tear_down)

json_t *place_request (const char *authority, const char *room, gint64 starts_at_us);
json_t *place_about (const char *booking);
json_t *place_book (Place *p, gint64 starts_at_us);
json_t *place_explain (Place *p, const HjActKind *kind, const HjActor *actor, json_t *input,
    HjRefusal refusal) G_GNUC_WARN_UNUSED_RESULT;
const char *place_id (Place *p, const json_t *booking);
const char *place_state (Place *p, const char *booking);
void place_check_in (Place *p, const char *booking);

G_END_DECLS
