/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "media/wire/address.h"

G_BEGIN_DECLS

#define FLEET_MAX_CLIENTS 4096
#define FLEET_SOCKETS 4
#define FLEET_MTU 1500

/* A few sockets that all clients share: each client has an address of its own in 10.78.0.0/16, so that the server sees as
 * many peers as there are clients. Times are nanoseconds of CLOCK_REALTIME, the clock of the kernel's stamps. */
typedef struct _FleetNet FleetNet;

/* data: may be overwritten. */
typedef void (*FleetTake) (
    gpointer user, guint client, guint8 *data, gsize length, gint64 arrival_ns);

FleetNet *fleet_net_open (void);
void fleet_net_close (FleetNet *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FleetNet, fleet_net_close)
void fleet_net_get_address (const FleetNet *self, guint client, HjAddress *out);
void fleet_net_send (
    FleetNet *self, guint client, const HjAddress *to, guint8 *bytes, gsize length, gsize segment);
guint fleet_net_receive (FleetNet *self, FleetTake take, gpointer user);
guint64 fleet_net_count_dropped (const FleetNet *self);

static inline guint
fleet_index_of (guint32 address_be)
{
  return g_ntohl (address_be) & 0xffff;
}

gint64 fleet_now_ns (void);

G_END_DECLS
