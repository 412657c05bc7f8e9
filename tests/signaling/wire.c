/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes of HTTP and WebSocket by hand, so that nothing polite stands between a test and the server. */

#include "tests/signaling/wire.h"

#include <gio/gunixsocketaddress.h>
#include <stdlib.h>
#include <string.h>

static gboolean
readable (GSocket *socket, GIOCondition condition, gpointer data)
{
  Wire *self = data;
  char bytes[65536];
  gssize size = g_socket_receive (socket, bytes, sizeof bytes, NULL, NULL);

  if (size > 0)
    g_byte_array_append (self->in, (const guint8 *)bytes, (guint)size);
  else if (size == 0 || (condition & (G_IO_HUP | G_IO_ERR)) != 0)
    self->closed = TRUE;
  return self->closed ? G_SOURCE_REMOVE : G_SOURCE_CONTINUE;
}

/* Returns: (transfer full): connected. */
Wire *
wire_new (const char *path)
{
  Wire *self = g_new0 (Wire, 1);
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);
  g_autoptr (GError) error = NULL;

  self->in = g_byte_array_sized_new (65536);
  self->socket = g_socket_new (
      G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, &error);
  g_assert_no_error (error);
  g_socket_connect (self->socket, address, NULL, &error);
  g_assert_no_error (error);
  g_socket_set_blocking (self->socket, FALSE);
  self->source = g_socket_create_source (self->socket, G_IO_IN | G_IO_HUP, NULL);
  g_source_set_callback (self->source, G_SOURCE_FUNC (readable), self, NULL);
  g_source_attach (self->source, NULL);
  return self;
}

void
wire_free (Wire *self)
{
  if (self == NULL)
    return;
  g_source_destroy (self->source);
  g_source_unref (self->source);
  g_object_unref (self->socket);
  g_byte_array_unref (self->in);
  g_free (self);
}

/* What does not fit into the socket's buffer is written while the context runs, until the other side hangs up. */
void
wire_write (Wire *self, const char *data, gsize size)
{
  while (size > 0 && !self->closed)
    {
      gssize written = g_socket_send (self->socket, data, size, NULL, NULL);

      if (written > 0)
        {
          data += written;
          size -= (gsize)written;
        }
      else
        g_main_context_iteration (NULL, TRUE);
    }
}

static gboolean
has_head (const Wire *self)
{
  return self->closed
         || g_strstr_len ((const char *)self->in->data, self->in->len, "\r\n\r\n") != NULL;
}

/* Waits for the head of an HTTP answer and takes it. Returns: its status, 0 when the other side hung up without. */
int
wire_read_status (Wire *self)
{
  const char *end;
  int status;

  HJ_WAIT_UNTIL (has_head (self));
  end = g_strstr_len ((const char *)self->in->data, self->in->len, "\r\n\r\n");
  if (end == NULL)
    return 0;
  status = atoi ((const char *)self->in->data + strlen ("HTTP/1.1 "));
  g_byte_array_remove_range (self->in, 0, (guint)(end + 4 - (const char *)self->in->data));
  return status;
}

/* origin, protocol: (nullable): without. Returns: as wire_read_status(). */
int
wire_handshake (
    Wire *self, const char *path, const char *host, const char *origin, const char *protocol)
{
  g_autoptr (GString) head = g_string_new (NULL);

  g_string_printf (head,
      "GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
      path, host);
  if (origin != NULL)
    g_string_append_printf (head, "Origin: %s\r\n", origin);
  if (protocol != NULL)
    g_string_append_printf (head, "Sec-WebSocket-Protocol: %s\r\n", protocol);
  g_string_append (head, "\r\n");
  wire_write (self, head->str, head->len);
  return wire_read_status (self);
}

/* One frame, masked as a client's must be. */
void
wire_send (Wire *self, gboolean fin, int opcode, const char *data, gsize size)
{
  static const guint8 MASK[] = { 0x12, 0x34, 0x56, 0x78 };
  g_autoptr (GByteArray) frame = g_byte_array_new ();
  guint8 head[10] = { (guint8)((fin ? 0x80 : 0) | opcode) };
  gsize head_size = 2;

  if (size < 126)
    head[1] = (guint8)(0x80 | size);
  else
    {
      guint64 length = GUINT64_TO_BE ((guint64)size);

      head[1] = 0x80 | 127;
      memcpy (head + 2, &length, sizeof length);
      head_size = 10;
    }
  g_byte_array_append (frame, head, (guint)head_size);
  g_byte_array_append (frame, MASK, sizeof MASK);
  for (gsize i = 0; i < size; i++)
    {
      guint8 byte = (guint8)data[i] ^ MASK[i % 4];

      g_byte_array_append (frame, &byte, 1);
    }
  wire_write (self, (const char *)frame->data, frame->len);
}

/* Returns: the size of the frame that is there whole, 0 when there is none yet. */
static gsize
frame_size (const Wire *self, gsize *ret_head)
{
  const guint8 *in = self->in->data;
  gsize size;

  if (self->in->len < 4)
    return self->in->len >= 2 && (in[1] & 0x7f) + 2 <= (int)self->in->len ? (*ret_head = 2) + in[1]
                                                                          : 0;
  size = in[1] & 0x7f;
  *ret_head = 2;
  if (size == 126)
    {
      size = (gsize)in[2] << 8 | in[3];
      *ret_head = 4;
    }
  g_assert_cmpuint (size, <, 65536);
  return self->in->len >= *ret_head + size ? *ret_head + size : 0;
}

/* Waits for a frame. ret_payload: (out) (transfer full): with a final NUL. Returns: its opcode, -1 when the other side hung up. */
int
wire_receive (Wire *self, char **ret_payload)
{
  gsize head = 0;
  gsize size;
  int opcode;

  *ret_payload = NULL;
  HJ_WAIT_UNTIL (frame_size (self, &head) > 0 || self->closed);
  size = frame_size (self, &head);
  if (size == 0)
    return -1;
  opcode = self->in->data[0] & 0x0f;
  *ret_payload = g_strndup ((const char *)self->in->data + head, size - head);
  g_byte_array_remove_range (self->in, 0, (guint)size);
  return opcode;
}

/* Waits until the other side closes, and closes too. Returns: its close code, 0 when it hung up without one. */
int
wire_receive_close (Wire *self)
{
  for (;;)
    {
      g_autofree char *payload = NULL;
      int opcode = wire_receive (self, &payload);

      if (opcode == -1)
        return 0;
      if (opcode != WIRE_CLOSE)
        continue;
      wire_send (self, TRUE, WIRE_CLOSE, payload, 2);
      return (guint8)payload[0] << 8 | (guint8)payload[1];
    }
}
