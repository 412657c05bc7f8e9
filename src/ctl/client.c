/* SPDX-License-Identifier: Apache-2.0 */
/* One conversation with huijiand over a unix socket: an act goes out, its answer or its problem (RFC 9457) comes home. A
 * command line has nothing else to do meanwhile, so it waits. docs/protocol.md section 2. */

#include "src/ctl/client.h"

#include <gio/gunixsocketaddress.h>
#include <libsoup/soup.h>
#include <string.h>

#include "src/base/json.h"
#include "src/ctl/error.h"

#define MAX_ANSWER (64 * 1024 * 1024)
#define TIMEOUT_S 120

struct _HjCtlClient
{
  char *path;
  SoupSession *session;
};

G_DEFINE_QUARK (hj_ctl_error, hj_ctl_error)

/* Returns: (transfer full). */
HjCtlClient *
hj_ctl_client_new (const char *socket_path)
{
  HjCtlClient *self = g_new0 (HjCtlClient, 1);
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (socket_path);

  self->path = g_strdup (socket_path);
  self->session = soup_session_new_with_options (
      "remote-connectable", address, "timeout", TIMEOUT_S, "max-conns", 1, NULL);
  return self;
}

void
hj_ctl_client_free (HjCtlClient *self)
{
  if (self == NULL)
    return;
  g_object_unref (self->session);
  g_free (self->path);
  g_free (self);
}

static void
explain (HjCtlClient *self, const GError *failure, GError **error)
{
  const char *hint = "is huijiand running?";

  if (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED))
    hint = "run this as root or as the user of huijiand";
  g_set_error (error, HJ_CTL_ERROR, HJ_CTL_ERROR_UNREACHABLE,
      "huijiand does not answer at %s: %s (%s)", self->path, failure->message, hint);
}

/* The title is made for people; the field says where. */
static void
refuse (guint status, const json_t *problem, GError **error)
{
  const char *title = json_string_value (json_object_get (problem, "title"));
  const char *detail = json_string_value (json_object_get (problem, "detail"));

  if (title == NULL)
    g_set_error (error, HJ_CTL_ERROR, HJ_CTL_ERROR_ANSWER, "huijiand answered %u", status);
  else if (detail != NULL)
    g_set_error (error, HJ_CTL_ERROR, HJ_CTL_ERROR_REFUSED, "%s: %s", title, detail);
  else
    g_set_error_literal (error, HJ_CTL_ERROR, HJ_CTL_ERROR_REFUSED, title);
}

static json_t *
read_answer (SoupMessage *message, GBytes *body, GError **error)
{
  guint status = soup_message_get_status (message);
  gsize size = 0;
  const char *data = g_bytes_get_data (body, &size);
  g_autoptr (json_t) answer = NULL;

  if (status == SOUP_STATUS_NO_CONTENT)
    return json_object ();
  answer = size > 0 ? hj_json_parse (data, size, MAX_ANSWER, NULL) : NULL;
  if (SOUP_STATUS_IS_SUCCESSFUL (status) && answer != NULL)
    return g_steal_pointer (&answer);
  refuse (status, answer, error);
  return NULL;
}

static json_t *
send_message (HjCtlClient *self, SoupMessage *message, GError **error)
{
  g_autoptr (GError) failure = NULL;
  g_autoptr (GBytes) body = NULL;
  const char *language = g_get_language_names ()[0];

  soup_message_headers_replace (soup_message_get_request_headers (message), "Accept-Language",
      g_str_has_prefix (language, "zh") ? "zh" : "en");
  body = soup_session_send_and_read (self->session, message, NULL, &failure);
  if (body != NULL)
    return read_answer (message, body, error);
  explain (self, failure, error);
  return NULL;
}

/* input: (transfer full) (nullable). Returns: (transfer full) (nullable): the act's answer. */
json_t *
hj_ctl_client_act (HjCtlClient *self, const char *act, json_t *input, GError **error)
{
  g_autoptr (json_t) owned = input != NULL ? input : json_object ();
  g_autofree char *url = g_strconcat ("http://localhost/ctl/act/", act, NULL);
  g_autoptr (SoupMessage) message = soup_message_new (SOUP_METHOD_POST, url);
  char *text = hj_json_dump (owned);
  g_autoptr (GBytes) body = g_bytes_new_take (text, strlen (text));

  soup_message_set_request_body_from_bytes (message, "application/json", body);
  return send_message (self, message, error);
}

/* path: with its slash. Returns: (transfer full) (nullable). */
json_t *
hj_ctl_client_get (HjCtlClient *self, const char *path, GError **error)
{
  g_autofree char *url = g_strconcat ("http://localhost", path, NULL);
  g_autoptr (SoupMessage) message = soup_message_new (SOUP_METHOD_GET, url);

  return send_message (self, message, error);
}
