/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The key agreement of an end (docs/e2ee.md sections 2 and 3), written from that page alone. It knows no socket, no timer and
 * no clock: what it is given goes in by the functions below, what it wants comes out by HjAgreementPort. Not thread safe. */

#define HJ_AGREEMENT_KEY_SIZE 32
#define HJ_AGREEMENT_SEATS 5
#define HJ_AGREEMENT_SIGNATURE_SIZE 64

typedef struct _HjAgreement HjAgreement;

/* One seat of a `seats` message that is not `left`. identity: base64 of its SPKI; NULL is refused. */
typedef struct
{
  const char *seat;
  guint number;
  const char *role;
  const char *identity;
} HjAgreementSeat;

typedef struct
{
  guint number;
  const char *seat;
  guint8 base_key[HJ_AGREEMENT_KEY_SIZE];
} HjAgreementMember;

/* A complete round. own_key: our base key, that of what we send. members: the others, by number. */
typedef struct
{
  guint32 epoch;
  guint suite;
  char code[7];
  guint8 own_key[HJ_AGREEMENT_KEY_SIZE];
  guint n_members;
  HjAgreementMember members[HJ_AGREEMENT_SEATS - 1];
} HjAgreementEpoch;

/* What the end does for its agreement. None of these may call back into it. `user` is what hj_agreement_new() was given. */
typedef struct
{
  /* `key` of signalling: to one seat, or to all others (NULL); body is base64url. What gets lost is sent again by tick(). */
  void (*send) (const char *to, const char *body, gpointer user);
  /* ECDSA P-256 SHA-256 by the identity over the statement: r, s. FALSE: cannot; the agreement stops. */
  gboolean (*sign) (const guint8 *statement, gsize size, guint8 *signature, gpointer user);
  void (*random) (guint8 *bytes, gsize size, gpointer user);
  /* The keys hold: e2ee.md section 4 says from when and until when. The epoch is wiped when this returns: copy what is kept. */
  void (*epoch) (const HjAgreementEpoch *epoch, gpointer user);
  /* The seat of that number has gone or has another identity, or a roster was refused: its keys are destroyed at once, and
   * frames of the running epoch are sent for at most 1 s more. */
  void (*gone) (guint number, gpointer user);
  /* Nobody to agree with: nothing is sent, all keys are destroyed. */
  void (*alone) (gpointer user);
  /* Dropped: why, in one word (`reason`), and the seat that the server named (NULL: a roster). */
  void (*refused) (const char *reason, const char *from, gpointer user);
  /* Given up for good (`disturbed`, `sign`): nothing is sent any more, all keys are destroyed. */
  void (*stopped) (const char *reason, gpointer user);
} HjAgreementPort;

HjAgreement *hj_agreement_new (
    const char *role, const char *identity, const HjAgreementPort *port, gpointer user);
void hj_agreement_free (HjAgreement *self);
void hj_agreement_offer (HjAgreement *self, guint highest);

gboolean hj_agreement_set_roster (HjAgreement *self, const char *meeting, const char *own_seat,
    guint own_number, const HjAgreementSeat *seats, guint n_seats, gint64 now_us);
void hj_agreement_receive (HjAgreement *self, const char *from, const char *body, gint64 now_us);
void hj_agreement_tick (HjAgreement *self, gint64 now_us);

guint32 hj_agreement_round (const HjAgreement *self);
gboolean hj_agreement_is_complete (const HjAgreement *self);
guint hj_agreement_refused (const HjAgreement *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HjAgreement, hj_agreement_free)

G_END_DECLS
