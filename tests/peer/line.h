/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/base/types.h"
#include "src/kiosk/config.h"

G_BEGIN_DECLS

/* This end's way to the server, signed in: as a kiosk (kiosk-line.c, with the kiosk's own code) or as a lawyer
 * (lawyer-line.c). Main thread. */
typedef struct _Line Line;

typedef struct
{
  void (*online) (gboolean resumed, gpointer user);
  void (*offline) (gpointer user);
  void (*message) (const json_t *message, gpointer user);
  void (*failed) (const char *why, gpointer user); /* for good */
} LinePort;

typedef struct
{
  const char *role; /* of the seat */
  void (*start) (Line *self);
  void (*free) (Line *self);
  gint64 (*send) (Line *self, json_t *message); /* message: (transfer none); 0: offline */
  void (*set_resume) (Line *self, const char *token);
  void (*drop) (Line *self); /* as a network would; it comes back by itself */
  const char *(*get_identity) (Line *self);
  gboolean (*sign) (Line *self, const guint8 *statement, gsize size, guint8 *signature);
  const char *(*get_device) (Line *self); /* for join; (nullable) */
} LineClass;

struct _Line
{
  const LineClass *class;
  const LinePort *port;
  gpointer user;
};

Line *kiosk_line_new (
    const HjKioskConfig *config, const char *token, const LinePort *port, gpointer user);
Line *lawyer_line_new (const HjKioskConfig *config, const char *account, const char *password,
    const char *booking, const LinePort *port, gpointer user);

G_END_DECLS
