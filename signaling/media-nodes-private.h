/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "signaling/media-link.h"

G_BEGIN_DECLS

/* A relay that registered. It stays known while its link is away, because media goes on. */
typedef struct
{
  HjMediaLink *link;          /* not owned: has the table */
  HjWsConnection *connection; /* (nullable), not owned */
  char *name;
  char *boot;
  gint64 capacity;
  gboolean draining; /* no new room */
  gboolean dead;     /* away for so long that its rooms may open elsewhere */
  guint dead_source;
  guint n_rooms;     /* opened or reported */
  guint n_legs;      /* of the last statistics */
  gint64 packets_in; /* of the last statistics */
  gint64 packets_out;
} HjMediaNode;

typedef struct
{
  GPtrArray *all;    /* HjMediaNode *, owned */
  GHashTable *rooms; /* char * -> HjMediaNode *, not owned: where a room is */
} HjMediaNodes;

void hj_media_nodes_init (HjMediaNodes *self);
HjMediaNode *hj_media_nodes_know (HjMediaNodes *self, HjMediaLink *link, const char *name);
HjMediaNode *hj_media_nodes_find (HjMediaNodes *self, const char *name);
HjMediaNode *hj_media_nodes_find_connection (HjMediaNodes *self, HjWsConnection *connection);
HjMediaNode *hj_media_nodes_find_room (HjMediaNodes *self, const char *room);
HjMediaNode *hj_media_nodes_choose (HjMediaNodes *self);
HjMediaNode *hj_media_nodes_choose_but (HjMediaNodes *self, const HjMediaNode *but);
gboolean hj_media_nodes_is_up (const HjMediaNodes *self);
gboolean
hj_media_nodes_is_elsewhere (HjMediaNodes *self, const HjMediaNode *node, const char *room);
void hj_media_nodes_put_room (HjMediaNodes *self, const char *room, HjMediaNode *node);
json_t *hj_media_nodes_describe (const HjMediaNodes *self) G_GNUC_WARN_UNUSED_RESULT;
void hj_media_nodes_clear (HjMediaNodes *self);

G_END_DECLS
