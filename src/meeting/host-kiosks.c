/* SPDX-License-Identifier: Apache-2.0 */
/* Kiosks that are online, and which booking each is to expect. On control. */

#include "src/base/json.h"
#include "src/meeting/host-private.h"

typedef struct
{
  HjHost *host;
  HjPeer *peer; /* not owned; NULL: gone */
  char *id;
  json_t *assignment; /* (nullable): what it was told last */
  gboolean asking;    /* its assignment is being asked for: it is freed after the answer */
  gboolean ask_again;
} Kiosk;

static void
free_kiosk (Kiosk *kiosk)
{
  json_decref (kiosk->assignment);
  g_free (kiosk->id);
  g_free (kiosk);
}

static void
let_go (gpointer data)
{
  Kiosk *kiosk = data;

  kiosk->peer = NULL;
  if (!kiosk->asking)
    free_kiosk (kiosk);
}

void
hj_host_init_kiosks (HjHost *self)
{
  self->kiosks = g_ptr_array_new_with_free_func (let_go);
}

static void
tell_assignment (Kiosk *kiosk, json_t *assignment)
{
  if (kiosk->assignment != NULL && json_equal (kiosk->assignment, assignment))
    return;
  json_decref (kiosk->assignment);
  kiosk->assignment = json_incref (assignment);
  kiosk->peer->interface->tell (
      kiosk->peer, json_pack ("{s:s, s:O}", "verb", "assign", "assignment", assignment));
}

static void refresh (Kiosk *kiosk);

static void
assigned (GObject *source, GAsyncResult *result, gpointer data)
{
  Kiosk *kiosk = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) answer = hj_acts_run_finish (result, NULL, &error);

  kiosk->asking = FALSE;
  if (kiosk->peer == NULL)
    {
      free_kiosk (kiosk);
      return;
    }
  if (answer != NULL)
    tell_assignment (kiosk, json_object_get (answer, "assignment"));
  else
    g_warning ("no assignment for a kiosk: %s", error->message);
  if (kiosk->ask_again)
    refresh (kiosk);
}

/* One question at a time: what changes meanwhile is asked for afterwards. */
static void
refresh (Kiosk *kiosk)
{
  kiosk->ask_again = kiosk->asking;
  if (kiosk->asking)
    return;
  kiosk->asking = TRUE;
  hj_host_run (
      kiosk->host, &hj_act_assign, json_pack ("{s:s}", "kiosk", kiosk->id), assigned, kiosk);
}

static gboolean
refresh_all (gpointer data)
{
  HjHost *self = data;

  self->assign_source = 0;
  self->assigned_at_us = hj_host_now (self);
  for (guint i = 0; i < self->kiosks->len; i++)
    refresh (g_ptr_array_index (self->kiosks, i));
  return G_SOURCE_REMOVE;
}

/* Soon, once for all that happens until then. */
void
hj_host_refresh_assignments (HjHost *self)
{
  if (self->assign_source == 0)
    self->assign_source = g_idle_add (refresh_all, self);
}

/* A kiosk that comes again, because it lost its socket before we did, takes its own place. */
static void
send_older_away (HjHost *self, const char *id)
{
  for (guint i = 0; i < self->kiosks->len; i++)
    {
      const Kiosk *kiosk = g_ptr_array_index (self->kiosks, i);
      HjPeer *older = kiosk->peer;

      if (g_strcmp0 (kiosk->id, id) != 0)
        continue;
      g_ptr_array_remove_index (self->kiosks, i);
      hj_host_disconnected (self, older);
      older->interface->send_away (older, "taken-over");
      return;
    }
}

/* The kiosk proved itself: from now on it hears its assignments. */
void
hj_host_add_kiosk (HjHost *self, HjPeer *peer, const char *id)
{
  Kiosk *kiosk;

  send_older_away (self, id);
  kiosk = g_new0 (Kiosk, 1);
  kiosk->host = self;
  kiosk->peer = peer;
  kiosk->id = g_strdup (id);
  g_ptr_array_add (self->kiosks, kiosk);
  refresh (kiosk);
}

/* Returns: FALSE when another socket has taken this kiosk's place: it is still online. */
gboolean
hj_host_remove_kiosk (HjHost *self, HjPeer *peer)
{
  for (guint i = 0; i < self->kiosks->len; i++)
    {
      const Kiosk *kiosk = g_ptr_array_index (self->kiosks, i);

      if (kiosk->peer != peer)
        continue;
      g_ptr_array_remove_index (self->kiosks, i);
      return TRUE;
    }
  return FALSE;
}
