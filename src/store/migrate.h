/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/base/types.h"

G_BEGIN_DECLS

gboolean hj_migrate (HjStore *store, GError **error);

G_END_DECLS
