/* SPDX-License-Identifier: Apache-2.0 */
/* Every operation for every role: what src/access/rights.c does not give succeeds for nobody, in whatever way it is asked. */

#include <string.h>

#include "src/base/ids.h"
#include "tests/signaling/http.h"
#include "tests/support/expect-log.h"

static const HjRole ROLES[]
    = { HJ_ROLE_NOBODY, HJ_ROLE_LAWYER, HJ_ROLE_DESK, HJ_ROLE_ADMINISTRATOR, HJ_ROLE_SUPERVISOR };

/* A value for each member that some operation wants: a real one, so that only the right stands in the way. */
static json_t *
everything (Http *h)
{
  return json_pack (
      "{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:s, s:s, s:s, s:s, s:s, s:s, s:n}",
      "booking", h->p.booking, "authority", h->p.authority, "reason", "done", "centre", h->p.centre,
      "room", h->p.room, "purpose", "join", "new", "correct horse battery", "current", "x",
      "password", "correct horse battery", "account", "x", "identity_confirmed", 1, "camera", "ok",
      "microphone", "ok", "speaker", "ok", "connection", "ok", "browser", "x", "licence",
      "14401201010000001", "slot");
}

/* The path with the places' ids in its braces. Returns: (transfer full). */
static char *
path_of (Http *h, const HjRoute *route)
{
  static const struct
  {
    const char *prefix;
    gsize offset;
  } IDS[] = {
    { "bookings", G_STRUCT_OFFSET (HjMeetingPlace, booking) },
    { "centres", G_STRUCT_OFFSET (HjMeetingPlace, centre) },
    { "policies", G_STRUCT_OFFSET (HjMeetingPlace, centre) },
    { "rooms", G_STRUCT_OFFSET (HjMeetingPlace, room) },
    { "kiosks", G_STRUCT_OFFSET (HjMeetingPlace, kiosk) },
  };
  const char *id = h->accounts[HJ_ROLE_SUPERVISOR];
  g_auto (GStrv) parts = g_strsplit (route->path, "/", -1);

  for (gsize i = 0; i < G_N_ELEMENTS (IDS); i++)
    if (g_str_equal (parts[0], IDS[i].prefix))
      id = G_STRUCT_MEMBER (const char *, &h->p, IDS[i].offset);
  for (char **part = parts; *part != NULL; part++)
    if (**part == '{')
      {
        g_free (*part);
        *part = g_strdup (id);
      }
  return g_strjoinv ("/", parts);
}

static Reply *
ask (Http *h, HjRole role, const HjRoute *route)
{
  g_autofree char *path = path_of (h, route);

  return http_ask (
      h, role, route->method, path, g_str_equal (route->method, "GET") ? NULL : everything (h));
}

static void
nothing_beyond_the_table_of_rights_succeeds (Http *h, gconstpointer data)
{
  const HjRoute *route;
  guint refused = 0;

  for (guint n = 0; (route = hj_route_nth (n)) != NULL; n++)
    for (gsize i = 0; i < G_N_ELEMENTS (ROLES); i++)
      {
        g_autoptr (Reply) reply = NULL;

        if (hj_access_may (ROLES[i], route->kind->name))
          continue;
        /* Signing in and enrolling are asked as nobody, whoever asks. */
        if (hj_access_may (HJ_ROLE_NOBODY, route->kind->name))
          continue;
        reply = ask (h, ROLES[i], route);
        g_test_message ("%s %s %s", hj_role_word (ROLES[i]), route->method, route->path);
        g_assert_cmpuint (reply->status, ==, ROLES[i] == HJ_ROLE_NOBODY ? 401 : 404);
        refused++;
      }
  g_assert_cmpuint (refused, >, 60);
}

static void
whoever_has_the_right_is_not_told_that_there_is_nothing (Http *h, gconstpointer data)
{
  const HjRoute *route;

  for (guint n = 0; (route = hj_route_nth (n)) != NULL; n++)
    for (gsize i = 0; i < G_N_ELEMENTS (ROLES); i++)
      {
        g_autoptr (Reply) reply = NULL;

        if (!hj_access_may (ROLES[i], route->kind->name) || strstr (route->path, "{") != NULL
            || g_str_equal (route->kind->name, "logout"))
          continue;
        reply = ask (h, ROLES[i], route);
        g_test_message (
            "%s %s %s: %u", hj_role_word (ROLES[i]), route->method, route->path, reply->status);
        g_assert_cmpuint (reply->status, <, 500);
        if (g_str_equal (route->method, "GET") && strchr (route->path, '/') == NULL
            && !g_str_equal (route->path, "eligibility") && !g_str_equal (route->path, "slots"))
          g_assert_cmpuint (reply->status, ==, 200);
      }
}

static void
each_operation_is_guarded_against_other_pages (Http *h, gconstpointer data)
{
  static const char *const WITHOUT[] = { "Origin", HTTP_ORIGIN, NULL };
  const HjRoute *route;

  for (guint n = 0; (route = hj_route_nth (n)) != NULL; n++)
    {
      g_autofree char *path = path_of (h, route);
      g_autoptr (Reply) reply = NULL;

      if (g_str_equal (route->method, "GET"))
        continue;
      reply = http_send (h, HJ_ROLE_ADMINISTRATOR, route->method, path, "{}", WITHOUT);
      g_assert_cmpuint (reply->status, ==, 403);
    }
}

static void
each_act_of_the_table_of_routes_stands_in_the_table_of_rights (void)
{
  const HjRoute *route;

  for (guint n = 0; (route = hj_route_nth (n)) != NULL; n++)
    {
      guint roles = 0;

      for (int role = 0; role < HJ_ROLE_N; role++)
        roles += hj_access_may ((HjRole)role, route->kind->name);
      g_assert_cmpuint (roles, >, 0);
      g_assert_true (hj_route_find_kind (route->kind->name) == route->kind);
    }
}

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  HTTP_TEST ("/api/rights/none", nothing_beyond_the_table_of_rights_succeeds);
  HTTP_TEST ("/api/rights/some", whoever_has_the_right_is_not_told_that_there_is_nothing);
  HTTP_TEST ("/api/rights/guard", each_operation_is_guarded_against_other_pages);
  g_test_add_func (
      "/api/rights/table", each_act_of_the_table_of_routes_stands_in_the_table_of_rights);
  return g_test_run ();
}
