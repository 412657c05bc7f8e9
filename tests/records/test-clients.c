/* SPDX-License-Identifier: Apache-2.0 */
/* A lawyer's clients, in the shape of docs/protocol.md. */

#include "src/records/records.h"
#include "tests/support/expect-log.h"
#include "tests/support/fixture.h"

static json_t *
list (HjFixture *f, const char *lawyer)
{
  g_autoptr (GError) error = NULL;
  json_t *clients = hj_records_list_clients (f->store, lawyer, hj_time_now (f->time), &error);

  g_assert_no_error (error);
  return clients;
}

static const char *
get (json_t *clients, gsize index, const char *object, const char *member)
{
  json_t *client = json_array_get (clients, index);

  if (object != NULL)
    client = json_object_get (client, object);
  return json_string_value (json_object_get (client, member));
}

static void
a_client_has_the_shape_of_the_protocol (HjFixture *f, gconstpointer data)
{
  const char *centre = hj_fixture_centre (f);
  const char *lawyer = hj_fixture_lawyer (f);
  const char *detainee = hj_fixture_detainee (f, centre);
  const char *authority = hj_fixture_authority (f, lawyer, detainee);
  g_autoptr (json_t) clients = NULL;
  json_t *client;

  hj_fixture_sql (f,
      "INSERT INTO authority_stage (authority, stage) VALUES (:id, 'execution'), (:id, "
      "'prosecution')",
      authority);
  clients = list (f, lawyer);
  client = json_array_get (clients, 0);
  g_assert_cmpuint (json_array_size (clients), ==, 1);
  g_assert_cmpuint (json_object_size (client), ==, 8);
  g_assert_cmpstr (get (clients, 0, NULL, "authority"), ==, authority);
  g_assert_cmpstr (get (clients, 0, NULL, "kind"), ==, "retained_by_self");
  g_assert_cmpstr (get (clients, 0, "detainee", "id"), ==, detainee);
  g_assert_nonnull (get (clients, 0, "detainee", "name"));
  g_assert_nonnull (get (clients, 0, "detainee", "code"));
  g_assert_cmpstr (get (clients, 0, "centre", "id"), ==, centre);
  g_assert_true (json_is_string (
      json_object_get (json_object_get (json_object_get (client, "centre"), "name"), "zh")));
  g_assert_cmpstr (get (clients, 0, "case", "charge"), ==, "盗窃罪");
  g_assert_cmpstr (get (clients, 0, "case", "stage"), ==, "investigation");
  g_assert_nonnull (get (clients, 0, "case", "number"));
  g_assert_true (json_is_null (json_object_get (client, "allowed")));
  g_assert_true (json_is_null (json_object_get (client, "next_booking")));
  {
    g_autofree char *stages = hj_json_dump (json_object_get (client, "stages"));

    g_assert_cmpstr (stages, ==, "[\"investigation\",\"prosecution\",\"execution\"]");
  }
}

static void
nobody_sees_another_lawyers_clients (HjFixture *f, gconstpointer data)
{
  const char *lawyer = hj_fixture_lawyer (f);
  const char *detainee = hj_fixture_detainee (f, hj_fixture_centre (f));
  g_autoptr (json_t) clients = NULL;

  g_assert_nonnull (hj_fixture_authority (f, lawyer, detainee));
  clients = list (f, hj_fixture_lawyer (f));
  g_assert_cmpuint (json_array_size (clients), ==, 0);
}

static void
a_client_who_was_never_admitted_still_has_a_name (HjFixture *f, gconstpointer data)
{
  const char *lawyer = hj_fixture_lawyer (f);
  const char *detainee = hj_fixture_detainee (f, hj_fixture_centre (f));
  g_autoptr (json_t) clients = NULL;

  g_assert_nonnull (hj_fixture_authority (f, lawyer, detainee));
  hj_fixture_sql (f, "DELETE FROM detainee WHERE id = :id", detainee);
  clients = list (f, lawyer);
  g_assert_nonnull (get (clients, 0, "detainee", "name"));
  g_assert_null (get (clients, 0, "detainee", "id"));
  g_assert_true (json_is_null (json_object_get (json_array_get (clients, 0), "centre")));
}

static void
the_stay_in_custody_is_shown_before_a_newer_one_that_ended (HjFixture *f, gconstpointer data)
{
  const char *lawyer = hj_fixture_lawyer (f);
  const char *detainee = hj_fixture_detainee (f, hj_fixture_centre (f));
  g_autoptr (json_t) clients = NULL;

  g_assert_nonnull (hj_fixture_authority (f, lawyer, detainee));
  hj_fixture_sql (f,
      "INSERT INTO detainee (id, code, person, centre, case_file, state, admitted_at_us) SELECT "
      "'x', 'x', person, "
      "centre, case_file, 'released', 900 FROM detainee WHERE id = :id",
      detainee);
  clients = list (f, lawyer);
  g_assert_cmpstr (get (clients, 0, "detainee", "id"), ==, detainee);
}

static void
a_revoked_authority_comes_last_and_goes_after_ninety_days (HjFixture *f, gconstpointer data)
{
  const char *lawyer = hj_fixture_lawyer (f);
  const char *centre = hj_fixture_centre (f);
  const char *revoked = hj_fixture_authority (f, lawyer, hj_fixture_detainee (f, centre));
  const char *active = hj_fixture_authority (f, lawyer, hj_fixture_detainee (f, centre));
  g_autofree char *sql = g_strdup_printf (
      "UPDATE authority SET signed_at_us = 5, revoked_at_us = %" G_GINT64_FORMAT " WHERE id = :id",
      hj_time_now (f->time));
  g_autoptr (json_t) now = NULL;
  g_autoptr (json_t) later = NULL;

  hj_fixture_sql (f, sql, revoked);
  now = list (f, lawyer);
  g_assert_cmpstr (get (now, 0, NULL, "authority"), ==, active);
  g_assert_cmpstr (get (now, 1, NULL, "authority"), ==, revoked);
  hj_fixture_advance (f, 90 * HJ_DAY_US);
  later = list (f, lawyer);
  g_assert_cmpuint (json_array_size (later), ==, 1);
}

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
#define TEST(NAME)                                                                                 \
  g_test_add (                                                                                     \
      "/records/clients/" #NAME, HjFixture, NULL, hj_fixture_set_up, NAME, hj_fixture_tear_down)
  TEST (a_client_has_the_shape_of_the_protocol);
  TEST (nobody_sees_another_lawyers_clients);
  TEST (a_client_who_was_never_admitted_still_has_a_name);
  TEST (the_stay_in_custody_is_shown_before_a_newer_one_that_ended);
  TEST (a_revoked_authority_comes_last_and_goes_after_ninety_days);
  return g_test_run ();
}
