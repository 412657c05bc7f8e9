/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of lawyers' browsers: added by whoever is signed in and proves to hold the key, named at each join, removed for
 * good. The other end of a meeting knows the lawyer's browser by this key. On the store's worker. docs/e2ee.md section 2. */

#include "src/access/devices.h"

#include "src/access/device-key.h"
#include "src/base/ids.h"
#include "src/base/json.h"

#define MAX_NAME 200
#define MAX_LISTED "100"

#define COLUMNS                                                                                    \
  "SELECT id AS \"id\", name AS \"name\", hex (public_key) AS \"key\", state AS \"state\","        \
  " added_at_us AS \"added_at_us\", seen_at_us AS \"seen_at_us\","                                 \
  " removed_at_us AS \"removed_at_us\" FROM device"

static const char LIST[]
    = COLUMNS " WHERE account = :account ORDER BY state, added_at_us DESC, id LIMIT " MAX_LISTED;
static const char SHOW[] = COLUMNS " WHERE id = :id AND account = :account";
static const char FIND_OWNER[]
    = "SELECT id, account FROM device WHERE public_key = :key AND state = 'active'";
static const char COUNT[]
    = "SELECT COUNT (*) FROM device WHERE account = :account AND state = 'active'";
static const char ADD[] = "INSERT INTO device (id, account, name, public_key, added_at_us)"
                          " VALUES (:id, :account, :name, :key, :now)";
static const char REMOVE[] = "UPDATE device SET state = 'removed', removed_at_us = :now WHERE id = "
                             ":id AND state = 'active'";
static const char FIND_KEY[] = "SELECT public_key FROM device"
                               " WHERE id = :id AND account = :account AND state = 'active'";
static const char SEEN[] = "UPDATE device SET seen_at_us = :now WHERE id = :id";

static json_t *
run_list (HjAct *act, GError **error)
{
  json_t *devices = hj_store_query_json (
      act->store, LIST, HJ_BINDS (HJ_TEXT (":account", hj_actor_get_id (act->actor))), error);

  for (gsize i = 0; i < json_array_size (devices); i++)
    hj_device_key_show (json_array_get (devices, i));
  return devices != NULL ? json_pack ("{s:o}", "devices", devices) : NULL;
}

/* input: none. Answers {devices: [Device]}: the actor's own, those in use first. */
const HjActKind hj_act_list_devices
    = { .name = "list-devices", .flags = HJ_ACT_READS, .run = run_list };

/* Returns: (transfer full) (nullable): the actor's own Device; another's is not found. */
static json_t *
show (HjAct *act, const char *device, GError **error)
{
  json_t *answer = hj_store_query_one (act->store, SHOW,
      HJ_BINDS (HJ_TEXT (":id", device), HJ_TEXT (":account", hj_actor_get_id (act->actor))),
      error);

  if (answer != NULL)
    hj_device_key_show (answer);
  return answer;
}

/* Who registers a key holds it: nobody can put a stranger's key under the own name. */
static gboolean
check_proof (HjAct *act, GBytes *key, const char *proof, GError **error)
{
  gsize size;
  gconstpointer der = g_bytes_get_data (key, &size);
  g_autoptr (GBytes) message = hj_device_key_build_proof (hj_actor_get_id (act->actor), key);

  if (hj_device_key_verify (der, size, message, proof))
    return TRUE;
  hj_refuse (error, HJ_REFUSAL_TOKEN, "proof");
  return FALSE;
}

/* ret_device: (out) (transfer full) (nullable): the actor's device that has this key already. Refused with
 * HJ_REFUSAL_EXISTS when another account has it. */
static gboolean
find_same (HjAct *act, GBytes *key, char **ret_device, GError **error)
{
  g_autoptr (HjRows) rows = hj_store_query (act->store, FIND_OWNER,
      HJ_BINDS (HJ_BLOB (":key", g_bytes_get_data (key, NULL), g_bytes_get_size (key))), error);
  g_autoptr (GError) failure = NULL;

  *ret_device = NULL;
  if (rows == NULL)
    return FALSE;
  if (hj_rows_next (rows, &failure))
    {
      if (g_strcmp0 (hj_rows_text (rows, 1), hj_actor_get_id (act->actor)) == 0)
        *ret_device = g_strdup (hj_rows_text (rows, 0));
      else
        hj_refuse (&failure, HJ_REFUSAL_EXISTS, "public_key");
    }
  if (failure == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

/* Returns: (transfer full) (nullable): the id of the new device. */
static char *
add (HjAct *act, const char *name, GBytes *key, GError **error)
{
  const char *account = hj_actor_get_id (act->actor);
  g_autofree char *id = hj_id_new ();
  gint64 active = 0;

  if (!hj_store_query_int (
          act->store, COUNT, HJ_BINDS (HJ_TEXT (":account", account)), &active, error))
    return NULL;
  if (active >= HJ_DEVICES_MAX_ACTIVE)
    {
      hj_refuse (error, HJ_REFUSAL_TOO_MANY, "devices");
      return NULL;
    }
  if (!hj_store_run (act->store, ADD,
          HJ_BINDS (HJ_TEXT (":id", id), HJ_TEXT (":account", account), HJ_TEXT (":name", name),
              HJ_BLOB (":key", g_bytes_get_data (key, NULL), g_bytes_get_size (key)),
              HJ_INT (":now", act->now_us)),
          error))
    return NULL;
  return g_steal_pointer (&id);
}

static json_t *
run_add (HjAct *act, GError **error)
{
  const char *name, *public_key, *proof;
  g_autoptr (GBytes) key = NULL;
  g_autofree char *device = NULL;
  json_t *answer = NULL;

  if (!hj_json_read_string (act->input, "name", MAX_NAME, &name, error)
      || !hj_json_read_string (act->input, "public_key", 1024, &public_key, error)
      || !hj_json_read_string (act->input, "proof", 128, &proof, error)
      || (key = hj_device_key_read (public_key, error)) == NULL
      || !check_proof (act, key, proof, error) || !find_same (act, key, &device, error)
      || (device == NULL && (device = add (act, name, key, error)) == NULL))
    return NULL;
  hj_act_about (act, "device", device);
  answer = show (act, device, error);
  if (answer != NULL)
    hj_act_note (act, "fingerprint", json_incref (json_object_get (answer, "fingerprint")));
  return answer;
}

/* input: {name, public_key, proof}. Answers Device; the one that is there when the actor has this key already. */
const HjActKind hj_act_add_device
    = { .name = "add-device", .flags = HJ_ACT_WRITES, .run = run_add };

static json_t *
run_remove (HjAct *act, GError **error)
{
  const char *device = NULL;
  g_autoptr (json_t) before = NULL;

  if (!hj_json_read_id (act->input, "id", &device, error))
    return NULL;
  hj_act_about (act, "device", device);
  before = show (act, device, error);
  if (before == NULL
      || !hj_store_run (act->store, REMOVE,
          HJ_BINDS (HJ_INT (":now", act->now_us), HJ_TEXT (":id", device)), error))
    return NULL;
  return show (act, device, error);
}

/* input: {id}; again is no harm. Answers Device. */
const HjActKind hj_act_remove_device
    = { .name = "remove-device", .flags = HJ_ACT_WRITES, .run = run_remove };

/* For join: the key that the lawyer's browser of this id holds, and a note that it was there. account: the actor's id.
 * Refused with HJ_REFUSAL_DEVICE: unknown, another account's and removed are the same. Returns: (transfer full) (nullable):
 * SubjectPublicKeyInfo in base64. */
char *
hj_device_find_key (
    HjStore *store, const char *account, const char *device, gint64 now_us, GError **error)
{
  g_autoptr (HjRows) rows = hj_store_query (
      store, FIND_KEY, HJ_BINDS (HJ_TEXT (":id", device), HJ_TEXT (":account", account)), error);
  g_autoptr (GError) failure = NULL;
  g_autofree char *text = NULL;
  gconstpointer key;
  gsize size;

  if (rows == NULL)
    return NULL;
  if (hj_rows_next (rows, &failure))
    {
      key = hj_rows_blob (rows, 0, &size);
      text = g_base64_encode (key, size);
    }
  else if (failure == NULL)
    hj_refuse (&failure, HJ_REFUSAL_DEVICE, "device");
  if (failure != NULL)
    g_propagate_error (error, g_steal_pointer (&failure));
  else if (hj_store_run (
               store, SEEN, HJ_BINDS (HJ_INT (":now", now_us), HJ_TEXT (":id", device)), error))
    return g_steal_pointer (&text);
  return NULL;
}
