/* SPDX-License-Identifier: Apache-2.0 */
/* The program huijian-media between a stand-in for huijiand and browser-like peers on loopback sockets: what survives when
 * the control link drops, what it answers to nonsense, how it starts and ends. argv[1] is the program. */

#include <gio/gio.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "src/base/ids.h"
#include "tests/media/link-server.h"
#include "tests/media/media-program.h"
#include "tests/media/peer.h"

#define ROOMS 8

static const char *program;

typedef struct
{
  Peer peer;
  int fd;
  GSource *source;
  HjAddress relay;
} NetPeer;

typedef struct
{
  MediaProgram media;
  LinkServer *server;
  char *room;
  char *seats[2];
  NetPeer peers[2];
} Fixture;

static void
send_datagram (gpointer data, const HjAddress *from, const guint8 *bytes, gsize length)
{
  NetPeer *self = data;

  g_assert_cmpint (
      sendto (self->fd, bytes, length, 0, &self->relay.any, hj_address_get_length (&self->relay)),
      ==, (gssize)length);
}

static gboolean
on_datagram (int fd, GIOCondition condition, gpointer data)
{
  NetPeer *self = data;
  guint8 bytes[2000];
  gssize length = 0;

  while ((length = recv (fd, bytes, sizeof bytes, MSG_DONTWAIT)) > 0)
    peer_take (&self->peer, bytes, (gsize)length);
  return G_SOURCE_CONTINUE;
}

static void
net_peer_init (NetPeer *self)
{
  HjAddress address;

  self->fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  g_assert_true (hj_address_parse (&address, "127.0.0.1", 0));
  g_assert_cmpint (bind (self->fd, &address.any, hj_address_get_length (&address)), ==, 0);
  peer_init (&self->peer, &PEER_BROWSER, "127.0.0.1", 1);
  self->peer.send = send_datagram;
  self->peer.send_data = self;
  self->source = g_unix_fd_source_new (self->fd, G_IO_IN);
  g_source_set_callback (self->source, G_SOURCE_FUNC (on_datagram), self, NULL);
  g_source_attach (self->source, NULL);
}

static void
net_peer_clear (NetPeer *self)
{
  g_source_destroy (self->source);
  g_source_unref (self->source);
  close (self->fd);
  peer_clear (&self->peer);
}

static void
invite (Fixture *f)
{
  f->room = hj_id_new ();
  for (guint i = 0; i < 2; i++)
    {
      f->seats[i] = hj_id_new ();
      net_peer_init (&f->peers[i]);
    }
}

static void
dismiss (Fixture *f)
{
  for (guint i = 0; i < 2; i++)
    {
      net_peer_clear (&f->peers[i]);
      g_free (f->seats[i]);
    }
  g_free (f->room);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  media_program_prepare (&f->media, "listen=127.0.0.1\nnode=test\ncapacity=4\n");
  f->server = link_server_new (f->media.socket_path);
  media_program_start (&f->media, program, G_SUBPROCESS_FLAGS_NONE);
  link_server_wait_register (f->server, 1);
  link_server_welcome (f->server, 0);
  invite (f);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  if (f->media.process != NULL)
    media_program_stop (&f->media);
  dismiss (f);
  link_server_free (f->server);
  media_program_clear (&f->media);
}

static HjLinkMessage *
request_new (Fixture *f, HjLinkVerb verb)
{
  HjLinkMessage *request = hj_link_message_new (verb);

  request->room = g_strdup (f->room);
  return request;
}

/* The answer names one candidate: the loopback address that the relay listens on. */
static guint16
read_port (const char *answer)
{
  const char *at = strstr (answer, " 127.0.0.1 ");

  g_assert_nonnull (at);
  g_assert_null (strstr (at + 1, " 127.0.0.1 "));
  return (guint16)g_ascii_strtoull (at + strlen (" 127.0.0.1 "), NULL, 10);
}

static gboolean
is_connected (gpointer data)
{
  return peer_is_connected (data);
}

static void
join (Fixture *f, guint number)
{
  NetPeer *peer = &f->peers[number];
  HjLinkMessage *request = request_new (f, HJ_LINK_ADD_LEG);
  g_autoptr (HjLinkMessage) reply = NULL;

  request->seat = g_strdup (f->seats[number]);
  request->number = number;
  request->offer = peer_make_offer (&peer->peer);
  reply = link_server_ask (f->server, request);
  g_assert_true (reply->ok);
  peer_take_answer (&peer->peer, reply->answer);
  g_assert_true (hj_address_parse (&peer->relay, "127.0.0.1", read_port (reply->answer)));
  peer_check (&peer->peer, TRUE);
  g_assert_true (wait_until (is_connected, &peer->peer, WAIT_MS));
  g_assert_true (link_server_wait_event (f->server, f->seats[number], HJ_LINK_CONNECTED));
}

static void
meet (Fixture *f)
{
  g_autoptr (HjLinkMessage) opened
      = link_server_ask (f->server, request_new (f, HJ_LINK_OPEN_ROOM));
  HjLinkMessage *request = request_new (f, HJ_LINK_ADMIT);
  g_autoptr (HjLinkMessage) admitted = NULL;

  g_assert_true (opened->ok);
  join (f, 0);
  join (f, 1);
  g_ptr_array_add (request->seats, g_strdup (f->seats[0]));
  g_ptr_array_add (request->seats, g_strdup (f->seats[1]));
  admitted = link_server_ask (f->server, request);
  g_assert_true (admitted->ok);
}

static gboolean
has_audio (gpointer data)
{
  const Peer *peer = data;

  return peer_count (peer, peer->slot_ssrcs[0][HJ_AUDIO]) > 0;
}

static void
assert_media_flows (Fixture *f, guint16 seq)
{
  for (guint i = 0; i < 2; i++)
    {
      peer_forget (&f->peers[1 - i].peer);
      peer_send_audio (&f->peers[i].peer, seq, 960u * seq);
      g_assert_true (wait_until (has_audio, &f->peers[1 - i].peer, WAIT_MS));
    }
}

static void
media_flows_and_events_wait_while_huijiand_is_away (Fixture *f, gconstpointer data)
{
  const HjLinkMessage *registered = NULL;
  const HjLinkRoom *room = NULL;
  guint n_known = 0;

  meet (f);
  assert_media_flows (f, 1);
  g_assert_true (link_server_wait_event (f->server, f->seats[1], HJ_LINK_FLOWING));
  n_known = link_server_get_n_events (f->server);
  link_server_acknowledge (f->server, n_known);
  link_server_hang_up (f->server);
  assert_media_flows (f, 2);
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
events_come_again_until_they_are_acknowledged (Fixture *f, gconstpointer data)
{
  meet (f); /* two events: connected, connected */
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
nonsense_is_answered_and_the_link_lives_on (Fixture *f, gconstpointer data)
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
  opened = link_server_ask (f->server, request_new (f, HJ_LINK_OPEN_ROOM));
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
reports_and_statistics_come_by_themselves (Fixture *f, gconstpointer data)
{
  meet (f);
  assert_media_flows (f, 1);
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
an_ending_relay_says_good_bye (Fixture *f, gconstpointer data)
{
  meet (f);
  media_program_stop (&f->media);
  for (guint i = 0; i < 2; i++)
    g_assert_true (wait_until (is_closed, &f->peers[i].peer, WAIT_MS));
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
  Fixture f[ROOMS] = { 0 };
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
      invite (&f[i]);
      meet (&f[i]);
      assert_media_flows (&f[i], 1);
    }
  link_server_hang_up (server);
  link_server_wait_register (server, 2);
  g_assert_cmpuint (link_server_get_register (server)->rooms->len, ==, ROOMS);
  media_program_stop (&media);
  for (guint i = 0; i < ROOMS; i++)
    dismiss (&f[i]);
  link_server_free (server);
  media_program_clear (&media);
}

static void
add (const char *path, void (*test) (Fixture *f, gconstpointer data))
{
  g_test_add (path, Fixture, NULL, set_up, test, tear_down);
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
  g_test_add_func (
      "/relay/a-wrong-configuration-stops-the-start", a_wrong_configuration_stops_the_start);
  g_test_add_func ("/relay/two-workers-share-the-rooms", two_workers_share_the_rooms);
  return g_test_run ();
}
