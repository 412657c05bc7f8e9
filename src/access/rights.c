/* SPDX-License-Identifier: Apache-2.0 */
/* What may you do: one table, role x act, and one question. Any thread. An act that the table does not name is nobody's.
 * A lawyer acts on the lawyer's own only, everybody else within the jurisdiction; a denial says not-found, as to the unknown. */

#include "src/access/rights.h"

#include "src/base/json.h"

#define L (1u << HJ_ROLE_LAWYER)
#define D (1u << HJ_ROLE_DESK)
#define A (1u << HJ_ROLE_ADMINISTRATOR)
#define S (1u << HJ_ROLE_SUPERVISOR)
#define K (1u << HJ_ROLE_KIOSK)
#define O (1u << HJ_ROLE_OPERATOR)
#define M (1u << HJ_ROLE_MACHINE)
#define N (1u << HJ_ROLE_NOBODY)

/* clang-format off */
static const struct { const char *act; guint roles; } TABLE[] = {
  { "login",            N },
  { "logout",           L | D | A | S },
  { "me",               L | D | A | S },
  { "change-password",  L | D | A | S },
  { "list-devices",     L },
  { "add-device",       L },
  { "remove-device",    L },
  { "ticket",           L | S },
  { "list-cases",       L },
  { "check-eligibility", L },
  { "list-slots",       L },
  { "book",             L },
  { "list-bookings",    L | D | A },
  { "show-booking",     L | D | A },
  { "cancel",           L | D },
  { "add-participant",  L },
  { "remove-participant", L },
  { "confirm",          D },
  { "check-in",         D },
  { "device-check",     L },
  { "hello",            L | S | K },
  { "join",             L | K },
  { "secured",          L | K },
  { "verify",           L | K },
  { "leave",            L | K | M },
  { "drop",             M },
  { "resume",           L | K },
  { "media-event",      M },
  { "media-register",   M },
  { "quality",          L | K | M },
  { "assign",           M },
  { "glance-meeting",   M },
  { "list-running",     M },
  { "admit",            M },
  { "cut-off",          M },
  { "restore",          M },
  { "end",              L | D | K | M },
  { "follow",           S },
  { "list-meetings",    D | A | S },
  { "show-meeting",     D | A | S },
  { "list-clocks",      D | A | S },
  { "list-centres",     L | D | A | S | O },
  { "create-centre",    A | O },
  { "update-centre",    A | O },
  { "list-policies",    A | O },
  { "update-policy",    A | O },
  { "list-rooms",       D | A | O },
  { "create-room",      A | O },
  { "update-room",      A | O },
  { "list-kiosks",      D | A | O },
  { "create-kiosk",     A | O },
  { "update-kiosk",     A | O },
  { "enrol-kiosk",      N },
  { "list-accounts",    A | O },
  { "create-account",   A | O },
  { "update-account",   A | O },
  { "set-password",     A | O },
  { "list-lawyers",     A | O },
  { "list-audit",       S },
  { "import",           O },
  { "import-progress",  O },
};
/* clang-format on */

/* Whether the role may do the act at all. */
gboolean
hj_access_may (HjRole role, const char *act)
{
  for (gsize i = 0; i < G_N_ELEMENTS (TABLE); i++)
    if (g_str_equal (TABLE[i].act, act))
      return (TABLE[i].roles >> role & 1) != 0;
  return FALSE;
}

static gboolean
reaches (const HjActor *actor, const HjSubject *subject)
{
  HjRole role = hj_actor_get_role (actor);

  if (role == HJ_ROLE_MACHINE || role == HJ_ROLE_OPERATOR)
    return TRUE;
  if (role == HJ_ROLE_LAWYER)
    return subject->lawyer == NULL || g_strcmp0 (subject->lawyer, hj_actor_get_lawyer (actor)) == 0;
  return subject->centre == NULL || hj_actor_has_centre (actor, subject->centre);
}

/* May this actor do that to this subject? subject: (nullable): the act is about nobody in particular. Every rule function
 * asks first, so that no second way in can forget it. */
gboolean
hj_access_check (const HjActor *actor, const char *act, const HjSubject *subject, GError **error)
{
  if (hj_access_may (hj_actor_get_role (actor), act)
      && (subject == NULL || reaches (actor, subject)))
    return TRUE;
  if (hj_actor_get_role (actor) == HJ_ROLE_NOBODY)
    hj_refuse (error, HJ_REFUSAL_SIGN_IN, "%s", act);
  else
    hj_refuse (error, HJ_REFUSAL_NOT_FOUND, "%s", act);
  return FALSE;
}

/* Returns: (transfer full): the acts that the role may do, an array of words. */
json_t *
hj_access_list (HjRole role)
{
  json_t *acts = json_array ();

  for (gsize i = 0; i < G_N_ELEMENTS (TABLE); i++)
    if ((TABLE[i].roles >> role & 1) != 0)
      json_array_append_new (acts, json_string (TABLE[i].act));
  return acts;
}

/* Returns: (transfer none) (nullable): for the test that walks the table. */
const char *
hj_access_nth_act (guint n)
{
  return n < G_N_ELEMENTS (TABLE) ? TABLE[n].act : NULL;
}
