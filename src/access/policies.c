/* SPDX-License-Identifier: Apache-2.0 */
/* The acts about a centre's policy. Each change is a new version, so that every booking can be told which rules it met; it
 * holds from now on. On the store's worker. */

#include "src/access/places.h"

#include "src/access/policy.h"
#include "src/base/ids.h"
#include "src/base/json.h"

#define COLUMNS                                                                                    \
  "SELECT centre AS \"centre\", version AS \"version\", effective_from_us AS "                     \
  "\"effective_from_us\", document AS \"document\" FROM policy p"

static const char LIST_ONE[] = COLUMNS " WHERE centre = :centre ORDER BY version DESC";
static const char LIST_NEWEST[]
    = COLUMNS " WHERE version = (SELECT MAX (version) FROM policy WHERE centre = p.centre)"
              " ORDER BY centre";
static const char SHOW[] = COLUMNS " WHERE centre = :centre ORDER BY version DESC LIMIT 1";
static const char ADD[]
    = "INSERT INTO policy (centre, version, effective_from_us, document) SELECT :centre,"
      " COALESCE (MAX (version), 0) + 1, :now, :document FROM policy WHERE centre = :centre";

/* The document is stored as text and answered as an object. */
static json_t *
open_document (json_t *row)
{
  const char *text = json_string_value (json_object_get (row, "document"));
  json_t *document = json_loads (text, JSON_REJECT_DUPLICATES, NULL);

  json_object_set_new (row, "document", document != NULL ? document : json_object ());
  return row;
}

static json_t *
run_list (HjAct *act, GError **error)
{
  const char *centre = NULL;
  g_autoptr (json_t) all = NULL;
  json_t *policies = NULL;

  if (!hj_json_read_optional_string (act->input, "centre", HJ_ID_LENGTH, &centre, error))
    return NULL;
  if (centre != NULL)
    all = hj_store_query_json (act->store, LIST_ONE, HJ_BINDS (HJ_TEXT (":centre", centre)), error);
  else
    all = hj_store_query_json (act->store, LIST_NEWEST, HJ_NO_BINDS, error);
  if (all == NULL)
    return NULL;
  policies = hj_places_within (act->actor, all, "centre");
  for (gsize i = 0; i < json_array_size (policies); i++)
    open_document (json_array_get (policies, i));
  return json_pack ("{s:o}", "policies", policies);
}

/* input: {centre?}: every version of that centre, newest first; without, each centre's newest. Answers {policies}. */
const HjActKind hj_act_list_policies
    = { .name = "list-policies", .flags = HJ_ACT_READS, .run = run_list };

static json_t *
run_update (HjAct *act, GError **error)
{
  const char *centre = NULL;
  json_t *document = NULL;
  g_autoptr (HjPolicy) policy = NULL;
  g_autofree char *text = NULL;
  json_t *answer = NULL;

  if (!hj_json_read_id (act->input, "centre", &centre, error))
    return NULL;
  hj_act_about (act, "centre", centre);
  if (!hj_places_check_centre (act, "update-policy", centre, error)
      || !hj_json_read_object (act->input, "document", &document, error)
      || (policy = hj_policy_read (document, error)) == NULL)
    return NULL;
  text = hj_json_dump (document);
  if (!hj_store_run (act->store, ADD,
          HJ_BINDS (HJ_TEXT (":centre", centre), HJ_INT (":now", act->now_us),
              HJ_TEXT (":document", text)),
          error)
      || (answer
             = hj_store_query_one (act->store, SHOW, HJ_BINDS (HJ_TEXT (":centre", centre)), error))
             == NULL)
    return NULL;
  hj_act_note (act, "version", json_incref (json_object_get (answer, "version")));
  return open_document (answer);
}

/* input: {centre, document}. Answers Policy. */
const HjActKind hj_act_update_policy
    = { .name = "update-policy", .flags = HJ_ACT_WRITES, .run = run_update };
