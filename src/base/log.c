/* SPDX-License-Identifier: Apache-2.0 */
/* Things that happened, as structured log entries. Any thread. Ids only: no names, numbers, tokens, SDP or message bodies.
 * Event names are noun.verb-past and stand in docs/operations.md. */

#include "src/base/log.h"

/* meeting_id, peer_id: (nullable): ids that an operator can filter by. */
void
hj_event (const char *event, const char *meeting_id, const char *peer_id, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_log_structured ("huijian", G_LOG_LEVEL_MESSAGE, "HJ_EVENT", event, "HJ_MEETING",
      meeting_id != NULL ? meeting_id : "-", "HJ_PEER", peer_id != NULL ? peer_id : "-", "MESSAGE",
      "%s: %s", event, text);
}
