/* SPDX-License-Identifier: Apache-2.0 */
/* Who has left: it keeps every key that it ever held and is given everything that the relay forwards, and opens nothing that is
 * sealed 2 s later (docs/e2ee.md section 4). Key agreement and frame keys as the native end has them; the time is the test's. */

#include "tests/peer/agreement-net.h"

#include <string.h>

#include "media/frames/framekeys.h"

#define ENDS 3
#define LEAVER 2
#define STEP_US (20 * G_TIME_SPAN_MILLISECOND)

typedef struct
{
  Net *net;
  HjFrameKeys *keys[ENDS];
  guint taken[ENDS]; /* epochs that the keys of an end have begun */
  guint told_gone[ENDS];
  GArray *known;       /* base keys that the leaver ever held */
  gint64 left_us;      /* 0: it is still there */
  guint opened_before; /* by the leaver, of what was sealed while it was there */
  guint opened_after;  /* sealed less than 2 s after it left */
  guint opened_late;   /* 2 s after, and later */
  guint unlocked;      /* by any key that it ever held, whatever the frame says */
  guint sealed_late;
  guint others_late; /* opened by who stayed */
} Meeting;

static void
set_up (Meeting *m, gconstpointer data)
{
  m->net = net_new ();
  m->known = g_array_new (FALSE, FALSE, HJ_AGREEMENT_KEY_SIZE);
  for (guint i = 0; i < ENDS; i++)
    {
      m->keys[i] = hj_frame_keys_new (i);
      net_join (m->net, i);
    }
}

static void
tear_down (Meeting *m, gconstpointer data)
{
  for (guint i = 0; i < ENDS; i++)
    hj_frame_keys_unref (m->keys[i]);
  g_array_unref (m->known);
  net_free (m->net);
}

static void
remember (Meeting *m, const HjAgreementEpoch *epoch)
{
  g_array_append_vals (m->known, epoch->own_key, 1);
  for (guint i = 0; i < epoch->n_members; i++)
    g_array_append_vals (m->known, epoch->members[i].base_key, 1);
}

/* What the native end does with an epoch and with a seat that has gone. */
static void
follow (Meeting *m, guint n)
{
  const NetEnd *end = &m->net->ends[n];
  HjFrameSeat seats[ENDS] = { { .number = n } };
  g_autoptr (GError) error = NULL;

  if (end->gone & 1u << LEAVER && !m->told_gone[n])
    hj_frame_keys_forget_seat (m->keys[n], LEAVER, m->net->now_us);
  m->told_gone[n] = end->gone;
  if (end->n_epochs == m->taken[n])
    return;
  m->taken[n] = end->n_epochs;
  memcpy (seats[0].base_key, end->epoch.own_key, HJ_FRAME_BASE_KEY);
  for (guint i = 0; i < end->epoch.n_members; i++)
    {
      seats[i + 1].number = end->epoch.members[i].number;
      memcpy (seats[i + 1].base_key, end->epoch.members[i].base_key, HJ_FRAME_BASE_KEY);
    }
  g_assert_true (hj_frame_keys_begin (
      m->keys[n], end->epoch.epoch, seats, end->epoch.n_members + 1, m->net->now_us, &error));
  g_assert_no_error (error);
  if (n == LEAVER)
    remember (m, &end->epoch);
}

/* Every key that it ever held, tried as if it were the one that the frame names. */
static gboolean
unlocks (const Meeting *m, const guint8 *sealed, gsize size)
{
  HjSframeHeader header;

  g_assert_true (hj_sframe_read_header (sealed, size, &header));
  for (guint i = 0; i < m->known->len; i++)
    {
      const guint8 *base_key = (const guint8 *)m->known->data + i * HJ_AGREEMENT_KEY_SIZE;
      g_autoptr (HjSframeKey) key
          = hj_sframe_key_new (base_key, HJ_AGREEMENT_KEY_SIZE, header.kid, NULL);
      guint8 out[512];
      gsize out_size;

      if (hj_sframe_key_open (key, NULL, 0, sealed, size, out, &out_size) == HJ_SFRAME_OK)
        return TRUE;
    }
  return FALSE;
}

static gboolean
opens (Meeting *m, guint reader, guint from, const guint8 *sealed, gsize size)
{
  guint8 out[512];
  gsize out_size;
  HjFrameSource source;

  return hj_frame_keys_open (
             m->keys[reader], from, HJ_AUDIO, sealed, size, out, &out_size, &source, m->net->now_us)
         == HJ_FRAME_OK;
}

static void
forward (Meeting *m, guint from, const guint8 *sealed, gsize size)
{
  gboolean late = m->left_us != 0 && m->net->now_us - m->left_us >= 2 * G_TIME_SPAN_SECOND;
  gboolean opened = opens (m, LEAVER, from, sealed, size);

  if (m->left_us == 0)
    m->opened_before += opened;
  else if (!late)
    m->opened_after += opened;
  else
    {
      m->sealed_late++;
      m->opened_late += opened;
      m->unlocked += unlocks (m, sealed, size);
      m->others_late += opens (m, 1 - from, from, sealed, size);
    }
}

/* One step of the meeting: 20 ms, a frame of sound from each who is in it. */
static void
step (Meeting *m)
{
  m->net->now_us += STEP_US;
  for (guint n = 0; n < ENDS; n++)
    {
      const guint8 frame[80] = { 0x78, (guint8)n, 3, 4, 5 };
      guint8 sealed[sizeof frame + HJ_FRAME_MAX_OVERHEAD];
      gsize size;

      if (!m->net->ends[n].present)
        continue;
      hj_agreement_tick (m->net->ends[n].agreement, m->net->now_us);
      net_run (m->net);
      follow (m, n);
      hj_frame_keys_expire (m->keys[n], m->net->now_us);
      if (n != LEAVER
          && hj_frame_keys_seal (
                 m->keys[n], HJ_AUDIO, frame, sizeof frame, sealed, &size, m->net->now_us)
                 == HJ_FRAME_OK)
        forward (m, n, sealed, size);
    }
}

static void
go_on (Meeting *m, guint seconds)
{
  for (guint i = 0; i < seconds * 50; i++)
    step (m);
}

static gboolean
nothing_passes (Net *net, NetMessage *message, guint to)
{
  return FALSE;
}

static void
leave (Meeting *m)
{
  go_on (m, 2);
  net_assert_agreed (m->net);
  g_assert_cmpuint (m->opened_before, >, 150); /* it could open what it was there for */
  m->left_us = m->net->now_us;
  net_leave (m->net, LEAVER);
}

static void
who_left_opens_nothing_that_is_sealed_2_s_later (Meeting *m, gconstpointer data)
{
  leave (m);
  go_on (m, 10);
  g_assert_cmpuint (m->sealed_late, >, 700);
  g_assert_cmpuint (m->others_late, ==, m->sealed_late);
  g_assert_cmpuint (m->opened_late, ==, 0);
  g_assert_cmpuint (m->unlocked, ==, 0);
  g_assert_cmpuint (
      m->opened_after, <=, 2 * 16); /* until who stayed seals with the next epoch: 300 ms */
}

static void
it_opens_nothing_either_when_the_others_cannot_agree_anew (Meeting *m, gconstpointer data)
{
  m->net->filter = NULL;
  leave (m);
  m->net->filter = nothing_passes;
  go_on (m, 10);
  g_assert_cmpuint (m->sealed_late, ==, 0); /* nobody sends anything: fails closed */
  g_assert_cmpuint (m->opened_after, >, 0);
  g_assert_cmpuint (m->opened_after, <=, 2 * 51); /* 1 s of the epoch that it knows */
  m->net->filter = NULL;
  go_on (m, 5);
  g_assert_cmpuint (m->sealed_late, >, 200);
  g_assert_cmpuint (m->others_late, >, 200);
  g_assert_cmpuint (m->opened_late, ==, 0);
  g_assert_cmpuint (m->unlocked, ==, 0);
}

/* The control: a frame of an epoch that it was in is unlocked by what it kept. */
static void
what_it_kept_does_unlock_what_was_sealed_for_it (Meeting *m, gconstpointer data)
{
  const guint8 frame[80] = { 0x78 };
  guint8 sealed[sizeof frame + HJ_FRAME_MAX_OVERHEAD];
  gsize size;

  go_on (m, 2);
  g_assert_cmpint (
      hj_frame_keys_seal (m->keys[0], HJ_AUDIO, frame, sizeof frame, sealed, &size, m->net->now_us),
      ==, HJ_FRAME_OK);
  g_assert_true (unlocks (m, sealed, size));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define T(name) g_test_add ("/peer/left/" #name, Meeting, NULL, set_up, name, tear_down)
  T (who_left_opens_nothing_that_is_sealed_2_s_later);
  T (it_opens_nothing_either_when_the_others_cannot_agree_anew);
  T (what_it_kept_does_unlock_what_was_sealed_for_it);
  return g_test_run ();
}
