/* SPDX-License-Identifier: Apache-2.0 */
/* Enrolment over TLS against a server with a CA made for the test, and every way in which it is refused. */

#include <glib/gstdio.h>

#include "src/kiosk/enrolment.h"
#include "src/kiosk/error.h"
#include "tests/kiosk/kiosk-fixture.h"
#include "tests/support/expect-log.h"

typedef struct
{
  char *folder;
  FakeCa *ca;
  FakeServer *server;
  HjKioskConfig *config;
} Fixture;

/* data: the server's subjectAltName, NULL for the right one. */
static void
set_up (Fixture *f, gconstpointer data)
{
  g_autofree char *ca_path = NULL;
  g_autoptr (GTlsCertificate) certificate = NULL;

  f->folder = temporary_folder ();
  f->ca = fake_ca_new ("our CA");
  ca_path = g_build_filename (f->folder, "ca.pem", NULL);
  fake_ca_save (f->ca, ca_path);
  certificate = fake_ca_issue (f->ca, data != NULL ? data : "IP:127.0.0.1", 5);
  f->server = fake_server_new (certificate);
  f->config = test_config (f->server->url, f->folder);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  fake_server_free (f->server);
  fake_ca_free (f->ca);
  hj_kiosk_config_free (f->config);
  remove_folder (f->folder);
  g_free (f->folder);
}

static gboolean
exists (Fixture *f, const char *name)
{
  g_autofree char *path = hj_kiosk_config_state_path (f->config, name);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static void
a_token_enrols_the_kiosk (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HjEnrolment) enrolment = NULL;
  g_autofree char *path = hj_kiosk_config_state_path (f->config, "enrolment.json");
  GStatBuf status;

  g_assert_true (enrol_now (f->config, "the-token", &error));
  g_assert_no_error (error);
  g_assert_cmpstr (f->server->seen_token, ==, "the-token");
  g_assert_cmpstr (f->server->seen_header, ==, "1");
  enrolment = hj_enrolment_load (f->config, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (hj_enrolment_get_kiosk (enrolment), ==, FAKE_KIOSK);
  g_assert_cmpstr (hj_enrolment_get_origin (enrolment), ==, FAKE_ORIGIN);
  g_assert_cmpstr (
      json_string_value (json_object_get (hj_enrolment_get_room (enrolment), "en")), ==, "Room 1");
  g_stat (path, &status);
  g_assert_cmpuint (status.st_mode & 0777, ==, 0600);
}

static void
an_enrolled_kiosk_is_not_enrolled_again (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = hj_kiosk_config_state_path (f->config, "device.pem");
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  g_assert_true (enrol_now (f->config, "first", &error));
  g_file_get_contents (path, &before, NULL, NULL);
  g_assert_false (enrol_now (f->config, "second", &error));
  g_assert_error (error, HJ_KIOSK_ERROR, HJ_KIOSK_ERROR_ENROLLED);
  g_assert_cmpuint (f->server->enrolments, ==, 1);
  g_file_get_contents (path, &after, NULL, NULL);
  g_assert_cmpstr (before, ==, after);
}

static void
assert_refused (Fixture *f, guint status, const char *body, HjKioskError code)
{
  g_autoptr (GError) error = NULL;

  f->server->enrol_status = status;
  g_free (f->server->enrol_body);
  f->server->enrol_body = g_strdup (body);
  g_assert_false (enrol_now (f->config, "token", &error));
  g_test_message ("%u: %s", status, error->message);
  g_assert_error (error, HJ_KIOSK_ERROR, (int)code);
  g_assert_false (exists (f, "enrolment.json"));
}

static void
a_used_or_expired_token_is_said_so (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  f->server->enrol_status = 401;
  g_free (f->server->enrol_body);
  f->server->enrol_body = g_strdup ("{\"code\":\"token\",\"title\":\"令牌无效\"}");
  g_assert_false (enrol_now (f->config, "token", &error));
  g_assert_error (error, HJ_KIOSK_ERROR, HJ_KIOSK_ERROR_TOKEN);
  g_assert_nonnull (strstr (error->message, "令牌无效"));
  assert_refused (f, 404, "{}", HJ_KIOSK_ERROR_TOKEN);
  assert_refused (f, 410, "not JSON", HJ_KIOSK_ERROR_TOKEN);
  assert_refused (f, 422, "{}", HJ_KIOSK_ERROR_TOKEN);
}

static void
a_refusal_keeps_the_key_for_the_next_token (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *first_key = NULL;

  assert_refused (f, 401, "{}", HJ_KIOSK_ERROR_TOKEN);
  first_key = g_strdup (f->server->seen_key);
  assert_refused (f, 401, "{}", HJ_KIOSK_ERROR_TOKEN);
  g_assert_cmpstr (first_key, ==, f->server->seen_key);
}

static void
a_server_in_trouble_is_said_so (Fixture *f, gconstpointer data)
{
  assert_refused (f, 503, "{}", HJ_KIOSK_ERROR_UNREACHABLE);
  assert_refused (f, 429, "{}", HJ_KIOSK_ERROR_UNREACHABLE);
  assert_refused (f, 400, "{}", HJ_KIOSK_ERROR_ANSWER);
}

static void
the_token_follows_no_redirection (Fixture *f, gconstpointer data)
{
  assert_refused (f, 302, "{}", HJ_KIOSK_ERROR_ANSWER);
  g_assert_cmpuint (f->server->enrolments, ==, 1);
}

static void
a_damaged_answer_is_not_kept (Fixture *f, gconstpointer data)
{
  g_autofree char *big = g_strnfill (70000, ' ');
  const char *const answers[] = {
    "",
    "[]",
    "{",
    big,
    "{\"kiosk\":\"short\",\"origin\":\"" FAKE_ORIGIN "\"}",
    "{\"kiosk\":\"" FAKE_KIOSK "\"}",
    "{\"kiosk\":\"" FAKE_KIOSK "\",\"origin\":\"javascript:x\"}",
    "{\"kiosk\":\"" FAKE_KIOSK "\",\"origin\":\"https://huijian.example/path\"}",
    "{\"kiosk\":\"" FAKE_KIOSK "\",\"kiosk\":\"" FAKE_KIOSK "\",\"origin\":\"" FAKE_ORIGIN "\"}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_autoptr (GError) error = NULL;

      g_free (f->server->enrol_body);
      f->server->enrol_body = g_strdup (answers[i]);
      g_assert_false (enrol_now (f->config, "token", &error));
      g_assert_nonnull (error);
      g_assert_false (exists (f, "enrolment.json"));
    }
}

static void
assert_untrusted (Fixture *f)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (enrol_now (f->config, "token", &error));
  g_test_message ("%s", error->message);
  g_assert_error (error, HJ_KIOSK_ERROR, HJ_KIOSK_ERROR_UNTRUSTED);
  g_assert_cmpuint (f->server->enrolments, ==, 0);
}

static void
a_server_of_another_ca_gets_nothing (Fixture *f, gconstpointer data)
{
  g_autoptr (FakeCa) other = fake_ca_new ("another CA");

  fake_ca_save (other, f->config->ca_file);
  assert_untrusted (f);
}

static void
a_server_of_another_name_gets_nothing (Fixture *f, gconstpointer data)
{
  assert_untrusted (f);
}

static void
an_expired_certificate_is_refused (Fixture *f, gconstpointer data)
{
  g_autoptr (GTlsCertificate) old = fake_ca_issue (f->ca, "IP:127.0.0.1", -1);

  soup_server_set_tls_certificate (f->server->soup, old);
  assert_untrusted (f);
}

static void
an_unreachable_server_is_said_so (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  soup_server_disconnect (f->server->soup);
  g_assert_false (enrol_now (f->config, "token", &error));
  g_assert_error (error, HJ_KIOSK_ERROR, HJ_KIOSK_ERROR_UNREACHABLE);
}

static void
nonsense_is_no_token (Fixture *f, gconstpointer data)
{
  g_autofree char *big = g_strnfill (300, 'a');
  const char *const tokens[] = { "", "two words", "line\nbreak", big };

  for (guint i = 0; i < G_N_ELEMENTS (tokens); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (enrol_now (f->config, tokens[i], &error));
      g_assert_error (error, HJ_KIOSK_ERROR, HJ_KIOSK_ERROR_TOKEN);
    }
  g_assert_cmpuint (f->server->enrolments, ==, 0);
}

static void
a_missing_ca_file_is_said_so (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_unlink (f->config->ca_file);
  g_assert_false (enrol_now (f->config, "token", &error));
  g_assert_nonnull (strstr (error->message, "ca.pem"));
}

static void
a_kiosk_that_is_not_enrolled_is_told_what_to_do (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (hj_enrolment_load (f->config, &error));
  g_assert_error (error, HJ_KIOSK_ERROR, HJ_KIOSK_ERROR_NOT_ENROLLED);
}

#define ADD(name, function)                                                                        \
  g_test_add ("/kiosk/enrol/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
  ADD ("a token enrols the kiosk", a_token_enrols_the_kiosk);
  ADD ("an enrolled kiosk is not enrolled again", an_enrolled_kiosk_is_not_enrolled_again);
  ADD ("a used or expired token is said so", a_used_or_expired_token_is_said_so);
  ADD ("a refusal keeps the key for the next token", a_refusal_keeps_the_key_for_the_next_token);
  ADD ("a server in trouble is said so", a_server_in_trouble_is_said_so);
  ADD ("the token follows no redirection", the_token_follows_no_redirection);
  ADD ("a damaged answer is not kept", a_damaged_answer_is_not_kept);
  ADD ("a server of another CA gets nothing", a_server_of_another_ca_gets_nothing);
  g_test_add ("/kiosk/enrol/a server of another name gets nothing", Fixture, "DNS:other.example",
      set_up, a_server_of_another_name_gets_nothing, tear_down);
  ADD ("an expired certificate is refused", an_expired_certificate_is_refused);
  ADD ("an unreachable server is said so", an_unreachable_server_is_said_so);
  ADD ("nonsense is no token", nonsense_is_no_token);
  ADD ("a missing ca_file is said so", a_missing_ca_file_is_said_so);
  ADD ("a kiosk that is not enrolled is told what to do",
      a_kiosk_that_is_not_enrolled_is_told_what_to_do);
  return g_test_run ();
}
