/* SPDX-License-Identifier: Apache-2.0 */
/* This end as a kiosk: enrolment, device key and uplink are those of huijian-kiosk. Main thread. docs/protocol.md 1. */

#include "tests/peer/line.h"

#include <string.h>

#include "src/base/ids.h"
#include "src/base/json.h"
#include "src/kiosk/uplink.h"
#include "tests/peer/agreement.h"
#include "tests/peer/talk.h"

typedef struct
{
  Line base;
  const HjKioskConfig *config; /* not owned: main's */
  char *token;                 /* of the enrolment, (nullable) */
  HjEnrolment *enrolment;
  HjDeviceKey *key;
  char *public_key;
  HjUplink *uplink;
  gboolean online;
} KioskLine;

static void
on_changed (KioskLine *self)
{
  HjUplinkState state = hj_uplink_get_state (self->uplink);

  if (state == HJ_UPLINK_ONLINE)
    {
      self->online = TRUE;
      self->base.port->online (hj_uplink_get_resumed (self->uplink), self->base.user);
      return;
    }
  if (self->online)
    self->base.port->offline (self->base.user);
  self->online = FALSE;
  talk_say (json_pack ("{s:s, s:s}", "event", "line", "state", hj_uplink_state_word (state)));
}

static void
on_message (KioskLine *self, const json_t *message)
{
  self->base.port->message (message, self->base.user);
}

static gboolean
connect_enrolled (KioskLine *self, GError **error)
{
  g_autofree char *path = hj_kiosk_config_state_path (self->config, "device.pem");

  self->enrolment = hj_enrolment_load (self->config, error);
  if (self->enrolment == NULL || (self->key = hj_device_key_open (path, error)) == NULL)
    return FALSE;
  self->public_key = hj_device_key_public (self->key);
  self->uplink = hj_uplink_new (self->config, self->enrolment, self->key, error);
  if (self->uplink == NULL)
    return FALSE;
  g_signal_connect_swapped (self->uplink, "changed", G_CALLBACK (on_changed), self);
  g_signal_connect_swapped (self->uplink, "message", G_CALLBACK (on_message), self);
  hj_uplink_start (self->uplink);
  return TRUE;
}

static void
connect_or_fail (KioskLine *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *fingerprint = NULL;

  if (!connect_enrolled (self, &error))
    {
      self->base.port->failed (error->message, self->base.user);
      return;
    }
  fingerprint = hj_device_key_fingerprint (self->key);
  talk_say (json_pack ("{s:s, s:s, s:s, s:s}", "event", "enrolled", "kiosk",
      hj_enrolment_get_kiosk (self->enrolment), "fingerprint", fingerprint, "identity",
      self->public_key));
}

static void
on_enrolled (GObject *source, GAsyncResult *result, gpointer data)
{
  KioskLine *self = data;
  g_autoptr (GError) error = NULL;

  if (hj_enrol_finish (result, &error))
    connect_or_fail (self);
  else
    self->base.port->failed (error->message, self->base.user);
}

static void
start (Line *line)
{
  KioskLine *self = (KioskLine *)line;
  g_autofree char *path = hj_kiosk_config_state_path (self->config, "enrolment.json");

  if (self->token == NULL || g_file_test (path, G_FILE_TEST_EXISTS))
    connect_or_fail (self);
  else
    hj_enrol_async (self->config, self->token, NULL, on_enrolled, self);
}

static void
line_free (Line *line)
{
  KioskLine *self = (KioskLine *)line;

  if (self->uplink != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->uplink, self);
      hj_uplink_stop (self->uplink);
      g_object_unref (self->uplink);
    }
  hj_device_key_free (self->key);
  hj_enrolment_free (self->enrolment);
  g_free (self->public_key);
  g_free (self->token);
  g_free (self);
}

static gint64
send (Line *line, json_t *message)
{
  return hj_uplink_send (((KioskLine *)line)->uplink, message);
}

static void
set_resume (Line *line, const char *token)
{
  hj_uplink_set_resume (((KioskLine *)line)->uplink, token);
}

static void
drop (Line *line)
{
  KioskLine *self = (KioskLine *)line;

  hj_uplink_stop (self->uplink);
  hj_uplink_start (self->uplink);
}

static const char *
get_identity (Line *line)
{
  return ((KioskLine *)line)->public_key;
}

/* The kiosk's key signs reveals alone, and so does this one. */
static gboolean
sign (Line *line, const guint8 *statement, gsize size, guint8 *signature)
{
  KioskLine *self = (KioskLine *)line;
  g_autofree char *text = hj_device_key_sign_reveal (self->key, statement, size);
  gsize raw_size = 0;
  g_autofree guint8 *raw = text != NULL ? hj_base64url_decode (text, &raw_size) : NULL;

  if (raw == NULL || raw_size != HJ_AGREEMENT_SIGNATURE_SIZE)
    return FALSE;
  memcpy (signature, raw, raw_size);
  return TRUE;
}

static const char *
get_device (Line *line)
{
  return NULL;
}

static const LineClass CLASS
    = { "kiosk", start, line_free, send, set_resume, drop, get_identity, sign, get_device };

/* config: (transfer none): must outlive it. token: (nullable): enrols first, unless it has. Returns: (transfer full) */
Line *
kiosk_line_new (const HjKioskConfig *config, const char *token, const LinePort *port, gpointer user)
{
  KioskLine *self = g_new0 (KioskLine, 1);

  self->base = (Line){ &CLASS, port, user };
  self->config = config;
  self->token = g_strdup (token);
  return &self->base;
}
