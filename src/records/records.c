/* SPDX-License-Identifier: Apache-2.0 */
/* What the records tell the pages: a lawyer's clients. Whether a meeting is allowed and when the next one is stands above
 * (eligibility, scheduler). On the store's worker; the shapes are those of docs/protocol.md section 2. */

#include "src/records/records.h"

#include "src/base/json.h"
#include "src/base/time.h"
#include "src/records/records-private.h"
#include "src/store/store.h"

#define MAX_CLIENTS 500
/* A revoked authority stays to be seen for a while, so that the lawyer learns why the client is gone; then the client's
 * affairs are no longer the lawyer's. */
#define REVOKED_SHOWN_US (90 * HJ_DAY_US)

static const char LIST_CLIENTS[]
    = "SELECT a.id AS \"authority\", a.kind AS \"kind\", d.id AS \"detainee.id\", p.name AS "
      "\"person\", d.code AS "
      "\"detainee.code\", e.id AS \"centre.id\", e.name_zh AS \"centre.name.zh\", e.name_en AS "
      "\"centre.name.en\", c.id AS "
      "\"case.id\", c.charge AS \"case.charge\", c.stage AS \"case.stage\", (" HJ_SQL_CASE_NUMBER
      ") AS \"case.number\" "
      "FROM authority a JOIN person p ON p.id = a.person JOIN case_file c ON c.id = a.case_file "
      "LEFT JOIN detainee d ON d.id = (SELECT x.id FROM detainee x WHERE x.person = a.person "
      "ORDER BY x.state IN ('in_custody', 'temporarily_out') DESC, x.admitted_at_us DESC, x.code "
      "LIMIT 1) "
      "LEFT JOIN centre e ON e.id = d.centre "
      "WHERE a.lawyer = :lawyer AND (a.revoked_at_us IS NULL OR a.revoked_at_us > :shown_from) "
      "ORDER BY a.revoked_at_us IS NOT NULL, a.signed_at_us DESC, a.id LIMIT :max";
static const char LIST_STAGES[] = "SELECT stage FROM authority_stage WHERE authority = :authority";

/* A client who was never admitted anywhere still has a name. */
static void
finish_detainee (json_t *client)
{
  json_t *detainee = json_object_get (client, "detainee");

  if (!json_is_object (detainee))
    {
      detainee = json_pack ("{s:n, s:n}", "id", "code");
      json_object_set_new (client, "detainee", detainee);
    }
  json_object_set (detainee, "name", json_object_get (client, "person"));
  json_object_del (client, "person");
}

static gboolean
add_stages (json_t *client, HjStore *store, GError **error)
{
  const char *authority = json_string_value (json_object_get (client, "authority"));
  g_autoptr (HjRows) rows
      = hj_store_query (store, LIST_STAGES, HJ_BINDS (HJ_TEXT (":authority", authority)), error);
  g_autoptr (GError) failure = NULL;
  json_t *stages = json_array ();
  guint held = 0;

  json_object_set_new (client, "stages", stages);
  if (rows == NULL)
    return FALSE;
  while (hj_rows_next (rows, &failure))
    held |= 1u << hj_stage_from_word (hj_rows_text (rows, 0));
  for (guint i = 0; i < HJ_STAGE_N; i++)
    if ((held >> i & 1) != 0)
      json_array_append_new (stages, json_string (hj_stage_word ((HjStage)i)));
  if (failure == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

/* lawyer: our id. Returns: (transfer full) (nullable): an array of Client; `allowed` and `next_booking` are null, the layers
 * above fill them. A client who was never admitted has a null id and code and a null centre. Active authorities come first,
 * the newest before older ones; revoked ones are shown for 90 days. */
json_t *
hj_records_list_clients (HjStore *store, const char *lawyer, gint64 now_us, GError **error)
{
  g_autoptr (json_t) clients = hj_store_query_json (store, LIST_CLIENTS,
      HJ_BINDS (HJ_TEXT (":lawyer", lawyer), HJ_INT (":shown_from", now_us - REVOKED_SHOWN_US),
          HJ_INT (":max", MAX_CLIENTS)),
      error);
  json_t *client;
  gsize i;

  if (clients == NULL)
    return NULL;
  json_array_foreach (clients, i, client)
  {
    finish_detainee (client);
    if (!add_stages (client, store, error))
      return NULL;
    json_object_set_new (client, "allowed", json_null ());
    json_object_set_new (client, "next_booking", json_null ());
  }
  return g_steal_pointer (&clients);
}
