/* SPDX-License-Identifier: Apache-2.0 */
/* huijian-media between a stand-in for huijiand and two browser-like peers on loopback sockets. */

#include "tests/media/relay-fixture.h"

#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "src/base/ids.h"

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
open_socket (NetPeer *self, const char *host)
{
  HjAddress address;

  self->host = host;
  g_assert_true (hj_address_parse (&address, host, 0));
  self->fd = socket (address.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  g_assert_cmpint (bind (self->fd, &address.any, hj_address_get_length (&address)), ==, 0);
  self->source = g_unix_fd_source_new (self->fd, G_IO_IN);
  g_source_set_callback (self->source, G_SOURCE_FUNC (on_datagram), self, NULL);
  g_source_attach (self->source, NULL);
}

static void
close_socket (NetPeer *self)
{
  g_source_destroy (self->source);
  g_source_unref (self->source);
  close (self->fd);
}

static void
net_peer_init (NetPeer *self)
{
  open_socket (self, "127.0.0.1");
  peer_init (&self->peer, &PEER_BROWSER, "127.0.0.1", 1);
  self->peer.send = send_datagram;
  self->peer.send_data = self;
}

static void
net_peer_clear (NetPeer *self)
{
  close_socket (self);
  peer_clear (&self->peer);
}

/* The browser's network changes: another address, or another port of the same. What was agreed with the relay stays. */
void
relay_rehouse (RelayFixture *f, guint number, const char *host)
{
  NetPeer *self = &f->peers[number];
  guint16 port = hj_address_get_port (&self->relay);

  close_socket (self);
  open_socket (self, host);
  g_assert_true (hj_address_parse (&self->relay, host, port));
}

void
relay_invite (RelayFixture *f)
{
  f->room = hj_id_new ();
  for (guint i = 0; i < 2; i++)
    {
      f->seats[i] = hj_id_new ();
      net_peer_init (&f->peers[i]);
    }
}

void
relay_dismiss (RelayFixture *f)
{
  for (guint i = 0; i < 2; i++)
    {
      net_peer_clear (&f->peers[i]);
      g_free (f->seats[i]);
    }
  g_free (f->room);
}

/* The browser makes a new peer connection. */
void
relay_renew (RelayFixture *f, guint number)
{
  net_peer_clear (&f->peers[number]);
  net_peer_init (&f->peers[number]);
}

/* config: further lines of the group [media]. program: huijian-media, which is told to dial us and has done so. */
void
relay_set_up (RelayFixture *f, const char *program, const char *config)
{
  g_autofree char *text = g_strconcat ("listen=127.0.0.1\nnode=test\ncapacity=4\n", config, NULL);

  media_program_prepare (&f->media, text);
  f->server = link_server_new (f->media.socket_path);
  media_program_start (&f->media, program, G_SUBPROCESS_FLAGS_NONE);
  link_server_wait_register (f->server, 1);
  link_server_welcome (f->server, 0);
  relay_invite (f);
}

void
relay_tear_down (RelayFixture *f)
{
  if (f->media.process != NULL)
    media_program_stop (&f->media);
  relay_dismiss (f);
  link_server_free (f->server);
  media_program_clear (&f->media);
}

HjLinkMessage *
relay_request_new (RelayFixture *f, HjLinkVerb verb)
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

void
relay_join (RelayFixture *f, guint number)
{
  NetPeer *peer = &f->peers[number];
  HjLinkMessage *request = relay_request_new (f, HJ_LINK_ADD_LEG);
  g_autoptr (HjLinkMessage) reply = NULL;

  request->seat = g_strdup (f->seats[number]);
  request->number = number;
  request->offer = peer_make_offer (&peer->peer);
  reply = link_server_ask (f->server, request);
  g_assert_true (reply->ok);
  peer_take_answer (&peer->peer, reply->answer);
  g_assert_true (hj_address_parse (&peer->relay, peer->host, read_port (reply->answer)));
  peer_check (&peer->peer, TRUE);
  g_assert_true (wait_until (is_connected, &peer->peer, WAIT_MS));
  g_assert_true (link_server_wait_event (f->server, f->seats[number], HJ_LINK_CONNECTED));
}

void
relay_meet (RelayFixture *f)
{
  g_autoptr (HjLinkMessage) opened
      = link_server_ask (f->server, relay_request_new (f, HJ_LINK_OPEN_ROOM));
  HjLinkMessage *request = relay_request_new (f, HJ_LINK_ADMIT);
  g_autoptr (HjLinkMessage) admitted = NULL;

  g_assert_true (opened->ok);
  relay_join (f, 0);
  relay_join (f, 1);
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

void
relay_assert_media_flows (RelayFixture *f, guint16 seq)
{
  for (guint i = 0; i < 2; i++)
    {
      peer_forget (&f->peers[1 - i].peer);
      peer_send_audio (&f->peers[i].peer, seq, 960u * seq);
      g_assert_true (wait_until (has_audio, &f->peers[1 - i].peer, WAIT_MS));
    }
}
