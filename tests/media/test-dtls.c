/* SPDX-License-Identifier: Apache-2.0 */
/* Two DTLS sessions against each other over a network that is a loop in this file: handshake, keys,
 * loss, wrong certificates, the end. OpenSSL's clock is ours, so that nothing waits. */
#include "media/wire/dtls.h"

#include <string.h>
#include <sys/time.h>

#include "media/wire/error.h"

#define BOTH (HJ_SRTP_AEAD_AES_128_GCM | HJ_SRTP_AES128_CM_SHA1_80)

#define HELD_UP_US 150000 /* longer than the first timer */

static gint64 now_us = G_GINT64_CONSTANT (1700000000) * G_USEC_PER_SEC;
static guint n_readings;
static guint held_up_at; /* the reading before which the machine did something else, 0: none */
static guint held_up_again_at;

/* Takes the C library's place; libssl asks it for the time of its retransmission timers. */
int
gettimeofday (struct timeval *restrict tv, void *restrict unused)
{
  n_readings++;
  if (n_readings == held_up_at || n_readings == held_up_again_at)
    now_us += HELD_UP_US;
  tv->tv_sec = now_us / G_USEC_PER_SEC;
  tv->tv_usec = now_us % G_USEC_PER_SEC;
  return 0;
}

typedef struct
{
  HjDtlsIdentity *identity[2];
  HjDtls *peer[2]; /* 0 is the client */
  guint n_sent;
  guint drop_every; /* 0: no loss */
  GRand *luck;      /* NULL, or each datagram is lost with one chance in three */
  guint n_timeouts;
} Fixture;

static HjDtls *
a_session (Fixture *f, guint side, HjSrtpProfile profiles)
{
  g_autofree char *fingerprint
      = g_strconcat ("sha-256 ", hj_dtls_identity_get_fingerprint (f->identity[1 - side]), NULL);
  g_autoptr (GError) error = NULL;
  HjDtls *session = hj_dtls_new (f->identity[side], side == 0 ? HJ_DTLS_CLIENT : HJ_DTLS_SERVER,
      fingerprint, profiles, &error);

  g_assert_no_error (error);
  g_assert_cmpint (hj_dtls_get_state (session), ==, HJ_DTLS_NEW);
  return session;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GError) error = NULL;

      f->identity[i] = hj_dtls_identity_new (&error);
      g_assert_no_error (error);
    }
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  for (guint i = 0; i < 2; i++)
    {
      hj_dtls_free (f->peer[i]);
      hj_dtls_identity_free (f->identity[i]);
    }
}

static void
make_peers (Fixture *f, HjSrtpProfile client, HjSrtpProfile server)
{
  f->peer[0] = a_session (f, 0, client);
  f->peer[1] = a_session (f, 1, server);
}

/* Carries everything that one side has to say to the other. TRUE when there was something. */
static gboolean
carry (Fixture *f, guint from)
{
  guint8 datagram[HJ_DTLS_MTU];
  gboolean any = FALSE;
  gssize len;

  while ((len = hj_dtls_take_datagram (f->peer[from], datagram, sizeof datagram)) != 0)
    {
      g_assert_cmpint (len, >, 0);
      g_assert_true (hj_dtls_is_message (datagram, (gsize)len));
      any = TRUE;
      if (f->drop_every && ++f->n_sent % f->drop_every == 0)
        continue;
      if (f->luck && g_rand_int_range (f->luck, 0, 3) == 0)
        continue;
      hj_dtls_receive (f->peer[1 - from], datagram, (gsize)len, NULL);
    }
  return any;
}

/* Lets the clock jump to the next timer. FALSE when none runs. */
static gboolean
time_out (Fixture *f)
{
  gint64 wait = G_MAXINT64;

  for (guint i = 0; i < 2; i++)
    {
      gint64 timeout = hj_dtls_get_timeout_us (f->peer[i]);

      if (timeout >= 0)
        wait = MIN (wait, timeout);
    }
  if (wait == G_MAXINT64)
    return FALSE;
  now_us += wait;
  f->n_timeouts++;
  for (guint i = 0; i < 2; i++)
    hj_dtls_handle_timeout (f->peer[i]);
  return TRUE;
}

/* Runs until nothing moves any more. */
static void
run (Fixture *f)
{
  hj_dtls_start (f->peer[1]);
  hj_dtls_start (f->peer[0]);
  do
    while (carry (f, 0) || carry (f, 1))
      ;
  while (time_out (f));
}

static void
assert_states (Fixture *f, HjDtlsState client, HjDtlsState server)
{
  g_assert_cmpint (hj_dtls_get_state (f->peer[0]), ==, client);
  g_assert_cmpint (hj_dtls_get_state (f->peer[1]), ==, server);
}

/* Both sides hold the same keys, crosswise, and each direction its own. */
static void
assert_keys_agree (Fixture *f, HjSrtpProfile expected)
{
  gsize salt_len = expected == HJ_SRTP_AEAD_AES_128_GCM ? 12 : 14;
  static const guint8 zeros[14] = { 0 };
  HjSrtpKeys local[2], remote[2];

  for (guint i = 0; i < 2; i++)
    {
      HjSrtpProfile profile;

      g_assert_true (hj_dtls_get_srtp_keys (f->peer[i], &profile, &local[i], &remote[i]));
      g_assert_cmpint (profile, ==, expected);
    }
  for (guint i = 0; i < 2; i++)
    {
      g_assert_cmpmem (local[i].key, 16, remote[1 - i].key, 16);
      g_assert_cmpmem (local[i].salt, 14, remote[1 - i].salt, 14);
      g_assert_true (memcmp (local[i].key, remote[i].key, 16) != 0);
      g_assert_true (memcmp (local[i].salt, remote[i].salt, salt_len) != 0);
      g_assert_cmpmem (local[i].salt + salt_len, 14 - salt_len, zeros, 14 - salt_len);
    }
}

static void
assert_no_keys (Fixture *f, guint side)
{
  HjSrtpProfile profile;
  HjSrtpKeys local, remote;

  g_assert_false (hj_dtls_get_srtp_keys (f->peer[side], &profile, &local, &remote));
}

static void
two_peers_agree_on_keys (Fixture *f, gconstpointer data)
{
  make_peers (f, HJ_SRTP_AEAD_AES_128_GCM, BOTH);
  assert_no_keys (f, 0);
  assert_no_keys (f, 1);
  run (f);
  assert_states (f, HJ_DTLS_CONNECTED, HJ_DTLS_CONNECTED);
  assert_keys_agree (f, HJ_SRTP_AEAD_AES_128_GCM);
  g_assert_cmpuint (f->n_timeouts, ==, 0);
}

static void
the_keys_carry_srtp (Fixture *f, gconstpointer data)
{
  static const guint8 rtp[] = { 0x80, 96, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 'h', 'e', 'l', 'l', 'o' };

  make_peers (f, BOTH, HJ_SRTP_AES128_CM_SHA1_80);
  run (f);
  assert_keys_agree (f, HJ_SRTP_AES128_CM_SHA1_80);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (HjSrtp) sender = NULL;
      g_autoptr (HjSrtp) receiver = NULL;
      HjSrtpKeys local, remote;
      HjSrtpProfile profile;
      guint8 packet[64];
      gsize len;

      g_assert_true (hj_dtls_get_srtp_keys (f->peer[i], &profile, &local, &remote));
      sender = hj_srtp_new (profile, &local, NULL);
      g_assert_true (hj_dtls_get_srtp_keys (f->peer[1 - i], &profile, &local, &remote));
      receiver = hj_srtp_new (profile, &remote, NULL);
      len = hj_srtp_protect (sender, rtp, sizeof rtp, packet, sizeof packet);
      g_assert_cmpint (hj_srtp_unprotect (receiver, packet, len, &len), ==, HJ_SRTP_OK);
      g_assert_cmpmem (packet, len, rtp, sizeof rtp);
    }
}

static void
gcm_is_preferred_when_both_offer_both (Fixture *f, gconstpointer data)
{
  make_peers (f, BOTH, BOTH);
  run (f);
  assert_keys_agree (f, HJ_SRTP_AEAD_AES_128_GCM);
}

static void
no_common_profile_means_no_keys (Fixture *f, gconstpointer data)
{
  make_peers (f, HJ_SRTP_AEAD_AES_128_GCM, HJ_SRTP_AES128_CM_SHA1_80);
  run (f);
  g_assert_cmpint (hj_dtls_get_state (f->peer[0]), ==, HJ_DTLS_FAILED);
  g_assert_cmpint (hj_dtls_get_state (f->peer[1]), ==, HJ_DTLS_FAILED);
  assert_no_keys (f, 0);
  assert_no_keys (f, 1);
}

static void
loss_is_repaired (Fixture *f, gconstpointer data)
{
  f->drop_every = GPOINTER_TO_UINT (data);
  make_peers (f, HJ_SRTP_AEAD_AES_128_GCM, BOTH);
  run (f);
  assert_states (f, HJ_DTLS_CONNECTED, HJ_DTLS_CONNECTED);
  assert_keys_agree (f, HJ_SRTP_AEAD_AES_128_GCM);
  g_assert_cmpuint (f->n_timeouts, >, 0);
}

static void
the_loss_of_any_one_datagram_is_repaired (Fixture *f, gconstpointer data)
{
  for (guint lost = 1; lost <= 8; lost++)
    {
      f->drop_every = G_MAXUINT;
      f->n_sent = G_MAXUINT - lost; /* so that only this one is dropped */
      make_peers (f, HJ_SRTP_AEAD_AES_128_GCM, BOTH);
      run (f);
      assert_states (f, HJ_DTLS_CONNECTED, HJ_DTLS_CONNECTED);
      assert_keys_agree (f, HJ_SRTP_AEAD_AES_128_GCM);
      g_clear_pointer (&f->peer[0], hj_dtls_free);
      g_clear_pointer (&f->peer[1], hj_dtls_free);
    }
}

static void
one_lost_in_three_is_repaired (Fixture *f, gconstpointer data)
{
  g_autoptr (GRand) luck = g_rand_new_with_seed (1);

  f->luck = luck;
  for (guint i = 0; i < 100; i++)
    {
      make_peers (f, HJ_SRTP_AEAD_AES_128_GCM, BOTH);
      run (f);
      assert_states (f, HJ_DTLS_CONNECTED, HJ_DTLS_CONNECTED);
      assert_keys_agree (f, HJ_SRTP_AEAD_AES_128_GCM);
      g_clear_pointer (&f->peer[0], hj_dtls_free);
      g_clear_pointer (&f->peer[1], hj_dtls_free);
    }
  g_assert_cmpuint (f->n_timeouts, >, 50);
}

/* Nothing is lost, so nobody may have to wait for a timer, whenever it was that the machine had no time. */
static void
a_loaded_machine_does_not_stall_the_handshake (Fixture *f, gconstpointer data)
{
  held_up_at = 0;
  do
    {
      held_up_at++;
      n_readings = 0;
      make_peers (f, HJ_SRTP_AEAD_AES_128_GCM, BOTH);
      run (f);
      assert_states (f, HJ_DTLS_CONNECTED, HJ_DTLS_CONNECTED);
      assert_keys_agree (f, HJ_SRTP_AEAD_AES_128_GCM);
      g_assert_cmpuint (f->n_timeouts, ==, 0);
      g_clear_pointer (&f->peer[0], hj_dtls_free);
      g_clear_pointer (&f->peer[1], hj_dtls_free);
    }
  while (n_readings >= held_up_at);
  g_assert_cmpuint (held_up_at, >, 10); /* or the clock was not asked at all */
  held_up_at = 0;
}

/* --- two sides that run when they like --- */

/* What has been sent and not arrived. */
typedef struct
{
  Fixture *f;
  GRand *luck;
  GQueue wire[2]; /* of GBytes, by who sent it */
  gboolean apart; /* the server sends each record in a datagram of its own, as GStreamer's does */
} Schedule;

static void
put_on_wire (Schedule *s, guint from, const guint8 *data, gsize len)
{
  while (s->apart && from == 1 && len >= 13)
    {
      gsize record = 13 + (gsize)data[11] * 256 + data[12];

      g_assert_cmpuint (record, <=, len);
      g_queue_push_tail (&s->wire[from], g_bytes_new (data, record));
      data += record;
      len -= record;
    }
  if (len > 0)
    g_queue_push_tail (&s->wire[from], g_bytes_new (data, len));
}

static void
take_all (Schedule *s, guint from)
{
  guint8 datagram[HJ_DTLS_MTU];
  gssize len;

  while ((len = hj_dtls_take_datagram (s->f->peer[from], datagram, sizeof datagram)) > 0)
    put_on_wire (s, from, datagram, (gsize)len);
}

/* FALSE when nothing is under way to the other side. */
static gboolean
deliver_one (Schedule *s, guint from)
{
  g_autoptr (GBytes) bytes = g_queue_pop_head (&s->wire[from]);
  gsize len;
  const guint8 *data;

  if (bytes == NULL)
    return FALSE;
  data = g_bytes_get_data (bytes, &len);
  g_assert_true (hj_dtls_receive (s->f->peer[1 - from], data, len, NULL));
  return TRUE;
}

/* One datagram arrives, or a few before their reader answers. FALSE when nobody has anything to say any more. */
static gboolean
deliver (Schedule *s)
{
  guint from = (guint)g_rand_int_range (s->luck, 0, 2);
  guint batch = (guint)g_rand_int_range (s->luck, 1, 4);

  if (!deliver_one (s, from))
    {
      from = 1 - from;
      if (!deliver_one (s, from))
        return FALSE;
    }
  while (--batch > 0 && deliver_one (s, from))
    ;
  take_all (s, 1 - from);
  return TRUE;
}

static gboolean
both_are_connected (Schedule *s)
{
  return hj_dtls_get_state (s->f->peer[0]) == HJ_DTLS_CONNECTED
         && hj_dtls_get_state (s->f->peer[1]) == HJ_DTLS_CONNECTED;
}

/* FALSE when everything that was sent has arrived and they still wait for each other: a stall. */
static gboolean
shake_hands (Schedule *s)
{
  while (!both_are_connected (s))
    {
      guint side = (guint)g_rand_int_range (s->luck, 0, 2);
      int what = g_rand_int_range (s->luck, 0, 5);

      if (what == 0)
        now_us += g_rand_int_range (s->luck, 0, HELD_UP_US);
      else if (what == 1 && hj_dtls_handle_timeout (s->f->peer[side]))
        take_all (s, side);
      else if (what > 1 && !deliver (s))
        return FALSE;
    }
  return TRUE;
}

/* The wall clock goes on in leaps, in the middle of a reading too, ticks come early and late, answers in pieces; but nothing
 * is lost, and so nobody waits for a timer. */
static void
no_schedule_stalls_the_handshake (Fixture *f, gconstpointer data)
{
  for (guint seed = 0; seed < 600; seed++)
    {
      g_autoptr (GRand) luck = g_rand_new_with_seed (seed);
      Schedule s = { f, luck, { G_QUEUE_INIT, G_QUEUE_INIT }, seed % 2 };

      n_readings = 0;
      held_up_at = (guint)g_rand_int_range (luck, 0, 60);
      held_up_again_at = (guint)g_rand_int_range (luck, 0, 120);
      make_peers (f, HJ_SRTP_AEAD_AES_128_GCM, BOTH);
      hj_dtls_start (f->peer[1]);
      hj_dtls_start (f->peer[0]);
      take_all (&s, 0);
      if (!shake_hands (&s))
        g_error ("schedule %u stalls", seed);
      assert_keys_agree (f, HJ_SRTP_AEAD_AES_128_GCM);
      for (guint i = 0; i < 2; i++)
        {
          g_queue_clear_full (&s.wire[i], (GDestroyNotify)g_bytes_unref);
          g_clear_pointer (&f->peer[i], hj_dtls_free);
        }
    }
  held_up_at = held_up_again_at = 0;
}

/* The repetition of what has just been answered goes nowhere, least of all in front of the next flight. */
static void
a_late_answer_is_not_followed_by_the_old_flight (Fixture *f, gconstpointer data)
{
  guint8 datagram[HJ_DTLS_MTU];
  gssize len;

  make_peers (f, HJ_SRTP_AEAD_AES_128_GCM, BOTH);
  hj_dtls_start (f->peer[0]);
  hj_dtls_start (f->peer[1]);
  carry (f, 0);
  now_us += HELD_UP_US;
  carry (f, 1);
  len = hj_dtls_take_datagram (f->peer[0], datagram, sizeof datagram);
  g_assert_cmpint (len, >, 400);
  g_assert_cmpint (datagram[13], ==, 11); /* Certificate, not ClientHello (RFC 5246 7.4) */
  g_assert_cmpint (hj_dtls_take_datagram (f->peer[0], datagram, sizeof datagram), ==, 0);
}

static void
a_flight_is_one_datagram_also_when_repeated (Fixture *f, gconstpointer data)
{
  guint8 datagram[HJ_DTLS_MTU];

  make_peers (f, HJ_SRTP_AEAD_AES_128_GCM, BOTH);
  hj_dtls_start (f->peer[0]);
  hj_dtls_start (f->peer[1]);
  carry (f, 0);
  carry (f, 1);
  for (guint i = 0; i < 3; i++)
    {
      g_assert_cmpint (hj_dtls_take_datagram (f->peer[0], datagram, sizeof datagram), >, 400);
      g_assert_cmpint (hj_dtls_take_datagram (f->peer[0], datagram, sizeof datagram), ==, 0);
      now_us += hj_dtls_get_timeout_us (f->peer[0]);
      g_assert_true (hj_dtls_handle_timeout (f->peer[0]));
    }
}

static void
the_first_repetition_comes_soon (Fixture *f, gconstpointer data)
{
  guint8 datagram[HJ_DTLS_MTU];
  gint64 timeout;

  make_peers (f, HJ_SRTP_AEAD_AES_128_GCM, BOTH);
  g_assert_cmpint (hj_dtls_get_timeout_us (f->peer[0]), ==, -1);
  g_assert_true (hj_dtls_start (f->peer[0]));
  g_assert_cmpint (hj_dtls_take_datagram (f->peer[0], datagram, sizeof datagram), >, 0);
  g_assert_cmpint (hj_dtls_take_datagram (f->peer[0], datagram, sizeof datagram), ==, 0);
  timeout = hj_dtls_get_timeout_us (f->peer[0]);
  g_assert_cmpint (timeout, >, 0);
  g_assert_cmpint (timeout, <=, 100000);
  /* too early, nothing happens */
  g_assert_true (hj_dtls_handle_timeout (f->peer[0]));
  g_assert_cmpint (hj_dtls_take_datagram (f->peer[0], datagram, sizeof datagram), ==, 0);
  now_us += timeout;
  g_assert_cmpint (hj_dtls_get_timeout_us (f->peer[0]), ==, 0);
  g_assert_true (hj_dtls_handle_timeout (f->peer[0]));
  g_assert_cmpint (hj_dtls_take_datagram (f->peer[0], datagram, sizeof datagram), >, 0);
  timeout = hj_dtls_get_timeout_us (f->peer[0]);
  g_assert_cmpint (timeout, >, 100000);
  g_assert_cmpint (timeout, <=, 200000);
}

static void
silence_ends_the_session (Fixture *f, gconstpointer data)
{
  gint64 start_us = now_us;

  f->drop_every = 1;
  make_peers (f, HJ_SRTP_AEAD_AES_128_GCM, BOTH);
  run (f);
  g_assert_cmpint (hj_dtls_get_state (f->peer[0]), ==, HJ_DTLS_FAILED);
  g_assert_cmpint (now_us - start_us, >, 10 * G_USEC_PER_SEC);
  g_assert_cmpint (now_us - start_us, <, 60 * G_USEC_PER_SEC);
  g_assert_cmpint (hj_dtls_get_timeout_us (f->peer[0]), ==, -1);
}

/* Carries by hand and returns the first error that `side` reports. */
static GError *
first_error (Fixture *f, guint side)
{
  GError *error = NULL;

  hj_dtls_start (f->peer[1]);
  hj_dtls_start (f->peer[0]);
  for (guint i = 0; i < 20; i++)
    {
      guint8 datagram[HJ_DTLS_MTU];
      gssize len;

      while ((len = hj_dtls_take_datagram (f->peer[i % 2], datagram, sizeof datagram)) > 0)
        hj_dtls_receive (
            f->peer[1 - i % 2], datagram, (gsize)len, 1 - i % 2 == side && !error ? &error : NULL);
    }
  return error;
}

static void
another_certificate_is_refused (Fixture *f, gconstpointer data)
{
  guint fooled = GPOINTER_TO_UINT (data);
  g_autofree char *wrong = NULL;
  g_autoptr (GError) error = NULL;

  make_peers (f, HJ_SRTP_AEAD_AES_128_GCM, BOTH);
  hj_dtls_free (f->peer[fooled]);
  /* the fingerprint of its own certificate, which the peer does not have */
  wrong = g_strconcat ("sha-256 ", hj_dtls_identity_get_fingerprint (f->identity[fooled]), NULL);
  f->peer[fooled] = hj_dtls_new (f->identity[fooled], fooled == 0 ? HJ_DTLS_CLIENT : HJ_DTLS_SERVER,
      wrong, HJ_SRTP_AEAD_AES_128_GCM, NULL);
  error = first_error (f, fooled);
  g_assert_error (error, HJ_MEDIA_ERROR, HJ_MEDIA_ERROR_FINGERPRINT);
  g_assert_cmpint (hj_dtls_get_state (f->peer[fooled]), ==, HJ_DTLS_FAILED);
  g_assert_cmpint (hj_dtls_get_state (f->peer[1 - fooled]), ==, HJ_DTLS_FAILED);
  assert_no_keys (f, 0);
  assert_no_keys (f, 1);
}

static void
one_wrong_digit_is_enough (Fixture *f, gconstpointer data)
{
  g_autofree char *wrong
      = g_strconcat ("sha-256 ", hj_dtls_identity_get_fingerprint (f->identity[1]), NULL);
  g_autoptr (GError) error = NULL;
  char *last = wrong + strlen (wrong) - 1;

  *last = *last == '0' ? '1' : '0';
  f->peer[0] = hj_dtls_new (f->identity[0], HJ_DTLS_CLIENT, wrong, BOTH, NULL);
  f->peer[1] = a_session (f, 1, BOTH);
  error = first_error (f, 0);
  g_assert_error (error, HJ_MEDIA_ERROR, HJ_MEDIA_ERROR_FINGERPRINT);
}

static void
a_session_needs_a_strong_fingerprint (Fixture *f, gconstpointer data)
{
  static const struct
  {
    const char *text;
    HjMediaError code;
  } bad[] = {
    { NULL, HJ_MEDIA_ERROR_REFUSED },
    { "", HJ_MEDIA_ERROR_REFUSED },
    { "sha-256", HJ_MEDIA_ERROR_REFUSED },
    { "sha-1 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33", HJ_MEDIA_ERROR_REFUSED },
    { "md5 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF", HJ_MEDIA_ERROR_REFUSED },
    { "sha-2567 00", HJ_MEDIA_ERROR_REFUSED },
    { "sha-256 ", HJ_MEDIA_ERROR_MALFORMED },
    { "sha-256 00:11", HJ_MEDIA_ERROR_MALFORMED },
    { "sha-256 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:"
      "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FG",
        HJ_MEDIA_ERROR_MALFORMED },
    { "sha-256 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:"
      "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD-EE:FF",
        HJ_MEDIA_ERROR_MALFORMED },
    { "sha-512 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:"
      "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF",
        HJ_MEDIA_ERROR_MALFORMED },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (hj_dtls_new (f->identity[0], HJ_DTLS_CLIENT, bad[i].text, BOTH, &error));
      g_assert_error (error, HJ_MEDIA_ERROR, (int)bad[i].code);
    }
}

static void
a_fingerprint_may_be_written_in_small_letters (Fixture *f, gconstpointer data)
{
  g_autofree char *text
      = g_strconcat ("SHA-256 ", hj_dtls_identity_get_fingerprint (f->identity[1]), NULL);
  g_autofree char *small = g_ascii_strdown (text, -1);

  f->peer[0] = hj_dtls_new (f->identity[0], HJ_DTLS_CLIENT, small, BOTH, NULL);
  g_assert_nonnull (f->peer[0]);
  f->peer[1] = a_session (f, 1, BOTH);
  run (f);
  assert_states (f, HJ_DTLS_CONNECTED, HJ_DTLS_CONNECTED);
  g_clear_pointer (&f->peer[0], hj_dtls_free);
  f->peer[0] = hj_dtls_new (f->identity[0], HJ_DTLS_CLIENT, text, BOTH, NULL);
  g_assert_nonnull (f->peer[0]);
}

static void
the_fingerprint_is_sha_256_in_hex (Fixture *f, gconstpointer data)
{
  const char *fingerprint = hj_dtls_identity_get_fingerprint (f->identity[0]);

  g_assert_true (g_regex_match_simple ("^([0-9A-F]{2}:){31}[0-9A-F]{2}$", fingerprint, 0, 0));
  g_assert_cmpstr (fingerprint, !=, hj_dtls_identity_get_fingerprint (f->identity[1]));
}

static void
the_end_is_seen_by_the_other_side (Fixture *f, gconstpointer data)
{
  guint closer = GPOINTER_TO_UINT (data);

  make_peers (f, HJ_SRTP_AEAD_AES_128_GCM, BOTH);
  run (f);
  hj_dtls_close (f->peer[closer]);
  g_assert_cmpint (hj_dtls_get_state (f->peer[closer]), ==, HJ_DTLS_CLOSED);
  g_assert_true (carry (f, closer));
  assert_states (f, HJ_DTLS_CLOSED, HJ_DTLS_CLOSED);
  assert_no_keys (f, 0);
  assert_no_keys (f, 1);
  g_assert_cmpint (hj_dtls_get_timeout_us (f->peer[0]), ==, -1);
}

static void
a_session_outlives_its_identity (Fixture *f, gconstpointer data)
{
  make_peers (f, HJ_SRTP_AEAD_AES_128_GCM, BOTH);
  g_clear_pointer (&f->identity[0], hj_dtls_identity_free);
  g_clear_pointer (&f->identity[1], hj_dtls_identity_free);
  run (f);
  assert_states (f, HJ_DTLS_CONNECTED, HJ_DTLS_CONNECTED);
}

static void
a_datagram_that_does_not_fit_stays (Fixture *f, gconstpointer data)
{
  guint8 datagram[HJ_DTLS_MTU];

  make_peers (f, HJ_SRTP_AEAD_AES_128_GCM, BOTH);
  hj_dtls_start (f->peer[0]);
  g_assert_cmpint (hj_dtls_take_datagram (f->peer[0], datagram, 20), ==, -1);
  g_assert_cmpint (hj_dtls_take_datagram (f->peer[0], datagram, sizeof datagram), >, 20);
}

static void
damaged_datagrams_do_no_harm (Fixture *f, gconstpointer data)
{
  guint8 hello[HJ_DTLS_MTU];
  gssize len;

  make_peers (f, HJ_SRTP_AEAD_AES_128_GCM, BOTH);
  hj_dtls_start (f->peer[0]);
  hj_dtls_start (f->peer[1]);
  len = hj_dtls_take_datagram (f->peer[0], hello, sizeof hello);
  g_assert_cmpint (len, >, 0);
  for (gssize n = 0; n < len; n++)
    {
      g_autofree guint8 *copy = g_memdup2 (hello, (gsize)MAX (n, 1));

      hj_dtls_receive (f->peer[1], copy, (gsize)n, NULL);
      g_assert_cmpint (hj_dtls_get_state (f->peer[1]), ==, HJ_DTLS_CONNECTING);
    }
  hj_dtls_receive (f->peer[1], hello, (gsize)len, NULL);
  run (f);
  assert_states (f, HJ_DTLS_CONNECTED, HJ_DTLS_CONNECTED);
}

static void
a_forged_alert_does_not_end_a_connection (Fixture *f, gconstpointer data)
{
  /* close_notify and a fatal alert, unencrypted, of epoch 0 and of epoch 1 */
  static const guint8 alerts[][15] = {
    { 21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 1, 0 },
    { 21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 10, 0, 2, 2, 40 },
    { 21, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 9, 0, 2, 1, 0 },
    { 21, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 10, 0, 2, 2, 40 },
  };

  make_peers (f, HJ_SRTP_AEAD_AES_128_GCM, BOTH);
  run (f);
  for (gsize i = 0; i < G_N_ELEMENTS (alerts); i++)
    {
      g_assert_true (hj_dtls_receive (f->peer[0], alerts[i], sizeof alerts[i], NULL));
      g_assert_true (hj_dtls_receive (f->peer[1], alerts[i], sizeof alerts[i], NULL));
    }
  assert_states (f, HJ_DTLS_CONNECTED, HJ_DTLS_CONNECTED);
}

static void
other_protocols_on_the_port_are_ignored (Fixture *f, gconstpointer data)
{
  static const guint8 stun[20] = { 0, 1 };
  static const guint8 rtp[20] = { 0x80, 96 };

  make_peers (f, HJ_SRTP_AEAD_AES_128_GCM, BOTH);
  g_assert_false (hj_dtls_is_message (stun, sizeof stun));
  g_assert_false (hj_dtls_is_message (rtp, sizeof rtp));
  g_assert_true (hj_dtls_receive (f->peer[1], stun, sizeof stun, NULL));
  g_assert_true (hj_dtls_receive (f->peer[1], rtp, sizeof rtp, NULL));
  g_assert_cmpint (hj_dtls_get_state (f->peer[1]), ==, HJ_DTLS_NEW);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD_WITH(path, number, name)                                                               \
  g_test_add ("/media/dtls/" path, Fixture, GUINT_TO_POINTER (number), set_up, name, tear_down)
#define ADD(name) ADD_WITH (#name, 0, name)
  ADD (two_peers_agree_on_keys);
  ADD (the_keys_carry_srtp);
  ADD (gcm_is_preferred_when_both_offer_both);
  ADD (no_common_profile_means_no_keys);
  ADD_WITH ("the_loss_of_every_third_datagram_is_repaired", 3, loss_is_repaired);
  ADD_WITH ("the_loss_of_every_fourth_datagram_is_repaired", 4, loss_is_repaired);
  ADD (the_loss_of_any_one_datagram_is_repaired);
  ADD (one_lost_in_three_is_repaired);
  ADD (a_loaded_machine_does_not_stall_the_handshake);
  ADD (no_schedule_stalls_the_handshake);
  ADD (a_late_answer_is_not_followed_by_the_old_flight);
  ADD (a_flight_is_one_datagram_also_when_repeated);
  ADD (the_first_repetition_comes_soon);
  ADD (silence_ends_the_session);
  ADD_WITH ("another_certificate_is_refused_by_the_client", 0, another_certificate_is_refused);
  ADD_WITH ("another_certificate_is_refused_by_the_server", 1, another_certificate_is_refused);
  ADD (one_wrong_digit_is_enough);
  ADD (a_session_needs_a_strong_fingerprint);
  ADD (a_fingerprint_may_be_written_in_small_letters);
  ADD (the_fingerprint_is_sha_256_in_hex);
  ADD_WITH ("the_end_told_by_the_client_is_seen", 0, the_end_is_seen_by_the_other_side);
  ADD_WITH ("the_end_told_by_the_server_is_seen", 1, the_end_is_seen_by_the_other_side);
  ADD (a_session_outlives_its_identity);
  ADD (a_datagram_that_does_not_fit_stays);
  ADD (damaged_datagrams_do_no_harm);
  ADD (a_forged_alert_does_not_end_a_connection);
  ADD (other_protocols_on_the_port_are_ignored);
  return g_test_run ();
}
