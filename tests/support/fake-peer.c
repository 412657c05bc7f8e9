/* SPDX-License-Identifier: Apache-2.0 */
/* HjPeer for tests: keeps every message in the order in which it came. */

#include "tests/support/fake-peer.h"

static const char *
text_of (const json_t *message, const char *key)
{
  return json_string_value (json_object_get (message, key));
}

static void
tell (HjPeer *peer, json_t *message)
{
  HjFakePeer *self = (HjFakePeer *)peer;

  g_assert_nonnull (text_of (message, "verb"));
  json_array_append_new (self->told, message);
}

static void
unseat (HjPeer *peer, const char *seat)
{
  HjFakePeer *self = (HjFakePeer *)peer;

  if (g_strcmp0 (self->seat, seat) == 0)
    g_clear_pointer (&self->seat, g_free);
}

static void
send_away (HjPeer *peer, const char *reason)
{
  HjFakePeer *self = (HjFakePeer *)peer;

  g_free (self->sent_away);
  self->sent_away = g_strdup (reason);
}

/* Returns: (transfer full). */
HjFakePeer *
hj_fake_peer_new (void)
{
  static const HjPeerInterface INTERFACE = { tell, unseat, send_away };
  HjFakePeer *self = g_new0 (HjFakePeer, 1);

  self->peer.interface = &INTERFACE;
  self->told = json_array ();
  return self;
}

void
hj_fake_peer_free (HjFakePeer *self)
{
  if (self == NULL)
    return;
  json_decref (self->told);
  g_free (self->seat);
  g_free (self->sent_away);
  g_free (self);
}

/* kind: (nullable): only notices of this kind. */
guint
hj_fake_peer_count (const HjFakePeer *self, const char *verb, const char *kind)
{
  guint count = 0;
  size_t index;
  json_t *message;

  json_array_foreach (self->told, index, message)
  {
    if (g_strcmp0 (text_of (message, "verb"), verb) == 0
        && (kind == NULL || g_strcmp0 (text_of (message, "kind"), kind) == 0))
      count++;
  }
  return count;
}

/* Returns: (transfer none) (nullable). */
const json_t *
hj_fake_peer_last (const HjFakePeer *self, const char *verb)
{
  const json_t *last = NULL;
  size_t index;
  json_t *message;

  json_array_foreach (self->told, index, message)
  {
    if (g_strcmp0 (text_of (message, "verb"), verb) == 0)
      last = message;
  }
  return last;
}

/* Returns: (transfer none) (nullable): the seat as the last `seats` described it. */
const json_t *
hj_fake_peer_last_seat (const HjFakePeer *self, const char *seat)
{
  size_t index;
  json_t *entry;

  json_array_foreach (json_object_get (hj_fake_peer_last (self, "seats"), "seats"), index, entry)
  {
    if (g_strcmp0 (text_of (entry, "seat"), seat) == 0)
      return entry;
  }
  return NULL;
}

/* Returns: (transfer none) (nullable). */
const char *
hj_fake_peer_seat_state (const HjFakePeer *self, const char *seat)
{
  return text_of (hj_fake_peer_last_seat (self, seat), "state");
}

void
hj_fake_peer_forget (HjFakePeer *self)
{
  json_array_clear (self->told);
}
