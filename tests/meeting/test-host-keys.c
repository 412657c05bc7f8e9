/* SPDX-License-Identifier: Apache-2.0 */
/* src/meeting/host-keys.c: keys are passed on unread, whoever has them is let in, another device takes a seat over, and a
 * restart of the service knows all that. */

#include "src/base/ids.h"
#include "tests/meeting/host-place.h"

static const char ADD_SECOND_DEVICE[]
    = "INSERT INTO device (id, account, name, public_key, added_at_us)"
      " VALUES ('second', :id, 'browser', CAST ('key of second' AS BLOB), 0)";
static const char EPOCH[] = "SELECT COALESCE (epoch, 0) FROM seat WHERE id = :id";

static guint
routes (HostPlace *h)
{
  return hj_fake_media_port_count (h->port, "admit*");
}

static const char *
told_identity (HjFakePeer *reader, const char *seat)
{
  return json_string_value (json_object_get (hj_fake_peer_last_seat (reader, seat), "identity"));
}

/* One more lawyer, who sits there. */
static HjFakePeer *
third (HostPlace *h, HjActor **ret_actor, const char **ret_seat)
{
  g_autofree char *id = hj_id_new ();
  HjFakePeer *peer = host_new_peer (h);

  *ret_actor = hj_actor_new (id, HJ_ROLE_LAWYER, h->p.lawyer, NULL, FALSE);
  g_ptr_array_add (h->p.f.actors, *ret_actor);
  *ret_seat = host_join (h, peer, *ret_actor);
  return peer;
}

static void
media_up (HostPlace *h, const char *seat)
{
  host_event (h, "connected", seat, hj_time_now (h->p.f.time));
}

static gboolean
send_key (HostPlace *h, HjFakePeer *peer, const char *to, const char *body)
{
  g_autoptr (GError) error = NULL;
  gboolean passed = hj_host_key (
      h->host, &peer->peer, peer->seat != NULL ? peer->seat : "none", to, body, &error);

  if (!passed)
    g_assert_error (error, HJ_REFUSAL, HJ_REFUSAL_NOT_FOUND);
  else
    g_assert_no_error (error);
  return passed;
}

static void
assert_key (HostPlace *h, HjFakePeer *reader, const char *from, const char *body)
{
  const json_t *key = hj_fake_peer_last (reader, "key");

  g_assert_cmpstr (json_string_value (json_object_get (key, "from")), ==, from);
  g_assert_cmpstr (json_string_value (json_object_get (key, "body")), ==, body);
  g_assert_cmpstr (json_string_value (json_object_get (key, "meeting")), ==, host_meeting (h));
}

static void
a_key_goes_to_one_or_to_all_others (HostPlace *h, gconstpointer data)
{
  const char *counsel = host_join (h, h->counsel, h->p.counsel);
  const char *box = host_join (h, h->box, h->p.box);
  HjActor *actor;
  const char *seat;
  HjFakePeer *other = third (h, &actor, &seat);
  gint64 entries = hj_there_count (&h->p.f, "SELECT COUNT (*) FROM audit_entry", NULL);

  g_assert_true (send_key (h, h->counsel, NULL, "AAEC_-"));
  assert_key (h, h->box, counsel, "AAEC_-");
  assert_key (h, other, counsel, "AAEC_-");
  g_assert_true (send_key (h, h->box, seat, "Zm9v"));
  assert_key (h, other, box, "Zm9v");
  g_assert_cmpuint (hj_fake_peer_count (h->counsel, "key", NULL), ==, 0);
  g_assert_cmpuint (hj_fake_peer_count (h->box, "key", NULL), ==, 1);
  g_assert_cmpint (
      hj_there_count (&h->p.f, "SELECT COUNT (*) FROM audit_entry", NULL), ==, entries);
}

static void
a_key_to_whoever_is_away_is_no_error (HostPlace *h, gconstpointer data)
{
  const char *box;

  host_join (h, h->counsel, h->p.counsel);
  g_assert_true (send_key (h, h->counsel, NULL, "Zm9v"));
  box = host_join (h, h->box, h->p.box);
  host_hang_up (h, h->box);
  g_assert_true (send_key (h, h->counsel, NULL, "Zm9v"));
  g_assert_true (send_key (h, h->counsel, box, "Zm9v"));
  g_assert_cmpuint (hj_fake_peer_count (h->box, "key", NULL), ==, 0);
}

static void
a_key_stays_within_its_meeting (HostPlace *h, gconstpointer data)
{
  g_autofree char *nothing = hj_id_new ();
  const char *counsel = host_join (h, h->counsel, h->p.counsel);
  const char *elsewhere, *place = h->p.booking;
  HjFakePeer *stranger = host_new_peer (h);

  hj_there_sql (&h->p.f,
      "INSERT INTO booking (id, state, authority, lawyer, detainee, centre, room, starts_at_us,"
      " ends_at_us, asked_at_us, asked_by, checked_in_at_us) SELECT 'aaaaaaaaaaaaaaaaaaaaaaaaaa',"
      " state, authority, lawyer, detainee, centre, room, starts_at_us, ends_at_us, asked_at_us,"
      " asked_by, checked_in_at_us FROM booking WHERE id = :id",
      h->p.booking);
  h->p.booking = "aaaaaaaaaaaaaaaaaaaaaaaaaa";
  elsewhere = host_join (h, h->box, h->p.box);
  h->p.booking = place;
  g_assert_false (send_key (h, h->counsel, elsewhere, "Zm9v"));
  g_assert_false (send_key (h, h->counsel, nothing, "Zm9v"));
  g_assert_false (send_key (h, h->counsel, counsel, "Zm9v"));
  g_assert_true (send_key (h, h->counsel, NULL, "Zm9v"));
  g_assert_cmpuint (hj_fake_peer_count (h->box, "key", NULL), ==, 0);
  g_assert_false (send_key (h, stranger, NULL, "Zm9v"));
  stranger->seat = g_strdup (counsel);
  g_assert_false (send_key (h, stranger, NULL, "Zm9v"));
}

static void
the_keys_after_the_media_open_the_door (HostPlace *h, gconstpointer data)
{
  const char *counsel = host_join (h, h->counsel, h->p.counsel);
  const char *box = host_join (h, h->box, h->p.box);

  media_up (h, counsel);
  media_up (h, box);
  g_assert_cmpstr (host_secured (h, h->counsel, h->p.counsel, 1), ==, "done");
  host_tick (h, HJ_MINUTE_US);
  g_assert_cmpuint (routes (h), ==, 0);
  g_assert_cmpint (hj_there_entries (&h->p.f, "admit", "refused"), ==, 0);
  g_assert_cmpstr (host_meeting_state (h), ==, "waiting");
  g_assert_cmpstr (host_secured (h, h->box, h->p.box, 1), ==, "done");
  g_assert_cmpstr (host_meeting_state (h), ==, "live");
  g_assert_cmpuint (
      hj_fake_media_port_count (h->port, "admit %s %s %s", host_meeting (h), counsel, box), ==, 1);
}

static void
the_media_after_the_keys_opens_the_door (HostPlace *h, gconstpointer data)
{
  const char *counsel = host_join (h, h->counsel, h->p.counsel);
  const char *box = host_join (h, h->box, h->p.box);

  host_secured (h, h->counsel, h->p.counsel, 1);
  host_secured (h, h->box, h->p.box, 1);
  media_up (h, counsel);
  g_assert_cmpuint (routes (h), ==, 0);
  media_up (h, box);
  g_assert_cmpstr (host_meeting_state (h), ==, "live");
}

static void
who_comes_later_is_let_in_with_the_keys (HostPlace *h, gconstpointer data)
{
  const char *counsel, *box, *seat;
  HjActor *actor;
  HjFakePeer *late;

  host_meet (h, &counsel, &box);
  late = third (h, &actor, &seat);
  media_up (h, seat);
  host_secured (h, h->counsel, h->p.counsel, 2);
  host_secured (h, h->box, h->p.box, 2);
  host_tick (h, HJ_SECOND_US);
  g_assert_cmpuint (hj_fake_media_port_count (h->port, "admit*%s*", seat), ==, 0);
  g_assert_cmpstr (hj_fake_peer_seat_state (h->counsel, seat), ==, "connected");
  g_assert_cmpstr (host_secured (h, late, actor, 2), ==, "done");
  g_assert_cmpuint (hj_fake_media_port_count (h->port, "admit*%s*", seat), ==, 1);
  g_assert_cmpuint (hj_fake_peer_count (late, "admit", NULL), ==, 1);
  g_assert_cmpuint (hj_fake_peer_count (h->counsel, "admit", NULL), ==, 1);
}

static void
every_seat_is_told_with_its_identity (HostPlace *h, gconstpointer data)
{
  const char *counsel = host_join (h, h->counsel, h->p.counsel);
  const char *box = host_join (h, h->box, h->p.box);

  g_assert_cmpstr (told_identity (h->box, counsel), ==,
      hj_meeting_place_identity (&h->p, hj_actor_get_id (h->p.counsel)));
  g_assert_cmpstr (
      told_identity (h->counsel, box), ==, hj_meeting_place_identity (&h->p, h->p.kiosk));
  g_assert_cmpstr (told_identity (h->box, box), ==, told_identity (h->counsel, box));
}

static void
another_device_takes_the_seat_over_and_has_no_keys (HostPlace *h, gconstpointer data)
{
  HjFakePeer *phone = host_new_peer (h);
  const char *counsel = host_join (h, h->counsel, h->p.counsel);
  const char *box = host_join (h, h->box, h->p.box);

  host_secured (h, h->counsel, h->p.counsel, 1);
  host_secured (h, h->box, h->p.box, 1);
  hj_there_sql (&h->p.f, ADD_SECOND_DEVICE, hj_actor_get_id (h->p.counsel));
  g_assert_cmpstr (host_try_join_from (h, phone, h->p.counsel, "second", NULL), ==, counsel);
  g_assert_cmpstr (h->counsel->sent_away, ==, "taken-over");
  g_assert_cmpstr (
      told_identity (h->box, counsel), ==, hj_meeting_place_identity (&h->p, "second"));
  g_assert_cmpstr (told_identity (phone, counsel), ==, told_identity (h->box, counsel));
  g_assert_cmpint (hj_there_count (&h->p.f, EPOCH, counsel), ==, 0);
  media_up (h, counsel);
  media_up (h, box);
  g_assert_cmpuint (routes (h), ==, 0);
  g_assert_cmpstr (host_secured (h, phone, h->p.counsel, 2), ==, "done");
  g_assert_cmpstr (host_meeting_state (h), ==, "live");
}

static void
the_same_device_keeps_what_it_said (HostPlace *h, gconstpointer data)
{
  HjFakePeer *again = host_new_peer (h);
  const char *counsel = host_join (h, h->counsel, h->p.counsel);
  const char *box = host_join (h, h->box, h->p.box);

  host_secured (h, h->counsel, h->p.counsel, 1);
  host_secured (h, h->box, h->p.box, 1);
  host_join (h, again, h->p.counsel);
  media_up (h, counsel);
  media_up (h, box);
  g_assert_cmpstr (host_meeting_state (h), ==, "live");
}

static void
who_was_let_in_stays_in_with_another_device (HostPlace *h, gconstpointer data)
{
  HjFakePeer *phone = host_new_peer (h);
  const char *counsel, *box, *seat;
  HjActor *actor;
  HjFakePeer *late;

  host_meet (h, &counsel, &box);
  hj_there_sql (&h->p.f, ADD_SECOND_DEVICE, hj_actor_get_id (h->p.counsel));
  host_try_join_from (h, phone, h->p.counsel, "second", NULL);
  g_assert_cmpstr (host_seat_row (h, counsel), ==, "admitted");
  g_assert_cmpstr (hj_fake_peer_seat_state (h->box, counsel), ==, "admitted");
  g_assert_cmpstr (host_meeting_state (h), ==, "live");
  /* Nor does it keep anybody else out. */
  late = third (h, &actor, &seat);
  media_up (h, seat);
  host_secured (h, late, actor, 2);
  g_assert_cmpuint (hj_fake_peer_count (late, "admit", NULL), ==, 1);
}

/* The word of the old device was on its way when the new one joined: it is not the new one's. */
static gboolean
count_answer (const json_t *answer, const json_t *problem, const GError *error, gpointer data)
{
  ++*(int *)data;
  return TRUE;
}

static void
a_word_of_the_old_device_that_crosses_the_new_one_counts_for_nothing (
    HostPlace *h, gconstpointer data)
{
  HjFakePeer *phone = host_new_peer (h);
  const char *counsel = host_join (h, h->counsel, h->p.counsel);
  int answers = 0;

  hj_there_sql (&h->p.f, ADD_SECOND_DEVICE, hj_actor_get_id (h->p.counsel));
  hj_host_join (
      h->host, &phone->peer, h->p.counsel, h->p.booking, "second", count_answer, &answers);
  hj_host_secured (h->host, &h->counsel->peer, h->p.counsel, counsel, 1, count_answer, &answers);
  HJ_WAIT_UNTIL (answers == 2);
  host_quiet (h);
  g_assert_cmpint (hj_there_count (&h->p.f, EPOCH, counsel), ==, 0);
  g_assert_cmpint (hj_there_entries (&h->p.f, "secured", "refused"), ==, 1);
  phone->seat = g_strdup (counsel);
  g_assert_cmpstr (host_secured (h, phone, h->p.counsel, 1), ==, "done");
  g_assert_cmpint (hj_there_count (&h->p.f, EPOCH, counsel), ==, 1);
}

typedef struct
{
  HostPlace *h;
  HjFakePeer *peer;
  int answers;
} Hasty;

/* Says so at once, while the old device's word is still on its way. */
static gboolean
joined_in_haste (const json_t *answer, const json_t *problem, const GError *error, gpointer data)
{
  Hasty *hasty = data;

  hj_host_secured (hasty->h->host, &hasty->peer->peer, hasty->h->p.counsel,
      json_string_value (json_object_get (answer, "seat")), 1, count_answer, &hasty->answers);
  return TRUE;
}

static void
the_new_device_may_name_the_epoch_that_the_old_one_named (HostPlace *h, gconstpointer data)
{
  Hasty hasty = { h, host_new_peer (h), 0 };
  const char *counsel = host_join (h, h->counsel, h->p.counsel);

  hj_there_sql (&h->p.f, ADD_SECOND_DEVICE, hj_actor_get_id (h->p.counsel));
  hj_host_join (
      h->host, &hasty.peer->peer, h->p.counsel, h->p.booking, "second", joined_in_haste, &hasty);
  hj_host_secured (
      h->host, &h->counsel->peer, h->p.counsel, counsel, 1, count_answer, &hasty.answers);
  HJ_WAIT_UNTIL (hasty.answers == 2);
  host_quiet (h);
  g_assert_cmpint (hj_there_count (&h->p.f, EPOCH, counsel), ==, 1);
}

static void
saying_it_again_leaves_no_trace (HostPlace *h, gconstpointer data)
{
  int answers = 0;

  host_join (h, h->counsel, h->p.counsel);
  for (int i = 0; i < 3; i++)
    hj_host_secured (
        h->host, &h->counsel->peer, h->p.counsel, h->counsel->seat, 5, count_answer, &answers);
  HJ_WAIT_UNTIL (answers == 3);
  host_secured (h, h->counsel, h->p.counsel, 5);
  g_assert_cmpint (hj_there_entries (&h->p.f, "secured", "done"), ==, 1);
  host_secured (h, h->counsel, h->p.counsel, 6);
  g_assert_cmpint (hj_there_entries (&h->p.f, "secured", "done"), ==, 2);
}

static void
a_word_that_was_refused_may_be_said_again (HostPlace *h, gconstpointer data)
{
  const char *counsel = host_join (h, h->counsel, h->p.counsel);

  for (int epoch = 1; epoch <= 12; epoch++)
    host_secured (h, h->counsel, h->p.counsel, epoch);
  g_assert_cmpstr (host_secured (h, h->counsel, h->p.counsel, 13), ==, "too-many");
  host_tick (h, HJ_MINUTE_US);
  g_assert_cmpstr (host_secured (h, h->counsel, h->p.counsel, 13), ==, "done");
  g_assert_cmpint (hj_there_count (&h->p.f, EPOCH, counsel), ==, 13);
}

static void
keys_survive_a_resume_and_a_restart (HostPlace *h, gconstpointer data)
{
  HjFakePeer *back = host_new_peer (h);
  HjFakePeer *box_back = host_new_peer (h);
  const char *counsel = host_join (h, h->counsel, h->p.counsel);
  const char *box = host_join (h, h->box, h->p.box);
  const char *token = host_token (h, counsel);
  const char *box_token = host_token (h, box);

  host_secured (h, h->counsel, h->p.counsel, 1);
  host_secured (h, h->box, h->p.box, 1);
  host_hang_up (h, h->counsel);
  g_assert_true (host_resume (h, back, token));
  host_stop (h);
  host_start (h);
  back = host_new_peer (h);
  g_assert_true (host_resume (h, back, token));
  g_assert_true (host_resume (h, box_back, box_token));
  g_assert_cmpstr (told_identity (back, box), ==, hj_meeting_place_identity (&h->p, h->p.kiosk));
  g_assert_cmpstr (told_identity (back, counsel), ==,
      hj_meeting_place_identity (&h->p, hj_actor_get_id (h->p.counsel)));
  media_up (h, counsel);
  g_assert_cmpuint (routes (h), ==, 0);
  media_up (h, box);
  g_assert_cmpstr (host_meeting_state (h), ==, "live");
}

static void
who_had_no_keys_has_none_after_a_restart (HostPlace *h, gconstpointer data)
{
  const char *counsel = host_join (h, h->counsel, h->p.counsel);
  const char *box = host_join (h, h->box, h->p.box);

  host_secured (h, h->counsel, h->p.counsel, 1);
  host_stop (h);
  host_start (h);
  media_up (h, counsel);
  media_up (h, box);
  host_tick (h, HJ_SECOND_US);
  g_assert_cmpstr (host_meeting_state (h), ==, "waiting");
}

static void
the_same_code_is_answered_and_ends_nothing (HostPlace *h, gconstpointer data)
{
  const char *counsel, *box;

  host_meet (h, &counsel, &box);
  g_assert_cmpstr (host_verify (h, h->counsel, h->p.counsel, 1, "same"), ==, "done");
  g_assert_cmpstr (host_verify (h, h->box, h->p.box, 1, "same"), ==, "done");
  g_assert_cmpstr (host_verify (h, h->box, h->p.box, 2, "same"), ==, "state");
  g_assert_cmpstr (host_verify (h, h->box, h->p.box, 1, "alike"), ==, "invalid");
  g_assert_cmpstr (host_meeting_state (h), ==, "live");
}

static void
a_different_code_ends_it_for_everybody (HostPlace *h, gconstpointer data)
{
  const char *counsel, *box;
  const json_t *end;

  host_meet (h, &counsel, &box);
  g_assert_cmpstr (host_verify (h, h->counsel, h->p.counsel, 1, "different"), ==, "done");
  end = hj_fake_peer_last (h->box, "end");
  g_assert_cmpstr (json_string_value (json_object_get (end, "reason")), ==, "code-different");
  g_assert_cmpstr (json_string_value (json_object_get (end, "by")), ==, "lawyer");
  g_assert_cmpuint (hj_fake_peer_count (h->counsel, "end", NULL), ==, 1);
  g_assert_cmpuint (hj_fake_media_port_count (h->port, "close-room %s", host_meeting (h)), ==, 1);
  g_assert_null (h->box->seat);
  g_assert_cmpuint (hj_host_count_meetings (h->host), ==, 0);
}

static gboolean
heard (const json_t *answer, const json_t *problem, const GError *error, gpointer data)
{
  gboolean *done = data;

  *done = answer != NULL;
  return TRUE;
}

/* Nobody waits for anything: the relay's word is still on its way when the next one comes. */
static void
gone_at_once (HostPlace *h, const char *seat)
{
  HjMediaEvent event
      = { "node-1", h->boot, ++h->n, hj_time_now (h->p.f.time), "gone", "room", seat };

  hj_host_media_event (h->host, &event);
}

static void
assert_no_cut (HostPlace *h)
{
  g_assert_cmpint (
      hj_there_count (&h->p.f, "SELECT COUNT (*) FROM audit_entry WHERE act = 'cut-off'", NULL), ==,
      0);
}

/* The page stops its own media before it says why. */
static void
media_that_stops_for_a_difference_cuts_nobody_off (HostPlace *h, gconstpointer data)
{
  const char *counsel, *box;
  gboolean done = FALSE;

  host_meet (h, &counsel, &box);
  gone_at_once (h, counsel);
  hj_host_verify (h->host, &h->counsel->peer, h->p.counsel, counsel, 1, "different", heard, &done);
  host_quiet (h);
  g_assert_true (done);
  g_assert_cmpuint (hj_host_count_meetings (h->host), ==, 0);
  assert_no_cut (h);
}

static void
media_that_stops_for_an_end_cuts_nobody_off (HostPlace *h, gconstpointer data)
{
  const char *counsel, *box;
  gboolean done = FALSE;

  host_meet (h, &counsel, &box);
  gone_at_once (h, counsel);
  hj_host_end (h->host, &h->counsel->peer, h->p.counsel, counsel, "done", heard, &done);
  host_quiet (h);
  g_assert_true (done);
  g_assert_cmpuint (hj_host_count_meetings (h->host), ==, 0);
  assert_no_cut (h);
}

/* The desk's end does not come by here before it is done. */
static void
a_cut_that_crosses_the_desk_s_end_is_not_in_the_record (HostPlace *h, gconstpointer data)
{
  const char *counsel, *box, *meeting;

  host_meet (h, &counsel, &box);
  meeting = host_meeting (h);
  gone_at_once (h, counsel);
  hj_acts_run_async (h->p.f.acts, &hj_act_end, h->p.desk,
      json_pack ("{s:s, s:s}", "meeting", meeting, "reason", "other"), NULL, NULL, NULL);
  host_quiet (h);
  g_assert_cmpuint (hj_host_count_meetings (h->host), ==, 0);
  assert_no_cut (h);
}

static void
an_end_that_is_refused_lets_the_cut_be_noted (HostPlace *h, gconstpointer data)
{
  const char *counsel, *box;
  gboolean done = FALSE;

  host_meet (h, &counsel, &box);
  gone_at_once (h, counsel);
  hj_host_end (h->host, &h->counsel->peer, h->p.counsel, counsel, "bored", heard, &done);
  host_quiet (h);
  g_assert_false (done);
  g_assert_cmpstr (host_meeting_state (h), ==, "cut_off");
}

/* As the epoch 0, which no end has: the difference is not heard, and the meeting goes on. */
static void
a_difference_that_is_refused_lets_the_cut_be_noted (HostPlace *h, gconstpointer data)
{
  const char *counsel, *box;
  gboolean done = FALSE;

  host_meet (h, &counsel, &box);
  gone_at_once (h, counsel);
  hj_host_verify (h->host, &h->counsel->peer, h->p.counsel, counsel, 0, "different", heard, &done);
  host_quiet (h);
  g_assert_false (done);
  g_assert_cmpstr (host_meeting_state (h), ==, "cut_off");
}

static void
only_who_sits_there_says_anything_about_keys (HostPlace *h, gconstpointer data)
{
  HjFakePeer *stranger = host_new_peer (h);
  const char *counsel = host_join (h, h->counsel, h->p.counsel);

  g_assert_cmpstr (host_secured (h, stranger, h->p.counsel, 1), ==, "not-found");
  stranger->seat = g_strdup (counsel);
  g_assert_cmpstr (host_secured (h, stranger, h->p.counsel, 1), ==, "not-found");
  g_assert_cmpstr (host_verify (h, stranger, h->p.counsel, 1, "different"), ==, "not-found");
  g_assert_cmpuint (hj_host_count_meetings (h->host), ==, 1);
}

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  HOST_TEST ("/host/key", a_key_goes_to_one_or_to_all_others);
  HOST_TEST ("/host/key/away", a_key_to_whoever_is_away_is_no_error);
  HOST_TEST ("/host/key/elsewhere", a_key_stays_within_its_meeting);
  HOST_TEST ("/host/secured/after-media", the_keys_after_the_media_open_the_door);
  HOST_TEST ("/host/secured/before-media", the_media_after_the_keys_opens_the_door);
  HOST_TEST ("/host/secured/later", who_comes_later_is_let_in_with_the_keys);
  HOST_TEST ("/host/identity", every_seat_is_told_with_its_identity);
  HOST_TEST ("/host/device", another_device_takes_the_seat_over_and_has_no_keys);
  HOST_TEST ("/host/device/same", the_same_device_keeps_what_it_said);
  HOST_TEST ("/host/device/admitted", who_was_let_in_stays_in_with_another_device);
  HOST_TEST (
      "/host/device/cross", a_word_of_the_old_device_that_crosses_the_new_one_counts_for_nothing);
  HOST_TEST ("/host/device/haste", the_new_device_may_name_the_epoch_that_the_old_one_named);
  HOST_TEST ("/host/secured/again", saying_it_again_leaves_no_trace);
  HOST_TEST ("/host/secured/refused", a_word_that_was_refused_may_be_said_again);
  HOST_TEST ("/host/secured/survives", keys_survive_a_resume_and_a_restart);
  HOST_TEST ("/host/secured/restart", who_had_no_keys_has_none_after_a_restart);
  HOST_TEST ("/host/verify/same", the_same_code_is_answered_and_ends_nothing);
  HOST_TEST ("/host/verify/different", a_different_code_ends_it_for_everybody);
  HOST_TEST ("/host/verify/media", media_that_stops_for_a_difference_cuts_nobody_off);
  HOST_TEST ("/host/verify/refused", a_difference_that_is_refused_lets_the_cut_be_noted);
  HOST_TEST ("/host/end/media", media_that_stops_for_an_end_cuts_nobody_off);
  HOST_TEST ("/host/end/desk", a_cut_that_crosses_the_desk_s_end_is_not_in_the_record);
  HOST_TEST ("/host/end/refused", an_end_that_is_refused_lets_the_cut_be_noted);
  HOST_TEST ("/host/own-keys", only_who_sits_there_says_anything_about_keys);
  return g_test_run ();
}
