/* SPDX-License-Identifier: Apache-2.0 */
/* A host with fake people and a fake relay, for the tests of src/meeting/host*.c. The time stands still unless a test moves it. */

#include "tests/meeting/host-place.h"

#include "src/base/ids.h"

static const char TOKENS[]
    = "CREATE TEMP TABLE IF NOT EXISTS token (seat TEXT PRIMARY KEY, token TEXT)";

static void
loaded (GObject *source, GAsyncResult *result, gpointer data)
{
  gboolean *done = data;
  g_autoptr (GError) error = NULL;

  hj_host_load_finish (result, &error);
  g_assert_no_error (error);
  *done = TRUE;
}

/* As huijiand starts: takes up what runs, then listens to the relay. */
void
host_start (HostPlace *h)
{
  gboolean done = FALSE;

  if (h->p.f.acts == NULL)
    h->p.f.acts = hj_acts_new (h->p.f.store, h->p.f.time);
  h->host = hj_host_new (h->p.f.acts, HOST_RESUME_US);
  hj_host_load_async (h->host, loaded, &done);
  HJ_WAIT_UNTIL (done);
  hj_host_set_media_port (h->host, &h->port->port);
  host_quiet (h);
}

/* As huijiand dies: every socket is gone with it, the relay goes on. Peers that the test has must not be used any more. */
void
host_stop (HostPlace *h)
{
  host_quiet (h);
  g_clear_pointer (&h->host, hj_host_free);
  g_clear_pointer (&h->p.f.acts, hj_acts_free);
  hj_fake_media_port_forget (h->port);
}

HjFakePeer *
host_new_peer (HostPlace *h)
{
  HjFakePeer *peer = hj_fake_peer_new ();

  g_ptr_array_add (h->peers, peer);
  return peer;
}

void
host_place_set_up (HostPlace *h, gconstpointer data)
{
  hj_meeting_place_set_up (&h->p, data);
  hj_fixture_sql (&h->p.f, TOKENS, NULL);
  h->port = hj_fake_media_port_new ();
  h->peers = g_ptr_array_new_with_free_func ((GDestroyNotify)hj_fake_peer_free);
  h->counsel = host_new_peer (h);
  h->box = host_new_peer (h);
  h->boot = "boot-1";
  host_start (h);
}

void
host_place_tear_down (HostPlace *h, gconstpointer data)
{
  host_quiet (h);
  g_clear_pointer (&h->host, hj_host_free);
  g_ptr_array_unref (h->peers);
  hj_fake_media_port_free (h->port);
  hj_meeting_place_tear_down (&h->p, data);
  hj_assert_expected_logs ();
}

/* Until nothing is under way. */
void
host_quiet (HostPlace *h)
{
  hj_run_until_quiet (h->p.f.store);
}

/* Lets the time pass and the host notice. */
void
host_tick (HostPlace *h, gint64 span_us)
{
  hj_fixture_advance (&h->p.f, span_us);
  hj_host_tick (h->host);
  host_quiet (h);
}

typedef struct
{
  HostPlace *h;
  HjFakePeer *peer;
  const char *outcome; /* "done", or the word of the refusal */
  HjRefusal refusal;
} Asked;

static void
keep_token (HostPlace *h, const char *seat, const char *token)
{
  g_autofree char *sql
      = g_strdup_printf ("INSERT OR REPLACE INTO token (seat, token) VALUES (:id, '%s')", token);

  hj_there_sql (&h->p.f, sql, seat);
}

static gboolean
answered (const json_t *answer, const json_t *problem, const GError *error, gpointer data)
{
  Asked *asked = data;

  if (answer == NULL)
    {
      g_assert_cmpuint (error->domain, ==, HJ_REFUSAL);
      asked->refusal = (HjRefusal)error->code;
      asked->outcome = hj_refusal_word (asked->refusal);
      return TRUE;
    }
  asked->outcome = "done";
  if (asked->peer != NULL)
    {
      g_free (asked->peer->seat);
      asked->peer->seat = g_strdup (json_string_value (json_object_get (answer, "seat")));
      json_array_append_new (asked->peer->told,
          json_pack ("{s:s, s:O}", "verb", "joined", "token", json_object_get (answer, "token")));
    }
  return TRUE;
}

/* Returns: (transfer none) (nullable): the seat, or NULL when refused. */
const char *
host_try_join (HostPlace *h, HjFakePeer *peer, HjActor *actor, HjRefusal *ret_refusal)
{
  hj_meeting_place_add_device (&h->p, actor, hj_there_sql);
  return host_try_join_from (
      h, peer, actor, actor == h->p.box ? NULL : hj_actor_get_id (actor), ret_refusal);
}

/* device: (nullable): which browser of the actor. Returns: as host_try_join(). */
const char *
host_try_join_from (
    HostPlace *h, HjFakePeer *peer, HjActor *actor, const char *device, HjRefusal *ret_refusal)
{
  Asked asked = { h, peer, NULL, 0 };
  const json_t *joined;

  hj_host_join (h->host, &peer->peer, actor, h->p.booking, device, answered, &asked);
  HJ_WAIT_UNTIL (asked.outcome != NULL);
  host_quiet (h);
  if (!g_str_equal (asked.outcome, "done"))
    {
      if (ret_refusal != NULL)
        *ret_refusal = asked.refusal;
      return NULL;
    }
  joined = hj_fake_peer_last (peer, "joined");
  keep_token (h, peer->seat, json_string_value (json_object_get (joined, "token")));
  return g_string_chunk_insert (h->p.f.texts, peer->seat);
}

const char *
host_join (HostPlace *h, HjFakePeer *peer, HjActor *actor)
{
  const char *seat = host_try_join (h, peer, actor, NULL);

  g_assert_nonnull (seat);
  return seat;
}

/* The token that the seat was given last. */
const char *
host_token (HostPlace *h, const char *seat)
{
  return hj_there_text (&h->p.f, "SELECT token FROM token WHERE seat = :id", seat);
}

/* Returns: "done" or the word of the refusal. */
const char *
host_leave (HostPlace *h, HjFakePeer *peer, HjActor *actor)
{
  Asked asked = { h, NULL, NULL, 0 };
  g_autofree char *seat = g_strdup (peer->seat != NULL ? peer->seat : "none");

  hj_host_leave (h->host, &peer->peer, actor, seat, answered, &asked);
  HJ_WAIT_UNTIL (asked.outcome != NULL);
  host_quiet (h);
  return asked.outcome;
}

/* Returns: "done" or the word of the refusal. */
const char *
host_end (HostPlace *h, HjFakePeer *peer, HjActor *actor, const char *reason)
{
  Asked asked = { h, NULL, NULL, 0 };
  g_autofree char *seat = g_strdup (peer->seat != NULL ? peer->seat : "none");

  hj_host_end (h->host, &peer->peer, actor, seat, reason, answered, &asked);
  HJ_WAIT_UNTIL (asked.outcome != NULL);
  host_quiet (h);
  return asked.outcome;
}

/* Says that it holds the keys of that epoch. Returns: "done" or the word of the refusal. */
const char *
host_secured (HostPlace *h, HjFakePeer *peer, HjActor *actor, gint64 epoch)
{
  Asked asked = { h, NULL, NULL, 0 };
  g_autofree char *seat = g_strdup (peer->seat != NULL ? peer->seat : "none");

  hj_host_secured (h->host, &peer->peer, actor, seat, epoch, answered, &asked);
  HJ_WAIT_UNTIL (asked.outcome != NULL);
  host_quiet (h);
  return asked.outcome;
}

/* Says what came of comparing the code. Returns: "done" or the word of the refusal. */
const char *
host_verify (HostPlace *h, HjFakePeer *peer, HjActor *actor, gint64 epoch, const char *result)
{
  Asked asked = { h, NULL, NULL, 0 };
  g_autofree char *seat = g_strdup (peer->seat != NULL ? peer->seat : "none");

  hj_host_verify (h->host, &peer->peer, actor, seat, epoch, result, answered, &asked);
  HJ_WAIT_UNTIL (asked.outcome != NULL);
  host_quiet (h);
  return asked.outcome;
}

static HjActor *
find_actor (HostPlace *h, const char *id)
{
  for (guint i = 0; i < h->p.f.actors->len; i++)
    if (g_strcmp0 (hj_actor_get_id (g_ptr_array_index (h->p.f.actors, i)), id) == 0)
      return g_ptr_array_index (h->p.f.actors, i);
  g_assert_not_reached ();
}

/* Whoever sits there has the keys of the first epoch; nobody says so for an empty seat. */
void
host_secure (HostPlace *h, const char *seat)
{
  const char *actor = hj_there_text (&h->p.f, "SELECT actor FROM seat WHERE id = :id", seat);

  for (guint i = 0; i < h->peers->len; i++)
    {
      HjFakePeer *peer = g_ptr_array_index (h->peers, i);

      if (g_strcmp0 (peer->seat, seat) == 0 && peer->sent_away == NULL)
        host_secured (h, peer, find_actor (h, actor), 1);
    }
}

static void
sdp_answered (const char *answer, const char *refusal, gpointer data)
{
  const char **outcome = data;

  *outcome = answer != NULL ? answer : refusal;
}

/* Offers "v=0" and lets the relay answer or refuse. Returns: what came back. */
const char *
host_offer (HostPlace *h, HjFakePeer *peer, const char *answer, const char *refusal)
{
  static const char *outcome;

  outcome = NULL;
  hj_host_offer (h->host, &peer->peer, peer->seat, "v=0", FALSE, sdp_answered, &outcome);
  if (h->port->answered != NULL)
    hj_fake_media_port_answer (h->port, answer, refusal);
  g_assert_nonnull (outcome);
  host_quiet (h);
  return outcome;
}

typedef struct
{
  HostPlace *h;
  HjFakePeer *peer;
  gboolean done, taken;
} Resuming;

static void
resumed (GObject *source, GAsyncResult *result, gpointer data)
{
  Resuming *resuming = data;
  g_autoptr (HjActor) actor = NULL;
  g_autoptr (json_t) seat = hj_seat_resume_finish (result, &actor, NULL);

  resuming->done = TRUE;
  resuming->taken = seat != NULL;
  if (seat == NULL)
    return;
  g_free (resuming->peer->seat);
  resuming->peer->seat = g_strdup (json_string_value (json_object_get (seat, "seat")));
  hj_host_resume (resuming->h->host, &resuming->peer->peer, seat);
}

/* Returns: whether the token was good for a seat. */
gboolean
host_resume (HostPlace *h, HjFakePeer *peer, const char *token)
{
  Resuming resuming = { h, peer, FALSE, FALSE };

  hj_seat_resume_async (h->p.f.acts, token, resumed, &resuming);
  if (h->meanwhile != NULL)
    h->meanwhile (h->host);
  HJ_WAIT_UNTIL (resuming.done);
  host_quiet (h);
  return resuming.taken;
}

/* The peer's socket is gone. */
void
host_hang_up (HostPlace *h, HjFakePeer *peer)
{
  hj_host_disconnected (h->host, &peer->peer);
  host_quiet (h);
}

/* The relay's next event. */
void
host_event (HostPlace *h, const char *kind, const char *seat, gint64 at_us)
{
  HjMediaEvent event = { "node-1", h->boot, ++h->n, at_us, kind, "room", seat };

  hj_host_media_event (h->host, &event);
  host_quiet (h);
}

/* The seat has the keys, and its media is up. */
void
host_connect (HostPlace *h, const char *seat)
{
  host_secure (h, seat);
  host_event (h, "connected", seat, hj_time_now (h->p.f.time));
}

/* rooms: (transfer full): what the relay reports. */
void
host_register (HostPlace *h, json_t *rooms)
{
  hj_host_media_registered (h->host, "node-1", h->boot, rooms);
  json_decref (rooms);
  host_quiet (h);
}

/* Returns: (transfer full): a room with two seats that are connected and admitted; second: (nullable). */
json_t *
host_room (const char *room, const char *first, const char *second)
{
  json_t *seats = json_array ();
  const char *ids[] = { first, second };

  for (gsize i = 0; i < G_N_ELEMENTS (ids); i++)
    if (ids[i] != NULL)
      json_array_append_new (
          seats, json_pack ("{s:s, s:b, s:b}", "seat", ids[i], "connected", 1, "admitted", 1));
  return json_pack ("{s:s, s:o}", "room", room, "seats", seats);
}

/* Lawyer and kiosk join, connect and are admitted. */
void
host_meet (HostPlace *h, const char **ret_counsel, const char **ret_box)
{
  *ret_counsel = host_join (h, h->counsel, h->p.counsel);
  *ret_box = host_join (h, h->box, h->p.box);
  host_connect (h, *ret_counsel);
  host_connect (h, *ret_box);
  g_assert_cmpuint (hj_fake_peer_count (h->counsel, "admit", NULL), ==, 1);
}

/* Returns: (transfer none) (nullable): the booking's meeting. */
const char *
host_meeting (HostPlace *h)
{
  return hj_there_text (&h->p.f, "SELECT id FROM meeting WHERE booking = :id", h->p.booking);
}

const char *
host_meeting_state (HostPlace *h)
{
  return hj_there_text (&h->p.f, "SELECT state FROM meeting WHERE booking = :id", h->p.booking);
}

const char *
host_seat_row (HostPlace *h, const char *seat)
{
  return hj_there_text (&h->p.f, "SELECT state FROM seat WHERE id = :id", seat);
}

gint64
host_left_at_us (HostPlace *h, const char *seat)
{
  return hj_there_count (&h->p.f, "SELECT COALESCE (left_at_us, 0) FROM seat WHERE id = :id", seat);
}
