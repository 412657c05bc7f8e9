/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

void hj_test_init (int *argc, char ***argv);
void hj_expect_log (GLogLevelFlags level, const char *pattern);
void hj_assert_expected_logs (void);

G_END_DECLS
