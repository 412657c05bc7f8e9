/* SPDX-License-Identifier: Apache-2.0 */
/* Importing authorities to act (委托, 指派) with their stages and papers, and the investigators' permissions. On the store's worker.
 * docs/records.md shows a line of each. */

#include "src/records/intake-private.h"

#include <string.h>

static const char KEEP_AUTHORITY[]
    = "INSERT INTO authority (id, key, lawyer, person, case_file, kind, principal, relationship, "
      "signed_at_us, revoked_at_us) "
      "VALUES (:id, :key, :lawyer, :person, :case_file, :kind, :principal, :relationship, :signed, "
      ":revoked) "
      "ON CONFLICT (id) DO UPDATE SET lawyer = excluded.lawyer, person = excluded.person, "
      "case_file = excluded.case_file, "
      "kind = excluded.kind, principal = excluded.principal, relationship = excluded.relationship, "
      "signed_at_us = excluded.signed_at_us, revoked_at_us = excluded.revoked_at_us";
static const char DROP_STAGES[] = "DELETE FROM authority_stage WHERE authority = :authority";
static const char ADD_STAGE[] = "INSERT INTO authority_stage (authority, stage) VALUES "
                                "(:authority, :stage) ON CONFLICT DO NOTHING";
static const char DROP_PAPERS[] = "DELETE FROM paper WHERE authority = :authority";
static const char ADD_PAPER[]
    = "INSERT INTO paper (authority, kind, number, sha256, issued_on, valid_to) "
      "VALUES (:authority, :kind, :number, :sha256, :issued_on, :valid_to)";
static const char FIND_CASE_PERSON[]
    = "SELECT 1 FROM case_person WHERE case_file = :case_file AND person = :person";
static const char FIND_SUBJECTS[]
    = "SELECT lawyer, person, case_file FROM authority WHERE id = :id";
static const char KEEP_PERMISSION[]
    = "INSERT INTO permission (id, key, lawyer, person, case_file, state, at_us) "
      "VALUES (:id, :key, :lawyer, :person, :case_file, :state, :at) ON CONFLICT (id) DO UPDATE "
      "SET "
      "lawyer = excluded.lawyer, person = excluded.person, case_file = excluded.case_file, state = "
      "excluded.state, "
      "at_us = excluded.at_us";

static const char *const AUTHORITY_KINDS[]
    = { "retained_by_self", "retained_by_relative", "legal_aid", "duty", NULL };
static const char *const PAPER_KINDS[]
    = { "licence", "firm_letter", "power_of_attorney", "legal_aid_letter", NULL };
static const char *const PERMISSION_STATES[] = { "requested", "granted", "refused", NULL };

typedef struct
{
  const char *lawyer;
  const char *person;
  const char *case_file;
} Subjects;

typedef struct
{
  const char *kind;
  const char *number;
  const char *sha256;
  const char *issued_on;
  const char *valid_to;
} Paper;

static gboolean
is_charged (HjIntake *in, const Subjects *subjects)
{
  g_autoptr (HjRows) rows = hj_store_query (in->store, FIND_CASE_PERSON,
      HJ_BINDS (HJ_TEXT (":case_file", subjects->case_file), HJ_TEXT (":person", subjects->person)),
      &in->failure);

  return rows != NULL && hj_rows_next (rows, &in->failure);
}

static Subjects
read_subjects (HjIntake *in)
{
  Subjects subjects = {
    .lawyer = hj_intake_reference (in, "lawyer", HJ_FIND_LAWYER),
    .person = hj_intake_reference (in, "person", HJ_FIND_PERSON),
    .case_file = hj_intake_reference (in, "case", HJ_FIND_CASE),
  };

  if (subjects.person != NULL && subjects.case_file != NULL && in->failure == NULL
      && !is_charged (in, &subjects))
    hj_intake_warn (in, "not-in-case", "person");
  return subjects;
}

/* Bookings hang on an authority: one that suddenly is another lawyer's, client's or case's is another authority. */
static void
refuse_new_subjects (HjIntake *in, const Subjects *subjects)
{
  g_autoptr (HjRows) rows = NULL;
  const char *const members[] = { "lawyer", "person", "case" };
  const char *const ids[] = { subjects->lawyer, subjects->person, subjects->case_file };

  if (in->is_new || in->failure != NULL)
    return;
  rows
      = hj_store_query (in->store, FIND_SUBJECTS, HJ_BINDS (HJ_TEXT (":id", in->id)), &in->failure);
  if (rows == NULL || !hj_rows_next (rows, &in->failure))
    return;
  for (int i = 0; i < 3; i++)
    if (ids[i] != NULL && g_strcmp0 (ids[i], hj_rows_text (rows, i)) != 0)
      hj_intake_refuse (in, "fixed", members[i]);
}

static GPtrArray *
read_stages (HjIntake *in)
{
  GPtrArray *stages = g_ptr_array_new ();
  const json_t *array = hj_intake_array (in, "stages", 16);
  const json_t *item;
  gsize i;

  json_array_foreach (array, i, item)
  {
    const char *stage = hj_intake_item (in, "stages", i, item);

    if (stage != NULL && !g_strv_contains (HJ_STAGE_WORDS, stage))
      hj_intake_refuse (in, "unknown-word", "stages");
    else if (stage != NULL)
      g_ptr_array_add (stages, (gpointer)stage);
  }
  if (stages->len == 0 && !in->is_refused)
    hj_intake_refuse (in, "required", "stages");
  return stages;
}

static const char *
read_sha256 (HjIntake *in)
{
  const char *hash = hj_intake_text (in, "sha256", 64);

  if (hash != NULL && strspn (hash, "0123456789abcdef") != 64)
    hj_intake_refuse (in, "characters", "sha256");
  return hash;
}

static gboolean
has_kind (const GArray *papers, const char *kind)
{
  for (guint i = 0; i < papers->len; i++)
    if (g_strcmp0 (g_array_index (papers, Paper, i).kind, kind) == 0)
      return TRUE;
  return FALSE;
}

static void
read_paper (HjIntake *in, gsize index, const json_t *item, GArray *papers)
{
  static const char *const MEMBERS[]
      = { "kind", "number", "sha256", "issued_on", "valid_to", NULL };
  Paper paper;

  if (!hj_intake_enter (in, "papers", index, item))
    return;
  paper.kind = hj_intake_word (in, "kind", PAPER_KINDS);
  paper.number = hj_intake_optional_text (in, "number", 100);
  paper.sha256 = read_sha256 (in);
  paper.issued_on = hj_intake_date (in, "issued_on");
  paper.valid_to = hj_intake_optional_date (in, "valid_to");
  if (paper.issued_on != NULL && paper.valid_to != NULL
      && strcmp (paper.valid_to, paper.issued_on) < 0)
    hj_intake_refuse (in, "order", "valid_to");
  if (paper.kind != NULL && has_kind (papers, paper.kind))
    hj_intake_refuse (in, "duplicate", "kind");
  g_array_append_val (papers, paper);
  hj_intake_know (in, MEMBERS);
  hj_intake_leave (in);
}

static GArray *
read_papers (HjIntake *in)
{
  GArray *papers = g_array_new (FALSE, FALSE, sizeof (Paper));
  const json_t *array = hj_intake_array (in, "papers", 16);
  const json_t *item;
  gsize i;

  json_array_foreach (array, i, item) read_paper (in, i, item, papers);
  return papers;
}

static void
write_stages (HjIntake *in, const GPtrArray *stages)
{
  if (!in->is_new)
    hj_intake_run (in, DROP_STAGES, HJ_BINDS (HJ_TEXT (":authority", in->id)));
  for (guint i = 0; i < stages->len; i++)
    hj_intake_run (in, ADD_STAGE,
        HJ_BINDS (HJ_TEXT (":authority", in->id), HJ_TEXT (":stage", stages->pdata[i])));
}

static void
write_papers (HjIntake *in, const GArray *papers)
{
  if (!in->is_new)
    hj_intake_run (in, DROP_PAPERS, HJ_BINDS (HJ_TEXT (":authority", in->id)));
  for (guint i = 0; i < papers->len; i++)
    {
      const Paper *paper = &g_array_index (papers, Paper, i);

      hj_intake_run (in, ADD_PAPER,
          HJ_BINDS (HJ_TEXT (":authority", in->id), HJ_TEXT (":kind", paper->kind),
              HJ_TEXT (":number", paper->number), HJ_TEXT (":sha256", paper->sha256),
              HJ_TEXT (":issued_on", paper->issued_on), HJ_TEXT (":valid_to", paper->valid_to)));
    }
}

typedef struct
{
  const char *kind;
  const char *principal;
  const char *relationship;
  gint64 signed_at_us;
  gint64 revoked_at_us; /* -1: not revoked */
} Terms;

static Terms
read_terms (HjIntake *in)
{
  Terms terms = {
    .kind = hj_intake_word (in, "kind", AUTHORITY_KINDS),
    .principal = hj_intake_optional_text (in, "principal", 200),
    .relationship = hj_intake_optional_text (in, "relationship", 100),
    .signed_at_us = hj_intake_time (in, "signed_at_us"),
    .revoked_at_us = hj_intake_optional_time (in, "revoked_at_us"),
  };

  if (g_strcmp0 (terms.kind, "retained_by_relative") == 0)
    {
      if (terms.principal == NULL)
        hj_intake_warn (in, "required", "principal");
      if (terms.relationship == NULL)
        hj_intake_warn (in, "required", "relationship");
    }
  if (terms.revoked_at_us >= 0 && terms.revoked_at_us < terms.signed_at_us)
    hj_intake_refuse (in, "order", "revoked_at_us");
  return terms;
}

static void
write_authority (HjIntake *in, const Subjects *subjects, const Terms *terms)
{
  hj_intake_run (in, KEEP_AUTHORITY,
      HJ_BINDS (HJ_TEXT (":id", in->id), HJ_TEXT (":key", in->key),
          HJ_TEXT (":lawyer", subjects->lawyer), HJ_TEXT (":person", subjects->person),
          HJ_TEXT (":case_file", subjects->case_file), HJ_TEXT (":kind", terms->kind),
          HJ_TEXT (":principal", terms->principal), HJ_TEXT (":relationship", terms->relationship),
          HJ_INT (":signed", terms->signed_at_us),
          terms->revoked_at_us < 0 ? HJ_NULL (":revoked")
                                   : HJ_INT (":revoked", terms->revoked_at_us)));
}

void
hj_take_authority (HjIntake *in)
{
  static const char *const MEMBERS[] = { "lawyer", "person", "case", "kind", "principal",
    "relationship", "signed_at_us", "revoked_at_us", "stages", "papers", NULL };
  Subjects subjects = read_subjects (in);
  Terms terms = read_terms (in);
  g_autoptr (GPtrArray) stages = read_stages (in);
  g_autoptr (GArray) papers = read_papers (in);

  refuse_new_subjects (in, &subjects);
  hj_intake_know (in, MEMBERS);
  if (!hj_intake_accept (in))
    return;
  write_authority (in, &subjects, &terms);
  write_stages (in, stages);
  write_papers (in, papers);
}

void
hj_take_permission (HjIntake *in)
{
  static const char *const MEMBERS[] = { "lawyer", "person", "case", "state", "at_us", NULL };
  Subjects subjects = read_subjects (in);
  const char *state = hj_intake_word (in, "state", PERMISSION_STATES);
  gint64 at_us = hj_intake_time (in, "at_us");

  hj_intake_know (in, MEMBERS);
  if (hj_intake_accept (in))
    hj_intake_run (in, KEEP_PERMISSION,
        HJ_BINDS (HJ_TEXT (":id", in->id), HJ_TEXT (":key", in->key),
            HJ_TEXT (":lawyer", subjects.lawyer), HJ_TEXT (":person", subjects.person),
            HJ_TEXT (":case_file", subjects.case_file), HJ_TEXT (":state", state),
            HJ_INT (":at", at_us)));
}
