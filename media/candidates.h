/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "media/rooms.h"
#include "media/udp-port.h"

G_BEGIN_DECLS

gboolean hj_candidates_check (const char *addresses, GError **error);
void hj_candidates_add (HjRooms *rooms, const HjUdpPort *port, const char *addresses);

G_END_DECLS
