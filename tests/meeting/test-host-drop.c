/* SPDX-License-Identifier: Apache-2.0 */
/* src/meeting/host*.c: who drops, who comes back, who takes over, who is given up, and what the machine may not end. */

#include "tests/meeting/host-place.h"

#define DROPPED_US (HJ_FIXTURE_NOW_US + HJ_MINUTE_US)

static void
whoever_comes_back_in_time_has_the_same_seat (HostPlace *h, gconstpointer data)
{
  HjFakePeer *again = host_new_peer (h);
  const char *counsel, *box;

  host_meet (h, &counsel, &box);
  host_hang_up (h, h->counsel);
  g_assert_cmpstr (host_seat_row (h, counsel), ==, "dropped");
  g_assert_cmpstr (hj_fake_peer_seat_state (h->box, counsel), ==, "dropped");
  host_tick (h, HOST_RESUME_US - 1);
  g_assert_true (host_resume (h, again, host_token (h, counsel)));
  g_assert_cmpstr (again->seat, ==, counsel);
  g_assert_cmpstr (host_seat_row (h, counsel), ==, "admitted");
  g_assert_cmpstr (hj_fake_peer_seat_state (h->box, counsel), ==, "admitted");
  g_assert_cmpstr (hj_fake_peer_seat_state (again, box), ==, "admitted");
  host_tick (h, HJ_HOUR_US);
  g_assert_cmpstr (host_seat_row (h, counsel), ==, "admitted");
  g_assert_cmpint (hj_there_entries (&h->p.f, "admit", "done"), ==, 1);
}

static void
whoever_does_not_come_back_left_when_last_there (HostPlace *h, gconstpointer data)
{
  const char *counsel = host_join (h, h->counsel, h->p.counsel);

  hj_fixture_advance (&h->p.f, HJ_MINUTE_US);
  host_hang_up (h, h->counsel);
  host_tick (h, HOST_RESUME_US - 1);
  g_assert_cmpstr (host_seat_row (h, counsel), ==, "dropped");
  host_tick (h, 1);
  g_assert_cmpstr (host_seat_row (h, counsel), ==, "left");
  g_assert_cmpint (host_left_at_us (h, counsel), ==, DROPPED_US);
  g_assert_false (host_resume (h, host_new_peer (h), host_token (h, counsel)));
  g_assert_cmpuint (
      hj_fake_media_port_count (h->port, "remove-leg %s %s", host_meeting (h), counsel), ==, 1);
  g_assert_cmpint (hj_there_entries (&h->p.f, "leave", "done"), ==, 1);
}

static void
media_that_went_on_longer_says_when_one_left (HostPlace *h, gconstpointer data)
{
  const char *counsel, *box;

  host_meet (h, &counsel, &box);
  hj_fixture_advance (&h->p.f, HJ_MINUTE_US);
  host_hang_up (h, h->counsel);
  hj_fixture_advance (&h->p.f, 50 * HJ_SECOND_US);
  host_event (h, "gone", counsel, DROPPED_US + 20 * HJ_SECOND_US);
  host_tick (h, HOST_RESUME_US);
  g_assert_cmpstr (host_seat_row (h, counsel), ==, "left");
  g_assert_cmpint (host_left_at_us (h, counsel), ==, DROPPED_US + 20 * HJ_SECOND_US);
}

static void
media_that_went_before_does_not (HostPlace *h, gconstpointer data)
{
  const char *counsel, *box;

  host_meet (h, &counsel, &box);
  host_event (h, "gone", counsel, HJ_FIXTURE_NOW_US);
  hj_fixture_advance (&h->p.f, HJ_MINUTE_US);
  host_hang_up (h, h->counsel);
  host_tick (h, HOST_RESUME_US);
  g_assert_cmpint (host_left_at_us (h, counsel), ==, DROPPED_US);
}

static void
whose_media_flows_is_there (HostPlace *h, gconstpointer data)
{
  const char *counsel, *box;

  host_meet (h, &counsel, &box);
  host_hang_up (h, h->counsel);
  host_hang_up (h, h->box);
  host_tick (h, 20 * HJ_HOUR_US);
  g_assert_cmpstr (host_seat_row (h, counsel), ==, "dropped");
  g_assert_cmpstr (host_meeting_state (h), ==, "live");
  host_event (h, "silent", counsel, hj_time_now (h->p.f.time));
  host_tick (h, HOST_RESUME_US - 1);
  g_assert_cmpstr (host_seat_row (h, counsel), ==, "dropped");
  host_tick (h, 1);
  g_assert_cmpstr (host_seat_row (h, counsel), ==, "left");
}

static void
while_the_relay_cannot_be_asked_nobody_who_was_let_in_leaves (HostPlace *h, gconstpointer data)
{
  const char *counsel, *box;

  host_meet (h, &counsel, &box);
  host_event (h, "silent", counsel, HJ_FIXTURE_NOW_US);
  host_hang_up (h, h->counsel);
  h->port->down = TRUE;
  host_tick (h, HJ_HOUR_US);
  g_assert_cmpstr (host_seat_row (h, counsel), ==, "dropped");
  h->port->down = FALSE;
  host_tick (h, HJ_SECOND_US);
  g_assert_cmpstr (host_seat_row (h, counsel), ==, "left");
}

static void
a_second_socket_takes_the_seat_over (HostPlace *h, gconstpointer data)
{
  HjFakePeer *second = host_new_peer (h);
  const char *counsel = host_join (h, h->counsel, h->p.counsel);

  g_assert_cmpstr (host_join (h, second, h->p.counsel), ==, counsel);
  g_assert_cmpstr (h->counsel->sent_away, ==, "taken-over");
  g_assert_null (h->counsel->seat);
  host_hang_up (h, h->counsel);
  g_assert_cmpstr (host_seat_row (h, counsel), ==, "waiting");
  g_assert_cmpint (hj_there_entries (&h->p.f, "drop", "done"), ==, 0);
  hj_fake_peer_forget (h->counsel);
  host_connect (h, counsel);
  g_assert_cmpuint (json_array_size (h->counsel->told), ==, 0);
  g_assert_cmpuint (hj_fake_peer_count (second, "seats", NULL), >, 0);
}

static void
a_token_takes_a_seat_over_as_well (HostPlace *h, gconstpointer data)
{
  HjFakePeer *second = host_new_peer (h);
  const char *counsel = host_join (h, h->counsel, h->p.counsel);

  g_assert_true (host_resume (h, second, host_token (h, counsel)));
  g_assert_cmpstr (h->counsel->sent_away, ==, "taken-over");
  g_assert_cmpstr (second->seat, ==, counsel);
  g_assert_cmpuint (hj_fake_peer_count (second, "notice", "media-lost"), ==, 1);
}

static gboolean
is_gone (const json_t *answer, const json_t *problem, const GError *error, gpointer data)
{
  *(gboolean *)data = TRUE;
  return FALSE;
}

static void
whoever_hangs_up_during_the_join_has_a_seat_to_come_back_to (HostPlace *h, gconstpointer data)
{
  HjFakePeer *hasty = hj_fake_peer_new ();
  gboolean done = FALSE;
  const char *seat;

  hj_host_join (h->host, &hasty->peer, h->p.counsel, h->p.booking, hj_actor_get_id (h->p.counsel),
      is_gone, &done);
  HJ_WAIT_UNTIL (done);
  hj_fake_peer_free (hasty);
  host_quiet (h);
  seat = hj_there_text (
      &h->p.f, "SELECT id FROM seat WHERE actor = :id", hj_actor_get_id (h->p.counsel));
  g_assert_cmpstr (host_seat_row (h, seat), ==, "dropped");
  g_assert_cmpstr (host_join (h, h->counsel, h->p.counsel), ==, seat);
}

static gboolean
count_answer (const json_t *answer, const json_t *problem, const GError *error, gpointer data)
{
  ++*(int *)data;
  return TRUE;
}

static void
a_peer_that_sat_down_twice_is_forgotten_twice (HostPlace *h, gconstpointer data)
{
  HjFakePeer *greedy = hj_fake_peer_new ();
  int answers = 0;

  hj_there_sql (&h->p.f,
      "INSERT INTO booking (id, state, authority, lawyer, detainee, centre, room, starts_at_us,"
      " ends_at_us, asked_at_us, asked_by, checked_in_at_us) SELECT 'aaaaaaaaaaaaaaaaaaaaaaaaaa',"
      " state, authority, lawyer, detainee, centre, room, starts_at_us, ends_at_us, asked_at_us,"
      " asked_by, checked_in_at_us FROM booking WHERE id = :id",
      h->p.booking);
  hj_host_join (h->host, &greedy->peer, h->p.box, h->p.booking, NULL, count_answer, &answers);
  hj_host_join (
      h->host, &greedy->peer, h->p.box, "aaaaaaaaaaaaaaaaaaaaaaaaaa", NULL, count_answer, &answers);
  HJ_WAIT_UNTIL (answers == 2);
  g_assert_cmpuint (hj_host_count_meetings (h->host), ==, 2);
  hj_host_disconnected (h->host, &greedy->peer);
  hj_fake_peer_free (greedy);
  host_join (h, h->counsel, h->p.counsel);
  host_tick (h, HOST_RESUME_US);
  g_assert_cmpint (hj_there_entries (&h->p.f, "leave", "done"), ==, 2);
}

static void
a_leave_that_crosses_a_resume_gives_way (HostPlace *h, gconstpointer data)
{
  HjFakePeer *again = host_new_peer (h);
  const char *counsel = host_join (h, h->counsel, h->p.counsel);
  const char *token = host_token (h, counsel);

  host_hang_up (h, h->counsel);
  hj_fixture_advance (&h->p.f, HOST_RESUME_US);
  /* The machine gives the seat up before the answer to the resume is home. */
  h->meanwhile = hj_host_tick;
  g_assert_true (host_resume (h, again, token));
  g_assert_cmpstr (host_seat_row (h, counsel), ==, "waiting");
  g_assert_cmpstr (again->seat, ==, counsel);
  host_tick (h, HJ_HOUR_US);
  g_assert_cmpstr (host_seat_row (h, counsel), ==, "waiting");
}

static void
whoever_resumed_and_hung_up_unseen_is_given_up_after_all (HostPlace *h, gconstpointer data)
{
  const char *counsel = host_join (h, h->counsel, h->p.counsel);

  host_hang_up (h, h->counsel);
  json_decref (hj_there_act (&h->p.f, &hj_act_resume, h->p.counsel, hj_about ("seat", counsel)));
  host_tick (h, HOST_RESUME_US);
  g_assert_cmpstr (host_seat_row (h, counsel), ==, "dropped");
  host_tick (h, 10 * HJ_SECOND_US);
  g_assert_cmpstr (host_seat_row (h, counsel), ==, "left");
}

static void
a_leave_that_cannot_be_written_is_tried_again (HostPlace *h, gconstpointer data)
{
  const char *counsel = host_join (h, h->counsel, h->p.counsel);

  host_hang_up (h, h->counsel);
  hj_there_sql (&h->p.f,
      "CREATE TEMP TRIGGER full BEFORE UPDATE ON seat WHEN NEW.state = 'left' BEGIN SELECT"
      " RAISE (ABORT, 'no'); END",
      NULL);
  hj_expect_log (G_LOG_LEVEL_WARNING, "leave was not recorded*");
  host_tick (h, HOST_RESUME_US);
  host_tick (h, HJ_SECOND_US);
  hj_there_sql (&h->p.f, "DROP TRIGGER full", NULL);
  host_tick (h, 10 * HJ_SECOND_US);
  g_assert_cmpstr (host_seat_row (h, counsel), ==, "left");
}

static void
time_left_is_told_once_each (HostPlace *h, gconstpointer data)
{
  static const int MINUTES[] = { 10, 5, 1, 0 };
  gint64 ends_us = HJ_FIXTURE_NOW_US + 30 * HJ_MINUTE_US;
  const char *counsel, *box;

  host_meet (h, &counsel, &box);
  for (guint i = 0; i < G_N_ELEMENTS (MINUTES); i++)
    {
      gint64 due_us = ends_us - MINUTES[i] * HJ_MINUTE_US;

      host_tick (h, due_us - 1 - hj_time_now (h->p.f.time));
      g_assert_cmpuint (hj_fake_peer_count (h->box, "notice", "time-left"), ==, i);
      host_tick (h, 1);
      host_tick (h, HJ_SECOND_US);
      g_assert_cmpuint (hj_fake_peer_count (h->box, "notice", "time-left"), ==, i + 1);
      g_assert_cmpint (json_integer_value (
                           json_object_get (hj_fake_peer_last (h->counsel, "notice"), "minutes")),
          ==, MINUTES[i]);
    }
}

static void
a_meeting_that_begins_late_is_not_told_a_wrong_number (HostPlace *h, gconstpointer data)
{
  const char *counsel, *box;

  hj_fixture_advance (&h->p.f, 27 * HJ_MINUTE_US);
  host_meet (h, &counsel, &box);
  host_tick (h, 0);
  g_assert_cmpuint (hj_fake_peer_count (h->box, "notice", "time-left"), ==, 0);
  host_tick (h, 2 * HJ_MINUTE_US);
  g_assert_cmpint (
      json_integer_value (json_object_get (hj_fake_peer_last (h->box, "notice"), "minutes")), ==,
      1);
}

static void
nobody_is_told_the_time_before_the_meeting_begins (HostPlace *h, gconstpointer data)
{
  host_join (h, h->counsel, h->p.counsel);
  host_tick (h, 25 * HJ_MINUTE_US);
  g_assert_cmpuint (hj_fake_peer_count (h->counsel, "notice", NULL), ==, 0);
}

static void
what_everybody_has_left_is_ended_after_its_time (HostPlace *h, gconstpointer data)
{
  const char *counsel, *box;

  host_meet (h, &counsel, &box);
  host_leave (h, h->counsel, h->p.counsel);
  host_leave (h, h->box, h->p.box);
  host_tick (h, 40 * HJ_MINUTE_US - 1);
  g_assert_cmpstr (host_meeting_state (h), ==, "cut_off");
  hj_fixture_advance (&h->p.f, 1);
  hj_host_tick (h->host);
  host_tick (h, 0);
  g_assert_cmpstr (host_meeting_state (h), ==, "ended");
  g_assert_cmpstr (
      hj_there_text (&h->p.f, "SELECT end_reason || ' ' || ended_by FROM meeting", NULL), ==,
      "abandoned machine");
  g_assert_cmpstr (
      hj_there_text (&h->p.f, "SELECT state FROM booking WHERE id = :id", h->p.booking), ==,
      "HELD");
  host_tick (h, HJ_HOUR_US);
  g_assert_cmpint (hj_there_entries (&h->p.f, "end", "refused"), ==, 0);
}

static void
somebody_present_is_never_cut_by_the_machine (HostPlace *h, gconstpointer data)
{
  const char *counsel, *box;

  host_meet (h, &counsel, &box);
  host_leave (h, h->box, h->p.box);
  host_tick (h, 10 * HJ_HOUR_US);
  g_assert_cmpstr (host_meeting_state (h), ==, "cut_off");
  g_assert_cmpstr (host_seat_row (h, counsel), ==, "admitted");
  host_hang_up (h, h->counsel);
  host_event (h, "silent", counsel, hj_time_now (h->p.f.time));
  host_tick (h, HOST_RESUME_US - 1);
  g_assert_cmpstr (host_meeting_state (h), ==, "cut_off");
  host_tick (h, HJ_SECOND_US);
  host_tick (h, HJ_SECOND_US);
  g_assert_cmpstr (host_meeting_state (h), ==, "ended");
}

static void
an_end_that_cannot_be_written_is_tried_again (HostPlace *h, gconstpointer data)
{
  host_join (h, h->counsel, h->p.counsel);
  host_leave (h, h->counsel, h->p.counsel);
  hj_there_sql (&h->p.f,
      "CREATE TEMP TRIGGER full BEFORE UPDATE ON meeting BEGIN SELECT RAISE (ABORT, 'no'); END",
      NULL);
  hj_expect_log (G_LOG_LEVEL_WARNING, "an abandoned meeting was not ended*");
  host_tick (h, HJ_HOUR_US);
  hj_there_sql (&h->p.f, "DROP TRIGGER full", NULL);
  host_tick (h, HJ_SECOND_US);
  g_assert_cmpstr (host_meeting_state (h), ==, "ended");
}

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  HOST_TEST ("/host/drop/back", whoever_comes_back_in_time_has_the_same_seat);
  HOST_TEST ("/host/drop/left", whoever_does_not_come_back_left_when_last_there);
  HOST_TEST ("/host/drop/media-after", media_that_went_on_longer_says_when_one_left);
  HOST_TEST ("/host/drop/media-before", media_that_went_before_does_not);
  HOST_TEST ("/host/drop/media-flows", whose_media_flows_is_there);
  HOST_TEST ("/host/drop/relay-away", while_the_relay_cannot_be_asked_nobody_who_was_let_in_leaves);
  HOST_TEST ("/host/take-over", a_second_socket_takes_the_seat_over);
  HOST_TEST ("/host/take-over/token", a_token_takes_a_seat_over_as_well);
  HOST_TEST ("/host/vanish/join", whoever_hangs_up_during_the_join_has_a_seat_to_come_back_to);
  HOST_TEST ("/host/vanish/twice", a_peer_that_sat_down_twice_is_forgotten_twice);
  HOST_TEST ("/host/race/resume", a_leave_that_crosses_a_resume_gives_way);
  HOST_TEST ("/host/race/unseen", whoever_resumed_and_hung_up_unseen_is_given_up_after_all);
  HOST_TEST ("/host/retry/leave", a_leave_that_cannot_be_written_is_tried_again);
  HOST_TEST ("/host/notice/once", time_left_is_told_once_each);
  HOST_TEST ("/host/notice/late", a_meeting_that_begins_late_is_not_told_a_wrong_number);
  HOST_TEST ("/host/notice/before", nobody_is_told_the_time_before_the_meeting_begins);
  HOST_TEST ("/host/abandoned", what_everybody_has_left_is_ended_after_its_time);
  HOST_TEST ("/host/abandoned/present", somebody_present_is_never_cut_by_the_machine);
  HOST_TEST ("/host/retry/end", an_end_that_cannot_be_written_is_tried_again);
  return g_test_run ();
}
