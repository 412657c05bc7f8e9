/* SPDX-License-Identifier: Apache-2.0 */
/* huijian-impair: a bad network on 127.0.0.1, between a browser and the relay (UDP) and the signalling (TCP). Obeys lines on standard
 * input, each answered by one line, until its end:
 *   udp PORT | tcp PORT          stand before that port of the server; the answer is the port to use instead
 *   set up|down|both RULE VALUE  loss 5%, reorder 2%, delay 50ms, jitter 10ms, rate 300000 (bit/s, 0: none), queue 200ms
 *   cut [udp|tcp], heal [udp|tcp], report
 * usage: huijian-impair [SEED]. One thread, one main context. */
#include "tests/support/impair-proxy.h"

#include <gio/gio.h>
#include <glib-unix.h>
#include <stdio.h>
#include <string.h>

typedef struct
{
  GMainLoop *loop;
  HjImpairWay ways[HJ_IMPAIR_N_WAYS];
  HjImpairUdp *udp;
  HjImpairTcp *tcp;
} Program;

static char *
wrong (const char *what)
{
  return g_strdup_printf ("error %s", what);
}

static char *
open_port (Program *program, char **words)
{
  g_autoptr (GError) error = NULL;
  guint64 target = 0;
  int port;

  if (!words[1] || !g_ascii_string_to_unsigned (words[1], 10, 1, G_MAXUINT16, &target, NULL))
    return wrong ("which port?");
  port = g_str_equal (words[0], "udp") ? hj_impair_udp_open (program->udp, (guint16)target, &error)
                                       : hj_impair_tcp_open (program->tcp, (guint16)target, &error);
  return port < 0 ? wrong (error->message) : g_strdup_printf ("port %d", port);
}

static char *
set_rule (Program *program, char **words)
{
  static const char *names[] = { "up", "down" };
  g_autoptr (GError) error = NULL;
  gboolean found = FALSE;

  if (g_strv_length (words) != 4)
    return wrong ("set up|down|both RULE VALUE");
  for (guint i = 0; i < HJ_IMPAIR_N_WAYS; i++)
    if (g_str_equal (words[1], names[i]) || g_str_equal (words[1], "both"))
      {
        found = TRUE;
        if (!hj_impair_way_set (&program->ways[i], words[2], words[3], &error))
          return wrong (error->message);
      }
  return found ? g_strdup ("done") : wrong ("which way?");
}

static char *
cut (Program *program, char **words)
{
  gboolean is_cut = g_str_equal (words[0], "cut");
  gboolean udp = !words[1] || g_str_equal (words[1], "udp");
  gboolean tcp = !words[1] || g_str_equal (words[1], "tcp");

  for (guint i = 0; udp && i < HJ_IMPAIR_N_WAYS; i++)
    program->ways[i].rule.cut = is_cut;
  if (tcp && is_cut)
    hj_impair_tcp_cut (program->tcp);
  else if (tcp)
    hj_impair_tcp_heal (program->tcp);
  return udp || tcp ? g_strdup ("done") : wrong ("cut what?");
}

static char *
report (Program *program, char **words)
{
  g_autofree char *up = hj_impair_way_report (&program->ways[HJ_IMPAIR_UP]);
  g_autofree char *down = hj_impair_way_report (&program->ways[HJ_IMPAIR_DOWN]);

  return g_strdup_printf ("{\"up\":%s,\"down\":%s}", up, down);
}

static const struct
{
  const char *word;
  char *(*obey) (Program *program, char **words);
} commands[] = { { "udp", open_port }, { "tcp", open_port }, { "set", set_rule }, { "cut", cut },
  { "heal", cut }, { "report", report } };

static char *
obey (Program *program, char *line)
{
  g_auto (GStrv) words = g_strsplit (g_strstrip (line), " ", 5);

  for (gsize i = 0; words[0] && i < G_N_ELEMENTS (commands); i++)
    if (g_str_equal (words[0], commands[i].word))
      return commands[i].obey (program, words);
  return wrong ("no such command");
}

static gboolean
has_line (GIOChannel *channel, GIOCondition condition, gpointer data)
{
  Program *program = data;
  g_autofree char *line = NULL;
  g_autofree char *answer = NULL;

  if (g_io_channel_read_line (channel, &line, NULL, NULL, NULL) != G_IO_STATUS_NORMAL)
    {
      g_main_loop_quit (program->loop);
      return G_SOURCE_REMOVE;
    }
  answer = obey (program, line);
  puts (answer);
  fflush (stdout);
  return G_SOURCE_CONTINUE;
}

int
main (int argc, char **argv)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GIOChannel) commands_in = g_io_channel_unix_new (0);
  Program program = { .loop = loop };
  guint64 seed = 1;

  if (argc > 2
      || (argc == 2 && !g_ascii_string_to_unsigned (argv[1], 10, 0, G_MAXUINT32 / 2, &seed, NULL)))
    {
      fprintf (stderr, "usage: huijian-impair [SEED]\n");
      return 2;
    }
  for (guint i = 0; i < HJ_IMPAIR_N_WAYS; i++)
    hj_impair_way_init (&program.ways[i], (guint32)(2 * seed + i));
  program.udp = hj_impair_udp_new (program.ways);
  program.tcp = hj_impair_tcp_new ();
  g_io_add_watch (commands_in, G_IO_IN | G_IO_HUP, has_line, &program);
  g_main_loop_run (loop);
  hj_impair_tcp_free (program.tcp);
  hj_impair_udp_free (program.udp);
  for (guint i = 0; i < HJ_IMPAIR_N_WAYS; i++)
    hj_impair_way_clear (&program.ways[i]);
  return 0;
}
