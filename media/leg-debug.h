/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* GST_DEBUG=hjleg: a leg's states and the steps of its transport, by the id of its seat; no address, no name. */
GST_DEBUG_CATEGORY_EXTERN (hj_leg_debug);

void hj_leg_debug_init (void);

G_END_DECLS
