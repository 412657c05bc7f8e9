/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/base/types.h"

G_BEGIN_DECLS

const char *hj_relay_verb (const json_t *message);
gboolean hj_relay_is_for_page (const char *verb);
gboolean hj_relay_key_fits (const json_t *message);
gboolean hj_relay_says_different (const json_t *message);
json_t *hj_relay_to_page (const json_t *message) G_GNUC_WARN_UNUSED_RESULT;
json_t *hj_relay_to_server (const json_t *message, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
