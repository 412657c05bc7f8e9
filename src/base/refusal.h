/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/base/types.h"

G_BEGIN_DECLS

/* Why an act was refused, in terms of what the caller can do next. One domain for all rules: the same refusal must read the
 * same wherever it is met, in the answer (signaling/problem.c) and in the audit (its word). */
typedef enum
{
  HJ_REFUSAL_INVALID,       /* a field is missing or wrong: correct it */
  HJ_REFUSAL_SIGN_IN,       /* nobody is signed in */
  HJ_REFUSAL_LOGIN_FAILED,  /* account or password wrong, or disabled: the same answer */
  HJ_REFUSAL_LOGIN_DELAYED, /* too many failures: wait */
  HJ_REFUSAL_PASSWORD_WEAK, /* choose a longer one */
  HJ_REFUSAL_NOT_FOUND,     /* unknown or forbidden: the same answer */
  HJ_REFUSAL_NOT_ELIGIBLE,  /* the findings say why */
  HJ_REFUSAL_SLOT_TAKEN,    /* choose one of the alternatives */
  HJ_REFUSAL_SLOT_CLOSED,   /* not offered: room closed, kiosk offline, outside hours */
  HJ_REFUSAL_STATE,         /* not in this state */
  HJ_REFUSAL_TOKEN,         /* ticket, token or signature unknown, used or expired */
  HJ_REFUSAL_EXISTS,        /* there is one already */
  HJ_REFUSAL_TOO_MANY,      /* too many of them, or too often: remove one, or slow down */
  HJ_REFUSAL_DEVICE,        /* this browser's key is not registered or was removed: register it */
  HJ_REFUSAL_UNAPPROVED,    /* this kiosk's key waits for an administrator: try again */
  HJ_REFUSAL_UNAVAILABLE,   /* a part of the service is away: try again */
  HJ_REFUSAL_N
} HjRefusal;

#define HJ_REFUSAL (hj_refusal_quark ())

GQuark hj_refusal_quark (void);
const char *hj_refusal_word (HjRefusal code);
void hj_refuse (GError **error, HjRefusal code, const char *format, ...) G_GNUC_PRINTF (3, 4);

G_END_DECLS
