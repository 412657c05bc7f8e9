/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/meeting/media-port.h"

G_BEGIN_DECLS

/* A relay that notes what it is asked, one line for each request: "admit ROOM SEAT SEAT", "add-leg ROOM SEAT NUMBER OFFER". */
typedef struct
{
  HjMediaPort port; /* first */
  gboolean down;
  GPtrArray *asked;         /* char * */
  HjMediaAnswered answered; /* of the offer that waits */
  gpointer user_data;
} HjFakeMediaPort;

HjFakeMediaPort *hj_fake_media_port_new (void);
void hj_fake_media_port_free (HjFakeMediaPort *self);
guint
hj_fake_media_port_count (HjFakeMediaPort *self, const char *format, ...) G_GNUC_PRINTF (2, 3);
void hj_fake_media_port_answer (HjFakeMediaPort *self, const char *answer, const char *refusal);
void hj_fake_media_port_forget (HjFakeMediaPort *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HjFakeMediaPort, hj_fake_media_port_free)

G_END_DECLS
