/* SPDX-License-Identifier: Apache-2.0 */
/* Whoever lost the right to be in a meeting is out of it, and nobody comes and goes without end. */

#include "src/access/kiosks.h"
#include "src/access/sessions.h"
#include "tests/meeting/host-place.h"
#include "tests/support/loop.h"

static void
done (GObject *source, GAsyncResult *result, gpointer flag)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) answer = hj_acts_run_finish (result, NULL, &error);

  g_assert_no_error (error);
  *(gboolean *)flag = TRUE;
}

static void
retire_kiosk (HostPlace *h)
{
  g_autoptr (HjActor) operator= hj_actor_new ("operator", HJ_ROLE_OPERATOR, NULL, NULL, TRUE);
  gboolean flag = FALSE;

  hj_acts_run_async (h->p.f.acts, &hj_act_update_kiosk, operator,
      json_pack ("{s:s, s:s}", "id", hj_actor_get_id (h->p.box), "state", "retired"), NULL, done,
      &flag);
  HJ_WAIT_UNTIL (flag);
}

static void
a_retired_kiosk_leaves_though_its_media_flows (HostPlace *h, gconstpointer data)
{
  const char *counsel, *box;

  host_meet (h, &counsel, &box);
  retire_kiosk (h);
  g_assert_cmpstr (host_seat_row (h, box), ==, "admitted");
  host_hang_up (h, h->box);
  host_tick (h, HJ_SECOND_US);
  g_assert_cmpstr (host_seat_row (h, box), ==, "left");
  g_assert_cmpstr (host_seat_row (h, counsel), ==, "admitted");
  g_assert_cmpuint (
      hj_fake_media_port_count (h->port, "remove-leg %s %s", host_meeting (h), box), ==, 1);
}

static void
media_that_flows_keeps_the_seat_of_others (HostPlace *h, gconstpointer data)
{
  const char *counsel, *box;

  host_meet (h, &counsel, &box);
  retire_kiosk (h);
  host_hang_up (h, h->counsel);
  host_tick (h, HOST_RESUME_US + HJ_SECOND_US);
  g_assert_cmpstr (host_seat_row (h, counsel), ==, "dropped");
}

static gpointer
on_worker_kill (HjStore *store, gpointer account, GError **error)
{
  hj_sessions_kill (store, account, NULL, error);
  return NULL;
}

static void
killed (GObject *source, GAsyncResult *result, gpointer flag)
{
  g_autoptr (GError) error = NULL;

  hj_store_call_finish (result, &error);
  g_assert_no_error (error);
  *(gboolean *)flag = TRUE;
}

static void
a_seat_token_dies_with_the_sessions (HostPlace *h, gconstpointer data)
{
  const char *counsel, *box;
  gboolean flag = FALSE;

  host_meet (h, &counsel, &box);
  host_hang_up (h, h->counsel);
  hj_store_call_async (h->p.f.store, on_worker_kill, (gpointer)hj_actor_get_id (h->p.counsel), NULL,
      NULL, killed, &flag);
  HJ_WAIT_UNTIL (flag);
  g_assert_false (host_resume (h, host_new_peer (h), host_token (h, counsel)));
}

static void
nobody_joins_without_end (HostPlace *h, gconstpointer data)
{
  HjRefusal refusal = HJ_REFUSAL_N;

  for (int i = 0; i < 12; i++)
    {
      host_join (h, h->counsel, h->p.counsel);
      host_leave (h, h->counsel, h->p.counsel);
    }
  g_assert_null (host_try_join (h, h->counsel, h->p.counsel, &refusal));
  g_assert_cmpint (refusal, ==, HJ_REFUSAL_TOO_MANY);
  host_tick (h, HJ_MINUTE_US);
  g_assert_nonnull (host_join (h, h->counsel, h->p.counsel));
}

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  HOST_TEST ("/revoke/a retired kiosk leaves though its media flows",
      a_retired_kiosk_leaves_though_its_media_flows);
  HOST_TEST ("/revoke/media that flows keeps the seat of others",
      media_that_flows_keeps_the_seat_of_others);
  HOST_TEST ("/revoke/a seat token dies with the sessions", a_seat_token_dies_with_the_sessions);
  HOST_TEST ("/revoke/nobody joins without end", nobody_joins_without_end);
  return g_test_run ();
}
