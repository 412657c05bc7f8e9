/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the record of acts. A supervisor sees what belongs to the bookings and centres of the own jurisdiction and to the
 * own account, and this look is itself recorded. On the store's worker. */

#include "src/access/audit-view.h"

#include "src/audit/log.h"
#include "src/base/json.h"

#define DEFAULT_LIMIT 50
#define MAX_LIMIT 200

static json_t *
run_list (HjAct *act, GError **error)
{
  gint64 before = G_MAXINT64;
  gint64 limit = DEFAULT_LIMIT;
  const char *object = NULL;
  const char *reader = NULL;
  json_t *entries = NULL;
  json_t *next = NULL;

  if (!hj_json_read_optional_int (act->input, "before", 1, G_MAXINT64, &before, error)
      || !hj_json_read_optional_int (act->input, "limit", 1, MAX_LIMIT, &limit, error)
      || !hj_json_read_optional_string (act->input, "object", 64, &object, error))
    return NULL;
  if (!hj_actor_is_everywhere (act->actor))
    reader = hj_actor_get_id (act->actor);
  entries = hj_audit_list (act->store, before, limit, object, reader, error);
  if (entries == NULL)
    return NULL;
  if ((gint64)json_array_size (entries) == limit)
    next = json_incref (
        json_object_get (json_array_get (entries, json_array_size (entries) - 1), "seq"));
  return json_pack ("{s:o, s:o?}", "entries", entries, "next", next);
}

/* input: {before?, limit?, object?}. Answers {entries, next}: next is the `before` of the page that follows, or null. */
const HjActKind hj_act_list_audit
    = { .name = "list-audit", .flags = HJ_ACT_LOOKS, .run = run_list };
