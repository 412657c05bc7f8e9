/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/base/types.h"

G_BEGIN_DECLS

#define HJ_CONFIG_ERROR (hj_config_error_quark ())

typedef enum
{
  HJ_CONFIG_ERROR_FILE,
  HJ_CONFIG_ERROR_UNKNOWN_KEY,
  HJ_CONFIG_ERROR_VALUE,
} HjConfigError;

GQuark hj_config_error_quark (void);

/* One known key of a group. A key without a default must be in the file. */
typedef struct
{
  const char *key;
  const char *fallback; /* (nullable) */
} HjConfigKey;

HjConfig *hj_config_new_from_file (
    const char *path, const char *group, const HjConfigKey *keys, GError **error);
void hj_config_free (HjConfig *self);
const char *hj_config_get (const HjConfig *self, const char *key);
gint64 hj_config_get_int (const HjConfig *self, const char *key);
char **hj_config_get_list (const HjConfig *self, const char *key);
gboolean
hj_config_check_int (const HjConfig *self, const char *key, gint64 min, gint64 max, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HjConfig, hj_config_free)

G_END_DECLS
