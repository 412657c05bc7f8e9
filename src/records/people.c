/* SPDX-License-Identifier: Apache-2.0 */
/* Importing firms, lawyers with the history of their licence, and persons. On the store's worker. docs/records.md shows a line
 * of each. */

#include "src/records/intake-private.h"

#include <string.h>

static const char KEEP_FIRM[] = "INSERT INTO firm (id, code, name) VALUES (:id, :code, :name) "
                                "ON CONFLICT (id) DO UPDATE SET name = excluded.name";
static const char KEEP_LAWYER[] = "INSERT INTO lawyer (id, licence, name, id_number, firm, kind) "
                                  "VALUES (:id, :licence, :name, :number, :firm, :kind) "
                                  "ON CONFLICT (id) DO UPDATE SET name = excluded.name, id_number "
                                  "= excluded.id_number, firm = excluded.firm, "
                                  "kind = excluded.kind";
static const char DROP_STATUSES[] = "DELETE FROM lawyer_status WHERE lawyer = :lawyer";
static const char ADD_STATUS[] = "INSERT INTO lawyer_status (lawyer, status, from_us, to_us) "
                                 "VALUES (:lawyer, :status, :from, :to)";
static const char KEEP_PERSON[] = "INSERT INTO person (id, name, sex, born, id_kind, id_number) "
                                  "VALUES (:id, :name, :sex, :born, :id_kind, :number) "
                                  "ON CONFLICT (id) DO UPDATE SET name = excluded.name, sex = "
                                  "excluded.sex, born = excluded.born, "
                                  "id_kind = excluded.id_kind, id_number = excluded.id_number";
static const char FIND_NAMESAKE[]
    = "SELECT 1 FROM person WHERE id_kind = :id_kind AND id_number = :number AND id <> :id";

static const char *const LAWYER_KINDS[]
    = { "full_time", "part_time", "public", "company", "legal_aid", "military", NULL };
static const char *const STATUSES[]
    = { "practising", "suspended", "cancelled", "revoked", "transferring", NULL };
static const char *const SEXES[] = { "m", "f", NULL };
static const char *const ID_KINDS[] = { "id_card", "passport", "unknown", NULL };

/* The key is the firm's unified social credit code. */
void
hj_take_firm (HjIntake *in)
{
  static const char *const MEMBERS[] = { "name", NULL };
  const char *name = hj_intake_text (in, "name", 200);

  hj_intake_check (in, "key", in->key, hj_validate_firm_code);
  hj_intake_know (in, MEMBERS);
  if (hj_intake_accept (in))
    hj_intake_run (in, KEEP_FIRM,
        HJ_BINDS (HJ_TEXT (":id", in->id), HJ_TEXT (":code", in->key), HJ_TEXT (":name", name)));
}

typedef struct
{
  const char *status;
  gint64 from_us;
  gint64 to_us; /* -1: open */
} Status;

static void
read_status (HjIntake *in, gsize index, const json_t *item, GArray *statuses)
{
  static const char *const MEMBERS[] = { "status", "from_us", "to_us", NULL };
  Status status;

  if (!hj_intake_enter (in, "statuses", index, item))
    return;
  status.status = hj_intake_word (in, "status", STATUSES);
  status.from_us = hj_intake_time (in, "from_us");
  status.to_us = hj_intake_optional_time (in, "to_us");
  if (status.to_us >= 0 && status.to_us <= status.from_us)
    hj_intake_refuse (in, "order", "to_us");
  for (guint i = 0; i < statuses->len; i++)
    if (g_array_index (statuses, Status, i).from_us == status.from_us
        && g_strcmp0 (g_array_index (statuses, Status, i).status, status.status) == 0)
      hj_intake_refuse (in, "duplicate", "from_us");
  g_array_append_val (statuses, status);
  hj_intake_know (in, MEMBERS);
  hj_intake_leave (in);
}

/* (transfer full) */
static GArray *
read_statuses (HjIntake *in)
{
  GArray *statuses = g_array_new (FALSE, FALSE, sizeof (Status));
  const json_t *array = hj_intake_array (in, "statuses", 100);
  const json_t *item;
  gsize i;

  json_array_foreach (array, i, item) read_status (in, i, item, statuses);
  if (statuses->len == 0 && !in->is_refused)
    hj_intake_refuse (in, "required", "statuses");
  return statuses;
}

static void
write_statuses (HjIntake *in, const GArray *statuses)
{
  if (!in->is_new)
    hj_intake_run (in, DROP_STATUSES, HJ_BINDS (HJ_TEXT (":lawyer", in->id)));
  for (guint i = 0; i < statuses->len; i++)
    {
      const Status *status = &g_array_index (statuses, Status, i);

      hj_intake_run (in, ADD_STATUS,
          HJ_BINDS (HJ_TEXT (":lawyer", in->id), HJ_TEXT (":status", status->status),
              HJ_INT (":from", status->from_us),
              status->to_us < 0 ? HJ_NULL (":to") : HJ_INT (":to", status->to_us)));
    }
}

/* An identity card is kept with a capital X. Returns: (transfer none) (nullable). */
static const char *
read_card (HjIntake *in, const char *member, const char *number)
{
  g_autofree char *capital = NULL;

  hj_intake_check (in, member, number, hj_validate_id_card);
  if (number == NULL || strchr (number, 'x') == NULL)
    return number;
  capital = g_ascii_strup (number, -1);
  return g_string_chunk_insert (in->texts, capital);
}

/* Digit 10 of a licence of 17 digits names the same thing as the lawyer's kind. */
static void
compare_category (HjIntake *in, const char *kind)
{
  static const char *const CATEGORIES[10] = { NULL, "full_time", "part_time", NULL, NULL, NULL,
    "public", "company", "legal_aid", "military" };
  const char *said = NULL;

  if (kind == NULL || strlen (in->key) != 17 || !g_ascii_isdigit (in->key[9]))
    return;
  said = CATEGORIES[in->key[9] - '0'];
  if (said != NULL && !g_str_equal (said, kind))
    hj_intake_warn (in, "differs-from-number", "kind");
}

/* The key is the number of the licence. */
void
hj_take_lawyer (HjIntake *in)
{
  static const char *const MEMBERS[] = { "name", "firm", "kind", "id_number", "statuses", NULL };
  const char *name = hj_intake_text (in, "name", 200);
  const char *firm = hj_intake_reference (in, "firm", HJ_FIND_FIRM);
  const char *kind = hj_intake_word (in, "kind", LAWYER_KINDS);
  const char *number = read_card (in, "id_number", hj_intake_optional_text (in, "id_number", 32));
  g_autoptr (GArray) statuses = read_statuses (in);

  hj_intake_check (in, "key", in->key, hj_validate_licence);
  compare_category (in, kind);
  hj_intake_know (in, MEMBERS);
  if (!hj_intake_accept (in))
    return;
  hj_intake_run (in, KEEP_LAWYER,
      HJ_BINDS (HJ_TEXT (":id", in->id), HJ_TEXT (":licence", in->key), HJ_TEXT (":name", name),
          HJ_TEXT (":number", number), HJ_TEXT (":firm", firm), HJ_TEXT (":kind", kind)));
  write_statuses (in, statuses);
}

/* The day of birth that the card carries. Returns: (transfer none). */
static const char *
born_by_card (HjIntake *in, const char *card)
{
  char born[11];

  g_snprintf (born, sizeof born, "%.4s-%.2s-%.2s", card + 6, card + 10, card + 12);
  return g_string_chunk_insert (in->texts, born);
}

static gboolean
number_is_taken (HjIntake *in, const char *id_kind, const char *number)
{
  g_autoptr (HjRows) rows = NULL;

  if (id_kind == NULL || number == NULL || in->failure != NULL)
    return FALSE;
  rows = hj_store_query (in->store, FIND_NAMESAKE,
      HJ_BINDS (
          HJ_TEXT (":id_kind", id_kind), HJ_TEXT (":number", number), HJ_TEXT (":id", in->id)),
      &in->failure);
  return rows != NULL && hj_rows_next (rows, &in->failure);
}

static const char *
read_id_number (HjIntake *in, const char *id_kind)
{
  const char *number = hj_intake_optional_text (in, "id_number", 32);

  if (g_strcmp0 (id_kind, "id_card") == 0)
    number = read_card (in, "id_number", number);
  if (number == NULL && id_kind != NULL && !g_str_equal (id_kind, "unknown") && !in->is_refused)
    hj_intake_refuse (in, "required", "id_number");
  if (number_is_taken (in, id_kind, number))
    hj_intake_refuse (in, "taken", "id_number");
  return number;
}

/* The key is the source's own; other records name the person by it. */
void
hj_take_person (HjIntake *in)
{
  static const char *const MEMBERS[] = { "name", "sex", "born", "id_kind", "id_number", NULL };
  const char *name = hj_intake_text (in, "name", 200);
  const char *sex = hj_intake_optional_word (in, "sex", SEXES);
  const char *born = hj_intake_optional_date (in, "born");
  const char *id_kind = hj_intake_word (in, "id_kind", ID_KINDS);
  const char *number = read_id_number (in, id_kind);
  gboolean has_card = g_strcmp0 (id_kind, "id_card") == 0 && number != NULL && !in->is_refused;

  hj_intake_know (in, MEMBERS);
  if (has_card && born != NULL && !g_str_equal (born, born_by_card (in, number)))
    hj_intake_warn (in, "differs-from-number", "born");
  if (has_card && sex != NULL && (sex[0] == 'm') != (number[16] % 2 == 1))
    hj_intake_warn (in, "differs-from-number", "sex");
  if (has_card && born == NULL)
    born = born_by_card (in, number);
  if (hj_intake_accept (in))
    hj_intake_run (in, KEEP_PERSON,
        HJ_BINDS (HJ_TEXT (":id", in->id), HJ_TEXT (":name", name), HJ_TEXT (":sex", sex),
            HJ_TEXT (":born", born), HJ_TEXT (":id_kind", id_kind), HJ_TEXT (":number", number)));
}
