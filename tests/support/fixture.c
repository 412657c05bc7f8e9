/* SPDX-License-Identifier: Apache-2.0 */
/* A store in memory with the rows that a test needs, written as plain SQL so that no rule stands in the way. Tests run the
 * rules themselves on the test's own thread: there is no worker. All people are fictional. */

#include "tests/support/fixture.h"

#include "src/base/ids.h"

static const char ADD_CENTRE[] = "INSERT INTO centre (id, code, name_zh, name_en)"
                                 " VALUES (:id, :code, :name, :name)";
static const char ADD_POLICY[]
    = "INSERT INTO policy (centre, version, effective_from_us, document) SELECT :centre,"
      " COALESCE (MAX (version), 0) + 1, 0, :document FROM policy WHERE centre = :centre";
static const char ADD_ROOM[] = "INSERT INTO room (id, centre, name_zh, name_en)"
                               " VALUES (:id, :centre, :name, :name)";
static const char ADD_KIOSK[]
    = "INSERT INTO kiosk (id, room, name, state, public_key, enrolled_at_us, approved_at_us,"
      " online, seen_at_us) VALUES (:id, :room, :name, 'approved',"
      " CAST ('key of ' || :id AS BLOB), :at, :at, :online, :at)";
static const char ADD_DEVICE[]
    = "INSERT INTO device (id, account, name, public_key, added_at_us)"
      " VALUES (:id, :account, :name, CAST ('key of ' || :id AS BLOB), :at)";
static const char ADD_FIRM[] = "INSERT INTO firm (id, code, name) VALUES (:id, :code, :name)";
static const char ADD_LAWYER[] = "INSERT INTO lawyer (id, licence, name, firm, kind)"
                                 " VALUES (:id, :licence, :name, :firm, 'full_time')";
static const char ADD_STATUS[]
    = "INSERT INTO lawyer_status (lawyer, status, from_us) VALUES (:lawyer, 'practising', 0)";
static const char ADD_PERSON[] = "INSERT INTO person (id, name, id_kind, id_number)"
                                 " VALUES (:id, :name, 'passport', :number)";
static const char ADD_CASE[] = "INSERT INTO case_file (id, key, charge, stage)"
                               " VALUES (:id, :key, '盗窃罪', 'investigation')";
static const char ADD_CASE_NUMBER[]
    = "INSERT INTO case_identifier (case_file, kind, number) VALUES (:case, 'police', :number)";
static const char ADD_CASE_PERSON[]
    = "INSERT INTO case_person (case_file, person) VALUES (:case, :person)";
static const char ADD_DETAINEE[]
    = "INSERT INTO detainee (id, code, person, centre, case_file, state, admitted_at_us)"
      " VALUES (:id, :code, :person, :centre, :case, 'in_custody', 0)";
static const char ADD_AUTHORITY[]
    = "INSERT INTO authority (id, key, lawyer, person, case_file, kind, signed_at_us) SELECT :id,"
      " :key, :lawyer, person, case_file, 'retained_by_self', 0 FROM detainee WHERE id = :detainee";
static const char ADD_STAGE[]
    = "INSERT INTO authority_stage (authority, stage) VALUES (:authority, 'investigation')";
static const char ADD_PAPER[] = "INSERT INTO paper (authority, kind, number, sha256, issued_on)"
                                " VALUES (:authority, :kind, '(2026)第1号', :sha256, '2026-01-05')";
static const char ADD_BOOKING[]
    = "INSERT INTO booking (id, state, authority, lawyer, detainee, centre, room, starts_at_us,"
      " ends_at_us, asked_at_us, asked_by)"
      " SELECT :id, :state, a.id, a.lawyer, d.id, d.centre, :room, :starts, :ends, :at, 'fixture'"
      " FROM authority a JOIN detainee d ON d.person = a.person AND d.case_file = a.case_file"
      " WHERE a.id = :authority";
static const char ADD_SLOT[]
    = "INSERT INTO booking_slot (booking, room, starts_at_us, lawyer, detainee) SELECT id, room,"
      " starts_at_us, lawyer, detainee FROM booking WHERE id = :id AND room IS NOT NULL AND state"
      " IN ('REVIEW', 'CONFIRMED', 'CHECKED_IN')";
static const char ADD_ACCOUNT[]
    = "INSERT INTO account (id, name, display_name, role, scope, lawyer, password_hash,"
      " created_at_us, password_at_us)"
      " VALUES (:id, :name, :name, :role, :scope, :lawyer, '-', :at, :at)";
static const char ADD_ACCOUNT_CENTRE[]
    = "INSERT INTO account_centre (account, centre) VALUES (:account, :centre)";
static const char COUNT_ENTRIES[]
    = "SELECT COUNT (*) FROM audit_entry WHERE act = :act AND result = :result";

void
hj_fixture_set_up (HjFixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  f->time = hj_time_new_fake (HJ_FIXTURE_NOW_US);
  f->store = hj_store_open (":memory:", &error);
  g_assert_no_error (error);
  f->acts = hj_acts_new (f->store, f->time);
  f->texts = g_string_chunk_new (1024);
  f->actors = g_ptr_array_new_with_free_func ((GDestroyNotify)hj_actor_unref);
}

void
hj_fixture_tear_down (HjFixture *f, gconstpointer data)
{
  g_clear_pointer (&f->actors, g_ptr_array_unref);
  g_clear_pointer (&f->acts, hj_acts_free);
  g_clear_pointer (&f->store, hj_store_close);
  g_clear_pointer (&f->time, hj_time_free);
  g_clear_pointer (&f->texts, g_string_chunk_free);
}

void
hj_fixture_advance (HjFixture *f, gint64 span_us)
{
  hj_time_set (f->time, hj_time_now (f->time) + span_us);
}

static const char *
keep (HjFixture *f, char *text)
{
  g_autofree char *owned = text;

  return g_string_chunk_insert (f->texts, owned);
}

static const char *
new_id (HjFixture *f)
{
  f->n++;
  return keep (f, hj_id_new ());
}

/* A text of the prefix and a number that no other row has. */
static const char *
number (HjFixture *f, const char *prefix, int digits)
{
  return keep (f, g_strdup_printf ("%s%0*d", prefix, digits, f->n));
}

static void
run (HjFixture *f, const char *sql, const HjBind *binds)
{
  g_autoptr (GError) error = NULL;

  hj_store_run (f->store, sql, binds, &error);
  g_assert_no_error (error);
}

const char *
hj_fixture_centre (HjFixture *f)
{
  const char *id = new_id (f);

  run (f, ADD_CENTRE,
      HJ_BINDS (HJ_TEXT (":id", id), HJ_TEXT (":code", number (f, "4401", 5)),
          HJ_TEXT (":name", number (f, "看守所", 1))));
  return id;
}

/* The document holds from the beginning of time. */
void
hj_fixture_policy (HjFixture *f, const char *centre, const char *document)
{
  run (f, ADD_POLICY, HJ_BINDS (HJ_TEXT (":centre", centre), HJ_TEXT (":document", document)));
}

const char *
hj_fixture_room (HjFixture *f, const char *centre)
{
  const char *id = new_id (f);

  run (f, ADD_ROOM,
      HJ_BINDS (HJ_TEXT (":id", id), HJ_TEXT (":centre", centre),
          HJ_TEXT (":name", number (f, "会见室", 1))));
  return id;
}

/* Approved, with a key that is no key: its identity is the base64 of "key of ID". */
const char *
hj_fixture_kiosk (HjFixture *f, const char *room, gboolean online)
{
  const char *id = new_id (f);

  run (f, ADD_KIOSK,
      HJ_BINDS (HJ_TEXT (":id", id), HJ_TEXT (":room", room),
          HJ_TEXT (":name", number (f, "终端", 1)), HJ_INT (":online", online ? 1 : 0),
          HJ_INT (":at", hj_time_now (f->time))));
  return id;
}

/* The browser of an account, with a key that is no key. */
const char *
hj_fixture_device (HjFixture *f, const char *account)
{
  const char *id = new_id (f);

  run (f, ADD_DEVICE,
      HJ_BINDS (HJ_TEXT (":id", id), HJ_TEXT (":account", account),
          HJ_TEXT (":name", number (f, "浏览器", 1)), HJ_INT (":at", hj_time_now (f->time))));
  return id;
}

/* A practising lawyer of a firm of their own. */
const char *
hj_fixture_lawyer (HjFixture *f)
{
  const char *firm = new_id (f);
  const char *id = new_id (f);

  run (f, ADD_FIRM,
      HJ_BINDS (HJ_TEXT (":id", firm), HJ_TEXT (":code", number (f, "31440000", 10)),
          HJ_TEXT (":name", number (f, "律师事务所", 1))));
  run (f, ADD_LAWYER,
      HJ_BINDS (HJ_TEXT (":id", id), HJ_TEXT (":licence", number (f, "14401", 12)),
          HJ_TEXT (":name", number (f, "律师", 1)), HJ_TEXT (":firm", firm)));
  run (f, ADD_STATUS, HJ_BINDS (HJ_TEXT (":lawyer", id)));
  return id;
}

/* A person in custody in this centre, with a case of their own in the stage of investigation. */
const char *
hj_fixture_detainee (HjFixture *f, const char *centre)
{
  const char *person = new_id (f);
  const char *case_file = new_id (f);
  const char *id = new_id (f);

  run (f, ADD_PERSON,
      HJ_BINDS (HJ_TEXT (":id", person), HJ_TEXT (":name", number (f, "在押人员", 1)),
          HJ_TEXT (":number", number (f, "P", 8))));
  run (
      f, ADD_CASE, HJ_BINDS (HJ_TEXT (":id", case_file), HJ_TEXT (":key", number (f, "case-", 1))));
  run (f, ADD_CASE_NUMBER,
      HJ_BINDS (HJ_TEXT (":case", case_file), HJ_TEXT (":number", number (f, "A", 22))));
  run (f, ADD_CASE_PERSON, HJ_BINDS (HJ_TEXT (":case", case_file), HJ_TEXT (":person", person)));
  run (f, ADD_DETAINEE,
      HJ_BINDS (HJ_TEXT (":id", id), HJ_TEXT (":code", number (f, "44010000120260", 7)),
          HJ_TEXT (":person", person), HJ_TEXT (":centre", centre), HJ_TEXT (":case", case_file)));
  return id;
}

/* Retained by the detainee for the stage of investigation, with the three papers. */
const char *
hj_fixture_authority (HjFixture *f, const char *lawyer, const char *detainee)
{
  static const char *const PAPERS[] = { "licence", "firm_letter", "power_of_attorney" };
  const char *id = new_id (f);
  g_autofree char *hash = hj_sha256_hex (id);

  run (f, ADD_AUTHORITY,
      HJ_BINDS (HJ_TEXT (":id", id), HJ_TEXT (":key", number (f, "authority-", 1)),
          HJ_TEXT (":lawyer", lawyer), HJ_TEXT (":detainee", detainee)));
  run (f, ADD_STAGE, HJ_BINDS (HJ_TEXT (":authority", id)));
  for (gsize i = 0; i < G_N_ELEMENTS (PAPERS); i++)
    run (f, ADD_PAPER,
        HJ_BINDS (
            HJ_TEXT (":authority", id), HJ_TEXT (":kind", PAPERS[i]), HJ_TEXT (":sha256", hash)));
  return id;
}

/* A booking of half an hour that holds its slot where its state does. room: (nullable): without a slot. There is no clock. */
const char *
hj_fixture_booking (
    HjFixture *f, const char *authority, const char *room, gint64 starts_at_us, const char *state)
{
  const char *id = new_id (f);
  HjBind starts = room != NULL ? HJ_INT (":starts", starts_at_us) : HJ_NULL (":starts");
  HjBind ends
      = room != NULL ? HJ_INT (":ends", starts_at_us + 30 * HJ_MINUTE_US) : HJ_NULL (":ends");

  run (f, ADD_BOOKING,
      HJ_BINDS (HJ_TEXT (":id", id), HJ_TEXT (":state", state), HJ_TEXT (":room", room), starts,
          ends, HJ_INT (":at", hj_time_now (f->time)), HJ_TEXT (":authority", authority)));
  run (f, ADD_SLOT, HJ_BINDS (HJ_TEXT (":id", id)));
  return id;
}

/* An account that nobody can sign in to. centre: (nullable): for a role with a jurisdiction, NULL is every centre. */
const char *
hj_fixture_account (
    HjFixture *f, HjRole role, const char *lawyer, const char *centre, const char *name)
{
  const char *id = new_id (f);

  run (f, ADD_ACCOUNT,
      HJ_BINDS (HJ_TEXT (":id", id),
          HJ_TEXT (":name", name != NULL ? name : number (f, "account", 1)),
          HJ_TEXT (":role", hj_role_word (role)),
          HJ_TEXT (":scope", lawyer == NULL && centre == NULL ? "all" : "centres"),
          HJ_TEXT (":lawyer", lawyer), HJ_INT (":at", hj_time_now (f->time))));
  if (centre != NULL)
    run (f, ADD_ACCOUNT_CENTRE, HJ_BINDS (HJ_TEXT (":account", id), HJ_TEXT (":centre", centre)));
  return id;
}

/* Lawyers and staff have an account row of their own. Returns: (transfer none). */
HjActor *
hj_fixture_actor (HjFixture *f, HjRole role, const char *lawyer, const char *centre)
{
  const char *const centres[] = { centre, NULL };
  gboolean has_account = role >= HJ_ROLE_LAWYER && role <= HJ_ROLE_SUPERVISOR;
  const char *id = has_account ? hj_fixture_account (f, role, lawyer, centre, NULL) : new_id (f);
  HjActor *actor
      = hj_actor_new (id, role, lawyer, centres, centre == NULL && role != HJ_ROLE_LAWYER);

  g_ptr_array_add (f->actors, actor);
  return actor;
}

/* Runs a statement; id: (nullable): for its parameter :id. */
void
hj_fixture_sql (HjFixture *f, const char *sql, const char *id)
{
  run (f, sql, id != NULL ? HJ_BINDS (HJ_TEXT (":id", id)) : HJ_NO_BINDS);
}

/* The first column of the first row; id as hj_fixture_sql(). */
gint64
hj_fixture_count (HjFixture *f, const char *sql, const char *id)
{
  g_autoptr (GError) error = NULL;
  gint64 count = 0;

  hj_store_query_int (
      f->store, sql, id != NULL ? HJ_BINDS (HJ_TEXT (":id", id)) : HJ_NO_BINDS, &count, &error);
  g_assert_no_error (error);
  return count;
}

/* Returns: (transfer none) (nullable): the first column of the first row; NULL when it is NULL or there is no row. */
const char *
hj_fixture_text (HjFixture *f, const char *sql, const char *id)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HjRows) rows = hj_store_query (
      f->store, sql, id != NULL ? HJ_BINDS (HJ_TEXT (":id", id)) : HJ_NO_BINDS, &error);
  const char *text = NULL;

  g_assert_no_error (error);
  if (hj_rows_next (rows, &error) && !hj_rows_is_null (rows, 0))
    text = g_string_chunk_insert (f->texts, hj_rows_text (rows, 0));
  g_assert_no_error (error);
  return text;
}

/* input: (transfer full) (nullable). Returns: (transfer full): the answer; a refusal fails the test. */
json_t *
hj_fixture_act (HjFixture *f, const HjActKind *kind, const HjActor *actor, json_t *input)
{
  g_autoptr (json_t) owned = input;
  g_autoptr (GError) error = NULL;
  json_t *answer = hj_acts_run (f->acts, kind, actor, owned, NULL, NULL, &error);

  g_assert_no_error (error);
  return answer;
}

/* input: (transfer full) (nullable). The act must be refused for this reason. */
void
hj_fixture_refused (
    HjFixture *f, const HjActKind *kind, const HjActor *actor, json_t *input, HjRefusal refusal)
{
  g_autoptr (json_t) owned = input;
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) answer = hj_acts_run (f->acts, kind, actor, owned, NULL, NULL, &error);

  g_assert_error (error, HJ_REFUSAL, (int)refusal);
  g_assert_null (answer);
}

/* How many audit entries of this act have this result, "done" or "refused". */
gint64
hj_fixture_entries (HjFixture *f, const char *act, const char *result)
{
  g_autoptr (GError) error = NULL;
  gint64 count = 0;

  hj_store_query_int (f->store, COUNT_ENTRIES,
      HJ_BINDS (HJ_TEXT (":act", act), HJ_TEXT (":result", result)), &count, &error);
  g_assert_no_error (error);
  return count;
}
