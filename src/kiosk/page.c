/* SPDX-License-Identifier: Apache-2.0 */
/* The one page that is attached to the agent: its socket, its heartbeat (`alive` every five seconds), its manners. Emits
 * "attached" for each new page, "message" for each readable message, "lost" when it is gone or has missed three
 * heartbeats. Control thread. */

#include "src/kiosk/page.h"

#include <libsoup/soup.h>

#include "src/base/json.h"
#include "src/kiosk/relay.h"
#include "src/kiosk/session.h"

#define MAX_STRANGE 10
#define MISSED 3

enum
{
  SIGNAL_ATTACHED,
  SIGNAL_MESSAGE,
  SIGNAL_LOST,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

struct _HjPage
{
  GObject parent_instance;
  SoupWebsocketConnection *socket;
  guint heartbeat_ms;
  guint heartbeat_timer; /* runs out when MISSED heartbeats did not come */
  guint strange;
};

G_DEFINE_FINAL_TYPE (HjPage, hj_page, G_TYPE_OBJECT)

static void
let_go (HjPage *self, gushort code, const char *reason)
{
  g_clear_handle_id (&self->heartbeat_timer, g_source_remove);
  if (self->socket == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->socket, self);
  hj_websocket_close (g_steal_pointer (&self->socket), code, reason);
}

static void
lose (HjPage *self, gushort code, const char *reason)
{
  let_go (self, code, reason);
  g_signal_emit (self, signals[SIGNAL_LOST], 0, reason);
}

static gboolean
on_heartbeat_missed (gpointer data)
{
  HjPage *self = data;

  self->heartbeat_timer = 0;
  lose (self, SOUP_WEBSOCKET_CLOSE_GOING_AWAY, "no heartbeat");
  return G_SOURCE_REMOVE;
}

static void
expect_heartbeat (HjPage *self)
{
  g_clear_handle_id (&self->heartbeat_timer, g_source_remove);
  self->heartbeat_timer = g_timeout_add (MISSED * self->heartbeat_ms, on_heartbeat_missed, self);
}

static void
on_message (HjPage *self, int type, GBytes *bytes)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) message = NULL;
  gsize size = 0;
  const char *data = g_bytes_get_data (bytes, &size);

  if (type == SOUP_WEBSOCKET_DATA_TEXT)
    message = hj_json_parse (data, size, HJ_MAX_MESSAGE_BYTES, &error);
  if (message == NULL || hj_relay_verb (message) == NULL)
    hj_page_refuse (self, 0, "invalid", "读不懂这条消息 / unreadable message");
  else if (g_str_equal (hj_relay_verb (message), "alive"))
    expect_heartbeat (self);
  else
    g_signal_emit (self, signals[SIGNAL_MESSAGE], 0, message);
}

static void
on_closed (HjPage *self)
{
  lose (self, SOUP_WEBSOCKET_CLOSE_NORMAL, "closed");
}

/* Returns: (transfer full): no page is attached yet. */
HjPage *
hj_page_new (guint heartbeat_ms)
{
  HjPage *self = g_object_new (HJ_TYPE_PAGE, NULL);

  self->heartbeat_ms = heartbeat_ms;
  return self;
}

/* socket: (transfer none): of a page that passed the checks. The page before it is told that it was taken over. */
void
hj_page_take (HjPage *self, SoupWebsocketConnection *socket)
{
  let_go (self, HJ_PAGE_CLOSE_TAKEN_OVER, "taken over");
  self->socket = g_object_ref (socket);
  self->strange = 0;
  /* Without a limit libsoup 3.2 reads past its buffer (CVE-2026-0716). */
  soup_websocket_connection_set_max_incoming_payload_size (socket, HJ_MAX_MESSAGE_BYTES);
  g_signal_connect_swapped (socket, "message", G_CALLBACK (on_message), self);
  g_signal_connect_swapped (socket, "closed", G_CALLBACK (on_closed), self);
  expect_heartbeat (self);
  g_signal_emit (self, signals[SIGNAL_ATTACHED], 0);
}

gboolean
hj_page_is_alive (HjPage *self)
{
  return self->socket != NULL;
}

/* Does nothing when no page is attached: a page that comes later is told the present state. */
void
hj_page_send (HjPage *self, const json_t *message)
{
  g_autofree char *text = NULL;

  if (self->socket == NULL
      || soup_websocket_connection_get_state (self->socket) != SOUP_WEBSOCKET_STATE_OPEN)
    return;
  text = hj_json_dump (message);
  soup_websocket_connection_send_text (self->socket, text);
}

/* id: of the refused message, 0 when it had none. Ten refusals close the socket: such a page is broken or hostile. */
void
hj_page_refuse (HjPage *self, gint64 id, const char *code, const char *title)
{
  g_autoptr (json_t) error
      = json_pack ("{s:s, s:s, s:s}", "verb", "error", "code", code, "title", title);

  if (id != 0)
    json_object_set_new (error, "re", json_integer (id));
  hj_page_send (self, error);
  if (++self->strange >= MAX_STRANGE)
    lose (self, HJ_PAGE_CLOSE_STRANGE, "too many refused messages");
}

static void
hj_page_dispose (GObject *object)
{
  let_go (HJ_PAGE (object), SOUP_WEBSOCKET_CLOSE_GOING_AWAY, "agent stops");
  G_OBJECT_CLASS (hj_page_parent_class)->dispose (object);
}

static void
hj_page_class_init (HjPageClass *class)
{
  G_OBJECT_CLASS (class)->dispose = hj_page_dispose;
  signals[SIGNAL_ATTACHED] = g_signal_new (
      "attached", HJ_TYPE_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_MESSAGE] = g_signal_new ("message", HJ_TYPE_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
      NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
  signals[SIGNAL_LOST] = g_signal_new (
      "lost", HJ_TYPE_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
hj_page_init (HjPage *self)
{
}
