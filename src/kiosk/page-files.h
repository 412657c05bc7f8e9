/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _HjPageFiles HjPageFiles;

HjPageFiles *hj_page_files_load (const char *folder, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void hj_page_files_free (HjPageFiles *self);
GBytes *hj_page_files_find (const HjPageFiles *self, const char *path, const char **ret_type);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HjPageFiles, hj_page_files_free)

G_END_DECLS
