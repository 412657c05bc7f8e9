/* SPDX-License-Identifier: Apache-2.0 */
/* The REST interface on unix sockets, spoken to by libsoup. */

#include "tests/signaling/http.h"

#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <string.h>

#include "src/base/ids.h"

static const char *const ORIGINS[] = { HTTP_ORIGIN, "https://desk.example", NULL };

static json_t *
health (gpointer data)
{
  return json_pack ("{s:s}", "status", "ok");
}

static SoupSession *
session_on (const char *path)
{
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);

  return soup_session_new_with_options ("remote-connectable", address, NULL);
}

/* A session without a password: signing in has a test of its own. */
static void
sign_in (Http *h, HjRole role, const HjActor *actor)
{
  HjFixture *f = &h->p.f;
  g_autofree char *token = hj_token_new ();
  g_autofree char *hash = hj_sha256_hex (token);
  g_autofree char *sql = g_strdup_printf (
      "INSERT INTO session (token_hash, account, created_at_us, seen_at_us, expires_at_us) VALUES"
      " ('%s', :id, 0, %" G_GINT64_FORMAT ", 9000000000000000)",
      hash, HJ_FIXTURE_NOW_US);

  h->tokens[role] = g_string_chunk_insert (f->texts, token);
  h->accounts[role] = hj_actor_get_id (actor);
  hj_fixture_sql (f, sql, h->accounts[role]);
}

void
http_set_up (Http *h, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  hj_meeting_place_set_up (&h->p, data);
  sign_in (h, HJ_ROLE_LAWYER, h->p.counsel);
  sign_in (h, HJ_ROLE_DESK, h->p.desk);
  sign_in (h, HJ_ROLE_SUPERVISOR, h->p.supervisor);
  sign_in (h, HJ_ROLE_ADMINISTRATOR,
      hj_fixture_actor (&h->p.f, HJ_ROLE_ADMINISTRATOR, NULL, h->p.centre));
  h->folder = g_dir_make_tmp ("hj-http-XXXXXX", NULL);
  h->api_path = g_build_filename (h->folder, "api", NULL);
  h->ctl_path = g_build_filename (h->folder, "ctl", NULL);
  h->api = hj_api_new (h->p.f.acts, ORIGINS, health, NULL);
  g_assert_true (hj_api_listen (h->api, h->api_path, h->ctl_path, &error));
  g_assert_no_error (error);
  h->outside = session_on (h->api_path);
  h->inside = session_on (h->ctl_path);
}

void
http_tear_down (Http *h, gconstpointer data)
{
  soup_session_abort (h->outside);
  soup_session_abort (h->inside);
  hj_run_until_quiet (h->p.f.store);
  g_object_unref (h->outside);
  g_object_unref (h->inside);
  hj_api_free (h->api);
  g_unlink (h->api_path);
  g_unlink (h->ctl_path);
  g_rmdir (h->folder);
  g_free (h->api_path);
  g_free (h->ctl_path);
  g_free (h->folder);
  hj_run_until_quiet (h->p.f.store);
  hj_meeting_place_tear_down (&h->p, data);
}

static void
answered (GObject *session, GAsyncResult *result, gpointer data)
{
  Reply *self = data;
  g_autoptr (GError) error = NULL;

  self->bytes = soup_session_send_and_read_finish (SOUP_SESSION (session), result, &error);
  g_assert_no_error (error);
}

/* Returns: (transfer full). */
static Reply *
send_on (SoupSession *session, SoupMessage *message, const char *body)
{
  Reply *self = g_new0 (Reply, 1);
  gsize size;
  const char *text;

  self->message = message;
  if (body != NULL)
    {
      g_autoptr (GBytes) bytes = g_bytes_new (body, strlen (body));

      soup_message_set_request_body_from_bytes (message, "application/json", bytes);
    }
  soup_session_send_and_read_async (session, message, G_PRIORITY_DEFAULT, NULL, answered, self);
  HJ_WAIT_UNTIL (self->bytes != NULL);
  self->status = soup_message_get_status (message);
  text = g_bytes_get_data (self->bytes, &size);
  if (size > 0)
    {
      self->body = json_loadb (text, size, JSON_REJECT_DUPLICATES, NULL);
      g_assert_nonnull (self->body);
    }
  return self;
}

/* path: below /api/. headers: (nullable): names and values by turns, instead of what a page of ours sends. Returns: (transfer
 * full). */
Reply *
http_send (Http *h, HjRole role, const char *method, const char *path, const char *body,
    const char *const *headers)
{
  static const char *const OURS[]
      = { "Origin", HTTP_ORIGIN, "X-Huijian", "1", "Sec-Fetch-Site", "same-origin", NULL };
  g_autofree char *url = g_strconcat ("http://meet.example/api/", path, NULL);
  SoupMessage *message = soup_message_new (method, url);
  SoupMessageHeaders *to = soup_message_get_request_headers (message);

  for (headers = headers != NULL ? headers : OURS; *headers != NULL; headers += 2)
    soup_message_headers_append (to, headers[0], headers[1]);
  if (h->tokens[role] != NULL)
    {
      g_autofree char *cookie
          = g_strdup_printf ("theme=dark; __Host-huijian=%s; x=y", h->tokens[role]);

      soup_message_headers_append (to, "Cookie", cookie);
    }
  return send_on (h->outside, message, body);
}

/* As a page of ours does. body: (transfer full) (nullable). Returns: (transfer full). */
Reply *
http_ask (Http *h, HjRole role, const char *method, const char *path, json_t *body)
{
  g_autoptr (json_t) owned = body;
  g_autofree char *text = body != NULL ? hj_json_dump (body) : NULL;

  return http_send (h, role, method, path, text, NULL);
}

/* On the command line's own socket. Returns: (transfer full). */
Reply *
http_ctl (Http *h, const char *method, const char *act, const char *body)
{
  g_autofree char *url = g_strconcat ("http://huijian/ctl/act/", act, NULL);

  return send_on (h->inside, soup_message_new (method, url), body);
}

void
reply_free (Reply *self)
{
  if (self == NULL)
    return;
  g_object_unref (self->message);
  g_bytes_unref (self->bytes);
  json_decref (self->body);
  g_free (self);
}

/* Returns: (transfer none) (nullable): of a problem. */
const char *
reply_code (const Reply *self)
{
  return json_string_value (json_object_get (self->body, "code"));
}

/* Returns: (transfer none) (nullable). */
const char *
reply_header (const Reply *self, const char *name)
{
  return soup_message_headers_get_list (soup_message_get_response_headers (self->message), name);
}
