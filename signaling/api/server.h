/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/access/act.h"

G_BEGIN_DECLS

typedef struct _HjApi HjApi;

/* Health, as the server sees it. Returns: (transfer full): an object. */
typedef json_t *(*HjApiHealth) (gpointer user_data);

HjApi *
hj_api_new (HjActs *acts, const char *const *origins, HjApiHealth health, gpointer user_data);
gboolean
hj_api_listen (HjApi *self, const char *api_socket, const char *ctl_socket, GError **error);
void hj_api_free (HjApi *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HjApi, hj_api_free)

G_END_DECLS
