/* SPDX-License-Identifier: Apache-2.0 */
/* What a hostile relay can make an end read: an SFrame header, a VP8 payload descriptor, and a frame that says it is encrypted. */
#include "media/frames/framekeys.h"
#include "media/frames/framevp8.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize len);

/* What is read as a header is written the same. */
static void
read_header (const guint8 *data, gsize len)
{
  guint8 again[HJ_SFRAME_MAX_HEADER];
  HjSframeHeader header;
  HjFrameSource source;

  if (!hj_sframe_read_header (data, len, &header))
    return;
  g_assert_cmpuint (header.size, <=, len);
  g_assert_cmpuint (hj_sframe_write_header (header.kid, header.ctr, again), ==, header.size);
  g_assert_cmpmem (again, header.size, data, header.size);
  if (hj_frame_read_kid (header.kid, &source))
    g_assert_cmpuint (hj_frame_kid (source.epoch, source.number, source.kind), ==, header.kid);
}

/* The descriptor before it, and what is behind that: never nothing, never beyond the end. */
static void
read_descriptor (const guint8 *data, gsize len)
{
  gboolean begins = FALSE;

  g_assert_cmpuint (hj_vp8_read_descriptor (data, len, &begins), <, MAX (len, 1));
}

static HjFrameKeys *
keys_new (guint number)
{
  HjFrameKeys *keys = hj_frame_keys_new (number);
  HjFrameSeat seats[2] = { { .number = 0 }, { .number = 1 } };

  memset (seats[0].base_key, 1, sizeof seats[0].base_key);
  memset (seats[1].base_key, 2, sizeof seats[1].base_key);
  g_assert_true (hj_frame_keys_begin (keys, 1, seats, 2, 0, NULL));
  return keys;
}

/* The key is fixed and in this file, so a fuzzer may happen to seal a frame; it cannot do so by changing bytes. */
static void
open_frame (HjFrameKeys *keys, HjMediaKind kind, const guint8 *data, gsize len)
{
  g_autofree guint8 *out = g_malloc (MAX (len, 1));
  gsize size = 0;
  HjFrameSource source;

  if (hj_frame_keys_open (keys, 0, kind, data, len, out, &size, &source, 0) != HJ_FRAME_OK)
    g_assert_cmpuint (size, ==, 0);
  else
    g_assert_cmpuint (size, <, len);
}

/* Whatever an encoder gives is sealed and comes back as it was. */
static void
seal_and_open (
    HjFrameKeys *sender, HjFrameKeys *receiver, HjMediaKind kind, const guint8 *data, gsize len)
{
  g_autofree guint8 *sealed = g_malloc (len + HJ_FRAME_MAX_OVERHEAD);
  g_autofree guint8 *out = g_malloc (len + HJ_FRAME_MAX_OVERHEAD);
  gsize size = 0;
  gsize opened = 0;
  HjFrameSource source;

  if (hj_frame_keys_seal (sender, kind, data, len, sealed, &size, 0) != HJ_FRAME_OK)
    return;
  g_assert_cmpuint (size, <=, len + HJ_FRAME_MAX_OVERHEAD);
  g_assert_cmpint (hj_frame_keys_open (receiver, 0, kind, sealed, size, out, &opened, &source, 0),
      ==, HJ_FRAME_OK);
  g_assert_cmpmem (out, opened, data, len);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize len)
{
  static HjFrameKeys *sender;
  static HjFrameKeys *receiver;

  if (sender == NULL)
    {
      sender = keys_new (0);
      receiver = keys_new (1);
    }
  read_header (data, len);
  read_descriptor (data, len);
  for (guint kind = 0; kind < HJ_N_KINDS; kind++)
    {
      open_frame (receiver, kind, data, len);
      seal_and_open (sender, receiver, kind, data, len);
    }
  return 0;
}
