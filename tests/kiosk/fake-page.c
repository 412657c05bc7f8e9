/* SPDX-License-Identifier: Apache-2.0 */
/* A page without a browser: opens the agent's socket with any Origin, Host and token. */

#include "tests/kiosk/fake-page.h"

#include <string.h>

#include "tests/kiosk/fake-server.h"

/* token: NULL for the one in the address. Returns: (transfer full). */
char *
fake_page_agent_url (const char *page_url, const char *token)
{
  g_autofree char *origin = fake_page_origin (page_url);
  const char *own = strstr (page_url, "token=") + strlen ("token=");

  return g_strdup_printf ("%s/agent?token=%s", origin, token != NULL ? token : own);
}

/* Returns: (transfer full). */
char *
fake_page_origin (const char *page_url)
{
  return g_strndup (page_url, (gsize)(strstr (page_url, "/?") - page_url));
}

static void
on_message (FakePage *self, int type, GBytes *bytes, SoupWebsocketConnection *socket)
{
  gsize size = 0;
  const char *data = g_bytes_get_data (bytes, &size);

  g_queue_push_tail (&self->got, json_loadb (data, size, 0, NULL));
}

static void
on_closed (FakePage *self, SoupWebsocketConnection *socket)
{
  self->close_code = soup_websocket_connection_get_close_code (socket);
  g_clear_object (&self->socket);
}

static void
on_upgraded (GObject *source, GAsyncResult *result, gpointer data)
{
  FakePage *self = data;

  self->settled = TRUE;
  self->socket = soup_session_websocket_connect_finish (SOUP_SESSION (source), result, NULL);
  if (self->socket == NULL)
    return;
  g_signal_connect_swapped (self->socket, "message", G_CALLBACK (on_message), self);
  g_signal_connect_swapped (self->socket, "closed", G_CALLBACK (on_closed), self);
}

/* origin, host: (nullable): as they are to stand in the request. Returns: (transfer full): see its socket and status. */
FakePage *
fake_page_try (const char *url, const char *origin, const char *host)
{
  FakePage *self = g_new0 (FakePage, 1);
  g_autofree char *ws_url = g_strconcat ("ws", url + strlen ("http"), NULL);
  g_autoptr (SoupMessage) message = soup_message_new (SOUP_METHOD_GET, ws_url);

  self->session = soup_session_new ();
  if (host != NULL)
    soup_message_headers_replace (soup_message_get_request_headers (message), "Host", host);
  soup_session_websocket_connect_async (
      self->session, message, origin, NULL, G_PRIORITY_DEFAULT, NULL, on_upgraded, self);
  AWAIT (self->settled);
  self->status = soup_message_get_status (message);
  return self;
}

/* Returns: (transfer full): a page as the browser opens it. */
FakePage *
fake_page_open (const char *page_url)
{
  g_autofree char *url = fake_page_agent_url (page_url, NULL);
  g_autofree char *origin = fake_page_origin (page_url);
  FakePage *self = fake_page_try (url, origin, NULL);

  g_assert_nonnull (self->socket);
  return self;
}

void
fake_page_free (FakePage *self)
{
  if (self == NULL)
    return;
  if (self->socket != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->socket, self);
      g_io_stream_close (soup_websocket_connection_get_io_stream (self->socket), NULL, NULL);
      g_object_unref (self->socket);
    }
  g_object_unref (self->session);
  g_queue_clear_full (&self->got, (GDestroyNotify)json_decref);
  g_free (self);
}

void
fake_page_send (FakePage *self, const char *text)
{
  soup_websocket_connection_send_text (self->socket, text);
}

/* Waits for the next message of that verb and drops those before it. Returns: (transfer full). */
json_t *
fake_page_next (FakePage *self, const char *verb)
{
  for (;;)
    {
      json_t *message = NULL;

      AWAIT (!g_queue_is_empty (&self->got));
      message = g_queue_pop_head (&self->got);
      if (g_strcmp0 (json_string_value (json_object_get (message, "verb")), verb) == 0)
        return message;
      json_decref (message);
    }
}
