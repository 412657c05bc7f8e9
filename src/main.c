/* SPDX-License-Identifier: Apache-2.0 */
/* huijiand: options, config, one HjServer, one GMainLoop; nothing else. */

#include <glib-unix.h>
#include <locale.h>
#include <stdlib.h>
#include <sysexits.h>

#include "src/base/config.h"
#include "src/base/keys.h"
#include "src/server.h"

static gboolean
quit (gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_CONTINUE;
}

static int
fail (int code, const GError *error)
{
  g_printerr ("huijiand: %s\n", error->message);
  return code;
}

static int
serve (const HjConfig *config, HjTurn *turn)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GError) error = NULL;
  g_autoptr (HjServer) server = hj_server_new (config, turn, &error);

  if (server == NULL || !hj_server_start (server, &error))
    return fail (EX_UNAVAILABLE, error);
  g_unix_signal_add (SIGTERM, quit, loop);
  g_unix_signal_add (SIGINT, quit, loop);
  g_message ("huijiand " HJ_VERSION " is ready");
  g_main_loop_run (loop);
  return EXIT_SUCCESS;
}

int
main (int argc, char **argv)
{
  g_autofree char *path = NULL;
  gboolean version = FALSE;
  const GOptionEntry entries[] = {
    { "config", 'c', 0, G_OPTION_ARG_FILENAME, &path, "Configuration file", "FILE" },
    { "version", 0, 0, G_OPTION_ARG_NONE, &version, "Print the version", NULL },
    { 0 },
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("- lawyer-detainee meetings");
  g_autoptr (GError) error = NULL;
  g_autoptr (HjConfig) config = NULL;
  g_autoptr (HjConfig) turn_config = NULL;
  g_autoptr (HjTurn) turn = NULL;

  setlocale (LC_ALL, "");
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    return fail (EX_USAGE, error);
  if (version)
    {
      g_print ("huijiand " HJ_VERSION "\n");
      return EXIT_SUCCESS;
    }
  if (path == NULL)
    path = g_strdup (HJ_HUIJIAND_CONFIG);
  config = hj_config_new_from_file (path, HJ_HUIJIAND_GROUP, hj_huijiand_keys, &error);
  if (config == NULL || !hj_config_check_int (config, "resume_s", 1, 3600, &error))
    return fail (EX_CONFIG, error);
  turn_config = hj_config_new_from_file (path, HJ_TURN_GROUP, hj_turn_keys, &error);
  if (turn_config == NULL || !hj_turn_load (turn_config, &turn, &error))
    return fail (EX_CONFIG, error);
  return serve (config, turn);
}
