/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "src/access/rights.h"
#include "src/store/store.h"

G_BEGIN_DECLS

typedef struct _HjCredential HjCredential;
typedef struct _HjHasher HjHasher;

/* One act while it runs, on the store's worker. */
struct _HjAct
{
  HjStore *store;
  const HjActor *actor;
  const json_t *input; /* an object: body, query and path members of the request */
  gint64 now_us;
  /* (nullable): what was found out about a password beforehand (credentials.h); never from the request itself */
  const HjCredential *credential;
  json_t *
      problem; /* (nullable) (owned): members for the answer of a refusal: findings, alternatives, fields */
  char *object;   /* (nullable) (owned): for the audit, "booking:ID" */
  char *booking;  /* (nullable) (owned): for the audit */
  json_t *detail; /* (nullable) (owned): for the audit: ids, codes, times */
};

/* Returns: (transfer full): the answer (never NULL on success), or NULL with error set: then nothing of it is kept. */
typedef json_t *(*HjActRun) (HjAct *act, GError **error);
/* Runs after a refusal, in the transaction that records it. */
typedef gboolean (*HjActRefused) (HjAct *act, GError **error);

typedef enum
{
  HJ_ACT_WRITES = 0,     /* one transaction with its audit entry; a refusal is recorded too */
  HJ_ACT_READS = 1 << 0, /* reads nothing personal: no entry */
  HJ_ACT_LOOKS = 1 << 1, /* reads personal data: an entry (DESIGN.md 8) */
} HjActFlags;

/* credential, error: (transfer full) (nullable). */
typedef void (*HjActPrepared) (gpointer call, HjCredential *credential, GError *error);
/* Runs on control before the act and calls prepared (call, ...) there, once. Takes the passwords out of the input. */
typedef void (*HjActPrepare) (
    HjActs *acts, const HjActor *actor, json_t *input, HjActPrepared prepared, gpointer call);

typedef struct
{
  const char *name; /* the word of the act: right, audit entry, route */
  HjActFlags flags;
  HjActRun run;
  HjActRefused refused; /* (nullable) */
  HjActPrepare prepare; /* (nullable): for acts whose input holds a password */
} HjActKind;

typedef void (*HjActWatch) (const HjActKind *kind, const HjActor *actor, const json_t *input,
    const json_t *answer, gpointer user_data);

HjActs *hj_acts_new (HjStore *store, HjTime *time);
void hj_acts_free (HjActs *self);
HjStore *hj_acts_get_store (HjActs *self);
HjTime *hj_acts_get_time (HjActs *self);
HjHasher *hj_acts_get_hasher (HjActs *self);
void hj_acts_watch (HjActs *self, HjActWatch watch, gpointer user_data);

json_t *hj_acts_run (HjActs *self, const HjActKind *kind, const HjActor *actor, const json_t *input,
    const char *idempotency_key, json_t **ret_problem, GError **error) G_GNUC_WARN_UNUSED_RESULT;
json_t *hj_acts_run_with (HjActs *self, const HjActKind *kind, const HjActor *actor,
    const json_t *input, const char *idempotency_key, const HjCredential *credential,
    json_t **ret_problem, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void hj_acts_run_async (HjActs *self, const HjActKind *kind, HjActor *actor, json_t *input,
    const char *idempotency_key, GAsyncReadyCallback callback, gpointer user_data);
json_t *hj_acts_run_finish (
    GAsyncResult *result, json_t **ret_problem, GError **error) G_GNUC_WARN_UNUSED_RESULT;

void hj_act_about (HjAct *act, const char *kind, const char *id);
void hj_act_about_booking (HjAct *act, const char *booking);
void hj_act_note (HjAct *act, const char *key, json_t *value);
void hj_act_explain (HjAct *act, const char *key, json_t *value);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HjActs, hj_acts_free)

G_END_DECLS
