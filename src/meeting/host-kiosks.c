/* SPDX-License-Identifier: Apache-2.0 */
/* Kiosks that are online, and which booking each is to expect. On control. */

#include "src/base/json.h"
#include "src/meeting/host-private.h"

typedef struct
{
  gatomicrefcount references;
  HjPeer *peer; /* not owned; NULL: gone */
  char *id;
  json_t *assignment; /* (nullable): what it was told last */
} Kiosk;

static void
kiosk_unref (gpointer data)
{
  Kiosk *kiosk = data;

  if (!g_atomic_ref_count_dec (&kiosk->references))
    return;
  json_decref (kiosk->assignment);
  g_free (kiosk->id);
  g_free (kiosk);
}

void
hj_host_init_kiosks (HjHost *self)
{
  self->kiosks = g_ptr_array_new_with_free_func (kiosk_unref);
}

static void
assigned (GObject *source, GAsyncResult *result, gpointer data)
{
  Kiosk *kiosk = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) answer = hj_acts_run_finish (result, NULL, &error);
  json_t *assignment = json_object_get (answer, "assignment");

  if (answer == NULL)
    g_warning ("no assignment for a kiosk: %s", error->message);
  else if (kiosk->peer != NULL
           && (kiosk->assignment == NULL || !json_equal (kiosk->assignment, assignment)))
    {
      json_decref (kiosk->assignment);
      kiosk->assignment = json_incref (assignment);
      kiosk->peer->interface->tell (
          kiosk->peer, json_pack ("{s:s, s:O}", "verb", "assign", "assignment", assignment));
    }
  kiosk_unref (kiosk);
}

static void
refresh (HjHost *self, Kiosk *kiosk)
{
  g_atomic_ref_count_inc (&kiosk->references);
  hj_host_run (self, &hj_act_assign, json_pack ("{s:s}", "kiosk", kiosk->id), assigned, kiosk);
}

static gboolean
refresh_all (gpointer data)
{
  HjHost *self = data;

  self->assign_source = 0;
  for (guint i = 0; i < self->kiosks->len; i++)
    refresh (self, g_ptr_array_index (self->kiosks, i));
  return G_SOURCE_REMOVE;
}

/* Soon, once for all that happens until then. */
void
hj_host_refresh_assignments (HjHost *self)
{
  if (self->assign_source == 0)
    self->assign_source = g_idle_add (refresh_all, self);
}

/* The kiosk proved itself: from now on it hears its assignments. */
void
hj_host_add_kiosk (HjHost *self, HjPeer *peer, const char *id)
{
  Kiosk *kiosk = g_new0 (Kiosk, 1);

  g_atomic_ref_count_init (&kiosk->references);
  kiosk->peer = peer;
  kiosk->id = g_strdup (id);
  g_ptr_array_add (self->kiosks, kiosk);
  refresh (self, kiosk);
}

void
hj_host_remove_kiosk (HjHost *self, HjPeer *peer)
{
  for (guint i = 0; i < self->kiosks->len; i++)
    {
      Kiosk *kiosk = g_ptr_array_index (self->kiosks, i);

      if (kiosk->peer != peer)
        continue;
      kiosk->peer = NULL;
      g_ptr_array_remove_index (self->kiosks, i);
      return;
    }
}
