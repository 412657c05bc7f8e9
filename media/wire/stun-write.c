/* SPDX-License-Identifier: Apache-2.0 */
/* Writes the STUN messages of ICE (RFC 8489, RFC 8445 7): answers to connectivity checks, and
 * checks themselves for the programs that play the other side. Pure functions, no allocation. */
#include "media/wire/stun.h"

#include <netinet/in.h>
#include <string.h>

#include "media/wire/rtp.h"
#include "media/wire/stun-private.h"

/* A message in the making. Once something did not fit, `failed` stays and the length is 0. */
typedef struct
{
  guint8 *out;
  gsize size;
  gsize len;
  gboolean failed;
} Writer;

static void
begin (Writer *w, guint8 *out, gsize size, guint16 type, const guint8 transaction_id[12])
{
  *w = (Writer){ .out = out, .size = size };
  if (size < STUN_HEADER)
    {
      w->failed = TRUE;
      return;
    }
  hj_put_be16 (out, type);
  hj_put_be16 (out + 2, 0);
  hj_put_be32 (out + 4, STUN_COOKIE);
  memcpy (out + 8, transaction_id, 12);
  w->len = STUN_HEADER;
}

/* Returns where the value of `len` bytes goes, padding already zeroed; NULL when it does not fit. */
static guint8 *
add (Writer *w, guint16 type, gsize len)
{
  gsize padded = (len + 3) & ~(gsize)3;
  guint8 *at;

  if (w->failed || w->size - w->len < 4 + padded)
    {
      w->failed = TRUE;
      return NULL;
    }
  at = w->out + w->len;
  memset (at, 0, 4 + padded);
  hj_put_be16 (at, type);
  hj_put_be16 (at + 2, (guint16)len);
  w->len += 4 + padded;
  hj_put_be16 (w->out + 2, (guint16)(w->len - STUN_HEADER));
  return at + 4;
}

static void
add_bytes (Writer *w, guint16 type, const void *bytes, gsize len)
{
  guint8 *value = add (w, type, len);

  if (value && len > 0)
    memcpy (value, bytes, len);
}

static void
add_mapped (Writer *w, const struct sockaddr *address)
{
  guint8 *value;

  if (address->sa_family == AF_INET)
    {
      const struct sockaddr_in *in = (const struct sockaddr_in *)address;

      value = add (w, ATTR_XOR_MAPPED_ADDRESS, 8);
      if (!value)
        return;
      value[1] = 1;
      hj_put_be16 (value + 2, (guint16)(ntohs (in->sin_port) ^ (STUN_COOKIE >> 16)));
      hj_put_be32 (value + 4, ntohl (in->sin_addr.s_addr) ^ STUN_COOKIE);
    }
  else if (address->sa_family == AF_INET6)
    {
      const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)address;

      value = add (w, ATTR_XOR_MAPPED_ADDRESS, 20);
      if (!value)
        return;
      value[1] = 2;
      hj_put_be16 (value + 2, (guint16)(ntohs (in6->sin6_port) ^ (STUN_COOKIE >> 16)));
      for (gsize i = 0; i < 16; i++) /* cookie and transaction follow each other in the header */
        value[4 + i] = in6->sin6_addr.s6_addr[i] ^ w->out[4 + i];
    }
  else
    w->failed = TRUE;
}

/* A socket that serves both families sees IPv4 peers as ::ffff:a.b.c.d, the peers do not. */
static void
add_unmapped (Writer *w, const struct sockaddr *address)
{
  const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)address;
  struct sockaddr_in in = { .sin_family = AF_INET };

  if (address->sa_family != AF_INET6 || !IN6_IS_ADDR_V4MAPPED (&in6->sin6_addr))
    {
      add_mapped (w, address);
      return;
    }
  in.sin_port = in6->sin6_port;
  memcpy (&in.sin_addr, in6->sin6_addr.s6_addr + 12, 4);
  add_mapped (w, (const struct sockaddr *)&in);
}

/* Closes the message: MESSAGE-INTEGRITY when there is a password, then FINGERPRINT. */
static gsize
finish (Writer *w, const char *password)
{
  guint8 *value;

  if (password)
    {
      gsize at = w->len;

      value = add (w, ATTR_MESSAGE_INTEGRITY, STUN_INTEGRITY_LEN);
      if (value && !hj_stun_hmac (w->out, at, password, value))
        w->failed = TRUE;
    }
  value = add (w, ATTR_FINGERPRINT, 4);
  if (value)
    hj_put_be32 (value, hj_stun_crc32 (w->out, w->len - 8) ^ STUN_FINGERPRINT_XOR);
  return w->failed ? 0 : w->len;
}

/**
 * hj_stun_write_binding_request:
 *
 * Writes a connectivity check (RFC 8445 7.2.2).
 *
 * Returns: bytes written, 0 when @size is too small
 */
gsize
hj_stun_write_binding_request (guint8 *out, gsize size, const HjStunCheck *check)
{
  guint8 *value;
  Writer w;

  begin (&w, out, size, HJ_STUN_BINDING_REQUEST, check->transaction_id);
  if (check->username)
    add_bytes (&w, ATTR_USERNAME, check->username, strlen (check->username));
  value = add (&w, ATTR_PRIORITY, 4);
  if (value)
    hj_put_be32 (value, check->priority);
  if (check->use_candidate)
    add (&w, ATTR_USE_CANDIDATE, 0);
  value = add (&w, check->controlling ? ATTR_ICE_CONTROLLING : ATTR_ICE_CONTROLLED, 8);
  if (value)
    {
      hj_put_be32 (value, (guint32)(check->tiebreaker >> 32));
      hj_put_be32 (value + 4, (guint32)check->tiebreaker);
    }
  return finish (&w, check->password);
}

/**
 * hj_stun_write_binding_success:
 * @mapped: where the request came from; an IPv4-mapped IPv6 address is told as IPv4
 * @password: ours, the one that @request was checked with
 *
 * Answers a check with XOR-MAPPED-ADDRESS, MESSAGE-INTEGRITY and FINGERPRINT.
 *
 * Returns: bytes written, 0 when @size is too small or @mapped is no internet address
 */
gsize
hj_stun_write_binding_success (guint8 *out, gsize size, const HjStunMessage *request,
    const struct sockaddr *mapped, const char *password)
{
  Writer w;

  begin (&w, out, size, HJ_STUN_BINDING_SUCCESS, request->transaction_id);
  add_unmapped (&w, mapped);
  return finish (&w, password);
}

/**
 * hj_stun_write_binding_error:
 * @code: 400, 401, 420, 487, …
 * @reason: in English, at most 127 bytes are sent
 * @password: (nullable): ours, when the request was authentic. NULL otherwise: an answer to a
 *   stranger carries no MESSAGE-INTEGRITY, which would give him something to guess at.
 *
 * With 420 the attributes that @request lists as unknown are named in UNKNOWN-ATTRIBUTES.
 *
 * Returns: bytes written, 0 when @size is too small
 */
gsize
hj_stun_write_binding_error (guint8 *out, gsize size, const HjStunMessage *request, int code,
    const char *reason, const char *password)
{
  gsize reason_len = MIN (strlen (reason), 127);
  guint8 *value;
  Writer w;

  begin (&w, out, size, HJ_STUN_BINDING_ERROR, request->transaction_id);
  value = add (&w, ATTR_ERROR_CODE, 4 + reason_len);
  if (value)
    {
      value[2] = (guint8)(code / 100);
      value[3] = (guint8)(code % 100);
      memcpy (value + 4, reason, reason_len);
    }
  if (code == 420 && request->n_unknown > 0)
    {
      value = add (&w, ATTR_UNKNOWN_ATTRIBUTES, 2 * (gsize)request->n_unknown);
      for (guint i = 0; value && i < request->n_unknown; i++)
        hj_put_be16 (value + 2 * i, request->unknown[i]);
    }
  return finish (&w, password);
}
