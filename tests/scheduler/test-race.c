/* SPDX-License-Identifier: Apache-2.0 */
/* Many ask at once, as they do in the running service: from a main loop, decided on the store's worker. */

#include "src/base/worker.h"
#include "src/store/store.h"
#include "tests/scheduler/support.h"
#include "tests/support/expect-log.h"

#define NEXT (HJ_FIXTURE_NOW_US + PLACE_SLOT_US)
#define N_LAWYERS 16

typedef struct
{
  GMainLoop *loop;
  int n_open;
  int n_booked;
  int n_taken;
  int n_alternatives;
  char *booking; /* the last one */
} Outcome;

static void
answered (GObject *source, GAsyncResult *result, gpointer data)
{
  Outcome *outcome = data;
  g_autoptr (GError) error = NULL;
  json_t *problem = NULL;
  g_autoptr (json_t) answer = hj_acts_run_finish (result, &problem, &error);
  g_autoptr (json_t) owned = problem;

  if (answer != NULL)
    {
      outcome->n_booked++;
      g_free (outcome->booking);
      outcome->booking = g_strdup (json_string_value (json_object_get (answer, "id")));
    }
  else
    {
      g_assert_error (error, HJ_REFUSAL, HJ_REFUSAL_SLOT_TAKEN);
      outcome->n_taken++;
      outcome->n_alternatives += (int)json_array_size (json_object_get (owned, "alternatives"));
    }
  if (--outcome->n_open == 0)
    g_main_loop_quit (outcome->loop);
}

static void
run (Place *p, Outcome *outcome, const HjActKind *kind, HjActor *actor, json_t *input)
{
  outcome->n_open++;
  hj_acts_run_async (p->f.acts, kind, actor, input, NULL, answered, outcome);
}

static void
ask (Place *p, Outcome *outcome, HjActor *actor, const char *authority, const char *key)
{
  outcome->n_open++;
  hj_acts_run_async (p->f.acts, &hj_act_book, actor, place_request (authority, p->room, NEXT), key,
      answered, outcome);
}

static void
wait_for (Outcome *outcome)
{
  outcome->loop = g_main_loop_new (NULL, FALSE);
  g_main_loop_run (outcome->loop);
  g_clear_pointer (&outcome->loop, g_main_loop_unref);
}

/* From its first use on the worker alone may look at the store: the counting is done there. */
static gpointer
on_worker_count (HjStore *store, gpointer input, GError **error)
{
  gint64 count = -1;

  hj_store_query_int (store,
      "SELECT (SELECT count (*) FROM booking) * 1000 + (SELECT count (*)"
      " FROM booking_slot)",
      HJ_NO_BINDS, &count, error);
  *(gint64 *)input = count;
  return NULL;
}

static void
counted (GObject *source, GAsyncResult *result, gpointer data)
{
  hj_store_call_finish (result, NULL);
  g_main_loop_quit (data);
}

/* Returns: 1000 times the bookings, plus the slots that are taken. */
static gint64
count_rows (Place *p)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  gint64 count = -1;

  hj_store_call_async (p->f.store, on_worker_count, &count, NULL, NULL, counted, loop);
  g_main_loop_run (loop);
  return count;
}

static void
of_many_who_ask_at_once_one_gets_the_slot (Place *p, gconstpointer data)
{
  Outcome outcome = { 0 };
  HjActor *actors[N_LAWYERS];
  const char *authorities[N_LAWYERS];

  for (int i = 0; i < N_LAWYERS; i++)
    {
      const char *lawyer = hj_fixture_lawyer (&p->f);

      actors[i] = hj_fixture_actor (&p->f, HJ_ROLE_LAWYER, lawyer, NULL);
      authorities[i] = hj_fixture_authority (&p->f, lawyer, hj_fixture_detainee (&p->f, p->centre));
    }
  for (int i = 0; i < N_LAWYERS; i++)
    ask (p, &outcome, actors[i], authorities[i], NULL);
  wait_for (&outcome);
  g_assert_cmpint (outcome.n_booked, ==, 1);
  g_assert_cmpint (outcome.n_taken, ==, N_LAWYERS - 1);
  g_assert_cmpint (outcome.n_alternatives, ==, 5 * (N_LAWYERS - 1));
  g_assert_cmpint (count_rows (p), ==, 1001);
  g_free (outcome.booking);
}

/* A page that lost the answer asks again before the first is done. */
static void
the_same_key_twice_at_once_is_one_booking (Place *p, gconstpointer data)
{
  Outcome outcome = { 0 };

  ask (p, &outcome, p->self, p->authority, "key-1");
  ask (p, &outcome, p->self, p->authority, "key-1");
  wait_for (&outcome);
  g_assert_cmpint (outcome.n_booked, ==, 2);
  g_assert_cmpint (count_rows (p), ==, 1001);
  g_free (outcome.booking);
}

/* Two lawyers name the same colleague for meetings that overlap, while the colleague books a third. */
static void
one_colleague_goes_to_one_meeting (Place *p, gconstpointer data)
{
  Outcome outcome = { 0 };
  const char *colleague = hj_fixture_lawyer (&p->f);
  const char *licence
      = hj_fixture_text (&p->f, "SELECT licence FROM lawyer WHERE id = :id", colleague);
  const char *own = hj_fixture_authority (&p->f, colleague, hj_fixture_detainee (&p->f, p->centre));
  HjActor *second = hj_fixture_actor (&p->f, HJ_ROLE_LAWYER, colleague, NULL);
  HjActor *actors[N_LAWYERS];
  json_t *inputs[N_LAWYERS];

  for (int i = 0; i < N_LAWYERS; i++)
    {
      const char *lawyer = hj_fixture_lawyer (&p->f);
      const char *client = hj_fixture_detainee (&p->f, p->centre);
      const char *authority = hj_fixture_authority (&p->f, lawyer, client);
      const char *booking = hj_fixture_booking (&p->f, authority,
          hj_fixture_room (&p->f, p->centre), NEXT + i * HJ_MINUTE_US, "CONFIRMED");

      hj_fixture_authority (&p->f, colleague, client);
      actors[i] = hj_fixture_actor (&p->f, HJ_ROLE_LAWYER, lawyer, NULL);
      inputs[i] = json_pack ("{s:s, s:s}", "booking", booking, "licence", licence);
    }
  for (int i = 0; i < N_LAWYERS; i++)
    run (p, &outcome, &hj_act_add_participant, actors[i], inputs[i]);
  run (p, &outcome, &hj_act_book, second, place_request (own, p->room, NEXT));
  wait_for (&outcome);
  g_assert_cmpint (outcome.n_booked, ==, 1);
  g_assert_cmpint (outcome.n_taken, ==, N_LAWYERS);
  g_free (outcome.booking);
}

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  PLACE_TEST ("/race/one-slot", of_many_who_ask_at_once_one_gets_the_slot);
  PLACE_TEST ("/race/one-key", the_same_key_twice_at_once_is_one_booking);
  PLACE_TEST ("/race/one-colleague", one_colleague_goes_to_one_meeting);
  return g_test_run ();
}
