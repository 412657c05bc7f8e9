/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gst/gst.h>
#include "src/base/config.h"

G_BEGIN_DECLS

/* One media node: its pipelines and its control link. */
typedef struct _HjNode HjNode;

HjNode *hj_node_start (const HjConfig *config, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void hj_node_drain (HjNode *self, void (*stopped) (gpointer data), gpointer data);
void hj_node_stop (HjNode *self, void (*stopped) (gpointer data), gpointer data);
GstElement *hj_node_get_pipeline (HjNode *self, guint worker);
void hj_node_free (HjNode *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (HjNode, hj_node_free)

extern const HjConfigKey HJ_NODE_KEYS[];

G_END_DECLS
