/* SPDX-License-Identifier: Apache-2.0 */
/* Registers the elements of the ends: with the plug-in when GStreamer loads it, without one in a test's own endpoint. */

#include "media/frames/frameelements.h"

/* plugin: (nullable): NULL registers them for this process alone. */
gboolean
hj_frame_elements_register (GstPlugin *plugin)
{
  return GST_ELEMENT_REGISTER (hjsframepay, plugin) && GST_ELEMENT_REGISTER (hjsframedepay, plugin);
}
