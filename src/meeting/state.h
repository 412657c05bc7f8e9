/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/base/types.h"

G_BEGIN_DECLS

typedef enum
{
  HJ_MEETING_WAITING,
  HJ_MEETING_LIVE,
  HJ_MEETING_CUT_OFF,
  HJ_MEETING_ENDED,
  HJ_MEETING_N_STATES
} HjMeetingState;

const char *hj_meeting_state_word (HjMeetingState state);
HjMeetingState hj_meeting_state_from_word (const char *word);
gboolean hj_meeting_may_become (HjMeetingState from, HjMeetingState to);

G_END_DECLS
