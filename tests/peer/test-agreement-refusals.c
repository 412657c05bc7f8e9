/* SPDX-License-Identifier: Apache-2.0 */
/* What the native end's key agreement refuses, one word each: messages that the server changed, bodies that a seat signed but
 * should not have. While it goes on there is no epoch; afterwards the round still completes (docs/e2ee.md section 3). */

#include "tests/peer/agreement-net.h"
#include "tests/peer/agreement-private.h"

#include <string.h>

#include "src/base/ids.h"

/* Where things stand in a message of seat-lawyer (11 letters) to seat-kiosk (10). */
enum
{
  TYPE = 1,
  EPOCH = 2,
  SEAT = 7,
  ROSTER = 18,
  COMMITMENT = 50,
  NONCE = 18,
  N_KEYS = 50,
  KEY_1 = 54,
  SUITE_2 = 119,
  SIZE_2 = 120,
  KEY_2 = 122,
  SIGNATURE = 154,
  TO = 19,
  SUITE = 29,
  WRAPPED = 30,
};

typedef struct
{
  const char *name;
  guint type;  /* of the message that is changed */
  guint at;    /* which byte */
  guint8 bits; /* flipped */
  int grow;    /* bytes more or less at the end */
  const char *reason;
} Change;

static const Change CHANGES[] = {
  { "another version", 1, 0, 3, 0, "version" },
  { "version 0", 2, 0, 1, 0, "version" },
  { "type 5", 1, TYPE, 4, 0, "type" },
  { "type 0", 1, TYPE, 1, 0, "type" },
  { "a reveal called a key", 2, TYPE, 1, 0, "malformed" },
  { "a commit called a reveal", 1, TYPE, 3, 0,
      NULL }, /* early, and refused as one when its turn comes */
  { "epoch 0", 1, EPOCH + 3, 1, 0, "malformed" },
  { "a reveal of a later epoch", 2, EPOCH, 1, 0, "epoch" },
  { "a key of a later epoch", 3, EPOCH + 3, 2, 0, "epoch" },
  { "another seat in a commit", 1, SEAT, 1, 0, "from" },
  { "another seat in a reveal", 2, SEAT, 1, 0, "from" },
  { "another seat in a key", 3, SEAT, 1, 0, "from" },
  { "a longer seat", 1, SEAT - 1, 16, 0, "malformed" },
  { "a zero in a seat", 1, SEAT, 's', 0, "malformed" },
  { "a commit of another roster", 1, ROSTER, 1, 0, NULL }, /* kept, never used */
  { "a commit cut short", 1, 0, 0, -1, "malformed" },
  { "a commit with a byte more", 1, 0, 0, 1, "malformed" },
  { "another commitment", 1, COMMITMENT + 31, 1, 0, "commitment" },
  { "another nonce", 2, NONCE, 1, 0, "commitment" },
  { "another number of keys", 2, N_KEYS, 1, 0, "commitment" },
  { "another P-256 key", 2, KEY_1 + 64, 1, 0, "commitment" },
  { "another X25519 key", 2, KEY_2, 1, 0, "commitment" },
  { "another signature", 2, SIGNATURE, 1, 0, "commitment" },
  { "a reveal cut short", 2, 0, 0, -1, "commitment" },
  { "a reveal with a byte more", 2, 0, 0, 1, "commitment" },
  { "a key to another seat", 3, TO, 1, 0, "to" },
  { "a key of the floor suite", 3, SUITE, 3, 0, "suite" },
  { "a key of no suite", 3, SUITE, 2, 0, "suite" },
  { "another wrapped key", 3, WRAPPED, 1, 0, "wrapped" },
  { "another tag", 3, WRAPPED + 47, 1, 0, "wrapped" },
  { "a key cut short", 3, 0, 0, -1, "malformed" },
  { "a key with a byte more", 3, 0, 0, 1, "malformed" },
};

static const Change *change;

/* Changes what goes from seat 1 to seat 0, as long as count is 0. */
static gboolean
apply_change (Net *net, NetMessage *message, guint to)
{
  if (net->count != 0 || message->from != 1 || message->data[TYPE] != change->type)
    return TRUE;
  message->data[change->at] ^= change->bits;
  if (change->grow > 0)
    {
      message->data = g_realloc (message->data, message->size + 1);
      message->data[message->size] = 0;
    }
  message->size += (gsize)change->grow;
  return TRUE;
}

static void
a_changed_message_is_refused_and_the_true_one_still_counts (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (CHANGES); i++)
    {
      g_autoptr (Net) net = net_new ();

      change = &CHANGES[i];
      g_test_message ("%s", change->name);
      net->filter = apply_change;
      net_join (net, 0);
      net_join (net, 1);
      net_run (net);
      net_wait (net, 7 * G_USEC_PER_SEC);
      g_assert_cmpuint (net->ends[0].n_epochs, ==, 0);
      if (change->reason != NULL)
        g_assert_cmpstr (net->ends[0].last_refusal, ==, change->reason);
      net->count = 1;
      net_wait (net, 5 * G_USEC_PER_SEC);
      net_assert_agreed (net);
    }
}

/* What stands between the ends holds the commit of 1 back until it has its reveal, and then commits to another body. */
typedef void (*Forge) (GByteArray *body);
static Forge forge;
static gboolean signs_again;

static void
put_bound (GByteArray *data, const char *label, const NetMessage *of, const guint8 *roster_hash)
{
  hj_put_label (data, label);
  hj_put (data, roster_hash, HJ_HASH_SIZE);
  hj_put (data, of->data + EPOCH, 4);
  hj_put (data, of->data + SEAT - 1, 12);
}

static guint8 held_roster_hash[HJ_HASH_SIZE];

static void
sign_again (Net *net, const NetMessage *message, GByteArray *body)
{
  g_autoptr (GByteArray) statement = g_byte_array_new ();
  guint8 signature[HJ_AGREEMENT_SIGNATURE_SIZE];

  g_byte_array_set_size (body, body->len - sizeof signature);
  put_bound (statement, "huijian-e2ee-v1 reveal", message, held_roster_hash);
  hj_put (statement, body->data, body->len);
  g_assert_true (
      hj_identity_sign (net->ends[1].identity, statement->data, statement->len, signature));
  hj_put (body, signature, sizeof signature);
}

static void
put_forged_commit (Net *net, const NetMessage *message, const GByteArray *body)
{
  g_autoptr (GByteArray) data = g_byte_array_new ();
  g_autoptr (GByteArray) commit = g_byte_array_new ();
  guint8 commitment[HJ_HASH_SIZE];

  put_bound (data, "huijian-e2ee-v1 commit", message, held_roster_hash);
  hj_put (data, body->data, body->len);
  hj_hash (data, commitment);
  hj_put (commit, message->data, ROSTER);
  commit->data[TYPE] = 1;
  hj_put (commit, held_roster_hash, HJ_HASH_SIZE);
  hj_put (commit, commitment, HJ_HASH_SIZE);
  net_put (net, 1, 0, commit->data, commit->len);
}

static gboolean
commit_late (Net *net, NetMessage *message, guint to)
{
  g_autoptr (GByteArray) body = g_byte_array_new ();

  if (message->from != 1)
    return TRUE;
  if (message->data[TYPE] == 1)
    memcpy (held_roster_hash, message->data + ROSTER, HJ_HASH_SIZE);
  if (message->data[TYPE] != 2)
    return FALSE;
  hj_put (body, message->data + ROSTER, message->size - ROSTER);
  forge (body);
  if (signs_again)
    sign_again (net, message, body);
  put_forged_commit (net, message, body);
  message->data = g_realloc (message->data, ROSTER + body->len);
  memcpy (message->data + ROSTER, body->data, body->len);
  message->size = ROSTER + body->len;
  return TRUE;
}

/* Offsets in a body. */
#define IN_BODY(at) ((at)-ROSTER)

static void
other_nonce (GByteArray *body)
{
  body->data[0] ^= 1;
}

static void
other_signature (GByteArray *body)
{
  body->data[body->len - 1] ^= 1;
}

static void
zero_signature (GByteArray *body)
{
  memset (body->data + body->len - 64, 0, 64);
}

static void
without_suite_2 (GByteArray *body)
{
  body->data[IN_BODY (N_KEYS)] = 1;
  g_byte_array_remove_range (body, IN_BODY (SUITE_2), 35);
}

static void
without_suite_1 (GByteArray *body)
{
  body->data[IN_BODY (N_KEYS)] = 1;
  g_byte_array_remove_range (body, IN_BODY (KEY_1) - 3, 68);
}

static void
without_suites (GByteArray *body)
{
  body->data[IN_BODY (N_KEYS)] = 0;
  g_byte_array_remove_range (body, IN_BODY (KEY_1) - 3, 68 + 35);
}

static void
suite_1_twice (GByteArray *body)
{
  body->data[IN_BODY (SUITE_2)] = 1;
}

static void
unknown_suite (GByteArray *body)
{
  body->data[IN_BODY (SUITE_2)] = 9;
}

static void
longer_x25519 (GByteArray *body)
{
  body->data[IN_BODY (SIZE_2) + 1] = 33;
}

static void
byte_left_over (GByteArray *body)
{
  guint8 byte = 0;

  hj_put (body, &byte, 1);
}

static void
off_the_curve (GByteArray *body)
{
  body->data[IN_BODY (KEY_1) + 64] ^= 1;
}

static void
hybrid_point (GByteArray *body)
{
  body->data[IN_BODY (KEY_1)] = 6 | (body->data[IN_BODY (KEY_1) + 64] & 1);
}

static void
zero_x25519 (GByteArray *body)
{
  memset (body->data + IN_BODY (KEY_2), 0, 32);
}

static void
low_order_x25519 (GByteArray *body)
{
  zero_x25519 (body);
  body->data[IN_BODY (KEY_2)] = 1;
}

static const struct
{
  const char *name;
  Forge forge;
  gboolean signs_again;
  const char *reason;
} FORGERIES[] = {
  { "another nonce", other_nonce, FALSE, "signature" },
  { "another signature", other_signature, FALSE, "signature" },
  { "a signature of zeroes", zero_signature, FALSE, "signature" },
  { "the better suite stripped", without_suite_2, FALSE, "signature" },
  { "the floor suite stripped", without_suite_1, FALSE, "suite" },
  { "no suite", without_suites, TRUE, "suite" },
  { "no floor suite, signed", without_suite_1, TRUE, "suite" },
  { "a suite twice, signed", suite_1_twice, TRUE, "suite" },
  { "a length of its own, signed", longer_x25519, TRUE, "malformed" },
  { "a byte left over", byte_left_over, FALSE, "malformed" },
  { "a point off the curve, signed", off_the_curve, TRUE, "public-key" },
  { "a hybrid point, signed", hybrid_point, TRUE, "public-key" },
  { "an X25519 key of zeroes, signed", zero_x25519, TRUE, "public-key" },
  { "an X25519 key of low order, signed", low_order_x25519, TRUE, "public-key" },
};

static void
a_body_that_a_late_commit_fits_is_still_refused (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (FORGERIES); i++)
    {
      g_autoptr (Net) net = net_new ();

      g_test_message ("%s", FORGERIES[i].name);
      forge = FORGERIES[i].forge;
      signs_again = FORGERIES[i].signs_again;
      net->filter = commit_late;
      net_join (net, 0);
      net_join (net, 1);
      net_run (net);
      g_assert_cmpstr (net->ends[0].last_refusal, ==, FORGERIES[i].reason);
      g_assert_cmpuint (net->ends[0].n_epochs, ==, 0);
      g_assert_cmpuint (net->ends[1].n_epochs, ==, 0);
    }
}

/* The control of the table above: a body that is only signed again is taken, and one with an unknown suite goes on with the floor. */
static void
unchanged (GByteArray *body)
{
}

static void
a_body_that_its_seat_signed_is_taken_also_with_an_unknown_suite (void)
{
  const Forge fine[] = { unchanged, unknown_suite, without_suite_2 };

  for (guint i = 0; i < G_N_ELEMENTS (fine); i++)
    {
      g_autoptr (Net) net = net_new ();

      forge = fine[i];
      signs_again = TRUE;
      net->filter = commit_late;
      net_join (net, 0);
      net_join (net, 1);
      net_run (net);
      g_assert_cmpuint (hj_agreement_refused (net->ends[0].agreement), ==, 0);
      g_assert_cmpuint (
          net->ends[0].n_epochs, ==, 0); /* the transcripts differ: 1 has not said that */
    }
}

static void
strangers_and_echoes_are_refused (void)
{
  g_autoptr (Net) net = net_new ();
  const guint8 anything[] = { 1, 9, 0, 0, 0, 1, 0 };
  guint8 reveal[7 + 10 + 8] = { 1, 2, 0, 0, 0, 1, 10 };

  net_join (net, 0);
  net_join (net, 1);
  memcpy (reveal + 7, net_seat (3), 10);
  net_put (net, 3, 0, reveal, sizeof reveal);
  g_assert_cmpstr (net->ends[0].last_refusal, ==, "stranger");
  net->ends[0].last_refusal[0] = '\0';
  net_put (net, 0, 0, anything, sizeof anything);
  g_assert_cmpstr (net->ends[0].last_refusal, ==, "stranger");
  hj_agreement_receive (net->ends[0].agreement, net_seat (1), "not base64!", net->now_us);
  g_assert_cmpstr (net->ends[0].last_refusal, ==, "malformed");
  g_assert_cmpuint (hj_agreement_refused (net->ends[0].agreement), ==, 3);
  net_run (net);
  net_assert_agreed (net);
}

/* Who has just joined may be heard before it is seen; more than a few are not kept. */
static void
commits_of_strangers_wait_but_not_without_end (void)
{
  g_autoptr (Net) net = net_new ();

  net_join (net, 0);
  for (guint8 i = 0; i < 17; i++)
    {
      guint8 commit[7 + 1 + 64] = { 1, 1, 0, 0, 0, 1, 1, (guint8)('a' + i) };
      const char from[2] = { (char)('a' + i), '\0' };
      g_autofree char *body = hj_base64url (commit, sizeof commit);

      g_assert_cmpuint (hj_agreement_refused (net->ends[0].agreement), ==, 0);
      hj_agreement_receive (net->ends[0].agreement, from, body, net->now_us);
    }
  g_assert_cmpstr (net->ends[0].last_refusal, ==, "stranger");
  net_join (net, 1);
  net_run (net);
  net_assert_agreed (net);
}

static void
a_copy_of_an_old_commit_costs_nothing (void)
{
  g_autoptr (Net) net = net_new ();
  g_autoptr (GByteArray) old = g_byte_array_new ();

  net_join (net, 0);
  net_join (net, 1);
  for (GList *link = net->queue.head; link != NULL; link = link->next)
    {
      const NetMessage *message = link->data;

      if (message->from == 1)
        hj_put (old, message->data, message->size);
    }
  net_run (net);
  net_reload (net, 1);
  net_run (net);
  net_assert_agreed (net);
  net_put (net, 1, 0, old->data, old->len);
  net_run (net);
  net_assert_agreed (net);
  g_assert_cmpuint (net->ends[0].epoch.epoch, ==, 2);
  old->data[COMMITMENT] ^= 1; /* another one of that epoch does: its sender has lost its state */
  net_put (net, 1, 0, old->data, old->len);
  net_run (net);
  net_assert_agreed (net);
  g_assert_cmpuint (net->ends[0].epoch.epoch, ==, 3);
}

static void
no_epoch_comes_after_the_last_one (void)
{
  g_autoptr (Net) net = net_new ();
  g_autofree guint8 *commit = NULL;
  const NetMessage *message;

  net_join (net, 0);
  net_join (net, 1);
  message = g_queue_peek_tail (&net->queue);
  commit = g_memdup2 (message->data, message->size);
  memset (commit + EPOCH, 0xff, 4);
  net_put (net, 1, 0, commit, message->size);
  g_assert_cmpuint (hj_agreement_round (net->ends[0].agreement), ==, G_MAXUINT32);
  commit[COMMITMENT] ^= 1;
  net_put (net, 1, 0, commit, message->size);
  g_assert_cmpstr (net->ends[0].stopped, ==, "disturbed");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define T(name) g_test_add_func ("/peer/refusals/" #name, name)
  T (a_changed_message_is_refused_and_the_true_one_still_counts);
  T (a_body_that_a_late_commit_fits_is_still_refused);
  T (a_body_that_its_seat_signed_is_taken_also_with_an_unknown_suite);
  T (strangers_and_echoes_are_refused);
  T (commits_of_strangers_wait_but_not_without_end);
  T (a_copy_of_an_old_commit_costs_nothing);
  T (no_epoch_comes_after_the_last_one);
  return g_test_run ();
}
