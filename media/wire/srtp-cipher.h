/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>
#include "media/wire/srtp.h"

G_BEGIN_DECLS

/* The transforms below srtp.c: one keyed cipher, no state of packets. */

#define HJ_SRTP_MAX_TAG 16

typedef struct
{
  guint8 key[16];
  guint8 salt[14]; /* GCM uses 12 */
  guint8 auth[20]; /* of CM alone */
} HjSrtpSessionKeys;

typedef struct _HjSrtpCipher HjSrtpCipher;

gboolean hj_srtp_derive (
    const HjSrtpKeys *master, guint8 label, guint8 *out, gsize len) G_GNUC_WARN_UNUSED_RESULT;
gboolean hj_srtp_derive_session (const HjSrtpKeys *master, HjSrtpProfile profile, gboolean rtcp,
    HjSrtpSessionKeys *out) G_GNUC_WARN_UNUSED_RESULT;

HjSrtpCipher *hj_srtp_cipher_new (HjSrtpProfile profile, gboolean rtcp,
    const HjSrtpSessionKeys *keys, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void hj_srtp_cipher_free (HjSrtpCipher *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (HjSrtpCipher, hj_srtp_cipher_free)

gsize hj_srtp_cipher_get_tag_len (const HjSrtpCipher *self);
gboolean hj_srtp_cipher_seal (HjSrtpCipher *self, guint32 ssrc, guint64 index, guint32 word,
    guint8 *packet, gsize header_len, const guint8 *plain, gsize plain_len, guint8 *tag);
gboolean hj_srtp_cipher_open (HjSrtpCipher *self, guint32 ssrc, guint64 index, guint32 word,
    guint8 *packet, gsize header_len, gsize body_len, const guint8 *tag);

HjSrtp *hj_srtp_new_from_session_keys (HjSrtpProfile profile, const HjSrtpSessionKeys *rtp,
    const HjSrtpSessionKeys *rtcp, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
