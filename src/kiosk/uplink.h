/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "src/base/types.h"
#include "src/kiosk/config.h"
#include "src/kiosk/device-key.h"
#include "src/kiosk/enrolment.h"

G_BEGIN_DECLS

typedef enum
{
  HJ_UPLINK_OFFLINE,    /* no connection; the next try is set */
  HJ_UPLINK_CONNECTING, /* TCP, TLS, upgrade, then the two hellos */
  HJ_UPLINK_ONLINE,
  HJ_UPLINK_UNAPPROVED, /* nobody has compared our key's fingerprint yet; tried again */
  HJ_UPLINK_REFUSED,    /* the server does not accept this kiosk; tried again all the same */
  HJ_UPLINK_N_STATES
} HjUplinkState;

#define HJ_TYPE_UPLINK (hj_uplink_get_type ())
G_DECLARE_FINAL_TYPE (HjUplink, hj_uplink, HJ, UPLINK, GObject)

HjUplink *hj_uplink_new (const HjKioskConfig *config, const HjEnrolment *enrolment,
    const HjDeviceKey *key, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void hj_uplink_start (HjUplink *self);
void hj_uplink_stop (HjUplink *self);
HjUplinkState hj_uplink_get_state (HjUplink *self);
const char *hj_uplink_state_word (HjUplinkState state);
gboolean hj_uplink_get_resumed (HjUplink *self);
void hj_uplink_set_resume (HjUplink *self, const char *token);
gint64 hj_uplink_send (HjUplink *self, json_t *message);

G_END_DECLS
