/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/base/types.h"

G_BEGIN_DECLS

/* One act, as it is recorded. Ids, codes, times and numbers only. */
typedef struct
{
  gint64 at_us;
  const char *actor; /* account, kiosk or node id; "machine" */
  const char *role;
  const char *act;
  const char *object;   /* (nullable): "booking:ID" */
  const char *booking;  /* (nullable): the booking that it belongs to */
  const char *refusal;  /* (nullable): NULL when the act was done */
  const json_t *detail; /* (nullable): an object */
} HjAuditEntry;

gboolean hj_audit_append (HjStore *store, const HjAuditEntry *entry, GError **error);
json_t *hj_audit_list (HjStore *store, gint64 before, gint64 limit, const char *object,
    const char *reader, GError **error) G_GNUC_WARN_UNUSED_RESULT;
json_t *hj_audit_list_booking (
    HjStore *store, const char *booking, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
