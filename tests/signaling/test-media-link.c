/* SPDX-License-Identifier: Apache-2.0 */
/* signaling/media-link.c: a relay that registers, tells events, vanishes, talks nonsense and is replaced. */

#include "src/base/link.h"
#include "src/meeting/acts.h"
#include "tests/signaling/edge.h"
#include "tests/support/expect-log.h"

#define BOOT "boot2222222222222222222222"
#define LATER_BOOT "later222222222222222222222"

static json_t *
registration (const char *node, const char *boot, json_t *rooms)
{
  return json_pack ("{s:s, s:i, s:s, s:s, s:o, s:i, s:i}", "verb", "register", "v", 1, "node", node,
      "boot", boot, "rooms", rooms, "capacity", 100, "next_event", 1);
}

/* Returns: the last event that huijiand knows of this boot. */
static gint64
enlist (Socket *link, const char *node, const char *boot)
{
  g_autoptr (json_t) welcome = NULL;

  socket_send (link, registration (node, boot, json_array ()));
  welcome = socket_next (link, "welcome");
  return json_integer_value (json_object_get (welcome, "last_event"));
}

static json_t *
event (int n, const char *kind, const char *seat)
{
  return json_pack ("{s:s, s:i, s:I, s:s, s:s, s:s}", "verb", "event", "n", n, "at_us",
      (json_int_t)HJ_FIXTURE_NOW_US, "kind", kind, "room", "aaaaaaaaaaaaaaaaaaaaaaaaaa", "seat",
      seat);
}

static gint64
next_ack (Socket *link)
{
  g_autoptr (json_t) ack = socket_next (link, "ack");

  return json_integer_value (json_object_get (ack, "n"));
}

/* Returns: (transfer none): the id of the seat that joined. */
static const char *
join (Edge *e, Socket *socket)
{
  g_autoptr (json_t) answer = socket_ask (socket, edge_join_message (e, e->p.booking));

  return hj_text_of (&e->p, answer, "seat");
}

static gint64
nodes (Edge *e)
{
  g_autoptr (json_t) described = hj_media_link_describe (e->link);

  return json_integer_value (json_object_get (described, "nodes"));
}

static void
a_relay_is_welcomed_with_what_is_known_of_it (Edge *e, gconstpointer data)
{
  Socket *link = edge_open_link (e);
  const char *seat = join (e, edge_enter (e, "join"));

  g_assert_cmpint (nodes (e), ==, 0);
  g_assert_cmpint (enlist (link, "node-1", BOOT), ==, 0);
  g_assert_cmpint (nodes (e), ==, 1);
  socket_send (link, event (1, "connected", seat));
  g_assert_cmpint (next_ack (link), ==, 1);
  socket_close (link);
  edge_quiet (e);
  g_assert_cmpint (nodes (e), ==, 0);
  link = edge_open_link (e);
  g_assert_cmpint (enlist (link, "node-1", BOOT), ==, 1);
  socket_close (link);
  link = edge_open_link (e);
  g_assert_cmpint (enlist (link, "node-1", LATER_BOOT), ==, 0);
}

static void
an_event_is_acknowledged_when_it_is_on_disk (Edge *e, gconstpointer data)
{
  Socket *link = edge_open_link (e);
  const char *seat = join (e, edge_enter (e, "join"));

  enlist (link, "node-1", BOOT);
  hj_there_sql (&e->p.f,
      "CREATE TEMP TRIGGER full BEFORE INSERT ON seat_event BEGIN SELECT RAISE (ABORT, 'no'); END",
      NULL);
  hj_expect_log (G_LOG_LEVEL_WARNING, "relay event 1 was not recorded*");
  socket_send (link, event (1, "connected", seat));
  socket_send (link, event (2, "flowing", seat));
  g_assert_cmpint (socket_wait_closed (link), ==, 1013);
  g_assert_false (socket_has (link, "ack"));
  hj_there_sql (&e->p.f, "DROP TRIGGER full", NULL);
  link = edge_open_link (e);
  g_assert_cmpint (enlist (link, "node-1", BOOT), ==, 0);
  socket_send (link, event (1, "connected", seat));
  socket_send (link, event (2, "flowing", seat));
  g_assert_cmpint (next_ack (link), ==, 1);
  g_assert_cmpint (next_ack (link), ==, 2);
}

static void
nonsense_is_dropped_with_a_warning_and_the_link_lives (Edge *e, gconstpointer data)
{
  static const char *const NONSENSE[]
      = { "{", "[]", "{\"verb\":\"record\"}", "{\"verb\":\"event\",\"n\":0}",
          "{\"verb\":\"add-leg\",\"id\":1}", "{\"verb\":\"event\",\"n\":1,\"n\":2}" };
  Socket *link = edge_open_link (e);

  enlist (link, "node-1", BOOT);
  for (gsize i = 0; i < G_N_ELEMENTS (NONSENSE); i++)
    {
      hj_expect_log (G_LOG_LEVEL_WARNING, "relay sent what is no message*");
      socket_send_text (link, NONSENSE[i]);
    }
  socket_send (link, event (1, "connected", "aaaaaaaaaaaaaaaaaaaaaaaaaa"));
  g_assert_cmpint (next_ack (link), ==, 1);
  hj_assert_expected_logs ();
}

static void
whoever_has_not_registered_is_not_heard (Edge *e, gconstpointer data)
{
  Socket *stranger = edge_open_link (e);
  Socket *link = edge_open_link (e);

  enlist (link, "node-1", BOOT);
  socket_send (stranger, event (1, "connected", "aaaaaaaaaaaaaaaaaaaaaaaaaa"));
  socket_send (link, event (1, "connected", "aaaaaaaaaaaaaaaaaaaaaaaaaa"));
  g_assert_cmpint (next_ack (link), ==, 1);
  edge_quiet (e);
  g_assert_false (socket_has (stranger, "ack"));
  g_assert_false (socket_has (link, "ack"));
}

static void
an_offer_that_waits_is_told_when_the_relay_goes (Edge *e, gconstpointer data)
{
  Socket *link = edge_open_link (e);
  Socket *counsel = edge_enter (e, "join");
  g_autoptr (json_t) error = NULL;

  enlist (link, "node-1", BOOT);
  join (e, counsel);
  socket_send (counsel, json_pack ("{s:s, s:s, s:i}", "verb", "offer", "sdp", "v=0", "id", 9));
  json_decref (socket_next (link, "add-leg"));
  socket_close (link);
  error = socket_next (counsel, "error");
  g_assert_cmpstr (json_string_value (json_object_get (error, "code")), ==, "unavailable");
  g_assert_cmpint (json_integer_value (json_object_get (error, "re")), ==, 9);
}

static void
a_relay_that_does_not_answer_is_not_waited_for (Edge *e, gconstpointer data)
{
  Socket *link = edge_open_link (e);
  Socket *counsel = edge_enter (e, "join");
  g_autoptr (json_t) order = NULL;

  hj_media_link_set_answer_within (e->link, 20);
  enlist (link, "node-1", BOOT);
  join (e, counsel);
  hj_expect_log (G_LOG_LEVEL_WARNING, "relay did not answer in time");
  g_assert_cmpstr (
      socket_ask_code (e, counsel, json_pack ("{s:s, s:s}", "verb", "offer", "sdp", "v=0")), ==,
      "unavailable");
  order = socket_next (link, "add-leg");
  socket_send (link, json_pack ("{s:s, s:O, s:b, s:s}", "verb", "reply", "re",
                         json_object_get (order, "id"), "ok", 1, "answer", "late"));
  socket_send (link, event (1, "connected", "aaaaaaaaaaaaaaaaaaaaaaaaaa"));
  g_assert_cmpint (next_ack (link), ==, 1);
  g_assert_false (socket_has (counsel, "answer"));
}

static void
whoever_offered_and_hung_up_is_not_missed (Edge *e, gconstpointer data)
{
  Socket *link = edge_open_link (e);
  Socket *counsel = edge_enter (e, "join");
  g_autoptr (json_t) order = NULL;

  enlist (link, "node-1", BOOT);
  join (e, counsel);
  socket_send (counsel, json_pack ("{s:s, s:s}", "verb", "offer", "sdp", "v=0"));
  order = socket_next (link, "add-leg");
  socket_close (counsel);
  socket_send (link, json_pack ("{s:s, s:O, s:b, s:s}", "verb", "reply", "re",
                         json_object_get (order, "id"), "ok", 1, "answer", "v=1"));
  socket_send (link, event (1, "connected", "aaaaaaaaaaaaaaaaaaaaaaaaaa"));
  g_assert_cmpint (next_ack (link), ==, 1);
}

static void
a_relay_takes_over_from_its_namesake (Edge *e, gconstpointer data)
{
  Socket *first = edge_open_link (e);
  Socket *counsel = edge_enter (e, "join");
  Socket *second;
  g_autoptr (json_t) error = NULL;

  enlist (first, "node-1", BOOT);
  join (e, counsel);
  socket_send (counsel, json_pack ("{s:s, s:s}", "verb", "offer", "sdp", "v=0"));
  json_decref (socket_next (first, "add-leg"));
  second = edge_open_link (e);
  enlist (second, "node-1", LATER_BOOT);
  error = socket_next (counsel, "error");
  g_assert_cmpstr (json_string_value (json_object_get (error, "code")), ==, "unavailable");
  g_assert_cmpint (socket_wait_closed (first), ==, 4409);
  edge_quiet (e);
  g_assert_cmpint (nodes (e), ==, 1);
  socket_send (counsel, json_pack ("{s:s, s:s}", "verb", "offer", "sdp", "v=0"));
  json_decref (socket_next (second, "add-leg"));
}

/* The seat's room is asked for. Returns: (transfer full): its id. */
static char *
offer (Socket *counsel, Socket *link)
{
  g_autoptr (json_t) order = NULL;

  socket_send (counsel, json_pack ("{s:s, s:s}", "verb", "offer", "sdp", "v=0"));
  order = socket_next (link, "open-room");
  json_decref (socket_next (link, "add-leg"));
  return g_strdup (json_string_value (json_object_get (order, "room")));
}

static void
a_draining_relay_gets_no_new_room (Edge *e, gconstpointer data)
{
  Socket *first = edge_open_link (e);
  Socket *second = edge_open_link (e);
  Socket *counsel = edge_enter (e, "join");
  g_autofree char *room = NULL;

  enlist (first, "node-1", BOOT);
  join (e, counsel);
  socket_send (first, json_pack ("{s:s}", "verb", "draining"));
  socket_send (first, event (1, "connected", "aaaaaaaaaaaaaaaaaaaaaaaaaa"));
  g_assert_cmpint (next_ack (first), ==, 1);
  g_assert_cmpstr (
      socket_ask_code (e, counsel, json_pack ("{s:s, s:s}", "verb", "offer", "sdp", "v=0")), ==,
      "full");
  enlist (second, "node-2", LATER_BOOT);
  g_assert_cmpint (nodes (e), ==, 2);
  room = offer (counsel, second);
  g_assert_false (socket_has (first, "open-room"));
}

static void
a_room_goes_to_the_least_loaded_relay (Edge *e, gconstpointer data)
{
  Socket *first = edge_open_link (e);
  Socket *second = edge_open_link (e);
  Socket *counsel = edge_enter (e, "join");
  g_autofree char *room = NULL;

  enlist (first, "node-1", BOOT);
  enlist (second, "node-2", LATER_BOOT);
  socket_send (first, json_pack ("{s:s, s:i, s:i, s:{}, s:[{s:s, s:s, s:i, s:i}]}", "verb",
                          "statistics", "packets_in", 1, "packets_out", 1, "dropped", "legs",
                          "room", "bbbbbbbbbbbbbbbbbbbbbbbbbb", "seat",
                          "cccccccccccccccccccccccccc", "packets_in", 1, "packets_out", 1));
  socket_send (first, event (1, "connected", "aaaaaaaaaaaaaaaaaaaaaaaaaa"));
  g_assert_cmpint (next_ack (first), ==, 1);
  join (e, counsel);
  room = offer (counsel, second);
  g_assert_false (socket_has (first, "open-room"));
}

/* The relay refuses what it was asked last. Returns: (transfer full): the room. */
static char *
refuse_room (Socket *link)
{
  g_autoptr (json_t) order = socket_next (link, "open-room");

  socket_send (link, json_pack ("{s:s, s:O, s:b, s:s, s:s}", "verb", "reply", "re",
                         json_object_get (order, "id"), "ok", 0, "code", "full", "detail", "full"));
  return g_strdup (json_string_value (json_object_get (order, "room")));
}

static void
a_room_that_is_refused_opens_on_another_relay (Edge *e, gconstpointer data)
{
  Socket *first = edge_open_link (e);
  Socket *second = edge_open_link (e);
  Socket *counsel = edge_enter (e, "join");
  g_autoptr (json_t) order = NULL;
  g_autofree char *room = NULL;
  g_autofree char *again = NULL;

  enlist (first, "node-1", BOOT);
  enlist (second, "node-2", LATER_BOOT);
  join (e, counsel);
  socket_send (counsel, json_pack ("{s:s, s:s}", "verb", "offer", "sdp", "v=0"));
  room = refuse_room (first);
  order = socket_next (first, "add-leg");
  socket_send (first, json_pack ("{s:s, s:O, s:b, s:s, s:s}", "verb", "reply", "re",
                          json_object_get (order, "id"), "ok", 0, "code", "no-room", "detail", ""));
  json_decref (order);
  order = socket_next (second, "open-room");
  g_assert_cmpstr (json_string_value (json_object_get (order, "room")), ==, room);
  socket_send (counsel, json_pack ("{s:s, s:s}", "verb", "offer", "sdp", "v=0"));
  json_decref (order);
  order = socket_next (second, "add-leg");
  again = g_strdup (json_string_value (json_object_get (order, "room")));
  g_assert_cmpstr (again, ==, room);
  g_assert_false (socket_has (first, "open-room"));
}

static void
a_room_that_two_refuse_is_nowhere (Edge *e, gconstpointer data)
{
  Socket *first = edge_open_link (e);
  Socket *second = edge_open_link (e);
  Socket *counsel = edge_enter (e, "join");

  enlist (first, "node-1", BOOT);
  enlist (second, "node-2", LATER_BOOT);
  join (e, counsel);
  socket_send (counsel, json_pack ("{s:s, s:s}", "verb", "offer", "sdp", "v=0"));
  g_free (refuse_room (first));
  g_free (refuse_room (second));
  g_assert_false (socket_has (first, "open-room"));
}

static void
a_room_of_a_dead_relay_opens_on_another (Edge *e, gconstpointer data)
{
  Socket *first = edge_open_link (e);
  Socket *second = NULL;
  Socket *counsel = edge_enter (e, "join");
  g_autoptr (json_t) notice = NULL;
  g_autoptr (json_t) order = NULL;
  g_autofree char *room = NULL;
  g_autofree char *again = NULL;
  const char *seat = NULL;

  hj_media_link_set_dead_after (e->link, 20);
  enlist (first, "node-1", BOOT);
  seat = join (e, counsel);
  room = offer (counsel, first);
  second = edge_open_link (e);
  enlist (second, "node-2", LATER_BOOT);
  socket_send (first, event (1, "connected", seat));
  g_assert_cmpint (next_ack (first), ==, 1);
  socket_close (first);
  notice = socket_next (counsel, "notice");
  g_assert_cmpstr (json_string_value (json_object_get (notice, "kind")), ==, "media-lost");
  again = offer (counsel, second);
  g_assert_cmpstr (again, ==, room);

  /* It lives after all, and is told that its room is elsewhere. */
  first = edge_open_link (e);
  socket_send (
      first, registration ("node-1", BOOT, json_pack ("[{s:s, s:[]}]", "room", room, "seats")));
  order = socket_next (first, "close-room");
  g_assert_cmpstr (json_string_value (json_object_get (order, "room")), ==, room);
  g_assert_false (socket_has (second, "close-room"));
}

static void
rooms_that_nobody_knows_are_closed (Edge *e, gconstpointer data)
{
  Socket *link = edge_open_link (e);
  g_autoptr (json_t) order = NULL;

  socket_send (
      link, registration ("node-1", BOOT,
                json_pack ("[{s:s, s:[{s:s, s:i, s:b, s:b}]}]", "room",
                    "bbbbbbbbbbbbbbbbbbbbbbbbbb", "seats", "seat", "cccccccccccccccccccccccccc",
                    "number", 0, "connected", 1, "admitted", 1)));
  order = socket_next (link, "close-room");
  g_assert_cmpstr (
      json_string_value (json_object_get (order, "room")), ==, "bbbbbbbbbbbbbbbbbbbbbbbbbb");
  g_assert_cmpint (json_integer_value (json_object_get (order, "id")), >, 0);
  json_decref (socket_next (link, "welcome"));
}

static void
statistics_are_counted_and_kept_over_an_outage (Edge *e, gconstpointer data)
{
  Socket *link = edge_open_link (e);
  g_autoptr (json_t) described = NULL;

  enlist (link, "node-1", BOOT);
  socket_send (link, json_pack ("{s:s, s:i, s:i, s:{}, s:[]}", "verb", "statistics", "packets_in",
                         11, "packets_out", 22, "dropped", "legs"));
  socket_send (link, event (1, "connected", "aaaaaaaaaaaaaaaaaaaaaaaaaa"));
  g_assert_cmpint (next_ack (link), ==, 1);
  described = hj_media_link_describe (e->link);
  g_assert_cmpint (json_integer_value (json_object_get (described, "packets_in")), ==, 11);
  g_assert_cmpint (json_integer_value (json_object_get (described, "packets_out")), ==, 22);
}

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  EDGE_TEST ("/media-link/register", a_relay_is_welcomed_with_what_is_known_of_it);
  EDGE_TEST ("/media-link/ack", an_event_is_acknowledged_when_it_is_on_disk);
  EDGE_TEST ("/media-link/nonsense", nonsense_is_dropped_with_a_warning_and_the_link_lives);
  EDGE_TEST ("/media-link/stranger", whoever_has_not_registered_is_not_heard);
  EDGE_TEST ("/media-link/gone", an_offer_that_waits_is_told_when_the_relay_goes);
  EDGE_TEST ("/media-link/late", a_relay_that_does_not_answer_is_not_waited_for);
  EDGE_TEST ("/media-link/hang-up", whoever_offered_and_hung_up_is_not_missed);
  EDGE_TEST ("/media-link/second", a_relay_takes_over_from_its_namesake);
  EDGE_TEST ("/media-link/draining", a_draining_relay_gets_no_new_room);
  EDGE_TEST ("/media-link/least-loaded", a_room_goes_to_the_least_loaded_relay);
  EDGE_TEST ("/media-link/refused", a_room_that_is_refused_opens_on_another_relay);
  EDGE_TEST ("/media-link/refused-twice", a_room_that_two_refuse_is_nowhere);
  EDGE_TEST ("/media-link/dead", a_room_of_a_dead_relay_opens_on_another);
  EDGE_TEST ("/media-link/unknown", rooms_that_nobody_knows_are_closed);
  EDGE_TEST ("/media-link/statistics", statistics_are_counted_and_kept_over_an_outage);
  return g_test_run ();
}
