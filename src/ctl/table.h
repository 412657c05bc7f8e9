/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/base/types.h"

G_BEGIN_DECLS

void hj_ctl_print_json (const json_t *value);
void hj_ctl_print_table (const json_t *rows, const char *const *columns);
char *hj_ctl_cell (const json_t *row, const char *path);

G_END_DECLS
