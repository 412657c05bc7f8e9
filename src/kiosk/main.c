/* SPDX-License-Identifier: Apache-2.0 */
/* huijian-kiosk, the agent beside a kiosk's browser: `enrol` once, then `run`. Options and exit codes are here; everything
 * else is in agent.c and enrol.c. Control thread. docs/operations.md, kiosk. */

#include <glib-unix.h>
#include <locale.h>
#include <stdio.h>
#include <sys/stat.h>

#include "src/base/log.h"
#include "src/base/secret.h"
#include "src/kiosk/agent.h"
#include "src/kiosk/error.h"

typedef struct
{
  GMainLoop *loop;
  GError *error;
} Outcome;

static int
fail (const GError *error)
{
  fprintf (stderr, "huijian-kiosk: %s\n", error->message);
  return 1;
}

static void
on_enrolled (GObject *source, GAsyncResult *result, gpointer data)
{
  Outcome *outcome = data;

  hj_enrol_finish (result, &outcome->error);
  g_main_loop_quit (outcome->loop);
}

/* `--token -` reads the token from standard input, so that it stands in no process list. Returns: (transfer full). */
static char *
read_token (const char *argument)
{
  char line[300] = "";

  if (!g_str_equal (argument, "-"))
    return g_strdup (argument);
  if (fgets (line, sizeof line, stdin) == NULL)
    line[0] = '\0';
  return g_strdup (g_strstrip (line));
}

/* The fingerprint is told here, where the key was made: what the server shows is worth comparing with nothing else. */
static int
tell_fingerprint (const HjKioskConfig *config)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = hj_kiosk_config_state_path (config, "device.pem");
  g_autoptr (HjEnrolment) enrolment = hj_enrolment_load (config, &error);
  g_autoptr (HjDeviceKey) key = enrolment != NULL ? hj_device_key_open (path, &error) : NULL;
  g_autofree char *fingerprint = key != NULL ? hj_device_key_fingerprint (key) : NULL;

  if (key == NULL)
    return fail (error);
  printf ("enrolled\nfingerprint %s\n\nThis kiosk works once an administrator has compared this "
          "fingerprint with the one\nthat the administrator's page or huijianctl shows and has "
          "approved it:\n\n  huijianctl kiosk approve %s\n",
      fingerprint, hj_enrolment_get_kiosk (enrolment));
  return 0;
}

static int
enrol (const HjKioskConfig *config, const char *argument)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GError) error = NULL;
  g_autofree char *token = NULL;
  Outcome outcome = { loop, NULL };

  if (argument == NULL)
    {
      g_set_error (&error, HJ_KIOSK_ERROR, HJ_KIOSK_ERROR_TOKEN,
          "enrol needs --token TOKEN (or - for standard input)");
      return fail (error);
    }
  token = read_token (argument);
  hj_enrol_async (config, token, NULL, on_enrolled, &outcome);
  g_main_loop_run (loop);
  hj_text_wipe (token);
  error = outcome.error;
  if (error != NULL)
    return fail (error);
  return tell_fingerprint (config);
}

static gboolean
on_signal (gpointer data)
{
  hj_agent_stop (data);
  return G_SOURCE_CONTINUE;
}

/* The address holds the launch token: on standard output for whoever started us, and in a file for the browser's user. */
static gboolean
publish_url (HjAgent *agent, const HjKioskConfig *config, GError **error)
{
  g_autofree char *url = hj_agent_get_page_url (agent);
  g_autofree char *path = hj_kiosk_config_state_path (config, "page-url");
  g_autofree char *line = g_strconcat (url, "\n", NULL);

  if (!g_file_set_contents_full (path, line, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, error))
    return FALSE;
  printf ("page %s\n", url);
  fflush (stdout);
  return TRUE;
}

static int
run (const HjKioskConfig *config)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GError) error = NULL;
  g_autofree char *key_path = hj_kiosk_config_state_path (config, "device.pem");
  g_autoptr (HjEnrolment) enrolment = hj_enrolment_load (config, &error);
  g_autoptr (HjDeviceKey) key = enrolment != NULL ? hj_device_key_open (key_path, &error) : NULL;
  g_autoptr (HjAgent) agent = key != NULL ? hj_agent_new (config, enrolment, key, &error) : NULL;

  if (agent == NULL || !publish_url (agent, config, &error))
    return fail (error);
  g_signal_connect_swapped (agent, "stopped", G_CALLBACK (g_main_loop_quit), loop);
  g_unix_signal_add (SIGTERM, on_signal, agent);
  g_unix_signal_add (SIGINT, on_signal, agent);
  hj_agent_start (agent);
  hj_event ("kiosk.started", NULL, hj_enrolment_get_kiosk (enrolment), "version " HJ_VERSION);
  g_main_loop_run (loop);
  return 0;
}

int
main (int argc, char **argv)
{
  g_autofree char *config_path = NULL;
  g_autofree char *token = NULL;
  const GOptionEntry entries[] = {
    { "config", 'c', 0, G_OPTION_ARG_FILENAME, &config_path, "Configuration file", "FILE" },
    { "token", 't', 0, G_OPTION_ARG_STRING, &token,
        "One-time token of the enrolment, - reads it from standard input", "TOKEN" },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) options = g_option_context_new ("enrol | run");
  g_autoptr (HjKioskConfig) config = NULL;
  g_autoptr (GError) error = NULL;

  setlocale (LC_ALL, "");
  umask (077);
  g_option_context_add_main_entries (options, entries, NULL);
  if (!g_option_context_parse (options, &argc, &argv, &error))
    return fail (error);
  if (argc != 2 || config_path == NULL
      || !(g_str_equal (argv[1], "enrol") || g_str_equal (argv[1], "run")))
    {
      g_autofree char *help = g_option_context_get_help (options, TRUE, NULL);

      fputs (help, stderr);
      return 2;
    }
  config = hj_kiosk_config_load (config_path, &error);
  if (config == NULL)
    return fail (error);
  return g_str_equal (argv[1], "enrol") ? enrol (config, token) : run (config);
}
