/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of two or three ends, epoch by epoch, in a time of the test's own: which seals when, what opens, what is gone. */
#include "media/frames/framekeys.h"

#include <string.h>

#include "media/wire/error.h"

#define AUDIO_SIZE 80
#define MS G_TIME_SPAN_MILLISECOND

static void
fill_seats (HjFrameSeat *seats, guint n, guint32 epoch)
{
  for (guint i = 0; i < n; i++)
    {
      seats[i].number = i;
      memset (seats[i].base_key, (int)(16 * epoch + i), HJ_FRAME_BASE_KEY);
    }
}

static void
begin (HjFrameKeys *keys, guint32 epoch, guint n_seats, gint64 now_us)
{
  g_autoptr (GError) error = NULL;
  HjFrameSeat seats[5];

  fill_seats (seats, n_seats, epoch);
  g_assert_true (hj_frame_keys_begin (keys, epoch, seats, n_seats, now_us, &error));
  g_assert_no_error (error);
}

static void
assert_begin_refused (HjFrameKeys *keys, guint32 epoch, const HjFrameSeat *seats, guint n)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (hj_frame_keys_begin (keys, epoch, seats, n, 0, &error));
  g_assert_error (error, HJ_MEDIA_ERROR, HJ_MEDIA_ERROR_REFUSED);
}

typedef struct
{
  guint8 data[AUDIO_SIZE + HJ_FRAME_MAX_OVERHEAD];
  gsize size;
} Sealed;

static HjFrameVerdict
seal_frame (HjFrameKeys *keys, HjMediaKind kind, guint8 first, gint64 now_us, Sealed *out)
{
  guint8 frame[AUDIO_SIZE] = { first, 'p', 'l', 'a', 'i', 'n' };

  return hj_frame_keys_seal (keys, kind, frame, sizeof frame, out->data, &out->size, now_us);
}

static HjFrameVerdict
open_frame (HjFrameKeys *keys, guint number, HjMediaKind kind, const Sealed *sealed, gint64 now_us)
{
  guint8 out[sizeof sealed->data];
  gsize size = 0;
  HjFrameSource source;
  HjFrameVerdict verdict = hj_frame_keys_open (
      keys, number, kind, sealed->data, sealed->size, out, &size, &source, now_us);

  if (verdict == HJ_FRAME_OK)
    {
      g_assert_cmpuint (size, ==, AUDIO_SIZE);
      g_assert_cmpmem (out + 1, 5, "plain", 5);
    }
  else
    g_assert_cmpuint (size, ==, 0);
  return verdict;
}

static void
a_frame_keeps_its_clear_bytes_and_no_other (void)
{
  g_autoptr (HjFrameKeys) a = hj_frame_keys_new (0);
  g_autoptr (HjFrameKeys) b = hj_frame_keys_new (1);
  Sealed sealed;

  begin (a, 1, 2, 0);
  begin (b, 1, 2, 0);
  g_assert_cmpint (seal_frame (a, HJ_VIDEO, 0x10, 0, &sealed), ==, HJ_FRAME_OK);
  g_assert_cmpmem (sealed.data + 1, 5, "plain", 5);
  g_assert_cmpuint (sealed.data[10], ==, 0x80); /* the KID in one more byte, counter 0 */
  g_assert_cmpuint (sealed.data[11], ==, 17);
  g_assert_cmpint (open_frame (b, 0, HJ_VIDEO, &sealed, 0), ==, HJ_FRAME_OK);
  g_assert_cmpint (seal_frame (a, HJ_VIDEO, 0x11, 0, &sealed), ==, HJ_FRAME_OK);
  g_assert_cmpuint (sealed.data[0], ==, 0x11);
  g_assert_cmpuint (sealed.data[1], ==, 0x81); /* counter 1 */
  g_assert_cmpuint (sealed.data[2], ==, 17);
  g_assert_cmpint (memcmp (sealed.data + 4, "plain", 5), !=, 0);
  g_assert_cmpint (open_frame (b, 0, HJ_VIDEO, &sealed, 0), ==, HJ_FRAME_OK);
  g_assert_cmpint (seal_frame (a, HJ_AUDIO, 0x10, 0, &sealed), ==, HJ_FRAME_OK);
  g_assert_cmpuint (sealed.data[0], ==, 0x80);
  g_assert_cmpuint (sealed.data[1], ==, 16);
  g_assert_cmpint (open_frame (b, 0, HJ_AUDIO, &sealed, 0), ==, HJ_FRAME_OK);
}

static void
clear_bytes_are_authenticated (void)
{
  g_autoptr (HjFrameKeys) a = hj_frame_keys_new (0);
  g_autoptr (HjFrameKeys) b = hj_frame_keys_new (1);
  Sealed sealed;

  begin (a, 1, 2, 0);
  begin (b, 1, 2, 0);
  g_assert_cmpint (seal_frame (a, HJ_VIDEO, 0x10, 0, &sealed), ==, HJ_FRAME_OK);
  for (guint i = 0; i < sealed.size; i++)
    {
      sealed.data[i] ^= 0x10;
      g_assert_cmpint (open_frame (b, 0, HJ_VIDEO, &sealed, 0), !=, HJ_FRAME_OK);
      sealed.data[i] ^= 0x10;
    }
  g_assert_cmpint (open_frame (b, 0, HJ_VIDEO, &sealed, 0), ==, HJ_FRAME_OK);
}

static void
frames_of_another_seat_kind_or_epoch_are_refused (void)
{
  g_autoptr (HjFrameKeys) a = hj_frame_keys_new (0);
  g_autoptr (HjFrameKeys) b = hj_frame_keys_new (1);
  Sealed sealed;
  Sealed plain = { { 0x11, 1, 2, 3, 4, 5, 6, 7 }, AUDIO_SIZE };

  begin (a, 1, 3, 0);
  begin (b, 1, 3, 0);
  g_assert_cmpint (seal_frame (a, HJ_AUDIO, 0x10, 0, &sealed), ==, HJ_FRAME_OK);
  g_assert_cmpint (open_frame (b, 2, HJ_AUDIO, &sealed, 0), ==, HJ_FRAME_FOREIGN);
  g_assert_cmpint (open_frame (b, 0, HJ_VIDEO, &sealed, 0), !=, HJ_FRAME_OK);
  g_assert_cmpint (open_frame (a, 0, HJ_AUDIO, &sealed, 0), ==, HJ_FRAME_NO_KEY); /* its own */
  g_assert_cmpint (open_frame (b, 0, HJ_AUDIO, &plain, 0), !=, HJ_FRAME_OK);
  g_assert_cmpint (open_frame (b, 0, HJ_VIDEO, &plain, 0), !=, HJ_FRAME_OK);
  begin (a, 2, 3, 0);
  g_assert_cmpint (seal_frame (a, HJ_AUDIO, 0, HJ_FRAME_SWITCH_US, &sealed), ==, HJ_FRAME_OK);
  g_assert_cmpint (open_frame (b, 0, HJ_AUDIO, &sealed, 0), ==, HJ_FRAME_NO_KEY);
  begin (b, 2, 3, 0);
  g_assert_cmpint (open_frame (b, 0, HJ_AUDIO, &sealed, 0), ==, HJ_FRAME_OK);
  g_assert_cmpint (open_frame (b, 0, HJ_AUDIO, &sealed, 0), ==, HJ_FRAME_REPLAYED);
}

/* What a relay can do to the part that is not clear: hand it over as the other kind, or name a KID that nobody has. */
static void
a_kid_of_another_kind_or_of_nobody_is_foreign (void)
{
  g_autoptr (HjFrameKeys) a = hj_frame_keys_new (0);
  g_autoptr (HjFrameKeys) b = hj_frame_keys_new (1);
  const guint64 nobody[] = { 0, 1, 16 + 2 * 5, G_GUINT64_CONSTANT (1) << 36, G_MAXUINT64 };
  Sealed sealed;

  begin (a, 1, 2, 0);
  begin (b, 1, 2, 0);
  g_assert_cmpint (seal_frame (a, HJ_VIDEO, 0x11, 0, &sealed), ==, HJ_FRAME_OK);
  memmove (sealed.data, sealed.data + 1, --sealed.size);
  g_assert_cmpint (open_frame (b, 0, HJ_AUDIO, &sealed, 0), ==, HJ_FRAME_FOREIGN);
  for (guint i = 0; i < G_N_ELEMENTS (nobody); i++)
    {
      hj_sframe_write_header (nobody[i], 0, sealed.data);
      g_assert_cmpint (open_frame (b, (guint)(nobody[i] % 16 / 2) % 5, nobody[i] % 2, &sealed, 0),
          ==, HJ_FRAME_FOREIGN);
    }
}

static void
nothing_is_sealed_without_a_key (void)
{
  g_autoptr (HjFrameKeys) keys = hj_frame_keys_new (0);
  Sealed sealed;
  guint8 stub[9] = { 0x10 };

  g_assert_cmpint (seal_frame (keys, HJ_AUDIO, 0, 0, &sealed), ==, HJ_FRAME_NO_KEY);
  g_assert_cmpuint (sealed.size, ==, 0);
  begin (keys, 1, 2, 0);
  g_assert_cmpint (
      hj_frame_keys_seal (keys, HJ_VIDEO, stub, sizeof stub, sealed.data, &sealed.size, 0), ==,
      HJ_FRAME_SHORT);
  g_assert_cmpint (hj_frame_keys_seal (keys, HJ_VIDEO, stub, 0, sealed.data, &sealed.size, 0), ==,
      HJ_FRAME_SHORT);
  hj_frame_keys_clear (keys);
  g_assert_cmpint (seal_frame (keys, HJ_AUDIO, 0, 0, &sealed), ==, HJ_FRAME_NO_KEY);
}

static void
an_epoch_is_refused_that_does_not_follow (void)
{
  g_autoptr (HjFrameKeys) keys = hj_frame_keys_new (0);
  HjFrameSeat seats[3];

  fill_seats (seats, 3, 1);
  assert_begin_refused (keys, 0, seats, 3);
  assert_begin_refused (keys, 1, seats, 1);
  assert_begin_refused (keys, 1, seats + 1, 2);
  seats[2].number = 5;
  assert_begin_refused (keys, 1, seats, 3);
  seats[2].number = 1;
  assert_begin_refused (keys, 1, seats, 3);
  seats[2].number = 0;
  assert_begin_refused (keys, 1, seats, 3);
  begin (keys, 7, 2, 0);
  assert_begin_refused (keys, 7, seats, 2);
  assert_begin_refused (keys, 6, seats, 2);
  hj_frame_keys_clear (keys);
  assert_begin_refused (keys, 7, seats, 2);
}

static void
a_later_epoch_is_opened_at_once_and_sealed_after_300_ms (void)
{
  g_autoptr (HjFrameKeys) a = hj_frame_keys_new (0);
  g_autoptr (HjFrameKeys) b = hj_frame_keys_new (1);
  Sealed old;
  Sealed new;

  begin (a, 1, 2, 0);
  begin (b, 1, 2, 0);
  begin (a, 2, 2, 1000 * MS);
  g_assert_cmpuint (hj_frame_keys_get_sending (a, 1299 * MS), ==, 1);
  g_assert_cmpint (seal_frame (a, HJ_AUDIO, 0, 1299 * MS, &old), ==, HJ_FRAME_OK);
  g_assert_cmpuint (hj_frame_keys_get_sending (a, 1300 * MS), ==, 2);
  g_assert_cmpint (seal_frame (a, HJ_AUDIO, 0, 1300 * MS, &new), ==, HJ_FRAME_OK);
  begin (b, 2, 2, 1100 * MS);
  g_assert_cmpint (open_frame (b, 0, HJ_AUDIO, &new, 1101 * MS), ==, HJ_FRAME_OK);
  g_assert_cmpint (open_frame (b, 0, HJ_AUDIO, &old, 3099 * MS), ==, HJ_FRAME_OK);
  g_assert_cmpint (seal_frame (a, HJ_AUDIO, 0, 1299 * MS, &old), ==, HJ_FRAME_OK);
  g_assert_cmpint (open_frame (b, 0, HJ_AUDIO, &old, 3100 * MS), ==, HJ_FRAME_NO_KEY);
}

/* Epochs that follow each other faster than they are sent with: the newest whose time has come. */
static void
quick_epochs_follow_in_order (void)
{
  g_autoptr (HjFrameKeys) keys = hj_frame_keys_new (0);

  begin (keys, 1, 2, 0);
  begin (keys, 2, 3, 1000 * MS);
  begin (keys, 5, 2, 1100 * MS);
  g_assert_cmpuint (hj_frame_keys_get_sending (keys, 1200 * MS), ==, 1);
  g_assert_cmpuint (hj_frame_keys_get_sending (keys, 1300 * MS), ==, 2);
  g_assert_cmpuint (hj_frame_keys_get_sending (keys, 1400 * MS), ==, 5);
  g_assert_cmpuint (hj_frame_keys_get_sending (keys, 99999 * MS), ==, 5);
}

static void
a_seat_that_has_gone_is_not_heard_and_soon_not_spoken_to (void)
{
  g_autoptr (HjFrameKeys) a = hj_frame_keys_new (0);
  g_autoptr (HjFrameKeys) b = hj_frame_keys_new (1);
  g_autoptr (HjFrameKeys) c = hj_frame_keys_new (2);
  Sealed sealed;

  begin (a, 1, 3, 0);
  begin (b, 1, 3, 0);
  begin (c, 1, 3, 0);
  hj_frame_keys_forget_seat (a, 2, 1000 * MS);
  g_assert_cmpint (seal_frame (c, HJ_AUDIO, 0, 1000 * MS, &sealed), ==, HJ_FRAME_OK);
  g_assert_cmpint (open_frame (a, 2, HJ_AUDIO, &sealed, 1000 * MS), ==, HJ_FRAME_NO_KEY);
  g_assert_cmpint (seal_frame (b, HJ_VIDEO, 1, 1000 * MS, &sealed), ==, HJ_FRAME_OK);
  g_assert_cmpint (open_frame (a, 1, HJ_VIDEO, &sealed, 1000 * MS), ==, HJ_FRAME_OK);
  g_assert_cmpint (seal_frame (a, HJ_AUDIO, 0, 1999 * MS, &sealed), ==, HJ_FRAME_OK);
  g_assert_cmpint (seal_frame (a, HJ_AUDIO, 0, 2000 * MS, &sealed), ==, HJ_FRAME_NO_KEY);
  begin (a, 2, 2, 5000 * MS);
  g_assert_cmpint (seal_frame (a, HJ_AUDIO, 0, 5299 * MS, &sealed), ==, HJ_FRAME_NO_KEY);
  g_assert_cmpint (seal_frame (a, HJ_AUDIO, 0, 5300 * MS, &sealed), ==, HJ_FRAME_OK);
  g_assert_cmpint (open_frame (c, 0, HJ_AUDIO, &sealed, 5300 * MS), ==, HJ_FRAME_NO_KEY);
}

static void
a_seat_that_was_not_there_stops_nothing (void)
{
  g_autoptr (HjFrameKeys) keys = hj_frame_keys_new (0);

  begin (keys, 1, 2, 0);
  hj_frame_keys_forget_seat (keys, 4, 0);
  g_assert_cmpuint (hj_frame_keys_get_sending (keys, 5000 * MS), ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/framekeys/a-frame-keeps-its-clear-bytes-and-no-other",
      a_frame_keeps_its_clear_bytes_and_no_other);
  g_test_add_func ("/framekeys/clear-bytes-are-authenticated", clear_bytes_are_authenticated);
  g_test_add_func ("/framekeys/frames-of-another-seat-kind-or-epoch-are-refused",
      frames_of_another_seat_kind_or_epoch_are_refused);
  g_test_add_func ("/framekeys/a-kid-of-another-kind-or-of-nobody-is-foreign",
      a_kid_of_another_kind_or_of_nobody_is_foreign);
  g_test_add_func ("/framekeys/nothing-is-sealed-without-a-key", nothing_is_sealed_without_a_key);
  g_test_add_func ("/framekeys/an-epoch-is-refused-that-does-not-follow",
      an_epoch_is_refused_that_does_not_follow);
  g_test_add_func ("/framekeys/a-later-epoch-is-opened-at-once-and-sealed-after-300-ms",
      a_later_epoch_is_opened_at_once_and_sealed_after_300_ms);
  g_test_add_func ("/framekeys/quick-epochs-follow-in-order", quick_epochs_follow_in_order);
  g_test_add_func ("/framekeys/a-seat-that-has-gone-is-not-heard-and-soon-not-spoken-to",
      a_seat_that_has_gone_is_not_heard_and_soon_not_spoken_to);
  g_test_add_func ("/framekeys/a-seat-that-was-not-there-stops-nothing",
      a_seat_that_was_not_there_stops_nothing);
  return g_test_run ();
}
