/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/base/types.h"

G_BEGIN_DECLS

/* How a test commands this end and hears from it: JSON objects, one a line, on standard input and output. */
typedef struct _Talk Talk;

/* command: NULL when standard input has ended. */
typedef void (*TalkCommand) (const json_t *command, gpointer user);

Talk *talk_new (TalkCommand take, gpointer user);
void talk_free (Talk *self);
void talk_say (json_t *event);
void talk_say_word (const char *event);

G_END_DECLS
