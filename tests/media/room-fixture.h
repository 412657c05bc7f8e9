/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "media/rooms.h"
#include "tests/media/peer.h"

G_BEGIN_DECLS

/* A worker's rooms, three browser-like peers, and a time that the test sets. */

#define SEATS 3

typedef struct
{
  HjAddress to;
  guint8 data[HJ_DATAGRAM_MAX];
  gsize length;
} Datagram;

typedef struct
{
  HjOutbox base;
  Datagram *reserved;
  GQueue sent; /* Datagram * */
} Outbox;

typedef struct
{
  HjLinkEventKind kind;
  char seat[32];
  gint64 age_us;
} News;

typedef struct
{
  HjDtlsIdentity *identity;
  Outbox outbox;
  HjRooms *rooms;
  gint64 now_us;
  GArray *news;
  char *room;
  char *seats[SEATS];
  Peer peers[SEATS];
  gint64 next_id;
  /* Whether the network loses a datagram of the relay's; (nullable). */
  gboolean (*loses) (const Datagram *datagram);
} Fixture;

void set_up (Fixture *f, gconstpointer data);
void tear_down (Fixture *f, gconstpointer data);
void add_test (const char *suite, const char *name, void (*test) (Fixture *f, gconstpointer data));

void to_relay (gpointer data, const HjAddress *from, const guint8 *bytes, gsize length);
void settle (Fixture *f);
void forget_sent (Fixture *f);
void advance (Fixture *f, gint64 span_us);

HjLinkMessage *obey (Fixture *f, HjLinkMessage *request);
HjLinkMessage *request_new (Fixture *f, HjLinkVerb verb);
HjLinkMessage *add_leg_with (Fixture *f, guint seat, guint number, const char *offer);
HjLinkMessage *order_seat (Fixture *f, HjLinkVerb verb, const char *seat);
void open_room (Fixture *f);
void add_leg (Fixture *f, guint seat);
void connect_leg (Fixture *f, guint seat);
void admit (Fixture *f, guint n_seats);
void two_connected (Fixture *f);
void two_admitted (Fixture *f);

guint count_news (const Fixture *f, guint seat, HjLinkEventKind kind);
gint64 count_dropped (Fixture *f, const char *reason);
guint count_rtcp (const Peer *peer, guint8 type, guint8 fmt);
guint32 slot_ssrc (const Fixture *f, guint reader, guint source, HjMediaKind kind);

G_END_DECLS
