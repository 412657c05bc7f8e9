/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/base/config.h"
#include "media/metrics.h"
#include "media/relay.h"

G_BEGIN_DECLS

/* One relay worker as the node sees it: a pipeline that is started again where it fails. Control thread. */
typedef struct _HjNodeWorker HjNodeWorker;

#define HJ_NODE_WORKER_FAILURES 5 /* in a minute; one more and the worker is given up */
#define HJ_NODE_WORKER_LOOKS 5    /* without an answer: the worker hangs */

typedef struct
{
  /* Something happened to a leg. at_us: UTC. */
  void (*news) (
      gpointer data, HjLinkEventKind kind, const char *room, const char *seat, gint64 at_us);
  /* It runs again, without a room. */
  void (*restarted) (gpointer data, HjNodeWorker *worker);
  /* It fails again and again. May free the worker. */
  void (*broken) (gpointer data);
} HjNodeWorkerHandler;

HjNodeWorker *hj_node_worker_new (
    const HjConfig *config, guint index, const HjNodeWorkerHandler *handler, gpointer data);
void hj_node_worker_free (HjNodeWorker *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (HjNodeWorker, hj_node_worker_free)

gboolean hj_node_worker_start (HjNodeWorker *self, GError **error);
gboolean hj_node_worker_look (HjNodeWorker *self);
HjRelay *hj_node_worker_get_relay (HjNodeWorker *self);
GstElement *hj_node_worker_get_pipeline (HjNodeWorker *self);
void hj_node_worker_measure (HjNodeWorker *self, HjWorkerMetrics *out);

G_END_DECLS
