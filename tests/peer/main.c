/* SPDX-License-Identifier: Apache-2.0 */
/* huijian-peer, an end for tests that is no browser: the native twin of the pages, written from docs/e2ee.md and
 * docs/protocol.md.
 *
 *   huijian-peer kiosk  --server URL --ca FILE --state FOLDER [--token TOKEN]
 *   huijian-peer lawyer --server URL --ca FILE --state FOLDER --account NAME --password TEXT --booking ID
 *
 * It takes its seat by itself, sends a test picture and a tone, and ends when standard input ends. Commands, one JSON
 * object a line: {"do":"leave"} {"do":"join"} (again) {"do":"end","reason"} {"do":"judge","result":"same"|"different"}
 * {"do":"offer"} (media anew) {"do":"drop"} (the socket) {"do":"quit"}.
 *
 * Events on standard output, one a line, {"event":…}: enrolled {kiosk, fingerprint, identity}, line {state}, online
 * {resumed}, offline, assign {assignment}, seated {meeting, seat, number}, roster {seats}, answered, admitted,
 * epoch {epoch, suite, code, seats}, gone {number}, alone, stopped {why}, key-refused {why, from}, verified, quiet,
 * notice {kind}, left, ended {reason, by}, error {code}, refused {why} (a command), failed {why}, and twice a second
 * media {sealing_epoch, sent: {audio, video: {sealed, dropped}}, tracks: [{number, kind, frames: {ok, and why not others},
 * pictures, width, height, y, u, v (average colour), motion, samples, loudness, hz}]}. */

#include <glib-unix.h>
#include <gst/gst.h>

#include "media/frames/frameelements.h"
#include "src/base/json.h"
#include "tests/peer/end.h"
#include "tests/peer/talk.h"

typedef struct
{
  char *server;
  char *ca;
  char *state;
  char *token;
  char *account;
  char *password;
  char *booking;
  char *pattern;
  char *dump;
  EndStyle style;
  GMainLoop *loop;
  End *end;
} Program;

static void
on_command (const json_t *command, gpointer user)
{
  Program *self = user;
  const char *what = json_string_value (json_object_get (command, "do"));

  if (command == NULL || g_strcmp0 (what, "quit") == 0)
    g_main_loop_quit (self->loop);
  else
    end_obey (self->end, command);
}

static gboolean
on_signal (gpointer data)
{
  g_main_loop_quit (((Program *)data)->loop);
  return G_SOURCE_CONTINUE;
}

static int
fail (const char *why)
{
  talk_say (json_pack ("{s:s, s:s}", "event", "failed", "why", why));
  return 1;
}

static HjKioskConfig *
make_config (const Program *self, GError **error)
{
  g_autofree char *text
      = g_strdup_printf ("[kiosk]\nserver=%s\nca_file=%s\nstate_dir=%s\npage_dir=%s\nlocale=en\n",
          self->server, self->ca != NULL ? self->ca : "", self->state, self->state);
  g_autofree char *folder = g_get_current_dir ();

  return hj_kiosk_config_parse (text, folder, error);
}

static Line *
make_line (const Program *self, const char *role, const HjKioskConfig *config)
{
  if (g_str_equal (role, "lawyer") && self->account != NULL && self->password != NULL
      && self->style.booking != NULL)
    return lawyer_line_new (
        config, self->account, self->password, self->style.booking, &END_PORT, self->end);
  if (g_str_equal (role, "kiosk") && self->style.booking == NULL)
    return kiosk_line_new (config, self->token, &END_PORT, self->end);
  return NULL;
}

static int
run (Program *self, const char *role)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HjKioskConfig) config = make_config (self, &error);
  Line *line = NULL;
  Talk *talk = NULL;

  if (config == NULL)
    return fail (error->message);
  self->end = end_new (&self->style);
  line = make_line (self, role, config);
  if (line == NULL)
    return fail ("kiosk, or lawyer with --account, --password and --booking");
  self->loop = g_main_loop_new (NULL, FALSE);
  talk = talk_new (on_command, self);
  g_unix_signal_add (SIGTERM, on_signal, self);
  g_unix_signal_add (SIGINT, on_signal, self);
  end_set_line (self->end, line);
  g_main_loop_run (self->loop);
  end_free (self->end);
  talk_free (talk);
  g_main_loop_unref (self->loop);
  return 0;
}

static void
program_clear (Program *self)
{
  char *texts[] = { self->server, self->ca, self->state, self->token, self->account, self->password,
    self->booking, self->pattern, self->dump };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    g_free (texts[i]);
}

int
main (int argc, char **argv)
{
  Program self = {
    .style = { .report_ms = 500,
        .call = { .tone_hz = 1000, .width = 320, .height = 240, .frame_rate = 15, .kbits = 500 } }
  };
  EndStyle *style = &self.style;
  const GOptionEntry entries[] = {
    { "server", 0, 0, G_OPTION_ARG_STRING, &self.server, "https://host[:port]", "URL" },
    { "ca", 0, 0, G_OPTION_ARG_FILENAME, &self.ca, "The only CA that is trusted", "FILE" },
    { "state", 0, 0, G_OPTION_ARG_FILENAME, &self.state, "Device key and enrolment", "FOLDER" },
    { "token", 0, 0, G_OPTION_ARG_STRING, &self.token, "Of the enrolment", "TOKEN" },
    { "account", 0, 0, G_OPTION_ARG_STRING, &self.account, "A lawyer's", "NAME" },
    { "password", 0, 0, G_OPTION_ARG_STRING, &self.password, "Of the account", "TEXT" },
    { "booking", 0, 0, G_OPTION_ARG_STRING, &self.booking, "That the lawyer joins", "ID" },
    { "pattern", 0, 0, G_OPTION_ARG_STRING, &self.pattern, "Of videotestsrc", "NAME" },
    { "tone-frequency", 0, 0, G_OPTION_ARG_DOUBLE, &style->call.tone_hz, "Of the tone", "HZ" },
    { "width", 0, 0, G_OPTION_ARG_INT, &style->call.width, "Of the picture", "PIXELS" },
    { "height", 0, 0, G_OPTION_ARG_INT, &style->call.height, "Of the picture", "PIXELS" },
    { "frame-rate", 0, 0, G_OPTION_ARG_INT, &style->call.frame_rate, "Of the picture", "HZ" },
    { "kbits", 0, 0, G_OPTION_ARG_INT, &style->call.kbits, "Of the picture, a second", "KBIT" },
    { "report", 0, 0, G_OPTION_ARG_INT, &style->report_ms, "Between media events", "MS" },
    { "dump", 0, 0, G_OPTION_ARG_FILENAME, &self.dump, "Keys and plain frames", "FOLDER" },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) options = g_option_context_new ("kiosk | lawyer");
  g_autoptr (GError) error = NULL;
  int result = 0;

  g_option_context_add_main_entries (options, entries, NULL);
  if (!g_option_context_parse (options, &argc, &argv, &error))
    return fail (error->message);
  if (argc != 2 || self.server == NULL || self.state == NULL)
    return fail ("kiosk or lawyer, --server and --state are needed");
  style->booking = self.booking;
  style->dump = self.dump;
  style->call.pattern = self.pattern != NULL ? self.pattern : "smpte75";
  gst_init (NULL, NULL);
  hj_frame_elements_register (NULL);
  result = run (&self, argv[1]);
  program_clear (&self);
  return result;
}
