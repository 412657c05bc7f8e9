/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A device key of its own: P-256, made when it is asked for and gone with the process. */
typedef struct _HjIdentity HjIdentity;

HjIdentity *hj_identity_new (void);
void hj_identity_free (HjIdentity *self);
const char *hj_identity_public (const HjIdentity *self);
gboolean
hj_identity_sign (const HjIdentity *self, const guint8 *statement, gsize size, guint8 *signature);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HjIdentity, hj_identity_free)

G_END_DECLS
