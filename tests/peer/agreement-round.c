/* SPDX-License-Identifier: Apache-2.0 */
/* One round (docs/e2ee.md section 3): our fresh values, what the others sent, and the cryptography from one step to the next.
 * When a step is due is agreement.c's; a message arrives here only when it is its turn. */

#include "tests/peer/agreement-private.h"

#include <openssl/crypto.h>
#include <string.h>

#include "src/base/ids.h"

static char *
encode (const GByteArray *message)
{
  return hj_base64url (message->data, message->len);
}

/* Draws private bytes until they are a key (P-256: 1 in 2^32 is none); the public key goes into the body. */
static void
draw_key (HjRound *self, guint suite, const HjAgreementPort *port, gpointer user)
{
  guint8 public_key[HJ_P256_SIZE];

  do
    port->random (self->private_keys[suite], 32, user);
  while (!hj_ecdh_public (suite, self->private_keys[suite], public_key));
  hj_put_number (self->body, suite, 1);
  hj_put_number (self->body, hj_public_key_size (suite), 2);
  hj_put (self->body, public_key, hj_public_key_size (suite));
}

/* What commitment and signature have in common. */
static GByteArray *
bind (const HjRound *self, const char *label, const char *seat, const guint8 *body, gsize size)
{
  GByteArray *data = g_byte_array_new ();

  hj_put_label (data, label);
  hj_put (data, self->roster->hash, HJ_HASH_SIZE);
  hj_put_number (data, self->epoch, 4);
  hj_put_string (data, seat);
  hj_put (data, body, size);
  return data;
}

static void
compute_commitment (
    const HjRound *self, const char *seat, const guint8 *body, gsize size, guint8 *commitment)
{
  g_autoptr (GByteArray) data = bind (self, "huijian-e2ee-v1 commit", seat, body, size);

  hj_hash (data, commitment);
}

static gboolean
sign_body (HjRound *self, const HjAgreementPort *port, gpointer user)
{
  const char *seat = hj_roster_own (self->roster)->seat;
  g_autoptr (GByteArray) statement
      = bind (self, "huijian-e2ee-v1 reveal", seat, self->body->data, self->body->len);
  guint8 signature[HJ_AGREEMENT_SIGNATURE_SIZE];

  if (!port->sign (statement->data, statement->len, signature, user))
    return FALSE;
  hj_put (self->body, signature, sizeof signature);
  return TRUE;
}

static void
make_messages (HjRound *self)
{
  const char *seat = hj_roster_own (self->roster)->seat;
  g_autoptr (GByteArray) commit = hj_wire_start (HJ_WIRE_COMMIT, self->epoch, seat);
  g_autoptr (GByteArray) reveal = hj_wire_start (HJ_WIRE_REVEAL, self->epoch, seat);
  guint8 commitment[HJ_HASH_SIZE];

  compute_commitment (self, seat, self->body->data, self->body->len, commitment);
  hj_put (commit, self->roster->hash, HJ_HASH_SIZE);
  hj_put (commit, commitment, HJ_HASH_SIZE);
  hj_put (reveal, self->body->data, self->body->len);
  self->commit = encode (commit);
  self->reveal = encode (reveal);
}

/* Returns: (transfer full) (nullable): a round with everything fresh; NULL when the identity does not sign. highest: of the
 * suites that we offer. */
HjRound *
hj_round_new (const HjRoster *roster, guint32 epoch, guint highest, const HjAgreementPort *port,
    gpointer user)
{
  g_autoptr (HjRound) self = g_new0 (HjRound, 1);
  guint8 nonce[HJ_NONCE_SIZE];

  self->roster = roster;
  self->epoch = epoch;
  self->highest = highest;
  self->body = g_byte_array_new ();
  port->random (nonce, sizeof nonce, user);
  port->random (self->base_key, sizeof self->base_key, user);
  hj_put (self->body, nonce, sizeof nonce);
  hj_put_number (self->body, highest, 1);
  for (guint suite = HJ_SUITE_P256; suite <= highest; suite++)
    draw_key (self, suite, port, user);
  if (!sign_body (self, port, user))
    return NULL;
  make_messages (self);
  return g_steal_pointer (&self);
}

/* Private ECDH keys and what was computed with them go when the round is complete or given up. */
void
hj_round_destroy_ecdh (HjRound *self)
{
  OPENSSL_cleanse (self->private_keys, sizeof self->private_keys);
  for (guint i = 0; i < HJ_AGREEMENT_SEATS; i++)
    OPENSSL_cleanse (self->others[i].secrets, sizeof self->others[i].secrets);
}

void
hj_round_free (HjRound *self)
{
  if (self == NULL)
    return;
  hj_round_destroy_ecdh (self);
  for (guint i = 0; i < HJ_AGREEMENT_SEATS; i++)
    {
      HjRoundOther *other = &self->others[i];

      g_clear_pointer (&other->commit, g_bytes_unref);
      g_clear_pointer (&other->reveal, g_bytes_unref);
      g_clear_pointer (&other->key, g_bytes_unref);
      g_clear_pointer (&other->early_reveal, g_bytes_unref);
      g_clear_pointer (&other->early_key, g_bytes_unref);
      g_free (self->keys[i]);
    }
  g_clear_pointer (&self->body, g_byte_array_unref);
  g_free (self->commit);
  g_free (self->reveal);
  OPENSSL_cleanse (self, sizeof *self);
  g_free (self);
}

/* Whether we hold that message of every other seat. */
gboolean
hj_round_has_all (const HjRound *self, HjWireType type)
{
  for (guint i = 0; i < self->roster->n_seats; i++)
    {
      const HjRoundOther *other = &self->others[i];
      const GBytes *message = type == HJ_WIRE_COMMIT   ? other->commit
                              : type == HJ_WIRE_REVEAL ? other->reveal
                                                       : other->key;

      if (i != self->roster->own && message == NULL)
        return FALSE;
    }
  return TRUE;
}

void
hj_round_take_commit (HjRound *self, guint from, GBytes *message)
{
  self->others[from].commit = g_bytes_ref (message);
}

/* ECDH for each suite that both offer, at once: a key that gives none is refused before anything rests on it. */
static gboolean
derive_secrets (HjRound *self, HjRoundOther *other, const HjWireBody *body)
{
  for (guint suite = HJ_SUITE_P256; suite <= self->highest; suite++)
    if (body->public_keys[suite] != NULL
        && !hj_ecdh (
            suite, self->private_keys[suite], body->public_keys[suite], other->secrets[suite]))
      return FALSE;
  return TRUE;
}

static gboolean
is_signed (
    const HjRound *self, const HjRosterSeat *seat, const HjWire *wire, const HjWireBody *body)
{
  g_autoptr (GByteArray) statement
      = bind (self, "huijian-e2ee-v1 reveal", seat->seat, wire->body, body->signed_size);

  return hj_signature_fits (seat->identity, statement, body->signature);
}

/* Returns: (nullable): why the reveal is refused; the round then stays as it is. */
const char *
hj_round_take_reveal (HjRound *self, guint from, GBytes *message)
{
  HjRoundOther *other = &self->others[from];
  g_auto (HjWire) wire = { 0 };
  g_auto (HjWire) commit = { 0 };
  guint8 commitment[HJ_HASH_SIZE];
  HjWireBody body;
  const char *reason;
  gsize size;
  const guint8 *data = g_bytes_get_data (message, &size);

  g_assert (hj_wire_read (&wire, data, size) == NULL);
  data = g_bytes_get_data (other->commit, &size);
  g_assert (hj_wire_read (&commit, data, size) == NULL);
  compute_commitment (self, wire.from, wire.body, wire.body_size, commitment);
  if (memcmp (commitment, commit.commitment, HJ_HASH_SIZE) != 0)
    return "commitment";
  reason = hj_wire_read_body (&body, wire.body, wire.body_size);
  if (reason != NULL)
    return reason;
  if (!is_signed (self, &self->roster->seats[from], &wire, &body))
    return "signature";
  if (!derive_secrets (self, other, &body))
    return "public-key";
  other->reveal = g_bytes_ref (message);
  return NULL;
}

/* The body of a seat: our own, or what its reveal carries. */
static GByteArray *
body_of (const HjRound *self, guint seat)
{
  GByteArray *body = g_byte_array_new ();
  g_auto (HjWire) wire = { 0 };
  gsize size;
  const guint8 *data;

  if (seat == self->roster->own)
    {
      hj_put (body, self->body->data, self->body->len);
      return body;
    }
  data = g_bytes_get_data (self->others[seat].reveal, &size);
  g_assert (hj_wire_read (&wire, data, size) == NULL);
  hj_put (body, wire.body, wire.body_size);
  return body;
}

/* All reveals are there: the highest suite that all offer, and the transcript. */
void
hj_round_choose (HjRound *self)
{
  g_autoptr (GByteArray) transcript = g_byte_array_new ();

  self->suite = self->highest;
  for (guint i = 0; i < self->roster->n_seats; i++)
    {
      g_autoptr (GByteArray) bytes = body_of (self, i);
      HjWireBody body;

      g_assert (hj_wire_read_body (&body, bytes->data, bytes->len) == NULL);
      while (body.public_keys[self->suite] == NULL)
        self->suite--;
    }
  hj_put_label (transcript, "huijian-e2ee-v1 transcript");
  hj_put (transcript, self->roster->hash, HJ_HASH_SIZE);
  hj_put_number (transcript, self->epoch, 4);
  hj_put_number (transcript, self->suite, 1);
  for (guint i = 0; i < self->roster->n_seats; i++)
    {
      g_autoptr (GByteArray) body = body_of (self, i);

      hj_put_number (transcript, body->len, 2);
      hj_put (transcript, body->data, body->len);
    }
  hj_hash (transcript, self->transcript);
}

static gboolean
make_key (HjRound *self, guint to)
{
  const char *own = hj_roster_own (self->roster)->seat;
  const char *theirs = self->roster->seats[to].seat;
  g_autoptr (GByteArray) message = hj_wire_start (HJ_WIRE_KEY, self->epoch, own);
  guint8 key[32];
  guint8 wrapped[HJ_WRAPPED_SIZE];
  gboolean wrote;

  hj_put_string (message, theirs);
  hj_put_number (message, self->suite, 1);
  hj_wrap_key (self->transcript, self->others[to].secrets[self->suite], own, theirs, key);
  wrote = hj_wrap (key, message->data, message->len, self->base_key, wrapped);
  OPENSSL_cleanse (key, sizeof key);
  hj_put (message, wrapped, sizeof wrapped);
  self->keys[to] = encode (message);
  return wrote;
}

/* Wraps our base key for every other seat; hj_round_choose() has come before. */
gboolean
hj_round_make_keys (HjRound *self)
{
  gboolean made = TRUE;

  for (guint i = 0; i < self->roster->n_seats; i++)
    if (i != self->roster->own)
      made = make_key (self, i) && made;
  return made;
}

/* Returns: (nullable): why the key is refused; the round then stays as it is. */
const char *
hj_round_take_key (HjRound *self, guint from, GBytes *message)
{
  HjRoundOther *other = &self->others[from];
  g_auto (HjWire) wire = { 0 };
  guint8 key[32];
  gboolean fits;
  gsize size;
  const guint8 *data = g_bytes_get_data (message, &size);

  g_assert (hj_wire_read (&wire, data, size) == NULL);
  if (wire.suite != self->suite)
    return "suite";
  hj_wrap_key (self->transcript, other->secrets[self->suite], wire.from, wire.to, key);
  fits = hj_unwrap (key, data, wire.aad_size, wire.wrapped, other->base_key);
  OPENSSL_cleanse (key, sizeof key);
  if (!fits)
    {
      OPENSSL_cleanse (other->base_key, sizeof other->base_key);
      return "wrapped";
    }
  other->key = g_bytes_ref (message);
  return NULL;
}
