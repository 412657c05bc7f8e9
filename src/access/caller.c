/* SPDX-License-Identifier: Apache-2.0 */
/* Who has opened the signalling socket, and the audit entry of their hello. */

#include "src/access/caller.h"

#include "src/audit/log.h"

void
hj_caller_free (HjCaller *self)
{
  if (self == NULL)
    return;
  hj_actor_unref (self->actor);
  g_free (self->name);
  g_free (self->purpose);
  g_free (self->booking);
  g_free (self->room);
  g_free (self->centre);
  g_free (self);
}

/* Records that the actor said hello, in the caller's transaction. booking: (nullable). */
gboolean
hj_caller_record (
    HjStore *store, const HjActor *actor, const char *booking, gint64 now_us, GError **error)
{
  HjRole role = hj_actor_get_role (actor);
  g_autofree char *object
      = g_strconcat (role == HJ_ROLE_KIOSK ? "kiosk:" : "account:", hj_actor_get_id (actor), NULL);
  HjAuditEntry entry = {
    .at_us = now_us,
    .actor = hj_actor_get_id (actor),
    .role = hj_role_word (role),
    .act = "hello",
    .object = object,
    .booking = booking,
  };

  return hj_access_check (actor, "hello", NULL, error) && hj_audit_append (store, &entry, error);
}
