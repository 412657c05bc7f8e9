/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/meeting/acts.h"
#include "src/meeting/host.h"
#include "tests/support/expect-log.h"
#include "tests/support/fake-media-port.h"
#include "tests/support/fake-peer.h"
#include "tests/support/loop.h"
#include "tests/support/meeting-place.h"

G_BEGIN_DECLS

#define HOST_RESUME_US (60 * HJ_SECOND_US)

/* A host over the place's database, with a relay that is up and two peers who have no seat yet. */
typedef struct
{
  HjMeetingPlace p; /* first */
  HjHost *host;
  HjFakeMediaPort *port;
  HjFakePeer *counsel, *box;
  GPtrArray *peers; /* all that were made */
  const char *boot;
  gint64 n;                         /* of the relay's last event */
  void (*meanwhile) (HjHost *host); /* (nullable): while a resume is on its way */
} HostPlace;

void host_place_set_up (HostPlace *h, gconstpointer data);
void host_place_tear_down (HostPlace *h, gconstpointer data);

#define HOST_TEST(PATH, FUNCTION)                                                                  \
  g_test_add (PATH, HostPlace, NULL, host_place_set_up, FUNCTION, host_place_tear_down)

HjFakePeer *host_new_peer (HostPlace *h);
void host_stop (HostPlace *h);
void host_start (HostPlace *h);
void host_quiet (HostPlace *h);
void host_tick (HostPlace *h, gint64 span_us);

const char *host_try_join (HostPlace *h, HjFakePeer *peer, HjActor *actor, HjRefusal *ret_refusal);
const char *host_try_join_from (
    HostPlace *h, HjFakePeer *peer, HjActor *actor, const char *device, HjRefusal *ret_refusal);
const char *host_join (HostPlace *h, HjFakePeer *peer, HjActor *actor);
const char *host_offer (HostPlace *h, HjFakePeer *peer, const char *answer, const char *refusal);
const char *host_secured (HostPlace *h, HjFakePeer *peer, HjActor *actor, gint64 epoch);
const char *
host_verify (HostPlace *h, HjFakePeer *peer, HjActor *actor, gint64 epoch, const char *result);
void host_secure (HostPlace *h, const char *seat);
const char *host_leave (HostPlace *h, HjFakePeer *peer, HjActor *actor);
const char *host_end (HostPlace *h, HjFakePeer *peer, HjActor *actor, const char *reason);
gboolean host_resume (HostPlace *h, HjFakePeer *peer, const char *token);
const char *host_token (HostPlace *h, const char *seat);
void host_hang_up (HostPlace *h, HjFakePeer *peer);

void host_event (HostPlace *h, const char *kind, const char *seat, gint64 at_us);
void host_connect (HostPlace *h, const char *seat);
void host_register (HostPlace *h, json_t *rooms);
json_t *host_room (const char *room, const char *first, const char *second);
void host_meet (HostPlace *h, const char **ret_counsel, const char **ret_box);
const char *host_meeting (HostPlace *h);
const char *host_meeting_state (HostPlace *h);
const char *host_seat_row (HostPlace *h, const char *seat);
gint64 host_left_at_us (HostPlace *h, const char *seat);

G_END_DECLS
