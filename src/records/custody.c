/* SPDX-License-Identifier: Apache-2.0 */
/* Importing stays in a centre and what happens in custody. A stay's state is that of its newest event, in whatever order events
 * arrive. On the store's worker. docs/records.md shows a line of each. */

#include "src/records/intake-private.h"

#include <string.h>

#include "src/base/time.h"

/* Clocks differ by minutes; hours are a mistake, most often a zone's, and would settle a state before its time. */
#define SKEW_US HJ_HOUR_US

static const char KEEP_DETAINEE[]
    = "INSERT INTO detainee (id, code, person, centre, case_file, state, admitted_at_us) "
      "VALUES (:id, :code, :person, :centre, :case_file, 'in_custody', :admitted) ON CONFLICT (id) "
      "DO UPDATE SET "
      "person = excluded.person, centre = excluded.centre, case_file = excluded.case_file, "
      "admitted_at_us = excluded.admitted_at_us";
static const char FIND_EVENT_DETAINEE[] = "SELECT detainee FROM custody_event WHERE id = :key";
static const char KEEP_EVENT[] = "INSERT INTO custody_event (id, key, detainee, kind, at_us, "
                                 "place) VALUES (:id, :key, :detainee, :kind, :at, :place) "
                                 "ON CONFLICT (id) DO UPDATE SET detainee = excluded.detainee, "
                                 "kind = excluded.kind, at_us = excluded.at_us, "
                                 "place = excluded.place";
/* Of two at the same moment the greater key, so that the order of arrival never decides. */
static const char SETTLE_STATE[] = "UPDATE detainee SET state = coalesce ((SELECT CASE e.kind WHEN "
                                   "'ADMITTED' THEN 'in_custody' WHEN 'RETURNED' THEN "
                                   "'in_custody' WHEN 'TEMP_OUT' THEN 'temporarily_out' WHEN "
                                   "'TRANSFERRED' THEN 'transferred' WHEN "
                                   "'SENTENCED_TO_PRISON' THEN 'transferred' WHEN 'ESCAPED' THEN "
                                   "'escaped' WHEN 'DIED' THEN 'died' ELSE 'released' END "
                                   "FROM custody_event e WHERE e.detainee = :id AND e.kind NOT IN "
                                   "('CELL_MOVED', 'STAGE_HANDOVER', "
                                   "'MEDICAL_ISOLATION', 'SOLITARY', 'WITHDRAWN') ORDER BY e.at_us "
                                   "DESC, e.key DESC LIMIT 1), 'in_custody') WHERE id = :id";

/* WITHDRAWN: the source takes an event back that did not happen. */
static const char *const KINDS[] = { "ADMITTED", "CELL_MOVED", "STAGE_HANDOVER", "TRANSFERRED",
  "TEMP_OUT", "RETURNED", "MEDICAL_ISOLATION", "SOLITARY", "BAIL", "RESIDENTIAL_SURVEILLANCE",
  "RELEASED", "SENTENCED_TO_PRISON", "ESCAPED", "DIED", "WITHDRAWN", NULL };

static gint64
read_past (HjIntake *in, const char *member)
{
  gint64 at_us = hj_intake_time (in, member);

  if (at_us > in->now_us + SKEW_US)
    hj_intake_refuse (in, "future", member);
  else if (at_us > in->now_us)
    hj_intake_warn (in, "future", member);
  return at_us;
}

/* The key is the detainee code: one stay of a person in one centre. A transfer makes another code, and another record. */
void
hj_take_detainee (HjIntake *in)
{
  static const char *const MEMBERS[] = { "person", "centre", "case", "admitted_at_us", NULL };
  const char *person = hj_intake_reference (in, "person", HJ_FIND_PERSON);
  const char *centre = hj_intake_reference (in, "centre", HJ_FIND_CENTRE);
  const char *case_file = hj_intake_reference (in, "case", HJ_FIND_CASE);
  gint64 admitted_at_us = read_past (in, "admitted_at_us");

  hj_intake_check (in, "key", in->key, hj_validate_detainee_code);
  if (centre != NULL
      && !g_str_has_prefix (in->key, json_string_value (json_object_get (in->data, "centre"))))
    hj_intake_warn (in, "differs-from-number", "centre");
  hj_intake_know (in, MEMBERS);
  if (hj_intake_accept (in))
    hj_intake_run (in, KEEP_DETAINEE,
        HJ_BINDS (HJ_TEXT (":id", in->id), HJ_TEXT (":code", in->key), HJ_TEXT (":person", person),
            HJ_TEXT (":centre", centre), HJ_TEXT (":case_file", case_file),
            HJ_INT (":admitted", admitted_at_us)));
}

void
hj_take_custody_event (HjIntake *in)
{
  static const char *const MEMBERS[] = { "detainee", "kind", "at_us", "place", NULL };
  const char *detainee = hj_intake_reference (in, "detainee", HJ_FIND_DETAINEE);
  const char *kind = hj_intake_word (in, "kind", KINDS);
  gint64 at_us = read_past (in, "at_us");
  const char *place = hj_intake_optional_text (in, "place", 200);
  const char *before = in->is_new ? NULL : hj_intake_find (in, FIND_EVENT_DETAINEE, in->id);

  hj_intake_know (in, MEMBERS);
  if (!hj_intake_accept (in))
    return;
  hj_intake_run (in, KEEP_EVENT,
      HJ_BINDS (HJ_TEXT (":id", in->id), HJ_TEXT (":key", in->key), HJ_TEXT (":detainee", detainee),
          HJ_TEXT (":kind", kind), HJ_INT (":at", at_us), HJ_TEXT (":place", place)));
  hj_intake_run (in, SETTLE_STATE, HJ_BINDS (HJ_TEXT (":id", detainee)));
  if (before != NULL && g_strcmp0 (before, detainee) != 0)
    hj_intake_run (in, SETTLE_STATE, HJ_BINDS (HJ_TEXT (":id", before)));
}
