/* SPDX-License-Identifier: Apache-2.0 */
/* signaling/verbs/key.c, secured.c, verify.c over real sockets: what is passed on unread, what is refused and in which word. */

#include "src/meeting/acts.h"
#include "tests/signaling/edge.h"
#include "tests/support/expect-log.h"

#define BODY_MAX 2048

typedef struct
{
  Socket *counsel, *box;
  const char *seat, *box_seat;
} Call;

static const char *
text (const json_t *message, const char *key)
{
  return json_string_value (json_object_get (message, key));
}

static json_t *
key (const char *to, const char *body)
{
  return json_pack ("{s:s, s:s*, s:s*}", "verb", "key", "to", to, "body", body);
}

static json_t *
secured (gint64 epoch)
{
  return json_pack ("{s:s, s:I}", "verb", "secured", "epoch", (json_int_t)epoch);
}

static json_t *
verify (gint64 epoch, const char *result)
{
  return json_pack (
      "{s:s, s:I, s:s*}", "verb", "verify", "epoch", (json_int_t)epoch, "result", result);
}

/* Returns: (transfer none): the seat. */
static const char *
join (Edge *e, Socket *socket)
{
  g_autoptr (json_t) answer = socket_ask (socket, edge_join_message (e, e->p.booking));

  g_assert_cmpstr (text (answer, "verb"), ==, "join");
  return hj_text_of (&e->p, answer, "seat");
}

static Call
sit (Edge *e)
{
  Call call = { .counsel = edge_enter (e, "join"), .box = edge_enter_kiosk (e) };

  call.seat = join (e, call.counsel);
  call.box_seat = join (e, call.box);
  return call;
}

/* Until all that this socket said before has been done. */
static void
settled (Edge *e, Socket *socket)
{
  g_assert_cmpstr (socket_ask_code (e, socket, hj_about ("verb", "x")), ==, "unknown-verb");
  edge_quiet (e);
}

static void
a_key_is_passed_on_as_it_came (Edge *e, gconstpointer data)
{
  Call call = sit (e);
  g_autofree char *longest = g_strnfill (BODY_MAX, '-');
  const char *const bodies[] = { "A", "Zm9vX2Jhci0", longest };

  for (gsize i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      g_autoptr (json_t) passed = NULL;

      socket_send (call.counsel, key (i % 2 == 0 ? NULL : call.box_seat, bodies[i]));
      passed = socket_next (call.box, "key");
      g_assert_cmpstr (text (passed, "body"), ==, bodies[i]);
      g_assert_cmpstr (text (passed, "from"), ==, call.seat);
      g_assert_nonnull (text (passed, "meeting"));
      g_assert_cmpuint (json_object_size (passed), ==, 4);
    }
  settled (e, call.counsel);
  g_assert_false (socket_has (call.counsel, "key"));
  g_assert_false (socket_has (call.counsel, "error"));
}

static void
a_key_is_neither_kept_nor_recorded (Edge *e, gconstpointer data)
{
  Call call = sit (e);
  gint64 entries = hj_there_count (&e->p.f, "SELECT COUNT (*) FROM audit_entry", NULL);

  socket_send (call.counsel, key (NULL, "c2VjcmV0"));
  json_decref (socket_next (call.box, "key"));
  edge_quiet (e);
  g_assert_cmpint (
      hj_there_count (&e->p.f, "SELECT COUNT (*) FROM audit_entry", NULL), ==, entries);
}

static void
a_key_that_does_not_read_is_refused (Edge *e, gconstpointer data)
{
  Call call = sit (e);
  g_autofree char *too_long = g_strnfill (BODY_MAX + 1, 'A');
  const char *const bodies[] = { NULL, "", "Zm9v=", "Zm9v+", "Zm 9v", "Zm9v\n", "键", too_long };

  for (gsize i = 0; i < G_N_ELEMENTS (bodies); i++)
    g_assert_cmpstr (socket_ask_code (e, call.counsel, key (NULL, bodies[i])), ==, "invalid");
  g_assert_cmpstr (socket_ask_code (e, call.box, key ("no id", "Zm9v")), ==, "invalid");
  g_assert_cmpstr (socket_ask_code (e, call.box,
                       json_pack ("{s:s, s:i, s:s}", "verb", "key", "to", 1, "body", "Zm9v")),
      ==, "invalid");
  g_assert_cmpstr (
      socket_ask_code (e, call.box, json_pack ("{s:s, s:i}", "verb", "key", "body", 1)), ==,
      "invalid");
  g_assert_false (socket_has (call.box, "key"));
}

static void
a_key_goes_to_a_seat_of_the_meeting (Edge *e, gconstpointer data)
{
  Call call = sit (e);

  g_assert_cmpstr (socket_ask_code (e, call.counsel, key ("aaaaaaaaaaaaaaaaaaaaaaaaaa", "Zm9v")),
      ==, "not-found");
  g_assert_cmpstr (socket_ask_code (e, call.counsel, key (call.seat, "Zm9v")), ==, "not-found");
  socket_close (call.box);
  edge_quiet (e);
  socket_send (call.counsel, key (call.box_seat, "Zm9v"));
  settled (e, call.counsel);
  g_assert_false (socket_has (call.counsel, "error"));
}

static void
without_a_seat_there_are_no_keys (Edge *e, gconstpointer data)
{
  Socket *sockets[] = { edge_enter (e, "join"), edge_enter (e, "follow"), edge_enter_kiosk (e) };

  for (gsize i = 0; i < G_N_ELEMENTS (sockets); i++)
    {
      g_assert_cmpstr (socket_ask_code (e, sockets[i], key (NULL, "Zm9v")), ==, "state");
      g_assert_cmpstr (socket_ask_code (e, sockets[i], secured (1)), ==, "state");
      g_assert_cmpstr (socket_ask_code (e, sockets[i], verify (1, "same")), ==, "state");
    }
}

static void
keys_count_against_the_patience (Edge *e, gconstpointer data)
{
  Call call = sit (e);
  g_autoptr (json_t) error = NULL;

  for (int i = 0; i < 200; i++)
    socket_send (call.counsel, key (NULL, "Zm9v"));
  error = socket_next (call.counsel, "error");
  g_assert_cmpstr (text (error, "code"), ==, "too-many");
  g_assert_cmpint (socket_wait_closed (call.counsel), ==, 4400);
}

static void
secured_is_kept_and_not_answered (Edge *e, gconstpointer data)
{
  Call call = sit (e);
  static const gint64 WRONG[] = { 0, (gint64)G_MAXUINT32 + 1 };

  for (gsize i = 0; i < G_N_ELEMENTS (WRONG); i++)
    g_assert_cmpstr (socket_ask_code (e, call.counsel, secured (WRONG[i])), ==, "invalid");
  g_assert_cmpstr (socket_ask_code (e, call.counsel, hj_about ("verb", "secured")), ==, "invalid");
  socket_send (call.counsel, secured (4));
  settled (e, call.counsel);
  g_assert_false (socket_has (call.counsel, "secured"));
  g_assert_false (socket_has (call.counsel, "error"));
  g_assert_cmpint (
      hj_there_count (&e->p.f, "SELECT epoch FROM seat WHERE id = :id", call.seat), ==, 4);
}

static void
too_many_epochs_are_told (Edge *e, gconstpointer data)
{
  Call call = sit (e);

  for (int epoch = 1; epoch <= 12; epoch++)
    socket_send (call.counsel, secured (epoch));
  g_assert_cmpstr (socket_ask_code (e, call.counsel, secured (13)), ==, "too-many");
}

static void
a_comparison_is_answered (Edge *e, gconstpointer data)
{
  Call call = sit (e);
  g_autoptr (json_t) answer = NULL;

  g_assert_cmpstr (socket_ask_code (e, call.counsel, verify (1, "same")), ==, "state");
  g_assert_cmpstr (socket_ask_code (e, call.counsel, verify (0, "different")), ==, "invalid");
  g_assert_cmpstr (socket_ask_code (e, call.counsel, verify (1, NULL)), ==, "invalid");
  g_assert_cmpstr (socket_ask_code (e, call.counsel, verify (1, "perhaps")), ==, "invalid");
  socket_send (call.counsel, secured (1));
  answer = socket_ask (call.counsel, verify (1, "same"));
  g_assert_cmpstr (text (answer, "verb"), ==, "verify");
  g_assert_false (socket_has (call.box, "end"));
}

static void
a_difference_is_answered_and_ends_it (Edge *e, gconstpointer data)
{
  Call call = sit (e);
  g_autoptr (json_t) answer = socket_ask (call.box, verify (1, "different"));
  g_autoptr (json_t) mine = socket_next (call.box, "end");
  g_autoptr (json_t) theirs = socket_next (call.counsel, "end");

  g_assert_cmpstr (text (answer, "verb"), ==, "verify");
  g_assert_cmpstr (text (theirs, "reason"), ==, "code-different");
  g_assert_cmpstr (text (theirs, "by"), ==, "kiosk");
  g_assert_true (json_equal (mine, theirs));
  g_assert_cmpstr (socket_ask_code (e, call.counsel, key (NULL, "Zm9v")), ==, "state");
  g_assert_cmpstr (
      hj_there_text (&e->p.f, "SELECT state FROM booking WHERE id = :id", e->p.booking), ==,
      "NOT_HELD");
}

static void
a_join_tells_role_and_identity_and_names_a_device (Edge *e, gconstpointer data)
{
  Socket *counsel = edge_enter (e, "join");
  g_autoptr (json_t) answer = NULL;
  g_autoptr (json_t) seats = NULL;
  const json_t *seat;

  g_assert_cmpstr (socket_ask_code (e, counsel,
                       json_pack ("{s:s, s:s}", "verb", "join", "booking", e->p.booking)),
      ==, "device");
  g_assert_cmpstr (
      socket_ask_code (e, counsel,
          json_pack ("{s:s, s:s, s:i}", "verb", "join", "booking", e->p.booking, "device", 1)),
      ==, "invalid");
  answer = socket_ask (counsel, edge_join_message (e, e->p.booking));
  seats = socket_next (counsel, "seats");
  seat = json_array_get (json_object_get (seats, "seats"), 0);
  g_assert_cmpstr (text (answer, "role"), ==, "lawyer");
  g_assert_cmpstr (text (seat, "role"), ==, "lawyer");
  g_assert_cmpstr (text (seat, "identity"), ==,
      hj_meeting_place_identity (&e->p, hj_actor_get_id (e->p.counsel)));
  g_assert_null (json_object_get (answer, "actor"));
}

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  EDGE_TEST ("/verbs/key", a_key_is_passed_on_as_it_came);
  EDGE_TEST ("/verbs/key/trace", a_key_is_neither_kept_nor_recorded);
  EDGE_TEST ("/verbs/key/invalid", a_key_that_does_not_read_is_refused);
  EDGE_TEST ("/verbs/key/to", a_key_goes_to_a_seat_of_the_meeting);
  EDGE_TEST ("/verbs/key/no-seat", without_a_seat_there_are_no_keys);
  EDGE_TEST ("/verbs/key/patience", keys_count_against_the_patience);
  EDGE_TEST ("/verbs/secured", secured_is_kept_and_not_answered);
  EDGE_TEST ("/verbs/secured/too-many", too_many_epochs_are_told);
  EDGE_TEST ("/verbs/verify", a_comparison_is_answered);
  EDGE_TEST ("/verbs/verify/different", a_difference_is_answered_and_ends_it);
  EDGE_TEST ("/verbs/join/device", a_join_tells_role_and_identity_and_names_a_device);
  return g_test_run ();
}
