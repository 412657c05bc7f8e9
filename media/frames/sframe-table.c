/* SPDX-License-Identifier: Apache-2.0 */
/* A receiver's SFrame keys by KID, each with a window of the last 1,024 counters, so that no frame is taken twice. One
 * thread at a time; frame-keys.c puts a mutex around it. docs/e2ee.md section 1. */

#include "media/frames/sframe-table.h"

#include <openssl/crypto.h>
#include <string.h>

#include "media/wire/error.h"

#define WORDS (HJ_SFRAME_WINDOW / 64)

typedef struct
{
  guint64 kid; /* the hash table's key points here */
  HjSframeKey *key;
  gboolean any;        /* a frame was opened: highest means something */
  guint64 highest;     /* counter */
  guint64 seen[WORDS]; /* a ring: bit ctr modulo the window */
} Entry;

struct _HjSframeTable
{
  GHashTable *entries;
};

static void
entry_free (gpointer data)
{
  Entry *self = data;

  hj_sframe_key_free (self->key);
  OPENSSL_cleanse (self, sizeof *self);
  g_free (self);
}

HjSframeTable *
hj_sframe_table_new (void)
{
  HjSframeTable *self = g_new0 (HjSframeTable, 1);

  self->entries = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, entry_free);
  return self;
}

void
hj_sframe_table_free (HjSframeTable *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->entries);
  g_free (self);
}

/**
 * hj_sframe_table_add:
 * @base_key: not kept
 *
 * A KID that is there is refused: its window would be forgotten, and what was opened would open again.
 */
gboolean
hj_sframe_table_add (
    HjSframeTable *self, const guint8 *base_key, gsize size, guint64 kid, GError **error)
{
  Entry *entry = NULL;
  HjSframeKey *key = NULL;

  if (g_hash_table_contains (self->entries, &kid))
    {
      g_set_error_literal (
          error, HJ_MEDIA_ERROR, HJ_MEDIA_ERROR_REFUSED, "There is a key of this KID already");
      return FALSE;
    }
  key = hj_sframe_key_new (base_key, size, kid, error);
  if (key == NULL)
    return FALSE;
  entry = g_new0 (Entry, 1);
  entry->kid = kid;
  entry->key = key;
  g_hash_table_insert (self->entries, &entry->kid, entry);
  return TRUE;
}

/* Wipes the key. Returns: whether it was there. */
gboolean
hj_sframe_table_remove (HjSframeTable *self, guint64 kid)
{
  return g_hash_table_remove (self->entries, &kid);
}

static gboolean
is_new (const Entry *self, guint64 ctr)
{
  guint64 bit = G_GUINT64_CONSTANT (1) << (ctr % 64);

  if (!self->any || ctr > self->highest)
    return TRUE;
  return self->highest - ctr < HJ_SFRAME_WINDOW
         && (self->seen[ctr % HJ_SFRAME_WINDOW / 64] & bit) == 0;
}

/* Counters between the highest and a new one were not seen: their bits belonged to ones that are now too old. */
static void
remember (Entry *self, guint64 ctr)
{
  guint64 from = self->any ? self->highest + 1 : ctr;

  if (!self->any || ctr > self->highest)
    {
      if (!self->any || ctr - self->highest >= HJ_SFRAME_WINDOW)
        memset (self->seen, 0, sizeof self->seen);
      else
        for (guint64 i = from; i < ctr; i++)
          self->seen[i % HJ_SFRAME_WINDOW / 64] &= ~(G_GUINT64_CONSTANT (1) << (i % 64));
      self->highest = ctr;
      self->any = TRUE;
    }
  self->seen[ctr % HJ_SFRAME_WINDOW / 64] |= G_GUINT64_CONSTANT (1) << (ctr % 64);
}

/**
 * hj_sframe_table_open:
 * @metadata: (nullable): what is authenticated beside it
 * @sealed: a whole SFrame ciphertext
 * @out: room for @size; nothing of what does not open is left in it
 * @header: (out caller-allocates): filled in unless the status is HJ_SFRAME_MALFORMED
 */
HjSframeStatus
hj_sframe_table_open (HjSframeTable *self, const guint8 *metadata, gsize metadata_size,
    const guint8 *sealed, gsize size, guint8 *out, gsize *ret_size, HjSframeHeader *header)
{
  Entry *entry = NULL;
  HjSframeStatus status = HJ_SFRAME_OK;

  *ret_size = 0;
  if (!hj_sframe_read_header (sealed, size, header))
    return HJ_SFRAME_MALFORMED;
  entry = g_hash_table_lookup (self->entries, &header->kid);
  if (entry == NULL)
    return HJ_SFRAME_NO_KEY;
  if (!is_new (entry, header->ctr))
    return HJ_SFRAME_REPLAYED;
  status = hj_sframe_key_open (entry->key, metadata, metadata_size, sealed, size, out, ret_size);
  if (status == HJ_SFRAME_OK)
    remember (entry, header->ctr);
  return status;
}
