/* SPDX-License-Identifier: Apache-2.0 */
/* What happened to legs, numbered from 1 within a boot and kept until huijiand has it on disk, so that a leave during an
 * outage of huijiand is not lost (DESIGN section 12, control link). Control thread. */

#include "media/events.h"

struct _HjEvents
{
  GQueue kept; /* HjLinkMessage *, ascending */
  gint64 next;
};

HjEvents *
hj_events_new (void)
{
  HjEvents *self = g_new0 (HjEvents, 1);

  g_queue_init (&self->kept);
  self->next = 1;
  return self;
}

static void
free_event (gpointer event)
{
  hj_link_message_free (event);
}

void
hj_events_free (HjEvents *self)
{
  if (self == NULL)
    return;
  g_queue_clear_full (&self->kept, free_event);
  g_free (self);
}

/* Returns: (transfer none): the new event, numbered; good until it is acknowledged. */
const HjLinkMessage *
hj_events_add (
    HjEvents *self, HjLinkEventKind kind, const char *room, const char *seat, gint64 at_us)
{
  HjLinkMessage *event = hj_link_message_new (HJ_LINK_EVENT);

  event->n = self->next++;
  event->kind = kind;
  event->room = g_strdup (room);
  event->seat = g_strdup (seat);
  event->at_us = at_us;
  g_queue_push_tail (&self->kept, event);
  if (self->kept.length > HJ_EVENTS_MAX)
    {
      g_warning ("Event %" G_GINT64_FORMAT " is lost: too many wait for huijiand", self->next - 1);
      free_event (g_queue_pop_head (&self->kept));
    }
  return event;
}

/* Forgets the events up to n. */
void
hj_events_acknowledge (HjEvents *self, gint64 n)
{
  const HjLinkMessage *oldest = g_queue_peek_head (&self->kept);

  while (oldest != NULL && oldest->n <= n)
    {
      free_event (g_queue_pop_head (&self->kept));
      oldest = g_queue_peek_head (&self->kept);
    }
}

/* Calls visit (data, event) for each kept event, oldest first; visit may not add or acknowledge. */
void
hj_events_each (HjEvents *self, HjEventsVisit visit, gpointer data)
{
  for (const GList *item = self->kept.head; item != NULL; item = item->next)
    visit (data, item->data);
}

/* The number that the next event will have. */
gint64
hj_events_get_next (const HjEvents *self)
{
  return self->next;
}

guint
hj_events_get_kept (const HjEvents *self)
{
  return self->kept.length;
}
