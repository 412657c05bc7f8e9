/* SPDX-License-Identifier: Apache-2.0 */
/* The states of a meeting (docs/states.md). Any thread. */

#include "src/meeting/state.h"

/*  WAITING --> LIVE <--> CUT_OFF
 *     +----------+----------+----> ENDED      */
#define TO(STATE) (1u << HJ_MEETING_##STATE)
/* clang-format off */
static const struct { const char *word; guint may_become; } STATES[HJ_MEETING_N_STATES] = {
  [HJ_MEETING_WAITING] = { "waiting", TO (LIVE) | TO (ENDED) },
  [HJ_MEETING_LIVE]    = { "live",    TO (CUT_OFF) | TO (ENDED) },
  [HJ_MEETING_CUT_OFF] = { "cut_off", TO (LIVE) | TO (ENDED) },
  [HJ_MEETING_ENDED]   = { "ended",   0 },
};
/* clang-format on */

const char *
hj_meeting_state_word (HjMeetingState state)
{
  g_return_val_if_fail (state < HJ_MEETING_N_STATES, "ended");
  return STATES[state].word;
}

/* HJ_MEETING_ENDED for an unknown word: nothing may follow. */
HjMeetingState
hj_meeting_state_from_word (const char *word)
{
  for (int state = 0; state < HJ_MEETING_N_STATES; state++)
    if (g_strcmp0 (STATES[state].word, word) == 0)
      return (HjMeetingState)state;
  return HJ_MEETING_ENDED;
}

gboolean
hj_meeting_may_become (HjMeetingState from, HjMeetingState to)
{
  g_return_val_if_fail (from < HJ_MEETING_N_STATES && to < HJ_MEETING_N_STATES, FALSE);
  return (STATES[from].may_become >> to & 1) != 0;
}
