/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "media/frames/sframe.h"

G_BEGIN_DECLS

#define HJ_SFRAME_WINDOW 1024 /* counters; a receiver takes none that is older than this */

/* What a receiver holds: keys by KID, each with the counters that it has seen. One thread at a time. */
typedef struct _HjSframeTable HjSframeTable;

HjSframeTable *hj_sframe_table_new (void);
void hj_sframe_table_free (HjSframeTable *self);
gboolean hj_sframe_table_add (HjSframeTable *self, const guint8 *base_key, gsize size, guint64 kid,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean hj_sframe_table_remove (HjSframeTable *self, guint64 kid);
HjSframeStatus hj_sframe_table_open (HjSframeTable *self, const guint8 *metadata,
    gsize metadata_size, const guint8 *sealed, gsize size, guint8 *out, gsize *ret_size,
    HjSframeHeader *header) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HjSframeTable, hj_sframe_table_free)

G_END_DECLS
