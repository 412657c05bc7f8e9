/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <jansson.h>

#include "src/base/refusal.h"

G_BEGIN_DECLS

#define HJ_JSON_MAX_DEPTH 16

G_DEFINE_AUTOPTR_CLEANUP_FUNC (json_t, json_decref)

json_t *hj_json_parse (
    const char *data, gsize size, gsize max_size, GError **error) G_GNUC_WARN_UNUSED_RESULT;
char *hj_json_dump (const json_t *value) G_GNUC_WARN_UNUSED_RESULT;

gboolean hj_json_read_string (
    const json_t *object, const char *key, gsize max_bytes, const char **ret, GError **error);
gboolean hj_json_read_optional_string (
    const json_t *object, const char *key, gsize max_bytes, const char **ret, GError **error);
gboolean hj_json_read_id (const json_t *object, const char *key, const char **ret, GError **error);
gboolean hj_json_read_int (
    const json_t *object, const char *key, gint64 min, gint64 max, gint64 *ret, GError **error);
gboolean hj_json_read_optional_int (
    const json_t *object, const char *key, gint64 min, gint64 max, gint64 *ret, GError **error);
gboolean hj_json_read_bool (const json_t *object, const char *key, gboolean *ret, GError **error);
gboolean hj_json_read_object (const json_t *object, const char *key, json_t **ret, GError **error);
gboolean hj_json_read_array (
    const json_t *object, const char *key, gsize max_items, json_t **ret, GError **error);

json_t *hj_json_zh_en (const char *zh, const char *en) G_GNUC_WARN_UNUSED_RESULT;
json_t *hj_json_string_or_null (const char *text) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
