/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/base/types.h"

G_BEGIN_DECLS

typedef struct _HjCtlClient HjCtlClient;

HjCtlClient *hj_ctl_client_new (const char *socket_path);
void hj_ctl_client_free (HjCtlClient *self);
json_t *hj_ctl_client_act (
    HjCtlClient *self, const char *act, json_t *input, GError **error) G_GNUC_WARN_UNUSED_RESULT;
json_t *
hj_ctl_client_get (HjCtlClient *self, const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HjCtlClient, hj_ctl_client_free)

G_END_DECLS
