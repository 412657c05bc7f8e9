/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/base/types.h"

G_BEGIN_DECLS

/* The messages between huijian-media and huijiand (docs/protocol.md section 3). */

#define HJ_LINK_SUBPROTOCOL "huijian.link.v1"
#define HJ_LINK_PATH "/link"
#define HJ_LINK_MAX_BYTES (1024 * 1024)
#define HJ_LINK_MAX_SEATS                                                                          \
  5000 /* of one relay: a register of as many rooms fits, and statistics of as many legs */
#define HJ_LINK_MAX_SEAT_NUMBER 4

typedef enum
{
  /* from huijian-media */
  HJ_LINK_REGISTER,
  HJ_LINK_REPLY,
  HJ_LINK_EVENT,
  HJ_LINK_STATISTICS,
  HJ_LINK_DRAINING,
  /* from huijiand; those between OPEN_ROOM and CLOSE_ROOM are requests and carry an id */
  HJ_LINK_WELCOME,
  HJ_LINK_OPEN_ROOM,
  HJ_LINK_ADD_LEG,
  HJ_LINK_ADMIT,
  HJ_LINK_REMOVE_LEG,
  HJ_LINK_CLOSE_ROOM,
  HJ_LINK_ACK,
  HJ_LINK_N_VERBS
} HjLinkVerb;

typedef enum
{
  HJ_LINK_FROM_MEDIA,
  HJ_LINK_FROM_HUIJIAND,
} HjLinkSide;

typedef enum
{
  HJ_LINK_NO_ROOM,
  HJ_LINK_NO_SEAT,
  HJ_LINK_BAD_OFFER,
  HJ_LINK_FULL,
  HJ_LINK_BAD_MESSAGE,
  HJ_LINK_N_CODES
} HjLinkCode;

typedef enum
{
  HJ_LINK_CONNECTED,
  HJ_LINK_FLOWING,
  HJ_LINK_SILENT,
  HJ_LINK_RETURNED,
  HJ_LINK_GONE,
  HJ_LINK_N_EVENTS
} HjLinkEventKind;

typedef struct
{
  char *seat;
  gint64 number;
  gboolean connected;
  gboolean admitted;
} HjLinkSeat;

typedef struct
{
  char *room;
  GArray *seats; /* HjLinkSeat */
} HjLinkRoom;

/* What a leg may tell of itself besides. Audio and video are one number, told every 2 s: who speaks must not show in it
 * (RFC 6562). */
typedef enum
{
  HJ_LINK_LEG_BYTES_IN,
  HJ_LINK_LEG_BYTES_OUT,
  HJ_LINK_LEG_NACKS_IN, /* packets that the peer asked for again */
  HJ_LINK_LEG_NACKS_OUT,
  HJ_LINK_LEG_PLIS_IN,
  HJ_LINK_LEG_PLIS_OUT,
  HJ_LINK_LEG_RTT_US,
  HJ_LINK_LEG_TARGET_BPS, /* what the peer can take, as the relay estimates */
  HJ_LINK_LEG_N_NUMBERS
} HjLinkLegNumber;

typedef struct
{
  char *room;
  char *seat;
  gint64 packets_in;
  gint64 packets_out;
  gint64 numbers[HJ_LINK_LEG_N_NUMBERS]; /* 0: not told */
} HjLinkLeg;

typedef struct
{
  char *reason;
  gint64 packets;
} HjLinkDrop;

/* One message. Only the members of its verb are set; strings and arrays are owned by it. */
typedef struct
{
  HjLinkVerb verb;
  gint64 id; /* of a request, > 0 */

  char *room;       /* requests, event */
  char *seat;       /* add-leg, remove-leg, event */
  gint64 number;    /* add-leg: 0 … HJ_LINK_MAX_SEAT_NUMBER */
  char *offer;      /* add-leg: SDP */
  gboolean cm;      /* add-leg: srtp is "cm" */
  GPtrArray *seats; /* admit: char *, ids */

  gint64 re; /* reply */
  gboolean ok;
  char *answer;    /* reply to add-leg, when ok */
  HjLinkCode code; /* reply, when not ok */
  char *detail;    /* reply, when not ok: for engineers */

  char *node; /* register */
  char *boot;
  gint64 capacity;   /* register: seats that this node can hold */
  gint64 next_event; /* register: number of the next event of this boot */
  gboolean draining; /* register: opens no new room */
  GArray *rooms;     /* register: HjLinkRoom */

  gint64 n; /* event, ack */
  gint64 at_us;
  HjLinkEventKind kind;

  gint64 last_event; /* welcome: 0 when none of that boot was processed */

  gint64 packets_in; /* statistics */
  gint64 packets_out;
  GArray *dropped; /* HjLinkDrop */
  GArray *legs;    /* HjLinkLeg */
} HjLinkMessage;

HjLinkMessage *hj_link_message_new (HjLinkVerb verb);
void hj_link_message_free (HjLinkMessage *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (HjLinkMessage, hj_link_message_free)

HjLinkMessage *hj_link_reply_ok (gint64 re, const char *answer);
HjLinkMessage *hj_link_reply_refused (gint64 re, HjLinkCode code, const char *detail);
HjLinkRoom *hj_link_add_room (HjLinkMessage *self, const char *room);
void hj_link_add_seat (
    HjLinkRoom *room, const char *seat, gint64 number, gboolean connected, gboolean admitted);
void hj_link_add_drop (HjLinkMessage *self, const char *reason, gint64 packets);
HjLinkLeg *hj_link_add_leg (
    HjLinkMessage *self, const char *room, const char *seat, gint64 packets_in, gint64 packets_out);

char *hj_link_encode (const HjLinkMessage *message) G_GNUC_WARN_UNUSED_RESULT;
HjLinkMessage *hj_link_decode (const char *data, gsize size, HjLinkSide from, gint64 *ret_id,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

gboolean hj_link_is_request (HjLinkVerb verb);
const char *hj_link_verb_to_string (HjLinkVerb verb);
const char *hj_link_code_to_string (HjLinkCode code);
const char *hj_link_leg_number_to_string (HjLinkLegNumber number);
const char *hj_link_event_to_string (HjLinkEventKind kind);

G_END_DECLS
