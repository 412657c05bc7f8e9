/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The last second of one source, for receivers that lost some of it. */
typedef struct _HjBacklog HjBacklog;

/* A kept packet; points into the backlog until the next hj_backlog_add(). */
typedef struct
{
  guint16 seq;
  guint32 timestamp;
  gboolean marker;
  gint64 at_us; /* when it came; set by hj_backlog_find() */
  const guint8 *payload;
  gsize length;
} HjKept;

HjBacklog *hj_backlog_new (void);
void hj_backlog_free (HjBacklog *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (HjBacklog, hj_backlog_free)

void hj_backlog_add (HjBacklog *self, const HjKept *packet, gint64 now_us);
gboolean hj_backlog_find (const HjBacklog *self, guint16 seq, gint64 now_us, HjKept *out);

G_END_DECLS
