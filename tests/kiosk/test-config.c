/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration file: what is taken and, above all, what is not. */

#include "src/kiosk/config.h"
#include "src/kiosk/error.h"
#include "tests/support/expect-log.h"

#define REST "ca_file=ca.pem\nstate_dir=state\npage_dir=/srv/page\n"

static void
a_whole_file_is_read (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HjKioskConfig) config
      = hj_kiosk_config_parse ("[kiosk]\nserver=https://meet.example:8443/\n" REST
                               "listen=4711\nheartbeat=2\nbrowser=chromium;--app=%u;\n"
                               "locale=en\n",
          "/etc/huijian", &error);

  g_assert_no_error (error);
  g_assert_cmpstr (config->server, ==, "https://meet.example:8443");
  g_assert_cmpstr (config->origin, ==, "https://meet.example:8443");
  g_assert_cmpstr (config->ca_file, ==, "/etc/huijian/ca.pem");
  g_assert_cmpstr (config->state_dir, ==, "/etc/huijian/state");
  g_assert_cmpstr (config->page_dir, ==, "/srv/page");
  g_assert_cmpuint (config->listen, ==, 4711);
  g_assert_cmpuint (config->heartbeat_ms, ==, 2000);
  g_assert_cmpstr (config->browser[1], ==, "--app=%u");
  g_assert_cmpstr (config->locale, ==, "en");
}

static void
what_is_left_out_has_a_sensible_value (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HjKioskConfig) config
      = hj_kiosk_config_parse ("[kiosk]\nserver=https://meet.example\n" REST, "/", &error);

  g_assert_no_error (error);
  g_assert_cmpuint (config->listen, ==, 0);
  g_assert_cmpuint (config->heartbeat_ms, ==, 5000);
  g_assert_null (config->browser);
  g_assert_cmpstr (config->locale, ==, "zh-CN");
}

static void
plain_http_is_for_loopback_alone (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HjKioskConfig) near = hj_kiosk_config_parse (
      "[kiosk]\nserver=http://127.0.0.1:1\nstate_dir=s\npage_dir=p\n", "/", &error);
  g_autoptr (HjKioskConfig) far = NULL;

  g_assert_no_error (error);
  g_assert_null (near->ca_file);
  far = hj_kiosk_config_parse ("[kiosk]\nserver=http://meet.example\n" REST, "/", &error);
  g_assert_error (error, HJ_KIOSK_ERROR, HJ_KIOSK_ERROR_CONFIG);
}

static void
bad_files_stop_the_start (void)
{
  const char *const files[] = {
    "",
    "[kiosk]\nserver=https://meet.example\nstate_dir=s\npage_dir=p\n", /* no pin */
    "[kiosk]\nserver=https://meet.example\nca_file=\nstate_dir=s\npage_dir=p\n",
    "[kiosk]\n" REST,
    "[kiosk]\nserver=ftp://meet.example\n" REST,
    "[kiosk]\nserver=https://\n" REST,
    "[kiosk]\nserver=https://user@meet.example\n" REST,
    "[kiosk]\nserver=https://meet.example/path\n" REST,
    "[kiosk]\nserver=https://meet.example?x\n" REST,
    "[kiosk]\nserver=https://meet.example\n" REST "ca_flie=x\n",
    "[kiosk]\nserver=https://meet.example\n" REST "listen=70000\n",
    "[kiosk]\nserver=https://meet.example\n" REST "listen=web\n",
    "[kiosk]\nserver=https://meet.example\n" REST "heartbeat=0\n",
    "[kiosk]\nserver=https://meet.example\n" REST "locale=fr\n",
    "[kiosk]\nserver=https://meet.example\n" REST "[other]\nx=1\n",
  };

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (HjKioskConfig) config = hj_kiosk_config_parse (files[i], "/", &error);

      g_test_message ("file %u: %s", i, error != NULL ? error->message : "taken");
      g_assert_null (config);
      g_assert_nonnull (error);
    }
}

static void
a_missing_file_is_named (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HjKioskConfig) config = hj_kiosk_config_load ("/nowhere/kiosk.conf", &error);

  g_assert_null (config);
  g_assert_nonnull (strstr (error->message, "/nowhere/kiosk.conf"));
}

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  g_test_add_func ("/kiosk/config/a whole file is read", a_whole_file_is_read);
  g_test_add_func (
      "/kiosk/config/what is left out has a sensible value", what_is_left_out_has_a_sensible_value);
  g_test_add_func (
      "/kiosk/config/plain http is for loopback alone", plain_http_is_for_loopback_alone);
  g_test_add_func ("/kiosk/config/bad files stop the start", bad_files_stop_the_start);
  g_test_add_func ("/kiosk/config/a missing file is named", a_missing_file_is_named);
  return g_test_run ();
}
