/* SPDX-License-Identifier: Apache-2.0 */
/* SRTP and SRTCP packets of one direction of one leg (RFC 3711, RFC 7714): sources, rollover
 * counters, replay windows. Owned and called by the relay thread that owns the leg; allocates
 * nothing per packet. The transforms are in srtp-cipher.c. */
#include "media/wire/srtp.h"

#include <openssl/crypto.h>
#include <string.h>

#include "media/wire/error.h"
#include "media/wire/rtp.h"
#include "media/wire/srtp-cipher.h"

#define WINDOW_BITS 128
#define MAX_RTP_INDEX ((G_GINT64_CONSTANT (1) << 48) - 1)
#define MAX_RTCP_INDEX G_GINT64_CONSTANT (0x7fffffff)
#define RTCP_HEADER 8
#define RTCP_INDEX_LEN 4
#define E_BIT 0x80000000u

/* Which packet indices were seen; bit n is `highest` - n. */
typedef struct
{
  gint64 highest; /* < 0: none yet */
  unsigned __int128 seen;
} Window;

typedef struct
{
  Window rtp;
  Window rtcp;
} Source;

struct _HjSrtp
{
  HjSrtpProfile profile;
  enum
  {
    UNUSED,
    SENDING,
    RECEIVING,
  } direction; /* set by the first packet: the windows mean different things */
  HjSrtpCipher *rtp;
  HjSrtpCipher *rtcp;
  gsize tag_len; /* of both */
  guint n_sources;
  guint last; /* where the last packet's source was found */
  guint32 ssrcs[HJ_SRTP_MAX_SSRCS];
  Source sources[HJ_SRTP_MAX_SSRCS];
};

static gboolean
window_has (const Window *self, gint64 index)
{
  gint64 age = self->highest - index;

  if (self->highest < 0 || age < 0)
    return FALSE;
  return age >= WINDOW_BITS || ((self->seen >> age) & 1);
}

static void
window_add (Window *self, gint64 index)
{
  gint64 ahead = index - self->highest;

  if (self->highest < 0 || ahead >= WINDOW_BITS)
    self->seen = 1;
  else if (ahead > 0)
    self->seen = (self->seen << ahead) | 1;
  else
    self->seen |= (unsigned __int128)1 << -ahead;
  self->highest = MAX (self->highest, index);
}

/* The packet index that a sequence number most likely stands for (RFC 3711 3.3.1). Below 0: a
 * packet from before the first. */
static gint64
guess_index (const Source *source, guint16 seq)
{
  gint64 roc, last;

  if (!source || source->rtp.highest < 0)
    return seq;
  roc = source->rtp.highest >> 16;
  last = source->rtp.highest & 0xffff;
  if (last < 0x8000 && seq - last > 0x8000)
    roc--;
  else if (last >= 0x8000 && last - 0x8000 > seq)
    roc++;
  return roc * 0x10000 + seq;
}

static Source *
find_source (HjSrtp *self, guint32 ssrc)
{
  if (self->last < self->n_sources && self->ssrcs[self->last] == ssrc)
    return &self->sources[self->last];
  for (guint i = 0; i < self->n_sources; i++)
    {
      if (self->ssrcs[i] == ssrc)
        {
          self->last = i;
          return &self->sources[i];
        }
    }
  return NULL;
}

static Source *
add_source (HjSrtp *self, guint32 ssrc)
{
  Source *source;

  if (self->n_sources == HJ_SRTP_MAX_SSRCS)
    return NULL;
  self->last = self->n_sources++;
  self->ssrcs[self->last] = ssrc;
  source = &self->sources[self->last];
  source->rtp = source->rtcp = (Window){ .highest = -1 };
  return source;
}

static gboolean
is_used_for (HjSrtp *self, int direction)
{
  if (self->direction == UNUSED)
    self->direction = direction;
  return (int)self->direction == direction;
}

/**
 * hj_srtp_new_from_session_keys:
 *
 * For the test vectors of RFC 7714, which begin below the key derivation.
 */
HjSrtp *
hj_srtp_new_from_session_keys (HjSrtpProfile profile, const HjSrtpSessionKeys *rtp,
    const HjSrtpSessionKeys *rtcp, GError **error)
{
  g_autoptr (HjSrtp) self = g_new0 (HjSrtp, 1);

  self->profile = profile;
  self->rtp = hj_srtp_cipher_new (profile, FALSE, rtp, error);
  if (!self->rtp)
    return NULL;
  self->rtcp = hj_srtp_cipher_new (profile, TRUE, rtcp, error);
  if (!self->rtcp)
    return NULL;
  self->tag_len = hj_srtp_cipher_get_tag_len (self->rtp);
  return g_steal_pointer (&self);
}

/**
 * hj_srtp_new:
 * @profile: exactly one
 * @keys: master key and salt; not kept, the caller wipes them
 *
 * Returns: (transfer full): NULL only when OpenSSL refuses
 */
HjSrtp *
hj_srtp_new (HjSrtpProfile profile, const HjSrtpKeys *keys, GError **error)
{
  HjSrtpSessionKeys rtp, rtcp;
  HjSrtp *self = NULL;

  g_return_val_if_fail (
      profile == HJ_SRTP_AEAD_AES_128_GCM || profile == HJ_SRTP_AES128_CM_SHA1_80, NULL);

  if (hj_srtp_derive_session (keys, profile, FALSE, &rtp)
      && hj_srtp_derive_session (keys, profile, TRUE, &rtcp))
    self = hj_srtp_new_from_session_keys (profile, &rtp, &rtcp, error);
  else
    g_set_error_literal (error, HJ_MEDIA_ERROR, HJ_MEDIA_ERROR_CRYPTO, "Cannot derive SRTP keys");
  OPENSSL_cleanse (&rtp, sizeof rtp);
  OPENSSL_cleanse (&rtcp, sizeof rtcp);
  return self;
}

void
hj_srtp_free (HjSrtp *self)
{
  if (!self)
    return;
  hj_srtp_cipher_free (self->rtp);
  hj_srtp_cipher_free (self->rtcp);
  g_free (self);
}

HjSrtpProfile
hj_srtp_get_profile (const HjSrtp *self)
{
  return self->profile;
}

const char *
hj_srtp_status_to_string (HjSrtpStatus status)
{
  static const char *const names[HJ_SRTP_N_STATUSES] = {
    [HJ_SRTP_OK] = "ok",
    [HJ_SRTP_TOO_SHORT] = "too-short",
    [HJ_SRTP_AUTH] = "auth",
    [HJ_SRTP_REPLAY] = "replay",
    [HJ_SRTP_FULL] = "full",
  };

  return (guint)status < HJ_SRTP_N_STATUSES ? names[status] : "unknown";
}

/**
 * hj_srtp_protect:
 * @rtp: a packet in the clear; may not overlap @out
 * @size: room in @out, @len + HJ_SRTP_MAX_TRAILER is always enough
 *
 * Encrypts straight into the send buffer, so that the cipher is the copy. A sequence number is
 * never sealed twice, nor one that is more than 127 behind: to send a packet again, keep what
 * this wrote (or use an RTX stream). A second sealing with anything changed would reuse the
 * nonce, which gives GCM's authentication key away.
 *
 * Returns: bytes in @out, 0 when the packet is refused
 */
gsize
hj_srtp_protect (HjSrtp *self, const guint8 *rtp, gsize len, guint8 *out, gsize size)
{
  Source *source;
  HjRtpView view;
  gint64 index;

  g_return_val_if_fail (is_used_for (self, SENDING), 0);

  if (!hj_rtp_parse_header (rtp, len, &view) || size < len + self->tag_len)
    return 0;
  source = find_source (self, view.ssrc);
  if (!source)
    source = add_source (self, view.ssrc);
  if (!source)
    return 0;
  index = guess_index (source, view.seq);
  if (index < 0 || index > MAX_RTP_INDEX || window_has (&source->rtp, index))
    return 0;
  window_add (&source->rtp, index);
  memcpy (out, rtp, view.header_len);
  if (!hj_srtp_cipher_seal (self->rtp, view.ssrc, (guint64)index, (guint32)(index >> 16), out,
          view.header_len, rtp + view.header_len, view.payload_len, out + len))
    return 0;
  return len + self->tag_len;
}

/**
 * hj_srtp_unprotect:
 * @packet: decrypted in place; garbage from the header on unless HJ_SRTP_OK is returned
 * @out_len: (out): bytes of the packet in the clear
 *
 * Nothing is remembered of a packet that is not authentic.
 */
HjSrtpStatus
hj_srtp_unprotect (HjSrtp *self, guint8 *packet, gsize len, gsize *out_len)
{
  Source *source;
  HjRtpView view;
  gint64 index;

  g_return_val_if_fail (is_used_for (self, RECEIVING), HJ_SRTP_AUTH);

  if (len < self->tag_len || !hj_rtp_parse_header (packet, len - self->tag_len, &view))
    return HJ_SRTP_TOO_SHORT;
  source = find_source (self, view.ssrc);
  index = guess_index (source, view.seq);
  if (index < 0 || index > MAX_RTP_INDEX || (source && window_has (&source->rtp, index)))
    return HJ_SRTP_REPLAY;
  if (!hj_srtp_cipher_open (self->rtp, view.ssrc, (guint64)index, (guint32)(index >> 16), packet,
          view.header_len, view.payload_len, packet + len - self->tag_len))
    return HJ_SRTP_AUTH;
  if (!source)
    source = add_source (self, view.ssrc);
  if (!source)
    return HJ_SRTP_FULL;
  window_add (&source->rtp, index);
  *out_len = len - self->tag_len;
  return HJ_SRTP_OK;
}

/* Where tag and E-bit word stand: GCM puts the tag first (RFC 7714 9.2), CM last (RFC 3711 3.4). */
static void
place_rtcp_trailer (const HjSrtp *self, gsize clear_len, gsize *tag_at, gsize *word_at)
{
  gboolean gcm = self->profile == HJ_SRTP_AEAD_AES_128_GCM;
  gsize tag_len = self->tag_len;

  *tag_at = gcm ? clear_len : clear_len + RTCP_INDEX_LEN;
  *word_at = gcm ? clear_len + tag_len : clear_len;
}

static gboolean
is_rtcp (const guint8 *data, gsize len)
{
  return len >= RTCP_HEADER && hj_rtp_is_rtcp (data, len);
}

/**
 * hj_srtp_protect_rtcp:
 * @rtcp: a compound in the clear; may not overlap @out
 * @size: room in @out, @len + HJ_SRTCP_MAX_TRAILER is always enough
 *
 * The SRTCP index counts up by itself, per sender SSRC.
 *
 * Returns: bytes in @out, 0 when the packet is refused
 */
gsize
hj_srtp_protect_rtcp (HjSrtp *self, const guint8 *rtcp, gsize len, guint8 *out, gsize size)
{
  gsize trailer = self->tag_len + RTCP_INDEX_LEN;
  gsize tag_at, word_at;
  Source *source;
  guint32 ssrc, word;
  gint64 index;

  g_return_val_if_fail (is_used_for (self, SENDING), 0);

  if (!is_rtcp (rtcp, len) || size < len + trailer)
    return 0;
  ssrc = hj_be32 (rtcp + 4);
  source = find_source (self, ssrc);
  if (!source)
    source = add_source (self, ssrc);
  if (!source || source->rtcp.highest >= MAX_RTCP_INDEX)
    return 0;
  index = ++source->rtcp.highest;
  word = E_BIT | (guint32)index;
  place_rtcp_trailer (self, len, &tag_at, &word_at);
  memcpy (out, rtcp, RTCP_HEADER);
  if (!hj_srtp_cipher_seal (self->rtcp, ssrc, (guint64)index, word, out, RTCP_HEADER,
          rtcp + RTCP_HEADER, len - RTCP_HEADER, out + tag_at))
    return 0;
  hj_put_be32 (out + word_at, word);
  return len + trailer;
}

/**
 * hj_srtp_unprotect_rtcp:
 *
 * As hj_srtp_unprotect(). A packet that its sender authenticated but did not encrypt (E bit 0) is
 * accepted, as RFC 3711 3.4 demands.
 */
HjSrtpStatus
hj_srtp_unprotect_rtcp (HjSrtp *self, guint8 *packet, gsize len, gsize *out_len)
{
  gsize trailer = self->tag_len + RTCP_INDEX_LEN;
  gsize tag_at, word_at, header_len, clear_len;
  Source *source;
  guint32 ssrc, word;
  gint64 index;

  g_return_val_if_fail (is_used_for (self, RECEIVING), HJ_SRTP_AUTH);

  if (len < trailer || !is_rtcp (packet, len - trailer))
    return HJ_SRTP_TOO_SHORT;
  clear_len = len - trailer;
  place_rtcp_trailer (self, clear_len, &tag_at, &word_at);
  word = hj_be32 (packet + word_at);
  index = word & ~E_BIT;
  ssrc = hj_be32 (packet + 4);
  source = find_source (self, ssrc);
  if (source && window_has (&source->rtcp, index))
    return HJ_SRTP_REPLAY;
  header_len = word & E_BIT ? RTCP_HEADER : clear_len;
  if (!hj_srtp_cipher_open (self->rtcp, ssrc, (guint64)index, word, packet, header_len,
          clear_len - header_len, packet + tag_at))
    return HJ_SRTP_AUTH;
  if (!source)
    source = add_source (self, ssrc);
  if (!source)
    return HJ_SRTP_FULL;
  window_add (&source->rtcp, index);
  *out_len = clear_len;
  return HJ_SRTP_OK;
}
