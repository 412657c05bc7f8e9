/* SPDX-License-Identifier: Apache-2.0 */
/* The whole agent while the ends agree on keys: its identity, what it signs for the page, what it passes on, and the wait for
 * an administrator's approval. */

#include <string.h>

#include "src/base/fingerprint.h"
#include "src/base/ids.h"
#include "src/base/json.h"
#include "tests/kiosk/agent-fixture.h"
#include "tests/support/expect-log.h"

#define LABEL "huijian-e2ee-v1 reveal"

static const guint8 REVEAL[] = LABEL "\0a roster hash and more";

static const char *
member (const json_t *object, const char *key)
{
  return json_string_value (json_object_get (object, key));
}

static void
ask_for_signature (FakePage *page, int id, const void *statement, gsize size)
{
  g_autofree char *text = hj_base64url (statement, size);
  g_autofree char *message
      = g_strdup_printf ("{\"verb\":\"sign\",\"id\":%d,\"statement\":\"%s\"}", id, text);

  fake_page_send (page, message);
}

static void
the_page_knows_its_kiosks_key (AgentFixture *f, gconstpointer data)
{
  g_autoptr (FakePage) page = NULL;
  g_autoptr (json_t) agent = NULL;
  gsize size = 0;
  g_autofree guint8 *der = g_base64_decode (f->server->seen_key, &size);
  g_autofree char *fingerprint = hj_fingerprint_new (der, size);

  hj_agent_start (f->agent);
  page = fake_page_open (f->url);
  agent = next_state (page, "online");
  g_assert_cmpstr (member (agent, "public_key"), ==, f->server->seen_key);
  g_assert_cmpstr (member (agent, "fingerprint"), ==, fingerprint);
}

static void
a_kiosk_that_is_not_approved_says_so_and_waits (AgentFixture *f, gconstpointer data)
{
  g_autoptr (FakePage) page = NULL;
  g_autoptr (json_t) waiting = NULL;
  g_autoptr (json_t) next = NULL;

  f->server->refusal = "unapproved";
  f->server->refusals = 4;
  page = fake_page_open (f->url);
  hj_agent_start (f->agent);
  waiting = next_state (page, "unapproved");
  g_assert_cmpuint (strlen (member (waiting, "fingerprint")), ==, HJ_FINGERPRINT_LENGTH);
  g_assert_cmpstr (hj_agent_get_health (f->agent), ==, "unapproved");
  /* It asks again by itself, and its page keeps what it says until the answer is another. */
  next = fake_page_next (page, "agent");
  g_assert_cmpstr (member (next, "state"), ==, "online");
  g_assert_cmpuint (f->server->connections, ==, 5);
  g_assert_cmpstr (hj_agent_get_health (f->agent), ==, "ok");
}

static void
an_unapproved_kiosk_that_loses_the_server_is_offline (AgentFixture *f, gconstpointer data)
{
  g_autoptr (FakePage) page = NULL;

  f->server->refusal = "unapproved";
  f->server->refusals = 1000;
  page = fake_page_open (f->url);
  hj_agent_start (f->agent);
  json_decref (next_state (page, "unapproved"));
  soup_server_disconnect (f->server->soup);
  json_decref (next_state (page, "offline"));
}

static void
a_reveal_is_signed_for_the_page (AgentFixture *f, gconstpointer data)
{
  g_autoptr (FakePage) page = open_seated_page (f, "t");
  g_autoptr (json_t) answer = NULL;

  ask_for_signature (page, 9, REVEAL, sizeof REVEAL);
  answer = fake_page_next (page, "signature");
  g_assert_cmpint (json_integer_value (json_object_get (answer, "re")), ==, 9);
  g_assert_true (
      fake_server_verifies (f->server, REVEAL, sizeof REVEAL, member (answer, "signature")));
  g_assert_true (g_queue_is_empty (&f->server->got));
}

static void
without_a_seat_nothing_is_signed (AgentFixture *f, gconstpointer data)
{
  g_autoptr (FakePage) page = open_online_page (f);

  ask_for_signature (page, 1, REVEAL, sizeof REVEAL);
  assert_error (page, 1, "state");
}

static void
after_the_meeting_nothing_is_signed (AgentFixture *f, gconstpointer data)
{
  g_autoptr (FakePage) page = open_seated_page (f, "t");

  fake_server_send_text (f->server, "{\"verb\":\"end\",\"meeting\":\"" FAKE_MEETING
                                    "\",\"reason\":\"done\",\"by\":\"lawyer\",\"at_us\":1}");
  json_decref (fake_page_next (page, "end"));
  ask_for_signature (page, 1, REVEAL, sizeof REVEAL);
  assert_error (page, 1, "state");
}

static void
what_is_no_reveal_is_not_signed (AgentFixture *f, gconstpointer data)
{
  static const guint8 HELLO[] = "huijian-kiosk-hello-v1\0nonce";
  g_autoptr (FakePage) page = open_seated_page (f, "t");
  g_autofree char *text = NULL;
  g_autofree char *without_id = NULL;

  ask_for_signature (page, 1, HELLO, sizeof HELLO);
  assert_error (page, 1, "invalid");
  ask_for_signature (page, 2, LABEL, strlen (LABEL));
  assert_error (page, 2, "invalid");
  fake_page_send (page, "{\"verb\":\"sign\",\"id\":3}");
  assert_error (page, 3, "invalid");
  /* Without an id nobody knows whose answer it is. */
  text = hj_base64url (REVEAL, sizeof REVEAL);
  without_id = g_strdup_printf ("{\"verb\":\"sign\",\"statement\":\"%s\"}", text);
  fake_page_send (page, without_id);
  assert_error (page, 0, "invalid");
}

static void
more_than_ten_a_second_are_not_signed (AgentFixture *f, gconstpointer data)
{
  g_autoptr (FakePage) page = open_seated_page (f, "t");

  for (int i = 1; i <= 11; i++)
    ask_for_signature (page, i, REVEAL, sizeof REVEAL);
  assert_error (page, 11, "too-many");
}

static void
the_server_cannot_make_it_sign (AgentFixture *f, gconstpointer data)
{
  g_autoptr (FakePage) page = open_seated_page (f, "t");
  g_autofree char *text = hj_base64url (REVEAL, sizeof REVEAL);

  fake_server_send (f->server, json_pack ("{s:s, s:i, s:s, s:s}", "verb", "sign", "id", 1,
                                   "statement", text, "meeting", FAKE_MEETING));
  fake_server_send (f->server, json_pack ("{s:s, s:i, s:s, s:s}", "verb", "signature", "re", 1,
                                   "signature", text, "meeting", FAKE_MEETING));
  fake_server_send_text (f->server, "{\"verb\":\"notice\",\"kind\":\"media-back\"}");
  AWAIT (!g_queue_is_empty (&page->got));
  g_assert_cmpstr (member (g_queue_peek_head (&page->got), "verb"), ==, "notice");
  g_assert_true (g_queue_is_empty (&f->server->got));
}

static void
the_agreement_passes_both_ways (AgentFixture *f, gconstpointer data)
{
  g_autoptr (FakePage) page = open_seated_page (f, "t");
  g_autoptr (json_t) out = NULL;
  g_autoptr (json_t) in = NULL;
  g_autoptr (json_t) secured = NULL;
  g_autoptr (json_t) verify = NULL;
  g_autoptr (json_t) noted = NULL;

  fake_page_send (
      page, "{\"verb\":\"key\",\"to\":\"" FAKE_BOOKING "\",\"body\":\"AQM\",\"from\":\"x\"}");
  out = fake_server_next (f->server, "key");
  g_assert_cmpstr (member (out, "to"), ==, FAKE_BOOKING);
  g_assert_cmpstr (member (out, "body"), ==, "AQM");
  g_assert_null (json_object_get (out, "from"));
  fake_server_send (f->server, json_pack ("{s:s, s:s, s:s, s:s}", "verb", "key", "meeting",
                                   FAKE_MEETING, "from", FAKE_BOOKING, "body", "AQI"));
  in = fake_page_next (page, "key");
  g_assert_cmpstr (member (in, "from"), ==, FAKE_BOOKING);
  g_assert_cmpstr (member (in, "body"), ==, "AQI");
  fake_page_send (page, "{\"verb\":\"secured\",\"epoch\":3}");
  secured = fake_server_next (f->server, "secured");
  g_assert_cmpint (json_integer_value (json_object_get (secured, "epoch")), ==, 3);
  fake_page_send (page, "{\"verb\":\"verify\",\"id\":8,\"epoch\":3,\"result\":\"same\"}");
  verify = fake_server_next (f->server, "verify");
  g_assert_cmpstr (member (verify, "result"), ==, "same");
  fake_server_send (
      f->server, json_pack ("{s:s, s:O}", "verb", "verify", "re", json_object_get (verify, "id")));
  noted = fake_page_next (page, "verify");
  g_assert_cmpint (json_integer_value (json_object_get (noted, "re")), ==, 8);
}

static void
keys_of_another_meeting_and_damaged_ones_are_dropped (AgentFixture *f, gconstpointer data)
{
  g_autoptr (FakePage) page = open_seated_page (f, "t");

  g_queue_clear_full (&page->got, (GDestroyNotify)json_decref);
  fake_server_send (f->server, json_pack ("{s:s, s:s, s:s, s:s}", "verb", "key", "meeting",
                                   FAKE_BOOKING, "from", FAKE_SEAT, "body", "AQI"));
  fake_server_send (f->server,
      json_pack ("{s:s, s:s, s:s}", "verb", "key", "meeting", FAKE_MEETING, "from", FAKE_SEAT));
  fake_server_send (f->server,
      json_pack ("{s:s, s:s, s:s}", "verb", "key", "meeting", FAKE_MEETING, "body", "AQI"));
  fake_server_send_text (f->server, "{\"verb\":\"notice\",\"kind\":\"media-back\"}");
  AWAIT (!g_queue_is_empty (&page->got));
  g_assert_cmpstr (member (g_queue_peek_head (&page->got), "verb"), ==, "notice");
}

static void
without_a_seat_no_key_passes (AgentFixture *f, gconstpointer data)
{
  g_autoptr (FakePage) page = open_online_page (f);

  fake_page_send (page, "{\"verb\":\"key\",\"id\":1,\"body\":\"AQI\"}");
  assert_error (page, 1, "state");
  fake_page_send (page, "{\"verb\":\"secured\",\"id\":2,\"epoch\":1}");
  assert_error (page, 2, "state");
  g_assert_true (g_queue_is_empty (&f->server->got));
}

static void
the_page_learns_its_role (AgentFixture *f, gconstpointer data)
{
  g_autoptr (FakePage) page = open_online_page (f);
  g_autoptr (json_t) join = NULL;

  fake_server_assign (f->server, TRUE);
  fake_server_seat (f->server, fake_server_next (f->server, "join"), "t");
  join = fake_page_next (page, "join");
  g_assert_cmpstr (member (join, "role"), ==, "kiosk");
  g_assert_cmpint (json_integer_value (json_object_get (join, "number")), ==, 1);
}

#define ADD(name, function)                                                                        \
  g_test_add (                                                                                     \
      "/kiosk/agent-keys/" name, AgentFixture, NULL, agent_set_up, function, agent_tear_down)

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  ADD ("the page knows its kiosk's key", the_page_knows_its_kiosks_key);
  ADD ("a kiosk that is not approved says so and waits",
      a_kiosk_that_is_not_approved_says_so_and_waits);
  ADD ("an unapproved kiosk that loses the server is offline",
      an_unapproved_kiosk_that_loses_the_server_is_offline);
  ADD ("a reveal is signed for the page", a_reveal_is_signed_for_the_page);
  ADD ("without a seat nothing is signed", without_a_seat_nothing_is_signed);
  ADD ("after the meeting nothing is signed", after_the_meeting_nothing_is_signed);
  ADD ("what is no reveal is not signed", what_is_no_reveal_is_not_signed);
  ADD ("more than ten a second are not signed", more_than_ten_a_second_are_not_signed);
  ADD ("the server cannot make it sign", the_server_cannot_make_it_sign);
  ADD ("the agreement passes both ways", the_agreement_passes_both_ways);
  ADD ("keys of another meeting and damaged ones are dropped",
      keys_of_another_meeting_and_damaged_ones_are_dropped);
  ADD ("without a seat no key passes", without_a_seat_no_key_passes);
  ADD ("the page learns its role", the_page_learns_its_role);
  return g_test_run ();
}
