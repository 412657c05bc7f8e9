/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/base/types.h"

G_BEGIN_DECLS

#define HJ_CTL_ERROR (hj_ctl_error_quark ())

typedef enum
{
  HJ_CTL_ERROR_USAGE,       /* say it another way: --help */
  HJ_CTL_ERROR_UNREACHABLE, /* huijiand does not answer */
  HJ_CTL_ERROR_REFUSED,     /* huijiand said no, and why */
  HJ_CTL_ERROR_ANSWER,      /* the answer makes no sense: two versions? */
  HJ_CTL_ERROR_INPUT,       /* a file or stdin */
  HJ_CTL_ERROR_STATE,       /* not now: initialised already, or huijiand is running */
} HjCtlError;

GQuark hj_ctl_error_quark (void);

G_END_DECLS
