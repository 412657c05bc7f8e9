/* SPDX-License-Identifier: Apache-2.0 */
/* For tests that run the main context: waiting for what must come, and asking the database once its worker has it (then the
 * functions of the fixture may not touch it any more). */

#include "tests/support/loop.h"

#define WATCHDOG_S 20

static gboolean
bark (gpointer what)
{
  g_printerr ("waited in vain for: %s\n", (const char *)what);
  g_abort ();
}

/* what: must outlive it. */
guint
hj_watchdog_start (const char *what)
{
  return g_timeout_add_seconds (WATCHDOG_S, bark, (gpointer)what);
}

/* Runs the context until nothing is under way: for what must not happen. Timers that are not due do not count. */
void
hj_run_until_quiet (HjStore *store)
{
  for (int round = 0; round < 3; round++)
    {
      hj_store_drain (store);
      while (g_main_context_iteration (NULL, FALSE))
        ;
    }
}

typedef struct
{
  HjFixture *f;
  const char *sql;
  const char *id;
  const char *text;
  gint64 count;
  enum
  {
    RUN,
    COUNT,
    TEXT,
    ENTRIES,
  } what;
  gboolean done;
} Errand;

static gpointer
on_worker_errand (HjStore *store, gpointer data, GError **error)
{
  Errand *errand = data;

  switch (errand->what)
    {
    case RUN:
      hj_fixture_sql (errand->f, errand->sql, errand->id);
      break;
    case COUNT:
      errand->count = hj_fixture_count (errand->f, errand->sql, errand->id);
      break;
    case TEXT:
      errand->text = hj_fixture_text (errand->f, errand->sql, errand->id);
      break;
    case ENTRIES:
      errand->count = hj_fixture_entries (errand->f, errand->sql, errand->id);
      break;
    }
  return NULL;
}

static void
came_home (GObject *source, GAsyncResult *result, gpointer data)
{
  Errand *errand = data;

  errand->done = TRUE;
}

static void
go (Errand *errand)
{
  hj_store_call_async (errand->f->store, on_worker_errand, errand, NULL, NULL, came_home, errand);
  HJ_WAIT_UNTIL (errand->done);
}

/* As hj_fixture_sql(), on the store's worker. */
void
hj_there_sql (HjFixture *f, const char *sql, const char *id)
{
  Errand errand = { .f = f, .sql = sql, .id = id, .what = RUN };

  go (&errand);
}

/* As hj_fixture_count(), on the store's worker. */
gint64
hj_there_count (HjFixture *f, const char *sql, const char *id)
{
  Errand errand = { .f = f, .sql = sql, .id = id, .what = COUNT };

  go (&errand);
  return errand.count;
}

/* As hj_fixture_text(), on the store's worker. */
const char *
hj_there_text (HjFixture *f, const char *sql, const char *id)
{
  Errand errand = { .f = f, .sql = sql, .id = id, .what = TEXT };

  go (&errand);
  return errand.text;
}

/* As hj_fixture_entries(), on the store's worker. */
gint64
hj_there_entries (HjFixture *f, const char *act, const char *result)
{
  Errand errand = { .f = f, .sql = act, .id = result, .what = ENTRIES };

  go (&errand);
  return errand.count;
}

typedef struct
{
  json_t *answer;
  gboolean done;
} Acting;

static void
acted (GObject *source, GAsyncResult *result, gpointer data)
{
  Acting *acting = data;
  g_autoptr (GError) error = NULL;

  acting->answer = hj_acts_run_finish (result, NULL, &error);
  g_assert_no_error (error);
  acting->done = TRUE;
}

/* As hj_fixture_act(), from control: watchers hear of it. input: (transfer full). Returns: (transfer full). */
json_t *
hj_there_act (HjFixture *f, const HjActKind *kind, HjActor *actor, json_t *input)
{
  Acting acting = { 0 };

  hj_acts_run_async (f->acts, kind, actor, input, NULL, acted, &acting);
  HJ_WAIT_UNTIL (acting.done);
  return acting.answer;
}
