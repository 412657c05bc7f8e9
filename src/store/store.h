/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "src/base/types.h"

G_BEGIN_DECLS

#define HJ_STORE_ERROR (hj_store_error_quark ())

typedef enum
{
  HJ_STORE_ERROR_TAKEN,     /* a UNIQUE rule: somebody has it */
  HJ_STORE_ERROR_REFERENCE, /* a foreign key: what it names is not there */
  HJ_STORE_ERROR_RULE,      /* a CHECK or a trigger of the schema refused */
  HJ_STORE_ERROR_FULL,      /* disk full: nothing was written */
  HJ_STORE_ERROR_NEWER,     /* the database is newer than this program */
  HJ_STORE_ERROR_LOCKED,    /* another process has it */
  HJ_STORE_ERROR_FAILED,    /* anything else: operator should look */
} HjStoreError;

GQuark hj_store_error_quark (void);

HjStore *hj_store_open (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void hj_store_close (HjStore *self);
HjWorker *hj_store_get_worker (HjStore *self);
void hj_store_drain (HjStore *self);

/* --- on the store's worker, or in a test that has no worker --- */

typedef struct
{
  const char *name; /* ":id" */
  enum
  {
    HJ_BIND_NULL,
    HJ_BIND_TEXT,
    HJ_BIND_INT,
    HJ_BIND_BLOB
  } kind;
  const char *text; /* (nullable): NULL binds NULL */
  gint64 number;
  gconstpointer blob;
  gsize size;
} HjBind;

#define HJ_TEXT(NAME, VALUE) ((HjBind){ .name = NAME, .kind = HJ_BIND_TEXT, .text = VALUE })
#define HJ_INT(NAME, VALUE) ((HjBind){ .name = NAME, .kind = HJ_BIND_INT, .number = VALUE })
#define HJ_BLOB(NAME, VALUE, SIZE)                                                                 \
  ((HjBind){ .name = NAME, .kind = HJ_BIND_BLOB, .blob = VALUE, .size = SIZE })
#define HJ_NULL(NAME) ((HjBind){ .name = NAME })
#define HJ_BINDS(...) ((const HjBind[]){ __VA_ARGS__, { 0 } })
#define HJ_NO_BINDS ((const HjBind[]){ { 0 } })

gboolean hj_store_begin (HjStore *self, GError **error);
gboolean hj_store_commit (HjStore *self, GError **error);
void hj_store_rollback (HjStore *self);
gboolean hj_store_savepoint (HjStore *self, GError **error);
gboolean hj_store_release (HjStore *self, GError **error);
void hj_store_rollback_to_savepoint (HjStore *self);

gboolean hj_store_run (HjStore *self, const char *sql, const HjBind *binds, GError **error);
gint64 hj_store_changes (HjStore *self);
HjRows *hj_store_query (
    HjStore *self, const char *sql, const HjBind *binds, GError **error) G_GNUC_WARN_UNUSED_RESULT;
json_t *hj_store_query_json (
    HjStore *self, const char *sql, const HjBind *binds, GError **error) G_GNUC_WARN_UNUSED_RESULT;
json_t *hj_store_query_one (
    HjStore *self, const char *sql, const HjBind *binds, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean hj_store_query_int (
    HjStore *self, const char *sql, const HjBind *binds, gint64 *ret, GError **error);

gboolean hj_rows_next (HjRows *self, GError **error);
const char *hj_rows_text (HjRows *self, int column);
gint64 hj_rows_int (HjRows *self, int column);
gboolean hj_rows_is_null (HjRows *self, int column);
gconstpointer hj_rows_blob (HjRows *self, int column, gsize *ret_size);
json_t *hj_rows_json (HjRows *self) G_GNUC_WARN_UNUSED_RESULT;
void hj_rows_free (HjRows *self);

/* --- from control --- */

/* Runs on the store's worker. Returns: (transfer full) the result, or NULL with error set; NULL without error is a result. */
typedef gpointer (*HjStoreCall) (HjStore *store, gpointer input, GError **error);

void
hj_store_call_async (HjStore *self, HjStoreCall call, gpointer input, GDestroyNotify free_input,
    GDestroyNotify free_result, GAsyncReadyCallback callback, gpointer user_data);
gpointer hj_store_call_finish (GAsyncResult *result, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HjStore, hj_store_close)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (HjRows, hj_rows_free)

G_END_DECLS
