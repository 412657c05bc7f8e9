/* SPDX-License-Identifier: Apache-2.0 */
/* Enrolment, once in a kiosk's life: make the device key, show the server the one-time token and the public key, keep the
 * answer. The key is on disk before the token is spent, so that no power cut can leave an enrolled key that nobody has.
 * Control thread. docs/protocol.md section 2, POST kiosks/enrol. */

#include "src/kiosk/enrolment.h"

#include <glib/gstdio.h>
#include <string.h>

#include "src/base/json.h"
#include "src/base/log.h"
#include "src/kiosk/device-key.h"
#include "src/kiosk/error.h"
#include "src/kiosk/session.h"

#define TIMEOUT_S 20

typedef struct
{
  const HjKioskConfig *config; /* not owned: the caller keeps it until the end */
  SoupSession *session;
  SoupMessage *message;
  char answer[HJ_MAX_MESSAGE_BYTES + 1]; /* one more than allowed, to see that there is more */
} Enrol;

static void
enrol_free (gpointer data)
{
  Enrol *self = data;

  g_clear_object (&self->message);
  g_clear_object (&self->session);
  g_free (self);
}

/* The problem's title is in the reader's language; without one the status must do. */
static void
refused (Enrol *self, const json_t *problem, GError **error)
{
  guint status = soup_message_get_status (self->message);
  const char *title = json_string_value (json_object_get (problem, "title"));
  gboolean token = status == 401 || status == 403 || status == 404 || status == 409 || status == 410
                   || status == 422;

  if (title == NULL)
    title = soup_status_get_phrase (status);
  if (token)
    g_set_error (error, HJ_KIOSK_ERROR, HJ_KIOSK_ERROR_TOKEN,
        "the server did not take the token, which is valid once and for a few minutes (%u: %s). "
        "Ask the administrator "
        "for a new one",
        status, title);
  else if (status == 429 || status >= 500)
    g_set_error (error, HJ_KIOSK_ERROR, HJ_KIOSK_ERROR_UNREACHABLE,
        "the server cannot enrol now (%u: %s); try again", status, title);
  else
    g_set_error (error, HJ_KIOSK_ERROR, HJ_KIOSK_ERROR_ANSWER,
        "the server refused to enrol (%u: %s)", status, title);
}

static gboolean
keep_answer (Enrol *self, gsize size, GError **error)
{
  g_autofree char *path = hj_kiosk_config_state_path (self->config, "enrolment.json");
  g_autoptr (HjEnrolment) enrolment = NULL;
  g_autoptr (json_t) problem = NULL;

  if (soup_message_get_status (self->message) != SOUP_STATUS_CREATED)
    {
      problem = hj_json_parse (self->answer, size, HJ_MAX_MESSAGE_BYTES, NULL);
      refused (self, problem, error);
      return FALSE;
    }
  enrolment = hj_enrolment_parse (self->answer, size, error);
  if (enrolment == NULL)
    {
      g_prefix_error (error, "the server's answer to enrolment is damaged: ");
      return FALSE;
    }
  if (!g_file_set_contents_full (path, self->answer, (gssize)size,
          G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600, error))
    return FALSE;
  hj_event ("kiosk.enrolled", NULL, hj_enrolment_get_kiosk (enrolment),
      "the server knows this kiosk now");
  return TRUE;
}

static void
answer_read (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  Enrol *self = g_task_get_task_data (task);
  g_autoptr (GError) problem = NULL;
  GError *error = NULL;
  gsize size = 0;

  if (!g_input_stream_read_all_finish (G_INPUT_STREAM (source), result, &size, &problem))
    hj_server_session_explain (self->config, problem, &error);
  else if (keep_answer (self, size, &error))
    {
      g_task_return_boolean (task, TRUE);
      return;
    }
  g_task_return_error (task, error);
}

static void
answered (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  Enrol *self = g_task_get_task_data (task);
  g_autoptr (GError) problem = NULL;
  g_autoptr (GInputStream) body
      = soup_session_send_finish (SOUP_SESSION (source), result, &problem);
  GCancellable *cancellable = NULL;
  GError *error = NULL;

  if (body == NULL)
    {
      hj_server_session_explain (self->config, problem, &error);
      g_task_return_error (task, error);
      return;
    }
  cancellable = g_task_get_cancellable (task);
  g_input_stream_read_all_async (body, self->answer, sizeof self->answer, G_PRIORITY_DEFAULT,
      cancellable, answer_read, g_steal_pointer (&task));
}

/* A key left by an enrolment that failed is used again: the server has not seen it, or has it for another token. */
static HjDeviceKey *
prepare_key (const HjKioskConfig *config, GError **error)
{
  g_autofree char *enrolment = hj_kiosk_config_state_path (config, "enrolment.json");
  g_autofree char *path = hj_kiosk_config_state_path (config, "device.pem");

  if (g_file_test (enrolment, G_FILE_TEST_EXISTS))
    {
      g_set_error (error, HJ_KIOSK_ERROR, HJ_KIOSK_ERROR_ENROLLED,
          "this kiosk is enrolled already; nothing was changed (to enrol it anew, retire it on the "
          "server and move %s "
          "and %s away)",
          enrolment, path);
      return NULL;
    }
  if (g_mkdir_with_parents (config->state_dir, 0700) != 0)
    {
      g_set_error (error, HJ_KIOSK_ERROR, HJ_KIOSK_ERROR_CONFIG, "state_dir %s: %s",
          config->state_dir, g_strerror (errno));
      return NULL;
    }
  return g_file_test (path, G_FILE_TEST_EXISTS) ? hj_device_key_open (path, error)
                                                : hj_device_key_create (path, error);
}

static SoupMessage *
build_request (const HjKioskConfig *config, const HjDeviceKey *key, const char *token)
{
  g_autofree char *url = g_strconcat (config->server, "/api/kiosks/enrol", NULL);
  g_autofree char *public_key = hj_device_key_public (key);
  g_autoptr (json_t) body = json_pack ("{s:s, s:s}", "token", token, "public_key", public_key);
  g_autofree char *text = hj_json_dump (body);
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  SoupMessage *message = soup_message_new (SOUP_METHOD_POST, url);
  SoupMessageHeaders *headers = soup_message_get_request_headers (message);

  soup_message_headers_replace (headers, "X-Huijian", "1");
  soup_message_headers_replace (headers, "Origin", config->origin);
  soup_message_headers_replace (headers, "Accept-Language", config->locale);
  /* The token must not follow a redirection to a place that nobody configured. */
  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT);
  soup_message_set_request_body_from_bytes (message, "application/json", bytes);
  return message;
}

static gboolean
token_is_plain (const char *token)
{
  gsize size = strlen (token);

  for (gsize i = 0; i < size; i++)
    if (!g_ascii_isgraph (token[i]))
      return FALSE;
  return size > 0 && size <= 256;
}

/* Enrols with the one-time token; config must live until the answer. Errors: every code of HjKioskError. */
void
hj_enrol_async (const HjKioskConfig *config, const char *token, GCancellable *cancellable,
    GAsyncReadyCallback done, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, done, data);
  Enrol *self = g_new0 (Enrol, 1);
  g_autoptr (HjDeviceKey) key = NULL;
  GError *error = NULL;

  g_task_set_task_data (task, self, enrol_free);
  self->config = config;
  if (!token_is_plain (token))
    g_set_error (&error, HJ_KIOSK_ERROR, HJ_KIOSK_ERROR_TOKEN, "that is no token");
  if (error != NULL || (key = prepare_key (config, &error)) == NULL
      || (self->session = hj_server_session_new (config, &error)) == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  soup_session_set_timeout (self->session, TIMEOUT_S);
  self->message = build_request (config, key, token);
  soup_session_send_async (self->session, self->message, G_PRIORITY_DEFAULT, cancellable, answered,
      g_steal_pointer (&task));
}

gboolean
hj_enrol_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
