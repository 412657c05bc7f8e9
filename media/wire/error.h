/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define HJ_MEDIA_ERROR (hj_media_error_quark ())

/* The names say what the caller can do next. */
typedef enum
{
  HJ_MEDIA_ERROR_MALFORMED,   /* drop the packet, count it */
  HJ_MEDIA_ERROR_REFUSED,     /* understood, but not allowed: answer with a refusal */
  HJ_MEDIA_ERROR_FINGERPRINT, /* the peer is not who signalling said: close the leg, tell the audit */
  HJ_MEDIA_ERROR_HANDSHAKE,   /* close the leg, the client may try again */
  HJ_MEDIA_ERROR_CRYPTO,      /* OpenSSL refuses to work: stop the process */
  HJ_MEDIA_ERROR_FAILED,      /* none of the above; the message tells */
} HjMediaError;

GQuark hj_media_error_quark (void);

G_END_DECLS
