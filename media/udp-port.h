/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <netinet/udp.h>
#include <sys/socket.h>
#include <gst/gst.h>
#include "media/wire/address.h"

#ifndef UDP_GRO
#define UDP_GRO 104
#endif

G_BEGIN_DECLS

/* One bound UDP socket and the descriptor that wakes whoever waits for it; shared by the three elements of a pipeline. */
typedef struct _HjUdpPort HjUdpPort;

#define HJ_TYPE_UDP_PORT (hj_udp_port_get_type ())
GType hj_udp_port_get_type (void);

HjUdpPort *
hj_udp_port_open (const char *address, guint16 port, GError **error) G_GNUC_WARN_UNUSED_RESULT;
HjUdpPort *hj_udp_port_ref (HjUdpPort *self);
void hj_udp_port_unref (HjUdpPort *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (HjUdpPort, hj_udp_port_unref)

int hj_udp_port_get_fd (const HjUdpPort *self);
int hj_udp_port_get_family (const HjUdpPort *self);
guint16 hj_udp_port_get_number (const HjUdpPort *self);
guint64 hj_udp_port_get_drops (const HjUdpPort *self);
guint hj_udp_port_receive (HjUdpPort *self, struct mmsghdr *messages, guint n, int timeout_ms);
void hj_udp_port_set_deadline (HjUdpPort *self, gint64 deadline_us);
void hj_udp_port_wake (HjUdpPort *self);

void hj_udp_port_answer_query (HjUdpPort *self, GstQuery *query);
gboolean hj_udp_port_is_query (GstQuery *query);
HjUdpPort *hj_udp_port_find_upstream (GstPad *pad) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
