/* SPDX-License-Identifier: Apache-2.0 */
/* The composition root of huijiand: builds every object once and connects them. On control. docs/architecture.md. */

#include "src/server.h"

#include "scheduler/sweep.h"
#include "signaling/api/server.h"
#include "signaling/client.h"
#include "signaling/media-link.h"
#include "signaling/ws/server.h"
#include "src/access/act.h"
#include "src/access/kiosks.h"
#include "src/access/sweep.h"
#include "src/base/config.h"
#include "src/base/json.h"
#include "src/base/keys.h"
#include "src/base/time.h"
#include "src/meeting/host.h"
#include "src/store/store.h"

#define SWEEP_EVERY_S 15
#define TIDY_EVERY_S 300

struct _HjServer
{
  const HjConfig *config; /* not owned: main owns it */
  char **origins;
  HjTime *time;
  HjStore *store;
  HjActs *acts;
  HjHost *host;
  HjWs *ws;
  HjMediaLink *media_link;
  HjClients *clients;
  HjApi *api;
  guint tick;
  guint sweep;
  guint tidy;
};

static json_t *
describe_health (gpointer data)
{
  HjServer *self = data;

  return json_pack ("{s:s, s:s, s:I, s:i, s:o}", "status", "ok", "version", HJ_VERSION, "now_us",
      (json_int_t)hj_time_now (self->time), "meetings", (int)hj_host_count_meetings (self->host),
      "media", hj_media_link_describe (self->media_link));
}

/* Opens the database, which also locks it. turn: (nullable): outlives the server. Returns: (transfer full) (nullable). */
HjServer *
hj_server_new (const HjConfig *config, HjTurn *turn, GError **error)
{
  g_autoptr (HjServer) self = g_new0 (HjServer, 1);
  g_autofree char *database = hj_huijiand_database (config);

  self->config = config;
  self->origins = hj_config_get_list (config, "origins");
  self->time = hj_time_new ();
  self->store = hj_store_open (database, error);
  if (self->store == NULL || !hj_kiosks_all_offline (self->store, error))
    return NULL;
  self->ws = hj_ws_new ();
  self->acts = hj_acts_new (self->store, self->time);
  self->host = hj_host_new (self->acts, hj_config_get_int (config, "resume_s") * HJ_SECOND_US);
  self->media_link = hj_media_link_new (self->host);
  self->clients = hj_clients_new (self->host, self->acts, (const char *const *)self->origins);
  hj_clients_set_turn (self->clients, turn);
  self->api = hj_api_new (self->acts, (const char *const *)self->origins, describe_health, self);
  return g_steal_pointer (&self);
}

static gboolean
tick (gpointer data)
{
  HjServer *self = data;

  hj_host_tick (self->host);
  return G_SOURCE_CONTINUE;
}

static void
free_json (gpointer json)
{
  json_decref (json);
}

static gpointer
on_worker_sweep (HjStore *store, gpointer time, GError **error)
{
  return hj_scheduler_sweep (store, hj_time_now (time), error);
}

static void
swept (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) changed = hj_store_call_finish (result, &error);

  if (error != NULL)
    g_warning ("clocks were not swept: %s", error->message);
}

static gboolean
tidy (gpointer data)
{
  HjServer *self = data;

  hj_sweep_async (self->acts);
  return G_SOURCE_CONTINUE;
}

static gboolean
sweep (gpointer data)
{
  HjServer *self = data;

  hj_store_call_async (self->store, on_worker_sweep, self->time, NULL, free_json, swept, NULL);
  return G_SOURCE_CONTINUE;
}

typedef struct
{
  gboolean done;
  GError *error;
} Wait;

static void
loaded (GObject *source, GAsyncResult *result, gpointer data)
{
  Wait *wait = data;

  hj_host_load_finish (result, &wait->error);
  wait->done = TRUE;
}

/* Takes up running meetings before anybody can ask, then listens. */
gboolean
hj_server_start (HjServer *self, GError **error)
{
  Wait wait = { 0 };

  hj_host_load_async (self->host, loaded, &wait);
  while (!wait.done)
    g_main_context_iteration (NULL, TRUE);
  if (wait.error != NULL)
    {
      g_propagate_error (error, wait.error);
      return FALSE;
    }
  self->tick = g_timeout_add (1000, tick, self);
  self->sweep = g_timeout_add_seconds (SWEEP_EVERY_S, sweep, self);
  self->tidy = g_timeout_add_seconds (TIDY_EVERY_S, tidy, self);
  return hj_media_link_listen (
             self->media_link, self->ws, hj_config_get (self->config, "link_socket"), error)
         && hj_clients_listen (
             self->clients, self->ws, hj_config_get (self->config, "signalling_socket"), error)
         && hj_api_listen (self->api, hj_config_get (self->config, "api_socket"),
             hj_config_get (self->config, "ctl_socket"), error);
}

/* Sockets first, then whatever is still on its way home from the store, then the rest. */
void
hj_server_free (HjServer *self)
{
  if (self == NULL)
    return;
  g_clear_handle_id (&self->tick, g_source_remove);
  g_clear_handle_id (&self->sweep, g_source_remove);
  g_clear_handle_id (&self->tidy, g_source_remove);
  g_clear_pointer (&self->ws, hj_ws_free);
  if (self->store != NULL)
    hj_store_drain (self->store);
  g_clear_pointer (&self->api, hj_api_free);
  g_clear_pointer (&self->clients, hj_clients_free);
  g_clear_pointer (&self->media_link, hj_media_link_free);
  g_clear_pointer (&self->host, hj_host_free);
  g_clear_pointer (&self->acts, hj_acts_free);
  g_clear_pointer (&self->store, hj_store_close);
  g_clear_pointer (&self->time, hj_time_free);
  g_strfreev (self->origins);
  g_free (self);
}
