/* SPDX-License-Identifier: Apache-2.0 */
/* The media part's error domain. */
#include "media/wire/error.h"

G_DEFINE_QUARK (hj_media_error, hj_media_error)
