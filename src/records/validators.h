/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "src/base/types.h"

G_BEGIN_DECLS

/* What a number says about itself. A checksum that fails refuses; a shape without a checksum only warns, because the sources
 * that describe it are weaker than the document in the source's hands (DOMAIN.md 5.1). */
typedef enum
{
  HJ_VALIDITY_VALID,
  HJ_VALIDITY_WARNING,
  HJ_VALIDITY_INVALID
} HjValidity;

/* reason: (out) (transfer none) (nullable): a word such as "check-digit", NULL when valid. */
typedef HjValidity (*HjValidator) (const char *text, const char **reason);

HjValidity hj_validate_id_card (const char *text, const char **reason);
HjValidity hj_validate_credit_code (const char *text, const char **reason);
HjValidity hj_validate_firm_code (const char *text, const char **reason);
HjValidity hj_validate_licence (const char *text, const char **reason);
HjValidity hj_validate_centre_code (const char *text, const char **reason);
HjValidity hj_validate_detainee_code (const char *text, const char **reason);
HjValidity hj_validate_court_number (const char *text, const char **reason);
HjValidity hj_validate_police_number (const char *text, const char **reason);
HjValidity hj_validate_procuratorate_number (const char *text, const char **reason);

gboolean hj_date_is_valid (const char *text);
char hj_id_card_check_digit (const char *text);
char hj_credit_code_check_digit (const char *text);

G_END_DECLS
