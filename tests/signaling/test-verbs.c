/* SPDX-License-Identifier: Apache-2.0 */
/* signaling/verbs/: from join to end over real sockets, with a relay at the other socket. */

#include "src/access/kiosks.h"
#include "src/base/link.h"
#include "src/meeting/acts.h"
#include "tests/signaling/edge.h"
#include "tests/support/expect-log.h"

#define BOOT "boot2222222222222222222222"

static json_t *
verb (const char *word)
{
  return hj_about ("verb", word);
}

static const char *
text (const json_t *message, const char *key)
{
  return json_string_value (json_object_get (message, key));
}

/* Returns: (transfer none): a relay that has registered without rooms. */
static Socket *
relay (Edge *e)
{
  Socket *link = edge_open_link (e);

  socket_send (
      link, json_pack ("{s:s, s:i, s:s, s:s, s:[], s:i, s:i}", "verb", "register", "v", 1, "node",
                "node-1", "boot", BOOT, "rooms", "capacity", 100, "next_event", 1));
  json_decref (socket_next (link, "welcome"));
  return link;
}

static void
event (Socket *link, int n, const char *kind, const char *room, const char *seat)
{
  socket_send (link, json_pack ("{s:s, s:i, s:I, s:s, s:s, s:s}", "verb", "event", "n", n, "at_us",
                         (json_int_t)HJ_FIXTURE_NOW_US, "kind", kind, "room", room, "seat", seat));
  for (;;)
    {
      g_autoptr (json_t) ack = socket_next (link, "ack");

      if (json_integer_value (json_object_get (ack, "n")) == n)
        return;
    }
}

typedef struct
{
  Socket *link, *counsel, *box;
  const char *room, *seat, *box_seat, *token;
} Call;

static void
join (Edge *e, Socket *socket, const char **ret_seat, Call *call)
{
  g_autoptr (json_t) answer = socket_ask (socket, edge_join_message (e, e->p.booking));

  *ret_seat = hj_text_of (&e->p, answer, "seat");
  call->room = hj_text_of (&e->p, answer, "meeting");
  if (socket == call->counsel)
    call->token = hj_text_of (&e->p, answer, "token");
  g_assert_nonnull (*ret_seat);
}

static void
secured (Socket *socket, int epoch)
{
  socket_send (socket, json_pack ("{s:s, s:i}", "verb", "secured", "epoch", epoch));
}

/* The relay gets the room, and a leg for that seat. */
static void
offer (Call *call, Socket *socket)
{
  g_autoptr (json_t) order = NULL;

  socket_send (socket, json_pack ("{s:s, s:s}", "verb", "offer", "sdp", "v=0"));
  order = socket_next (call->link, "add-leg");
  socket_send (call->link, json_pack ("{s:s, s:O, s:b, s:s}", "verb", "reply", "re",
                               json_object_get (order, "id"), "ok", 1, "answer", "v=0"));
  json_decref (socket_next (socket, "answer"));
}

/* Lawyer and kiosk are admitted. */
static Call
meet (Edge *e)
{
  Call call = { .link = relay (e), .counsel = edge_enter (e, "join"), .box = edge_enter_kiosk (e) };

  join (e, call.counsel, &call.seat, &call);
  join (e, call.box, &call.box_seat, &call);
  offer (&call, call.counsel);
  offer (&call, call.box);
  json_decref (socket_next (call.link, "open-room"));
  secured (call.counsel, 1);
  secured (call.box, 1);
  event (call.link, 1, "connected", call.room, call.seat);
  event (call.link, 2, "connected", call.room, call.box_seat);
  json_decref (socket_next (call.counsel, "admit"));
  json_decref (socket_next (call.box, "admit"));
  return call;
}

static void
a_join_answers_all_that_a_page_needs (Edge *e, gconstpointer data)
{
  Socket *socket = edge_enter (e, "join");
  g_autoptr (json_t) answer = socket_ask (socket, edge_join_message (e, e->p.booking));
  g_autoptr (json_t) seats = socket_next (socket, "seats");

  g_assert_cmpstr (text (answer, "booking"), ==, e->p.booking);
  g_assert_cmpstr (text (answer, "state"), ==, "waiting");
  g_assert_cmpint (json_integer_value (json_object_get (answer, "number")), ==, 0);
  g_assert_cmpint (
      json_integer_value (json_object_get (answer, "starts_at_us")), ==, HJ_FIXTURE_NOW_US);
  g_assert_nonnull (text (answer, "token"));
  g_assert_null (json_object_get (answer, "actor"));
  g_assert_null (json_object_get (answer, "lawyer"));
  g_assert_cmpstr (text (seats, "meeting"), ==, text (answer, "meeting"));
}

static void
a_ticket_opens_its_own_booking_only (Edge *e, gconstpointer data)
{
  const char *later
      = hj_meeting_place_book (&e->p, HJ_FIXTURE_NOW_US + 30 * HJ_MINUTE_US, "CONFIRMED");
  Socket *socket = edge_enter (e, "join");
  Socket *supervisor = edge_enter (e, "follow");

  g_assert_cmpstr (socket_ask_code (e, socket, edge_join_message (e, later)), ==, "not-found");
  g_assert_cmpstr (socket_ask_code (e, socket, verb ("join")), ==, "invalid");
  g_assert_cmpstr (
      socket_ask_code (e, supervisor, edge_join_message (e, e->p.booking)), ==, "not-found");
  g_assert_cmpstr (socket_ask_code (e, socket, verb ("follow")), ==, "not-found");
}

static void
a_refused_join_tells_the_findings (Edge *e, gconstpointer data)
{
  Socket *socket = edge_enter (e, "join");
  g_autoptr (json_t) answer = NULL;

  hj_there_sql (&e->p.f,
      "INSERT INTO lawyer_status (lawyer, status, from_us) VALUES (:id, 'suspended', 1)",
      e->p.lawyer);
  answer = socket_ask (socket, edge_join_message (e, e->p.booking));
  g_assert_cmpstr (text (answer, "code"), ==, "not-eligible");
  g_assert_cmpuint (json_array_size (json_object_get (answer, "findings")), >, 0);
}

static void
one_join_at_a_time (Edge *e, gconstpointer data)
{
  Socket *socket = edge_enter_kiosk (e);
  json_t *first = edge_join_message (e, e->p.booking);
  g_autoptr (json_t) answer = NULL;

  json_object_set_new (first, "id", json_integer (100));
  socket_send (socket, first);
  g_assert_cmpstr (socket_ask_code (e, socket, edge_join_message (e, e->p.booking)), ==, "state");
  answer = socket_next (socket, "join");
  g_assert_cmpstr (socket_ask_code (e, socket, edge_join_message (e, e->p.booking)), ==, "state");
}

static void
without_a_seat_there_is_nothing_to_say (Edge *e, gconstpointer data)
{
  Socket *socket = edge_enter (e, "join");

  g_assert_cmpstr (socket_ask_code (e, socket, verb ("leave")), ==, "state");
  g_assert_cmpstr (
      socket_ask_code (e, socket, json_pack ("{s:s, s:s}", "verb", "end", "reason", "done")), ==,
      "state");
  g_assert_cmpstr (
      socket_ask_code (e, socket, json_pack ("{s:s, s:s}", "verb", "offer", "sdp", "v=0")), ==,
      "state");
  g_assert_cmpstr (
      socket_ask_code (e, socket, json_pack ("{s:s, s:i}", "verb", "quality", "level", 1)), ==,
      "state");
}

static void
an_offer_reaches_the_relay_unread_and_its_answer_comes_back (Edge *e, gconstpointer data)
{
  static const char SDP[] = "v=0\r\nthis is \"no\" SDP at all \xe4\xbc\x9a\xe8\xa7\x81\r\n";
  Call call = { .link = relay (e), .counsel = edge_enter (e, "join") };
  g_autoptr (json_t) order = NULL;
  g_autoptr (json_t) answer = NULL;

  join (e, call.counsel, &call.seat, &call);
  socket_send (call.counsel,
      json_pack ("{s:s, s:s, s:s, s:i}", "verb", "offer", "sdp", SDP, "srtp", "cm", "id", 77));
  json_decref (socket_next (call.link, "open-room"));
  order = socket_next (call.link, "add-leg");
  g_assert_cmpstr (text (order, "offer"), ==, SDP);
  g_assert_cmpstr (text (order, "srtp"), ==, "cm");
  g_assert_cmpstr (text (order, "seat"), ==, call.seat);
  g_assert_cmpint (json_integer_value (json_object_get (order, "number")), ==, 0);
  socket_send (call.link, json_pack ("{s:s, s:O, s:b, s:s}", "verb", "reply", "re",
                              json_object_get (order, "id"), "ok", 1, "answer", SDP));
  answer = socket_next (call.counsel, "answer");
  g_assert_cmpint (json_integer_value (json_object_get (answer, "re")), ==, 77);
  g_assert_cmpstr (text (answer, "sdp"), ==, SDP);
}

static void
an_offer_that_does_not_read_is_refused (Edge *e, gconstpointer data)
{
  Call call = { .counsel = edge_enter (e, "join") };
  g_autofree char *long_sdp = g_strnfill (49153, 'x');

  join (e, call.counsel, &call.seat, &call);
  g_assert_cmpstr (socket_ask_code (e, call.counsel, verb ("offer")), ==, "invalid");
  g_assert_cmpstr (
      socket_ask_code (e, call.counsel, json_pack ("{s:s, s:s}", "verb", "offer", "sdp", long_sdp)),
      ==, "invalid");
  g_assert_cmpstr (socket_ask_code (e, call.counsel,
                       json_pack ("{s:s, s:s, s:s}", "verb", "offer", "sdp", "v=0", "srtp", "gcm")),
      ==, "invalid");
  g_assert_cmpstr (
      socket_ask_code (e, call.counsel, json_pack ("{s:s, s:s}", "verb", "offer", "sdp", "v=0")),
      ==, "unavailable");
}

static void
what_the_relay_refuses_is_told_in_words_for_people (Edge *e, gconstpointer data)
{
  static const struct
  {
    const char *relays, *told;
  } CASES[] = {
    { "bad-offer", "bad-offer" },
    { "full", "full" },
    { "no-room", "full" },
    { "no-seat", "unavailable" },
    { "bad-message", "unavailable" },
  };
  Call call = { .link = relay (e), .counsel = edge_enter (e, "join") };

  join (e, call.counsel, &call.seat, &call);
  for (gsize i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autoptr (json_t) order = NULL;
      g_autoptr (json_t) error = NULL;

      socket_send (call.counsel, json_pack ("{s:s, s:s}", "verb", "offer", "sdp", "v=0"));
      order = socket_next (call.link, "add-leg");
      socket_send (call.link,
          json_pack ("{s:s, s:O, s:b, s:s, s:s}", "verb", "reply", "re",
              json_object_get (order, "id"), "ok", 0, "code", CASES[i].relays, "detail", "x"));
      error = socket_next (call.counsel, "error");
      g_assert_cmpstr (text (error, "code"), ==, CASES[i].told);
    }
}

static void
both_are_admitted_and_see_each_other (Edge *e, gconstpointer data)
{
  Call call = meet (e);
  g_autoptr (json_t) order = socket_next (call.link, "admit");
  const json_t *seats = json_object_get (order, "seats");

  g_assert_cmpuint (json_array_size (seats), ==, 2);
  g_assert_cmpstr (json_string_value (json_array_get (seats, 0)), ==, call.seat);
}

static void
a_leave_is_answered_and_takes_the_leg_away (Edge *e, gconstpointer data)
{
  Call call = meet (e);
  g_autoptr (json_t) answer = socket_ask (call.counsel, verb ("leave"));
  g_autoptr (json_t) order = socket_next (call.link, "remove-leg");

  g_assert_cmpstr (text (answer, "verb"), ==, "leave");
  g_assert_cmpstr (text (order, "seat"), ==, call.seat);
  g_assert_cmpstr (socket_ask_code (e, call.counsel, verb ("leave")), ==, "state");
  g_assert_cmpstr (
      socket_ask_code (e, edge_open (e),
          json_pack ("{s:s, s:i, s:s}", "verb", "hello", "v", 1, "resume", call.token)),
      ==, "token");
}

static void
an_end_reaches_both_and_a_kiosk_may_go_on (Edge *e, gconstpointer data)
{
  Call call = meet (e);
  g_autoptr (json_t) mine = NULL;
  g_autoptr (json_t) theirs = NULL;
  g_autoptr (json_t) order = NULL;

  g_assert_cmpstr (
      socket_ask_code (e, call.box, json_pack ("{s:s, s:s}", "verb", "end", "reason", "bored")), ==,
      "invalid");
  g_assert_cmpstr (socket_ask_code (e, call.box, verb ("end")), ==, "invalid");
  socket_send (call.box, json_pack ("{s:s, s:s}", "verb", "end", "reason", "help"));
  mine = socket_next (call.box, "end");
  theirs = socket_next (call.counsel, "end");
  order = socket_next (call.link, "close-room");
  g_assert_cmpstr (text (theirs, "reason"), ==, "help");
  g_assert_cmpstr (text (theirs, "by"), ==, "kiosk");
  g_assert_cmpstr (text (order, "room"), ==, call.room);
  g_assert_cmpstr (socket_ask_code (e, call.box, edge_join_message (e, e->p.booking)), ==, "state");
  g_assert_cmpstr (
      hj_there_text (&e->p.f, "SELECT state FROM booking WHERE id = :id", e->p.booking), ==,
      "HELD");
}

static void
whoever_lost_the_socket_resumes_the_seat (Edge *e, gconstpointer data)
{
  Call call = meet (e);
  Socket *again;
  g_autoptr (json_t) hello = NULL;
  g_autoptr (json_t) seats = NULL;

  socket_close (call.counsel);
  again = edge_open (e);
  hello = socket_ask (
      again, json_pack ("{s:s, s:i, s:s}", "verb", "hello", "v", 1, "resume", call.token));
  g_assert_true (json_is_true (json_object_get (hello, "resumed")));
  g_assert_cmpstr (text (json_object_get (hello, "you"), "kind"), ==, "lawyer");
  seats = socket_next (again, "seats");
  g_assert_cmpstr (text (seats, "state"), ==, "live");
  g_assert_false (socket_has (again, "notice"));
  g_assert_cmpstr (socket_ask_code (e, again, edge_join_message (e, e->p.booking)), ==, "state");
}

static void
a_kiosk_resumes_although_its_old_socket_seems_to_be_there (Edge *e, gconstpointer data)
{
  Socket *old = edge_enter_kiosk (e);
  const char *token = edge_join (e, old);
  Socket *new = edge_open (e);
  g_autoptr (json_t) hello
      = socket_ask (new, json_pack ("{s:s, s:i, s:s}", "verb", "hello", "v", 1, "resume", token));

  g_assert_true (json_is_true (json_object_get (hello, "resumed")));
  g_assert_cmpstr (text (json_object_get (hello, "you"), "kind"), ==, "kiosk");
  json_decref (socket_next (new, "assign"));
  g_assert_cmpint (socket_wait_closed (old), ==, 4409);
  edge_quiet (e);
  g_assert_cmpint (hj_there_entries (&e->p.f, "drop", "done"), ==, 0);
  g_assert_cmpint (
      hj_there_count (&e->p.f, "SELECT online FROM kiosk WHERE id = :id", e->p.kiosk), ==, 1);
}

static void
a_second_page_sends_the_first_away (Edge *e, gconstpointer data)
{
  Call call = meet (e);
  Socket *second = edge_enter (e, "join");
  const char *seat;

  join (e, second, &seat, &call);
  g_assert_cmpstr (seat, ==, call.seat);
  g_assert_cmpint (socket_wait_closed (call.counsel), ==, 4409);
  edge_quiet (e);
  g_assert_cmpint (hj_there_entries (&e->p.f, "drop", "done"), ==, 0);
}

static void
a_supervisor_follows_the_snapshot_and_then_each_change (Edge *e, gconstpointer data)
{
  Socket *supervisor = edge_enter (e, "follow");
  g_autoptr (json_t) empty = socket_ask (supervisor, verb ("follow"));
  Call call = meet (e);
  g_autoptr (json_t) full = NULL;

  g_assert_cmpuint (json_array_size (json_object_get (empty, "meetings")), ==, 0);
  for (;;)
    {
      g_autoptr (json_t) change = socket_next (supervisor, "follow");
      const json_t *meeting = json_object_get (change, "meeting");

      g_assert_cmpstr (text (meeting, "id"), ==, call.room);
      g_assert_null (json_object_get (meeting, "record"));
      if (g_strcmp0 (text (meeting, "state"), "live") == 0)
        break;
    }
  full = socket_ask (supervisor, verb ("follow"));
  g_assert_cmpuint (json_array_size (json_object_get (full, "meetings")), ==, 1);
  g_assert_cmpint (hj_there_entries (&e->p.f, "follow", "done"), >=, 1);
}

static void
quality_is_kept_in_steps (Edge *e, gconstpointer data)
{
  Call call = { .counsel = edge_enter (e, "join") };

  join (e, call.counsel, &call.seat, &call);
  for (int level = 0; level <= 4; level += 4)
    g_assert_cmpstr (socket_ask_code (e, call.counsel,
                         json_pack ("{s:s, s:i}", "verb", "quality", "level", level)),
        ==, "invalid");
  socket_send (call.counsel, json_pack ("{s:s, s:i}", "verb", "quality", "level", 2));
  g_assert_cmpstr (socket_ask_code (e, call.counsel, verb ("x")), ==, "unknown-verb");
  hj_host_tick (e->host);
  edge_quiet (e);
  g_assert_cmpint (
      hj_there_count (&e->p.f, "SELECT quality FROM seat WHERE id = :id", call.seat), ==, 2);
}

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  EDGE_TEST ("/verbs/join", a_join_answers_all_that_a_page_needs);
  EDGE_TEST ("/verbs/join/ticket", a_ticket_opens_its_own_booking_only);
  EDGE_TEST ("/verbs/join/findings", a_refused_join_tells_the_findings);
  EDGE_TEST ("/verbs/join/one", one_join_at_a_time);
  EDGE_TEST ("/verbs/no-seat", without_a_seat_there_is_nothing_to_say);
  EDGE_TEST ("/verbs/offer", an_offer_reaches_the_relay_unread_and_its_answer_comes_back);
  EDGE_TEST ("/verbs/offer/invalid", an_offer_that_does_not_read_is_refused);
  EDGE_TEST ("/verbs/offer/refused", what_the_relay_refuses_is_told_in_words_for_people);
  EDGE_TEST ("/verbs/admit", both_are_admitted_and_see_each_other);
  EDGE_TEST ("/verbs/leave", a_leave_is_answered_and_takes_the_leg_away);
  EDGE_TEST ("/verbs/end", an_end_reaches_both_and_a_kiosk_may_go_on);
  EDGE_TEST ("/verbs/resume", whoever_lost_the_socket_resumes_the_seat);
  EDGE_TEST ("/verbs/resume/kiosk", a_kiosk_resumes_although_its_old_socket_seems_to_be_there);
  EDGE_TEST ("/verbs/take-over", a_second_page_sends_the_first_away);
  EDGE_TEST ("/verbs/follow", a_supervisor_follows_the_snapshot_and_then_each_change);
  EDGE_TEST ("/verbs/quality", quality_is_kept_in_steps);
  return g_test_run ();
}
