/* SPDX-License-Identifier: Apache-2.0 */
/* What the agent knows of its seat: the last messages about it, the booking whose meeting is over, and the bookings whose code
 * a person here called different, which nobody brings back. Control thread. docs/kiosk.md. */

#include "src/kiosk/seat.h"

#include "src/base/json.h"
#include "src/kiosk/relay.h"

struct _HjSeat
{
  json_t *join;  /* the seat we hold, without its token; NULL: none */
  json_t *seats; /* the last message about our meeting */
  json_t *admit;
  char *booking;       /* of the seat */
  char *last;          /* of the last seat, held or not: what a late word of the page is about */
  char *finished;      /* its meeting ended or was left: not joined again by ourselves */
  GHashTable *differs; /* bookings with another code at the other end: closed as long as we run */
};

/* Returns: (transfer full). */
HjSeat *
hj_seat_new (void)
{
  HjSeat *self = g_new0 (HjSeat, 1);

  self->differs = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return self;
}

void
hj_seat_free (HjSeat *self)
{
  if (self == NULL)
    return;
  hj_seat_forget (self);
  g_hash_table_unref (self->differs);
  g_free (self->last);
  g_free (self->finished);
  g_free (self);
}

static void
keep (json_t **kept, const json_t *message)
{
  json_t *copy = hj_relay_to_page (message);

  json_decref (*kept);
  *kept = copy;
}

/* join: (transfer none): the server's answer, already checked. */
void
hj_seat_take (HjSeat *self, const json_t *join)
{
  const char *booking = json_string_value (json_object_get (join, "booking"));

  hj_seat_forget (self);
  keep (&self->join, join);
  self->booking = g_strdup (booking);
  g_free (self->last);
  self->last = g_strdup (booking);
}

void
hj_seat_forget (HjSeat *self)
{
  g_clear_pointer (&self->join, json_decref);
  g_clear_pointer (&self->seats, json_decref);
  g_clear_pointer (&self->admit, json_decref);
  g_clear_pointer (&self->booking, g_free);
}

/* The meeting is over for this kiosk. */
void
hj_seat_finish (HjSeat *self)
{
  if (self->booking != NULL)
    {
      g_free (self->finished);
      self->finished = g_steal_pointer (&self->booking);
    }
  hj_seat_forget (self);
}

/* A person called the code different. The seat stays for saying so and for the end, and for nothing else. */
void
hj_seat_differ (HjSeat *self)
{
  if (self->last != NULL)
    g_hash_table_add (self->differs, g_strdup (self->last));
}

/* answer: the server's to an offer: its TURN servers take the place of those that came with the join, which expire. */
void
hj_seat_refresh (HjSeat *self, const json_t *answer)
{
  json_t *servers = json_object_get (answer, "ice_servers");

  if (self->join != NULL && servers != NULL)
    json_object_set (self->join, "ice_servers", servers);
}

void
hj_seat_keep (HjSeat *self, const char *verb, const json_t *message)
{
  keep (g_str_equal (verb, "seats") ? &self->seats : &self->admit, message);
}

gboolean
hj_seat_is_held (const HjSeat *self)
{
  return self->join != NULL;
}

/* Returns: whether a page may go on in the seat. */
gboolean
hj_seat_is_open (const HjSeat *self)
{
  return self->join != NULL && !g_hash_table_contains (self->differs, self->booking);
}

gboolean
hj_seat_is_about (const HjSeat *self, const json_t *message)
{
  const char *ours = json_string_value (json_object_get (self->join, "meeting"));
  const char *theirs = json_string_value (json_object_get (message, "meeting"));

  return ours != NULL && g_strcmp0 (ours, theirs) == 0;
}

/* Returns: whether the agent may take a seat for this booking by itself. */
gboolean
hj_seat_may_take (const HjSeat *self, const char *booking)
{
  return self->join == NULL && g_strcmp0 (booking, self->finished) != 0
         && !g_hash_table_contains (self->differs, booking);
}

/* The page wants back into a meeting that it left. Returns: FALSE for one whose code was different. */
gboolean
hj_seat_ask_again (HjSeat *self, const char *booking)
{
  if (g_hash_table_contains (self->differs, booking))
    return FALSE;
  g_clear_pointer (&self->finished, g_free);
  return TRUE;
}

/* verb: join, seats or admit. Returns: (transfer none) (nullable): what a page that comes now is told. */
const json_t *
hj_seat_get (const HjSeat *self, const char *verb)
{
  if (!hj_seat_is_open (self))
    return NULL;
  return g_str_equal (verb, "join")    ? self->join
         : g_str_equal (verb, "seats") ? self->seats
                                       : self->admit;
}
