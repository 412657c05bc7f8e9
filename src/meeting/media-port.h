/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/base/types.h"

G_BEGIN_DECLS

/* What meetings need of relays. signaling/media-link.c implements it towards huijian-media; the room's id is the meeting's.
 * Requests are idempotent and are dropped while the relay is away: when it is back, it reports its rooms. */
typedef struct _HjMediaPort HjMediaPort;

/* answer: (nullable): the SDP answer, or NULL: refusal then is the relay's code. On control. */
typedef void (*HjMediaAnswered) (const char *answer, const char *refusal, gpointer user_data);

typedef struct
{
  gboolean (*is_up) (HjMediaPort *self);
  /* whether that relay has, or may have, the room */
  gboolean (*is_at) (HjMediaPort *self, const char *room, const char *node);
  void (*open_room) (HjMediaPort *self, const char *room);
  void (*add_leg) (HjMediaPort *self, const char *room, const char *seat, int number,
      const char *offer, gboolean cm, HjMediaAnswered answered, gpointer user_data);
  void (*admit) (HjMediaPort *self, const char *room, const GPtrArray *seats);
  void (*remove_leg) (HjMediaPort *self, const char *room, const char *seat);
  void (*close_room) (HjMediaPort *self, const char *room);
  void (*acknowledge) (HjMediaPort *self, const char *node, gint64 n);
  void (*welcome) (
      HjMediaPort *self, const char *node, gint64 last_event); /* answers a registration */
  void (*hang_up) (
      HjMediaPort *self); /* all relays shall dial again and send again what is not acknowledged */
} HjMediaPortInterface;

struct _HjMediaPort
{
  const HjMediaPortInterface *interface;
};

/* News of one leg, as the relay numbers it within one boot. */
typedef struct
{
  const char *node;
  const char *boot;
  gint64 n;
  gint64 at_us;
  const char *kind; /* connected, flowing, silent, returned, gone */
  const char *room;
  const char *seat;
} HjMediaEvent;

G_END_DECLS
