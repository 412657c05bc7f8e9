/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "tests/peer/agreement.h"

G_BEGIN_DECLS

#define HJ_HASH_SIZE 32
#define HJ_NONCE_SIZE 32
#define HJ_SPKI_SIZE 91
#define HJ_WRAPPED_SIZE (HJ_AGREEMENT_KEY_SIZE + 16)
#define HJ_P256_SIZE 65
#define HJ_X25519_SIZE 32
#define HJ_SUITE_P256 1
#define HJ_SUITE_X25519 2
#define HJ_SUITES 2

/* agreement-roster.c */
typedef struct
{
  char *seat;
  guint number;
  char *role;
  guint8 identity[HJ_SPKI_SIZE];
} HjRosterSeat;

typedef struct
{
  char *meeting;
  guint n_seats;
  HjRosterSeat seats[HJ_AGREEMENT_SEATS];
  guint own; /* which of seats we are */
  guint8 hash[HJ_HASH_SIZE];
} HjRoster;

HjRoster *hj_roster_new (const char *meeting, const HjAgreementSeat *seats, guint n_seats,
    const char *own_seat, const char **ret_reason);
void hj_roster_free (HjRoster *self);
const HjRosterSeat *hj_roster_own (const HjRoster *self);
int hj_roster_find (const HjRoster *self, const char *seat);
gboolean hj_roster_has_same (const HjRoster *self, const HjRosterSeat *seat);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HjRoster, hj_roster_free)

/* agreement-wire.c */
typedef enum
{
  HJ_WIRE_COMMIT = 1,
  HJ_WIRE_REVEAL = 2,
  HJ_WIRE_KEY = 3,
} HjWireType;

/* What is read points into the message. */
typedef struct
{
  HjWireType type;
  guint32 epoch;
  char *from;
  char *to;
  const guint8 *roster_hash;
  const guint8 *commitment;
  const guint8 *body;
  gsize body_size;
  guint suite;
  gsize aad_size;
  const guint8 *wrapped;
} HjWire;

/* public_keys: by suite, NULL: not offered. */
typedef struct
{
  const guint8 *public_keys[HJ_SUITES + 1];
  gsize signed_size;
  const guint8 *signature;
} HjWireBody;

const char *hj_wire_read (HjWire *wire, const guint8 *message, gsize size);
void hj_wire_clear (HjWire *wire);
const char *hj_wire_read_body (HjWireBody *read, const guint8 *body, gsize size);
gsize hj_public_key_size (guint suite);

GByteArray *hj_wire_start (HjWireType type, guint32 epoch, const char *seat);
void hj_put_number (GByteArray *array, guint64 number, guint size);
void hj_put_string (GByteArray *array, const char *text);
void hj_put_label (GByteArray *array, const char *label);
#define hj_put(array, bytes, size) g_byte_array_append (array, bytes, (guint)(size))

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (HjWire, hj_wire_clear)

/* agreement-crypto.c */
void hj_hash (const GByteArray *data, guint8 *hash);
gboolean hj_spki_is_p256 (const guint8 *spki, gsize size);
gboolean
hj_signature_fits (const guint8 *spki, const GByteArray *statement, const guint8 *signature);
gboolean hj_ecdh_public (guint suite, const guint8 *private_key, guint8 *public_key);
gboolean hj_ecdh (guint suite, const guint8 *private_key, const guint8 *other, guint8 *secret);

/* agreement-wrap.c */
gboolean hj_wrap (
    const guint8 *key, const guint8 *aad, gsize aad_size, const guint8 *base_key, guint8 *wrapped);
gboolean hj_unwrap (
    const guint8 *key, const guint8 *aad, gsize aad_size, const guint8 *wrapped, guint8 *base_key);
void hj_wrap_key (
    const guint8 *transcript, const guint8 *secret, const char *from, const char *to, guint8 *key);
void hj_security_code (const guint8 *transcript, char *code);

/* agreement-round.c */
typedef enum
{
  HJ_ROUND_COMMITTED,
  HJ_ROUND_REVEALED,
  HJ_ROUND_KEYED,
  HJ_ROUND_COMPLETE,
} HjRoundState;

/* What we have of another seat: whole messages as they came, NULL until then. */
typedef struct
{
  GBytes *commit;
  GBytes *reveal;
  GBytes *key;
  GBytes *early_reveal; /* came before its turn */
  GBytes *early_key;
  guint8 secrets[HJ_SUITES + 1][32]; /* ECDH by suite, from the reveal on */
  guint8 base_key[HJ_AGREEMENT_KEY_SIZE];
  gint64 answered_us;
} HjRoundOther;

/* One round of one roster. The arrays are by the roster's order; our own place in `others` stays empty. */
typedef struct
{
  const HjRoster *roster; /* not owned: outlives its rounds */
  guint32 epoch;
  HjRoundState state;
  guint highest; /* of the suites that we offer */
  guint suite;   /* chosen */
  guint8 private_keys[HJ_SUITES + 1][32];
  guint8 base_key[HJ_AGREEMENT_KEY_SIZE];
  guint8 transcript[HJ_HASH_SIZE];
  GByteArray *body;
  char *commit;
  char *reveal;
  char *keys[HJ_AGREEMENT_SEATS];
  HjRoundOther others[HJ_AGREEMENT_SEATS];
  gint64 sent_us;
} HjRound;

HjRound *hj_round_new (const HjRoster *roster, guint32 epoch, guint highest,
    const HjAgreementPort *port, gpointer user);
void hj_round_free (HjRound *self);
gboolean hj_round_has_all (const HjRound *self, HjWireType type);
void hj_round_take_commit (HjRound *self, guint from, GBytes *message);
const char *hj_round_take_reveal (HjRound *self, guint from, GBytes *message);
const char *hj_round_take_key (HjRound *self, guint from, GBytes *message);
void hj_round_choose (HjRound *self);
gboolean hj_round_make_keys (HjRound *self);
void hj_round_destroy_ecdh (HjRound *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HjRound, hj_round_free)

G_END_DECLS
