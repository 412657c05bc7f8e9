/* SPDX-License-Identifier: Apache-2.0 */
/* src/meeting/host*.c: from the first join to the end. */

#include "tests/meeting/host-place.h"

#include "scheduler/acts.h"
#include "src/base/ids.h"

static const char ADMISSIONS[] = "SELECT COUNT (*) FROM seat_event WHERE kind = 'admitted'";

static void
the_machine_admits_when_both_sides_have_media (HostPlace *h, gconstpointer data)
{
  const char *counsel = host_join (h, h->counsel, h->p.counsel);
  const char *box = host_join (h, h->box, h->p.box);

  host_connect (h, counsel);
  g_assert_cmpuint (hj_fake_media_port_count (h->port, "admit*"), ==, 0);
  g_assert_cmpstr (host_meeting_state (h), ==, "waiting");
  host_connect (h, box);
  g_assert_cmpstr (host_meeting_state (h), ==, "live");
  g_assert_cmpuint (
      hj_fake_media_port_count (h->port, "admit %s %s %s", host_meeting (h), counsel, box), ==, 1);
  g_assert_cmpuint (hj_fake_peer_count (h->counsel, "admit", NULL), ==, 1);
  g_assert_cmpuint (hj_fake_peer_count (h->box, "admit", NULL), ==, 1);
  g_assert_cmpstr (hj_fake_peer_seat_state (h->counsel, box), ==, "admitted");
  g_assert_cmpint (hj_there_count (&h->p.f, ADMISSIONS, NULL), ==, 2);
}

static void
routes_open_only_after_the_row (HostPlace *h, gconstpointer data)
{
  const char *counsel = host_join (h, h->counsel, h->p.counsel);
  const char *box = host_join (h, h->box, h->p.box);

  host_connect (h, counsel);
  hj_there_sql (&h->p.f,
      "CREATE TEMP TRIGGER full BEFORE UPDATE ON meeting BEGIN SELECT RAISE (ABORT, 'no'); END",
      NULL);
  hj_expect_log (G_LOG_LEVEL_WARNING, "not admitted*");
  host_connect (h, box);
  g_assert_cmpuint (hj_fake_media_port_count (h->port, "admit*"), ==, 0);
  g_assert_cmpuint (hj_fake_peer_count (h->box, "admit", NULL), ==, 0);
  g_assert_cmpuint (hj_fake_peer_count (h->box, "notice", NULL), ==, 0);
  hj_there_sql (&h->p.f, "DROP TRIGGER full", NULL);
  host_tick (h, HJ_SECOND_US);
  g_assert_cmpuint (hj_fake_media_port_count (h->port, "admit*"), ==, 0);
  host_tick (h, 5 * HJ_SECOND_US);
  g_assert_cmpuint (hj_fake_media_port_count (h->port, "admit*"), ==, 1);
}

static void
nobody_is_admitted_before_the_desk_has_checked_in (HostPlace *h, gconstpointer data)
{
  const char *counsel, *box;

  hj_there_sql (&h->p.f,
      "UPDATE booking SET state = 'CONFIRMED', checked_in_at_us = NULL WHERE id = :id",
      h->p.booking);
  counsel = host_join (h, h->counsel, h->p.counsel);
  host_connect (h, counsel);
  json_decref (hj_there_act (&h->p.f, &hj_act_check_in, h->p.desk,
      json_pack ("{s:s, s:b}", "booking", h->p.booking, "identity_confirmed", 1)));
  host_quiet (h);
  g_assert_cmpstr (host_meeting_state (h), ==, "waiting");
  box = host_join (h, h->box, h->p.box);
  host_connect (h, box);
  g_assert_cmpstr (host_meeting_state (h), ==, "live");
}

static void
two_events_at_once_admit_once (HostPlace *h, gconstpointer data)
{
  const char *counsel = host_join (h, h->counsel, h->p.counsel);
  const char *box = host_join (h, h->box, h->p.box);
  const char *const kinds[] = { "connected", "flowing" };
  const char *const seats[] = { counsel, box };

  host_secure (h, counsel);
  host_secure (h, box);
  for (gsize i = 0; i < 4; i++)
    {
      HjMediaEvent event
          = { "node-1", h->boot, ++h->n, HJ_FIXTURE_NOW_US, kinds[i / 2], "room", seats[i % 2] };

      hj_host_media_event (h->host, &event);
    }
  host_quiet (h);
  g_assert_cmpint (hj_there_entries (&h->p.f, "admit", "done"), ==, 1);
  g_assert_cmpuint (hj_fake_media_port_count (h->port, "ack*"), ==, 4);
  g_assert_cmpuint (hj_fake_media_port_count (h->port, "ack 4"), ==, 1);
}

static void
an_admission_that_is_under_way_is_not_asked_for_again (HostPlace *h, gconstpointer data)
{
  const char *counsel = host_join (h, h->counsel, h->p.counsel);
  const char *box = host_join (h, h->box, h->p.box);
  HjMediaEvent event = { "node-1", h->boot, 2, HJ_FIXTURE_NOW_US, "connected", "room", box };

  host_connect (h, counsel);
  host_secure (h, box);
  hj_host_media_event (h->host, &event);
  HJ_WAIT_UNTIL (hj_fake_media_port_count (h->port, "ack 2") == 1);
  g_assert_cmpuint (hj_fake_media_port_count (h->port, "admit*"), ==, 0);
  hj_host_tick (h->host);
  host_quiet (h);
  g_assert_cmpint (hj_there_entries (&h->p.f, "admit", "done"), ==, 1);
}

static void
eligibility_lost_at_the_door_is_told_and_nobody_is_let_in (HostPlace *h, gconstpointer data)
{
  const char *counsel = host_join (h, h->counsel, h->p.counsel);
  const char *box = host_join (h, h->box, h->p.box);
  const json_t *notice;

  hj_there_sql (&h->p.f,
      "INSERT INTO lawyer_status (lawyer, status, from_us) VALUES (:id, 'suspended', 1)",
      h->p.lawyer);
  host_connect (h, counsel);
  host_connect (h, box);
  notice = hj_fake_peer_last (h->box, "notice");
  g_assert_cmpstr (json_string_value (json_object_get (notice, "kind")), ==, "record-changed");
  g_assert_cmpuint (json_array_size (json_object_get (notice, "findings")), >, 0);
  g_assert_cmpuint (hj_fake_peer_count (h->counsel, "notice", "record-changed"), ==, 1);
  g_assert_cmpuint (hj_fake_media_port_count (h->port, "admit*"), ==, 0);
  g_assert_cmpstr (host_meeting_state (h), ==, "waiting");
  g_assert_cmpint (hj_there_entries (&h->p.f, "admit", "refused"), ==, 1);
  host_event (h, "silent", counsel, HJ_FIXTURE_NOW_US);
  host_event (h, "returned", counsel, HJ_FIXTURE_NOW_US);
  g_assert_cmpint (hj_there_entries (&h->p.f, "admit", "refused"), ==, 1);
  hj_there_sql (&h->p.f, "DELETE FROM lawyer_status WHERE status = 'suspended'", NULL);
  host_tick (h, HJ_MINUTE_US);
  g_assert_cmpstr (host_meeting_state (h), ==, "live");
}

static void
each_reader_is_told_its_own_mids (HostPlace *h, gconstpointer data)
{
  HjFakePeer *peers[HJ_MEETING_SEATS];
  const char *seats[HJ_MEETING_SEATS];

  for (int count = 1; count <= HJ_MEETING_SEATS; count++)
    {
      g_autofree char *id = hj_id_new ();
      HjActor *actor = hj_actor_new (id, HJ_ROLE_LAWYER, h->p.lawyer, NULL, FALSE);

      g_ptr_array_add (h->p.f.actors, actor);
      peers[count - 1] = host_new_peer (h);
      seats[count - 1] = host_join (h, peers[count - 1], actor);
      for (int reader = 0; reader < count; reader++)
        for (int seat = 0; seat < count; seat++)
          {
            const json_t *entry = hj_fake_peer_last_seat (peers[reader], seats[seat]);
            const json_t *mids = json_object_get (entry, "mids");
            int slot = seat < reader ? seat : seat - 1;

            g_assert_nonnull (entry);
            g_assert_cmpint (json_is_null (mids), ==, seat == reader);
            if (seat == reader)
              continue;
            g_assert_cmpint (atoi (json_string_value (json_array_get (mids, 0))), ==, 2 * slot);
            g_assert_cmpint (atoi (json_string_value (json_array_get (mids, 1))), ==, 2 * slot + 1);
          }
    }
}

static void
seats_are_told_when_they_change_and_not_otherwise (HostPlace *h, gconstpointer data)
{
  const char *counsel = host_join (h, h->counsel, h->p.counsel);
  guint told;

  host_connect (h, counsel);
  told = hj_fake_peer_count (h->counsel, "seats", NULL);
  host_event (h, "flowing", counsel, HJ_FIXTURE_NOW_US);
  g_assert_cmpuint (hj_fake_peer_count (h->counsel, "seats", NULL), ==, told);
  host_event (h, "silent", counsel, HJ_FIXTURE_NOW_US);
  g_assert_cmpuint (hj_fake_peer_count (h->counsel, "seats", NULL), ==, told + 1);
}

static void
an_offer_goes_to_the_relay_unread_and_its_answer_back (HostPlace *h, gconstpointer data)
{
  const char *counsel = host_join (h, h->counsel, h->p.counsel);
  const char *meeting = host_meeting (h);

  g_assert_cmpstr (host_offer (h, h->counsel, "v=1", NULL), ==, "v=1");
  g_assert_cmpuint (hj_fake_media_port_count (h->port, "open-room %s", meeting), ==, 1);
  g_assert_cmpuint (
      hj_fake_media_port_count (h->port, "add-leg %s %s 0 v=0", meeting, counsel), ==, 1);
  g_assert_cmpstr (host_offer (h, h->counsel, NULL, "bad-offer"), ==, "bad-offer");
  h->port->down = TRUE;
  g_assert_cmpstr (host_offer (h, h->counsel, "v=1", NULL), ==, "unavailable");
}

static void
nobody_offers_for_another_seat (HostPlace *h, gconstpointer data)
{
  host_join (h, h->counsel, h->p.counsel);
  h->box->seat = g_strdup (h->counsel->seat);
  g_assert_cmpstr (host_offer (h, h->box, "v=1", NULL), ==, "not-found");
}

static void
ignored (const char *answer, const char *refusal, gpointer data)
{
  ++*(int *)data;
}

static void
a_seat_has_one_offer_under_way (HostPlace *h, gconstpointer data)
{
  int answers = 0;

  host_join (h, h->counsel, h->p.counsel);
  hj_host_offer (h->host, &h->counsel->peer, h->counsel->seat, "v=0", TRUE, ignored, &answers);
  g_assert_cmpstr (host_offer (h, h->counsel, "v=1", NULL), ==, "too-many");
  g_assert_cmpint (answers, ==, 1);
  g_assert_cmpstr (host_offer (h, h->counsel, "v=1", NULL), ==, "v=1");
}

static void
an_offer_that_restarts_ice_does_not_cut_the_meeting_off (HostPlace *h, gconstpointer data)
{
  const char *counsel, *box;

  host_meet (h, &counsel, &box);
  host_offer (h, h->counsel, "v=1", NULL);
  host_offer (h, h->box, NULL, "bad-offer");
  host_event (h, "silent", box, HJ_FIXTURE_NOW_US);
  host_event (h, "returned", box, HJ_FIXTURE_NOW_US);
  g_assert_cmpstr (host_meeting_state (h), ==, "live");
}

static void
cut_off_and_back (HostPlace *h, gconstpointer data)
{
  const char *counsel, *box;

  host_meet (h, &counsel, &box);
  hj_fixture_advance (&h->p.f, HJ_MINUTE_US);
  host_event (h, "silent", counsel, HJ_FIXTURE_NOW_US + 50 * HJ_SECOND_US);
  g_assert_cmpstr (host_meeting_state (h), ==, "cut_off");
  g_assert_cmpstr (hj_fake_peer_seat_state (h->box, counsel), ==, "dropped");
  hj_fixture_advance (&h->p.f, HJ_MINUTE_US);
  host_event (h, "returned", counsel, hj_time_now (h->p.f.time));
  g_assert_cmpstr (host_meeting_state (h), ==, "live");
  g_assert_cmpstr (hj_fake_peer_seat_state (h->box, counsel), ==, "admitted");
  g_assert_cmpint (
      hj_there_count (&h->p.f, "SELECT lost_us FROM meeting", NULL), ==, 70 * HJ_SECOND_US);
}

static void
whoever_leaves_has_no_leg_any_more (HostPlace *h, gconstpointer data)
{
  const char *counsel, *box;

  host_meet (h, &counsel, &box);
  g_assert_cmpstr (host_leave (h, h->counsel, h->p.counsel), ==, "done");
  g_assert_null (h->counsel->seat);
  g_assert_cmpuint (
      hj_fake_media_port_count (h->port, "remove-leg %s %s", host_meeting (h), counsel), ==, 1);
  g_assert_null (hj_fake_peer_last_seat (h->box, counsel));
  g_assert_cmpstr (host_seat_row (h, counsel), ==, "left");
  g_assert_cmpstr (host_meeting_state (h), ==, "cut_off");
  host_hang_up (h, h->counsel);
  g_assert_cmpint (hj_there_entries (&h->p.f, "drop", "done"), ==, 0);
  g_assert_cmpint (hj_there_entries (&h->p.f, "drop", "refused"), ==, 0);
}

static gboolean
count_answer (const json_t *answer, const json_t *problem, const GError *error, gpointer data)
{
  ++*(int *)data;
  return TRUE;
}

static void
leaving_and_hanging_up_at_once_is_one_leave (HostPlace *h, gconstpointer data)
{
  const char *counsel = host_join (h, h->counsel, h->p.counsel);
  int answers = 0;

  hj_host_leave (h->host, &h->counsel->peer, h->p.counsel, counsel, count_answer, &answers);
  hj_host_disconnected (h->host, &h->counsel->peer);
  host_quiet (h);
  g_assert_cmpint (answers, ==, 1);
  g_assert_cmpstr (host_seat_row (h, counsel), ==, "left");
  g_assert_cmpint (hj_there_entries (&h->p.f, "drop", "refused"), ==, 0);
}

static void
the_end_reaches_everybody_and_closes_the_room (HostPlace *h, gconstpointer data)
{
  const char *counsel, *box;
  const json_t *end;

  host_meet (h, &counsel, &box);
  g_assert_cmpstr (host_end (h, h->box, h->p.box, "help"), ==, "done");
  end = hj_fake_peer_last (h->counsel, "end");
  g_assert_cmpstr (json_string_value (json_object_get (end, "reason")), ==, "help");
  g_assert_cmpstr (json_string_value (json_object_get (end, "by")), ==, "kiosk");
  g_assert_cmpint (
      json_integer_value (json_object_get (end, "at_us")), ==, hj_time_now (h->p.f.time));
  g_assert_cmpuint (hj_fake_peer_count (h->box, "end", NULL), ==, 1);
  g_assert_cmpuint (hj_fake_media_port_count (h->port, "close-room %s", host_meeting (h)), ==, 1);
  g_assert_null (h->counsel->seat);
  g_assert_null (h->box->seat);
  g_assert_cmpuint (hj_host_count_meetings (h->host), ==, 0);
  g_assert_cmpstr (host_meeting_state (h), ==, "ended");
}

static void
the_desks_end_reaches_everybody_too (HostPlace *h, gconstpointer data)
{
  const char *counsel, *box;

  host_meet (h, &counsel, &box);
  json_decref (hj_there_act (&h->p.f, &hj_act_end, h->p.desk,
      json_pack ("{s:s, s:s}", "booking", h->p.booking, "reason", "identity")));
  g_assert_cmpuint (hj_fake_peer_count (h->counsel, "end", NULL), ==, 1);
  g_assert_cmpuint (hj_fake_peer_count (h->box, "end", NULL), ==, 1);
}

static void
cancelling_closes_the_waiting_room (HostPlace *h, gconstpointer data)
{
  const json_t *end;

  host_join (h, h->counsel, h->p.counsel);
  json_decref (hj_there_act (&h->p.f, &hj_act_cancel, h->p.desk,
      json_pack ("{s:s, s:s}", "booking", h->p.booking, "reason", "x")));
  host_quiet (h);
  end = hj_fake_peer_last (h->counsel, "end");
  g_assert_cmpstr (json_string_value (json_object_get (end, "reason")), ==, "cancelled");
  g_assert_cmpuint (hj_host_count_meetings (h->host), ==, 0);
}

static void
only_who_sits_there_speaks_for_a_seat (HostPlace *h, gconstpointer data)
{
  HjFakePeer *stranger = host_new_peer (h);
  const char *counsel, *box;

  host_meet (h, &counsel, &box);
  stranger->seat = g_strdup (counsel);
  g_assert_cmpstr (host_leave (h, stranger, h->p.counsel), ==, "not-found");
  g_assert_cmpstr (host_end (h, stranger, h->p.counsel, "done"), ==, "not-found");
  hj_host_quality (h->host, &stranger->peer, counsel, 1);
  host_tick (h, HJ_SECOND_US);
  g_assert_cmpint (
      hj_there_count (&h->p.f, "SELECT COUNT (quality) FROM seat WHERE id = :id", counsel), ==, 0);
  g_assert_cmpstr (host_end (h, h->counsel, h->p.counsel, "because"), ==, "invalid");
  g_assert_cmpstr (host_meeting_state (h), ==, "live");
}

static void
quality_is_written_at_most_once_a_tick (HostPlace *h, gconstpointer data)
{
  const char *counsel = host_join (h, h->counsel, h->p.counsel);

  for (int i = 0; i < 100; i++)
    hj_host_quality (h->host, &h->counsel->peer, counsel, 1 + i % 3);
  host_quiet (h);
  g_assert_cmpint (hj_there_count (&h->p.f, "SELECT COUNT (quality) FROM seat", NULL), ==, 0);
  host_tick (h, HJ_SECOND_US);
  g_assert_cmpint (hj_there_count (&h->p.f, "SELECT quality FROM seat", NULL), ==, 1);
}

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  HOST_TEST ("/host/admit", the_machine_admits_when_both_sides_have_media);
  HOST_TEST ("/host/admit/row-first", routes_open_only_after_the_row);
  HOST_TEST ("/host/admit/check-in", nobody_is_admitted_before_the_desk_has_checked_in);
  HOST_TEST ("/host/admit/once", two_events_at_once_admit_once);
  HOST_TEST ("/host/admit/under-way", an_admission_that_is_under_way_is_not_asked_for_again);
  HOST_TEST ("/host/admit/not-eligible", eligibility_lost_at_the_door_is_told_and_nobody_is_let_in);
  HOST_TEST ("/host/seats/mids", each_reader_is_told_its_own_mids);
  HOST_TEST ("/host/seats/changes", seats_are_told_when_they_change_and_not_otherwise);
  HOST_TEST ("/host/offer", an_offer_goes_to_the_relay_unread_and_its_answer_back);
  HOST_TEST ("/host/offer/other", nobody_offers_for_another_seat);
  HOST_TEST ("/host/offer/one", a_seat_has_one_offer_under_way);
  HOST_TEST ("/host/offer/again", an_offer_that_restarts_ice_does_not_cut_the_meeting_off);
  HOST_TEST ("/host/cut-off", cut_off_and_back);
  HOST_TEST ("/host/leave", whoever_leaves_has_no_leg_any_more);
  HOST_TEST ("/host/leave/once", leaving_and_hanging_up_at_once_is_one_leave);
  HOST_TEST ("/host/end", the_end_reaches_everybody_and_closes_the_room);
  HOST_TEST ("/host/end/desk", the_desks_end_reaches_everybody_too);
  HOST_TEST ("/host/end/cancel", cancelling_closes_the_waiting_room);
  HOST_TEST ("/host/own-seat", only_who_sits_there_speaks_for_a_seat);
  HOST_TEST ("/host/quality", quality_is_written_at_most_once_a_tick);
  return g_test_run ();
}
