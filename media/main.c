/* SPDX-License-Identifier: Apache-2.0 */
/* huijian-media: options, configuration, one node, one main loop (docs/operations.md). It knows seats by their ids, not
 * people; it prints no address of a peer and no secret. SIGTERM drains it, a second one and SIGINT end it at once, each with a
 * good-bye to every peer. */

#include <glib-unix.h>
#include <gst/gst.h>
#include <stdlib.h>

#include "media/node.h"

typedef struct
{
  GMainLoop *loop;
  HjNode *node;
} Program;

static void
stopped (gpointer data)
{
  g_main_loop_quit (data);
}

static gboolean
on_terminate (gpointer data)
{
  Program *program = data;

  hj_node_drain (program->node, stopped, program->loop);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_interrupt (gpointer data)
{
  Program *program = data;

  hj_node_stop (program->node, stopped, program->loop);
  return G_SOURCE_CONTINUE;
}

static gboolean
parse_options (int *argc, char ***argv, char **config_path, GError **error)
{
  gboolean version = FALSE;
  GOptionEntry entries[] = {
    { "config", 'c', 0, G_OPTION_ARG_FILENAME, config_path, "Configuration, group [media]",
        "FILE" },
    { "version", 0, 0, G_OPTION_ARG_NONE, &version, "Print the version and end", NULL },
    { 0 },
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("- relay for confidential meetings");

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, error))
    return FALSE;
  if (version)
    {
      g_print ("huijian-media " HJ_VERSION "\n");
      exit (0);
    }
  if (*config_path == NULL || *argc > 1)
    {
      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "--config FILE is wanted");
      return FALSE;
    }
  return TRUE;
}

/* Nothing but GStreamer's core and our own elements, which are linked in: no plug-in of the machine, so no codec and nobody
 * else's code, whatever stands in the environment. Before anything else runs. */
static void
keep_plugins_out (void)
{
  g_setenv ("GST_REGISTRY_DISABLE", "yes", TRUE);
  g_unsetenv ("GST_PLUGIN_PATH");
  g_unsetenv ("GST_PLUGIN_PATH_1_0");
  g_unsetenv ("GST_TRACERS");
}

/* A GStreamer that looks for plug-ins all the same is not run with. */
static gboolean
check_no_plugins (GError **error)
{
  GList *plugins = gst_registry_get_plugin_list (gst_registry_get ());
  const char *found = NULL;

  for (const GList *each = plugins; each != NULL && found == NULL; each = each->next)
    found = gst_plugin_get_filename (each->data);
  if (found != NULL)
    g_set_error (error, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_INIT,
        "GStreamer knows a plug-in of this machine, %s; a relay holds none", found);
  gst_plugin_list_free (plugins);
  return found == NULL;
}

int
main (int argc, char **argv)
{
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (HjConfig) config = NULL;
  g_autoptr (HjNode) node = NULL;
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  Program program = { 0 };

  keep_plugins_out ();
  if (parse_options (&argc, &argv, &path, &error))
    config = hj_config_new_from_file (path, "media", HJ_NODE_KEYS, &error);
  if (config != NULL && gst_init_check (NULL, NULL, &error) && check_no_plugins (&error))
    node = hj_node_start (config, &error);
  if (node == NULL)
    {
      g_printerr ("huijian-media: %s\n", error->message);
      return 1;
    }
  program = (Program){ loop, node };
  g_unix_signal_add (SIGTERM, on_terminate, &program);
  g_unix_signal_add (SIGINT, on_interrupt, &program);
  g_main_loop_run (loop);
  return 0;
}
