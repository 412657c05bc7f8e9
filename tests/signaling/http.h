/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <libsoup/soup.h>

#include "signaling/api/routes.h"
#include "signaling/api/server.h"
#include "tests/support/loop.h"
#include "tests/support/meeting-place.h"

G_BEGIN_DECLS

#define HTTP_ORIGIN "https://meet.example"

/* The REST interface over the place's database, on its two sockets, and a session for each role. */
typedef struct
{
  HjMeetingPlace p; /* first */
  char *folder, *api_path, *ctl_path;
  HjApi *api;
  SoupSession *outside, *inside;
  const char *tokens[HJ_ROLE_N]; /* (nullable): the cookie of an account of that role */
  const char *accounts[HJ_ROLE_N];
} Http;

typedef struct
{
  SoupMessage *message;
  GBytes *bytes;
  guint status;
  json_t *body; /* (nullable) */
} Reply;

void http_set_up (Http *h, gconstpointer data);
void http_tear_down (Http *h, gconstpointer data);

#define HTTP_TEST(PATH, FUNCTION)                                                                  \
  g_test_add (PATH, Http, NULL, http_set_up, FUNCTION, http_tear_down)

Reply *http_send (Http *h, HjRole role, const char *method, const char *path, const char *body,
    const char *const *headers);
Reply *http_ask (Http *h, HjRole role, const char *method, const char *path, json_t *body);
Reply *http_ctl (Http *h, const char *method, const char *act, const char *body);
void reply_free (Reply *self);
const char *reply_code (const Reply *self);
const char *reply_header (const Reply *self, const char *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Reply, reply_free)

G_END_DECLS
