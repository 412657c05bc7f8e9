/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/base/json.h"
#include "tests/peer/agreement.h"
#include "tests/peer/end.h"

G_BEGIN_DECLS

struct _End
{
  EndStyle style;
  Line *line;
  Dump *dump;

  char *booking;  /* to join; (nullable) */
  char *finished; /* not joined again by itself */
  gint64 join_id; /* asked and not answered, or 0 */
  guint join_timer;

  /* The seat; NULL: none */
  char *seat;
  char *meeting;
  guint number;
  gint64 offer_id;
  gboolean quiet; /* the codes were different: no media of ours any more */
  HjFrameKeys *keys;
  HjAgreement *agreement;
  Call *call;
  guint32 epoch; /* that holds, 0: none */
  guint tick_timer;
  guint report_timer;
};

void end_take_seat (End *self, const json_t *join);
void end_leave_seat (End *self);
void end_start_call (End *self);
void end_take_roster (End *self, const json_t *message);
void end_take_key (End *self, const json_t *message);
void end_judge (End *self, const char *result);
gint64 end_ask (End *self, json_t *message);

G_END_DECLS
