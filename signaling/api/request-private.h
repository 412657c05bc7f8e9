/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <libsoup/soup.h>

#include "signaling/api/routes.h"
#include "signaling/api/server.h"
#include "signaling/problem.h"

G_BEGIN_DECLS

#define HJ_API_MAX_BODY (1024 * 1024)
#define HJ_CTL_MAX_BODY (64 * 1024 * 1024)
#define HJ_COOKIE "__Host-huijian"

struct _HjApi
{
  HjActs *acts; /* not owned: the server owns it */
  const char *const *origins;
  HjApiHealth health;
  gpointer health_data;
  SoupServer *api;
  SoupServer *ctl;
  HjActor *nobody;
  HjActor *operator;
};

/* One request that waits for its act. */
typedef struct
{
  HjApi *api;
  SoupServerMessage *message;
  gboolean gone; /* the other side hung up */
  gulong disconnected;
  const HjActKind *kind;
  guint status;
  HjLanguage language;
  json_t *input;
} HjRequest;

HjRequest *hj_request_new (
    HjApi *api, SoupServerMessage *message, const HjActKind *kind, guint status, json_t *input);
void hj_request_run (HjRequest *self, HjActor *actor);
void hj_request_refuse (HjRequest *self, const GError *error, const json_t *members);

HjLanguage hj_reply_language (SoupServerMessage *message);
void hj_reply_json (SoupServerMessage *message, guint status, const json_t *answer);
void
hj_reply_problem (SoupServerMessage *message, guint status, const char *code, const char *detail);

void hj_reply_not_allowed (SoupServerMessage *message, const char *allowed);

gboolean hj_guard_key_is_valid (SoupServerMessage *message);
const char *hj_guard_refuses (HjApi *api, SoupServerMessage *message, const HjActKind *kind);
char *hj_guard_get_token (SoupServerMessage *message);

G_END_DECLS
