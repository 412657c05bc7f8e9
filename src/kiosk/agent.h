/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "src/kiosk/config.h"
#include "src/kiosk/device-key.h"
#include "src/kiosk/enrolment.h"

G_BEGIN_DECLS

#define HJ_TYPE_AGENT (hj_agent_get_type ())
G_DECLARE_FINAL_TYPE (HjAgent, hj_agent, HJ, AGENT, GObject)

HjAgent *hj_agent_new (const HjKioskConfig *config, const HjEnrolment *enrolment,
    const HjDeviceKey *key, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void hj_agent_start (HjAgent *self);
void hj_agent_stop (HjAgent *self);
char *hj_agent_get_page_url (HjAgent *self);
const char *hj_agent_get_health (HjAgent *self);

G_END_DECLS
