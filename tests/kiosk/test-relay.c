/* SPDX-License-Identifier: Apache-2.0 */
/* What may pass between the page and the server. */

#include "src/kiosk/relay.h"

#include <string.h>

#include "src/base/json.h"
#include "tests/kiosk/fake-server.h"
#include "tests/support/expect-log.h"

static void
assert_passes_as (const char *in, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) message = hj_json_parse (in, strlen (in), 65536, &error);
  g_autoptr (json_t) out = hj_relay_to_server (message, &error);
  g_autofree char *text = NULL;

  g_assert_no_error (error);
  text = hj_json_dump (out);
  g_assert_cmpstr (text, ==, expected);
}

static void
assert_stays (const char *in)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) message = hj_json_parse (in, strlen (in), 65536, &error);
  g_autoptr (json_t) out = NULL;

  g_assert_no_error (error);
  out = hj_relay_to_server (message, &error);
  g_test_message ("%.80s", in);
  g_assert_null (out);
  g_assert_error (error, HJ_REFUSAL, HJ_REFUSAL_INVALID);
}

static void
the_pages_verbs_pass_with_their_members_alone (void)
{
  assert_passes_as ("{\"verb\":\"join\",\"booking\":\"" FAKE_BOOKING
                    "\",\"id\":7,\"ticket\":\"x\"}",
      "{\"verb\":\"join\",\"booking\":\"" FAKE_BOOKING "\"}");
  assert_passes_as (
      "{\"verb\":\"offer\",\"sdp\":\"v=0\",\"extra\":1}", "{\"verb\":\"offer\",\"sdp\":\"v=0\"}");
  assert_passes_as ("{\"verb\":\"offer\",\"sdp\":\"v=0\",\"srtp\":\"cm\"}",
      "{\"verb\":\"offer\",\"sdp\":\"v=0\",\"srtp\":\"cm\"}");
  assert_passes_as ("{\"verb\":\"leave\"}", "{\"verb\":\"leave\"}");
  assert_passes_as (
      "{\"verb\":\"end\",\"reason\":\"help\"}", "{\"verb\":\"end\",\"reason\":\"help\"}");
  assert_passes_as ("{\"verb\":\"quality\",\"level\":2}", "{\"verb\":\"quality\",\"level\":2}");
  assert_passes_as ("{\"verb\":\"key\",\"body\":\"AQ-_\",\"from\":\"x\",\"meeting\":\"y\"}",
      "{\"verb\":\"key\",\"body\":\"AQ-_\"}");
  assert_passes_as ("{\"verb\":\"key\",\"to\":\"" FAKE_SEAT "\",\"body\":\"AQ\",\"token\":\"x\"}",
      "{\"verb\":\"key\",\"to\":\"" FAKE_SEAT "\",\"body\":\"AQ\"}");
  assert_passes_as ("{\"verb\":\"secured\",\"epoch\":4294967295,\"seat\":\"x\"}",
      "{\"verb\":\"secured\",\"epoch\":4294967295}");
  assert_passes_as ("{\"verb\":\"verify\",\"epoch\":1,\"result\":\"same\",\"code\":\"123456\"}",
      "{\"verb\":\"verify\",\"epoch\":1,\"result\":\"same\"}");
  assert_passes_as ("{\"verb\":\"verify\",\"epoch\":2,\"result\":\"different\"}",
      "{\"verb\":\"verify\",\"epoch\":2,\"result\":\"different\"}");
}

static void
the_longest_key_passes_and_no_longer_one (void)
{
  g_autofree char *most = g_strnfill (2048, 'A');
  g_autofree char *in = g_strdup_printf ("{\"verb\":\"key\",\"body\":\"%s\"}", most);
  g_autofree char *more = g_strdup_printf ("{\"verb\":\"key\",\"body\":\"%sA\"}", most);

  assert_passes_as (in, in);
  assert_stays (more);
}

static gboolean
key_fits (const char *text)
{
  g_autoptr (json_t) message = hj_json_parse (text, strlen (text), 65536, NULL);

  return hj_relay_key_fits (message);
}

static void
a_key_of_the_server_comes_from_a_seat (void)
{
  g_autofree char *more = g_strnfill (2049, 'A');
  g_autofree char *long_body
      = g_strdup_printf ("{\"verb\":\"key\",\"from\":\"" FAKE_SEAT "\",\"body\":\"%s\"}", more);

  g_assert_true (key_fits ("{\"verb\":\"key\",\"from\":\"" FAKE_SEAT "\",\"body\":\"AQ-_\"}"));
  g_assert_false (key_fits ("{\"verb\":\"key\",\"body\":\"AQ\"}"));
  g_assert_false (key_fits ("{\"verb\":\"key\",\"from\":\"me\",\"body\":\"AQ\"}"));
  g_assert_false (key_fits ("{\"verb\":\"key\",\"from\":\"" FAKE_SEAT "\"}"));
  g_assert_false (key_fits ("{\"verb\":\"key\",\"from\":\"" FAKE_SEAT "\",\"body\":\"A+/=\"}"));
  g_assert_false (key_fits (long_body));
}

static void
every_other_verb_stays (void)
{
  const char *const verbs[] = { "hello", "follow", "assign", "seats", "answer", "admit", "notice",
    "error", "alive", "agent", "sign", "signature", "JOIN" };

  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    {
      g_autofree char *text = g_strdup_printf ("{\"verb\":\"%s\"}", verbs[i]);

      assert_stays (text);
    }
  assert_stays ("{\"verb\":7}");
  assert_stays ("{}");
}

static void
wrong_members_stay (void)
{
  g_autofree char *big = g_strnfill (60000, 'x');
  g_autofree char *offer = g_strdup_printf ("{\"verb\":\"offer\",\"sdp\":\"%s\"}", big);

  assert_stays ("{\"verb\":\"join\"}");
  assert_stays ("{\"verb\":\"join\",\"booking\":\"../../etc\"}");
  assert_stays ("{\"verb\":\"offer\"}");
  assert_stays ("{\"verb\":\"offer\",\"sdp\":\"\"}");
  assert_stays ("{\"verb\":\"offer\",\"sdp\":7}");
  assert_stays ("{\"verb\":\"offer\",\"sdp\":\"v=0\",\"srtp\":\"none\"}");
  assert_stays (offer);
  assert_stays ("{\"verb\":\"end\"}");
  assert_stays ("{\"verb\":\"end\",\"reason\":\"because\"}");
  assert_stays ("{\"verb\":\"quality\",\"level\":0}");
  assert_stays ("{\"verb\":\"quality\",\"level\":\"2\"}");
  assert_stays ("{\"verb\":\"key\"}");
  assert_stays ("{\"verb\":\"key\",\"body\":\"\"}");
  assert_stays ("{\"verb\":\"key\",\"body\":\"AQ==\"}");
  assert_stays ("{\"verb\":\"key\",\"body\":7}");
  assert_stays ("{\"verb\":\"key\",\"to\":\"all\",\"body\":\"AQ\"}");
  assert_stays ("{\"verb\":\"key\",\"to\":7,\"body\":\"AQ\"}");
  assert_stays ("{\"verb\":\"secured\"}");
  assert_stays ("{\"verb\":\"secured\",\"epoch\":0}");
  assert_stays ("{\"verb\":\"secured\",\"epoch\":4294967296}");
  assert_stays ("{\"verb\":\"secured\",\"epoch\":\"1\"}");
  assert_stays ("{\"verb\":\"verify\",\"result\":\"same\"}");
  assert_stays ("{\"verb\":\"verify\",\"epoch\":1}");
  assert_stays ("{\"verb\":\"verify\",\"epoch\":1,\"result\":\"maybe\"}");
}

static void
the_page_does_not_get_the_seats_token (void)
{
  g_autoptr (json_t) message
      = json_pack ("{s:s, s:s, s:i, s:s}", "verb", "join", "token", "t", "re", 3, "seat", "s");
  g_autoptr (json_t) out = hj_relay_to_page (message);
  g_autofree char *text = hj_json_dump (out);

  g_assert_cmpstr (text, ==, "{\"verb\":\"join\",\"seat\":\"s\"}");
  g_assert_nonnull (json_object_get (message, "token"));
}

static void
the_page_gets_the_servers_verbs_alone (void)
{
  g_assert_true (hj_relay_is_for_page ("assign"));
  g_assert_true (hj_relay_is_for_page ("notice"));
  g_assert_true (hj_relay_is_for_page ("key"));
  g_assert_true (hj_relay_is_for_page ("verify"));
  g_assert_false (hj_relay_is_for_page ("secured"));
  g_assert_false (hj_relay_is_for_page ("sign"));
  g_assert_false (hj_relay_is_for_page ("signature"));
  g_assert_false (hj_relay_is_for_page ("hello"));
  g_assert_false (hj_relay_is_for_page ("follow"));
  g_assert_false (hj_relay_is_for_page ("agent"));
}

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  g_test_add_func ("/kiosk/relay/the page's verbs pass with their members alone",
      the_pages_verbs_pass_with_their_members_alone);
  g_test_add_func ("/kiosk/relay/the longest key passes and no longer one",
      the_longest_key_passes_and_no_longer_one);
  g_test_add_func (
      "/kiosk/relay/a key of the server comes from a seat", a_key_of_the_server_comes_from_a_seat);
  g_test_add_func ("/kiosk/relay/every other verb stays", every_other_verb_stays);
  g_test_add_func ("/kiosk/relay/wrong members stay", wrong_members_stay);
  g_test_add_func (
      "/kiosk/relay/the page does not get the seat's token", the_page_does_not_get_the_seats_token);
  g_test_add_func (
      "/kiosk/relay/the page gets the server's verbs alone", the_page_gets_the_servers_verbs_alone);
  return g_test_run ();
}
