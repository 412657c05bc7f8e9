/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What the person at the kiosk's console can do next. */
typedef enum
{
  HJ_KIOSK_ERROR_CONFIG,       /* correct the configuration file */
  HJ_KIOSK_ERROR_KEY,          /* the device key is missing, damaged or readable by others */
  HJ_KIOSK_ERROR_NOT_ENROLLED, /* run `enrol` first */
  HJ_KIOSK_ERROR_ENROLLED,     /* already enrolled: nothing was changed */
  HJ_KIOSK_ERROR_TOKEN,        /* ask the administrator for a new token */
  HJ_KIOSK_ERROR_UNREACHABLE,  /* the network or the server is away: try again */
  HJ_KIOSK_ERROR_UNTRUSTED,    /* the server's certificate is not of our CA or not for its name */
  HJ_KIOSK_ERROR_ANSWER,       /* the server answered something that is no answer */
  HJ_KIOSK_ERROR_PAGE,         /* the page's folder cannot be served */
} HjKioskError;

#define HJ_KIOSK_ERROR (hj_kiosk_error_quark ())

GQuark hj_kiosk_error_quark (void);

G_END_DECLS
