/* SPDX-License-Identifier: Apache-2.0 */
/* A second lawyer sits in the meeting: under the own name and the own authority, until the meeting, or the participation, ends. */

#include "scheduler/acts.h"
#include "tests/meeting/host-place.h"

#define REVOKE "UPDATE authority SET revoked_at_us = 1 WHERE id = :id"
#define RESTORE "UPDATE authority SET revoked_at_us = NULL WHERE id = :id"

/* A colleague of the place's lawyer who takes part in its booking. */
typedef struct
{
  HostPlace h; /* first */
  const char *lawyer, *authority, *name;
  HjActor *second;
  HjFakePeer *peer;
} Trio;

/* The fixture's functions belong where the store is looked at: on its worker, once there is one. */
static gpointer
on_worker_engage (HjStore *store, gpointer input, GError **error)
{
  Trio *t = input;
  HjFixture *f = &t->h.p.f;

  t->lawyer = hj_fixture_lawyer (f);
  t->authority = hj_fixture_authority (f, t->lawyer, t->h.p.detainee);
  t->second = hj_fixture_actor (f, HJ_ROLE_LAWYER, t->lawyer, NULL);
  t->name = hj_fixture_text (f, "SELECT name FROM lawyer WHERE id = :id", t->lawyer);
  return (gpointer)hj_fixture_text (f, "SELECT licence FROM lawyer WHERE id = :id", t->lawyer);
}

typedef struct
{
  const char *licence;
  gboolean done;
} Engaged;

static void
engaged (GObject *source, GAsyncResult *result, gpointer data)
{
  Engaged *outcome = data;

  outcome->licence = hj_store_call_finish (result, NULL);
  outcome->done = TRUE;
}

static void
set_up (Trio *t, gconstpointer data)
{
  HostPlace *h = &t->h;
  Engaged outcome = { NULL, FALSE };

  host_place_set_up (h, data);
  hj_store_call_async (h->p.f.store, on_worker_engage, t, NULL, NULL, engaged, &outcome);
  HJ_WAIT_UNTIL (outcome.done);
  json_decref (hj_there_act (&h->p.f, &hj_act_add_participant, h->p.counsel,
      json_pack ("{s:s, s:s}", "booking", h->p.booking, "licence", outcome.licence)));
  t->peer = host_new_peer (h);
}

static void
tear_down (Trio *t, gconstpointer data)
{
  host_place_tear_down (&t->h, data);
}

#define TRIO_TEST(PATH, FUNCTION) g_test_add (PATH, Trio, NULL, set_up, FUNCTION, tear_down)

/* Comes, offers, is connected and holds the keys. Returns: the seat. */
static const char *
come (Trio *t)
{
  const char *seat = host_join (&t->h, t->peer, t->second);

  host_offer (&t->h, t->peer, "answer", NULL);
  host_connect (&t->h, seat);
  return seat;
}

static void
take_out (Trio *t)
{
  json_decref (hj_there_act (&t->h.p.f, &hj_act_remove_participant, t->h.p.counsel,
      json_pack ("{s:s, s:s}", "booking", t->h.p.booking, "lawyer", t->lawyer)));
  host_quiet (&t->h);
}

static void
the_second_lawyer_sits_under_the_own_name (Trio *t, gconstpointer data)
{
  const char *counsel, *box, *seat;
  const json_t *told;

  host_meet (&t->h, &counsel, &box);
  seat = come (t);
  g_assert_cmpstr (host_seat_row (&t->h, seat), ==, "admitted");
  g_assert_cmpuint (hj_fake_peer_count (t->peer, "admit", NULL), ==, 1);
  told = hj_fake_peer_last_seat (t->h.box, seat);
  g_assert_cmpstr (json_string_value (json_object_get (told, "name")), ==, t->name);
  g_assert_cmpstr (json_string_value (json_object_get (told, "role")), ==, "lawyer");
  told = hj_fake_peer_last_seat (t->h.box, counsel);
  g_assert_cmpstr (json_string_value (json_object_get (told, "name")), !=, t->name);
}

static void
the_second_lawyer_may_be_the_first_to_meet (Trio *t, gconstpointer data)
{
  const char *seat, *box;

  seat = come (t);
  box = host_join (&t->h, t->h.box, t->h.p.box);
  host_offer (&t->h, t->h.box, "answer", NULL);
  host_connect (&t->h, box);
  g_assert_cmpstr (host_seat_row (&t->h, seat), ==, "admitted");
  g_assert_cmpstr (host_meeting_state (&t->h), ==, "live");
  g_assert_cmpstr (
      hj_there_text (&t->h.p.f, "SELECT state FROM clock WHERE booking = :id", t->h.p.booking), ==,
      "met");
}

/* The booking's lawyer drops out for good; somebody is still there whom the client hears. */
static void
one_lawyer_of_two_is_enough (Trio *t, gconstpointer data)
{
  const char *counsel, *box, *seat;

  host_meet (&t->h, &counsel, &box);
  seat = come (t);
  host_event (&t->h, "gone", counsel, HJ_FIXTURE_NOW_US);
  g_assert_cmpstr (host_meeting_state (&t->h), ==, "live");
  host_event (&t->h, "gone", seat, HJ_FIXTURE_NOW_US);
  g_assert_cmpstr (host_meeting_state (&t->h), ==, "cut_off");
}

static void
the_own_authority_is_asked_at_the_door (Trio *t, gconstpointer data)
{
  HjRefusal refusal = 0;

  hj_there_sql (&t->h.p.f, REVOKE, t->authority);
  g_assert_null (host_try_join (&t->h, t->peer, t->second, &refusal));
  g_assert_cmpint (refusal, ==, HJ_REFUSAL_NOT_ELIGIBLE);
  /* and no other's */
  hj_there_sql (&t->h.p.f, RESTORE, t->authority);
  hj_there_sql (&t->h.p.f, REVOKE, t->h.p.authority);
  g_assert_nonnull (host_try_join (&t->h, t->peer, t->second, &refusal));
}

/* The booking stands on its own lawyer's authority: without it nobody is let in. */
static void
the_bookings_authority_is_asked_before_anybody_is_let_in (Trio *t, gconstpointer data)
{
  const char *seat = come (t);
  const char *box = host_join (&t->h, t->h.box, t->h.p.box);

  hj_there_sql (&t->h.p.f, REVOKE, t->h.p.authority);
  host_offer (&t->h, t->h.box, "answer", NULL);
  host_connect (&t->h, box);
  g_assert_cmpstr (host_seat_row (&t->h, seat), ==, "connected");
  g_assert_cmpuint (hj_fake_peer_count (t->h.box, "notice", "record-changed"), ==, 1);
}

static void
whose_authority_is_gone_is_kept_out_alone (Trio *t, gconstpointer data)
{
  const char *counsel, *box, *seat;

  seat = come (t);
  hj_there_sql (&t->h.p.f, REVOKE, t->authority);
  host_meet (&t->h, &counsel, &box);
  g_assert_cmpstr (host_seat_row (&t->h, counsel), ==, "admitted");
  g_assert_cmpstr (host_seat_row (&t->h, box), ==, "admitted");
  g_assert_cmpstr (host_seat_row (&t->h, seat), ==, "connected");
  g_assert_cmpuint (hj_fake_peer_count (t->peer, "notice", "record-changed"), ==, 1);
  g_assert_nonnull (json_object_get (hj_fake_peer_last (t->peer, "notice"), "findings"));
  g_assert_cmpuint (hj_fake_peer_count (t->h.counsel, "notice", "record-changed"), ==, 0);
  g_assert_cmpuint (hj_fake_peer_count (t->h.box, "notice", "record-changed"), ==, 0);
  hj_there_sql (&t->h.p.f, RESTORE, t->authority);
  host_tick (&t->h, 30 * HJ_SECOND_US);
  g_assert_cmpstr (host_seat_row (&t->h, seat), ==, "connected");
  host_tick (&t->h, 31 * HJ_SECOND_US);
  g_assert_cmpstr (host_seat_row (&t->h, seat), ==, "admitted");
}

/* Nobody who may speak to the client is there: then the client is not let in either, and nobody waits when the other comes. */
static void
a_kiosk_waits_for_somebody_who_may (Trio *t, gconstpointer data)
{
  const char *seat = come (t);
  const char *box = host_join (&t->h, t->h.box, t->h.p.box);
  const char *counsel;

  hj_there_sql (&t->h.p.f, REVOKE, t->authority);
  host_offer (&t->h, t->h.box, "answer", NULL);
  host_connect (&t->h, box);
  g_assert_cmpstr (host_seat_row (&t->h, box), ==, "connected");
  g_assert_cmpstr (host_meeting_state (&t->h), ==, "waiting");
  counsel = host_join (&t->h, t->h.counsel, t->h.p.counsel);
  host_offer (&t->h, t->h.counsel, "answer", NULL);
  host_connect (&t->h, counsel);
  g_assert_cmpstr (host_seat_row (&t->h, counsel), ==, "admitted");
  g_assert_cmpstr (host_seat_row (&t->h, box), ==, "admitted");
  g_assert_cmpstr (host_seat_row (&t->h, seat), ==, "connected");
}

static void
the_second_lawyer_leaves_and_does_not_end (Trio *t, gconstpointer data)
{
  const char *counsel, *box, *seat;

  host_meet (&t->h, &counsel, &box);
  seat = come (t);
  g_assert_cmpstr (host_end (&t->h, t->peer, t->second, "done"), ==, "not-found");
  g_assert_cmpstr (host_meeting_state (&t->h), ==, "live");
  g_assert_cmpstr (host_leave (&t->h, t->peer, t->second), ==, "done");
  g_assert_cmpstr (host_seat_row (&t->h, seat), ==, "left");
  g_assert_cmpstr (host_end (&t->h, t->h.counsel, t->h.p.counsel, "done"), ==, "done");
}

static void
whoever_is_taken_out_loses_the_seat (Trio *t, gconstpointer data)
{
  const char *counsel, *box, *seat;
  HjRefusal refusal = 0;
  const char *token;

  host_meet (&t->h, &counsel, &box);
  seat = come (t);
  token = host_token (&t->h, seat);
  take_out (t);
  host_hang_up (&t->h, t->peer);
  g_assert_false (host_resume (&t->h, host_new_peer (&t->h), token));
  host_tick (&t->h, HJ_SECOND_US);
  g_assert_cmpstr (host_seat_row (&t->h, seat), ==, "left");
  g_assert_cmpuint (
      hj_fake_media_port_count (t->h.port, "remove-leg %s %s", host_meeting (&t->h), seat), ==, 1);
  g_assert_cmpstr (host_seat_row (&t->h, counsel), ==, "admitted");
  g_assert_null (host_try_join (&t->h, t->peer, t->second, &refusal));
  g_assert_cmpint (refusal, ==, HJ_REFUSAL_NOT_FOUND);
}

/* What a seat is known by survives a restart: the one in question goes, and no other. */
static void
the_same_after_a_restart (Trio *t, gconstpointer data)
{
  const char *counsel, *box, *seat, *token;
  HjFakePeer *again = host_new_peer (&t->h);

  host_meet (&t->h, &counsel, &box);
  seat = come (t);
  token = host_token (&t->h, seat);
  host_stop (&t->h);
  host_start (&t->h);
  g_assert_true (host_resume (&t->h, again, token));
  take_out (t);
  host_hang_up (&t->h, again);
  host_tick (&t->h, HJ_SECOND_US);
  g_assert_cmpstr (host_seat_row (&t->h, seat), ==, "left");
  g_assert_cmpstr (host_seat_row (&t->h, counsel), ==, "dropped");
}

typedef struct
{
  HjActor *actor;
  gboolean done;
} Resumed;

static void
resumed (GObject *source, GAsyncResult *result, gpointer data)
{
  Resumed *outcome = data;

  json_decref (hj_seat_resume_finish (result, &outcome->actor, NULL));
  outcome->done = TRUE;
}

/* Whoever resumes is who they were: a participant does not become the booking's lawyer by it. */
static void
a_resumed_seat_keeps_its_lawyer (Trio *t, gconstpointer data)
{
  const char *seat = come (t);
  Resumed outcome = { NULL, FALSE };

  hj_seat_resume_async (t->h.p.f.acts, host_token (&t->h, seat), resumed, &outcome);
  HJ_WAIT_UNTIL (outcome.done);
  g_assert_cmpstr (hj_actor_get_lawyer (outcome.actor), ==, t->lawyer);
  hj_actor_unref (outcome.actor);
}

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  TRIO_TEST ("/participant/name", the_second_lawyer_sits_under_the_own_name);
  TRIO_TEST ("/participant/first", the_second_lawyer_may_be_the_first_to_meet);
  TRIO_TEST ("/participant/enough", one_lawyer_of_two_is_enough);
  TRIO_TEST ("/participant/join", the_own_authority_is_asked_at_the_door);
  TRIO_TEST ("/participant/booking", the_bookings_authority_is_asked_before_anybody_is_let_in);
  TRIO_TEST ("/participant/kept-out", whose_authority_is_gone_is_kept_out_alone);
  TRIO_TEST ("/participant/kiosk-waits", a_kiosk_waits_for_somebody_who_may);
  TRIO_TEST ("/participant/leave", the_second_lawyer_leaves_and_does_not_end);
  TRIO_TEST ("/participant/taken-out", whoever_is_taken_out_loses_the_seat);
  TRIO_TEST ("/participant/restart", the_same_after_a_restart);
  TRIO_TEST ("/participant/resume", a_resumed_seat_keeps_its_lawyer);
  return g_test_run ();
}
