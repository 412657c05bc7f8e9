/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A bit mask where several may be offered, one bit where one is in use. */
typedef enum
{
  HJ_SRTP_AEAD_AES_128_GCM = 1 << 0,  /* RFC 7714 */
  HJ_SRTP_AES128_CM_SHA1_80 = 1 << 1, /* RFC 3711; what GStreamer 1.22 speaks */
} HjSrtpProfile;

#define HJ_SRTP_MAX_SSRCS 64
#define HJ_SRTP_MAX_TRAILER 16  /* bytes that hj_srtp_protect() adds at most */
#define HJ_SRTCP_MAX_TRAILER 20 /* bytes that hj_srtp_protect_rtcp() adds at most */

/* Master key and salt of one direction. GCM uses the first 12 bytes of the salt. */
typedef struct
{
  guint8 key[16];
  guint8 salt[14];
} HjSrtpKeys;

typedef enum
{
  HJ_SRTP_OK,
  HJ_SRTP_TOO_SHORT, /* or not RTP/RTCP at all */
  HJ_SRTP_AUTH,      /* forged, damaged, or another key's */
  HJ_SRTP_REPLAY,    /* seen before, or too old to tell */
  HJ_SRTP_FULL,      /* authentic, but the context has its HJ_SRTP_MAX_SSRCS sources */
  HJ_SRTP_N_STATUSES,
} HjSrtpStatus;

/* One direction of one session: either protects or unprotects, never both. Not thread-safe. */
typedef struct _HjSrtp HjSrtp;

HjSrtp *hj_srtp_new (
    HjSrtpProfile profile, const HjSrtpKeys *keys, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void hj_srtp_free (HjSrtp *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (HjSrtp, hj_srtp_free)

HjSrtpProfile hj_srtp_get_profile (const HjSrtp *self);
gsize hj_srtp_protect (HjSrtp *self, const guint8 *rtp, gsize len, guint8 *out, gsize size);
HjSrtpStatus hj_srtp_unprotect (HjSrtp *self, guint8 *packet, gsize len, gsize *out_len);
gsize hj_srtp_protect_rtcp (HjSrtp *self, const guint8 *rtcp, gsize len, guint8 *out, gsize size);
HjSrtpStatus hj_srtp_unprotect_rtcp (HjSrtp *self, guint8 *packet, gsize len, gsize *out_len);
const char *hj_srtp_status_to_string (HjSrtpStatus status);

G_END_DECLS
