/* SPDX-License-Identifier: Apache-2.0 */
/* src/meeting/turn.c: credentials as coturn computes them, and what of a configuration stops the start. */

#include "src/meeting/turn.h"

#include <glib/gstdio.h>
#include <jansson.h>
#include <string.h>

#include "src/base/json.h"
#include "src/base/time.h"
#include "tests/support/expect-log.h"

#define SECRET "0123456789abcdef0123456789abcdef"
#define SEAT "aaaaaaaaaaaaaaaaaaaaaaaaaa"
#define NOW_US (G_GINT64_CONSTANT (1790000000) * HJ_SECOND_US)

static const char *const URLS[]
    = { "turns:turn.example:443?transport=tcp", "turn:turn.example", NULL };

static const char *
text (const json_t *servers, const char *key)
{
  return json_string_value (json_object_get (json_array_get (servers, 0), key));
}

/* The expected values come from Python's hmac module: HMAC-SHA256 of the label and the seat, HMAC-SHA1 of the name. */
static void
credentials_are_those_that_coturn_computes (void)
{
  g_autoptr (HjTurn) turn = hj_turn_new (URLS, SECRET, 3600 * HJ_SECOND_US);
  g_autoptr (json_t) servers = hj_turn_describe (turn, SEAT, NOW_US);
  const json_t *urls = json_object_get (json_array_get (servers, 0), "urls");

  g_assert_cmpuint (json_array_size (servers), ==, 1);
  g_assert_cmpuint (json_array_size (urls), ==, 2);
  g_assert_cmpstr (json_string_value (json_array_get (urls, 0)), ==, URLS[0]);
  g_assert_cmpstr (text (servers, "username"), ==, "1790003600:f0f78d663d0042a56f40");
  g_assert_cmpstr (text (servers, "credential"), ==, "Pq5NUVDW6w07+WTHxgU+OqECbN4=");
}

static void
credentials_name_no_seat_and_change_with_seat_and_time (void)
{
  g_autoptr (HjTurn) turn = hj_turn_new (URLS, SECRET, 60 * HJ_SECOND_US);
  g_autoptr (json_t) first = hj_turn_describe (turn, SEAT, NOW_US);
  g_autoptr (json_t) later = hj_turn_describe (turn, SEAT, NOW_US + HJ_SECOND_US);
  g_autoptr (json_t) other = hj_turn_describe (turn, "bbbbbbbbbbbbbbbbbbbbbbbbbb", NOW_US);

  g_assert_null (strstr (text (first, "username"), SEAT));
  g_assert_cmpstr (text (first, "username"), !=, text (later, "username"));
  g_assert_cmpstr (text (first, "credential"), !=, text (later, "credential"));
  /* The TURN server counts by the word: a seat has one word at all times, another seat another. */
  g_assert_cmpstr (
      strchr (text (first, "username"), ':'), ==, strchr (text (later, "username"), ':'));
  g_assert_cmpstr (
      strchr (text (first, "username"), ':'), !=, strchr (text (other, "username"), ':'));
}

/* Returns: (transfer full): a file with this content and mode. */
static char *
file_with (const char *content, gssize size, int mode)
{
  char *path = NULL;
  int file = g_file_open_tmp ("hj-turn-XXXXXX", &path, NULL);

  g_assert_cmpint (file, >=, 0);
  g_close (file, NULL);
  g_assert_true (g_file_set_contents (path, content, size, NULL));
  g_assert_cmpint (g_chmod (path, mode), ==, 0);
  return path;
}

static gboolean
load (const char *lines, HjTurn **ret, GError **error)
{
  g_autofree char *content = g_strconcat ("[turn]\n", lines, NULL);
  g_autofree char *path = file_with (content, -1, 0600);
  g_autoptr (HjConfig) config = hj_config_new_from_file (path, HJ_TURN_GROUP, hj_turn_keys, error);

  g_unlink (path);
  return config != NULL && hj_turn_load (config, ret, error);
}

static void
no_server_is_no_error (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HjTurn) turn = NULL;

  g_assert_true (load ("", &turn, &error));
  g_assert_no_error (error);
  g_assert_null (turn);
}

static void
a_whole_configuration_is_read (void)
{
  g_autofree char *path = file_with (SECRET "\n", -1, 0640);
  g_autofree char *lines = g_strdup_printf (
      "urls=turns:turn.example:443?transport=tcp;turn:turn.example:3478?transport=udp;"
      "turn:[2001:db8::1]:3478;turn:192.0.2.7\nsecret_file=%s\nttl_s=3600\n",
      path);
  g_autoptr (GError) error = NULL;
  g_autoptr (HjTurn) turn = NULL;
  g_autoptr (json_t) servers = NULL;

  g_assert_true (load (lines, &turn, &error));
  g_assert_no_error (error);
  servers = hj_turn_describe (turn, SEAT, NOW_US);
  /* The line's end is not of the secret. */
  g_assert_cmpstr (text (servers, "credential"), ==, "Pq5NUVDW6w07+WTHxgU+OqECbN4=");
  g_assert_cmpuint (json_array_size (json_object_get (json_array_get (servers, 0), "urls")), ==, 4);
  g_unlink (path);
}

static void
refused (const char *lines, int code, const char *part)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HjTurn) turn = NULL;

  g_assert_false (load (lines, &turn, &error));
  g_assert_error (error, HJ_CONFIG_ERROR, code);
  g_assert_null (turn);
  if (strstr (error->message, part) == NULL)
    {
      g_test_message ("\"%s\" lacks \"%s\"", error->message, part);
      g_test_fail ();
    }
  g_assert_null (strstr (error->message, SECRET));
}

static void
an_address_that_is_no_turn_server_stops_the_start (void)
{
  static const char *const BAD[]
      = { "stun:stun.example", "https://turn.example", "turn:", "turn:host:0", "turn:host:65536",
          "turn:host:", "turn:host:3478?transport=sctp", "turn:host?transport=udp&x=1",
          "turn://host", "turn:user@host", "turn:[::1", "turn:[]", "turns:ho st" };
  g_autofree char *path = file_with (SECRET, -1, 0600);
  g_autofree char *many = g_strdup_printf (
      "urls=turn:a;turn:b;turn:c;turn:d;turn:e;turn:f;turn:g;turn:h;turn:i\nsecret_file=%s\n",
      path);
  g_autofree char *name = g_strnfill (260, 'x');
  g_autofree char *too_long = g_strdup_printf ("urls=turn:%s\nsecret_file=%s\n", name, path);

  for (gsize i = 0; i < G_N_ELEMENTS (BAD); i++)
    {
      g_autofree char *lines
          = g_strdup_printf ("urls=turn:good.example;%s\nsecret_file=%s\n", BAD[i], path);

      refused (lines, HJ_CONFIG_ERROR_VALUE, BAD[i]);
    }
  refused (many, HJ_CONFIG_ERROR_VALUE, "more than 8");
  refused (too_long, HJ_CONFIG_ERROR_VALUE, "urls");
  g_unlink (path);
}

static void
half_a_configuration_stops_the_start (void)
{
  refused ("urls=turn:turn.example\n", HJ_CONFIG_ERROR_VALUE, "secret_file");
  refused ("secret_file=/nonexistent\n", HJ_CONFIG_ERROR_VALUE, "urls");
  refused ("ttl_s=59\n", HJ_CONFIG_ERROR_VALUE, "ttl_s");
  refused ("ttl_s=172801\n", HJ_CONFIG_ERROR_VALUE, "ttl_s");
  refused ("ttl_s=long\n", HJ_CONFIG_ERROR_VALUE, "ttl_s");
  refused ("secret=" SECRET "\n", HJ_CONFIG_ERROR_UNKNOWN_KEY, "secret");
}

static void
refused_secret (const char *content, gssize size, int mode, const char *part)
{
  g_autofree char *path = file_with (content, size, mode);
  g_autofree char *lines = g_strdup_printf ("urls=turn:turn.example\nsecret_file=%s\n", path);

  refused (lines, HJ_CONFIG_ERROR_FILE, part);
  g_unlink (path);
}

static void
a_bad_secret_stops_the_start (void)
{
  g_autofree char *too_long = g_strnfill (257, 'x');
  g_autofree char *folder = g_dir_make_tmp ("hj-turn-XXXXXX", NULL);
  g_autofree char *lines = g_strdup_printf ("urls=turn:a\nsecret_file=%s\n", folder);

  refused ("urls=turn:a\nsecret_file=/nonexistent/secret\n", HJ_CONFIG_ERROR_FILE, "No such file");
  refused (lines, HJ_CONFIG_ERROR_FILE, "is not a file");
  g_rmdir (folder);
  refused_secret ("", 0, 0600, "empty");
  refused_secret (" \n", -1, 0600, "empty");
  refused_secret ("short", -1, 0600, "32 to 256");
  refused_secret (too_long, -1, 0600, "32 to 256");
  refused_secret (SECRET "\n" SECRET "\n", -1, 0600, "more than one word");
  refused_secret (SECRET "#\"", -1, 0600, "more than one word");
  refused_secret (SECRET "\0" SECRET, 65, 0600, "zero byte");
  refused_secret (SECRET, -1, 0644, "open to everybody");
  refused_secret (SECRET, -1, 0602, "open to everybody");
}

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  g_test_add_func ("/turn/credentials", credentials_are_those_that_coturn_computes);
  g_test_add_func ("/turn/names", credentials_name_no_seat_and_change_with_seat_and_time);
  g_test_add_func ("/turn/none", no_server_is_no_error);
  g_test_add_func ("/turn/whole", a_whole_configuration_is_read);
  g_test_add_func ("/turn/address", an_address_that_is_no_turn_server_stops_the_start);
  g_test_add_func ("/turn/half", half_a_configuration_stops_the_start);
  g_test_add_func ("/turn/secret", a_bad_secret_stops_the_start);
  return g_test_run ();
}
