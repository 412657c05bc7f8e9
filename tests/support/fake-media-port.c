/* SPDX-License-Identifier: Apache-2.0 */
/* HjMediaPort for tests. */

#include "tests/support/fake-media-port.h"

static void note (HjMediaPort *port, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
note (HjMediaPort *port, const char *format, ...)
{
  HjFakeMediaPort *self = (HjFakeMediaPort *)port;
  va_list arguments;

  va_start (arguments, format);
  g_ptr_array_add (self->asked, g_strdup_vprintf (format, arguments));
  va_end (arguments);
}

static gboolean
is_up (HjMediaPort *port)
{
  return !((HjFakeMediaPort *)port)->down;
}

static gboolean
is_at (HjMediaPort *port, const char *room, const char *node)
{
  return TRUE;
}

static void
open_room (HjMediaPort *port, const char *room)
{
  note (port, "open-room %s", room);
}

static void
add_leg (HjMediaPort *port, const char *room, const char *seat, int number, const char *offer,
    gboolean cm, HjMediaAnswered answered, gpointer user_data)
{
  HjFakeMediaPort *self = (HjFakeMediaPort *)port;

  g_assert_null (self->answered);
  note (port, "add-leg %s %s %d %s%s", room, seat, number, offer, cm ? " cm" : "");
  self->answered = answered;
  self->user_data = user_data;
}

static void
admit (HjMediaPort *port, const char *room, const GPtrArray *seats)
{
  g_autoptr (GString) line = g_string_new (NULL);

  for (guint i = 0; i < seats->len; i++)
    g_string_append_printf (line, " %s", (const char *)g_ptr_array_index (seats, i));
  note (port, "admit %s%s", room, line->str);
}

static void
remove_leg (HjMediaPort *port, const char *room, const char *seat)
{
  note (port, "remove-leg %s %s", room, seat);
}

static void
close_room (HjMediaPort *port, const char *room)
{
  note (port, "close-room %s", room);
}

static void
acknowledge (HjMediaPort *port, const char *node, gint64 n)
{
  note (port, "ack %" G_GINT64_FORMAT, n);
}

static void
welcome (HjMediaPort *port, const char *node, gint64 last_event)
{
  note (port, "welcome %" G_GINT64_FORMAT, last_event);
}

static void
hang_up (HjMediaPort *port)
{
  note (port, "hang-up");
}

/* Returns: (transfer full): it is up. */
HjFakeMediaPort *
hj_fake_media_port_new (void)
{
  static const HjMediaPortInterface INTERFACE = { .is_up = is_up,
    .is_at = is_at,
    .open_room = open_room,
    .add_leg = add_leg,
    .admit = admit,
    .remove_leg = remove_leg,
    .close_room = close_room,
    .acknowledge = acknowledge,
    .welcome = welcome,
    .hang_up = hang_up };
  HjFakeMediaPort *self = g_new0 (HjFakeMediaPort, 1);

  self->port.interface = &INTERFACE;
  self->asked = g_ptr_array_new_with_free_func (g_free);
  return self;
}

/* No offer may wait. */
void
hj_fake_media_port_free (HjFakeMediaPort *self)
{
  if (self == NULL)
    return;
  g_assert_null (self->answered);
  g_ptr_array_unref (self->asked);
  g_free (self);
}

/* How many requests read like this; a final '*' stands for any rest. */
guint
hj_fake_media_port_count (HjFakeMediaPort *self, const char *format, ...)
{
  g_autofree char *pattern = NULL;
  va_list arguments;
  guint count = 0;

  va_start (arguments, format);
  pattern = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  for (guint i = 0; i < self->asked->len; i++)
    if (g_pattern_match_simple (pattern, g_ptr_array_index (self->asked, i)))
      count++;
  return count;
}

/* The offer that waits is answered, or refused: one of the two is NULL. */
void
hj_fake_media_port_answer (HjFakeMediaPort *self, const char *answer, const char *refusal)
{
  HjMediaAnswered answered = self->answered;

  g_assert_nonnull (answered);
  self->answered = NULL;
  answered (answer, refusal, self->user_data);
}

void
hj_fake_media_port_forget (HjFakeMediaPort *self)
{
  g_ptr_array_set_size (self->asked, 0);
}
