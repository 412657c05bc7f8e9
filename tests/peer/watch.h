/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gst/gst.h>

#include "src/base/types.h"

G_BEGIN_DECLS

/* Looks at decoded pictures and sounds and says in numbers what they are. Fed on a streaming thread, asked on another. */
typedef struct _Watch Watch;

Watch *watch_new (void);
void watch_free (Watch *self);
void watch_pictures (Watch *self, GstPad *pad);
void watch_sounds (Watch *self, GstPad *pad);
json_t *watch_describe (Watch *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
