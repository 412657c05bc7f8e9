/* SPDX-License-Identifier: Apache-2.0 */
/* The words under which dropped datagrams are counted (docs/protocol.md section 3, `statistics`). */

#include "media/drop.h"

static const char *const WORDS[HJ_DROP_N] = {
  [HJ_DROP_UNKNOWN_KIND] = "unknown-kind",
  [HJ_DROP_UNKNOWN_ADDRESS] = "unknown-address",
  [HJ_DROP_STUN_MALFORMED] = "stun-malformed",
  [HJ_DROP_STUN_UNKNOWN_USER] = "stun-unknown-user",
  [HJ_DROP_STUN_INTEGRITY] = "stun-integrity",
  [HJ_DROP_STUN_OTHER] = "stun-other",
  [HJ_DROP_ADDRESS_TAKEN] = "address-taken",
  [HJ_DROP_DTLS] = "dtls",
  [HJ_DROP_EARLY] = "early",
  [HJ_DROP_SRTP_AUTH] = "srtp-auth",
  [HJ_DROP_SRTP_REPLAY] = "srtp-replay",
  [HJ_DROP_SRTP_SHORT] = "srtp-short",
  [HJ_DROP_SRTP_FULL] = "srtp-full",
  [HJ_DROP_RTP_MALFORMED] = "rtp-malformed",
  [HJ_DROP_RTP_UNMAPPED] = "rtp-unmapped",
  [HJ_DROP_RTCP_MALFORMED] = "rtcp-malformed",
  [HJ_DROP_NOT_ADMITTED] = "not-admitted",
  [HJ_DROP_NO_ROUTE] = "no-route",
  [HJ_DROP_NO_KEYFRAME] = "no-keyframe",
  [HJ_DROP_LATE] = "late",
  [HJ_DROP_TOO_LONG] = "too-long",
  [HJ_DROP_CONGESTED] = "congested",
  [HJ_DROP_FLOOD] = "flood",
};

const char *
hj_drop_to_string (HjDrop drop)
{
  return WORDS[drop];
}
