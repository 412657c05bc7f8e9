/* SPDX-License-Identifier: Apache-2.0 */
/* src/access/places.c and policies.c: centres, rooms and policies, within one's jurisdiction. */

#include "src/access/places.h"

#include "src/access/policy.h"
#include "tests/support/expect-log.h"
#include "tests/support/fixture.h"

#define UNKNOWN "aaaaaaaaaaaaaaaaaaaaaaaaaa"

typedef struct
{
  HjFixture f;
  const char *centre;
  const char *other;
  HjActor *all;
  HjActor *mine;
  HjActor *desk;
  HjActor *lawyer;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  hj_fixture_set_up (&f->f, NULL);
  f->centre = hj_fixture_centre (&f->f);
  f->other = hj_fixture_centre (&f->f);
  f->all = hj_fixture_actor (&f->f, HJ_ROLE_ADMINISTRATOR, NULL, NULL);
  f->mine = hj_fixture_actor (&f->f, HJ_ROLE_ADMINISTRATOR, NULL, f->centre);
  f->desk = hj_fixture_actor (&f->f, HJ_ROLE_DESK, NULL, f->centre);
  f->lawyer = hj_fixture_actor (&f->f, HJ_ROLE_LAWYER, hj_fixture_lawyer (&f->f), NULL);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  hj_fixture_tear_down (&f->f, NULL);
}

static gsize
count (Fixture *f, const HjActKind *kind, HjActor *actor, const char *member, json_t *input)
{
  g_autoptr (json_t) answer = hj_fixture_act (&f->f, kind, actor, input);

  return json_array_size (json_object_get (answer, member));
}

static json_t *
centre_input (const char *code)
{
  return json_pack ("{s:s, s:{s:s, s:s}}", "code", code, "name", "zh", "第三看守所", "en", "No. 3");
}

static json_t *
with (json_t *input, const char *key, json_t *value)
{
  json_object_set_new (input, key, value);
  return input;
}

static const char *
text (const json_t *object, const char *key)
{
  return json_string_value (json_object_get (object, key));
}

static void
a_centre_is_made_with_office_hours (Fixture *f, gconstpointer data)
{
  g_autoptr (json_t) centre
      = hj_fixture_act (&f->f, &hj_act_create_centre, f->all, centre_input ("440100333"));
  g_autoptr (GError) error = NULL;
  g_autoptr (HjPolicy) policy
      = hj_policy_get (f->f.store, text (centre, "id"), HJ_FIXTURE_NOW_US, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (text (centre, "zone"), ==, "Asia/Shanghai");
  g_assert_cmpstr (text (json_object_get (centre, "name"), "en"), ==, "No. 3");
  g_assert_cmpint (policy->version, ==, 1);
  g_assert_cmpint (hj_fixture_entries (&f->f, "create-centre", "done"), ==, 1);
}

static void
a_wrong_centre_is_refused (Fixture *f, gconstpointer data)
{
  static const char *const CODES[] = { "44010033", "4401003333", "44010033x", "" };
  const HjActKind *kind = &hj_act_create_centre;

  for (gsize i = 0; i < G_N_ELEMENTS (CODES); i++)
    hj_fixture_refused (&f->f, kind, f->all, centre_input (CODES[i]), HJ_REFUSAL_INVALID);
  hj_fixture_refused (&f->f, kind, f->all,
      with (centre_input ("440100333"), "zone", json_string ("Asia/Nowhere")), HJ_REFUSAL_INVALID);
  hj_fixture_refused (&f->f, kind, f->all, with (centre_input ("440100333"), "name", json_null ()),
      HJ_REFUSAL_INVALID);
  hj_fixture_refused (&f->f, kind, f->all,
      with (centre_input ("440100333"), "name", json_pack ("{s:s}", "zh", "只有中文")),
      HJ_REFUSAL_INVALID);
  hj_fixture_refused (&f->f, kind, f->all, NULL, HJ_REFUSAL_INVALID);
}

static void
a_code_is_one_centre_s (Fixture *f, gconstpointer data)
{
  g_autoptr (json_t) first
      = hj_fixture_act (&f->f, &hj_act_create_centre, f->all, centre_input ("440100333"));

  hj_fixture_refused (
      &f->f, &hj_act_create_centre, f->all, centre_input ("440100333"), HJ_REFUSAL_EXISTS);
  hj_fixture_refused (&f->f, &hj_act_update_centre, f->all,
      json_pack ("{s:s, s:s}", "id", f->centre, "code", "440100333"), HJ_REFUSAL_EXISTS);
}

static void
a_new_centre_is_for_who_sees_all (Fixture *f, gconstpointer data)
{
  hj_fixture_refused (
      &f->f, &hj_act_create_centre, f->mine, centre_input ("440100333"), HJ_REFUSAL_NOT_FOUND);
  hj_fixture_refused (
      &f->f, &hj_act_create_centre, f->desk, centre_input ("440100333"), HJ_REFUSAL_NOT_FOUND);
}

static void
a_centre_changes_in_what_is_given (Fixture *f, gconstpointer data)
{
  const char *code = hj_fixture_text (&f->f, "SELECT code FROM centre WHERE id = :id", f->centre);
  g_autoptr (json_t) changed = hj_fixture_act (&f->f, &hj_act_update_centre, f->mine,
      json_pack ("{s:s, s:s}", "id", f->centre, "name", "改名"));

  g_assert_cmpstr (text (changed, "code"), ==, code);
  g_assert_cmpstr (text (json_object_get (changed, "name"), "zh"), ==, "改名");
  hj_fixture_refused (&f->f, &hj_act_update_centre, f->mine,
      json_pack ("{s:s, s:s}", "id", f->other, "name", "改名"), HJ_REFUSAL_NOT_FOUND);
  hj_fixture_refused (&f->f, &hj_act_update_centre, f->all,
      json_pack ("{s:s, s:s}", "id", UNKNOWN, "name", "改名"), HJ_REFUSAL_NOT_FOUND);
  hj_fixture_refused (&f->f, &hj_act_update_centre, f->mine,
      json_pack ("{s:s, s:s}", "id", f->centre, "zone", "nowhere"), HJ_REFUSAL_INVALID);
}

static void
lists_end_at_the_jurisdiction (Fixture *f, gconstpointer data)
{
  hj_fixture_room (&f->f, f->centre);
  hj_fixture_room (&f->f, f->other);
  hj_fixture_policy (&f->f, f->centre, hj_policy_get_default ());
  hj_fixture_policy (&f->f, f->other, hj_policy_get_default ());
  g_assert_cmpuint (count (f, &hj_act_list_centres, f->all, "centres", NULL), ==, 2);
  g_assert_cmpuint (count (f, &hj_act_list_centres, f->mine, "centres", NULL), ==, 1);
  g_assert_cmpuint (count (f, &hj_act_list_centres, f->desk, "centres", NULL), ==, 1);
  g_assert_cmpuint (count (f, &hj_act_list_centres, f->lawyer, "centres", NULL), ==, 2);
  g_assert_cmpuint (count (f, &hj_act_list_rooms, f->all, "rooms", NULL), ==, 2);
  g_assert_cmpuint (count (f, &hj_act_list_rooms, f->mine, "rooms", NULL), ==, 1);
  g_assert_cmpuint (
      count (f, &hj_act_list_rooms, f->all, "rooms", json_pack ("{s:s}", "centre", f->other)), ==,
      1);
  g_assert_cmpuint (
      count (f, &hj_act_list_rooms, f->mine, "rooms", json_pack ("{s:s}", "centre", f->other)), ==,
      0);
  g_assert_cmpuint (count (f, &hj_act_list_policies, f->all, "policies", NULL), ==, 2);
  g_assert_cmpuint (count (f, &hj_act_list_policies, f->mine, "policies", NULL), ==, 1);
  g_assert_cmpuint (count (f, &hj_act_list_policies, f->mine, "policies",
                        json_pack ("{s:s}", "centre", f->other)),
      ==, 0);
  hj_fixture_refused (&f->f, &hj_act_list_rooms, f->lawyer, NULL, HJ_REFUSAL_NOT_FOUND);
}

static void
rooms_are_made_changed_and_closed (Fixture *f, gconstpointer data)
{
  g_autoptr (json_t) room = hj_fixture_act (&f->f, &hj_act_create_room, f->mine,
      json_pack ("{s:s, s:{s:s, s:s}}", "centre", f->centre, "name", "zh", "三号", "en", "Room 3"));
  const char *id = text (room, "id");
  g_autoptr (json_t) closed = NULL;
  g_autoptr (json_t) renamed = NULL;

  g_assert_true (json_is_true (json_object_get (room, "open")));
  g_assert_true (json_is_null (json_object_get (room, "kiosk")));
  closed = hj_fixture_act (
      &f->f, &hj_act_update_room, f->mine, json_pack ("{s:s, s:b}", "id", id, "open", 0));
  g_assert_true (json_is_false (json_object_get (closed, "open")));
  g_assert_cmpstr (text (json_object_get (closed, "name"), "en"), ==, "Room 3");
  renamed = hj_fixture_act (
      &f->f, &hj_act_update_room, f->mine, json_pack ("{s:s, s:s}", "id", id, "name", "四号"));
  g_assert_true (json_is_false (json_object_get (renamed, "open")));
  g_assert_cmpstr (text (json_object_get (renamed, "name"), "zh"), ==, "四号");
}

static void
a_room_names_its_kiosk (Fixture *f, gconstpointer data)
{
  const char *room = hj_fixture_room (&f->f, f->centre);
  const char *kiosk = hj_fixture_kiosk (&f->f, room, TRUE);
  g_autoptr (json_t) answer = hj_fixture_act (&f->f, &hj_act_list_rooms, f->desk, NULL);
  const json_t *row = json_array_get (json_object_get (answer, "rooms"), 0);

  g_assert_cmpstr (text (row, "kiosk"), ==, kiosk);
}

static void
wrong_rooms_are_refused (Fixture *f, gconstpointer data)
{
  const char *room = hj_fixture_room (&f->f, f->centre);
  const char *others = hj_fixture_room (&f->f, f->other);
  const char *name = hj_fixture_text (&f->f, "SELECT name_zh FROM room WHERE id = :id", room);
  const HjActKind *create = &hj_act_create_room;
  const HjActKind *change = &hj_act_update_room;

  hj_fixture_refused (&f->f, create, f->mine,
      json_pack ("{s:s, s:s}", "centre", f->centre, "name", name), HJ_REFUSAL_EXISTS);
  hj_fixture_refused (&f->f, create, f->mine,
      json_pack ("{s:s, s:s}", "centre", f->other, "name", "五号"), HJ_REFUSAL_NOT_FOUND);
  hj_fixture_refused (&f->f, create, f->all,
      json_pack ("{s:s, s:s}", "centre", UNKNOWN, "name", "五号"), HJ_REFUSAL_NOT_FOUND);
  hj_fixture_refused (
      &f->f, create, f->mine, json_pack ("{s:s}", "centre", f->centre), HJ_REFUSAL_INVALID);
  hj_fixture_refused (
      &f->f, create, f->mine, json_pack ("{s:s}", "name", "五号"), HJ_REFUSAL_INVALID);
  hj_fixture_refused (&f->f, create, f->desk,
      json_pack ("{s:s, s:s}", "centre", f->centre, "name", "五号"), HJ_REFUSAL_NOT_FOUND);
  hj_fixture_refused (&f->f, change, f->mine, json_pack ("{s:s, s:b}", "id", others, "open", 0),
      HJ_REFUSAL_NOT_FOUND);
  hj_fixture_refused (&f->f, change, f->mine, json_pack ("{s:s, s:s}", "id", room, "open", "no"),
      HJ_REFUSAL_INVALID);
  hj_fixture_refused (
      &f->f, change, f->mine, json_pack ("{s:s, s:s}", "id", room, "name", ""), HJ_REFUSAL_INVALID);
}

static json_t *
policy_input (const char *centre, int minutes)
{
  json_t *document = json_loads (hj_policy_get_default (), 0, NULL);

  json_object_set_new (document, "slot_minutes", json_integer (minutes));
  return json_pack ("{s:s, s:o}", "centre", centre, "document", document);
}

static void
each_change_of_a_policy_is_a_version (Fixture *f, gconstpointer data)
{
  g_autoptr (json_t) first
      = hj_fixture_act (&f->f, &hj_act_update_policy, f->mine, policy_input (f->centre, 60));
  g_autoptr (json_t) second = NULL;
  g_autoptr (json_t) listed = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (HjPolicy) before = NULL;
  g_autoptr (HjPolicy) after = NULL;

  g_assert_cmpint (json_integer_value (json_object_get (first, "version")), ==, 1);
  g_assert_cmpint (
      json_integer_value (json_object_get (first, "effective_from_us")), ==, HJ_FIXTURE_NOW_US);
  hj_fixture_advance (&f->f, HJ_MINUTE_US);
  second = hj_fixture_act (&f->f, &hj_act_update_policy, f->mine, policy_input (f->centre, 20));
  g_assert_cmpint (json_integer_value (json_object_get (second, "version")), ==, 2);
  g_assert_cmpint (
      json_integer_value (json_object_get (json_object_get (second, "document"), "slot_minutes")),
      ==, 20);
  before = hj_policy_get (f->f.store, f->centre, HJ_FIXTURE_NOW_US, &error);
  after = hj_policy_get (f->f.store, f->centre, HJ_FIXTURE_NOW_US + HJ_MINUTE_US, &error);
  g_assert_no_error (error);
  g_assert_cmpint (before->slot_us, ==, 60 * HJ_MINUTE_US);
  g_assert_cmpint (after->slot_us, ==, 20 * HJ_MINUTE_US);
  listed = hj_fixture_act (
      &f->f, &hj_act_list_policies, f->mine, json_pack ("{s:s}", "centre", f->centre));
  g_assert_cmpint (json_integer_value (json_object_get (
                       json_array_get (json_object_get (listed, "policies"), 0), "version")),
      ==, 2);
}

static void
wrong_policies_are_refused (Fixture *f, gconstpointer data)
{
  const HjActKind *kind = &hj_act_update_policy;

  hj_fixture_refused (&f->f, kind, f->mine, policy_input (f->other, 60), HJ_REFUSAL_NOT_FOUND);
  hj_fixture_refused (&f->f, kind, f->all, policy_input (UNKNOWN, 60), HJ_REFUSAL_NOT_FOUND);
  hj_fixture_refused (&f->f, kind, f->desk, policy_input (f->centre, 60), HJ_REFUSAL_NOT_FOUND);
  hj_fixture_refused (&f->f, kind, f->mine, policy_input (f->centre, 1), HJ_REFUSAL_INVALID);
  hj_fixture_refused (
      &f->f, kind, f->mine, json_pack ("{s:s}", "centre", f->centre), HJ_REFUSAL_INVALID);
  g_assert_cmpint (hj_fixture_entries (&f->f, "update-policy", "refused"), ==, 5);
  g_assert_cmpint (hj_fixture_count (&f->f, "SELECT COUNT (*) FROM policy", NULL), ==, 0);
}

#define FIXTURE(NAME, TEST)                                                                        \
  g_test_add ("/access/places/" NAME, Fixture, NULL, set_up, TEST, tear_down)

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  FIXTURE ("a centre is made with office hours", a_centre_is_made_with_office_hours);
  FIXTURE ("a wrong centre is refused", a_wrong_centre_is_refused);
  FIXTURE ("a code is one centre's", a_code_is_one_centre_s);
  FIXTURE ("a new centre is for who sees all", a_new_centre_is_for_who_sees_all);
  FIXTURE ("a centre changes in what is given", a_centre_changes_in_what_is_given);
  FIXTURE ("lists end at the jurisdiction", lists_end_at_the_jurisdiction);
  FIXTURE ("rooms are made, changed and closed", rooms_are_made_changed_and_closed);
  FIXTURE ("a room names its kiosk", a_room_names_its_kiosk);
  FIXTURE ("wrong rooms are refused", wrong_rooms_are_refused);
  FIXTURE ("each change of a policy is a version", each_change_of_a_policy_is_a_version);
  FIXTURE ("wrong policies are refused", wrong_policies_are_refused);
  return g_test_run ();
}
