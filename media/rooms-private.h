/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/base/ids.h"
#include "media/allowance.h"
#include "media/backlog.h"
#include "media/drop.h"
#include "media/gaps.h"
#include "media/pacer.h"
#include "media/rate/bandwidth.h"
#include "media/reception.h"
#include "media/rooms.h"
#include "media/tally.h"
#include "media/wire/rtp.h"
#include "media/wire/sdp.h"

G_BEGIN_DECLS

/* The tables of one relay worker: plain data, owned and touched by its thread alone. Rooms hold seats, a seat holds at
 * most one leg, a leg holds its tracks. */

#define HJ_LEG_ADDRESSES 8 /* proved by a check; the oldest gives way */

typedef struct _HjRoom HjRoom;
typedef struct _HjLeg HjLeg;

typedef enum
{
  HJ_LEG_NEW,       /* waits for the first check */
  HJ_LEG_CHECKED,   /* ICE is up, DTLS shakes hands */
  HJ_LEG_CONNECTED, /* keys are there */
  HJ_LEG_SILENT,    /* nothing authenticated for 5 s */
  HJ_LEG_GONE,      /* over; freed at the end of the call that ended it */
  HJ_LEG_N_STATES,
} HjLegState;

/* What comes from the peer: one source of each kind. */
typedef struct
{
  gboolean open;    /* the offer has a section in which the peer sends */
  gboolean started; /* ssrc is known */
  guint32 ssrc;
  guint8 payload_type;
  int rtx_type;   /* -1: not negotiated */
  int red_type;   /* of audio; -1: not negotiated */
  guint feedback; /* HJ_SDP_FEEDBACK_… */
  HjReception reception;
  gint64 report_us;    /* when its last sender report was passed on, 0: never */
  gboolean key_wanted; /* of video: somebody cannot decode */
  gint64 key_asked_us; /* when the last PLI left */
  HjGaps gaps;         /* of video */
  HjBacklog *backlog;  /* of video, once it is forwarded */
} HjTrackIn;

#define HJ_REPEATS 64 /* a power of two */

/* What was sent again of late, by number & (HJ_REPEATS - 1). */
typedef struct
{
  guint16 seqs[HJ_REPEATS];
  gint64 at_us[HJ_REPEATS];
} HjRepeats;

/* What goes to the peer: slot × kind. Sequence number and timestamp are the source's plus a delta that is set anew where
 * the source changes, so that the peer sees one unbroken stream. */
typedef struct
{
  gboolean open; /* the offer has a section in which the peer receives */
  guint32 ssrc;
  guint8 payload_type;
  guint8 mid_id; /* header extensions, 0: not negotiated */
  guint8 send_time_id;
  guint8 twcc_id; /* 0 too where the peer gives no such feedback */
  char mid[HJ_SDP_MAX_MID + 1];
  int rtx_type; /* of video, -1: not negotiated */
  int red_type; /* of audio, -1: not negotiated */
  guint32 rtx_ssrc;
  guint16 rtx_seq; /* of the next one */
  gboolean mapped;
  guint64 source_serial; /* of the leg and … */
  guint32 source_ssrc;   /* … the source that the deltas belong to */
  guint16 seq_delta;
  guint32 time_delta;
  guint16 first_seq; /* nothing before it is this source's, or it is long ago */
  guint16 last_seq;  /* newest sent */
  guint32 last_time;
  gint64 last_us;
  guint32 n_packets;
  guint32 n_bytes;
  guint32
      report_id; /* of the last sender report: the middle of its NTP time, as receivers name it */
  gint64 report_us;  /* when it left, 0: never */
  HjRepeats repeats; /* of video */
} HjTrackOut;

/* A burst under way. */
typedef struct
{
  gboolean active;
  HjProbe probe;
  gint64 began_us;
  guint64 bytes; /* sent since */
  guint packets;
} HjProbing;

struct _HjLeg
{
  HjRooms *rooms; /* not owned: outlives the leg */
  HjRoom *room;   /* not owned: frees the leg */
  guint seat;     /* number */
  guint64 serial; /* never used twice in a run */
  HjLegState state;
  HjSdpOffer offer;
  HjSdpLocal local;
  HjSrtpProfile profile;
  HjAddress addresses[HJ_LEG_ADDRESSES];
  gint64 addresses_heard_us[HJ_LEG_ADDRESSES]; /* last authentic packet from each */
  guint n_addresses;
  guint address; /* index of the one to send to */
  gboolean nominated;
  gint64 heard_us; /* last authentic packet from it; before the first: when the leg was made */
  gboolean flowing;
  HjDtls *dtls;
  HjAllowance allowance;
  HjSrtp *in;
  HjSrtp *out;
  HjTrackIn tracks_in[HJ_N_KINDS];
  HjTrackOut tracks_out[HJ_SLOTS][HJ_N_KINDS];
  guint8 mid_id; /* of what comes in */
  guint8 twcc_id;
  HjTwccRecorder twcc;
  guint64 remb_bps; /* what the peer says it can take, 0: said nothing */
  gint64 remb_us;   /* when it said so */
  guint64 rate_bps; /* what was sent to it in the last period of reports */
  guint64 n_bytes;  /* sent since the last report */
  guint64 cap_bps;  /* what the peer was told to send at most, 0: nothing */
  gint64 cap_told_us;
  HjBandwidth *bandwidth; /* (nullable): from the first packet with a transport-wide number on */
  gboolean estimated;     /* the peer tells what arrives */
  HjPacer pacer;
  HjProbing probing;
  gboolean pacing;        /* is in the rooms' list */
  guint64 audio_bytes;    /* sent since the last report */
  guint64 audio_bps;      /* in the last period of reports */
  gboolean video_cut;     /* its path takes sound alone */
  gint64 return_after_us; /* so long there must be room before a picture returns */
  gint64 returned_us;     /* when one did, 0: never */
  gint64 turn_us;         /* since when that should change, 0: it should not */
  gint64 rtt_us;          /* 0: not known */
  guint repairs;          /* packets that may be sent again until the next tick */
  gint64 reported_us;
  guint64 packets_in;
  guint64 packets_out;
  guint64 counts[HJ_COUNT_N];
};

typedef struct
{
  gboolean taken;
  char id[HJ_ID_LENGTH + 1];
  gboolean admitted;
  HjLeg *leg; /* (nullable), owned */
} HjSeat;

struct _HjRoom
{
  char id[HJ_ID_LENGTH + 1];
  HjSeat seats[HJ_SEATS];
};

struct _HjRooms
{
  HjDtlsIdentity *identity; /* not owned: the process's */
  guint capacity;           /* seats */
  gboolean draining;        /* no new room */
  HjOutbox *outbox;         /* not owned: the relay's */
  HjRoomsNews news;
  gpointer news_data;
  GArray *candidates;     /* HjAddress */
  GHashTable *rooms;      /* char * -> HjRoom *, owned */
  GPtrArray *legs;        /* HjLeg *, not owned: all that live */
  guint n_gone;           /* of them, those that ended and are not freed yet */
  GHashTable *by_ufrag;   /* char * -> HjLeg *, both of the leg */
  GHashTable *by_address; /* HjAddress * -> HjLeg *, both of the leg */
  GPtrArray *pacing;      /* HjLeg *, not owned: those with something that waits */
  guint n_seats;
  guint64 next_serial;
  guint64 packets_in;
  guint64 packets_out;
  guint64 counts[HJ_COUNT_N]; /* of all legs that ever were */
  guint64 dropped[HJ_DROP_N];
  guint64 batches[HJ_TALLY_BATCHES];
  guint64 batched;
};

static inline void
hj_rooms_drop (HjRooms *self, HjDrop reason)
{
  self->dropped[reason]++;
}

static inline void
hj_leg_count (HjLeg *leg, HjCount what, guint64 n)
{
  leg->counts[what] += n;
  leg->rooms->counts[what] += n;
}

static inline gboolean
hj_leg_is_up (const HjLeg *leg)
{
  return leg != NULL && (leg->state == HJ_LEG_CONNECTED || leg->state == HJ_LEG_SILENT);
}

static inline HjSeat *
hj_leg_seat (const HjLeg *leg)
{
  return &leg->room->seats[leg->seat];
}

/* In which slot the seat `reader` gets the seat `source` (docs/protocol.md section 1, Slots). */
static inline guint
hj_slot_of (guint source, guint reader)
{
  return source < reader ? source : source - 1;
}

/* tally.c */
#define HJ_LEGS_IN_DETAIL 256 /* in one statistics, which may not be too long */
void hj_leg_describe (const HjLeg *self, HjLinkLeg *entry);

/* leg.c */
HjLeg *hj_leg_new (HjRooms *rooms, HjRoom *room, guint seat, const HjSdpOffer *offer,
    HjSrtpProfile profile, gint64 now_us);
void hj_leg_free (HjLeg *self);
void hj_leg_choose_red (HjLeg *self);
gboolean hj_leg_take_offer (HjLeg *self, const HjSdpOffer *offer, HjSrtpProfile profile);
gboolean hj_leg_move (HjLeg *self, HjLegState to);
void hj_leg_tell (HjLeg *self, HjLinkEventKind kind, gint64 age_us);
void hj_leg_tick (HjLeg *self, gint64 now_us);
void hj_leg_send_rtcp (HjLeg *self, const guint8 *data, gsize length);

/* transport.c */
void hj_leg_heard (HjLeg *self, const HjAddress *from, gint64 now_us);
void hj_leg_take_stun (
    HjLeg *self, const guint8 *data, gsize length, const HjAddress *from, gint64 now_us);
void hj_leg_take_dtls (HjLeg *self, const guint8 *data, gsize length, gint64 now_us);
void hj_leg_tick_dtls (HjLeg *self, gint64 now_us);
void hj_leg_close_dtls (HjLeg *self);
void hj_leg_forget_addresses (HjLeg *self);

/* forward.c */
void
hj_leg_take_srtp (HjLeg *self, guint8 *data, gsize length, const HjAddress *from, gint64 now_us);

/* send.c */
#define HJ_OSN_LENGTH 2 /* original sequence number, before the payload of an RTX packet */

/* What differs between the headers of one track. */
typedef struct
{
  guint8 payload_type;
  gboolean marker;
  gboolean padding;
  guint16 seq;
  guint32 timestamp;
  guint32 ssrc;
} HjRtpHead;

gboolean hj_leg_send_rtp (HjLeg *self, const HjTrackOut *out, HjMediaKind kind,
    const HjRtpHead *head, guint8 *payload, gsize length, gint64 now_us);
void hj_leg_send_copy (HjLeg *self, HjTrackOut *out, HjMediaKind kind, guint8 *payload,
    const HjRtpView *view, gint64 now_us);
void hj_leg_send_again (HjLeg *self, HjTrackOut *out, const HjKept *kept, gint64 now_us);
void hj_leg_send_padding (HjLeg *self, HjTrackOut *out, gint64 now_us);

/* pace.c */
HjLeg *hj_leg_source_of (const HjLeg *self, guint slot);
void hj_leg_send_media (HjLeg *self, guint slot, HjMediaKind kind, guint8 *payload,
    const HjRtpView *view, gint64 now_us);
void hj_leg_repeat (HjLeg *self, guint slot, const HjKept *kept, gint64 now_us);
void hj_leg_drop_queue (HjLeg *self, gint64 now_us);
void hj_leg_leave_pacing (HjLeg *self);
void hj_leg_tick_pace (HjLeg *self, gint64 now_us);

/* cap.c */
void hj_leg_tick_cap (HjLeg *self, gint64 now_us);

/* repair.c */
gboolean hj_leg_is_rtx (const HjLeg *self, const HjRtpView *view);
gboolean hj_leg_unwrap_rtx (const HjLeg *self, const guint8 *data, HjRtpView *view);
gboolean hj_leg_has_video (const HjLeg *self, guint16 seq, gint64 now_us);
void hj_leg_note_gaps (HjLeg *self, guint16 seq, gint64 now_us);
void hj_leg_keep (HjLeg *self, const guint8 *payload, const HjRtpView *view, gint64 now_us);
void hj_leg_tick_repair (HjLeg *self, gint64 now_us);
void hj_leg_take_nack (HjLeg *self, const HjRtcpPacket *packet, gint64 now_us);

/* feedback.c */
gboolean hj_track_is_about (const HjTrackOut *out, const HjLeg *source, HjMediaKind kind);
HjTrackOut *hj_leg_find_out (HjLeg *self, guint32 ssrc, HjMediaKind *kind, HjLeg **source);
void hj_leg_send_nack (HjLeg *self, guint32 media_ssrc, const guint16 *seqs, gsize n);
void hj_leg_send_remb (HjLeg *self, guint64 bps);
void
hj_leg_take_srtcp (HjLeg *self, guint8 *data, gsize length, const HjAddress *from, gint64 now_us);
void hj_leg_ride (HjLeg *self, gint64 now_us);
void hj_leg_tick_feedback (HjLeg *self, gint64 now_us);
void hj_leg_want_key (HjLeg *self, gint64 now_us);

G_END_DECLS
