/* SPDX-License-Identifier: Apache-2.0 */
/* One centre with all that a booking needs, for the tests of this part. */

#include "tests/scheduler/support.h"

void
place_set_up (Place *p, gconstpointer data)
{
  HjFixture *f = &p->f;

  hj_fixture_set_up (f, data);
  p->centre = hj_fixture_centre (f);
  hj_fixture_policy (f, p->centre, PLACE_POLICY ("true", "false", PLACE_NO_HOURS));
  p->room = hj_fixture_room (f, p->centre);
  p->kiosk = hj_fixture_kiosk (f, p->room, TRUE);
  p->lawyer = hj_fixture_lawyer (f);
  p->detainee = hj_fixture_detainee (f, p->centre);
  p->authority = hj_fixture_authority (f, p->lawyer, p->detainee);
  p->self = hj_fixture_actor (f, HJ_ROLE_LAWYER, p->lawyer, NULL);
  p->desk = hj_fixture_actor (f, HJ_ROLE_DESK, NULL, p->centre);
}

void
place_tear_down (Place *p, gconstpointer data)
{
  hj_fixture_tear_down (&p->f, data);
}

/* room: (nullable): without a slot. Returns: (transfer full): the input of act book. */
json_t *
place_request (const char *authority, const char *room, gint64 starts_at_us)
{
  if (room == NULL)
    return json_pack ("{s:s, s:n}", "authority", authority, "slot");
  return json_pack ("{s:s, s:{s:s, s:I}}", "authority", authority, "slot", "room", room,
      "starts_at_us", (json_int_t)starts_at_us);
}

/* Returns: (transfer full): the input of an act that is about a booking. */
json_t *
place_about (const char *booking)
{
  return json_pack ("{s:s}", "booking", booking);
}

/* Returns: (transfer full): the Booking of p's lawyer in p's room; a refusal fails the test. */
json_t *
place_book (Place *p, gint64 starts_at_us)
{
  return hj_fixture_act (
      &p->f, &hj_act_book, p->self, place_request (p->authority, p->room, starts_at_us));
}

/* input: (transfer full). The act must be refused. Returns: (transfer full): what explains the refusal, JSON null if nothing. */
json_t *
place_explain (
    Place *p, const HjActKind *kind, const HjActor *actor, json_t *input, HjRefusal refusal)
{
  g_autoptr (json_t) owned = input;
  g_autoptr (GError) error = NULL;
  json_t *problem = NULL;
  g_autoptr (json_t) answer = hj_acts_run (p->f.acts, kind, actor, owned, NULL, &problem, &error);

  g_assert_error (error, HJ_REFUSAL, (int)refusal);
  g_assert_null (answer);
  return problem != NULL ? problem : json_null ();
}

/* Returns: (transfer none): lives as long as p. */
const char *
place_id (Place *p, const json_t *booking)
{
  return g_string_chunk_insert (p->f.texts, json_string_value (json_object_get (booking, "id")));
}

const char *
place_state (Place *p, const char *booking)
{
  return hj_fixture_text (&p->f, "SELECT state FROM booking WHERE id = :id", booking);
}

void
place_check_in (Place *p, const char *booking)
{
  json_decref (hj_fixture_act (&p->f, &hj_act_check_in, p->desk,
      json_pack ("{s:s, s:b}", "booking", booking, "identity_confirmed", 1)));
}
