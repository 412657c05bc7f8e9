/* SPDX-License-Identifier: Apache-2.0 */
/* Supervisors who follow meetings live: metadata of their jurisdiction, never picture or sound: there is no leg for one to
 * route to (docs/threats.md). On control. */

#include "src/base/json.h"
#include "src/meeting/host-private.h"

typedef struct
{
  HjPeer *peer; /* not owned */
  HjActor *actor;
} Follower;

static void
free_follower (gpointer data)
{
  Follower *follower = data;

  hj_actor_unref (follower->actor);
  g_free (follower);
}

void
hj_host_init_followers (HjHost *self)
{
  self->followers = g_ptr_array_new_with_free_func (free_follower);
}

/* From now on the peer hears of each change. The snapshot comes from the act follow. */
void
hj_host_add_follower (HjHost *self, HjPeer *peer, HjActor *actor)
{
  Follower *follower = g_new (Follower, 1);

  hj_host_remove_follower (self, peer);
  *follower = (Follower){ peer, hj_actor_ref (actor) };
  g_ptr_array_add (self->followers, follower);
}

void
hj_host_remove_follower (HjHost *self, HjPeer *peer)
{
  for (guint i = 0; i < self->followers->len; i++)
    {
      const Follower *follower = g_ptr_array_index (self->followers, i);

      if (follower->peer != peer)
        continue;
      g_ptr_array_remove_index (self->followers, i);
      return;
    }
}

static void
glanced (GObject *source, GAsyncResult *result, gpointer data)
{
  HjHost *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) meeting = hj_acts_run_finish (result, NULL, &error);
  const char *centre
      = json_string_value (json_object_get (json_object_get (meeting, "centre"), "id"));

  if (meeting == NULL)
    {
      g_warning ("followers were not told: %s", error->message);
      return;
    }
  for (guint i = 0; i < self->followers->len; i++)
    {
      const Follower *follower = g_ptr_array_index (self->followers, i);

      if (hj_actor_has_centre (follower->actor, centre))
        follower->peer->interface->tell (
            follower->peer, json_pack ("{s:s, s:O}", "verb", "follow", "meeting", meeting));
    }
}

static gboolean
tell_followers (gpointer data)
{
  HjHost *self = data;
  GHashTableIter iter;
  gpointer id;

  self->tell_source = 0;
  g_hash_table_iter_init (&iter, self->touched);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    {
      if (self->followers->len > 0)
        hj_host_run (self, &hj_act_glance_meeting, json_pack ("{s:s}", "id", (const char *)id),
            glanced, self);
      g_hash_table_iter_remove (&iter);
    }
  return G_SOURCE_REMOVE;
}

/* The meeting changed: followers hear of it soon, once for all that happens until then. */
void
hj_host_touch (HjHost *self, const char *meeting)
{
  g_hash_table_add (self->touched, g_strdup (meeting));
  if (self->tell_source == 0)
    self->tell_source = g_idle_add (tell_followers, self);
}
