/* SPDX-License-Identifier: Apache-2.0 */
/* signaling/client.c and verbs/hello.c: who is it, and what is refused before and after. */

#include "scheduler/acts.h"
#include "signaling/problem.h"
#include "src/access/accounts.h"
#include "src/access/kiosks.h"
#include "src/base/ids.h"
#include "tests/signaling/edge.h"
#include "tests/support/expect-log.h"

static json_t *
hello_with (const char *key, const char *value)
{
  return json_pack ("{s:s, s:i, s:s}", "verb", "hello", "v", 1, key, value);
}

static const char *
text (const json_t *message, const char *key)
{
  return json_string_value (json_object_get (message, key));
}

static void
the_server_speaks_first_with_a_new_nonce (Edge *e, gconstpointer data)
{
  g_autoptr (json_t) first = socket_next (edge_open (e), "hello");
  g_autoptr (json_t) second = socket_next (edge_open (e), "hello");

  g_assert_cmpint (json_integer_value (json_object_get (first, "v")), ==, 1);
  g_assert_cmpstr (text (first, "origin"), ==, EDGE_ORIGIN);
  g_assert_cmpuint (strlen (text (first, "nonce")), ==, 43);
  g_assert_cmpstr (text (first, "nonce"), !=, text (second, "nonce"));
}

static void
a_ticket_says_who_one_is (Edge *e, gconstpointer data)
{
  Socket *socket = edge_open (e);
  g_autoptr (json_t) hello = socket_ask (socket, hello_with ("ticket", edge_ticket (e, "join")));
  const json_t *you = json_object_get (hello, "you");
  Socket *supervisor = edge_open (e);
  g_autoptr (json_t) other
      = socket_ask (supervisor, hello_with ("ticket", edge_ticket (e, "follow")));

  g_assert_cmpstr (text (you, "kind"), ==, "lawyer");
  g_assert_cmpstr (text (you, "id"), ==, hj_actor_get_id (e->p.counsel));
  g_assert_true (json_is_false (json_object_get (hello, "resumed")));
  g_assert_cmpstr (text (json_object_get (other, "you"), "kind"), ==, "follower");
  g_assert_cmpint (hj_there_entries (&e->p.f, "hello", "done"), ==, 2);
}

static void
a_ticket_is_good_once_and_for_a_minute (Edge *e, gconstpointer data)
{
  const char *used = edge_ticket (e, "join");
  const char *late = edge_ticket (e, "join");
  Socket *socket = edge_open (e);

  g_assert_cmpstr (
      socket_ask_code (e, socket, hello_with ("ticket", "no such ticket")), ==, "token");
  json_decref (socket_ask (edge_open (e), hello_with ("ticket", used)));
  g_assert_cmpstr (socket_ask_code (e, socket, hello_with ("ticket", used)), ==, "token");
  hj_fixture_advance (&e->p.f, HJ_MINUTE_US);
  g_assert_cmpstr (socket_ask_code (e, socket, hello_with ("ticket", late)), ==, "token");
}

static void
whoever_failed_may_try_again_on_the_same_socket (Edge *e, gconstpointer data)
{
  Socket *socket = edge_open (e);
  g_autoptr (json_t) hello = NULL;

  g_assert_cmpstr (socket_ask_code (e, socket, hello_with ("resume", "gone")), ==, "token");
  hello = socket_ask (socket, hello_with ("ticket", edge_ticket (e, "join")));
  g_assert_cmpstr (text (hello, "verb"), ==, "hello");
}

static void
a_kiosk_proves_itself_by_its_key (Edge *e, gconstpointer data)
{
  Socket *socket = edge_enter_kiosk (e);
  g_autoptr (json_t) assign = socket_next (socket, "assign");

  g_assert_cmpstr (text (json_object_get (assign, "assignment"), "booking"), ==, e->p.booking);
  edge_quiet (e);
  g_assert_cmpint (
      hj_there_count (&e->p.f, "SELECT online FROM kiosk WHERE id = :id", e->p.kiosk), ==, 1);
  socket_close (socket);
  edge_quiet (e);
  g_assert_cmpint (
      hj_there_count (&e->p.f, "SELECT online FROM kiosk WHERE id = :id", e->p.kiosk), ==, 0);
}

static json_t *
kiosk_hello (const char *kiosk, const char *signature)
{
  return json_pack (
      "{s:s, s:i, s:s, s:s}", "verb", "hello", "v", 1, "kiosk", kiosk, "signature", signature);
}

static void
a_signature_for_another_nonce_kiosk_or_origin_is_refused (Edge *e, gconstpointer data)
{
  Socket *socket = edge_open (e);
  g_autoptr (json_t) mine = socket_next (socket, "hello");
  g_autoptr (json_t) other = socket_next (edge_open (e), "hello");
  g_autofree char *nothing = hj_id_new ();
  g_autoptr (GPtrArray) wrong = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *right = edge_sign (e, mine, e->p.kiosk, EDGE_ORIGIN);

  g_ptr_array_add (wrong, edge_sign (e, other, e->p.kiosk, EDGE_ORIGIN));
  g_ptr_array_add (wrong, edge_sign (e, mine, nothing, EDGE_ORIGIN));
  g_ptr_array_add (wrong, edge_sign (e, mine, e->p.kiosk, EDGE_OTHER_ORIGIN));
  g_ptr_array_add (wrong, g_strnfill (86, 'A'));
  g_ptr_array_add (wrong, g_strdup ("short"));
  for (guint i = 0; i < wrong->len; i++)
    g_assert_cmpstr (
        socket_ask_code (e, socket, kiosk_hello (e->p.kiosk, g_ptr_array_index (wrong, i))), ==,
        "token");
  g_assert_cmpstr (socket_ask_code (e, socket, kiosk_hello (nothing, right)), ==, "token");
  g_assert_cmpstr (socket_ask_code (e, socket, kiosk_hello ("no id", right)), ==, "invalid");
  edge_quiet (e);
  g_assert_cmpint (
      hj_there_count (&e->p.f, "SELECT COUNT (*) FROM audit_entry WHERE act = 'hello'", NULL), ==,
      5);
}

/* It may ask again on the same socket: nothing was wrong with what it said. */
static void
a_kiosk_that_nobody_approved_is_told_so (Edge *e, gconstpointer data)
{
  Socket *socket = edge_open (e);
  g_autoptr (json_t) first = socket_next (socket, "hello");
  g_autofree char *signature = edge_sign (e, first, e->p.kiosk, EDGE_ORIGIN);
  g_autoptr (json_t) answer = NULL;

  hj_there_sql (
      &e->p.f, "UPDATE kiosk SET state = 'enrolled', online = 0 WHERE id = :id", e->p.kiosk);
  g_assert_cmpstr (
      socket_ask_code (e, socket, kiosk_hello (e->p.kiosk, signature)), ==, "unapproved");
  g_assert_cmpint (
      hj_there_count (&e->p.f, "SELECT online FROM kiosk WHERE id = :id", e->p.kiosk), ==, 0);
  hj_there_sql (&e->p.f, "UPDATE kiosk SET state = 'approved' WHERE id = :id", e->p.kiosk);
  answer = socket_ask (socket, kiosk_hello (e->p.kiosk, signature));
  g_assert_cmpstr (json_string_value (json_object_get (answer, "verb")), ==, "hello");
}

static void
a_retired_kiosk_is_refused_and_one_that_is_here_goes (Edge *e, gconstpointer data)
{
  Socket *here = edge_enter_kiosk (e);
  Socket *later = edge_open (e);
  g_autoptr (json_t) first = socket_next (later, "hello");
  g_autofree char *signature = edge_sign (e, first, e->p.kiosk, EDGE_ORIGIN);
  g_autoptr (HjActor) operator= hj_actor_new_operator ();

  json_decref (hj_there_act (&e->p.f, &hj_act_update_kiosk, operator,
      json_pack ("{s:s, s:s}", "id", e->p.kiosk, "state", "retired")));
  g_assert_cmpint (socket_wait_closed (here), ==, 4403);
  g_assert_cmpstr (socket_ask_code (e, later, kiosk_hello (e->p.kiosk, signature)), ==, "token");
}

static void
a_kiosk_that_comes_again_stays_online_when_its_old_socket_dies (Edge *e, gconstpointer data)
{
  Socket *old = edge_enter_kiosk (e);
  Socket *new = edge_enter_kiosk (e);
  g_autoptr (json_t) answer = NULL;

  g_assert_cmpint (socket_wait_closed (old), ==, 4409);
  edge_quiet (e);
  g_assert_cmpint (
      hj_there_count (&e->p.f, "SELECT online FROM kiosk WHERE id = :id", e->p.kiosk), ==, 1);
  answer = socket_ask (new, edge_join_message (e, e->p.booking));
  g_assert_cmpstr (text (answer, "verb"), ==, "join");
}

/* The booking becomes a colleague's, and its lawyer a participant of it, who then steps out. */
static void
whoever_takes_part_no_more_goes_at_once (Edge *e, gconstpointer data)
{
  static const char *const BECOME_PARTICIPANT[] = {
    "INSERT INTO lawyer SELECT 'colleague', '14401000000000009', name, NULL, firm, kind"
    " FROM lawyer WHERE id = :id",
    "UPDATE booking SET lawyer = 'colleague' WHERE lawyer = :id",
    "UPDATE booking_slot SET lawyer = 'colleague' WHERE lawyer = :id",
    "INSERT INTO booking_participant SELECT id, :id, authority, 0, 'x' FROM booking",
  };
  Socket *box = edge_enter_kiosk (e);
  Socket *counsel;
  const char *token;

  for (gsize i = 0; i < G_N_ELEMENTS (BECOME_PARTICIPANT); i++)
    hj_there_sql (&e->p.f, BECOME_PARTICIPANT[i], e->p.lawyer);
  counsel = edge_enter (e, "join");
  token = edge_join (e, counsel);
  json_decref (hj_there_act (&e->p.f, &hj_act_remove_participant, e->p.counsel,
      json_pack ("{s:s, s:s}", "booking", e->p.booking, "lawyer", e->p.lawyer)));
  g_assert_cmpint (socket_wait_closed (counsel), ==, 4403);
  counsel = edge_open (e);
  g_assert_cmpstr (socket_ask_code (e, counsel,
                       json_pack ("{s:s, s:i, s:s}", "verb", "hello", "v", 1, "resume", token)),
      ==, "token");
  json_decref (socket_ask (box, edge_join_message (e, e->p.booking)));
}

static void
a_disabled_account_goes_at_once (Edge *e, gconstpointer data)
{
  Socket *supervisor = edge_enter (e, "follow");
  Socket *counsel = edge_enter (e, "join");
  const char *token = edge_join (e, counsel);
  g_autoptr (HjActor) operator= hj_actor_new_operator ();
  HjActor *gone[] = { e->p.supervisor, e->p.counsel };

  for (gsize i = 0; i < G_N_ELEMENTS (gone); i++)
    json_decref (hj_there_act (&e->p.f, &hj_act_update_account, operator,
        json_pack ("{s:s, s:s}", "id", hj_actor_get_id (gone[i]), "state", "disabled")));
  g_assert_cmpint (socket_wait_closed (supervisor), ==, 4403);
  g_assert_cmpint (socket_wait_closed (counsel), ==, 4403);
  g_assert_cmpstr (socket_ask_code (e, edge_open (e), hello_with ("resume", token)), ==, "token");
}

static void
nothing_but_hello_is_heard_before_the_hello (Edge *e, gconstpointer data)
{
  static const char *const VERBS[]
      = { "join", "offer", "key", "secured", "verify", "quality", "leave", "end", "follow" };
  Socket *socket = edge_open (e);

  for (gsize i = 0; i < G_N_ELEMENTS (VERBS); i++)
    g_assert_cmpstr (socket_ask_code (e, socket, hj_about ("verb", VERBS[i])), ==, "state");
}

static void
nothing_is_heard_while_a_hello_is_being_checked (Edge *e, gconstpointer data)
{
  Socket *socket = edge_open (e);
  const char *ticket = edge_ticket (e, "join");
  g_autoptr (json_t) refused = NULL;
  g_autoptr (json_t) hello = NULL;

  socket_send (socket, hello_with ("ticket", ticket));
  refused = socket_ask (socket, edge_join_message (e, e->p.booking));
  g_assert_cmpstr (text (refused, "code"), ==, "state");
  json_decref (socket_next (socket, "hello"));
  hello = socket_next (socket, "hello");
  g_assert_nonnull (json_object_get (hello, "you"));
}

static void
a_second_hello_is_out_of_state (Edge *e, gconstpointer data)
{
  Socket *socket = edge_enter (e, "join");

  g_assert_cmpstr (
      socket_ask_code (e, socket, hello_with ("ticket", edge_ticket (e, "join"))), ==, "state");
}

static void
a_hello_that_does_not_read_is_refused (Edge *e, gconstpointer data)
{
  static const char *const HELLOS[] = {
    "{\"verb\":\"hello\",\"id\":1}",
    "{\"verb\":\"hello\",\"id\":1,\"v\":2,\"ticket\":\"x\"}",
    "{\"verb\":\"hello\",\"id\":1,\"v\":1,\"ticket\":7}",
    "{\"verb\":\"hello\",\"id\":1,\"v\":1,\"resume\":[]}",
    "{\"verb\":\"hello\",\"id\":1,\"v\":1,\"locale\":\"a-locale-that-is-too-long\",\"ticket\":"
    "\"x\"}",
    "{\"verb\":\"hello\",\"id\":1,\"v\":1}",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (HELLOS); i++)
    {
      Socket *socket = edge_open (e);
      g_autoptr (json_t) error = NULL;

      socket_send_text (socket, HELLOS[i]);
      error = socket_next (socket, "error");
      g_assert_cmpstr (text (error, "code"), ==, "invalid");
      g_assert_cmpint (json_integer_value (json_object_get (error, "re")), ==, 1);
    }
}

static void
a_message_that_does_not_read_is_refused_and_the_socket_lives (Edge *e, gconstpointer data)
{
  static const char *const MESSAGES[] = {
    "{",
    "[]",
    "7",
    "{\"verb\":\"join\",\"verb\":\"join\"}",
    "{\"verb\":7}",
    "{\"verb\":\"join\",\"id\":\"1\"}",
    "{\"verb\":\"join\",\"id\":-1}",
    "{\"a\":[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]}",
  };
  Socket *socket = edge_enter (e, "join");

  for (gsize i = 0; i < G_N_ELEMENTS (MESSAGES); i++)
    {
      g_autoptr (json_t) error = NULL;

      socket_send_text (socket, MESSAGES[i]);
      error = socket_next (socket, "error");
      g_assert_cmpstr (text (error, "code"), ==, "invalid");
    }
  edge_join (e, socket);
}

static void
an_unknown_verb_is_named_so_and_an_unknown_member_is_no_harm (Edge *e, gconstpointer data)
{
  Socket *socket = edge_enter (e, "join");
  json_t *join = edge_join_message (e, e->p.booking);
  g_autoptr (json_t) answer = NULL;

  g_assert_cmpstr (socket_ask_code (e, socket, hj_about ("verb", "record")), ==, "unknown-verb");
  json_object_set_new (join, "another", json_object ());
  answer = socket_ask (socket, join);
  g_assert_cmpstr (text (answer, "verb"), ==, "join");
}

static void
ten_errors_close_the_socket (Edge *e, gconstpointer data)
{
  Socket *socket = edge_enter (e, "join");

  for (int i = 0; i < 9; i++)
    g_assert_cmpstr (socket_ask_code (e, socket, hj_about ("verb", "x")), ==, "unknown-verb");
  edge_join (e, socket);
  socket_send (socket, hj_about ("verb", "x"));
  g_assert_cmpint (socket_wait_closed (socket), ==, 4400);
}

static void
a_flood_is_stopped (Edge *e, gconstpointer data)
{
  Socket *socket = edge_enter (e, "join");
  g_autoptr (json_t) error = NULL;

  edge_join (e, socket);
  for (int i = 0; i < 1000; i++)
    socket_send (socket, json_pack ("{s:s, s:i}", "verb", "quality", "level", 1 + i % 3));
  g_assert_cmpint (socket_wait_closed (socket), ==, 4400);
  error = socket_next (socket, "error");
  g_assert_cmpstr (text (error, "code"), ==, "too-many");
}

static void
whoever_does_not_say_hello_is_closed (Edge *e, gconstpointer data)
{
  Socket *socket;

  hj_clients_set_hello_within (e->clients, 20);
  socket = edge_open (e);
  g_assert_cmpint (socket_wait_closed (socket), ==, 4401);
}

static void
whoever_hangs_up_during_the_hello_is_not_missed (Edge *e, gconstpointer data)
{
  const char *ticket = edge_ticket (e, "join");
  Socket *socket = edge_open (e);

  json_decref (socket_next (socket, "hello"));
  socket_send (socket, hello_with ("ticket", ticket));
  socket_close (socket);
  edge_quiet (e);
}

static void
errors_come_in_the_readers_language (Edge *e, gconstpointer data)
{
  Socket *socket = edge_open (e);
  json_t *english = hello_with ("ticket", "x");
  g_autoptr (json_t) first = NULL;
  g_autoptr (json_t) second = NULL;

  json_object_set_new (english, "locale", json_string ("en-GB"));
  first = socket_ask (socket, english);
  second = socket_ask (socket, hello_with ("ticket", "x"));
  g_assert_cmpstr (text (first, "title"), ==, hj_problem_title ("token", HJ_LANGUAGE_EN));
  g_assert_cmpstr (text (second, "title"), ==, hj_problem_title ("token", HJ_LANGUAGE_ZH));
}

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  EDGE_TEST ("/client/nonce", the_server_speaks_first_with_a_new_nonce);
  EDGE_TEST ("/client/ticket", a_ticket_says_who_one_is);
  EDGE_TEST ("/client/ticket/once", a_ticket_is_good_once_and_for_a_minute);
  EDGE_TEST ("/client/ticket/again", whoever_failed_may_try_again_on_the_same_socket);
  EDGE_TEST ("/client/kiosk", a_kiosk_proves_itself_by_its_key);
  EDGE_TEST ("/client/kiosk/signature", a_signature_for_another_nonce_kiosk_or_origin_is_refused);
  EDGE_TEST ("/client/kiosk/unapproved", a_kiosk_that_nobody_approved_is_told_so);
  EDGE_TEST ("/client/kiosk/retired", a_retired_kiosk_is_refused_and_one_that_is_here_goes);
  EDGE_TEST ("/client/kiosk/again", a_kiosk_that_comes_again_stays_online_when_its_old_socket_dies);
  EDGE_TEST ("/client/participant", whoever_takes_part_no_more_goes_at_once);
  EDGE_TEST ("/client/account", a_disabled_account_goes_at_once);
  EDGE_TEST ("/client/state/before", nothing_but_hello_is_heard_before_the_hello);
  EDGE_TEST ("/client/state/during", nothing_is_heard_while_a_hello_is_being_checked);
  EDGE_TEST ("/client/state/after", a_second_hello_is_out_of_state);
  EDGE_TEST ("/client/invalid/hello", a_hello_that_does_not_read_is_refused);
  EDGE_TEST (
      "/client/invalid/message", a_message_that_does_not_read_is_refused_and_the_socket_lives);
  EDGE_TEST ("/client/unknown", an_unknown_verb_is_named_so_and_an_unknown_member_is_no_harm);
  EDGE_TEST ("/client/ten-errors", ten_errors_close_the_socket);
  EDGE_TEST ("/client/flood", a_flood_is_stopped);
  EDGE_TEST ("/client/late", whoever_does_not_say_hello_is_closed);
  EDGE_TEST ("/client/hang-up", whoever_hangs_up_during_the_hello_is_not_missed);
  EDGE_TEST ("/client/language", errors_come_in_the_readers_language);
  return g_test_run ();
}
