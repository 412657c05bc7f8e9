/* SPDX-License-Identifier: Apache-2.0 */
/* A browser-like peer for tests: offers, checks as the controlling agent, is DTLS server, sends and opens SRTP. How its
 * datagrams travel is the test's: through a socket or straight into the relay's tables. */

#include "tests/media/peer.h"

#include <stdlib.h>
#include <string.h>

#include "media/wire/error.h"
#include "media/wire/stun.h"

const PeerStyle PEER_BROWSER
    = { .n_sections = 8, .opus = 111, .vp8 = 96, .rtx = 97, .mid_prefix = "" };

void
peer_restart_ice (Peer *self)
{
  g_snprintf (self->ufrag, sizeof self->ufrag, "u%07x", g_random_int () & 0xfffffff);
  g_snprintf (self->pwd, sizeof self->pwd, "password%08x%08x", g_random_int (), g_random_int ());
}

void
peer_init (Peer *self, const PeerStyle *style, const char *address, guint16 port)
{
  g_autoptr (GError) error = NULL;

  memset (self, 0, sizeof *self);
  self->style = *style;
  g_assert_true (hj_address_parse (&self->address, address, port));
  self->identity = hj_dtls_identity_new (&error);
  g_assert_no_error (error);
  self->session = g_random_int ();
  peer_restart_ice (self);
  self->ssrcs[HJ_AUDIO] = g_random_int () | 1;
  self->ssrcs[HJ_VIDEO] = g_random_int () | 1;
  self->packets = g_ptr_array_new_with_free_func (g_free);
}

void
peer_clear (Peer *self)
{
  g_clear_pointer (&self->dtls, hj_dtls_free);
  g_clear_pointer (&self->identity, hj_dtls_identity_free);
  g_clear_pointer (&self->in, hj_srtp_free);
  g_clear_pointer (&self->out, hj_srtp_free);
  g_clear_pointer (&self->packets, g_ptr_array_unref);
  g_free (self->remote_ufrag);
  g_free (self->remote_pwd);
  g_free (self->remote_fingerprint);
}

static void
offer_section (const Peer *self, guint index, GString *out)
{
  gboolean video = index % 2 == 1;
  gboolean sends = index < 2 && !(video && self->style.no_camera);
  guint8 type = video ? self->style.vp8 : self->style.opus;

  g_string_append_printf (out, "m=%s 9 UDP/TLS/RTP/SAVPF %u", video ? "video" : "audio", type);
  if (video && self->style.rtx != 0)
    g_string_append_printf (out, " %u", self->style.rtx);
  if (!video && self->style.red != 0)
    g_string_append_printf (out, " %u", self->style.red);
  g_string_append_printf (out,
      "\r\nc=IN IP4 0.0.0.0\r\na=mid:%s%u\r\na=ice-ufrag:%s\r\na=ice-pwd:%s\r\n"
      "a=fingerprint:sha-256 %s\r\na=setup:actpass\r\na=rtcp-mux\r\na=rtcp-rsize\r\na=%s\r\n"
      "a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time\r\n"
      "a=extmap:3 "
      "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n"
      "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\n",
      self->style.mid_prefix, index, self->ufrag, self->pwd,
      self->style.fingerprint != NULL ? self->style.fingerprint
                                      : hj_dtls_identity_get_fingerprint (self->identity),
      sends ? "sendrecv" : "recvonly");
  if (video)
    g_string_append_printf (out,
        "a=rtpmap:%u VP8/90000\r\na=rtcp-fb:%u nack\r\na=rtcp-fb:%u nack pli\r\na=rtcp-fb:%u "
        "goog-remb\r\na=rtcp-fb:%u transport-cc\r\n",
        type, type, type, type, type);
  else
    g_string_append_printf (
        out, "a=rtpmap:%u opus/48000/2\r\na=rtcp-fb:%u transport-cc\r\n", type, type);
  if (video && self->style.rtx != 0)
    g_string_append_printf (out, "a=rtpmap:%u rtx/90000\r\na=fmtp:%u apt=%u\r\n", self->style.rtx,
        self->style.rtx, type);
  if (!video && self->style.red != 0)
    g_string_append_printf (out, "a=rtpmap:%u red/48000/2\r\na=fmtp:%u %u/%u\r\n", self->style.red,
        self->style.red, type, type);
  if (sends)
    g_string_append_printf (
        out, "a=ssrc:%u cname:test\r\n", self->ssrcs[video ? HJ_VIDEO : HJ_AUDIO]);
}

char *
peer_make_offer (const Peer *self)
{
  GString *out = g_string_new (NULL);

  g_string_append_printf (out,
      "v=0\r\no=- %" G_GUINT64_FORMAT " 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n", self->session);
  g_string_append (out, "a=group:BUNDLE");
  for (guint i = 0; i < self->style.n_sections; i++)
    g_string_append_printf (out, " %s%u", self->style.mid_prefix, i);
  g_string_append (out, "\r\n");
  for (guint i = 0; i < self->style.n_sections; i++)
    offer_section (self, i, out);
  return g_string_free (out, FALSE);
}

/* What follows the prefix on the first line of text that has it. */
static char *
find_line (const char *text, const char *prefix)
{
  const char *at = strstr (text, prefix);

  if (at == NULL)
    return NULL;
  at += strlen (prefix);
  return g_strndup (at, strcspn (at, "\r\n"));
}

static void
read_ssrcs (Peer *self, const char *answer)
{
  g_auto (GStrv) sections = g_strsplit (answer, "\r\nm=", -1);

  for (guint i = 1; sections[i] != NULL && i <= PEER_MAX_SECTIONS; i++)
    {
      g_autofree char *ssrc = find_line (sections[i], "\r\na=ssrc:");
      g_autofree char *pair = find_line (sections[i], "\r\na=ssrc-group:FID ");

      if (ssrc != NULL)
        self->slot_ssrcs[(i - 1) / 2][(i - 1) % 2] = (guint32)g_ascii_strtoull (ssrc, NULL, 10);
      if (pair != NULL)
        self->slot_rtx_ssrcs[(i - 1) / 2]
            = (guint32)g_ascii_strtoull (strchr (pair, ' ') + 1, NULL, 10);
    }
}

void
peer_take_answer (Peer *self, const char *answer)
{
  g_free (self->remote_ufrag);
  g_free (self->remote_pwd);
  g_free (self->remote_fingerprint);
  self->remote_ufrag = find_line (answer, "\r\na=ice-ufrag:");
  self->remote_pwd = find_line (answer, "\r\na=ice-pwd:");
  self->remote_fingerprint = find_line (answer, "\r\na=fingerprint:");
  g_assert_nonnull (self->remote_fingerprint);
  read_ssrcs (self, answer);
}

static void
send_bytes (Peer *self, const guint8 *bytes, gsize length)
{
  g_assert_cmpuint (length, >, 0);
  self->send (self->send_data, &self->address, bytes, length);
}

static void
send_check (Peer *self, const char *username, const char *password, gboolean use_candidate,
    gboolean controlling)
{
  HjStunCheck check = { .username = username,
    .password = password,
    .priority = 1,
    .use_candidate = use_candidate,
    .controlling = controlling,
    .tiebreaker = 7 };
  guint8 bytes[HJ_STUN_MAX_MESSAGE];

  for (guint i = 0; i < sizeof check.transaction_id; i++)
    check.transaction_id[i] = (guint8)g_random_int ();
  send_bytes (self, bytes, hj_stun_write_binding_request (bytes, sizeof bytes, &check));
}

void
peer_check (Peer *self, gboolean use_candidate)
{
  g_autofree char *username = g_strconcat (self->remote_ufrag, ":", self->ufrag, NULL);

  send_check (self, username, self->remote_pwd, use_candidate, TRUE);
}

void
peer_check_with (Peer *self, const char *username, const char *password, gboolean controlling)
{
  send_check (self, username, password, FALSE, controlling);
}

static void
send_dtls (Peer *self)
{
  guint8 bytes[HJ_DTLS_MTU];
  gssize length = 0;

  while ((length = hj_dtls_take_datagram (self->dtls, bytes, sizeof bytes)) > 0)
    send_bytes (self, bytes, (gsize)length);
}

static void
take_dtls (Peer *self, const guint8 *data, gsize length)
{
  HjSrtpProfile profile = self->style.cm ? HJ_SRTP_AES128_CM_SHA1_80
                                         : HJ_SRTP_AEAD_AES_128_GCM | HJ_SRTP_AES128_CM_SHA1_80;
  HjSrtpKeys local;
  HjSrtpKeys remote;

  if (self->dtls == NULL)
    {
      self->dtls
          = hj_dtls_new (self->identity, HJ_DTLS_SERVER, self->remote_fingerprint, profile, NULL);
      g_assert_nonnull (self->dtls);
      hj_dtls_start (self->dtls);
    }
  hj_dtls_receive (self->dtls, data, length, NULL);
  send_dtls (self);
  if (self->in == NULL && hj_dtls_get_srtp_keys (self->dtls, &profile, &local, &remote))
    {
      g_assert_cmpint (
          profile, ==, self->style.cm ? HJ_SRTP_AES128_CM_SHA1_80 : HJ_SRTP_AEAD_AES_128_GCM);
      self->in = hj_srtp_new (profile, &remote, NULL);
      self->out = hj_srtp_new (profile, &local, NULL);
    }
}

static void
take_media (Peer *self, const guint8 *data, gsize length)
{
  PeerPacket *packet = g_new0 (PeerPacket, 1);
  HjSrtpStatus status = HJ_SRTP_OK;

  g_assert_cmpuint (length, <=, sizeof packet->data);
  memcpy (packet->data, data, length);
  packet->rtcp = hj_rtp_is_rtcp (data, length);
  status = packet->rtcp ? hj_srtp_unprotect_rtcp (self->in, packet->data, length, &packet->length)
                        : hj_srtp_unprotect (self->in, packet->data, length, &packet->length);
  g_assert_cmpint (status, ==, HJ_SRTP_OK);
  if (packet->rtcp)
    g_assert_true (hj_rtcp_is_valid (packet->data, packet->length));
  else
    g_assert_true (hj_rtp_parse (packet->data, packet->length, &packet->view));
  g_ptr_array_add (self->packets, packet);
}

/* One datagram from the relay. */
void
peer_take (Peer *self, const guint8 *data, gsize length)
{
  HjStunMessage message;

  if (hj_stun_is_message (data, length))
    {
      g_assert_true (hj_stun_parse (data, length, &message, NULL));
      g_assert_true (hj_stun_check_integrity (data, length, &message, self->remote_pwd));
      self->n_stun_success += message.type == HJ_STUN_BINDING_SUCCESS;
      self->n_stun_error += message.type == HJ_STUN_BINDING_ERROR;
      self->stun_error = message.error_code;
    }
  else if (hj_dtls_is_message (data, length))
    take_dtls (self, data, length);
  else
    take_media (self, data, length);
}

gboolean
peer_is_connected (const Peer *self)
{
  return self->in != NULL;
}

/* close_notify, as pc.close() sends. */
void
peer_close (Peer *self)
{
  hj_dtls_close (self->dtls);
  send_dtls (self);
}

/* out: 1,500 bytes. A packet as a browser sends it: abs-send-time, transport-wide number, mid. */
gsize
peer_write_rtp (const Peer *self, HjMediaKind kind, guint16 seq, guint32 timestamp,
    const guint8 *payload, gsize payload_length, guint8 *out)
{
  guint8 header[] = { 0x90, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xbe, 0xde, 0, 3, 0x22, 1, 2, 3, 0x31,
    0, 0, 0x40, '0', 0, 0, 0 };
  guint8 *mid = header + 23;
  gsize prefix = strlen (self->style.mid_prefix);

  header[1] = kind == HJ_VIDEO ? self->style.vp8 : self->style.opus;
  hj_put_be16 (header + 2, seq);
  hj_put_be32 (header + 4, timestamp);
  hj_put_be32 (header + 8, self->ssrcs[kind]);
  hj_put_be16 (header + 21, seq);
  g_assert_cmpuint (prefix, <=, 3);
  *mid++ = (guint8)(0x40 | prefix);
  memcpy (mid, self->style.mid_prefix, prefix);
  mid[prefix] = kind == HJ_VIDEO ? '1' : '0';
  memcpy (out, header, sizeof header);
  memcpy (out + sizeof header, payload, payload_length);
  return sizeof header + payload_length;
}

/* FALSE when the packet is none that can be sealed. */
gboolean
peer_try_rtp (Peer *self, const guint8 *packet, gsize length)
{
  guint8 sealed[1600];

  length = hj_srtp_protect (self->out, packet, length, sealed, sizeof sealed);
  if (length > 0)
    send_bytes (self, sealed, length);
  return length > 0;
}

void
peer_send_rtp (Peer *self, const guint8 *packet, gsize length)
{
  g_assert_true (peer_try_rtp (self, packet, length));
}

void
peer_send_rtcp (Peer *self, const guint8 *packet, gsize length)
{
  guint8 sealed[1600];

  send_bytes (
      self, sealed, hj_srtp_protect_rtcp (self->out, packet, length, sealed, sizeof sealed));
}

void
peer_send_audio (Peer *self, guint16 seq, guint32 timestamp)
{
  guint8 packet[1500];
  guint8 payload[80] = { 0xaa, (guint8)seq };

  peer_send_rtp (self, packet,
      peer_write_rtp (self, HJ_AUDIO, seq, timestamp, payload, sizeof payload, packet));
}

void
peer_send_video (Peer *self, guint16 seq, guint32 timestamp, gboolean keyframe)
{
  guint8 packet[1500];
  guint8 payload[1000] = { 0x90, 0x80, 0x80, 0x01, keyframe ? 0x10 : 0x11, 0xbb, (guint8)seq };

  peer_send_rtp (self, packet,
      peer_write_rtp (self, HJ_VIDEO, seq, timestamp, payload, sizeof payload, packet));
}

guint
peer_count (const Peer *self, guint32 ssrc)
{
  guint n = 0;

  while (peer_find (self, ssrc, n) != NULL)
    n++;
  return n;
}

/* Returns: (transfer none) (nullable): the index-th RTP packet with that SSRC. */
const PeerPacket *
peer_find (const Peer *self, guint32 ssrc, guint index)
{
  for (guint i = 0; i < self->packets->len; i++)
    {
      const PeerPacket *packet = self->packets->pdata[i];

      if (!packet->rtcp && packet->view.ssrc == ssrc && index-- == 0)
        return packet;
    }
  return NULL;
}

/* The first RTCP packet of that type; fmt: of feedback, -1: any. It points into the peer's memory. */
gboolean
peer_find_rtcp (const Peer *self, guint8 type, int fmt, HjRtcpPacket *out)
{
  for (guint i = 0; i < self->packets->len; i++)
    {
      PeerPacket *packet = self->packets->pdata[i];
      HjRtcpIter iter;

      if (!packet->rtcp)
        continue;
      hj_rtcp_iter_init (&iter, packet->data, packet->length);
      while (hj_rtcp_next (&iter, out))
        if (out->type == type && (fmt < 0 || out->fmt == fmt))
          return TRUE;
    }
  return FALSE;
}

void
peer_forget (Peer *self)
{
  g_ptr_array_set_size (self->packets, 0);
}
