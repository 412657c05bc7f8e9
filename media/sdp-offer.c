/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a browser's offer (RFC 8866, RFC 8839, RFC 8842, RFC 8843) into a plain struct. What the relay needs is checked
 * strictly and refused with HJ_MEDIA_ERROR_REFUSED and a sentence for engineers; what it does not know is skipped, so
 * that next year's browser still connects. Never allocates. Any thread. */

#include "media/sdp.h"

#include <string.h>

#include "media/error.h"

#define MAX_LINE 4096
#define MAX_FORMATS 64
#define NO_TYPE (-1)

#define URI_MID "urn:ietf:params:rtp-hdrext:sdes:mid"
#define URI_TWCC "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
#define URI_SEND_TIME "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"

typedef enum
{
  CODEC_UNKNOWN,
  CODEC_OPUS,
  CODEC_VP8,
  CODEC_RTX,
} Codec;

/* What ICE and DTLS need; may stand in the session part, in each section, or in both. */
typedef struct
{
  char ufrag[257];
  char pwd[257];
  char fingerprint[96];
  char setup[12];
} Transport;

typedef struct
{
  HjSdpOffer *offer;
  HjSdpSection *section; /* NULL in the session part */
  Transport session;
  Transport sections[HJ_SDP_MAX_SECTIONS];
  char bundle[HJ_SDP_MAX_SECTIONS][HJ_SDP_MAX_MID + 1];
  guint n_bundle;
  /* of the section being read */
  gboolean rejected;
  gboolean rtcp_mux;
  gboolean secure;
  guint8 formats[MAX_FORMATS];
  guint n_formats;
  Codec codecs[128];
  int apt[128];
  guint feedback[128];
  guint feedback_all;
  const char *problem; /* set by whoever finds one */
} Parser;

static gboolean
refuse (Parser *parser, const char *problem)
{
  if (parser->problem == NULL)
    parser->problem = problem;
  return FALSE;
}

static Transport *
transport (Parser *parser)
{
  return parser->section == NULL ? &parser->session
                                 : &parser->sections[parser->offer->n_sections - 1];
}

/* Whether all of text is of this set and its length within bounds (RFC 8839 5.4). */
static gboolean
is_word (const char *text, const char *extra, gsize min, gsize max)
{
  gsize length = strlen (text);

  if (length < min || length > max)
    return FALSE;
  for (const char *p = text; *p != '\0'; p++)
    if (!g_ascii_isalnum (*p) && strchr (extra, *p) == NULL)
      return FALSE;
  return TRUE;
}

static gboolean
read_number (const char **text, guint64 max, guint64 *ret)
{
  const char *p = *text;

  *ret = 0;
  if (!g_ascii_isdigit (*p))
    return FALSE;
  for (; g_ascii_isdigit (*p); p++)
    {
      if (*ret > (max - (guint64)(*p - '0')) / 10)
        return FALSE;
      *ret = *ret * 10 + (guint64)(*p - '0');
    }
  *text = p;
  return TRUE;
}

static gboolean
read_payload_type (const char **text, guint8 *ret)
{
  guint64 number = 0;

  if (!read_number (text, 127, &number))
    return FALSE;
  *ret = (guint8)number;
  return TRUE;
}

/* Copies up to the next space. FALSE when there is nothing or too much. */
static gboolean
read_word (const char **text, char *word, gsize size)
{
  gsize length = strcspn (*text, " ");

  if (length == 0 || length >= size)
    return FALSE;
  memcpy (word, *text, length);
  word[length] = '\0';
  *text += length;
  *text += strspn (*text, " ");
  return TRUE;
}

static gboolean
on_ufrag (Parser *parser, const char *value)
{
  if (!is_word (value, "+/", 4, 256))
    return refuse (parser, "ice-ufrag: 4 to 256 characters wanted");
  g_strlcpy (transport (parser)->ufrag, value, sizeof parser->session.ufrag);
  return TRUE;
}

static gboolean
on_pwd (Parser *parser, const char *value)
{
  if (!is_word (value, "+/", 22, 256))
    return refuse (parser, "ice-pwd: 22 to 256 characters wanted");
  g_strlcpy (transport (parser)->pwd, value, sizeof parser->session.pwd);
  return TRUE;
}

/* Other hashes than SHA-256 may stand beside it and are skipped. */
static gboolean
on_fingerprint (Parser *parser, const char *value)
{
  static const char HASH[] = "sha-256 ";
  const char *digits = value + sizeof HASH - 1;

  if (g_ascii_strncasecmp (value, HASH, sizeof HASH - 1) != 0)
    return TRUE;
  if (strlen (digits) != 32 * 3 - 1)
    return refuse (parser, "fingerprint: 32 bytes wanted");
  for (int i = 0; i < 32 * 3 - 1; i++)
    if (i % 3 == 2 ? digits[i] != ':' : !g_ascii_isxdigit (digits[i]))
      return refuse (parser, "fingerprint: hexadecimal wanted");
  for (int i = 0; i < 32 * 3; i++)
    transport (parser)->fingerprint[i] = g_ascii_toupper (digits[i]);
  return TRUE;
}

static gboolean
on_setup (Parser *parser, const char *value)
{
  if (strcmp (value, "actpass") != 0 && strcmp (value, "passive") != 0)
    return refuse (parser, "setup: actpass or passive wanted, the relay is active");
  g_strlcpy (transport (parser)->setup, value, sizeof parser->session.setup);
  return TRUE;
}

static gboolean
on_group (Parser *parser, const char *value)
{
  char word[HJ_SDP_MAX_MID + 1];

  if (parser->section != NULL || !read_word (&value, word, sizeof word)
      || strcmp (word, "BUNDLE") != 0 || parser->n_bundle > 0)
    return TRUE;
  while (*value != '\0')
    {
      if (parser->n_bundle == HJ_SDP_MAX_SECTIONS
          || !read_word (&value, parser->bundle[parser->n_bundle++], sizeof word))
        return refuse (parser, "group: too many or too long mids");
    }
  return TRUE;
}

static gboolean
on_mid (Parser *parser, const char *value)
{
  if (parser->section == NULL || !is_word (value, "!#$%&'*+-.^_`{|}~", 1, HJ_SDP_MAX_MID))
    return refuse (parser, "mid: 1 to 16 characters wanted");
  for (guint i = 0; i + 1 < parser->offer->n_sections; i++)
    if (strcmp (parser->offer->sections[i].mid, value) == 0)
      return refuse (parser, "mid: given twice");
  g_strlcpy (parser->section->mid, value, sizeof parser->section->mid);
  return TRUE;
}

static gboolean
on_rtpmap (Parser *parser, const char *value)
{
  guint8 type = 0;

  if (parser->section == NULL || !read_payload_type (&value, &type) || *value++ != ' ')
    return refuse (parser, "rtpmap: payload type and codec wanted");
  if (g_ascii_strcasecmp (value, "opus/48000/2") == 0)
    parser->codecs[type] = CODEC_OPUS;
  else if (g_ascii_strcasecmp (value, "VP8/90000") == 0)
    parser->codecs[type] = CODEC_VP8;
  else if (g_ascii_strcasecmp (value, "rtx/90000") == 0)
    parser->codecs[type] = CODEC_RTX;
  return TRUE;
}

static gboolean
on_fmtp (Parser *parser, const char *value)
{
  guint8 type = 0;
  guint8 apt = 0;

  if (parser->section == NULL || !read_payload_type (&value, &type) || *value++ != ' ')
    return refuse (parser, "fmtp: payload type and parameters wanted");
  if (g_str_has_prefix (value, "apt="))
    {
      value += 4;
      if (!read_payload_type (&value, &apt))
        return refuse (parser, "fmtp: apt is not a payload type");
      parser->apt[type] = apt;
    }
  return TRUE;
}

static gboolean
on_rtcp_fb (Parser *parser, const char *value)
{
  static const struct
  {
    const char *name;
    guint bit;
  } KNOWN[] = {
    { "nack", HJ_SDP_FEEDBACK_NACK },
    { "nack pli", HJ_SDP_FEEDBACK_PLI },
    { "ccm fir", HJ_SDP_FEEDBACK_FIR },
    { "transport-cc", HJ_SDP_FEEDBACK_TWCC },
    { "goog-remb", HJ_SDP_FEEDBACK_REMB },
  };
  guint *bits = &parser->feedback_all;
  guint8 type = 0;

  if (parser->section == NULL)
    return TRUE;
  if (*value == '*')
    value++;
  else if (read_payload_type (&value, &type))
    bits = &parser->feedback[type];
  else
    return refuse (parser, "rtcp-fb: payload type wanted");
  value += strspn (value, " ");
  for (gsize i = 0; i < G_N_ELEMENTS (KNOWN); i++)
    if (strcmp (value, KNOWN[i].name) == 0)
      *bits |= KNOWN[i].bit;
  return TRUE;
}

/* Only ids that fit one-byte elements (RFC 8285 4.2); the others are left out of the answer. */
static gboolean
on_extmap (Parser *parser, const char *value)
{
  HjSdpSection *section = parser->section;
  guint64 id = 0;

  if (section == NULL)
    return TRUE;
  if (!read_number (&value, 65535, &id) || id == 0)
    return refuse (parser, "extmap: id wanted");
  value += strcspn (value, " ");
  value += strspn (value, " ");
  if (id > 14)
    return TRUE;
  if (strcmp (value, URI_MID) == 0)
    section->mid_id = (guint8)id;
  else if (strcmp (value, URI_TWCC) == 0)
    section->twcc_id = (guint8)id;
  else if (strcmp (value, URI_SEND_TIME) == 0)
    section->send_time_id = (guint8)id;
  return TRUE;
}

static gboolean
on_ssrc (Parser *parser, const char *value)
{
  HjSdpSection *section = parser->section;
  guint64 ssrc = 0;

  if (section == NULL || !read_number (&value, G_MAXUINT32, &ssrc))
    return refuse (parser, "ssrc: number wanted");
  for (guint i = 0; i < section->n_ssrcs; i++)
    if (section->ssrcs[i] == ssrc)
      return TRUE;
  if (section->n_ssrcs < HJ_SDP_MAX_SSRCS)
    section->ssrcs[section->n_ssrcs++] = (guint32)ssrc;
  return TRUE;
}

/* a=ssrc-group:FID <media> <retransmissions> */
static gboolean
on_ssrc_group (Parser *parser, const char *value)
{
  guint64 media = 0;
  guint64 rtx = 0;

  if (parser->section == NULL || !g_str_has_prefix (value, "FID "))
    return TRUE;
  value += 4;
  if (read_number (&value, G_MAXUINT32, &media) && *value++ == ' '
      && read_number (&value, G_MAXUINT32, &rtx))
    parser->section->rtx_ssrc = (guint32)rtx;
  return TRUE;
}

static gboolean
on_rtcp_mux (Parser *parser, const char *value)
{
  parser->rtcp_mux = TRUE;
  return TRUE;
}

static gboolean
on_rtcp_rsize (Parser *parser, const char *value)
{
  if (parser->section != NULL)
    parser->section->rtcp_rsize = TRUE;
  return TRUE;
}

/* Port 0 is no refusal then (RFC 8843 6). */
static gboolean
on_bundle_only (Parser *parser, const char *value)
{
  parser->rejected = FALSE;
  return TRUE;
}

static gboolean
on_direction (Parser *parser, gboolean sends, gboolean receives)
{
  if (parser->section != NULL)
    {
      parser->section->peer_sends = sends;
      parser->section->peer_receives = receives;
    }
  return TRUE;
}

static gboolean
on_sendrecv (Parser *parser, const char *value)
{
  return on_direction (parser, TRUE, TRUE);
}

static gboolean
on_sendonly (Parser *parser, const char *value)
{
  return on_direction (parser, TRUE, FALSE);
}

static gboolean
on_recvonly (Parser *parser, const char *value)
{
  return on_direction (parser, FALSE, TRUE);
}

static gboolean
on_inactive (Parser *parser, const char *value)
{
  return on_direction (parser, FALSE, FALSE);
}

static const struct
{
  const char *name;
  gboolean (*read) (Parser *parser, const char *value);
} ATTRIBUTES[] = {
  { "ice-ufrag", on_ufrag },
  { "ice-pwd", on_pwd },
  { "fingerprint", on_fingerprint },
  { "setup", on_setup },
  { "group", on_group },
  { "mid", on_mid },
  { "rtpmap", on_rtpmap },
  { "fmtp", on_fmtp },
  { "rtcp-fb", on_rtcp_fb },
  { "extmap", on_extmap },
  { "ssrc", on_ssrc },
  { "ssrc-group", on_ssrc_group },
  { "rtcp-mux", on_rtcp_mux },
  { "rtcp-rsize", on_rtcp_rsize },
  { "bundle-only", on_bundle_only },
  { "sendrecv", on_sendrecv },
  { "sendonly", on_sendonly },
  { "recvonly", on_recvonly },
  { "inactive", on_inactive },
};

static gboolean
read_attribute (Parser *parser, const char *text)
{
  gsize length = strcspn (text, ":");
  const char *value = text[length] == ':' ? text + length + 1 : text + length;

  for (gsize i = 0; i < G_N_ELEMENTS (ATTRIBUTES); i++)
    if (strlen (ATTRIBUTES[i].name) == length && strncmp (ATTRIBUTES[i].name, text, length) == 0)
      return ATTRIBUTES[i].read (parser, value);
  return TRUE;
}

static gboolean
is_bundled (const Parser *parser, const char *mid)
{
  for (guint i = 0; i < parser->n_bundle; i++)
    if (strcmp (parser->bundle[i], mid) == 0)
      return TRUE;
  return FALSE;
}

/* The first of our codecs in the order of the m-line, and the retransmission type that belongs to it. */
static void
choose_codec (Parser *parser, HjSdpSection *section)
{
  Codec wanted = section->kind == HJ_AUDIO ? CODEC_OPUS : CODEC_VP8;
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

      if (parser->codecs[type] == CODEC_RTX && parser->apt[type] == section->payload_type)
        section->rtx_type = type;
    }
  section->feedback = parser->feedback[section->payload_type] | parser->feedback_all;
}

/* Called where the next section begins and at the end. */
static gboolean
finish_section (Parser *parser)
{
  HjSdpSection *section = parser->section;

  if (section == NULL)
    return TRUE;
  if (section->mid[0] == '\0')
    return refuse (parser, "mid: missing");
  section->usable = section->usable && !parser->rejected && parser->secure;
  if (section->usable && !parser->rtcp_mux)
    return refuse (parser, "rtcp-mux: missing");
  if (section->usable && !is_bundled (parser, section->mid))
    return refuse (parser, "group: every section must be bundled");
  choose_codec (parser, section);
  return TRUE;
}

static gboolean
begin_section (Parser *parser, const char *text)
{
  HjSdpOffer *offer = parser->offer;
  HjSdpSection *section = NULL;
  guint64 port = 0;

  if (!finish_section (parser))
    return FALSE;
  if (offer->n_sections == HJ_SDP_MAX_SECTIONS)
    return refuse (parser, "m: too many sections");
  parser->section = section = &offer->sections[offer->n_sections++];
  parser->rtcp_mux = FALSE;
  parser->n_formats = 0;
  parser->feedback_all = 0;
  memset (parser->codecs, 0, sizeof parser->codecs);
  memset (parser->apt, 0xff, sizeof parser->apt);
  memset (parser->feedback, 0, sizeof parser->feedback);
  section->rtx_type = NO_TYPE;
  section->slot = -1;
  section->peer_sends = section->peer_receives = TRUE;
  if (!read_word (&text, section->media, sizeof section->media)
      || !read_number (&text, 65535, &port) || *text++ != ' '
      || !read_word (&text, section->protocol, sizeof section->protocol) || *text == '\0')
    return refuse (parser, "m: media, port, protocol and formats wanted");
  parser->rejected = port == 0;
  parser->secure = strcmp (section->protocol, "UDP/TLS/RTP/SAVPF") == 0;
  section->kind = strcmp (section->media, "audio") == 0 ? HJ_AUDIO : HJ_VIDEO;
  section->usable = strcmp (section->media, "audio") == 0 || strcmp (section->media, "video") == 0;
  while (section->usable && parser->secure && *text != '\0' && parser->n_formats < MAX_FORMATS)
    {
      if (!read_payload_type (&text, &parser->formats[parser->n_formats++])
          || (*text != ' ' && *text != '\0'))
        return refuse (parser, "m: format is not a payload type");
      text += strspn (text, " ");
    }
  return TRUE;
}

/* o=<username> <sess-id> <sess-version> … */
static gboolean
read_origin (Parser *parser, const char *text)
{
  char word[64];

  if (!read_word (&text, word, sizeof word)
      || !read_word (&text, parser->offer->session, sizeof parser->offer->session))
    return refuse (parser, "o: user and session wanted");
  return TRUE;
}

static gboolean
read_line (Parser *parser, guint number, const char *line)
{
  if (number == 0)
    return strcmp (line, "v=0") == 0 || refuse (parser, "v=0 wanted");
  if (!g_ascii_islower (line[0]) || line[1] != '=')
    return refuse (parser, "line without a type");
  if (line[0] == 'm')
    return begin_section (parser, line + 2);
  if (line[0] == 'o' && parser->section == NULL)
    return read_origin (parser, line + 2);
  return line[0] != 'a' || read_attribute (parser, line + 2);
}

static gboolean
read_lines (Parser *parser, const char *text)
{
  char line[MAX_LINE];

  for (guint number = 0; *text != '\0'; number++)
    {
      gsize length = strcspn (text, "\r\n");

      if (length >= sizeof line)
        return refuse (parser, "line too long");
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
choose_transport (Parser *parser)
{
  HjSdpOffer *offer = parser->offer;
  const Transport *chosen = &parser->session;

  for (guint i = 0; i < offer->n_sections; i++)
    if (parser->n_bundle > 0 && strcmp (offer->sections[i].mid, parser->bundle[0]) == 0)
      chosen = &parser->sections[i];
#define PICK(field) (chosen->field[0] != '\0' ? chosen->field : parser->session.field)
  g_strlcpy (offer->ufrag, PICK (ufrag), sizeof offer->ufrag);
  g_strlcpy (offer->pwd, PICK (pwd), sizeof offer->pwd);
  g_strlcpy (offer->fingerprint, PICK (fingerprint), sizeof offer->fingerprint);
  if (offer->ufrag[0] == '\0')
    return refuse (parser, "ice-ufrag: missing");
  if (offer->pwd[0] == '\0')
    return refuse (parser, "ice-pwd: missing");
  if (offer->fingerprint[0] == '\0')
    return refuse (parser, "fingerprint: sha-256 missing");
  return PICK (setup)[0] != '\0' || refuse (parser, "setup: missing");
#undef PICK
}

/* Slot k is the k-th usable audio and the k-th video section (docs/protocol.md section 1, Slots). Sections beyond the
 * slots are declined. */
static gboolean
number_slots (Parser *parser)
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
  return refuse (parser, "no section with Opus or VP8");
}

/* text: an offer as the browser made it. offer: filled, also partly where the answer is FALSE.
 * Error: HJ_MEDIA_ERROR_REFUSED; the message names the line and repeats nothing of the offer. */
gboolean
hj_sdp_parse_offer (const char *text, HjSdpOffer *offer, GError **error)
{
  g_autofree Parser *parser = g_new0 (Parser, 1);

  memset (offer, 0, sizeof *offer);
  parser->offer = offer;
  if (read_lines (parser, text) && (offer->session[0] != '\0' || refuse (parser, "o: missing"))
      && choose_transport (parser) && number_slots (parser))
    return TRUE;
  g_set_error_literal (error, HJ_MEDIA_ERROR, HJ_MEDIA_ERROR_REFUSED, parser->problem);
  return FALSE;
}
