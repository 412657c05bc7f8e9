/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* The elements of the plug-in `huijianframes`: vp8enc ! hjsframepay and hjsframedepay ! vp8dec (docs/e2ee.md section 1). */
GST_ELEMENT_REGISTER_DECLARE (hjsframepay);
GST_ELEMENT_REGISTER_DECLARE (hjsframedepay);

gboolean hj_frame_elements_register (GstPlugin *plugin);

G_END_DECLS
