/* SPDX-License-Identifier: Apache-2.0 */
/* A media node: its relay workers, its control link, its metrics, and its end. SIGTERM drains it: no new room, and the end
 * when the last room is closed or `drain_s` is over. Control thread. Configuration: docs/operations.md, group [media]. */

#include "media/node.h"

#include <stdlib.h>
#include <unistd.h>

#include "media/candidates.h"
#include "media/control.h"
#include "media/elements.h"
#include "media/metrics-server.h"
#include "media/node-worker.h"

#define MAX_WORKERS 64
#define DRAIN_CHECK_MS 250
#define LOOK_MS 1000

struct _HjNode
{
  char *name;
  guint capacity;
  gint64 drain_us;
  GPtrArray *workers; /* HjNodeWorker *, owned */
  HjControl *control;
  HjMetricsServer *metrics; /* (nullable) */
  GSList *rounds;           /* Round *: under way */
  gboolean draining;
  gint64 drain_until_us;
  guint drain_source;
  guint look_source;
  guint n_stopping;
  void (*stopped) (gpointer data);
  gpointer stopped_data;
};

/* Everything that the workers have counted, gathered one after the other. */
typedef struct _Round Round;

struct _Round
{
  HjNode *node;     /* NULL when it has ended meanwhile */
  HjScrape *scrape; /* (nullable): who wants to know; else the node itself */
  guint asked;      /* whose turn it is */
  guint n_workers;
  HjWorkerMetrics workers[];
};

/* clang-format off */
const HjConfigKey HJ_NODE_KEYS[] = {
  { "port", "0" },             /* UDP, of the first worker; the next have the next. 0: the kernel chooses */
  { "listen", "0.0.0.0" },     /* numeric address */
  { "public_addresses", "" },  /* numeric, separated by semicolons; empty: those of this host */
  { "link_socket", NULL },     /* huijiand's unix socket */
  { "node", "media-1" },       /* this node's name in logs and statistics */
  { "workers", "1" },          /* pipelines, one for each core */
  { "capacity", "320" },       /* seats of each worker */
  { "drain_s", "300" },        /* how long rooms may go on after SIGTERM */
  { "metrics_socket", "" },    /* unix socket for GET /metrics; empty: none */
  { "metrics_port", "0" },     /* port of 127.0.0.1 for GET /metrics; 0: none */
  { NULL, NULL },
};
/* clang-format on */

static void
take_news (gpointer data, HjLinkEventKind kind, const char *room, const char *seat, gint64 at_us)
{
  hj_control_take_event (((HjNode *)data)->control, kind, room, seat, at_us);
}

static void
ignore (gpointer message)
{
}

static void
on_worker_drain (HjRooms *rooms, gint64 now_us, gpointer message)
{
  if (rooms != NULL)
    hj_rooms_drain (rooms);
}

static void
drain_worker (HjNode *self, HjNodeWorker *worker)
{
  hj_relay_run (hj_node_worker_get_relay (worker), on_worker_drain, ignore, NULL);
}

static void
worker_restarted (gpointer data, HjNodeWorker *worker)
{
  HjNode *self = data;

  if (self->draining)
    drain_worker (self, worker);
}

/* What cannot be mended from within is mended by a clean start: systemd's Restart=always. */
static void
worker_broken (gpointer data)
{
  g_critical ("A relay worker fails again and again");
  exit (1);
}

/* A thread that hangs cannot be stopped, and whatever it holds may hold up an orderly exit: only the end of the process
 * frees its port. The legs meet again at the next run, which systemd starts. */
static gboolean
look_at_workers (gpointer data)
{
  HjNode *self = data;

  for (guint i = 0; i < self->workers->len; i++)
    if (!hj_node_worker_look (self->workers->pdata[i]))
      {
        g_critical (
            "Relay worker %u hangs: no answer for %d s", i, HJ_NODE_WORKER_LOOKS * LOOK_MS / 1000);
        _exit (1);
      }
  return G_SOURCE_CONTINUE;
}

static const HjNodeWorkerHandler HANDLER = { take_news, worker_restarted, worker_broken };

static void round_next (Round *round);

static void
on_worker_tally (HjRooms *rooms, gint64 now_us, gpointer message)
{
  Round *round = message;
  HjWorkerMetrics *worker = &round->workers[round->asked];

  worker->here = rooms != NULL;
  if (rooms != NULL)
    hj_rooms_tally (rooms, &worker->tally);
}

static void
round_came_home (gpointer message)
{
  Round *round = message;

  round->asked++;
  round_next (round);
}

static void
round_free (Round *round)
{
  if (round->node != NULL)
    round->node->rounds = g_slist_remove (round->node->rounds, round);
  g_free (round);
}

static Round *
round_new (HjNode *self, HjScrape *scrape)
{
  Round *round = g_malloc0 (sizeof *round + self->workers->len * sizeof round->workers[0]);

  round->node = self;
  round->scrape = scrape;
  round->n_workers = self->workers->len;
  self->rounds = g_slist_prepend (self->rounds, round);
  return round;
}

static void
answer_scrape (HjNode *self, Round *round)
{
  HjMetrics metrics = { .node = self->name,
    .capacity = self->capacity,
    .events_kept = hj_control_get_events_kept (self->control),
    .link_up = hj_control_is_welcome (self->control),
    .draining = self->draining,
    .n_workers = round->n_workers,
    .workers = round->workers };

  for (guint i = 0; i < round->n_workers; i++)
    hj_node_worker_measure (self->workers->pdata[i], &round->workers[i]);
  hj_scrape_answer (round->scrape, hj_metrics_write (&metrics));
}

static void
end_when_empty (HjNode *self, const Round *round)
{
  guint rooms = 0;

  for (guint i = 0; i < round->n_workers; i++)
    rooms += round->workers[i].tally.rooms;
  if (rooms > 0)
    return;
  g_message ("Drained: the last room is closed");
  hj_node_stop (self, self->stopped, self->stopped_data);
}

/* (transfer full): asks the next worker, or tells what all have said. */
static void
round_next (Round *round)
{
  HjNode *self = round->node;

  if (self != NULL && round->asked < round->n_workers)
    {
      hj_relay_run (hj_node_worker_get_relay (self->workers->pdata[round->asked]), on_worker_tally,
          round_came_home, round);
      return;
    }
  if (self != NULL && round->scrape != NULL)
    answer_scrape (self, round);
  else if (self != NULL)
    end_when_empty (self, round);
  round_free (round);
}

static void
gather (gpointer data, HjScrape *scrape)
{
  round_next (round_new (data, scrape));
}

static gboolean
check_seats (const HjConfig *config, GError **error)
{
  gint64 seats = hj_config_get_int (config, "workers") * hj_config_get_int (config, "capacity");

  if (seats <= HJ_LINK_MAX_SEATS)
    return TRUE;
  g_set_error (error, HJ_CONFIG_ERROR, HJ_CONFIG_ERROR_VALUE,
      "workers × capacity is %" G_GINT64_FORMAT " seats: a node has %d at most, start another",
      seats, HJ_LINK_MAX_SEATS);
  return FALSE;
}

static gboolean
check_config (const HjConfig *config, GError **error)
{
  return hj_config_check_int (config, "port", 0, 65535 - MAX_WORKERS, error)
         && hj_config_check_int (config, "workers", 1, MAX_WORKERS, error)
         && hj_config_check_int (config, "capacity", 2, HJ_LINK_MAX_SEATS, error)
         && check_seats (config, error) && hj_config_check_int (config, "drain_s", 0, 86400, error)
         && hj_config_check_int (config, "metrics_port", 0, 65535, error)
         && hj_candidates_check (hj_config_get (config, "public_addresses"), error);
}

static gboolean
start_metrics (HjNode *self, const HjConfig *config, GError **error)
{
  const char *path = hj_config_get (config, "metrics_socket");
  guint port = (guint)hj_config_get_int (config, "metrics_port");

  if (*path == '\0' && port == 0)
    return TRUE;
  self->metrics = hj_metrics_server_new (gather, self);
  return (*path == '\0' || hj_metrics_server_listen_unix (self->metrics, path, error))
         && (port == 0 || hj_metrics_server_listen_local (self->metrics, port, error));
}

static gboolean
start_worker (HjNode *self, const HjConfig *config, guint index, GError **error)
{
  HjNodeWorker *worker = hj_node_worker_new (config, index, &HANDLER, self);

  g_ptr_array_add (self->workers, worker);
  hj_control_add_relay (self->control, hj_node_worker_get_relay (worker));
  return hj_node_worker_start (worker, error);
}

static void
free_worker (gpointer worker)
{
  hj_node_worker_free (worker);
}

/* config: of HJ_NODE_KEYS. Needs gst_init(). Returns: (transfer full) (nullable): a node that relays and dials. */
HjNode *
hj_node_start (const HjConfig *config, GError **error)
{
  g_autoptr (HjNode) self = g_new0 (HjNode, 1);
  guint workers = 0;

  self->workers = g_ptr_array_new_with_free_func (free_worker);
  if (!check_config (config, error))
    return NULL;
  workers = (guint)hj_config_get_int (config, "workers");
  self->name = g_strdup (hj_config_get (config, "node"));
  self->capacity = workers * (guint)hj_config_get_int (config, "capacity");
  self->drain_us = hj_config_get_int (config, "drain_s") * G_TIME_SPAN_SECOND;
  hj_elements_register (NULL);
  self->control
      = hj_control_new (hj_config_get (config, "link_socket"), self->name, self->capacity);
  for (guint i = 0; i < workers; i++)
    if (!start_worker (self, config, i, error))
      return NULL;
  if (!start_metrics (self, config, error))
    return NULL;
  hj_control_start (self->control);
  self->look_source = g_timeout_add (LOOK_MS, look_at_workers, self);
  return g_steal_pointer (&self);
}

/* For tests, which make it fail. Returns: (transfer none). */
GstElement *
hj_node_get_pipeline (HjNode *self, guint worker)
{
  return hj_node_worker_get_pipeline (self->workers->pdata[worker]);
}

static gboolean
look_at_rooms (gpointer data)
{
  HjNode *self = data;

  if (g_get_monotonic_time () < self->drain_until_us)
    {
      round_next (round_new (self, NULL));
      return G_SOURCE_CONTINUE;
    }
  g_message ("Rooms have had their time to end");
  self->drain_source = 0;
  hj_node_stop (self, self->stopped, self->stopped_data);
  return G_SOURCE_REMOVE;
}

/* Takes no new room. When the last one is closed, or drain_s is over, it stops as hj_node_stop() does. Asked again, it stops
 * at once. */
void
hj_node_drain (HjNode *self, void (*stopped) (gpointer data), gpointer data)
{
  if (self->draining || self->drain_us == 0)
    {
      hj_node_stop (self, stopped, data);
      return;
    }
  g_message ("Draining: no new room; rooms may go on for %" G_GINT64_FORMAT " s",
      self->drain_us / G_TIME_SPAN_SECOND);
  self->draining = TRUE;
  self->stopped = stopped;
  self->stopped_data = data;
  self->drain_until_us = g_get_monotonic_time () + self->drain_us;
  hj_control_drain (self->control);
  for (guint i = 0; i < self->workers->len; i++)
    drain_worker (self, self->workers->pdata[i]);
  self->drain_source = g_timeout_add (DRAIN_CHECK_MS, look_at_rooms, self);
}

static void
on_worker_close (HjRooms *rooms, gint64 now_us, gpointer message)
{
  if (rooms != NULL)
    hj_rooms_close (rooms);
}

static void
on_worker_rest (HjRooms *rooms, gint64 now_us, gpointer message)
{
}

static void
run_on_workers (HjNode *self, HjRelayWork on_worker, HjWorkerFunc on_control)
{
  self->n_stopping = self->workers->len;
  for (guint i = 0; i < self->workers->len; i++)
    hj_relay_run (hj_node_worker_get_relay (self->workers->pdata[i]), on_worker, on_control, self);
}

static void
worker_sent (gpointer message)
{
  HjNode *self = message;

  if (--self->n_stopping == 0)
    self->stopped (self->stopped_data);
}

static void
worker_closed (gpointer message)
{
  HjNode *self = message;

  /* One turn of each pipeline later the good-byes are out. */
  if (--self->n_stopping == 0)
    run_on_workers (self, on_worker_rest, worker_sent);
}

/* Says good-bye to every peer, then calls stopped (data); hj_node_free() follows. */
void
hj_node_stop (HjNode *self, void (*stopped) (gpointer data), gpointer data)
{
  if (self->n_stopping > 0)
    return; /* asked by two signals */
  g_clear_handle_id (&self->drain_source, g_source_remove);
  self->stopped = stopped;
  self->stopped_data = data;
  run_on_workers (self, on_worker_close, worker_closed);
}

/* What is on its way to a worker comes home to nobody. */
static void
abandon_rounds (HjNode *self)
{
  for (GSList *item = self->rounds; item != NULL; item = item->next)
    {
      Round *round = item->data;

      round->node = NULL;
      if (round->scrape != NULL)
        hj_scrape_answer (round->scrape, NULL);
    }
  g_clear_pointer (&self->rounds, g_slist_free);
}

void
hj_node_free (HjNode *self)
{
  if (self == NULL)
    return;
  g_clear_handle_id (&self->drain_source, g_source_remove);
  g_clear_handle_id (&self->look_source, g_source_remove);
  abandon_rounds (self);
  g_clear_pointer (&self->metrics, hj_metrics_server_free);
  g_ptr_array_unref (self->workers);
  g_clear_pointer (&self->control, hj_control_free);
  g_free (self->name);
  g_free (self);
}
