/* SPDX-License-Identifier: Apache-2.0 */
/* Files in one folder: sent-KIND and opened-NUMBER-KIND hold plain frames, each behind its size in four bytes (big endian);
 * keys.jsonl one line for each key of each epoch, codes.jsonl one for each security code. Frames come on GStreamer's
 * threads, hence the mutex. */

#include "tests/peer/dump.h"

#include <glib/gstdio.h>
#include <jansson.h>
#include <openssl/crypto.h>
#include <stdio.h>

#include "media/frames/frame.h"

static const char *const KINDS[HJ_N_KINDS] = { [HJ_AUDIO] = "audio", [HJ_VIDEO] = "video" };

struct _Dump
{
  char *folder;
  GMutex lock;
};

/* folder: (nullable). Returns: (transfer full) (nullable) */
Dump *
dump_new (const char *folder)
{
  Dump *self = NULL;

  if (folder == NULL)
    return NULL;
  self = g_new0 (Dump, 1);
  self->folder = g_strdup (folder);
  g_mutex_init (&self->lock);
  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  return self;
}

void
dump_free (Dump *self)
{
  if (self == NULL)
    return;
  g_mutex_clear (&self->lock);
  g_free (self->folder);
  g_free (self);
}

static void
append (Dump *self, const char *name, const void *head, gsize head_size, const void *rest,
    gsize rest_size)
{
  g_autofree char *path = g_build_filename (self->folder, name, NULL);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  FILE *file = g_fopen (path, "ab");

  g_assert_nonnull (file);
  fwrite (head, 1, head_size, file);
  fwrite (rest, 1, rest_size, file);
  g_assert_cmpint (fclose (file), ==, 0);
}

static void
append_frame (Dump *self, const char *name, const guint8 *frame, gsize size)
{
  guint32 big_endian = GUINT32_TO_BE ((guint32)size);

  append (self, name, &big_endian, sizeof big_endian, frame, size);
}

void
dump_sent (Dump *self, HjMediaKind kind, const guint8 *frame, gsize size)
{
  g_autofree char *name = g_strconcat ("sent-", KINDS[kind], NULL);

  if (self != NULL)
    append_frame (self, name, frame, size);
}

void
dump_opened (Dump *self, guint number, HjMediaKind kind, const guint8 *frame, gsize size)
{
  g_autofree char *name = g_strdup_printf ("opened-%u-%s", number, KINDS[kind]);

  if (self != NULL)
    append_frame (self, name, frame, size);
}

static json_t *
hex (const guint8 *bytes, gsize size)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (gsize i = 0; i < size; i++)
    g_string_append_printf (text, "%02x", bytes[i]);
  return json_string (text->str);
}

static void
append_line (Dump *self, const char *name, json_t *line)
{
  char *text = json_dumps (line, JSON_COMPACT);

  append (self, name, text, strlen (text), "\n", 1);
  free (text);
  json_decref (line);
}

static void
append_key (Dump *self, guint32 epoch, guint number, HjMediaKind kind, const guint8 *base_key)
{
  guint64 kid = hj_frame_kid (epoch, number, kind);
  guint8 key[HJ_SFRAME_KEY];
  guint8 salt[HJ_SFRAME_SALT];

  g_assert_true (hj_sframe_derive (base_key, HJ_AGREEMENT_KEY_SIZE, kid, key, salt));
  append_line (self, "keys.jsonl",
      json_pack ("{s:I, s:i, s:s, s:I, s:o, s:o, s:o}", "epoch", (json_int_t)epoch, "number",
          (int)number, "kind", KINDS[kind], "kid", (json_int_t)kid, "base_key",
          hex (base_key, HJ_AGREEMENT_KEY_SIZE), "key", hex (key, sizeof key), "salt",
          hex (salt, sizeof salt)));
  OPENSSL_cleanse (key, sizeof key);
  OPENSSL_cleanse (salt, sizeof salt);
}

void
dump_epoch (Dump *self, const HjAgreementEpoch *epoch, guint own_number)
{
  if (self == NULL)
    return;
  append_line (self, "codes.jsonl",
      json_pack ("{s:I, s:s}", "epoch", (json_int_t)epoch->epoch, "code", epoch->code));
  for (guint kind = 0; kind < HJ_N_KINDS; kind++)
    {
      append_key (self, epoch->epoch, own_number, kind, epoch->own_key);
      for (guint i = 0; i < epoch->n_members; i++)
        append_key (self, epoch->epoch, epoch->members[i].number, kind, epoch->members[i].base_key);
    }
}
