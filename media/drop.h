/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Why a datagram was not used. Counted per worker and reported by these words every 2 s. */
typedef enum
{
  HJ_DROP_UNKNOWN_KIND,    /* neither STUN, DTLS nor SRTP (RFC 7983) */
  HJ_DROP_UNKNOWN_ADDRESS, /* from an address that no leg has proved its own */
  HJ_DROP_STUN_MALFORMED,
  HJ_DROP_STUN_UNKNOWN_USER,
  HJ_DROP_STUN_INTEGRITY,
  HJ_DROP_STUN_OTHER,    /* not a binding request, or refused with an error response */
  HJ_DROP_ADDRESS_TAKEN, /* a check from an address that another leg uses */
  HJ_DROP_DTLS,
  HJ_DROP_EARLY, /* media before the keys are there */
  HJ_DROP_SRTP_AUTH,
  HJ_DROP_SRTP_REPLAY,
  HJ_DROP_SRTP_SHORT,
  HJ_DROP_SRTP_FULL,
  HJ_DROP_RTP_MALFORMED,
  HJ_DROP_RTP_UNMAPPED, /* belongs to no track of the offer */
  HJ_DROP_RTCP_MALFORMED,
  HJ_DROP_NOT_ADMITTED,
  HJ_DROP_NO_ROUTE,    /* admitted, but nobody to send it to */
  HJ_DROP_NO_KEYFRAME, /* the receiver's decoder cannot start yet */
  HJ_DROP_LATE,        /* from before its source was shown: its number was another's */
  HJ_DROP_TOO_LONG,
  HJ_DROP_CONGESTED, /* video that the receiver's path does not take */
  HJ_DROP_FLOOD,     /* the peer sends more than a seat may */
  HJ_DROP_N
} HjDrop;

const char *hj_drop_to_string (HjDrop drop);

G_END_DECLS
