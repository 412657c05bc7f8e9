/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <sqlite3.h>

#include "src/store/store.h"

G_BEGIN_DECLS

struct _HjStore
{
  sqlite3 *db;
  GHashTable *statements; /* SQL text -> sqlite3_stmt, prepared once */
  HjWorker *worker;       /* (nullable): only it touches the above, once started */
};

void hj_store_set_error (HjStore *self, GError **error);
gboolean hj_store_exec (HjStore *self, const char *sql, GError **error);
void hj_store_assert_here (HjStore *self);

G_END_DECLS
