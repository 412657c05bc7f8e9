/* SPDX-License-Identifier: Apache-2.0 */
/* All that a meeting needs, for the tests of src/meeting and signaling. */

#include "tests/support/meeting-place.h"

#include <string.h>

#include "src/meeting/acts.h"

#define POLICY                                                                                     \
  "{\"slot_minutes\":30,\"open\":{},\"book_ahead_hours\":0,\"book_until_hours\":336,"              \
  "\"late_minutes\":10,\"review\":false,\"always_open\":true}"

static const char CHECK_IN[]
    = "UPDATE booking SET checked_in_at_us = asked_at_us, checked_in_by = 'fixture'"
      " WHERE id = :id AND state = 'CHECKED_IN'";
static const char START_CLOCK[]
    = "INSERT INTO clock (id, kind, booking, state, started_at_us, due_at_us) SELECT 'clock-' || "
      "id,"
      " 'meeting-48h', id, 'running', asked_at_us, asked_at_us + 172800000000 FROM booking"
      " WHERE id = :id";

static const char ADD_ACCOUNT[]
    = "INSERT OR IGNORE INTO account (id, name, display_name, role, scope, password_hash,"
      " created_at_us, password_at_us) VALUES (:id, :id, :id, 'desk', 'all', '-', 0, 0)";
static const char ADD_DEVICE[]
    = "INSERT OR IGNORE INTO device (id, account, name, public_key, added_at_us)"
      " VALUES (:id, :id, 'browser', CAST ('key of ' || :id AS BLOB), 0)";

/* A lawyer's browser, registered under the id of the account; again is no harm. An actor of a test that has no account gets
 * a row that nothing else is read of. */
void
hj_meeting_place_add_device (HjMeetingPlace *p, const HjActor *actor, HjRunSql run)
{
  if (hj_actor_get_role (actor) != HJ_ROLE_LAWYER)
    return;
  run (&p->f, ADD_ACCOUNT, hj_actor_get_id (actor));
  run (&p->f, ADD_DEVICE, hj_actor_get_id (actor));
}

/* Returns: (transfer none): the base64 of the key that the fixture gives to this device or kiosk. */
const char *
hj_meeting_place_identity (HjMeetingPlace *p, const char *device)
{
  g_autofree char *key = g_strconcat ("key of ", device, NULL);
  g_autofree char *text = g_base64_encode ((const guint8 *)key, strlen (key));

  return g_string_chunk_insert (p->f.texts, text);
}

/* Returns: (transfer full): of the act join. */
json_t *
hj_meeting_place_join_input (const char *booking, const HjActor *actor)
{
  json_t *input = hj_about ("booking", booking);

  if (hj_actor_get_role (actor) == HJ_ROLE_LAWYER)
    json_object_set_new (input, "device", json_string (hj_actor_get_id (actor)));
  return input;
}

/* Joins, and has the keys of epoch 1. Returns: (transfer full): what join answered. */
json_t *
hj_meeting_place_join (HjMeetingPlace *p, HjActor *actor)
{
  json_t *seat = hj_fixture_act (
      &p->f, &hj_act_join, actor, hj_meeting_place_join_input (p->booking, actor));

  json_decref (hj_fixture_act (&p->f, &hj_act_secured, actor,
      json_pack ("{s:O, s:i, s:O}", "seat", json_object_get (seat, "seat"), "epoch", 1, "identity",
          json_object_get (seat, "identity"))));
  return seat;
}

/* Of the place's own lawyer and client. Returns: (transfer none): the id. */
const char *
hj_meeting_place_book (HjMeetingPlace *p, gint64 starts_at_us, const char *state)
{
  const char *id = hj_fixture_booking (&p->f, p->authority, p->room, starts_at_us, state);

  hj_fixture_sql (&p->f, CHECK_IN, id);
  hj_fixture_sql (&p->f, START_CLOCK, id);
  return id;
}

/* Returns: (transfer none). */
HjActor *
hj_meeting_place_kiosk_actor (HjMeetingPlace *p, const char *kiosk, const char *centre)
{
  const char *const centres[] = { centre, NULL };
  HjActor *actor = hj_actor_new (kiosk, HJ_ROLE_KIOSK, NULL, centres, FALSE);

  g_ptr_array_add (p->f.actors, actor);
  return actor;
}

void
hj_meeting_place_set_up (HjMeetingPlace *p, gconstpointer data)
{
  HjFixture *f = &p->f;

  hj_fixture_set_up (f, data);
  p->centre = hj_fixture_centre (f);
  hj_fixture_policy (f, p->centre, POLICY);
  p->room = hj_fixture_room (f, p->centre);
  p->kiosk = hj_fixture_kiosk (f, p->room, TRUE);
  p->lawyer = hj_fixture_lawyer (f);
  p->detainee = hj_fixture_detainee (f, p->centre);
  p->authority = hj_fixture_authority (f, p->lawyer, p->detainee);
  p->counsel = hj_fixture_actor (f, HJ_ROLE_LAWYER, p->lawyer, NULL);
  hj_meeting_place_add_device (p, p->counsel, hj_fixture_sql);
  p->desk = hj_fixture_actor (f, HJ_ROLE_DESK, NULL, p->centre);
  p->supervisor = hj_fixture_actor (f, HJ_ROLE_SUPERVISOR, NULL, p->centre);
  p->box = hj_meeting_place_kiosk_actor (p, p->kiosk, p->centre);
  p->machine = hj_actor_new_machine ();
  g_ptr_array_add (f->actors, p->machine);
  p->booking = hj_meeting_place_book (p, HJ_FIXTURE_NOW_US, "CHECKED_IN");
}

void
hj_meeting_place_tear_down (HjMeetingPlace *p, gconstpointer data)
{
  hj_fixture_tear_down (&p->f, data);
}

/* Returns: (transfer full): {key: value}. */
json_t *
hj_about (const char *key, const char *value)
{
  return json_pack ("{s:s}", key, value);
}

/* Returns: (transfer none) (nullable): a text of the answer, which lives as long as the place. */
const char *
hj_text_of (HjMeetingPlace *p, const json_t *answer, const char *key)
{
  const char *text = json_string_value (json_object_get (answer, key));

  return text != NULL ? g_string_chunk_insert (p->f.texts, text) : NULL;
}
