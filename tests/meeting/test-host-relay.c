/* SPDX-License-Identifier: Apache-2.0 */
/* src/meeting/host*.c: a restart of this process, a restart of the relay, and a link that was down. */

#include "tests/meeting/host-place.h"

/* What is told to nobody: the sockets died with the process. */
static void
restart (HostPlace *h)
{
  host_stop (h);
  h->counsel = host_new_peer (h);
  h->box = host_new_peer (h);
  host_start (h);
}

static json_t *
rooms_of (HostPlace *h, const char *first, const char *second)
{
  return json_pack ("[o]", host_room (host_meeting (h), first, second));
}

static void
ignored (const char *answer, const char *refusal, gpointer data)
{
}

static void
a_restart_takes_up_what_runs (HostPlace *h, gconstpointer data)
{
  const char *counsel, *box, *counsel_token, *box_token;

  host_meet (h, &counsel, &box);
  counsel_token = host_token (h, counsel);
  box_token = host_token (h, box);
  restart (h);
  g_assert_cmpuint (hj_host_count_meetings (h->host), ==, 1);
  g_assert_cmpstr (host_seat_row (h, counsel), ==, "dropped");
  host_register (h, rooms_of (h, counsel, box));
  g_assert_cmpuint (hj_fake_media_port_count (h->port, "welcome 2"), ==, 1);
  g_assert_cmpuint (hj_fake_media_port_count (h->port, "close-room*"), ==, 0);
  g_assert_true (host_resume (h, h->counsel, counsel_token));
  g_assert_true (host_resume (h, h->box, box_token));
  g_assert_cmpstr (host_meeting_state (h), ==, "live");
  g_assert_cmpstr (hj_fake_peer_seat_state (h->counsel, box), ==, "admitted");
  g_assert_cmpuint (hj_fake_peer_count (h->counsel, "notice", NULL), ==, 0);
  g_assert_cmpint (hj_there_entries (&h->p.f, "admit", "done"), ==, 1);
  g_assert_cmpint (hj_there_entries (&h->p.f, "cut-off", "done"), ==, 0);
}

static void
whoever_is_back_before_the_relay_keeps_the_media_that_flows (HostPlace *h, gconstpointer data)
{
  const char *counsel, *box, *counsel_token, *box_token;

  host_meet (h, &counsel, &box);
  counsel_token = host_token (h, counsel);
  box_token = host_token (h, box);
  restart (h);
  h->port->down = TRUE;
  host_resume (h, h->counsel, counsel_token);
  host_resume (h, h->box, box_token);
  g_assert_cmpuint (hj_fake_peer_count (h->counsel, "notice", NULL), ==, 0);
  g_assert_cmpstr (host_meeting_state (h), ==, "live");
  h->port->down = FALSE;
  host_register (h, rooms_of (h, counsel, NULL));
  g_assert_cmpuint (hj_fake_peer_count (h->counsel, "notice", NULL), ==, 0);
  g_assert_cmpuint (hj_fake_peer_count (h->box, "notice", "media-lost"), ==, 1);
  g_assert_cmpstr (host_meeting_state (h), ==, "cut_off");
}

static void
a_leave_during_the_outage_is_recorded_with_its_time (HostPlace *h, gconstpointer data)
{
  gint64 gone_us = HJ_FIXTURE_NOW_US + HJ_MINUTE_US;
  const char *counsel, *box;

  host_meet (h, &counsel, &box);
  hj_fixture_advance (&h->p.f, 3 * HJ_MINUTE_US);
  restart (h);
  host_register (h, rooms_of (h, box, NULL));
  host_event (h, "gone", counsel, gone_us);
  g_assert_cmpuint (hj_fake_media_port_count (h->port, "ack 3"), ==, 1);
  host_tick (h, HOST_RESUME_US);
  g_assert_cmpstr (host_seat_row (h, counsel), ==, "left");
  g_assert_cmpint (host_left_at_us (h, counsel), ==, gone_us);
  g_assert_cmpstr (host_seat_row (h, box), ==, "dropped");
  g_assert_cmpstr (host_meeting_state (h), ==, "cut_off");
}

static void
whoever_had_dropped_before_the_restart_left_then (HostPlace *h, gconstpointer data)
{
  const char *counsel = host_join (h, h->counsel, h->p.counsel);

  hj_fixture_advance (&h->p.f, HJ_MINUTE_US);
  host_hang_up (h, h->counsel);
  hj_fixture_advance (&h->p.f, HJ_MINUTE_US);
  restart (h);
  host_tick (h, HOST_RESUME_US - 1);
  g_assert_cmpstr (host_seat_row (h, counsel), ==, "dropped");
  host_tick (h, 1);
  g_assert_cmpint (host_left_at_us (h, counsel), ==, HJ_FIXTURE_NOW_US + HJ_MINUTE_US);
}

static void
a_late_meeting_outlives_a_restart_while_the_relay_carries_it (HostPlace *h, gconstpointer data)
{
  const char *counsel, *box;

  host_meet (h, &counsel, &box);
  hj_fixture_advance (&h->p.f, 2 * HJ_HOUR_US);
  restart (h);
  h->port->down = TRUE;
  host_tick (h, HJ_SECOND_US);
  host_tick (h, HOST_RESUME_US);
  g_assert_cmpstr (host_meeting_state (h), ==, "live");
  h->port->down = FALSE;
  host_register (h, rooms_of (h, counsel, box));
  host_tick (h, HJ_HOUR_US);
  g_assert_cmpstr (host_meeting_state (h), ==, "live");
  g_assert_cmpstr (host_seat_row (h, counsel), ==, "dropped");
}

static void
events_that_follow_the_registration_come_before_anybody_is_given_up (
    HostPlace *h, gconstpointer data)
{
  gint64 gone_us = HJ_FIXTURE_NOW_US + HJ_MINUTE_US;
  const char *counsel, *box;

  host_meet (h, &counsel, &box);
  restart (h);
  h->port->down = TRUE;
  host_tick (h, HJ_HOUR_US);
  h->port->down = FALSE;
  host_register (h, rooms_of (h, box, NULL));
  host_tick (h, HJ_SECOND_US);
  g_assert_cmpstr (host_seat_row (h, counsel), ==, "dropped");
  host_event (h, "gone", counsel, gone_us);
  host_tick (h, 5 * HJ_SECOND_US);
  g_assert_cmpint (host_left_at_us (h, counsel), ==, gone_us);
}

static void
who_waited_at_the_door_is_not_let_in_by_a_restart (HostPlace *h, gconstpointer data)
{
  HjActor *third = hj_actor_new ("third", HJ_ROLE_LAWYER, h->p.lawyer, NULL, FALSE);
  HjFakePeer *peer = host_new_peer (h);
  const char *counsel, *box, *waiting;
  json_t *room;

  g_ptr_array_add (h->p.f.actors, third);
  host_meet (h, &counsel, &box);
  waiting = host_join (h, peer, third);
  host_secure (h, waiting);
  room = host_room (host_meeting (h), counsel, box);
  json_array_append_new (json_object_get (room, "seats"),
      json_pack ("{s:s, s:b, s:b}", "seat", waiting, "connected", 1, "admitted", 0));
  hj_there_sql (&h->p.f,
      "INSERT INTO lawyer_status (lawyer, status, from_us) VALUES (:id, 'suspended', 1)",
      h->p.lawyer);
  restart (h);
  host_register (h, json_pack ("[o]", room));
  g_assert_cmpuint (hj_fake_media_port_count (h->port, "admit*%s*", waiting), ==, 0);
  g_assert_cmpuint (
      hj_fake_media_port_count (h->port, "admit %s %s %s", host_meeting (h), counsel, box), >, 0);
  g_assert_cmpint (hj_there_entries (&h->p.f, "admit", "refused"), ==, 1);
}

static void
a_restarted_relay_gets_new_offers_and_admits_again (HostPlace *h, gconstpointer data)
{
  const char *counsel, *box;

  host_meet (h, &counsel, &box);
  h->boot = "boot-2";
  h->n = 0;
  hj_fake_media_port_forget (h->port);
  host_register (h, json_array ());
  g_assert_cmpuint (hj_fake_media_port_count (h->port, "welcome 0"), ==, 1);
  g_assert_cmpuint (hj_fake_peer_count (h->counsel, "notice", "media-lost"), ==, 1);
  g_assert_cmpuint (hj_fake_peer_count (h->box, "notice", "media-lost"), ==, 1);
  g_assert_cmpstr (host_meeting_state (h), ==, "cut_off");
  host_offer (h, h->counsel, "v=1", NULL);
  host_connect (h, counsel);
  g_assert_cmpuint (
      hj_fake_media_port_count (h->port, "admit %s %s", host_meeting (h), counsel), ==, 1);
  host_offer (h, h->box, "v=1", NULL);
  host_connect (h, box);
  g_assert_cmpuint (
      hj_fake_media_port_count (h->port, "admit %s %s %s", host_meeting (h), counsel, box), ==, 1);
  g_assert_cmpstr (host_meeting_state (h), ==, "live");
  g_assert_cmpuint (hj_fake_peer_count (h->box, "notice", "media-back"), ==, 1);
  g_assert_cmpint (hj_there_entries (&h->p.f, "admit", "done"), ==, 1);
  g_assert_cmpuint (hj_fake_peer_count (h->counsel, "admit", NULL), ==, 1);
}

static void
a_link_that_was_down_changes_nothing_for_anybody (HostPlace *h, gconstpointer data)
{
  const char *counsel, *box;

  host_meet (h, &counsel, &box);
  h->port->down = TRUE;
  hj_host_media_lost (h->host);
  host_tick (h, HJ_MINUTE_US);
  h->port->down = FALSE;
  host_register (h, rooms_of (h, counsel, box));
  g_assert_cmpuint (hj_fake_peer_count (h->box, "notice", NULL), ==, 0);
  g_assert_cmpstr (host_meeting_state (h), ==, "live");
}

static void
an_admission_that_the_link_lost_is_sent_again (HostPlace *h, gconstpointer data)
{
  const char *counsel = host_join (h, h->counsel, h->p.counsel);
  const char *box = host_join (h, h->box, h->p.box);

  host_connect (h, counsel);
  h->port->down = TRUE;
  host_connect (h, box);
  g_assert_cmpstr (host_meeting_state (h), ==, "live");
  g_assert_cmpuint (hj_fake_media_port_count (h->port, "admit*"), ==, 0);
  h->port->down = FALSE;
  host_register (h, rooms_of (h, counsel, box));
  g_assert_cmpuint (
      hj_fake_media_port_count (h->port, "admit %s %s %s", host_meeting (h), counsel, box), ==, 1);
}

static void
whoever_left_while_the_link_was_down_loses_the_leg_afterwards (HostPlace *h, gconstpointer data)
{
  const char *counsel, *box;

  host_meet (h, &counsel, &box);
  h->port->down = TRUE;
  host_leave (h, h->counsel, h->p.counsel);
  h->port->down = FALSE;
  g_assert_cmpuint (hj_fake_media_port_count (h->port, "remove-leg*"), ==, 0);
  host_register (h, rooms_of (h, counsel, box));
  g_assert_cmpuint (
      hj_fake_media_port_count (h->port, "remove-leg %s %s", host_meeting (h), counsel), ==, 1);
  g_assert_cmpuint (
      hj_fake_media_port_count (h->port, "remove-leg %s %s", host_meeting (h), box), ==, 0);
}

static void
rooms_that_nobody_knows_are_closed (HostPlace *h, gconstpointer data)
{
  const char *counsel, *box;

  host_meet (h, &counsel, &box);
  host_register (h, json_pack ("[o, o]", host_room ("elsewhere", "somebody", NULL),
                        host_room (host_meeting (h), counsel, box)));
  g_assert_cmpuint (hj_fake_media_port_count (h->port, "close-room*"), ==, 1);
  g_assert_cmpuint (hj_fake_media_port_count (h->port, "close-room elsewhere"), ==, 1);
}

static void
an_event_sent_again_is_acknowledged_and_changes_nothing (HostPlace *h, gconstpointer data)
{
  const char *counsel, *box;

  host_meet (h, &counsel, &box);
  host_event (h, "gone", box, HJ_FIXTURE_NOW_US);
  host_offer (h, h->box, "v=1", NULL);
  host_connect (h, box);
  hj_fake_media_port_forget (h->port);
  h->n = 2;
  host_event (h, "gone", box, HJ_FIXTURE_NOW_US);
  g_assert_cmpuint (hj_fake_media_port_count (h->port, "ack 3"), ==, 1);
  g_assert_cmpstr (host_meeting_state (h), ==, "live");
}

static void
an_event_that_cannot_be_written_is_not_skipped (HostPlace *h, gconstpointer data)
{
  const char *counsel = host_join (h, h->counsel, h->p.counsel);

  hj_there_sql (&h->p.f,
      "CREATE TEMP TRIGGER full BEFORE INSERT ON seat_event WHEN NEW.kind = 'connected' BEGIN"
      " SELECT RAISE (ABORT, 'no'); END",
      NULL);
  hj_expect_log (G_LOG_LEVEL_WARNING, "relay event 1 was not recorded*");
  for (int n = 1; n <= 2; n++)
    {
      HjMediaEvent event = { "node-1", h->boot, n, HJ_FIXTURE_NOW_US,
        n == 1 ? "connected" : "silent", "room", counsel };

      hj_host_media_event (h->host, &event);
    }
  host_quiet (h);
  g_assert_cmpuint (hj_fake_media_port_count (h->port, "ack*"), ==, 0);
  g_assert_cmpuint (hj_fake_media_port_count (h->port, "hang-up"), ==, 1);
  hj_there_sql (&h->p.f, "DROP TRIGGER full", NULL);
  host_register (h, json_array ());
  g_assert_cmpuint (hj_fake_media_port_count (h->port, "welcome 0"), ==, 1);
  host_connect (h, counsel);
  g_assert_cmpuint (hj_fake_media_port_count (h->port, "ack 1"), ==, 1);
  g_assert_cmpstr (host_seat_row (h, counsel), ==, "connected");
}

static void
a_relay_whose_watch_is_ahead_does_not_stop_the_meeting (HostPlace *h, gconstpointer data)
{
  gint64 ahead_us = HJ_FIXTURE_NOW_US + HJ_HOUR_US;
  const char *counsel, *box;

  host_meet (h, &counsel, &box);
  host_hang_up (h, h->counsel);
  host_event (h, "silent", counsel, ahead_us);
  g_assert_cmpstr (host_meeting_state (h), ==, "cut_off");
  host_tick (h, HOST_RESUME_US);
  g_assert_cmpstr (host_seat_row (h, counsel), ==, "left");
  g_assert_cmpint (host_left_at_us (h, counsel), ==, HJ_FIXTURE_NOW_US);
}

static void
the_end_of_the_leg_before_an_offer_is_no_news_if_the_offer_is_answered (
    HostPlace *h, gconstpointer data)
{
  const char *counsel, *box;
  HjMediaEvent gone = { "node-1", h->boot, 3, HJ_FIXTURE_NOW_US, "gone", "room", NULL };

  host_meet (h, &counsel, &box);
  gone.seat = counsel;
  hj_host_offer (h->host, &h->counsel->peer, counsel, "v=0", FALSE, ignored, NULL);
  hj_host_media_event (h->host, &gone);
  host_quiet (h);
  hj_fake_media_port_answer (h->port, "v=1", NULL);
  g_assert_cmpuint (hj_fake_peer_count (h->counsel, "notice", "media-lost"), ==, 0);
  g_assert_cmpuint (hj_fake_media_port_count (h->port, "ack 3"), ==, 1);
  hj_host_offer (h->host, &h->counsel->peer, counsel, "v=0", FALSE, ignored, NULL);
  gone.n = 4;
  hj_host_media_event (h->host, &gone);
  host_quiet (h);
  hj_fake_media_port_answer (h->port, NULL, "bad-offer");
  host_quiet (h);
  g_assert_cmpuint (hj_fake_peer_count (h->counsel, "notice", "media-lost"), ==, 1);
  g_assert_cmpstr (host_meeting_state (h), ==, "cut_off");
}

static void
an_event_of_a_stranger_is_acknowledged_and_forgotten (HostPlace *h, gconstpointer data)
{
  host_event (h, "connected", "aaaaaaaaaaaaaaaaaaaaaaaaaa", HJ_FIXTURE_NOW_US);
  g_assert_cmpuint (hj_fake_media_port_count (h->port, "ack 1"), ==, 1);
}

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  HOST_TEST ("/host/restart", a_restart_takes_up_what_runs);
  HOST_TEST ("/host/restart/first", whoever_is_back_before_the_relay_keeps_the_media_that_flows);
  HOST_TEST ("/host/restart/leave", a_leave_during_the_outage_is_recorded_with_its_time);
  HOST_TEST ("/host/restart/dropped", whoever_had_dropped_before_the_restart_left_then);
  HOST_TEST ("/host/restart/late", a_late_meeting_outlives_a_restart_while_the_relay_carries_it);
  HOST_TEST (
      "/host/restart/replay", events_that_follow_the_registration_come_before_anybody_is_given_up);
  HOST_TEST ("/host/restart/door", who_waited_at_the_door_is_not_let_in_by_a_restart);
  HOST_TEST ("/host/relay/restart", a_restarted_relay_gets_new_offers_and_admits_again);
  HOST_TEST ("/host/relay/link", a_link_that_was_down_changes_nothing_for_anybody);
  HOST_TEST ("/host/relay/admission", an_admission_that_the_link_lost_is_sent_again);
  HOST_TEST ("/host/relay/leg", whoever_left_while_the_link_was_down_loses_the_leg_afterwards);
  HOST_TEST ("/host/relay/unknown", rooms_that_nobody_knows_are_closed);
  HOST_TEST ("/host/relay/again", an_event_sent_again_is_acknowledged_and_changes_nothing);
  HOST_TEST ("/host/relay/not-written", an_event_that_cannot_be_written_is_not_skipped);
  HOST_TEST ("/host/relay/ahead", a_relay_whose_watch_is_ahead_does_not_stop_the_meeting);
  HOST_TEST ("/host/relay/old-leg",
      the_end_of_the_leg_before_an_offer_is_no_news_if_the_offer_is_answered);
  HOST_TEST ("/host/relay/stranger", an_event_of_a_stranger_is_acknowledged_and_forgotten);
  return g_test_run ();
}
