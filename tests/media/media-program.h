/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A running huijian-media with a configuration and a link socket of its own. */
typedef struct
{
  char *directory;
  char *socket_path;
  char *config_path;
  char *suppressions_path;
  GSubprocess *process;
} MediaProgram;

void media_program_prepare (MediaProgram *self, const char *config);
void media_program_start (MediaProgram *self, const char *path, GSubprocessFlags flags);
void media_program_stop (MediaProgram *self);
void media_program_clear (MediaProgram *self);

G_END_DECLS
