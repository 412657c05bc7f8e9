/* SPDX-License-Identifier: Apache-2.0 */
/* STUN as ICE uses it, against the vectors of RFC 5769 and against everything a stranger may send. */
#include "media/wire/stun.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "media/wire/error.h"

#define PASSWORD "VOkJxbRl1RmTxUk/WvJxBt"

/* RFC 5769 2.1 */
static const guint8 REQUEST[] = { 0x00, 0x01, 0x00, 0x58, 0x21, 0x12, 0xa4, 0x42, 0xb7, 0xe7, 0xa7,
  0x01, 0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae, 0x80, 0x22, 0x00, 0x10, 0x53, 0x54, 0x55,
  0x4e, 0x20, 0x74, 0x65, 0x73, 0x74, 0x20, 0x63, 0x6c, 0x69, 0x65, 0x6e, 0x74, 0x00, 0x24, 0x00,
  0x04, 0x6e, 0x00, 0x01, 0xff, 0x80, 0x29, 0x00, 0x08, 0x93, 0x2f, 0xf9, 0xb1, 0x51, 0x26, 0x3b,
  0x36, 0x00, 0x06, 0x00, 0x09, 0x65, 0x76, 0x74, 0x6a, 0x3a, 0x68, 0x36, 0x76, 0x59, 0x20, 0x20,
  0x20, 0x00, 0x08, 0x00, 0x14, 0x9a, 0xea, 0xa7, 0x0c, 0xbf, 0xd8, 0xcb, 0x56, 0x78, 0x1e, 0xf2,
  0xb5, 0xb2, 0xd3, 0xf2, 0x49, 0xc1, 0xb5, 0x71, 0xa2, 0x80, 0x28, 0x00, 0x04, 0xe5, 0x7a, 0x3b,
  0xcf };

/* RFC 5769 2.2 */
static const guint8 RESPONSE_4[] = { 0x01, 0x01, 0x00, 0x3c, 0x21, 0x12, 0xa4, 0x42, 0xb7, 0xe7,
  0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae, 0x80, 0x22, 0x00, 0x0b, 0x74, 0x65,
  0x73, 0x74, 0x20, 0x76, 0x65, 0x63, 0x74, 0x6f, 0x72, 0x20, 0x00, 0x20, 0x00, 0x08, 0x00, 0x01,
  0xa1, 0x47, 0xe1, 0x12, 0xa6, 0x43, 0x00, 0x08, 0x00, 0x14, 0x2b, 0x91, 0xf5, 0x99, 0xfd, 0x9e,
  0x90, 0xc3, 0x8c, 0x74, 0x89, 0xf9, 0x2a, 0xf9, 0xba, 0x53, 0xf0, 0x6b, 0xe7, 0xd7, 0x80, 0x28,
  0x00, 0x04, 0xc0, 0x7d, 0x4c, 0x96 };

/* RFC 5769 2.3 */
static const guint8 RESPONSE_6[] = { 0x01, 0x01, 0x00, 0x48, 0x21, 0x12, 0xa4, 0x42, 0xb7, 0xe7,
  0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae, 0x80, 0x22, 0x00, 0x0b, 0x74, 0x65,
  0x73, 0x74, 0x20, 0x76, 0x65, 0x63, 0x74, 0x6f, 0x72, 0x20, 0x00, 0x20, 0x00, 0x14, 0x00, 0x02,
  0xa1, 0x47, 0x01, 0x13, 0xa9, 0xfa, 0xa5, 0xd3, 0xf1, 0x79, 0xbc, 0x25, 0xf4, 0xb5, 0xbe, 0xd2,
  0xb9, 0xd9, 0x00, 0x08, 0x00, 0x14, 0xa3, 0x82, 0x95, 0x4e, 0x4b, 0xe6, 0x7b, 0xf1, 0x17, 0x84,
  0xc9, 0x7c, 0x82, 0x92, 0xc2, 0x75, 0xbf, 0xe3, 0xed, 0x41, 0x80, 0x28, 0x00, 0x04, 0xc8, 0xfb,
  0x0b, 0x4c };

static void
assert_parses (const guint8 *data, gsize len, HjStunMessage *out)
{
  g_autoptr (GError) error = NULL;
  gboolean ok = hj_stun_parse (data, len, out, &error);

  g_assert_no_error (error);
  g_assert_true (ok);
}

static void
assert_malformed (const guint8 *data, gsize len)
{
  g_autoptr (GError) error = NULL;
  HjStunMessage message;

  g_assert_false (hj_stun_parse (data, len, &message, &error));
  g_assert_error (error, HJ_MEDIA_ERROR, HJ_MEDIA_ERROR_MALFORMED);
}

static HjStunCheck
a_check (void)
{
  return (HjStunCheck){ .transaction_id = "0123456789a",
    .username = "server:client",
    .password = "server-password-0123456789",
    .priority = 0x6e0001ff,
    .use_candidate = TRUE,
    .controlling = TRUE,
    .tiebreaker = G_GUINT64_CONSTANT (0xfedcba9876543210) };
}

static void
the_request_of_rfc_5769_is_understood (void)
{
  HjStunMessage m;

  assert_parses (REQUEST, sizeof REQUEST, &m);
  g_assert_cmpint (m.type, ==, HJ_STUN_BINDING_REQUEST);
  g_assert_cmpmem (m.transaction_id, 12, REQUEST + 8, 12);
  g_assert_cmpmem (m.username, m.username_len, "evtj:h6vY", 9);
  g_assert_true (hj_stun_username_is (&m, "evtj", "h6vY"));
  g_assert_false (hj_stun_username_is (&m, "h6vY", "evtj"));
  g_assert_true (m.has_priority);
  g_assert_cmphex (m.priority, ==, 0x6e0001ff);
  g_assert_true (m.ice_controlled);
  g_assert_false (m.ice_controlling);
  g_assert_cmphex (m.tiebreaker, ==, G_GUINT64_CONSTANT (0x932ff9b151263b36));
  g_assert_false (m.use_candidate);
  g_assert_true (m.has_fingerprint);
  g_assert_cmpuint (m.n_unknown, ==, 0);
  g_assert_true (hj_stun_check_integrity (REQUEST, sizeof REQUEST, &m, PASSWORD));
}

static void
the_ipv4_response_of_rfc_5769_is_understood (void)
{
  const struct sockaddr_in *in;
  HjStunMessage m;

  assert_parses (RESPONSE_4, sizeof RESPONSE_4, &m);
  in = (const struct sockaddr_in *)&m.mapped;
  g_assert_cmpint (m.type, ==, HJ_STUN_BINDING_SUCCESS);
  g_assert_true (m.has_mapped);
  g_assert_cmpint (in->sin_family, ==, AF_INET);
  g_assert_cmpint (ntohs (in->sin_port), ==, 32853);
  g_assert_cmphex (ntohl (in->sin_addr.s_addr), ==, 0xc0000201);
  g_assert_true (hj_stun_check_integrity (RESPONSE_4, sizeof RESPONSE_4, &m, PASSWORD));
}

static void
the_ipv6_response_of_rfc_5769_is_understood (void)
{
  const struct sockaddr_in6 *in6;
  char text[INET6_ADDRSTRLEN];
  HjStunMessage m;

  assert_parses (RESPONSE_6, sizeof RESPONSE_6, &m);
  in6 = (const struct sockaddr_in6 *)&m.mapped;
  g_assert_true (m.has_mapped);
  g_assert_cmpint (in6->sin6_family, ==, AF_INET6);
  g_assert_cmpint (ntohs (in6->sin6_port), ==, 32853);
  inet_ntop (AF_INET6, &in6->sin6_addr, text, sizeof text);
  g_assert_cmpstr (text, ==, "2001:db8:1234:5678:11:2233:4455:6677");
  g_assert_true (hj_stun_check_integrity (RESPONSE_6, sizeof RESPONSE_6, &m, PASSWORD));
}

static void
a_wrong_password_is_not_authentic (void)
{
  HjStunMessage m;

  assert_parses (REQUEST, sizeof REQUEST, &m);
  g_assert_false (hj_stun_check_integrity (REQUEST, sizeof REQUEST, &m, "VOkJxbRl1RmTxUk/WvJxBT"));
  g_assert_false (hj_stun_check_integrity (REQUEST, sizeof REQUEST, &m, NULL));
}

static void
an_empty_password_is_not_authentic (void)
{
  HjStunCheck check = a_check ();
  guint8 data[HJ_STUN_MAX_MESSAGE];
  HjStunMessage m;
  gsize len;

  check.password = "";
  len = hj_stun_write_binding_request (data, sizeof data, &check);
  assert_parses (data, len, &m);
  g_assert_true (m.has_integrity);
  g_assert_false (hj_stun_check_integrity (data, len, &m, ""));
}

static void
a_message_without_integrity_is_not_authentic (void)
{
  HjStunCheck check = a_check ();
  guint8 data[HJ_STUN_MAX_MESSAGE];
  HjStunMessage m;
  gsize len;

  check.password = NULL;
  len = hj_stun_write_binding_request (data, sizeof data, &check);
  assert_parses (data, len, &m);
  g_assert_false (m.has_integrity);
  g_assert_false (hj_stun_check_integrity (data, len, &m, "server-password-0123456789"));
}

static void
a_request_of_ours_comes_back_as_written (void)
{
  HjStunCheck check = a_check ();
  guint8 data[HJ_STUN_MAX_MESSAGE];
  const char *local;
  gsize local_len, len;
  HjStunMessage m;

  len = hj_stun_write_binding_request (data, sizeof data, &check);
  assert_parses (data, len, &m);
  g_assert_true (m.use_candidate);
  g_assert_true (m.ice_controlling);
  g_assert_cmphex (m.tiebreaker, ==, check.tiebreaker);
  g_assert_cmphex (m.priority, ==, check.priority);
  g_assert_true (hj_stun_username_is (&m, "server", "client"));
  g_assert_false (hj_stun_username_is (&m, "server", "clien"));
  g_assert_false (hj_stun_username_is (&m, "serve", "rclient"));
  g_assert_true (hj_stun_username_local (&m, &local, &local_len));
  g_assert_cmpmem (local, local_len, "server", 6);
  g_assert_true (hj_stun_check_integrity (data, len, &m, check.password));
}

static void
a_username_without_both_parts_has_no_owner (void)
{
  HjStunCheck check = a_check ();
  guint8 data[HJ_STUN_MAX_MESSAGE];
  const char *local;
  gsize local_len, len;
  HjStunMessage m;

  check.username = ":client";
  len = hj_stun_write_binding_request (data, sizeof data, &check);
  assert_parses (data, len, &m);
  g_assert_false (hj_stun_username_local (&m, &local, &local_len));
  check.username = "server;client";
  len = hj_stun_write_binding_request (data, sizeof data, &check);
  assert_parses (data, len, &m);
  g_assert_false (hj_stun_username_is (&m, "server", "client"));
  check.username = "server";
  len = hj_stun_write_binding_request (data, sizeof data, &check);
  assert_parses (data, len, &m);
  g_assert_false (hj_stun_username_local (&m, &local, &local_len));
  check.username = NULL;
  len = hj_stun_write_binding_request (data, sizeof data, &check);
  assert_parses (data, len, &m);
  g_assert_false (hj_stun_username_local (&m, &local, &local_len));
  g_assert_false (hj_stun_username_is (&m, "", ""));
}

static gsize
answer (guint8 *out, gsize size, const char *address, guint16 port)
{
  struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons (port) };
  struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons (port) };
  HjStunMessage request;

  assert_parses (REQUEST, sizeof REQUEST, &request);
  if (inet_pton (AF_INET, address, &in.sin_addr) == 1)
    return hj_stun_write_binding_success (
        out, size, &request, (const struct sockaddr *)&in, PASSWORD);
  g_assert_cmpint (inet_pton (AF_INET6, address, &in6.sin6_addr), ==, 1);
  return hj_stun_write_binding_success (
      out, size, &request, (const struct sockaddr *)&in6, PASSWORD);
}

static void
an_answer_tells_where_the_request_came_from (void)
{
  guint8 data[HJ_STUN_MAX_MESSAGE];
  HjStunMessage m;
  gsize len = answer (data, sizeof data, "192.0.2.1", 32853);

  assert_parses (data, len, &m);
  g_assert_cmpint (m.type, ==, HJ_STUN_BINDING_SUCCESS);
  g_assert_cmpmem (m.transaction_id, 12, REQUEST + 8, 12);
  g_assert_cmphex (ntohl (((struct sockaddr_in *)&m.mapped)->sin_addr.s_addr), ==, 0xc0000201);
  g_assert_true (m.has_fingerprint);
  g_assert_true (hj_stun_check_integrity (data, len, &m, PASSWORD));
  /* the bytes on the wire are those of RFC 5769, apart from the SOFTWARE attribute */
  g_assert_cmpmem (data + 20, 12, RESPONSE_4 + 36, 12);

  len = answer (data, sizeof data, "2001:db8:1234:5678:11:2233:4455:6677", 32853);
  assert_parses (data, len, &m);
  g_assert_cmpmem (data + 20, 24, RESPONSE_6 + 36, 24);
  g_assert_true (hj_stun_check_integrity (data, len, &m, PASSWORD));
}

static void
an_ipv4_peer_on_a_dual_socket_is_told_an_ipv4_address (void)
{
  guint8 data[HJ_STUN_MAX_MESSAGE];
  gsize len = answer (data, sizeof data, "::ffff:192.0.2.1", 32853);

  g_assert_cmpuint (len, ==, 20 + 12 + 24 + 8);
  g_assert_cmpmem (data + 20, 12, RESPONSE_4 + 36, 12);
}

static void
an_address_of_no_internet_family_is_not_told (void)
{
  struct sockaddr strange = { .sa_family = AF_UNIX };
  guint8 data[HJ_STUN_MAX_MESSAGE];
  HjStunMessage m;

  assert_parses (REQUEST, sizeof REQUEST, &m);
  g_assert_cmpuint (
      hj_stun_write_binding_success (data, sizeof data, &m, &strange, PASSWORD), ==, 0);
}

static void
a_role_conflict_is_answered_with_487 (void)
{
  guint8 data[HJ_STUN_MAX_MESSAGE];
  HjStunMessage request, m;
  gsize len;

  assert_parses (REQUEST, sizeof REQUEST, &request);
  len = hj_stun_write_binding_error (data, sizeof data, &request, 487, "Role Conflict", PASSWORD);
  assert_parses (data, len, &m);
  g_assert_cmpint (m.type, ==, HJ_STUN_BINDING_ERROR);
  g_assert_cmpint (m.error_code, ==, 487);
  g_assert_true (hj_stun_check_integrity (data, len, &m, PASSWORD));
}

static void
a_stranger_gets_401_and_nothing_to_guess_at (void)
{
  guint8 data[HJ_STUN_MAX_MESSAGE];
  HjStunMessage request, m;
  gsize len;

  assert_parses (REQUEST, sizeof REQUEST, &request);
  len = hj_stun_write_binding_error (data, sizeof data, &request, 401, "Unauthenticated", NULL);
  assert_parses (data, len, &m);
  g_assert_cmpint (m.error_code, ==, 401);
  g_assert_false (m.has_integrity);
  g_assert_true (m.has_fingerprint);
}

/* A request with attributes that nobody knows: 0x0777 must be understood, 0x9777 need not. */
static const guint8 STRANGE[]
    = { 0x00, 0x01, 0x00, 0x10, 0x21, 0x12, 0xa4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0x07,
        0x77, 0x00, 0x03, 'a', 'b', 'c', 0, 0x97, 0x77, 0x00, 0x04, 1, 2, 3, 4 };

static void
unknown_attributes_are_named_in_420 (void)
{
  guint8 data[HJ_STUN_MAX_MESSAGE];
  HjStunMessage request, m;
  gsize len;

  assert_parses (STRANGE, sizeof STRANGE, &request);
  g_assert_cmpuint (request.n_unknown, ==, 1);
  g_assert_cmphex (request.unknown[0], ==, 0x0777);
  len = hj_stun_write_binding_error (data, sizeof data, &request, 420, "Unknown Attribute", NULL);
  assert_parses (data, len, &m);
  g_assert_cmpint (m.error_code, ==, 420);
  /* header, ERROR-CODE of 4 + 17 bytes, then UNKNOWN-ATTRIBUTES */
  g_assert_cmpmem (data + 20 + 4 + 24, 6, "\x00\x0a\x00\x02\x07\x77", 6);
}

static void
more_unknown_attributes_than_fit_are_not_counted (void)
{
  guint8 data[20 + 4 * 40] = { 0x00, 0x01, 0x00, 4 * 40, 0x21, 0x12, 0xa4, 0x42 };
  HjStunMessage m;

  for (gsize i = 0; i < 40; i++)
    data[20 + 4 * i] = 0x07;
  assert_parses (data, sizeof data, &m);
  g_assert_cmpuint (m.n_unknown, ==, HJ_STUN_MAX_UNKNOWN);
}

static void
what_follows_the_integrity_does_not_count (void)
{
  static const guint8 USE_CANDIDATE[] = { 0x00, 0x25, 0x00, 0x00 };
  guint8 data[sizeof REQUEST];
  HjStunMessage m;
  gsize len = sizeof REQUEST - 8;

  memcpy (data, REQUEST, len);
  memcpy (data + len, USE_CANDIDATE, sizeof USE_CANDIDATE);
  len += sizeof USE_CANDIDATE;
  data[3] = (guint8)(len - 20);
  assert_parses (data, len, &m);
  g_assert_true (hj_stun_check_integrity (data, len, &m, PASSWORD));
  g_assert_false (m.use_candidate);
}

static void
two_roles_at_once_are_refused (void)
{
  static const guint8 roles[] = { 0x00, 0x01, 0x00, 24, 0x21, 0x12, 0xa4, 0x42, 1, 2, 3, 4, 5, 6, 7,
    8, 9, 10, 11, 12, 0x80, 0x29, 0x00, 0x08, 1, 2, 3, 4, 5, 6, 7, 8, 0x80, 0x2a, 0x00, 0x08, 1, 2,
    3, 4, 5, 6, 7, 8 };

  assert_malformed (roles, sizeof roles);
}

static void
attributes_of_a_wrong_length_are_refused (void)
{
  static const guint16 types[] = { 0x0008, 0x0009, 0x0020, 0x0024, 0x0025, 0x8028, 0x8029, 0x802a };
  guint8 data[32] = { 0x00, 0x01, 0x00, 12, 0x21, 0x12, 0xa4, 0x42 };

  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    {
      data[20] = (guint8)(types[i] >> 8);
      data[21] = (guint8)types[i];
      data[23] = 3;
      data[3] = 8;
      assert_malformed (data, 28);
    }
}

static void
a_damaged_byte_is_noticed (void)
{
  for (gsize i = 0; i < sizeof REQUEST; i++)
    {
      guint8 data[sizeof REQUEST];
      HjStunMessage m;

      memcpy (data, REQUEST, sizeof data);
      data[i] ^= 0x10;
      g_assert_false (hj_stun_parse (data, sizeof data, &m, NULL)
                      && hj_stun_check_integrity (data, sizeof data, &m, PASSWORD)
                      && m.has_fingerprint);
    }
}

static void
a_wrong_fingerprint_is_refused (void)
{
  guint8 data[sizeof REQUEST];

  memcpy (data, REQUEST, sizeof data);
  data[sizeof data - 1] ^= 1;
  assert_malformed (data, sizeof data);
}

/* Another CRC-32 than the library's, a bit at a time. */
static guint32
crc32_of (const guint8 *data, gsize len)
{
  guint32 crc = 0xffffffff;

  for (gsize i = 0; i < len; i++)
    {
      crc ^= data[i];
      for (guint bit = 0; bit < 8; bit++)
        crc = (crc >> 1) ^ (crc & 1 ? 0xedb88320 : 0);
    }
  return ~crc;
}

static void
nothing_may_follow_the_fingerprint (void)
{
  guint8 data[sizeof REQUEST + 4] = { 0 };
  HjStunMessage m;
  guint32 crc;

  memcpy (data, REQUEST, sizeof REQUEST);
  data[3] += 4;
  crc = GUINT32_TO_BE (crc32_of (data, sizeof REQUEST - 8) ^ 0x5354554e);
  memcpy (data + sizeof REQUEST - 4, &crc, 4); /* right, for the longer message */
  data[sizeof REQUEST] = 0x80;                 /* an optional attribute without a value */
  assert_malformed (data, sizeof data);
  data[3] -= 4;
  crc = GUINT32_TO_BE (crc32_of (data, sizeof REQUEST - 8) ^ 0x5354554e);
  memcpy (data + sizeof REQUEST - 4, &crc, 4);
  assert_parses (data, sizeof REQUEST, &m);
}

static void
a_truncated_message_is_refused_at_every_length (void)
{
  for (gsize len = 0; len < sizeof REQUEST; len++)
    {
      g_autofree guint8 *data = g_memdup2 (REQUEST, MAX (len, 1));
      HjStunMessage m;

      assert_malformed (data, len);
      if (len < 20)
        continue;
      /* with a header that claims the shorter length, what is there is read and no more */
      data[2] = 0;
      data[3] = (guint8)(len - 20);
      if (hj_stun_parse (data, len, &m, NULL))
        g_assert_false (m.has_fingerprint);
    }
}

static void
nothing_is_written_past_a_short_buffer (void)
{
  HjStunCheck check = a_check ();
  HjStunMessage request;
  guint8 whole[HJ_STUN_MAX_MESSAGE];
  gsize len = answer (whole, sizeof whole, "2001:db8::1", 9);

  assert_parses (REQUEST, sizeof REQUEST, &request);
  for (gsize size = 0; size < len; size++)
    {
      g_autofree guint8 *out = g_malloc (MAX (size, 1));

      g_assert_cmpuint (answer (out, size, "2001:db8::1", 9), ==, 0);
      g_assert_cmpuint (hj_stun_write_binding_request (out, MIN (size, 60), &check), ==, 0);
      g_assert_cmpuint (
          hj_stun_write_binding_error (out, MIN (size, 40), &request, 400, "Bad Request", PASSWORD),
          ==, 0);
    }
}

static void
other_protocols_on_the_port_are_told_apart (void)
{
  guint8 data[sizeof REQUEST];

  memcpy (data, REQUEST, sizeof data);
  g_assert_true (hj_stun_is_message (data, sizeof data));
  g_assert_false (hj_stun_is_message (data, 19));
  data[0] = 22; /* DTLS */
  g_assert_false (hj_stun_is_message (data, sizeof data));
  data[0] = 0x80; /* RTP */
  g_assert_false (hj_stun_is_message (data, sizeof data));
  data[0] = 0;
  data[4] = 0;
  g_assert_false (hj_stun_is_message (data, sizeof data));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add_func ("/media/stun/" #name, name)
  ADD (the_request_of_rfc_5769_is_understood);
  ADD (the_ipv4_response_of_rfc_5769_is_understood);
  ADD (the_ipv6_response_of_rfc_5769_is_understood);
  ADD (a_wrong_password_is_not_authentic);
  ADD (an_empty_password_is_not_authentic);
  ADD (a_message_without_integrity_is_not_authentic);
  ADD (a_request_of_ours_comes_back_as_written);
  ADD (a_username_without_both_parts_has_no_owner);
  ADD (an_answer_tells_where_the_request_came_from);
  ADD (an_ipv4_peer_on_a_dual_socket_is_told_an_ipv4_address);
  ADD (an_address_of_no_internet_family_is_not_told);
  ADD (a_role_conflict_is_answered_with_487);
  ADD (a_stranger_gets_401_and_nothing_to_guess_at);
  ADD (unknown_attributes_are_named_in_420);
  ADD (more_unknown_attributes_than_fit_are_not_counted);
  ADD (what_follows_the_integrity_does_not_count);
  ADD (two_roles_at_once_are_refused);
  ADD (attributes_of_a_wrong_length_are_refused);
  ADD (a_damaged_byte_is_noticed);
  ADD (a_wrong_fingerprint_is_refused);
  ADD (nothing_may_follow_the_fingerprint);
  ADD (a_truncated_message_is_refused_at_every_length);
  ADD (nothing_is_written_past_a_short_buffer);
  ADD (other_protocols_on_the_port_are_told_apart);
  return g_test_run ();
}
