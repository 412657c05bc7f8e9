/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "tests/peer/call.h"
#include "tests/peer/line.h"

G_BEGIN_DECLS

/* One end of a meeting: signalling, the agreement on keys, frames. Commands and events are in main.c. Main thread. */
typedef struct _End End;

typedef struct
{
  CallStyle call;
  const char *dump;    /* folder, (nullable) */
  const char *booking; /* of a lawyer; NULL: what the kiosk is assigned */
  guint report_ms;
} EndStyle;

extern const LinePort END_PORT;

End *end_new (const EndStyle *style);
void end_set_line (End *self, Line *line);
void end_free (End *self);
void end_obey (End *self, const json_t *command);

G_END_DECLS
