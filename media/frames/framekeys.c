/* SPDX-License-Identifier: Apache-2.0 */
/* The frame keys of one end, epoch by epoch: which one seals now, which ones open, when they are destroyed. The caller
 * says what time it is. GStreamer's streaming threads share it with the thread of the key agreement, hence the mutex; it
 * is held while one frame is sealed or opened. docs/e2ee.md sections 1 and 4. */

#include "media/frames/framekeys.h"

#include <string.h>

#include "media/wire/error.h"
#include "media/frames/sframe-table.h"

#define FOREVER G_MAXINT64

typedef struct
{
  guint32 number;
  gint64 from_us;  /* sealed with from then on */
  gint64 stop_us;  /* not sealed with any more: somebody has gone */
  gint64 until_us; /* destroyed: its successor holds */
  HjSframeKey *own[HJ_N_KINDS];
  guint64 ctr[HJ_N_KINDS]; /* the next one */
  HjSframeTable *others;
} Epoch;

struct _HjFrameKeys
{
  gatomicrefcount refs;
  guint number;
  GMutex lock; /* guards what follows */
  guint32 highest;
  GPtrArray *epochs; /* Epoch *, by number */
};

G_DEFINE_BOXED_TYPE (HjFrameKeys, hj_frame_keys, hj_frame_keys_ref, hj_frame_keys_unref)

static void
epoch_free (Epoch *self)
{
  if (self == NULL)
    return;
  for (guint kind = 0; kind < HJ_N_KINDS; kind++)
    hj_sframe_key_free (self->own[kind]);
  hj_sframe_table_free (self->others);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Epoch, epoch_free)

static gboolean
take_seat (Epoch *self, const HjFrameSeat *seat, gboolean is_own, GError **error)
{
  for (guint kind = 0; kind < HJ_N_KINDS; kind++)
    {
      guint64 kid = hj_frame_kid (self->number, seat->number, kind);

      if (!is_own)
        {
          if (!hj_sframe_table_add (self->others, seat->base_key, HJ_FRAME_BASE_KEY, kid, error))
            return FALSE;
          continue;
        }
      if (self->own[kind] != NULL)
        {
          g_set_error_literal (
              error, HJ_MEDIA_ERROR, HJ_MEDIA_ERROR_REFUSED, "This end is in the epoch twice");
          return FALSE;
        }
      self->own[kind] = hj_sframe_key_new (seat->base_key, HJ_FRAME_BASE_KEY, kid, error);
      if (self->own[kind] == NULL)
        return FALSE;
    }
  return TRUE;
}

static Epoch *
epoch_new (guint32 number, guint own, const HjFrameSeat *seats, guint n_seats, GError **error)
{
  g_autoptr (Epoch) self = g_new0 (Epoch, 1);

  self->number = number;
  self->stop_us = self->until_us = FOREVER;
  self->others = hj_sframe_table_new ();
  for (guint i = 0; i < n_seats; i++)
    {
      if (seats[i].number > HJ_FRAME_MAX_NUMBER)
        {
          g_set_error (error, HJ_MEDIA_ERROR, HJ_MEDIA_ERROR_REFUSED, "No seat has number %u",
              seats[i].number);
          return NULL;
        }
      if (!take_seat (self, &seats[i], seats[i].number == own, error))
        return NULL;
    }
  if (self->own[HJ_AUDIO] == NULL || n_seats < 2)
    {
      g_set_error_literal (error, HJ_MEDIA_ERROR, HJ_MEDIA_ERROR_REFUSED,
          "An epoch is of this end and at least one other");
      return NULL;
    }
  return g_steal_pointer (&self);
}

/* number: of this end's seat. Returns: (transfer full): without keys, so that nothing is sealed nor opened. */
HjFrameKeys *
hj_frame_keys_new (guint number)
{
  HjFrameKeys *self = g_new0 (HjFrameKeys, 1);

  g_assert (number <= HJ_FRAME_MAX_NUMBER);
  g_atomic_ref_count_init (&self->refs);
  g_mutex_init (&self->lock);
  self->number = number;
  self->epochs = g_ptr_array_new_with_free_func ((GDestroyNotify)epoch_free);
  return self;
}

HjFrameKeys *
hj_frame_keys_ref (HjFrameKeys *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
hj_frame_keys_unref (HjFrameKeys *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->refs))
    return;
  g_ptr_array_unref (self->epochs);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static void
expire (HjFrameKeys *self, gint64 now_us)
{
  for (guint i = self->epochs->len; i-- > 0;)
    if (((Epoch *)self->epochs->pdata[i])->until_us <= now_us)
      g_ptr_array_remove_index (self->epochs, i);
}

/**
 * hj_frame_keys_begin:
 * @epoch: higher than every one before: a counter begins at 0 with each
 * @seats: all of the roster, this end too; the keys are copied and derived from, the caller wipes its own
 *
 * The epoch is complete: it opens at once and seals at once when it is the first, else 300 ms later. Those before are
 * destroyed 2 s later.
 */
gboolean
hj_frame_keys_begin (HjFrameKeys *self, guint32 epoch, const HjFrameSeat *seats, guint n_seats,
    gint64 now_us, GError **error)
{
  g_autoptr (Epoch) begun = epoch_new (epoch, self->number, seats, n_seats, error);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  if (begun == NULL)
    return FALSE;
  if (epoch <= self->highest)
    {
      g_set_error (error, HJ_MEDIA_ERROR, HJ_MEDIA_ERROR_REFUSED,
          "Epoch %u does not follow epoch %u", epoch, self->highest);
      return FALSE;
    }
  expire (self, now_us);
  begun->from_us = self->highest == 0 ? now_us : now_us + HJ_FRAME_SWITCH_US;
  self->highest = epoch;
  for (guint i = 0; i < self->epochs->len; i++)
    {
      Epoch *before = self->epochs->pdata[i];

      before->until_us = MIN (before->until_us, now_us + HJ_FRAME_DESTROY_US);
    }
  g_ptr_array_add (self->epochs, g_steal_pointer (&begun));
  return TRUE;
}

/**
 * hj_frame_keys_forget_seat:
 *
 * The seat has gone from the roster, or another identity sits there: what it seals opens no more, and what it can open is
 * sealed for one second more at most.
 */
void
hj_frame_keys_forget_seat (HjFrameKeys *self, guint number, gint64 now_us)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  for (guint i = 0; i < self->epochs->len; i++)
    {
      Epoch *epoch = self->epochs->pdata[i];
      gboolean was_there
          = hj_sframe_table_remove (epoch->others, hj_frame_kid (epoch->number, number, HJ_AUDIO));

      if (hj_sframe_table_remove (epoch->others, hj_frame_kid (epoch->number, number, HJ_VIDEO))
          || was_there)
        epoch->stop_us = MIN (epoch->stop_us, now_us + HJ_FRAME_LINGER_US);
    }
}

/* Destroys what is due. Sealing and opening do so too; this is for an end where no frame passes. */
void
hj_frame_keys_expire (HjFrameKeys *self, gint64 now_us)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  expire (self, now_us);
}

/* Destroys every key, at the end or when nobody else is there. A later epoch must still be higher, and waits its 300 ms. */
void
hj_frame_keys_clear (HjFrameKeys *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  g_ptr_array_set_size (self->epochs, 0);
}

/* Returns: (transfer none) (nullable): the newest epoch whose time has come, if it may still be used. */
static Epoch *
find_sending (HjFrameKeys *self, gint64 now_us)
{
  expire (self, now_us);
  for (guint i = self->epochs->len; i-- > 0;)
    {
      Epoch *epoch = self->epochs->pdata[i];

      if (epoch->from_us <= now_us)
        return epoch->stop_us > now_us ? epoch : NULL;
    }
  return NULL;
}

/* Returns: the epoch that seals now, 0 for none */
guint32
hj_frame_keys_get_sending (HjFrameKeys *self, gint64 now_us)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  const Epoch *epoch = find_sending (self, now_us);

  return epoch != NULL ? epoch->number : 0;
}

/**
 * hj_frame_keys_seal:
 * @frame: as the encoder made it; may not overlap @out
 * @out: room for @size and HJ_FRAME_MAX_OVERHEAD
 */
HjFrameVerdict
hj_frame_keys_seal (HjFrameKeys *self, HjMediaKind kind, const guint8 *frame, gsize size,
    guint8 *out, gsize *ret_size, gint64 now_us)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  Epoch *epoch = find_sending (self, now_us);
  gssize clear = hj_frame_clear_size (kind, frame, size);
  gsize sealed = 0;

  *ret_size = 0;
  if (clear < 0)
    return HJ_FRAME_SHORT;
  if (size > HJ_FRAME_MAX)
    return HJ_FRAME_OVERSIZE;
  if (epoch == NULL)
    return HJ_FRAME_NO_KEY;
  memcpy (out, frame, (gsize)clear);
  sealed = hj_sframe_key_seal (epoch->own[kind], epoch->ctr[kind]++, frame, (gsize)clear,
      frame + clear, size - (gsize)clear, out + clear);
  if (sealed == 0)
    return HJ_FRAME_OVERSIZE;
  *ret_size = (gsize)clear + sealed;
  return HJ_FRAME_OK;
}

static HjFrameVerdict
verdict_of (HjSframeStatus status)
{
  switch (status)
    {
    case HJ_SFRAME_OK:
      return HJ_FRAME_OK;
    case HJ_SFRAME_OVERSIZE:
      return HJ_FRAME_OVERSIZE;
    case HJ_SFRAME_NO_KEY:
      return HJ_FRAME_NO_KEY;
    case HJ_SFRAME_REPLAYED:
      return HJ_FRAME_REPLAYED;
    case HJ_SFRAME_FORGED:
      return HJ_FRAME_FORGED;
    case HJ_SFRAME_MALFORMED:
    default:
      return HJ_FRAME_SHORT;
    }
}

/* Returns: (transfer none) (nullable) */
static Epoch *
find_epoch (HjFrameKeys *self, guint32 number, gint64 now_us)
{
  expire (self, now_us);
  for (guint i = 0; i < self->epochs->len; i++)
    {
      Epoch *epoch = self->epochs->pdata[i];

      if (epoch->number == number)
        return epoch;
    }
  return NULL;
}

/**
 * hj_frame_keys_open:
 * @number: the seat that is expected to have sealed it
 * @out: room for @size; nothing of what does not open is left in it beyond the clear bytes
 * @source: (out caller-allocates): meaningful with HJ_FRAME_OK
 */
HjFrameVerdict
hj_frame_keys_open (HjFrameKeys *self, guint number, HjMediaKind kind, const guint8 *sealed,
    gsize size, guint8 *out, gsize *ret_size, HjFrameSource *source, gint64 now_us)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  gssize clear = hj_frame_clear_size (kind, sealed, size);
  Epoch *epoch = NULL;
  HjSframeHeader header;
  HjSframeStatus status = HJ_SFRAME_OK;

  *ret_size = 0;
  if (clear < 0 || !hj_sframe_read_header (sealed + clear, size - (gsize)clear, &header))
    return HJ_FRAME_SHORT;
  if (!hj_frame_read_kid (header.kid, source) || source->number != number || source->kind != kind)
    return HJ_FRAME_FOREIGN;
  epoch = find_epoch (self, source->epoch, now_us);
  if (epoch == NULL)
    return HJ_FRAME_NO_KEY;
  status = hj_sframe_table_open (epoch->others, sealed, (gsize)clear, sealed + clear,
      size - (gsize)clear, out + clear, ret_size, &header);
  if (status != HJ_SFRAME_OK)
    return verdict_of (status);
  memcpy (out, sealed, (gsize)clear);
  *ret_size += (gsize)clear;
  source->ctr = header.ctr;
  return HJ_FRAME_OK;
}
