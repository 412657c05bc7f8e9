/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "tests/support/loop.h"

G_BEGIN_DECLS

/* A WebSocket client that may do everything wrong (RFC 6455), on a unix socket. */
typedef struct
{
  GSocket *socket;
  GSource *source;
  GByteArray *in;
  gboolean closed; /* the other side hung up */
} Wire;

#define WIRE_TEXT 1
#define WIRE_BINARY 2
#define WIRE_CLOSE 8
#define WIRE_PING 9
#define WIRE_PONG 10

Wire *wire_new (const char *path);
void wire_free (Wire *self);
void wire_write (Wire *self, const char *data, gsize size);
int wire_read_status (Wire *self);
int wire_handshake (
    Wire *self, const char *path, const char *host, const char *origin, const char *protocol);
void wire_send (Wire *self, gboolean fin, int opcode, const char *data, gsize size);
int wire_receive (Wire *self, char **ret_payload);
int wire_receive_close (Wire *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Wire, wire_free)

G_END_DECLS
