/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/access/act.h"

G_BEGIN_DECLS

/* Who has opened the signalling socket: by a ticket, or a kiosk by its signature. */
typedef struct
{
  HjActor *actor;
  char *name;    /* shown to the other seats */
  char *purpose; /* (nullable): "join" or "follow"; NULL for a kiosk */
  char *booking; /* (nullable): with "join" */
  char *room;    /* (nullable): of a kiosk */
  char *centre;  /* (nullable): of a kiosk */
} HjCaller;

void hj_caller_free (HjCaller *self);
gboolean hj_caller_record (
    HjStore *store, const HjActor *actor, const char *booking, gint64 now_us, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HjCaller, hj_caller_free)

G_END_DECLS
