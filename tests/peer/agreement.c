/* SPDX-License-Identifier: Apache-2.0 */
/* The key agreement of an end (docs/e2ee.md section 3): which round runs, when its steps are due, what is refused. On the thread
 * of its caller, with the caller's time. */

#include "tests/peer/agreement-private.h"

#include <openssl/crypto.h>
#include <string.h>

#include "src/base/ids.h"

#define BODY_MAX 2048
#define SEND_AGAIN_US (2 * G_USEC_PER_SEC)
#define ANSWER_US G_USEC_PER_SEC
#define KEPT_MAX 16
#define HEARD_MAX 64
#define REVEALS_MAX 20
#define REVEALS_WINDOW_US (600 * G_USEC_PER_SEC)

struct _HjAgreement
{
  char *role;
  char *identity;
  const HjAgreementPort *port; /* not owned: a table of functions */
  gpointer user;
  guint highest_suite;
  char *own_seat;   /* as we were told last */
  HjRoster *roster; /* NULL: none holds */
  HjRound *round;   /* open or complete; NULL: alone, without a roster, or stopped */
  guint32 highest_epoch;
  GHashTable *kept;  /* seat -> GBytes: its commit for another roster */
  GHashTable *heard; /* GBytes: commits for this roster; a copy of one says nothing new */
  gint64 reveals_us[REVEALS_MAX];
  guint n_reveals;
  guint refused;
  gboolean stopped;
};

static void begin (HjAgreement *self, guint32 epoch, gint64 now_us);
static void begin_next (HjAgreement *self, gint64 now_us);

static void
refuse (HjAgreement *self, const char *reason, const char *from)
{
  self->refused++;
  self->port->refused (reason, from, self->user);
}

static void
stop (HjAgreement *self, const char *reason)
{
  self->stopped = TRUE;
  g_clear_pointer (&self->round, hj_round_free);
  self->port->stopped (reason, self->user);
}

/* Everything of ours that this round has reached. */
static void
send_again (HjAgreement *self)
{
  const HjRound *round = self->round;

  self->port->send (NULL, round->commit, self->user);
  if (round->state >= HJ_ROUND_REVEALED)
    self->port->send (NULL, round->reveal, self->user);
  for (guint i = 0; round->state >= HJ_ROUND_KEYED && i < self->roster->n_seats; i++)
    if (i != self->roster->own)
      self->port->send (self->roster->seats[i].seat, round->keys[i], self->user);
}

/* Whether that seat may be answered out of turn: at most once a second. */
static gboolean
may_answer (HjAgreement *self, guint to, gint64 now_us)
{
  HjRoundOther *other = &self->round->others[to];

  if (other->answered_us != 0 && now_us - other->answered_us < ANSWER_US)
    return FALSE;
  other->answered_us = now_us;
  return TRUE;
}

/* To one that has not completed what we have: it holds our commit, or it would not have revealed. No commit is in the answer,
 * so that two who answer each other come to rest. */
static void
answer_copy (HjAgreement *self, guint to, gint64 now_us)
{
  const char *seat = self->roster->seats[to].seat;

  if (!may_answer (self, to, now_us))
    return;
  self->port->send (seat, self->round->reveal, self->user);
  self->port->send (seat, self->round->keys[to], self->user);
}

/* A commit of an earlier round: its sender has lost its state, or does not know of this round yet. A copy of one that was heard
 * says neither. */
static void
answer_old (HjAgreement *self, guint from, gboolean is_copy, gint64 now_us)
{
  if (self->round->state == HJ_ROUND_COMPLETE && !is_copy)
    begin_next (self, now_us);
  else if (may_answer (self, from, now_us))
    self->port->send (self->roster->seats[from].seat, self->round->commit, self->user);
}

/* Returns: whether that very commit was heard before. */
static gboolean
hear (HjAgreement *self, GBytes *message)
{
  if (g_hash_table_contains (self->heard, message))
    return TRUE;
  if (g_hash_table_size (self->heard) >= HEARD_MAX)
    g_hash_table_remove_all (self->heard);
  g_hash_table_add (self->heard, g_bytes_ref (message));
  return FALSE;
}

static void
complete (HjAgreement *self)
{
  HjRound *round = self->round;
  HjAgreementEpoch epoch = { .epoch = round->epoch, .suite = round->suite };

  round->state = HJ_ROUND_COMPLETE;
  hj_security_code (round->transcript, epoch.code);
  memcpy (epoch.own_key, round->base_key, sizeof epoch.own_key);
  for (guint i = 0; i < self->roster->n_seats; i++)
    {
      HjAgreementMember *member = &epoch.members[epoch.n_members];

      if (i == self->roster->own)
        continue;
      member->number = self->roster->seats[i].number;
      member->seat = self->roster->seats[i].seat;
      memcpy (member->base_key, round->others[i].base_key, sizeof member->base_key);
      OPENSSL_cleanse (round->others[i].base_key, sizeof round->others[i].base_key);
      epoch.n_members++;
    }
  /* Whoever answers a repetition sends the wrapped keys as they are: the keys themselves are the media's from here on. */
  OPENSSL_cleanse (round->base_key, sizeof round->base_key);
  hj_round_destroy_ecdh (round);
  self->port->epoch (&epoch, self->user);
  OPENSSL_cleanse (&epoch, sizeof epoch);
}

/* Each round that reveals gives somebody in the middle one guess. */
static gboolean
may_reveal (HjAgreement *self, gint64 now_us)
{
  gint64 *oldest = &self->reveals_us[self->n_reveals % REVEALS_MAX];

  if (self->n_reveals >= REVEALS_MAX && now_us - *oldest < REVEALS_WINDOW_US)
    return FALSE;
  *oldest = now_us;
  self->n_reveals++;
  return TRUE;
}

/* What came before its turn has it now. */
static void
take_early (HjAgreement *self, HjWireType type)
{
  for (guint i = 0; i < self->roster->n_seats; i++)
    {
      HjRoundOther *other = &self->round->others[i];
      gboolean is_reveal = type == HJ_WIRE_REVEAL;
      GBytes **early = is_reveal ? &other->early_reveal : &other->early_key;
      g_autoptr (GBytes) message = g_steal_pointer (early);
      const char *reason = NULL;

      if (message == NULL)
        continue;
      reason = is_reveal ? hj_round_take_reveal (self->round, i, message)
                         : hj_round_take_key (self->round, i, message);
      if (reason != NULL)
        refuse (self, reason, self->roster->seats[i].seat);
    }
}

static void
reveal (HjAgreement *self, gint64 now_us)
{
  if (!may_reveal (self, now_us))
    {
      stop (self, "disturbed");
      return;
    }
  self->round->state = HJ_ROUND_REVEALED;
  self->port->send (NULL, self->round->reveal, self->user);
  take_early (self, HJ_WIRE_REVEAL);
}

static void
send_keys (HjAgreement *self)
{
  hj_round_choose (self->round);
  g_assert (hj_round_make_keys (self->round));
  self->round->state = HJ_ROUND_KEYED;
  for (guint i = 0; i < self->roster->n_seats; i++)
    if (i != self->roster->own)
      self->port->send (self->roster->seats[i].seat, self->round->keys[i], self->user);
  take_early (self, HJ_WIRE_KEY);
}

/* Takes every step that is due. */
static void
advance (HjAgreement *self, gint64 now_us)
{
  if (self->round->state == HJ_ROUND_COMMITTED && hj_round_has_all (self->round, HJ_WIRE_COMMIT))
    reveal (self, now_us);
  if (self->stopped)
    return;
  if (self->round->state == HJ_ROUND_REVEALED && hj_round_has_all (self->round, HJ_WIRE_REVEAL))
    send_keys (self);
  if (self->round->state == HJ_ROUND_KEYED && hj_round_has_all (self->round, HJ_WIRE_KEY))
    complete (self);
}

static void
begin_next (HjAgreement *self, gint64 now_us)
{
  if (self->highest_epoch == G_MAXUINT32)
    stop (self, "disturbed");
  else
    begin (self, self->highest_epoch + 1, now_us);
}

/* A commit for our roster: the round's, a later round's, or of one whose sender has lost its state. */
static void
receive_commit (HjAgreement *self, guint from, const HjWire *wire, GBytes *message, gint64 now_us)
{
  HjRoundOther *other = &self->round->others[from];
  gboolean is_copy = hear (self, message);

  if (wire->epoch < self->round->epoch)
    {
      answer_old (self, from, is_copy, now_us);
      return;
    }
  if (wire->epoch > self->round->epoch)
    {
      begin (self, wire->epoch, now_us);
      if (self->stopped)
        return;
      other = &self->round->others[from];
    }
  if (other->commit == NULL)
    {
      hj_round_take_commit (self->round, from, message);
      advance (self, now_us);
    }
  else if (!g_bytes_equal (other->commit, message))
    begin_next (self, now_us);
  else if (self->round->state == HJ_ROUND_COMPLETE)
    answer_copy (self, from, now_us);
}

/* Commits that came before the roster that they are for; those of others stay. */
static void
take_kept (HjAgreement *self, guint32 epoch, gint64 now_us)
{
  for (guint i = 0; i < self->roster->n_seats && !self->stopped; i++)
    {
      const char *seat = self->roster->seats[i].seat;
      GBytes *message = g_hash_table_lookup (self->kept, seat);
      g_auto (HjWire) wire = { 0 };

      if (message == NULL || i == self->roster->own)
        continue;
      hj_wire_read (&wire, g_bytes_get_data (message, NULL), g_bytes_get_size (message));
      if (memcmp (wire.roster_hash, self->roster->hash, HJ_HASH_SIZE) != 0)
        continue;
      g_bytes_ref (message);
      g_hash_table_remove (self->kept, seat);
      if (wire.epoch == epoch)
        receive_commit (self, i, &wire, message, now_us);
      g_bytes_unref (message);
    }
}

/* The highest epoch of the commits that were kept for this roster; 0: none. */
static guint32
kept_epoch (HjAgreement *self)
{
  guint32 highest = 0;

  for (guint i = 0; i < self->roster->n_seats; i++)
    {
      GBytes *message = g_hash_table_lookup (self->kept, self->roster->seats[i].seat);
      g_auto (HjWire) wire = { 0 };

      if (message == NULL || i == self->roster->own)
        continue;
      hj_wire_read (&wire, g_bytes_get_data (message, NULL), g_bytes_get_size (message));
      if (memcmp (wire.roster_hash, self->roster->hash, HJ_HASH_SIZE) == 0)
        highest = MAX (highest, wire.epoch);
    }
  return highest;
}

/* Gives up the round that runs, and begins that one. */
static void
begin (HjAgreement *self, guint32 epoch, gint64 now_us)
{
  self->highest_epoch = MAX (self->highest_epoch, epoch);
  g_clear_pointer (&self->round, hj_round_free);
  self->round = hj_round_new (self->roster, epoch, self->highest_suite, self->port, self->user);
  if (self->round == NULL)
    {
      stop (self, "sign");
      return;
    }
  self->round->sent_us = now_us;
  self->port->send (NULL, self->round->commit, self->user);
}

static void
begin_for_roster (HjAgreement *self, gint64 now_us)
{
  guint32 kept = kept_epoch (self);

  if (kept > self->highest_epoch)
    begin (self, kept, now_us);
  else
    begin_next (self, now_us);
  if (!self->stopped)
    take_kept (self, self->round->epoch, now_us);
}

static void
tell_gone (HjAgreement *self, const HjRoster *before)
{
  for (guint i = 0; before != NULL && i < before->n_seats; i++)
    if (i != before->own
        && (self->roster == NULL || !hj_roster_has_same (self->roster, &before->seats[i])))
      self->port->gone (before->seats[i].number, self->user);
}

/* Whoever is not in the new roster either is not waited for. */
static gboolean
is_unknown (gpointer seat, gpointer message, gpointer self)
{
  return hj_roster_find (((HjAgreement *)self)->roster, seat) < 0;
}

/* Puts another roster in the place of the one that holds, or none (NULL), and says who has gone. */
static void
replace_roster (HjAgreement *self, HjRoster *roster)
{
  g_autoptr (HjRoster) before = self->roster;

  g_clear_pointer (&self->round, hj_round_free);
  g_hash_table_remove_all (self->heard);
  self->roster = roster;
  tell_gone (self, before);
}

/* The roster as far as it is sound, and our place in it is what we know to be ours; else NULL and why. */
static HjRoster *
read_roster (HjAgreement *self, const char *meeting, guint own_number, const HjAgreementSeat *seats,
    guint n_seats, const char **ret_reason)
{
  g_autoptr (HjRoster) roster = hj_roster_new (meeting, seats, n_seats, self->own_seat, ret_reason);
  g_autofree char *identity = NULL;

  if (roster == NULL)
    return NULL;
  identity = g_base64_encode (hj_roster_own (roster)->identity, HJ_SPKI_SIZE);
  if (hj_roster_own (roster)->number == own_number
      && strcmp (hj_roster_own (roster)->role, self->role) == 0
      && strcmp (identity, self->identity) == 0)
    return g_steal_pointer (&roster);
  *ret_reason = "own";
  return NULL;
}

/* The seats of the last `seats` message that are not `left`, in any order, and which seat and number `join` gave us. Begins a
 * round when the roster is another one, or when none held.
 * Returns: FALSE when the roster is refused (counted and told): everybody else has gone then, and none holds until a sound one
 * comes, so that nobody has keys whom the last roster does not name. */
gboolean
hj_agreement_set_roster (HjAgreement *self, const char *meeting, const char *own_seat,
    guint own_number, const HjAgreementSeat *seats, guint n_seats, gint64 now_us)
{
  g_autoptr (HjRoster) roster = NULL;
  const char *reason = NULL;

  if (self->stopped)
    return FALSE;
  g_free (self->own_seat);
  self->own_seat = g_strdup (own_seat);
  roster = read_roster (self, meeting, own_number, seats, n_seats, &reason);
  if (roster == NULL)
    {
      replace_roster (self, NULL);
      refuse (self, reason, NULL);
      return FALSE;
    }
  if (self->roster != NULL && memcmp (self->roster->hash, roster->hash, HJ_HASH_SIZE) == 0)
    return TRUE;
  replace_roster (self, g_steal_pointer (&roster));
  g_hash_table_foreach_remove (self->kept, is_unknown, self);
  if (self->roster->n_seats < 2)
    self->port->alone (self->user);
  else
    begin_for_roster (self, now_us);
  return TRUE;
}

/* A reveal or a key of the running round: taken when it is its turn, kept when it is early. */
static const char *
receive_step (HjAgreement *self, guint from, const HjWire *wire, GBytes *message, gint64 now_us)
{
  HjRound *round = self->round;
  gboolean is_reveal = wire->type == HJ_WIRE_REVEAL;
  HjRoundOther *other = &round->others[from];
  GBytes *taken = is_reveal ? other->reveal : other->key;
  GBytes **early = is_reveal ? &other->early_reveal : &other->early_key;
  const char *reason;

  if (wire->epoch != round->epoch)
    return "epoch";
  if (!is_reveal && strcmp (wire->to, hj_roster_own (self->roster)->seat) != 0)
    return "to";
  if (taken != NULL)
    return g_bytes_equal (taken, message) ? NULL : "again";
  if (round->state < (is_reveal ? HJ_ROUND_REVEALED : HJ_ROUND_KEYED))
    {
      g_clear_pointer (early, g_bytes_unref);
      *early = g_bytes_ref (message);
      return NULL;
    }
  reason = is_reveal ? hj_round_take_reveal (round, from, message)
                     : hj_round_take_key (round, from, message);
  if (reason == NULL)
    advance (self, now_us);
  return reason;
}

/* For a roster that we do not have: who has just joined may speak before we hear of them. */
static const char *
keep_commit (HjAgreement *self, const char *from, GBytes *message)
{
  if (g_hash_table_size (self->kept) >= KEPT_MAX && !g_hash_table_contains (self->kept, from))
    return "stranger";
  g_hash_table_replace (self->kept, g_strdup (from), g_bytes_ref (message));
  return NULL;
}

static const char *
receive_message (HjAgreement *self, const char *from, GBytes *message, gint64 now_us)
{
  int seat = self->roster != NULL ? hj_roster_find (self->roster, from) : -1;
  g_auto (HjWire) wire = { 0 };
  const char *reason;

  if (g_strcmp0 (from, self->own_seat) == 0)
    return "stranger";
  reason = hj_wire_read (&wire, g_bytes_get_data (message, NULL), g_bytes_get_size (message));
  if (reason != NULL)
    return reason;
  if (strcmp (wire.from, from) != 0)
    return "from";
  if (seat < 0)
    return wire.type == HJ_WIRE_COMMIT ? keep_commit (self, from, message) : "stranger";
  if (wire.type != HJ_WIRE_COMMIT)
    return receive_step (self, (guint)seat, &wire, message, now_us);
  if (memcmp (wire.roster_hash, self->roster->hash, HJ_HASH_SIZE) != 0)
    return keep_commit (self, from, message);
  receive_commit (self, (guint)seat, &wire, message, now_us);
  return NULL;
}

/* `key` of signalling: from is the seat that the server names. What does not fit is dropped, counted and told. */
void
hj_agreement_receive (HjAgreement *self, const char *from, const char *body, gint64 now_us)
{
  const char *reason = "malformed";
  gsize size = 0;
  g_autofree guint8 *data = NULL;

  if (self->stopped)
    return;
  if (strlen (body) <= BODY_MAX)
    data = hj_base64url_decode (body, &size);
  if (data != NULL)
    {
      g_autoptr (GBytes) message = g_bytes_new (data, size);

      reason = receive_message (self, from, message, now_us);
    }
  if (reason != NULL)
    refuse (self, reason, from);
}

/* To be called a few times a second: what an open round has sent is sent again every 2 s. */
void
hj_agreement_tick (HjAgreement *self, gint64 now_us)
{
  if (self->round == NULL || self->round->state == HJ_ROUND_COMPLETE
      || now_us - self->round->sent_us < SEND_AGAIN_US)
    return;
  self->round->sent_us = now_us;
  send_again (self);
}

/* role and identity (base64 of the SPKI): what we know to be our own. port: (not owned), outlives it.
 * Returns: (transfer full): an agreement without a roster. */
HjAgreement *
hj_agreement_new (
    const char *role, const char *identity, const HjAgreementPort *port, gpointer user)
{
  HjAgreement *self = g_new0 (HjAgreement, 1);

  self->role = g_strdup (role);
  self->identity = g_strdup (identity);
  self->port = port;
  self->user = user;
  self->highest_suite = HJ_SUITES;
  self->kept
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_bytes_unref);
  self->heard
      = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify)g_bytes_unref, NULL);
  return self;
}

void
hj_agreement_free (HjAgreement *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->round, hj_round_free);
  g_clear_pointer (&self->roster, hj_roster_free);
  g_hash_table_unref (self->kept);
  g_hash_table_unref (self->heard);
  g_free (self->role);
  g_free (self->identity);
  g_free (self->own_seat);
  g_free (self);
}

/* The highest suite to offer in rounds to come: 1 is P-256 alone, as of a browser that lacks X25519; 2 is both, and the rule. */
void
hj_agreement_offer (HjAgreement *self, guint highest)
{
  g_return_if_fail (highest >= HJ_SUITE_P256 && highest <= HJ_SUITES);
  self->highest_suite = highest;
}

/* The epoch of the round that is open or complete; 0: none. */
guint32
hj_agreement_round (const HjAgreement *self)
{
  return self->round != NULL ? self->round->epoch : 0;
}

gboolean
hj_agreement_is_complete (const HjAgreement *self)
{
  return self->round != NULL && self->round->state == HJ_ROUND_COMPLETE;
}

/* How many messages and rosters were refused. */
guint
hj_agreement_refused (const HjAgreement *self)
{
  return self->refused;
}
