/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Answers GET /metrics on a socket of its own. Control thread. */
typedef struct _HjMetricsServer HjMetricsServer;
typedef struct _HjScrape HjScrape;

/* Gathers the numbers and then calls hj_scrape_answer() once; may do so later. */
typedef void (*HjMetricsGather) (gpointer data, HjScrape *scrape);

HjMetricsServer *hj_metrics_server_new (HjMetricsGather gather, gpointer data);
void hj_metrics_server_free (HjMetricsServer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (HjMetricsServer, hj_metrics_server_free)

gboolean hj_metrics_server_listen_unix (HjMetricsServer *self, const char *path, GError **error);
gboolean hj_metrics_server_listen_local (HjMetricsServer *self, guint port, GError **error);
void hj_scrape_answer (HjScrape *scrape, char *text);

G_END_DECLS
