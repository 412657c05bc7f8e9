/* SPDX-License-Identifier: Apache-2.0 */
/* The a-lines of an offer: those that the relay takes part in are checked and noted, all others are skipped. One function
 * for each, one table of them. Any thread. */

#include "media/wire/sdp-private.h"

#include <string.h>

#define URI_MID "urn:ietf:params:rtp-hdrext:sdes:mid"
#define URI_TWCC "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
#define URI_SEND_TIME "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"

gboolean
hj_sdp_refuse (HjSdpParser *parser, const char *problem)
{
  if (parser->problem == NULL)
    parser->problem = problem;
  return FALSE;
}

static HjSdpTransport *
transport (HjSdpParser *parser)
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

gboolean
hj_sdp_read_number (const char **text, guint64 max, guint64 *ret)
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

gboolean
hj_sdp_read_payload_type (const char **text, guint8 *ret)
{
  guint64 number = 0;

  if (!hj_sdp_read_number (text, 127, &number))
    return FALSE;
  *ret = (guint8)number;
  return TRUE;
}

/* Copies up to the next space. FALSE when there is nothing or too much. */
gboolean
hj_sdp_read_word (const char **text, char *word, gsize size)
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
on_ufrag (HjSdpParser *parser, const char *value)
{
  if (!is_word (value, "+/", 4, 256))
    return hj_sdp_refuse (parser, "ice-ufrag: 4 to 256 characters wanted");
  g_strlcpy (transport (parser)->ufrag, value, sizeof parser->session.ufrag);
  return TRUE;
}

static gboolean
on_pwd (HjSdpParser *parser, const char *value)
{
  if (!is_word (value, "+/", 22, 256))
    return hj_sdp_refuse (parser, "ice-pwd: 22 to 256 characters wanted");
  g_strlcpy (transport (parser)->pwd, value, sizeof parser->session.pwd);
  return TRUE;
}

/* Other hashes than SHA-256 may stand beside it and are skipped. */
static gboolean
on_fingerprint (HjSdpParser *parser, const char *value)
{
  static const char HASH[] = "sha-256 ";
  const char *digits = value + sizeof HASH - 1;

  if (g_ascii_strncasecmp (value, HASH, sizeof HASH - 1) != 0)
    return TRUE;
  if (strlen (digits) != 32 * 3 - 1)
    return hj_sdp_refuse (parser, "fingerprint: 32 bytes wanted");
  for (int i = 0; i < 32 * 3 - 1; i++)
    if (i % 3 == 2 ? digits[i] != ':' : !g_ascii_isxdigit (digits[i]))
      return hj_sdp_refuse (parser, "fingerprint: hexadecimal wanted");
  for (int i = 0; i < 32 * 3; i++)
    transport (parser)->fingerprint[i] = g_ascii_toupper (digits[i]);
  return TRUE;
}

static gboolean
on_setup (HjSdpParser *parser, const char *value)
{
  if (strcmp (value, "actpass") != 0 && strcmp (value, "passive") != 0)
    return hj_sdp_refuse (parser, "setup: actpass or passive wanted, the relay is active");
  g_strlcpy (transport (parser)->setup, value, sizeof parser->session.setup);
  return TRUE;
}

static gboolean
on_group (HjSdpParser *parser, const char *value)
{
  char word[HJ_SDP_MAX_MID + 1];

  if (parser->section != NULL || !hj_sdp_read_word (&value, word, sizeof word)
      || strcmp (word, "BUNDLE") != 0 || parser->n_bundle > 0)
    return TRUE;
  while (*value != '\0')
    {
      if (parser->n_bundle == HJ_SDP_MAX_SECTIONS
          || !hj_sdp_read_word (&value, parser->bundle[parser->n_bundle++], sizeof word))
        return hj_sdp_refuse (parser, "group: too many or too long mids");
    }
  return TRUE;
}

static gboolean
on_mid (HjSdpParser *parser, const char *value)
{
  if (parser->section == NULL || !is_word (value, "!#$%&'*+-.^_`{|}~", 1, HJ_SDP_MAX_MID))
    return hj_sdp_refuse (parser, "mid: 1 to 16 characters wanted");
  for (guint i = 0; i + 1 < parser->offer->n_sections; i++)
    if (strcmp (parser->offer->sections[i].mid, value) == 0)
      return hj_sdp_refuse (parser, "mid: given twice");
  g_strlcpy (parser->section->mid, value, sizeof parser->section->mid);
  return TRUE;
}

static gboolean
on_rtpmap (HjSdpParser *parser, const char *value)
{
  guint8 type = 0;

  if (parser->section == NULL || !hj_sdp_read_payload_type (&value, &type) || *value++ != ' ')
    return hj_sdp_refuse (parser, "rtpmap: payload type and codec wanted");
  if (g_ascii_strcasecmp (value, "opus/48000/2") == 0)
    parser->codecs[type] = HJ_SDP_CODEC_OPUS;
  else if (g_ascii_strcasecmp (value, "VP8/90000") == 0)
    parser->codecs[type] = HJ_SDP_CODEC_VP8;
  else if (g_ascii_strcasecmp (value, "rtx/90000") == 0)
    parser->codecs[type] = HJ_SDP_CODEC_RTX;
  else if (g_ascii_strcasecmp (value, "red/48000/2") == 0)
    parser->codecs[type] = HJ_SDP_CODEC_RED;
  return TRUE;
}

static gboolean
on_fmtp (HjSdpParser *parser, const char *value)
{
  guint8 type = 0;
  guint8 apt = 0;

  if (parser->section == NULL || !hj_sdp_read_payload_type (&value, &type) || *value++ != ' ')
    return hj_sdp_refuse (parser, "fmtp: payload type and parameters wanted");
  if (g_str_has_prefix (value, "apt="))
    {
      value += 4;
      if (!hj_sdp_read_payload_type (&value, &apt))
        return hj_sdp_refuse (parser, "fmtp: apt is not a payload type");
      parser->apt[type] = apt;
    }
  /* RED names its parts, all of one type: 111/111. */
  else if (hj_sdp_read_payload_type (&value, &apt) && *value == '/')
    parser->apt[type] = apt;
  return TRUE;
}

static gboolean
on_rtcp_fb (HjSdpParser *parser, const char *value)
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
  else if (hj_sdp_read_payload_type (&value, &type))
    bits = &parser->feedback[type];
  else
    return hj_sdp_refuse (parser, "rtcp-fb: payload type wanted");
  value += strspn (value, " ");
  for (gsize i = 0; i < G_N_ELEMENTS (KNOWN); i++)
    if (strcmp (value, KNOWN[i].name) == 0)
      *bits |= KNOWN[i].bit;
  return TRUE;
}

/* Only ids that fit one-byte elements (RFC 8285 4.2); the others are left out of the answer. */
static gboolean
on_extmap (HjSdpParser *parser, const char *value)
{
  HjSdpSection *section = parser->section;
  guint64 id = 0;

  if (section == NULL)
    return TRUE;
  if (!hj_sdp_read_number (&value, 65535, &id) || id == 0)
    return hj_sdp_refuse (parser, "extmap: id wanted");
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
on_ssrc (HjSdpParser *parser, const char *value)
{
  HjSdpSection *section = parser->section;
  guint64 ssrc = 0;

  if (section == NULL || !hj_sdp_read_number (&value, G_MAXUINT32, &ssrc))
    return hj_sdp_refuse (parser, "ssrc: number wanted");
  for (guint i = 0; i < section->n_ssrcs; i++)
    if (section->ssrcs[i] == ssrc)
      return TRUE;
  if (section->n_ssrcs < HJ_SDP_MAX_SSRCS)
    section->ssrcs[section->n_ssrcs++] = (guint32)ssrc;
  return TRUE;
}

/* a=ssrc-group:FID <media> <retransmissions> */
static gboolean
on_ssrc_group (HjSdpParser *parser, const char *value)
{
  guint64 media = 0;
  guint64 rtx = 0;

  if (parser->section == NULL || !g_str_has_prefix (value, "FID "))
    return TRUE;
  value += 4;
  if (hj_sdp_read_number (&value, G_MAXUINT32, &media) && *value++ == ' '
      && hj_sdp_read_number (&value, G_MAXUINT32, &rtx))
    parser->section->rtx_ssrc = (guint32)rtx;
  return TRUE;
}

static gboolean
on_rtcp_mux (HjSdpParser *parser, const char *value)
{
  parser->rtcp_mux = TRUE;
  return TRUE;
}

static gboolean
on_rtcp_rsize (HjSdpParser *parser, const char *value)
{
  if (parser->section != NULL)
    parser->section->rtcp_rsize = TRUE;
  return TRUE;
}

/* Port 0 is no refusal then (RFC 8843 6). */
static gboolean
on_bundle_only (HjSdpParser *parser, const char *value)
{
  parser->rejected = FALSE;
  return TRUE;
}

static gboolean
on_direction (HjSdpParser *parser, gboolean sends, gboolean receives)
{
  if (parser->section != NULL)
    {
      parser->section->peer_sends = sends;
      parser->section->peer_receives = receives;
    }
  return TRUE;
}

static gboolean
on_sendrecv (HjSdpParser *parser, const char *value)
{
  return on_direction (parser, TRUE, TRUE);
}

static gboolean
on_sendonly (HjSdpParser *parser, const char *value)
{
  return on_direction (parser, TRUE, FALSE);
}

static gboolean
on_recvonly (HjSdpParser *parser, const char *value)
{
  return on_direction (parser, FALSE, TRUE);
}

static gboolean
on_inactive (HjSdpParser *parser, const char *value)
{
  return on_direction (parser, FALSE, FALSE);
}

static const struct
{
  const char *name;
  gboolean (*read) (HjSdpParser *parser, const char *value);
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

gboolean
hj_sdp_read_attribute (HjSdpParser *parser, const char *text)
{
  gsize length = strcspn (text, ":");
  const char *value = text[length] == ':' ? text + length + 1 : text + length;

  for (gsize i = 0; i < G_N_ELEMENTS (ATTRIBUTES); i++)
    if (strlen (ATTRIBUTES[i].name) == length && strncmp (ATTRIBUTES[i].name, text, length) == 0)
      return ATTRIBUTES[i].read (parser, value);
  return TRUE;
}
