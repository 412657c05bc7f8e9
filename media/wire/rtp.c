/* SPDX-License-Identifier: Apache-2.0 */
/* Reads and rewrites RTP headers (RFC 3550 5.1) and their extensions (RFC 8285) in place. Pure
 * functions on bytes that peers sent: nothing is trusted, nothing is kept, any thread may call. */
#include "media/wire/rtp.h"

#include <string.h>

#define ONE_BYTE_PROFILE 0xBEDE
#define TWO_BYTE_PROFILE 0x1000 /* the low four bits are the application's */
#define ONE_BYTE_STOP 15

/**
 * hj_rtp_is_rtcp:
 *
 * Tells RTCP from RTP on one port (RFC 5761 4): packet types 192 to 223 are RTCP's, so RTP
 * payload types 64 to 95 may not be negotiated.
 */
gboolean
hj_rtp_is_rtcp (const guint8 *data, gsize len)
{
  return len >= 4 && data[0] >> 6 == 2 && data[1] >= 192 && data[1] <= 223;
}

static gboolean
parse_extension_header (const guint8 *data, gsize len, HjRtpView *out)
{
  gsize words;

  if (len < out->header_len + 4)
    return FALSE;
  out->extension_profile = hj_be16 (data + out->header_len);
  words = hj_be16 (data + out->header_len + 2);
  out->extension_offset = out->header_len + 4;
  out->extension_len = words * 4;
  out->header_len = out->extension_offset + out->extension_len;
  return out->header_len <= len;
}

/**
 * hj_rtp_parse_header:
 * @out: (out caller-allocates): valid only when TRUE is returned
 *
 * Reads the part of an SRTP packet that is in the clear. The payload is taken as it is: its
 * padding cannot be told while it is encrypted.
 *
 * Returns: FALSE when the packet is not RTP or its header does not fit into it
 */
gboolean
hj_rtp_parse_header (const guint8 *data, gsize len, HjRtpView *out)
{
  memset (out, 0, sizeof *out);
  if (len < HJ_RTP_MIN_HEADER || data[0] >> 6 != 2)
    return FALSE;
  out->padding = (data[0] & 0x20) != 0;
  out->has_extension = (data[0] & 0x10) != 0;
  out->n_csrcs = data[0] & 0x0f;
  out->marker = (data[1] & 0x80) != 0;
  out->payload_type = data[1] & 0x7f;
  out->seq = hj_be16 (data + 2);
  out->timestamp = hj_be32 (data + 4);
  out->ssrc = hj_be32 (data + 8);
  out->header_len = HJ_RTP_MIN_HEADER + 4 * (gsize)out->n_csrcs;
  if (out->header_len > len)
    return FALSE;
  if (out->has_extension && !parse_extension_header (data, len, out))
    return FALSE;
  out->payload_len = len - out->header_len;
  return TRUE;
}

/**
 * hj_rtp_parse:
 *
 * Like hj_rtp_parse_header(), for a packet in the clear: padding is checked and taken off
 * `payload_len`, which may then be 0 (bandwidth probes are padding alone).
 */
gboolean
hj_rtp_parse (const guint8 *data, gsize len, HjRtpView *out)
{
  if (!hj_rtp_parse_header (data, len, out))
    return FALSE;
  if (!out->padding)
    return TRUE;
  if (out->payload_len == 0)
    return FALSE;
  out->padding_len = data[len - 1];
  if (out->padding_len == 0 || out->padding_len > out->payload_len)
    return FALSE;
  out->payload_len -= out->padding_len;
  return TRUE;
}

/* One extension element: header at `at`, value at `value`; `next` is where to go on. */
typedef struct
{
  guint8 id;
  gsize at;
  gsize value;
  gsize value_len;
  gsize next;
} Element;

static gboolean
is_two_byte (const HjRtpView *view)
{
  return (view->extension_profile & 0xfff0) == TWO_BYTE_PROFILE;
}

/* Reads the element at or after `at`. FALSE at the end and at the first that does not fit. */
static gboolean
next_element (const guint8 *data, const HjRtpView *view, gsize at, Element *out)
{
  gsize end = view->extension_offset + view->extension_len;
  gsize header = is_two_byte (view) ? 2 : 1;

  while (at < end && data[at] == 0) /* padding between elements */
    at++;
  if (at + header > end)
    return FALSE;
  out->at = at;
  out->id = header == 2 ? data[at] : data[at] >> 4;
  out->value_len = header == 2 ? data[at + 1] : (gsize)(data[at] & 0x0f) + 1;
  out->value = at + header;
  out->next = out->value + out->value_len;
  /* A number 0 with a length, or 15, ends everything (RFC 8285 4.2). */
  if (header == 1 && (out->id == 0 || out->id == ONE_BYTE_STOP))
    return FALSE;
  return out->next <= end;
}

static gboolean
find_element (const guint8 *data, const HjRtpView *view, guint8 id, Element *out)
{
  gsize at = view->extension_offset;

  if (!view->has_extension || id == 0)
    return FALSE;
  if (view->extension_profile != ONE_BYTE_PROFILE && !is_two_byte (view))
    return FALSE;
  for (; next_element (data, view, at, out); at = out->next)
    {
      if (out->id == id)
        return TRUE;
    }
  return FALSE;
}

/**
 * hj_rtp_find_extension:
 * @id: the number negotiated by a=extmap, 1 to 14 (255 with two-byte elements)
 * @len: (out): bytes of the value; 0 is possible with two-byte elements
 *
 * Returns: (transfer none) (nullable): the value, inside @data; NULL when absent
 */
const guint8 *
hj_rtp_find_extension (const guint8 *data, const HjRtpView *view, guint8 id, gsize *len)
{
  Element element;

  if (!find_element (data, view, id, &element))
    return NULL;
  *len = element.value_len;
  return data + element.value;
}

/**
 * hj_rtp_write_extension:
 *
 * Overwrites the value of an extension that is there already. Nothing moves.
 *
 * Returns: FALSE when the extension is absent or has another length
 */
gboolean
hj_rtp_write_extension (
    guint8 *data, const HjRtpView *view, guint8 id, const guint8 *value, gsize len)
{
  Element element;

  if (!find_element (data, view, id, &element) || element.value_len != len)
    return FALSE;
  memcpy (data + element.value, value, len);
  return TRUE;
}

/**
 * hj_rtp_blank_extension:
 *
 * Turns an extension into padding, so that the next receiver never sees it (audio levels must
 * not leave, see docs/threats.md). Lengths stay as they are.
 *
 * Returns: FALSE when the extension is absent
 */
gboolean
hj_rtp_blank_extension (guint8 *data, const HjRtpView *view, guint8 id)
{
  Element element;

  if (!find_element (data, view, id, &element))
    return FALSE;
  memset (data + element.at, 0, element.next - element.at);
  return TRUE;
}

/* The setters below expect a packet that hj_rtp_parse() accepted. */

void
hj_rtp_set_payload_type (guint8 *data, guint8 payload_type)
{
  data[1] = (guint8)((data[1] & 0x80) | (payload_type & 0x7f));
}

void
hj_rtp_set_marker (guint8 *data, gboolean marker)
{
  data[1] = (guint8)((data[1] & 0x7f) | (marker ? 0x80 : 0));
}

void
hj_rtp_set_seq (guint8 *data, guint16 seq)
{
  hj_put_be16 (data + 2, seq);
}

void
hj_rtp_set_timestamp (guint8 *data, guint32 timestamp)
{
  hj_put_be32 (data + 4, timestamp);
}

void
hj_rtp_set_ssrc (guint8 *data, guint32 ssrc)
{
  hj_put_be32 (data + 8, ssrc);
}
