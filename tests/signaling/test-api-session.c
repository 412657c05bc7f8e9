/* SPDX-License-Identifier: Apache-2.0 */
/* signaling/api/: signing in and out with a cookie, and the command line's own socket. */

#include <string.h>

#include "src/access/accounts.h"
#include "src/base/ids.h"
#include "tests/signaling/http.h"
#include "tests/support/expect-log.h"

#define PASSWORD "correct horse battery"

/* Returns: (transfer none): the name of a desk account that can sign in. */
static const char *
account (Http *h)
{
  g_autoptr (HjActor) operator= hj_actor_new_operator ();

  json_decref (hj_there_act (&h->p.f, &hj_act_create_account, operator,
      json_pack ("{s:s, s:s, s:s, s:s, s:[s]}", "name", "wang.li", "display_name", "王莉", "role",
          "desk", "password", PASSWORD, "centres", h->p.centre)));
  return "wang.li";
}

static Reply *
login (Http *h, const char *name, const char *password)
{
  return http_ask (h, HJ_ROLE_NOBODY, "POST", "login",
      json_pack ("{s:s, s:s}", "account", name, "password", password));
}

static void
signing_in_sets_a_cookie_that_no_script_and_no_other_site_has (Http *h, gconstpointer data)
{
  g_autoptr (Reply) reply = login (h, account (h), PASSWORD);
  const char *cookie = reply_header (reply, "Set-Cookie");
  g_autofree char *token = NULL;
  g_autofree char *body = hj_json_dump (reply->body);
  g_autoptr (Reply) me = NULL;

  g_assert_cmpuint (reply->status, ==, 200);
  g_assert_true (g_str_has_prefix (cookie, "__Host-huijian="));
  g_assert_true (g_str_has_suffix (cookie, "; Path=/; Secure; HttpOnly; SameSite=Strict"));
  g_assert_null (strstr (cookie, "Domain"));
  token = g_strndup (
      cookie + strlen ("__Host-huijian="), strcspn (cookie + strlen ("__Host-huijian="), ";"));
  g_assert_cmpuint (strlen (token), >=, 40);
  g_assert_null (strstr (body, token));
  g_assert_nonnull (json_object_get (reply->body, "account"));
  h->tokens[HJ_ROLE_DESK] = token;
  me = http_ask (h, HJ_ROLE_DESK, "GET", "me", NULL);
  g_assert_cmpuint (me->status, ==, 200);
  g_assert_cmpstr (
      json_string_value (json_object_get (json_object_get (me->body, "account"), "name")), ==,
      "wang.li");
}

static void
a_wrong_password_and_an_unknown_name_are_the_same (Http *h, gconstpointer data)
{
  g_autoptr (Reply) wrong = login (h, account (h), "wrong");
  g_autoptr (Reply) unknown = login (h, "nobody.here", PASSWORD);
  g_autoptr (Reply) missing = http_ask (h, HJ_ROLE_NOBODY, "POST", "login", json_object ());

  g_assert_cmpuint (wrong->status, ==, 401);
  g_assert_true (json_equal (wrong->body, unknown->body));
  g_assert_null (reply_header (wrong, "Set-Cookie"));
  g_assert_cmpuint (missing->status, ==, 400);
}

static void
guessing_is_delayed_by_where_it_comes_from_whatever_the_body_says (Http *h, gconstpointer data)
{
  const char *name = account (h);
  static const char *const HEADERS[]
      = { "Origin", HTTP_ORIGIN, "X-Huijian", "1", "X-Real-IP", "192.0.2.9", NULL };
  guint last = 0;

  for (int i = 0; i < 30 && last != 429; i++)
    {
      g_autofree char *body = g_strdup_printf (
          "{\"account\":\"%s\",\"password\":\"wrong\",\"address\":\"10.0.0.%d\"}", name, i);
      g_autoptr (Reply) reply = http_send (h, HJ_ROLE_NOBODY, "POST", "login", body, HEADERS);

      last = reply->status;
    }
  g_assert_cmpuint (last, ==, 429);
  g_assert_cmpint (hj_there_count (&h->p.f, "SELECT COUNT (*) FROM login_failure", NULL), ==, 2);
}

static void
signing_out_ends_the_session_and_clears_the_cookie (Http *h, gconstpointer data)
{
  g_autoptr (Reply) out = http_ask (h, HJ_ROLE_DESK, "POST", "logout", NULL);
  g_autoptr (Reply) after = http_ask (h, HJ_ROLE_DESK, "GET", "me", NULL);

  g_assert_cmpuint (out->status, ==, 204);
  g_assert_null (out->body);
  g_assert_cmpstr (reply_header (out, "Set-Cookie"), ==,
      "__Host-huijian=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0");
  g_assert_cmpuint (after->status, ==, 401);
}

static void
a_token_that_is_none_is_nobodys (Http *h, gconstpointer data)
{
  g_autoptr (Reply) reply = NULL;

  h->tokens[HJ_ROLE_DESK] = "made up";
  reply = http_ask (h, HJ_ROLE_DESK, "GET", "bookings", NULL);
  g_assert_cmpuint (reply->status, ==, 401);
  g_assert_cmpstr (reply_code (reply), ==, "sign-in");
}

static void
an_idle_session_ends (Http *h, gconstpointer data)
{
  g_autoptr (Reply) before = NULL;
  g_autoptr (Reply) after = NULL;

  hj_fixture_advance (&h->p.f, 29 * HJ_MINUTE_US);
  before = http_ask (h, HJ_ROLE_DESK, "GET", "me", NULL);
  hj_fixture_advance (&h->p.f, 31 * HJ_MINUTE_US);
  after = http_ask (h, HJ_ROLE_DESK, "GET", "me", NULL);
  g_assert_cmpuint (before->status, ==, 200);
  g_assert_cmpuint (after->status, ==, 401);
}

static void
a_ticket_is_shown_once_even_for_the_same_key (Http *h, gconstpointer data)
{
  static const char *const HEADERS[]
      = { "Origin", HTTP_ORIGIN, "X-Huijian", "1", "Idempotency-Key", "t", NULL };
  g_autofree char *body
      = g_strdup_printf ("{\"purpose\":\"join\",\"booking\":\"%s\"}", h->p.booking);
  g_autoptr (Reply) first = http_send (h, HJ_ROLE_LAWYER, "POST", "tickets", body, HEADERS);
  g_autoptr (Reply) again = http_send (h, HJ_ROLE_LAWYER, "POST", "tickets", body, HEADERS);

  g_assert_cmpuint (first->status, ==, 201);
  g_assert_nonnull (json_object_get (first->body, "ticket"));
  g_assert_cmpuint (again->status, ==, 201);
  g_assert_null (json_object_get (again->body, "ticket"));
}

static void
the_command_line_acts_as_the_operator (Http *h, gconstpointer data)
{
  g_autofree char *body = g_strdup_printf (
      "{\"centre\":\"%s\",\"name\":{\"zh\":\"五号\",\"en\":\"Five\"}}", h->p.centre);
  g_autoptr (Reply) created = http_ctl (h, "POST", "create-room", body);
  g_autoptr (Reply) listed = http_ctl (h, "POST", "list-centres", NULL);

  g_assert_cmpuint (created->status, ==, 200);
  g_assert_cmpuint (listed->status, ==, 200);
  g_assert_cmpstr (
      hj_there_text (
          &h->p.f, "SELECT actor || ' ' || role FROM audit_entry WHERE act = 'create-room'", NULL),
      ==, "operator operator");
}

static void
the_operator_has_only_the_operators_acts (Http *h, gconstpointer data)
{
  const char *act;

  for (guint i = 0; (act = hj_access_nth_act (i)) != NULL; i++)
    {
      g_autoptr (Reply) reply = NULL;

      if (hj_access_may (HJ_ROLE_OPERATOR, act))
        continue;
      reply = http_ctl (h, "POST", act, "{}");
      g_assert_cmpuint (reply->status, ==, 404);
    }
}

static void
the_command_lines_socket_refuses_what_is_not_an_act (Http *h, gconstpointer data)
{
  g_autoptr (Reply) unknown = http_ctl (h, "POST", "nothing", "{}");
  g_autoptr (Reply) none = http_ctl (h, "POST", "", "{}");
  g_autoptr (Reply) get = http_ctl (h, "GET", "list-rooms", NULL);
  g_autoptr (Reply) malformed = http_ctl (h, "POST", "create-room", "{");

  g_assert_cmpuint (unknown->status, ==, 404);
  g_assert_cmpuint (none->status, ==, 404);
  g_assert_cmpuint (get->status, ==, 405);
  g_assert_cmpstr (reply_header (get, "Allow"), ==, "POST");
  g_assert_cmpuint (malformed->status, ==, 400);
}

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  HTTP_TEST ("/api/login", signing_in_sets_a_cookie_that_no_script_and_no_other_site_has);
  HTTP_TEST ("/api/login/failed", a_wrong_password_and_an_unknown_name_are_the_same);
  HTTP_TEST (
      "/api/login/delayed", guessing_is_delayed_by_where_it_comes_from_whatever_the_body_says);
  HTTP_TEST ("/api/logout", signing_out_ends_the_session_and_clears_the_cookie);
  HTTP_TEST ("/api/session/none", a_token_that_is_none_is_nobodys);
  HTTP_TEST ("/api/session/idle", an_idle_session_ends);
  HTTP_TEST ("/api/ticket", a_ticket_is_shown_once_even_for_the_same_key);
  HTTP_TEST ("/ctl/operator", the_command_line_acts_as_the_operator);
  HTTP_TEST ("/ctl/rights", the_operator_has_only_the_operators_acts);
  HTTP_TEST ("/ctl/invalid", the_command_lines_socket_refuses_what_is_not_an_act);
  return g_test_run ();
}
