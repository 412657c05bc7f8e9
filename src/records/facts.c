/* SPDX-License-Identifier: Apache-2.0 */
/* Gathers from the records what the rules of eligibility are told about one authority to act. Every query is a look-up by
 * index. On the store's worker. The rules themselves: src/eligibility/. */

#include "src/records/facts.h"

#include "src/base/refusal.h"
#include "src/records/records-private.h"
#include "src/store/store.h"

static const char FIND_AUTHORITY[]
    = "SELECT a.id, a.kind, a.signed_at_us, a.revoked_at_us, l.id, l.licence, l.name, l.kind, "
      "f.id, f.code, f.name, c.id, "
      "c.charge, c.stage, c.permission_required, p.id, p.name, p.born, "
      "EXISTS (SELECT 1 FROM case_person x WHERE x.case_file = a.case_file AND x.person = "
      "a.person) "
      "FROM authority a JOIN lawyer l ON l.id = a.lawyer JOIN firm f ON f.id = l.firm "
      "JOIN case_file c ON c.id = a.case_file JOIN person p ON p.id = a.person WHERE a.id = "
      ":authority";
static const char LIST_STAGES[] = "SELECT stage FROM authority_stage WHERE authority = :authority";
static const char LIST_PAPERS[]
    = "SELECT kind, number, issued_on, valid_to FROM paper WHERE authority = :authority";
/* A suspension begins while the licence is in force: the status that began last holds; of two that began together, the one that
 * is not practising. */
static const char FIND_STATUS[] = "SELECT status, from_us, to_us FROM lawyer_status WHERE lawyer = "
                                  ":lawyer AND from_us <= :at AND (to_us IS NULL OR to_us > :at) "
                                  "ORDER BY from_us DESC, status = 'practising', status LIMIT 1";
static const char FIND_NUMBER[]
    = "SELECT (" HJ_SQL_CASE_NUMBER ") FROM case_file c WHERE c.id = :case_file";
static const char COUNT_LAWYERS[] = "SELECT count (DISTINCT lawyer), count (DISTINCT CASE WHEN "
                                    "kind = 'legal_aid' THEN lawyer END) FROM authority "
                                    "WHERE person = :person AND case_file = :case_file AND kind <> "
                                    "'duty' AND signed_at_us <= :at "
                                    "AND (revoked_at_us IS NULL OR revoked_at_us > :at)";
static const char FIND_PERMISSION[]
    = "SELECT state, at_us FROM permission WHERE case_file = :case_file AND person = :person AND "
      "lawyer = :lawyer AND at_us <= :at "
      "ORDER BY at_us DESC, key DESC LIMIT 1";
static const char FIND_STAY[] = "SELECT d.id, d.code, d.state, d.centre, c.name_zh, c.name_en, "
                                "d.case_file FROM detainee d JOIN centre c ON c.id = d.centre "
                                "WHERE d.person = :person ORDER BY d.state IN ('in_custody', "
                                "'temporarily_out') DESC, d.centre = :centre DESC, "
                                "d.admitted_at_us DESC, d.code LIMIT 1";
static const char FIND_LAST_EVENT[]
    = "SELECT kind, at_us FROM custody_event WHERE detainee = :detainee AND kind <> 'WITHDRAWN' "
      "ORDER BY at_us DESC, key DESC LIMIT 1";
static const char LIST_OTHER_DEFENDANTS[]
    = "SELECT id, person, case_file, case_file <> :case_file, signed_at_us <= :at AND "
      "(revoked_at_us IS NULL OR revoked_at_us > :at) "
      "FROM authority WHERE lawyer = :lawyer AND person <> :person AND kind <> 'duty' AND "
      "(case_file = :case_file OR case_file IN "
      "(SELECT related FROM case_link WHERE case_file = :case_file)) ORDER BY id";

static void
free_other (gpointer data)
{
  HjOtherDefendant *other = data;

  g_free (other->authority);
  g_free (other->person);
  g_free (other->case_file);
  g_free (other);
}

void
hj_facts_free (HjFacts *self)
{
  if (self == NULL)
    return;
  g_free (self->authority.id);
  g_free (self->authority.kind);
  for (guint i = 0; i < HJ_PAPER_N; i++)
    {
      g_free (self->papers[i].number);
      g_free (self->papers[i].issued_on);
      g_free (self->papers[i].valid_to);
    }
  g_free (self->lawyer.id);
  g_free (self->lawyer.licence);
  g_free (self->lawyer.name);
  g_free (self->lawyer.kind);
  g_free (self->lawyer.status);
  g_free (self->firm.id);
  g_free (self->firm.code);
  g_free (self->firm.name);
  g_free (self->case_file.id);
  g_free (self->case_file.charge);
  g_free (self->case_file.number);
  g_free (self->permission);
  g_free (self->person.id);
  g_free (self->person.name);
  g_free (self->person.born);
  g_free (self->detainee.id);
  g_free (self->detainee.code);
  g_free (self->detainee.state);
  g_free (self->detainee.centre);
  g_free (self->detainee.centre_name_zh);
  g_free (self->detainee.centre_name_en);
  g_free (self->detainee.case_file);
  g_free (self->detainee.last_event);
  g_free (self->centre);
  g_ptr_array_unref (self->other_defendants);
  g_free (self);
}

static char *
copy (HjRows *rows, int column)
{
  return g_strdup (hj_rows_text (rows, column));
}

static gint64
time_or_none (HjRows *rows, int column)
{
  return hj_rows_is_null (rows, column) ? -1 : hj_rows_int (rows, column);
}

/* Runs a query and moves to its first row. found: (out): FALSE when there is none. */
static HjRows *
find (HjStore *store, const char *sql, const HjBind *binds, gboolean *found, GError **error)
{
  g_autoptr (HjRows) rows = hj_store_query (store, sql, binds, error);
  g_autoptr (GError) failure = NULL;

  if (rows == NULL)
    return NULL;
  *found = hj_rows_next (rows, &failure);
  if (failure == NULL)
    return g_steal_pointer (&rows);
  g_propagate_error (error, g_steal_pointer (&failure));
  return NULL;
}

static gboolean
load_authority (HjFacts *self, HjStore *store, const char *authority, GError **error)
{
  gboolean found = FALSE;
  g_autoptr (HjRows) rows
      = find (store, FIND_AUTHORITY, HJ_BINDS (HJ_TEXT (":authority", authority)), &found, error);

  if (rows == NULL)
    return FALSE;
  if (!found)
    {
      hj_refuse (error, HJ_REFUSAL_NOT_FOUND, "authority");
      return FALSE;
    }
  self->authority.id = copy (rows, 0);
  self->authority.kind = copy (rows, 1);
  self->authority.signed_at_us = hj_rows_int (rows, 2);
  self->authority.revoked_at_us = time_or_none (rows, 3);
  self->authority.active
      = self->authority.signed_at_us <= self->at_us
        && (self->authority.revoked_at_us < 0 || self->authority.revoked_at_us > self->at_us);
  self->lawyer.id = copy (rows, 4);
  self->lawyer.licence = copy (rows, 5);
  self->lawyer.name = copy (rows, 6);
  self->lawyer.kind = copy (rows, 7);
  self->firm.id = copy (rows, 8);
  self->firm.code = copy (rows, 9);
  self->firm.name = copy (rows, 10);
  self->case_file.id = copy (rows, 11);
  self->case_file.charge = copy (rows, 12);
  self->case_file.stage = hj_stage_from_word (hj_rows_text (rows, 13));
  self->case_file.permission_required = hj_rows_int (rows, 14) != 0;
  self->person.id = copy (rows, 15);
  self->person.name = copy (rows, 16);
  self->person.born = copy (rows, 17);
  self->case_file.names_person = hj_rows_int (rows, 18) != 0;
  return TRUE;
}

static gboolean
load_stages (HjFacts *self, HjStore *store, GError **error)
{
  g_autoptr (HjRows) rows = hj_store_query (
      store, LIST_STAGES, HJ_BINDS (HJ_TEXT (":authority", self->authority.id)), error);
  g_autoptr (GError) failure = NULL;

  if (rows == NULL)
    return FALSE;
  while (hj_rows_next (rows, &failure))
    self->authority.stages |= 1u << hj_stage_from_word (hj_rows_text (rows, 0));
  if (failure == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

static gboolean
load_papers (HjFacts *self, HjStore *store, GError **error)
{
  g_autoptr (HjRows) rows = hj_store_query (
      store, LIST_PAPERS, HJ_BINDS (HJ_TEXT (":authority", self->authority.id)), error);
  g_autoptr (GError) failure = NULL;

  if (rows == NULL)
    return FALSE;
  while (hj_rows_next (rows, &failure))
    {
      HjPaperKind kind = hj_paper_kind_from_word (hj_rows_text (rows, 0));

      g_assert (kind < HJ_PAPER_N);
      self->papers[kind].present = TRUE;
      self->papers[kind].number = copy (rows, 1);
      self->papers[kind].issued_on = copy (rows, 2);
      self->papers[kind].valid_to = copy (rows, 3);
    }
  if (failure == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

static gboolean
load_status (HjFacts *self, HjStore *store, GError **error)
{
  gboolean found = FALSE;
  g_autoptr (HjRows) rows = find (store, FIND_STATUS,
      HJ_BINDS (HJ_TEXT (":lawyer", self->lawyer.id), HJ_INT (":at", self->at_us)), &found, error);

  if (rows == NULL)
    return FALSE;
  self->lawyer.status_to_us = -1;
  if (!found)
    return TRUE;
  self->lawyer.status = copy (rows, 0);
  self->lawyer.status_from_us = hj_rows_int (rows, 1);
  self->lawyer.status_to_us = time_or_none (rows, 2);
  return TRUE;
}

static gboolean
load_case (HjFacts *self, HjStore *store, GError **error)
{
  gboolean found = FALSE;
  g_autoptr (HjRows) number = find (
      store, FIND_NUMBER, HJ_BINDS (HJ_TEXT (":case_file", self->case_file.id)), &found, error);
  g_autoptr (HjRows) lawyers = NULL;

  if (number == NULL)
    return FALSE;
  if (found)
    self->case_file.number = copy (number, 0);
  lawyers = find (store, COUNT_LAWYERS,
      HJ_BINDS (HJ_TEXT (":person", self->person.id), HJ_TEXT (":case_file", self->case_file.id),
          HJ_INT (":at", self->at_us)),
      &found, error);
  if (lawyers == NULL)
    return FALSE;
  self->case_file.n_active_lawyers = (guint)hj_rows_int (lawyers, 0);
  self->case_file.n_active_legal_aid = (guint)hj_rows_int (lawyers, 1);
  return TRUE;
}

static gboolean
load_permission (HjFacts *self, HjStore *store, GError **error)
{
  gboolean found = FALSE;
  g_autoptr (HjRows) rows = find (store, FIND_PERMISSION,
      HJ_BINDS (HJ_TEXT (":case_file", self->case_file.id), HJ_TEXT (":person", self->person.id),
          HJ_TEXT (":lawyer", self->lawyer.id), HJ_INT (":at", self->at_us)),
      &found, error);

  if (rows == NULL)
    return FALSE;
  if (!found)
    return TRUE;
  self->permission = copy (rows, 0);
  self->permission_at_us = hj_rows_int (rows, 1);
  return TRUE;
}

static gboolean
load_last_event (HjFacts *self, HjStore *store, GError **error)
{
  gboolean found = FALSE;
  g_autoptr (HjRows) rows = find (
      store, FIND_LAST_EVENT, HJ_BINDS (HJ_TEXT (":detainee", self->detainee.id)), &found, error);

  if (rows == NULL)
    return FALSE;
  if (!found)
    return TRUE;
  self->detainee.last_event = copy (rows, 0);
  self->detainee.last_event_at_us = hj_rows_int (rows, 1);
  return TRUE;
}

static gboolean
load_stay (HjFacts *self, HjStore *store, GError **error)
{
  gboolean found = FALSE;
  g_autoptr (HjRows) rows = find (store, FIND_STAY,
      HJ_BINDS (HJ_TEXT (":person", self->person.id), HJ_TEXT (":centre", self->centre)), &found,
      error);

  if (rows == NULL)
    return FALSE;
  if (!found)
    return TRUE;
  self->detainee.id = copy (rows, 0);
  self->detainee.code = copy (rows, 1);
  self->detainee.state = copy (rows, 2);
  self->detainee.centre = copy (rows, 3);
  self->detainee.centre_name_zh = copy (rows, 4);
  self->detainee.centre_name_en = copy (rows, 5);
  self->detainee.case_file = copy (rows, 6);
  return load_last_event (self, store, error);
}

static gboolean
load_other_defendants (HjFacts *self, HjStore *store, GError **error)
{
  g_autoptr (HjRows) rows = hj_store_query (store, LIST_OTHER_DEFENDANTS,
      HJ_BINDS (HJ_TEXT (":lawyer", self->lawyer.id), HJ_TEXT (":person", self->person.id),
          HJ_TEXT (":case_file", self->case_file.id), HJ_INT (":at", self->at_us)),
      error);
  g_autoptr (GError) failure = NULL;

  if (rows == NULL)
    return FALSE;
  while (hj_rows_next (rows, &failure))
    {
      HjOtherDefendant *other = g_new0 (HjOtherDefendant, 1);

      other->authority = copy (rows, 0);
      other->person = copy (rows, 1);
      other->case_file = copy (rows, 2);
      other->linked = hj_rows_int (rows, 3) != 0;
      other->active = hj_rows_int (rows, 4) != 0;
      g_ptr_array_add (self->other_defendants, other);
    }
  if (failure == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

/* authority: our id. centre: (nullable): our id of the centre where the meeting is to be; it decides which of two stays counts.
 * at_us: the moment for which authority, licence and permission are read; custody and stage are those of now.
 * Returns: (transfer full) (nullable): NULL with HJ_REFUSAL_NOT_FOUND when there is no such authority. */
HjFacts *
hj_facts_load (
    HjStore *store, const char *authority, const char *centre, gint64 at_us, GError **error)
{
  g_autoptr (HjFacts) self = g_new0 (HjFacts, 1);

  self->at_us = at_us;
  self->centre = g_strdup (centre);
  self->other_defendants = g_ptr_array_new_with_free_func (free_other);
  if (load_authority (self, store, authority, error) && load_stages (self, store, error)
      && load_papers (self, store, error) && load_status (self, store, error)
      && load_case (self, store, error) && load_permission (self, store, error)
      && load_stay (self, store, error) && load_other_defendants (self, store, error))
    return g_steal_pointer (&self);
  return NULL;
}
