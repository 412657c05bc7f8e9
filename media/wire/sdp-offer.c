/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a browser's offer (RFC 8866, RFC 8839, RFC 8842, RFC 8843) into a plain struct. What the relay needs is checked
 * strictly and refused with HJ_MEDIA_ERROR_REFUSED and a sentence for engineers; what it does not know is skipped, so
 * that next year's browser still connects. Never allocates. Any thread. */

#include <string.h>

#include "media/wire/error.h"
#include "media/wire/sdp-private.h"

#define MAX_LINE 4096
#define NO_TYPE (-1)

static gboolean
is_bundled (const HjSdpParser *parser, const char *mid)
{
  for (guint i = 0; i < parser->n_bundle; i++)
    if (strcmp (parser->bundle[i], mid) == 0)
      return TRUE;
  return FALSE;
}

/* The first of our codecs in the order of the m-line, and the retransmission type that belongs to it. */
static void
choose_codec (HjSdpParser *parser, HjSdpSection *section)
{
  HjSdpCodec wanted = section->kind == HJ_AUDIO ? HJ_SDP_CODEC_OPUS : HJ_SDP_CODEC_VP8;
  gboolean found = FALSE;

  for (guint i = 0; i < parser->n_formats && !found; i++)
    if (parser->codecs[parser->formats[i]] == wanted)
      {
        section->payload_type = parser->formats[i];
        found = TRUE;
      }
  section->usable = section->usable && found;
  for (guint i = 0; i < parser->n_formats && found; i++)
    {
      guint8 type = parser->formats[i];

      if (parser->codecs[type] == HJ_SDP_CODEC_RTX && parser->apt[type] == section->payload_type)
        section->rtx_type = type;
      if (parser->codecs[type] == HJ_SDP_CODEC_RED && parser->apt[type] == section->payload_type)
        section->red_type = type;
    }
  section->feedback = parser->feedback[section->payload_type] | parser->feedback_all;
}

/* Called where the next section begins and at the end. */
static gboolean
finish_section (HjSdpParser *parser)
{
  HjSdpSection *section = parser->section;

  if (section == NULL)
    return TRUE;
  if (section->mid[0] == '\0')
    return hj_sdp_refuse (parser, "mid: missing");
  section->usable = section->usable && !parser->rejected && parser->secure;
  if (section->usable && !parser->rtcp_mux)
    return hj_sdp_refuse (parser, "rtcp-mux: missing");
  if (section->usable && !is_bundled (parser, section->mid))
    return hj_sdp_refuse (parser, "group: every section must be bundled");
  choose_codec (parser, section);
  return TRUE;
}

static gboolean
begin_section (HjSdpParser *parser, const char *text)
{
  HjSdpOffer *offer = parser->offer;
  HjSdpSection *section = NULL;
  guint64 port = 0;

  if (!finish_section (parser))
    return FALSE;
  if (offer->n_sections == HJ_SDP_MAX_SECTIONS)
    return hj_sdp_refuse (parser, "m: too many sections");
  parser->section = section = &offer->sections[offer->n_sections++];
  parser->rtcp_mux = FALSE;
  parser->n_formats = 0;
  parser->feedback_all = 0;
  memset (parser->codecs, 0, sizeof parser->codecs);
  memset (parser->apt, 0xff, sizeof parser->apt);
  memset (parser->feedback, 0, sizeof parser->feedback);
  section->rtx_type = section->red_type = NO_TYPE;
  section->slot = -1;
  section->peer_sends = section->peer_receives = TRUE;
  if (!hj_sdp_read_word (&text, section->media, sizeof section->media)
      || !hj_sdp_read_number (&text, 65535, &port) || *text++ != ' '
      || !hj_sdp_read_word (&text, section->protocol, sizeof section->protocol) || *text == '\0')
    return hj_sdp_refuse (parser, "m: media, port, protocol and formats wanted");
  parser->rejected = port == 0;
  parser->secure = strcmp (section->protocol, "UDP/TLS/RTP/SAVPF") == 0;
  section->kind = strcmp (section->media, "audio") == 0 ? HJ_AUDIO : HJ_VIDEO;
  section->usable = strcmp (section->media, "audio") == 0 || strcmp (section->media, "video") == 0;
  while (
      section->usable && parser->secure && *text != '\0' && parser->n_formats < HJ_SDP_MAX_FORMATS)
    {
      if (!hj_sdp_read_payload_type (&text, &parser->formats[parser->n_formats++])
          || (*text != ' ' && *text != '\0'))
        return hj_sdp_refuse (parser, "m: format is not a payload type");
      text += strspn (text, " ");
    }
  return TRUE;
}

/* o=<username> <sess-id> <sess-version> … */
static gboolean
read_origin (HjSdpParser *parser, const char *text)
{
  char word[64];

  if (!hj_sdp_read_word (&text, word, sizeof word)
      || !hj_sdp_read_word (&text, parser->offer->session, sizeof parser->offer->session))
    return hj_sdp_refuse (parser, "o: user and session wanted");
  return TRUE;
}

static gboolean
read_line (HjSdpParser *parser, guint number, const char *line)
{
  if (number == 0)
    return strcmp (line, "v=0") == 0 || hj_sdp_refuse (parser, "v=0 wanted");
  if (!g_ascii_islower (line[0]) || line[1] != '=')
    return hj_sdp_refuse (parser, "line without a type");
  if (line[0] == 'm')
    return begin_section (parser, line + 2);
  if (line[0] == 'o' && parser->section == NULL)
    return read_origin (parser, line + 2);
  return line[0] != 'a' || hj_sdp_read_attribute (parser, line + 2);
}

static gboolean
read_lines (HjSdpParser *parser, const char *text)
{
  char line[MAX_LINE];

  for (guint number = 0; *text != '\0'; number++)
    {
      gsize length = strcspn (text, "\r\n");

      if (length >= sizeof line)
        return hj_sdp_refuse (parser, "line too long");
      memcpy (line, text, length);
      line[length] = '\0';
      text += length;
      text += *text == '\r' ? 1 : 0;
      text += *text == '\n' ? 1 : 0;
      if (!read_line (parser, number, line))
        return FALSE;
    }
  return finish_section (parser);
}

/* ICE and DTLS are those of the first bundled section (RFC 8843 7.2.1), or of the session part. */
static gboolean
choose_transport (HjSdpParser *parser)
{
  HjSdpOffer *offer = parser->offer;
  const HjSdpTransport *chosen = &parser->session;

  for (guint i = 0; i < offer->n_sections; i++)
    if (parser->n_bundle > 0 && strcmp (offer->sections[i].mid, parser->bundle[0]) == 0)
      chosen = &parser->sections[i];
#define PICK(field) (chosen->field[0] != '\0' ? chosen->field : parser->session.field)
  g_strlcpy (offer->ufrag, PICK (ufrag), sizeof offer->ufrag);
  g_strlcpy (offer->pwd, PICK (pwd), sizeof offer->pwd);
  g_strlcpy (offer->fingerprint, PICK (fingerprint), sizeof offer->fingerprint);
  if (offer->ufrag[0] == '\0')
    return hj_sdp_refuse (parser, "ice-ufrag: missing");
  if (offer->pwd[0] == '\0')
    return hj_sdp_refuse (parser, "ice-pwd: missing");
  if (offer->fingerprint[0] == '\0')
    return hj_sdp_refuse (parser, "fingerprint: sha-256 missing");
  return PICK (setup)[0] != '\0' || hj_sdp_refuse (parser, "setup: missing");
#undef PICK
}

/* Slot k is the k-th usable audio and the k-th video section (docs/protocol.md section 1, Slots). Sections beyond the
 * slots are declined. */
static gboolean
number_slots (HjSdpParser *parser)
{
  int next[HJ_N_KINDS] = { 0, 0 };

  for (guint i = 0; i < parser->offer->n_sections; i++)
    {
      HjSdpSection *section = &parser->offer->sections[i];

      if (strcmp (section->media, "audio") != 0 && strcmp (section->media, "video") != 0)
        continue;
      section->slot = next[section->kind]++;
      section->usable = section->usable && section->slot < HJ_SLOTS;
      if (!section->usable)
        section->slot = -1;
    }
  for (guint i = 0; i < parser->offer->n_sections; i++)
    if (parser->offer->sections[i].usable)
      return TRUE;
  return hj_sdp_refuse (parser, "no section with Opus or VP8");
}

/* text: an offer as the browser made it. offer: filled, also partly where the answer is FALSE.
 * Error: HJ_MEDIA_ERROR_REFUSED; the message names the line and repeats nothing of the offer. */
gboolean
hj_sdp_parse_offer (const char *text, HjSdpOffer *offer, GError **error)
{
  g_autofree HjSdpParser *parser = g_new0 (HjSdpParser, 1);

  memset (offer, 0, sizeof *offer);
  parser->offer = offer;
  if (read_lines (parser, text)
      && (offer->session[0] != '\0' || hj_sdp_refuse (parser, "o: missing"))
      && choose_transport (parser) && number_slots (parser))
    return TRUE;
  g_set_error_literal (error, HJ_MEDIA_ERROR, HJ_MEDIA_ERROR_REFUSED, parser->problem);
  return FALSE;
}
