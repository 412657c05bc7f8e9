/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/base/types.h"

G_BEGIN_DECLS

/* So many failures are free; the next ones wait 1 s, 2 s, 4 s, ... up to 15 minutes. Many people share an address. */
#define HJ_DELAY_FREE_PER_ACCOUNT 5
#define HJ_DELAY_FREE_PER_ADDRESS 20

gboolean hj_delay_get (HjStore *store, const char *account, const char *address, gint64 now_us,
    gint64 *ret_wait_us, GError **error);
gboolean hj_delay_add_failure (
    HjStore *store, const char *account, const char *address, gint64 now_us, GError **error);
gboolean hj_delay_clear_account (HjStore *store, const char *account, GError **error);

G_END_DECLS
