/* SPDX-License-Identifier: Apache-2.0 */
/* Reads and writes transport-wide congestion control feedback
 * (draft-holmer-rmcat-transport-wide-cc-extensions-01 3.1): which packets of a leg arrived, and
 * when. Pure functions, no allocation. */
#include "media/wire/twcc.h"

#include <string.h>

#include "media/wire/rtp.h"

#define FIXED_LEN 20 /* RTCP header, SSRCs, and the fixed part of the FCI */
#define TICK_US 250
#define REFERENCE_TICKS 256 /* the reference time counts 64 ms */
#define MAX_STATUSES 1024   /* of one feedback of ours */
#define MAX_RUN 8191

enum
{
  LOST = 0,
  SMALL = 1, /* one byte of delta, 0 to 63.75 ms */
  LARGE = 2, /* two bytes, signed */
  RESERVED = 3,
};

/* A feedback in the making. */
typedef struct
{
  guint8 symbols[MAX_STATUSES];
  gint16 deltas[MAX_STATUSES]; /* of those received, in order */
  gsize n_symbols;
  gsize n_deltas;
  gsize deltas_len;
  gint64 reference; /* in units of 64 ms */
  gint64 last_tick;
} Draft;

/* Never more than one chunk per seven statuses, see write_chunk(). */
static gsize
draft_len (gsize n_symbols, gsize deltas_len)
{
  return (FIXED_LEN + 2 * ((n_symbols + 6) / 7) + deltas_len + 3) & ~(gsize)3;
}

/* Adds one arrival and the losses before it. FALSE when it must wait for the next feedback. */
static gboolean
draft_add (Draft *d, gsize size, gint64 position, gint64 arrival_us)
{
  gint64 tick = arrival_us / TICK_US;
  gint64 delta;
  gsize delta_len;

  if (position < (gint64)d->n_symbols || position >= MAX_STATUSES)
    return FALSE;
  if (d->n_deltas == 0)
    {
      d->reference = tick / REFERENCE_TICKS;
      d->last_tick = d->reference * REFERENCE_TICKS;
    }
  delta = tick - d->last_tick;
  delta_len = delta >= 0 && delta <= 255 ? 1 : 2;
  if (delta < G_MININT16 || delta > G_MAXINT16
      || draft_len ((gsize)position + 1, d->deltas_len + delta_len) > size)
    return FALSE;
  while ((gint64)d->n_symbols < position)
    d->symbols[d->n_symbols++] = LOST;
  d->symbols[d->n_symbols++] = delta_len == 1 ? SMALL : LARGE;
  d->deltas[d->n_deltas++] = (gint16)delta;
  d->deltas_len += delta_len;
  d->last_tick = tick;
  return TRUE;
}

static guint16
vector_chunk (const guint8 *symbols, gsize n, guint bits)
{
  guint16 chunk = bits == 1 ? 0x8000 : 0xc000;

  for (gsize i = 0; i < n; i++)
    chunk |= (guint16)(symbols[i] << (14 - bits * (i + 1)));
  return chunk;
}

/* Writes the chunk that takes most: a run, fourteen statuses of one bit, or seven of two. All but
 * the last take seven or more. Returns how many statuses it holds. */
static gsize
write_chunk (guint8 *out, const guint8 *symbols, gsize n)
{
  gsize run = 1, narrow = 0;

  while (run < n && run < MAX_RUN && symbols[run] == symbols[0])
    run++;
  while (narrow < n && narrow < 14 && symbols[narrow] <= SMALL)
    narrow++;
  if (run == n || run >= 14 || (run >= 7 && run >= narrow))
    {
      hj_put_be16 (out, (guint16)(symbols[0] << 13 | run));
      return run;
    }
  if (narrow == n || narrow == 14)
    {
      hj_put_be16 (out, vector_chunk (symbols, narrow, 1));
      return narrow;
    }
  hj_put_be16 (out, vector_chunk (symbols, MIN (n, 7), 2));
  return MIN (n, 7);
}

static gsize
draft_write (const Draft *d, guint8 *out)
{
  gsize len = FIXED_LEN;
  gsize delta = 0;

  for (gsize i = 0; i < d->n_symbols; len += 2)
    i += write_chunk (out + len, d->symbols + i, d->n_symbols - i);
  for (gsize i = 0; i < d->n_symbols; i++)
    {
      if (d->symbols[i] == SMALL)
        out[len++] = (guint8)d->deltas[delta++];
      else if (d->symbols[i] == LARGE)
        {
          hj_put_be16 (out + len, (guint16)d->deltas[delta++]);
          len += 2;
        }
    }
  /* Zeros without the P bit: GStreamer wants padding that is marked to be a multiple of four. */
  while (len % 4 != 0)
    out[len++] = 0;
  return len;
}

/**
 * hj_twcc_write:
 * @base_seq: the first packet to speak of, arrived or not
 * @arrivals: ascending by `seq`, none below @base_seq; clock of any origin, not negative
 * @n_used: (out): how many arrivals are told; the rest is for another feedback
 *
 * Returns: bytes written, 0 when not even one arrival can be told
 */
gsize
hj_twcc_write (guint8 *out, gsize size, guint32 sender_ssrc, guint32 media_ssrc,
    guint8 feedback_count, gint64 base_seq, const HjTwccArrival *arrivals, gsize n_arrivals,
    gsize *n_used)
{
  Draft draft;
  gsize len;

  draft.n_symbols = draft.n_deltas = draft.deltas_len = 0;
  draft.reference = draft.last_tick = 0;
  *n_used = 0;
  while (
      *n_used < n_arrivals
      && draft_add (&draft, size, arrivals[*n_used].seq - base_seq, arrivals[*n_used].arrival_us))
    (*n_used)++;
  if (*n_used == 0)
    return 0;
  len = draft_write (&draft, out);
  out[0] = 0x80 | HJ_RTPFB_TWCC;
  out[1] = HJ_RTCP_RTPFB;
  hj_put_be16 (out + 2, (guint16)(len / 4 - 1));
  hj_put_be32 (out + 4, sender_ssrc);
  hj_put_be32 (out + 8, media_ssrc);
  hj_put_be16 (out + 12, (guint16)base_seq);
  hj_put_be16 (out + 14, (guint16)draft.n_symbols);
  hj_put_be24 (out + 16, (guint32)draft.reference & 0xffffff);
  out[19] = feedback_count;
  return len;
}

/* Status `i` of a chunk. */
static guint8
chunk_symbol (guint16 chunk, gsize i)
{
  if (!(chunk & 0x8000))
    return (chunk >> 13) & 3;
  if (!(chunk & 0x4000))
    return (chunk >> (13 - i)) & 1;
  return (chunk >> (12 - 2 * i)) & 3;
}

static gsize
chunk_capacity (guint16 chunk)
{
  if (!(chunk & 0x8000))
    return chunk & 0x1fff;
  return chunk & 0x4000 ? 7 : 14;
}

/* Unfolds the chunks into `arrival_us`, as symbols. Returns bytes read, 0 when they are damaged. */
static gsize
read_chunks (const guint8 *at, gsize len, gsize n_statuses, HjTwccStatus *out, gsize max)
{
  gsize used = 0;

  for (gsize n = 0; n < n_statuses; used += 2)
    {
      guint16 chunk;
      gsize capacity;

      if (len - used < 2)
        return 0;
      chunk = hj_be16 (at + used);
      capacity = MIN (chunk_capacity (chunk), n_statuses - n);
      if (capacity == 0)
        return 0;
      for (gsize i = 0; i < capacity; i++, n++)
        {
          if (chunk_symbol (chunk, i) == RESERVED)
            return 0;
          if (n < max)
            out[n].arrival_us = chunk_symbol (chunk, i);
        }
    }
  return used;
}

/* Turns the symbols into times. */
static gboolean
read_deltas (const guint8 *at, gsize len, gint64 reference_us, HjTwccStatus *out, gsize n)
{
  gint64 now_us = reference_us;

  for (gsize i = 0; i < n; i++)
    {
      gsize delta_len = (gsize)out[i].arrival_us; /* SMALL is 1, LARGE is 2 */

      if (len < delta_len)
        return FALSE;
      if (delta_len == 1)
        now_us += at[0] * TICK_US;
      else if (delta_len == 2)
        now_us += (gint16)hj_be16 (at) * TICK_US;
      out[i].received = delta_len > 0;
      out[i].arrival_us = delta_len > 0 ? now_us : 0;
      at += delta_len;
      len -= delta_len;
    }
  return TRUE;
}

/**
 * hj_twcc_read:
 * @out: (out caller-allocates): one entry per packet, ascending from the base
 * @max: room in @out; statuses beyond it are left out
 * @n_out: (out)
 *
 * Returns: FALSE when @packet is not a whole feedback
 */
gboolean
hj_twcc_read (
    const HjRtcpPacket *packet, guint8 *feedback_count, HjTwccStatus *out, gsize max, gsize *n_out)
{
  const guint8 *body = packet->body;
  gint32 reference;
  gsize n_statuses, used;
  guint16 base;

  *n_out = 0;
  if (packet->type != HJ_RTCP_RTPFB || packet->fmt != HJ_RTPFB_TWCC || packet->body_len < 8)
    return FALSE;
  base = hj_be16 (body);
  n_statuses = hj_be16 (body + 2);
  reference = (gint32)hj_be24 (body + 4);
  reference -= reference & 0x800000 ? 0x1000000 : 0;
  *feedback_count = body[7];
  used = read_chunks (body + 8, packet->body_len - 8, n_statuses, out, max);
  if (used == 0)
    return FALSE;
  n_statuses = MIN (n_statuses, max);
  if (!read_deltas (body + 8 + used, packet->body_len - 8 - used,
          (gint64)reference * REFERENCE_TICKS * TICK_US, out, n_statuses))
    return FALSE;
  for (gsize i = 0; i < n_statuses; i++)
    out[i].seq = (guint16)(base + i);
  *n_out = n_statuses;
  return TRUE;
}
