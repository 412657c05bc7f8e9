/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gst/gst.h>
#include "src/base/worker.h"
#include "media/rooms.h"

G_BEGIN_DECLS

#define HJ_TYPE_RELAY (hj_relay_get_type ())
G_DECLARE_FINAL_TYPE (HjRelay, hj_relay, HJ, RELAY, GstElement)

/* What runs in the streaming thread, between two batches. rooms: NULL when the relay stopped first. */
typedef void (*HjRelayWork) (HjRooms *rooms, gint64 now_us, gpointer message);

void hj_relay_run (HjRelay *self, HjRelayWork on_worker, HjWorkerFunc on_control, gpointer message);

/* News on the bus: an element message of this name with `kind` (int, HjLinkEventKind), `room`, `seat` (strings) and
 * `at-us` (int64, UTC). */
#define HJ_RELAY_NEWS "huijian-event"

G_END_DECLS
