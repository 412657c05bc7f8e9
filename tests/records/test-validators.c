/* SPDX-License-Identifier: Apache-2.0 */
/* The numbers of DOMAIN.md 5.1 and many that are wrong: checksums refuse, shapes without one warn. */

#include "src/records/validators.h"
#include "tests/support/expect-log.h"

#include <string.h>

typedef struct
{
  const char *text;
  const char *reason; /* NULL: valid */
  HjValidity validity;
} Vector;

#define VALID(TEXT)                                                                                \
  {                                                                                                \
    TEXT, NULL, HJ_VALIDITY_VALID                                                                  \
  }
#define WARNS(TEXT, REASON)                                                                        \
  {                                                                                                \
    TEXT, REASON, HJ_VALIDITY_WARNING                                                              \
  }
#define REFUSED(TEXT, REASON)                                                                      \
  {                                                                                                \
    TEXT, REASON, HJ_VALIDITY_INVALID                                                              \
  }

static void
check (HjValidator validator, const Vector *vectors, gsize n)
{
  for (gsize i = 0; i < n; i++)
    {
      const char *reason = "untouched";
      HjValidity validity = validator (vectors[i].text, &reason);

      if (g_strcmp0 (reason, vectors[i].reason) != 0)
        g_test_message ("vector %" G_GSIZE_FORMAT, i);
      g_assert_cmpstr (reason, ==, vectors[i].reason);
      g_assert_cmpint (validity, ==, vectors[i].validity);
    }
}

static void
identity_cards_are_checked_by_date_and_digit (void)
{
  static const Vector VECTORS[] = {
    VALID ("11010519491231002X"),                               /* the example of GB 11643 */
    VALID ("440101198803120031"), VALID ("440101200002290014"), /* a leap day */
    WARNS ("11010519491231002x", "lower-case"), REFUSED ("110105194912310021", "check-digit"),
    REFUSED ("11010519491231003X", "check-digit"),
    REFUSED ("11010519491231020X", "check-digit"), /* two digits exchanged */
    REFUSED ("110105194912310020", "check-digit"), REFUSED ("11010519490231002X", "date"),
    REFUSED ("110105190002290026", "date"), /* 1900 was no leap year */
    REFUSED ("11010519491331002X", "date"), REFUSED ("11010519490031002X", "date"),
    REFUSED ("11010517991231002X", "date"), REFUSED ("1101051949123100X2", "characters"),
    REFUSED ("11010519491231002Y", "characters"), REFUSED ("11O10519491231002X", "characters"),
    REFUSED ("110105194912310", "length"), /* the cards of fifteen digits ended in 2013 */
    REFUSED ("11010519491231002X ", "length"), REFUSED ("", "length"),
    REFUSED ("１１０１０５", "characters"), /* 18 bytes */
  };

  check (hj_validate_id_card, VECTORS, G_N_ELEMENTS (VECTORS));
}

static void
every_single_wrong_digit_of_a_card_is_found (void)
{
  static const char RIGHT[] = "440101198803120031";
  const char *reason;

  for (int place = 0; place < 17; place++)
    for (char digit = '0'; digit <= '9'; digit++)
      {
        char wrong[sizeof RIGHT];

        memcpy (wrong, RIGHT, sizeof RIGHT);
        wrong[place] = digit;
        g_assert_cmpint (hj_validate_id_card (wrong, &reason), ==,
            digit == RIGHT[place] ? HJ_VALIDITY_VALID : HJ_VALIDITY_INVALID);
      }
}

static void
an_unknown_province_on_a_card_only_warns (void)
{
  char card[] = "990101198803120030";
  const char *reason;

  card[17] = hj_id_card_check_digit (card);
  g_assert_cmpint (hj_validate_id_card (card, &reason), ==, HJ_VALIDITY_WARNING);
  g_assert_cmpstr (reason, ==, "area");
}

static void
credit_codes_are_checked_by_both_digits (void)
{
  static const Vector VECTORS[] = {
    VALID ("91350100M000100Y43"), /* DOMAIN.md 5.1 */
    VALID ("9144030071526726XG"),
    VALID ("31440000MDEM00011F"),
    REFUSED ("91350100M000100Y44", "check-digit"),
    REFUSED ("91350101M000100Y43", "check-digit"),
    REFUSED ("91350100M000101Y43", "organisation-check-digit"),
    REFUSED ("9144030071526726YG", "organisation-check-digit"),
    REFUSED ("91350100M000100143", "check-digit"), /* Y and 1 are the same modulo 11 */
    REFUSED ("9I350100M000100Y43", "characters"),  /* no I, O, S, V, Z */
    REFUSED ("9O350100M000100Y43", "characters"),
    REFUSED ("91350100m000100Y43", "characters"),
    REFUSED ("9135A100M000100Y43", "area"),
    REFUSED ("91350100M000100Y4", "length"),
    REFUSED ("91350100M000100Y433", "length"),
    REFUSED ("", "length"),
  };

  check (hj_validate_credit_code, VECTORS, G_N_ELEMENTS (VECTORS));
}

static void
every_single_wrong_character_of_a_credit_code_is_found (void)
{
  static const char RIGHT[] = "91350100M000100Y43";
  static const char ALPHABET[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
  const char *reason;

  for (int place = 0; place < 18; place++)
    for (int i = 0; i < 31; i++)
      {
        char wrong[sizeof RIGHT];

        memcpy (wrong, RIGHT, sizeof RIGHT);
        wrong[place] = ALPHABET[i];
        g_assert_cmpint (hj_validate_credit_code (wrong, &reason), ==,
            ALPHABET[i] == RIGHT[place] ? HJ_VALIDITY_VALID : HJ_VALIDITY_INVALID);
      }
}

static void
a_firm_is_a_law_practice (void)
{
  static const Vector VECTORS[] = {
    VALID ("31440000MDEM00011F"),
    REFUSED ("91350100M000100Y43", "not-a-law-firm"),
    REFUSED ("31440000MDEM00011G", "check-digit"),
  };

  check (hj_validate_firm_code, VECTORS, G_N_ELEMENTS (VECTORS));
}

static void
licences_have_no_check_digit_and_only_warn (void)
{
  static const Vector VECTORS[] = {
    VALID ("14401200911900001"),
    VALID ("11101199310123456"),
    WARNS ("110199310123", "old-card"),
    WARNS ("1440120091190000", "format"),
    WARNS ("144012009119000011", "format"),
    WARNS ("1440120091190000A", "format"),
    WARNS ("24401200911900001", "kind"),
    WARNS ("19901200911900001", "area"),
    WARNS ("14401180011900001", "year"),
    WARNS ("14401200901900001", "category"),
    WARNS ("14401200912900001", "sex"),
    REFUSED ("", "length"),
    REFUSED ("123456789012345678901234567890123", "length"),
    REFUSED ("14401200911 900001", "characters"),
    REFUSED ("粤14401", "characters"),
  };

  check (hj_validate_licence, VECTORS, G_N_ELEMENTS (VECTORS));
}

static void
centre_and_detainee_codes_have_a_shape (void)
{
  static const Vector CENTRES[] = {
    VALID ("330181111"), /* the example of GA 300: Xiaoshan No. 1 */
    WARNS ("33018111", "format"),
    WARNS ("3301811111", "format"),
    WARNS ("33018111A", "format"),
    WARNS ("990181111", "area"),
    REFUSED ("", "length"),
    REFUSED ("33018111'", "characters"),
  };
  static const Vector DETAINEES[] = {
    VALID ("330181111200001040201"), /* the example of GA 300.3 */
    WARNS ("330181111200002300201", "date"),
    WARNS ("330181111200013010201", "date"),
    WARNS ("33018111120000104020", "format"),
    WARNS ("3301811112000010402011", "format"),
    WARNS ("33018111120000104020X", "format"),
    WARNS ("990181111200001040201", "area"),
    REFUSED ("", "length"),
    REFUSED ("330181111 20000104 0201", "characters"),
  };

  check (hj_validate_centre_code, CENTRES, G_N_ELEMENTS (CENTRES));
  check (hj_validate_detainee_code, DETAINEES, G_N_ELEMENTS (DETAINEES));
}

static void
court_numbers_are_read_in_any_brackets (void)
{
  static const Vector VECTORS[] = {
    VALID ("（2023）粤0105刑初123号"),
    VALID ("（2023）粤01刑终1号"),
    VALID ("（2023）粤刑终123号"),
    VALID ("（2023）京0105刑初123号"),
    VALID ("（2023）最高法刑核12345678号"),
    VALID ("（2023）军01刑初7号"),
    VALID ("（2024）内0102刑更备9号"),
    WARNS ("(2023)粤0105刑初123号", "brackets"),
    WARNS ("〔2023〕粤0105刑初123号", "brackets"),
    WARNS ("（2023)粤0105刑初123号", "brackets"),
    WARNS ("（1923）粤0105刑初123号", "year"),
    WARNS ("(2014)穗天法刑初字第123号", "old-style"),
    WARNS ("（2023）粤0105刑初123", "format"),
    WARNS ("（2023）粤0105刑初123号之一", "format"),
    WARNS ("（2023）粤0105刑初0号", "format"),
    WARNS ("（2023）粤0105刑初号", "format"),
    WARNS ("（2023）粤0105123号", "format"),
    WARNS ("（2023）粤0105一二三四1号", "format"),
    WARNS ("（2023）粤010刑初123号", "format"),
    WARNS ("（2023）粤010500刑初123号", "format"),
    WARNS ("（2023）某0105刑初123号", "format"),
    WARNS ("（202）粤0105刑初123号", "format"),
    WARNS ("（2023粤0105刑初123号", "format"),
    WARNS ("2023粤0105刑初123号", "format"),
    WARNS ("（", "format"),
    WARNS ("abc", "format"),
    REFUSED ("", "length"),
    REFUSED ("（2023）粤0105刑初\xff号", "length"),
    REFUSED ("0000000000000000000000000000000000000000000000000000000000000000000", "length"),
  };

  check (hj_validate_court_number, VECTORS, G_N_ELEMENTS (VECTORS));
}

static void
police_and_procuratorate_numbers_are_taken_loosely (void)
{
  static const Vector POLICE[] = {
    VALID ("A4401010000002026030001"),
    WARNS ("A4401010000002026130001", "layout"),
    WARNS ("B4401010000002026030001", "layout"),
    WARNS ("A44010100000020260300X1", "layout"),
    WARNS ("A440101000000202603000", "format"),
    REFUSED ("", "length"),
    REFUSED ("A4401010000002026030001;", "characters"),
  };
  static const Vector PROCURATORATE[] = {
    VALID ("穗海检刑诉〔2023〕Z123号"),
    REFUSED ("", "length"),
  };

  check (hj_validate_police_number, POLICE, G_N_ELEMENTS (POLICE));
  check (hj_validate_procuratorate_number, PROCURATORATE, G_N_ELEMENTS (PROCURATORATE));
}

static void
dates_are_days_of_the_calendar (void)
{
  static const char *const WRONG[]
      = { "", "2026-02-29", "2026-13-01", "2026-00-01", "2026-01-00", "2026-1-01", "2026/01/01",
          "20260101", "2026-01-01 ", "2026-01-0x", "-026-01-01", "1849-12-31", "2201-01-01" };

  g_assert_true (hj_date_is_valid ("2026-03-02"));
  g_assert_true (hj_date_is_valid ("2024-02-29"));
  for (gsize i = 0; i < G_N_ELEMENTS (WRONG); i++)
    g_assert_false (hj_date_is_valid (WRONG[i]));
}

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
#define TEST(NAME) g_test_add_func ("/records/validators/" #NAME, NAME)
  TEST (identity_cards_are_checked_by_date_and_digit);
  TEST (every_single_wrong_digit_of_a_card_is_found);
  TEST (an_unknown_province_on_a_card_only_warns);
  TEST (credit_codes_are_checked_by_both_digits);
  TEST (every_single_wrong_character_of_a_credit_code_is_found);
  TEST (a_firm_is_a_law_practice);
  TEST (licences_have_no_check_digit_and_only_warn);
  TEST (centre_and_detainee_codes_have_a_shape);
  TEST (court_numbers_are_read_in_any_brackets);
  TEST (police_and_procuratorate_numbers_are_taken_loosely);
  TEST (dates_are_days_of_the_calendar);
  return g_test_run ();
}
