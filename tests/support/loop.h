/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "tests/support/fixture.h"

G_BEGIN_DECLS

/* Runs the default context until the expression holds; a watchdog aborts the test. Nothing sleeps: whatever makes it hold is
 * an event of that context. */
#define HJ_WAIT_UNTIL(EXPRESSION)                                                                  \
  G_STMT_START                                                                                     \
  {                                                                                                \
    guint watchdog_ = hj_watchdog_start (#EXPRESSION);                                             \
                                                                                                   \
    while (!(EXPRESSION))                                                                          \
      g_main_context_iteration (NULL, TRUE);                                                       \
    g_source_remove (watchdog_);                                                                   \
  }                                                                                                \
  G_STMT_END

guint hj_watchdog_start (const char *what);
void hj_run_until_quiet (HjStore *store);

void hj_there_sql (HjFixture *f, const char *sql, const char *id);
gint64 hj_there_count (HjFixture *f, const char *sql, const char *id);
const char *hj_there_text (HjFixture *f, const char *sql, const char *id);
gint64 hj_there_entries (HjFixture *f, const char *act, const char *result);
json_t *hj_there_act (
    HjFixture *f, const HjActKind *kind, HjActor *actor, json_t *input) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
