/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/ctl/command.h"

G_BEGIN_DECLS

char *hj_ctl_find_centre (HjCtl *ctl, const char *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;
char *hj_ctl_find_room (HjCtl *ctl, const char *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;
char *hj_ctl_find_kiosk (HjCtl *ctl, const char *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;
char *hj_ctl_find_account (HjCtl *ctl, const char *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;
char *hj_ctl_find_lawyer (HjCtl *ctl, const char *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
