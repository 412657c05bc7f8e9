/* SPDX-License-Identifier: Apache-2.0 */
/* signaling/ws/server.c: who may open a socket, what may come through it, and that two listeners are two. */

#include <glib/gstdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "signaling/ws/server.h"
#include "tests/signaling/wire.h"
#include "tests/support/expect-log.h"

#define ORIGIN "https://meet.example"
#define MAX_MESSAGE 70000

typedef struct
{
  const char *name;
  HjWsConnection *connection; /* the last one */
  int opened, closed;
  GString *received;
  gboolean echoes;
} Ear;

typedef struct
{
  char *folder;
  char *outside, *inside;
  HjWs *ws;
  Ear page, relay;
} Fixture;

static gpointer
opened (HjWsConnection *connection, gpointer data)
{
  Ear *ear = data;

  ear->opened++;
  ear->connection = connection;
  return ear;
}

static void
received (gpointer data, const char *text, gsize size)
{
  Ear *ear = data;

  g_string_append_printf (ear->received, "[%.*s]", (int)size, text);
  if (ear->echoes)
    hj_ws_connection_send (ear->connection, g_strndup (text, size));
}

static void
closed (gpointer data)
{
  ((Ear *)data)->closed++;
}

static const HjWsHandler HANDLER = { opened, received, closed };

static void
set_up (Fixture *f, gconstpointer data)
{
  static const char *const ORIGINS[] = { ORIGIN, NULL };
  HjWsListener page = { .mode = 0660,
    .subprotocol = "page.v1",
    .max_message = MAX_MESSAGE,
    .origins = ORIGINS,
    .handler = &HANDLER,
    .data = &f->page };
  HjWsListener relay = { .mode = 0600,
    .subprotocol = "relay.v1",
    .max_message = MAX_MESSAGE,
    .handler = &HANDLER,
    .data = &f->relay };
  g_autoptr (GError) error = NULL;

  f->folder = g_dir_make_tmp ("hj-ws-XXXXXX", NULL);
  page.socket_path = f->outside = g_build_filename (f->folder, "page", NULL);
  relay.socket_path = f->inside = g_build_filename (f->folder, "relay", NULL);
  f->page.received = g_string_new (NULL);
  f->relay.received = g_string_new (NULL);
  f->ws = hj_ws_new ();
  hj_ws_listen (f->ws, &page, &error);
  g_assert_no_error (error);
  hj_ws_listen (f->ws, &relay, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_clear_pointer (&f->ws, hj_ws_free);
  g_assert_cmpint (f->page.opened, ==, f->page.closed);
  g_assert_cmpint (f->relay.opened, ==, f->relay.closed);
  g_string_free (f->page.received, TRUE);
  g_string_free (f->relay.received, TRUE);
  g_unlink (f->outside);
  g_unlink (f->inside);
  g_rmdir (f->folder);
  g_free (f->outside);
  g_free (f->inside);
  g_free (f->folder);
}

static Wire *
open_page (Fixture *f)
{
  Wire *wire = wire_new (f->outside);

  g_assert_cmpint (wire_handshake (wire, "/ws", "meet.example", ORIGIN, "page.v1"), ==, 101);
  HJ_WAIT_UNTIL (f->page.opened > f->page.closed);
  return wire;
}

static void
a_page_from_our_origin_is_let_in (Fixture *f, gconstpointer data)
{
  g_autoptr (Wire) wire = open_page (f);

  wire_send (wire, TRUE, WIRE_TEXT, "hello", 5);
  HJ_WAIT_UNTIL (f->page.received->len > 0);
  g_assert_cmpstr (f->page.received->str, ==, "[hello]");
}

static void
a_page_from_elsewhere_is_not (Fixture *f, gconstpointer data)
{
  static const char *const ORIGINS[] = { NULL, "https://evil.example", "https://meet.example.evil",
    "http://meet.example", "https://meet.example:444", "null", "" };

  for (gsize i = 0; i < G_N_ELEMENTS (ORIGINS); i++)
    {
      g_autoptr (Wire) wire = wire_new (f->outside);

      g_assert_cmpint (
          wire_handshake (wire, "/ws", "meet.example", ORIGINS[i], "page.v1"), !=, 101);
    }
  g_assert_cmpint (f->page.opened, ==, 0);
}

static void
another_subprotocol_or_none_is_not_let_in (Fixture *f, gconstpointer data)
{
  static const char *const PROTOCOLS[] = { NULL, "relay.v1", "page.v2", "", "page" };

  for (gsize i = 0; i < G_N_ELEMENTS (PROTOCOLS); i++)
    {
      g_autoptr (Wire) wire = wire_new (f->outside);

      g_assert_cmpint (wire_handshake (wire, "/ws", "meet.example", ORIGIN, PROTOCOLS[i]), !=, 101);
    }
  g_assert_cmpint (f->page.opened, ==, 0);
}

static void
a_plain_request_is_not_served (Fixture *f, gconstpointer data)
{
  static const char REQUEST[] = "GET / HTTP/1.1\r\nHost: meet.example\r\n\r\n";
  g_autoptr (Wire) wire = wire_new (f->outside);

  wire_write (wire, REQUEST, strlen (REQUEST));
  g_assert_cmpint (wire_read_status (wire), !=, 200);
  HJ_WAIT_UNTIL (wire->closed);
}

/* Within one context libwebsockets chooses by the Host header. */
static void
two_listeners_are_two_whatever_the_host_header_says (Fixture *f, gconstpointer data)
{
  static const char *const HOSTS[]
      = { "relay", "relay.v1", "localhost", "huijiand", "default", "page", "127.0.0.1" };

  for (gsize i = 0; i < G_N_ELEMENTS (HOSTS); i++)
    {
      g_autoptr (Wire) across = wire_new (f->outside);
      g_autoptr (Wire) back = wire_new (f->inside);
      g_autoptr (Wire) inside = wire_new (f->inside);

      g_assert_cmpint (wire_handshake (across, "/link", HOSTS[i], ORIGIN, "relay.v1"), !=, 101);
      g_assert_cmpint (wire_handshake (back, "/ws", HOSTS[i], ORIGIN, "page.v1"), !=, 101);
      g_assert_cmpint (f->relay.opened, ==, (int)i);
      g_assert_cmpint (wire_handshake (inside, "/link", HOSTS[i], NULL, "relay.v1"), ==, 101);
      HJ_WAIT_UNTIL (f->relay.opened == (int)i + 1);
    }
  g_assert_cmpint (f->page.opened, ==, 0);
}

static void
the_sockets_have_their_permissions (Fixture *f, gconstpointer data)
{
  GStatBuf outside, inside;

  g_assert_cmpint (g_stat (f->outside, &outside), ==, 0);
  g_assert_cmpint (g_stat (f->inside, &inside), ==, 0);
  g_assert_cmpint (outside.st_mode & 0777, ==, 0660);
  g_assert_cmpint (inside.st_mode & 0777, ==, 0600);
}

static void
fragments_are_one_message (Fixture *f, gconstpointer data)
{
  g_autoptr (Wire) wire = open_page (f);
  g_autofree char *pong = NULL;

  wire_send (wire, FALSE, WIRE_TEXT, "he", 2);
  wire_send (wire, FALSE, 0, "l", 1);
  wire_send (wire, TRUE, WIRE_PING, "?", 1);
  wire_send (wire, TRUE, 0, "lo", 2);
  wire_send (wire, TRUE, WIRE_TEXT, "again", 5);
  HJ_WAIT_UNTIL (strstr (f->page.received->str, "again") != NULL);
  g_assert_cmpstr (f->page.received->str, ==, "[hello][again]");
  g_assert_cmpint (wire_receive (wire, &pong), ==, WIRE_PONG);
}

static void
the_longest_message_passes_and_one_byte_more_closes (Fixture *f, gconstpointer data)
{
  g_autofree char *text = g_strnfill (MAX_MESSAGE + 1, 'x');
  g_autoptr (Wire) wire = open_page (f);

  wire_send (wire, TRUE, WIRE_TEXT, text, MAX_MESSAGE);
  HJ_WAIT_UNTIL (f->page.received->len == MAX_MESSAGE + 2);
  g_string_truncate (f->page.received, 0);
  wire_send (wire, TRUE, WIRE_TEXT, text, MAX_MESSAGE + 1);
  g_assert_cmpint (wire_receive_close (wire), ==, 1009);
  HJ_WAIT_UNTIL (f->page.closed == 1);
  g_assert_cmpuint (f->page.received->len, ==, 0);
}

static void
many_small_fragments_are_too_long_as_well (Fixture *f, gconstpointer data)
{
  g_autofree char *text = g_strnfill (1000, 'x');
  g_autoptr (Wire) wire = open_page (f);

  for (int i = 0; i <= MAX_MESSAGE / 1000; i++)
    wire_send (wire, FALSE, i == 0 ? WIRE_TEXT : 0, text, 1000);
  g_assert_cmpint (wire_receive_close (wire), ==, 1009);
  g_assert_cmpuint (f->page.received->len, ==, 0);
}

static void
binary_is_refused (Fixture *f, gconstpointer data)
{
  g_autoptr (Wire) whole = open_page (f);
  g_autoptr (Wire) parts = NULL;

  wire_send (whole, TRUE, WIRE_BINARY, "hello", 5);
  g_assert_cmpint (wire_receive_close (whole), ==, 1003);
  HJ_WAIT_UNTIL (f->page.closed == 1);
  parts = open_page (f);
  wire_send (parts, FALSE, WIRE_BINARY, "he", 2);
  wire_send (parts, TRUE, 0, "llo", 3);
  g_assert_cmpint (wire_receive_close (parts), ==, 1003);
  g_assert_cmpuint (f->page.received->len, ==, 0);
}

static void
what_was_sent_goes_out_before_the_close_and_nothing_is_heard_after (Fixture *f, gconstpointer data)
{
  g_autoptr (Wire) wire = open_page (f);
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  hj_ws_connection_send (f->page.connection, g_strdup ("one"));
  hj_ws_connection_send (f->page.connection, g_strdup ("two"));
  hj_ws_connection_close (f->page.connection, 4400, "enough");
  hj_ws_connection_close (f->page.connection, 4401, "later");
  wire_send (wire, TRUE, WIRE_TEXT, "late", 4);
  g_assert_cmpint (wire_receive (wire, &first), ==, WIRE_TEXT);
  g_assert_cmpstr (first, ==, "one");
  g_assert_cmpint (wire_receive (wire, &second), ==, WIRE_TEXT);
  g_assert_cmpstr (second, ==, "two");
  g_assert_cmpint (wire_receive_close (wire), ==, 4400);
  HJ_WAIT_UNTIL (f->page.closed == 1);
  g_assert_cmpuint (f->page.received->len, ==, 0);
}

static void
who_does_not_read_is_closed (Fixture *f, gconstpointer data)
{
  g_autoptr (Wire) wire = open_page (f);

  g_source_destroy (wire->source);
  for (int i = 0; i < 200; i++)
    hj_ws_connection_send (f->page.connection, g_strnfill (60000, 'x'));
  g_assert_cmpuint (hj_ws_connection_get_backlog (f->page.connection), <, 5 * 1024 * 1024);
  HJ_WAIT_UNTIL (f->page.closed == 1);
}

static void
each_connection_that_hangs_up_is_closed_once (Fixture *f, gconstpointer data)
{
  for (int i = 0; i < 20; i++)
    {
      Wire *wire = open_page (f);

      if (i % 2 == 0)
        wire_send (wire, TRUE, WIRE_CLOSE, "\x03\xe8", 2);
      wire_free (wire);
      HJ_WAIT_UNTIL (f->page.closed == i + 1);
    }
}

static void
without_descriptors_it_waits_and_does_not_turn_in_circles (Fixture *f, gconstpointer data)
{
  g_autoptr (Wire) wire = wire_new (f->outside);
  int first_free = dup (0);
  struct rlimit before, none;
  guint turns = 0;
  gint64 until_us;

  close (first_free);
  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &before), ==, 0);
  none = before;
  none.rlim_cur = (rlim_t)first_free;
  hj_expect_log (G_LOG_LEVEL_WARNING, "cannot take a connection*");
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &none), ==, 0);
  until_us = g_get_monotonic_time () + 50000;
  while (g_get_monotonic_time () < until_us)
    {
      turns += g_main_context_iteration (NULL, FALSE);
      g_usleep (100);
    }
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &before), ==, 0);
  g_assert_cmpuint (turns, <, 50);
  g_assert_cmpint (wire_handshake (wire, "/ws", "meet.example", ORIGIN, "page.v1"), ==, 101);
  hj_assert_expected_logs ();
}

static void
a_path_that_cannot_be_made_is_an_error (Fixture *f, gconstpointer data)
{
  HjWsListener listener = { .socket_path = "/nonexistent/socket",
    .mode = 0600,
    .subprotocol = "x",
    .max_message = 1,
    .handler = &HANDLER,
    .data = &f->page };
  g_autoptr (GError) error = NULL;

  g_assert_false (hj_ws_listen (f->ws, &listener, &error));
  g_assert_nonnull (strstr (error->message, "/nonexistent/socket"));
}

#define WS_TEST(PATH, FUNCTION) g_test_add (PATH, Fixture, NULL, set_up, FUNCTION, tear_down)

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  WS_TEST ("/ws/origin/ours", a_page_from_our_origin_is_let_in);
  WS_TEST ("/ws/origin/others", a_page_from_elsewhere_is_not);
  WS_TEST ("/ws/subprotocol", another_subprotocol_or_none_is_not_let_in);
  WS_TEST ("/ws/plain", a_plain_request_is_not_served);
  WS_TEST ("/ws/listeners", two_listeners_are_two_whatever_the_host_header_says);
  WS_TEST ("/ws/permissions", the_sockets_have_their_permissions);
  WS_TEST ("/ws/fragments", fragments_are_one_message);
  WS_TEST ("/ws/size", the_longest_message_passes_and_one_byte_more_closes);
  WS_TEST ("/ws/size/fragments", many_small_fragments_are_too_long_as_well);
  WS_TEST ("/ws/binary", binary_is_refused);
  WS_TEST ("/ws/close", what_was_sent_goes_out_before_the_close_and_nothing_is_heard_after);
  WS_TEST ("/ws/slow", who_does_not_read_is_closed);
  WS_TEST ("/ws/hang-up", each_connection_that_hangs_up_is_closed_once);
  WS_TEST ("/ws/descriptors", without_descriptors_it_waits_and_does_not_turn_in_circles);
  WS_TEST ("/ws/path", a_path_that_cannot_be_made_is_an_error);
  return g_test_run ();
}
