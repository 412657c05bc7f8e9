/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Forward typedefs, so that headers need not include each other nor a library. */

#include <glib.h>

typedef struct json_t json_t;

typedef struct _HjTime HjTime;
typedef struct _HjConfig HjConfig;
typedef struct _HjSecret HjSecret;
typedef struct _HjWorker HjWorker;
typedef struct _HjStore HjStore;
typedef struct _HjRows HjRows;
typedef struct _HjActor HjActor;
typedef struct _HjAct HjAct;
typedef struct _HjActs HjActs;
typedef struct _HjMeeting HjMeeting;
typedef struct _HjHost HjHost;
