/* SPDX-License-Identifier: Apache-2.0 */
/* The whole agent against a server that hands out seats at will, and after a person called the code different. */

#include "src/base/ids.h"
#include "src/base/json.h"
#include "tests/kiosk/agent-fixture.h"
#include "tests/support/expect-log.h"

#define NOTICE "{\"verb\":\"notice\",\"kind\":\"media-back\"}"
#define DIFFERENT "{\"verb\":\"verify\",\"id\":8,\"epoch\":3,\"result\":\"different\"}"
#define END                                                                                        \
  "{\"verb\":\"end\",\"meeting\":\"" FAKE_MEETING                                                  \
  "\",\"reason\":\"code-different\",\"by\":\"kiosk\",\"at_us\":1}"
#define SEATS                                                                                      \
  "{\"verb\":\"seats\",\"meeting\":\"" FAKE_MEETING "\",\"state\":\"live\",\"seats\":[]}"
#define OTHER "eeeeeeeeeeeeeeeeeeeeeeeeee"

/* Asserts that the page hears of the notice sent last and of none of the verbs before it. */
static void
is_not_told (AgentFixture *f, FakePage *page, const char *const *verbs)
{
  fake_server_send_text (f->server, NOTICE);
  for (;;)
    {
      g_autoptr (json_t) message = NULL;
      const char *verb = NULL;

      AWAIT (!g_queue_is_empty (&page->got));
      message = g_queue_pop_head (&page->got);
      verb = json_string_value (json_object_get (message, "verb"));
      if (g_str_equal (verb, "notice"))
        return;
      g_assert_false (g_strv_contains (verbs, verb));
    }
}

static const char *const OF_A_SEAT[] = { "join", "seats", "admit", "key", NULL };

static void
send_join (AgentFixture *f, json_int_t re, const char *booking)
{
  fake_server_send (
      f->server, json_pack ("{s:s, s:I, s:s, s:s, s:s, s:i, s:s, s:s, s:s}", "verb", "join", "re",
                     re, "meeting", FAKE_MEETING, "booking", booking, "seat", FAKE_SEAT, "number",
                     1, "role", "kiosk", "token", "x", "state", "waiting"));
}

static void
a_seat_that_was_not_asked_for_is_dropped (AgentFixture *f, gconstpointer data)
{
  g_autoptr (FakePage) page = open_online_page (f);

  send_join (f, 0, FAKE_BOOKING);
  send_join (f, 1, FAKE_BOOKING);
  is_not_told (f, page, OF_A_SEAT);
  fake_page_send (page, "{\"verb\":\"secured\",\"id\":2,\"epoch\":1}");
  assert_error (page, 2, "state");
}

static void
a_second_answer_gives_no_second_seat (AgentFixture *f, gconstpointer data)
{
  g_autoptr (FakePage) page = open_online_page (f);
  g_autoptr (json_t) asked = NULL;

  fake_server_assign (f->server, TRUE);
  asked = fake_server_next (f->server, "join");
  fake_server_seat (f->server, json_incref (asked), "t");
  json_decref (fake_page_next (page, "join"));
  fake_server_seat (f->server, json_incref (asked), "t2");
  is_not_told (f, page, OF_A_SEAT);
}

static void
a_seat_of_another_booking_is_dropped (AgentFixture *f, gconstpointer data)
{
  g_autoptr (FakePage) page = open_online_page (f);
  g_autoptr (json_t) asked = NULL;

  fake_server_assign (f->server, TRUE);
  asked = fake_server_next (f->server, "join");
  send_join (f, json_integer_value (json_object_get (asked, "id")), OTHER);
  is_not_told (f, page, OF_A_SEAT);
  fake_server_seat (f->server, fake_server_next (f->server, "join"), "t");
  json_decref (fake_page_next (page, "join"));
}

/* Returns: (transfer full): its person has called the code different, and the server has heard it. */
static FakePage *
open_differing_page (AgentFixture *f)
{
  FakePage *page = open_seated_page (f, "t");
  g_autoptr (json_t) verify = NULL;

  fake_page_send (page, DIFFERENT);
  verify = fake_server_next (f->server, "verify");
  g_assert_cmpstr (json_string_value (json_object_get (verify, "result")), ==, "different");
  return page;
}

/* The TURN servers expire: a page that is loaded again gets those that came last, with the join. */
static void
a_page_that_comes_later_gets_the_latest_turn_servers (AgentFixture *f, gconstpointer data)
{
  g_autoptr (FakePage) page = open_seated_page (f, "t");
  g_autoptr (FakePage) next = NULL;
  g_autoptr (json_t) passed = NULL;
  g_autoptr (json_t) join = NULL;

  fake_server_send_text (f->server,
      "{\"verb\":\"answer\",\"sdp\":\"v=0\",\"ice_servers\":[{\"urls\":"
      "[\"turn:a\"],\"username\":\"2:x\",\"credential\":\"c\"}]}");
  passed = fake_page_next (page, "answer");
  g_assert_nonnull (json_object_get (passed, "ice_servers"));
  next = fake_page_open (f->url);
  join = fake_page_next (next, "join");
  g_assert_true (
      json_equal (json_object_get (join, "ice_servers"), json_object_get (passed, "ice_servers")));
}

static void
a_page_that_comes_after_different_is_not_told_of_the_seat (AgentFixture *f, gconstpointer data)
{
  g_autoptr (FakePage) page = open_differing_page (f);
  g_autoptr (FakePage) next = fake_page_open (f->url);
  g_autoptr (json_t) state = next_state (next, "online");

  g_assert_true (json_is_false (json_object_get (state, "seated")));
  fake_server_send_text (f->server, SEATS);
  is_not_told (f, next, OF_A_SEAT);
  fake_page_send (next, "{\"verb\":\"join\",\"id\":3,\"booking\":\"" FAKE_BOOKING "\"}");
  assert_error (next, 3, "state");
  g_assert_true (g_queue_is_empty (&f->server->got));
}

static void
after_different_only_the_end_can_be_said (AgentFixture *f, gconstpointer data)
{
  g_autoptr (FakePage) page = open_differing_page (f);
  static const guint8 REVEAL[] = "huijian-e2ee-v1 reveal\0rest";
  g_autofree char *reveal = hj_base64url (REVEAL, sizeof REVEAL);
  g_autofree char *sign
      = g_strdup_printf ("{\"verb\":\"sign\",\"id\":1,\"statement\":\"%s\"}", reveal);

  fake_page_send (page, sign);
  assert_error (page, 1, "state");
  fake_page_send (page, "{\"verb\":\"key\",\"id\":2,\"body\":\"AQI\"}");
  assert_error (page, 2, "state");
  fake_page_send (page, DIFFERENT);
  json_decref (fake_server_next (f->server, "verify"));
  fake_page_send (page, "{\"verb\":\"end\",\"id\":9,\"reason\":\"other\"}");
  json_decref (fake_server_next (f->server, "end"));
  fake_server_send_text (f->server, END);
  json_decref (fake_page_next (page, "end"));
  fake_server_assign (f->server, TRUE);
  is_not_told (f, page, OF_A_SEAT);
  g_assert_true (g_queue_is_empty (&f->server->got));
}

static void
different_is_told_after_the_seat_is_resumed (AgentFixture *f, gconstpointer data)
{
  g_autoptr (FakePage) page = open_seated_page (f, "t");

  f->server->resume = "t";
  fake_server_drop (f->server);
  json_decref (next_state (page, "offline"));
  fake_page_send (page, DIFFERENT);
  json_decref (next_state (page, "online"));
  fake_page_send (page, DIFFERENT);
  json_decref (fake_server_next (f->server, "verify"));
}

static void
different_without_a_line_closes_the_booking (AgentFixture *f, gconstpointer data)
{
  g_autoptr (FakePage) page = open_seated_page (f, "too-old");

  fake_server_drop (f->server);
  json_decref (next_state (page, "offline"));
  fake_page_send (page, DIFFERENT);
  json_decref (next_state (page, "online"));
  fake_server_assign (f->server, TRUE);
  is_not_told (f, page, OF_A_SEAT);
  g_assert_true (g_queue_is_empty (&f->server->got));
}

#define ADD(name, function)                                                                        \
  g_test_add (                                                                                     \
      "/kiosk/agent-seat/" name, AgentFixture, NULL, agent_set_up, function, agent_tear_down)

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  ADD ("a seat that was not asked for is dropped", a_seat_that_was_not_asked_for_is_dropped);
  ADD ("a second answer gives no second seat", a_second_answer_gives_no_second_seat);
  ADD ("a seat of another booking is dropped", a_seat_of_another_booking_is_dropped);
  ADD ("a page that comes later gets the latest TURN servers",
      a_page_that_comes_later_gets_the_latest_turn_servers);
  ADD ("a page that comes after different is not told of the seat",
      a_page_that_comes_after_different_is_not_told_of_the_seat);
  ADD ("after different only the end can be said", after_different_only_the_end_can_be_said);
  ADD ("different is told after the seat is resumed", different_is_told_after_the_seat_is_resumed);
  ADD ("different without a line closes the booking", different_without_a_line_closes_the_booking);
  return g_test_run ();
}
