/* SPDX-License-Identifier: Apache-2.0 */
/* What the kiosk serves on 127.0.0.1 and to whom. */

#include <unistd.h>

#include "src/kiosk/error.h"
#include "src/kiosk/page-server.h"
#include "tests/kiosk/fake-page.h"
#include "tests/kiosk/kiosk-fixture.h"
#include "tests/support/expect-log.h"

typedef struct
{
  char *folder;
  HjPageServer *server;
  char *url;
  char *origin;
  guint accepted;
} Fixture;

typedef struct
{
  guint status;
  char *body;
  SoupMessage *message;
} Answer;

static void
on_accepted (SoupWebsocketConnection *socket, gpointer data)
{
  Fixture *f = data;

  f->accepted++;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *page = NULL;
  g_autofree char *link = NULL;

  f->folder = temporary_folder ();
  page = g_build_filename (f->folder, "page", NULL);
  link = g_build_filename (page, "link.txt", NULL);
  write_file (f->folder, "page/index.html", "<!doctype html>");
  write_file (f->folder, "page/assets/page.js", "1;");
  write_file (f->folder, "page/.hidden", "hidden");
  write_file (f->folder, "secret.txt", "secret");
  g_assert_cmpint (symlink ("../secret.txt", link), ==, 0);
  f->server = hj_page_server_new (hj_page_files_load (page, &error), 0, on_accepted, f, &error);
  g_assert_no_error (error);
  f->url = hj_page_server_url (f->server);
  f->origin = fake_page_origin (f->url);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  hj_page_server_free (f->server);
  remove_folder (f->folder);
  g_free (f->folder);
  g_free (f->url);
  g_free (f->origin);
}

static void
answer_clear (Answer *answer)
{
  g_free (answer->body);
  g_object_unref (answer->message);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Answer, answer_clear)

static void
on_read (GObject *source, GAsyncResult *result, gpointer data)
{
  *(GBytes **)data = soup_session_send_and_read_finish (SOUP_SESSION (source), result, NULL);
}

static Answer
ask (Fixture *f, const char *method, const char *path, const char *host)
{
  g_autofree char *url = g_strconcat (f->origin, path, NULL);
  g_autoptr (SoupSession) session = soup_session_new ();
  g_autoptr (GUri) uri = g_uri_parse (url, G_URI_FLAGS_ENCODED | G_URI_FLAGS_PARSE_RELAXED, NULL);
  Answer answer = { 0, NULL, soup_message_new_from_uri (method, uri) };
  g_autoptr (GBytes) bytes = NULL;
  SoupMessageHeaders *headers = soup_message_get_request_headers (answer.message);

  if (host != NULL)
    soup_message_headers_replace (headers, "Host", host);
  soup_session_send_and_read_async (
      session, answer.message, G_PRIORITY_DEFAULT, NULL, on_read, &bytes);
  AWAIT (bytes != NULL);
  answer.status = soup_message_get_status (answer.message);
  answer.body = g_bytes_get_size (bytes) > 0
                    ? g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes))
                    : g_strdup ("");
  return answer;
}

static const char *
header (Answer *answer, const char *name)
{
  return soup_message_headers_get_one (soup_message_get_response_headers (answer->message), name);
}

static void
the_page_comes_with_strict_headers (Fixture *f, gconstpointer data)
{
  g_auto (Answer) page = ask (f, "GET", "/?token=anything", NULL);
  g_auto (Answer) script = ask (f, "GET", "/assets/page.js", NULL);
  const char *policy = header (&page, "Content-Security-Policy");

  g_assert_cmpuint (page.status, ==, 200);
  g_assert_cmpstr (page.body, ==, "<!doctype html>");
  g_assert_nonnull (strstr (policy, "default-src 'none'"));
  g_assert_nonnull (strstr (policy, "frame-ancestors 'none'"));
  g_assert_null (strstr (policy, "unsafe"));
  g_assert_null (strstr (policy, "*"));
  g_assert_nonnull (strstr (policy, "worker-src 'self';"));
  g_assert_true (g_str_has_suffix (
      policy, "; require-trusted-types-for 'script'; trusted-types lit-html huijian-worker"));
  g_assert_cmpstr (header (&page, "Cache-Control"), ==, "no-store");
  g_assert_cmpstr (header (&page, "X-Content-Type-Options"), ==, "nosniff");
  g_assert_cmpstr (header (&page, "Referrer-Policy"), ==, "no-referrer");
  g_assert_cmpstr (header (&script, "Content-Type"), ==, "text/javascript; charset=utf-8");
  g_assert_nonnull (header (&script, "Content-Security-Policy"));
}

static void
nothing_outside_the_page_is_served (Fixture *f, gconstpointer data)
{
  const char *const paths[] = { "/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt",
    "/assets/../../secret.txt", "/assets/%2e%2e/%2e%2e/secret.txt", "//etc/passwd", "/assets",
    "/assets/", "/.hidden", "/link.txt", "/index.html%00.js", "/INDEX.HTML", "/assets/page.js/",
    "/%5c..%5csecret.txt" };

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_auto (Answer) answer = ask (f, "GET", paths[i], NULL);

      g_test_message ("%s: %u", paths[i], answer.status);
      g_assert_cmpuint (answer.status, >=, 400);
      g_assert_cmpuint (answer.status, <, 500);
      g_assert_null (strstr (answer.body, "secret"));
      g_assert_null (strstr (answer.body, "hidden"));
    }
}

static void
a_name_that_was_made_to_point_here_is_refused (Fixture *f, gconstpointer data)
{
  const char *const hosts[] = { "evil.example", "evil.example:80", "127.0.0.1", "localhost",
    "127.0.0.1:1", "127.0.0.1.evil.example", "" };
  g_autofree char *by_name = g_strconcat ("localhost", strrchr (f->origin, ':'), NULL);
  g_auto (Answer) fine = ask (f, "GET", "/", by_name);

  g_assert_cmpuint (fine.status, ==, 200);
  for (guint i = 0; i < G_N_ELEMENTS (hosts); i++)
    {
      g_auto (Answer) answer = ask (f, "GET", "/", hosts[i]);

      g_test_message ("%s: %u", hosts[i], answer.status);
      g_assert_cmpuint (answer.status, >=, 400);
      g_assert_null (strstr (answer.body, "doctype"));
    }
}

static void
nothing_can_be_written (Fixture *f, gconstpointer data)
{
  const char *const methods[] = { "POST", "PUT", "DELETE", "OPTIONS", "PATCH" };

  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    {
      g_auto (Answer) answer = ask (f, methods[i], "/", NULL);

      g_assert_cmpuint (answer.status, ==, 405);
    }
}

static void
assert_socket (Fixture *f, const char *token, const char *origin, const char *host, gboolean open)
{
  g_autofree char *url = fake_page_agent_url (f->url, token);
  guint before = f->accepted;
  g_autoptr (FakePage) page = fake_page_try (url, origin, host);

  g_test_message ("token %s, origin %s, host %s: %u", token, origin, host, page->status);
  g_assert_cmpint (page->socket != NULL, ==, open);
  g_assert_cmpuint (f->accepted - before, ==, open ? 1 : 0);
  if (!open)
    g_assert_cmpuint (page->status, >=, 400);
}

static void
the_page_with_the_token_reaches_the_agent (Fixture *f, gconstpointer data)
{
  assert_socket (f, NULL, f->origin, NULL, TRUE);
}

static void
another_token_is_refused (Fixture *f, gconstpointer data)
{
  const char *token = strstr (f->url, "token=") + strlen ("token=");
  g_autofree char *shorter = g_strndup (token, strlen (token) - 1);
  g_autofree char *longer = g_strconcat (token, "x", NULL);
  g_autofree char *other = g_strdup (token);

  other[0] = other[0] == 'A' ? 'B' : 'A';
  assert_socket (f, "", f->origin, NULL, FALSE);
  assert_socket (f, shorter, f->origin, NULL, FALSE);
  assert_socket (f, longer, f->origin, NULL, FALSE);
  assert_socket (f, other, f->origin, NULL, FALSE);
}

static void
another_origin_is_refused (Fixture *f, gconstpointer data)
{
  g_autofree char *by_name = g_strconcat ("http://localhost", strrchr (f->origin, ':'), NULL);
  g_autofree char *secure = g_strconcat ("https", f->origin + strlen ("http"), NULL);

  assert_socket (f, NULL, NULL, NULL, FALSE);
  assert_socket (f, NULL, "null", NULL, FALSE);
  assert_socket (f, NULL, "http://evil.example", NULL, FALSE);
  assert_socket (f, NULL, "http://127.0.0.1", NULL, FALSE);
  assert_socket (f, NULL, by_name, NULL, FALSE);
  assert_socket (f, NULL, secure, NULL, FALSE);
}

static void
another_host_is_refused_at_the_socket (Fixture *f, gconstpointer data)
{
  assert_socket (f, NULL, "http://evil.example", "evil.example", FALSE);
}

static void
there_is_nothing_below_the_socket (Fixture *f, gconstpointer data)
{
  g_autofree char *url = g_strconcat (f->origin, "/agent/x", strstr (f->url, "?token="), NULL);
  g_autoptr (FakePage) page = fake_page_try (url, f->origin, NULL);

  g_assert_null (page->socket);
  g_assert_cmpuint (page->status, ==, 403);
}

static void
a_folder_without_a_page_stops_the_start (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *assets = g_build_filename (f->folder, "page", "assets", NULL);

  g_assert_null (hj_page_files_load (assets, &error));
  g_assert_error (error, HJ_KIOSK_ERROR, HJ_KIOSK_ERROR_PAGE);
  g_clear_error (&error);
  g_assert_null (hj_page_files_load ("/nowhere", &error));
  g_assert_nonnull (error);
}

static void
more_than_a_page_holds_is_refused (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *page = g_build_filename (f->folder, "page", NULL);

  for (guint i = 0; i < 300; i++)
    {
      g_autofree char *name = g_strdup_printf ("page/many/%u.js", i);

      write_file (f->folder, name, "");
    }
  g_assert_null (hj_page_files_load (page, &error));
  g_assert_error (error, HJ_KIOSK_ERROR, HJ_KIOSK_ERROR_PAGE);
}

static void
a_page_nested_too_deep_is_refused (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *page = g_build_filename (f->folder, "page", NULL);

  write_file (f->folder, "page/a/b/c/d/e/f.js", "");
  g_assert_null (hj_page_files_load (page, &error));
  g_assert_error (error, HJ_KIOSK_ERROR, HJ_KIOSK_ERROR_PAGE);
}

static void
a_taken_port_stops_the_start (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *page = g_build_filename (f->folder, "page", NULL);
  guint16 port = (guint16)g_ascii_strtoull (strrchr (f->origin, ':') + 1, NULL, 10);

  g_assert_null (
      hj_page_server_new (hj_page_files_load (page, NULL), port, on_accepted, f, &error));
  g_assert_nonnull (error);
}

#define ADD(name, function)                                                                        \
  g_test_add ("/kiosk/page-server/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  ADD ("the page comes with strict headers", the_page_comes_with_strict_headers);
  ADD ("nothing outside the page is served", nothing_outside_the_page_is_served);
  ADD ("a name that was made to point here is refused",
      a_name_that_was_made_to_point_here_is_refused);
  ADD ("nothing can be written", nothing_can_be_written);
  ADD ("the page with the token reaches the agent", the_page_with_the_token_reaches_the_agent);
  ADD ("another token is refused", another_token_is_refused);
  ADD ("another origin is refused", another_origin_is_refused);
  ADD ("another host is refused at the socket", another_host_is_refused_at_the_socket);
  ADD ("there is nothing below the socket", there_is_nothing_below_the_socket);
  ADD ("a folder without a page stops the start", a_folder_without_a_page_stops_the_start);
  ADD ("more than a page holds is refused", more_than_a_page_holds_is_refused);
  ADD ("a page nested too deep is refused", a_page_nested_too_deep_is_refused);
  ADD ("a taken port stops the start", a_taken_port_stops_the_start);
  return g_test_run ();
}
