/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

typedef struct _FakeCa FakeCa;

FakeCa *fake_ca_new (const char *name);
void fake_ca_free (FakeCa *self);
void fake_ca_save (FakeCa *self, const char *path);
GTlsCertificate *fake_ca_issue (FakeCa *self, const char *subject_alt_name, int valid_days);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FakeCa, fake_ca_free)
