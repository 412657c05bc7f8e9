/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of the whole agent share: enrolled, a page, online, seated. */

#include "tests/kiosk/agent-fixture.h"

#include "src/base/json.h"
#include "tests/support/expect-log.h"

void
agent_set_up (AgentFixture *f, gconstpointer data)
{
  g_autofree char *ca_path = NULL;
  g_autofree char *key_path = NULL;
  g_autoptr (GTlsCertificate) certificate = NULL;
  g_autoptr (GError) error = NULL;

  f->folder = temporary_folder ();
  f->ca = fake_ca_new ("our CA");
  ca_path = g_build_filename (f->folder, "ca.pem", NULL);
  fake_ca_save (f->ca, ca_path);
  certificate = fake_ca_issue (f->ca, "IP:127.0.0.1", 5);
  f->server = fake_server_new (certificate);
  f->config = test_config (f->server->url, f->folder);
  g_assert_true (enrol_now (f->config, "token", &error));
  f->enrolment = hj_enrolment_load (f->config, &error);
  key_path = hj_kiosk_config_state_path (f->config, "device.pem");
  f->key = hj_device_key_open (key_path, &error);
  f->agent = hj_agent_new (f->config, f->enrolment, f->key, &error);
  g_assert_no_error (error);
  f->url = hj_agent_get_page_url (f->agent);
}

void
agent_tear_down (AgentFixture *f, gconstpointer data)
{
  if (f->agent != NULL)
    {
      hj_agent_stop (f->agent);
      g_assert_finalize_object (f->agent);
    }
  hj_enrolment_free (f->enrolment);
  hj_device_key_free (f->key);
  hj_kiosk_config_free (f->config);
  fake_server_free (f->server);
  fake_ca_free (f->ca);
  remove_folder (f->folder);
  g_free (f->folder);
  g_free (f->url);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  hj_assert_expected_logs ();
}

/* Returns: (transfer full): the next message of the agent that says this. */
json_t *
next_state (FakePage *page, const char *state)
{
  for (;;)
    {
      json_t *message = fake_page_next (page, "agent");

      if (g_strcmp0 (json_string_value (json_object_get (message, "state")), state) == 0)
        return message;
      json_decref (message);
    }
}

/* Returns: (transfer full). */
FakePage *
open_online_page (AgentFixture *f)
{
  FakePage *page = NULL;

  hj_agent_start (f->agent);
  page = fake_page_open (f->url);
  json_decref (next_state (page, "online"));
  return page;
}

/* Returns: (transfer full): the kiosk holds its seat. */
FakePage *
open_seated_page (AgentFixture *f, const char *token)
{
  FakePage *page = open_online_page (f);
  g_autoptr (json_t) join = NULL;

  fake_server_assign (f->server, TRUE);
  fake_server_seat (f->server, fake_server_next (f->server, "join"), token);
  join = fake_page_next (page, "join");
  g_assert_cmpstr (json_string_value (json_object_get (join, "seat")), ==, FAKE_SEAT);
  return page;
}

void
assert_error (FakePage *page, json_int_t re, const char *code)
{
  g_autoptr (json_t) error = fake_page_next (page, "error");

  g_assert_cmpint (json_integer_value (json_object_get (error, "re")), ==, re);
  g_assert_cmpstr (json_string_value (json_object_get (error, "code")), ==, code);
}
