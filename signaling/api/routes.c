/* SPDX-License-Identifier: Apache-2.0 */
/* The table of the REST interface: method and path -> act. Adding an operation is adding a line and a rule function. */

#include "signaling/api/routes.h"

#include <string.h>

#include "scheduler/acts.h"
#include "src/access/accounts.h"
#include "src/access/audit-view.h"
#include "src/access/devices.h"
#include "src/access/kiosks.h"
#include "src/access/places.h"
#include "src/access/sessions.h"
#include "src/access/tickets.h"
#include "src/base/json.h"
#include "src/eligibility/check.h"
#include "src/meeting/acts.h"
#include "src/records/import.h"

/* clang-format off */
static const HjRoute ROUTES[] = {
  { "POST", "login",                          &hj_act_login,             200 },
  { "POST", "logout",                         &hj_act_logout,            204 },
  { "GET",  "me",                             &hj_act_me,                200 },
  { "PUT",  "me/password",                    &hj_act_change_password,   204 },
  { "GET",  "me/devices",                     &hj_act_list_devices,      200 },
  { "POST", "me/devices",                     &hj_act_add_device,        201 },
  { "POST", "me/devices/{id}/remove",         &hj_act_remove_device,     200 },
  { "POST", "tickets",                        &hj_act_ticket,            201 },
  { "GET",  "cases",                          &hj_act_list_cases,        200 },
  { "GET",  "eligibility",                    &hj_act_check_eligibility, 200 },
  { "GET",  "slots",                          &hj_act_list_slots,        200 },
  { "POST", "bookings",                       &hj_act_book,              201 },
  { "GET",  "bookings",                       &hj_act_list_bookings,     200 },
  { "GET",  "bookings/{booking}",             &hj_act_show_booking,      200 },
  { "POST", "bookings/{booking}/cancel",      &hj_act_cancel,            200 },
  { "POST", "bookings/{booking}/confirm",     &hj_act_confirm,           200 },
  { "POST", "bookings/{booking}/check-in",    &hj_act_check_in,          200 },
  { "POST", "bookings/{booking}/device-check",&hj_act_device_check,      204 },
  { "POST", "bookings/{booking}/end",         &hj_act_end,               200 },
  { "POST", "bookings/{booking}/participants", &hj_act_add_participant,  200 },
  { "POST", "bookings/{booking}/participants/{lawyer}/remove", &hj_act_remove_participant, 200 },
  { "GET",  "meetings",                       &hj_act_list_meetings,     200 },
  { "GET",  "meetings/{id}",                  &hj_act_show_meeting,      200 },
  { "GET",  "clocks",                         &hj_act_list_clocks,       200 },
  { "GET",  "centres",                        &hj_act_list_centres,      200 },
  { "POST", "centres",                        &hj_act_create_centre,     201 },
  { "PUT",  "centres/{id}",                   &hj_act_update_centre,     200 },
  { "GET",  "policies",                       &hj_act_list_policies,     200 },
  { "PUT",  "policies/{centre}",              &hj_act_update_policy,     200 },
  { "GET",  "rooms",                          &hj_act_list_rooms,        200 },
  { "POST", "rooms",                          &hj_act_create_room,       201 },
  { "PUT",  "rooms/{id}",                     &hj_act_update_room,       200 },
  { "GET",  "kiosks",                         &hj_act_list_kiosks,       200 },
  { "POST", "kiosks",                         &hj_act_create_kiosk,      201 },
  { "PUT",  "kiosks/{id}",                    &hj_act_update_kiosk,      200 },
  { "POST", "kiosks/enrol",                   &hj_act_enrol_kiosk,       201 },
  { "GET",  "accounts",                       &hj_act_list_accounts,     200 },
  { "POST", "accounts",                       &hj_act_create_account,    201 },
  { "PUT",  "accounts/{id}",                  &hj_act_update_account,    200 },
  { "POST", "accounts/{id}/password",         &hj_act_set_password,      204 },
  { "GET",  "audit/entries",                  &hj_act_list_audit,        200 },
  { "GET",  "lawyers",                        &hj_act_list_lawyers,      200 },
};
/* clang-format on */

/* Acts that only huijianctl reaches, on its own socket. */
static const HjActKind *const CTL_ONLY[] = { &hj_act_import, &hj_act_import_progress };

/* Matches one pattern; members of braces go into the input. */
static gboolean
match (const char *pattern, const char *path, json_t *input)
{
  g_auto (GStrv) wanted = g_strsplit (pattern, "/", -1);
  g_auto (GStrv) given = g_strsplit (path, "/", -1);
  guint count = g_strv_length (wanted);

  if (count != g_strv_length (given))
    return FALSE;
  for (guint i = 0; i < count; i++)
    if (wanted[i][0] != '{' && !g_str_equal (wanted[i], given[i]))
      return FALSE;
  for (guint i = 0; i < count; i++)
    if (wanted[i][0] == '{')
      {
        g_autofree char *key = g_strndup (wanted[i] + 1, strlen (wanted[i]) - 2);

        json_object_set_new (input, key, json_string (given[i]));
      }
  return TRUE;
}

/* path: below /api/. input: members named by the path are set. ret_allowed: (out) (transfer full) (nullable): the methods
 * that would do, where this one does not (RFC 9110 section 15.5.6). Returns: (transfer none) (nullable). */
const HjRoute *
hj_route_find (const char *method, const char *path, json_t *input, char **ret_allowed)
{
  g_autoptr (GString) allowed = g_string_new (NULL);

  *ret_allowed = NULL;
  if (!g_utf8_validate (path, -1, NULL))
    return NULL;
  for (gsize i = 0; i < G_N_ELEMENTS (ROUTES); i++)
    {
      g_autoptr (json_t) members = json_object ();

      if (!match (ROUTES[i].path, path, members))
        continue;
      g_string_append_printf (allowed, "%s%s", allowed->len > 0 ? ", " : "", ROUTES[i].method);
      if (!g_str_equal (ROUTES[i].method, method))
        continue;
      json_object_update (input, members);
      return &ROUTES[i];
    }
  if (allowed->len > 0)
    *ret_allowed = g_string_free (g_steal_pointer (&allowed), FALSE);
  return NULL;
}

/* The kind of an act by its word, for huijianctl. Returns: (transfer none) (nullable). */
const HjActKind *
hj_route_find_kind (const char *act)
{
  for (gsize i = 0; i < G_N_ELEMENTS (CTL_ONLY); i++)
    if (g_str_equal (CTL_ONLY[i]->name, act))
      return CTL_ONLY[i];
  for (gsize i = 0; i < G_N_ELEMENTS (ROUTES); i++)
    if (g_str_equal (ROUTES[i].kind->name, act))
      return ROUTES[i].kind;
  return NULL;
}

/* Returns: (transfer none) (nullable): for the test that walks the table. */
const HjRoute *
hj_route_nth (guint n)
{
  return n < G_N_ELEMENTS (ROUTES) ? &ROUTES[n] : NULL;
}
