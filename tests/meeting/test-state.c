/* SPDX-License-Identifier: Apache-2.0 */
/* src/meeting/state.c and the only writer of a meeting's state. */

#include "src/base/json.h"
#include "src/meeting/meeting.h"
#include "tests/support/expect-log.h"

static const struct
{
  HjMeetingState from, to;
} ALLOWED[] = {
  { HJ_MEETING_WAITING, HJ_MEETING_LIVE },
  { HJ_MEETING_WAITING, HJ_MEETING_ENDED },
  { HJ_MEETING_LIVE, HJ_MEETING_CUT_OFF },
  { HJ_MEETING_LIVE, HJ_MEETING_ENDED },
  { HJ_MEETING_CUT_OFF, HJ_MEETING_LIVE },
  { HJ_MEETING_CUT_OFF, HJ_MEETING_ENDED },
};

static gboolean
is_allowed (HjMeetingState from, HjMeetingState to)
{
  for (gsize i = 0; i < G_N_ELEMENTS (ALLOWED); i++)
    if (ALLOWED[i].from == from && ALLOWED[i].to == to)
      return TRUE;
  return FALSE;
}

static HjMeeting *
meeting_in (HjMeetingState state)
{
  g_autoptr (json_t) description = json_pack ("{s:s, s:s, s:I}", "meeting", "m", "state",
      hj_meeting_state_word (state), "ends_at_us", (json_int_t)0);

  return hj_meeting_new (description);
}

static void
each_pair_of_states_is_allowed_or_refused (void)
{
  for (int from = 0; from < HJ_MEETING_N_STATES; from++)
    for (int to = 0; to < HJ_MEETING_N_STATES; to++)
      {
        gboolean allowed = is_allowed ((HjMeetingState)from, (HjMeetingState)to);
        HjMeeting *meeting = meeting_in ((HjMeetingState)from);
        g_autoptr (GError) error = NULL;

        g_assert_cmpint (
            hj_meeting_may_become ((HjMeetingState)from, (HjMeetingState)to), ==, allowed);
        g_assert_cmpint (hj_meeting_move (meeting, (HjMeetingState)to, &error), ==, allowed);
        if (!allowed)
          g_assert_error (error, HJ_REFUSAL, HJ_REFUSAL_STATE);
        g_assert_cmpint ((int)hj_meeting_get_state (meeting), ==, allowed ? to : from);
        hj_meeting_free (meeting);
      }
}

static void
each_word_is_its_state_and_no_other (void)
{
  for (int state = 0; state < HJ_MEETING_N_STATES; state++)
    g_assert_cmpint (
        (int)hj_meeting_state_from_word (hj_meeting_state_word ((HjMeetingState)state)), ==, state);
  g_assert_cmpstr (hj_meeting_state_word (HJ_MEETING_CUT_OFF), ==, "cut_off");
}

static void
after_an_unknown_word_nothing_may_follow (void)
{
  g_assert_cmpint ((int)hj_meeting_state_from_word ("paused"), ==, HJ_MEETING_ENDED);
  g_assert_cmpint ((int)hj_meeting_state_from_word (NULL), ==, HJ_MEETING_ENDED);
}

static HjSeat *
sit (HjMeeting *meeting, const char *id, const char *role)
{
  g_autoptr (json_t) description
      = json_pack ("{s:s, s:s, s:s, s:i}", "seat", id, "role", role, "name", id, "number", 0);
  HjSeat *seat = hj_meeting_add_seat (meeting, description);

  seat->media = HJ_SEAT_MEDIA_UP;
  seat->epoch = 1;
  return seat;
}

static void
a_meeting_is_ready_with_both_sides_and_the_desk (void)
{
  HjMeeting *meeting = meeting_in (HJ_MEETING_WAITING);
  HjSeat *box;

  sit (meeting, "a", "lawyer");
  box = sit (meeting, "b", "kiosk");
  g_assert_false (hj_meeting_is_ready (meeting));
  hj_meeting_check_in (meeting);
  g_assert_true (hj_meeting_is_ready (meeting));
  box->epoch = 0;
  g_assert_false (hj_meeting_is_ready (meeting));
  box->admitted = TRUE;
  g_assert_true (hj_meeting_is_ready (meeting));
  box->admitted = FALSE;
  box->epoch = 1;
  box->media = HJ_SEAT_MEDIA_SILENT;
  g_assert_false (hj_meeting_is_ready (meeting));
  hj_meeting_remove_seat (meeting, box);
  sit (meeting, "c", "lawyer");
  g_assert_false (hj_meeting_is_ready (meeting));
  g_assert_false (hj_meeting_both_present (meeting));
  hj_meeting_free (meeting);
}

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  g_test_add_func ("/meeting/state/each-pair", each_pair_of_states_is_allowed_or_refused);
  g_test_add_func ("/meeting/state/words", each_word_is_its_state_and_no_other);
  g_test_add_func ("/meeting/state/unknown", after_an_unknown_word_nothing_may_follow);
  g_test_add_func ("/meeting/ready", a_meeting_is_ready_with_both_sides_and_the_desk);
  return g_test_run ();
}
