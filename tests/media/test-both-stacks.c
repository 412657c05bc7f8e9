/* SPDX-License-Identifier: Apache-2.0 */
/* huijian-media on a socket for IPv4 and IPv6: legs over ::1, rooms of both, and a browser that changes from one to the other.
 * argv[1] is the program. */

#include <string.h>

#include "tests/media/relay-fixture.h"

static const char *program;

static void
set_up (RelayFixture *f, gconstpointer data)
{
  relay_set_up (f, program, "listen=::\npublic_addresses=127.0.0.1;::1\n");
}

static void
tear_down (RelayFixture *f, gconstpointer data)
{
  relay_tear_down (f);
}

static void
a_room_may_be_all_of_ipv6 (RelayFixture *f, gconstpointer data)
{
  relay_rehouse (f, 0, "::1");
  relay_rehouse (f, 1, "::1");
  relay_meet (f);
  relay_assert_media_flows (f, 1);
}

static void
a_room_may_have_both (RelayFixture *f, gconstpointer data)
{
  relay_rehouse (f, 1, "::1");
  relay_meet (f);
  relay_assert_media_flows (f, 1);
}

/* A telephone leaves the office network for its own: the same keys, no new offer. */
static void
a_browser_may_change_from_one_to_the_other (RelayFixture *f, gconstpointer data)
{
  relay_meet (f);
  relay_assert_media_flows (f, 1);
  relay_rehouse (f, 0, "::1");
  peer_check (&f->peers[0].peer, TRUE);
  relay_assert_media_flows (f, 2);
  relay_rehouse (f, 0, "127.0.0.1");
  peer_check (&f->peers[0].peer, TRUE);
  relay_assert_media_flows (f, 3);
  g_assert_cmpuint (f->peers[0].peer.n_stun_success, >=, 3);
}

static void
the_answer_names_both (RelayFixture *f, gconstpointer data)
{
  g_autoptr (HjLinkMessage) opened
      = link_server_ask (f->server, relay_request_new (f, HJ_LINK_OPEN_ROOM));
  HjLinkMessage *request = relay_request_new (f, HJ_LINK_ADD_LEG);
  g_autoptr (HjLinkMessage) reply = NULL;

  request->seat = g_strdup (f->seats[0]);
  request->offer = peer_make_offer (&f->peers[0].peer);
  reply = link_server_ask (f->server, request);
  g_assert_true (reply->ok);
  g_assert_nonnull (strstr (reply->answer, " 127.0.0.1 "));
  g_assert_nonnull (strstr (reply->answer, " ::1 "));
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
  add ("/both-stacks/a-room-may-be-all-of-ipv6", a_room_may_be_all_of_ipv6);
  add ("/both-stacks/a-room-may-have-both", a_room_may_have_both);
  add ("/both-stacks/a-browser-may-change-from-one-to-the-other",
      a_browser_may_change_from_one_to_the_other);
  add ("/both-stacks/the-answer-names-both", the_answer_names_both);
  return g_test_run ();
}
