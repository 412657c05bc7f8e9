/* SPDX-License-Identifier: Apache-2.0 */
/* The VP8 payload descriptor. Debian's rtpvp8pay cannot write it in front of an encrypted frame: it decodes the frame's
 * header beyond the clear bytes to learn the partitions. Ours says where a frame begins and which picture it is, and
 * counts all of it as partition 0, which is what a receiver needs to put it together. Any thread. */

#include "media/frames/framevp8.h"

#include "media/wire/rtp.h"

/* First byte */
#define EXTENDED 0x80
#define START 0x10
#define PARTITION 0x07
/* Second byte, when extended */
#define PICTURE_ID 0x80
#define TL0PICIDX 0x40
#define TID_OR_KEYIDX 0x30
/* First byte of the picture id */
#define LONG_ID 0x80

/* picture_id: 15 bits; Chromium orders frames by it. */
void
hj_vp8_write_descriptor (guint8 out[HJ_VP8_DESCRIPTOR], gboolean begins_frame, guint16 picture_id)
{
  out[0] = EXTENDED | (begins_frame ? START : 0);
  out[1] = PICTURE_ID;
  hj_put_be16 (out + 2, (guint16)(LONG_ID << 8 | (picture_id & 0x7fff)));
}

static gsize
extension_size (const guint8 *data, gsize size)
{
  gsize n = 2;

  if (data[1] & PICTURE_ID)
    n += size > 2 && data[2] & LONG_ID ? 2 : 1;
  if (data[1] & TL0PICIDX)
    n++;
  if (data[1] & TID_OR_KEYIDX)
    n++;
  return n;
}

/**
 * hj_vp8_read_descriptor:
 * @data: an RTP payload
 *
 * Returns: size of the descriptor; 0 when it does not fit, or nothing follows
 */
gsize
hj_vp8_read_descriptor (const guint8 *data, gsize size, gboolean *begins_frame)
{
  gsize n = 1;

  if (size < 2)
    return 0;
  *begins_frame = (data[0] & START) != 0 && (data[0] & PARTITION) == 0;
  if (data[0] & EXTENDED)
    n = extension_size (data, size);
  return n < size ? n : 0;
}
