/* SPDX-License-Identifier: Apache-2.0 */
/* The program huijian-media between a stand-in for huijiand and browser-like peers on loopback sockets: what survives when
 * the control link drops, what it answers to nonsense, how it starts and ends. argv[1] is the program. */

#include <signal.h>
#include <string.h>

#include "src/base/ids.h"
#include "tests/media/relay-fixture.h"

#define ROOMS 8

static const char *program;

static void
set_up (RelayFixture *f, gconstpointer data)
{
  relay_set_up (f, program, "");
}

static void
tear_down (RelayFixture *f, gconstpointer data)
{
  relay_tear_down (f);
}

static void
media_flows_and_events_wait_while_huijiand_is_away (RelayFixture *f, gconstpointer data)
{
  const HjLinkMessage *registered = NULL;
  const HjLinkRoom *room = NULL;
  guint n_known = 0;

  relay_meet (f);
  relay_assert_media_flows (f, 1);
  g_assert_true (link_server_wait_event (f->server, f->seats[1], HJ_LINK_FLOWING));
  n_known = link_server_get_n_events (f->server);
  link_server_acknowledge (f->server, n_known);
  link_server_hang_up (f->server);
  relay_assert_media_flows (f, 2);
  peer_close (&f->peers[1].peer);

  link_server_wait_register (f->server, 2);
  registered = link_server_get_register (f->server);
  g_assert_cmpuint (registered->rooms->len, ==, 1);
  room = &g_array_index (registered->rooms, HjLinkRoom, 0);
  g_assert_cmpstr (room->room, ==, f->room);
  g_assert_cmpuint (room->seats->len, ==, 2);
  g_assert_true (g_array_index (room->seats, HjLinkSeat, 0).connected);
  g_assert_false (g_array_index (room->seats, HjLinkSeat, 1).connected);
  g_assert_true (g_array_index (room->seats, HjLinkSeat, 1).admitted);
  g_assert_cmpuint (link_server_get_n_events (f->server), ==, n_known);
  link_server_welcome (f->server, n_known);
  g_assert_true (link_server_wait_event (f->server, f->seats[1], HJ_LINK_GONE));
  g_assert_cmpint (link_server_get_event (f->server, n_known)->n, ==, (gint64)n_known + 1);
}

static gboolean
has_new_events (gpointer data)
{
  return link_server_get_n_events (data) >= 4;
}

static void
events_come_again_until_they_are_acknowledged (RelayFixture *f, gconstpointer data)
{
  relay_meet (f); /* two events: connected, connected */
  g_assert_cmpuint (link_server_get_n_events (f->server), ==, 2);
  link_server_hang_up (f->server);
  link_server_wait_register (f->server, 2);
  g_assert_cmpint (link_server_get_register (f->server)->next_event, ==, 3);
  link_server_welcome (f->server, 0); /* it remembers none: both again */
  g_assert_true (wait_until (has_new_events, f->server, WAIT_MS));
  g_assert_cmpint (link_server_get_event (f->server, 2)->n, ==, 1);
  g_assert_cmpint (link_server_get_event (f->server, 3)->n, ==, 2);
  g_assert_cmpint (
      link_server_get_event (f->server, 2)->at_us, ==, link_server_get_event (f->server, 0)->at_us);
}

static void
nonsense_is_answered_and_the_link_lives_on (RelayFixture *f, gconstpointer data)
{
  g_autoptr (HjLinkMessage) refused = NULL;
  g_autoptr (HjLinkMessage) unknown = NULL;
  g_autoptr (HjLinkMessage) opened = NULL;

  link_server_send_text (f->server, "{\"verb\":\"open-room\",\"id\":5,\"room\":7}");
  refused = link_server_wait_reply (f->server);
  g_assert_cmpint (refused->re, ==, 5);
  g_assert_cmpint (refused->code, ==, HJ_LINK_BAD_MESSAGE);
  link_server_send_text (f->server, "{\"verb\":\"sing\",\"id\":6}");
  unknown = link_server_wait_reply (f->server);
  g_assert_cmpint (unknown->re, ==, 6);
  g_assert_cmpint (unknown->code, ==, HJ_LINK_BAD_MESSAGE);
  link_server_send_text (f->server, "no JSON at all");
  opened = link_server_ask (f->server, relay_request_new (f, HJ_LINK_OPEN_ROOM));
  g_assert_true (opened->ok);
}

static gboolean
has_statistics (gpointer data)
{
  const HjLinkMessage *statistics = link_server_get_statistics (data);

  return statistics != NULL && statistics->legs->len == 2 && statistics->packets_out > 0;
}

static gboolean
has_report (gpointer data)
{
  HjRtcpPacket report;

  return peer_find_rtcp (data, HJ_RTCP_RR, 1, &report);
}

static void
reports_and_statistics_come_by_themselves (RelayFixture *f, gconstpointer data)
{
  relay_meet (f);
  relay_assert_media_flows (f, 1);
  g_assert_true (wait_until (has_report, &f->peers[0].peer, WAIT_MS));
  g_assert_true (wait_until (has_statistics, f->server, WAIT_MS));
}

static gboolean
is_closed (gpointer data)
{
  const Peer *peer = data;

  return hj_dtls_get_state (peer->dtls) == HJ_DTLS_CLOSED;
}

static void
an_ending_relay_says_good_bye (RelayFixture *f, gconstpointer data)
{
  relay_meet (f);
  media_program_stop (&f->media);
  for (guint i = 0; i < 2; i++)
    g_assert_true (wait_until (is_closed, &f->peers[i].peer, WAIT_MS));
}

/* Asks it to end and waits until it says that it drains. */
static void
drain (RelayFixture *f)
{
  g_subprocess_send_signal (f->media.process, SIGTERM);
  link_server_wait_draining (f->server);
}

static gboolean
has_ended (gpointer data)
{
  return g_subprocess_get_if_exited (data);
}

/* Without being asked again. */
static void
assert_ends_well (RelayFixture *f)
{
  g_assert_true (g_subprocess_wait (f->media.process, NULL, NULL));
  g_assert_true (has_ended (f->media.process));
  g_assert_cmpint (g_subprocess_get_exit_status (f->media.process), ==, 0);
  g_clear_object (&f->media.process);
  for (guint i = 0; i < 2; i++)
    g_assert_true (wait_until (is_closed, &f->peers[i].peer, WAIT_MS));
}

static void
set_up_patient (RelayFixture *f, gconstpointer data)
{
  relay_set_up (f, program, "drain_s=600\n");
}

static void
a_draining_relay_takes_no_new_room_and_ends_after_the_last (RelayFixture *f, gconstpointer data)
{
  HjLinkMessage *request = hj_link_message_new (HJ_LINK_OPEN_ROOM);
  g_autoptr (HjLinkMessage) refused = NULL;
  g_autoptr (HjLinkMessage) again = NULL;
  g_autoptr (HjLinkMessage) closed = NULL;

  relay_meet (f);
  drain (f);
  request->room = hj_id_new ();
  refused = link_server_ask (f->server, request);
  g_assert_false (refused->ok);
  g_assert_cmpint (refused->code, ==, HJ_LINK_FULL);
  again = link_server_ask (f->server, relay_request_new (f, HJ_LINK_OPEN_ROOM));
  g_assert_true (again->ok);
  relay_assert_media_flows (f, 1);
  link_server_hang_up (f->server);
  link_server_wait_register (f->server, 2);
  g_assert_true (link_server_get_register (f->server)->draining);
  link_server_welcome (f->server, 0);
  relay_assert_media_flows (f, 2);
  closed = link_server_ask (f->server, relay_request_new (f, HJ_LINK_CLOSE_ROOM));
  g_assert_true (closed->ok);
  assert_ends_well (f);
}

static void
a_second_signal_ends_a_draining_relay_at_once (RelayFixture *f, gconstpointer data)
{
  relay_meet (f);
  drain (f);
  g_subprocess_send_signal (f->media.process, SIGTERM);
  assert_ends_well (f);
}

static void
set_up_hasty (RelayFixture *f, gconstpointer data)
{
  relay_set_up (f, program, "drain_s=1\n");
}

static void
a_draining_relay_does_not_wait_for_ever (RelayFixture *f, gconstpointer data)
{
  relay_meet (f);
  drain (f);
  assert_ends_well (f);
}

static void
a_wrong_configuration_stops_the_start (void)
{
  static const struct
  {
    const char *config;
    const char *says;
  } WRONG[] = {
    { "prot=1\n", "unknown key prot" },
    { "port=-1\n", "port must be" },
    { "workers=0\n", "workers must be" },
    { "capacity=x\n", "capacity must be" },
    { "public_addresses=example.org\n", "not an address: example.org" },
    { "drain_s=-1\n", "drain_s must be" },
    { "metrics_port=70000\n", "metrics_port must be" },
    { "metrics_socket=/dev/null\n", "metrics_socket: /dev/null is no socket" },
    { "listen=nowhere\n", "Cannot open UDP port" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (WRONG); i++)
    {
      MediaProgram media = { 0 };
      g_autofree char *said = NULL;

      media_program_prepare (&media, WRONG[i].config);
      media_program_start (&media, program, G_SUBPROCESS_FLAGS_STDERR_PIPE);
      g_assert_true (g_subprocess_communicate_utf8 (media.process, NULL, NULL, NULL, &said, NULL));
      g_assert_cmpint (g_subprocess_get_exit_status (media.process), ==, 1);
      g_assert_nonnull (strstr (said, WRONG[i].says));
      media_program_clear (&media);
    }
}

/* The peers of all rooms stay: a socket that got the port of an earlier one would hear the earlier leg's reports, too. */
static void
two_workers_share_the_rooms (void)
{
  RelayFixture f[ROOMS] = { 0 };
  MediaProgram media = { 0 };
  LinkServer *server = NULL;

  media_program_prepare (&media, "listen=127.0.0.1\nworkers=2\n");
  server = link_server_new (media.socket_path);
  media_program_start (&media, program, G_SUBPROCESS_FLAGS_NONE);
  link_server_wait_register (server, 1);
  g_assert_cmpint (link_server_get_register (server)->capacity, ==, 640);
  link_server_welcome (server, 0);
  for (guint i = 0; i < ROOMS; i++)
    {
      f[i].server = server;
      relay_invite (&f[i]);
      relay_meet (&f[i]);
      relay_assert_media_flows (&f[i], 1);
    }
  link_server_hang_up (server);
  link_server_wait_register (server, 2);
  g_assert_cmpuint (link_server_get_register (server)->rooms->len, ==, ROOMS);
  media_program_stop (&media);
  for (guint i = 0; i < ROOMS; i++)
    relay_dismiss (&f[i]);
  link_server_free (server);
  media_program_clear (&media);
}

static void
add (const char *path, void (*test) (RelayFixture *f, gconstpointer data))
{
  g_test_add (path, RelayFixture, NULL, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  program = argv[1];
  add ("/relay/media-flows-and-events-wait-while-huijiand-is-away",
      media_flows_and_events_wait_while_huijiand_is_away);
  add ("/relay/events-come-again-until-they-are-acknowledged",
      events_come_again_until_they_are_acknowledged);
  add ("/relay/nonsense-is-answered-and-the-link-lives-on",
      nonsense_is_answered_and_the_link_lives_on);
  add ("/relay/reports-and-statistics-come-by-themselves",
      reports_and_statistics_come_by_themselves);
  add ("/relay/an-ending-relay-says-good-bye", an_ending_relay_says_good_bye);
  g_test_add ("/relay/a-draining-relay-takes-no-new-room-and-ends-after-the-last", RelayFixture,
      NULL, set_up_patient, a_draining_relay_takes_no_new_room_and_ends_after_the_last, tear_down);
  g_test_add ("/relay/a-second-signal-ends-a-draining-relay-at-once", RelayFixture, NULL,
      set_up_patient, a_second_signal_ends_a_draining_relay_at_once, tear_down);
  g_test_add ("/relay/a-draining-relay-does-not-wait-for-ever", RelayFixture, NULL, set_up_hasty,
      a_draining_relay_does_not_wait_for_ever, tear_down);
  g_test_add_func (
      "/relay/a-wrong-configuration-stops-the-start", a_wrong_configuration_stops_the_start);
  g_test_add_func ("/relay/two-workers-share-the-rooms", two_workers_share_the_rooms);
  return g_test_run ();
}
