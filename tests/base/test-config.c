/* SPDX-License-Identifier: Apache-2.0 */
/* src/base/config.c and keys.c: one group, known keys, nothing else. */

#include "src/base/config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "src/base/keys.h"
#include "tests/support/expect-log.h"

static const HjConfigKey KEYS[]
    = { { "port", "443" }, { "origins", NULL }, { "name", "huijian" }, { NULL, NULL } };

static HjConfig *
read_text (const char *text, GError **error)
{
  g_autofree char *path = NULL;
  int file = g_file_open_tmp ("hj-config-XXXXXX", &path, NULL);
  HjConfig *config;

  g_assert_cmpint (file, >=, 0);
  g_close (file, NULL);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  config = hj_config_new_from_file (path, "huijiand", KEYS, error);
  g_unlink (path);
  return config;
}

static void
values_come_from_the_file_or_by_default (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HjConfig) config
      = read_text ("# a comment\n[huijiand]\norigins=https://a\nport = 8443\n"
                   "[media]\nanything=1\n",
          &error);

  g_assert_no_error (error);
  g_assert_cmpstr (hj_config_get (config, "origins"), ==, "https://a");
  g_assert_cmpstr (hj_config_get (config, "name"), ==, "huijian");
  g_assert_cmpint (hj_config_get_int (config, "port"), ==, 8443);
  g_assert_true (hj_config_check_int (config, "port", 1, 65535, &error));
  g_assert_no_error (error);
}

static void
refused (const char *text, int code, const char *part)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HjConfig) config = read_text (text, &error);

  g_assert_null (config);
  if (code >= 0)
    g_assert_error (error, HJ_CONFIG_ERROR, code);
  g_assert_nonnull (strstr (error->message, part));
}

static void
an_unknown_key_stops_the_start (void)
{
  refused ("[huijiand]\norigins=x\nprot=1\n", HJ_CONFIG_ERROR_UNKNOWN_KEY, "prot");
  refused ("[huijiand]\norigins=x\nPort=1\n", HJ_CONFIG_ERROR_UNKNOWN_KEY, "Port");
}

static void
a_key_without_default_must_be_there (void)
{
  refused ("[huijiand]\nport=1\n", HJ_CONFIG_ERROR_VALUE, "origins");
  refused ("", HJ_CONFIG_ERROR_VALUE, "origins");
}

static void
what_is_no_key_file_is_named (void)
{
  g_autoptr (GError) error = NULL;

  refused ("origins=x\n", -1, "hj-config");
  refused ("[huijiand\n", -1, "hj-config");
  g_assert_null (hj_config_new_from_file ("/nowhere.conf", "huijiand", KEYS, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  g_assert_true (g_str_has_prefix (error->message, "/nowhere.conf"));
}

static void
numbers_are_checked_at_the_start (void)
{
  static const char *const WRONG[] = { "0", "65536", "-1", "80x", "8 0", "0x50", "80.0", "" };

  for (gsize i = 0; i < G_N_ELEMENTS (WRONG); i++)
    {
      g_autofree char *text = g_strdup_printf ("[huijiand]\norigins=x\nport=%s\n", WRONG[i]);
      g_autoptr (GError) error = NULL;
      g_autoptr (HjConfig) config = read_text (text, &error);

      g_assert_no_error (error);
      g_assert_false (hj_config_check_int (config, "port", 1, 65535, &error));
      g_assert_error (error, HJ_CONFIG_ERROR, HJ_CONFIG_ERROR_VALUE);
      g_assert_nonnull (strstr (error->message, "port"));
    }
}

static void
lists_lose_blanks_and_empty_parts (void)
{
  g_autoptr (HjConfig) config = read_text ("[huijiand]\norigins= a ;; b;\n", NULL);
  g_auto (GStrv) list = hj_config_get_list (config, "origins");

  g_assert_cmpuint (g_strv_length (list), ==, 2);
  g_assert_cmpstr (list[0], ==, "a");
  g_assert_cmpstr (list[1], ==, "b");
}

static void
the_keys_of_huijiand_end_and_name_its_database (void)
{
  g_autofree char *path = NULL;
  g_autofree char *database = NULL;
  int file = g_file_open_tmp ("hj-config-XXXXXX", &path, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (HjConfig) config = NULL;

  g_close (file, NULL);
  g_assert_true (g_file_set_contents (
      path, "[huijiand]\norigins=https://a\nstate_dir=/srv/huijian\n", -1, NULL));
  config = hj_config_new_from_file (path, HJ_HUIJIAND_GROUP, hj_huijiand_keys, &error);
  g_unlink (path);
  g_assert_no_error (error);
  database = hj_huijiand_database (config);
  g_assert_cmpstr (database, ==, "/srv/huijian/huijian.db");
  for (const HjConfigKey *key = hj_huijiand_keys; key->key != NULL; key++)
    g_assert_nonnull (hj_config_get (config, key->key));
}

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  g_test_add_func ("/base/config/values come from the file or by default",
      values_come_from_the_file_or_by_default);
  g_test_add_func ("/base/config/an unknown key stops the start", an_unknown_key_stops_the_start);
  g_test_add_func (
      "/base/config/a key without default must be there", a_key_without_default_must_be_there);
  g_test_add_func ("/base/config/what is no key file is named", what_is_no_key_file_is_named);
  g_test_add_func (
      "/base/config/numbers are checked at the start", numbers_are_checked_at_the_start);
  g_test_add_func (
      "/base/config/lists lose blanks and empty parts", lists_lose_blanks_and_empty_parts);
  g_test_add_func ("/base/keys/the keys of huijiand end and name its database",
      the_keys_of_huijiand_end_and_name_its_database);
  return g_test_run ();
}
