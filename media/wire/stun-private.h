/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define STUN_HEADER 20
#define STUN_COOKIE 0x2112A442u
#define STUN_INTEGRITY_LEN 20
#define STUN_FINGERPRINT_XOR 0x5354554eu

enum
{
  ATTR_MAPPED_ADDRESS = 0x0001,
  ATTR_USERNAME = 0x0006,
  ATTR_MESSAGE_INTEGRITY = 0x0008,
  ATTR_ERROR_CODE = 0x0009,
  ATTR_UNKNOWN_ATTRIBUTES = 0x000a,
  ATTR_REALM = 0x0014,
  ATTR_NONCE = 0x0015,
  ATTR_XOR_MAPPED_ADDRESS = 0x0020,
  ATTR_PRIORITY = 0x0024,
  ATTR_USE_CANDIDATE = 0x0025,
  ATTR_FINGERPRINT = 0x8028,
  ATTR_ICE_CONTROLLED = 0x8029,
  ATTR_ICE_CONTROLLING = 0x802a,
};

guint32 hj_stun_crc32 (const guint8 *data, gsize len);
gboolean
hj_stun_hmac (const guint8 *data, gsize integrity_offset, const char *password, guint8 out[20]);

G_END_DECLS
