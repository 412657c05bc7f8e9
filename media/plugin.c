/* SPDX-License-Identifier: Apache-2.0 */
/* The loadable form of the elements, for gst-inspect-1.0 and gst-launch-1.0. huijian-media does not need it. */

#include "media/elements.h"

#define PACKAGE "huijian"

GST_PLUGIN_DEFINE (GST_VERSION_MAJOR, GST_VERSION_MINOR, huijian,
    "Relay for confidential meetings: one UDP port, ICE-lite, DTLS-SRTP, rooms",
    hj_elements_register, HJ_VERSION, "Apache 2.0", "Huijian", "https://huijian.invalid/")
