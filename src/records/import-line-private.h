/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/base/types.h"

G_BEGIN_DECLS

typedef enum
{
  HJ_LINE_APPLIED,
  HJ_LINE_UNCHANGED, /* the same as before, or older */
  HJ_LINE_REFUSED,
  HJ_LINE_BLANK,
  HJ_LINE_FAILED /* of the store: the whole batch */
} HjLineResult;

typedef struct
{
  HjStore *store;
  GStringChunk *texts;
  json_t *problems; /* (owned): an array of {line, severity, code, field, kind, key} */
  json_t *kinds;    /* (owned): kind -> how many were applied */
  gint64 now_us;
  gint64 n[HJ_LINE_FAILED];
  gint64 n_warned;
  gint64 n_stale;
} HjImportBatch;

gboolean hj_import_line (HjImportBatch *batch, gint64 line, const json_t *text,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
