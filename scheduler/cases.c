/* SPDX-License-Identifier: Apache-2.0 */
/* A lawyer's clients with what can be done for each: may they meet now, and when is the next booking. On the store's worker. */

#include "scheduler/acts.h"
#include "scheduler/booking-view.h"
#include "src/base/json.h"
#include "src/eligibility/check.h"
#include "src/records/records.h"

static gboolean
complete (HjAct *act, json_t *client, GError **error)
{
  const char *authority = json_string_value (json_object_get (client, "authority"));
  gboolean allowed = FALSE;
  g_autoptr (json_t) findings
      = hj_eligibility_check (act->store, authority, NULL, act->now_us, &allowed, error);
  json_t *next = NULL;

  if (findings == NULL)
    return FALSE;
  next = hj_booking_view_next (act->store, act->actor, authority, act->now_us, error);
  if (next == NULL)
    return FALSE;
  json_object_set_new (client, "allowed", json_boolean (allowed));
  json_object_set_new (client, "next_booking", next);
  return TRUE;
}

/* Act list-cases. No input; answer {clients:[Client]}, the actor's own. */
static json_t *
list_cases (HjAct *act, GError **error)
{
  g_autoptr (json_t) clients
      = hj_records_list_clients (act->store, hj_actor_get_lawyer (act->actor), act->now_us, error);
  json_t *client;
  gsize i;

  if (clients == NULL)
    return NULL;
  json_array_foreach (clients, i, client)
  {
    if (!complete (act, client, error))
      return NULL;
  }
  hj_act_note (act, "clients", json_integer ((json_int_t)json_array_size (clients)));
  return json_pack ("{s:O}", "clients", clients);
}

const HjActKind hj_act_list_cases = {
  .name = "list-cases",
  .flags = HJ_ACT_LOOKS,
  .run = list_cases,
};
