/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "src/base/types.h"
#include "src/kiosk/config.h"

G_BEGIN_DECLS

typedef struct _HjEnrolment HjEnrolment;

HjEnrolment *
hj_enrolment_parse (const char *text, gsize size, GError **error) G_GNUC_WARN_UNUSED_RESULT;
HjEnrolment *
hj_enrolment_load (const HjKioskConfig *config, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void hj_enrolment_free (HjEnrolment *self);
const char *hj_enrolment_get_kiosk (const HjEnrolment *self);
const char *hj_enrolment_get_origin (const HjEnrolment *self);
json_t *hj_enrolment_get_name (const HjEnrolment *self);
json_t *hj_enrolment_get_room (const HjEnrolment *self);

void hj_enrol_async (const HjKioskConfig *config, const char *token, GCancellable *cancellable,
    GAsyncReadyCallback done, gpointer data);
gboolean hj_enrol_finish (GAsyncResult *result, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HjEnrolment, hj_enrolment_free)

G_END_DECLS
