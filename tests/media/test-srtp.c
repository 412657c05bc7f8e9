/* SPDX-License-Identifier: Apache-2.0 */
/* SRTP and SRTCP against the vectors of RFC 3711 and RFC 7714, against libsrtp in both directions, and
 * against replay, reordering and forgery. */
#include "media/wire/srtp.h"

#include <srtp2/srtp.h>
#include <string.h>

#include "media/wire/rtp.h"
#include "media/wire/srtp-cipher.h"

#define ROOM 2048
#define TAG_OF(profile) ((profile) == HJ_SRTP_AEAD_AES_128_GCM ? 16u : 10u)

static const HjSrtpProfile PROFILES[] = { HJ_SRTP_AEAD_AES_128_GCM, HJ_SRTP_AES128_CM_SHA1_80 };

static gsize
from_hex (const char *hex, guint8 *out, gsize size)
{
  gsize n = 0;

  for (; *hex; hex++)
    {
      if (*hex == ' ')
        continue;
      g_assert_cmpuint (n, <, size);
      out[n++] = (guint8)(g_ascii_xdigit_value (hex[0]) << 4 | g_ascii_xdigit_value (hex[1]));
      hex++;
    }
  return n;
}

static void
assert_hex (const guint8 *data, gsize len, const char *hex)
{
  g_autofree guint8 *expected = g_malloc (strlen (hex));
  gsize expected_len = from_hex (hex, expected, strlen (hex));

  g_assert_cmpmem (data, len, expected, expected_len);
}

static HjSrtpKeys
some_keys (guint8 first)
{
  HjSrtpKeys keys;

  for (gsize i = 0; i < sizeof keys.key; i++)
    keys.key[i] = (guint8)(first + i);
  for (gsize i = 0; i < sizeof keys.salt; i++)
    keys.salt[i] = (guint8)(first + 0x80 + i);
  return keys;
}

static HjSrtp *
a_context (HjSrtpProfile profile)
{
  HjSrtpKeys keys = some_keys (1);
  g_autoptr (GError) error = NULL;
  HjSrtp *srtp = hj_srtp_new (profile, &keys, &error);

  g_assert_no_error (error);
  g_assert_cmpint (hj_srtp_get_profile (srtp), ==, profile);
  return srtp;
}

static srtp_t
an_oracle (HjSrtpProfile profile, srtp_ssrc_type_t direction, srtp_sec_serv_t rtcp_service)
{
  HjSrtpKeys keys = some_keys (1);
  guint8 key[30];
  srtp_policy_t policy = { .ssrc.type = direction, .key = key, .window_size = 128 };
  srtp_t oracle;

  memcpy (key, keys.key, 16);
  memcpy (key + 16, keys.salt, 14);
  if (profile == HJ_SRTP_AEAD_AES_128_GCM)
    {
      srtp_crypto_policy_set_aes_gcm_128_16_auth (&policy.rtp);
      srtp_crypto_policy_set_aes_gcm_128_16_auth (&policy.rtcp);
    }
  else
    {
      srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80 (&policy.rtp);
      srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80 (&policy.rtcp);
    }
  policy.rtcp.sec_serv = rtcp_service;
  g_assert_cmpint (srtp_create (&oracle, &policy), ==, srtp_err_status_ok);
  return oracle;
}

/* A packet of random content, sometimes with CSRCs and extensions. */
static gsize
make_rtp (guint8 *out, guint32 ssrc, guint16 seq, gsize payload_len)
{
  guint n_csrcs = (guint)g_test_rand_int_range (0, 4);
  gboolean extended = g_test_rand_bit ();
  gsize len = 12 + 4 * n_csrcs;

  memset (out, 0, len);
  out[0] = (guint8)(0x80 | (extended ? 0x10 : 0) | n_csrcs);
  out[1] = 96;
  hj_rtp_set_seq (out, seq);
  hj_rtp_set_timestamp (out, seq * 3000u);
  hj_rtp_set_ssrc (out, ssrc);
  if (extended)
    {
      hj_put_be32 (out + len, 0xbede0002);
      hj_put_be32 (out + len + 4, 0x12345678);
      hj_put_be32 (out + len + 8, 0x9abcdef0);
      len += 12;
    }
  for (gsize i = 0; i < payload_len; i++)
    out[len + i] = (guint8)g_test_rand_int ();
  return len + payload_len;
}

static gsize
make_rtcp (guint8 *out, guint32 ssrc)
{
  gsize words = (gsize)g_test_rand_int_range (1, 40);

  hj_put_be32 (out, 0x80c80000u | (guint32)words);
  hj_put_be32 (out + 4, ssrc);
  for (gsize i = 8; i < 4 * (words + 1); i++)
    out[i] = (guint8)g_test_rand_int ();
  return 4 * (words + 1);
}

static void
keys_are_derived_as_in_rfc_3711_b_3 (void)
{
  HjSrtpKeys master;
  guint8 out[94];

  from_hex ("E1F97A0D3E018BE0D64FA32C06DE4139", master.key, 16);
  from_hex ("0EC675AD498AFEEBB6960B3AABE6", master.salt, 14);
  g_assert_true (hj_srtp_derive (&master, 0, out, 16));
  assert_hex (out, 16, "C61E7A93744F39EE10734AFE3FF7A087");
  g_assert_true (hj_srtp_derive (&master, 2, out, 14));
  assert_hex (out, 14, "30CBBC08863D8C85D49DB34A9AE1");
  g_assert_true (hj_srtp_derive (&master, 1, out, 94));
  assert_hex (out, 94,
      "CEBE321F6FF7716B6FD4AB49AF256A156D38BAA48F0A0ACF3C34E2359E6CDBCEE049646C43D9327AD175578E"
      "F72270986371C10C9A369AC2F94A8C5FBCDDDC256D6E919A48B610EF17C2041E474035766B68642C59BBFC2F"
      "34DB60DBDFB2");
}

static void
the_key_stream_is_that_of_rfc_3711_b_2 (void)
{
  gsize len = 0xff02 * 16;
  g_autofree guint8 *zeros = g_malloc0 (len);
  g_autofree guint8 *stream = g_malloc (len);
  g_autoptr (HjSrtpCipher) cipher = NULL;
  HjSrtpSessionKeys keys = { 0 };
  guint8 tag[HJ_SRTP_MAX_TAG];

  from_hex ("2B7E151628AED2A6ABF7158809CF4F3C", keys.key, 16);
  from_hex ("F0F1F2F3F4F5F6F7F8F9FAFBFCFD", keys.salt, 14);
  cipher = hj_srtp_cipher_new (HJ_SRTP_AES128_CM_SHA1_80, FALSE, &keys, NULL);
  g_assert_true (hj_srtp_cipher_seal (cipher, 0, 0, 0, stream, 0, zeros, len, tag));
  assert_hex (stream, 48,
      "E03EAD0935C95E80E166B16DD92B4EB4 D23513162B02D0F72A43A2FE4A5F97AB"
      "41E95B3BB0A2E8DD477901E4FCA894C0");
  assert_hex (stream + 0xfeff * 16, 48,
      "EC8CDF7398607CB0F2D21675EA9EA1E4 362B7C3C6773516318A077D7FC5073AE"
      "6A2CC3787889374FBEB4C81B17BA6C44");
}

static void
fill_rfc_7714_keys (HjSrtpSessionKeys *keys)
{
  memset (keys, 0, sizeof *keys);
  from_hex ("000102030405060708090a0b0c0d0e0f", keys->key, 16);
  memcpy (keys->salt, "Quid pro quo", 12);
}

#define RTP_CLEAR                                                                                  \
  "8040f17b 8041f8d3 5501a0b2 47616c6c 69612065 7374206f 6d6e6973 20646976 69736120 696e2070 "     \
  "61727465 73207472 6573"
#define RTP_SEALED                                                                                 \
  "8040f17b 8041f8d3 5501a0b2 f24de3a3 fb34de6c acba861c 9d7e4bca be633bd5 0d294e6f 42a5f47a "     \
  "51c7d19b 36de3adf 8833899d 7f27beb1 6a9152cf 765ee439 0cce"
#define RTCP_CLEAR                                                                                 \
  "81c8000d 4d617273 4e545031 4e545032 52545020 0000042a 0000e930 4c756e61 deadbeef deadbeef "     \
  "deadbeef deadbeef deadbeef"
#define RTCP_SEALED                                                                                \
  "81c8000d 4d617273 63e94885 dcdab67c a727d766 2f6b7e99 7ff5c0f7 6c06f32d c676a5f1 730d6fda "     \
  "4ce09b46 86303ded 0bb9275b c84aa458 96cf4d2f c5abf872 45d9eade 800005d4"
#define RTCP_TAGGED RTCP_CLEAR " 841dd968 3dd78ec9 2ae58790 125f62b3 000005d4"

static void
packets_are_sealed_and_opened_as_in_rfc_7714 (void)
{
  g_autoptr (HjSrtp) sender = NULL;
  g_autoptr (HjSrtp) receiver = NULL;
  HjSrtpSessionKeys keys;
  guint8 clear[128], sealed[128];
  gsize len, out_len;

  fill_rfc_7714_keys (&keys);
  sender = hj_srtp_new_from_session_keys (HJ_SRTP_AEAD_AES_128_GCM, &keys, &keys, NULL);
  receiver = hj_srtp_new_from_session_keys (HJ_SRTP_AEAD_AES_128_GCM, &keys, &keys, NULL);

  len = from_hex (RTP_CLEAR, clear, sizeof clear);
  len = hj_srtp_protect (sender, clear, len, sealed, sizeof sealed);
  assert_hex (sealed, len, RTP_SEALED);
  g_assert_cmpint (hj_srtp_unprotect (receiver, sealed, len, &out_len), ==, HJ_SRTP_OK);
  assert_hex (sealed, out_len, RTP_CLEAR);

  len = from_hex (RTCP_SEALED, sealed, sizeof sealed);
  g_assert_cmpint (hj_srtp_unprotect_rtcp (receiver, sealed, len, &out_len), ==, HJ_SRTP_OK);
  assert_hex (sealed, out_len, RTCP_CLEAR);
}

static void
rtcp_that_is_only_authenticated_is_read_as_in_rfc_7714 (void)
{
  g_autoptr (HjSrtp) receiver = NULL;
  HjSrtpSessionKeys keys;
  guint8 sealed[128];
  gsize len, out_len;

  fill_rfc_7714_keys (&keys);
  receiver = hj_srtp_new_from_session_keys (HJ_SRTP_AEAD_AES_128_GCM, &keys, &keys, NULL);
  len = from_hex (RTCP_TAGGED, sealed, sizeof sealed);
  g_assert_cmpint (hj_srtp_unprotect_rtcp (receiver, sealed, len, &out_len), ==, HJ_SRTP_OK);
  assert_hex (sealed, out_len, RTCP_CLEAR);
}

static void
libsrtp_reads_what_we_seal (gconstpointer data)
{
  HjSrtpProfile profile = (HjSrtpProfile)GPOINTER_TO_INT (data);
  g_autoptr (HjSrtp) sender = a_context (profile);
  srtp_t oracle = an_oracle (profile, ssrc_any_inbound, sec_serv_conf_and_auth);
  guint8 clear[ROOM], sealed[ROOM];

  /* from just before the wrap to after the second one, two sources in turn */
  for (guint i = 0; i < 140000; i++)
    {
      guint32 ssrc = i % 2 ? 0xcafe0001 : 0xcafe0002;
      gsize payload_len = i % 64 ? 3 : (gsize)g_test_rand_int_range (0, 1200);
      gsize len = make_rtp (clear, ssrc, (guint16)(65000 + i / 2), payload_len);
      gsize sealed_len = hj_srtp_protect (sender, clear, len, sealed, sizeof sealed);
      int out_len = (int)sealed_len;

      g_assert_cmpuint (sealed_len, ==, len + TAG_OF (profile));
      g_assert_cmpint (srtp_unprotect (oracle, sealed, &out_len), ==, srtp_err_status_ok);
      g_assert_cmpmem (sealed, out_len, clear, len);
    }
  srtp_dealloc (oracle);
}

static void
shuffle (guint16 *seqs, gsize n)
{
  for (gsize i = n - 1; i > 0; i--)
    {
      gsize j = (gsize)g_test_rand_int_range (0, (gint32)i + 1);
      guint16 t = seqs[i];

      seqs[i] = seqs[j];
      seqs[j] = t;
    }
}

static void
we_read_what_libsrtp_seals_in_any_order (gconstpointer data)
{
  HjSrtpProfile profile = (HjSrtpProfile)GPOINTER_TO_INT (data);
  g_autoptr (HjSrtp) receiver = a_context (profile);
  srtp_t oracle = an_oracle (profile, ssrc_any_outbound, sec_serv_conf_and_auth);
  g_autofree guint8 *clear = g_malloc (100 * ROOM);
  g_autofree guint8 *sealed = g_malloc (100 * ROOM);
  gsize len[100];
  int sealed_len[100];
  guint16 order[100];

  for (guint block = 0; block < 700; block++)
    {
      for (guint i = 0; i < 100; i++)
        {
          len[i] = make_rtp (clear + i * ROOM, 7, (guint16)(60000 + block * 100 + i),
              (gsize)g_test_rand_int_range (0, 80));
          memcpy (sealed + i * ROOM, clear + i * ROOM, len[i]);
          sealed_len[i] = (int)len[i];
          order[i] = (guint16)i;
          g_assert_cmpint (
              srtp_protect (oracle, sealed + i * ROOM, &sealed_len[i]), ==, srtp_err_status_ok);
        }
      if (block > 0) /* the very first packet says where the numbers begin */
        shuffle (order, 100);
      for (guint i = 0; i < 100; i++)
        {
          guint8 *packet = sealed + order[i] * ROOM;
          gsize out_len;

          g_assert_cmpint (
              hj_srtp_unprotect (receiver, packet, (gsize)sealed_len[order[i]], &out_len), ==,
              HJ_SRTP_OK);
          g_assert_cmpmem (packet, out_len, clear + order[i] * ROOM, len[order[i]]);
        }
    }
  srtp_dealloc (oracle);
}

static void
libsrtp_and_we_read_each_others_rtcp (gconstpointer data)
{
  HjSrtpProfile profile = (HjSrtpProfile)GPOINTER_TO_INT (data);
  g_autoptr (HjSrtp) sender = a_context (profile);
  g_autoptr (HjSrtp) receiver = a_context (profile);
  srtp_t inbound = an_oracle (profile, ssrc_any_inbound, sec_serv_conf_and_auth);
  srtp_t outbound = an_oracle (profile, ssrc_any_outbound, sec_serv_conf_and_auth);
  guint8 clear[ROOM], sealed[ROOM];

  for (guint i = 0; i < 3000; i++)
    {
      gsize len = make_rtcp (clear, 1 + i % 3);
      gsize out_len = hj_srtp_protect_rtcp (sender, clear, len, sealed, sizeof sealed);
      int n = (int)out_len;

      g_assert_cmpuint (out_len, ==, len + TAG_OF (profile) + 4);
      g_assert_cmpint (srtp_unprotect_rtcp (inbound, sealed, &n), ==, srtp_err_status_ok);
      g_assert_cmpmem (sealed, n, clear, len);

      memcpy (sealed, clear, len);
      n = (int)len;
      g_assert_cmpint (srtp_protect_rtcp (outbound, sealed, &n), ==, srtp_err_status_ok);
      g_assert_cmpint (
          hj_srtp_unprotect_rtcp (receiver, sealed, (gsize)n, &out_len), ==, HJ_SRTP_OK);
      g_assert_cmpmem (sealed, out_len, clear, len);
    }
  srtp_dealloc (inbound);
  srtp_dealloc (outbound);
}

static void
rtcp_in_the_clear_is_read_when_authentic (gconstpointer data)
{
  HjSrtpProfile profile = (HjSrtpProfile)GPOINTER_TO_INT (data);
  g_autoptr (HjSrtp) receiver = a_context (profile);
  srtp_t oracle = an_oracle (profile, ssrc_any_outbound, sec_serv_auth);
  guint8 clear[ROOM], sealed[ROOM], damaged[ROOM];
  gsize out_len, len = make_rtcp (clear, 5);
  int n = (int)len;

  memcpy (sealed, clear, len);
  g_assert_cmpint (srtp_protect_rtcp (oracle, sealed, &n), ==, srtp_err_status_ok);
  memcpy (damaged, sealed, (gsize)n);
  damaged[9] ^= 1;
  g_assert_cmpint (
      hj_srtp_unprotect_rtcp (receiver, damaged, (gsize)n, &out_len), ==, HJ_SRTP_AUTH);
  g_assert_cmpint (hj_srtp_unprotect_rtcp (receiver, sealed, (gsize)n, &out_len), ==, HJ_SRTP_OK);
  g_assert_cmpmem (sealed, out_len, clear, len);
  srtp_dealloc (oracle);
}

/* Seals packet `seq` of source 9 with `payload_len` bytes. */
static gsize
seal (HjSrtp *sender, guint16 seq, gsize payload_len, guint8 *sealed)
{
  guint8 clear[ROOM];
  gsize len = make_rtp (clear, 9, seq, payload_len);

  return hj_srtp_protect (sender, clear, len, sealed, ROOM);
}

static HjSrtpStatus
open_copy (HjSrtp *receiver, const guint8 *sealed, gsize len)
{
  g_autofree guint8 *copy = g_memdup2 (sealed, MAX (len, 1)); /* exact, so that ASan sees */
  gsize out_len;

  return hj_srtp_unprotect (receiver, copy, len, &out_len);
}

static HjSrtpStatus
open_rtcp_copy (HjSrtp *receiver, const guint8 *sealed, gsize len)
{
  g_autofree guint8 *copy = g_memdup2 (sealed, MAX (len, 1));
  gsize out_len;

  return hj_srtp_unprotect_rtcp (receiver, copy, len, &out_len);
}

static void
a_packet_is_read_once (gconstpointer data)
{
  HjSrtpProfile profile = (HjSrtpProfile)GPOINTER_TO_INT (data);
  g_autoptr (HjSrtp) sender = a_context (profile);
  g_autoptr (HjSrtp) receiver = a_context (profile);
  g_autofree guint8 *sealed = g_malloc (300 * ROOM);
  gsize len[300];

  for (guint i = 0; i < 300; i++)
    len[i] = seal (sender, (guint16)(65400 + i), 20, sealed + i * ROOM);
  for (guint i = 0; i < 300; i += 2)
    {
      g_assert_cmpint (open_copy (receiver, sealed + i * ROOM, len[i]), ==, HJ_SRTP_OK);
      g_assert_cmpint (open_copy (receiver, sealed + i * ROOM, len[i]), ==, HJ_SRTP_REPLAY);
    }
  /* 298 is the highest: 171 is 127 behind and still welcome, once; 169 is too old to tell */
  g_assert_cmpint (open_copy (receiver, sealed + 171 * ROOM, len[171]), ==, HJ_SRTP_OK);
  g_assert_cmpint (open_copy (receiver, sealed + 171 * ROOM, len[171]), ==, HJ_SRTP_REPLAY);
  g_assert_cmpint (open_copy (receiver, sealed + 169 * ROOM, len[169]), ==, HJ_SRTP_REPLAY);
  g_assert_cmpint (open_copy (receiver, sealed + 299 * ROOM, len[299]), ==, HJ_SRTP_OK);
}

static void
an_rtcp_packet_is_read_once (gconstpointer data)
{
  HjSrtpProfile profile = (HjSrtpProfile)GPOINTER_TO_INT (data);
  g_autoptr (HjSrtp) sender = a_context (profile);
  g_autoptr (HjSrtp) receiver = a_context (profile);
  guint8 clear[ROOM], sealed[200][512];
  gsize len[200];

  for (guint i = 0; i < 200; i++)
    len[i] = hj_srtp_protect_rtcp (sender, clear, make_rtcp (clear, 9), sealed[i], 512);
  for (guint i = 0; i < 200; i += 2)
    g_assert_cmpint (open_rtcp_copy (receiver, sealed[i], len[i]), ==, HJ_SRTP_OK);
  g_assert_cmpint (open_rtcp_copy (receiver, sealed[198], len[198]), ==, HJ_SRTP_REPLAY);
  g_assert_cmpint (open_rtcp_copy (receiver, sealed[71], len[71]), ==, HJ_SRTP_OK);
  g_assert_cmpint (open_rtcp_copy (receiver, sealed[71], len[71]), ==, HJ_SRTP_REPLAY);
  g_assert_cmpint (open_rtcp_copy (receiver, sealed[69], len[69]), ==, HJ_SRTP_REPLAY);
}

static void
a_damaged_packet_changes_nothing (gconstpointer data)
{
  HjSrtpProfile profile = (HjSrtpProfile)GPOINTER_TO_INT (data);
  g_autoptr (HjSrtp) sender = a_context (profile);
  g_autoptr (HjSrtp) receiver = a_context (profile);
  guint8 sealed[ROOM], damaged[ROOM];
  gsize len = seal (sender, 100, 50, sealed);

  g_assert_cmpint (open_copy (receiver, sealed, len), ==, HJ_SRTP_OK);
  len = seal (sender, 101, 50, sealed);
  for (gsize i = 0; i < 8 * len; i++)
    {
      memcpy (damaged, sealed, len);
      damaged[i / 8] ^= (guint8)(1 << (i % 8));
      g_assert_cmpint (open_copy (receiver, damaged, len), !=, HJ_SRTP_OK);
    }
  /* neither number, rollover nor source list has moved */
  g_assert_cmpint (open_copy (receiver, sealed, len), ==, HJ_SRTP_OK);
}

static void
a_damaged_rtcp_packet_changes_nothing (gconstpointer data)
{
  HjSrtpProfile profile = (HjSrtpProfile)GPOINTER_TO_INT (data);
  g_autoptr (HjSrtp) sender = a_context (profile);
  g_autoptr (HjSrtp) receiver = a_context (profile);
  guint8 clear[ROOM], sealed[ROOM], damaged[ROOM];
  gsize len = hj_srtp_protect_rtcp (sender, clear, make_rtcp (clear, 9), sealed, sizeof sealed);

  for (gsize i = 0; i < 8 * len; i++)
    {
      memcpy (damaged, sealed, len);
      damaged[i / 8] ^= (guint8)(1 << (i % 8));
      g_assert_cmpint (open_rtcp_copy (receiver, damaged, len), !=, HJ_SRTP_OK);
    }
  g_assert_cmpint (open_rtcp_copy (receiver, sealed, len), ==, HJ_SRTP_OK);
}

static void
other_keys_and_profiles_are_not_authentic (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (PROFILES); i++)
    {
      HjSrtpKeys keys = some_keys (2);
      g_autoptr (HjSrtp) sender = a_context (PROFILES[i]);
      g_autoptr (HjSrtp) other_keys = hj_srtp_new (PROFILES[i], &keys, NULL);
      g_autoptr (HjSrtp) other_profile = a_context (PROFILES[1 - i]);
      guint8 sealed[ROOM];
      gsize len = seal (sender, 1, 60, sealed);

      g_assert_cmpint (open_copy (other_keys, sealed, len), ==, HJ_SRTP_AUTH);
      g_assert_cmpint (open_copy (other_profile, sealed, len), ==, HJ_SRTP_AUTH);
    }
}

static void
a_truncated_packet_is_refused_at_every_length (gconstpointer data)
{
  HjSrtpProfile profile = (HjSrtpProfile)GPOINTER_TO_INT (data);
  g_autoptr (HjSrtp) sender = a_context (profile);
  g_autoptr (HjSrtp) receiver = a_context (profile);
  guint8 clear[ROOM], sealed[ROOM];
  gsize len = seal (sender, 1, 30, sealed);

  for (gsize n = 0; n < len; n++)
    {
      HjSrtpStatus status = open_copy (receiver, sealed, n);

      g_assert_true (status == HJ_SRTP_TOO_SHORT || status == HJ_SRTP_AUTH);
      if (n < 12 + TAG_OF (profile))
        g_assert_cmpint (status, ==, HJ_SRTP_TOO_SHORT);
    }
  len = hj_srtp_protect_rtcp (sender, clear, make_rtcp (clear, 9), sealed, sizeof sealed);
  for (gsize n = 0; n < len; n++)
    {
      HjSrtpStatus status = open_rtcp_copy (receiver, sealed, n);

      g_assert_true (status == HJ_SRTP_TOO_SHORT || status == HJ_SRTP_AUTH);
      if (n < 12 + TAG_OF (profile))
        g_assert_cmpint (status, ==, HJ_SRTP_TOO_SHORT);
    }
}

static void
what_is_no_rtp_is_not_sealed (gconstpointer data)
{
  HjSrtpProfile profile = (HjSrtpProfile)GPOINTER_TO_INT (data);
  g_autoptr (HjSrtp) sender = a_context (profile);
  guint8 clear[ROOM] = { 0x40 }, out[ROOM];

  g_assert_cmpuint (hj_srtp_protect (sender, clear, 100, out, sizeof out), ==, 0);
  clear[0] = 0x8f; /* fifteen CSRCs do not fit */
  g_assert_cmpuint (hj_srtp_protect (sender, clear, 40, out, sizeof out), ==, 0);
  clear[0] = 0x80;
  g_assert_cmpuint (hj_srtp_protect_rtcp (sender, clear, 100, out, sizeof out), ==, 0);
  clear[1] = 200;
  g_assert_cmpuint (hj_srtp_protect_rtcp (sender, clear, 4, out, sizeof out), ==, 0);
}

static void
nothing_is_sealed_into_a_short_buffer (gconstpointer data)
{
  HjSrtpProfile profile = (HjSrtpProfile)GPOINTER_TO_INT (data);
  g_autoptr (HjSrtp) sender = a_context (profile);
  guint8 clear[ROOM];
  g_autofree guint8 *out = g_malloc (500);
  gsize len = make_rtp (clear, 1, 1, 100);
  gsize needed = len + TAG_OF (profile);

  g_assert_cmpuint (hj_srtp_protect (sender, clear, len, out, needed - 1), ==, 0);
  g_assert_cmpuint (hj_srtp_protect (sender, clear, len, out, needed), ==, needed);
  len = make_rtcp (clear, 1);
  needed = len + TAG_OF (profile) + 4;
  g_assert_cmpuint (hj_srtp_protect_rtcp (sender, clear, len, out, needed - 1), ==, 0);
  g_assert_cmpuint (hj_srtp_protect_rtcp (sender, clear, len, out, needed), ==, needed);
}

static void
a_number_is_never_sealed_twice (gconstpointer data)
{
  HjSrtpProfile profile = (HjSrtpProfile)GPOINTER_TO_INT (data);
  g_autoptr (HjSrtp) sender = a_context (profile);
  guint8 sealed[ROOM];

  g_assert_cmpuint (seal (sender, 500, 10, sealed), >, 0);
  g_assert_cmpuint (seal (sender, 500, 10, sealed), ==, 0);
  g_assert_cmpuint (seal (sender, 498, 10, sealed), >, 0);
  g_assert_cmpuint (seal (sender, 498, 10, sealed), ==, 0);
  g_assert_cmpuint (seal (sender, 300, 10, sealed), ==, 0);
  g_assert_cmpuint (seal (sender, 501, 10, sealed), >, 0);
}

static void
sources_beyond_the_table_are_refused (gconstpointer data)
{
  HjSrtpProfile profile = (HjSrtpProfile)GPOINTER_TO_INT (data);
  g_autoptr (HjSrtp) sender = a_context (profile);
  g_autoptr (HjSrtp) receiver = a_context (profile);
  g_autoptr (HjSrtp) other_sender = a_context (profile);
  guint8 clear[ROOM], sealed[ROOM];
  gsize len;

  for (guint32 ssrc = 1; ssrc <= HJ_SRTP_MAX_SSRCS; ssrc++)
    {
      len = make_rtp (clear, ssrc, 1, 10);
      len = hj_srtp_protect (sender, clear, len, sealed, sizeof sealed);
      g_assert_cmpint (open_copy (receiver, sealed, len), ==, HJ_SRTP_OK);
    }
  len = make_rtp (clear, 1000, 1, 10);
  g_assert_cmpuint (hj_srtp_protect (sender, clear, len, sealed, sizeof sealed), ==, 0);
  len = hj_srtp_protect (other_sender, clear, len, sealed, sizeof sealed);
  g_assert_cmpint (open_copy (receiver, sealed, len), ==, HJ_SRTP_FULL);
  len = make_rtcp (clear, 1000);
  g_assert_cmpuint (hj_srtp_protect_rtcp (sender, clear, len, sealed, sizeof sealed), ==, 0);
  len = hj_srtp_protect_rtcp (other_sender, clear, len, sealed, sizeof sealed);
  g_assert_cmpint (open_rtcp_copy (receiver, sealed, len), ==, HJ_SRTP_FULL);
  /* those known before go on */
  len = make_rtp (clear, 1, 2, 10);
  len = hj_srtp_protect (sender, clear, len, sealed, sizeof sealed);
  g_assert_cmpint (open_copy (receiver, sealed, len), ==, HJ_SRTP_OK);
}

static void
a_long_gap_below_half_the_numbers_is_bridged (gconstpointer data)
{
  HjSrtpProfile profile = (HjSrtpProfile)GPOINTER_TO_INT (data);
  g_autoptr (HjSrtp) sender = a_context (profile);
  g_autoptr (HjSrtp) receiver = a_context (profile);
  guint8 sealed[ROOM];
  gsize len = seal (sender, 40000, 10, sealed);

  g_assert_cmpint (open_copy (receiver, sealed, len), ==, HJ_SRTP_OK);
  seal (sender, 60000, 10, sealed);
  len = seal (sender, 7000, 10, sealed); /* 32536 on, past the wrap */
  g_assert_cmpint (open_copy (receiver, sealed, len), ==, HJ_SRTP_OK);
  len = seal (sender, 7001, 10, sealed);
  g_assert_cmpint (open_copy (receiver, sealed, len), ==, HJ_SRTP_OK);
}

static void
a_packet_from_before_the_first_is_refused (gconstpointer data)
{
  HjSrtpProfile profile = (HjSrtpProfile)GPOINTER_TO_INT (data);
  g_autoptr (HjSrtp) sender = a_context (profile);
  g_autoptr (HjSrtp) receiver = a_context (profile);
  guint8 sealed[ROOM], late[ROOM];
  gsize late_len = seal (sender, 65530, 10, late);
  g_autoptr (HjSrtp) restarted = a_context (profile);
  gsize len = seal (restarted, 3, 10, sealed);

  g_assert_cmpint (open_copy (receiver, sealed, len), ==, HJ_SRTP_OK);
  g_assert_cmpint (open_copy (receiver, late, late_len), ==, HJ_SRTP_REPLAY);
}

static void
every_status_has_a_name (void)
{
  for (int i = 0; i < HJ_SRTP_N_STATUSES; i++)
    g_assert_cmpstr (hj_srtp_status_to_string ((HjSrtpStatus)i), !=, "unknown");
  g_assert_cmpstr (hj_srtp_status_to_string (HJ_SRTP_N_STATUSES), ==, "unknown");
}

static void
add_for_both (const char *name, GTestDataFunc test)
{
  g_autofree char *gcm = g_strconcat ("/media/srtp/gcm/", name, NULL);
  g_autofree char *cm = g_strconcat ("/media/srtp/cm/", name, NULL);

  g_test_add_data_func (gcm, GINT_TO_POINTER (HJ_SRTP_AEAD_AES_128_GCM), test);
  g_test_add_data_func (cm, GINT_TO_POINTER (HJ_SRTP_AES128_CM_SHA1_80), test);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (srtp_init (), ==, srtp_err_status_ok);
#define ADD(name) g_test_add_func ("/media/srtp/" #name, name)
#define BOTH(name) add_for_both (#name, name)
  ADD (keys_are_derived_as_in_rfc_3711_b_3);
  ADD (the_key_stream_is_that_of_rfc_3711_b_2);
  ADD (packets_are_sealed_and_opened_as_in_rfc_7714);
  ADD (rtcp_that_is_only_authenticated_is_read_as_in_rfc_7714);
  ADD (other_keys_and_profiles_are_not_authentic);
  ADD (every_status_has_a_name);
  BOTH (libsrtp_reads_what_we_seal);
  BOTH (we_read_what_libsrtp_seals_in_any_order);
  BOTH (libsrtp_and_we_read_each_others_rtcp);
  BOTH (rtcp_in_the_clear_is_read_when_authentic);
  BOTH (a_packet_is_read_once);
  BOTH (an_rtcp_packet_is_read_once);
  BOTH (a_damaged_packet_changes_nothing);
  BOTH (a_damaged_rtcp_packet_changes_nothing);
  BOTH (a_truncated_packet_is_refused_at_every_length);
  BOTH (what_is_no_rtp_is_not_sealed);
  BOTH (nothing_is_sealed_into_a_short_buffer);
  BOTH (a_number_is_never_sealed_twice);
  BOTH (sources_beyond_the_table_are_refused);
  BOTH (a_long_gap_below_half_the_numbers_is_bridged);
  BOTH (a_packet_from_before_the_first_is_refused);
  status = g_test_run ();
  srtp_shutdown ();
  return status;
}
