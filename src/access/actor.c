/* SPDX-License-Identifier: Apache-2.0 */
/* Who acts: an account with its role and jurisdiction, a kiosk, or the machine. Immutable, counted, any thread. */

#include "src/access/actor.h"

struct _HjActor
{
  gatomicrefcount references;
  char *id;
  HjRole role;
  char *lawyer;  /* (nullable) */
  char *session; /* (nullable): hash of the token that it signed in with */
  char **centres;
  gboolean everywhere;
};

static const char *const WORDS[HJ_ROLE_N] = {
  [HJ_ROLE_NOBODY] = "nobody",
  [HJ_ROLE_LAWYER] = "lawyer",
  [HJ_ROLE_DESK] = "desk",
  [HJ_ROLE_ADMINISTRATOR] = "administrator",
  [HJ_ROLE_SUPERVISOR] = "supervisor",
  [HJ_ROLE_KIOSK] = "kiosk",
  [HJ_ROLE_OPERATOR] = "operator",
  [HJ_ROLE_MACHINE] = "machine",
};

const char *
hj_role_word (HjRole role)
{
  g_return_val_if_fail (role < HJ_ROLE_N, "nobody");
  return WORDS[role];
}

/* HJ_ROLE_NOBODY for an unknown word. */
HjRole
hj_role_from_word (const char *word)
{
  for (int role = 0; role < HJ_ROLE_N; role++)
    if (g_strcmp0 (WORDS[role], word) == 0)
      return (HjRole)role;
  return HJ_ROLE_NOBODY;
}

/* lawyer: (nullable): for HJ_ROLE_LAWYER. centres: (nullable): the jurisdiction, NULL-terminated; everywhere: every centre.
 * Returns: (transfer full). */
HjActor *
hj_actor_new (const char *id, HjRole role, const char *lawyer, const char *const *centres,
    gboolean everywhere)
{
  HjActor *self = g_new0 (HjActor, 1);

  g_atomic_ref_count_init (&self->references);
  self->id = g_strdup (id);
  self->role = role;
  self->lawyer = g_strdup (lawyer);
  self->centres = centres != NULL ? g_strdupv ((char **)centres) : g_new0 (char *, 1);
  self->everywhere = everywhere;
  return self;
}

/* An account that acts in a session; the session must still hold when the act runs. session: the hash of its token.
 * Returns: (transfer full). */
HjActor *
hj_actor_new_signed_in (const char *id, HjRole role, const char *lawyer, const char *const *centres,
    gboolean everywhere, const char *session)
{
  HjActor *self = hj_actor_new (id, role, lawyer, centres, everywhere);

  self->session = g_strdup (session);
  return self;
}

/* Returns: (transfer full): whoever has not signed in. */
HjActor *
hj_actor_new_nobody (void)
{
  return hj_actor_new ("nobody", HJ_ROLE_NOBODY, NULL, NULL, FALSE);
}

/* Returns: (transfer full): whoever may open the command line's socket on this machine. */
HjActor *
hj_actor_new_operator (void)
{
  return hj_actor_new ("operator", HJ_ROLE_OPERATOR, NULL, NULL, TRUE);
}

/* Returns: (transfer full): the service itself. */
HjActor *
hj_actor_new_machine (void)
{
  return hj_actor_new ("machine", HJ_ROLE_MACHINE, NULL, NULL, TRUE);
}

HjActor *
hj_actor_ref (HjActor *self)
{
  g_atomic_ref_count_inc (&self->references);
  return self;
}

void
hj_actor_unref (HjActor *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->references))
    return;
  g_free (self->id);
  g_free (self->lawyer);
  g_free (self->session);
  g_strfreev (self->centres);
  g_free (self);
}

const char *
hj_actor_get_id (const HjActor *self)
{
  return self->id;
}

HjRole
hj_actor_get_role (const HjActor *self)
{
  return self->role;
}

/* Returns: (transfer none) (nullable). */
const char *
hj_actor_get_lawyer (const HjActor *self)
{
  return self->lawyer;
}

/* Returns: (transfer none) (nullable). */
const char *
hj_actor_get_session (const HjActor *self)
{
  return self->session;
}

/* Returns: (transfer none): NULL-terminated, may be empty. */
const char *const *
hj_actor_get_centres (const HjActor *self)
{
  return (const char *const *)self->centres;
}

gboolean
hj_actor_is_everywhere (const HjActor *self)
{
  return self->everywhere;
}

/* centre: (nullable): NULL is nowhere. */
gboolean
hj_actor_has_centre (const HjActor *self, const char *centre)
{
  if (centre == NULL)
    return FALSE;
  return self->everywhere || g_strv_contains ((const char *const *)self->centres, centre);
}
