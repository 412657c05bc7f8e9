/* SPDX-License-Identifier: Apache-2.0 */
/* The loadable form of the elements of the ends, for gst-inspect-1.0. Another module than the relay's, which must not hold
 * them. */

#include "media/frames/frameelements.h"

#define PACKAGE "huijian"

GST_PLUGIN_DEFINE (GST_VERSION_MAJOR, GST_VERSION_MINOR, huijianframes,
    "End-to-end encrypted frames of confidential meetings: SFrame (RFC 9605) in RTP",
    hj_frame_elements_register, HJ_VERSION, "Apache 2.0", "Huijian", "https://huijian.invalid/")
