/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/access/actor.h"

G_BEGIN_DECLS

HjActor *hj_identity_load_actor (HjStore *store, const char *account, const char *session,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
json_t *hj_identity_describe (
    HjStore *store, const char *account, GError **error) G_GNUC_WARN_UNUSED_RESULT;
char *hj_identity_get_display_name (
    HjStore *store, const char *account, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
