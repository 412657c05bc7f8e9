/* SPDX-License-Identifier: Apache-2.0 */
/* 案号 of the courts since 2016: （year）court, type, serial, 号 — （2023）粤0105刑初123号. The rule is that of the Supreme
 * People's Court on case numbers of 2016-01-01 (DOMAIN.md 5.1). There is no check digit, so a wrong shape warns. Any thread. */

#include "src/records/validators.h"

#include <string.h>

static const char OPENING[] = "（(〔[【";
static const char CLOSING[] = "）)〕]】";
/* One character for each province's courts, military (军) and the corps (兵). */
static const char COURTS[] = "京津冀晋内辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川黔云藏陕甘青宁新军兵";

typedef struct
{
  const char *at;
  const char *warning; /* (nullable): the first thing that is unusual */
} Parser;

static gboolean
is_one_of (gunichar character, const char *set)
{
  return character != 0 && g_utf8_strchr (set, -1, character) != NULL;
}

static gunichar
peek (const Parser *parser)
{
  return g_utf8_get_char (parser->at);
}

static void
step (Parser *parser)
{
  parser->at = g_utf8_next_char (parser->at);
}

static void
note (Parser *parser, const char *warning)
{
  if (parser->warning == NULL)
    parser->warning = warning;
}

static int
take_digits (Parser *parser, int *ret_count)
{
  int number = 0;
  int count = 0;

  while (g_ascii_isdigit (*parser->at) && count < 10)
    {
      number = count < 9 ? number * 10 + (*parser->at - '0') : number;
      count++;
      parser->at++;
    }
  *ret_count = count;
  return number;
}

static gboolean
take_year (Parser *parser)
{
  gunichar opening = peek (parser);
  int count = 0;
  int year;

  if (!is_one_of (opening, OPENING))
    return FALSE;
  step (parser);
  year = take_digits (parser, &count);
  if (count != 4 || !is_one_of (peek (parser), CLOSING))
    return FALSE;
  if (opening != g_utf8_get_char (OPENING) || peek (parser) != g_utf8_get_char (CLOSING))
    note (parser, "brackets");
  step (parser);
  if (year < 1949 || year > 2200)
    note (parser, "year");
  return TRUE;
}

/* 最高法, or a province's character with none, two (intermediate) or four (basic) digits. */
static gboolean
take_court (Parser *parser)
{
  static const char SUPREME[] = "最高法";
  int digits = 0;

  if (g_str_has_prefix (parser->at, SUPREME))
    {
      parser->at += strlen (SUPREME);
      return TRUE;
    }
  if (!is_one_of (peek (parser), COURTS))
    return FALSE;
  step (parser);
  take_digits (parser, &digits);
  return digits == 0 || digits == 2 || digits == 4;
}

/* At most three Chinese characters (刑初, 刑终, 刑更备), then the serial and 号. */
static gboolean
take_type_and_serial (Parser *parser)
{
  int characters = 0;
  int digits = 0;
  int serial;

  while (g_unichar_get_script (peek (parser)) == G_UNICODE_SCRIPT_HAN && characters < 4)
    {
      characters++;
      step (parser);
    }
  if (characters < 1 || characters > 3)
    return FALSE;
  serial = take_digits (parser, &digits);
  if (digits < 1 || digits > 9 || serial == 0 || !g_str_has_prefix (parser->at, "号"))
    return FALSE;
  step (parser);
  return *parser->at == '\0';
}

HjValidity
hj_validate_court_number (const char *text, const char **reason)
{
  Parser parser = { text, NULL };

  *reason = "length";
  if (*text == '\0' || !g_utf8_validate (text, -1, NULL) || g_utf8_strlen (text, -1) > 64)
    return HJ_VALIDITY_INVALID;
  *reason = NULL;
  if (!take_year (&parser) || !take_court (&parser) || !take_type_and_serial (&parser))
    parser.warning = strstr (text, "字第") != NULL ? "old-style" : "format";
  *reason = parser.warning;
  return parser.warning != NULL ? HJ_VALIDITY_WARNING : HJ_VALIDITY_VALID;
}
