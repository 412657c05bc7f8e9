/* SPDX-License-Identifier: Apache-2.0 */
/* Kiosks as an administrator and their own agent see them: invited with a one-time token, enrolled with a device key,
 * approved by a person who compared its fingerprint, retired. At most one per room that is not retired: a rule of the schema. On the store's worker. */

#include "src/access/kiosks.h"

#include "src/access/device-key.h"
#include "src/access/places.h"
#include "src/base/fingerprint.h"
#include "src/base/ids.h"
#include "src/base/json.h"
#include "src/base/time.h"

#define MAX_NAME 200
#define MAX_FINGERPRINT 80

#define COLUMNS                                                                                    \
  "SELECT k.id AS \"id\", k.room AS \"room\", k.name AS \"name\", k.state AS \"state\", k.online " \
  "AS \"online?\", k.seen_at_us AS \"seen_at_us\", hex (k.public_key) AS \"key\""

static const char LIST[]
    = COLUMNS ", r.centre AS \"centre\" FROM kiosk k JOIN room r ON r.id = k.room"
              " ORDER BY r.centre, r.name_zh, k.state, k.name";
static const char SHOW[] = COLUMNS " FROM kiosk k WHERE k.id = :kiosk";
static const char FIND_CENTRE[]
    = "SELECT r.centre FROM kiosk k JOIN room r ON r.id = k.room WHERE k.id = :kiosk";
static const char RETIRE_EXPIRED[]
    = "UPDATE kiosk SET state = 'retired', token_hash = NULL WHERE room = :room"
      " AND state = 'invited' AND token_expires_at_us <= :now";
static const char ADD[]
    = "INSERT INTO kiosk (id, room, name, state, token_hash, token_expires_at_us)"
      " VALUES (:id, :room, :name, 'invited', :hash, :expires)";
static const char RETIRE[]
    = "UPDATE kiosk SET state = 'retired', token_hash = NULL, online = 0 WHERE id = :kiosk";
static const char APPROVE[]
    = "UPDATE kiosk SET state = 'approved', approved_at_us = :now WHERE id = :kiosk AND state = "
      "'enrolled'";
static const char FIND_INVITED[]
    = "SELECT id FROM kiosk WHERE token_hash = :hash AND state = 'invited'"
      " AND token_expires_at_us > :now";
static const char ENROL[]
    = "UPDATE kiosk SET state = 'enrolled', token_hash = NULL, token_expires_at_us = NULL,"
      " public_key = :key, enrolled_at_us = :now WHERE id = :kiosk";
static const char SHOW_ENROLLED[]
    = "SELECT k.id AS \"kiosk\", k.name AS \"name\", r.id AS \"room.id\", r.name_zh AS "
      "\"room.name.zh\", r.name_en AS \"room.name.en\", c.id AS \"centre.id\", c.name_zh AS "
      "\"centre.name.zh\", c.name_en AS \"centre.name.en\" FROM kiosk k JOIN room r ON r.id = "
      "k.room JOIN centre c ON c.id = r.centre WHERE k.id = :kiosk";

/* Returns: (transfer full) (nullable): the rows that the actor's jurisdiction reaches. */
static json_t *
run_list (HjAct *act, GError **error)
{
  g_autoptr (json_t) all = hj_store_query_json (act->store, LIST, HJ_NO_BINDS, error);
  json_t *kiosks = NULL;

  if (all == NULL)
    return NULL;
  kiosks = hj_places_within (act->actor, all, "centre");
  for (gsize i = 0; i < json_array_size (kiosks); i++)
    {
      json_object_del (json_array_get (kiosks, i), "centre");
      hj_device_key_show (json_array_get (kiosks, i));
    }
  return json_pack ("{s:o}", "kiosks", kiosks);
}

/* input: none. Answers {kiosks: [Kiosk]}. */
const HjActKind hj_act_list_kiosks
    = { .name = "list-kiosks", .flags = HJ_ACT_READS, .run = run_list };

static json_t *
show (HjAct *act, const char *kiosk, GError **error)
{
  json_t *answer
      = hj_store_query_one (act->store, SHOW, HJ_BINDS (HJ_TEXT (":kiosk", kiosk)), error);

  if (answer != NULL)
    hj_device_key_show (answer);
  return answer;
}

/* An invitation that ran out makes room for the next one; a kiosk that is there does not. */
static gboolean
add (HjAct *act, const char *room, const char *name, const char *kiosk, const char *token,
    GError **error)
{
  g_autofree char *hash = hj_sha256_hex (token);
  g_autoptr (GError) failure = NULL;

  if (hj_store_run (act->store, RETIRE_EXPIRED,
          HJ_BINDS (HJ_TEXT (":room", room), HJ_INT (":now", act->now_us)), &failure)
      && hj_store_run (act->store, ADD,
          HJ_BINDS (HJ_TEXT (":id", kiosk), HJ_TEXT (":room", room), HJ_TEXT (":name", name),
              HJ_TEXT (":hash", hash), HJ_INT (":expires", act->now_us + HJ_KIOSK_TOKEN_LIFE_US)),
          &failure))
    return TRUE;
  if (g_error_matches (failure, HJ_STORE_ERROR, HJ_STORE_ERROR_TAKEN))
    hj_refuse (error, HJ_REFUSAL_EXISTS, "room");
  else
    g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

static json_t *
run_create (HjAct *act, GError **error)
{
  const char *room = NULL;
  const char *name = NULL;
  g_autofree char *kiosk = hj_id_new ();
  g_autofree char *token = hj_token_new ();
  json_t *answer = NULL;

  if (!hj_json_read_id (act->input, "room", &room, error)
      || !hj_json_read_string (act->input, "name", MAX_NAME, &name, error))
    return NULL;
  hj_act_about (act, "room", room);
  if (!hj_places_check_room (act, "create-kiosk", room, error)
      || !add (act, room, name, kiosk, token, error) || (answer = show (act, kiosk, error)) == NULL)
    return NULL;
  hj_act_note (act, "room", json_string (room));
  hj_act_about (act, "kiosk", kiosk);
  json_object_set_new (answer, "token", json_string (token));
  return answer;
}

/* input: {room, name}. Answers Kiosk with `token`, shown once. */
const HjActKind hj_act_create_kiosk
    = { .name = "create-kiosk", .flags = HJ_ACT_WRITES, .run = run_create };

/* A person compared this fingerprint with the one that the kiosk itself shows. The key that is approved must be that one,
 * whatever stood here when the person looked. */
static gboolean
approve (HjAct *act, const char *kiosk, GError **error)
{
  const char *text = NULL;
  g_autofree char *compared = NULL;
  g_autoptr (json_t) before = NULL;
  const char *state, *fingerprint;

  if (!hj_json_read_string (act->input, "fingerprint", MAX_FINGERPRINT, &text, error))
    return FALSE;
  compared = hj_fingerprint_read (text);
  if (compared == NULL)
    {
      hj_refuse (error, HJ_REFUSAL_INVALID, "fingerprint");
      return FALSE;
    }
  hj_act_note (act, "fingerprint", json_string (compared));
  before = show (act, kiosk, error);
  if (before == NULL)
    return FALSE;
  state = json_string_value (json_object_get (before, "state"));
  fingerprint = json_string_value (json_object_get (before, "fingerprint"));
  if (!g_str_equal (state, "enrolled") && !g_str_equal (state, "approved"))
    hj_refuse (error, HJ_REFUSAL_STATE, "kiosk is %s", state);
  else if (g_strcmp0 (fingerprint, compared) != 0)
    hj_refuse (error, HJ_REFUSAL_STATE, "fingerprint is not that of the kiosk's key");
  else
    return hj_store_run (act->store, APPROVE,
        HJ_BINDS (HJ_INT (":now", act->now_us), HJ_TEXT (":kiosk", kiosk)), error);
  return FALSE;
}

static gboolean
retire (HjAct *act, const char *kiosk, GError **error)
{
  return hj_store_run (act->store, RETIRE, HJ_BINDS (HJ_TEXT (":kiosk", kiosk)), error);
}

static json_t *
run_update (HjAct *act, GError **error)
{
  const char *kiosk = NULL;
  const char *state = NULL;
  gboolean approves;

  if (!hj_json_read_id (act->input, "id", &kiosk, error))
    return NULL;
  hj_act_about (act, "kiosk", kiosk);
  if (!hj_places_check_by (act, "update-kiosk", FIND_CENTRE, ":kiosk", kiosk, error)
      || !hj_json_read_string (act->input, "state", 16, &state, error))
    return NULL;
  approves = g_str_equal (state, "approved");
  if (!approves && !g_str_equal (state, "retired"))
    {
      hj_refuse (error, HJ_REFUSAL_INVALID, "state");
      return NULL;
    }
  hj_act_note (act, "state", json_string (state));
  if (!(approves ? approve (act, kiosk, error) : retire (act, kiosk, error)))
    return NULL;
  return show (act, kiosk, error);
}

/* input: {id, state: "approved", fingerprint} or {id, state: "retired"}; again is no harm. Answers Kiosk. Its socket must then be closed: see hj_acts_watch(). */
const HjActKind hj_act_update_kiosk
    = { .name = "update-kiosk", .flags = HJ_ACT_WRITES, .run = run_update };

/* Returns: (transfer full) (nullable): the kiosk whose invitation this is. */
static char *
find_invited (HjAct *act, const char *token, GError **error)
{
  g_autofree char *hash = hj_sha256_hex (token);
  g_autoptr (HjRows) rows = hj_store_query (act->store, FIND_INVITED,
      HJ_BINDS (HJ_TEXT (":hash", hash), HJ_INT (":now", act->now_us)), error);
  g_autoptr (GError) failure = NULL;

  if (rows == NULL)
    return NULL;
  if (hj_rows_next (rows, &failure))
    return g_strdup (hj_rows_text (rows, 0));
  if (failure == NULL)
    hj_refuse (error, HJ_REFUSAL_TOKEN, "token");
  else
    g_propagate_error (error, g_steal_pointer (&failure));
  return NULL;
}

/* A key that is no key does not spend the token. */
static json_t *
run_enrol (HjAct *act, GError **error)
{
  const char *token, *public_key, *origin;
  g_autofree char *kiosk = NULL;
  g_autoptr (GBytes) key = NULL;
  json_t *answer = NULL;

  if (!hj_json_read_string (act->input, "token", 256, &token, error)
      || !hj_json_read_string (act->input, "public_key", 1024, &public_key, error)
      || !hj_json_read_string (act->input, "origin", 300, &origin, error)
      || (kiosk = find_invited (act, token, error)) == NULL)
    return NULL;
  hj_act_about (act, "kiosk", kiosk);
  key = hj_device_key_read (public_key, error);
  if (key == NULL
      || !hj_store_run (act->store, ENROL,
          HJ_BINDS (HJ_BLOB (":key", g_bytes_get_data (key, NULL), g_bytes_get_size (key)),
              HJ_INT (":now", act->now_us), HJ_TEXT (":kiosk", kiosk)),
          error)
      || (answer = hj_store_query_one (
              act->store, SHOW_ENROLLED, HJ_BINDS (HJ_TEXT (":kiosk", kiosk)), error))
             == NULL)
    return NULL;
  json_object_set_new (answer, "origin", json_string (origin));
  return answer;
}

/* input: {token, public_key, origin}; the edge puts its own origin there. Answers {kiosk, name, room, centre, origin}. */
const HjActKind hj_act_enrol_kiosk
    = { .name = "enrol-kiosk", .flags = HJ_ACT_WRITES, .run = run_enrol };
