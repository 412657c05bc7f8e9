/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "tests/support/fixture.h"

G_BEGIN_DECLS

/* A centre with a kiosk, and a booking that is checked in: it begins now and takes half an hour. Its clock runs. The lawyer's
 * browser is registered: its device has the id of the account. */
typedef struct
{
  HjFixture f; /* first */
  const char *centre, *room, *kiosk;
  const char *lawyer, *detainee, *authority;
  const char *booking;
  HjActor *counsel; /* the lawyer's account */
  HjActor *box;     /* the kiosk */
  HjActor *desk;
  HjActor *supervisor;
  HjActor *machine;
} HjMeetingPlace;

void hj_meeting_place_set_up (HjMeetingPlace *p, gconstpointer data);
void hj_meeting_place_tear_down (HjMeetingPlace *p, gconstpointer data);

#define HJ_MEETING_TEST(PATH, FUNCTION)                                                            \
  g_test_add (                                                                                     \
      PATH, HjMeetingPlace, NULL, hj_meeting_place_set_up, FUNCTION, hj_meeting_place_tear_down)

/* hj_fixture_sql or hj_there_sql: on whose thread. */
typedef void (*HjRunSql) (HjFixture *f, const char *sql, const char *id);

void hj_meeting_place_add_device (HjMeetingPlace *p, const HjActor *actor, HjRunSql run);
const char *hj_meeting_place_identity (HjMeetingPlace *p, const char *device);
json_t *
hj_meeting_place_join_input (const char *booking, const HjActor *actor) G_GNUC_WARN_UNUSED_RESULT;
json_t *hj_meeting_place_join (HjMeetingPlace *p, HjActor *actor) G_GNUC_WARN_UNUSED_RESULT;
const char *hj_meeting_place_book (HjMeetingPlace *p, gint64 starts_at_us, const char *state);
HjActor *hj_meeting_place_kiosk_actor (HjMeetingPlace *p, const char *kiosk, const char *centre);
json_t *hj_about (const char *key, const char *value) G_GNUC_WARN_UNUSED_RESULT;
const char *hj_text_of (HjMeetingPlace *p, const json_t *answer, const char *key);

G_END_DECLS
