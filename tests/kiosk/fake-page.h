/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <jansson.h>
#include <libsoup/soup.h>

/* The kiosk's page, as far as the agent can see it. */
typedef struct
{
  SoupSession *session;
  SoupWebsocketConnection *socket; /* NULL: refused or closed */
  guint status;                    /* of the upgrade */
  gboolean settled;                /* the upgrade was answered */
  gushort close_code;
  GQueue got; /* of json_t */
} FakePage;

FakePage *fake_page_open (const char *page_url);
FakePage *fake_page_try (const char *url, const char *origin, const char *host);
void fake_page_free (FakePage *self);
void fake_page_send (FakePage *self, const char *text);
json_t *fake_page_next (FakePage *self, const char *verb);
char *fake_page_agent_url (const char *page_url, const char *token);
char *fake_page_origin (const char *page_url);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FakePage, fake_page_free)
