/* SPDX-License-Identifier: Apache-2.0 */
/* Centres and their rooms, and whether they lie in an actor's jurisdiction. A new centre is for those who see every centre.
 * On the store's worker. */

#include "src/access/places.h"

#include <string.h>

#include "src/access/policy.h"
#include "src/base/ids.h"
#include "src/base/json.h"

#define MAX_NAME 200
#define CODE_DIGITS 9

#define CENTRE_COLUMNS                                                                             \
  "SELECT id AS \"id\", code AS \"code\", name_zh AS \"name.zh\", name_en AS \"name.en\", zone "   \
  "AS \"zone\" FROM centre"
#define ROOM_COLUMNS                                                                               \
  "SELECT r.id AS \"id\", r.centre AS \"centre\", r.name_zh AS \"name.zh\", r.name_en AS "         \
  "\"name.en\", r.open AS \"open?\", k.id AS \"kiosk\" FROM room r LEFT JOIN kiosk k ON k.room = " \
  "r.id AND k.state <> 'retired'"

static const char LIST_CENTRES[] = CENTRE_COLUMNS " ORDER BY code";
static const char SHOW_CENTRE[] = CENTRE_COLUMNS " WHERE id = :id";
static const char ADD_CENTRE[] = "INSERT INTO centre (id, code, name_zh, name_en, zone)"
                                 " VALUES (:id, :code, :zh, :en, :zone)";
static const char CHANGE_CENTRE[] = "UPDATE centre SET code = :code, name_zh = :zh, name_en = :en,"
                                    " zone = :zone WHERE id = :id";
static const char ADD_POLICY[] = "INSERT INTO policy (centre, version, effective_from_us, document)"
                                 " VALUES (:centre, 1, :now, :document)";
static const char LIST_ROOMS[]
    = ROOM_COLUMNS " WHERE :centre IS NULL OR r.centre = :centre ORDER BY r.centre, r.name_zh";
static const char SHOW_ROOM[] = ROOM_COLUMNS " WHERE r.id = :id";
static const char FIND_ROOM_CENTRE[] = "SELECT centre FROM room WHERE id = :room";
static const char FIND_CENTRE[] = "SELECT id FROM centre WHERE id = :centre";
static const char ADD_ROOM[]
    = "INSERT INTO room (id, centre, name_zh, name_en) VALUES (:id, :centre, :zh, :en)";
static const char CHANGE_ROOM[]
    = "UPDATE room SET name_zh = :zh, name_en = :en, open = :open WHERE id = :id";

/* rows: an array of objects; key: the member with the centre's id. Lawyers meet everywhere.
 * Returns: (transfer full): the rows that the actor's jurisdiction reaches. */
json_t *
hj_places_within (const HjActor *actor, const json_t *rows, const char *key)
{
  gboolean all = hj_actor_get_role (actor) == HJ_ROLE_LAWYER;
  json_t *within = json_array ();

  for (gsize i = 0; i < json_array_size (rows); i++)
    {
      json_t *row = json_array_get (rows, i);

      if (all || hj_actor_has_centre (actor, json_string_value (json_object_get (row, key))))
        json_array_append (within, row);
    }
  return within;
}

/* sql: SELECTs the centre of what the parameter names. Unknown and out of reach are the same refusal. */
gboolean
hj_places_check_by (HjAct *act, const char *word, const char *sql, const char *parameter,
    const char *id, GError **error)
{
  HjBind binds[] = { HJ_TEXT (NULL, id), { 0 } };
  g_autoptr (HjRows) rows = NULL;
  g_autoptr (GError) failure = NULL;

  binds[0].name = parameter;
  rows = hj_store_query (act->store, sql, binds, error);
  if (rows == NULL)
    return FALSE;
  if (hj_rows_next (rows, &failure))
    {
      HjSubject subject = { .centre = hj_rows_text (rows, 0) };

      return hj_access_check (act->actor, word, &subject, error);
    }
  if (failure == NULL)
    hj_refuse (error, HJ_REFUSAL_NOT_FOUND, "%s", word);
  else
    g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

/* The centre is there and in the actor's jurisdiction. */
gboolean
hj_places_check_centre (HjAct *act, const char *word, const char *centre, GError **error)
{
  return hj_places_check_by (act, word, FIND_CENTRE, ":centre", centre, error);
}

/* The room is there and in the actor's jurisdiction. */
gboolean
hj_places_check_room (HjAct *act, const char *word, const char *room, GError **error)
{
  return hj_places_check_by (act, word, FIND_ROOM_CENTRE, ":room", room, error);
}

static gboolean
refuse (const char *field, GError **error)
{
  hj_refuse (error, HJ_REFUSAL_INVALID, "%s", field);
  return FALSE;
}

/* name: {zh, en}, or one text for both. */
static gboolean
read_name (const json_t *input, const char **zh, const char **en, GError **error)
{
  const json_t *name = json_object_get (input, "name");
  g_autoptr (GError) failure = NULL;

  if (json_is_string (name))
    {
      *en = NULL;
      if (!hj_json_read_string (input, "name", MAX_NAME, zh, error))
        return FALSE;
      *en = *zh;
      return TRUE;
    }
  return (hj_json_read_string (name, "zh", MAX_NAME, zh, &failure)
             && hj_json_read_string (name, "en", MAX_NAME, en, &failure))
         || refuse ("name", error);
}

typedef struct
{
  const char *code, *zh, *en, *zone;
} Centre;

static gboolean
read_centre (const json_t *input, Centre *self, GError **error)
{
  g_autoptr (GTimeZone) zone = NULL;

  if (!hj_json_read_string (input, "code", CODE_DIGITS, &self->code, error)
      || !read_name (input, &self->zh, &self->en, error)
      || !hj_json_read_string (input, "zone", 64, &self->zone, error))
    return FALSE;
  if (strlen (self->code) != CODE_DIGITS || strspn (self->code, "0123456789") != CODE_DIGITS)
    return refuse ("code", error);
  zone = g_time_zone_new_identifier (self->zone);
  return zone != NULL || refuse ("zone", error);
}

/* What is not given stays as it is. Returns: (transfer full): the row with the input's members over it. */
static json_t *
merge (const json_t *row, const json_t *input)
{
  json_t *merged = json_deep_copy (row);

  json_object_update_existing (merged, (json_t *)input);
  return merged;
}

static gboolean
write_centre (HjAct *act, const char *sql, const char *id, const Centre *centre, GError **error)
{
  g_autoptr (GError) failure = NULL;

  if (hj_store_run (act->store, sql,
          HJ_BINDS (HJ_TEXT (":id", id), HJ_TEXT (":code", centre->code),
              HJ_TEXT (":zh", centre->zh), HJ_TEXT (":en", centre->en),
              HJ_TEXT (":zone", centre->zone)),
          &failure))
    return TRUE;
  if (g_error_matches (failure, HJ_STORE_ERROR, HJ_STORE_ERROR_TAKEN))
    hj_refuse (error, HJ_REFUSAL_EXISTS, "code");
  else
    g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

static json_t *
run_list_centres (HjAct *act, GError **error)
{
  g_autoptr (json_t) all = hj_store_query_json (act->store, LIST_CENTRES, HJ_NO_BINDS, error);

  return all != NULL ? json_pack ("{s:o}", "centres", hj_places_within (act->actor, all, "id"))
                     : NULL;
}

/* input: none. Answers {centres: [Centre]}. */
const HjActKind hj_act_list_centres
    = { .name = "list-centres", .flags = HJ_ACT_READS, .run = run_list_centres };

static json_t *
run_create_centre (HjAct *act, GError **error)
{
  g_autofree char *id = hj_id_new ();
  g_autoptr (json_t) defaults
      = json_pack ("{s:n, s:n, s:s}", "code", "name", "zone", "Asia/Shanghai");
  g_autoptr (json_t) wanted = merge (defaults, act->input);
  Centre centre = { 0 };

  if (!hj_actor_is_everywhere (act->actor))
    {
      hj_refuse (error, HJ_REFUSAL_NOT_FOUND, "create-centre");
      return NULL;
    }
  if (!read_centre (wanted, &centre, error) || !write_centre (act, ADD_CENTRE, id, &centre, error)
      || !hj_store_run (act->store, ADD_POLICY,
          HJ_BINDS (HJ_TEXT (":centre", id), HJ_INT (":now", act->now_us),
              HJ_TEXT (":document", hj_policy_get_default ())),
          error))
    return NULL;
  hj_act_about (act, "centre", id);
  return hj_store_query_one (act->store, SHOW_CENTRE, HJ_BINDS (HJ_TEXT (":id", id)), error);
}

/* input: {code, name, zone?}. Answers Centre; it begins with the policy of office hours. */
const HjActKind hj_act_create_centre
    = { .name = "create-centre", .flags = HJ_ACT_WRITES, .run = run_create_centre };

static json_t *
run_update_centre (HjAct *act, GError **error)
{
  const char *id = NULL;
  g_autoptr (json_t) row = NULL;
  g_autoptr (json_t) wanted = NULL;
  Centre centre = { 0 };

  if (!hj_json_read_id (act->input, "id", &id, error))
    return NULL;
  hj_act_about (act, "centre", id);
  if (!hj_places_check_centre (act, "update-centre", id, error)
      || (row = hj_store_query_one (act->store, SHOW_CENTRE, HJ_BINDS (HJ_TEXT (":id", id)), error))
             == NULL)
    return NULL;
  wanted = merge (row, act->input);
  if (!read_centre (wanted, &centre, error)
      || !write_centre (act, CHANGE_CENTRE, id, &centre, error))
    return NULL;
  return hj_store_query_one (act->store, SHOW_CENTRE, HJ_BINDS (HJ_TEXT (":id", id)), error);
}

/* input: {id, code?, name?, zone?}. Answers Centre. */
const HjActKind hj_act_update_centre
    = { .name = "update-centre", .flags = HJ_ACT_WRITES, .run = run_update_centre };

static json_t *
run_list_rooms (HjAct *act, GError **error)
{
  const char *centre = NULL;
  g_autoptr (json_t) all = NULL;

  if (!hj_json_read_optional_string (act->input, "centre", HJ_ID_LENGTH, &centre, error)
      || (all = hj_store_query_json (
              act->store, LIST_ROOMS, HJ_BINDS (HJ_TEXT (":centre", centre)), error))
             == NULL)
    return NULL;
  return json_pack ("{s:o}", "rooms", hj_places_within (act->actor, all, "centre"));
}

/* input: {centre?}. Answers {rooms: [Room]}; kiosk is an id or null. */
const HjActKind hj_act_list_rooms
    = { .name = "list-rooms", .flags = HJ_ACT_READS, .run = run_list_rooms };

static gboolean
write_room (HjAct *act, const char *sql, const HjBind *binds, GError **error)
{
  g_autoptr (GError) failure = NULL;

  if (hj_store_run (act->store, sql, binds, &failure))
    return TRUE;
  if (g_error_matches (failure, HJ_STORE_ERROR, HJ_STORE_ERROR_TAKEN))
    hj_refuse (error, HJ_REFUSAL_EXISTS, "name");
  else
    g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

static json_t *
run_create_room (HjAct *act, GError **error)
{
  const char *centre = NULL;
  const char *zh = NULL;
  const char *en = NULL;
  g_autofree char *id = hj_id_new ();

  if (!hj_json_read_id (act->input, "centre", &centre, error))
    return NULL;
  hj_act_about (act, "centre", centre);
  if (!hj_places_check_centre (act, "create-room", centre, error)
      || !read_name (act->input, &zh, &en, error)
      || !write_room (act, ADD_ROOM,
          HJ_BINDS (HJ_TEXT (":id", id), HJ_TEXT (":centre", centre), HJ_TEXT (":zh", zh),
              HJ_TEXT (":en", en)),
          error))
    return NULL;
  hj_act_note (act, "centre", json_string (centre));
  hj_act_about (act, "room", id);
  return hj_store_query_one (act->store, SHOW_ROOM, HJ_BINDS (HJ_TEXT (":id", id)), error);
}

/* input: {centre, name}. Answers Room. */
const HjActKind hj_act_create_room
    = { .name = "create-room", .flags = HJ_ACT_WRITES, .run = run_create_room };

static json_t *
run_update_room (HjAct *act, GError **error)
{
  const char *id, *zh, *en;
  g_autoptr (json_t) row = NULL;
  g_autoptr (json_t) wanted = NULL;
  gboolean open = FALSE;

  if (!hj_json_read_id (act->input, "id", &id, error))
    return NULL;
  hj_act_about (act, "room", id);
  if (!hj_places_check_room (act, "update-room", id, error)
      || (row = hj_store_query_one (act->store, SHOW_ROOM, HJ_BINDS (HJ_TEXT (":id", id)), error))
             == NULL)
    return NULL;
  wanted = merge (row, act->input);
  if (!read_name (wanted, &zh, &en, error) || !hj_json_read_bool (wanted, "open", &open, error)
      || !write_room (act, CHANGE_ROOM,
          HJ_BINDS (HJ_TEXT (":id", id), HJ_TEXT (":zh", zh), HJ_TEXT (":en", en),
              HJ_INT (":open", open ? 1 : 0)),
          error))
    return NULL;
  return hj_store_query_one (act->store, SHOW_ROOM, HJ_BINDS (HJ_TEXT (":id", id)), error);
}

/* input: {id, name?, open?}. Answers Room. */
const HjActKind hj_act_update_room
    = { .name = "update-room", .flags = HJ_ACT_WRITES, .run = run_update_room };
