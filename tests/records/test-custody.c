/* SPDX-License-Identifier: Apache-2.0 */
/* Custody events: the newest one decides, in whatever order they arrive, are corrected or are taken back. */

#include "tests/records/importing.h"
#include "tests/support/expect-log.h"

#define OTHER "440100111202510010002"
#define T0 G_GINT64_CONSTANT (1759400000000000)

static char *
event (const char *key, int version, const char *stay, const char *kind, int hours)
{
  g_autofree char *data
      = g_strdup_printf ("{'detainee':'%s','kind':'%s','at_us':%" G_GINT64_FORMAT "}", stay, kind,
          T0 + hours * HJ_HOUR_US);

  return record ("custody_event", key, version, data);
}

static void
take_event (
    HjFixture *f, const char *key, int version, const char *stay, const char *kind, int hours)
{
  g_autofree char *line = event (key, version, stay, kind, hours);

  take (f, line);
}

static void
assert_state (HjFixture *f, const char *stay, const char *state)
{
  g_assert_cmpstr (
      hj_fixture_text (f, "SELECT state FROM detainee WHERE code = :id", stay), ==, state);
}

static void
each_kind_of_event_leads_to_its_state (HjFixture *f, gconstpointer data)
{
  static const char *const ROWS[][2] = {
    { "TEMP_OUT", "temporarily_out" },
    { "CELL_MOVED", "temporarily_out" },
    { "STAGE_HANDOVER", "temporarily_out" },
    { "RETURNED", "in_custody" },
    { "MEDICAL_ISOLATION", "in_custody" },
    { "SOLITARY", "in_custody" },
    { "BAIL", "released" },
    { "ADMITTED", "in_custody" },
    { "RESIDENTIAL_SURVEILLANCE", "released" },
    { "ADMITTED", "in_custody" },
    { "SENTENCED_TO_PRISON", "transferred" },
    { "RETURNED", "in_custody" },
    { "TRANSFERRED", "transferred" },
    { "ESCAPED", "escaped" },
    { "RETURNED", "in_custody" },
    { "RELEASED", "released" },
    { "DIED", "died" },
  };

  take_world (f);
  assert_state (f, STAY, "in_custody");
  for (gsize i = 0; i < G_N_ELEMENTS (ROWS); i++)
    {
      g_autofree char *key = g_strdup_printf ("e%d", (int)i);

      take_event (f, key, 1, STAY, ROWS[i][0], (int)i);
      assert_state (f, STAY, ROWS[i][1]);
    }
}

/* All orders in which four events can arrive. */
static void
the_order_of_arrival_never_decides (HjFixture *f, gconstpointer data)
{
  static const char *const KINDS[] = { "TEMP_OUT", "RETURNED", "CELL_MOVED", "RELEASED" };
  int version = 1;

  take_world (f);
  for (int order = 0; order < 24; order++, version++)
    {
      int left[4] = { 0, 1, 2, 3 };
      int rest = order;

      hj_fixture_sql (f, "DELETE FROM custody_event", NULL);
      hj_fixture_sql (f, "DELETE FROM record_version WHERE kind = 'custody_event'", NULL);
      hj_fixture_sql (f, "UPDATE detainee SET state = 'in_custody'", NULL);
      for (int n = 4; n > 0; n--)
        {
          int pick = rest % n;
          g_autofree char *key = g_strdup_printf ("e%d", left[pick]);

          take_event (f, key, version, STAY, KINDS[left[pick]], left[pick]);
          rest /= n;
          for (int i = pick; i + 1 < n; i++)
            left[i] = left[i + 1];
        }
      assert_state (f, STAY, "released");
    }
}

static void
of_two_events_at_one_moment_the_key_decides (HjFixture *f, gconstpointer data)
{
  take_world (f);
  take_event (f, "b", 1, STAY, "RETURNED", 5);
  take_event (f, "a", 1, STAY, "TEMP_OUT", 5);
  assert_state (f, STAY, "in_custody");
}

static void
an_event_can_be_corrected_and_taken_back (HjFixture *f, gconstpointer data)
{
  take_world (f);
  take_event (f, "a", 1, STAY, "TEMP_OUT", 1);
  take_event (f, "b", 1, STAY, "RELEASED", 2);
  assert_state (f, STAY, "released");
  take_event (f, "b", 2, STAY, "RELEASED", 0);
  assert_state (f, STAY, "temporarily_out");
  take_event (f, "a", 2, STAY, "WITHDRAWN", 1);
  assert_state (f, STAY, "released");
  take_event (f, "b", 3, STAY, "WITHDRAWN", 0);
  assert_state (f, STAY, "in_custody");
}

static void
an_event_of_the_wrong_stay_settles_both (HjFixture *f, gconstpointer data)
{
  g_autofree char *other = record ("detainee", OTHER, 1,
      "{'person':'p1','centre':'" CENTRE "','case':'c1','admitted_at_us':1759300000000000}");

  take_world (f);
  take (f, other);
  take_event (f, "a", 1, STAY, "RELEASED", 1);
  take_event (f, "a", 2, OTHER, "RELEASED", 1);
  assert_state (f, STAY, "in_custody");
  assert_state (f, OTHER, "released");
}

static void
a_stay_that_comes_again_keeps_its_state (HjFixture *f, gconstpointer data)
{
  g_autofree char *again = record ("detainee", STAY, 2,
      "{'person':'p1','centre':'" CENTRE "','case':'c1','admitted_at_us':1759300000000001}");

  take_world (f);
  take_event (f, "a", 1, STAY, "RELEASED", 1);
  take (f, again);
  assert_state (f, STAY, "released");
}

static void
events_are_refused_for_their_reasons (HjFixture *f, gconstpointer data)
{
  g_autofree char *nobody = event ("a", 1, OTHER, "RELEASED", 1);
  g_autofree char *unknown = event ("a", 1, STAY, "VANISHED", 1);
  g_autofree char *timeless
      = record ("custody_event", "a", 1, "{'detainee':'" STAY "','kind':'RELEASED'}");
  int now = (int)((HJ_FIXTURE_NOW_US - T0) / HJ_HOUR_US);
  g_autofree char *later = event ("a", 1, STAY, "RELEASED", now + 3);
  g_autofree char *soon = event ("a", 1, STAY, "RELEASED", now + 1);

  take_world (f);
  refuse (f, nobody, "unknown-reference", "detainee");
  refuse (f, unknown, "unknown-word", "kind");
  refuse (f, timeless, "required", "at_us");
  refuse (f, later, "future", "at_us");
  warn (f, soon, "future", "at_us");
}

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
#define TEST(NAME)                                                                                 \
  g_test_add (                                                                                     \
      "/records/custody/" #NAME, HjFixture, NULL, hj_fixture_set_up, NAME, hj_fixture_tear_down)
  TEST (each_kind_of_event_leads_to_its_state);
  TEST (the_order_of_arrival_never_decides);
  TEST (of_two_events_at_one_moment_the_key_decides);
  TEST (an_event_can_be_corrected_and_taken_back);
  TEST (an_event_of_the_wrong_stay_settles_both);
  TEST (a_stay_that_comes_again_keeps_its_state);
  TEST (events_are_refused_for_their_reasons);
  return g_test_run ();
}
