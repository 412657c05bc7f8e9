/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON of the control link and the check of every member. One table names the members of each verb; reading and writing
 * walk the same table, so both sides agree by construction (docs/protocol.md section 3). Any thread. */

#include "src/base/link.h"

#include <string.h>

#include "src/base/ids.h"
#include "src/base/json.h"

#define MAX_SDP (64 * 1024)
#define MAX_DETAIL 512
#define MAX_NODE 64
#define MAX_WORD 64
#define MAX_SEATS 8
#define MAX_DROPS 64

typedef enum
{
  END,
  VERSION,
  ID,           /* char *, 26 base32 characters */
  TEXT,         /* char *, not empty */
  OPTIONAL,     /* char *, may be absent */
  NODE,         /* char *, a host name */
  NUMBER,       /* gint64, 0 … max */
  POSITIVE,     /* gint64, 1 … max */
  BOOLEAN,      /* gboolean */
  FLAG,         /* gboolean, absent when FALSE */
  SRTP,         /* gboolean: absent or "cm" */
  EVENT_KIND,   /* HjLinkEventKind */
  REFUSAL_CODE, /* HjLinkCode */
  IDS,          /* GPtrArray of char * */
  ROOMS,        /* GArray of HjLinkRoom */
  LEGS,         /* GArray of HjLinkLeg */
  DROPS,        /* GArray of HjLinkDrop */
} MemberType;

typedef struct
{
  const char *name;
  MemberType type;
  gsize offset;
  gint64 max; /* value of a number, bytes of a text */
} Member;

#define AT(field) G_STRUCT_OFFSET (HjLinkMessage, field)
#define REQUEST                                                                                    \
  { "id", POSITIVE, AT (id), G_MAXINT64 },                                                         \
  {                                                                                                \
    "room", ID, AT (room), 0                                                                       \
  }
#define LAST                                                                                       \
  {                                                                                                \
    NULL, END, 0, 0                                                                                \
  }

/* clang-format off */
static const struct
{
  const char *name;
  HjLinkSide from;
  Member members[8];
} VERBS[HJ_LINK_N_VERBS] = {
  [HJ_LINK_REGISTER] = { "register", HJ_LINK_FROM_MEDIA, {
    { "v", VERSION, 0, 1 }, { "node", NODE, AT (node), MAX_NODE }, { "boot", ID, AT (boot), 0 },
    { "rooms", ROOMS, AT (rooms), HJ_LINK_MAX_SEATS }, { "capacity", NUMBER, AT (capacity), G_MAXINT32 },
    { "next_event", POSITIVE, AT (next_event), G_MAXINT64 }, { "draining", FLAG, AT (draining), 0 }, LAST } },
  [HJ_LINK_REPLY] = { "reply", HJ_LINK_FROM_MEDIA, {
    { "re", POSITIVE, AT (re), G_MAXINT64 }, { "ok", BOOLEAN, AT (ok), 0 }, LAST } },
  [HJ_LINK_EVENT] = { "event", HJ_LINK_FROM_MEDIA, {
    { "n", POSITIVE, AT (n), G_MAXINT64 }, { "at_us", NUMBER, AT (at_us), G_MAXINT64 },
    { "kind", EVENT_KIND, AT (kind), 0 }, { "room", ID, AT (room), 0 }, { "seat", ID, AT (seat), 0 }, LAST } },
  [HJ_LINK_STATISTICS] = { "statistics", HJ_LINK_FROM_MEDIA, {
    { "packets_in", NUMBER, AT (packets_in), G_MAXINT64 }, { "packets_out", NUMBER, AT (packets_out), G_MAXINT64 },
    { "dropped", DROPS, AT (dropped), MAX_DROPS }, { "legs", LEGS, AT (legs), HJ_LINK_MAX_SEATS }, LAST } },
  [HJ_LINK_DRAINING] = { "draining", HJ_LINK_FROM_MEDIA, { LAST } },
  [HJ_LINK_WELCOME] = { "welcome", HJ_LINK_FROM_HUIJIAND, {
    { "v", VERSION, 0, 1 }, { "last_event", NUMBER, AT (last_event), G_MAXINT64 }, LAST } },
  [HJ_LINK_OPEN_ROOM] = { "open-room", HJ_LINK_FROM_HUIJIAND, { REQUEST, LAST } },
  [HJ_LINK_ADD_LEG] = { "add-leg", HJ_LINK_FROM_HUIJIAND, {
    REQUEST, { "seat", ID, AT (seat), 0 }, { "number", NUMBER, AT (number), HJ_LINK_MAX_SEAT_NUMBER },
    { "offer", TEXT, AT (offer), MAX_SDP }, { "srtp", SRTP, AT (cm), 0 }, LAST } },
  [HJ_LINK_ADMIT] = { "admit", HJ_LINK_FROM_HUIJIAND, { REQUEST, { "seats", IDS, AT (seats), MAX_SEATS }, LAST } },
  [HJ_LINK_REMOVE_LEG] = { "remove-leg", HJ_LINK_FROM_HUIJIAND, { REQUEST, { "seat", ID, AT (seat), 0 }, LAST } },
  [HJ_LINK_CLOSE_ROOM] = { "close-room", HJ_LINK_FROM_HUIJIAND, { REQUEST, LAST } },
  [HJ_LINK_ACK] = { "ack", HJ_LINK_FROM_HUIJIAND, { { "n", POSITIVE, AT (n), G_MAXINT64 }, LAST } },
};

/* What a reply has besides, by its `ok`. */
static const Member ACCEPTED[] = { { "answer", OPTIONAL, AT (answer), MAX_SDP }, LAST };
static const Member REFUSED[] = {
  { "code", REFUSAL_CODE, AT (code), 0 }, { "detail", OPTIONAL, AT (detail), MAX_DETAIL }, LAST };
/* clang-format on */

const char *
hj_link_verb_to_string (HjLinkVerb verb)
{
  return VERBS[verb].name;
}

static json_t *
encode_rooms (const GArray *rooms)
{
  json_t *list = json_array ();

  for (guint i = 0; i < rooms->len; i++)
    {
      const HjLinkRoom *room = &g_array_index (rooms, HjLinkRoom, i);
      json_t *seats = json_array ();

      for (guint k = 0; k < room->seats->len; k++)
        {
          const HjLinkSeat *seat = &g_array_index (room->seats, HjLinkSeat, k);

          json_array_append_new (seats, json_pack ("{s:s, s:I, s:b, s:b}", "seat", seat->seat,
                                            "number", (json_int_t)seat->number, "connected",
                                            seat->connected, "admitted", seat->admitted));
        }
      json_array_append_new (list, json_pack ("{s:s, s:o}", "room", room->room, "seats", seats));
    }
  return list;
}

static json_t *
encode_legs (const GArray *legs)
{
  json_t *list = json_array ();

  for (guint i = 0; i < legs->len; i++)
    {
      const HjLinkLeg *leg = &g_array_index (legs, HjLinkLeg, i);

      json_t *item = json_pack ("{s:s, s:s, s:I, s:I}", "room", leg->room, "seat", leg->seat,
          "packets_in", (json_int_t)leg->packets_in, "packets_out", (json_int_t)leg->packets_out);

      for (int k = 0; k < HJ_LINK_LEG_N_NUMBERS; k++)
        if (leg->numbers[k] > 0)
          json_object_set_new (item, hj_link_leg_number_to_string ((HjLinkLegNumber)k),
              json_integer (leg->numbers[k]));
      json_array_append_new (list, item);
    }
  return list;
}

static json_t *
encode_drops (const GArray *drops)
{
  json_t *object = json_object ();

  for (guint i = 0; i < drops->len; i++)
    {
      const HjLinkDrop *drop = &g_array_index (drops, HjLinkDrop, i);

      json_object_set_new (object, drop->reason, json_integer (drop->packets));
    }
  return object;
}

static json_t *
encode_ids (const GPtrArray *ids)
{
  json_t *list = json_array ();

  for (guint i = 0; i < ids->len; i++)
    json_array_append_new (list, json_string (ids->pdata[i]));
  return list;
}

/* Returns: (transfer full) (nullable): NULL for an optional member that is not set. */
static json_t *
encode_member (const HjLinkMessage *message, const Member *member)
{
  const void *field = G_STRUCT_MEMBER_P (message, member->offset);

  switch (member->type)
    {
    case VERSION:
      return json_integer (1);
    case ID:
    case TEXT:
    case NODE:
    case OPTIONAL:
      return *(char *const *)field != NULL ? json_string (*(char *const *)field) : NULL;
    case NUMBER:
    case POSITIVE:
      return json_integer (*(const gint64 *)field);
    case BOOLEAN:
      return json_boolean (*(const gboolean *)field);
    case FLAG:
      return *(const gboolean *)field ? json_true () : NULL;
    case SRTP:
      return *(const gboolean *)field ? json_string ("cm") : NULL;
    case EVENT_KIND:
      return json_string (hj_link_event_to_string (*(const HjLinkEventKind *)field));
    case REFUSAL_CODE:
      return json_string (hj_link_code_to_string (*(const HjLinkCode *)field));
    case IDS:
      return encode_ids (*(GPtrArray *const *)field);
    case ROOMS:
      return encode_rooms (*(GArray *const *)field);
    case LEGS:
      return encode_legs (*(GArray *const *)field);
    case DROPS:
      return encode_drops (*(GArray *const *)field);
    case END:
      break;
    }
  g_return_val_if_reached (NULL);
}

static void
encode_members (const HjLinkMessage *message, const Member *members, json_t *object)
{
  for (const Member *member = members; member->type != END; member++)
    {
      json_t *value = encode_member (message, member);

      if (value != NULL)
        json_object_set_new (object, member->name, value);
    }
}

/* Returns: (transfer full): one JSON text, free with g_free(). */
char *
hj_link_encode (const HjLinkMessage *message)
{
  g_autoptr (json_t) object = json_object ();

  json_object_set_new (object, "verb", json_string (VERBS[message->verb].name));
  encode_members (message, VERBS[message->verb].members, object);
  if (message->verb == HJ_LINK_REPLY)
    encode_members (message, message->ok ? ACCEPTED : REFUSED, object);
  return hj_json_dump (object);
}

static gboolean
wrong (const char *name, GError **error)
{
  hj_refuse (error, HJ_REFUSAL_INVALID, "%s", name);
  return FALSE;
}

static gboolean
decode_text (const json_t *object, const Member *member, char **field, GError **error)
{
  const char *text = NULL;

  if (member->type == ID && !hj_json_read_id (object, member->name, &text, error))
    return FALSE;
  if ((member->type == TEXT || member->type == NODE)
      && !hj_json_read_string (object, member->name, (gsize)member->max, &text, error))
    return FALSE;
  if (member->type == OPTIONAL
      && !hj_json_read_optional_string (object, member->name, (gsize)member->max, &text, error))
    return FALSE;
  if (member->type == NODE
      && strspn (text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_")
             != strlen (text))
    return wrong (member->name, error);
  *field = g_strdup (text);
  return TRUE;
}

static gboolean
decode_kind (const json_t *object, const char *name, HjLinkEventKind *kind, GError **error)
{
  const char *text = NULL;

  if (!hj_json_read_string (object, name, MAX_WORD, &text, error))
    return FALSE;
  for (*kind = 0; *kind < HJ_LINK_N_EVENTS; (*kind)++)
    if (strcmp (hj_link_event_to_string (*kind), text) == 0)
      return TRUE;
  return wrong (name, error);
}

static gboolean
decode_code (const json_t *object, const char *name, HjLinkCode *code, GError **error)
{
  const char *text = NULL;

  if (!hj_json_read_string (object, name, MAX_WORD, &text, error))
    return FALSE;
  for (*code = 0; *code < HJ_LINK_N_CODES; (*code)++)
    if (strcmp (hj_link_code_to_string (*code), text) == 0)
      return TRUE;
  return wrong (name, error);
}

static gboolean
decode_srtp (const json_t *object, const char *name, gboolean *cm, GError **error)
{
  const char *text = NULL;

  if (!hj_json_read_optional_string (object, name, MAX_WORD, &text, error))
    return FALSE;
  *cm = text != NULL;
  return text == NULL || strcmp (text, "cm") == 0 || wrong (name, error);
}

static gboolean
decode_ids (const json_t *object, const Member *member, GPtrArray *ids, GError **error)
{
  json_t *list = NULL;

  if (!hj_json_read_array (object, member->name, (gsize)member->max, &list, error))
    return FALSE;
  for (gsize i = 0; i < json_array_size (list); i++)
    {
      const char *id = json_string_value (json_array_get (list, i));

      if (!hj_id_is_valid (id))
        return wrong (member->name, error);
      g_ptr_array_add (ids, g_strdup (id));
    }
  return ids->len > 0 || wrong (member->name, error);
}

static gboolean
decode_seats (const json_t *object, HjLinkRoom *room, GError **error)
{
  json_t *list = NULL;

  if (!hj_json_read_array (object, "seats", MAX_SEATS, &list, error))
    return FALSE;
  for (gsize i = 0; i < json_array_size (list); i++)
    {
      const json_t *item = json_array_get (list, i);
      const char *id = NULL;
      HjLinkSeat seat = { 0 };

      if (!hj_json_read_id (item, "seat", &id, error)
          || !hj_json_read_int (item, "number", 0, HJ_LINK_MAX_SEAT_NUMBER, &seat.number, error)
          || !hj_json_read_bool (item, "connected", &seat.connected, error)
          || !hj_json_read_bool (item, "admitted", &seat.admitted, error))
        return FALSE;
      hj_link_add_seat (room, id, seat.number, seat.connected, seat.admitted);
    }
  return TRUE;
}

static gboolean
decode_rooms (const json_t *object, const Member *member, HjLinkMessage *message, GError **error)
{
  json_t *list = NULL;

  if (!hj_json_read_array (object, member->name, (gsize)member->max, &list, error))
    return FALSE;
  for (gsize i = 0; i < json_array_size (list); i++)
    {
      const json_t *item = json_array_get (list, i);
      const char *id = NULL;

      if (!hj_json_read_id (item, "room", &id, error)
          || !decode_seats (item, hj_link_add_room (message, id), error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
decode_leg_numbers (const json_t *object, HjLinkLeg *leg, GError **error)
{
  for (int k = 0; k < HJ_LINK_LEG_N_NUMBERS; k++)
    {
      const char *name = hj_link_leg_number_to_string ((HjLinkLegNumber)k);

      if (json_object_get (object, name) != NULL
          && !hj_json_read_int (object, name, 0, G_MAXINT64, &leg->numbers[k], error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
decode_legs (const json_t *object, const Member *member, HjLinkMessage *message, GError **error)
{
  json_t *list = NULL;

  if (!hj_json_read_array (object, member->name, (gsize)member->max, &list, error))
    return FALSE;
  for (gsize i = 0; i < json_array_size (list); i++)
    {
      const json_t *item = json_array_get (list, i);
      const char *room = NULL;
      const char *seat = NULL;
      gint64 in = 0;
      gint64 out = 0;

      if (!hj_json_read_id (item, "room", &room, error)
          || !hj_json_read_id (item, "seat", &seat, error)
          || !hj_json_read_int (item, "packets_in", 0, G_MAXINT64, &in, error)
          || !hj_json_read_int (item, "packets_out", 0, G_MAXINT64, &out, error))
        return FALSE;
      if (!decode_leg_numbers (item, hj_link_add_leg (message, room, seat, in, out), error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
decode_drops (const json_t *object, const Member *member, HjLinkMessage *message, GError **error)
{
  json_t *drops = NULL;
  const char *reason = NULL;
  json_t *count = NULL;

  if (!hj_json_read_object (object, member->name, &drops, error))
    return FALSE;
  if (json_object_size (drops) > (gsize)member->max)
    return wrong (member->name, error);
  json_object_foreach (drops, reason, count)
  {
    if (strlen (reason) > MAX_WORD || !json_is_integer (count) || json_integer_value (count) < 0)
      return wrong (member->name, error);
    hj_link_add_drop (message, reason, json_integer_value (count));
  }
  return TRUE;
}

static gboolean
decode_member (const json_t *object, const Member *member, HjLinkMessage *message, GError **error)
{
  void *field = G_STRUCT_MEMBER_P (message, member->offset);
  gint64 version = 0;

  switch (member->type)
    {
    case VERSION:
      return hj_json_read_int (object, member->name, 1, member->max, &version, error);
    case ID:
    case TEXT:
    case NODE:
    case OPTIONAL:
      return decode_text (object, member, field, error);
    case NUMBER:
      return hj_json_read_int (object, member->name, 0, member->max, field, error);
    case POSITIVE:
      return hj_json_read_int (object, member->name, 1, member->max, field, error);
    case BOOLEAN:
      return hj_json_read_bool (object, member->name, field, error);
    case FLAG:
      return json_object_get (object, member->name) == NULL
             || hj_json_read_bool (object, member->name, field, error);
    case SRTP:
      return decode_srtp (object, member->name, field, error);
    case EVENT_KIND:
      return decode_kind (object, member->name, field, error);
    case REFUSAL_CODE:
      return decode_code (object, member->name, field, error);
    case IDS:
      return decode_ids (object, member, *(GPtrArray **)field, error);
    case ROOMS:
      return decode_rooms (object, member, message, error);
    case LEGS:
      return decode_legs (object, member, message, error);
    case DROPS:
      return decode_drops (object, member, message, error);
    case END:
      break;
    }
  g_return_val_if_reached (FALSE);
}

static gboolean
decode_members (const json_t *object, const Member *members, HjLinkMessage *message, GError **error)
{
  for (const Member *member = members; member->type != END; member++)
    if (!decode_member (object, member, message, error))
      return FALSE;
  return TRUE;
}

static gboolean
find_verb (const json_t *object, HjLinkSide from, HjLinkVerb *verb, GError **error)
{
  const char *name = NULL;

  if (!hj_json_read_string (object, "verb", MAX_WORD, &name, error))
    return FALSE;
  for (int i = 0; i < HJ_LINK_N_VERBS; i++)
    if (VERBS[i].from == from && strcmp (VERBS[i].name, name) == 0)
      {
        *verb = (HjLinkVerb)i;
        return TRUE;
      }
  return wrong ("verb", error);
}

/* Reads one message and checks all of it: type, range and size of each member; unknown members are ignored.
 * from: whose message it must be. ret_id: (nullable): set to the id of a request even where the rest is refused, so
 * that it can be answered with bad-message; 0 when there is none.
 * Returns: (transfer full) (nullable); error HJ_REFUSAL_INVALID with the name of the member. */
HjLinkMessage *
hj_link_decode (const char *data, gsize size, HjLinkSide from, gint64 *ret_id, GError **error)
{
  g_autoptr (json_t) object = NULL;
  g_autoptr (HjLinkMessage) message = NULL;
  HjLinkVerb verb = HJ_LINK_N_VERBS;
  gint64 id = 0;

  if (ret_id != NULL)
    *ret_id = 0;
  object = hj_json_parse (data, size, HJ_LINK_MAX_BYTES, error);
  if (object == NULL)
    return NULL;
  if (ret_id != NULL && hj_json_read_int (object, "id", 1, G_MAXINT64, &id, NULL))
    *ret_id = id;
  if (!find_verb (object, from, &verb, error))
    return NULL;
  message = hj_link_message_new (verb);
  if (!decode_members (object, VERBS[verb].members, message, error))
    return NULL;
  if (verb == HJ_LINK_REPLY
      && !decode_members (object, message->ok ? ACCEPTED : REFUSED, message, error))
    return NULL;
  return g_steal_pointer (&message);
}
