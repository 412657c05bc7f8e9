/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/base/types.h"

G_BEGIN_DECLS

typedef enum
{
  HJ_ROLE_NOBODY, /* not signed in */
  HJ_ROLE_LAWYER,
  HJ_ROLE_DESK,
  HJ_ROLE_ADMINISTRATOR,
  HJ_ROLE_SUPERVISOR,
  HJ_ROLE_KIOSK,
  HJ_ROLE_OPERATOR, /* huijianctl on this machine */
  HJ_ROLE_MACHINE,  /* the service itself */
  HJ_ROLE_N
} HjRole;

const char *hj_role_word (HjRole role);
HjRole hj_role_from_word (const char *word);

HjActor *hj_actor_new (const char *id, HjRole role, const char *lawyer, const char *const *centres,
    gboolean everywhere);
HjActor *hj_actor_new_signed_in (const char *id, HjRole role, const char *lawyer,
    const char *const *centres, gboolean everywhere, const char *session);
HjActor *hj_actor_new_nobody (void);
HjActor *hj_actor_new_operator (void);
HjActor *hj_actor_new_machine (void);
HjActor *hj_actor_ref (HjActor *self);
void hj_actor_unref (HjActor *self);

const char *hj_actor_get_id (const HjActor *self);
HjRole hj_actor_get_role (const HjActor *self);
const char *hj_actor_get_lawyer (const HjActor *self);
const char *hj_actor_get_session (const HjActor *self);
const char *const *hj_actor_get_centres (const HjActor *self);
gboolean hj_actor_is_everywhere (const HjActor *self);
gboolean hj_actor_has_centre (const HjActor *self, const char *centre);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HjActor, hj_actor_unref)

G_END_DECLS
