/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/kiosk/agent.h"
#include "tests/kiosk/fake-page.h"
#include "tests/kiosk/kiosk-fixture.h"

/* A whole agent between a fake server over TLS and a fake page. */
typedef struct
{
  char *folder;
  FakeCa *ca;
  FakeServer *server;
  HjKioskConfig *config;
  HjEnrolment *enrolment;
  HjDeviceKey *key;
  HjAgent *agent;
  char *url;
} AgentFixture;

void agent_set_up (AgentFixture *f, gconstpointer data);
void agent_tear_down (AgentFixture *f, gconstpointer data);
json_t *next_state (FakePage *page, const char *state);
FakePage *open_online_page (AgentFixture *f);
FakePage *open_seated_page (AgentFixture *f, const char *token);
void assert_error (FakePage *page, json_int_t re, const char *code);
