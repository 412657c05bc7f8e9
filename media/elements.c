/* SPDX-License-Identifier: Apache-2.0 */
/* Registers the elements: with the plug-in when GStreamer loads it, without one in huijian-media, which links them. */

#include "media/elements.h"

#include "media/leg-debug.h"

/* plugin: (nullable): NULL registers them for this process alone. */
gboolean
hj_elements_register (GstPlugin *plugin)
{
  hj_leg_debug_init ();
  return GST_ELEMENT_REGISTER (hjudpsrc, plugin) && GST_ELEMENT_REGISTER (hjrelay, plugin)
         && GST_ELEMENT_REGISTER (hjudpsink, plugin);
}
