/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* The elements of the plug-in `huijian`: hjudpsrc ! hjrelay ! hjudpsink (DESIGN section 6). */
GST_ELEMENT_REGISTER_DECLARE (hjudpsrc);
GST_ELEMENT_REGISTER_DECLARE (hjrelay);
GST_ELEMENT_REGISTER_DECLARE (hjudpsink);

gboolean hj_elements_register (GstPlugin *plugin);

G_END_DECLS
