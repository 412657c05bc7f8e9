/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The VP8 payload descriptor (RFC 7741 4.2) in front of each packet of a frame. */

#define HJ_VP8_DESCRIPTOR 4 /* bytes that we write */

void
hj_vp8_write_descriptor (guint8 out[HJ_VP8_DESCRIPTOR], gboolean begins_frame, guint16 picture_id);
gsize hj_vp8_read_descriptor (const guint8 *data, gsize size, gboolean *begins_frame);

G_END_DECLS
