/* SPDX-License-Identifier: Apache-2.0 */
/* Writes the relay's answer: ICE-lite, DTLS active, one bundled transport, Opus (in RED where all have it) and VP8 alone, one fixed SSRC for each slot
 * and kind (DESIGN section 12). What is not written here does not happen: no audio levels, no DTX, no other codec. */

#include "media/wire/sdp.h"

#include <openssl/rand.h>
#include <string.h>

/* VBR and silence would tell what is said by the sizes of the packets (RFC 6562); hence cbr=1 and no DTX. */
#define OPUS_PARAMETERS                                                                            \
  "minptime=10;useinbandfec=1;cbr=1;usedtx=0;stereo=0;sprop-stereo=0;maxaveragebitrate=32000"

static void
random_word (char *out, gsize length)
{
  static const char ALPHABET[] = "abcdefghijklmnopqrstuvwxyz234567";

  g_assert (RAND_bytes ((guint8 *)out, (int)length) == 1);
  for (gsize i = 0; i < length; i++)
    out[i] = ALPHABET[(guint8)out[i] & 31];
  out[length] = '\0';
}

/* New random ICE credentials of 40 and 130 bits; RFC 8445 5.3 wants 24 and 128. */
void
hj_sdp_local_renew_ice (HjSdpLocal *self)
{
  random_word (self->ufrag, HJ_ICE_UFRAG);
  random_word (self->pwd, HJ_ICE_PWD);
}

/* New random names of everything that a leg keeps for life. */
void
hj_sdp_local_init (HjSdpLocal *self)
{
  memset (self, 0, sizeof *self);
  hj_sdp_local_renew_ice (self);
  random_word (self->cname, sizeof self->cname - 1);
  g_assert (RAND_bytes ((guint8 *)self->ssrcs, sizeof self->ssrcs) == 1);
  g_assert (RAND_bytes ((guint8 *)self->rtx_ssrcs, sizeof self->rtx_ssrcs) == 1);
  g_assert (RAND_bytes ((guint8 *)&self->session, sizeof self->session) == 1);
  self->session &= G_MAXINT64; /* JSEP 5.2.1: 63 bits */
}

static void
write_extensions (GString *out, const HjSdpSection *section)
{
  if (section->mid_id != 0)
    g_string_append_printf (
        out, "a=extmap:%u urn:ietf:params:rtp-hdrext:sdes:mid\r\n", section->mid_id);
  if (section->twcc_id != 0)
    g_string_append_printf (out,
        "a=extmap:%u http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n",
        section->twcc_id);
  if (section->send_time_id != 0)
    g_string_append_printf (out,
        "a=extmap:%u http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time\r\n",
        section->send_time_id);
}

static void
write_feedback (GString *out, const HjSdpSection *section)
{
  static const char *const WORDS[] = { "nack", "nack pli", "ccm fir", "transport-cc", "goog-remb" };

  for (gsize i = 0; i < G_N_ELEMENTS (WORDS); i++)
    if (section->feedback & (1u << i))
      g_string_append_printf (out, "a=rtcp-fb:%u %s\r\n", section->payload_type, WORDS[i]);
}

static void
write_codec (GString *out, const HjSdpSection *section)
{
  if (section->kind == HJ_AUDIO)
    g_string_append_printf (out, "a=rtpmap:%u opus/48000/2\r\na=fmtp:%u " OPUS_PARAMETERS "\r\n",
        section->payload_type, section->payload_type);
  else
    g_string_append_printf (out, "a=rtpmap:%u VP8/90000\r\n", section->payload_type);
  if (section->red_type >= 0)
    g_string_append_printf (out, "a=rtpmap:%d red/48000/2\r\na=fmtp:%d %u/%u\r\n",
        section->red_type, section->red_type, section->payload_type, section->payload_type);
  write_feedback (out, section);
  if (section->rtx_type >= 0)
    g_string_append_printf (out, "a=rtpmap:%d rtx/90000\r\na=fmtp:%d apt=%u\r\n", section->rtx_type,
        section->rtx_type, section->payload_type);
}

static void
write_source (GString *out, const HjSdpSection *section, guint32 ssrc, const HjSdpLocal *local)
{
  g_string_append_printf (out, "a=ssrc:%u cname:%s\r\n", ssrc, local->cname);
  g_string_append_printf (out, "a=ssrc:%u msid:slot-%d slot-%d-%s\r\n", ssrc, section->slot,
      section->slot, section->kind == HJ_AUDIO ? "audio" : "video");
}

/* The relay sends on every section whose peer receives: one slot's track. */
static void
write_track (GString *out, const HjSdpSection *section, const HjSdpLocal *local)
{
  guint32 ssrc = local->ssrcs[section->slot][section->kind];
  guint32 rtx_ssrc = local->rtx_ssrcs[section->slot];

  g_string_append_printf (out, "a=msid:slot-%d slot-%d-%s\r\n", section->slot, section->slot,
      section->kind == HJ_AUDIO ? "audio" : "video");
  if (section->rtx_type >= 0)
    g_string_append_printf (out, "a=ssrc-group:FID %u %u\r\n", ssrc, rtx_ssrc);
  write_source (out, section, ssrc, local);
  if (section->rtx_type >= 0)
    write_source (out, section, rtx_ssrc, local);
}

static void
write_candidates (GString *out, const HjAddress *candidates, guint n_candidates)
{
  for (guint i = 0; i < n_candidates; i++)
    {
      g_autofree char *address = hj_address_to_string (&candidates[i]);

      g_string_append_printf (out, "a=candidate:%u 1 udp %u %s %u typ host\r\n", i + 1,
          (126u << 24) | ((65535u - i) << 8) | 255u, address, hj_address_get_port (&candidates[i]));
    }
  g_string_append (out, "a=end-of-candidates\r\n");
}

static void
write_transport (GString *out, const HjSdpLocal *local, const char *fingerprint)
{
  g_string_append_printf (out,
      "a=ice-ufrag:%s\r\na=ice-pwd:%s\r\na=fingerprint:sha-256 %s\r\na=setup:active\r\n"
      "a=rtcp-mux\r\n",
      local->ufrag, local->pwd, fingerprint);
}

static const char *
direction (const HjSdpSection *section)
{
  if (section->peer_sends)
    return section->peer_receives ? "sendrecv" : "recvonly";
  return section->peer_receives ? "sendonly" : "inactive";
}

static void
write_declined (GString *out, const HjSdpSection *section)
{
  g_string_append_printf (out, "m=%s 0 %s %s\r\nc=IN IP4 0.0.0.0\r\na=mid:%s\r\na=inactive\r\n",
      section->media, section->protocol,
      strstr (section->protocol, "SCTP") != NULL ? "webrtc-datachannel" : "0", section->mid);
}

/* The peer sends what stands first, and takes all: a section that is sent in both ways cannot tell them apart. libwebrtc sends
 * RED only where it stands before Opus. */
static void
write_formats (GString *out, const HjSdpSection *section, const HjSdpLocal *local)
{
  gboolean red = section->red_type >= 0;
  gboolean red_first = red && local->red_first && section->slot == 0;

  if (red_first)
    g_string_append_printf (out, " %d", section->red_type);
  g_string_append_printf (out, " %u", section->payload_type);
  if (red && !red_first)
    g_string_append_printf (out, " %d", section->red_type);
  if (section->rtx_type >= 0)
    g_string_append_printf (out, " %d", section->rtx_type);
}

static void
write_accepted (
    GString *out, const HjSdpSection *section, const HjSdpLocal *local, const char *fingerprint)
{
  g_string_append_printf (out, "m=%s 9 UDP/TLS/RTP/SAVPF", section->media);
  write_formats (out, section, local);
  g_string_append_printf (out, "\r\nc=IN IP4 0.0.0.0\r\na=mid:%s\r\n", section->mid);
  write_transport (out, local, fingerprint);
  if (section->rtcp_rsize)
    g_string_append (out, "a=rtcp-rsize\r\n");
  g_string_append_printf (out, "a=%s\r\n", direction (section));
  write_extensions (out, section);
  write_codec (out, section);
  if (section->peer_receives)
    write_track (out, section, local);
}

/* fingerprint: of our certificate, as in a=fingerprint:sha-256. candidates: address and port, best first.
 * Returns: (transfer full). */
char *
hj_sdp_write_answer (const HjSdpOffer *offer, const HjSdpLocal *local, const char *fingerprint,
    const HjAddress *candidates, guint n_candidates)
{
  GString *out = g_string_sized_new (4096);
  gboolean first = TRUE;

  g_string_append_printf (out, "v=0\r\no=- %" G_GUINT64_FORMAT " %u IN IP4 127.0.0.1\r\n",
      local->session, local->version);
  g_string_append (out, "s=-\r\nt=0 0\r\na=group:BUNDLE");
  for (guint i = 0; i < offer->n_sections; i++)
    if (offer->sections[i].usable)
      g_string_append_printf (out, " %s", offer->sections[i].mid);
  g_string_append (out, "\r\na=ice-lite\r\na=msid-semantic: WMS *\r\n");
  for (guint i = 0; i < offer->n_sections; i++)
    {
      const HjSdpSection *section = &offer->sections[i];

      if (section->usable)
        write_accepted (out, section, local, fingerprint);
      else
        write_declined (out, section);
      if (section->usable && first)
        write_candidates (out, candidates, n_candidates);
      first = first && !section->usable;
    }
  return g_string_free (out, FALSE);
}
