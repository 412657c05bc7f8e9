/* SPDX-License-Identifier: Apache-2.0 */
/* Several key agreements and a server that passes their messages on, all in one thread (tests of docs/e2ee.md section 3). */

#include "tests/peer/agreement-net.h"

#include <string.h>

#include "src/base/ids.h"

static const char *const SEATS[NET_ENDS]
    = { "seat-kiosk", "seat-lawyer", "seat-second", "seat-third", "seat-fourth" };
static const char *const ROLES[NET_ENDS] = { "kiosk", "lawyer", "lawyer", "lawyer", "lawyer" };

const char *
net_seat (guint number)
{
  return SEATS[number];
}

static guint
number_of (const char *seat)
{
  guint number = 0;

  while (strcmp (SEATS[number], seat) != 0)
    number++;
  return number;
}

static void
free_message (NetMessage *message)
{
  g_free (message->data);
  g_free (message);
}

static void
on_send (const char *to, const char *body, gpointer user)
{
  NetEnd *end = user;
  NetMessage *message = g_new0 (NetMessage, 1);

  message->from = end->number;
  message->to = to != NULL ? (int)number_of (to) : -1;
  message->data = hj_base64url_decode (body, &message->size);
  end->n_sent++;
  g_queue_push_tail (&end->net->queue, message);
}

static gboolean
on_sign (const guint8 *statement, gsize size, guint8 *signature, gpointer user)
{
  const NetEnd *end = user;

  return hj_identity_sign (end->identity, statement, size, signature);
}

/* The same bytes in every run: a counter, hashed. */
static void
on_random (guint8 *bytes, gsize size, gpointer user)
{
  const NetEnd *end = user;
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  guint64 counter = ++end->net->drawn;
  gsize length = 32;

  g_assert_cmpuint (size, ==, length);
  g_checksum_update (sum, (const guint8 *)&counter, sizeof counter);
  g_checksum_get_digest (sum, bytes, &length);
}

static void
on_epoch (const HjAgreementEpoch *epoch, gpointer user)
{
  NetEnd *end = user;

  end->epoch = *epoch;
  end->n_epochs++;
}

static void
on_gone (guint number, gpointer user)
{
  NetEnd *end = user;

  end->gone |= 1u << number;
}

static void
on_alone (gpointer user)
{
  NetEnd *end = user;

  end->n_alone++;
}

static void
on_refused (const char *reason, const char *from, gpointer user)
{
  NetEnd *end = user;

  g_strlcpy (end->last_refusal, reason, sizeof end->last_refusal);
}

static void
on_stopped (const char *reason, gpointer user)
{
  NetEnd *end = user;

  g_strlcpy (end->stopped, reason, sizeof end->stopped);
}

static const HjAgreementPort PORT
    = { on_send, on_sign, on_random, on_epoch, on_gone, on_alone, on_refused, on_stopped };

static void
make_agreement (Net *net, guint number)
{
  NetEnd *end = &net->ends[number];

  g_clear_pointer (&end->agreement, hj_agreement_free);
  end->agreement = hj_agreement_new (ROLES[number], hj_identity_public (end->identity), &PORT, end);
}

Net *
net_new (void)
{
  Net *net = g_new0 (Net, 1);

  net->now_us = 1000 * G_USEC_PER_SEC;
  g_queue_init (&net->queue);
  for (guint i = 0; i < NET_ENDS; i++)
    {
      net->ends[i].net = net;
      net->ends[i].number = i;
      net->ends[i].identity = hj_identity_new ();
    }
  return net;
}

void
net_free (Net *net)
{
  for (guint i = 0; i < NET_ENDS; i++)
    {
      hj_agreement_free (net->ends[i].agreement);
      hj_identity_free (net->ends[i].identity);
    }
  g_queue_clear_full (&net->queue, (GDestroyNotify)free_message);
  g_free (net);
}

/* The roster that the server would send this end now. */
gboolean
net_give_roster (Net *net, guint number)
{
  HjAgreementSeat seats[NET_ENDS];
  guint n = 0;

  for (guint i = 0; i < NET_ENDS; i++)
    if (net->ends[i].present)
      seats[n++]
          = (HjAgreementSeat){ SEATS[i], i, ROLES[i], hj_identity_public (net->ends[i].identity) };
  return hj_agreement_set_roster (
      net->ends[number].agreement, "meeting", SEATS[number], number, seats, n, net->now_us);
}

void
net_give_rosters (Net *net)
{
  for (guint i = 0; i < NET_ENDS; i++)
    if (net->ends[i].present)
      g_assert_true (net_give_roster (net, i));
}

void
net_join (Net *net, guint number)
{
  make_agreement (net, number);
  net->ends[number].present = TRUE;
  net_give_rosters (net);
}

void
net_leave (Net *net, guint number)
{
  net->ends[number].present = FALSE;
  net_give_rosters (net);
}

/* The same seat and identity, but nothing of what was agreed. */
void
net_reload (Net *net, guint number)
{
  make_agreement (net, number);
  g_assert_true (net_give_roster (net, number));
}

/* Hands one end a message as if the server had passed it on. */
void
net_put (Net *net, guint from, guint to, const guint8 *data, gsize size)
{
  g_autofree char *body = hj_base64url (data, size);

  hj_agreement_receive (net->ends[to].agreement, SEATS[from], body, net->now_us);
}

static void
deliver (Net *net, const NetMessage *message, guint to)
{
  NetMessage copy = *message;
  gboolean pass;

  if (to == message->from || !net->ends[to].present || (message->to >= 0 && message->to != (int)to))
    return;
  copy.data = g_memdup2 (message->data, message->size);
  pass = net->filter == NULL || net->filter (net, &copy, to);
  if (pass)
    net_put (net, copy.from, to, copy.data, copy.size);
  g_free (copy.data);
}

/* Delivers until nothing is on its way. */
void
net_run (Net *net)
{
  NetMessage *message;

  while ((message = g_queue_pop_head (&net->queue)) != NULL)
    {
      for (guint to = 0; to < NET_ENDS; to++)
        deliver (net, message, to);
      free_message (message);
    }
}

/* Time passes, with a tick every 250 ms. */
void
net_wait (Net *net, gint64 us)
{
  for (gint64 end_us = net->now_us + us; net->now_us < end_us;)
    {
      net->now_us += 250000;
      for (guint i = 0; i < NET_ENDS; i++)
        if (net->ends[i].present)
          hj_agreement_tick (net->ends[i].agreement, net->now_us);
      net_run (net);
    }
}

static const guint8 *
key_of (const NetEnd *end, guint number)
{
  for (guint i = 0; i < end->epoch.n_members; i++)
    if (end->epoch.members[i].number == number)
      return end->epoch.members[i].base_key;
  return NULL;
}

/* All who are present have completed the same epoch, with one code, and each has everybody's key. */
void
net_assert_agreed (Net *net)
{
  const NetEnd *first = NULL;

  for (guint i = 0; i < NET_ENDS; i++)
    {
      const NetEnd *end = &net->ends[i];

      if (!end->present)
        continue;
      first = first != NULL ? first : end;
      g_assert_true (hj_agreement_is_complete (end->agreement));
      g_assert_cmpuint (end->epoch.epoch, ==, hj_agreement_round (end->agreement));
      g_assert_cmpuint (end->epoch.epoch, ==, first->epoch.epoch);
      g_assert_cmpuint (end->epoch.suite, ==, first->epoch.suite);
      g_assert_cmpstr (end->epoch.code, ==, first->epoch.code);
      for (guint j = 0; j < NET_ENDS; j++)
        if (j != i && net->ends[j].present)
          g_assert_cmpmem (key_of (end, j), 32, net->ends[j].epoch.own_key, 32);
    }
}
