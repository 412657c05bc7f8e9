/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

#include "media/wire/sdp.h"
#include "tests/peer/agreement.h"

G_BEGIN_DECLS

/* What must be found nowhere but at the ends, written down for a test that searches for it. NULL writes nothing down. */
typedef struct _Dump Dump;

Dump *dump_new (const char *folder);
void dump_free (Dump *self);
void dump_sent (Dump *self, HjMediaKind kind, const guint8 *frame, gsize size);
void dump_opened (Dump *self, guint number, HjMediaKind kind, const guint8 *frame, gsize size);
void dump_epoch (Dump *self, const HjAgreementEpoch *epoch, guint own_number);

G_END_DECLS
