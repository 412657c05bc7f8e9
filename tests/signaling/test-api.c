/* SPDX-License-Identifier: Apache-2.0 */
/* signaling/api/: what a request must carry, what it gets back, and what happens once however often it is sent. */

#include "src/base/ids.h"
#include "tests/signaling/http.h"
#include "tests/signaling/wire.h"
#include "tests/support/expect-log.h"

static const char COUNT_ROOMS[] = "SELECT COUNT (*) FROM room";

static json_t *
room (Http *h, const char *name)
{
  return json_pack ("{s:s, s:{s:s, s:s}}", "centre", h->p.centre, "name", "zh", name, "en", name);
}

static gint64
rooms (Http *h)
{
  return hj_there_count (&h->p.f, COUNT_ROOMS, NULL);
}

static void
health_is_for_anyone (Http *h, gconstpointer data)
{
  static const char *const NOTHING[] = { NULL };
  g_autoptr (Reply) reply = http_send (h, HJ_ROLE_NOBODY, "GET", "healthz", NULL, NOTHING);
  g_autoptr (Reply) post = http_ask (h, HJ_ROLE_NOBODY, "POST", "healthz", NULL);

  g_assert_cmpuint (reply->status, ==, 200);
  g_assert_cmpstr (json_string_value (json_object_get (reply->body, "status")), ==, "ok");
  g_assert_cmpstr (reply_header (reply, "Cache-Control"), ==, "no-store");
  g_assert_cmpuint (post->status, ==, 404);
}

static void
unknown_paths_and_methods_have_their_own_answers (Http *h, gconstpointer data)
{
  static const char *const PATHS[] = { "", "nothing", "bookings/a/b/c", "me/", "bookings//cancel",
    "kiosks/enrol/x", "%ff%fe", "accounts/%00/password" };
  g_autoptr (Reply) method = http_ask (h, HJ_ROLE_DESK, "DELETE", "rooms", NULL);
  g_autoptr (Reply) head = http_ask (h, HJ_ROLE_DESK, "OPTIONS", "rooms/x", NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (PATHS); i++)
    {
      g_autoptr (Reply) reply = http_ask (h, HJ_ROLE_DESK, "GET", PATHS[i], NULL);

      g_assert_cmpuint (reply->status, >=, 400);
      g_assert_cmpuint (reply->status, <, 406);
    }
  g_assert_cmpuint (method->status, ==, 405);
  g_assert_cmpstr (reply_code (method), ==, "method");
  g_assert_cmpstr (reply_header (method, "Allow"), ==, "GET, POST");
  g_assert_cmpstr (reply_header (head, "Allow"), ==, "PUT");
}

static void
refused_as_foreign (Http *h, const char *const *headers)
{
  g_autoptr (json_t) body = room (h, "外人");
  g_autofree char *text = hj_json_dump (body);
  g_autoptr (Reply) reply = http_send (h, HJ_ROLE_ADMINISTRATOR, "POST", "rooms", text, headers);

  g_assert_cmpuint (reply->status, ==, 403);
  g_assert_cmpstr (reply_code (reply), ==, "origin");
}

static void
a_write_from_another_page_is_refused_and_nothing_is_done (Http *h, gconstpointer data)
{
  static const char *const CASES[][8] = {
    { "Origin", HTTP_ORIGIN },
    { "Origin", HTTP_ORIGIN, "X-Huijian", "0" },
    { "X-Huijian", "1" },
    { "Origin", "https://evil.example", "X-Huijian", "1" },
    { "Origin", "null", "X-Huijian", "1" },
    { "Origin", HTTP_ORIGIN "/", "X-Huijian", "1" },
    { "Origin", HTTP_ORIGIN, "X-Huijian", "1", "Sec-Fetch-Site", "cross-site" },
    { "Origin", HTTP_ORIGIN, "X-Huijian", "1", "Sec-Fetch-Site", "same-site" },
  };
  gint64 before = rooms (h);
  gint64 entries = hj_there_count (&h->p.f, "SELECT COUNT (*) FROM audit_entry", NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (CASES); i++)
    refused_as_foreign (h, CASES[i]);
  g_assert_cmpint (rooms (h), ==, before);
  g_assert_cmpint (
      hj_there_count (&h->p.f, "SELECT COUNT (*) FROM audit_entry", NULL), ==, entries);
}

static void
a_read_from_another_site_is_refused_too (Http *h, gconstpointer data)
{
  static const char *const CROSS[] = { "Sec-Fetch-Site", "cross-site", NULL };
  static const char *const EVIL[] = { "Origin", "https://evil.example", NULL };
  static const char *const PLAIN[] = { "Accept", "*/*", NULL };
  g_autoptr (Reply) cross = http_send (h, HJ_ROLE_DESK, "GET", "me", NULL, CROSS);
  g_autoptr (Reply) evil = http_send (h, HJ_ROLE_DESK, "GET", "me", NULL, EVIL);
  g_autoptr (Reply) plain = http_send (h, HJ_ROLE_DESK, "GET", "me", NULL, PLAIN);

  g_assert_cmpuint (cross->status, ==, 403);
  g_assert_cmpuint (evil->status, ==, 403);
  g_assert_cmpuint (plain->status, ==, 200);
}

static void
a_body_that_does_not_read_is_refused (Http *h, gconstpointer data)
{
  static const char *const BODIES[] = { "{", "[]", "7", "null", "{\"a\":1,\"a\":2}", "\xff",
    "{\"centre\":7}", "{\"a\":[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]}" };
  gint64 before = rooms (h);

  for (gsize i = 0; i < G_N_ELEMENTS (BODIES); i++)
    {
      g_autoptr (Reply) reply
          = http_send (h, HJ_ROLE_ADMINISTRATOR, "POST", "rooms", BODIES[i], NULL);

      g_assert_cmpuint (reply->status, ==, 400);
      g_assert_cmpstr (reply_code (reply), ==, "invalid");
      g_assert_nonnull (json_object_get (reply->body, "detail"));
    }
  g_assert_cmpint (rooms (h), ==, before);
}

static void
a_body_of_more_than_a_mebibyte_is_refused (Http *h, gconstpointer data)
{
  g_autofree char *blank = g_strnfill (1024 * 1024, ' ');
  g_autofree char *body = g_strconcat ("{", blank, "}", NULL);
  g_autoptr (Reply) reply = http_send (h, HJ_ROLE_ADMINISTRATOR, "POST", "rooms", body, NULL);

  g_assert_cmpuint (reply->status, ==, 400);
}

static void
problems_speak_the_readers_language (Http *h, gconstpointer data)
{
  static const char *const ENGLISH[] = { "Accept-Language", "en-GB,en;q=0.9", NULL };
  static const char *const CHINESE[] = { "Accept-Language", "zh-CN", NULL };
  g_autoptr (Reply) english = http_send (h, HJ_ROLE_NOBODY, "GET", "me", NULL, ENGLISH);
  g_autoptr (Reply) chinese = http_send (h, HJ_ROLE_NOBODY, "GET", "me", NULL, CHINESE);

  g_assert_cmpuint (english->status, ==, 401);
  g_assert_cmpstr (reply_header (english, "Content-Type"), ==, "application/problem+json");
  g_assert_cmpstr (
      json_string_value (json_object_get (english->body, "title")), ==, "Please sign in");
  g_assert_cmpstr (json_string_value (json_object_get (chinese->body, "title")), ==, "请先登录");
  g_assert_cmpstr (json_string_value (json_object_get (english->body, "type")), ==,
      "urn:huijian:problem:sign-in");
  g_assert_cmpint (json_integer_value (json_object_get (english->body, "status")), ==, 401);
}

static void
the_unknown_and_the_forbidden_look_the_same (Http *h, gconstpointer data)
{
  g_autofree char *nothing = hj_id_new ();
  g_autofree char *unknown_path = g_strconcat ("bookings/", nothing, NULL);
  g_autofree char *mine_path = g_strconcat ("bookings/", h->p.booking, NULL);
  g_autoptr (Reply) unknown = http_ask (h, HJ_ROLE_LAWYER, "GET", unknown_path, NULL);
  g_autoptr (Reply) mine = http_ask (h, HJ_ROLE_LAWYER, "GET", mine_path, NULL);
  g_autoptr (Reply) forbidden = NULL;
  g_autoptr (Reply) no_right = http_ask (h, HJ_ROLE_SUPERVISOR, "GET", mine_path, NULL);

  hj_there_sql (
      &h->p.f, "UPDATE account SET lawyer = 'another' WHERE id = :id", h->accounts[HJ_ROLE_LAWYER]);
  forbidden = http_ask (h, HJ_ROLE_LAWYER, "GET", mine_path, NULL);
  g_assert_cmpuint (mine->status, ==, 200);
  g_assert_cmpuint (unknown->status, ==, 404);
  g_assert_true (json_equal (unknown->body, forbidden->body));
  g_assert_true (json_equal (unknown->body, no_right->body));
}

static Reply *
create_room (Http *h, HjRole role, const char *name, const char *key)
{
  const char *const headers[]
      = { "Origin", HTTP_ORIGIN, "X-Huijian", "1", "Idempotency-Key", key, NULL };
  g_autoptr (json_t) body = room (h, name);
  g_autofree char *text = hj_json_dump (body);

  return http_send (h, role, "POST", "rooms", text, headers);
}

static void
the_same_key_answers_with_the_first_outcome (Http *h, gconstpointer data)
{
  gint64 before = rooms (h);
  g_autoptr (Reply) first = create_room (h, HJ_ROLE_ADMINISTRATOR, "一号", "key-1");
  g_autoptr (Reply) again = create_room (h, HJ_ROLE_ADMINISTRATOR, "一号", "key-1");
  g_autoptr (Reply) other = create_room (h, HJ_ROLE_ADMINISTRATOR, "二号", "key-1");
  g_autoptr (Reply) fresh = create_room (h, HJ_ROLE_ADMINISTRATOR, "二号", "key-2");

  g_assert_cmpuint (first->status, ==, 201);
  g_assert_cmpuint (again->status, ==, 201);
  g_assert_true (json_equal (first->body, again->body));
  g_assert_cmpuint (other->status, ==, 409);
  g_assert_cmpstr (reply_code (other), ==, "exists");
  g_assert_cmpuint (fresh->status, ==, 201);
  g_assert_cmpint (rooms (h), ==, before + 2);
  g_assert_cmpint (hj_there_entries (&h->p.f, "create-room", "done"), ==, 2);
}

static void
a_key_that_cannot_be_kept_is_refused (Http *h, gconstpointer data)
{
  g_autofree char *long_key = g_strnfill (129, 'k');
  g_autofree char *longest = g_strnfill (128, 'k');
  const char *const keys[] = { "", "a b", long_key, "\xc3\xa9" };
  gint64 before = rooms (h);
  g_autoptr (Reply) good = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      g_autoptr (Reply) reply = create_room (h, HJ_ROLE_ADMINISTRATOR, "三号", keys[i]);

      g_assert_cmpuint (reply->status, ==, 400);
    }
  g_assert_cmpint (rooms (h), ==, before);
  good = create_room (h, HJ_ROLE_ADMINISTRATOR, "三号", longest);
  g_assert_cmpuint (good->status, ==, 201);
}

static void
a_query_and_a_path_win_over_a_body (Http *h, gconstpointer data)
{
  g_autofree char *nothing = hj_id_new ();
  g_autofree char *path = g_strconcat ("bookings/", nothing, "/cancel", NULL);
  g_autoptr (Reply) reply = http_ask (h, HJ_ROLE_LAWYER, "POST", path,
      json_pack ("{s:s, s:s}", "booking", h->p.booking, "reason", "x"));

  g_assert_cmpuint (reply->status, ==, 404);
  g_assert_cmpstr (
      hj_there_text (&h->p.f, "SELECT state FROM booking WHERE id = :id", h->p.booking), ==,
      "CHECKED_IN");
}

static void
numbers_in_a_query_are_numbers (Http *h, gconstpointer data)
{
  g_autoptr (Reply) good
      = http_ask (h, HJ_ROLE_SUPERVISOR, "GET", "meetings?state=ended&from_us=0&to_us=5", NULL);
  g_autoptr (Reply) bad
      = http_ask (h, HJ_ROLE_SUPERVISOR, "GET", "meetings?state=ended&from_us=soon", NULL);

  g_assert_cmpuint (good->status, ==, 200);
  g_assert_cmpuint (bad->status, ==, 400);
  g_assert_cmpstr (json_string_value (json_object_get (bad->body, "detail")), ==, "from_us");
}

static void
whoever_hangs_up_before_the_answer_is_not_missed (Http *h, gconstpointer data)
{
  g_autoptr (json_t) body = room (h, "四号");
  g_autofree char *text = hj_json_dump (body);
  g_autofree char *request = g_strdup_printf (
      "POST /api/rooms HTTP/1.1\r\nHost: x\r\nOrigin: " HTTP_ORIGIN "\r\nX-Huijian: 1\r\n"
      "Cookie: __Host-huijian=%s\r\nContent-Length: %zu\r\n\r\n%s",
      h->tokens[HJ_ROLE_ADMINISTRATOR], strlen (text), text);
  gint64 before = rooms (h);
  Wire *wire = wire_new (h->api_path);

  wire_write (wire, request, strlen (request));
  wire_free (wire);
  HJ_WAIT_UNTIL (rooms (h) == before + 1);
}

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  HTTP_TEST ("/api/healthz", health_is_for_anyone);
  HTTP_TEST ("/api/paths", unknown_paths_and_methods_have_their_own_answers);
  HTTP_TEST ("/api/guard/write", a_write_from_another_page_is_refused_and_nothing_is_done);
  HTTP_TEST ("/api/guard/read", a_read_from_another_site_is_refused_too);
  HTTP_TEST ("/api/body", a_body_that_does_not_read_is_refused);
  HTTP_TEST ("/api/body/size", a_body_of_more_than_a_mebibyte_is_refused);
  HTTP_TEST ("/api/problem/language", problems_speak_the_readers_language);
  HTTP_TEST ("/api/problem/same", the_unknown_and_the_forbidden_look_the_same);
  HTTP_TEST ("/api/key", the_same_key_answers_with_the_first_outcome);
  HTTP_TEST ("/api/key/invalid", a_key_that_cannot_be_kept_is_refused);
  HTTP_TEST ("/api/input/path", a_query_and_a_path_win_over_a_body);
  HTTP_TEST ("/api/input/number", numbers_in_a_query_are_numbers);
  HTTP_TEST ("/api/hang-up", whoever_hangs_up_before_the_answer_is_not_missed);
  return g_test_run ();
}
