/* SPDX-License-Identifier: Apache-2.0 */
/* The numbers that people and organisations carry: identity card (GB 11643-1999), unified social credit code (GB 32100-2015,
 * with the organisation code of GB 11714 inside), lawyer's licence, centre and detainee codes (GA 300), police numbers.
 * Court numbers stand in court-number.c. Pure functions, any thread; the sources are in DOMAIN.md 5.1. */

#include "src/records/validators.h"

#include <string.h>

static const char CREDIT_ALPHABET[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";

static HjValidity
say (HjValidity validity, const char *why, const char **reason)
{
  *reason = why;
  return validity;
}

static HjValidity
refuse (const char *why, const char **reason)
{
  return say (HJ_VALIDITY_INVALID, why, reason);
}

static HjValidity
warn (const char *why, const char **reason)
{
  return say (HJ_VALIDITY_WARNING, why, reason);
}

static gboolean
is_digits (const char *text, gsize from, gsize to)
{
  for (gsize i = from; i < to; i++)
    if (!g_ascii_isdigit (text[i]))
      return FALSE;
  return TRUE;
}

static int
number_at (const char *text, gsize from, gsize to)
{
  int number = 0;

  for (gsize i = from; i < to; i++)
    number = number * 10 + (text[i] - '0');
  return number;
}

/* Eight digits YYYYMMDD that name a day of the calendar. */
static gboolean
has_date (const char *text, gsize from)
{
  int year = number_at (text, from, from + 4);

  return year >= 1850 && year <= 2200
         && g_date_valid_dmy ((GDateDay)number_at (text, from + 6, from + 8),
             (GDateMonth)number_at (text, from + 4, from + 6), (GDateYear)year);
}

/* A code without a known shape is still one only when it is short, of letters, digits and hyphens. */
static gboolean
is_code (const char *text)
{
  gsize length = strlen (text);

  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum (text[i]) && text[i] != '-')
      return FALSE;
  return length > 0 && length <= 32;
}

/* YYYY-MM-DD, a day of the calendar. */
gboolean
hj_date_is_valid (const char *text)
{
  char digits[9];

  if (strlen (text) != 10 || text[4] != '-' || text[7] != '-')
    return FALSE;
  memcpy (digits, text, 4);
  memcpy (digits + 4, text + 5, 2);
  memcpy (digits + 6, text + 8, 2);
  digits[8] = '\0';
  return is_digits (digits, 0, 8) && has_date (digits, 0);
}

/* text: at least 17 digits. Returns: the 18th character by GB 11643 (ISO 7064 MOD 11-2). */
char
hj_id_card_check_digit (const char *text)
{
  static const int WEIGHTS[17] = { 7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2 };
  int sum = 0;

  for (int i = 0; i < 17; i++)
    sum += WEIGHTS[i] * (text[i] - '0');
  return "10X98765432"[sum % 11];
}

/* Provinces of GB/T 2260, 81–83 for residents of Hong Kong, Macau and Taiwan, 91 for foreigners who reside permanently. */
static gboolean
is_province (int code)
{
  static const char *const KNOWN
      = " 11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 "
        "53 54 61 62 63 64 65 71 81 82 83 91 ";
  char word[] = { ' ', (char)('0' + code / 10 % 10), (char)('0' + code % 10), ' ', '\0' };

  return strstr (KNOWN, word) != NULL;
}

/* 公民身份号码. A lower-case x warns; it is kept as X. */
HjValidity
hj_validate_id_card (const char *text, const char **reason)
{
  if (strlen (text) != 18)
    return refuse ("length", reason);
  if (!is_digits (text, 0, 17)
      || (!g_ascii_isdigit (text[17]) && g_ascii_toupper (text[17]) != 'X'))
    return refuse ("characters", reason);
  if (!has_date (text, 6))
    return refuse ("date", reason);
  if (g_ascii_toupper (text[17]) != hj_id_card_check_digit (text))
    return refuse ("check-digit", reason);
  if (text[17] == 'x')
    return warn ("lower-case", reason);
  if (!is_province (number_at (text, 0, 2)))
    return warn ("area", reason);
  return say (HJ_VALIDITY_VALID, NULL, reason);
}

static int
credit_value (char character)
{
  const char *at = character != '\0' ? strchr (CREDIT_ALPHABET, character) : NULL;

  return at != NULL ? (int)(at - CREDIT_ALPHABET) : -1;
}

/* text: at least 17 characters of the alphabet. Returns: the 18th by GB 32100. */
char
hj_credit_code_check_digit (const char *text)
{
  int weight = 1;
  int sum = 0;

  for (int i = 0; i < 17; i++)
    {
      sum += weight * credit_value (text[i]);
      weight = weight * 3 % 31;
    }
  return CREDIT_ALPHABET[(31 - sum % 31) % 31];
}

/* GB 11714: the organisation code stands in positions 9 to 17; its own values are 0–9, A = 10 … Z = 35. */
static char
organisation_check_digit (const char *text)
{
  static const int WEIGHTS[8] = { 3, 7, 9, 10, 5, 8, 4, 2 };
  int sum = 0;

  for (int i = 0; i < 8; i++)
    sum += WEIGHTS[i] * (g_ascii_isdigit (text[i]) ? text[i] - '0' : text[i] - 'A' + 10);
  return "0X987654321"[sum % 11];
}

/* 统一社会信用代码. */
HjValidity
hj_validate_credit_code (const char *text, const char **reason)
{
  if (strlen (text) != 18)
    return refuse ("length", reason);
  for (int i = 0; i < 18; i++)
    if (credit_value (text[i]) < 0)
      return refuse ("characters", reason);
  if (!is_digits (text, 2, 8))
    return refuse ("area", reason);
  if (text[16] != organisation_check_digit (text + 8))
    return refuse ("organisation-check-digit", reason);
  if (text[17] != hj_credit_code_check_digit (text))
    return refuse ("check-digit", reason);
  if (!is_province (number_at (text, 2, 4)) && number_at (text, 2, 4) != 10)
    return warn ("area", reason);
  return say (HJ_VALIDITY_VALID, NULL, reason);
}

/* 律师事务所: 3 (justice) and 1 (law practice). */
HjValidity
hj_validate_firm_code (const char *text, const char **reason)
{
  HjValidity validity = hj_validate_credit_code (text, reason);

  if (validity != HJ_VALIDITY_INVALID && strncmp (text, "31", 2) != 0)
    return refuse ("not-a-law-firm", reason);
  return validity;
}

/* 执业证号. 17 digits: kind, province and city, year, category, sex, serial. Old cards have 12. No check digit. */
HjValidity
hj_validate_licence (const char *text, const char **reason)
{
  gsize length = strlen (text);

  if (!is_code (text))
    return refuse (length == 0 || length > 32 ? "length" : "characters", reason);
  if (!is_digits (text, 0, length) || (length != 17 && length != 12))
    return warn ("format", reason);
  if (length == 12)
    return warn ("old-card", reason);
  if (text[0] != '1')
    return warn ("kind", reason);
  if (!is_province (number_at (text, 1, 3)))
    return warn ("area", reason);
  if (number_at (text, 5, 9) < 1950 || number_at (text, 5, 9) > 2200)
    return warn ("year", reason);
  if (text[9] == '0')
    return warn ("category", reason);
  if (text[10] != '0' && text[10] != '1')
    return warn ("sex", reason);
  return say (HJ_VALIDITY_VALID, NULL, reason);
}

/* 看守所编码, GA 300.1: 9 digits, an area of six and a serial. */
HjValidity
hj_validate_centre_code (const char *text, const char **reason)
{
  gsize length = strlen (text);

  if (!is_code (text))
    return refuse (length == 0 || length > 32 ? "length" : "characters", reason);
  if (length != 9 || !is_digits (text, 0, length))
    return warn ("format", reason);
  if (!is_province (number_at (text, 0, 2)))
    return warn ("area", reason);
  return say (HJ_VALIDITY_VALID, NULL, reason);
}

/* 在押人员编码, GA 300.3: centre of 9, day of admission, serial of 4. */
HjValidity
hj_validate_detainee_code (const char *text, const char **reason)
{
  gsize length = strlen (text);

  if (!is_code (text))
    return refuse (length == 0 || length > 32 ? "length" : "characters", reason);
  if (length != 21 || !is_digits (text, 0, length))
    return warn ("format", reason);
  if (!has_date (text, 9))
    return warn ("date", reason);
  if (!is_province (number_at (text, 0, 2)))
    return warn ("area", reason);
  return say (HJ_VALIDITY_VALID, NULL, reason);
}

/* GA 781: 23 characters; usually A, a unit of 12 digits, YYYYMM and a serial of 4. */
HjValidity
hj_validate_police_number (const char *text, const char **reason)
{
  gsize length = strlen (text);

  if (!is_code (text))
    return refuse (length == 0 || length > 32 ? "length" : "characters", reason);
  if (length != 23)
    return warn ("format", reason);
  if (text[0] != 'A' || !is_digits (text, 1, 23) || number_at (text, 17, 19) < 1
      || number_at (text, 17, 19) > 12)
    return warn ("layout", reason);
  return say (HJ_VALIDITY_VALID, NULL, reason);
}

/* No published shape: any short text will do (the import refuses control characters). */
HjValidity
hj_validate_procuratorate_number (const char *text, const char **reason)
{
  if (*text == '\0' || g_utf8_strlen (text, -1) > 64)
    return refuse ("length", reason);
  return say (HJ_VALIDITY_VALID, NULL, reason);
}
