/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/access/act.h"

G_BEGIN_DECLS

/* What is known about the passwords of a request when its act runs. */
struct _HjCredential
{
  gboolean verified;  /* the given password is the one of checked_hash */
  char *checked_hash; /* (nullable): what it was checked against: must still be the account's */
  char *new_hash;     /* (nullable): PHC of the wanted password; NULL: too weak, or not asked for */
};

void hj_credential_free (HjCredential *self);

void hj_credentials_prepare_login (
    HjActs *acts, const HjActor *actor, json_t *input, HjActPrepared prepared, gpointer call);
void hj_credentials_prepare_change_password (
    HjActs *acts, const HjActor *actor, json_t *input, HjActPrepared prepared, gpointer call);
void hj_credentials_prepare_set_password (
    HjActs *acts, const HjActor *actor, json_t *input, HjActPrepared prepared, gpointer call);
void hj_credentials_prepare_create_account (
    HjActs *acts, const HjActor *actor, json_t *input, HjActPrepared prepared, gpointer call);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HjCredential, hj_credential_free)

G_END_DECLS
