/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/access/act.h"

G_BEGIN_DECLS

#define HJ_SESSION_IDLE_US (30 * HJ_MINUTE_US)
#define HJ_SESSION_LIFE_US (12 * HJ_HOUR_US)

/* Who sends a request. */
typedef struct
{
  HjActor *actor;
  char *display_name;
  gint64 expires_at_us;
} HjSession;

extern const HjActKind hj_act_login;
extern const HjActKind hj_act_logout;
extern const HjActKind hj_act_me;

HjSession *hj_session_find (
    HjStore *store, const char *token, gint64 now_us, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void hj_session_find_async (
    HjActs *acts, const char *token, GAsyncReadyCallback callback, gpointer user_data);
HjSession *hj_session_find_finish (GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void hj_session_free (HjSession *self);

gboolean hj_sessions_kill (HjStore *store, const char *account, const char *except, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HjSession, hj_session_free)

G_END_DECLS
