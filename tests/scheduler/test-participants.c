/* SPDX-License-Identifier: Apache-2.0 */
/* A second lawyer takes part: who may name whom, what both see, and that nobody is in two meetings at once. */

#include "scheduler/participants.h"
#include "src/access/tickets.h"
#include "src/eligibility/check.h"
#include "tests/scheduler/support.h"
#include "tests/support/expect-log.h"

#define NEXT (HJ_FIXTURE_NOW_US + PLACE_SLOT_US)

/* A colleague of the place's lawyer, with an own authority for the same client, and the booking to take part in. */
typedef struct
{
  Place p; /* first */
  const char *booking;
  const char *colleague;
  const char *licence;
  const char *authority;
  HjActor *second;
} Pair;

static const char *
licence_of (Place *p, const char *lawyer)
{
  return hj_fixture_text (&p->f, "SELECT licence FROM lawyer WHERE id = :id", lawyer);
}

static void
set_up (Pair *q, gconstpointer data)
{
  Place *p = &q->p;

  place_set_up (p, data);
  q->booking = hj_fixture_booking (&p->f, p->authority, p->room, NEXT, "CONFIRMED");
  q->colleague = hj_fixture_lawyer (&p->f);
  q->licence = licence_of (p, q->colleague);
  q->authority = hj_fixture_authority (&p->f, q->colleague, p->detainee);
  q->second = hj_fixture_actor (&p->f, HJ_ROLE_LAWYER, q->colleague, NULL);
}

static void
tear_down (Pair *q, gconstpointer data)
{
  place_tear_down (&q->p, data);
}

#define PAIR_TEST(PATH, FUNCTION) g_test_add (PATH, Pair, NULL, set_up, FUNCTION, tear_down)

static json_t *
naming (const char *booking, const char *licence)
{
  return json_pack ("{s:s, s:s}", "booking", booking, "licence", licence);
}

static json_t *
removal (const char *booking, const char *lawyer)
{
  return json_pack ("{s:s, s:s}", "booking", booking, "lawyer", lawyer);
}

static json_t *
add (Pair *q)
{
  return hj_fixture_act (
      &q->p.f, &hj_act_add_participant, q->p.self, naming (q->booking, q->licence));
}

static void
added (Pair *q)
{
  json_decref (add (q));
}

static void
add_refused (Pair *q, HjRefusal refusal)
{
  hj_fixture_refused (
      &q->p.f, &hj_act_add_participant, q->p.self, naming (q->booking, q->licence), refusal);
}

static const char *
text_of (const json_t *object, const char *key)
{
  return json_string_value (json_object_get (object, key));
}

static gint64
n_participants (Pair *q)
{
  return hj_fixture_count (&q->p.f, "SELECT count (*) FROM booking_participant", NULL);
}

static json_t *
show (Pair *q, const HjActor *actor)
{
  return hj_fixture_act (&q->p.f, &hj_act_show_booking, actor, place_about (q->booking));
}

static gboolean
can (Pair *q, const HjActor *actor, const char *what)
{
  g_autoptr (json_t) view = show (q, actor);
  gboolean found = FALSE;
  json_t *word;
  gsize i;

  json_array_foreach (json_object_get (view, "can"), i, word) found
      = found || g_str_equal (json_string_value (word), what);
  return found;
}

/* --- naming --- */

static void
a_colleague_is_named_by_licence (Pair *q, gconstpointer data)
{
  g_autoptr (json_t) booking = add (q);
  const json_t *participants = json_object_get (booking, "participants");
  const json_t *first = json_array_get (participants, 0);
  const json_t *lawyer = json_object_get (first, "lawyer");

  g_assert_cmpuint (json_array_size (participants), ==, 1);
  g_assert_cmpuint (json_object_size (first), ==, 2);
  g_assert_cmpstr (text_of (lawyer, "id"), ==, q->colleague);
  g_assert_cmpstr (text_of (lawyer, "licence"), ==, q->licence);
  g_assert_nonnull (text_of (lawyer, "name"));
  g_assert_nonnull (text_of (lawyer, "firm"));
  g_assert_cmpint (
      json_integer_value (json_object_get (first, "added_at_us")), ==, HJ_FIXTURE_NOW_US);
  g_assert_cmpstr (text_of (booking, "authority"), ==, q->p.authority);
  g_assert_cmpstr (hj_fixture_text (&q->p.f,
                       "SELECT authority FROM booking_participant WHERE booking = :id", q->booking),
      ==, q->authority);
  g_assert_cmpstr (hj_fixture_text (&q->p.f,
                       "SELECT added_by FROM booking_participant WHERE booking = :id", q->booking),
      ==, hj_actor_get_id (q->p.self));
  g_assert_cmpint (hj_fixture_entries (&q->p.f, "add-participant", "done"), ==, 1);
}

static void
only_the_bookings_lawyer_names (Pair *q, gconstpointer data)
{
  HjActor *stranger = hj_fixture_actor (&q->p.f, HJ_ROLE_LAWYER, hj_fixture_lawyer (&q->p.f), NULL);
  const HjActor *others[] = { q->second, stranger, q->p.desk };

  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    hj_fixture_refused (&q->p.f, &hj_act_add_participant, others[i],
        naming (q->booking, q->licence), HJ_REFUSAL_NOT_FOUND);
  g_assert_cmpint (n_participants (q), ==, 0);
}

static void
a_participant_names_nobody (Pair *q, gconstpointer data)
{
  added (q);
  hj_fixture_refused (&q->p.f, &hj_act_add_participant, q->second, naming (q->booking, q->licence),
      HJ_REFUSAL_NOT_FOUND);
}

static void
what_is_asked_must_make_sense (Pair *q, gconstpointer data)
{
  hj_fixture_refused (
      &q->p.f, &hj_act_add_participant, q->p.self, place_about (q->booking), HJ_REFUSAL_INVALID);
  hj_fixture_refused (
      &q->p.f, &hj_act_add_participant, q->p.self, naming (q->booking, ""), HJ_REFUSAL_INVALID);
  hj_fixture_refused (
      &q->p.f, &hj_act_add_participant, q->p.self, naming ("x", q->licence), HJ_REFUSAL_INVALID);
  hj_fixture_refused (&q->p.f, &hj_act_add_participant, q->p.self, naming (q->p.lawyer, q->licence),
      HJ_REFUSAL_NOT_FOUND);
}

/* What stands against it is the same to the byte, whether nobody has the licence or its lawyer does not act for the client. */
static void
a_stranger_and_nobody_are_the_same (Pair *q, gconstpointer data)
{
  const char *stranger = licence_of (&q->p, hj_fixture_lawyer (&q->p.f));
  const char *elsewhere = hj_fixture_lawyer (&q->p.f);
  const char *licences[] = { "14401999999999999", stranger, licence_of (&q->p, elsewhere) };

  hj_fixture_authority (&q->p.f, elsewhere, hj_fixture_detainee (&q->p.f, q->p.centre));
  for (gsize i = 0; i < G_N_ELEMENTS (licences); i++)
    {
      g_autoptr (json_t) why = place_explain (&q->p, &hj_act_add_participant, q->p.self,
          naming (q->booking, licences[i]), HJ_REFUSAL_NOT_FOUND);

      g_assert_true (json_is_null (why));
    }
}

static void
an_authority_that_was_revoked_is_none (Pair *q, gconstpointer data)
{
  hj_fixture_sql (&q->p.f, "UPDATE authority SET revoked_at_us = 1 WHERE id = :id", q->authority);
  add_refused (q, HJ_REFUSAL_NOT_FOUND);
}

static void
a_colleague_must_be_eligible (Pair *q, gconstpointer data)
{
  g_autoptr (json_t) why = NULL;
  const json_t *finding;

  hj_fixture_sql (&q->p.f,
      "INSERT INTO lawyer_status (lawyer, status, from_us) VALUES (:id, 'suspended', 86400000000)",
      q->colleague);
  why = place_explain (&q->p, &hj_act_add_participant, q->p.self, naming (q->booking, q->licence),
      HJ_REFUSAL_NOT_ELIGIBLE);
  g_assert_cmpuint (json_object_size (why), ==, 1);
  g_assert_cmpuint (json_array_size (json_object_get (why, "findings")), ==, 1);
  finding = json_array_get (json_object_get (why, "findings"), 0);
  g_assert_cmpstr (text_of (finding, "code"), ==, "licence-suspended");
  g_assert_cmpint (n_participants (q), ==, 0);
}

static gboolean
has_digit (const char *text)
{
  for (; *text != '\0'; text++)
    if (g_ascii_isdigit (*text))
      return TRUE;
  return FALSE;
}

/* The own finding says since when; a colleague's does not. */
static void
the_facts_of_a_colleague_are_not_told (Pair *q, gconstpointer data)
{
  g_autoptr (json_t) why = NULL;
  g_autoptr (json_t) own = NULL;
  const json_t *title;

  hj_fixture_sql (&q->p.f,
      "INSERT INTO lawyer_status (lawyer, status, from_us) VALUES (:id, 'suspended', 86400000000)",
      q->colleague);
  hj_fixture_sql (
      &q->p.f, "UPDATE detainee SET state = 'temporarily_out' WHERE id = :id", q->p.detainee);
  why = place_explain (&q->p, &hj_act_add_participant, q->p.self, naming (q->booking, q->licence),
      HJ_REFUSAL_NOT_ELIGIBLE);
  g_assert_cmpuint (json_array_size (json_object_get (why, "findings")), ==, 1);
  title = json_object_get (json_array_get (json_object_get (why, "findings"), 0), "title");
  g_assert_false (has_digit (text_of (title, "zh")));
  g_assert_false (has_digit (text_of (title, "en")));
  own = hj_fixture_act (&q->p.f, &hj_act_check_eligibility, q->second,
      json_pack ("{s:s}", "authority", q->authority));
  g_assert_cmpuint (json_array_size (json_object_get (own, "findings")), ==, 2);
  title = json_object_get (json_array_get (json_object_get (own, "findings"), 0), "title");
  g_assert_true (has_digit (text_of (title, "en")));
}

/* A licence that is suspended from the hour of the meeting does not serve for it. */
static void
the_time_of_the_meeting_counts (Pair *q, gconstpointer data)
{
  g_autofree char *sql = g_strdup_printf ("INSERT INTO lawyer_status (lawyer, status, from_us)"
                                          " VALUES (:id, 'suspended', %" G_GINT64_FORMAT ")",
      (gint64)NEXT);

  hj_fixture_sql (&q->p.f, sql, q->colleague);
  add_refused (q, HJ_REFUSAL_NOT_ELIGIBLE);
}

/* Two papers for one client: an older one that does not cover the stage, and one that does. */
static void
any_authority_that_holds_will_do (Pair *q, gconstpointer data)
{
  const char *worse = hj_fixture_authority (&q->p.f, q->colleague, q->p.detainee);

  hj_fixture_sql (&q->p.f, "UPDATE authority SET signed_at_us = 2 WHERE id = :id", worse);
  hj_fixture_sql (&q->p.f, "DELETE FROM paper WHERE authority = :id", worse);
  added (q);
  g_assert_cmpstr (hj_fixture_text (&q->p.f, "SELECT authority FROM booking_participant", NULL), ==,
      q->authority);
}

static void
nobody_takes_part_twice (Pair *q, gconstpointer data)
{
  added (q);
  add_refused (q, HJ_REFUSAL_EXISTS);
  q->licence = licence_of (&q->p, q->p.lawyer);
  add_refused (q, HJ_REFUSAL_EXISTS);
  g_assert_cmpint (n_participants (q), ==, 1);
}

static void
two_lawyers_are_the_most (Pair *q, gconstpointer data)
{
  const char *third = hj_fixture_lawyer (&q->p.f);

  hj_fixture_authority (&q->p.f, third, q->p.detainee);
  added (q);
  q->licence = licence_of (&q->p, third);
  add_refused (q, HJ_REFUSAL_TOO_MANY);
  json_decref (hj_fixture_act (
      &q->p.f, &hj_act_remove_participant, q->p.self, removal (q->booking, q->colleague)));
  added (q);
  g_assert_cmpstr (
      hj_fixture_text (&q->p.f, "SELECT lawyer FROM booking_participant", NULL), ==, third);
}

static void
there_must_be_a_meeting_to_come (Pair *q, gconstpointer data)
{
  static const char *const OVER[] = { "HELD", "NOT_HELD", "CANCELLED" };
  static const char *const OPEN[] = { "REVIEW", "CONFIRMED", "CHECKED_IN" };
  g_autofree char *sql = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (OVER); i++)
    {
      g_autofree char *set
          = g_strdup_printf ("UPDATE booking SET state = '%s' WHERE id = :id", OVER[i]);

      hj_fixture_sql (&q->p.f, set, q->booking);
      add_refused (q, HJ_REFUSAL_STATE);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (OPEN); i++)
    {
      g_autofree char *set
          = g_strdup_printf ("UPDATE booking SET state = '%s' WHERE id = :id", OPEN[i]);

      hj_fixture_sql (&q->p.f, set, q->booking);
      added (q);
      json_decref (hj_fixture_act (
          &q->p.f, &hj_act_remove_participant, q->p.self, removal (q->booking, q->colleague)));
    }
  hj_fixture_advance (&q->p.f, 2 * PLACE_SLOT_US);
  add_refused (q, HJ_REFUSAL_STATE);
}

static void
a_request_without_a_slot_has_no_time_to_be_free_at (Pair *q, gconstpointer data)
{
  q->booking = hj_fixture_booking (&q->p.f, q->p.authority, NULL, 0, "ASKED");
  add_refused (q, HJ_REFUSAL_STATE);
}

/* --- nobody is in two meetings at once --- */

static const char *
room_with_kiosk (Pair *q)
{
  const char *room = hj_fixture_room (&q->p.f, q->p.centre);

  hj_fixture_kiosk (&q->p.f, room, TRUE);
  return room;
}

static void
whoever_has_a_meeting_takes_part_in_no_other (Pair *q, gconstpointer data)
{
  const char *client = hj_fixture_detainee (&q->p.f, q->p.centre);
  const char *other = hj_fixture_authority (&q->p.f, q->colleague, client);
  const char *busy = hj_fixture_booking (
      &q->p.f, other, room_with_kiosk (q), NEXT - PLACE_SLOT_US / 2, "CONFIRMED");
  g_autoptr (json_t) why = place_explain (&q->p, &hj_act_add_participant, q->p.self,
      naming (q->booking, q->licence), HJ_REFUSAL_SLOT_TAKEN);

  g_assert_cmpstr (text_of (why, "taken"), ==, "lawyer");
  g_assert_cmpuint (json_object_size (why), ==, 1);
  json_decref (hj_fixture_act (&q->p.f, &hj_act_cancel, q->second,
      json_pack ("{s:s, s:s}", "booking", busy, "reason", "x")));
  added (q);
}

static void
whoever_takes_part_takes_part_in_no_other (Pair *q, gconstpointer data)
{
  const char *first = q->booking;
  const char *client = hj_fixture_detainee (&q->p.f, q->p.centre);
  const char *lawyer = hj_fixture_lawyer (&q->p.f);
  const char *authority = hj_fixture_authority (&q->p.f, lawyer, client);
  HjActor *host = hj_fixture_actor (&q->p.f, HJ_ROLE_LAWYER, lawyer, NULL);
  const char *second = hj_fixture_booking (
      &q->p.f, authority, room_with_kiosk (q), NEXT + PLACE_SLOT_US / 3, "CONFIRMED");

  hj_fixture_authority (&q->p.f, q->colleague, client);
  added (q);
  hj_fixture_refused (
      &q->p.f, &hj_act_add_participant, host, naming (second, q->licence), HJ_REFUSAL_SLOT_TAKEN);
  json_decref (hj_fixture_act (
      &q->p.f, &hj_act_remove_participant, q->p.self, removal (first, q->colleague)));
  json_decref (
      hj_fixture_act (&q->p.f, &hj_act_add_participant, host, naming (second, q->licence)));
}

static void
meetings_that_touch_do_not_overlap (Pair *q, gconstpointer data)
{
  const char *client = hj_fixture_detainee (&q->p.f, q->p.centre);
  const char *other = hj_fixture_authority (&q->p.f, q->colleague, client);
  const char *room = room_with_kiosk (q);

  hj_fixture_booking (&q->p.f, other, room, NEXT - PLACE_SLOT_US, "CONFIRMED");
  hj_fixture_booking (&q->p.f, other, room, NEXT + PLACE_SLOT_US, "CONFIRMED");
  added (q);
}

/* The other way round: the own booking comes after the participation. */
static void
whoever_takes_part_books_nothing_at_that_time (Pair *q, gconstpointer data)
{
  const char *client = hj_fixture_detainee (&q->p.f, q->p.centre);
  const char *other = hj_fixture_authority (&q->p.f, q->colleague, client);
  const char *room = room_with_kiosk (q);
  g_autoptr (json_t) why = NULL;

  added (q);
  why = place_explain (
      &q->p, &hj_act_book, q->second, place_request (other, room, NEXT), HJ_REFUSAL_SLOT_TAKEN);
  g_assert_cmpstr (text_of (why, "taken"), ==, "lawyer");
  g_assert_cmpuint (json_array_size (json_object_get (why, "alternatives")), >, 0);
  json_decref (hj_fixture_act (
      &q->p.f, &hj_act_book, q->second, place_request (other, room, NEXT + PLACE_SLOT_US)));
}

static gboolean
offers (Pair *q, const HjActor *actor, const char *authority, gint64 starts_at_us)
{
  g_autoptr (json_t) answer = hj_fixture_act (
      &q->p.f, &hj_act_list_slots, actor, json_pack ("{s:s}", "authority", authority));
  gboolean found = FALSE;
  json_t *slot;
  gsize i;

  json_array_foreach (json_object_get (answer, "slots"), i, slot) found
      = found || json_integer_value (json_object_get (slot, "starts_at_us")) == starts_at_us;
  return found;
}

static void
whoever_takes_part_is_offered_no_slot_at_that_time (Pair *q, gconstpointer data)
{
  const char *client = hj_fixture_detainee (&q->p.f, q->p.centre);
  const char *other = hj_fixture_authority (&q->p.f, q->colleague, client);

  room_with_kiosk (q);
  g_assert_true (offers (q, q->second, other, NEXT));
  added (q);
  g_assert_false (offers (q, q->second, other, NEXT));
  g_assert_true (offers (q, q->second, other, NEXT + PLACE_SLOT_US));
}

static void
a_booking_that_is_cancelled_frees_its_participant (Pair *q, gconstpointer data)
{
  const char *client = hj_fixture_detainee (&q->p.f, q->p.centre);
  const char *other = hj_fixture_authority (&q->p.f, q->colleague, client);

  added (q);
  json_decref (hj_fixture_act (&q->p.f, &hj_act_cancel, q->p.self,
      json_pack ("{s:s, s:s}", "booking", q->booking, "reason", "x")));
  json_decref (
      hj_fixture_act (&q->p.f, &hj_act_book, q->second, place_request (other, q->p.room, NEXT)));
}

/* Whatever way rows come, the schema refuses. */
static void
refused_by_schema (Pair *q, const char *sql, const char *id)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (hj_store_run (q->p.f.store, sql, HJ_BINDS (HJ_TEXT (":id", id)), &error));
  g_assert_true (g_error_matches (error, HJ_STORE_ERROR, HJ_STORE_ERROR_RULE)
                 || g_error_matches (error, HJ_STORE_ERROR, HJ_STORE_ERROR_TAKEN));
}

static void
the_schema_holds_it_alone (Pair *q, gconstpointer data)
{
  const char *third = hj_fixture_lawyer (&q->p.f);
  const char *asked = hj_fixture_booking (&q->p.f, q->p.authority, NULL, 0, "ASKED");
  const char *client = hj_fixture_detainee (&q->p.f, q->p.centre);
  const char *other = hj_fixture_authority (&q->p.f, q->colleague, client);
  const char *free_room = room_with_kiosk (q);
  const char *later
      = hj_fixture_booking (&q->p.f, other, free_room, NEXT + 2 * PLACE_SLOT_US, "CONFIRMED");

  hj_fixture_authority (&q->p.f, third, q->p.detainee);
  /* no slot, no time */
  refused_by_schema (q,
      "INSERT INTO booking_participant SELECT :id, a.lawyer, a.id, 0, 'x' FROM authority a LIMIT 1",
      asked);
  /* the booking's own lawyer */
  refused_by_schema (q,
      "INSERT INTO booking_participant SELECT b.id, b.lawyer, b.authority, 0, 'x' FROM booking b"
      " WHERE b.id = :id",
      q->booking);
  added (q);
  /* a third lawyer */
  refused_by_schema (q,
      "INSERT INTO booking_participant SELECT p.booking, :id, p.authority, 0, 'x' FROM"
      " booking_participant p",
      third);
  refused_by_schema (q, "UPDATE booking_participant SET lawyer = :id", third);
  /* an own slot at the time of the participation */
  hj_fixture_sql (&q->p.f, "DELETE FROM booking_slot WHERE booking = :id", later);
  hj_fixture_sql (&q->p.f,
      "UPDATE booking SET starts_at_us = starts_at_us - 3600000000 + 1, ends_at_us = ends_at_us -"
      " 3600000000 + 1 WHERE id = :id",
      later);
  refused_by_schema (q,
      "INSERT INTO booking_slot SELECT id, room, starts_at_us, lawyer, detainee FROM booking WHERE"
      " id = :id",
      later);
}

/* A slot that its booking gets back, as after a change of its time, is refused when its participant has gone elsewhere. */
static void
a_slot_asks_for_the_participants_time_too (Pair *q, gconstpointer data)
{
  const char *client = hj_fixture_detainee (&q->p.f, q->p.centre);
  const char *other = hj_fixture_authority (&q->p.f, q->colleague, client);

  added (q);
  hj_fixture_sql (&q->p.f, "DELETE FROM booking_slot WHERE booking = :id", q->booking);
  hj_fixture_booking (&q->p.f, other, room_with_kiosk (q), NEXT, "CONFIRMED");
  refused_by_schema (q,
      "INSERT INTO booking_slot SELECT id, room, starts_at_us, lawyer, detainee FROM booking WHERE"
      " id = :id",
      q->booking);
}

/* --- what a participant sees and may do --- */

static gsize
n_listed (Pair *q, const HjActor *actor)
{
  g_autoptr (json_t) answer = hj_fixture_act (&q->p.f, &hj_act_list_bookings, actor, NULL);

  return json_array_size (json_object_get (answer, "bookings"));
}

static void
a_participant_sees_the_booking (Pair *q, gconstpointer data)
{
  g_autoptr (json_t) view = NULL;
  g_autoptr (json_t) at_desk = NULL;

  hj_fixture_sql (&q->p.f, "UPDATE booking SET device_check = '{\"camera\":\"ok\"}' WHERE id = :id",
      q->booking);
  g_assert_cmpuint (n_listed (q, q->second), ==, 0);
  hj_fixture_refused (
      &q->p.f, &hj_act_show_booking, q->second, place_about (q->booking), HJ_REFUSAL_NOT_FOUND);
  added (q);
  g_assert_cmpuint (n_listed (q, q->second), ==, 1);
  g_assert_cmpuint (n_listed (q, q->p.self), ==, 1);
  view = show (q, q->second);
  g_assert_cmpstr (text_of (json_object_get (view, "lawyer"), "id"), ==, q->p.lawyer);
  g_assert_cmpstr (text_of (view, "authority"), ==, q->authority);
  g_assert_true (json_is_null (json_object_get (view, "device_check")));
  at_desk = show (q, q->p.desk);
  g_assert_cmpstr (text_of (at_desk, "authority"), ==, q->p.authority);
  g_assert_true (json_is_object (json_object_get (at_desk, "device_check")));
  g_assert_cmpuint (json_array_size (json_object_get (at_desk, "participants")), ==, 1);
}

static void
it_is_the_clients_next_booking_for_both (Pair *q, gconstpointer data)
{
  const HjActor *actors[] = { q->p.self, q->second };

  added (q);
  for (gsize i = 0; i < G_N_ELEMENTS (actors); i++)
    {
      g_autoptr (json_t) answer = hj_fixture_act (&q->p.f, &hj_act_list_cases, actors[i], NULL);
      const json_t *client = json_array_get (json_object_get (answer, "clients"), 0);

      g_assert_cmpstr (text_of (json_object_get (client, "next_booking"), "id"), ==, q->booking);
    }
}

static void
a_participant_joins_and_leaves_and_no_more (Pair *q, gconstpointer data)
{
  static const char *const NEVER[] = { "cancel", "end", "confirm", "check-in", "add-participant" };

  added (q);
  place_check_in (&q->p, q->booking);
  hj_fixture_sql (&q->p.f,
      "INSERT INTO meeting (id, booking, state, opened_at_us) VALUES (:id, :id, 'live', 0)",
      q->booking);
  g_assert_true (can (q, q->second, "join"));
  g_assert_true (can (q, q->second, "remove-participant"));
  for (gsize i = 0; i < G_N_ELEMENTS (NEVER); i++)
    g_assert_false (can (q, q->second, NEVER[i]));
  g_assert_true (can (q, q->p.self, "end"));
  g_assert_true (can (q, q->p.self, "remove-participant"));
  g_assert_false (can (q, q->p.self, "add-participant"));
  g_assert_false (can (q, q->p.desk, "remove-participant"));
  hj_fixture_refused (&q->p.f, &hj_act_cancel, q->second,
      json_pack ("{s:s, s:s}", "booking", q->booking, "reason", "x"), HJ_REFUSAL_NOT_FOUND);
  hj_fixture_refused (&q->p.f, &hj_act_device_check, q->second,
      json_pack ("{s:s, s:s, s:s, s:s, s:s, s:s}", "booking", q->booking, "camera", "ok",
          "microphone", "ok", "speaker", "ok", "connection", "ok", "browser", "x"),
      HJ_REFUSAL_NOT_FOUND);
}

static void
a_participant_gets_a_ticket (Pair *q, gconstpointer data)
{
  json_t *asking = json_pack ("{s:s, s:s}", "purpose", "join", "booking", q->booking);

  hj_fixture_refused (
      &q->p.f, &hj_act_ticket, q->second, json_incref (asking), HJ_REFUSAL_NOT_FOUND);
  added (q);
  json_decref (hj_fixture_act (&q->p.f, &hj_act_ticket, q->second, json_incref (asking)));
  json_decref (hj_fixture_act (
      &q->p.f, &hj_act_remove_participant, q->second, removal (q->booking, q->colleague)));
  hj_fixture_refused (&q->p.f, &hj_act_ticket, q->second, asking, HJ_REFUSAL_NOT_FOUND);
}

/* --- going --- */

static void
a_participant_steps_out (Pair *q, gconstpointer data)
{
  g_autoptr (json_t) left = NULL;

  added (q);
  left = hj_fixture_act (
      &q->p.f, &hj_act_remove_participant, q->second, removal (q->booking, q->colleague));
  g_assert_cmpuint (json_array_size (json_object_get (left, "participants")), ==, 0);
  g_assert_cmpuint (json_array_size (json_object_get (left, "can")), ==, 0);
  g_assert_cmpint (n_participants (q), ==, 0);
  g_assert_cmpuint (n_listed (q, q->second), ==, 0);
  g_assert_cmpint (hj_fixture_entries (&q->p.f, "remove-participant", "done"), ==, 1);
  g_assert_true (can (q, q->p.self, "add-participant"));
}

static void
nobody_else_takes_a_participant_out (Pair *q, gconstpointer data)
{
  HjActor *stranger = hj_fixture_actor (&q->p.f, HJ_ROLE_LAWYER, hj_fixture_lawyer (&q->p.f), NULL);

  added (q);
  hj_fixture_refused (&q->p.f, &hj_act_remove_participant, stranger,
      removal (q->booking, q->colleague), HJ_REFUSAL_NOT_FOUND);
  hj_fixture_refused (&q->p.f, &hj_act_remove_participant, stranger,
      removal (q->booking, hj_actor_get_lawyer (stranger)), HJ_REFUSAL_NOT_FOUND);
  hj_fixture_refused (&q->p.f, &hj_act_remove_participant, q->p.desk,
      removal (q->booking, q->colleague), HJ_REFUSAL_NOT_FOUND);
  /* the booking's own lawyer is no participant, for anybody */
  hj_fixture_refused (&q->p.f, &hj_act_remove_participant, q->second,
      removal (q->booking, q->p.lawyer), HJ_REFUSAL_NOT_FOUND);
  hj_fixture_refused (&q->p.f, &hj_act_remove_participant, q->p.self,
      removal (q->booking, q->p.lawyer), HJ_REFUSAL_NOT_FOUND);
  hj_fixture_refused (&q->p.f, &hj_act_remove_participant, q->p.self,
      removal (q->booking, hj_actor_get_lawyer (stranger)), HJ_REFUSAL_NOT_FOUND);
  hj_fixture_refused (&q->p.f, &hj_act_remove_participant, q->p.self, removal (q->booking, "x"),
      HJ_REFUSAL_INVALID);
  g_assert_cmpint (n_participants (q), ==, 1);
}

/* Who took part stands in the booking when it is over. */
static void
what_is_over_stays_as_it_was (Pair *q, gconstpointer data)
{
  added (q);
  hj_fixture_sql (&q->p.f, "UPDATE booking SET state = 'HELD' WHERE id = :id", q->booking);
  hj_fixture_refused (&q->p.f, &hj_act_remove_participant, q->p.self,
      removal (q->booking, q->colleague), HJ_REFUSAL_STATE);
  g_assert_false (can (q, q->p.self, "remove-participant"));
  g_assert_false (can (q, q->second, "join"));
  g_assert_cmpuint (n_listed (q, q->second), ==, 1);
}

/* A meeting that takes longer than its slot can still be left for good. */
static void
a_long_meeting_can_be_left (Pair *q, gconstpointer data)
{
  added (q);
  place_check_in (&q->p, q->booking);
  hj_fixture_advance (&q->p.f, 3 * PLACE_SLOT_US);
  json_decref (hj_fixture_act (
      &q->p.f, &hj_act_remove_participant, q->second, removal (q->booking, q->colleague)));
}

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  PAIR_TEST ("/participants/named", a_colleague_is_named_by_licence);
  PAIR_TEST ("/participants/by-whom", only_the_bookings_lawyer_names);
  PAIR_TEST ("/participants/not-by-participant", a_participant_names_nobody);
  PAIR_TEST ("/participants/invalid", what_is_asked_must_make_sense);
  PAIR_TEST ("/participants/unknown", a_stranger_and_nobody_are_the_same);
  PAIR_TEST ("/participants/revoked", an_authority_that_was_revoked_is_none);
  PAIR_TEST ("/participants/not-eligible", a_colleague_must_be_eligible);
  PAIR_TEST ("/participants/facts", the_facts_of_a_colleague_are_not_told);
  PAIR_TEST ("/participants/when", the_time_of_the_meeting_counts);
  PAIR_TEST ("/participants/any-authority", any_authority_that_holds_will_do);
  PAIR_TEST ("/participants/exists", nobody_takes_part_twice);
  PAIR_TEST ("/participants/too-many", two_lawyers_are_the_most);
  PAIR_TEST ("/participants/state", there_must_be_a_meeting_to_come);
  PAIR_TEST ("/participants/asked", a_request_without_a_slot_has_no_time_to_be_free_at);
  PAIR_TEST ("/participants/overlap/own", whoever_has_a_meeting_takes_part_in_no_other);
  PAIR_TEST ("/participants/overlap/other", whoever_takes_part_takes_part_in_no_other);
  PAIR_TEST ("/participants/overlap/touch", meetings_that_touch_do_not_overlap);
  PAIR_TEST ("/participants/overlap/later", whoever_takes_part_books_nothing_at_that_time);
  PAIR_TEST ("/participants/overlap/slots", whoever_takes_part_is_offered_no_slot_at_that_time);
  PAIR_TEST ("/participants/overlap/cancel", a_booking_that_is_cancelled_frees_its_participant);
  PAIR_TEST ("/participants/overlap/schema", the_schema_holds_it_alone);
  PAIR_TEST ("/participants/overlap/slot", a_slot_asks_for_the_participants_time_too);
  PAIR_TEST ("/participants/sees", a_participant_sees_the_booking);
  PAIR_TEST ("/participants/client", it_is_the_clients_next_booking_for_both);
  PAIR_TEST ("/participants/may", a_participant_joins_and_leaves_and_no_more);
  PAIR_TEST ("/participants/ticket", a_participant_gets_a_ticket);
  PAIR_TEST ("/participants/out", a_participant_steps_out);
  PAIR_TEST ("/participants/out-by-whom", nobody_else_takes_a_participant_out);
  PAIR_TEST ("/participants/over", what_is_over_stays_as_it_was);
  PAIR_TEST ("/participants/long", a_long_meeting_can_be_left);
  return g_test_run ();
}
