/* SPDX-License-Identifier: Apache-2.0 */
/* An end between the server and whoever commands it: takes the seat that is there for it, answers what the server says,
 * does what it is told. Main thread. docs/protocol.md section 1. */

#include "tests/peer/end-private.h"

#include <string.h>

#include "tests/peer/talk.h"

#define JOIN_AGAIN_MS 1000

static void consider_join (End *self);

/* message: (transfer full). Returns: its id, 0 when offline */
gint64
end_ask (End *self, json_t *message)
{
  gint64 id = self->line->class->send (self->line, message);

  json_decref (message);
  return id;
}

static gboolean
on_join_again (gpointer data)
{
  End *self = data;

  self->join_timer = 0;
  consider_join (self);
  return G_SOURCE_REMOVE;
}

static void
consider_join (End *self)
{
  const char *device = self->line->class->get_device (self->line);
  json_t *message = NULL;

  if (self->booking == NULL || self->seat != NULL || self->join_id != 0 || self->join_timer != 0
      || g_strcmp0 (self->booking, self->finished) == 0)
    return;
  message = json_pack ("{s:s, s:s}", "verb", "join", "booking", self->booking);
  if (device != NULL)
    json_object_set_new (message, "device", json_string (device));
  self->join_id = end_ask (self, message);
}

static void
finish (End *self)
{
  g_free (self->finished);
  self->finished = g_strdup (self->booking);
  self->line->class->set_resume (self->line, NULL);
  end_leave_seat (self);
}

/* {assignment}: a kiosk joins once the desk has checked the client in. */
static void
take_assignment (End *self, const json_t *message)
{
  const json_t *assignment = json_object_get (message, "assignment");

  if (self->style.booking != NULL)
    return;
  g_clear_pointer (&self->booking, g_free);
  if (json_is_true (json_object_get (assignment, "checked_in")))
    self->booking = g_strdup (json_string_value (json_object_get (assignment, "booking")));
  talk_say (json_pack ("{s:s, s:O}", "event", "assign", "assignment",
      assignment != NULL ? (json_t *)assignment : json_null ()));
  consider_join (self);
}

static void
take_join (End *self, const json_t *message)
{
  self->join_id = 0;
  end_take_seat (self, message);
}

static void
take_answer (End *self, const json_t *message)
{
  const char *sdp = json_string_value (json_object_get (message, "sdp"));

  if (self->call == NULL || sdp == NULL
      || json_integer_value (json_object_get (message, "re")) != self->offer_id)
    return;
  call_answer (self->call, sdp);
  talk_say_word ("answered");
}

static void
take_admit (End *self, const json_t *message)
{
  talk_say_word ("admitted");
}

static void
take_notice (End *self, const json_t *message)
{
  const char *kind = json_string_value (json_object_get (message, "kind"));

  talk_say (json_pack ("{s:s, s:s?}", "event", "notice", "kind", kind));
  if (g_strcmp0 (kind, "media-lost") == 0)
    end_start_call (self);
}

static void
take_leave (End *self, const json_t *message)
{
  finish (self);
  talk_say_word ("left");
}

static void
take_end (End *self, const json_t *message)
{
  talk_say (json_pack ("{s:s, s:O, s:O}", "event", "ended", "reason",
      json_object_get (message, "reason"), "by", json_object_get (message, "by")));
  finish (self);
}

static void
take_verify (End *self, const json_t *message)
{
  talk_say_word ("verified");
}

static void
take_error (End *self, const json_t *message)
{
  gint64 re = json_integer_value (json_object_get (message, "re"));

  talk_say (json_pack ("{s:s, s:s?}", "event", "error", "code",
      json_string_value (json_object_get (message, "code"))));
  if (re == 0 || re != self->join_id)
    return;
  self->join_id = 0;
  self->join_timer = g_timeout_add (JOIN_AGAIN_MS, on_join_again, self);
}

static const struct
{
  const char *verb;
  gboolean in_seat; /* means something there alone */
  void (*take) (End *self, const json_t *message);
} VERBS[] = {
  { "assign", FALSE, take_assignment },
  { "join", FALSE, take_join },
  { "seats", TRUE, end_take_roster },
  { "answer", TRUE, take_answer },
  { "admit", TRUE, take_admit },
  { "key", TRUE, end_take_key },
  { "verify", TRUE, take_verify },
  { "notice", TRUE, take_notice },
  { "leave", TRUE, take_leave },
  { "end", TRUE, take_end },
  { "error", FALSE, take_error },
};

static void
on_message (const json_t *message, gpointer user)
{
  End *self = user;
  const char *verb = json_string_value (json_object_get (message, "verb"));

  for (guint i = 0; verb != NULL && i < G_N_ELEMENTS (VERBS); i++)
    if (g_str_equal (VERBS[i].verb, verb) && (!VERBS[i].in_seat || self->seat != NULL))
      VERBS[i].take (self, message);
}

static void
on_online (gboolean resumed, gpointer user)
{
  End *self = user;

  talk_say (json_pack ("{s:s, s:b}", "event", "online", "resumed", resumed));
  self->join_id = 0;
  if (resumed)
    return;
  end_leave_seat (self);
  consider_join (self);
}

static void
on_offline (gpointer user)
{
  End *self = user;

  self->join_id = 0;
  g_clear_handle_id (&self->join_timer, g_source_remove);
  talk_say_word ("offline");
}

static void
on_failed (const char *why, gpointer user)
{
  talk_say (json_pack ("{s:s, s:s}", "event", "failed", "why", why));
}

const LinePort END_PORT = { on_online, on_offline, on_message, on_failed };

/* style: (transfer none): must outlive it. Returns: (transfer full) */
End *
end_new (const EndStyle *style)
{
  End *self = g_new0 (End, 1);

  self->style = *style;
  self->booking = g_strdup (style->booking);
  self->dump = dump_new (style->dump);
  return self;
}

/* line: (transfer full): begins to connect. */
void
end_set_line (End *self, Line *line)
{
  self->line = line;
  line->class->start (line);
}

void
end_free (End *self)
{
  if (self == NULL)
    return;
  g_clear_handle_id (&self->join_timer, g_source_remove);
  end_leave_seat (self);
  if (self->line != NULL)
    self->line->class->free (self->line);
  dump_free (self->dump);
  g_free (self->booking);
  g_free (self->finished);
  g_free (self);
}

static gboolean
obey_in_seat (End *self, const char *what, const json_t *command)
{
  const char *result = json_string_value (json_object_get (command, "result"));
  const char *reason = json_string_value (json_object_get (command, "reason"));

  if (g_str_equal (what, "leave"))
    end_ask (self, json_pack ("{s:s}", "verb", "leave"));
  else if (g_str_equal (what, "end"))
    end_ask (
        self, json_pack ("{s:s, s:s}", "verb", "end", "reason", reason != NULL ? reason : "done"));
  else if (g_str_equal (what, "judge") && result != NULL)
    end_judge (self, result);
  else if (g_str_equal (what, "offer"))
    end_start_call (self);
  else
    return FALSE;
  return TRUE;
}

void
end_obey (End *self, const json_t *command)
{
  const char *what = json_string_value (json_object_get (command, "do"));

  if (what != NULL && g_str_equal (what, "drop"))
    self->line->class->drop (self->line);
  else if (what != NULL && g_str_equal (what, "join"))
    {
      g_clear_pointer (&self->finished, g_free);
      consider_join (self);
    }
  else if (what == NULL || self->seat == NULL || !obey_in_seat (self, what, command))
    talk_say (json_pack ("{s:s, s:s}", "event", "refused", "why",
        self->seat == NULL ? "no seat" : "no such command"));
}
