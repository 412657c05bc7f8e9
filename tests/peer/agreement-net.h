/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "tests/peer/agreement.h"
#include "tests/peer/identity.h"

G_BEGIN_DECLS

/* Ends and the server between them, for tests: messages wait in a queue until net_run() delivers them; time is the test's. */

#define NET_ENDS 5

typedef struct
{
  guint from;
  int to; /* -1: all others of the roster */
  guint8 *data;
  gsize size;
} NetMessage;

typedef struct _Net Net;

typedef struct
{
  Net *net;
  guint number;
  HjIdentity *identity;
  HjAgreement *agreement;
  gboolean present;
  guint n_epochs;
  HjAgreementEpoch epoch;
  char last_refusal[24];
  guint n_sent;
  guint gone; /* bit per number */
  guint n_alone;
  char stopped[24];
} NetEnd;

/* Changes, drops (FALSE) or keeps a message on its way to one end. */
typedef gboolean (*NetFilter) (Net *net, NetMessage *message, guint to);

struct _Net
{
  gint64 now_us;
  guint64 drawn;
  NetEnd ends[NET_ENDS];
  GQueue queue;
  NetFilter filter;
  guint count; /* the filter's own */
};

Net *net_new (void);
void net_free (Net *net);
void net_join (Net *net, guint number);
void net_leave (Net *net, guint number);
void net_reload (Net *net, guint number);
gboolean net_give_roster (Net *net, guint number);
void net_give_rosters (Net *net);
void net_run (Net *net);
void net_wait (Net *net, gint64 us);
void net_put (Net *net, guint from, guint to, const guint8 *data, gsize size);
void net_assert_agreed (Net *net);
const char *net_seat (guint number);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Net, net_free)

G_END_DECLS
