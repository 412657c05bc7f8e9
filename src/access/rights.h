/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/access/actor.h"
#include "src/base/refusal.h"

G_BEGIN_DECLS

/* Whom an act is about. A member that is NULL is not asked. */
typedef struct
{
  const char *lawyer;
  const char *centre;
} HjSubject;

gboolean hj_access_may (HjRole role, const char *act);
gboolean
hj_access_check (const HjActor *actor, const char *act, const HjSubject *subject, GError **error);
json_t *hj_access_list (HjRole role) G_GNUC_WARN_UNUSED_RESULT;
const char *hj_access_nth_act (guint n);

G_END_DECLS
