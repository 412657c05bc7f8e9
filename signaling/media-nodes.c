/* SPDX-License-Identifier: Apache-2.0 */
/* The relays that registered, and which of them has which room: the table of media-link.c, which talks to them. A room
 * belongs to one relay, the least loaded when it was opened. On control. */

#include "signaling/media-nodes-private.h"

#include "src/base/json.h"

static void
free_node (gpointer data)
{
  HjMediaNode *node = data;

  g_clear_handle_id (&node->dead_source, g_source_remove);
  g_free (node->name);
  g_free (node->boot);
  g_free (node);
}

void
hj_media_nodes_init (HjMediaNodes *self)
{
  self->all = g_ptr_array_new_with_free_func (free_node);
  self->rooms = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

void
hj_media_nodes_clear (HjMediaNodes *self)
{
  g_clear_pointer (&self->rooms, g_hash_table_unref);
  g_clear_pointer (&self->all, g_ptr_array_unref);
}

/* Returns: (transfer none) (nullable). */
HjMediaNode *
hj_media_nodes_find (HjMediaNodes *self, const char *name)
{
  for (guint i = 0; i < self->all->len; i++)
    if (g_str_equal (((HjMediaNode *)self->all->pdata[i])->name, name))
      return self->all->pdata[i];
  return NULL;
}

/* Returns: (transfer none) (nullable): the one that is registered on that connection. */
HjMediaNode *
hj_media_nodes_find_connection (HjMediaNodes *self, HjWsConnection *connection)
{
  for (guint i = 0; i < self->all->len; i++)
    if (((HjMediaNode *)self->all->pdata[i])->connection == connection)
      return self->all->pdata[i];
  return NULL;
}

/* Returns: (transfer none) (nullable): the one that has the room. */
HjMediaNode *
hj_media_nodes_find_room (HjMediaNodes *self, const char *room)
{
  return g_hash_table_lookup (self->rooms, room);
}

/* Returns: (transfer none): the node of that name, known from now on. link: (transfer none): outlives the table. */
HjMediaNode *
hj_media_nodes_know (HjMediaNodes *self, HjMediaLink *link, const char *name)
{
  HjMediaNode *node = hj_media_nodes_find (self, name);

  if (node != NULL)
    return node;
  node = g_new0 (HjMediaNode, 1);
  node->link = link;
  node->name = g_strdup (name);
  g_ptr_array_add (self->all, node);
  return node;
}

/* node: (nullable): the room is nowhere any more. */
void
hj_media_nodes_put_room (HjMediaNodes *self, const char *room, HjMediaNode *node)
{
  HjMediaNode *before = hj_media_nodes_find_room (self, room);

  if (before != NULL)
    before->n_rooms--;
  if (node != NULL)
    {
      node->n_rooms++;
      g_hash_table_replace (self->rooms, g_strdup (room), node);
    }
  else
    g_hash_table_remove (self->rooms, room);
}

/* A room that was opened elsewhere while this relay was away is not its own any more. */
gboolean
hj_media_nodes_is_elsewhere (HjMediaNodes *self, const HjMediaNode *node, const char *room)
{
  const HjMediaNode *owner = hj_media_nodes_find_room (self, room);

  return owner != NULL && owner != node && !owner->dead;
}

/* Seats: those that are there, or that will come to the rooms that were opened since. */
static gint64
load_of (const HjMediaNode *node)
{
  return MAX (node->n_legs, 2 * node->n_rooms);
}

/* Whether a carries a smaller part of what it may than b. */
static gboolean
is_less_loaded (const HjMediaNode *a, const HjMediaNode *b)
{
  return load_of (a) * b->capacity < load_of (b) * a->capacity;
}

/* but: (nullable). Returns: (transfer none) (nullable): the least loaded of the others that take rooms. */
HjMediaNode *
hj_media_nodes_choose_but (HjMediaNodes *self, const HjMediaNode *but)
{
  HjMediaNode *best = NULL;

  for (guint i = 0; i < self->all->len; i++)
    {
      HjMediaNode *node = self->all->pdata[i];

      if (node != but && node->connection != NULL && !node->draining
          && (best == NULL || is_less_loaded (node, best)))
        best = node;
    }
  return best;
}

/* Returns: (transfer none) (nullable): the least loaded of those that take rooms. */
HjMediaNode *
hj_media_nodes_choose (HjMediaNodes *self)
{
  return hj_media_nodes_choose_but (self, NULL);
}

/* Whether any has its link. */
gboolean
hj_media_nodes_is_up (const HjMediaNodes *self)
{
  for (guint i = 0; i < self->all->len; i++)
    if (((HjMediaNode *)self->all->pdata[i])->connection != NULL)
      return TRUE;
  return FALSE;
}

/* Returns: (transfer full): {nodes, packets_in, packets_out}: the relays that are registered and what they last told. */
json_t *
hj_media_nodes_describe (const HjMediaNodes *self)
{
  gint64 in = 0, out = 0;
  int n_up = 0;

  for (guint i = 0; i < self->all->len; i++)
    {
      const HjMediaNode *node = self->all->pdata[i];

      n_up += node->connection != NULL;
      in += node->packets_in;
      out += node->packets_out;
    }
  return json_pack ("{s:i, s:I, s:I}", "nodes", n_up, "packets_in", (json_int_t)in, "packets_out",
      (json_int_t)out);
}
