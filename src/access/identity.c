/* SPDX-License-Identifier: Apache-2.0 */
/* From an account's rows to the actor that acts for it, and to the Account object of docs/protocol.md section 2. On the
 * store's worker. */

#include "src/access/identity.h"

#include "src/base/json.h"
#include "src/store/store.h"

static const char FIND[] = "SELECT role, scope, lawyer FROM account WHERE id = :id AND state = "
                           "'active'";
static const char FIND_CENTRES[]
    = "SELECT centre FROM account_centre WHERE account = :id ORDER BY centre";
static const char DESCRIBE[]
    = "SELECT a.id AS \"id\", a.name AS \"name\", a.display_name AS \"display_name\", a.role AS "
      "\"role\", a.scope AS \"scope\", a.state AS \"state\", l.id AS \"lawyer.id\","
      " l.name AS \"lawyer.name\", l.licence AS \"lawyer.licence\", f.name AS \"lawyer.firm\""
      " FROM account a LEFT JOIN lawyer l ON l.id = a.lawyer LEFT JOIN firm f ON f.id = l.firm"
      " WHERE a.id = :id";
static const char DESCRIBE_CENTRES[]
    = "SELECT c.id AS \"id\", c.name_zh AS \"name.zh\", c.name_en AS \"name.en\" FROM centre c"
      " WHERE EXISTS (SELECT 1 FROM account a WHERE a.id = :id AND a.scope = 'all')"
      " OR c.id IN (SELECT centre FROM account_centre WHERE account = :id) ORDER BY c.code";
static const char FIND_DISPLAY_NAME[] = "SELECT display_name FROM account WHERE id = :id";

/* Returns: (transfer full) (nullable): NULL-terminated. */
static GPtrArray *
load_centres (HjStore *store, const char *account, GError **error)
{
  g_autoptr (HjRows) rows
      = hj_store_query (store, FIND_CENTRES, HJ_BINDS (HJ_TEXT (":id", account)), error);
  g_autoptr (GPtrArray) centres = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) failure = NULL;

  if (rows == NULL)
    return NULL;
  while (hj_rows_next (rows, &failure))
    g_ptr_array_add (centres, g_strdup (hj_rows_text (rows, 0)));
  g_ptr_array_add (centres, NULL);
  if (failure == NULL)
    return g_steal_pointer (&centres);
  g_propagate_error (error, g_steal_pointer (&failure));
  return NULL;
}

/* The actor of an active account. session: (nullable): the hash of its token. Returns: (transfer full) (nullable). */
HjActor *
hj_identity_load_actor (HjStore *store, const char *account, const char *session, GError **error)
{
  g_autoptr (GPtrArray) centres = load_centres (store, account, error);
  g_autoptr (HjRows) rows = NULL;
  g_autoptr (GError) failure = NULL;

  if (centres == NULL
      || (rows = hj_store_query (store, FIND, HJ_BINDS (HJ_TEXT (":id", account)), error)) == NULL)
    return NULL;
  if (hj_rows_next (rows, &failure))
    return hj_actor_new_signed_in (account, hj_role_from_word (hj_rows_text (rows, 0)),
        hj_rows_text (rows, 2), (const char *const *)centres->pdata,
        g_str_equal (hj_rows_text (rows, 1), "all"), session);
  if (failure == NULL)
    hj_refuse (error, HJ_REFUSAL_SIGN_IN, "account");
  else
    g_propagate_error (error, g_steal_pointer (&failure));
  return NULL;
}

/* Returns: (transfer full) (nullable): {id, name, display_name, role, scope, state, lawyer, centres}. */
json_t *
hj_identity_describe (HjStore *store, const char *account, GError **error)
{
  g_autoptr (json_t) described
      = hj_store_query_one (store, DESCRIBE, HJ_BINDS (HJ_TEXT (":id", account)), error);
  json_t *centres = NULL;

  if (described == NULL)
    return NULL;
  centres
      = hj_store_query_json (store, DESCRIBE_CENTRES, HJ_BINDS (HJ_TEXT (":id", account)), error);
  if (centres == NULL)
    return NULL;
  json_object_set_new (described, "centres", centres);
  return g_steal_pointer (&described);
}

/* Returns: (transfer full) (nullable): what others see. */
char *
hj_identity_get_display_name (HjStore *store, const char *account, GError **error)
{
  g_autoptr (HjRows) rows
      = hj_store_query (store, FIND_DISPLAY_NAME, HJ_BINDS (HJ_TEXT (":id", account)), error);

  return rows != NULL && hj_rows_next (rows, error) ? g_strdup (hj_rows_text (rows, 0)) : NULL;
}
