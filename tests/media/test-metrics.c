/* SPDX-License-Identifier: Apache-2.0 */
/* GET /metrics of the program that ships: what a scrape brings before, while and after people meet, what promtool says of it,
 * what is refused. argv[1] is the program, argv[2] promtool. */

#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <string.h>

#include "tests/media/relay-fixture.h"

static const char *program;
static const char *promtool;

typedef struct
{
  RelayFixture relay;
  char *socket_path;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autofree char *folder = g_dir_make_tmp ("huijian-metrics-XXXXXX", NULL);
  g_autofree char *config = NULL;

  f->socket_path = g_build_filename (folder, "metrics", NULL);
  config = g_strdup_printf ("metrics_socket=%s\n", f->socket_path);
  relay_set_up (&f->relay, program, config);
}

/* The program takes its socket away. */
static void
tear_down (Fixture *f, gconstpointer data)
{
  g_autofree char *folder = g_path_get_dirname (f->socket_path);

  relay_tear_down (&f->relay);
  g_assert_cmpint (g_remove (folder), ==, 0);
  g_free (f->socket_path);
}

/* Sends bytes as they are. Returns: (transfer full): all that comes until the other side has nothing more to say. */
static char *
ask (Fixture *f, const char *request, gsize length)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (f->socket_path);
  g_autoptr (GSocketConnection) connection
      = g_socket_client_connect (client, G_SOCKET_CONNECTABLE (address), NULL, NULL);
  GInputStream *in = NULL;
  g_autoptr (GString) answer = g_string_new (NULL);
  char part[4096];
  gssize n = 0;

  g_assert_nonnull (connection);
  g_socket_set_timeout (g_socket_connection_get_socket (connection), WAIT_MS / 1000);
  g_output_stream_write_all (
      g_io_stream_get_output_stream (G_IO_STREAM (connection)), request, length, NULL, NULL, NULL);
  in = g_io_stream_get_input_stream (G_IO_STREAM (connection));
  while ((n = g_input_stream_read (in, part, sizeof part, NULL, NULL)) > 0)
    g_string_append_len (answer, part, n);
  return g_string_free (g_steal_pointer (&answer), FALSE);
}

static char *
ask_text (Fixture *f, const char *request)
{
  return ask (f, request, strlen (request));
}

/* Returns: (transfer full): the body of a scrape. */
static char *
scrape (Fixture *f)
{
  g_autofree char *answer
      = ask_text (f, "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  const char *body = strstr (answer, "\r\n\r\n");

  g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 200 "));
  g_assert_nonnull (strstr (answer, "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
  g_assert_nonnull (body);
  return g_strdup (body + 4);
}

/* name: with its labels. */
static double
number (const char *text, const char *name)
{
  g_autofree char *line = g_strdup_printf ("\n%s ", name);
  const char *at = strstr (text, line);

  if (at == NULL)
    g_error ("no %s in: %s", name, text);
  return g_ascii_strtod (at + strlen (line), NULL);
}

static void
assert_promtool_likes (const char *text)
{
  g_autoptr (GSubprocess) check
      = g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE
                              | G_SUBPROCESS_FLAGS_STDERR_MERGE,
          NULL, promtool, "check", "metrics", NULL);
  g_autofree char *said = NULL;

  g_assert_nonnull (check);
  g_assert_true (g_subprocess_communicate_utf8 (check, text, NULL, &said, NULL, NULL));
  g_assert_cmpstr (said, ==, "");
  g_assert_cmpint (g_subprocess_get_exit_status (check), ==, 0);
}

static void
a_node_at_rest_can_be_scraped (Fixture *f, gconstpointer data)
{
  g_autofree char *text = scrape (f);

  assert_promtool_likes (text);
  g_assert_cmpfloat (number (text, "huijian_media_workers"), ==, 1);
  g_assert_cmpfloat (number (text, "huijian_media_capacity_seats"), ==, 4);
  g_assert_cmpfloat (number (text, "huijian_media_link_up"), ==, 1);
  g_assert_cmpfloat (number (text, "huijian_media_draining"), ==, 0);
  g_assert_cmpfloat (number (text, "huijian_media_rooms{worker=\"0\"}"), ==, 0);
  g_assert_cmpfloat (number (text, "huijian_media_legs{worker=\"0\",state=\"connected\"}"), ==, 0);
  g_assert_cmpfloat (number (text, "process_resident_memory_bytes"), >, 1e6);
}

static void
a_meeting_is_counted_and_nobody_is_named (Fixture *f, gconstpointer data)
{
  g_autofree char *text = NULL;

  relay_meet (&f->relay);
  relay_assert_media_flows (&f->relay, 1);
  text = scrape (f);
  assert_promtool_likes (text);
  g_assert_cmpfloat (number (text, "huijian_media_rooms{worker=\"0\"}"), ==, 1);
  g_assert_cmpfloat (number (text, "huijian_media_seats{worker=\"0\"}"), ==, 2);
  g_assert_cmpfloat (number (text, "huijian_media_legs{worker=\"0\",state=\"connected\"}"), ==, 2);
  g_assert_cmpfloat (number (text, "huijian_media_forwarded_packets_total{worker=\"0\"}"), ==, 2);
  g_assert_cmpfloat (
      number (text, "huijian_media_forwarded_media_bytes_total{worker=\"0\"}"), >, 20);
  g_assert_cmpfloat (number (text, "huijian_media_received_packets_total{worker=\"0\"}"), >=,
      number (text, "huijian_media_batch_packets_count{worker=\"0\"}"));
  g_assert_cmpfloat (number (text, "huijian_media_sent_packets_total{worker=\"0\"}"), >=,
      number (text, "huijian_media_sent_messages_total{worker=\"0\"}"));
  g_assert_cmpfloat (number (text, "huijian_media_worker_cpu_seconds_total{worker=\"0\"}"), >, 0);
  g_assert_cmpfloat (number (text, "huijian_media_events_kept"), >=, 2);
  g_assert_null (strstr (text, f->relay.room));
  g_assert_null (strstr (text, f->relay.seats[0]));
  g_assert_null (strstr (text, "127.0.0.1"));
}

static void
everything_else_is_refused (Fixture *f, gconstpointer data)
{
  static const struct
  {
    const char *request;
    const char *answer;
  } CASES[] = {
    { "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "HTTP/1.1 404 " },
    { "GET /metrics/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "HTTP/1.1 404 " },
    { "GET /link HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "HTTP/1.1 404 " },
    { "POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 405 " },
    { "DELETE /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "HTTP/1.1 405 " },
    { "GET /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\nConnection: "
      "close\r\n\r\n",
        "HTTP/1.1 413 " },
    { "POST /metrics HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", "HTTP/1.1 413 " },
  };
  g_autofree char *text = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      g_autofree char *answer = ask_text (f, CASES[i].request);

      if (!g_str_has_prefix (answer, CASES[i].answer))
        g_error ("%s was answered with %s", CASES[i].request, answer);
    }
  text = scrape (f);
  g_assert_nonnull (strstr (text, "huijian_media_info"));
}

static void
a_huge_head_does_no_harm (Fixture *f, gconstpointer data)
{
  g_autoptr (GString) request = g_string_new ("GET /metrics HTTP/1.1\r\nHost: x\r\nX: ");
  g_autofree char *answer = NULL;
  g_autofree char *text = NULL;

  for (guint i = 0; i < 1000000; i++)
    g_string_append_c (request, 'a');
  g_string_append (request, "\r\nConnection: close\r\n\r\n");
  answer = ask (f, request->str, request->len);
  g_assert_false (g_str_has_prefix (answer, "HTTP/1.1 200 "));
  text = scrape (f);
  g_assert_nonnull (strstr (text, "huijian_media_info"));
}

static void
add (const char *path, void (*test) (Fixture *f, gconstpointer data))
{
  g_test_add (path, Fixture, NULL, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  program = argv[1];
  promtool = argv[2];
  add ("/metrics/a-node-at-rest-can-be-scraped", a_node_at_rest_can_be_scraped);
  add ("/metrics/a-meeting-is-counted-and-nobody-is-named",
      a_meeting_is_counted_and_nobody_is_named);
  add ("/metrics/everything-else-is-refused", everything_else_is_refused);
  add ("/metrics/a-huge-head-does-no-harm", a_huge_head_does_no_harm);
  return g_test_run ();
}
