/* SPDX-License-Identifier: Apache-2.0 */
/* The whole agent between a fake server over TLS and a fake page: signing in, the seat, relaying, coming back. */

#include "src/kiosk/agent.h"

#include <string.h>

#include "src/base/json.h"
#include "src/kiosk/page.h"
#include "tests/kiosk/agent-fixture.h"
#include "tests/support/expect-log.h"

static void
the_nonce_is_signed_with_the_enrolled_key (AgentFixture *f, gconstpointer data)
{
  g_autoptr (FakePage) page = open_online_page (f);

  g_assert_true (f->server->signature_good);
  g_assert_cmpstr (f->server->seen_origin, ==, FAKE_ORIGIN);
}

static void
another_origin_gets_no_signature (AgentFixture *f, gconstpointer data)
{
  g_autoptr (FakePage) page = NULL;

  f->server->origin = "https://evil.example";
  hj_expect_log (G_LOG_LEVEL_WARNING, "*another origin*");
  f->config->backoff_min_ms = 60000;
  f->config->backoff_max_ms = 60000;
  hj_agent_start (f->agent);
  page = fake_page_open (f->url);
  json_decref (next_state (page, "refused"));
  g_assert_false (f->server->signature_good);
  g_assert_true (g_queue_is_empty (&f->server->got));
}

static void
a_refused_kiosk_says_so_and_tries_again (AgentFixture *f, gconstpointer data)
{
  g_autoptr (FakePage) page = NULL;

  f->server->refusals = 2;
  hj_expect_log (G_LOG_LEVEL_WARNING, "the server refuses this kiosk (token)");
  hj_expect_log (G_LOG_LEVEL_WARNING, "the server refuses this kiosk (token)");
  hj_agent_start (f->agent);
  AWAIT (f->server->connections == 3);
  page = fake_page_open (f->url);
  json_decref (next_state (page, "online"));
}

static void
a_server_of_another_ca_is_not_spoken_to (AgentFixture *f, gconstpointer data)
{
  g_autoptr (FakeCa) other = fake_ca_new ("another CA");
  g_autoptr (GTlsCertificate) certificate = fake_ca_issue (other, "IP:127.0.0.1", 5);
  g_autoptr (FakePage) page = NULL;

  soup_server_set_tls_certificate (f->server->soup, certificate);
  hj_agent_start (f->agent);
  page = fake_page_open (f->url);
  json_decref (next_state (page, "offline"));
  json_decref (next_state (page, "connecting"));
  json_decref (next_state (page, "offline"));
  g_assert_cmpuint (f->server->connections, ==, 0);
}

static void
the_seat_is_taken_once_the_client_is_checked_in (AgentFixture *f, gconstpointer data)
{
  g_autoptr (FakePage) page = open_online_page (f);
  g_autoptr (json_t) assign = NULL;
  g_autoptr (json_t) join = NULL;

  fake_server_assign (f->server, FALSE);
  assign = fake_page_next (page, "assign");
  g_assert_true (g_queue_is_empty (&f->server->got));
  fake_server_assign (f->server, TRUE);
  fake_server_seat (f->server, fake_server_next (f->server, "join"), "seat-token");
  join = fake_page_next (page, "join");
  g_assert_null (json_object_get (join, "token"));
  g_assert_cmpstr (json_string_value (json_object_get (join, "meeting")), ==, FAKE_MEETING);
}

static void
no_seat_is_taken_without_a_page (AgentFixture *f, gconstpointer data)
{
  g_autoptr (FakePage) page = NULL;

  hj_agent_start (f->agent);
  AWAIT (f->server->signature_good);
  fake_server_assign (f->server, TRUE);
  for (guint i = 0; i < 200; i++)
    g_main_context_iteration (NULL, FALSE) ? (void)0 : g_usleep (100);
  g_assert_true (g_queue_is_empty (&f->server->got));
  page = fake_page_open (f->url);
  json_decref (fake_page_next (page, "assign"));
  json_decref (fake_server_next (f->server, "join"));
}

static void
a_refused_join_is_shown_and_tried_again (AgentFixture *f, gconstpointer data)
{
  g_autoptr (FakePage) page = open_online_page (f);
  g_autoptr (json_t) first = NULL;

  fake_server_assign (f->server, TRUE);
  first = fake_server_next (f->server, "join");
  fake_server_send (
      f->server, json_pack ("{s:s, s:O, s:s, s:s}", "verb", "error", "re",
                     json_object_get (first, "id"), "code", "not-eligible", "title", "t"));
  assert_error (page, 0, "not-eligible");
  fake_server_seat (f->server, fake_server_next (f->server, "join"), "t");
  json_decref (fake_page_next (page, "join"));
}

static void
a_refused_join_is_not_repeated_at_once (AgentFixture *f, gconstpointer data)
{
  g_autoptr (FakePage) page = NULL;
  g_autoptr (json_t) first = NULL;

  f->config->join_retry_ms = 60000;
  page = open_online_page (f);
  fake_server_assign (f->server, TRUE);
  first = fake_server_next (f->server, "join");
  fake_server_send (f->server, json_pack ("{s:s, s:O, s:s, s:s}", "verb", "error", "re",
                                   json_object_get (first, "id"), "code", "state", "title", "t"));
  assert_error (page, 0, "state");
  fake_server_assign (f->server, TRUE);
  json_decref (fake_page_next (page, "assign"));
  for (guint i = 0; i < 100; i++)
    g_main_context_iteration (NULL, FALSE) ? (void)0 : g_usleep (100);
  g_assert_true (g_queue_is_empty (&f->server->got));
  fake_server_assign (f->server, FALSE);
  fake_server_assign (f->server, TRUE);
  json_decref (fake_server_next (f->server, "join"));
}

static void
the_pages_verbs_reach_the_server_and_answers_come_back (AgentFixture *f, gconstpointer data)
{
  g_autoptr (FakePage) page = open_seated_page (f, "t");
  g_autoptr (json_t) offer = NULL;
  g_autoptr (json_t) answer = NULL;
  g_autoptr (json_t) quality = NULL;
  g_autoptr (json_t) end = NULL;

  fake_page_send (page, "{\"verb\":\"offer\",\"id\":77,\"sdp\":\"v=0\",\"token\":\"x\"}");
  offer = fake_server_next (f->server, "offer");
  g_assert_null (json_object_get (offer, "token"));
  fake_server_send (f->server, json_pack ("{s:s, s:O, s:s}", "verb", "answer", "re",
                                   json_object_get (offer, "id"), "sdp", "v=1"));
  answer = fake_page_next (page, "answer");
  g_assert_cmpint (json_integer_value (json_object_get (answer, "re")), ==, 77);
  g_assert_cmpstr (json_string_value (json_object_get (answer, "sdp")), ==, "v=1");
  fake_page_send (page, "{\"verb\":\"quality\",\"level\":3}");
  quality = fake_server_next (f->server, "quality");
  fake_page_send (page, "{\"verb\":\"end\",\"reason\":\"done\"}");
  end = fake_server_next (f->server, "end");
  g_assert_cmpstr (json_string_value (json_object_get (end, "reason")), ==, "done");
}

static void
verbs_that_are_not_the_pages_are_refused (AgentFixture *f, gconstpointer data)
{
  g_autoptr (FakePage) page = open_seated_page (f, "t");

  fake_page_send (page, "{\"verb\":\"follow\",\"id\":1}");
  assert_error (page, 1, "invalid");
  fake_page_send (page, "{\"verb\":\"hello\",\"id\":2,\"resume\":\"x\"}");
  assert_error (page, 2, "invalid");
  fake_page_send (page, "{\"verb\":\"end\",\"id\":3,\"reason\":\"x\"}");
  assert_error (page, 3, "invalid");
  fake_page_send (page, "{\"verb\":\"leave\",\"id\":\"4\"}");
  assert_error (page, 0, "invalid");
  fake_page_send (page, "{\"verb\":\"leave\",\"verb\":\"leave\"}");
  assert_error (page, 0, "invalid");
  fake_page_send (page, "[]");
  assert_error (page, 0, "invalid");
  fake_page_send (page, "{\"verb\":\"leave\",\"x\":[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]}");
  assert_error (page, 0, "invalid");
  g_assert_true (g_queue_is_empty (&f->server->got));
}

static void
ten_refusals_close_the_pages_socket (AgentFixture *f, gconstpointer data)
{
  g_autoptr (FakePage) page = open_online_page (f);

  hj_expect_log (G_LOG_LEVEL_WARNING, "the page is lost: too many refused messages");
  for (guint i = 0; i < 10; i++)
    fake_page_send (page, "{\"verb\":\"follow\"}");
  AWAIT (page->socket == NULL);
  g_assert_cmpuint (page->close_code, ==, HJ_PAGE_CLOSE_STRANGE);
}

static void
an_oversize_message_closes_the_pages_socket (AgentFixture *f, gconstpointer data)
{
  g_autoptr (FakePage) page = open_online_page (f);
  g_autofree char *big = g_strnfill (70000, ' ');

  fake_page_send (page, big);
  AWAIT (page->socket == NULL);
  g_assert_true (g_queue_is_empty (&f->server->got));
}

static void
without_a_seat_the_page_can_do_nothing (AgentFixture *f, gconstpointer data)
{
  g_autoptr (FakePage) page = open_online_page (f);

  fake_page_send (page, "{\"verb\":\"offer\",\"id\":1,\"sdp\":\"v=0\"}");
  assert_error (page, 1, "state");
  fake_page_send (page, "{\"verb\":\"end\",\"id\":2,\"reason\":\"done\"}");
  assert_error (page, 2, "state");
  fake_page_send (page, "{\"verb\":\"join\",\"id\":3,\"booking\":\"" FAKE_BOOKING "\"}");
  assert_error (page, 3, "not-found");
  g_assert_true (g_queue_is_empty (&f->server->got));
}

static void
a_dropped_connection_resumes_the_seat (AgentFixture *f, gconstpointer data)
{
  g_autoptr (FakePage) page = open_seated_page (f, "the-seats-token");
  g_autoptr (json_t) state = NULL;

  f->server->resume = "the-seats-token";
  f->server->signature_good = FALSE;
  fake_server_drop (f->server);
  json_decref (next_state (page, "offline"));
  state = next_state (page, "online");
  g_assert_true (json_is_true (json_object_get (state, "seated")));
  g_assert_cmpuint (f->server->connections, ==, 2);
  g_assert_false (f->server->signature_good);
  fake_server_assign (f->server, TRUE);
  json_decref (fake_page_next (page, "assign"));
  g_assert_true (g_queue_is_empty (&f->server->got));
}

static void
a_server_that_is_not_ready_costs_no_seat (AgentFixture *f, gconstpointer data)
{
  g_autoptr (FakePage) page = open_seated_page (f, "the-seats-token");
  g_autoptr (json_t) state = NULL;

  f->server->resume = "the-seats-token";
  f->server->refusal = "unavailable";
  f->server->refusals = 2;
  f->server->signature_good = FALSE;
  fake_server_drop (f->server);
  json_decref (next_state (page, "offline"));
  state = next_state (page, "online");
  g_assert_true (json_is_true (json_object_get (state, "seated")));
  g_assert_cmpuint (f->server->connections, ==, 4);
  g_assert_false (f->server->signature_good);
}

static void
a_seat_that_cannot_be_resumed_is_taken_anew (AgentFixture *f, gconstpointer data)
{
  g_autoptr (FakePage) page = open_seated_page (f, "too-old");
  g_autoptr (json_t) state = NULL;

  f->server->signature_good = FALSE;
  fake_server_drop (f->server);
  json_decref (next_state (page, "offline"));
  state = next_state (page, "online");
  g_assert_true (json_is_false (json_object_get (state, "seated")));
  g_assert_true (f->server->signature_good);
  fake_server_assign (f->server, TRUE);
  fake_server_seat (f->server, fake_server_next (f->server, "join"), "new");
  json_decref (fake_page_next (page, "join"));
}

static void
what_the_page_asked_while_the_line_breaks_is_answered (AgentFixture *f, gconstpointer data)
{
  g_autoptr (FakePage) page = open_seated_page (f, "t");

  f->config->backoff_min_ms = 60000;
  fake_page_send (page, "{\"verb\":\"offer\",\"id\":5,\"sdp\":\"v=0\"}");
  json_decref (fake_server_next (f->server, "offer"));
  fake_server_drop (f->server);
  assert_error (page, 5, "unavailable");
  fake_page_send (page, "{\"verb\":\"offer\",\"id\":6,\"sdp\":\"v=0\"}");
  assert_error (page, 6, "unavailable");
}

static void
a_silent_server_is_given_up (AgentFixture *f, gconstpointer data)
{
  f->server->silent = TRUE;
  f->config->handshake_ms = 1500; /* long enough for TLS on a busy machine */
  hj_agent_start (f->agent);
  AWAIT (f->server->connections >= 2);
}

static void
a_line_that_carries_nothing_is_given_up (AgentFixture *f, gconstpointer data)
{
  g_autoptr (FakePage) page = NULL;

  f->config->silence_ms = 1500;
  page = open_online_page (f);
  /* The next look, in half a second, comes before the first pong. */
  f->config->silence_ms = 50;
  AWAIT (f->server->connections >= 2);
}

static void
unreadable_messages_end_the_connection (AgentFixture *f, gconstpointer data)
{
  g_autoptr (FakePage) page = open_online_page (f);

  for (guint i = 0; i < 10; i++)
    {
      hj_expect_log (G_LOG_LEVEL_WARNING, "a message from the server cannot be read*");
      fake_server_send_text (
          f->server, i % 2 == 0 ? "{\"a\":1,\"a\":2}" : "{\"verb\":\"Not A Verb\"}");
    }
  AWAIT (f->server->connections == 2);
}

static void
an_oversize_message_ends_the_connection (AgentFixture *f, gconstpointer data)
{
  g_autoptr (FakePage) page = open_online_page (f);
  g_autofree char *big = g_strnfill (70000, ' ');

  fake_server_send_text (f->server, big);
  AWAIT (f->server->connections == 2);
}

static void
messages_that_do_not_fit_are_dropped (AgentFixture *f, gconstpointer data)
{
  g_autoptr (FakePage) page = open_online_page (f);

  fake_server_send_text (f->server, "{\"verb\":\"assign\",\"assignment\":7}");
  fake_server_send_text (
      f->server, "{\"verb\":\"assign\",\"assignment\":{\"booking\":\"x\",\"checked_in\":true}}");
  fake_server_send_text (f->server, "{\"verb\":\"join\",\"token\":\"t\"}");
  fake_server_send_text (f->server, "{\"verb\":\"follow\",\"meetings\":[]}");
  fake_server_send_text (
      f->server, "{\"verb\":\"seats\",\"meeting\":\"" FAKE_MEETING "\",\"seats\":[]}");
  fake_server_send_text (f->server, "{\"verb\":\"notice\",\"kind\":\"time-left\",\"minutes\":5}");
  AWAIT (!g_queue_is_empty (&page->got));
  g_assert_cmpstr (
      json_string_value (json_object_get (g_queue_peek_head (&page->got), "verb")), ==, "notice");
  json_decref (fake_page_next (page, "notice"));
  g_assert_true (g_queue_is_empty (&page->got));
  g_assert_true (g_queue_is_empty (&f->server->got));
}

static void
a_second_page_takes_over_and_is_told_all (AgentFixture *f, gconstpointer data)
{
  g_autoptr (FakePage) first = open_seated_page (f, "t");
  g_autoptr (FakePage) second = NULL;
  g_autoptr (json_t) join = NULL;

  fake_server_send_text (f->server,
      "{\"verb\":\"seats\",\"meeting\":\"" FAKE_MEETING "\",\"state\":\"live\",\"seats\":[]}");
  json_decref (fake_page_next (first, "seats"));
  second = fake_page_open (f->url);
  AWAIT (first->socket == NULL);
  g_assert_cmpuint (first->close_code, ==, HJ_PAGE_CLOSE_TAKEN_OVER);
  json_decref (next_state (second, "online"));
  json_decref (fake_page_next (second, "assign"));
  join = fake_page_next (second, "join");
  g_assert_null (json_object_get (join, "token"));
  json_decref (fake_page_next (second, "seats"));
  fake_page_send (second, "{\"verb\":\"offer\",\"id\":1,\"sdp\":\"v=0\"}");
  json_decref (fake_server_next (f->server, "offer"));
}

static void
an_ended_meeting_is_not_joined_again (AgentFixture *f, gconstpointer data)
{
  g_autoptr (FakePage) page = open_seated_page (f, "t");

  fake_server_send_text (f->server, "{\"verb\":\"end\",\"meeting\":\"" FAKE_MEETING
                                    "\",\"reason\":\"done\",\"by\":\"lawyer\",\"at_us\":1}");
  json_decref (fake_page_next (page, "end"));
  fake_server_assign (f->server, TRUE);
  json_decref (fake_page_next (page, "assign"));
  fake_page_send (page, "{\"verb\":\"quality\",\"level\":3,\"id\":1}");
  assert_error (page, 1, "state");
  g_assert_true (g_queue_is_empty (&f->server->got));
}

static void
a_page_that_left_can_ask_to_come_back (AgentFixture *f, gconstpointer data)
{
  g_autoptr (FakePage) page = open_seated_page (f, "t");
  g_autoptr (json_t) leave = NULL;
  g_autoptr (json_t) join = NULL;

  fake_page_send (page, "{\"verb\":\"leave\",\"id\":1}");
  leave = fake_server_next (f->server, "leave");
  fake_server_send (
      f->server, json_pack ("{s:s, s:O}", "verb", "leave", "re", json_object_get (leave, "id")));
  json_decref (fake_page_next (page, "leave"));
  fake_page_send (page, "{\"verb\":\"join\",\"id\":2,\"booking\":\"" FAKE_BOOKING "\"}");
  fake_server_seat (f->server, fake_server_next (f->server, "join"), "t2");
  join = fake_page_next (page, "join");
  g_assert_cmpint (json_integer_value (json_object_get (join, "re")), ==, 2);
}

static void
a_page_without_heartbeat_is_lost (AgentFixture *f, gconstpointer data)
{
  g_autoptr (FakePage) page = NULL;
  g_autofree char *path = hj_kiosk_config_state_path (f->config, "health");
  g_autofree char *health = NULL;

  hj_expect_log (G_LOG_LEVEL_WARNING, "the page is lost: no heartbeat");
  f->config->heartbeat_ms = 20;
  g_clear_object (&f->agent);
  f->agent = hj_agent_new (f->config, f->enrolment, f->key, NULL);
  g_free (f->url);
  f->url = hj_agent_get_page_url (f->agent);
  hj_agent_start (f->agent);
  page = fake_page_open (f->url);
  AWAIT (page->socket == NULL);
  g_assert_cmpstr (hj_agent_get_health (f->agent), ==, "page-lost");
  g_file_get_contents (path, &health, NULL, NULL);
  g_assert_cmpstr (health, ==, "page-lost");
}

static void
heartbeats_keep_the_page (AgentFixture *f, gconstpointer data)
{
  g_autoptr (FakePage) page = NULL;
  gint64 until_us = 0;

  f->config->heartbeat_ms = 400;
  g_clear_object (&f->agent);
  f->agent = hj_agent_new (f->config, f->enrolment, f->key, NULL);
  g_free (f->url);
  f->url = hj_agent_get_page_url (f->agent);
  page = open_online_page (f);
  until_us = g_get_monotonic_time () + 1600000;
  while (g_get_monotonic_time () < until_us)
    {
      fake_page_send (page, "{\"verb\":\"alive\"}");
      for (guint i = 0; i < 10; i++)
        g_main_context_iteration (NULL, FALSE) ? (void)0 : g_usleep (1000);
    }
  g_assert_nonnull (page->socket);
  g_assert_cmpstr (hj_agent_get_health (f->agent), ==, "ok");
}

#define ADD(name, function)                                                                        \
  g_test_add ("/kiosk/agent/" name, AgentFixture, NULL, agent_set_up, function, agent_tear_down)

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  ADD ("the nonce is signed with the enrolled key", the_nonce_is_signed_with_the_enrolled_key);
  ADD ("another origin gets no signature", another_origin_gets_no_signature);
  ADD ("a refused kiosk says so and tries again", a_refused_kiosk_says_so_and_tries_again);
  ADD ("a server of another CA is not spoken to", a_server_of_another_ca_is_not_spoken_to);
  ADD ("the seat is taken once the client is checked in",
      the_seat_is_taken_once_the_client_is_checked_in);
  ADD ("no seat is taken without a page", no_seat_is_taken_without_a_page);
  ADD ("a refused join is shown and tried again", a_refused_join_is_shown_and_tried_again);
  ADD ("a refused join is not repeated at once", a_refused_join_is_not_repeated_at_once);
  ADD ("the page's verbs reach the server and answers come back",
      the_pages_verbs_reach_the_server_and_answers_come_back);
  ADD ("verbs that are not the page's are refused", verbs_that_are_not_the_pages_are_refused);
  ADD ("ten refusals close the page's socket", ten_refusals_close_the_pages_socket);
  ADD ("an oversize message closes the page's socket", an_oversize_message_closes_the_pages_socket);
  ADD ("without a seat the page can do nothing", without_a_seat_the_page_can_do_nothing);
  ADD ("a dropped connection resumes the seat", a_dropped_connection_resumes_the_seat);
  ADD ("a server that is not ready costs no seat", a_server_that_is_not_ready_costs_no_seat);
  ADD ("a seat that cannot be resumed is taken anew", a_seat_that_cannot_be_resumed_is_taken_anew);
  ADD ("what the page asked while the line breaks is answered",
      what_the_page_asked_while_the_line_breaks_is_answered);
  ADD ("a silent server is given up", a_silent_server_is_given_up);
  ADD ("a line that carries nothing is given up", a_line_that_carries_nothing_is_given_up);
  ADD ("unreadable messages end the connection", unreadable_messages_end_the_connection);
  ADD ("an oversize message ends the connection", an_oversize_message_ends_the_connection);
  ADD ("messages that do not fit are dropped", messages_that_do_not_fit_are_dropped);
  ADD ("a second page takes over and is told all", a_second_page_takes_over_and_is_told_all);
  ADD ("an ended meeting is not joined again", an_ended_meeting_is_not_joined_again);
  ADD ("a page that left can ask to come back", a_page_that_left_can_ask_to_come_back);
  ADD ("a page without heartbeat is lost", a_page_without_heartbeat_is_lost);
  ADD ("heartbeats keep the page", heartbeats_keep_the_page);
  return g_test_run ();
}
