/* SPDX-License-Identifier: Apache-2.0 */
/* The append-only record of acts. On the store's worker, in the transaction of the act itself: no row, no act (DESIGN.md
 * section 8, STYLE section 10). The schema refuses changes and removals. */

#include "src/audit/log.h"

#include "src/base/json.h"
#include "src/store/store.h"

static const char APPEND[]
    = "INSERT INTO audit_entry (at_us, actor, role, act, object, booking, result, reason, detail)"
      " VALUES (:at, :actor, :role, :act, :object, :booking, :result, :reason, :detail)";

static const char LIST[]
    = "SELECT seq AS \"seq\", at_us AS \"at_us\", actor AS \"actor\", role AS \"role\", act AS "
      "\"act\","
      " object AS \"object\", booking AS \"booking\", result AS \"result\", reason AS \"reason\""
      " FROM audit_entry e WHERE seq < :before AND (:object IS NULL OR object = :object)"
      " AND (:reader IS NULL OR actor = :reader OR object = 'account:' || :reader"
      " OR EXISTS (SELECT 1 FROM booking b JOIN account_centre a ON a.centre = b.centre"
      " WHERE b.id = e.booking AND a.account = :reader)"
      " OR object IN (SELECT 'centre:' || centre FROM account_centre WHERE account = :reader))"
      " ORDER BY seq DESC LIMIT :limit";

static const char LIST_BOOKING[]
    = "SELECT seq AS \"seq\", at_us AS \"at_us\", actor AS \"actor\", role AS \"role\", act AS "
      "\"act\","
      " object AS \"object\", result AS \"result\", reason AS \"reason\", detail AS \"detail\""
      " FROM audit_entry WHERE booking = :booking ORDER BY seq";

/* Appends one entry. Must be called inside the transaction of the act. */
gboolean
hj_audit_append (HjStore *store, const HjAuditEntry *entry, GError **error)
{
  g_autofree char *detail = entry->detail != NULL ? hj_json_dump (entry->detail) : NULL;

  return hj_store_run (store, APPEND,
      HJ_BINDS (HJ_INT (":at", entry->at_us), HJ_TEXT (":actor", entry->actor),
          HJ_TEXT (":role", entry->role), HJ_TEXT (":act", entry->act),
          HJ_TEXT (":object", entry->object), HJ_TEXT (":booking", entry->booking),
          HJ_TEXT (":result", entry->refusal != NULL ? "refused" : "done"),
          HJ_TEXT (":reason", entry->refusal), HJ_TEXT (":detail", detail)),
      error);
}

/* The newest entries before a sequence number, newest first. object: (nullable): only those of "booking:ID". reader:
 * (nullable): an account that sees its own entries and those of its centres; NULL sees all.
 * Returns: (transfer full) (nullable): an array of {seq, at_us, actor, role, act, object, booking, result, reason}. */
json_t *
hj_audit_list (HjStore *store, gint64 before, gint64 limit, const char *object, const char *reader,
    GError **error)
{
  return hj_store_query_json (store, LIST,
      HJ_BINDS (HJ_INT (":before", before), HJ_INT (":limit", limit), HJ_TEXT (":object", object),
          HJ_TEXT (":reader", reader)),
      error);
}

/* The record of a booking and its meeting, oldest first. Returns: (transfer full) (nullable): an array. */
json_t *
hj_audit_list_booking (HjStore *store, const char *booking, GError **error)
{
  return hj_store_query_json (store, LIST_BOOKING, HJ_BINDS (HJ_TEXT (":booking", booking)), error);
}
