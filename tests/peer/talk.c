/* SPDX-License-Identifier: Apache-2.0 */
/* Commands in, events out: JSON lines on standard input and output. Main thread. */

#include "tests/peer/talk.h"

#include <gio/gio.h>
#include <gio/gunixinputstream.h>
#include <stdio.h>
#include <unistd.h>

#include "src/base/json.h"

#define MAX_COMMAND 4096

struct _Talk
{
  TalkCommand take;
  gpointer user;
  GDataInputStream *lines;
  GCancellable *reading;
};

static void read_line (Talk *self);

static void
on_line (GObject *source, GAsyncResult *result, gpointer data)
{
  Talk *self = data;
  g_autoptr (GError) error = NULL;
  gsize size = 0;
  g_autofree char *line
      = g_data_input_stream_read_line_finish (G_DATA_INPUT_STREAM (source), result, &size, &error);
  g_autoptr (json_t) command = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (line == NULL)
    {
      self->take (NULL, self->user);
      return;
    }
  command = hj_json_parse (line, size, MAX_COMMAND, NULL);
  if (command == NULL)
    talk_say (json_pack ("{s:s, s:s}", "event", "refused", "why", "the command is no JSON object"));
  else
    self->take (command, self->user);
  read_line (self);
}

static void
read_line (Talk *self)
{
  g_data_input_stream_read_line_async (
      self->lines, G_PRIORITY_DEFAULT, self->reading, on_line, self);
}

/* Returns: (transfer full): reads from now on. */
Talk *
talk_new (TalkCommand take, gpointer user)
{
  Talk *self = g_new0 (Talk, 1);
  g_autoptr (GInputStream) in = g_unix_input_stream_new (STDIN_FILENO, FALSE);

  self->take = take;
  self->user = user;
  self->reading = g_cancellable_new ();
  self->lines = g_data_input_stream_new (in);
  read_line (self);
  return self;
}

void
talk_free (Talk *self)
{
  if (self == NULL)
    return;
  g_cancellable_cancel (self->reading);
  while (g_input_stream_has_pending (G_INPUT_STREAM (self->lines)))
    g_main_context_iteration (NULL, TRUE);
  g_object_unref (self->lines);
  g_object_unref (self->reading);
  g_free (self);
}

/* event: (transfer full) */
void
talk_say (json_t *event)
{
  g_assert (event != NULL);
  json_dumpf (event, stdout, JSON_COMPACT);
  putchar ('\n');
  fflush (stdout);
  json_decref (event);
}

void
talk_say_word (const char *event)
{
  talk_say (json_pack ("{s:s}", "event", event));
}
