/* SPDX-License-Identifier: Apache-2.0 */
/* The TURN servers of `join`, of a resumed `hello` and of `answer`: who is told of them and who is not. */

#include <string.h>

#include "src/base/json.h"
#include "tests/signaling/edge.h"
#include "tests/support/expect-log.h"

static const char *const URLS[] = { "turns:turn.example:443?transport=tcp", NULL };

static void
set_turn (Edge *e, HjTurn **ret)
{
  *ret = hj_turn_new (URLS, "0123456789abcdef0123456789abcdef", HJ_HOUR_US);
  hj_clients_set_turn (e->clients, *ret);
}

/* Returns: (transfer none) (nullable). */
static const char *
name_in (const json_t *message)
{
  const json_t *servers = json_object_get (message, "ice_servers");
  const json_t *first = json_array_get (servers, 0);

  if (servers == NULL)
    return NULL;
  g_assert_cmpuint (json_array_size (servers), ==, 1);
  g_assert_cmpstr (
      json_string_value (json_array_get (json_object_get (first, "urls"), 0)), ==, URLS[0]);
  g_assert_nonnull (json_string_value (json_object_get (first, "credential")));
  return json_string_value (json_object_get (first, "username"));
}

static json_t *
join (Edge *e, Socket *socket)
{
  return socket_ask (socket, edge_join_message (e, e->p.booking));
}

static void
without_a_server_nobody_is_told_of_one (Edge *e, gconstpointer data)
{
  g_autoptr (json_t) answer = join (e, edge_enter (e, "join"));

  g_assert_null (json_object_get (answer, "ice_servers"));
}

static void
each_seat_has_its_own_name (Edge *e, gconstpointer data)
{
  g_autoptr (HjTurn) turn = NULL;
  g_autoptr (json_t) counsel = NULL;
  g_autoptr (json_t) box = NULL;
  g_autofree char *expiry
      = g_strdup_printf ("%" G_GINT64_FORMAT ":", (HJ_FIXTURE_NOW_US + HJ_HOUR_US) / HJ_SECOND_US);

  set_turn (e, &turn);
  counsel = join (e, edge_enter (e, "join"));
  box = join (e, edge_enter_kiosk (e));
  g_assert_true (g_str_has_prefix (name_in (counsel), expiry));
  g_assert_true (g_str_has_prefix (name_in (box), expiry));
  g_assert_cmpstr (name_in (counsel), !=, name_in (box));
  g_assert_null (strstr (name_in (counsel), json_string_value (json_object_get (counsel, "seat"))));
}

static void
a_page_that_comes_back_is_told_again (Edge *e, gconstpointer data)
{
  g_autoptr (HjTurn) turn = NULL;
  g_autoptr (json_t) answer = NULL;
  g_autoptr (json_t) hello = NULL;
  Socket *first, *again;

  set_turn (e, &turn);
  first = edge_enter (e, "join");
  answer = join (e, first);
  socket_close (first);
  again = edge_open (e);
  json_decref (socket_next (again, "hello"));
  hello = socket_ask (again, json_pack ("{s:s, s:i, s:O}", "verb", "hello", "v", 1, "resume",
                                 json_object_get (answer, "token")));
  g_assert_true (json_is_true (json_object_get (hello, "resumed")));
  g_assert_nonnull (name_in (hello));
}

static void
who_has_no_seat_gets_no_credentials (Edge *e, gconstpointer data)
{
  g_autoptr (HjTurn) turn = NULL;
  g_autoptr (json_t) hello = NULL;
  Socket *socket = edge_open (e);

  set_turn (e, &turn);
  json_decref (socket_next (socket, "hello"));
  hello = socket_ask (socket,
      json_pack ("{s:s, s:i, s:s}", "verb", "hello", "v", 1, "ticket", edge_ticket (e, "follow")));
  g_assert_cmpstr (json_string_value (json_object_get (hello, "verb")), ==, "hello");
  g_assert_null (json_object_get (hello, "ice_servers"));
}

static void
an_answer_brings_fresh_ones (Edge *e, gconstpointer data)
{
  g_autoptr (HjTurn) turn = NULL;
  g_autoptr (json_t) joined = NULL;
  g_autoptr (json_t) order = NULL;
  g_autoptr (json_t) answer = NULL;
  Socket *link = edge_open_link (e);
  Socket *socket;

  set_turn (e, &turn);
  socket_send (link, json_pack ("{s:s, s:i, s:s, s:s, s:[], s:i, s:i}", "verb", "register", "v", 1,
                         "node", "node-1", "boot", "boot2222222222222222222222", "rooms",
                         "capacity", 100, "next_event", 1));
  json_decref (socket_next (link, "welcome"));
  socket = edge_enter (e, "join");
  joined = join (e, socket);
  hj_time_set (e->p.f.time, HJ_FIXTURE_NOW_US + HJ_MINUTE_US);
  socket_send (socket, json_pack ("{s:s, s:s, s:i}", "verb", "offer", "sdp", "v=0", "id", 7));
  order = socket_next (link, "add-leg");
  /* The relay has no use for them. */
  g_assert_null (json_object_get (order, "ice_servers"));
  socket_send (link, json_pack ("{s:s, s:O, s:b, s:s}", "verb", "reply", "re",
                         json_object_get (order, "id"), "ok", 1, "answer", "v=0"));
  answer = socket_next (socket, "answer");
  g_assert_cmpint (
      g_ascii_strtoll (name_in (answer), NULL, 10) - g_ascii_strtoll (name_in (joined), NULL, 10),
      ==, 60);
}

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  EDGE_TEST ("/turn/none", without_a_server_nobody_is_told_of_one);
  EDGE_TEST ("/turn/seats", each_seat_has_its_own_name);
  EDGE_TEST ("/turn/resume", a_page_that_comes_back_is_told_again);
  EDGE_TEST ("/turn/follower", who_has_no_seat_gets_no_credentials);
  EDGE_TEST ("/turn/answer", an_answer_brings_fresh_ones);
  return g_test_run ();
}
