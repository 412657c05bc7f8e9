/* SPDX-License-Identifier: Apache-2.0 */
/* src/meeting/host-followers.c and host-kiosks.c: who hears of what, and how often. */

#include "tests/meeting/host-place.h"

#include "scheduler/acts.h"

static const char *
followed_state (const HjFakePeer *peer)
{
  const json_t *meeting = json_object_get (hj_fake_peer_last (peer, "follow"), "meeting");

  return json_string_value (json_object_get (meeting, "state"));
}

static void
followers_hear_each_change_of_their_centres_only (HostPlace *h, gconstpointer data)
{
  const char *const elsewhere[] = { "elsewhere", NULL };
  g_autoptr (HjActor) other = hj_actor_new ("other", HJ_ROLE_SUPERVISOR, NULL, elsewhere, FALSE);
  HjFakePeer *mine = host_new_peer (h);
  HjFakePeer *theirs = host_new_peer (h);
  const char *counsel, *box;

  hj_host_add_follower (h->host, &mine->peer, h->p.supervisor);
  hj_host_add_follower (h->host, &theirs->peer, other);
  counsel = host_join (h, h->counsel, h->p.counsel);
  g_assert_cmpstr (followed_state (mine), ==, "waiting");
  box = host_join (h, h->box, h->p.box);
  host_connect (h, counsel);
  host_connect (h, box);
  g_assert_cmpstr (followed_state (mine), ==, "live");
  host_event (h, "silent", box, HJ_FIXTURE_NOW_US);
  g_assert_cmpstr (followed_state (mine), ==, "cut_off");
  hj_host_quality (h->host, &h->box->peer, box, 2);
  hj_fake_peer_forget (mine);
  host_tick (h, HJ_SECOND_US);
  g_assert_cmpuint (hj_fake_peer_count (mine, "follow", NULL), ==, 1);
  host_end (h, h->counsel, h->p.counsel, "done");
  g_assert_cmpstr (followed_state (mine), ==, "ended");
  g_assert_cmpuint (json_array_size (theirs->told), ==, 0);
}

static void
what_happens_at_once_is_told_once (HostPlace *h, gconstpointer data)
{
  HjFakePeer *follower = host_new_peer (h);
  const char *counsel, *box;

  host_meet (h, &counsel, &box);
  hj_host_add_follower (h->host, &follower->peer, h->p.supervisor);
  for (int i = 0; i < 50; i++)
    hj_host_quality (h->host, &h->box->peer, box, 1 + i % 3);
  hj_host_tick (h->host);
  hj_host_tick (h->host);
  host_quiet (h);
  g_assert_cmpuint (hj_fake_peer_count (follower, "follow", NULL), ==, 1);
}

static void
whoever_stops_following_hears_nothing (HostPlace *h, gconstpointer data)
{
  HjFakePeer *follower = hj_fake_peer_new ();

  hj_host_add_follower (h->host, &follower->peer, h->p.supervisor);
  hj_host_add_follower (h->host, &follower->peer, h->p.supervisor);
  hj_host_remove_follower (h->host, &follower->peer);
  hj_fake_peer_free (follower);
  host_join (h, h->counsel, h->p.counsel);
}

static const json_t *
last_assignment (const HjFakePeer *peer)
{
  return json_object_get (hj_fake_peer_last (peer, "assign"), "assignment");
}

static gboolean
lawyer_waits (const HjFakePeer *peer)
{
  return json_is_true (json_object_get (last_assignment (peer), "lawyer_waiting"));
}

static void
a_kiosk_is_told_each_change_once (HostPlace *h, gconstpointer data)
{
  HjFakePeer *again = host_new_peer (h);
  const char *counsel;

  hj_host_add_kiosk (h->host, &h->box->peer, h->p.kiosk);
  host_quiet (h);
  g_assert_cmpuint (hj_fake_peer_count (h->box, "assign", NULL), ==, 1);
  g_assert_cmpstr (
      json_string_value (json_object_get (last_assignment (h->box), "booking")), ==, h->p.booking);
  g_assert_false (lawyer_waits (h->box));
  counsel = host_join (h, h->counsel, h->p.counsel);
  g_assert_true (lawyer_waits (h->box));
  g_assert_cmpuint (hj_fake_peer_count (h->box, "assign", NULL), ==, 2);
  host_connect (h, counsel);
  g_assert_cmpuint (hj_fake_peer_count (h->box, "assign", NULL), ==, 2);
  host_hang_up (h, h->counsel);
  g_assert_false (lawyer_waits (h->box));
  host_resume (h, again, host_token (h, counsel));
  g_assert_true (lawyer_waits (h->box));
  g_assert_cmpuint (hj_fake_peer_count (h->box, "assign", NULL), ==, 4);
}

static void
a_kiosk_without_a_booking_is_told_so_once (HostPlace *h, gconstpointer data)
{
  hj_there_sql (&h->p.f, "UPDATE booking SET state = 'CANCELLED' WHERE id = :id", h->p.booking);
  hj_host_add_kiosk (h->host, &h->box->peer, h->p.kiosk);
  host_tick (h, HJ_MINUTE_US);
  host_tick (h, HJ_MINUTE_US);
  g_assert_cmpuint (hj_fake_peer_count (h->box, "assign", NULL), ==, 1);
  g_assert_true (json_is_null (last_assignment (h->box)));
}

static void
time_alone_brings_a_booking_near (HostPlace *h, gconstpointer data)
{
  hj_there_sql (&h->p.f,
      "UPDATE booking SET starts_at_us = starts_at_us + 7200000000, ends_at_us = ends_at_us +"
      " 7200000000 WHERE id = :id",
      h->p.booking);
  hj_host_add_kiosk (h->host, &h->box->peer, h->p.kiosk);
  host_tick (h, HJ_HOUR_US - HJ_SECOND_US);
  g_assert_true (json_is_null (last_assignment (h->box)));
  host_tick (h, 10 * HJ_SECOND_US);
  g_assert_true (json_is_object (last_assignment (h->box)));
}

static void
the_desks_check_in_reaches_the_kiosk (HostPlace *h, gconstpointer data)
{
  hj_there_sql (&h->p.f,
      "UPDATE booking SET state = 'CONFIRMED', checked_in_at_us = NULL WHERE id = :id",
      h->p.booking);
  hj_host_add_kiosk (h->host, &h->box->peer, h->p.kiosk);
  host_quiet (h);
  g_assert_true (json_is_false (json_object_get (last_assignment (h->box), "checked_in")));
  json_decref (hj_there_act (&h->p.f, &hj_act_check_in, h->p.desk,
      json_pack ("{s:s, s:b}", "booking", h->p.booking, "identity_confirmed", 1)));
  host_quiet (h);
  g_assert_true (json_is_true (json_object_get (last_assignment (h->box), "checked_in")));
}

static void
a_kiosk_that_vanished_during_the_question_is_not_told (HostPlace *h, gconstpointer data)
{
  HjFakePeer *hasty = hj_fake_peer_new ();

  hj_host_add_kiosk (h->host, &hasty->peer, h->p.kiosk);
  g_assert_true (hj_host_remove_kiosk (h->host, &hasty->peer));
  g_assert_false (hj_host_remove_kiosk (h->host, &hasty->peer));
  hj_fake_peer_free (hasty);
}

static void
a_kiosk_that_comes_back_before_its_old_socket_died_keeps_its_place (
    HostPlace *h, gconstpointer data)
{
  HjFakePeer *again = host_new_peer (h);
  const char *box;

  hj_host_add_kiosk (h->host, &h->box->peer, h->p.kiosk);
  box = host_join (h, h->box, h->p.box);
  hj_host_add_kiosk (h->host, &again->peer, h->p.kiosk);
  host_quiet (h);
  g_assert_cmpstr (h->box->sent_away, ==, "taken-over");
  g_assert_cmpstr (host_seat_row (h, box), ==, "dropped");
  g_assert_false (hj_host_remove_kiosk (h->host, &h->box->peer));
  g_assert_cmpuint (hj_fake_peer_count (again, "assign", NULL), ==, 1);
  hj_fake_peer_forget (h->box);
  host_join (h, h->counsel, h->p.counsel);
  g_assert_cmpuint (json_array_size (h->box->told), ==, 0);
  g_assert_true (lawyer_waits (again));
  g_assert_cmpstr (host_join (h, again, h->p.box), ==, box);
}

static void
one_kiosk_holds_one_meeting_after_the_other (HostPlace *h, gconstpointer data)
{
  const char *counsel, *box;

  host_meet (h, &counsel, &box);
  host_end (h, h->box, h->p.box, "done");
  hj_there_sql (&h->p.f,
      "INSERT INTO booking (id, state, authority, lawyer, detainee, centre, room, starts_at_us,"
      " ends_at_us, asked_at_us, asked_by, checked_in_at_us) SELECT 'aaaaaaaaaaaaaaaaaaaaaaaaaa',"
      " 'CHECKED_IN', authority, lawyer, detainee, centre, room, starts_at_us, ends_at_us,"
      " asked_at_us, asked_by, checked_in_at_us FROM booking WHERE id = :id",
      h->p.booking);
  h->p.booking = "aaaaaaaaaaaaaaaaaaaaaaaaaa";
  g_assert_null (h->box->seat);
  g_assert_cmpstr (host_join (h, h->box, h->p.box), !=, box);
}

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  HOST_TEST ("/host/follow/centres", followers_hear_each_change_of_their_centres_only);
  HOST_TEST ("/host/follow/once", what_happens_at_once_is_told_once);
  HOST_TEST ("/host/follow/stop", whoever_stops_following_hears_nothing);
  HOST_TEST ("/host/assign/once", a_kiosk_is_told_each_change_once);
  HOST_TEST ("/host/assign/none", a_kiosk_without_a_booking_is_told_so_once);
  HOST_TEST ("/host/assign/time", time_alone_brings_a_booking_near);
  HOST_TEST ("/host/assign/check-in", the_desks_check_in_reaches_the_kiosk);
  HOST_TEST ("/host/assign/vanished", a_kiosk_that_vanished_during_the_question_is_not_told);
  HOST_TEST (
      "/host/assign/again", a_kiosk_that_comes_back_before_its_old_socket_died_keeps_its_place);
  HOST_TEST ("/host/assign/next", one_kiosk_holds_one_meeting_after_the_other);
  return g_test_run ();
}
