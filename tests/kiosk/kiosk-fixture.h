/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/kiosk/config.h"
#include "tests/kiosk/fake-server.h"

char *temporary_folder (void);
void remove_folder (const char *folder);
void write_file (const char *folder, const char *name, const char *text);
HjKioskConfig *test_config (const char *server, const char *folder);
gboolean enrol_now (const HjKioskConfig *config, const char *token, GError **error);
