/* SPDX-License-Identifier: Apache-2.0 */
/* Offers as Chromium and webrtcbin make them, and as nobody should; the answers. argv[1] is tests/media/data. */

#include "media/wire/error.h"
#include "media/wire/sdp.h"

#include <string.h>

#define FINGERPRINT                                                                                \
  "AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:"  \
  "99"

#define TRANSPORT                                                                                  \
  "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\na=fingerprint:sha-256 " FINGERPRINT     \
  "\r\na=setup:actpass\r\na=rtcp-mux\r\n"
#define HEAD "v=0\r\no=- 12345 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n"
#define AUDIO "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=rtpmap:111 opus/48000/2\r\n"
#define VIDEO "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\na=rtpmap:96 VP8/90000\r\n"
#define GOOD HEAD AUDIO TRANSPORT VIDEO TRANSPORT

static const char *data_directory;

static char *
read_file (const char *name)
{
  g_autofree char *path = g_build_filename (data_directory, name, NULL);
  g_autoptr (GError) error = NULL;
  char *text = NULL;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  return text;
}

static HjSdpOffer *
parse (const char *text)
{
  HjSdpOffer *offer = g_new0 (HjSdpOffer, 1);
  g_autoptr (GError) error = NULL;

  g_assert_true (hj_sdp_parse_offer (text, offer, &error));
  g_assert_no_error (error);
  return offer;
}

static char *
answer (const HjSdpOffer *offer, HjSdpLocal *local)
{
  HjAddress candidates[2];

  g_assert_true (hj_address_parse (&candidates[0], "192.0.2.7", 40000));
  g_assert_true (hj_address_parse (&candidates[1], "2001:db8::7", 40000));
  hj_sdp_local_init (local);
  return hj_sdp_write_answer (offer, local, FINGERPRINT, candidates, 2);
}

static guint
count (const char *text, const char *part)
{
  guint n = 0;

  for (const char *at = strstr (text, part); at != NULL; at = strstr (at + 1, part))
    n++;
  return n;
}

static void
chromium_is_understood (void)
{
  g_autofree char *text = read_file ("chromium-offer.sdp");
  g_autofree HjSdpOffer *offer = parse (text);

  g_assert_cmpstr (offer->session, ==, "766434912995651575");
  g_assert_cmpstr (offer->ufrag, ==, "7ODm");
  g_assert_cmpstr (offer->pwd, ==, "AQ2ebJ+XqRfvZoA7Sw5P7VR9");
  g_assert_true (g_str_has_prefix (offer->fingerprint, "97:46:2C:A0"));
  g_assert_cmpuint (offer->n_sections, ==, 8);
  for (guint i = 0; i < 8; i++)
    {
      const HjSdpSection *section = &offer->sections[i];

      g_assert_true (section->usable);
      g_assert_cmpint (section->slot, ==, (int)i / 2);
      g_assert_cmpint (section->kind, ==, i % 2 == 0 ? HJ_AUDIO : HJ_VIDEO);
      g_assert_cmpuint (section->payload_type, ==, i % 2 == 0 ? 111 : 96);
      g_assert_cmpint (section->rtx_type, ==, i % 2 == 0 ? -1 : 97);
      g_assert_true (section->peer_receives);
      g_assert_true (section->peer_sends == (i < 2));
      g_assert_cmpuint (section->mid_id, ==, 4);
      g_assert_cmpuint (section->twcc_id, ==, 3);
      g_assert_cmpuint (section->send_time_id, ==, 2);
    }
  g_assert_cmpuint (offer->sections[0].ssrcs[0], ==, 2133895685u);
  g_assert_cmpuint (offer->sections[1].feedback, ==,
      HJ_SDP_FEEDBACK_NACK | HJ_SDP_FEEDBACK_PLI | HJ_SDP_FEEDBACK_FIR | HJ_SDP_FEEDBACK_TWCC
          | HJ_SDP_FEEDBACK_REMB);
  g_assert_cmpuint (offer->sections[1].rtx_ssrc, !=, 0);
}

static void
chromium_gets_what_it_can_use_and_nothing_that_tells (void)
{
  g_autofree char *text = read_file ("chromium-offer.sdp");
  g_autofree HjSdpOffer *offer = parse (text);
  HjSdpLocal local;
  g_autofree char *sdp = answer (offer, &local);
  g_autofree char *audio_ssrc = g_strdup_printf ("a=ssrc:%u cname:", local.ssrcs[3][HJ_AUDIO]);
  g_autofree char *pair = g_strdup_printf (
      "a=ssrc-group:FID %u %u\r\n", local.ssrcs[2][HJ_VIDEO], local.rtx_ssrcs[2]);

  g_assert_nonnull (strstr (sdp, "a=group:BUNDLE 0 1 2 3 4 5 6 7\r\n"));
  g_assert_nonnull (strstr (sdp, "a=ice-lite\r\n"));
  g_assert_cmpuint (count (sdp, "a=setup:active\r\n"), ==, 8);
  g_assert_cmpuint (count (sdp, "a=sendrecv\r\n"), ==, 2);
  g_assert_cmpuint (count (sdp, "a=sendonly\r\n"), ==, 6);
  g_assert_cmpuint (count (sdp, "a=candidate:"), ==, 2);
  g_assert_nonnull (strstr (sdp, " 192.0.2.7 40000 typ host\r\n"));
  g_assert_nonnull (strstr (sdp, " 2001:db8::7 40000 typ host\r\n"));
  g_assert_nonnull (strstr (sdp, "cbr=1;usedtx=0"));
  g_assert_cmpuint (count (sdp, "a=rtpmap:"), ==, 16); /* Opus, RED for it, VP8, RTX for it */
  g_assert_cmpuint (count (sdp, "m=audio 9 UDP/TLS/RTP/SAVPF 111 63\r\n"), ==, 4);
  g_assert_cmpuint (count (sdp, "a=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\n"), ==, 4);
  g_assert_cmpuint (count (sdp, "useinbandfec=1;cbr=1;usedtx=0"), ==, 4);
  g_assert_nonnull (strstr (sdp, audio_ssrc));
  g_assert_nonnull (strstr (sdp, pair));
  g_assert_null (strstr (sdp, "ssrc-audio-level"));
  g_assert_null (strstr (sdp, "red/90000"));
  g_assert_null (strstr (sdp, "H264"));
  g_assert_true (g_str_has_suffix (sdp, "\r\n"));
}

static void
red_stands_first_where_it_shall_be_sent (void)
{
  g_autofree char *text = read_file ("chromium-offer.sdp");
  g_autofree HjSdpOffer *offer = parse (text);
  HjAddress candidate;
  HjSdpLocal local;
  g_autofree char *sdp = NULL;

  g_assert_true (hj_address_parse (&candidate, "192.0.2.7", 40000));
  hj_sdp_local_init (&local);
  local.red_first = TRUE;
  sdp = hj_sdp_write_answer (offer, &local, FINGERPRINT, &candidate, 1);
  g_assert_cmpuint (count (sdp, "m=audio 9 UDP/TLS/RTP/SAVPF 63 111\r\n"), ==, 1);
  g_assert_cmpuint (count (sdp, "m=audio 9 UDP/TLS/RTP/SAVPF 111 63\r\n"), ==, 3);
}

/* RED of something else, or of what is not said, is not RED of Opus. */
static void
red_that_carries_no_opus_is_not_answered (void)
{
  static const char *const PARAMETERS[]
      = { "", "a=fmtp:63 0/0\r\n", "a=fmtp:63 /111\r\n", "a=fmtp:63 111\r\n" };

  for (gsize i = 0; i < G_N_ELEMENTS (PARAMETERS); i++)
    {
      g_autofree char *text = g_strconcat (HEAD,
          "m=audio 9 UDP/TLS/RTP/SAVPF 63 111\r\na=mid:0\r\na=rtpmap:63 red/48000/2\r\n",
          PARAMETERS[i], "a=rtpmap:111 opus/48000/2\r\n", TRANSPORT, NULL);
      g_autofree HjSdpOffer *offer = parse (text);

      g_assert_cmpint (offer->sections[0].red_type, ==, -1);
      g_assert_cmpuint (offer->sections[0].payload_type, ==, 111);
    }
}

static void
unknown_ice_options_do_no_harm (void)
{
  g_autofree HjSdpOffer *offer
      = parse ("v=0\r\no=- 12345 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
               "a=ice-options:trickle renomination googspedv1\r\na=group:BUNDLE 0 1\r\n" AUDIO
               "a=ice-options:sped goog-sped-v1 of-next+year\r\n" TRANSPORT VIDEO
               "a=ice-options:\r\na=ice-options\r\n" TRANSPORT);
  HjSdpLocal local;
  g_autofree char *sdp = answer (offer, &local);

  g_assert_true (offer->sections[0].usable && offer->sections[1].usable);
  g_assert_null (strstr (sdp, "ice-options"));
}

static void
webrtcbin_is_understood (void)
{
  g_autofree char *text = read_file ("webrtcbin-offer.sdp");
  g_autofree HjSdpOffer *offer = parse (text);
  HjSdpLocal local;
  g_autofree char *sdp = answer (offer, &local);

  g_assert_cmpuint (offer->n_sections, ==, 2);
  g_assert_true (offer->sections[1].usable); /* port 0 and bundle-only */
  g_assert_cmpstr (offer->sections[1].mid, ==, "video1");
  g_assert_cmpint (offer->sections[1].rtx_type, ==, -1);
  g_assert_cmpuint (offer->sections[1].mid_id, ==, 0);
  g_assert_null (strstr (sdp, "rtx"));
  g_assert_null (strstr (sdp, "a=extmap"));
}

static void
credentials_are_random_and_long_enough (void)
{
  HjSdpLocal first;
  HjSdpLocal second;

  hj_sdp_local_init (&first);
  hj_sdp_local_init (&second);
  g_assert_cmpuint (strlen (first.ufrag), ==, HJ_ICE_UFRAG);
  g_assert_cmpuint (strlen (first.pwd), >=, 22);
  g_assert_cmpstr (first.ufrag, !=, second.ufrag);
  g_assert_cmpstr (first.pwd, !=, second.pwd);
}

static void
what_cannot_be_used_is_declined (void)
{
  g_autofree HjSdpOffer *offer = parse (HEAD AUDIO TRANSPORT
      "m=video 9 UDP/TLS/RTP/SAVPF 102\r\na=mid:1\r\na=rtpmap:102 H264/90000\r\n" TRANSPORT
      "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:2\r\n" TRANSPORT);
  HjSdpLocal local;
  g_autofree char *sdp = answer (offer, &local);

  g_assert_false (offer->sections[1].usable);
  g_assert_false (offer->sections[2].usable);
  g_assert_nonnull (strstr (sdp, "a=group:BUNDLE 0\r\n"));
  g_assert_nonnull (strstr (sdp, "m=video 0 UDP/TLS/RTP/SAVPF 0\r\n"));
  g_assert_nonnull (strstr (sdp, "m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\n"));
}

static void
sections_beyond_the_slots_are_declined (void)
{
  GString *text = g_string_new ("v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\na=group:BUNDLE");

  for (guint i = 0; i < 6; i++)
    g_string_append_printf (text, " x%u", i);
  g_string_append (text, "\r\n");
  for (guint i = 0; i < 6; i++)
    g_string_append_printf (text,
        "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:x%u\r\na=rtpmap:111 opus/48000/2\r\n" TRANSPORT,
        i);
  {
    g_autofree HjSdpOffer *offer = parse (text->str);

    g_assert_true (offer->sections[3].usable);
    g_assert_false (offer->sections[4].usable);
    g_assert_cmpint (offer->sections[5].slot, ==, -1);
  }
  g_string_free (text, TRUE);
}

static void
transport_may_stand_in_the_session_part (void)
{
  g_autofree HjSdpOffer *offer
      = parse (HEAD TRANSPORT AUDIO "a=rtcp-mux\r\n" VIDEO "a=rtcp-mux\r\n");

  g_assert_cmpstr (offer->ufrag, ==, "abcd");
  g_assert_cmpstr (offer->fingerprint, ==, FINGERPRINT);
}

static void
lines_may_end_in_any_way (void)
{
  g_autofree char *bare = g_strdup (GOOD);
  g_autofree HjSdpOffer *offer = NULL;
  char *to = bare;

  for (const char *from = bare; *from != '\0'; from++)
    if (*from != '\r')
      *to++ = *from;
  to[-1] = '\0'; /* the last line end too */
  offer = parse (bare);
  g_assert_cmpuint (offer->n_sections, ==, 2);
}

static void
unknown_lines_are_skipped (void)
{
  g_autofree char *filler = g_strnfill (3000, 'x');
  g_autofree char *text = g_strconcat (GOOD, "a=", filler, "\r\na=ice-options:sped trickle\r\n",
      "b=AS:1000\r\na=extmap:99 urn:x\r\na=extmap:1/sendonly urn:y\r\n",
      "a=fingerprint:sha-512 00\r\na=\r\na=:\r\n", NULL);
  g_autofree HjSdpOffer *offer = parse (text);

  g_assert_cmpuint (offer->n_sections, ==, 2);
}

static const struct
{
  const char *name;
  const char *text;
  const char *says;
} HOSTILE[] = {
  { "nothing", "", "o: missing" },
  { "no-version", "o=- 1 2 IN IP4 1.1.1.1\r\n", "v=0 wanted" },
  { "no-origin", "v=0\r\na=group:BUNDLE 0\r\n" AUDIO TRANSPORT, "o: missing" },
  { "no-type", "v=0\r\nhello\r\n", "line without a type" },
  { "no-sections", HEAD TRANSPORT, "no section with Opus or VP8" },
  { "no-ufrag",
      HEAD AUDIO "a=ice-pwd:0123456789012345678901\r\na=rtcp-mux\r\na=setup:actpass\r\n"
                 "a=fingerprint:sha-256 " FINGERPRINT "\r\n",
      "ice-ufrag: missing" },
  { "short-ufrag", HEAD AUDIO "a=ice-ufrag:abc\r\n", "ice-ufrag: 4 to 256 characters wanted" },
  { "odd-ufrag", HEAD AUDIO "a=ice-ufrag:ab:cd\r\n", "ice-ufrag: 4 to 256 characters wanted" },
  { "no-pwd",
      HEAD AUDIO
      "a=ice-ufrag:abcd\r\na=rtcp-mux\r\na=setup:actpass\r\na=fingerprint:sha-256 " FINGERPRINT
      "\r\n",
      "ice-pwd: missing" },
  { "short-pwd", HEAD AUDIO "a=ice-pwd:012345678901234567890\r\n",
      "ice-pwd: 22 to 256 characters wanted" },
  { "no-fingerprint",
      HEAD AUDIO "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\na=rtcp-mux\r\n"
                 "a=setup:actpass\r\n",
      "fingerprint: sha-256 missing" },
  { "weak-fingerprint",
      HEAD AUDIO "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\na=rtcp-mux\r\n"
                 "a=setup:actpass\r\na=fingerprint:sha-1 00:11\r\n",
      "fingerprint: sha-256 missing" },
  { "short-fingerprint", HEAD AUDIO "a=fingerprint:sha-256 AA:BB\r\n",
      "fingerprint: 32 bytes wanted" },
  { "odd-fingerprint",
      HEAD AUDIO "a=fingerprint:sha-256 "
                 "GG:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:"
                 "55:66:77:88:99\r\n",
      "fingerprint: hexadecimal wanted" },
  { "active", HEAD AUDIO "a=setup:active\r\n",
      "setup: actpass or passive wanted, the relay is active" },
  { "no-setup",
      HEAD AUDIO "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\na=rtcp-mux\r\n"
                 "a=fingerprint:sha-256 " FINGERPRINT "\r\n",
      "setup: missing" },
  { "no-mux",
      HEAD AUDIO "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\na=setup:actpass\r\n"
                 "a=fingerprint:sha-256 " FINGERPRINT "\r\n",
      "rtcp-mux: missing" },
  { "no-mid", HEAD "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=rtpmap:111 opus/48000/2\r\n" TRANSPORT,
      "mid: missing" },
  { "double-mid", HEAD AUDIO TRANSPORT AUDIO TRANSPORT, "mid: given twice" },
  { "long-mid", HEAD "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:12345678901234567\r\n",
      "mid: 1 to 16 characters wanted" },
  { "unbundled",
      "v=0\r\no=- 1 2 IN IP4 1.1.1.1\r\na=group:BUNDLE 0\r\n" AUDIO TRANSPORT VIDEO TRANSPORT,
      "group: every section must be bundled" },
  { "no-codec", HEAD "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n" TRANSPORT,
      "no section with Opus or VP8" },
  { "not-secure",
      HEAD "m=audio 9 RTP/AVPF 111\r\na=mid:0\r\na=rtpmap:111 opus/48000/2\r\n" TRANSPORT,
      "no section with Opus or VP8" },
  { "bad-m", HEAD "m=audio\r\n", "m: media, port, protocol and formats wanted" },
  { "bad-port", HEAD "m=audio 70000 UDP/TLS/RTP/SAVPF 111\r\n",
      "m: media, port, protocol and formats wanted" },
  { "bad-format", HEAD "m=audio 9 UDP/TLS/RTP/SAVPF 128\r\n", "m: format is not a payload type" },
  { "bad-rtpmap", HEAD AUDIO "a=rtpmap:300 opus/48000/2\r\n",
      "rtpmap: payload type and codec wanted" },
  { "bad-apt", HEAD VIDEO "a=fmtp:97 apt=999\r\n", "fmtp: apt is not a payload type" },
  { "bad-extmap", HEAD AUDIO "a=extmap:0 urn:x\r\n", "extmap: id wanted" },
  { "bad-ssrc", HEAD AUDIO "a=ssrc:4294967296 cname:x\r\n", "ssrc: number wanted" },
  { "bad-feedback", HEAD AUDIO "a=rtcp-fb:x nack\r\n", "rtcp-fb: payload type wanted" },
};

static void
hostile_offers_are_refused_with_a_reason (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (HOSTILE); i++)
    {
      HjSdpOffer offer;
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", HOSTILE[i].name);
      g_assert_false (hj_sdp_parse_offer (HOSTILE[i].text, &offer, &error));
      g_assert_error (error, HJ_MEDIA_ERROR, HJ_MEDIA_ERROR_REFUSED);
      g_assert_cmpstr (error->message, ==, HOSTILE[i].says);
    }
}

static void
too_much_is_refused (void)
{
  g_autofree char *filler = g_strnfill (5000, 'x');
  g_autofree char *long_line = g_strconcat (GOOD, "a=", filler, "\r\n", NULL);
  GString *many = g_string_new (HEAD);
  HjSdpOffer offer;

  g_assert_false (hj_sdp_parse_offer (long_line, &offer, NULL));
  for (guint i = 0; i <= HJ_SDP_MAX_SECTIONS; i++)
    g_string_append_printf (many, "m=application 9 X Y\r\na=mid:y%u\r\n", i);
  g_assert_false (hj_sdp_parse_offer (many->str, &offer, NULL));
  g_string_free (many, TRUE);
}

/* Every prefix of a real offer, and the offer with each byte changed, ends in an answer of some kind. */
static void
damaged_offers_do_no_harm (void)
{
  g_autofree char *text = read_file ("chromium-offer.sdp");
  gsize length = strlen (text);
  HjSdpOffer offer;

  for (gsize i = 0; i < length; i += 7)
    {
      g_autofree char *prefix = g_strndup (text, i);
      char kept = text[i];

      (void)!hj_sdp_parse_offer (prefix, &offer, NULL);
      text[i] = (char)(kept ^ 0x15);
      if (text[i] != '\0' && hj_sdp_parse_offer (text, &offer, NULL))
        {
          HjSdpLocal local;
          g_autofree char *sdp = answer (&offer, &local);

          g_assert_true (g_str_has_prefix (sdp, "v=0\r\n"));
        }
      text[i] = kept;
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  data_directory = argv[1];
  g_test_add_func (
      "/sdp/red-stands-first-where-it-shall-be-sent", red_stands_first_where_it_shall_be_sent);
  g_test_add_func (
      "/sdp/red-that-carries-no-opus-is-not-answered", red_that_carries_no_opus_is_not_answered);
  g_test_add_func ("/sdp/unknown-ice-options-do-no-harm", unknown_ice_options_do_no_harm);
  g_test_add_func ("/sdp/chromium-is-understood", chromium_is_understood);
  g_test_add_func ("/sdp/chromium-gets-what-it-can-use-and-nothing-that-tells",
      chromium_gets_what_it_can_use_and_nothing_that_tells);
  g_test_add_func ("/sdp/webrtcbin-is-understood", webrtcbin_is_understood);
  g_test_add_func (
      "/sdp/credentials-are-random-and-long-enough", credentials_are_random_and_long_enough);
  g_test_add_func ("/sdp/what-cannot-be-used-is-declined", what_cannot_be_used_is_declined);
  g_test_add_func (
      "/sdp/sections-beyond-the-slots-are-declined", sections_beyond_the_slots_are_declined);
  g_test_add_func (
      "/sdp/transport-may-stand-in-the-session-part", transport_may_stand_in_the_session_part);
  g_test_add_func ("/sdp/lines-may-end-in-any-way", lines_may_end_in_any_way);
  g_test_add_func ("/sdp/unknown-lines-are-skipped", unknown_lines_are_skipped);
  g_test_add_func (
      "/sdp/hostile-offers-are-refused-with-a-reason", hostile_offers_are_refused_with_a_reason);
  g_test_add_func ("/sdp/too-much-is-refused", too_much_is_refused);
  g_test_add_func ("/sdp/damaged-offers-do-no-harm", damaged_offers_do_no_harm);
  return g_test_run ();
}
