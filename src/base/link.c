/* SPDX-License-Identifier: Apache-2.0 */
/* The messages between huijian-media and huijiand: their memory and their words (docs/protocol.md section 3). Both sides
 * include it, so a change here is a change of the protocol. Any thread. */

#include "src/base/link.h"

#include <string.h>

#define MAX_DETAIL 512 /* bytes that a reader accepts */

static const char *const CODES[HJ_LINK_N_CODES]
    = { "no-room", "no-seat", "bad-offer", "full", "bad-message" };
static const char *const KINDS[HJ_LINK_N_EVENTS]
    = { "connected", "flowing", "silent", "returned", "gone" };
static const char *const LEG_NUMBERS[HJ_LINK_LEG_N_NUMBERS] = { "bytes_in", "bytes_out", "nacks_in",
  "nacks_out", "plis_in", "plis_out", "rtt_us", "target_bps" };

static void
clear_seat (gpointer data)
{
  g_free (((HjLinkSeat *)data)->seat);
}

static void
clear_room (gpointer data)
{
  HjLinkRoom *room = data;

  g_free (room->room);
  g_array_unref (room->seats);
}

static void
clear_leg (gpointer data)
{
  HjLinkLeg *leg = data;

  g_free (leg->room);
  g_free (leg->seat);
}

static void
clear_drop (gpointer data)
{
  g_free (((HjLinkDrop *)data)->reason);
}

static GArray *
array_new (guint item_size, GDestroyNotify clear)
{
  GArray *array = g_array_new (FALSE, TRUE, item_size);

  g_array_set_clear_func (array, clear);
  return array;
}

/* Returns: (transfer full): a message of that verb with empty arrays where the verb has any. */
HjLinkMessage *
hj_link_message_new (HjLinkVerb verb)
{
  HjLinkMessage *self = g_new0 (HjLinkMessage, 1);

  self->verb = verb;
  if (verb == HJ_LINK_ADMIT)
    self->seats = g_ptr_array_new_with_free_func (g_free);
  if (verb == HJ_LINK_REGISTER)
    self->rooms = array_new (sizeof (HjLinkRoom), clear_room);
  if (verb == HJ_LINK_STATISTICS)
    {
      self->dropped = array_new (sizeof (HjLinkDrop), clear_drop);
      self->legs = array_new (sizeof (HjLinkLeg), clear_leg);
    }
  return self;
}

void
hj_link_message_free (HjLinkMessage *self)
{
  if (self == NULL)
    return;
  g_free (self->room);
  g_free (self->seat);
  g_free (self->offer);
  g_free (self->answer);
  g_free (self->detail);
  g_free (self->node);
  g_free (self->boot);
  g_clear_pointer (&self->seats, g_ptr_array_unref);
  g_clear_pointer (&self->rooms, g_array_unref);
  g_clear_pointer (&self->dropped, g_array_unref);
  g_clear_pointer (&self->legs, g_array_unref);
  g_free (self);
}

/* answer: (nullable): only add-leg has one. Returns: (transfer full). */
HjLinkMessage *
hj_link_reply_ok (gint64 re, const char *answer)
{
  HjLinkMessage *self = hj_link_message_new (HJ_LINK_REPLY);

  self->re = re;
  self->ok = TRUE;
  self->answer = g_strdup (answer);
  return self;
}

/* Returns: (transfer full). */
HjLinkMessage *
hj_link_reply_refused (gint64 re, HjLinkCode code, const char *detail)
{
  HjLinkMessage *self = hj_link_message_new (HJ_LINK_REPLY);

  self->re = re;
  self->code = code;
  self->detail = g_utf8_make_valid (detail, (gssize)strnlen (detail, MAX_DETAIL / 3));
  return self;
}

/* self: a register. Returns: (transfer none): valid until the next room is added. */
HjLinkRoom *
hj_link_add_room (HjLinkMessage *self, const char *room)
{
  HjLinkRoom item = { g_strdup (room), array_new (sizeof (HjLinkSeat), clear_seat) };

  g_array_append_val (self->rooms, item);
  return &g_array_index (self->rooms, HjLinkRoom, self->rooms->len - 1);
}

void
hj_link_add_seat (
    HjLinkRoom *room, const char *seat, gint64 number, gboolean connected, gboolean admitted)
{
  HjLinkSeat item = { g_strdup (seat), number, connected, admitted };

  g_array_append_val (room->seats, item);
}

/* self: a statistics. reason: a word; given again, the packets are added up. */
void
hj_link_add_drop (HjLinkMessage *self, const char *reason, gint64 packets)
{
  HjLinkDrop item = { NULL, packets };

  for (guint i = 0; i < self->dropped->len; i++)
    {
      HjLinkDrop *known = &g_array_index (self->dropped, HjLinkDrop, i);

      if (strcmp (known->reason, reason) == 0)
        {
          known->packets += packets;
          return;
        }
    }
  item.reason = g_strdup (reason);
  g_array_append_val (self->dropped, item);
}

/* self: a statistics. Returns: (transfer none): valid until the next leg is added. */
HjLinkLeg *
hj_link_add_leg (
    HjLinkMessage *self, const char *room, const char *seat, gint64 packets_in, gint64 packets_out)
{
  HjLinkLeg item = { g_strdup (room), g_strdup (seat), packets_in, packets_out, { 0 } };

  g_array_append_val (self->legs, item);
  return &g_array_index (self->legs, HjLinkLeg, self->legs->len - 1);
}

gboolean
hj_link_is_request (HjLinkVerb verb)
{
  return verb >= HJ_LINK_OPEN_ROOM && verb <= HJ_LINK_CLOSE_ROOM;
}

const char *
hj_link_code_to_string (HjLinkCode code)
{
  return CODES[code];
}

const char *
hj_link_leg_number_to_string (HjLinkLegNumber number)
{
  return LEG_NUMBERS[number];
}

const char *
hj_link_event_to_string (HjLinkEventKind kind)
{
  return KINDS[kind];
}
