/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "tests/support/impair.h"

G_BEGIN_DECLS

typedef enum
{
  HJ_IMPAIR_UP,
  HJ_IMPAIR_DOWN,
  HJ_IMPAIR_N_WAYS,
} HjImpairDirection;

typedef struct _HjImpairUdp HjImpairUdp;
typedef struct _HjImpairTcp HjImpairTcp;

HjImpairUdp *hj_impair_udp_new (HjImpairWay *ways);
void hj_impair_udp_free (HjImpairUdp *udp);
int hj_impair_udp_open (HjImpairUdp *udp, guint16 target, GError **error);

HjImpairTcp *hj_impair_tcp_new (void);
void hj_impair_tcp_free (HjImpairTcp *tcp);
int hj_impair_tcp_open (HjImpairTcp *tcp, guint16 target, GError **error);
void hj_impair_tcp_cut (HjImpairTcp *tcp);
void hj_impair_tcp_heal (HjImpairTcp *tcp);
gint64 hj_impair_tcp_next_try_us (gint64 since_us, gint64 first_us, gint64 now_us);

int
hj_impair_socket (int type, guint16 listen_at, guint16 connect_to, guint16 *port, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HjImpairUdp, hj_impair_udp_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (HjImpairTcp, hj_impair_tcp_free)

G_END_DECLS
