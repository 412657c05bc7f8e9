/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the STUN messages of ICE: binding requests and their answers (RFC 8489, RFC 8445 7 and 16).
 * Pure functions on a datagram that anybody on the network may have sent; hence every length is
 * checked against what is there, and what stands after MESSAGE-INTEGRITY does not count. */
#include "media/wire/stun.h"

#include <netinet/in.h>
#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <string.h>

#include "media/wire/error.h"
#include "media/wire/rtp.h"
#include "media/wire/stun-private.h"

/* No check of ICE is longer; more would be a fragmented datagram. */
#define MAX_MESSAGE 1500
#define MAX_USERNAME 513

/* CRC-32 of ITU V.42, four bits at a time. */
guint32
hj_stun_crc32 (const guint8 *data, gsize len)
{
  static const guint32 table[16] = { 0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190,
    0x6b6b51f4, 0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0,
    0x86d3d2d4, 0xa00ae278, 0xbdbdf21c };
  guint32 crc = 0xffffffff;

  for (gsize i = 0; i < len; i++)
    {
      crc = (crc >> 4) ^ table[(crc ^ data[i]) & 0x0f];
      crc = (crc >> 4) ^ table[(crc ^ (data[i] >> 4)) & 0x0f];
    }
  return ~crc;
}

/* HMAC-SHA1 over everything before MESSAGE-INTEGRITY, with the header's length as if that
 * attribute were the last (RFC 8489 14.5). */
gboolean
hj_stun_hmac (const guint8 *data, gsize integrity_offset, const char *password, guint8 out[20])
{
  guint8 copy[MAX_MESSAGE];
  unsigned int len = 0;

  if (integrity_offset < STUN_HEADER || integrity_offset > sizeof copy)
    return FALSE;
  memcpy (copy, data, integrity_offset);
  hj_put_be16 (copy + 2, (guint16)(integrity_offset + 4 + STUN_INTEGRITY_LEN - STUN_HEADER));
  return HMAC (EVP_sha1 (), password, (int)strlen (password), copy, integrity_offset, out, &len)
         && len == STUN_INTEGRITY_LEN;
}

/**
 * hj_stun_is_message:
 *
 * Tells STUN from DTLS, RTP and RTCP on one port (RFC 7983), by its first byte and magic cookie.
 */
gboolean
hj_stun_is_message (const guint8 *data, gsize len)
{
  return len >= STUN_HEADER && data[0] <= 3 && hj_be32 (data + 4) == STUN_COOKIE;
}

static gboolean
read_mapped (const guint8 *packet, const guint8 *value, gsize len, HjStunMessage *out)
{
  guint16 port;

  if (len < 8)
    return FALSE;
  port = hj_be16 (value + 2) ^ (STUN_COOKIE >> 16);
  if (value[1] == 1 && len == 8)
    {
      struct sockaddr_in *in = (struct sockaddr_in *)&out->mapped;

      in->sin_family = AF_INET;
      in->sin_port = htons (port);
      in->sin_addr.s_addr = htonl (hj_be32 (value + 4) ^ STUN_COOKIE);
      out->has_mapped = TRUE;
    }
  else if (value[1] == 2 && len == 20)
    {
      struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&out->mapped;

      in6->sin6_family = AF_INET6;
      in6->sin6_port = htons (port);
      for (gsize i = 0; i < 16; i++) /* XOR with cookie and transaction, which follow each other */
        in6->sin6_addr.s6_addr[i] = value[4 + i] ^ packet[4 + i];
      out->has_mapped = TRUE;
    }
  return out->has_mapped;
}

static gboolean
read_username (const guint8 *value, gsize len, HjStunMessage *out)
{
  if (len > MAX_USERNAME)
    return FALSE;
  if (!out->username)
    {
      out->username = (const char *)value;
      out->username_len = len;
    }
  return TRUE;
}

static gboolean
read_tiebreaker (guint16 type, const guint8 *value, gsize len, HjStunMessage *out)
{
  if (len != 8 || out->ice_controlled || out->ice_controlling)
    return FALSE;
  out->ice_controlled = type == ATTR_ICE_CONTROLLED;
  out->ice_controlling = type == ATTR_ICE_CONTROLLING;
  out->tiebreaker = ((guint64)hj_be32 (value) << 32) | hj_be32 (value + 4);
  return TRUE;
}

static gboolean
read_error_code (const guint8 *value, gsize len, HjStunMessage *out)
{
  if (len < 4)
    return FALSE;
  out->error_code = (value[2] & 7) * 100 + value[3];
  return TRUE;
}

static gboolean
read_priority (const guint8 *value, gsize len, HjStunMessage *out)
{
  if (len != 4)
    return FALSE;
  out->priority = hj_be32 (value);
  out->has_priority = TRUE;
  return TRUE;
}

static gboolean
read_unknown (guint16 type, HjStunMessage *out)
{
  if (type < 0x8000 && out->n_unknown < HJ_STUN_MAX_UNKNOWN)
    out->unknown[out->n_unknown++] = type;
  return TRUE;
}

static gboolean
read_attribute (
    const guint8 *data, gsize at, guint16 type, const guint8 *value, gsize len, HjStunMessage *out)
{
  switch (type)
    {
    case ATTR_USERNAME:
      return read_username (value, len, out);
    case ATTR_MESSAGE_INTEGRITY:
      out->has_integrity = TRUE;
      out->integrity_offset = at;
      return len == STUN_INTEGRITY_LEN;
    case ATTR_ERROR_CODE:
      return read_error_code (value, len, out);
    case ATTR_XOR_MAPPED_ADDRESS:
      return read_mapped (data, value, len, out);
    case ATTR_PRIORITY:
      return read_priority (value, len, out);
    case ATTR_USE_CANDIDATE:
      out->use_candidate = TRUE;
      return len == 0;
    case ATTR_ICE_CONTROLLED:
    case ATTR_ICE_CONTROLLING:
      return read_tiebreaker (type, value, len, out);
    case ATTR_MAPPED_ADDRESS:
    case ATTR_UNKNOWN_ATTRIBUTES:
    case ATTR_REALM:
    case ATTR_NONCE:
      return TRUE; /* known, of no use to a connectivity check */
    default:
      return read_unknown (type, out);
    }
}

static gboolean
read_fingerprint (
    const guint8 *data, gsize at, const guint8 *value, gsize value_len, HjStunMessage *out)
{
  if (value_len != 4)
    return FALSE;
  out->has_fingerprint = (hj_stun_crc32 (data, at) ^ STUN_FINGERPRINT_XOR) == hj_be32 (value);
  return out->has_fingerprint;
}

static gboolean
read_attributes (const guint8 *data, gsize len, HjStunMessage *out)
{
  gsize at = STUN_HEADER;

  while (at < len)
    {
      guint16 type;
      gsize value_len, next;

      if (out->has_fingerprint || len - at < 4)
        return FALSE;
      type = hj_be16 (data + at);
      value_len = hj_be16 (data + at + 2);
      next = at + 4 + ((value_len + 3) & ~(gsize)3);
      if (next > len)
        return FALSE;
      if (type == ATTR_FINGERPRINT)
        {
          if (!read_fingerprint (data, at, data + at + 4, value_len, out))
            return FALSE;
        }
      /* Anybody can append to an authenticated message (RFC 8489 14.5). */
      else if (!out->has_integrity
               && !read_attribute (data, at, type, data + at + 4, value_len, out))
        return FALSE;
      at = next;
    }
  return TRUE;
}

/**
 * hj_stun_parse:
 * @out: (out caller-allocates): points into @data
 *
 * Reads a whole datagram as one STUN message. A wrong FINGERPRINT, an attribute that does not
 * fit or has an impossible length, and two ICE roles at once are refused. Attributes after
 * MESSAGE-INTEGRITY are not read. The integrity itself is checked by hj_stun_check_integrity(),
 * when the caller knows whose password to take.
 */
gboolean
hj_stun_parse (const guint8 *data, gsize len, HjStunMessage *out, GError **error)
{
  memset (out, 0, sizeof *out);
  if (!hj_stun_is_message (data, len) || len > MAX_MESSAGE
      || (gsize)hj_be16 (data + 2) + STUN_HEADER != len || len % 4 != 0)
    {
      g_set_error_literal (
          error, HJ_MEDIA_ERROR, HJ_MEDIA_ERROR_MALFORMED, "Not one whole STUN message");
      return FALSE;
    }
  out->type = hj_be16 (data);
  memcpy (out->transaction_id, data + 8, sizeof out->transaction_id);
  if (!read_attributes (data, len, out))
    {
      g_set_error_literal (error, HJ_MEDIA_ERROR, HJ_MEDIA_ERROR_MALFORMED,
          "A STUN attribute is damaged or stands where it may not");
      return FALSE;
    }
  return TRUE;
}

/**
 * hj_stun_check_integrity:
 * @message: what hj_stun_parse() made of @data
 * @password: (nullable): the receiver's ICE password; without one nothing is authentic
 *
 * Returns: TRUE when MESSAGE-INTEGRITY is there and was made with @password
 */
gboolean
hj_stun_check_integrity (
    const guint8 *data, gsize len, const HjStunMessage *message, const char *password)
{
  guint8 expected[STUN_INTEGRITY_LEN];

  if (!message->has_integrity || !password || !*password)
    return FALSE;
  if (message->integrity_offset + 4 + STUN_INTEGRITY_LEN > len)
    return FALSE;
  if (!hj_stun_hmac (data, message->integrity_offset, password, expected))
    return FALSE;
  return CRYPTO_memcmp (expected, data + message->integrity_offset + 4, sizeof expected) == 0;
}

/**
 * hj_stun_username_local:
 * @local_ufrag: (out): the receiver's part of the username, inside the datagram, not terminated
 *
 * Splits "local:remote" (RFC 8445 7.2.2). A first packet from a new address is matched to its leg
 * by this.
 */
gboolean
hj_stun_username_local (
    const HjStunMessage *message, const char **local_ufrag, gsize *local_ufrag_len)
{
  const char *colon = NULL;

  if (message->username)
    colon = memchr (message->username, ':', message->username_len);
  if (!colon || colon == message->username)
    return FALSE;
  *local_ufrag = message->username;
  *local_ufrag_len = (gsize)(colon - message->username);
  return TRUE;
}

/**
 * hj_stun_username_is:
 * @local_ufrag: ours, the receiver's
 * @remote_ufrag: the sender's
 *
 * Returns: TRUE when USERNAME is exactly "local:remote"
 */
gboolean
hj_stun_username_is (
    const HjStunMessage *message, const char *local_ufrag, const char *remote_ufrag)
{
  gsize local_len = strlen (local_ufrag);
  gsize remote_len = strlen (remote_ufrag);

  return message->username && message->username_len == local_len + 1 + remote_len
         && memcmp (message->username, local_ufrag, local_len) == 0
         && message->username[local_len] == ':'
         && memcmp (message->username + local_len + 1, remote_ufrag, remote_len) == 0;
}
