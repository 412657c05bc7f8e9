/* SPDX-License-Identifier: Apache-2.0 */
/* Every kind of record: applied, changed by a newer version, warned about, refused for each reason with its field. */

#include "tests/records/importing.h"
#include "tests/support/expect-log.h"

typedef struct
{
  const char *kind;
  const char *key;
  const char *data; /* with ' for " */
  const char *code;
  const char *field;
} Wrong;

static void
refuse_all (HjFixture *f, const Wrong *rows, gsize n)
{
  for (gsize i = 0; i < n; i++)
    {
      g_autofree char *line = record (rows[i].kind, rows[i].key, 9, rows[i].data);

      refuse (f, line, rows[i].code, rows[i].field);
    }
}

static void
warn_all (HjFixture *f, const Wrong *rows, gsize n)
{
  for (gsize i = 0; i < n; i++)
    {
      g_autofree char *line = record (rows[i].kind, rows[i].key, 10 + ++f->n, rows[i].data);

      warn (f, line, rows[i].code, rows[i].field);
    }
}

static void
take_version (HjFixture *f, const char *kind, const char *key, int version, const char *data)
{
  g_autofree char *line = record (kind, key, version, data);

  take (f, line);
}

#define NAME "'name':{'zh':'一室','en':'Room 1'}"

static void
centres_come_in_and_change (HjFixture *f, gconstpointer data)
{
  static const Wrong WRONG[] = {
    { "centre", "4401 0011", "{" NAME "}", "characters", "key" },
    { "centre", CENTRE, "{}", "required", "name" },
    { "centre", CENTRE, "{'name':'一所'}", "type", "name" },
    { "centre", CENTRE, "{'name':{'zh':'一所'}}", "required", "name.en" },
    { "centre", CENTRE, "{'name':{'zh':7,'en':'One'}}", "type", "name.zh" },
    { "centre", CENTRE, "{'name':{'zh':'  ','en':'One'}}", "characters", "name.zh" },
    { "centre", CENTRE, "{'name':{'zh':'','en':'One'}}", "required", "name.zh" },
    { "centre", CENTRE, "{'name':{'zh':'a\\u0000b','en':'One'}}", "json", "" },
    { "centre", CENTRE, "{'name':{'zh':'a\\u0007b','en':'One'}}", "characters", "name.zh" },
    { "centre", CENTRE, "{'name':{'zh':'a\\u202eb','en':'One'}}", "characters", "name.zh" },
    { "centre", CENTRE, "{" NAME ",'zone':'Mars/Olympus'}", "unknown-word", "zone" },
  };
  static const Wrong ODD[] = {
    { "centre", "44010011", "{" NAME "}", "format", "key" },
    { "centre", CENTRE, "{" NAME ",'colour':'red'}", "unknown-member", "colour" },
    { "centre", CENTRE, "{'name':{'zh':'一','en':'One','fr':'Un'}}", "unknown-member", "name.fr" },
  };
  const char *id;

  take_version (f, "centre", CENTRE, 1, "{'name':{'zh':'一所','en':'One'}}");
  id = hj_fixture_text (f, "SELECT id FROM centre WHERE code = '" CENTRE "'", NULL);
  take_version (f, "centre", CENTRE, 2, "{'name':{'zh':'首所','en':'First'},'zone':'Asia/Urumqi'}");
  g_assert_cmpstr (
      hj_fixture_text (f, "SELECT name_zh FROM centre WHERE id = :id", id), ==, "首所");
  g_assert_cmpstr (
      hj_fixture_text (f, "SELECT zone FROM centre WHERE id = :id", id), ==, "Asia/Urumqi");
  refuse_all (f, WRONG, G_N_ELEMENTS (WRONG));
  warn_all (f, ODD, G_N_ELEMENTS (ODD));
}

static void
a_centre_that_an_administrator_made_is_the_same_centre (HjFixture *f, gconstpointer data)
{
  const char *id = hj_fixture_centre (f);
  const char *code = hj_fixture_text (f, "SELECT code FROM centre WHERE id = :id", id);

  take_version (f, "centre", code, 1, "{'name':{'zh':'一所','en':'One'}}");
  g_assert_cmpint (hj_fixture_count (f, "SELECT COUNT (*) FROM centre", NULL), ==, 1);
  g_assert_cmpstr (
      hj_fixture_text (f, "SELECT name_zh FROM centre WHERE id = :id", id), ==, "一所");
}

static void
rooms_belong_to_a_centre (HjFixture *f, gconstpointer data)
{
  static const Wrong WRONG[] = {
    { "room", "r2", "{" NAME "}", "required", "centre" },
    { "room", "r2", "{'centre':'440100999'," NAME "}", "unknown-reference", "centre" },
    { "room", "r2", "{'centre':7," NAME "}", "type", "centre" },
    { "room", "r2", "{'centre':'" CENTRE "'," NAME "}", "taken", "name.zh" },
    { "room", "r2", "{'centre':'" CENTRE "','name':{'zh':'二室','en':'2'},'open':1}", "type",
        "open" },
    { "room", "r1", "{'centre':'440100121'," NAME "}", "fixed", "centre" },
  };

  take_world (f);
  take_version (f, "centre", "440100121", 1, "{'name':{'zh':'二所','en':'Two'}}");
  take_version (f, "room", "r1", 1, "{'centre':'" CENTRE "'," NAME "}");
  refuse_all (f, WRONG, G_N_ELEMENTS (WRONG));
  take_version (f, "room", "r1", 10, "{'centre':'" CENTRE "'," NAME ",'open':false}");
  g_assert_cmpint (hj_fixture_count (f, "SELECT open FROM room", NULL), ==, 0);
}

static void
firms_carry_a_code_that_is_checked (HjFixture *f, gconstpointer data)
{
  static const Wrong WRONG[] = {
    { "firm", "31440000MDEM00011G", "{'name':'甲所'}", "check-digit", "key" },
    { "firm", "91350100M000100Y43", "{'name':'甲所'}", "not-a-law-firm", "key" },
    { "firm", FIRM, "{}", "required", "name" },
  };

  refuse_all (f, WRONG, G_N_ELEMENTS (WRONG));
  take_version (f, "firm", FIRM, 1, "{'name':'甲所'}");
  take_version (f, "firm", FIRM, 2, "{'name':'乙所'}");
  g_assert_cmpstr (hj_fixture_text (f, "SELECT name FROM firm", NULL), ==, "乙所");
}

#define LAWYER "'name':'陈甲','firm':'" FIRM "','kind':'full_time'"
#define SINCE "{'status':'practising','from_us':1246377600000000}"

static void
lawyers_bring_the_history_of_their_licence (HjFixture *f, gconstpointer data)
{
  static const Wrong WRONG[] = {
    { "lawyer", LICENCE, "{" LAWYER "}", "required", "statuses" },
    { "lawyer", LICENCE, "{" LAWYER ",'statuses':[]}", "required", "statuses" },
    { "lawyer", LICENCE, "{" LAWYER ",'statuses':{}}", "type", "statuses" },
    { "lawyer", LICENCE, "{" LAWYER ",'statuses':[7]}", "type", "statuses[0]" },
    { "lawyer", LICENCE, "{" LAWYER ",'statuses':[{'status':'retired','from_us':0}]}",
        "unknown-word", "statuses[0].status" },
    { "lawyer", LICENCE, "{" LAWYER ",'statuses':[" SINCE ",{'status':'suspended'}]}", "required",
        "statuses[1].from_us" },
    { "lawyer", LICENCE, "{" LAWYER ",'statuses':[{'status':'suspended','from_us':-1}]}", "range",
        "statuses[0].from_us" },
    { "lawyer", LICENCE,
        "{" LAWYER ",'statuses':[{'status':'suspended','from_us':7258118400000001}]}", "range",
        "statuses[0].from_us" },
    { "lawyer", LICENCE, "{" LAWYER ",'statuses':[{'status':'suspended','from_us':1.5}]}", "type",
        "statuses[0].from_us" },
    { "lawyer", LICENCE, "{" LAWYER ",'statuses':[{'status':'suspended','from_us':9,'to_us':9}]}",
        "order", "statuses[0].to_us" },
    { "lawyer", LICENCE, "{" LAWYER ",'statuses':[" SINCE "," SINCE "]}", "duplicate",
        "statuses[1].from_us" },
    { "lawyer", LICENCE, "{" LAWYER ",'id_number':'440101198803120032','statuses':[" SINCE "]}",
        "check-digit", "id_number" },
    { "lawyer", LICENCE,
        "{'name':'陈甲','firm':'31440000MDEM00021M','kind':'full_time','statuses':[" SINCE "]}",
        "unknown-reference", "firm" },
    { "lawyer", LICENCE,
        "{'name':'陈甲','firm':'" FIRM "','kind':'retired','statuses':[" SINCE "]}", "unknown-word",
        "kind" },
  };
  static const Wrong ODD[] = {
    { "lawyer", "110199310123", "{" LAWYER ",'statuses':[" SINCE "]}", "old-card", "key" },
    { "lawyer", LICENCE,
        "{'name':'陈甲','firm':'" FIRM "','kind':'part_time','statuses':[" SINCE "]}",
        "differs-from-number", "kind" },
  };

  take_version (f, "firm", FIRM, 1, "{'name':'甲所'}");
  take_version (f, "lawyer", LICENCE, 1, "{" LAWYER ",'statuses':[" SINCE "]}");
  refuse_all (f, WRONG, G_N_ELEMENTS (WRONG));
  take_version (f, "lawyer", LICENCE, 9,
      "{" LAWYER ",'statuses':[" SINCE
      ",{'status':'suspended','from_us':1772000000000000,'to_us':1773000000000000}]}");
  g_assert_cmpint (hj_fixture_count (f, "SELECT COUNT (*) FROM lawyer_status", NULL), ==, 2);
  g_assert_cmpint (
      hj_fixture_count (f, "SELECT to_us FROM lawyer_status WHERE status = 'suspended'", NULL), ==,
      1773000000000000);
  warn_all (f, ODD, G_N_ELEMENTS (ODD));
  g_assert_cmpint (hj_fixture_count (f,
                       "SELECT COUNT (*) FROM lawyer_status s JOIN lawyer l ON l.id = s.lawyer "
                       "WHERE l.licence = '" LICENCE "'",
                       NULL),
      ==, 1);
}

static void
a_lawyer_can_change_name_and_firm (HjFixture *f, gconstpointer data)
{
  take_version (f, "firm", FIRM, 1, "{'name':'甲所'}");
  take_version (f, "firm", "31440000MDEM0002X7", 1, "{'name':'乙所'}");
  take_version (f, "lawyer", LICENCE, 1, "{" LAWYER ",'statuses':[" SINCE "]}");
  take_version (f, "lawyer", LICENCE, 2,
      "{'name':'陈甲二','firm':'31440000MDEM0002X7','kind':'full_time','statuses':[" SINCE "]}");
  g_assert_cmpint (
      hj_fixture_count (f,
          "SELECT COUNT (*) FROM lawyer l JOIN firm f ON f.id = l.firm WHERE f.name = '乙所' "
          "AND l.name = '陈甲二'",
          NULL),
      ==, 1);
}

static void
persons_are_known_by_a_number (HjFixture *f, gconstpointer data)
{
  static const Wrong WRONG[] = {
    { "person", "p2", "{'id_kind':'id_card','id_number':'" CARD "','name':'李四'}", "taken",
        "id_number" },
    { "person", "p2", "{'id_kind':'id_card','name':'李四'}", "required", "id_number" },
    { "person", "p2", "{'id_kind':'passport','name':'李四'}", "required", "id_number" },
    { "person", "p2", "{'id_kind':'id_card','id_number':'110105194912310021','name':'李四'}",
        "check-digit", "id_number" },
    { "person", "p2", "{'id_kind':'driver','id_number':'1','name':'李四'}", "unknown-word",
        "id_kind" },
    { "person", "p2", "{'id_kind':'unknown','name':'李四','sex':'x'}", "unknown-word", "sex" },
    { "person", "p2", "{'id_kind':'unknown','name':'李四','born':'2001-02-29'}", "date", "born" },
    { "person", "p2", "{'id_kind':'unknown'}", "required", "name" },
  };
  static const Wrong ODD[] = {
    { "person", "p2", "{'id_kind':'id_card','id_number':'11010519491231002x','name':'李四'}",
        "lower-case", "id_number" },
    { "person", "p2",
        "{'id_kind':'id_card','id_number':'11010519491231002X','name':'李四','born':'1949-12-30'}",
        "differs-from-number", "born" },
    { "person", "p2",
        "{'id_kind':'id_card','id_number':'11010519491231002X','name':'李四','sex':'m'}",
        "differs-from-number", "sex" },
  };

  take_version (f, "person", "p1", 1,
      "{'name':'张三','sex':'m','born':'1988-03-12','id_kind':'id_card','id_number':'" CARD "'}");
  refuse_all (f, WRONG, G_N_ELEMENTS (WRONG));
  take_version (
      f, "person", "p1", 2, "{'name':'张三丰','id_kind':'id_card','id_number':'" CARD "'}");
  g_assert_cmpstr (hj_fixture_text (f, "SELECT name FROM person", NULL), ==, "张三丰");
  warn_all (f, ODD, 1);
  g_assert_cmpstr (hj_fixture_text (f, "SELECT id_number FROM person WHERE name = '李四'", NULL),
      ==, "11010519491231002X");
  warn_all (f, ODD + 1, G_N_ELEMENTS (ODD) - 1);
  g_assert_cmpint (hj_fixture_count (f,
                       "SELECT COUNT (*) FROM person WHERE id_number = '11010519491231002X' AND "
                       "born = '1949-12-31'",
                       NULL),
      ==, 1);
  take_version (f, "person", "u1", 1, "{'name':'某甲','id_kind':'unknown'}");
  take_version (f, "person", "u2", 1, "{'name':'某乙','id_kind':'unknown'}");
}

#define CASE "'charge':'盗窃罪','stage':'investigation'"
#define NUMBERS "'identifiers':[{'kind':'police','number':'A4401010000002026030001'}]"

static void
cases_have_many_numbers_and_persons (HjFixture *f, gconstpointer data)
{
  static const Wrong WRONG[] = {
    { "case", "c2", "{" CASE "," NUMBERS "}", "required", "persons" },
    { "case", "c2", "{" CASE "," NUMBERS ",'persons':['p1','nobody']}", "unknown-reference",
        "persons[1]" },
    { "case", "c2", "{" CASE "," NUMBERS ",'persons':['p1',7]}", "type", "persons[1]" },
    { "case", "c2", "{" CASE "," NUMBERS ",'persons':['p1'],'links':['c9']}", "unknown-reference",
        "links[0]" },
    { "case", "c1", "{" CASE "," NUMBERS ",'persons':['p1'],'links':['c1']}", "own-key", "links" },
    { "case", "c2", "{'charge':'盗窃罪','stage':'appeal'," NUMBERS ",'persons':['p1']}",
        "unknown-word", "stage" },
    { "case", "c2", "{'stage':'investigation'," NUMBERS ",'persons':['p1']}", "required",
        "charge" },
    { "case", "c2", "{" CASE "," NUMBERS ",'persons':['p1'],'permission_required':'yes'}", "type",
        "permission_required" },
    { "case", "c2", "{" CASE ",'identifiers':[{'kind':'police','number':'A 1'}],'persons':['p1']}",
        "characters", "identifiers[0].number" },
    { "case", "c2", "{" CASE ",'identifiers':[{'kind':'docket','number':'1'}],'persons':['p1']}",
        "unknown-word", "identifiers[0].kind" },
    { "case", "c2", "{" CASE ",'identifiers':['1'],'persons':['p1']}", "type", "identifiers[0]" },
  };
  static const Wrong ODD[] = {
    { "case", "c1", "{" CASE ",'persons':['p1']}", "required", "identifiers" },
    { "case", "c1",
        "{" CASE ",'identifiers':[{'kind':'first_instance','number':'(2026)粤0105刑初1号'}],"
        "'persons':['p1']}",
        "brackets", "identifiers[0].number" },
  };

  take_world (f);
  refuse_all (f, WRONG, G_N_ELEMENTS (WRONG));
  take_version (f, "case", "c1", 9,
      "{'charge':'盗窃罪','stage':'first_instance','unit':'公安局','permission_required':true,'"
      "persons':['p1'],"
      "'identifiers':[{'kind':'police','number':'A4401010000002026030001','org':'公安局'},"
      "{'kind':'first_instance','number':'（2026）粤0105刑初1号'}]}");
  g_assert_cmpint (hj_fixture_count (f, "SELECT COUNT (*) FROM case_identifier", NULL), ==, 2);
  g_assert_cmpint (hj_fixture_count (f, "SELECT permission_required FROM case_file", NULL), ==, 1);
  g_assert_cmpstr (hj_fixture_text (f, "SELECT stage FROM case_file", NULL), ==, "first_instance");
  warn_all (f, ODD, G_N_ELEMENTS (ODD));
  g_assert_cmpint (hj_fixture_count (f, "SELECT COUNT (*) FROM case_identifier", NULL), ==, 1);
}

static void
a_case_can_lose_a_person (HjFixture *f, gconstpointer data)
{
  take_world (f);
  take_version (f, "person", "p2", 1, "{'name':'李四','id_kind':'unknown'}");
  take_version (f, "case", "c1", 2, "{" CASE "," NUMBERS ",'persons':['p1','p2','p1']}");
  g_assert_cmpint (hj_fixture_count (f, "SELECT COUNT (*) FROM case_person", NULL), ==, 2);
  take_version (f, "case", "c1", 3, "{" CASE "," NUMBERS ",'persons':['p2']}");
  g_assert_cmpint (hj_fixture_count (f, "SELECT COUNT (*) FROM case_person", NULL), ==, 1);
}

static void
arrays_have_a_bound (HjFixture *f, gconstpointer data)
{
  g_autoptr (GString) persons = g_string_new ("{" CASE "," NUMBERS ",'persons':['p1'");
  g_autofree char *line = NULL;

  take_world (f);
  for (int i = 0; i < 200; i++)
    g_string_append (persons, ",'p1'");
  g_string_append (persons, "]}");
  line = record ("case", "c1", 2, persons->str);
  {
    g_autoptr (json_t) answer = import_line (f, line);

    assert_problem (answer, 0, 1, "refused", "too-many", "persons");
  }
}

static gint64
count_links (HjFixture *f)
{
  return hj_fixture_count (f, "SELECT COUNT (*) FROM case_link", NULL);
}

static void
a_link_holds_both_ways_until_neither_case_says_so (HjFixture *f, gconstpointer data)
{
  take_world (f);
  take_version (f, "case", "c2", 1, "{" CASE "," NUMBERS ",'persons':['p1'],'links':['c1']}");
  g_assert_cmpint (count_links (f), ==, 2);
  take_version (f, "case", "c1", 2, "{" CASE "," NUMBERS ",'persons':['p1'],'links':['c2']}");
  g_assert_cmpint (count_links (f), ==, 2);
  take_version (f, "case", "c2", 2, "{" CASE "," NUMBERS ",'persons':['p1']}");
  g_assert_cmpint (count_links (f), ==, 2);
  take_version (f, "case", "c1", 3, "{" CASE "," NUMBERS ",'persons':['p1']}");
  g_assert_cmpint (count_links (f), ==, 0);
  g_assert_cmpint (hj_fixture_count (f, "SELECT COUNT (*) FROM case_link_said", NULL), ==, 0);
}

static void
the_other_links_of_a_case_stay (HjFixture *f, gconstpointer data)
{
  take_world (f);
  take_version (f, "case", "c2", 1, "{" CASE "," NUMBERS ",'persons':['p1'],'links':['c1']}");
  take_version (f, "case", "c3", 1, "{" CASE "," NUMBERS ",'persons':['p1'],'links':['c1','c2']}");
  g_assert_cmpint (count_links (f), ==, 6);
  take_version (f, "case", "c3", 2, "{" CASE "," NUMBERS ",'persons':['p1'],'links':['c2']}");
  g_assert_cmpint (count_links (f), ==, 4);
}

#define DETAINEE "'centre':'" CENTRE "','case':'c1'"

static void
a_stay_has_a_code_a_person_a_centre_and_a_case (HjFixture *f, gconstpointer data)
{
  static const Wrong WRONG[] = {
    { "detainee", "440100111202601010009", "{" DETAINEE ",'admitted_at_us':1759300000000000}",
        "required", "person" },
    { "detainee", "440100111202601010009",
        "{'person':'p9'," DETAINEE ",'admitted_at_us':1759300000000000}", "unknown-reference",
        "person" },
    { "detainee", "440100111202601010009", "{'person':'p1'," DETAINEE "}", "required",
        "admitted_at_us" },
    { "detainee", "440100111202601010009",
        "{'person':'p1'," DETAINEE ",'admitted_at_us':1872413200000000}", "future",
        "admitted_at_us" },
    { "detainee", "440100111 2026", "{'person':'p1'," DETAINEE ",'admitted_at_us':1}", "characters",
        "key" },
  };
  static const Wrong ODD[] = {
    { "detainee", "440100111202613010009",
        "{'person':'p1'," DETAINEE ",'admitted_at_us':1759300000000000}", "date", "key" },
    { "detainee", "440100121202601010009",
        "{'person':'p1'," DETAINEE ",'admitted_at_us':1759300000000000}", "differs-from-number",
        "centre" },
  };

  take_world (f);
  refuse_all (f, WRONG, G_N_ELEMENTS (WRONG));
  warn_all (f, ODD, G_N_ELEMENTS (ODD));
  g_assert_cmpint (hj_fixture_count (f, "SELECT COUNT (*) FROM detainee", NULL), ==, 3);
}

#define AUTHORITY                                                                                  \
  "'lawyer':'" LICENCE "','person':'p1','case':'c1','kind':'retained_by_self',"                    \
  "'signed_at_us':1759400000000000"
#define STAGES "'stages':['investigation']"
#define HASH "'sha256':'726de27c2f0364e0f03aecbedd77acd0c9815dcdf4218e05285ccf8e6a9c5ef7'"
#define PAPER "'kind':'licence'," HASH

static void
an_authority_names_stages_and_papers (HjFixture *f, gconstpointer data)
{
  static const Wrong WRONG[] = {
    { "authority", "a2", "{" AUTHORITY "}", "required", "stages" },
    { "authority", "a2", "{" AUTHORITY ",'stages':[]}", "required", "stages" },
    { "authority", "a2", "{" AUTHORITY ",'stages':['appeal']}", "unknown-word", "stages" },
    { "authority", "a2", "{" AUTHORITY "," STAGES ",'revoked_at_us':1}", "order", "revoked_at_us" },
    { "authority", "a2", "{" AUTHORITY "," STAGES ",'papers':[{" PAPER "}]}", "required",
        "papers[0].issued_on" },
    { "authority", "a2",
        "{" AUTHORITY "," STAGES ",'papers':[{" PAPER
        ",'issued_on':'2026-01-02','valid_to':'2026-01-01'}]}",
        "order", "papers[0].valid_to" },
    { "authority", "a2",
        "{" AUTHORITY "," STAGES ",'papers':[{" PAPER ",'issued_on':'2026-01-02'},{" PAPER
        ",'issued_on':'2026-01-02'}]}",
        "duplicate", "papers[1].kind" },
    { "authority", "a2",
        "{" AUTHORITY "," STAGES
        ",'papers':[{'kind':'licence','sha256':'7','issued_on':'2026-01-02'}]}",
        "characters", "papers[0].sha256" },
    { "authority", "a2",
        "{" AUTHORITY "," STAGES ",'papers':[{'kind':'licence','sha256':'"
        "726DE27C2f0364e0f03aecbedd77acd0c9815dcdf4218e05285ccf8e6a9c5ef7'"
        ",'issued_on':'2026-01-02'}]}",
        "characters", "papers[0].sha256" },
    { "authority", "a2",
        "{" AUTHORITY "," STAGES ",'papers':[{'kind':'letter'," HASH ",'issued_on':'2026-01-02'}]}",
        "unknown-word", "papers[0].kind" },
    { "authority", "a2",
        "{'lawyer':'14401200911900009','person':'p1','case':'c1','kind':'duty','signed_at_us':"
        "1," STAGES "}",
        "unknown-reference", "lawyer" },
    { "authority", "a1",
        "{'lawyer':'" LICENCE "','person':'p2','case':'c1','kind':'duty','signed_at_us':1," STAGES
        "}",
        "unknown-reference", "person" },
  };

  take_world (f);
  take_version (f, "authority", "a1", 1,
      "{" AUTHORITY "," STAGES ",'papers':[{" PAPER ",'number':'(2026)1','issued_on':'2026-01-02'},"
      "{'kind':'power_of_attorney'," HASH ",'issued_on':'2026-01-02','valid_to':'2027-01-01'}]}");
  g_assert_cmpint (hj_fixture_count (f, "SELECT COUNT (*) FROM paper", NULL), ==, 2);
  refuse_all (f, WRONG, G_N_ELEMENTS (WRONG));
  take_version (f, "authority", "a1", 10,
      "{" AUTHORITY ",'stages':['prosecution'],'revoked_at_us':1772000000000000}");
  g_assert_cmpint (hj_fixture_count (f, "SELECT COUNT (*) FROM paper", NULL), ==, 0);
  g_assert_cmpint (hj_fixture_count (f, "SELECT COUNT (*) FROM authority_stage", NULL), ==, 1);
  g_assert_cmpint (
      hj_fixture_count (f, "SELECT revoked_at_us FROM authority", NULL), ==, 1772000000000000);
  take_version (f, "authority", "a1", 11, "{" AUTHORITY "," STAGES "}");
  g_assert_cmpint (
      hj_fixture_count (f, "SELECT revoked_at_us IS NULL FROM authority", NULL), ==, 1);
}

static void
an_authority_stays_the_same_lawyers_for_the_same_client (HjFixture *f, gconstpointer data)
{
  g_autofree char *line = record ("authority", "a1", 2,
      "{'lawyer':'" LICENCE "','person':'p2','case':'c2','kind':'duty','signed_at_us':1," STAGES
      "}");
  g_autoptr (json_t) answer = NULL;

  take_world (f);
  take_version (f, "authority", "a1", 1, "{" AUTHORITY "," STAGES "}");
  take_version (f, "person", "p2", 1, "{'name':'李四','id_kind':'unknown'}");
  take_version (f, "case", "c2", 1, "{" CASE "," NUMBERS ",'persons':['p2']}");
  answer = import_line (f, line);
  assert_problem (answer, 0, 1, "refused", "fixed", "person");
  assert_problem (answer, 1, 1, "refused", "fixed", "case");
  assert_counts (answer, 0, 0, 1);
}

static void
an_authority_warns_where_somebody_should_look (HjFixture *f, gconstpointer data)
{
  static const Wrong ODD[] = {
    { "authority", "a1",
        "{'lawyer':'" LICENCE "','person':'p1','case':'c1','kind':'retained_by_relative',"
        "'relationship':'配偶','signed_at_us':1," STAGES "}",
        "required", "principal" },
    { "authority", "a3",
        "{'lawyer':'" LICENCE "','person':'p1','case':'c1','kind':'retained_by_relative',"
        "'principal':'李某','signed_at_us':1," STAGES "}",
        "required", "relationship" },
    { "authority", "a2",
        "{'lawyer':'" LICENCE "','person':'p2','case':'c1','kind':'duty','signed_at_us':1," STAGES
        "}",
        "not-in-case", "person" },
    { "authority", "a1", "{" AUTHORITY "," STAGES ",'revoked_at':1}", "unknown-member",
        "revoked_at" },
  };

  take_world (f);
  take_version (f, "person", "p2", 1, "{'name':'李四','id_kind':'unknown'}");
  warn_all (f, ODD, G_N_ELEMENTS (ODD));
}

#define PERMISSION "'lawyer':'" LICENCE "','person':'p1','case':'c1'"

static void
permissions_are_asked_for_and_granted (HjFixture *f, gconstpointer data)
{
  static const Wrong WRONG[] = {
    { "permission", "m2", "{" PERMISSION ",'state':'maybe','at_us':1}", "unknown-word", "state" },
    { "permission", "m2", "{" PERMISSION ",'state':'granted'}", "required", "at_us" },
    { "permission", "m2", "{" PERMISSION ",'state':'granted','at_us':'1'}", "type", "at_us" },
    { "permission", "m2", "{'person':'p1','case':'c1','state':'granted','at_us':1}", "required",
        "lawyer" },
  };

  take_world (f);
  take_version (f, "permission", "m1", 1, "{" PERMISSION ",'state':'requested','at_us':1}");
  refuse_all (f, WRONG, G_N_ELEMENTS (WRONG));
  take_version (f, "permission", "m1", 2, "{" PERMISSION ",'state':'granted','at_us':2}");
  g_assert_cmpstr (hj_fixture_text (f, "SELECT state FROM permission", NULL), ==, "granted");
}

static void
everything_that_is_wrong_with_a_line_is_named_at_once (HjFixture *f, gconstpointer data)
{
  g_autofree char *line
      = record ("person", "p1", 1, "{'id_kind':'card','sex':'x','born':'yesterday'}");
  g_autoptr (json_t) answer = import_line (f, line);

  assert_problem (answer, 0, 1, "refused", "required", "name");
  assert_problem (answer, 1, 1, "refused", "unknown-word", "sex");
  assert_problem (answer, 2, 1, "refused", "date", "born");
  assert_problem (answer, 3, 1, "refused", "unknown-word", "id_kind");
  assert_counts (answer, 0, 0, 1);
}

int
main (int argc, char **argv)
{
  hj_test_init (&argc, &argv);
#define TEST(NAME_)                                                                                \
  g_test_add (                                                                                     \
      "/records/kinds/" #NAME_, HjFixture, NULL, hj_fixture_set_up, NAME_, hj_fixture_tear_down)
  TEST (centres_come_in_and_change);
  TEST (a_centre_that_an_administrator_made_is_the_same_centre);
  TEST (rooms_belong_to_a_centre);
  TEST (firms_carry_a_code_that_is_checked);
  TEST (lawyers_bring_the_history_of_their_licence);
  TEST (a_lawyer_can_change_name_and_firm);
  TEST (persons_are_known_by_a_number);
  TEST (cases_have_many_numbers_and_persons);
  TEST (a_case_can_lose_a_person);
  TEST (arrays_have_a_bound);
  TEST (a_link_holds_both_ways_until_neither_case_says_so);
  TEST (the_other_links_of_a_case_stay);
  TEST (a_stay_has_a_code_a_person_a_centre_and_a_case);
  TEST (an_authority_names_stages_and_papers);
  TEST (an_authority_stays_the_same_lawyers_for_the_same_client);
  TEST (an_authority_warns_where_somebody_should_look);
  TEST (permissions_are_asked_for_and_granted);
  TEST (everything_that_is_wrong_with_a_line_is_named_at_once);
  return g_test_run ();
}
