/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "media/wire/dtls.h"
#include "media/wire/rtp.h"
#include "media/wire/twcc.h"
#include "tests/bench/fleet/net.h"

G_BEGIN_DECLS

enum
{
  AUDIO,
  VIDEO,
  N_KINDS,
};

#define CLIENT_ARRIVALS 256

/* What signalling agreed for one client; written by the driver. */
typedef struct
{
  char ufrag[64];
  char pwd[64];
  char remote_ufrag[64];
  char remote_pwd[64];
  char remote_fingerprint[128];
  HjAddress remote;
  HjDtlsRole role;
  gboolean publishes;
  guint32 ssrcs[N_KINDS];
  guint payload_types[N_KINDS];
  char mids[N_KINDS][16];
  guint mid_id; /* of the header extensions; 0: not agreed */
  guint twcc_id;
} ClientTerms;

/* One WebRTC client: full ICE in the controlling role, DTLS, SRTP. */
typedef struct
{
  guint index;
  ClientTerms terms;
  FleetNet *net;
  HjDtlsIdentity *identity; /* not owned: one for all */
  HjDtls *dtls;
  HjSrtp *in;
  HjSrtp *out;
  gboolean failed;  /* the handshake */
  gboolean refused; /* a check */
  gint64 next_check_ns;
  gint64 next_report_ns;
  gint64 next_feedback_ns;

  guint16 seqs[N_KINDS];
  guint32 times[N_KINDS];
  guint32 n_packets[N_KINDS];
  guint32 n_bytes[N_KINDS];
  guint16 twcc_seq;
  guint frames_to_key;
  gint64 starts_ns;

  guint32 heard_ssrcs[N_KINDS];
  guint32 heard_seqs[N_KINDS];
  guint n_arrivals;
  gint64 last_twcc;
  gint64 next_twcc;
  guint8 n_feedbacks;
  HjTwccArrival arrivals[CLIENT_ARRIVALS];
} Client;

void client_init (
    Client *self, guint index, const ClientTerms *terms, FleetNet *net, HjDtlsIdentity *identity);
void client_clear (Client *self);
void client_use_fixed_keys (Client *self, guint reader_of);
gboolean client_is_ready (const Client *self);
void client_check (Client *self);
void client_tick (Client *self, gint64 now_ns);
guint8 *client_take (Client *self, guint8 *data, gsize length, gsize *out_length);

void client_send_rtcp (Client *self, const guint8 *bytes, gsize length);
void
client_note_arrival (Client *self, const guint8 *packet, const HjRtpView *view, gint64 arrival_ns);
void client_note_heard (Client *self, const HjRtpView *view, guint kind);
void client_report (Client *self, gint64 now_ns);
void client_give_feedback (Client *self);
void client_take_rtcp (Client *self, guint8 *data, gsize length);

G_END_DECLS
